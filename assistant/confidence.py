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
from knowledge import Hit

SHIPPED = Path(__file__).with_name("confidence.toml")


class CalibrationRefused(Exception):
    """A file holds no calibration; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights of the signals, and the confidence from which an answer is given."""

    threshold: float
    intercept: float
    weights: Mapping[str, float]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Calibration:
        """Read the numbers from a TOML file. Raises CalibrationRefused on one that is not ours."""
        try:
            numbers = tomllib.loads(path.read_text(encoding="utf-8"))
            weights = {name: float(weight) for name, weight in numbers["weights"].items()}
            return cls(float(numbers["threshold"]), float(numbers["intercept"]), weights)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationRefused(
                f"{path} is no calibration ({error}): make one with `python -m eval calibrate`."
            ) from error


def judge(hits: Sequence[Hit], calibration: Calibration) -> Confidence:
    """The probability that the first hit answers the question; nothing found is nothing known.

    To the hit's own signals come `lead` (coverage times the margin), `strength` (the logarithm of its score) and
    `agreement` (the share of all that was found that its document has).
    """
    if not hits:
        return Confidence(0.0)
    first = hits[0]
    signals = {
        **first.signals,
        "lead": first.signals["coverage"] * _margin(hits),
        "strength": math.log1p(first.score),
        "agreement": sum(hit.score for hit in _of(first, hits)) / sum(hit.score for hit in hits),
    }
    logit = calibration.intercept + sum(weight * signals[name] for name, weight in calibration.weights.items())
    return Confidence((1 + math.tanh(logit / 2)) / 2, signals)  # the logistic, which so never overflows


def _margin(hits: Sequence[Hit]) -> float:
    """How far the best document is ahead of the next one: 0 side by side, 1 alone.

    Alone says little where little was matched, as in a knowledge of one page in its language: so `lead` weighs it.
    """
    others = (hit.score for hit in hits if hit.passage.document != hits[0].passage.document)
    return 1 - next(others, 0.0) / hits[0].score


def _of(first: Hit, hits: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.passage.document == first.passage.document]
