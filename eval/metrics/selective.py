"""Whether confidence knows when the answer is right. Judged over every case, whatever was done with it.

The scores are rows of confidence, right (1 or 0) and answerable (1 or 0). Cases of one confidence are one step:
a threshold takes all of them or none.
"""

from __future__ import annotations

import numpy as np

from eval.metrics.actions import right
from eval.metrics.metric import Metric, Score, Texts, divide
from eval.outcomes import Outcome
from eval.statistics import Floats, Labels

BINS = 10
PRECISION = 0.95


def judged(outcome: Outcome, _: Texts | None = None) -> Score:
    """Confidence, right, answerable; None where the target gives no confidence or nothing can be judged.

    Where a person was called before anything was looked up, the confidence is about something else.
    """
    truth = right(outcome)
    asked_for_person = outcome.action == "handoff" and outcome.hits == () and not outcome.citations
    if outcome.confidence is None or truth is None or asked_for_person:
        return None
    return (outcome.confidence, float(truth), float(outcome.case.answerable))


def auroc(scores: Floats, weights: Floats) -> Floats:
    """The chance that a right answer has more confidence than a wrong one, ties half; NaN with one kind only."""
    good, bad = _until(scores, weights, scores[:, 1]), _until(scores, weights, 1 - scores[:, 1])
    tied = np.diff(bad, axis=0, prepend=0) / 2
    won = (np.diff(good, axis=0, prepend=0) * (bad[-1] - bad + tied)).sum(axis=0)
    return divide(won, good[-1] * bad[-1])


def aurc(scores: Floats, weights: Floats) -> Floats:
    """The mean share of wrong answers when the surest part is answered, over all sizes of the part (Geifman 2019)."""
    taken, correct = _until(scores, weights), _until(scores, weights, scores[:, 1])
    risk = 1 - np.nan_to_num(divide(correct, taken), nan=1.0)
    return divide((risk * np.diff(taken, axis=0, prepend=0)).sum(axis=0), taken[-1])


def coverage(scores: Floats, weights: Floats) -> Floats:
    """The largest share of the answerable cases that a threshold answers while 95 % of all it answers is right."""
    taken, correct = _until(scores, weights), _until(scores, weights, scores[:, 1])
    served = _until(scores, weights, scores[:, 2])
    sound = np.where(correct >= PRECISION * taken - 1e-9, served, 0.0).max(axis=0)
    return divide(sound, served[-1])


def ece(scores: Floats, weights: Floats) -> Floats:
    """The expected calibration error: how far confidence and the share of right answers lie apart, over equal bins."""
    member = bins(scores[:, 0])
    gaps = np.zeros((int(member.max()) + 1, len(scores)))
    gaps[member, np.arange(len(scores))] = scores[:, 0] - scores[:, 1]
    return divide(np.abs(gaps @ weights).sum(axis=0), weights.sum(axis=0))


def bins(confidence: Floats) -> Labels:
    """The bin of each confidence, 0 up: as nearly equal in number as ties allow."""
    edges = np.unique(np.quantile(confidence, np.linspace(0, 1, BINS + 1)[1:-1]))
    member = np.searchsorted(edges, confidence, side="right")
    return np.unique(member, return_inverse=True)[1].astype(np.intp)


def risk_coverage(scores: Floats) -> tuple[Floats, Floats]:
    """The curve behind `aurc`: the share of cases answered, and the share of wrong ones among them."""
    once = np.ones((len(scores), 1))
    taken, correct = _until(scores, once)[:, 0], _until(scores, once, scores[:, 1])[:, 0]
    return taken / len(scores), 1 - correct / taken


def _until(scores: Floats, weights: Floats, part: Floats | None = None) -> Floats:
    """The weight of all (or of a part) that has at least each confidence there is, surest first."""
    order = np.argsort(-scores[:, 0], kind="stable")
    ordered = scores[order, 0]
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
    share = weights[order] if part is None else weights[order] * part[order, None]
    sums: Floats = np.cumsum(share, axis=0)[ends]
    return sums


METRICS = (
    Metric("auroc", "Confidence tells a right answer from a wrong one (a coin does half the time)", judged, auroc),
    Metric("aurc", "Wrong answers, averaged over all thresholds", judged, aurc, better="lower"),
    Metric("coverage@95", "Questions that can be answered when 95 of 100 answers must be right", judged, coverage),
    Metric("ece", "How far stated confidence is from the truth", judged, ece, better="lower"),
)
