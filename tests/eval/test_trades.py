"""The suites of other trades than the sample's: every answer stands in a page that is named for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.metrics.answers import fold, stands
from eval.suite import Suite

SUITES = Path(__file__).parents[2] / "eval" / "suites"
TRADES = {
    "telecom": ["ar", "en", "hi", "hu", "ta", "te", "th"],
    **dict.fromkeys(["bank", "hospital", "travel"], ["ar", "en", "hi", "hu", "id", "ta", "te", "th"]),
}


@pytest.mark.parametrize(("trade", "language"), [(trade, tag) for trade, tags in TRADES.items() for tag in tags])
def test_every_answer_stands_in_its_pages(trade: str, language: str) -> None:
    cases = Suite.open(SUITES / trade).cases(language)
    for case in cases:
        pages = [fold((SUITES / trade / "knowledge" / page).read_text(encoding="utf-8")) for page in case.documents]
        assert all(any(stands(fold(gold), page) for gold in case.answers) for page in pages), case.id
        assert bool(pages) == bool(case.answers), case.id
    assert sum(not case.answerable for case in cases) >= 6


@pytest.mark.parametrize("language", TRADES["telecom"])
def test_half_of_the_telecoms_questions_are_held(language: str) -> None:
    cases = Suite.open(SUITES / "telecom").cases(language)
    assert abs(2 * sum("held" in case.tags for case in cases) - len(cases)) <= 2
