"""What agents say against what the knowledge says: wrong figures and denials are found, and who is right is left alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from assistant.speech.written import written
from assistant.transcript.contradictions import Contradiction, contradictions
from knowledge import Retriever

TOLD = tomllib.loads(Path(__file__).with_name("agents.toml").read_text(encoding="utf-8"))
RECALL, PRECISION = 0.7, 0.9


@pytest.fixture(scope="module")
def sample(index: Path) -> Retriever:
    return Retriever.open(index)


def against(language: str, question: str, said: str, sample: Retriever) -> tuple[Contradiction, ...]:
    return contradictions(written(said, language), written(question, language), sample)


@pytest.mark.parametrize("half", TOLD)
def test_who_is_wrong_is_found_and_who_is_right_is_not_accused(half: str, sample: Retriever) -> None:
    rows = [(language, *row) for language, told in TOLD[half].items() for row in told]
    found = [row for row in rows if row[3:] and against(*row[:2], row[3], sample)]
    accused = [row for row in rows if against(*row[:3], sample)]
    assert len(found) / sum(len(row) == 4 for row in rows) >= RECALL
    assert len(found) / (len(found) + len(accused)) >= PRECISION, accused


@pytest.mark.parametrize(
    ("language", "question", "said", "claimed", "known"),
    [
        ("en", "how long are my call recordings kept", "For ninety days.", "90 day", "180 day"),
        ("ta", "கேஸ் நிரப்ப எவ்வளவு சார், வாரண்டி முடிஞ்சுடுச்சு", "ஆயிரத்து எண்ணூறு ரூபாய் ஆகும்", "1800 inr", "2400 inr"),
        ("te", "నా పాయింట్లు ఎన్ని నెలలు చెల్లుతాయి", "ఇరవై నాలుగు నెలలు", "24 month", "18 month"),
        ("th", "ค่าช่างเข้าตรวจเท่าไหร่คะ หมดประกันแล้ว", "สามร้อยห้าสิบบาทค่ะ", "350 thb", "450 thb"),
        ("hu", "meddig érvényesek a pontjaim", "Két évig érvényesek.", "2 year", "12 month"),
        ("hi", "पॉइंट कब एक्सपायर होते हैं", "बारह महीने बाद", "12 month", "18 month"),
    ],
)  # fmt: skip
def test_the_figure_that_is_wrong_stands_beside_the_right_one(
    language: str, question: str, said: str, claimed: str, known: str, sample: Retriever
) -> None:
    (one,) = against(language, question, said, sample)
    assert (one.claimed, one.known) == ((claimed,), (known,))


@pytest.mark.parametrize(
    ("language", "question", "said"),
    [
        ("en", "When will it arrive in Chennai?", "In two days."),
        ("en", "When will it arrive in Ladakh?", "In ten days."),
        ("hi", "पॉइंट कब एक्सपायर होते हैं", "डेढ़ साल बाद"),
        ("hu", "mikor jön meg, ha nincs készleten?", "Tizenkét munkanap alatt."),
        ("te", "నా ఆర్డర్ హైదరాబాద్ కి ఎన్ని రోజుల్లో వస్తుంది", "రెండు రోజుల్లో వస్తుంది"),
        ("th", "ส่งไปเกาะกี่วัน", "ประมาณหกวันค่ะ"),
        ("ta", "சென்னைக்கு எத்தனை நாள்ல வரும்", "ரெண்டு நாள்ல வரும்"),
    ],
)  # fmt: skip
def test_within_a_span_or_in_another_unit_is_no_contradiction(
    language: str, question: str, said: str, sample: Retriever
) -> None:
    assert not against(language, question, said, sample)
