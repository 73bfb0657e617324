"""The gate: what must turn it red, what must not, and what it says."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.compare import CompareError, compare
from eval.outcomes import Outcome
from eval.run import Run
from eval.suite import Case

SPOKEN = {
    "ta": "பொருளை {} நாட்களுக்குள் திருப்பித் தரலாம்.",
    "te": "వస్తువును {} రోజుల్లో తిరిగి ఇవ్వవచ్చు.",
    "th": "ส่งคืนสินค้าได้ภายใน {} วัน",
    "hu": "A terméket {} napon belül visszaküldheti.",
    "hi": "आप {} दिनों के भीतर सामान लौटा सकते हैं।",
}


def run(outcomes: Sequence[Outcome], name: str) -> Run:
    return Run(Path(name), {}, tuple(outcomes), {})


def answered(i: int, language: str, right: bool = True, tags: tuple[str, ...] = ()) -> Outcome:
    """The case i, asked in a language, answered from its document or from another one."""
    case = Case(f"{language}-{i}", "?", (f"d{i}",), (str(100 + i),), language=language, tags=tags)
    found = (f"d{i}", "other") if right else ("other", "another")
    quote = {"document": found[0], "quote": str(100 + i), "start": 0, "end": 3}
    return Outcome(case, "answer", SPOKEN[language].format(100 + i if right else 7), language, 0.9, (quote,), found)


def suite(n: int, skill: float = 0.9, seed: int = 0, languages: Sequence[str] = tuple(SPOKEN)) -> list[Outcome]:
    dice = random.Random(seed)
    return [answered(i, language, dice.random() < skill) for language in languages for i in range(n)]


def broken(outcomes: Sequence[Outcome], language: str, share: float, seed: int = 1) -> list[Outcome]:
    """The same run with a share of one language's answers broken."""
    ours = [i for i, outcome in enumerate(outcomes) if outcome.case.language == language]
    hurt = set(random.Random(seed).sample(ours, round(share * len(ours))))
    return [
        replace(outcome, answer="Sorry.", citations=(), hits=("other",)) if i in hurt else outcome
        for i, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize("n", [150, 200, 400])
def test_five_broken_answers_in_a_hundred_are_caught_and_named(n: int) -> None:
    before = suite(n)
    comparison = compare(run(before, "monday"), run(broken(before, "ta", 0.05), "tuesday"))
    assert comparison.failed
    assert comparison.languages == ("ta",)
    assert comparison.verdict.startswith("FAILED: tuesday is worse than monday in Tamil (ta).")
    hit = next(each for each in comparison.differences if (each.language, each.metric) == ("ta", "answer_hit"))
    assert hit.failed
    assert hit.high is not None
    assert hit.high < 0
    assert all(case.startswith("ta-") for case in hit.broken)
    assert hit.broken[0] in comparison.verdict


def test_languages_that_did_not_change_make_no_drop_harder_to_see() -> None:
    before = suite(60, 1.0)
    after = [answered(i % 60, outcome.case.language, i not in range(6)) for i, outcome in enumerate(before)]
    assert compare(run(before, "a"), run(after, "b")).languages == ("ta",)


@pytest.mark.parametrize(
    "what", [{"answer": ""}, {"answer": "???"}, {"action": "handoff", "citations": ()}, {"hits": (), "citations": ()}]
)
def test_whatever_way_answers_break_it_shows(what: dict[str, object]) -> None:
    before = suite(200)
    after = [
        replace(outcome, **what) if outcome.case.language == "ta" and i % 15 == 0 else outcome
        for i, outcome in enumerate(before)
    ]
    assert compare(run(before, "a"), run(after, "b")).languages == ("ta",)


def test_a_run_is_not_worse_than_itself_nor_than_a_worse_one() -> None:
    before = suite(60)
    assert not compare(run(before, "a"), run(before, "b")).failed
    assert not compare(run(broken(before, "ta", 0.5), "a"), run(before, "b")).failed


def test_runs_that_differ_by_noise_alone_rarely_fail() -> None:
    """200 repetitions, each answer right with 0.8 in either run: at most 5 in 100 may be red."""
    alarms = 0
    for i in range(200):
        first, second = (suite(30, 0.8, seed, ("ta", "th", "hu")) for seed in (2 * i, 2 * i + 1))
        alarms += compare(run(first, "a"), run(second, "b"), metrics=("answer_hit", "crag", "ndcg@10"), seed=i).failed
    assert alarms <= 10


def test_a_drop_within_the_margin_is_nobodys_concern() -> None:
    before = suite(400, 1.0)
    after = broken(before, "hu", 0.04)
    assert compare(run(before, "a"), run(after, "b")).failed
    assert not compare(run(before, "a"), run(after, "b"), margin=0.1).failed


def test_few_cases_prove_nothing_and_the_verdict_says_so() -> None:
    before = [answered(i, "ta") for i in range(4)]
    after = [answered(i, "ta", right=False) for i in range(4)]
    comparison = compare(run(before, "a"), run(after, "b"))
    assert not comparison.failed
    fell = "answer_hit (The expected words stand in the answer) fell from 100.0% to 0.0% over 4 cases; chance does that"
    assert f"Not proven: Tamil (ta): {fell}" in comparison.verdict
    assert "Tamil (ta): too few cases to prove a drop: 6 would have to break" in comparison.verdict


def test_a_case_that_must_not_break_needs_no_statistics() -> None:
    before = [answered(i, "th", tags=("must",) if i == 2 else ()) for i in range(4)]
    after = [answered(i, "th", right=i != 2, tags=before[i].case.tags) for i in range(4)]
    comparison = compare(run(before, "a"), run(after, "b"))
    assert comparison.failed
    assert comparison.verdict.splitlines()[:2] == [
        "FAILED: b is worse than a in Thai (th).",
        "Thai (th): was right, is not, and is tagged 'must': th-2.",
    ]
    failures = ET.fromstring(comparison.junit()).iterfind("testcase[failure]")
    assert [(case.get("classname"), case.get("name")) for case in failures] == [("th", "must")]
    assert not compare(run(after, "a"), run(before, "b")).failed


def test_only_common_cases_are_compared_and_the_others_named() -> None:
    before, after = suite(20)[:-1], suite(20)[1:]
    comparison = compare(run(before, "a"), run(after, "b"))
    assert (comparison.only_a, comparison.only_b) == (("ta-0",), ("hi-19",))
    assert "b lacks 1 cases, which were left out: ta-0." in comparison.verdict


def test_a_case_with_other_gold_is_another_case() -> None:
    before = suite(20, 1.0, languages=("th",))
    after = [
        replace(outcome, case=replace(outcome.case, documents=())) if i < 10 else outcome
        for i, outcome in enumerate(before)
    ]
    comparison = compare(run(before, "a"), run(after, "b"))
    assert not comparison.failed
    assert {difference.n for difference in comparison.differences} == {10}
    assert len(comparison.only_a) == len(comparison.only_b) == 10


def test_what_cannot_be_compared_is_refused() -> None:
    ours = suite(3)
    with pytest.raises(CompareError, match="share no case"):
        compare(run(ours[:3], "a"), run(ours[3:], "b"))
    with pytest.raises(CompareError, match="'auroc' cannot be compared"):
        compare(run(ours, "a"), run(ours, "b"), metrics=("auroc",))


def test_build_servers_can_read_it() -> None:
    before = suite(200)
    hostile = [replace(outcome, case=replace(outcome.case, id=outcome.case.id + "\x00<&>")) for outcome in before]
    comparison = compare(run(hostile, "a"), run(broken(hostile, "ta", 0.1), "b"))
    root = ET.fromstring(comparison.junit())
    failed = [case.get("classname") for case in root.iter("testcase") if case.find("failure") is not None]
    assert set(failed) == {"ta"}
    assert root.get("failures") == str(len(failed))
    assert root.get("tests") == str(len(list(root.iter("testcase"))))
    assert comparison.json()["languages"] == ["ta"]
