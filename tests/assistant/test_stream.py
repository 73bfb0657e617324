"""What is shown of an answer while a model writes it: on every way to the customer, checked sentences only."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.channels import html
from assistant.channels.api import create
from assistant.channels.chat import say
from assistant.channels.events import as_accepted
from assistant.channels.terminal import rest
from assistant.connection import ModelFailed
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk, DeskUnavailable
from assistant.phrases import phrase
from assistant.reply import CERTAIN, Reply
from knowledge import Document, Retriever
from tests.assistant.test_write import KNOWLEDGE, QUESTIONS, STOP, TRUE, Scripted, conversation

MORE = {
    "ta": "வாங்கிய பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம்",
    "th": "ค่าบริการนอกประกันครั้งละ 500 บาทต่อการเข้าตรวจหนึ่งครั้ง",
    "hu": "A díjat a helyszínen kártyával is kifizetheti",
    "hi": "पिकअप का शुल्क ₹249 है",
    "ar": "مدة الضمان سنتان من تاريخ الشراء",
}
FALSE = {
    "ta": "எடுத்துச் செல்ல ₹999 கட்டணம் உண்டு",
    "th": "ค่าบริการนอกประกันครั้งละ 999 บาทต่อการเข้าตรวจหนึ่งครั้ง",
    "hu": "A szerelő kiszállási díja 999 Ft",
    "hi": "पिकअप का शुल्क ₹999 है",
    "ar": "رسوم زيارة الفني 999 درهمًا، وتشمل الفحص",
}
ASKED = {
    "ta": ("எடுத்துச் செல்ல கட்டணம் எவ்வளவு?", "எடுத்துச் செல்ல ₹249 கட்டணம் உண்டு"),
    "hu": ("Hány munkanapon belül válaszolnak a panaszokra?", "A panaszokra öt munkanapon belül válaszolunk"),
    "ar": ("كم مدة الضمان من تاريخ الشراء؟", MORE["ar"]),
}
"""A second question, and what is true of it."""


DOCUMENTS = [Document(f"{tag}.txt", text, title, tag, f"{tag}.txt") for tag, (title, text) in KNOWLEDGE.items()]


def answering(retriever: Retriever, *script: Any) -> Assistant:
    return Assistant(retriever, model=Scripted(script=list(script)), threshold=0.0)


def script(language: str, *sentences: str) -> str:
    return " ".join(f"{sentence} [1]{STOP.get(language, '.')}" for sentence in sentences)


def begun(language: str) -> str:
    """A sentence, and so much of the next that the first has surely ended."""
    return f"{script(language, TRUE[language])} {MORE[language][:15]}"


class Waiting(Scripted):
    """Says one sentence, and the next ones when it may; `ended` tells that nobody listens any more, or all is said."""

    language: str
    goes_on: Any
    ended: Any

    def said(self, prompt: str) -> Any:  # noqa: ARG002
        try:
            yield begun(self.language)
            for _ in range(20):
                assert self.goes_on.wait(10)
                yield f"{MORE[self.language][15:]} [1]{STOP.get(self.language, '.')} {MORE[self.language][:15]}"
            yield f"{MORE[self.language][15:]} [1]{STOP.get(self.language, '.')}"
        finally:
            self.ended.set()


def waiting(language: str) -> Waiting:
    return Waiting(script=[], language=language, goes_on=threading.Event(), ended=threading.Event())


@pytest.mark.parametrize("language", list(MORE))
def test_every_sentence_that_passed_is_shown_at_once_and_no_other(retriever: Retriever, language: str) -> None:
    drafts: list[Reply] = []
    written = script(language, TRUE[language], FALSE[language], MORE[language])
    reply = answering(retriever, written).reply(QUESTIONS[language], conversation(language), drafts.append)
    said = [draft.answer for draft in drafts]
    assert len(said) == 2
    assert TRUE[language] in said[0]
    assert MORE[language] not in said[0]
    assert MORE[language] in said[1]
    assert all("999" not in draft for draft in said)
    assert said[1].startswith(said[0])
    assert (reply.answer, reply.written, reply.citations) == (said[1], (said[1],), drafts[1].citations)
    assert reply.json()["written"] == [reply.answer]


@pytest.mark.parametrize("language", list(MORE))
def test_an_answer_that_falls_apart_becomes_the_quote_whatever_was_shown(retriever: Retriever, language: str) -> None:
    drafts: list[Reply] = []
    quote = Assistant(retriever, threshold=0.0).reply(QUESTIONS[language], conversation(language))
    broken = answering(retriever, begun(language), ConnectionResetError())
    reply = broken.reply(QUESTIONS[language], conversation(language), drafts.append)
    assert [TRUE[language] in draft.answer for draft in drafts] == [True]
    assert (reply.answer, reply.citations, reply.written) == (quote.answer, quote.citations, ())
    assert "written" not in reply.json()


def test_nothing_is_shown_of_a_quote_or_of_small_talk(retriever: Retriever) -> None:
    drafts: list[Reply] = []
    for assistant in (Assistant(retriever, threshold=0.0), answering(retriever, script("hu", FALSE["hu"]))):
        assistant.reply(QUESTIONS["hu"], conversation("hu"), drafts.append)
    answering(retriever, script("th", TRUE["th"])).reply("สวัสดีค่ะ", shown=drafts.append)
    assert drafts == []


class Knowing(Scripted):
    """Answers whichever of two questions it is asked."""

    answers: dict[str, str]

    def said(self, prompt: str) -> list[Any]:
        return [next(answer for question, answer in self.answers.items() if question in prompt)]


@pytest.mark.parametrize("language", list(ASKED))
def test_the_draft_of_a_second_answer_stands_behind_the_first(retriever: Retriever, language: str) -> None:
    second, true = ASKED[language]
    answers = {QUESTIONS[language]: script(language, TRUE[language]), second: script(language, true)}
    drafts: list[Reply] = []
    assistant = Assistant(retriever, model=Knowing(script=[], answers=answers), threshold=0.0)
    reply = assistant.reply(f"{QUESTIONS[language]} {second}", conversation(language), drafts.append)
    assert len(drafts) == 2
    assert drafts[0].answer.startswith(f"{QUESTIONS[language]}\n{TRUE[language]}")
    assert drafts[1].answer.startswith(f"{drafts[0].answer}\n\n{second}\n{true}")
    assert (reply.answer, reply.citations) == (drafts[1].answer, drafts[1].citations)
    assert "\n\n".join(f"{part}\n{text}" for part, text in zip(answers, reply.written, strict=True)) == reply.answer
    marks = [int(number) for number in re.findall(r"\[(\d+)\]", reply.answer)]
    assert marks == list(range(1, len(reply.citations) + 1))
    assert set(re.findall(r"\d+", true)) <= set(re.findall(r"\d+", reply.citations[-1].quote))


def test_a_reader_who_is_gone_stops_the_model_and_leaves_the_quote(retriever: Retriever) -> None:
    def gone(_: str) -> None:
        raise ModelFailed("Nobody reads it.")

    model = waiting("hi")
    reply = Assistant(retriever, model=model, threshold=0.0).reply(QUESTIONS["hi"], conversation("hi"), gone)
    quote = Assistant(retriever, threshold=0.0).reply(QUESTIONS["hi"], conversation("hi"))
    assert reply.answer == quote.answer
    model.goes_on.set()
    assert model.ended.wait(10)


def sent(text: str) -> list[tuple[str, Any]]:
    """The events of a stream: name and data."""
    found = re.findall(r"event: (\w+)\ndata: (.*)\n\n", text)
    assert "".join(f"event: {name}\ndata: {data}\n\n" for name, data in found) == text
    return [(name, json.loads(data)) for name, data in found]


@pytest.mark.parametrize("language", list(MORE))
def test_who_accepts_events_is_sent_the_draft_and_then_the_reply(
    retriever: Retriever, desk: Desk, language: str
) -> None:
    written = script(language, TRUE[language], FALSE[language], MORE[language])
    client = TestClient(create(answering(retriever, written), desk))
    asked = {"question": QUESTIONS[language]}
    plain = client.post("/api/v1/ask", json=asked)
    assert plain.headers["content-type"] == "application/json"
    streamed = client.post("/api/v1/ask", json=asked, headers={"accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    *drafts, (last, reply) = sent(streamed.text)
    assert last == "reply"
    assert {**reply, "milliseconds": 0} == {**plain.json(), "milliseconds": 0}
    assert [name for name, _ in drafts] == ["sentence", "sentence"]
    assert [reply["answer"].startswith(draft["text"]) for _, draft in drafts] == [True, True]
    assert all(FALSE[language] not in text for text in (reply["answer"], *(draft["text"] for _, draft in drafts)))


def test_a_conversation_streams_and_records_the_reply_alone(retriever: Retriever, desk: Desk) -> None:
    client = TestClient(create(answering(retriever, script("ta", TRUE["ta"], MORE["ta"])), desk))
    id, events = desk.start().id, {"accept": "text/event-stream"}
    path = f"/api/v1/conversations/{id}/turns"
    told = sent(client.post(path, json={"text": QUESTIONS["ta"]}, headers=events).text)
    assert [name for name, _ in told] == ["sentence", "sentence", "reply"]
    answer = told[-1][1]["reply"]["answer"]
    assert [turn.text for turn in desk.conversation(id).turns] == [QUESTIONS["ta"], answer]
    calls = client.post(path, json={"text": "ஒரு மனிதரிடம் பேச வேண்டும்"}, headers=events).text
    assert [(name, data["reply"]["action"]) for name, data in sent(calls)] == [("reply", "handoff")]
    ((_, waits),) = sent(client.post(path, json={"text": "ஹலோ?"}, headers=events).text)
    assert waits["reply"]["answer"] == phrase("waiting", "ta", place=1)
    assert sent(client.post(path, json={"text": "ஹலோ?"}, headers=events).text) == [("reply", {"reply": None})]
    unknown = client.post("/api/v1/conversations/x/turns", json={"text": "?"}, headers=events)
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


def test_a_desk_that_refuses_in_the_middle_says_so_in_the_last_event() -> None:
    def refuse(shown: Any) -> dict[str, Any]:
        shown(Reply("answer", "முதல் வாக்கியம். [1]", "ta", CERTAIN))
        raise DeskUnavailable("The desk's database cannot be reached.")

    async def read() -> str:
        return "".join([str(each) async for each in as_accepted(refuse, "text/event-stream").body_iterator])  # type: ignore[attr-defined]

    (_, draft), (name, problem) = sent(asyncio.run(read()))
    assert draft == {"text": "முதல் வாக்கியம். [1]"}
    assert (name, problem["status"]) == ("problem", 503)
    assert problem["detail"] == "The desk's database cannot be reached."


def test_a_reader_who_waits_for_a_reply_sees_that_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.channels.events.HEARTBEAT", 0.01)
    made, beaten = threading.Event(), []

    def make(_: Any) -> dict[str, Any]:
        assert made.wait(10)
        return {"reply": None}

    async def read() -> None:
        async for each in as_accepted(make, "text/event-stream").body_iterator:  # type: ignore[attr-defined]
            beaten.append(each)
            made.set()

    asyncio.run(read())
    assert beaten[0].startswith(":")
    assert beaten[-1] == 'event: reply\ndata: {"reply": null}\n\n'


def test_both_ways_are_described(retriever: Retriever, desk: Desk) -> None:
    paths = create(Assistant(retriever), desk).openapi()["paths"]
    for path in ("/api/v1/ask", "/api/v1/conversations/{id}/turns"):
        described = paths[path]["post"]["responses"]["200"]
        assert set(described["content"]) == {"application/json", "text/event-stream"}
        assert "`sentence`" in described["description"]


def test_a_client_that_goes_away_stops_the_model_and_its_conversation_keeps_a_reply(
    retriever: Retriever, desk: Desk
) -> None:
    model, id = waiting("hu"), desk.start().id
    app = create(Assistant(retriever, model=model, threshold=0.0), desk)
    begun = asyncio.Event()
    received: list[str] = []

    async def receive() -> dict[str, Any]:
        if not received:
            received.append("body")
            return {"type": "http.request", "body": json.dumps({"text": QUESTIONS["hu"]}).encode()}
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if b"event: sentence" in message.get("body", b""):
            begun.set()

    async def visit() -> None:
        headers = [(b"accept", b"text/event-stream"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": f"/api/v1/conversations/{id}/turns", "headers": headers}
        async with asyncio.timeout(10):
            await app({**scope, "query_string": b"", "asgi": {"spec_version": "2.3"}}, receive, send)
        model.goes_on.set()
        await asyncio.to_thread(model.ended.wait, 10)
        async with asyncio.timeout(10):
            while len(desk.conversation(id).turns) < 2:
                await asyncio.sleep(0.01)

    asyncio.run(visit())
    quote = Assistant(retriever, threshold=0.0).reply(QUESTIONS["hu"], Conversation(id))
    assert [turn.text for turn in desk.conversation(id).turns] == [QUESTIONS["hu"], quote.answer]


def test_the_page_draws_the_draft_while_it_is_written_and_the_reply_in_its_place(
    retriever: Retriever, desk: Desk
) -> None:
    from assistant.channels.access import Access
    from assistant.channels.pages import ChatPage
    from assistant.channels.shedding import Turns

    model, request, turns = waiting("ar"), SimpleNamespace(headers={}, client=None), Turns(1, 0)
    page = ChatPage(
        Assistant(retriever, model=model, threshold=0.0), desk, "متجر", drafts={}, access=Access(), turns=turns
    )

    async def visit() -> list[Any]:
        steps = aiter(page.ask(QUESTIONS["ar"], "", "", request))  # type: ignore[arg-type]
        asked = await anext(steps)
        coming = asyncio.ensure_future(anext(steps))
        while not page.drafts:
            await asyncio.sleep(0.01)
            assert not coming.done()
        typing = page.look(asked[0], asked[2], request)[2].partition('class="turn typing"')[2]  # type: ignore[arg-type]
        assert f'<p lang="ar" dir="rtl">{TRUE["ar"]}' in typing
        (talk,) = [desk.conversation(id) for id in page.drafts]
        assert [turn.text for turn in talk.turns] == [QUESTIONS["ar"]]
        refused = await anext(aiter(page.ask(QUESTIONS["ar"], asked[0], "", request)))  # type: ignore[arg-type]
        assert phrase("failed", "ar") in refused[5]  # all turns are taken: nothing is written down that nobody answers
        model.goes_on.set()
        return await coming

    shown = asyncio.run(visit())
    assert "typing" not in shown[4]
    assert TRUE["ar"] in shown[4]
    assert page.drafts == {}
    assert not turns.full


def test_a_draft_is_text_and_nothing_else() -> None:
    asked = Conversation("c", (Turn("customer", "ค่าส่งเท่าไหร่", "th"),))
    drawn = html.transcript(asked, html.speakers("th"), "th", {}.__getitem__, draft="<b>ค่าส่ง</b> 50 บาท")
    assert '<p lang="th" dir="ltr">&lt;b&gt;ค่าส่ง&lt;/b&gt; 50 บาท</p><i>' in drawn


def test_what_a_terminal_shows_goes_on_where_it_can_and_begins_anew_where_it_must() -> None:
    assert rest("", "பணம்") == "பணம்"
    assert rest("பணம் 7", "பணம் 7 நாட்களில்") == " நாட்களில்"
    assert rest("பணம் 7", "ஒருவர் பேசுவார்") == "\n\nஒருவர் பேசுவார்"


def test_the_call_for_a_person_takes_the_place_of_a_draft(retriever: Retriever, desk: Desk) -> None:
    confidence = Assistant(retriever, threshold=0.0).reply(QUESTIONS["hu"], conversation("hu")).confidence.value
    false = script("hu", FALSE["hu"], FALSE["hu"], TRUE["hu"], FALSE["hu"])
    unsure = Assistant(retriever, model=Scripted(script=[false]), threshold=min(confidence, 0.999))
    drafts: list[Reply] = []
    id = desk.start().id
    reply = say(unsure, desk, id, QUESTIONS["hu"], drafts.append)
    assert [draft.answer.startswith(TRUE["hu"]) for draft in drafts] == [True]
    assert reply
    assert (reply.action, reply.answer) == ("handoff", phrase("handoff_model_failure", "hu"))
    assert desk.waiting()[0].reason == "model_failure"
