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
    """Confidence, right, answerable; None where the target gives no confidence or nothing can be judged."""
    truth = right(outcome)
    if outcome.confidence is None or truth is None:
        return None
    return (outcome.confidence, float(truth), float(outcome.case.answerable))


def auroc(scores: Floats, weights: Floats) -> Floats:
    """The chance that a right answer has more confidence than a wrong one, ties half; NaN with one kind only."""
    starts, order = _steps(scores[:, 0])
    good = np.add.reduceat((weights * scores[:, 1])[:, order], starts, axis=1)
    bad = np.add.reduceat((weights * (1 - scores[:, 1]))[:, order], starts, axis=1)
    less = bad.sum(axis=1, keepdims=True) - np.cumsum(bad, axis=1)  # steps go from sure to unsure
    pairs = good.sum(axis=1) * bad.sum(axis=1)
    won = (good * (less + bad / 2)).sum(axis=1)
    return divide(won, pairs)


def aurc(scores: Floats, weights: Floats) -> Floats:
    """The mean share of wrong answers when the surest part is answered, over all sizes of the part (Geifman 2019)."""
    taken, correct, _ = _answered(scores, weights)
    risk = 1 - np.nan_to_num(divide(correct, taken), nan=1.0)
    steps = np.diff(taken, axis=1, prepend=0)
    return np.asarray((risk * steps).sum(axis=1) / taken[:, -1])


def coverage(scores: Floats, weights: Floats) -> Floats:
    """The largest share of the answerable cases that a threshold answers while 95 % of all it answers is right."""
    taken, correct, served = _answered(scores, weights)
    total = served[:, -1]
    sound = np.where(correct >= PRECISION * taken - 1e-9, served, 0.0).max(axis=1)
    return divide(sound, total)


def ece(scores: Floats, weights: Floats) -> Floats:
    """The expected calibration error: how far confidence and the share of right answers lie apart, over equal bins."""
    member = bins(scores[:, 0])
    gaps = np.zeros((len(scores), int(member.max()) + 1))
    gaps[np.arange(len(scores)), member] = scores[:, 0] - scores[:, 1]
    return np.asarray(np.abs(weights @ gaps).sum(axis=1) / weights.sum(axis=1))


def bins(confidence: Floats, count: int = BINS) -> Labels:
    """The bin of each confidence, 0 up: as nearly equal in number as ties allow."""
    edges = np.unique(np.quantile(confidence, np.linspace(0, 1, count + 1)[1:-1]))
    member = np.searchsorted(edges, confidence, side="right")
    return np.unique(member, return_inverse=True)[1].astype(np.intp)


def risk_coverage(scores: Floats) -> tuple[Floats, Floats]:
    """The curve behind `aurc`: the share of cases answered, and the share of wrong ones among them."""
    taken, correct, _ = _answered(scores, np.ones((1, len(scores))))
    return taken[0] / len(scores), 1 - correct[0] / taken[0]


def _steps(confidence: Floats) -> tuple[Labels, Labels]:
    """Where each new confidence starts in the order from sure to unsure, and that order."""
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]), order


def _answered(scores: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """At every threshold, surest first: the weight of what is answered, of it right, and of it answerable."""
    starts, order = _steps(scores[:, 0])

    def at(part: Floats) -> Floats:
        return np.cumsum(np.add.reduceat(part[:, order], starts, axis=1), axis=1)

    return at(weights), at(weights * scores[:, 1]), at(weights * scores[:, 2])


METRICS = (
    Metric("auroc", "Confidence tells right answers from wrong ones (0.5 is a coin)", judged, auroc),
    Metric("aurc", "Wrong answers, averaged over all thresholds", judged, aurc, better="lower"),
    Metric("coverage@95", "Questions that can be answered when 95 of 100 answers must be right", judged, coverage),
    Metric("ece", "How far stated confidence is from the truth", judged, ece, better="lower"),
)
