from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.channels.api import create
from assistant.channels.chat import say
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk
from assistant.heard import Heard
from assistant.phrases import phrase
from assistant.reply import Handoff, Reply
from knowledge import Document, Retriever

RETURNS = Document(
    id="returns",
    title="பொருளைத் திருப்பி அனுப்புதல்",
    text="வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பி அனுப்பலாம். பணம் ஐந்து வேலை நாட்களில் உங்கள் வங்கிக் கணக்கில் வந்து சேரும்.",
    language="ta",
    source="returns.pdf",
)
DELIVERY = Document(
    id="delivery",
    title="การจัดส่งสินค้า",
    text="สินค้าจัดส่งถึงบ้านภายในสามวันทำการ ค่าจัดส่งห้าสิบบาทต่อคำสั่งซื้อ",
    language="th",
    source="delivery.md",
)
HOURS = Document(
    id="hours",
    title="Nyitvatartás",
    text="Ügyfélszolgálatunk hétköznap reggel nyolctól este hatig várja hívását.",
    language="hu",
    source="hours.md",
)
ASKED = "பணம் எத்தனை வேலை நாட்களில் வந்து சேரும்?"
WAITS = phrase("waiting", "ta", place=1)
CALLED = Turn("assistant", "ஊழியரை அழைக்கிறேன்", "ta")
PERSON = Handoff("asked_for_person", "ஊழியரிடம் பேச விரும்புகிறார்", "ta", "ஊழியரிடம் பேச வேண்டும்")


class Broken(Assistant):
    """An assistant whose model is out of order."""

    def reply(self, *_: Any, **__: Any) -> Reply:
        raise RuntimeError("the model is out of memory")


class Slow(Assistant):
    """An assistant that composes until it is allowed to end."""

    composing: Event
    finish: Event

    def reply(self, *said: Any, **heard: Any) -> Reply:
        self.composing.set()
        assert self.finish.wait(10)
        return super().reply(*said, **heard)


DOCUMENTS = [RETURNS, DELIVERY, HOURS]


@pytest.fixture
def client(retriever: Retriever, desk: Desk) -> Iterator[TestClient]:
    with TestClient(create(Assistant(retriever), desk)) as client:
        yield client


def test_a_question_is_answered_with_its_source(client: TestClient) -> None:
    reply = client.post("/api/v1/ask", json={"question": ASKED}).json()
    assert reply["action"] == "answer"
    assert "ஐந்து வேலை நாட்களில்" in reply["answer"]
    (citation,) = reply["citations"]
    assert citation["document"] == "returns"
    assert RETURNS.text[citation["start"] : citation["end"]] == citation["quote"]


def test_the_answer_is_what_the_assistant_says(client: TestClient, retriever: Retriever) -> None:
    history = [{"speaker": "customer", "text": "สวัสดีค่ะ"}, {"speaker": "assistant", "text": "สวัสดีค่ะ มีอะไรให้ช่วยคะ"}]
    body = {"question": "ค่าจัดส่งเท่าไหร่คะ", "history": history, "channel": "voice"}
    turns, said = (Turn("customer", "สวัสดีค่ะ"), Turn("assistant", "สวัสดีค่ะ มีอะไรให้ช่วยคะ")), body["question"]
    expected = json.loads(
        json.dumps(Assistant(retriever).reply(said, Conversation("", turns), heard=Heard(said)).json())
    )
    reply = client.post("/api/v1/ask", json=body).json()
    assert {**reply, "milliseconds": None} == {**expected, "milliseconds": None}


def test_what_was_said_before_tells_the_language(client: TestClient) -> None:
    history = [
        {"speaker": "customer", "text": "Mikor érkezik meg a csomagom?"},
        {"speaker": "assistant", "text": "Holnap."},
    ]
    assert client.post("/api/v1/ask", json={"question": "4417-203?", "history": history}).json()["language"] == "hu"


def test_health_says_how_much_is_known(client: TestClient, retriever: Retriever) -> None:
    assert client.get("/health").json() == {"status": "ok", "passages": len(retriever)}


REFUSED: list[tuple[object, str]] = [
    ({}, "#/question"),
    ({"question": ""}, "#/question"),
    ({"question": " \u200a\n"}, "#/question"),
    ({"question": "அ" * 4001}, "#/question"),
    ({"question": 7}, "#/question"),
    ({"question": "?", "channel": "fax"}, "#/channel"),
    ({"question": "?", "history": [{"speaker": "customer", "text": "?"}] * 51}, "#/history"),
    ({"question": "?", "history": [{"speaker": "customer", "text": "எ. " * 1000}] * 34}, "#/history"),
    ({"question": "?", "history": [{"speaker": "ghost", "text": "?"}]}, "#/history/0/speaker"),
    ([], "#/"),
]


