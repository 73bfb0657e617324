"""The suites of other trades than the sample's: every answer stands in a page that is named for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.metrics.answers import fold, stands
from eval.suite import Suite

SUITES = Path(__file__).parents[2] / "eval" / "suites"
TONGUES = ["ar", "en", "hi", "hu", "ta", "te", "th"]
CASES = [(trade, tag) for trade in ("telecom", "bank", "hospital", "travel") for tag in TONGUES]


@pytest.mark.parametrize(("trade", "language"), [*CASES, ("bank", "id"), ("hospital", "id"), ("travel", "id")])
def test_every_answer_stands_in_its_pages(trade: str, language: str) -> None:
    cases = Suite.open(SUITES / trade).cases(language)
    for case in cases:
        pages = [fold((SUITES / trade / "knowledge" / page).read_text(encoding="utf-8")) for page in case.documents]
        assert all(any(stands(fold(gold), page) for gold in case.answers) for page in pages), case.id
        assert bool(pages) == bool(case.answers), case.id
    assert sum(not case.answerable for case in cases) >= 6


@pytest.mark.parametrize("language", TONGUES)
def test_half_of_the_telecoms_questions_are_held(language: str) -> None:
    cases = Suite.open(SUITES / "telecom").cases(language)
    assert abs(2 * sum("held" in case.tags for case in cases) - len(cases)) <= 2
