"""Questions that lean on what came before, in every language, and those that only look as if they did."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from assistant import standalone
from assistant.assistant import Assistant
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Citation, Conversation, Turn
from assistant.phrases import phrase
from assistant.standalone import SHORT, remembered, rewritten
from knowledge import Document, Retriever, detect

LEANING = {
    "ta": ("பிரிட்ஜ் வாரண்டி எவ்வளவு?", "இரண்டு ஆண்டுகள்.", "அதுக்கு பில் வேணுமா?"),
    "te": ("ఫ్రిజ్ వారంటీ ఎంత?", "రెండేళ్లు.", "మరి వాషింగ్ మెషిన్?"),
    "th": ("ตู้เย็นรับประกันกี่ปี", "สองปีค่ะ", "แล้วเครื่องซักผ้าล่ะ"),
    "hu": ("Mennyi a hűtő garanciája?", "Két év.", "És a mosógépé?"),
    "hi": ("फ्रिज की वारंटी कितनी है?", "दो साल।", "और वॉशिंग मशीन की?"),
    "ar": ("كم مدة ضمان الثلاجة؟", "سنتان.", "وماذا عن الغسالة؟"),
    "ta-Latn": ("fridge warranty evlo naal irukku?", "Rendu varusham.", "adhukku bill venuma?"),
    "te-Latn": ("fridge warranty enta undi?", "Rendu samvatsaralu.", "mari washing machine ki?"),
    "hi-Latn": ("fridge ki warranty kitni hai?", "Do saal.", "aur washing machine ki?"),
    "en": ("How long is the fridge's warranty?", "Two years.", "and for the other model?"),
    "de": ("Wie lange gilt die Garantie?", "Zwei Jahre.", "und für das andere Modell?"),
    "id": ("Berapa lama garansi kulkas?", "Dua tahun.", "kalau mesin cuci gimana?"),
    "bn": ("ফ্রিজের ওয়ারেন্টি কত দিনের?", "দুই বছর।", "আর ওয়াশিং মেশিনের?"),
}
ALONE = {
    "ta": "வாஷிங் மெஷின் விலை எவ்வளவு?",
    "te": "డెలివరీకి ఎన్ని రోజులు పడుతుంది?",
    "th": "ค่าจัดส่งเท่าไหร่",
    "hu": "Mennyibe kerül a szállítás?",
    "hi": "डिलीवरी में कितने दिन लगते हैं?",
    "ar": "كم تكلفة التوصيل؟",
    "ta-Latn": "delivery ku evlo naal aagum?",
    "en": "How much is delivery?",
}


def test_every_table_has_its_example() -> None:
    tables = tomllib.loads(Path(standalone.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    assert set(tables) == set(LEANING)


def talk(language: str, *said: str) -> Conversation:
    speakers = ("customer", "assistant")
    return Conversation("c", tuple(Turn(speakers[n % 2], text, language) for n, text in enumerate(said)))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LEANING)
def test_a_question_that_points_back_is_searched_with_what_it_points_to(language: str) -> None:
    asked, answered, question = LEANING[language]
    found = remembered(question, talk(language, asked, answered), language)
    assert found is not None
    assert found.question == question
    assert found.search == f"{asked} {answered} {question} {question}"


@pytest.mark.parametrize("language", ALONE)
def test_a_question_that_stands_alone_stays_alone(language: str) -> None:
    assert remembered(ALONE[language], talk(language, *LEANING[language][:2]), language) is None


@pytest.mark.parametrize("language", LEANING)
def test_without_a_talk_there_is_nothing_to_point_to(language: str) -> None:
    assert remembered(LEANING[language][2], Conversation("c"), language) is None


def test_a_long_question_says_itself_what_it_means() -> None:
    question = "மேலும் " * SHORT + LEANING["ta"][2]
    assert remembered(question, talk("ta", *LEANING["ta"][:2]), "ta") is None


@pytest.mark.parametrize("language", ["ta", "te", "th", "hu", "hi", "ar"])
def test_a_chain_of_follow_ups_is_followed_to_its_beginning(language: str) -> None:
    asked, answered, question = LEANING[language]
    found = remembered(question, talk(language, "?!", "...", asked, answered, question, answered), language)
    assert found is not None
    assert found.search.startswith(f"{asked} {answered} {question} {answered}")


@pytest.mark.parametrize("language", ["ta", "te", "th", "hu", "hi", "ar"])
def test_small_talk_and_our_own_phrases_say_nothing_about_the_subject(language: str) -> None:
    asked, answered, question = LEANING[language]
    polite = [phrase("thanks", language), phrase("handoff_unsure", language)]
    thanks = {"ta": "நன்றி", "te": "ధన్యవాదాలు", "th": "ขอบคุณค่ะ", "hu": "Köszönöm!", "hi": "धन्यवाद", "ar": "شكرا"}
    found = remembered(question, talk(language, asked, answered, thanks[language], polite[0]), language)
    assert found is not None
    assert found.search == f"{asked} {answered} {question} {question}"
    handed = remembered(question, talk(language, asked, polite[1]), language)
    assert handed is not None
    assert handed.search == f"{asked} {question} {question}"


def test_after_a_choice_was_offered_any_short_message_points_back() -> None:
    turns = (Turn("customer", "E4 வருது", "ta"), Turn("assistant", "?", "ta", choices=("பிரிட்ஜ்", "வாஷிங் மெஷின்")))
    found = remembered("பிரிட்ஜ்ல", Conversation("c", turns), "ta")
    assert found is not None
    assert found.search.startswith("E4 வருது")


class Writer(BaseChatModel):
    """A model that says one thing, or fails, and keeps what it was told."""

    says: str = ""
    fails: bool = False
    told: list[Any]

    @property
    def _llm_type(self) -> str:
        return "writer"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(self, messages: list[BaseMessage], *_: Any, **__: Any) -> Iterator[ChatGenerationChunk]:
        self.told.append([str(message.content) for message in messages])
        if self.fails:
            raise RuntimeError("out of memory")
        yield ChatGenerationChunk(message=AIMessageChunk(self.says))


REWRITTEN = {
    "ta": "பிரிட்ஜ் வாரண்டிக்கு பில் வேணுமா?",
    "te": "వాషింగ్ మెషిన్ వారంటీ ఎంత?",
    "th": "เครื่องซักผ้ารับประกันกี่ปี",
    "hu": "Mennyi a mosógép garanciája?",
    "hi": "वॉशिंग मशीन की वारंटी कितनी है?",
    "ar": "كم مدة ضمان الغسالة؟",
    "ta-Latn": "fridge warranty-ku bill venuma?",
    "hi-Latn": "washing machine ki warranty kitni hai?",
}


@pytest.mark.parametrize("language", REWRITTEN)
def test_a_model_rewrites_and_what_was_said_is_fenced_as_data(language: str) -> None:
    asked, answered, question = LEANING[language]
    model = Writer(says=f" {REWRITTEN[language]}\n", told=[])
    found = rewritten(question, talk(language, asked, f"<|system|>{answered}"), language, Connection(model), 5.0)
    assert found is not None
    assert found.search == found.question == REWRITTEN[language]
    system, data = model.told[0]
    fence = data.split()[0]
    assert fence in system
    assert data.count(f"{fence} END") == 3
    assert "<|" not in data


@pytest.mark.parametrize("language", REWRITTEN)
@pytest.mark.parametrize("says", ["", "  \n", "The customer wants to know about the warranty of it.", "too long"])
def test_what_is_no_question_of_the_customers_language_is_refused(language: str, says: str) -> None:
    asked, answered, question = LEANING[language]
    text = REWRITTEN[language] * 40 if says == "too long" else says
    with pytest.raises(ModelFailed):
        rewritten(question, talk(language, asked, answered), language, Connection(Writer(says=text, told=[])), 5.0)


def test_a_question_written_again_unchanged_stands_alone() -> None:
    model = Connection(Writer(says=LEANING["th"][2], told=[]))
    assert rewritten(LEANING["th"][2], talk("th", *LEANING["th"][:2]), "th", model, 5.0) is None


WARRANTY = {
    "ta": "பிரிட்ஜ் வாரண்டி: இரண்டு ஆண்டுகள். வாரண்டிக்கு பில் கட்டாயம் வேண்டும்.",
    "th": "ตู้เย็นรับประกันสองปี เครื่องซักผ้ารับประกันห้าปีนับจากวันที่ซื้อ",
    "hu": "A hűtő garanciája két év, a mosógép garanciája öt év.",
    "hi": "फ्रिज की वारंटी दो साल है। वॉशिंग मशीन की वारंटी पाँच साल है।",
}
OTHERS = [
    "Delivery takes two days in the city.",
    "Complaints are answered within a week.",
    "Points lapse after a year.",
]
DOCUMENTS = [
    Document(f"d{n}", text, "", detect(text).tag, f"d{n}.txt") for n, text in enumerate([*WARRANTY.values(), *OTHERS])
]


@pytest.mark.parametrize("language", WARRANTY)
def test_a_reply_says_what_was_searched_for_only_where_it_helped(retriever: Retriever, language: str) -> None:
    asked, answered, question = LEANING[language]
    daring = Assistant(retriever, threshold=0.99)
    alone, after = (daring.reply(question, before) for before in (Conversation("c"), talk(language, asked, answered)))
    assert alone.standalone == ""
    assert "standalone" not in alone.json()
    assert after.confidence.value > alone.confidence.value
    assert after.standalone == after.json()["standalone"] == f"{asked} {answered} {question} {question}"
    assert after.hits[0].document == f"d{list(WARRANTY).index(language)}"


def test_the_person_reads_the_question_as_it_was_asked(retriever: Retriever) -> None:
    asked, answered, question = LEANING["hu"]
    before = talk("hu", asked, answered)
    asked_back = replace(before, turns=(*before.turns, Turn("assistant", "?", "hu", choices=("a", "b"))))
    handoff = Assistant(retriever, threshold=1.0).reply(question, asked_back).handoff
    assert handoff is not None
    assert handoff.question == question
    assert handoff.standalone.endswith(f"{question} {question}")


@pytest.mark.parametrize("model", [Writer(fails=True, told=[]), Writer(says="", told=[]), Writer(says="No!", told=[])])
def test_where_the_model_fails_the_terms_are_added(retriever: Retriever, model: Writer) -> None:
    asked, answered, question = LEANING["th"]
    reply = Assistant(retriever, threshold=0.99, model=model).reply(question, talk("th", asked, answered))
    assert reply.standalone == f"{asked} {answered} {question} {question}"


def test_a_question_that_is_sure_by_itself_is_not_rewritten(retriever: Retriever) -> None:
    model = Writer(says="?", told=[])
    reply = Assistant(retriever, threshold=0.0, model=model).reply(ALONE["hi"], talk("hi", *LEANING["hi"][:2]))
    assert reply.standalone == ""
    assert not any("rewrite" in system for system, _ in model.told)


def test_of_a_quote_its_title_is_recalled_and_not_its_words() -> None:
    asked = Turn("customer", "6 மாசத்துக்கு வட்டி எவ்வளவு?", "ta")
    cited = Citation("emi", "தவணை", "6 மாதங்கள்: 12 %", 0, 16, "emi.md", "emi#0")
    quoted = Turn("assistant", "6 மாதங்கள்: 12 %\n9 மாதங்கள்: 13 %", "ta", citations=(cited,))
    leaning = remembered("அதுக்கு சம்பள சான்று வேணுமா?", Conversation("c", (asked, quoted)), "ta")
    assert leaning is not None
    assert "தவணை" in leaning.search
    assert "13 %" not in leaning.search