@pytest.mark.parametrize(("body", "pointer"), REFUSED)
def test_a_wrong_request_is_told_what_is_wrong(client: TestClient, body: object, pointer: str) -> None:
    response = client.post("/api/v1/ask", json=body)
    problem = response.json()
    assert response.status_code == problem["status"] == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nowhere", b"", 404),
        ("GET", "/api/v1/ask", b"", 405),
        ("POST", "/api/v1/ask", b'{"question": ', 422),
        ("POST", "/api/v1/ask", b'{"question": "\\ud83d"}', 422),
        ("POST", "/api/v1/ask", "{'question': 'é'}".encode("latin-1"), 400),
        ("GET", "/api/v1/conversations/x?after=-1", b"", 422),
        ("GET", "/api/v1/conversations/x", b"", 404),
        ("POST", "/api/v1/conversations/x/turns", b'{"text": "?"}', 404),
    ],
)
def test_any_refusal_is_a_problem(client: TestClient, method: str, path: str, content: bytes, status: int) -> None:
    response = client.request(method, path, content=content, headers={"content-type": "application/json"})
    assert response.status_code == response.json()["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"]


@pytest.mark.parametrize("question", ["அ" * 4000, "🙏", "' OR 1=1 --", "\u202e\u0000", "؟"])
def test_a_strange_question_still_gets_a_reply(client: TestClient, question: str) -> None:
    response = client.post("/api/v1/ask", json={"question": question})
    assert response.status_code == 200
    assert response.json()["answer"]


def test_a_choice_that_was_offered_is_answered_over_http(client: TestClient) -> None:
    history = [
        {"speaker": "customer", "text": "எத்தனை நாள்?"},
        {"speaker": "assistant", "text": "?", "choices": [RETURNS.title, DELIVERY.title]},
    ]
    for document in (RETURNS, DELIVERY):
        reply = client.post("/api/v1/ask", json={"question": document.title, "history": history}).json()
        assert (reply["action"], reply["language"]) == ("answer", "ta")
        assert [citation["document"] for citation in reply["citations"]] == [document.id]


def test_a_conversation_over_http(client: TestClient, desk: Desk) -> None:
    created = client.post("/api/v1/conversations", json={})
    assert created.status_code == 201
    path = f"/api/v1/conversations/{created.json()['id']}"
    reply = client.post(f"{path}/turns", json={"text": ASKED}).json()["reply"]
    state = client.get(path).json()
    assert (state["status"], state["place"]) == ("pending", None)
    assert [(turn["speaker"], turn["text"]) for turn in state["turns"]] == [
        ("customer", ASKED),
        ("assistant", reply["answer"]),
    ]
    assert state["turns"][1]["citations"] == reply["citations"]
    desk.append(created.json()["id"], CALLED, handoff=PERSON)
    assert client.post(f"{path}/turns", json={"text": "ஹலோ?"}).json()["reply"]["answer"] == WAITS
    assert client.post(f"{path}/turns", json={"text": "ஹலோ?"}).json() == {"reply": None}
    state = client.get(path, params={"after": 3}).json()
    assert (state["status"], state["place"]) == ("open", 1)
    assert [turn["text"] for turn in state["turns"]] == ["ஹலோ?", WAITS, "ஹலோ?"]


def test_a_conversation_stays_on_the_channel_on_which_it_began(client: TestClient, desk: Desk) -> None:
    id = client.post("/api/v1/conversations", json={"channel": "voice"}).json()["id"]
    client.post(f"/api/v1/conversations/{id}/turns", json={"text": ASKED})
    assert desk.start(id=id).channel == "voice"
    assert [turn.channel for turn in desk.conversation(id).turns] == ["voice", "voice"]


def test_a_failing_assistant_calls_a_person(retriever: Retriever, desk: Desk, caplog: Any) -> None:
    id = desk.start().id
    reply = say(Broken(retriever), desk, id, ASKED)
    assert reply
    assert reply.handoff
    assert (reply.action, reply.language, reply.handoff.reason) == ("handoff", "ta", "model_failure")
    assert [turn.text for turn in desk.conversation(id).turns] == [ASKED, reply.answer]
    assert [(ticket.conversation, ticket.reason) for ticket in desk.waiting()] == [(id, "model_failure")]
    assert "out of memory" not in reply.answer + reply.handoff.summary
    assert "out of memory" in caplog.text


