"""The golden suite: what it promises to hold, and what the assistant must reach on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import pytrec_eval
from rich.console import Console

from eval.floors import load
from eval.outcomes import Outcome
from eval.run import Run, Settings, run
from eval.suite import Case, Suite
from tests.conftest import sharing

GOLDEN = Path(__file__).parents[2] / "eval" / "suites" / "golden"
XQUAD = Path(__file__).parents[3] / "shared" / "suites" / "xquad"
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


@pytest.fixture(scope="module")
def done(indexes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    out = sharing(indexes, tmp_path_factory.mktemp("runs"))
    return run(GOLDEN, Settings(limit=15), out=out, console=Console(quiet=True))


def test_every_language_has_its_floors(done: Run) -> None:
    """That they are reached is held by the commands of docs/evaluation.md, which the tests run."""
    floors = load(GOLDEN / "floors.toml")
    assert set(floors) == {*LANGUAGES, "overall"}
    assert done.manifest["counts"]["crashed"] == 0
    known = {language: figures.keys() for language, figures in done.metrics["languages"].items()}
    known["overall"] = done.metrics["overall"].keys()
    assert [name for name, floor in floors.items() if not floor.keys() <= known[name]] == []


def judged_by_trec(outcomes: Iterable[Outcome]) -> float:
    """The mean ndcg@10 of the rankings, as trec_eval computes it."""
    ranked = [outcome for outcome in outcomes if outcome.case.answerable]
    gold = {str(n): dict.fromkeys(outcome.case.documents, 1) for n, outcome in enumerate(ranked)}
    found = {
        str(n): {document: -float(place) for place, document in enumerate(outcome.hits or ())}
        for n, outcome in enumerate(ranked)
    }
    theirs = pytrec_eval.RelevanceEvaluator(gold, {"ndcg_cut.10"}).evaluate(found)
    return sum(theirs.get(query, {}).get("ndcg_cut_10", 0.0) for query in gold) / len(gold)


def test_rankings_are_scored_as_trec_eval_scores_them(done: Run) -> None:
    assert done.metrics["overall"]["ndcg@10"]["value"] == pytest.approx(judged_by_trec(done.outcomes), abs=1e-4)


@pytest.mark.skipif(not XQUAD.exists(), reason="../shared/suites/xquad is not here")
def test_thai_is_scored_as_trec_eval_scores_it(tmp_path: Path, indexes: Path) -> None:
    settings = Settings(documents="th", cases="th", limit=60)
    part = run(XQUAD, settings, out=sharing(indexes, tmp_path), console=Console(quiet=True))
    assert part.metrics["languages"]["th"]["ndcg@10"]["value"] == pytest.approx(judged_by_trec(part.outcomes), abs=1e-4)
