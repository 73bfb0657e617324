"""What people say between their words goes, in every language; what they wrote with care stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.heard import Heard, Word
from assistant.transcript.clean import clean, nods

SUITES = Path(__file__).parents[3] / "shared" / "suites"

SPOKEN = [
    (
        "en",
        "um my my my fridge uh it stopped cooling on Monday, no, Tuesday",
        "my fridge it stopped cooling on Tuesday",
    ),
    ("en", "my fri- fridge is making a loud noise", "my fridge is making a loud noise"),
    ("en", "where is the -- where can I see the warranty", "where can I see the warranty"),
    ("en", "it shows E4 no sorry E5", "it shows E5"),
    ("en", "I want to I want to return the mixer", "I want to return the mixer"),
    ("ta", "ஆ... என்னோட என்னோட ஃப்ரிட்ஜ் அந்த... கூலிங் ஆகல", "என்னோட ஃப்ரிட்ஜ் கூலிங் ஆகல"),
    ("ta", "திங்கக்கிழமை, இல்ல இல்ல, செவ்வாய்க்கிழமை வர முடியுமா", "செவ்வாய்க்கிழமை வர முடியுமா"),
    ("ta", "ம்... வா- வாஷிங் மெஷின்ல தண்ணி நிக்கல", "வாஷிங் மெஷின்ல தண்ணி நிக்கல"),
    ("ta-Latn", "adhu vandhu en en fridge cooling aagala", "en fridge cooling aagala"),
    ("te", "అంటే ఆఁ నా నా వాషింగ్ మెషిన్ ఆగిపోయింది", "నా వాషింగ్ మెషిన్ ఆగిపోయింది"),
    ("te", "సోమవారం కాదు కాదు మంగళవారం రండి", "మంగళవారం రండి"),
    ("th", "เอ่อ คือว่า ตู้เย็น ตู้เย็นผมไม่เย็น", "ตู้เย็นผมไม่เย็น"),
    ("th", "ช่างมาวันจันทร์ เอ้ยไม่ใช่ วันอังคารได้ไหม", "ช่างมาวันอังคารได้ไหม"),
    ("hu", "ööö izé a mosógépem nem nem indul", "a mosógépem nem indul"),
    ("hu", "hétfőn, nem, kedden tudnak jönni?", "kedden tudnak jönni?"),
    ("hu", "a hűtőm, bocsánat, nem, a mosógépem nem megy", "a mosógépem nem megy"),
    ("de", "mein mein Kühlschrank kühlt nicht", "mein Kühlschrank kühlt nicht"),
    ("hi", "मतलब उम मेरा मेरा फ्रिज ठंडा नहीं कर रहा", "मेरा फ्रिज ठंडा नहीं कर रहा"),
    ("hi", "सोमवार को, नहीं, मंगलवार को आ सकते हैं क्या", "मंगलवार को आ सकते हैं क्या"),
    (
        "hi-Latn",
        "haan to matlab mera mera fridge thanda nahi ho raha somvar ko nahi nahi mangalvar ko aana",
        "mera fridge thanda nahi ho raha mangalvar ko aana",
    ),
]


@pytest.mark.parametrize(("language", "spoken", "meant"), SPOKEN)
def test_what_was_meant_is_left(language: str, spoken: str, meant: str) -> None:
    assert clean(Heard(spoken), language).text == meant
    assert clean(Heard(meant), language).text == meant


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "my number is nine nine eight eight four four two"),
        ("en", "What is the AAA? He said that that is so, 1 mm thick."),
        ("en", "Is it not covered, no refund at all?"),
        ("de", "Um wie viel Uhr kommt der Techniker"),
        ("te", "వారంటీ అంటే ఏమిటి"),
        ("te", "ఆ ఫ్రిడ్జ్ ధర ఎంత"),
        ("ta", "அந்த ஃப்ரிட்ஜ் எவ்வளவு, ஐந்து ஐந்து ஆறு"),
        ("hi", "धीरे धीरे आवाज़ बढ़ती है, वारंटी का मतलब क्या है"),
        ("th", "น้ำเอ่อล้นออกมา อ่านคู่มือแล้ว แบบไหนดี"),
        ("hu", "Mi az az E4? Nem hétfőn jön."),
        ("hi-Latn", "microwave me F1 aa raha hai"),
        ("ar", "من هم الفنيون؟"),
    ],
)
def test_what_only_looks_so_stays(language: str, text: str) -> None:
    assert clean(Heard(text), language).text == text


def test_words_that_are_left_keep_their_confidences_and_the_record_is_not_touched() -> None:
    words = tuple(
        Word(text, confidence=sure) for text, sure in [("um,", 0.2), ("my", 0.9), ("my", 0.8), ("fridge", 0.4)]
    )
    heard = Heard("um, my my fridge", words, ("um my bridge", "my fridge"))
    left = clean(heard, "en")
    assert left == Heard("my fridge", (words[2], words[3]), ("my bridge",))
    assert heard.words == words


@pytest.mark.parametrize(
    "text",
    ["mhm", "haan ji", "ครับ", "ja", "ஆமா சரிங்க", "avunu andi", "ఆఁ సరే", "uh-huh, go on", "igen, értem", "एक्", "…"],
)
def test_who_nods_says_nothing(text: str) -> None:
    assert nods(text) is (text != "एक्")


@pytest.mark.parametrize("suite", ["xquad", "office365", "gnomehelp"])
def test_fewer_than_one_clean_question_in_two_hundred_changes(suite: str) -> None:
    if not (SUITES / suite).exists():
        pytest.skip(f"../shared/suites/{suite} is not here")
    for file in sorted((SUITES / suite / "cases").glob("*.jsonl")):
        questions = [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()[:400]]
        changed = [text for text in questions if clean(Heard(text), file.stem).text != text]
        assert len(changed) < 0.005 * len(questions) or len(changed) == 1, (file.stem, changed)
