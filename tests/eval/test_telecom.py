"""The telecom suite: every answer stands in a page that is named for it, and half of it is kept for checking."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.metrics.answers import fold, stands
from eval.suite import Suite

TELECOM = Path(__file__).parents[2] / "eval" / "suites" / "telecom"


@pytest.mark.parametrize("language", ["ar", "en", "hi", "hu", "ta", "te", "th"])
def test_every_answer_stands_in_its_pages_and_half_are_held(language: str) -> None:
    cases = Suite.open(TELECOM).cases(language)
    for case in cases:
        pages = [fold((TELECOM / "knowledge" / page).read_text(encoding="utf-8")) for page in case.documents]
        assert all(any(stands(fold(gold), page) for gold in case.answers) for page in pages), case.id
    held = sum("held" in case.tags for case in cases)
    assert abs(2 * held - len(cases)) <= 2
    assert sum(not case.answerable for case in cases) >= 6
