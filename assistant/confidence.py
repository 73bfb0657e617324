"""How sure to be, before anything is said: a probability from the evidence of the search.

A logistic model over few signals, its numbers in a file that a person can read (`confidence.toml`; how they were found
and how well they hold stands in docs/confidence.md).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.reply import Confidence
from knowledge import REGIMES, Hit

SHIPPED = Path(__file__).with_name("confidence.toml")
AGREEING = 10
"""Hits that are looked at for agreement."""
SURE = 3.0
"""How many times too large the logarithms of odds are."""


class CalibrationRefused(Exception):
    """A file holds no calibration; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: its intercept, and the weight of each signal."""

    intercept: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Calibration:
    """A model for each regime (knowledge.REGIMES), and the confidence from which an answer is given."""

    threshold: float
    regimes: Mapping[str, Logistic]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Calibration:
        """Read the numbers from a TOML file. Raises CalibrationRefused on one that is not ours."""
        try:
            numbers = tomllib.loads(path.read_text(encoding="utf-8"))
            tables = {name: {key: float(value) for key, value in numbers[name].items()} for name in REGIMES}
            return cls(
                float(numbers["threshold"]),
                {name: Logistic(weights.pop("intercept"), weights) for name, weights in tables.items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationRefused(
                f"{path} is no calibration ({error}): make one with `python -m eval calibrate`."
            ) from error

    def evidence(self, signals: Mapping[str, float]) -> float:
        """The logit of the probability that these signals are of a right answer. Raises KeyError where one lacks."""
        model = self.regimes[REGIMES[int(signals["regime"])]]
        return model.intercept + sum(weight * signals[name] for name, weight in model.weights.items())


def judge(hits: Sequence[Hit], calibration: Calibration) -> Confidence:
    """The probability that the first hit answers the question; nothing found is nothing known.

    To the hit's own signals come `share` (how probably its document is the right one among all that was found, as far
    as the scores tell), `nearness` and `fitness` (meaning and fit times that), `strength` (the logarithm of its score
    by words), and what words alone say: `margin`, `ahead` (coverage times that) and `agreement`.
    """
    if not hits:
        return Confidence(0.0)
    first = hits[0]
    share = _share(hits)
    signals = {
        **first.signals,
        "share": share,
        "nearness": share * first.signals["meaning"],
        "fitness": share * first.signals.get("fit", 0.0),
        "strength": math.log1p(first.signals["words"]),
        **_by_words(hits),
    }
    return Confidence((1 + math.tanh(calibration.evidence(signals) / 2)) / 2, signals)  # logistic, never overflowing


def _by_words(hits: Sequence[Hit]) -> dict[str, float]:
    """What words alone say of the first hit's document: how far ahead it is, and its part of their sum."""
    document, first = hits[0].passage.document, hits[0].signals["words"]
    best = max((hit.signals["words"] for hit in hits if hit.passage.document != document), default=0.0)
    total = sum(hit.signals["words"] for hit in hits[:AGREEING])
    own = sum(hit.signals["words"] for hit in hits[:AGREEING] if hit.passage.document == document)
    margin = max(-1.0, 1 - best / first) if first else 0.0
    return {"margin": margin, "ahead": margin * hits[0].signals["coverage"], "agreement": own / total if total else 0.0}


def _share(hits: Sequence[Hit]) -> float:
    """The first hit's document's part of all odds: fused scores are learned as logarithms of odds, and too sure."""
    own, others = 0.0, 0.0
    for hit in hits:
        odds = math.exp(hit.score - hits[0].score)
        if hit.passage.document == hits[0].passage.document:
            own += odds
        else:
            others += odds
    ours, theirs = math.pow(own, 1 / SURE), math.pow(others, 1 / SURE)
    return ours / (ours + theirs)
