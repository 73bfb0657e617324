"""What the widget asks of the server: its words, its files, the stream it follows, and the locks on all of that."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from assistant import uploads
from assistant.assistant import Assistant
from assistant.channels import events, widget
from assistant.channels.access import RATES, Access, Pace, secret
from assistant.channels.api import create
from assistant.channels.events import Watch, followed
from assistant.channels.presence import Presence
from assistant.channels.suggestions import Suggestions
from assistant.channels.widget import mount
from assistant.conversation import File, Turn
from assistant.desk import Desk, Sent, UnknownConversation
from assistant.phrases import languages, phrase
from assistant.reply import Handoff
from assistant.uploads import Uploads, bare
from knowledge import Document, Retriever
from tests.pictures import picture

SHOP = "https://kadai.example"
WARRANTY = Document(
    id="warranty",
    title="உத்தரவாதம்",
    text="குளிர்சாதனப் பெட்டி\n\nகம்ப்ரெசருக்குப் பத்து ஆண்டுகள் உத்தரவாதம் உண்டு. மற்ற பாகங்களுக்கு ஓராண்டு.",
    language="ta",
    source="warranty.pdf",
)
ASKED = "கம்ப்ரெசருக்கு எத்தனை ஆண்டுகள் உத்தரவாதம்?"
BROWSER = "5c0d7a1e93f24b68ad10"
PERSON = Handoff("asked_for_person", "", "ta", "ஊழியரிடம் பேச வேண்டும்")
PNG = bare(picture("PNG"), "image/png")


DOCUMENTS = [WARRANTY]


@pytest.fixture
def access() -> Access:
    return Access({"nila": frozenset({SHOP}), "malar": frozenset({"https://malar.example"})}, b"a secret")


@pytest.fixture
def client(retriever: Retriever, desk: Desk, access: Access, tmp_path: Path) -> Iterator[TestClient]:
    app = create(Assistant(retriever), desk, access=access, uploads=Uploads(tmp_path / "uploads"))
    mount(app, company="நிலா")
    with TestClient(app, headers={"origin": SHOP}) as client:
        yield client


@pytest.fixture
def talk(client: TestClient) -> str:
    """A conversation, whose token the client sends from now on."""
    begun = client.post("/api/v1/conversations", json={"site": "nila", "customer": BROWSER}).json()
    client.headers["authorization"] = f"Bearer {begun['token']}"
    return f"/api/v1/conversations/{begun['id']}"


def id_of(talk: str) -> str:
    return talk.rpartition("/")[2]


def say(client: TestClient, talk: str, text: str, **more: Any) -> Any:
    response = client.post(f"{talk}/turns", json={"text": text, **more})
    assert response.status_code == 200, response.text
    return response.json()["reply"]


# Doors


def test_a_conversation_begins_on_the_sites_own_pages_only(client: TestClient) -> None:
    def begin(site: str | None, origin: str | None) -> int:
        headers = {"origin": origin} if origin else {}
        client.headers.pop("origin", None)
        return client.post("/api/v1/conversations", json={"site": site}, headers=headers).status_code

    assert begin("nila", SHOP) == 201
    assert begin("nila", "http://testserver") == 201  # a page of the server itself
    for site, origin in {
        ("nila", "https://malar.example"),
        ("nila", None),
        ("nobody", SHOP),
        (None, SHOP),
        ("nila", "null"),
    }:
        assert begin(site, origin) == 403, (site, origin)


ROUTES = [
    ("GET", "", {}),
    ("GET", "/events", {}),
    ("POST", "/turns", {"json": {"text": "வணக்கம்"}}),
    ("GET", "/turns/1/citations/1", {}),
    ("POST", "/files?name=a&key=b", {"content": PNG}),
    ("PUT", "/rating", {"json": {"rating": "good"}}),
    ("PUT", "/typing", {"json": {"writing": True}}),
    ("DELETE", "", {}),
]


def test_every_route_of_a_conversation_is_tried(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    there = {
        (method.upper(), path.removeprefix("/api/v1/conversations/{id}"))
        for path, methods in paths.items()
        if path.startswith("/api/v1/conversations/{id}")
        for method in methods
    }
    tried = {
        (method, path.partition("?")[0].replace("/1/citations/1", "/{turn}/citations/{number}"))
        for method, path, _ in ROUTES
    }
    assert there == tried


@pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=lambda each: str(each)[:20])
def test_only_its_own_token_opens_a_conversation(
    method: str, path: str, body: Any, client: TestClient, talk: str, access: Access, desk: Desk
) -> None:
    id, other = id_of(talk), desk.start().id
    old = Access(access.sites, b"a secret", lasts=-1).token("nila", id)
    gone = Access({"gone": frozenset({SHOP})}, b"a secret").token("gone", id)
    forged = Access(access.sites, b"another secret").token("nila", id)
    tokens = ["", "x", "x.y", "é.é", old, gone, forged, access.token("nila", other), access.token("nila", id)[:-1]]
    for token in tokens:
        headers = {"authorization": f"Bearer {token}".encode()}
        refused = client.request(method, talk + path, headers=headers, **body)
        assert refused.status_code == 401, token
        assert refused.headers["content-type"] == "application/problem+json"
    elsewhere = client.request(method, talk + path, headers={"origin": "https://malar.example"}, **body)
    assert elsewhere.status_code == 403
    assert desk.conversation(id).turns == ()


def test_browsers_are_told_who_may_ask(client: TestClient) -> None:
    def allowed(origin: str) -> str | None:
        asked = {
            "origin": origin,
            "access-control-request-method": "DELETE",
            "access-control-request-headers": "authorization",
        }
        return client.options("/api/v1/conversations/x", headers=asked).headers.get("access-control-allow-origin")

    assert allowed(SHOP) == SHOP
    assert allowed("https://evil.example") is None


def test_too_much_at_once_is_told_when_to_come_again(client: TestClient, talk: str) -> None:
    codes = [client.put(f"{talk}/rating", json={"rating": "good"}) for _ in range(RATES["write"].burst + 1)]
    assert [code.status_code for code in codes] == [204] * RATES["write"].burst + [429]
    assert 1 <= int(codes[-1].headers["retry-after"]) <= 3


def test_a_bucket_refills_and_is_everybodys_own() -> None:
    pace, rate = Pace(), RATES["write"]
    assert [pace.wait("write", "a", 0.0) for _ in range(rate.burst)] == [0.0] * rate.burst
    assert pace.wait("write", "a", 0.0) == rate.seconds
    assert pace.wait("write", "b", 0.0) == 0.0
    assert pace.wait("write", "a", rate.seconds / 2) == rate.seconds / 2
    assert pace.wait("write", "a", rate.seconds) == 0.0


def test_a_request_that_sends_too_much_is_refused(client: TestClient, talk: str) -> None:
    huge = json.dumps({"text": "அ", "more": "x" * 70_000}).encode()
    assert client.post(f"{talk}/turns", content=huge).status_code == 413
    untold = client.post(f"{talk}/turns", content=(huge[at : at + 9000] for at in range(0, len(huge), 9000)))
    assert untold.status_code == 413
    assert client.post(f"{talk}/files?name=a&key=1", content=PNG + bytes(11 * 2**20)).status_code == 413


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    made = secret(tmp_path / "tokens.key")
    assert len(made) == 32
    assert secret(tmp_path / "tokens.key") == made
    assert (tmp_path / "tokens.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("kind", ["ask", "files"])
def test_an_address_has_its_pace_whatever_conversations_it_begins(kind: str) -> None:
    def come(number: int) -> None:
        request = Request({"type": "http", "client": ("203.0.113.7", 1), "headers": []})
        access.ask(request) if kind == "ask" else access.file(f"c{number}", request)

    access = Access()
    for number in range(RATES[kind].burst):
        come(number)
    with pytest.raises(HTTPException) as refused:
        come(-1)
    assert refused.value.status_code == 429


# Messages


def test_a_message_that_comes_twice_counts_once(client: TestClient, talk: str, desk: Desk) -> None:
    first = say(client, talk, ASKED, id="m1")
    assert "பத்து" in first["answer"]
    assert say(client, talk, ASKED, id="m1") is None
    assert [turn.speaker for turn in desk.conversation(id_of(talk)).turns] == ["customer", "assistant"]
    assert say(client, talk, ASKED, id="m2") is not None


def test_a_message_whose_answer_never_came_is_answered_when_it_comes_again(
    client: TestClient, talk: str, desk: Desk
) -> None:
    desk.append(id_of(talk), Turn("customer", ASKED, "ta"), key="m1")  # the server died here
    assert "பத்து" in say(client, talk, ASKED, id="m1")["answer"]
    assert [turn.text for turn in desk.conversation(id_of(talk)).turns].count(ASKED) == 1


def test_a_quote_opens_to_what_stands_around_it(client: TestClient, talk: str) -> None:
    (citation,) = say(client, talk, ASKED)["citations"]
    around = client.get(f"{talk}/turns/2/citations/1").json()
    assert around["quote"] == citation["quote"]
    assert (around["title"], around["language"]) == ("உத்தரவாதம்", "ta")
    assert around["before"] + around["quote"] + around["behind"] == WARRANTY.text
    for path in ("turns/1/citations/1", "turns/2/citations/2", "turns/9/citations/1", "turns/0/citations/0"):
        assert client.get(f"{talk}/{path}").status_code == 404


def parsed(text: str) -> tuple[str, str, Any]:
    lines = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    return lines.get("event", ""), lines.get("id", ""), json.loads(lines.get("data", "null"))


def follow(desk: Desk, id: str, seen: int, count: int, *deeds: Any) -> list[tuple[str, str, Any]]:
    """The next events; before each behind the first few, one deed is done."""

    async def read() -> list[str]:
        stream, heard, left = followed(Watch(desk), id, seen, Presence()), [], list(deeds)
        for number in range(count):
            if number >= count - len(deeds):
                left.pop(0)()
            heard.append(await anext(stream))
        return heard

    return [parsed(text) for text in asyncio.run(read())]


def test_a_conversation_is_followed_from_where_a_reader_was_cut_off(desk: Desk) -> None:
    id = desk.start().id
    for text in ("வணக்கம்", "ரசீது இல்லை", "நன்றி"):
        desk.append(id, Turn("customer", text, "ta"))
    assert [(name, number) for name, number, _ in follow(desk, id, 0, 4)] == [
        ("turn", "1"),
        ("turn", "2"),
        ("turn", "3"),
        ("state", ""),
    ]
    (_, number, turn), (_, _, state) = follow(desk, id, 2, 2)
    assert (number, turn["text"]) == ("3", "நன்றி")
    assert state == {"status": "pending", "place": None, "agent": None, "language": "ta", "ask": True}


def test_whoever_waits_follows_their_place_and_the_person_who_comes(desk: Desk) -> None:
    before, id = desk.start().id, desk.start().id
    for each in (before, id):
        desk.append(each, Turn("customer", "ஊழியர் வேண்டும்", "ta"), handoff=PERSON)
    heard = follow(desk, id, 1, 3, lambda: desk.claim(before, "Réka"), lambda: desk.claim(id, "Kavitha"))
    assert [(state["place"], state["agent"]) for _, _, state in heard] == [(2, None), (1, None), (None, "Kavitha")]


def test_a_quiet_stream_shows_that_it_lives(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.0)
    id = desk.start().id

    async def read() -> list[str]:
        stream = followed(Watch(desk), id, 0, Presence())
        return [await anext(stream) for _ in range(2)]

    assert asyncio.run(read())[1].startswith(":")


def test_who_follows_what_is_erased_is_told(desk: Desk) -> None:
    id = desk.start().id
    assert [name for name, _, _ in follow(desk, id, 0, 2, lambda: desk.forget(id))] == ["state", "gone"]


# Files


def test_a_photo_reaches_the_person_who_is_called_for_it(
    client: TestClient, talk: str, desk: Desk, tmp_path: Path
) -> None:
    for _ in range(2):  # the second is the same, sent again
        sent = client.post(f"{talk}/files", params={"name": "../பில்.jpg", "key": "f1", "language": "ta"}, content=PNG)
        assert sent.json() == {"name": "பில்.jpg.png", "type": "image/png", "size": len(PNG)}
    turn, answer = desk.conversation(id_of(talk)).turns
    (file,) = turn.files
    assert (turn.speaker, turn.text, answer.text) == ("customer", "பில்.jpg.png", phrase("handoff_needs_action", "ta"))
    assert desk.place(id_of(talk)) == 1
    assert [path.read_bytes() for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == [PNG]
    shown = client.get(f"/uploads/{file.id}")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    for other in ("x", file.id[:-1] + "g", "..%2F..%2Fdesk.db", f"{file.id}%00"):
        assert client.get(f"/uploads/{other}").status_code == 404
    assert client.post(f"{talk}/files?name=a.png&key=f2", content=b"<svg/>").status_code == 415


@pytest.mark.parametrize("language", ["x" * 50_000, '"><b>', "", "../ta"])
def test_a_language_is_a_tag(language: str, client: TestClient, talk: str, desk: Desk) -> None:
    sent = client.post(f"{talk}/files", params={"name": "a.png", "key": "1", "language": language}, content=PNG)
    assert (sent.status_code, desk.conversation(id_of(talk)).turns) == (422, ())


def test_of_a_file_that_comes_while_its_conversation_is_erased_nothing_stays(
    retriever: Retriever, desk: Desk, tmp_path: Path
) -> None:
    class Slow(Uploads):
        """Keeps a file while the customer erases themselves."""

        def keep(self, conversation: str, name: str, content: bytes) -> File:
            desk.forget(conversation)
            self.forget(conversation)
            return super().keep(conversation, name, content)

    app, id = create(Assistant(retriever), desk, uploads=Slow(tmp_path / "uploads")), desk.start().id
    with TestClient(app) as client:
        sent = client.post(f"/api/v1/conversations/{id}/files?name=a.png&key=1", content=PNG)
    assert sent.status_code == 404
    assert not [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]


@pytest.mark.parametrize(("limit", "status"), [("FILES", 409), ("SPARE", 507)])
def test_a_file_for_which_there_is_no_room_is_refused_in_a_sentence(
    limit: str, status: int, client: TestClient, talk: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, limit, {"FILES": 0, "SPARE": 2**60}[limit])
    refused = client.post(f"{talk}/files?name=a.png&key=1", content=PNG)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert "in words" in refused.json()["detail"]
    assert desk.conversation(id_of(talk)).turns == ()


def test_an_address_sends_so_many_megabytes() -> None:
    request, access = Request({"type": "http", "client": ("203.0.113.7", 1), "headers": []}), Access()
    for _ in range(20):
        access.weigh(request, 10 * 2**20)
    with pytest.raises(HTTPException) as refused:
        access.weigh(request, 10 * 2**20)
    assert (refused.value.status_code, refused.value.headers) == (429, {"Retry-After": "100"})
    access.weigh(Request({"type": "http", "client": ("203.0.113.8", 1), "headers": []}), 10 * 2**20)


# Forgetting


@pytest.mark.parametrize("guessed", ["+919876543210", "வாடிக்கையாளர்-7"])
def test_nobody_erases_a_customer_whose_number_they_know(guessed: str, client: TestClient, desk: Desk) -> None:
    theirs = desk.start("voice", customer=guessed).id
    begun = client.post("/api/v1/conversations", json={"site": "nila", "customer": guessed})
    assert begun.status_code == 422
    assert begun.json()["errors"][0]["pointer"] == "#/customer"
    assert desk.knows(theirs)


def test_whoever_wants_to_be_forgotten_leaves_no_trace(
    client: TestClient, talk: str, desk: Desk, tmp_path: Path
) -> None:
    trace, id = "கண்ணம்மா-98765", id_of(talk)
    earlier = desk.start(customer=BROWSER).id
    for each in (earlier, id):
        desk.append(each, Turn("customer", f"{trace} எங்கே?", "ta"), handoff=PERSON)
        desk.note(each, "Réka", trace)
        desk.claim(each, "Réka")
        desk.append(each, Turn("agent", trace, "ta"), agent="Réka")
    client.post(f"{talk}/files?name={trace}.png&key=1", content=PNG)
    stays = desk.start(customer="c2").id
    assert client.delete(talk).status_code == 204
    for each in (earlier, id):
        with pytest.raises(UnknownConversation):
            desk.conversation(each)
    assert desk.knows(stays)
    assert not [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert trace.encode() not in written
    assert client.get(talk).status_code == 404


def test_what_was_erased_is_suggested_to_nobody(desk: Desk, retriever: Retriever) -> None:
    old, new = desk.start().id, desk.start().id
    question, reply = "பழைய மிக்ஸியை மாற்றிக் கொடுப்பீர்களா?", "ஆம், பழைய மிக்ஸியைக் கொடுத்துப் புதியதை வாங்கிக்கொள்ளலாம்."
    for id in (old, new):
        desk.append(id, Turn("customer", question, "ta"), handoff=Handoff("unsure", "", "ta", question))
    desk.claim(old, "Réka")
    desk.append(old, Turn("agent", reply, "ta"), agent="Réka", sent=Sent(1))
    suggestions = Suggestions(Assistant(retriever), desk)
    assert suggestions._earlier.nearest(question, "ta", new, retriever)
    desk.forget(old)
    assert suggestions._earlier.nearest(question, "ta", new, retriever) is None


# The script and its words


def test_the_script_is_small_and_kept_by_browsers(client: TestClient) -> None:
    got = client.get("/widget.js")
    assert got.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(got.content)) < 30_000
    assert client.get("/widget.js", headers={"if-none-match": got.headers["etag"]}).status_code == 304
    plain = client.get("/widget.js", headers={"accept-encoding": "identity"})
    assert (plain.content, "content-encoding" in plain.headers) == (got.content, False)
    for risky in (
        b"innerHTML",
        b"insertAdjacentHTML",
        b"document.write",
        b"eval(",
        b"new Function",
        b"http://",
        b"https://",
    ):
        assert risky not in got.content.replace(b"http://www.w3.org/2000/svg", b""), risky


@pytest.mark.parametrize("language", languages())
def test_the_widget_speaks_every_language(language: str, client: TestClient) -> None:
    words = client.get(f"/widget/{language}.json").json()
    source = (widget.HERE / "widget.js").read_text(encoding="utf-8")
    used = re.findall(r'\bsay\.(\w+)|"(?:text|label|placeholder):(\w+)"|\bbutton\("\w+", "(\w+)"', source)
    speakers = {"you", "assistant", "agent"}
    shown = {name for names in used for name in names if name} | speakers
    assert shown == set(words["say"])  # and nothing that only agents read
    assert len(used) > 40
    assert (words["direction"], words["title"]) == ("rtl" if language == "ar" else "ltr", "நிலா")
    if language != "en":
        english = client.get("/widget/en.json").json()["say"]
        same = {key for key in shown if words["say"][key] == english[key]}
        assert len(same) <= 3, same
