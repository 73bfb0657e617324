"""Risks: the thresholds must keep their word as often as they say, and what cannot be promised must be said."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from eval.risk import SURE, THRESHOLDS, bound, promised
from eval.statistics import Floats

DRAWS, CASES = 200, 250
Curve = Callable[[Floats], Floats]
"""The chance that an answer of a confidence is right."""
CURVES: dict[str, Curve] = {
    "as stated": lambda sure: sure,
    "too sure of itself": lambda sure: sure**3,
    "too modest": lambda sure: 1 - (1 - sure) ** 2,
    "no better when surer": lambda sure: np.full_like(sure, 0.9),
    "wrong where it is surest": lambda sure: np.where(sure > 0.97, 0.5, 0.5 + sure / 2),
}


def drawn(curve: Curve, cases: int, dice: np.random.Generator) -> tuple[Floats, Floats]:
    confidence = dice.beta(1.2, 0.6, cases)
    return confidence, (dice.random(cases) < curve(confidence)).astype(np.float64)


def truth(curve: Curve) -> dict[float, float]:
    """For each threshold, the share of its answers that is wrong among all the questions there could be."""
    confidence = np.random.default_rng(1).beta(1.2, 0.6, 400_000)
    wrong = 1 - curve(confidence)
    return {threshold: float(wrong[confidence >= threshold].mean()) for threshold in THRESHOLDS}


@pytest.mark.parametrize("name", CURVES)
def test_a_threshold_breaks_its_word_no_more_often_than_it_says(name: str) -> None:
    curve, dice = CURVES[name], np.random.default_rng(7)
    exact, broken = truth(curve), {0.05: 0, 0.1: 0, 0.2: 0}
    for _ in range(DRAWS):
        for risk, step in promised(*drawn(curve, CASES, dice), tuple(broken)).kept.items():
            broken[risk] += exact[step.threshold] > risk
    noise = 3 * np.sqrt(SURE * (1 - SURE) / DRAWS)
    assert max(broken.values()) / DRAWS <= 1 - SURE + noise, broken


def test_it_answers_nearly_all_that_may_be_answered() -> None:
    exact = truth(CURVES["as stated"])
    kept = promised(*drawn(CURVES["as stated"], 4000, np.random.default_rng(3)), (0.05, 0.1, 0.2)).kept
    assert set(kept) == {0.05, 0.1, 0.2}
    for risk, step in kept.items():
        best = next(threshold for threshold in reversed(THRESHOLDS) if exact[threshold] <= risk)
        assert best <= step.threshold <= best + 0.1


def test_a_safer_promise_never_has_a_lower_threshold() -> None:
    kept = promised(*drawn(CURVES["too modest"], 2000, np.random.default_rng(5)), (0.2, 0.02, 0.1, 0.05)).kept
    thresholds = [kept[risk].threshold for risk in sorted(kept)]
    assert len(thresholds) == 4
    assert thresholds == sorted(thresholds, reverse=True)


def test_the_bound_is_clopper_and_pearsons() -> None:
    assert bound(0, 45) == pytest.approx(1 - 0.1 ** (1 / 45))  # faultless: the known closed form
    assert bound(2, 50, sure=0.95) == pytest.approx(0.1206, abs=1e-3)
    assert bound(7, 7) == bound(0, 0) == 1.0


def test_what_cannot_be_promised_is_said_and_what_is_missing() -> None:
    found = promised(np.full(60, 0.9), np.ones(60), (0.01, 0.1))
    assert list(found.kept) == [0.1]
    assert "of the 60 surest answers 0 are wrong, so that it may be 3.8%" in found.missing[0.01]
    assert re.search("if that share stays, about 3[0-9]0 more cases are needed", found.missing[0.01])
    wrong = promised(np.full(300, 0.9), np.resize([1.0, 0.0], 300), (0.1,))
    assert "more cases alone will not do" in wrong.missing[0.1]
    assert "no answer is surer" in promised(np.zeros(300), np.zeros(300), (0.1,)).missing[0.1]
