"""How sure to be, before anything is said: a probability from the evidence of the search.

The first passage answers the question if the knowledge says anything about it at all, and if it is the best of what the
knowledge says: confidence is the product of the two. Each is a logistic over a few signals, its numbers in a file
that a person can read (`confidence.toml`; how they were found and how well they hold stands in docs/confidence.md).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.reply import Confidence
from assistant.risk import Risks
from knowledge import REGIMES, Hit, foreign

SHIPPED = Path(__file__).with_name("confidence.toml")
FACTORS = ("known", "best")
"""That the knowledge says something about it, and that what was found first is the best of it."""
SIGNALS = (
    *("strong", "alike", "near", "strength", "likeness", "meaning", "sounding", "ahead"),
    *("opening", "opening_share", "opening_lead", "share", "clear", "agreement", "lead"),
)
"""What the factors are judged from, see `judge`."""
AGREEING = 10
"""Hits that are looked at for agreement."""
NAMED = 0.5
"""How probably the knowledge says something, at least, where what was found holds the code that the question names."""
ABSENT = 0.01
"""The same at most, where the question names things of which the knowledge holds none."""
ODDS = {"share": 5.0, "clear": 2.0}
"""By these, fused scores are divided before they are taken for logarithms of odds, as which they are too sure."""


class CalibrationRefused(Exception):
    """A file holds no calibration; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic model: its intercept, and the weight of each signal."""

    intercept: float
    weights: Mapping[str, float]

    def probability(self, signals: Mapping[str, float]) -> float:
        """What it makes of the signals."""
        return _logistic(self.intercept + sum(weight * signals[name] for name, weight in self.weights.items()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """A model of each factor for each regime (knowledge.REGIMES), and the confidence from which an answer is given.

    In one language the logit of their product is believed as far as the knowledge is even (`evenness` of a hit's
    signals). `slope` and `offset` correct it (Platt 1999); 1 and 0 leave it as it is. `risks` are the thresholds from
    which an answer is given where an operator sets a risk.
    """

    threshold: float
    regimes: Mapping[str, Mapping[str, Logistic]]
    slope: float = 1.0
    offset: float = 0.0
    risks: Risks = field(default_factory=Risks)

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Calibration:
        """Read the numbers from a TOML file. Raises CalibrationRefused on one that is not ours.

        Half of the questions that it was fitted to have an answer; where the file says that another share is
        `answerable`, what is known has its odds (Saerens et al. 2002).
        """
        try:
            numbers = tomllib.loads(path.read_text(encoding="utf-8"))
            answerable = float(numbers.get("answerable", 0.5))
            if not 0 < answerable < 1:
                raise ValueError(f"answerable is {answerable}, and must lie between 0 and 1")
            prior = {"known": _odds(answerable)}
            regimes = {
                regime: {factor: _model(numbers[regime][factor], prior.get(factor, 0.0)) for factor in FACTORS}
                for regime in REGIMES
            }
            scaling = (float(numbers.get("slope", 1.0)), float(numbers.get("offset", 0.0)))
            return cls(float(numbers["threshold"]), regimes, *scaling, _risks(numbers.get("risk", {})))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CalibrationRefused(
                f"{path} is no calibration ({error}): make one with `python -m eval calibrate`."
            ) from error

    def factors(self, signals: Mapping[str, float]) -> dict[str, float]:
        """The probability of each factor. Raises KeyError where a signal lacks."""
        models = self.regimes[REGIMES[int(signals["regime"])]]
        found = {factor: models[factor].probability(signals) for factor in FACTORS}
        least = NAMED if signals.get("named") else 0.0
        most = ABSENT if signals.get("absent") else 1.0
        return found | {"known": min(max(found["known"], least), most)}

    def probability(self, signals: Mapping[str, float]) -> float:
        """The probability that these signals are of a right answer. Raises KeyError where one lacks."""
        product = math.prod(self.factors(signals).values())
        if product in (0.0, 1.0):
            return product
        believed = signals["evenness"] if REGIMES[int(signals["regime"])] == "same" else 1.0
        return _logistic(self.offset + self.slope * believed * _odds(product))


def judge(hits: Sequence[Hit], calibration: Calibration, *, named: bool = False, absent: bool = False) -> Confidence:
    """The probability that the first hit answers the question; nothing found is nothing known.

    `named` says that the question names a code, as E2, and the first hit holds it in the question's language; `absent`
    that it names things, as televisions, of which the knowledge says nothing, or a code that no list has.

    The hit's own signals `strong`, `alike` and `near` say how far it is above what this knowledge gives to what it does
    not answer. To them come `share` and `clear` (how probably its document is the right one of all that was found,
    as far as the scores tell, and the same where they are believed more) and `lead` (how much better it fits than any
    other document); `opening_share` and `opening_lead`, the hit's `opening` times these; what words alone say:
    `strength` (the logarithm of its score), `ahead` (how far its document is before all others, times coverage) and
    `agreement` (its document's part of the best scores); and what all of them amount to: `known` and `best`. Only hits
    in the first one's language and in the question's are its rivals: the rest may be translations.
    """
    if not hits:
        return Confidence(0.0)
    tongue = hits[0].passage.language
    rivals = [hit for hit in hits if hit.passage.language == tongue or not foreign(hit)]
    signals = {
        **hits[0].signals,
        **_by_scores(rivals),
        **_by_words(rivals),
        "named": float(named),
        "absent": float(absent),
    }
    return Confidence(calibration.probability(signals), signals | calibration.factors(signals))


def _model(table: Mapping[str, float], prior: float) -> Logistic:
    weights = {name: float(value) for name, value in table.items()}
    intercept = weights.pop("intercept") + prior
    if unknown := weights.keys() - set(SIGNALS):
        raise ValueError(f"it weighs {', '.join(sorted(unknown))}, and the signals are {', '.join(SIGNALS)}")
    return Logistic(intercept, weights)


def _odds(share: float) -> float:
    """The log odds of a share."""
    return math.log(share / (1 - share))


def _risks(tables: Mapping[str, Mapping[str, Any]]) -> Risks:
    """Of each table, what is no number of cases: risk = { threshold, share of the questions answered }."""
    kept = {tag: {risk: held for risk, held in table.items() if risk != "n"} for tag, table in tables.items()}
    return Risks(
        {tag: {float(risk): float(held["threshold"]) for risk, held in table.items()} for tag, table in kept.items()}
    )


def _by_words(hits: Sequence[Hit]) -> dict[str, float]:
    """What words alone say of the first hit's document."""
    document, first = hits[0].passage.document, hits[0].signals["words"]
    best = max((hit.signals["words"] for hit in hits if hit.passage.document != document), default=0.0)
    total = sum(hit.signals["words"] for hit in hits[:AGREEING])
    own = sum(hit.signals["words"] for hit in hits[:AGREEING] if hit.passage.document == document)
    ahead = max(-1.0, 1 - best / first) * hits[0].signals["coverage"] if first else 0.0
    return {"strength": math.log1p(first), "ahead": ahead, "agreement": own / total if total else 0.0}


def _by_scores(hits: Sequence[Hit]) -> dict[str, float]:
    """What all signals together say of the first hit's document, and how much better it fits than the others."""
    document, fit = hits[0].passage.document, hits[0].signals.get("fit", 0.0)
    others = (hit.signals.get("fit", 0.0) for hit in hits if hit.passage.document != document)
    parts, lead = {name: _part(hits, sure) for name, sure in ODDS.items()}, fit - max(others, default=0.0)
    opening = hits[0].signals["opening"]
    return parts | {"lead": lead, "opening_share": opening * parts["share"], "opening_lead": opening * max(lead, 0.0)}


def _part(hits: Sequence[Hit], sure: float) -> float:
    """The first hit's document's part of all odds."""
    odds = [math.exp((hit.score - hits[0].score) / sure) for hit in hits]
    own = [odd for odd, hit in zip(odds, hits, strict=True) if hit.passage.document == hits[0].passage.document]
    return sum(own) / sum(odds)


def _logistic(evidence: float) -> float:
    return (1 + math.tanh(evidence / 2)) / 2  # never overflowing
