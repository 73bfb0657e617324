"""Calibration: it must find numbers known beforehand, keep the order, and refuse what it cannot know."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, logit

from assistant.confidence import Calibration, Logistic
from eval.calibrate import CalibrateError, calibrate
from eval.outcomes import Outcome
from eval.suite import Case

KNOWN = {
    "same": Logistic(-2.0, {"likeness": 3.0, "meaning": 1.5}),
    "script": Logistic(-1.0, {"likeness": 2.0, "meaning": 1.0}),
    "other": Logistic(0.5, {"meaning": 2.5}),
    "romanised": Logistic(-0.5, {"likeness": 1.0, "meaning": 2.0}),
}
MODELS = {regime: {"known": known, "best": Logistic(1.0, {"share": 2.0})} for regime, known in KNOWN.items()}
BASE = Calibration(0.5, MODELS, slope=0.9, offset=0.1)


def outcomes(n: int, *, slope: float = 0.4, offset: float = -0.5, seed: int = 0, signals: bool = True) -> list[Outcome]:
    """Replies judged by BASE, of which as many are right as the true slope and offset of the logit say."""
    dice = np.random.default_rng(seed)
    made = []
    for i in range(n):
        signs = {"likeness": float(dice.random() * 2 - 0.5), "meaning": float(dice.normal()), "regime": float(i % 4)}
        signs |= {"share": float(dice.random()), "evenness": (1.3, 1.0, 0.8)[i // 3 % 3]}
        evidence = float(logit(BASE.probability(signs)))
        right = dice.random() < expit(offset + slope * evidence)
        case = Case(f"{i}", "?", (f"d{i}",), language=("ta", "th", "hu")[i % 3])
        found = (f"d{i}",) if right else ("other",)
        sure = round(float(expit(evidence)), 4)
        made.append(Outcome(case, "answer", "…", confidence=sure, hits=found, signals=signs if signals else {}))
    return made


def test_it_finds_the_numbers_that_made_the_labels(tmp_path: Path) -> None:
    fit = calibrate(outcomes(2400), tmp_path / "ours.toml", base=BASE)
    assert fit.slope == pytest.approx(0.4, abs=0.08)
    assert fit.offset == pytest.approx(-0.5, abs=0.15)
    assert fit.right + fit.wrong == 2400


def test_confidence_can_be_taken_at_its_word_afterwards_and_the_order_stays(tmp_path: Path) -> None:
    fit = calibrate(outcomes(1200), tmp_path / "ours.toml", base=BASE)
    assert fit.before["ece"]["low"] > 0.1
    assert fit.after["ece"]["high"] < fit.before["ece"]["low"]
    assert fit.after["auroc"]["value"] == pytest.approx(fit.before["auroc"]["value"], abs=0.01)
    assert set(fit.languages) == {"ta", "th", "hu"}
    assert fit.languages["ta"]["after"]["ece"]["value"] < fit.languages["ta"]["before"]["ece"]["value"]


def test_the_assistant_loads_the_file_and_judges_as_was_fitted(tmp_path: Path) -> None:
    held = outcomes(600)
    fit = calibrate(held, tmp_path / "deep" / "ours.toml", base=BASE)
    ours = Calibration.load(fit.path)
    assert ours.threshold == BASE.threshold
    for outcome in held[:4]:
        wanted = fit.offset + fit.slope * logit(BASE.probability(outcome.signals))
        assert logit(ours.probability(outcome.signals)) == pytest.approx(wanted, abs=1e-4)
    assert fit.path.read_text(encoding="utf-8").startswith(f"# Fitted to {fit.right} right and {fit.wrong} wrong")


def test_another_target_gets_its_two_numbers(tmp_path: Path) -> None:
    fit = calibrate(outcomes(300, signals=False), tmp_path / "theirs.toml")
    numbers = tomllib.loads(fit.path.read_text(encoding="utf-8"))
    scaling = {name: numbers[name] for name in ("slope", "offset")}
    assert scaling == pytest.approx({"slope": fit.slope, "offset": fit.offset}, rel=1e-5)


def test_cases_that_part_cleanly_give_finite_numbers(tmp_path: Path) -> None:
    clean = [
        replace(outcome, confidence=0.9 if outcome.hits != ("other",) else 0.1)
        for outcome in outcomes(200, signals=False)
    ]
    fit = calibrate(clean, tmp_path / "c.toml")
    assert 0 < fit.slope < 20


@pytest.mark.parametrize(
    ("n", "kept", "sentence"),
    [
        (60, "both", "40 more cases in all"),
        (800, "right", "20 more that are answered wrong or that the knowledge cannot answer"),
        (800, "wrong", "20 more that are answered right"),
        (0, "both", "100 more cases in all"),
    ],
)
def test_too_few_cases_are_refused_and_what_is_missing_is_said(
    n: int, kept: str, sentence: str, tmp_path: Path
) -> None:
    def wanted(outcome: Outcome) -> bool:
        return kept == "both" or (outcome.hits != ("other",)) == (kept == "right")

    with pytest.raises(CalibrateError, match=sentence):
        calibrate([each for each in outcomes(n) if wanted(each)], tmp_path / "no.toml", base=BASE)
    assert not (tmp_path / "no.toml").exists()


def upside_down(held: Sequence[Outcome]) -> list[Outcome]:
    return [replace(outcome, confidence=1 - (outcome.confidence or 0)) for outcome in held]


def test_what_no_calibration_mends_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrateError, match="no calibration mends"):
        calibrate(upside_down(outcomes(400, signals=False)), tmp_path / "no.toml")
    with pytest.raises(CalibrateError, match="judged with other numbers"):
        calibrate(
            outcomes(400),
            tmp_path / "no.toml",
            base=replace(BASE, offset=3.0),
        )
    with pytest.raises(CalibrateError, match="lack the signal 'meaning'"):
        calibrate(
            [replace(each, signals={"likeness": 1.0, "regime": 0.0}) for each in outcomes(400)],
            tmp_path / "no.toml",
            base=BASE,
        )
    one = [replace(each, case=replace(each.case, documents=("d0", each.case.documents[0]))) for each in outcomes(400)]
    with pytest.raises(CalibrateError, match="about 1 documents"):
        calibrate(one, tmp_path / "no.toml", base=BASE)


def test_the_file_holds_what_it_was_fitted_on_how_far_it_holds_and_the_thresholds_of_risks(tmp_path: Path) -> None:
    held = outcomes(1500, slope=1.5, offset=1.0)
    fit = calibrate(held, tmp_path / "ours.toml", base=BASE, suites=("returns", "நூல்"), risks=(0.4, 0.2, 0.001))
    numbers = tomllib.loads(fit.path.read_text(encoding="utf-8"))
    assert numbers["calibrated"]["suites"] == ["returns", "நூல்"]
    assert numbers["calibrated"]["cases"] == sum(count for _, _, count in numbers["calibrated"]["reliability"]) == 1500
    assert all(abs(mean - share) < 0.1 for mean, share, _ in numbers["calibrated"]["reliability"])
    assert set(numbers["risk"]) == {"pooled", "ta", "th", "hu"}
    assert list(numbers["risk"]["pooled"]) == ["n", "0.2", "0.4"]
    assert "pooled: at most 0.1 % wrong cannot be promised: of the" in fit.sentence
    ours = Calibration.load(fit.path)
    for risk in (0.2, 0.4):
        kept = ours.risks.thresholds(risk)
        for tag in ("ta", "th", "hu"):
            sure = [each for each in held if each.case.language == tag and ours.probability(each.signals) >= kept[tag]]
            assert sum(each.hits == ("other",) for each in sure) / len(sure) < risk


def test_a_language_of_few_cases_goes_by_the_pooled_thresholds(tmp_path: Path) -> None:
    few = [each for i, each in enumerate(outcomes(600)) if each.case.language != "hu" or i < 30]
    assert set(calibrate(few, tmp_path / "few.toml", base=BASE).risks) == {"pooled", "ta", "th"}
