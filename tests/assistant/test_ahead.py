"""Calls that are answered while the caller speaks, and while the model writes; and many calls at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect as join
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from assistant.assistant import Assistant
from assistant.channels import voice
from assistant.channels.ahead import Ahead
from assistant.channels.relay import Prompt, Setup
from assistant.channels.voice import Call, beyond
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk
from assistant.heard import Heard, Word
from assistant.phrases import phrase
from assistant.reply import CERTAIN, Reply
from knowledge import Document, Retriever
from tests.assistant.test_stream import MORE, script, waiting
from tests.assistant.test_voice import PACE, Caller, identity, only, said, serving
from tests.assistant.test_write import KNOWLEDGE, QUESTIONS, TRUE, Scripted

TAGS = {"ta": "ta-IN", "th": "th-TH", "hu": "hu-HU", "hi": "hi-IN", "ar": "ar-EG"}
UNKNOWN = {"ta": "செவ்வாய் கிரகத்துக்கு எத்தனை நிலவுகள்", "th": "ดาวอังคารมีดวงจันทร์กี่ดวง", "hu": "Hány holdja van a Marsnak"}
EVERY = pytest.mark.parametrize("language", TAGS)


DOCUMENTS = [Document(f"{tag}.txt", text, title, tag, f"{tag}.txt") for tag, (title, text) in KNOWLEDGE.items()]


def aloud(language: str, text: str) -> str:
    """What a written sentence begins with when it is said."""
    return Reply("answer", text, language, CERTAIN).spoken.text.rstrip(".।")


class Counting(Assistant):
    """Counts how often it is asked."""

    asked: int = 0

    def reply(self, *words: Any, **more: Any) -> Reply:
        self.asked += 1
        return super().reply(*words, **more)


@EVERY
def test_what_a_model_writes_is_said_sentence_by_sentence(retriever: Retriever, desk: Desk, language: str) -> None:
    model = waiting(language)
    with (
        serving(Assistant(retriever, model=model, threshold=0.0), desk) as address,
        connect(address) as socket,
    ):
        caller = Caller(socket, languages=TAGS[language])
        caller.hears()
        caller.says(QUESTIONS[language], TAGS[language])
        told = [caller.hears()]
        assert (told[0]["last"], model.ended.is_set()) == (False, False)  # said while the model still writes
        assert aloud(language, TRUE[language]) in told[0]["token"]
        assert [turn.speaker for turn in desk.conversation(identity(desk)).turns] == ["customer"]
        model.goes_on.set()
        while not told[-1]["last"]:
            told.append(caller.hears())
        talk = desk.conversation(identity(desk))
    assert aloud(language, MORE[language]) in told[1]["token"]
    assert sum(phrase("spoken_more", language) in each["token"] for each in told) == 1
    assert "[" not in "".join(each["token"] for each in told)
    assert talk.turns[1].text.startswith(f"{TRUE[language]}")
    assert talk.turns[1].citations


@EVERY
def test_who_interrupts_a_model_has_heard_only_so_much(retriever: Retriever, desk: Desk, language: str) -> None:
    model = waiting(language)
    with (
        serving(Assistant(retriever, model=model, threshold=0.0), desk) as address,
        connect(address) as socket,
    ):
        caller = Caller(socket, languages=TAGS[language])
        caller.hears()
        caller.says(QUESTIONS[language], TAGS[language])
        heard = str(caller.hears()["token"])[:12]
        caller.send(type="interrupt", utteranceUntilInterrupt=heard)
        caller.says(phrase("talk_to_person", language), TAGS[language])
        model.goes_on.set()
        while caller.hears()["type"] != "end":
            pass
    talk = only(desk)
    assert [turn.text for turn in talk.turns[:2]] == [QUESTIONS[language], heard]
    assert talk.turns[1].citations == ()


def test_a_model_that_breaks_off_has_said_what_was_said(retriever: Retriever, desk: Desk) -> None:
    begun = f"{script('hu', TRUE['hu'])} {MORE['hu'][:15]}"
    model = Scripted(script=[begun, ConnectionResetError()])
    quote = Assistant(retriever, threshold=0.0).reply(QUESTIONS["hu"], Conversation("c"))
    with serving(Assistant(retriever, model=model, threshold=0.0), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages="hu-HU")
        caller.hears()
        caller.says(QUESTIONS["hu"], "hu-HU")
        first, second = caller.hears(), caller.hears()
        talk = desk.conversation(identity(desk))
    assert (first["last"], second["last"]) == (False, True)
    assert second["token"] == quote.spoken.text
    assert talk.turns[1].text == f"{first['token']}\n{quote.answer}"
    assert talk.turns[1].citations == quote.citations


@pytest.mark.parametrize("language", ["ta", "th", "hu"])
def test_what_was_thought_of_is_said_when_nothing_new_was_heard(retriever: Retriever, language: str) -> None:
    assistant, talk, question = Counting(retriever, threshold=0.0), Conversation("c"), QUESTIONS[language]
    ahead, bare = Ahead(assistant), QUESTIONS[language].rstrip("?").upper()
    ahead.think(bare, talk, Heard(bare))
    assert ahead.reply(question, talk, heard=Heard(question)).citations
    assert assistant.asked == 1
    ahead.reply(f"{question} {question}", talk, heard=Heard(question))  # more was said
    ahead.reply(
        question, replace(talk, turns=(Turn("customer", "?"),)), heard=Heard(question)
    )  # by now, something else was
    ahead.reply(question, talk, heard=Heard(question, (Word("x", confidence=0.3),)))  # it is not sure of what it heard
    ahead.reply(question, talk)  # a choice, or a key
    assert assistant.asked == 5


@pytest.mark.parametrize("language", UNKNOWN)
def test_no_package_is_that_of_something_else_heard(retriever: Retriever, language: str) -> None:
    assistant, talk, question = Counting(retriever), Conversation("c"), f"{UNKNOWN[language]}?"
    ahead, bare = Ahead(assistant), UNKNOWN[language]
    ahead.think(bare, talk, Heard(bare))
    reply = ahead.reply(question, talk, heard=Heard(question))
    assert (reply.handoff and reply.handoff.question, assistant.asked) == (question, 2)
    ahead.think(question, talk, Heard(question))
    reply = ahead.reply(question, talk, heard=Heard(question))
    assert reply.handoff
    assert reply.handoff.question == question
    assert assistant.asked == 3


def test_what_fails_ahead_is_asked_again(retriever: Retriever) -> None:
    class Once(Counting):
        def reply(self, *words: Any, **more: Any) -> Reply:
            if self.asked == 0:
                self.asked = 1
                raise RuntimeError("the index is gone")
            return super().reply(*words, **more)

    assistant, question = Once(retriever, threshold=0.0), QUESTIONS["th"]
    ahead = Ahead(assistant)
    with pytest.raises(RuntimeError):
        ahead.think(question, Conversation("c"), Heard(question))
    assert ahead.reply(question, Conversation("c"), heard=Heard(question)).citations


def test_no_model_is_asked_before_the_caller_has_spoken(retriever: Retriever) -> None:
    model = Scripted(script=[script("ta", TRUE["ta"])])
    assistant = Assistant(retriever, model=model, threshold=0.0)
    assistant.warm(["ta", "th", "hu"], heard=True)
    ahead = Ahead(assistant)
    ahead.think(QUESTIONS["ta"], Conversation("c"), Heard(QUESTIONS["ta"]))
    assert model.asked == []
    assert ahead.reply(QUESTIONS["ta"], Conversation("c"), heard=Heard(QUESTIONS["ta"])).written


def test_warming_ends_as_soon_as_the_caller_has_asked(retriever: Retriever) -> None:
    asked = iter([False, True])
    Assistant(retriever).warm(["ta", "th", "hu"], heard=True, enough=lambda: next(asked))
    assert next(asked, None) is None


@pytest.mark.parametrize("language", UNKNOWN)
def test_nothing_is_kept_of_what_was_not_said_to_its_end(retriever: Retriever, desk: Desk, language: str) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages=TAGS[language])
        caller.hears()
        caller.says(UNKNOWN[language], TAGS[language], last=False)
        caller.says(phrase("talk_to_person", language), TAGS[language], last=False)
        assert caller.asks("[noise]", TAGS[language]) == phrase("not_understood", language)
        assert desk.conversation(identity(desk)).turns == ()
    assert desk.waiting() == []


def test_what_is_left_to_say() -> None:
    assert beyond("", "Egy. Kettő.") == "Egy. Kettő."
    assert beyond("Egy.", "Egy. Kettő.") == "Kettő."
    assert beyond("Egy. Kettő.", "Egy. Kettő; mondjam tovább?") == "mondjam tovább?"
    assert beyond("Egy.", "Egy.") == ""
    assert beyond("Egy.", "Más.") == "Más."


def test_a_call_has_one_connection_the_newest(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "HANG_UP", 0.1)
    with (
        serving(Assistant(retriever), desk) as address,
        connect(address) as lost,
        connect(address) as socket,
    ):
        before = Caller(lost, languages="hu-HU")
        before.hears()
        caller = Caller(socket, languages="hu-HU")
        caller.hears()
        before.says(UNKNOWN["hu"], "hu-HU")
        with pytest.raises(ConnectionClosed):
            before.hears()
        assert caller.asks("köszönöm", "hu-HU") == said("thanks", "hu")
        Caller(socket, "CA2", languages="ta-IN")  # a connection has one call
        assert caller.asks("köszönöm", "hu-HU") == said("thanks", "hu")
    assert desk.waiting() == []


def test_a_connection_that_was_lost_calls_nobody_when_its_time_has_come(retriever: Retriever, desk: Desk) -> None:
    calls: dict[str, Call] = {}
    lost, found = (Call(Assistant(retriever), desk, "", PACE, calls, [].append) for _ in range(2))
    for call in (lost, found):
        list(call.take(Setup(type="setup", callSid="CA1")))
    assert [list(lost.wait()), lost.over] == [[], True]
    lost.close()
    (told,) = found.take(Prompt(type="prompt", voicePrompt="நன்றி", lang="ta-IN"))
    assert (told["token"], found.over) == (said("thanks", "ta"), False)
    found.close()
    assert calls == {}


def test_fifty_calls_at_once_are_each_answered_their_own_question(retriever: Retriever, desk: Desk) -> None:
    asked = [(number, language) for number, language in zip(range(50), list(TAGS) * 10, strict=True)]

    async def calling(address: str, number: int, language: str) -> str:
        async with join(address) as socket:
            parameters = {"languages": TAGS[language]}
            await socket.send(json.dumps({"type": "setup", "callSid": f"CA{number}", "customParameters": parameters}))
            assert json.loads(await socket.recv())["token"] == phrase("introduction", language)
            for last in (False, True):
                prompt = {"type": "prompt", "voicePrompt": QUESTIONS[language], "lang": TAGS[language], "last": last}
                await socket.send(json.dumps(prompt))
            return str(json.loads(await socket.recv())["token"])

    async def all_at_once(address: str) -> list[str]:
        return await asyncio.gather(*(calling(address, *each) for each in asked))

    assistant = Assistant(retriever, threshold=0.0)
    with serving(assistant, desk) as address:
        told = asyncio.run(all_at_once(address))
    answers = {tag: assistant.reply(QUESTIONS[tag], heard=Heard(QUESTIONS[tag])).spoken.text for tag in TAGS}
    assert told == [answers[language] for _, language in asked]
    assert len(set(answers.values())) == len(TAGS)


SHOWN = {
    "ta": ("வாஷிங் மெஷின்ல E4 குறியீடு காட்டுது, என்ன செய்ய வேண்டும்?", "வடிகால்"),
    "en": ("The refrigerator panel shows E4, what should I do?", "E2"),
}
"""What is asked of our own sample, and what the answer says if the code was the other one."""


@pytest.fixture(scope="module")
def sample(index: Path) -> Assistant:
    return Assistant(Retriever.open(index))


@pytest.mark.parametrize("language", SHOWN)
def test_a_doubtful_code_is_asked_back_of_the_samples_manuals(sample: Assistant, desk: Desk, language: str) -> None:
    question, answer = SHOWN[language]
    words = [{"text": word, "confidence": 0.3 if word.startswith("E4") else 0.95} for word in question.split()]
    tag = f"{language}-IN"
    with serving(sample, desk) as address, connect(address) as socket:
        caller = Caller(socket, languages=tag)
        caller.hears()
        caller.says(question, tag, words=words, alternatives=[question.replace("E4", "E2")])
        assert caller.hears()["last"]
        assert set(desk.conversation(identity(desk)).choices) == {"E4", "E2"}
        caller.asks("E2", tag)
        talk = desk.conversation(identity(desk))
        assert answer in talk.turns[-1].text
        assert talk.turns[-1].citations
        told = caller.asks(phrase("talk_to_person", language), tag)
        assert told.startswith(said("handoff_asked_for_person", language))
        assert json.loads(caller.hears()["handoffData"])["said"]
