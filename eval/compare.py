"""Is the new run worse than the old one, language by language, beyond chance and beyond a margin?

The same cases are asked of both, so each is its own control: a paired sign-flip test by gold document, corrected for
the number of measures (maxT) and of languages (Holm). Where nothing changed but noise, at most 1 comparison in 40
fails, whatever the number of languages; asking for a drop beyond the margin as well makes them rarer.

What it can see: if k cases break and none is mended, chance explains it with 1 in 2^k. Where one language changed, 6
broken cases are enough, where twelve did 9, each on another document. A break of 5 % is thus seen from 150 to 200 cases
a language on, where those answers were right before; a suite of 40 cannot show it, and the verdict says so. Cases
tagged `must` are beyond statistics: one of them that breaks fails the comparison.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET  # XML is written here, and none is read # nosec B405
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import regex

from eval import EvaluationError, statistics
from eval.metrics import METRICS, cluster
from eval.metrics.metric import written
from eval.outcomes import Outcome
from knowledge import english_name

if TYPE_CHECKING:
    from eval.run import Run

MARGIN = 0.01
"""A drop up to this is nobody's concern: one case in a hundred, or one point in a hundred of the CRAG score."""
CHANCE = 0.025
"""The risk of a false alarm that is taken, over all languages: one-sided, as where a 95 % interval ends."""
GATE = ("answer_hit", "crag", "ndcg@10", "number_match", "citation_precision", "language_match", "action_match")
MUST = "must"
SHOWN = 10
"""How many cases a sentence names."""

_NOT_XML = regex.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
Key = tuple[str, str, str, tuple[str, ...], tuple[str, ...]]
Pair = tuple[Outcome, Outcome]


class CompareError(EvaluationError):
    """Two runs cannot be compared; the text says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in one language: `a` and `b` are the runs' means over the `n` cases that both have.

    `low` and `high` bound b - a (95 %); `chance` is the corrected probability of such a drop between equal runs;
    `changed` counts the cases that scored otherwise, and `broken` are those that lost, worst first.
    """

    language: str
    metric: str
    a: float
    b: float
    low: float | None
    high: float | None
    chance: float
    n: int
    changed: int
    broken: tuple[str, ...]
    failed: bool

    @property
    def odds(self) -> str:
        """How often equal runs show such a drop."""
        return f"once in {1 / self.chance:,.0f} times" if self.chance <= 0.5 else "often"

    @property
    def sentence(self) -> str:
        """What became of the measure, for a person."""
        metric = METRICS[self.metric]
        a, b = written(self.a, metric.unit), written(self.b, metric.unit)
        change = f"stayed {a}" if self.a == self.b else f"{'fell' if self.b < self.a else 'rose'} from {a} to {b}"
        named = f" Worse: {_named(self.broken)}." if self.broken else ""
        told = f"{_name(self.language)}: {self.metric} ({metric.meaning}) {change} over {self.n} cases"
        return f"{told}; chance does that {self.odds}.{named}"


