"""What chance can do: bootstrap intervals, a paired permutation test, and Holm's correction, all by cluster.

Cases that share a gold document stand or fall together, so documents are drawn, not cases (a cluster bootstrap,
Davison and Hinkley 1997, section 3.8). Everything is the same again with the same seed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]
Labels = NDArray[np.intp]

LEVEL = 0.95
RESAMPLES = 1000
FLIPS = 9999
_CHUNK = 100
"""Resamples held in memory at once: 100 of 15,000 cases are 12 MB."""


def clusters(keys: Iterable[Hashable]) -> Labels:
    """The cluster of each item, 0 up: items of one key are in one."""
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(key, len(number)) for key in keys], dtype=np.intp)


def resamples(labels: Labels, *, times: int = RESAMPLES, seed: int = 0) -> Iterator[Floats]:
    """Chunks of weights (item x resample): how often each item's cluster was drawn, with replacement."""
    random = np.random.default_rng(seed)
    count = int(labels.max(initial=-1)) + 1
    for start in range(0, times if count else 0, _CHUNK):
        size = min(_CHUNK, times - start)
        drawn = random.integers(count, size=(count, size)) * size + np.arange(size)
        yield np.bincount(drawn.ravel(), minlength=count * size).reshape(count, size).astype(np.float64)[labels]


def interval(value: float, resampled: Floats) -> tuple[float, float]:
    """The bias-corrected percentile interval (Efron 1987): a bent measure such as `ece` needs the correction.

    Resamples in which the measure is undefined (NaN: one class only) are left out.
    """
    known = resampled[~np.isnan(resampled)]
    below = (np.sum(known < value) + np.sum(known == value) / 2) / len(known)
    bias = ndtri(np.clip(below, 1 / (len(known) + 1), len(known) / (len(known) + 1)))
    tails = ndtr(2 * bias + ndtri([(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    low, high = np.quantile(known, tails)
    return float(min(low, value)), float(max(high, value))


def exact(share: float, count: int) -> tuple[float, float]:
    """The Clopper-Pearson interval where all of `count` clusters agree on 0 or 1, and resampling sees no spread."""
    slack = 1 - float(((1 - LEVEL) / 2) ** (1 / count))
    return (1 - slack, 1.0) if share == 1 else (0.0, slack)


def permutation(drops: Floats, labels: Labels, *, times: int = FLIPS, seed: int = 0) -> Floats:
    """For each column of `drops` (item x measure), the chance of a drop as large if the two runs were alike.

    One-sided paired sign-flip test by cluster. The chances allow for looking at several measures: each drop is held
    against the largest of all under the same flips (the maxT procedure of Westfall and Young 1993).
    """
    sums = np.zeros((int(labels.max()) + 1, drops.shape[1]))
    np.add.at(sums, labels, drops)
    sums = sums[np.any(sums != 0, axis=1)]
    spread = np.sqrt((sums**2).sum(axis=0))
    scaled = np.divide(sums, spread, out=np.zeros_like(sums), where=spread > 0)
    flips = np.random.default_rng(seed).integers(0, 2, size=(times, len(sums)), dtype=np.int8) * 2.0 - 1
    largest = (flips @ scaled).max(axis=1, initial=0.0)
    beaten = (largest[:, None] >= scaled.sum(axis=0) - 1e-9).sum(axis=0)
    return np.asarray((1 + beaten) / (1 + times), dtype=np.float64)


def holm(chances: Sequence[float]) -> list[float]:
    """Holm's (1979) step-down correction: each chance, corrected for how many there are."""
    order = np.argsort(chances, kind="stable")
    steps = np.asarray(chances, dtype=np.float64)[order] * np.arange(len(chances), 0, -1)
    corrected = np.empty(len(chances))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in corrected]