def test_a_failing_assistant_is_no_failing_api(retriever: Retriever, desk: Desk) -> None:
    response = TestClient(create(Broken(retriever), desk)).post("/api/v1/ask", json={"question": ASKED})
    assert (response.status_code, response.json()["handoff"]["reason"]) == (200, "model_failure")


def test_who_asks_for_a_person_waits_and_is_not_answered(retriever: Retriever, desk: Desk) -> None:
    assistant, id = Assistant(retriever), desk.start().id
    first = say(assistant, desk, id, "ஒரு மனிதரிடம் பேச வேண்டும்")
    assert first
    assert first.handoff
    assert desk.handoff(id) == first.handoff
    waits = say(assistant, desk, id, ASKED)
    assert waits
    assert (waits.answer, waits.citations) == (WAITS, ())
    assert say(assistant, desk, id, ASKED) is None
    assert [turn.speaker for turn in desk.conversation(id).turns[2:]] == ["customer", "assistant", "customer"]
    assert desk.place(id) == 1


def test_the_assistant_answers_again_after_hand_back_and_after_resolve(retriever: Retriever, desk: Desk) -> None:
    assistant, id = Assistant(retriever), desk.start().id
    for leave in (desk.hand_back, partial(desk.resolve, outcome="missing")):
        desk.append(id, CALLED, handoff=PERSON)
        desk.claim(id, "மீனா")
        assert say(assistant, desk, id, ASKED) is None
        leave(id, "மீனா")
        reply = say(assistant, desk, id, ASKED)
        assert reply
        assert reply.action == "answer"
        assert desk.waiting() == []


def test_what_was_composed_while_an_agent_took_over_is_not_said(retriever: Retriever, desk: Desk) -> None:
    slow, id = Slow(retriever), desk.start().id
    slow.composing, slow.finish = Event(), Event()
    said: list[Reply | None] = []
    customer = Thread(target=lambda: said.append(say(slow, desk, id, ASKED)))
    customer.start()
    assert slow.composing.wait(10)
    desk.append(id, CALLED, handoff=PERSON)
    assert desk.claim(id, "மீனா")
    slow.finish.set()
    customer.join(10)
    assert said == [None]
    assert [turn.text for turn in desk.conversation(id).turns] == [ASKED, CALLED.text]
    assert desk.handoff(id) == PERSON


def test_half_an_emoji_does_not_lose_the_message(retriever: Retriever, desk: Desk) -> None:
    id = desk.start().id
    say(Assistant(retriever), desk, id, "வணக்கம் \ud83d")
    assert desk.conversation(id).turns[0].text == "வணக்கம் ?"


def test_what_a_recogniser_tells_is_taken_in_voice_and_refused_in_chat(client: TestClient) -> None:
    asked = {"question": ASKED, "words": [{"text": "பணம்", "confidence": 0.4}, {"text": "நாட்களில்"}]}
    asked["alternatives"] = ["பணம் எத்தனை நாளில் வரும்?"]
    reply = client.post("/api/v1/ask", json={**asked, "channel": "voice"}).json()
    assert 0 < reply["signals"]["heard"] < 1
    refused = client.post("/api/v1/ask", json=asked)
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {"#/words", "#/alternatives"}
    wrong = {"question": ASKED, "channel": "voice", "words": [{"text": "பணம்", "confidence": 40}]}
    assert client.post("/api/v1/ask", json=wrong).json()["errors"][0]["pointer"] == "#/words/0/confidence"


def test_a_turn_of_a_call_is_taken_with_its_words_and_one_of_a_chat_without(client: TestClient) -> None:
    words = [{"text": "எத்தனை", "confidence": 0.9}]
    for channel, status in (("voice", 200), ("chat", 422)):
        id = client.post("/api/v1/conversations", json={"channel": channel}).json()["id"]
        answered = client.post(f"/api/v1/conversations/{id}/turns", json={"text": ASKED, "words": words})
        assert answered.status_code == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"history": [{"speaker": "customer", "text": "x", "choices": [1] * 50_000}]},
        {"history": [1] * 50_000},
        {"channel": "voice", "words": [1] * 50_000},
        {"channel": "voice", "alternatives": [1] * 50_000},
    ],
)
def test_what_is_wrong_a_thousand_times_is_told_once(client: TestClient, wrong: dict[str, Any]) -> None:
    refused = client.post("/api/v1/ask", json={"question": "வணக்கம்", **wrong})
    assert refused.status_code == 422
    assert len(refused.content) < 2000
