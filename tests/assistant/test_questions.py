from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.questions import split, together
from assistant.reply import Confidence, Found, Handoff, Reply
from tests.conftest import GROWN, growth

XQUAD = Path(__file__).parents[3] / "shared" / "suites" / "xquad"


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("Do you deliver on Sundays? And what does it cost?", ("Do you deliver on Sundays?", "And what does it cost?")),
        ("డెలివరీ ఎప్పుడు? ఛార్జీ ఎంత?", ("డెలివరీ ఎప్పుడు?", "ఛార్జీ ఎంత?")),
        ("டெலிவரி எப்போது வரும், கட்டணம் எவ்வளவு ஆகும்", ("டெலிவரி எப்போது வரும்", "கட்டணம் எவ்வளவு ஆகும்")),
        ("ส่งถึงเชียงใหม่กี่วัน แล้วค่าส่งเท่าไหร่", ("ส่งถึงเชียงใหม่กี่วัน", "ค่าส่งเท่าไหร่")),
        ("Mikor hozzák ki, és mennyibe kerül a szállítás?", ("Mikor hozzák ki", "mennyibe kerül a szállítás?")),
        ("डिलीवरी कब होगी, और कितना लगेगा?", ("डिलीवरी कब होगी", "कितना लगेगा?")),
        ("متى يصل الطلب؟ وكم رسوم التوصيل؟", ("متى يصل الطلب؟", "وكم رسوم التوصيل؟")),
        ("delivery kab hogi, aur kitna paisa lagega", ("delivery kab hogi", "kitna paisa lagega")),
    ],
)  # fmt: skip
def test_two_questions_are_two(message: str, parts: tuple[str, ...]) -> None:
    assert split(message) == parts


@pytest.mark.parametrize(
    ("message", "one"),
    [
        ("Hi, how do I clean the filter?", "how do I clean the filter?"),
        ("வணக்கம், வடிகட்டியை எப்படி மாற்றுவது?", "வடிகட்டியை எப்படி மாற்றுவது?"),
        ("สวัสดีค่ะ เปลี่ยนตัวกรองยังไงคะ", "เปลี่ยนตัวกรองยังไงคะ"),
        ("السلام عليكم، كم مدة الضمان؟ شكرا", "كم مدة الضمان؟ شكرا"),
        ("My fridge leaks. Is that covered?", "My fridge leaks. Is that covered?"),
        ("Folyik a hűtőm. Erre van garancia?", "Folyik a hűtőm. Erre van garancia?"),
        ("Really? Why?", "Really? Why?"),
        ("मशीन और फ्रिज की वारंटी कितनी है?", "मशीन और फ्रिज की वारंटी कितनी है?"),
        ("நன்றி", "நன்றி"),
    ],
)  # fmt: skip
def test_one_question_is_one_without_its_greeting(message: str, one: str) -> None:
    assert split(message) == (one,)


@pytest.mark.skipif(not XQUAD.exists(), reason="../shared/suites/xquad is not here")
def test_single_questions_in_twelve_languages_stay_whole() -> None:
    files = sorted((XQUAD / "cases").glob("*.jsonl"))
    assert len(files) == 12
    for file in files:
        questions = [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()[:200]]
        assert sum(len(split(question)) > 1 for question in questions) <= 0.01 * len(questions), file.stem


def test_what_is_known_is_said_and_a_person_takes_the_rest() -> None:
    known = Reply("answer", "ஆம்", "ta", Confidence(0.8), hits=(Found("a", "a1", 2.0), Found("b", "b1", 1.0)))
    package = Handoff("unsure", "Why.", "ta", "எவ்வளவு?")
    rest = Reply("handoff", "தெரியவில்லை", "ta", Confidence(0.1), handoff=package, hits=(Found("c", "c1", 3.0),))
    both = together(("உண்டா?", "எவ்வளவு?"), (known, rest))
    assert (both.action, both.confidence.value) == ("handoff", 0.8)
    assert both.answer == "உண்டா?\nஆம்\n\nஎவ்வளவு?\nதெரியவில்லை"
    assert [hit.document for hit in both.hits] == ["a", "c", "b"]
    assert both.handoff is not None
    assert both.handoff.question == "எவ்வளவு?"
    assert both.handoff.answered == ("உண்டா?",)


def test_a_reply_is_as_sure_as_its_least_sure_answer() -> None:
    replies = [Reply("answer", "a", "hu", Confidence(value)) for value in (0.9, 0.6)]
    both = together(("Mennyi az ára?", "Mikor jön meg?"), replies)
    assert (both.action, both.confidence.value, both.handoff) == ("answer", 0.6, None)


@pytest.mark.parametrize("unit", [" ", "\u2003 ", "a, ", "and ", "எப்போது, ", "?", ".", "ก"])
def test_rows_of_the_same_take_no_longer_than_other_text(unit: str) -> None:
    split("எப்போது வரும்? எவ்வளவு?")
    assert growth(split, unit, 4000) < GROWN
