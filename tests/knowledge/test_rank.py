"""The fusion of the signals: which regime a passage is in, and what each signal counts there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.language import LANGUAGES, Detected, detect
from knowledge.rank import (
    LARGE,
    REGIMES,
    SHIPPED,
    SIGNALS,
    SMALL,
    WEIGHED,
    Candidates,
    Weight,
    Weights,
    doubted,
    fuse,
    load,
    regime,
    shipped,
    standard,
)


@pytest.mark.parametrize(
    ("question", "passage", "expected"),
    [
        ("வாரண்டி எத்தனை வருஷம்?", "ta", "same"),
        ("warranty ethana varusham irukku", "ta", "romanised"),
        ("warranty enni samvatsaralu untundi", "te", "romanised"),
        ("warranty kitne saal ki hai", "hi", "romanised"),
        ("warranty kitne saal ki hai", "mr", "other"),
        ("warranty ethana varusham irukku", "te", "other"),
        ("warranty kitne saal ki hai", "en", "script"),
        ("warranty ethana varusham irukku", "hu", "script"),
        ("வாரண்டி எத்தனை வருஷம்?", "te", "other"),
        ("वारंटी कितने साल की है?", "mr", "script"),
        ("वारंटी कितने साल की है?", "en", "other"),
        ("Mennyi a kiszállási díj?", "hu", "same"),
        ("Mennyi a kiszállási díj?", "en", "script"),
        ("فریج کی وارنٹی کتنی ہے؟", "ar", "script"),
        ("ประกันกี่ปี", "th", "same"),
        ("ประกันกี่ปี", "lo", "other"),
        ("E4", "en", "same"),
        ("E4", "ta", "other"),
        ("1800-000-6400", "ta", "same"),
        ("₹399?", "hu", "same"),
        ("வாரண்டி எத்தனை வருஷம்?", "und", "same"),
        ("வாரண்டி எத்தனை வருஷம்?", "qaa", "script"),
    ],
)
def test_regimes_are_told_by_language_and_script(question: str, passage: str, expected: str) -> None:
    assert REGIMES[regime(detect(question), passage)] == expected


def test_a_question_of_unknown_language_is_held_to_its_script() -> None:
    assert REGIMES[regime(Detected("und", "Latn"), "hu")] == "same"
    assert REGIMES[regime(Detected("und", "Latn"), "th")] == "other"
    assert REGIMES[regime(Detected("und", "Zyyy"), "und")] == "same"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_is_in_its_own_regime(tag: str) -> None:
    assert REGIMES[regime(Detected(tag, LANGUAGES[tag].script), tag)] == "same"


def candidates(regimes: list[int], size: int = SMALL, **standings: list[float]) -> Candidates:
    arrays = {name: np.array(values, np.float32) for name, values in standings.items()}
    return Candidates(size, np.arange(len(regimes)), arrays, arrays, np.array(regimes))


def weights(**believed: float) -> Weights:
    """Weights that double with the size, and are 1, 3, 10, and 7 times as much in the four regimes."""
    numbers = {name: believed.get(name, 0.0) for name in WEIGHED}
    return {
        regime: {name: Weight(factor * number, 2 * factor * number) for name, number in numbers.items()}
        for regime, factor in zip(REGIMES, (1.0, 3.0, 10.0, 7.0), strict=True)
    }


def test_the_fusion_is_a_sum_that_can_be_done_by_hand() -> None:
    found = candidates([0, 1, 2], words=[1.0, 2.0, 0.5], sound=[0.0, -1.0, 4.0], meaning=[2.0, 2.0, 2.0], fit=[0, 0, 1])
    fused = fuse(found, weights(words=0.5, sound=0.25, meaning=0.1, fit=1.0))
    assert fused == pytest.approx([0.5 + 0.2, 3 * (1.0 - 0.25 + 0.2), 10 * (0.25 + 1.0 + 0.2 + 1.0)])


def test_a_signal_that_is_missing_adds_nothing() -> None:
    held = {"words": [1.0, -1.0], "sound": [0.5, 2.0], "meaning": [0.1, 0.3]}
    believed = weights(words=0.5, sound=0.25, meaning=0.1, fit=1.0)
    without = fuse(candidates([0, 2], **held), believed)
    np.testing.assert_array_equal(without, fuse(candidates([0, 2], **held, fit=[0.0, 0.0]), believed))
    assert fuse(candidates([]), believed).tolist() == []


@pytest.mark.parametrize(
    ("size", "times"),
    [(0, 1), (1, 1), (SMALL, 1), (round((SMALL * LARGE) ** 0.5), 1.5), (LARGE, 2), (LARGE + 1, 2), (10**7, 2)],
)
def test_weights_stop_changing_beyond_the_sizes_that_they_were_learned_on(size: int, times: float) -> None:
    found = candidates([0], size, words=[1.0])
    assert fuse(found, weights(words=1.0)) == pytest.approx([times], abs=1e-3)


def test_what_we_ship_believes_every_signal_somewhere() -> None:
    assert load(SHIPPED) == shipped()
    assert tuple(shipped()) == REGIMES
    for name in SIGNALS:
        assert max(shipped()[regime][name].at(size) for regime in REGIMES for size in (SMALL, LARGE)) > 0
    assert fuse(candidates([0, 1, 2, 3], words=[1.0] * 4)) == pytest.approx(
        [shipped()[regime]["words"].at(SMALL) for regime in REGIMES]
    )


def test_weights_are_read_as_they_are_written(tmp_path: Path) -> None:
    lines = [f"[{regime}]\n" + "".join(f"{name} = [0.25, 1]\n" for name in WEIGHED) for regime in REGIMES]
    (tmp_path / "rank.toml").write_text("\n".join(lines), encoding="utf-8")
    read = load(tmp_path / "rank.toml")
    assert {weight for believed in read.values() for weight in believed.values()} == {Weight(0.25, 1.0)}


def test_standard_scores() -> None:
    scores = np.array([1, 2, 3, 6], np.float32)
    assert standard(scores) == pytest.approx((scores - 3) / np.std([1, 2, 3, 6]))
    assert not standard(np.full(5, 7.5, np.float32)).any()
    assert standard(np.zeros(0, np.float32)).tolist() == []


def test_what_is_met_by_one_word_of_many_is_doubted() -> None:
    standing, share = np.array([8, 8, 1, -2], np.float32), np.array([1, 0.125, 1, 0.5], np.float32)
    assert doubted(standing, share) == pytest.approx([4, 2, 1, 0])


def test_the_standard_scores_of_some_are_told_from_the_mean_of_all() -> None:
    scores, chosen = np.array([3, 1, 4, 1, 5], dtype=np.float32), np.array([4, 0])
    assert standard(scores, chosen).tolist() == standard(scores)[chosen].tolist()
    assert standard(np.ones(5, dtype=np.float32), chosen).tolist() == [0, 0]
