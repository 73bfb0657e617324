"""Agents at work over HTTP: from the queue to the outcome, and what only the one who holds a conversation may do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from assistant.accounts import Account
from assistant.assistant import Assistant
from assistant.channels.api import create
from assistant.channels.events import Watch, followed
from assistant.channels.pages import EVERYTHING, DeskPage
from assistant.channels.presence import LASTS, Presence
from assistant.channels.suggestions import Suggestions
from assistant.conversation import Turn
from assistant.desk import Desk, DeskUnavailable
from assistant.phrases import phrase
from assistant.reply import Handoff
from knowledge import Document, Retriever

MEENA, REKA = "மீனா", "Réka"
ASKED = "வாங்கிய பொருளை எத்தனை நாட்களுக்குள் திருப்பி அனுப்பலாம்?"
TAMIL = Handoff("unsure", "திருப்பி அனுப்புதல்", "ta", f"{ASKED} என் எண் 98765 43210")
THAI = Handoff("asked_for_person", "ขอคุยกับเจ้าหน้าที่", "th", "ขอคุยกับคนได้ไหมคะ")


DOCUMENTS = [Document("r", "வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பி அனுப்பலாம்.", "திருப்பி அனுப்புதல்", "ta", "r.md")]


@pytest.fixture
def presence() -> Presence:
    return Presence()


@pytest.fixture
def client(retriever: Retriever, desk: Desk, presence: Presence) -> Iterator[TestClient]:
    app = create(Assistant(retriever), desk, presence=presence)

    @app.middleware("http")
    async def let_in(request: Request, go_on: Any) -> Any:  # as the door does
        name = unquote(request.headers["x-agent"]).strip()
        request.state.account = Account(name, "agent") if name else None
        return await go_on(request)

    with TestClient(app, headers=named(MEENA)) as client:
        yield client


def named(agent: str) -> dict[str, str]:
    return {"x-agent": quote(agent)}


def waiting(desk: Desk, handoff: Handoff = TAMIL, customer: str | None = None) -> str:
    id = desk.start(customer=customer).id
    desk.append(id, Turn("customer", handoff.question, handoff.language), handoff=handoff)
    return id


def case(id: str, rest: str = "") -> str:
    return f"/api/v1/desk/conversations/{id}{rest}"


def test_the_queue_is_filtered_and_comes_in_pages(client: TestClient, desk: Desk) -> None:
    tamil, thai, other = waiting(desk), waiting(desk, THAI), waiting(desk)
    held = waiting(desk)
    desk.claim(held, REKA)

    def queue(**wanted: Any) -> tuple[list[str], int, int | None]:
        told = client.get("/api/v1/desk/queue", params=wanted).json()
        return [ticket["conversation"] for ticket in told["tickets"]], told["total"], told["next"]

    assert queue() == ([tamil, thai, other], 3, None)
    assert queue(limit=2) == ([tamil, thai], 3, 2)
    assert queue(limit=2, after=2) == ([other], 3, None)
    assert queue(language="ta", limit=1) == ([tamil], 2, 1)
    assert queue(reason="asked_for_person") == ([thai], 1, None)
    assert queue(minutes=5) == ([], 0, None)
    for wrong in ({"limit": 0}, {"reason": "?"}, {"after": -1}, {"minutes": "soon"}):
        assert client.get("/api/v1/desk/queue", params=wrong).status_code == 422


def test_personal_data_is_masked_until_the_conversation_is_held(client: TestClient, desk: Desk) -> None:
    id = waiting(desk)
    assert "98765" not in client.get("/api/v1/desk/queue").text
    assert client.get(case(id)).status_code == 409
    assert "98765" in client.post(case(id, "/claim")).text


def test_what_a_customer_tells_while_waiting_is_noted(client: TestClient, desk: Desk) -> None:
    id = waiting(desk)
    desk.append(id, Turn("customer", "ஆர்டர் எண் 447122", "ta"))
    noted = client.post(case(id, "/claim")).json()["handoff"]["fields"]
    assert {"kind": "order", "value": "447122", "turn": 2} in noted


def test_from_the_queue_to_the_outcome(client: TestClient, desk: Desk) -> None:
    id = waiting(desk)
    claimed = client.post(case(id, "/claim")).json()
    assert (claimed["handoff"]["reason"], claimed["turns"][-1]["text"]) == (
        "unsure",
        phrase("joined", "ta", agent=MEENA),
    )
    assert [ticket["conversation"] for ticket in client.get("/api/v1/desk/mine").json()["tickets"]] == [id]
    (suggestion,) = client.get(case(id, "/suggestions")).json()["suggestions"]
    assert "14 நாட்களுக்குள்" in suggestion["text"]
    assert suggestion["citations"][0]["document"] == "r"
    taken = {"kind": suggestion["kind"], "text": suggestion["text"]}
    sent = client.post(case(id, "/replies"), json={"text": suggestion["text"], "suggestion": taken})
    assert (sent.status_code, sent.json()["turns"][-1]["agent"]) == (201, MEENA)
    (kept,) = desk.kept()
    assert (kept.kind, kept.taken, kept.share) == ("quote", 1, 1.0)
    note = client.post(case(id, "/notes"), json={"text": "நாளை அழைக்கவும்"})
    assert [each["text"] for each in note.json()["notes"]] == ["நாளை அழைக்கவும்"]
    assert client.get(case(id, "/notes")).json() == note.json()
    assert client.post(case(id, "/resolve"), json={"outcome": "missing"}).status_code == 204
    conversation = desk.conversation(id)
    assert (conversation.status, conversation.turns[-1].text) == ("resolved", phrase("resolved", "ta", agent=MEENA))


@pytest.mark.parametrize(("how", "status"), [("release", "open"), ("hand-back", "pending")])
def test_leaving_without_an_outcome(how: str, status: str, client: TestClient, desk: Desk) -> None:
    id = waiting(desk)
    client.post(case(id, "/claim"))
    assert client.post(case(id, f"/{how}")).status_code == 204
    assert (desk.standing(id).status, desk.standing(id).agent) == (status, None)
    assert client.post(case(id, f"/{how}")).status_code == 409


DEEDS: list[tuple[str, str, Any]] = [
    ("GET", "", None),
    ("GET", "/events", None),
    ("GET", "/suggestions", None),
    ("GET", "/notes", None),
    ("POST", "/notes", {"text": "?"}),
    ("GET", "/earlier", None),
    ("GET", "/earlier/x", None),
    ("POST", "/replies", {"text": "வணக்கம்"}),
    ("PUT", "/typing", {"writing": True}),
    ("POST", "/resolve", {"outcome": "other"}),
    ("POST", "/release", None),
    ("POST", "/hand-back", None),
]


def test_every_route_of_a_held_conversation_is_tried(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    there = {(method.upper(), path) for path, methods in paths.items() for method in methods if case("{id}") in path}
    tried = {(method, case("{id}", path.replace("/x", "/{other}"))) for method, path, _ in DEEDS}
    assert there == tried | {("POST", case("{id}", "/claim"))}


@pytest.mark.parametrize(("method", "path", "body"), DEEDS, ids=lambda each: str(each)[:12])
def test_only_who_holds_a_conversation_may_touch_it(
    method: str, path: str, body: Any, client: TestClient, desk: Desk
) -> None:
    id = waiting(desk)
    client.post(case(id, "/claim"), headers=named(REKA))
    before = desk.conversation(id), desk.notes(id)
    refused = client.request(method, case(id, path), json=body)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    nobody = client.request(method, case(id, path), json=body, headers={"x-agent": " "})
    assert nobody.status_code == 401
    assert client.request(method, case("x", path), json=body).status_code == 404
    assert (desk.conversation(id), desk.notes(id)) == before


def test_of_two_agents_one_gets_it(client: TestClient, desk: Desk) -> None:
    id = waiting(desk)
    assert client.post(case(id, "/claim")).status_code == 200
    assert client.post(case(id, "/claim")).status_code == 200  # once more changes nothing
    assert client.post(case(id, "/claim"), headers=named(REKA)).status_code == 409
    assert len(desk.conversation(id).turns) == 2


def test_earlier_talks_of_the_same_customer_are_read_only_by_who_holds_one(client: TestClient, desk: Desk) -> None:
    before, other = waiting(desk, THAI, "c1"), waiting(desk, THAI, "c2")
    id = waiting(desk, TAMIL, "c1")
    client.post(case(id, "/claim"))
    (past,) = client.get(case(id, "/earlier")).json()["conversations"]
    assert (past["conversation"], past["language"]) == (before, "th")
    assert client.get(case(id, f"/earlier/{before}")).json()["turns"][0]["text"] == THAI.question
    assert client.get(case(id, f"/earlier/{other}")).status_code == 404


def test_both_sides_see_that_the_other_writes(client: TestClient, desk: Desk, presence: Presence) -> None:
    id = waiting(desk)
    client.post(case(id, "/claim"))
    typed = f"/api/v1/conversations/{id}/typing"
    assert client.put(typed, json={"writing": True}).status_code == 204
    assert client.get(case(id)).json()["writing"] is True
    client.put(case(id, "/typing"), json={})

    async def read(other: Any) -> str:
        stream = followed(Watch(desk), id, 99, presence, other)
        return [await anext(stream) for _ in range(2)][1]

    assert asyncio.run(read("agent")) == 'event: typing\ndata: {"speaker": "agent", "writing": true}\n\n'
    assert '"customer"' in asyncio.run(read("customer"))
    client.post(case(id, "/replies"), json={"text": "ஒரு நிமிடம்"})
    assert not presence.writes(id, "agent")
    client.put(typed, json={"writing": False})
    assert client.get(case(id)).json()["writing"] is False
    assert client.put("/api/v1/conversations/x/typing", json={}).status_code == 404


def test_who_no_longer_holds_a_conversation_follows_it_no_more(desk: Desk, presence: Presence) -> None:
    id = waiting(desk)
    desk.claim(id, MEENA)

    async def read() -> list[str]:
        stream = followed(Watch(desk), id, 0, presence, "customer", MEENA)
        heard = [await anext(stream) for _ in range(2)]
        desk.release(id, MEENA)
        desk.append(id, Turn("customer", "ரகசியம்", "ta"))
        return [*heard, *[each async for each in stream]]

    turn, state, *rest = asyncio.run(read())
    assert ("event: turn" in turn, "event: state" in state, rest) == (True, True, ["event: gone\ndata: {}\n\n"])


def test_who_writes_is_forgotten_after_seconds_and_stands_nowhere(tmp_path: Path) -> None:
    now = 0.0
    presence = Presence(lambda: now)
    presence.tell("c", "agent")
    assert presence.writes("c", "agent")
    assert not presence.writes("c", "customer")
    now = LASTS + 0.1
    assert not presence.writes("c", "agent")
    assert not list(tmp_path.iterdir())


def test_on_the_page_nobody_writes_notes_beside_what_they_do_not_hold(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What the browser says is open is the browser's word; and of a database that fails an agent reads nothing."""
    assistant = Assistant(retriever)
    page = DeskPage(assistant, desk, Suggestions(assistant, desk), Presence())
    id = waiting(desk)
    desk.claim(id, REKA)
    refused = page.act(MEENA, id, {**EVERYTHING, "speaks": "ta"}, page.remark, "குறிப்பு")[1]
    assert phrase("not_yours", "ta") in refused
    assert desk.notes(id) == []
    assert page.act(REKA, id, EVERYTHING, page.remark, "குறிப்பு")[1] == ""
    assert [note.agent for note in desk.notes(id)] == [REKA]

    def lost(*_: Any) -> None:
        raise DeskUnavailable("The desk's database sqlite:////srv/desk.db cannot be used.")

    monkeypatch.setattr(desk, "note", lost)
    told = page.act(REKA, id, {**EVERYTHING, "speaks": "hu"}, page.remark, "குறிப்பு")[1]
    assert phrase("failed", "hu") in told
    assert "/srv" not in told
    assert "/srv" in caplog.text