@dataclass(frozen=True, slots=True)
class Power:
    """What a language can show: `needed` cases must break, each on another of its `documents`, to be beyond chance."""

    language: str
    cases: int
    documents: int
    needed: int

    @property
    def sentence(self) -> str:
        """The smallest drop that can be seen, for a person; without the language, since many share it."""
        if self.documents >= self.needed:
            share = self.needed / self.cases
            return f"of {self.cases} cases, fewer than {self.needed} broken ({share:.1%}) pass as chance."
        needed = f"{self.needed} would have to break, each about another document"
        return f"too few cases to prove a drop: {needed} (cases tagged {MUST!r} need no numbers)."


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side. `only_a` and `only_b` are cases that the other run lacks; `must` are the cases of that tag
    that broke, by language.
    """

    a: str
    b: str
    margin: float
    differences: tuple[Difference, ...]
    power: tuple[Power, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    must: Mapping[str, tuple[str, ...]]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that got worse."""
        return tuple(sorted({each.language for each in self.differences if each.failed} | set(self.must)))

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """The cases behind a failure, as (language, id): those that must not break first."""
        must = [(tag, id) for tag, ids in self.must.items() for id in ids]
        return tuple(
            dict.fromkeys([*must, *((d.language, id) for d in self.differences if d.failed for id in d.broken)])
        )

    @property
    def failed(self) -> bool:
        """Whether the gate is red."""
        return bool(self.languages)

    @property
    def verdict(self) -> str:
        """The whole finding in plain words, one sentence a line, the judgement first."""
        return "\n".join((*self.findings, *self.doubts))

    @property
    def findings(self) -> tuple[str, ...]:
        """The judgement and what it rests on."""
        judgement = f"PASSED: {self.b} is not worse than {self.a} by more than {self.margin:g} and beyond chance."
        if self.failed:
            judgement = f"FAILED: {self.b} is worse than {self.a} in {', '.join(map(_name, self.languages))}."
        broken = [
            f"{_name(tag)}: was right, is not, and is tagged {MUST!r}: {_named(ids)}." for tag, ids in self.must.items()
        ]
        return (judgement, *broken, *(difference.sentence for difference in self.differences if difference.failed))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What was seen and is not proven, what was left out, and what could not have been seen."""
        unproven = [each for each in self.differences if not each.failed and each.a - each.b > self.margin]
        unproven = [each for each in unproven if not set(each.broken) <= set(self.must.get(each.language, ()))]
        lacking = [(name, ids) for name, ids in ((self.b, self.only_a), (self.a, self.only_b)) if ids]
        blind: dict[str, list[str]] = {}
        for power in self.power:
            if power.needed > self.margin * power.cases:
                blind.setdefault(power.sentence, []).append(_name(power.language))
        return (
            *(f"Not proven: {difference.sentence}" for difference in unproven),
            *(f"{name} lacks {len(ids)} cases, which were left out: {_named(ids)}." for name, ids in lacking),
            *(f"{', '.join(names)}: {sentence}" for sentence, names in blind.items()),
        )

    def json(self) -> dict[str, Any]:
        """The comparison as the command line writes it."""
        return {**asdict(self), "failed": self.failed, "languages": list(self.languages), "verdict": self.verdict}

    def junit(self) -> str:
        """The comparison as JUnit XML, a test case for each language and measure, as build servers show it."""
        worse = [(each.language, each.metric, each.failed, each.sentence, each.broken) for each in self.differences]
        must = [(tag, MUST, True, f"was right, is not, and is tagged {MUST!r}", ids) for tag, ids in self.must.items()]
        total, red = len(worse) + len(must), len(must) + sum(each.failed for each in self.differences)
        suite = ET.Element("testsuite", name=_xml(f"{self.b} against {self.a}"), tests=str(total), failures=str(red))
        for language, measure, failed, message, ids in (*worse, *must):
            case = ET.SubElement(suite, "testcase", classname=_xml(language), name=measure)
            if failed:
                ET.SubElement(case, "failure", message=_xml(message)).text = _xml("\n".join(ids))
        return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def compare(
    run_a: Run, run_b: Run, *, margin: float = MARGIN, metrics: Sequence[str] = GATE, seed: int = 0
) -> Comparison:
    """Hold run B against run A on the cases that both have.

    B fails in a language where a measure drops by more than `margin` and chance does not explain it. Raises
    CompareError where the runs share no case, or a metric is unknown or no mean over cases.
    """
    possible = [name for name, metric in METRICS.items() if metric.paired]
    if wrong := [name for name in metrics if name not in possible]:
        raise CompareError(f"{wrong[0]!r} cannot be compared case by case; choose among {', '.join(possible)}.")
    first, second = _keyed(run_a.outcomes), _keyed(run_b.outcomes)
    pairs = [(outcome, second[key]) for key, outcome in first.items() if key in second]
    if not pairs:
        raise CompareError(f"{run_a.folder.name} and {run_b.folder.name} share no case: run the same suite twice.")
    spoken = {
        tag: [pair for pair in pairs if pair[0].case.language == tag]
        for tag in sorted({before.case.language for before, _ in pairs})
    }
    tested = {tag: _tested(held, metrics, seed) for tag, held in spoken.items()}
    # A language in which no score changed cannot fail, whatever the signs, so it needs no correction (Tarone 1990).
    moved = [tag for tag, found in tested.items() if any(each.changed for each in found)]
    corrected = statistics.holm([min(each.chance for each in tested[tag]) for tag in moved])
    floors = dict(zip(moved, corrected, strict=True))
    return Comparison(
        run_a.folder.name,
        run_b.folder.name,
        margin,
        tuple(_judged(each, floors.get(tag, 1.0), margin) for tag, found in tested.items() for each in found),
        tuple(_power(tag, held, max(len(moved), 1)) for tag, held in spoken.items()),
        tuple(key[1] for key in first if key not in second),
        tuple(key[1] for key in second if key not in first),
        {tag: ids for tag, held in spoken.items() if (ids := _must(held, metrics))},
    )


def _keyed(outcomes: Iterable[Outcome]) -> Mapping[Key, Outcome]:
    """The outcomes by what was asked, where, and what would have been right: other gold makes another case."""
    cases = ((outcome, outcome.case) for outcome in outcomes)
    return {(case.language, case.id, case.question, case.documents, case.answers): each for each, case in cases}


def _tested(pairs: Sequence[Pair], metrics: Sequence[str], seed: int) -> list[Difference]:
    """Every measure of one language that applies, its chance corrected for the number of measures."""
    labels = statistics.clusters(cluster(before) for before, _ in pairs)
    table = {name: scored for name in metrics if not np.isnan(scored := _scored(pairs, name)).all()}
    drops = [np.nan_to_num(scored[:, 0] - scored[:, 1]) for scored in table.values()]
    chances = statistics.permutation(np.column_stack(drops), labels, seed=seed) if drops else ()
    return [
        _difference(pairs, name, scored, labels, float(chance), seed)
        for (name, scored), chance in zip(table.items(), chances, strict=True)
    ]


def _scored(pairs: Sequence[Pair], name: str) -> statistics.Floats:
    """A row for each pair: the measure before and after; NaN for both where it does not apply to both."""
    rows = [[METRICS[name].score(outcome, None) for outcome in pair] for pair in pairs]
    return np.array([[np.nan, np.nan] if None in row else row for row in rows], dtype=np.float64)


def _difference(
    pairs: Sequence[Pair], name: str, scored: statistics.Floats, labels: statistics.Labels, chance: float, seed: int
) -> Difference:
    known = np.flatnonzero(~np.isnan(scored[:, 0]))
    before, after = scored[known].T
    gains = after - before
    low, high = _bounds(gains, labels[known], seed)
    fallen = [pairs[known[place]][0].case for place in np.argsort(gains, kind="stable") if gains[place] < 0]
    return Difference(
        language=pairs[0][0].case.language,
        metric=name,
        a=float(before.mean()),
        b=float(after.mean()),
        low=low,
        high=high,
        chance=chance,
        n=len(gains),
        changed=int(np.count_nonzero(gains)),
        broken=tuple(case.id for case in fallen),
        failed=False,
    )


def _bounds(gains: statistics.Floats, labels: statistics.Labels, seed: int) -> tuple[float | None, float | None]:
    labels = np.unique(labels, return_inverse=True)[1].astype(np.intp)
    if labels.max() < 1:
        return None, None
    drawn = [gains @ weights / weights.sum(axis=0) for weights in statistics.resamples(labels, seed=seed)]
    return statistics.interval(float(gains.mean()), np.concatenate(drawn))


def _judged(difference: Difference, floor: float, margin: float) -> Difference:
    """The difference with its language's correction: a measure is not surer than its language."""
    chance = max(difference.chance, floor)
    failed = difference.a - difference.b > margin + 1e-9 and chance <= CHANCE
    return replace(difference, chance=chance, failed=failed)


def _power(language: str, pairs: Sequence[Pair], languages: int) -> Power:
    documents = int(statistics.clusters(cluster(before) for before, _ in pairs).max()) + 1
    return Power(language, len(pairs), documents, math.ceil(math.log2(languages / CHANCE)))


def _must(pairs: Sequence[Pair], metrics: Sequence[str]) -> tuple[str, ...]:
    """The cases tagged `must` that lost a whole point of some measure: they were right, and are not."""
    tagged = [pair for pair in pairs if MUST in pair[0].case.tags]
    return tuple(
        pair[0].case.id for pair in tagged if any(a - b >= 1 for name in metrics for a, b in _scored([pair], name))
    )


def _name(tag: str) -> str:
    name = english_name(tag)
    return tag if name == tag else f"{name} ({tag})"


def _named(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
    return ", ".join(ids[:SHOWN]) + more


def _xml(text: str) -> str:
    """The text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
