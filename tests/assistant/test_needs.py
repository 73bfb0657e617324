from __future__ import annotations

from pathlib import Path

import pytest

from assistant.needs import Needs, features, needs_knowledge
from eval.suite import Suite
from knowledge import open_embedder

GOLDEN = Path(__file__).parents[2] / "eval" / "suites" / "golden"


@pytest.mark.parametrize(
    "message",
    [
        "என் ஆர்டர் நம்பர் 5521", "நாளைக்கு மெக்கானிக்கை அனுப்புங்க", "ఎల్లుండి రెండు టికెట్లు బుక్ చేయండి", "ขอสองที่นั่งพรุ่งนี้",
        "Foglaljon két jegyet vasárnapra", "Nagy Anna vagyok", "मेरा पता 5 नेहरू नगर है", "दो किलो भेज दो", "احجز لي موعدا يوم الأحد",
        "اسمي فاطمة", "mera order number 77120 hai", "I'd like a table for three at 6 pm", "the red one please", "yes book it",
    ],
)  # fmt: skip
def test_what_is_to_be_done_or_noted_is_not_searched_for(message: str) -> None:
    assert not needs_knowledge(message)


@pytest.mark.parametrize(
    "message",
    [
        "வாரண்டி", "மோட்டாருக்கு?", "fridge la thanni varudhu", "ఫ్రిజ్ చల్లగా అవ్వడం లేదు", "filter ela marchali", "ตู้เย็นไม่เย็น",
        "nem hűt a hűtő", "fridge thanda nahi kar raha", "फ्रिज से आवाज़ आ रही है", "الثلاجة لا تبرد", "my fridge leaks", "refund?",
    ],
)  # fmt: skip
def test_problems_and_bare_words_are_searched_for(message: str) -> None:
    assert needs_knowledge(message)


@pytest.mark.parametrize(
    "message",
    ["what documents do I need to register", "are you open on Friday", "كيف أغير رقمي", "எப்ப என் ஆர்டர் வரும்", "हम आपके यहाँ कब बुकिंग करें", "థైరాయిడ్ టెస్ట్ రేటు ఎంతండి"],
)  # fmt: skip
def test_what_asks_is_searched_for_whatever_else_it_says(message: str) -> None:
    assert needs_knowledge(message)


def test_hardly_a_question_of_the_golden_suite_is_passed_over() -> None:
    suite = Suite.open(GOLDEN)
    asked = [case.question for language in suite.asked for case in suite.cases(language) if case.answerable]
    model = Needs.load()
    assert (model.evidence(asked) > model.threshold).mean() >= 0.99


def test_the_numbers_are_of_the_embedder_that_is_shipped() -> None:
    assert Needs.load().embedder == open_embedder("static").name
    assert features(["E4?"])[0, :6].tolist() == pytest.approx([1, 0, 0, 1, 0, 0.3466], abs=1e-4)
