"""Fit the confidence to a team's own labels, so that 0.9 means right nine times in ten on its questions.

Platt scaling (Platt 1999): p' = 1 / (1 + exp(-(offset + slope · logit p))), two numbers, with Platt's smoothed targets.
The order of the answers stays as it is, so AUROC does too; what changes is how far confidence can be taken at its word.
The figures after the fit are of cases that it did not see (five folds, no document in two of them). So is the
reliability table. The thresholds of the risks are steps of the confidence as it was before the fit, which it moves and
does not reorder: so they do not depend on the labels that they are tested on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from assistant.confidence import Calibration
from assistant.risk import POOLED
from eval import EvaluationError, statistics
from eval.metrics import cluster, figures
from eval.metrics.selective import bins, judged
from eval.outcomes import Outcome
from eval.risk import RISKS, SURE, Tested, promised

CASES = 100
"""Fewer than this cannot hold two numbers: the interval of a share is then wider than 0.2."""
KIND = 20
"""So many must be right, and so many wrong: at either end the fit rests on these."""
FOLDS = 5
_EDGE = 1e-4
"""Replies round confidence to four places, so nothing is known beyond this."""
_CLOSE = 0.01

FORMULA = """# confidence p becomes 1 / (1 + exp(-(offset + slope * log(p / (1 - p)))))
slope = {slope:.6g}
offset = {offset:.6g}
"""
DESCRIBED = """
# The confidence of a tenth of the cases each, on average; the share of them that was right; how many they are.
[calibrated]
date = {date}
suites = {suites}
cases = {cases}
reliability = [
{rows}
]
"""
PROMISED = """
# Of what is answered from a threshold on, at most the share named before it is wrong: that holds with {sure:.0%}
# confidence for questions like those it was tested on. `answered` is the share of all. A language with fewer than
# {least} cases goes by the pooled thresholds. A share that is not named could not be promised: there, the
# assistant only asks back or calls a person.
"""
SHOWN = ("ece", "auroc", "coverage@95")


class CalibrateError(EvaluationError):
    """The cases cannot support a fit; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A fit: its two numbers, the cases it rests on, and the figures before it and after it, by metric.

    `languages` holds the same for each language; the figures are as `measure` gives them.
    """

    slope: float
    offset: float
    right: int
    wrong: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    languages: Mapping[str, Mapping[str, Any]]
    reliability: Sequence[tuple[float, float, int]]
    risks: Mapping[str, Tested]
    path: Path

    @property
    def sentence(self) -> str:
        """What was fitted and what it changes, for a person; a line for each risk that cannot be promised."""
        old, new = self.before["ece"], self.after["ece"]
        return (
            f"Fitted to {self.right} right and {self.wrong} wrong answers: confidence was off by {old['value']:.3f}"
            f" ({_range(old)}) and is off by {new['value']:.3f} ({_range(new)}) on cases the fit did not see;"
            f" written to {self.path}."
        ) + "".join(
            f"\n{language}: at most {100 * risk:g} % wrong cannot be promised: {sentence}."
            for language, found in self.risks.items()
            for risk, sentence in found.missing.items()
        )

    def json(self) -> dict[str, Any]:
        """The fit as the command line writes it."""
        return {**asdict(self), "path": str(self.path)}


def calibrate(
    outcomes: Sequence[Outcome],
    out: Path,
    *,
    base: Calibration | None = None,
    suites: Sequence[str] = (),
    risks: Sequence[float] = RISKS,
    seed: int = 0,
) -> Calibrated:
    """Fit, and write the TOML file `out` that `Calibration.load` reads: `base` (by default ours) with the correction.

    `suites` are the names of those asked, `risks` those that an operator can choose from.
    A target that shows no signals is not our assistant: its file holds `slope` and `offset` alone, for its makers.
    Raises CalibrateError where there are too few cases, or none that the fit can use.
    """
    held = _usable(outcomes)
    rows = np.array([judged(outcome) for outcome in held], dtype=np.float64).reshape(len(held), 3)
    _check(rows[:, 1])
    evidence, truth = logit(np.clip(rows[:, 0], _EDGE, 1 - _EDGE)), rows[:, 1]
    slope, offset = _fit(evidence, truth)
    if slope <= 0:
        raise CalibrateError("Right answers have no more confidence than wrong ones here, which no calibration mends.")
    unseen = [
        replace(outcome, confidence=float(p)) for outcome, p in zip(held, _held_out(held, evidence, truth), strict=True)
    ]
    theirs = FORMULA.format(slope=slope, offset=offset)
    text = _file(held, slope, offset, base or Calibration.load()) if held[0].signals else theirs
    good = int(truth.sum())
    tags = sorted({outcome.case.language for outcome in held})
    fit = Calibrated(
        slope,
        offset,
        good,
        len(truth) - good,
        figures(SHOWN, held, seed=seed),
        figures(SHOWN, unseen, seed=seed),
        {
            tag: {
                name: figures(SHOWN, [each for each in part if each.case.language == tag], seed=seed)
                for name, part in (("before", held), ("after", unseen))
            }
            for tag in tags
        },
        _reliability(np.array([outcome.confidence for outcome in unseen]), truth),
        _risks(held, rows, tuple(sorted(risks))),
        out,
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(_heading(fit) + text + described(suites, fit.reliability, fit.risks, (slope, offset)), "utf-8")
    return fit


def described(
    suites: Sequence[str],
    reliability: Sequence[tuple[float, float, int]],
    risks: Mapping[str, Tested],
    scaling: tuple[float, float] = (1.0, 0.0),
) -> str:
    """When and on what it was fitted, how far it can be believed, and the thresholds of the risks, as TOML.

    `scaling` are the slope and offset from the confidence that the thresholds were tested on to that of the file.
    """
    rows = "\n".join(f"  [{mean:.3f}, {share:.3f}, {count}]," for mean, share, count in reliability)
    cases = sum(count for _, _, count in reliability)
    text = DESCRIBED.format(
        date=datetime.now(UTC).date(), suites=json.dumps(list(suites), ensure_ascii=False), cases=cases, rows=rows
    )
    return text + PROMISED.format(sure=SURE, least=CASES) + "\n".join(_tables(risks, *scaling))


def _tables(risks: Mapping[str, Tested], slope: float, offset: float) -> Iterator[str]:
    """The table of each language; thresholds are rounded up, to the safe side."""
    for language, found in risks.items():
        yield f"[risk.{language}]\nn = {found.cases}"
        for risk, step in found.kept.items():
            threshold = math.ceil(1e4 * expit(offset + slope * logit(step.threshold)) - 1e-6) / 1e4
            yield f'"{risk}" = {{ threshold = {threshold:.4g}, answered = {step.answered / found.cases:.3f} }}'
    yield ""


def _risks(held: Sequence[Outcome], rows: statistics.Floats, risks: tuple[float, ...]) -> dict[str, Tested]:
    """The thresholds of all cases together, and of each language that has enough."""
    spoken = np.array([outcome.case.language for outcome in held])
    parts = {POOLED: np.ones(len(held), np.bool_)}
    parts |= {str(tag): spoken == tag for tag in np.unique(spoken) if (spoken == tag).sum() >= CASES}
    return {tag: promised(rows[part, 0], rows[part, 1], risks) for tag, part in parts.items()}


def _reliability(confidence: statistics.Floats, truth: statistics.Floats) -> list[tuple[float, float, int]]:
    """The mean confidence, the share that is right, and the number of each bin, as `ece` takes them."""
    member = bins(confidence)
    parts = [member == number for number in range(member.max() + 1)]
    return [(float(confidence[part].mean()), float(truth[part].mean()), int(part.sum())) for part in parts]


def _usable(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes that can be judged; of our assistant's, those in which it looked something up."""
    known = [outcome for outcome in outcomes if judged(outcome) is not None]
    return [outcome for outcome in known if outcome.signals] or known


