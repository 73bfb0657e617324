"""What stays open, over real sockets: how many streams there may be, when each ends, and for how long a client dawdles."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from threading import Event
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse

from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.channels import access, accounts, sign_in, streams, timeouts
from assistant.channels.access import Access
from assistant.channels.api import create
from assistant.channels.roles import Door
from assistant.channels.server import config
from assistant.channels.streams import MOST
from assistant.channels.timeouts import Timed
from assistant.conversation import Turn
from assistant.desk import Desk
from assistant.reply import Handoff
from knowledge import Document, Retriever, build
from tests.conftest import PASSWORD, running

SHOP = "https://kadai.example"


@dataclass(frozen=True)
class House:
    """A server with its stores; `at` is its address."""

    at: str
    desk: Desk
    people: Accounts
    access: Access

    def signed_in(self, name: str) -> dict[str, str]:
        """What a program of somebody sends."""
        session = self.people.sign_in(name, PASSWORD)
        assert session
        return {"authorization": f"Bearer {session.token}"}

    def begun(self) -> tuple[str, dict[str, str]]:
        """Where a customer follows a new conversation, and what they send."""
        id = self.desk.start().id
        return f"{self.at}/api/v1/conversations/{id}/events", {
            "authorization": f"Bearer {self.access.token('nila', id)}"
        }

    def held(self, agent: str) -> str:
        """Where an agent follows a conversation that they hold."""
        id = self.desk.start().id
        self.desk.append(id, Turn("customer", "ஊழியர் வேண்டும்", "ta"), handoff=Handoff("asked_for_person", "", "ta", ""))
        self.desk.claim(id, agent)
        return f"{self.at}/api/v1/desk/conversations/{id}/events"


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address of a server that runs in a thread."""
    with running(config(app)) as where:
        yield f"http://{where}"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("streams")
    build([Document("w", "உத்தரவாதம் ஓராண்டு.", "உத்தரவாதம்", "ta", "w.txt")], folder / "index")
    desk = Desk(f"sqlite:///{folder / 'desk.db'}")
    people, doors = Accounts(desk.engine), Access({"nila": frozenset({SHOP})}, b"a secret")
    admin = people.accept(people.first(), "admin", PASSWORD)
    for name in ("Réka", "นภา", "மீனா"):
        people.accept(people.invite("agent", name, admin), name, PASSWORD)
    app = create(Assistant(Retriever.open(folder / "index")), desk, access=doors)
    sign_in.mount(app, accounts.Pages(people, desk))
    with served(Door(app, people)) as at:
        yield House(at, desk, people, doors)


