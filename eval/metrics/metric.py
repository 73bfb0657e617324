"""What a metric is: a score for one outcome, and how scores are summed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eval.outcomes import Outcome
from eval.statistics import Floats

Texts = Mapping[str, str]
"""The documents' texts by id, for the metrics that look a quote up."""
Score = float | tuple[float, ...] | None
"""A number, or what a summary over all outcomes needs of this one; None where the metric does not apply."""

Unit = Literal["share", "points", "ms"]
FORMATS: Mapping[Unit, str] = {"share": "{:{}.1%}", "points": "{:+.2f}", "ms": "{:{},.0f} ms"}


def divide(part: Floats, whole: Floats) -> Floats:
    """Element by element, NaN where there is nothing to divide by."""
    result: Floats = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return result


def mean(scores: Floats, weights: Floats) -> Floats:
    """The mean of the first column of `scores` (case x column) under each column of `weights` (case x resample)."""
    return divide(scores[:, 0] @ weights, weights.sum(axis=0))


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a run.

    `score` judges one outcome; `summary` makes one number of the scores, for every column of weights at once.
    `meaning` is for the reader of a report. A metric with the default summary can be compared case by case.
    """

    name: str
    meaning: str
    score: Callable[[Outcome, Texts | None], Score]
    summary: Callable[[Floats, Floats], Floats] = mean
    better: Literal["higher", "lower"] = "higher"
    unit: Unit = "share"

    @property
    def paired(self) -> bool:
        """Whether it is a mean over cases, which two runs can be compared on case by case."""
        return self.summary is mean


def written(value: float | None, unit: Unit, sign: str = "") -> str:
    """A figure as people write it: a share in percent, points and time as they are, a dash for None.

    `sign` "+" puts one before what is not below 0.
    """
    return "–" if value is None else FORMATS[unit].format(value, sign)