def _check(truth: statistics.Floats) -> None:
    good, bad = int(truth.sum()), int((1 - truth).sum())
    missing = {
        "cases in all": CASES - good - bad,
        "that are answered right": KIND - good,
        "that are answered wrong or that the knowledge cannot answer": KIND - bad,
    }
    if short := [f"{count} more {kind}" for kind, count in missing.items() if count > 0]:
        raise CalibrateError(
            f"Too few labelled cases to calibrate on: {good} right and {bad} wrong; {', '.join(short)} are needed."
        )


def _fit(evidence: statistics.Floats, truth: statistics.Floats) -> tuple[float, float]:
    """Slope and offset of the likeliest curve; smoothed targets keep it finite where the kinds part cleanly."""
    good, bad = truth.sum(), (1 - truth).sum()
    target = np.where(truth == 1, (good + 1) / (good + 2), 1 / (bad + 2))
    both = np.r_[evidence, evidence][:, None]
    kinds = np.r_[np.ones(len(truth)), np.zeros(len(truth))]
    model = LogisticRegression(C=np.inf).fit(both, kinds, sample_weight=np.r_[target, 1 - target])
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _held_out(held: Sequence[Outcome], evidence: statistics.Floats, truth: statistics.Floats) -> statistics.Floats:
    """The calibrated confidence of each case by a fit to the other folds."""
    labels = statistics.clusters(map(cluster, held))
    if labels.max() + 1 < FOLDS:
        raise CalibrateError(
            f"All cases are about {labels.max() + 1} documents; at least {FOLDS} are needed to check a fit."
        )
    calibrated = np.empty(len(held))
    for rest, fold in GroupKFold(FOLDS).split(evidence, groups=labels):
        slope, offset = _fit(evidence[rest], truth[rest])
        calibrated[fold] = expit(offset + slope * evidence[fold])
    return calibrated


def _file(held: Sequence[Outcome], slope: float, offset: float, base: Calibration) -> str:
    """The assistant's own numbers with the correction: a line through a line through the logit is one again."""
    for outcome in held:
        try:
            p = base.probability(outcome.signals)
        except KeyError as error:
            raise CalibrateError(
                f"The replies lack the signal {error}: they are of another build, so ask again."
            ) from None
        if outcome.confidence is None or abs(p - outcome.confidence) > _CLOSE:
            raise CalibrateError("The replies were judged with other numbers than those to correct: ask again.")
    text = (
        f"threshold = {base.threshold}\nslope = {slope * base.slope:.6g}\noffset = {offset + slope * base.offset:.6g}\n"
    )
    for regime, models in base.regimes.items():
        for factor, model in models.items():
            text += f"\n[{regime}.{factor}]\nintercept = {model.intercept:.6g}\n"
            text += "".join(f"{name} = {weight:.6g}\n" for name, weight in model.weights.items())
    return text


def _heading(fit: Calibrated) -> str:
    lines = [f"Fitted to {fit.right} right and {fit.wrong} wrong answers, in {', '.join(fit.languages)}."]
    lines += [
        f"{name}: {_shown(fit.before[name])} before, {_shown(fit.after[name])} after, on cases the fit did not see"
        for name in SHOWN
    ]
    return "".join(f"# {line}\n" for line in lines)


def _shown(figure: Mapping[str, Any]) -> str:
    return "not defined" if figure["value"] is None else f"{figure['value']:.3f} ({_range(figure)})"


def _range(figure: Mapping[str, Any]) -> str:
    return "no interval" if figure["low"] is None else f"95 %: {figure['low']:.3f} to {figure['high']:.3f}"
