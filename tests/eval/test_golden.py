"""The golden suite: what it promises to hold, and what the assistant must reach on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from eval.floors import load, missed
from eval.run import run
from eval.suite import Case, Suite

GOLDEN = Path(__file__).parents[2] / "eval" / "suites" / "golden"
LANGUAGES = ("en", "hi", "hu", "ta", "te", "th")
TAGS = {"paraphrase", "number", "code", "code-mix", "romanised", "misspelling", "cross-language", "follow-up"}
TAGS |= {"voice", "two-questions", "ambiguous", "small-talk", "person", "hostile", "unanswerable"}
LATIN = {"en", "hu"}
"""Written in Latin letters anyway, so nothing to romanise."""
KINDS: dict[str, Callable[[Case], bool]] = {
    "follow-up": lambda case: bool(case.history),
    "voice": lambda case: case.channel == "voice",
    "unanswerable": lambda case: not case.answerable and case.action == "handoff",
    "person": lambda case: case.action == "handoff",
    "ambiguous": lambda case: case.action == "clarify",
}
"""What a case of such a tag must be."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_question_is_asked_in_every_language(language: str) -> None:
    cases = Suite.open(GOLDEN).cases(language)
    assert len(cases) >= 40
    assert {tag for case in cases for tag in case.tags} >= TAGS - ({"romanised"} if language in LATIN else set())
    for tag, is_one in KINDS.items():
        assert [case.id for case in cases if tag in case.tags and not is_one(case)] == []


def test_the_assistant_reaches_its_floors(tmp_path: Path) -> None:
    floors = load(GOLDEN / "floors.toml")
    assert set(floors) == {*LANGUAGES, "overall"}
    done = run(GOLDEN, out=tmp_path, console=Console(quiet=True))
    assert done.manifest["counts"]["crashed"] == 0
    assert missed(done.metrics, floors) == []
