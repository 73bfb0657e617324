"""From a risk to a threshold: Learn then Test (Angelopoulos et al. 2021) with Clopper-Pearson's exact bound.

That more than the risk is wrong of what a threshold answers is tested for one threshold after the other, from the
highest down, and the first that cannot be ruled out ends it: in a fixed sequence, having tested many costs nothing
(their section 5.2). Passed over are thresholds that answer so little that one unlucky case would end the test there,
which depends on no label. The promise is exact where answers get no worse as confidence rises (tests/eval/test_risk.py
tries others, too).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from scipy.special import betaincinv

from eval.statistics import Floats

RISKS = (0.01, 0.02, 0.05, 0.1, 0.2)
SURE = 0.9
"""With this probability, over all samples that could have been drawn, a threshold keeps its risk."""
THRESHOLDS = tuple(step / 100 for step in range(99, 0, -1))
"""They are fixed beforehand, because what the cases themselves propose cannot be tested on them."""
LIKELY = 0.25
"""The first threshold that is tested answers so much that its bound is kept with this part of the risk wrong."""
FARTHEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold: how many cases it answers, how many of them wrong, and the bound of the share that is wrong."""

    threshold: float
    answered: int
    wrong: int

    @property
    def bound(self) -> float:
        """Clopper and Pearson's upper one."""
        return bound(self.wrong, self.answered)


@dataclass(frozen=True, slots=True)
class Tested:
    """What `cases` promise: the lowest threshold that keeps each risk, and a sentence for each that none keeps."""

    cases: int
    kept: dict[float, Step]
    missing: dict[float, str]


def bound(wrong: int, answered: int, sure: float = SURE) -> float:
    """The share of wrong answers that is not exceeded, with the probability `sure`."""
    return 1.0 if wrong == answered else float(betaincinv(wrong + 1, answered - wrong, sure))


def promised(confidence: Floats, right: Floats, risks: tuple[float, ...]) -> Tested:
    """Find the threshold of each risk. `right` is 1 or 0."""
    counts = (len(part) - np.searchsorted(np.sort(part), THRESHOLDS) for part in (confidence, confidence[right == 0]))
    steps = [
        Step(threshold, int(answered), int(wrong))
        for threshold, answered, wrong in zip(THRESHOLDS, *counts, strict=True)
    ]
    kept, missing = {}, {}
    for risk in risks:
        if passed := list(_passed(steps, risk)):
            kept[risk] = passed[-1]
        else:
            missing[risk] = _missing(steps, risk, len(right))
    return Tested(len(right), kept, missing)


def _passed(steps: list[Step], risk: float) -> Iterator[Step]:
    """The thresholds that keep the risk, up to the first of which that is not sure."""
    return takewhile(lambda step: step.bound <= risk, (step for step in steps if _tells(step, risk)))


def _tells(step: Step, risk: float) -> bool:
    """Whether it answers so much that it could well pass."""
    return bound(math.ceil(LIKELY * risk * step.answered), step.answered) <= risk


def _missing(steps: list[Step], risk: float, cases: int) -> str:
    """What was reached in place of the risk where the test ended, and what would be needed."""
    best = min(steps, key=lambda step: step.bound)
    ended = next((step for step in steps if _tells(step, risk)), best)
    if not ended.answered:
        return "no answer is surer than the lowest threshold"
    reached = f"of the {ended.answered} surest answers {ended.wrong} are wrong, so that it may be {ended.bound:.1%}"
    more = (_needed(max(ended.wrong / ended.answered, LIKELY * risk), risk) / ended.answered - 1) * cases
    if 0 < more < FARTHEST:
        return f"{reached}; if that share stays, about {math.ceil(more / 10) * 10:,} more cases are needed"
    return f"{reached}; more cases alone will not do"


def _needed(share: float, risk: float) -> float:
    """How many answers with such a share of wrong ones bound it by the risk."""
    sizes = np.unique(np.geomspace(1, FARTHEST, 500).astype(int))
    return next((int(size) for size in sizes if bound(math.ceil(share * size), int(size)) <= risk), math.inf)
