"""The statistics against hand-made cases, scipy, and repeated draws from a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from eval import statistics
from eval.statistics import clusters, exact, holm, interval, permutation, resamples


def test_what_shares_a_key_is_one_cluster_directly_or_through_others() -> None:
    assert clusters(["a", "b", "a", "c", "b"]).tolist() == [0, 1, 0, 2, 1]
    assert clusters([]).tolist() == []


def test_a_cluster_is_drawn_whole() -> None:
    labels = np.array([0, 0, 1, 2, 2, 2])
    weights = np.concatenate(list(resamples(labels, times=250)), axis=1)
    assert weights.shape == (6, 250)
    assert (weights[0] == weights[1]).all()
    assert (weights[3] == weights[5]).all()
    assert (weights[[0, 2, 3]].sum(axis=0) == 3).all()


def test_the_same_seed_draws_the_same() -> None:
    labels = np.arange(50)
    once, again, other = (np.concatenate(list(resamples(labels, seed=seed)), axis=1) for seed in (1, 1, 2))
    assert (once == again).all()
    assert (once != other).any()


def bounds(values: statistics.Floats, labels: statistics.Labels, seed: int) -> tuple[float, float]:
    drawn = [values @ weights / weights.sum(axis=0) for weights in resamples(labels, times=400, seed=seed)]
    return interval(float(values.mean()), np.concatenate(drawn))


def test_intervals_hold_the_truth_as_often_as_they_say_where_cases_hang_together() -> None:
    """Documents are easy or hard (0.9 or 0.5 of their questions found), five questions each: the truth is 0.7."""
    dice = np.random.default_rng(0)
    labels = np.repeat(np.arange(60), 5).astype(np.intp)
    held = naive = 0
    for seed in range(300):
        chance = dice.choice([0.9, 0.5], 60)[labels]
        values = (dice.random(300) < chance).astype(float)
        low, high = bounds(values, labels, seed)
        held += low <= 0.7 <= high
        low, high = bounds(values, np.arange(300), seed)
        naive += low <= 0.7 <= high
    assert binomtest(held, 300, 0.95).pvalue > 0.01
    assert naive < held, "drawing cases one by one is too sure of itself"


def test_an_interval_follows_a_measure_that_resampling_bends() -> None:
    drawn = np.random.default_rng(1).normal(0.3, 0.05, 2000)
    low, high = interval(0.2, drawn)  # nearly all resamples lie above the value
    assert low <= 0.2 <= high < np.quantile(drawn, 0.975)
    assert interval(0.5, np.array([np.nan, 0.4, 0.5, 0.6])) == interval(0.5, np.array([0.4, 0.5, 0.6]))


@pytest.mark.parametrize("count", [1, 5, 40])
def test_agreement_of_all_is_bounded_as_scipy_bounds_it(count: int) -> None:
    full, none = (binomtest(k, count).proportion_ci(0.95, "exact") for k in (count, 0))
    assert exact(1.0, count) == pytest.approx((full.low, full.high))
    assert exact(0.0, count) == pytest.approx((none.low, none.high))


def test_one_sided_drops_have_the_chance_of_the_binomial() -> None:
    """Eight documents lost and none gained: 1 in 2^8."""
    drops = np.r_[np.ones(8), np.zeros(92)][:, None]
    assert permutation(drops, np.arange(100))[0] == pytest.approx(2**-8, abs=0.002)
    assert permutation(-drops, np.arange(100))[0] == 1


def test_cases_of_one_document_are_one_piece_of_evidence() -> None:
    assert permutation(np.ones((8, 1)), np.zeros(8, dtype=np.intp))[0] == pytest.approx(0.5, abs=0.02)


def test_looking_at_more_measures_makes_a_drop_less_surprising_but_not_where_they_move_together() -> None:
    dice = np.random.default_rng(5)
    drop = np.r_[np.ones(7), -np.ones(1), np.zeros(92)]
    alone = permutation(drop[:, None], np.arange(100))[0]
    twins = permutation(np.column_stack([drop, drop, drop]), np.arange(100))[0]
    strangers = permutation(np.column_stack([drop, dice.normal(size=(100, 5))]), np.arange(100))[0]
    assert twins == pytest.approx(alone, abs=0.005)
    assert strangers > alone * 2


def test_the_test_rejects_a_true_equality_as_rarely_as_it_says() -> None:
    dice = np.random.default_rng(2)
    labels = np.repeat(np.arange(40), 3).astype(np.intp)
    alarms = 0
    for seed in range(400):
        shared = dice.normal(size=(40, 3))[labels]  # what cases of one document have in common
        alarms += permutation(shared + dice.normal(size=(120, 3)), labels, times=499, seed=seed).min() <= 0.05
    assert binomtest(alarms, 400, 0.05).pvalue > 0.01


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []
