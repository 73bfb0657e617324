"""What may have been misheard: it is looked for by its sound, asked back where it decides, and marked for the agent."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.channels.chat import say
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk
from assistant.doubt import asked_for, doubtful, picked, readings, reworded, sure
from assistant.heard import Heard, Word
from assistant.phrases import phrase
from knowledge import Document, Retriever, build

CODES = {
    "ta": (
        "E4 பிழை வந்தால் என்ன செய்ய வேண்டும்?",
        "{} பிழை வந்தால் {}",
        ("கதவை மீண்டும் அழுத்தி மூடுங்கள்.", "வடிகட்டியைச் சுத்தம் செய்யுங்கள்."),
    ),
    "te": ("E4 లోపం వస్తే ఏమి చేయాలి?", "{} లోపం వస్తే {}", ("తలుపును మళ్ళీ గట్టిగా మూయండి.", "ఫిల్టర్‌ను శుభ్రం చేయండి.")),
    "th": ("รหัส E4 ต้องแก้อย่างไร", "รหัส {} แก้โดย {}", ("ปิดประตูเครื่องให้สนิทอีกครั้ง", "ล้างแผ่นกรองให้สะอาด")),
    "hu": ("Mit tegyek az E4 hibánál?", "Az {} hibánál {}", ("csukja be újra az ajtót.", "tisztítsa meg a szűrőt.")),
    "hi": ("E4 गड़बड़ी आने पर क्या करें?", "{} गड़बड़ी आने पर {}", ("दरवाज़ा फिर से दबाकर बंद करें।", "फ़िल्टर साफ़ करें।")),
    "en": (
        "What should I do about error E4?",
        "About error {} you should {}",
        ("press the door shut again.", "clean the filter."),
    ),
}
LANGUAGES = list(CODES)
BOTH = ("E4", "A4")


@pytest.fixture(scope="module")
def retrievers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Retriever]:
    opened = {}
    for language, (_, text, remedies) in CODES.items():
        folder = tmp_path_factory.mktemp(language)
        told = [(code, text.format(code, remedy)) for code, remedy in zip(BOTH, remedies, strict=True)]
        build([Document(code, said, code, language, f"{code}.md") for code, said in told], folder)
        opened[language] = Retriever.open(folder)
    return opened


def heard(text: str, confidence: float, *alternatives: str) -> Heard:
    """The code with a confidence, every other word for sure."""
    words = (Word(word, confidence=confidence if "E4" in word else 1.0) for word in text.split())
    return Heard(text, tuple(words), alternatives)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubtful_code_that_decides_is_asked_back_and_the_pick_answers(
    language: str, retrievers: dict[str, Retriever], tmp_path: Path
) -> None:
    question, _, remedies = CODES[language]
    assistant, desk = Assistant(retrievers[language], threshold=0.0), Desk(f"sqlite:///{tmp_path}/desk.db")
    id = desk.start("voice").id
    reply = say(assistant, desk, id, question, heard=heard(question, 0.3))
    assert reply is not None
    assert (reply.action, reply.choices) == ("clarify", BOTH)
    assert reply.answer == phrase("did_you_say", language, first="E4", last="A4")
    picked = say(assistant, desk, id, "a4.", heard=Heard("a4."))
    assert picked is not None
    assert picked.action == "answer"
    assert remedies[1].rstrip(".।") in picked.answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_that_was_heard_for_sure_is_not_asked_back(language: str, retrievers: dict[str, Retriever]) -> None:
    question, _, remedies = CODES[language]
    reply = Assistant(retrievers[language], threshold=0.0).reply(question, heard=heard(question, 0.95))
    assert reply.action == "answer"
    assert remedies[0].rstrip(".।") in reply.answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubtful_word_that_decides_nothing_goes_marked_into_the_handoff(
    language: str, retrievers: dict[str, Retriever], tmp_path: Path
) -> None:
    question = CODES[language][0]
    desk = Desk(f"sqlite:///{tmp_path}/desk.db")
    id = desk.start("voice").id
    reply = say(Assistant(retrievers[language], threshold=1.1), desk, id, question, heard=heard(question, 0.3))
    while reply is not None and reply.action == "clarify":  # it may be asked what it is about, first
        reply = say(Assistant(retrievers[language], threshold=1.1), desk, id, question, heard=heard(question, 0.3))
    assert reply is not None
    assert reply.handoff is not None
    assert reply.handoff.doubtful == ("E4",)
    assert "Perhaps misheard: “E4”." in reply.handoff.summary
    assert reply.json()["handoff"]["doubtful"] == ("E4",)
    kept = desk.handoff(id)
    assert kept is not None
    assert kept.doubtful == ("E4",)


@pytest.mark.parametrize("language", LANGUAGES)
def test_doubt_lowers_the_confidence_by_what_was_not_heard(language: str, retrievers: dict[str, Retriever]) -> None:
    question = CODES[language][0]
    assistant = Assistant(retrievers[language], threshold=1.1)
    values = [assistant.reply(question, heard=heard(question, each)).confidence for each in (1.0, 0.8, 0.3)]
    assert [each.signals["heard"] for each in values] == sorted(
        (each.signals["heard"] for each in values), reverse=True
    )
    assert values[0].value > values[1].value > values[2].value


GARBLED = {
    "ta": ("ஈ போர் பிலை வந்தா என்ன", "E4 பிழை வந்தால் என்ன செய்ய வேண்டும்?"),
    "te": ("ఈ ఫోర్ లోపల వస్తే ఏమి", "E4 లోపం వస్తే ఏమి చేయాలి?"),
    "th": ("ระหัด อีโฟร์ แก้ไง", "รหัส E4 ต้องแก้อย่างไร"),
    "hu": ("mit egyek az én négy hibámnál", "Mit tegyek az E4 hibánál?"),
    "hi": ("ई फोर गड़बड़ आने क्या", "E4 गड़बड़ी आने पर क्या करें?"),
    "en": ("what should i do about terror e for", "What should I do about error E4?"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_alternative_speaks_for_what_it_says(language: str, retrievers: dict[str, Retriever]) -> None:
    misheard, said = GARBLED[language]
    found = retrievers[language].search(misheard, 2, sure={}, alternatives=(said,))
    alone = {hit.passage.document: hit.score for hit in retrievers[language].search(misheard, 2, sure={})}
    both = {hit.passage.document: hit.score for hit in found}
    assert both["E4"] - both["A4"] > alone["E4"] - alone["A4"]


def test_what_is_doubtful_and_what_it_may_have_been(retrievers: dict[str, Retriever]) -> None:
    unsure = Heard("Mit tegyek az E4 hibánál?", (Word("E4", confidence=0.4), Word(" az", confidence=0.5), Word("Mit")))
    assert sure(unsure) == {"e4": 0.4, "az": 0.5}
    assert doubtful(unsure, unsure.text) == ("E4",)
    assert doubtful(None, "E4") == ()
    assert readings("E4", unsure, retrievers["hu"]) == BOTH
    other = Heard("mit tegyek az e4 hibánál", alternatives=("mit tegyek az ajtót hibánál",))
    assert readings("e4", other, retrievers["hu"]) == ("e4", "ajtót")
    assert reworded("E4 అంటే? e4!", "E4", "A4") == "A4 అంటే? A4!"
    assert picked("e 4.", BOTH) == "E4"
    assert picked("E5", BOTH) is None
    assert asked_for("Mit jelent az E4?", ("E4", "A4")) == "E4"
    assert asked_for("என்ன வாரண்டி", ("வாரண்டியா", "வரண்ட")) == "வாரண்டி"


def test_a_customer_is_not_asked_twice_for_a_word(retrievers: dict[str, Retriever]) -> None:
    question = CODES["th"][0]
    turns = (Turn("customer", question, "th"), Turn("assistant", "?", "th", choices=BOTH))
    said = "ไม่ใช่ทั้งสองอย่าง " + question
    reply = Assistant(retrievers["th"], threshold=0.0).reply(said, Conversation("", turns), heard=heard(said, 0.3))
    assert reply.action != "clarify"


@pytest.mark.parametrize(
    ("text", "small", "large"),
    [
        ("நான் எப்போது பணம் வாங்கலாம்", "எப்போது", "பணம்"),
        ("నా పాయింట్లు ఎప్పుడు ఎక్స్‌పైర్ అవుతాయి", "ఎప్పుడు", "పాయింట్లు"),
        ("mikor jár le a jótállás", "mikor", "jótállás"),
        ("पॉइंट कब ख़त्म होते हैं", "कब", "पॉइंट"),
        ("how do I return the fridge", "how", "fridge"),
        ("en points eppo expire aagum", "eppo", "points"),
        ("mera refund kab aayega batao", "kab", "refund"),
    ],
)
def test_a_small_word_is_not_asked_back(text: str, small: str, large: str) -> None:
    words = tuple(Word(word, confidence=0.3 if word in (small, large) else 1.0) for word in text.split())
    assert doubtful(Heard(text, words), text) == (large,)


def test_a_small_word_is_not_asked_back_in_thai() -> None:
    text = "เมื่อไหร่ เงินคืน จะเข้า"
    words = tuple(Word(word, confidence=0.3) for word in text.split()[:2])
    assert doubtful(Heard(text, words), text) == ("เงินคืน",)


def test_a_word_with_vowel_signs_is_no_code(retrievers: dict[str, Retriever]) -> None:
    for language, word in (("te", "ఎప్పుడు"), ("ta", "எப்போது"), ("hi", "कितना")):
        assert retrievers[language].vocabulary.codes(word) == []
    assert retrievers["te"].vocabulary.codes("e4") == ["a4"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubtful_code_is_asked_back_however_unsure_its_answer_is(
    language: str, retrievers: dict[str, Retriever]
) -> None:
    question = CODES[language][0]
    reply = Assistant(retrievers[language], threshold=1.1).reply(question, heard=heard(question, 0.06))
    assert (reply.action, reply.choices) == ("clarify", BOTH)
