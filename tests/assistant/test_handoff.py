"""What an agent reads of a handoff, in the agent's language, and who else reads nothing of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any, get_args

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.asked import Asked
from assistant.assistant import Assistant
from assistant.brief import Brief
from assistant.channels import html
from assistant.channels.suggestions import Suggestions
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk
from assistant.fields import FieldKind
from assistant.handoff import background, hand_over, summary, up_to_date
from assistant.mood import Mood
from assistant.phrases import language_name, languages, phrase
from assistant.reply import Feeling, Reason, Tried
from knowledge import Document, Retriever

EVERY = pytest.mark.parametrize("language", languages())
PHONE, MAIL, CARD = "98765 43210", "meena.k@example.com", "4111 1111 1111 1111"
BEFORE = (
    Turn("customer", f"என் எண் {PHONE}, ஆர்டர் எண் 447122", "ta"),
    Turn("assistant", "பணம் 5 நாட்களில் வரும்.", "ta"),
)
QUESTION = f"இன்னும் பணம் ₹499 வரவில்லை, {MAIL} கார்டு {CARD}"
TALK = Conversation("c", (*BEFORE, Turn("customer", QUESTION, "ta")), "open")
GIVEN = replace(
    hand_over("unsure", Asked(QUESTION, "ta", Conversation("c", BEFORE), None, mood=Mood("legal"))),  # type: ignore[arg-type]
    tried=(Tried("d", "பணம் திரும்ப", "5 நாட்கள்", 0.3),),
    answered=("டெலிவரி இலவசமா?",),
)
WRITES = {
    "ta": "வாடிக்கையாளர் 447122 ஆர்டருக்கான ₹499 பணம் இன்னும் வரவில்லை என்கிறார்.",
    "ta-Latn": "Customer ku 447122 order oda panam ₹499 innum varala nu sollraanga.",
    "te": "447122 ఆర్డర్‌కు ₹499 డబ్బు ఇంకా రాలేదని కస్టమర్ చెబుతున్నారు.",
    "te-Latn": "447122 order ki ₹499 dabbu inka raaledu ani customer cheptunnaru.",
    "th": "ลูกค้าแจ้งว่ายังไม่ได้รับเงินคืน 499 รูปีของคำสั่งซื้อ 447122",
    "hu": "Az ügyfél szerint a 447122 számú rendelés 499 rúpiája még nem érkezett meg.",
    "hi": "ग्राहक कहते हैं कि ऑर्डर 447122 के ₹499 अभी तक नहीं आए हैं।",
    "hi-Latn": "Customer keh rahe hain ki order 447122 ke ₹499 abhi tak nahi aaye hain.",
    "ar": "يقول العميل إن مبلغ 499 روبية للطلب 447122 لم يصل بعد.",
    "bn": "গ্রাহক বলছেন অর্ডার 447122-এর ₹499 এখনও আসেনি।",
    "id": "Pelanggan mengatakan uang 499 rupee untuk pesanan 447122 belum diterima.",
    "de": "Der Kunde sagt, dass die 499 Rupien der Bestellung 447122 noch nicht angekommen sind.",
    "en": "The customer says that the 499 rupees of order 447122 have not arrived yet.",
}


class Writer(BaseChatModel):
    """Writes one text after the other, and remembers what it was told."""

    texts: list[str]
    told: list[str]

    @property
    def _llm_type(self) -> str:
        return "writer"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:  # noqa: ARG002
        return ChatResult(generations=[ChatGeneration(message=AIMessage(""))])

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        self.told.extend(str(message.content) for message in messages)
        yield ChatGenerationChunk(message=AIMessageChunk(self.texts[len(self.told) // 2 - 1]))


DOCUMENTS = [Document("d", "பணம் 5 நாட்களில் திரும்பி வரும்.", "பணம் திரும்ப", "ta", "d.md")]


@EVERY
def test_an_agent_reads_why_and_what_in_their_own_language(language: str) -> None:
    told = summary(GIVEN, language)
    assert told.startswith(f"{phrase('mood_legal', language)}. {phrase('reason_unsure', language)}.")
    assert language_name("ta", language) in told
    assert all(part in told for part in (QUESTION, BEFORE[0].text, "பணம் திரும்ப", "டெலிவரி இலவசமா?"))
    assert "{" not in told
    shown = html.why(GIVEN, language=language)
    for key in ("why_it_came", "what_was_asked", "noted", "assistant_said", "passages_tried", "from_talk"):
        assert phrase(key, language) in shown
    assert f"<dt>{phrase('field_order', language)}</dt><dd><bdi>447122</bdi></dd>" in shown
    assert f"<div {html.written(language)}>" in shown
    assert phrase("by_model", language) not in shown


@EVERY
def test_what_is_asked_of_who_waits_is_noted_when_it_comes(language: str) -> None:
    asks = phrase("collect", language, wanted=phrase("order", language))
    since = (
        Turn("assistant", f"{phrase('handoff_unsure', language)}\n{asks}", language),
        Turn("customer", "044 2345 6789", language),
        Turn("customer", "558213", language),
        Turn("customer", "660011", language),
    )
    noted = up_to_date(GIVEN, replace(TALK, turns=(*TALK.turns, *since))).fields
    assert [field.value for field in noted if field.kind == "order"] == ["447122", "558213"]
    assert [field.value for field in noted if field.kind == "phone"] == ["9876543210", "04423456789"]
    assert [field for field in noted if field.turn <= len(TALK.turns)] == list(GIVEN.fields)


@pytest.mark.parametrize(
    ("agent", "last", "told"),
    [
        (
            "en",
            "هل يمكنني إرجاع الثلاجة؟",
            "the last: “\N{FIRST STRONG ISOLATE}هل يمكنني إرجاع الثلاجة؟\N{POP DIRECTIONAL ISOLATE}”",
        ),
        ("ar", "هل يمكنني إرجاع الثلاجة؟", "آخرها: «هل يمكنني إرجاع الثلاجة؟»"),
        ("ar", "திரும்பக் கொடுக்கலாமா?", "آخرها: «\N{FIRST STRONG ISOLATE}திரும்பக் கொடுக்கலாமா?\N{POP DIRECTIONAL ISOLATE}»"),
        ("en", "திரும்பக் கொடுக்கலாமா?", "the last: “திரும்பக் கொடுக்கலாமா?”"),
    ],
)
def test_what_runs_the_other_way_stays_between_its_marks(agent: str, last: str, told: str) -> None:
    assert told in background(replace(GIVEN, wrote=(last,)), agent)


def test_what_a_package_notes_stays_where_nothing_is_told_since() -> None:
    assert up_to_date(GIVEN, TALK) == GIVEN


@EVERY
def test_every_reason_mood_and_field_has_a_word_of_its_own(language: str) -> None:
    kinds = {"reason": get_args(Reason), "mood": set(get_args(Feeling)) - {"calm"}, "field": get_args(FieldKind)}
    for kind, names in kinds.items():
        words = [phrase(f"{kind}_{name}", language) for name in names]
        assert len(set(words)) == len(names), words
        if kind != "field" and language != "en":
            assert not set(words) & {phrase(f"{kind}_{name}", "en") for name in names}


@EVERY
def test_what_a_model_tells_an_agent_says_so(retriever: Retriever, language: str) -> None:
    question = WRITES[language].replace("447122", "")  # which stands in an earlier turn
    model = Writer(texts=[WRITES[language], question], told=[])
    brief = Assistant(retriever, model=model).brief(GIVEN, TALK, language)
    translated = "" if language in ("ta", "ta-Latn") else " ".join(question.split())
    assert brief == Brief(WRITES[language], translated)
    shown = html.why(GIVEN, language=language, brief=brief)
    assert WRITES[language] in shown
    assert phrase("by_model", language) in shown
    assert (phrase("translated", language) in shown) == bool(translated)
    assert phrase("from_talk", language) not in shown
    assert not any(own in told for own in (PHONE, MAIL, CARD, "9876543210") for told in model.told)
    assert "447122" in "".join(model.told)  # an order's number the agent needs


@pytest.mark.parametrize(
    "text",
    ["", WRITES["th"], WRITES["hu"].replace("499", "500"), "A kérdése érthető. " * 60, "Hívja a 06 1 234 5678-at!"],
)
def test_a_brief_that_cannot_be_trusted_is_not_shown(
    retriever: Retriever, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert Assistant(retriever, model=Writer(texts=[text] * 2, told=[])).brief(GIVEN, TALK, "hu") is None
    assert "The model does not brief the agent" in caplog.text


def test_a_figure_may_be_written_in_other_digits_or_words(retriever: Retriever) -> None:
    asked = Turn("customer", "ஐந்து நாட்கள் ஆச்சு, ₹௧,௪௯௯ வரல", "ta")
    package = hand_over("unsure", Asked(asked.text, "ta", Conversation("c"), None))  # type: ignore[arg-type]
    for text in ("Öt napja nem jött meg az 1499 rúpia.", "Már 5 napja nem érkezett meg az 1,499 rúpia."):
        model = Writer(texts=[text] * 2, told=[])
        assert Assistant(retriever, model=model).brief(package, Conversation("c", (asked,)), "hu") == Brief(text, text)


def test_without_a_model_there_is_no_brief(retriever: Retriever, tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'desk.db'}")
    assert Suggestions(Assistant(retriever), desk).brief(TALK, GIVEN, "hu") is None
    told = Suggestions(Assistant(retriever, model=Writer(texts=[WRITES["ta"]], told=[])), desk)
    deadline = monotonic() + 8
    while (made := told.brief(TALK, GIVEN, "ta")) is None and monotonic() < deadline:
        sleep(0.01)
    assert made == Brief(WRITES["ta"])


def secrets(shown: str) -> Iterator[str]:
    """What of the customer's own stands in a text, however it is spaced."""
    plain = re.sub(r"[\s-]", "", shown)
    yield from (own for own in (PHONE, MAIL, CARD) if own.replace(" ", "") in plain)


def test_who_does_not_have_the_case_reads_no_personal_data(tmp_path: Path) -> None:
    desk = Desk(f"sqlite:///{tmp_path / 'desk.db'}")
    id = desk.start().id
    given = replace(GIVEN, summary=summary(GIVEN, "en"), question=f"{MAIL} {CARD} {PHONE} " + QUESTION * 5)
    desk.append(id, TALK.turns[0], handoff=given)
    (ticket,) = desk.waiting()
    shown = html.queue([ticket], [ticket], id, ticket.since)
    assert "[email]" in shown
    assert "[card]" in shown
    for listing in (repr(desk.waiting()), repr(desk.ticket(id)), repr(desk.counts()), shown):
        assert not list(secrets(listing))
    desk.claim(id, "Réka")
    package = desk.handoff(id)
    assert package
    assert set(secrets(html.why(package))) == {PHONE, MAIL, CARD}  # whoever has the case needs them
    assert not list(secrets(repr(desk.mine("Réka"))))