@pytest.fixture(autouse=True)
def beating(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT", 0.05)


@contextmanager
def following(where: str, sent: dict[str, str]) -> Iterator[tuple[httpx.Response, Iterator[str]]]:
    """A stream that is open, of which the first event was read."""
    with httpx.stream("GET", where, headers=sent, timeout=10) as response:
        assert response.status_code == 200, response.read()
        lines = response.iter_lines()
        next(lines)
        yield response, lines


def refused(where: str, sent: dict[str, str]) -> httpx.Response:
    with httpx.stream("GET", where, headers=sent, timeout=10) as response:
        assert response.status_code == 429
        response.read()
        return response


def test_a_conversation_has_so_many_streams_and_others_have_theirs(house: House) -> None:
    where, sent = house.begun()
    other = house.begun()
    with ExitStack() as held:
        for _ in range(MOST["visitor"]):
            held.enter_context(following(where, sent))
        told = refused(where, {**sent, "origin": SHOP})
        assert told.headers["content-type"] == "application/problem+json"
        assert int(told.headers["retry-after"]) > 0
        assert told.headers["access-control-allow-origin"] == SHOP  # the widget may read when to come again
        held.enter_context(following(*other))
    gone = monotonic() + 5
    while monotonic() < gone:  # whoever closes a stream gives its place back
        with httpx.stream("GET", where, headers=sent) as response:
            if response.status_code == 200:
                return
    pytest.fail("No place became free.")


@pytest.mark.parametrize("kind", ["address", "site", "strangers", "server"])
def test_an_address_a_site_and_the_server_have_so_many(
    kind: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MOST, kind, 2)  # type: ignore[arg-type]
    monkeypatch.setattr(streams, "address", lambda _: "203.0.113.7")
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(following(*house.begun()))
        refused(*house.begun())


def test_a_token_that_expires_ends_its_stream(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    where, sent = house.begun()
    with following(where, sent) as (_, lines):
        now = access.time()
        monkeypatch.setattr(access, "time", lambda: now + access.LASTS + 1)
        list(lines)  # it ends, and not as if it were cut off
    assert httpx.get(where, headers=sent).status_code == 401


@pytest.mark.parametrize("how", ["signs out", "has another role", "is disabled"])
def test_a_stream_of_the_desk_ends_with_the_sign_in(how: str, house: House) -> None:
    name = {"signs out": "Réka", "has another role": "นภา", "is disabled": "மீனா"}[how]
    sent = house.signed_in(name)
    where = house.held(name)
    with following(where, sent) as (_, lines), following(house.held(name), house.signed_in(name)):
        if how == "signs out":
            house.people.sign_out(sent["authorization"].removeprefix("Bearer "))
        elif how == "is disabled":
            house.people.disable(name)
        else:
            house.people.assign(name, "quality")
        list(lines)
    assert httpx.get(where, headers=sent).status_code in (401, 403)


def test_a_stream_goes_on_while_whoever_follows_is_there(house: House) -> None:
    admin = house.signed_in("admin")
    where = house.held("admin")
    with following(where, admin) as (_, lines):
        id = where.split("/")[-2]
        before = monotonic() + 0.3
        while monotonic() < before:  # several heartbeats
            house.people.account("admin")
        house.desk.append(id, Turn("customer", "வணக்கம்", "ta"))
        assert any("வணக்கம்" in line for line in lines)


def test_an_address_has_so_many_requests_however_slow_they_are(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a proxy, where all connections are the proxy's."""
    monkeypatch.setitem(MOST, "requests", 2)  # type: ignore[index]
    monkeypatch.setattr(streams, "address", lambda asked: asked.headers.get("x-from", ""))
    slow = b"POST /api/v1/ask HTTP/1.1\r\nhost: x\r\nx-from: 203.0.113.7\r\ncontent-length: 9\r\n\r\n"
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(connected(house)).sendall(slow)
        mine = until_status(house, 429, "203.0.113.7")
        assert int(mine.headers["retry-after"]) > 0
        assert mine.headers["content-type"] == "application/problem+json"
        assert httpx.get(f"{house.at}/health", headers={"x-from": "203.0.113.8"}).status_code == 200
    until_status(house, 200, "203.0.113.7")


def until_status(house: House, status: int, who: str) -> httpx.Response:
    """The first answer of that status; others are asked for again for some seconds."""
    before = monotonic() + 5
    while monotonic() < before:
        answer = httpx.get(f"{house.at}/health", headers={"x-from": who})
        if answer.status_code == status:
            return answer
    pytest.fail(f"Nobody was told {status}.")


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever connects to the server does so from another machine, which has two connections at most."""
    monkeypatch.setattr(timeouts, "located", lambda host: host and "203.0.113.7")
    monkeypatch.setattr(timeouts, "MOST", 2)


def answered(open_: socket.socket) -> HTTPResponse:
    """What the server says to a request on the connection."""
    open_.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
    answer = HTTPResponse(open_)
    answer.begin()
    return answer


@pytest.mark.usefixtures("elsewhere")
def test_an_address_has_so_many_connections_though_they_say_nothing(house: House) -> None:
    with ExitStack() as held:
        first, _ = [held.enter_context(connected(house)) for _ in range(2)]
        with connected(house) as third:
            told = answered(third)
            assert (told.status, told.headers["content-type"]) == (429, "application/problem+json")
            assert int(told.headers["retry-after"]) > 0
            assert b"Too many connections" in told.read()
            assert third.recv(1) == b""
        assert answered(first).status == 200
    before = monotonic() + 5
    while monotonic() < before:  # whoever closes one may have another
        with connected(house) as again:
            if answered(again).status == 200:
                return
    pytest.fail("No place became free.")


@pytest.mark.usefixtures("elsewhere")
def test_those_who_do_not_listen_are_ended_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "REFUSED", 0)
    with connected(house), connected(house), connected(house) as third:
        third.settimeout(5)
        with suppress(ConnectionError):
            assert third.recv(1) == b""


def test_everybody_together_has_so_many_connections() -> None:
    whole = config(PlainTextResponse("ok"))
    whole.limit_concurrency = 1
    with running(whole) as where, ExitStack() as held:
        host, port = where.split(":")
        _, second = [held.enter_context(socket.create_connection((host, int(port)), timeout=10)) for _ in range(2)]
        told = answered(second)
        assert (told.status, int(told.headers["retry-after"]) > 0) == (503, True)


@pytest.mark.parametrize(("proxy", "counted"), [(None, 429), (["127.0.0.1"], 200)])
@pytest.mark.usefixtures("elsewhere")
def test_a_proxy_that_is_believed_has_any_number(proxy: list[str] | None, counted: int) -> None:
    with running(config(PlainTextResponse("ok"), proxy)) as where, ExitStack() as held:
        host, port = where.split(":")
        *_, last = [held.enter_context(socket.create_connection((host, int(port)), timeout=10)) for _ in range(3)]
        assert answered(last).status == counted


# Slow clients


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "BEGIN", 0.2)
    monkeypatch.setattr(timeouts, "STUCK", 0.2)


@contextmanager
def connected(house: House) -> Iterator[socket.socket]:
    host, port = house.at.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as open_:
        yield open_


def trickled(open_: socket.socket, more: bytes, reading: int = 1000) -> tuple[float, bytes]:
    """After how many seconds the server ends a connection on which a byte comes again and again, and what it said."""
    began, said = monotonic(), b""
    open_.settimeout(0.01)
    while monotonic() - began < 8:
        try:
            open_.sendall(more)
            if reading and not (got := open_.recv(reading)):
                break
            said += got if reading else b""
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return monotonic() - began, said


HEADERS = b"POST /api/v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4000\r\n\r\n"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "begun",
    [b"", b"GET / HT", HEADERS[:-2] + b"x-more: ", HEADERS + b'{"question": "'],
    ids=["line", "name", "header", "body"],
)
def test_a_request_that_trickles_in_is_ended(begun: bytes, house: House) -> None:
    with connected(house) as open_:
        open_.sendall(begun)
        seconds, said = trickled(open_, b"x")
    assert 0.1 < seconds < 4
    assert said.startswith(b"HTTP/1.1 408 ")


@pytest.mark.usefixtures("hasty")
def test_who_says_nothing_at_all_is_ended_too(house: House) -> None:
    with connected(house) as open_:
        assert open_.recv(1000).startswith(b"HTTP/1.1 408 ")
        assert open_.recv(1000) == b""


@pytest.mark.usefixtures("hasty")
def test_a_request_has_the_time_that_its_bytes_are_worth(house: House) -> None:
    body = b'{"question": "' + b" " * 3000 + "உத்தரவாதம் எவ்வளவு?".encode() + b'"}'
    head = HEADERS.replace(b"4000", str(len(body)).encode())
    with connected(house) as open_:
        for number in range(6):  # half a second in all, at 6 kB/s
            open_.sendall((head + body)[number * 600 :][:600])
            sleep(0.1)
        answer = HTTPResponse(open_)
        answer.begin()
        assert (answer.status, bool(answer.read())) == (200, True)
        sleep(0.4)  # a connection that waits for its next request is none that dawdles
        open_.sendall(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200 OK" in open_.recv(100)


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_nobody_reads_is_ended(house: House) -> None:
    asked = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
    with connected(house) as open_:
        open_.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert trickled(open_, asked * 20, reading=0)[0] < 4


class Narrow(Timed):
    """Connections whose system takes a few bytes at a time off the server."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        super().connection_made(transport)


@pytest.mark.usefixtures("hasty")
def test_an_answer_that_is_written_and_never_fetched_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little of it is left that nobody waits to write on."""
    body, lost = "x" * 60_000, Event()
    monkeypatch.setattr(Narrow, "connection_lost", lambda self, exc: [Timed.connection_lost(self, exc), lost.set()])
    served_ = config(PlainTextResponse(body))
    served_.http, served_.timeout_keep_alive = Narrow, 0  # type: ignore[assignment]
    with running(served_) as where, socket.socket() as open_:
        open_.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        open_.connect((where.split(":")[0], int(where.split(":")[1])))
        open_.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert lost.wait(4)
