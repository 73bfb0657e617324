"""How long the customer waited."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eval.metrics.metric import Metric, Texts
from eval.outcomes import Outcome
from eval.statistics import Floats


def milliseconds(outcome: Outcome, _: Texts | None = None) -> float | None:
    """The time to the reply."""
    return outcome.milliseconds


def quantile(share: float) -> Callable[[Floats, Floats], Floats]:
    """The summary that takes the smallest score which `share` of the weight does not exceed."""

    def summary(scores: Floats, weights: Floats) -> Floats:
        order = np.argsort(scores[:, 0], kind="stable")
        reached = np.cumsum(weights[order], axis=0)
        places = np.argmax(reached >= share * reached[-1] - 1e-9, axis=0)
        return np.where(reached[-1] > 0, scores[order, 0][places], np.nan)

    return summary


METRICS = (
    Metric("milliseconds_p50", "Half of the replies came within", milliseconds, quantile(0.5), "lower", "ms"),
    Metric("milliseconds_p95", "95 of 100 replies came within", milliseconds, quantile(0.95), "lower", "ms"),
)
