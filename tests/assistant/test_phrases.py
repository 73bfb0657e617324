from __future__ import annotations

import string
import tomllib
from pathlib import Path

import pytest

from assistant import phrases
from assistant.phrases import intent, language_name, languages, phrase, phrasebook
from knowledge.language import detect

FIELDS = {
    "place": "2",
    "agent": "Meena",
    "language": "English",
    "limit": "1000",
    "page": "7",
    "document": "manual.pdf",
    "quote": "30 days",
    "wanted": "order",
    "first": "E4",
    "last": "A4",
    "title": "Returns",
    "said": "Yes",
    "count": "4",
    "choices": "A or B",
    "question": "?",
    "words": "“E4”",
    "questions": "?",
    "titles": "manual",
    "outcome": "other",
    "ours": "Hungarian",
    "theirs": "Thai",
    "kind": "quote",
    "kinds": "quotes",
    "share": "84%",
}


DESK = tomllib.loads((Path(phrases.__file__).parent / "en.toml").read_text(encoding="utf-8"))["desk"]


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


BOOKS = Path(phrases.__file__).parent


def test_the_languages_we_promise_are_there() -> None:
    assert {"ta", "te", "th", "hu", "hi", "en", "ar", "bn", "id", "de", "ta-Latn", "te-Latn", "hi-Latn"} <= set(
        languages()
    )


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything_with_the_same_fields(language: str) -> None:
    english = phrasebook("en")
    assert {key: fields(text) for key, text in phrasebook(language).items()} == {
        key: fields(text) for key, text in english.items()
    }
    assert all(phrase(key, language, **FIELDS).strip() for key in english)


def test_a_tag_falls_back_to_what_it_extends_then_to_english() -> None:
    assert phrase("send", "ta-Latn-IN") == phrase("send", "ta-Latn") != phrase("send", "ta")
    assert phrase("send", "hu-HU") == "Küldés"
    assert phrase("send", "und") == "Send"


def test_languages_are_named_as_their_reader_names_them() -> None:
    assert language_name("en", "hu") == "angol"
    assert language_name("ta", "th") == "ทมิฬ"
    assert language_name("en", "ta-Latn") == "English"
    assert language_name("ta-Latn", "hu") == "tamil (Latin)"
    assert language_name("hi-Latn", "ta") == "இந்தி (லத்தின்)"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("hellooo", "greeting"), ("สวัสดีค่ะ", "greeting"), ("Jó napot kívánok!", "greeting"), ("السلام عليكم", "greeting"),
        ("thankssss!!", "thanks"), ("🙏 நன்றி", "thanks"), ("ขอบคุณมากครับ", "thanks"), ("shukriya bhai", "thanks"),
        ("ok thanks bye", "farewell"), ("Viszlát", "farewell"), ("ok", "acknowledgement"), ("సరే", "acknowledgement"),
        ("meeru evaru?", "who_are_you"), ("Wer sind Sie?", "who_are_you"), ("আপনি কে?", "who_are_you"),
        ("धन्यवाद, काम हो गया", "thanks"), ("ขอบคุณค่ะ ได้คำตอบแล้ว", "thanks"), ("ఒక్క నిమిషం", "acknowledgement"),
        ("terima kasih banyak ya kak", "thanks"), ("thik hai bhai dhanyawad", "thanks"),
        ("haan thik hai", "acknowledgement"), ("theek hai", "acknowledgement"), ("โอเคค่ะ ขอบคุณมากๆนะคะ", "thanks"), ("โอเคครับ", "acknowledgement"),
        ("nagyon köszi", "thanks"), ("köszönöm szépen a segítséget", "thanks"), ("oksi", "acknowledgement"), ("புரிஞ்சுது நன்றி", "thanks"),
        ("seri da", "acknowledgement"), ("sarle thanks", "thanks"), ("సర్లే", "acknowledgement"), ("thanks yaar", "thanks"),
        ("สวัสดีค่ะะะ", "greeting"),
    ],
)  # fmt: skip
def test_small_talk_is_heard(text: str, wanted: str) -> None:
    assert intent(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "I don't want a bot, connect me to an agent", "manager kitta pesanum", "ஒரு மனுஷன் கிட்ட பேசணும்", "manishi tho matladali",
        "అధికారితో మాట్లాడాలి", "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ", "ตู้เย็นเสีย ขอคุยกับคนจริงๆ ได้ไหมครับ", "ember kell, nem robot",
        "Ügyintézővel szeretnék beszélni", "kisi insaan se baat karao", "मुझे किसी इंसान से बात करनी है", "أريد التحدث مع موظف",
        "একজন মানুষের সাথে কথা বলতে চাই", "Saya mau bicara dengan petugas", "Ich möchte mit einem Menschen sprechen", "agent!!",
        "ஊழியரிடம் பேச", "Staff kitta pesa", "సిబ్బందితో మాట్లాడండి", "Staff tho matladandi", "Beszélek egy munkatárssal",
    ],
)  # fmt: skip
def test_a_call_for_a_person_is_heard(text: str) -> None:
    assert intent(text) == "person"


