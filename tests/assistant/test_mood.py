from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from assistant.mood import Mood, mood
from assistant.phrases import languages
from eval.suite import Suite

HERE = Path(__file__).parent
SUITES = HERE.parents[2] / "shared" / "suites"
GOLDEN = HERE.parents[1] / "eval" / "suites" / "golden"
SAID: dict[str, dict[str, list[str]]] = tomllib.loads((HERE / "mood.toml").read_text(encoding="utf-8"))
UNSEEN = slice(1, None, 2)
"""The half of the sentences that the lists were not made with."""


def test_every_language_is_tried() -> None:
    assert set(SAID) == set(languages())


@pytest.mark.parametrize("language", SAID)
def test_who_is_upset_or_in_need_is_heard_and_who_is_calm_is_left_in_peace(language: str) -> None:
    unseen = [(feeling, text) for feeling, texts in SAID[language].items() for text in texts[UNSEEN]]
    wrong = [(feeling, text) for feeling, text in unseen if mood(text).feeling != feeling]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    ("text", "feeling"),
    [
        ("You idiots, smoke is coming out of it and I will call my lawyer", "danger"), ("ok 😡", "upset"),
        ("கேஸ் வாசனை வருது, நீங்க எல்லாம் ஏமாத்துறவங்க", "danger"), ("தேங்க்ஸ் 😊", "calm"), ("MI AZ E4 HIBA JELENTÉSE A KIJELZŐN", "calm"),
        ("MIÉRT NEM MŰKÖDIK MÉG MINDIG", "upset"), ("ยังไม่ได้ของเลย!!!!", "upset"), ("E4???", "calm"), ("", "calm"),
    ],
)  # fmt: skip
def test_the_most_urgent_is_told_and_form_alone_is_no_anger(text: str, feeling: str) -> None:
    assert mood(text).feeling == feeling


def test_urgency_rises_with_what_is_at_stake() -> None:
    urgency = [Mood(feeling).urgency for feeling in ("calm", "upset", "bereavement", "legal", "danger")]
    assert urgency == [0, 1, 2, 2, 3]


def test_hardly_a_question_of_the_golden_suite_is_upset() -> None:
    """Those that are tell of smoke, shocks and courts."""
    suite = Suite.open(GOLDEN)
    asked = [case.question for language in suite.asked for case in suite.cases(language)]
    assert sum(mood(question).feeling != "calm" for question in asked) <= 0.02 * len(asked)


@pytest.mark.skipif(not SUITES.exists(), reason="../shared/suites is not here")
@pytest.mark.parametrize(
    ("name", "language"), [("xquad", "ar"), ("gnomehelp", "ta"), ("iapp", "th"), ("office365", "hu")]
)
def test_manuals_and_encyclopaedias_are_calm(name: str, language: str) -> None:
    lines = (SUITES / name / "cases" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()[:400]
    upset = [line for line in lines if mood(json.loads(line)["question"]).urgency]
    assert len(upset) <= 0.003 * len(lines) + 1, upset
