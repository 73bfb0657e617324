"""Every refusal and failure over HTTP is a problem (RFC 9457), also under the pages, which answer anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from time import process_time
from typing import Any, get_args

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from assistant.accounts import Account, Role
from assistant.assistant import Assistant
from assistant.channels import problems, voice
from assistant.channels.access import RATES, Access, Rate, Sized, address
from assistant.channels.api import create
from assistant.channels.problems import sentence
from assistant.channels.shedding import Shedding, Turns
from assistant.desk import Desk, DeskUnavailable
from assistant.phrases import phrase
from knowledge import Document, Retriever

SHOP = "https://kadai.example"


DOCUMENTS = [Document("w", "உத்தரவாதம் ஓராண்டு.", "உத்தரவாதம்", "ta", "w.txt")]


@pytest.fixture
def app(retriever: Retriever, desk: Desk) -> FastAPI:
    app = create(Assistant(retriever), desk, access=Access({"nila": frozenset({SHOP})}, b"a secret"))
    beside = FastAPI()

    @beside.get("/page")
    def page() -> HTMLResponse:
        return HTMLResponse("<h1>பக்கம் இல்லை</h1>", 404)

    @beside.get("/plain")
    def plain() -> PlainTextResponse:
        return PlainTextResponse("no", 403, {"Retry-After": "7", "X-Powered-By": "x"})

    @beside.get("/broken")
    def broken() -> None:
        raise RuntimeError("கடவுச்சொல் = 4711")

    @beside.get("/gradio_api/queue")
    def queue() -> None:
        raise HTTPException(503, "full")

    app.mount("/", beside)  # as the pages are
    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/api/v1/nowhere", 404, None),
        ("POST", "/api/", 404, None),
        ("GET", "/api/v1/conversations/..%2F..%2Fdesk.db/turns/x/y/z", 404, None),
        ("GET", "/nowhere", 404, None),
        ("DELETE", "/api/v1/ask", 405, "POST"),
        ("PATCH", "/api/v1/conversations/x", 405, "GET"),
        ("OPTIONS", "/api/v1/desk/queue", 405, "GET"),
        ("POST", "/page", 405, "GET"),
        ("GET", "/plain", 403, None),
        ("GET", "/broken", 500, None),
    ],
)  # fmt: skip
def test_whatever_is_refused_is_a_problem(
    method: str, path: str, status: int, allow: str | None, client: TestClient
) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    told = response.json()
    assert (told["status"], set(told)) == (status, {"title", "status", "detail"})
    assert told["title"]
    assert told["detail"].endswith((".", "]"))
    assert response.headers.get("allow") == allow


def test_a_failure_is_logged_and_told_without_its_trace(client: TestClient, caplog: Any) -> None:
    response = client.get("/broken")
    assert "4711" not in response.text
    assert "RuntimeError" not in response.text
    assert "4711" in caplog.text


def test_headers_that_say_what_to_do_stay(client: TestClient) -> None:
    headers = client.get("/plain").headers
    assert headers["retry-after"] == "7"
    assert "x-powered-by" not in headers


def test_a_page_and_what_its_script_asks_stay_as_they_are(client: TestClient) -> None:
    assert "பக்கம் இல்லை" in client.get("/page").text
    assert client.get("/gradio_api/queue").json() == {"detail": "full"}


def test_a_shops_page_may_read_why_it_was_refused(client: TestClient) -> None:
    for path in ("/api/v1/nowhere", "/broken"):
        headers = client.get(path, headers={"origin": SHOP}).headers
        assert headers["access-control-allow-origin"] == SHOP, path


@pytest.mark.parametrize(
    ("browser", "language"),
    [
        ("ta-IN,en;q=0.5", "ta"),
        ("th", "th"),
        ("ar-EG", "ar"),
        ("fr, hu;q=0.3", "hu"),
        ("te-Latn", "te-Latn"),
        ("", "en"),
    ],
)
def test_a_customer_reads_of_a_failure_in_their_language_and_nothing_of_the_server(
    browser: str, language: str, client: TestClient, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise DeskUnavailable("The desk's database sqlite:////srv/desk.db cannot be used.")

    monkeypatch.setattr(desk, "start", lost)
    headers = {"accept-language": browser, "origin": SHOP}
    refused = client.post("/api/v1/conversations", json={"site": "nila"}, headers=headers)
    assert (refused.status_code, refused.json()["detail"]) == (503, phrase("failed", language))
    assert "/srv/desk.db" in caplog.text


@pytest.mark.parametrize("role", get_args(Role))
def test_an_admin_alone_reads_what_is_the_matter(role: Role) -> None:
    headers = [(b"accept-language", b"hu")]
    asked = HTTPConnection({"type": "http", "headers": headers, "state": {"account": Account("Réka", role)}})
    told = "disk full" if role == "admin" else phrase("failed", "hu")
    assert sentence(DeskUnavailable("disk full"), asked) == told


def test_an_address_that_asks_too_much_is_told_when_to_come_again(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RATES, "address", Rate(3, 60.0))  # type: ignore[index]
    client = TestClient(create(Assistant(retriever), desk))
    codes = [client.get("/health") for _ in range(4)]
    assert [each.status_code for each in codes] == [200, 200, 200, 429]
    assert codes[-1].headers["content-type"] == "application/problem+json"
    assert 1 <= int(codes[-1].headers["retry-after"]) <= 60


def test_a_socket_that_comes_too_often_is_closed_with_the_code_that_says_so(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RATES, "address", Rate(1, 60.0))  # type: ignore[index]
    client = TestClient(voice.mount(create(Assistant(retriever), desk), Assistant(retriever), desk))
    assert client.get("/health").status_code == 200
    with client.websocket_connect("/api/v1/voice") as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_text()
    assert (closed.value.code, "try again in 60 s" in closed.value.reason) == (1013, True)


def test_this_machine_itself_has_no_rate(retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "address", Rate(3, 60.0))  # type: ignore[index]
    for host, last in (("127.0.0.1", 200), ("::1", 200), ("10.0.0.7", 429)):
        client = TestClient(create(Assistant(retriever), desk), client=(host, 4711))
        assert [client.get("/health").status_code for _ in range(4)][-1] == last, host


def test_rates_and_sizes_hold_without_sites(retriever: Retriever, desk: Desk) -> None:
    client = TestClient(create(Assistant(retriever), desk))
    talk = f"/api/v1/conversations/{client.post('/api/v1/conversations', json={}).json()['id']}"
    codes = [client.put(f"{talk}/rating", json={"rating": "good"}).status_code for _ in range(RATES["write"].burst + 1)]
    assert codes == [204] * RATES["write"].burst + [429]
    huge = client.post(f"{talk}/turns", content=b'{"text": "' + b"x" * 70_000 + b'"}')
    assert (huge.status_code, huge.headers["content-type"]) == (413, "application/problem+json")


def test_conversations_begin_at_a_pace_without_sites(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RATES, "start", Rate(2, 60.0))  # type: ignore[index]
    client = TestClient(create(Assistant(retriever), desk))
    assert [client.post("/api/v1/conversations", json={}).status_code for _ in range(3)] == [201, 201, 429]


def test_who_comes_when_too_many_are_answered_is_told_when_to_come_again() -> None:
    async def come() -> list[httpx.Response]:
        entered, answered = asyncio.Event(), asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] == "POST":
                entered.set()
                await answered.wait()
            await PlainTextResponse("ok")(scope, receive, send)

        transport = httpx.ASGITransport(Shedding(app, Turns(1, 0)))
        async with httpx.AsyncClient(transport=transport, base_url="http://sevai") as client:
            first = asyncio.create_task(client.post("/api/v1/ask"))
            await entered.wait()
            others = [await client.post("/api/v1/conversations/1/turns"), await client.get("/health")]
            answered.set()
            return [await first, *others, await client.post("/api/v1/ask")]

    first, refused, health, later = asyncio.run(come())
    assert [each.status_code for each in (first, refused, health, later)] == [200, 503, 200, 200]
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["content-type"] == "application/problem+json"


def test_who_takes_long_to_send_a_message_holds_nobody_up(app: FastAPI) -> None:
    async def come() -> int:
        enough = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b'{"question": "'
            await enough.wait()
            yield 'வணக்கம்"}'.encode()

        transport = httpx.ASGITransport(Shedding(app, Turns(1, 0)))
        async with httpx.AsyncClient(transport=transport, base_url="http://sevai") as client:
            told = {"content-type": "application/json"}
            first = asyncio.create_task(client.post("/api/v1/ask", content=slow(), headers=told))
            await asyncio.sleep(0.01)
            other = await client.post("/api/v1/ask", json={"question": "நன்றி"})
            enough.set()
            assert (await first).status_code == 200
            return other.status_code

    assert asyncio.run(come()) == 200


def test_too_much_is_refused_before_it_takes_a_turn(app: FastAPI) -> None:
    client = TestClient(app)
    refused = client.post("/api/v1/ask", content=iter([b"x" * 2**20] * 5))
    assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")


def filled(unit: str, size: int) -> str:
    return (unit * size)[:size].strip()


@pytest.mark.parametrize("unit", ["1 ", "பத்து ", "க் "])
def test_no_message_however_strange_takes_long(unit: str, client: TestClient) -> None:
    long, said = filled(unit, 19_999), filled(unit, 4000)
    history = [{"speaker": speaker, "text": long} for speaker in ("customer", "assistant")] * 2
    words = [{"text": word, "confidence": 0.1} for word in filled(unit, 2000).split()]
    heard = {"channel": "voice", "words": words, "alternatives": [filled(unit, 1900)[at:].strip() for at in range(4)]}
    for asked in ({"question": "பிறகு?", "history": history}, {"question": said}, {"question": said, **heard}):
        began = process_time()
        assert client.post("/api/v1/ask", json=asked).status_code in (200, 422)
        assert process_time() - began < 5


def test_what_was_heard_otherwise_is_no_longer_than_a_message(client: TestClient) -> None:
    asked = {"question": "வணக்கம்", "channel": "voice", "alternatives": ["அ" * 4000] * 3}
    refused = client.post("/api/v1/ask", json=asked)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/alternatives")


def test_large_requests_that_come_at_once_share_the_memory() -> None:
    body, enough = b"x" * 2**20, asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await PlainTextResponse("ok")(scope, receive, send)

    async def come() -> list[int]:
        inner = problems.mount(FastAPI())
        inner.mount("/api/v1", app)
        sized = Sized(inner, room=3 * 2**20)

        async def slow() -> AsyncIterator[bytes]:
            yield body
            await enough.wait()
            yield body

        def client(host: str) -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=httpx.ASGITransport(sized, client=(host, 1)), base_url="http://sevai")

        async with client("203.0.113.1") as one, client("203.0.113.2") as other:
            first = asyncio.create_task(one.post("/api/v1/ask", content=slow()))
            await asyncio.sleep(0.01)
            codes = [(await one.post("/api/v1/ask", content=body)).status_code]  # has its half already
            codes.append((await other.post("/api/v1/ask", content=body)).status_code)
            codes.append((await one.post("/api/v1/ask", content=b"x" * 60_000)).status_code)  # what everybody may send
            enough.set()
            await first
            codes.append((await one.post("/api/v1/ask", content=body)).status_code)  # there is room again
            assert not any(sized._held.values())
        return codes

    assert asyncio.run(come()) == [503, 200, 200, 200]


def test_a_length_that_is_too_much_is_refused_at_once(app: FastAPI) -> None:
    async def come() -> int:
        async def never() -> AsyncIterator[bytes]:
            await asyncio.sleep(30)
            yield b""

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sevai", timeout=5) as client:
            headers = {"content-length": "99999999999999999999", "content-type": "application/json"}
            async with asyncio.timeout(5):
                return (await client.post("/api/v1/ask", content=never(), headers=headers)).status_code

    assert asyncio.run(come()) == 413


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("testclient", "testclient"),
    ],
)
def test_who_has_many_addresses_is_one_visitor(host: str, counted: str) -> None:
    assert address(HTTPConnection({"type": "http", "client": (host, 1)})) == counted