@pytest.mark.parametrize(
    "text",
    [
        "வணக்கம், fridge வேலை செய்யல", "is a service agent's visit free?", "ช่างจะมากี่โมง", "hi my order is late",
        "How do I contact the delivery person?", "Does the technician speak Tamil?", "How many people does it serve?",
        "kya technician hindi bolta hai", "Wie viele Personen passen hinein?", "ok but when will it arrive?", "webkamera-kezelő", "", "??",
    ],
)  # fmt: skip
def test_a_question_is_not_small_talk(text: str) -> None:
    assert intent(text) is None


@pytest.mark.parametrize(
    ("name", "text", "heard"),
    [
        ("asking", "நாளைக்கு ஆள் வருவாங்களா", True), ("asking", "நாளைக்கு ஆள் வருவாங்க", False), ("asking", "app-ல ஆர்டர் போட்டாச்சா", True),
        ("acting", "ఫోన్ నంబర్ మార్చండి", True), ("danger", "my brother got a shock", True), ("danger", "Wave 7-ல இருந்து புகை வருது", True),
        ("danger", "Wave 7-ல துணி இருக்கு", False), ("upset", "நீங்க எல்லாம் முட்டாள் sir", True),
    ],
)  # fmt: skip
def test_a_clause_is_heard_in_each_script_that_it_has(name: str, text: str, heard: bool) -> None:
    assert phrases.holds(name, text) is heard


@pytest.mark.parametrize("script", ["LATIN", "TAMIL", "TELUGU", "DEVANAGARI", "THAI", "BENGALI", "ARABIC"])
def test_every_book_can_be_listened_for(script: str, recwarn: pytest.WarningsRecorder) -> None:
    names = {name for path in BOOKS.glob("*.toml") for name in tomllib.loads(path.read_text("utf-8")).get("hear", {})}
    assert all(phrases._heard(name, script).search("   ") is None for name in names)
    assert not recwarn.list  # of sets within sets, which `re` reads otherwise than `regex`


@pytest.mark.parametrize("language", languages())
def test_the_button_that_calls_a_person_calls_one(language: str) -> None:
    assert intent(phrase("talk_to_person", language)) == "person"


@pytest.mark.parametrize("language", languages())
def test_what_we_say_is_recognised_as_the_language_we_say_it_in(language: str) -> None:
    for key, sentence in phrasebook(language).items():
        # Agents' labels: romanised ones are full of English words, and no customer reads them.
        unheard = {"und", "en"} if key in DESK and language.endswith("-Latn") else set()
        own = "".join(text for text, *_ in string.Formatter().parse(sentence))
        if len(own) > 30:
            assert detect(own).tag in {language, *unheard}, key
