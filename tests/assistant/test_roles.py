"""The one door: every route of everything that is served, asked by everybody, and what a door must do beside."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import house
from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.channels import pages
from assistant.channels.access import RATES, SECRET, Access
from assistant.channels.pages import ChatPage
from assistant.channels.roles import TABLE, Door
from assistant.conversation import Turn
from assistant.desk import Desk, DeskUnavailable
from assistant.phrases import phrase
from assistant.reply import Handoff
from assistant.uploads import Uploads
from knowledge import Document, Library, Retriever, build
from tests.conftest import PASSWORD

WORD = "செவ்வாய் கிரகத்தின் நிலவுகள்"
ROLES = ("customer", "agent", "editor", "quality", "admin")
WARRANTY = Document("w", "உத்தரவாதம்", "கம்ப்ரெசருக்குப் பத்து ஆண்டுகள் உத்தரவாதம்.", "ta", "w.txt")

EXPECTED = {
    "customer agent editor quality admin": """
        GET / ; HEAD / ; GET /theme.css ; GET /assets/{path:path} ; GET /static/{path:path}
        GET /favicon.ico ; GET /gradio_api/heartbeat/{session_hash} ; GET /gradio_api/queue/data
        GET /gradio_api/app_id ; POST /gradio_api/queue/join ; POST /gradio_api/run/{api_name}
        GET /widget.js ; GET /widget/{language}.json ; POST /api/v1/ask ; POST /api/v1/conversations
        GET /api/v1/conversations/{id} ; DELETE /api/v1/conversations/{id} ; POST /api/v1/conversations/{id}/turns
        GET /api/v1/conversations/{id}/events ; POST /api/v1/conversations/{id}/files
        GET /api/v1/conversations/{id}/turns/{turn}/citations/{number} ; PUT /api/v1/conversations/{id}/rating
        PUT /api/v1/conversations/{id}/typing ; GET /ready ; GET /docs/open.js ; GET /docs/{name}
        WEBSOCKET /api/v1/voice ; GET /health ; GET /docs ; GET /openapi.json ; HEAD /openapi.json
        GET /accounts.css ; GET /sign-in ; POST /sign-in ; GET /welcome/{token} ; POST /welcome/{token}
        POST /api/v1/session ; GET /knowledge.js
    """,
    "agent editor quality admin": """
        GET /api/v1/session ; DELETE /api/v1/session ; GET /account ; POST /account ; POST /sign-out
    """,
    "agent admin": """
        GET /desk ; GET /desk/ ; HEAD /desk/ ; GET /desk/theme.css ; GET /desk/assets/{path:path}
        GET /desk/static/{path:path} ; GET /desk/gradio_api/heartbeat/{session_hash} ; GET /desk/gradio_api/queue/data
        GET /desk/gradio_api/app_id
        POST /desk/gradio_api/queue/join ; POST /desk/gradio_api/run/{api_name} ; GET /uploads/{file}
        GET /api/v1/desk/queue ; GET /api/v1/desk/mine ; GET /api/v1/desk/conversations/{id}
        GET /api/v1/desk/conversations/{id}/events ; GET /api/v1/desk/conversations/{id}/suggestions
        GET /api/v1/desk/conversations/{id}/earlier ; GET /api/v1/desk/conversations/{id}/earlier/{other}
        GET /api/v1/desk/conversations/{id}/notes ; POST /api/v1/desk/conversations/{id}/notes
        POST /api/v1/desk/conversations/{id}/claim ; POST /api/v1/desk/conversations/{id}/replies
        POST /api/v1/desk/conversations/{id}/resolve ; POST /api/v1/desk/conversations/{id}/release
        POST /api/v1/desk/conversations/{id}/hand-back ; PUT /api/v1/desk/conversations/{id}/typing
    """,
    "editor admin": """
        GET /api/v1/knowledge/documents ; POST /api/v1/knowledge/documents ; POST /api/v1/knowledge/renewals
        GET /api/v1/knowledge/documents/{id:path} ; DELETE /api/v1/knowledge/documents/{id:path}
        GET /api/v1/knowledge/jobs/{id} ; GET /knowledge ; POST /knowledge ; GET /knowledge/document
    """,
    "quality admin": "GET /quality ; GET /quality/report",
    "admin": "GET /metrics ; GET /people ; POST /people ; GET /erase ; POST /erase ; POST /api/v1/erasures",
}
"""Who comes through at what; everything else that is served stands in one of the next two."""
GRADIO = """
    GET /config ; POST /login ; GET /logout ; GET /manifest.json ; GET /favicon.ico ; GET /openapi.json ; HEAD /openapi.json
    GET /monitoring ; GET /monitoring/summary ; GET /monitoring/{key} ; GET /pwa_icon ; GET /pwa_icon/{size}
    GET /robots.txt ; GET /svelte/{path:path} ; POST /gradio_api/api/{api_name}
    POST /gradio_api/call/{api_name} ; GET /gradio_api/call/{api_name}/{event_id} ; POST /gradio_api/cancel
    POST /gradio_api/call/v2/{api_name} ; GET /gradio_api/call/v2/{api_name}/{event_id} ; GET /gradio_api/deep_link
    POST /gradio_api/component_server ; GET /gradio_api/custom_component/{id}/{environment}/{type}/{file_name}
    GET /gradio_api/dev/reload ; GET /gradio_api/file/{path:path} ; GET /gradio_api/file={path_or_url:path}
    HEAD /gradio_api/file={path_or_url:path} ; GET /gradio_api/info ; GET /gradio_api/login_check
    GET /gradio_api/openapi.json ; POST /gradio_api/process_recording ; GET /gradio_api/proxy={url_path:path}
    HEAD /gradio_api/proxy={url_path:path} ; GET /gradio_api/queue/status ; POST /gradio_api/reset
    GET /gradio_api/runs ; GET /gradio_api/startup-events ; GET /gradio_api/theme.css
    POST /gradio_api/stream/{event_id} ; POST /gradio_api/stream/{event_id}/close ; GET /gradio_api/token
    GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file ; POST /gradio_api/undo-vibe-edit
    GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8 ; POST /gradio_api/upload
    GET /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext} ; GET /gradio_api/upload_progress
    GET /gradio_api/user ; GET /gradio_api/vibe-code ; POST /gradio_api/vibe-code ; POST /gradio_api/vibe-edit
    POST /gradio_api/vibe-starter-queries
"""
"""What Gradio offers beside what our pages need, of each of them, with a slash behind it or without: for nobody."""


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every method and path that an application serves, those mounted in it included."""
    for route in app.routes:
        path = prefix + getattr(route, "path", "")
        if isinstance(route, Mount):
            yield from routes(route, path)
        elif hasattr(route, "original_router"):
            yield from routes(route.original_router, prefix)
        else:
            for method in getattr(route, "methods", None) or ["WEBSOCKET"]:
                yield method, path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    build([WARRANTY], folder / "index")
    return folder


@pytest.fixture(scope="module")
def desk(folder: Path) -> Desk:
    return Desk(f"sqlite:///{folder / 'desk.db'}")


@pytest.fixture(scope="module")
def accounts(desk: Desk) -> Accounts:
    accounts = Accounts(desk.engine)
    admin = accounts.accept(accounts.first(), "admin", PASSWORD)
    for role in ("agent", "editor", "quality"):
        accounts.accept(accounts.invite(role, role, admin), role, PASSWORD)
    return accounts


@pytest.fixture(scope="module")
def door(folder: Path, desk: Desk, accounts: Accounts) -> Door:
    retriever = Retriever.open(folder / "index")
    library = Library(retriever, folder / "index", folder / "documents")
    uploads = Uploads(folder / "uploads")
    return house(Assistant(retriever), desk, accounts, uploads, Access(), library, company="நிலா")


@pytest.fixture(scope="module")
def cookies(accounts: Accounts) -> dict[str, dict[str, str]]:
    """What a browser of each role brings."""
    sessions = {role: accounts.sign_in(role, PASSWORD) for role in ROLES[1:]}
    return {"customer": {}} | {role: {"sevai": session.token} for role, session in sessions.items() if session}


@pytest.fixture
def client(door: Door) -> Iterator[TestClient]:
    with TestClient(door, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def agent(client: TestClient, cookies: dict[str, dict[str, str]]) -> TestClient:
    """A browser in which an agent is signed in, on a page of this server."""
    client.cookies.update(cookies["agent"])
    client.headers["sec-fetch-site"] = "same-origin"
    return client


async def reached(scope: Any, receive: Any, send: Any) -> None:
    """What stands behind the door in place of the house: tells that somebody came through."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})
        return
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def listed(text: str) -> set[tuple[str, str]]:
    """Methods and paths that are written down in a row."""
    return {(line.split()[0], line.split()[1]) for line in re.split(r"[;\n]", text) if line.strip()}


def test_every_route_lets_through_whom_it_should(
    door: Door, accounts: Accounts, cookies: dict[str, dict[str, str]]
) -> None:
    served = set(routes(door.app))
    expected = {route: who.split() for who, text in EXPECTED.items() for route in listed(text)}
    assert set(expected) <= served, "a route is gone"
    closed = {
        (method, page + path + end) for page in ("", "/desk") for end in ("", "/") for method, path in listed(GRADIO)
    }
    closed |= {(method, f"{path}/") for method, path in expected}
    expected = {route: [] for route in closed & served} | expected
    assert served <= set(expected), "a route is new: say above who may"

    async def every() -> list[Any]:
        cells = [(role, *route, role in who) for role in ROLES for route, who in expected.items()]
        return [cell for cell in cells if await through(accounts, *cell[1:3], cookies[cell[0]]) != cell[3]]

    with ThreadPoolExecutor(1) as thread:  # this one may have a loop: the browser's
        assert not thread.submit(asyncio.run, every()).result()


async def through(accounts: Accounts, method: str, path: str, cookies: dict[str, str]) -> bool:
    """Whether a request comes through the door."""
    came = []

    async def behind(*_: Any) -> None:
        came.append(True)

    async def send(_: Any) -> None:
        """Nobody reads the refusal."""

    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"host", b"testserver"), (b"sec-fetch-site", b"same-origin"), (b"cookie", cookie.encode())]
    kind = {"type": "websocket", "scheme": "ws"} if method == "WEBSOCKET" else {"type": "http", "scheme": "http"}
    scope = {**kind, "method": method, "path": filled(path), "query_string": b"", "headers": headers, "extensions": {}}
    await Door(behind, accounts)(scope, None, send)  # type: ignore[arg-type]
    return bool(came)


def filled(path: str) -> str:
    """A path as somebody asks for it."""
    return re.sub(r"\{[^}]*\}", "x", path.replace("run/{api_name}", "run/predict"))


def test_every_row_is_served(door: Door) -> None:
    served = {(method, filled(path)) for method, path in routes(door.app)}
    for row in TABLE:
        path = row.path.replace("{*}", "x").replace("{}", "x").replace("/widget/x", "/widget/x.json")
        assert any((method, path) in served for method in row.methods), row


@pytest.mark.parametrize(
    "path",
    [
        "http://testserver//desk/",
        "/desk/../desk/config",
        "/DESK/",
        "/desk/gradio_api/file=/etc/passwd",
        "/.env",
        "/desk%2fconfig",
        "/%2e%2e/desk/",
        "/api/v1/desk",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/hosts",
        "/people/x",
        "/people/",
    ],
)
def test_what_no_row_names_is_refused_to_all(path: str, client: TestClient, cookies: dict[str, dict[str, str]]) -> None:
    for role in ROLES:
        for method in ("GET", "POST"):
            brought = {"cookie": f"sevai={cookies[role].get('sevai', '')}", "sec-fetch-site": "same-origin"}
            response = client.request(method, path, headers=brought)
            assert response.status_code in (404, 405), (role, method)
            assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("header", ["x-forwarded-host", "x-gradio-server"])
def test_no_header_names_another_host_in_a_page(header: str, client: TestClient) -> None:
    page = client.get("/", headers={header: "rossz.example"})
    assert (page.status_code, "rossz.example" in page.text) == (200, False)


# What customers could reach through Gradio


def blocks(door: Door, page: str) -> Any:
    """A page of Gradio's."""
    (mounted,) = [route for route in door.app.routes if isinstance(route, Mount) and route.path == page]  # type: ignore[attr-defined]
    return mounted.app.app.blocks  # type: ignore[attr-defined]


def events(door: Door, page: str) -> dict[int, Any]:
    """What the events of a page of Gradio's call, by their numbers."""
    return dict(blocks(door, page).fns)


def called(client: TestClient, page: str, number: int, data: list[Any], **event: str) -> Any:
    body = {"fn_index": number, "data": data, "session_hash": "x", "trigger_id": 1, "event_data": event}
    return client.post(f"{page}/gradio_api/run/predict", json=body)


def waiting(desk: Desk) -> str:
    """A conversation in the queue."""
    id = desk.start().id
    desk.append(id, Turn("customer", WORD, "ta"), handoff=Handoff("unsure", "", "ta", WORD))
    return id


def test_no_customer_runs_an_event_of_the_desk(client: TestClient, door: Door, desk: Desk) -> None:
    id, theirs, ours = waiting(desk), events(door, "/desk"), events(door, "")
    assert all(isinstance(event.fn.__self__, ChatPage) for event in ours.values())
    for number, event in {**theirs, **ours}.items():
        data = [id] * len(event.inputs)
        assert called(client, "/desk", number, data, conversation=id).status_code == 401
        joining = {"fn_index": number, "data": data, "session_hash": "x", "event_data": {"conversation": id}}
        assert client.post("/desk/gradio_api/queue/join", json=joining).status_code == 401
    for number in {*theirs} - {*ours}:
        assert called(client, "", number, [id, {}], conversation=id).status_code == 422  # there is no such event
    assert client.get("/desk/gradio_api/queue/data?session_hash=x").status_code == 401
    assert client.get("/desk/").headers["location"] == "/sign-in?next=/desk/"
    assert desk.standing(id).agent is None


def test_a_customer_of_the_page_writes_at_a_pace_and_is_told_nothing_of_the_server(
    client: TestClient, door: Door, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks(door, ""), "api_open", True)  # else only its queue takes what is to be answered
    named = {event.name: number for number, event in events(door, "").items()}
    begun = called(client, "", named["ask"], [WORD, "", "short"]).json()["data"]
    assert len(begun[1]) >= SECRET
    for _ in range(RATES["write"].burst):
        called(client, "", named["ask"], [WORD, begun[0], begun[1]])
    turns = len(desk.conversation(id := Access().opened(begun[0])).turns)
    refused = called(client, "", named["ask"], [WORD, begun[0], begun[1]]).json()["data"]
    assert phrase("failed", "en") in refused[5]
    assert len(desk.conversation(id).turns) == turns
    pressed = called(client, "", named["choose"], [begun[0], begun[1]])
    assert phrase("empty_question", "en") in pressed.json()["data"][5]
    monkeypatch.setattr(pages.html, "header", lambda *_: 1 / 0)
    wrong = called(client, "", named["load"], [""])
    assert (wrong.status_code, wrong.json()["error"]) == (500, None)


def test_the_page_opens_a_conversation_by_its_own_token_only(
    client: TestClient, door: Door, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id is known to agents, to telephone networks, and to whoever sees them."""
    monkeypatch.setattr(blocks(door, ""), "api_open", True)
    named = {event.name: number for number, event in events(door, "").items()}
    id, sites = waiting(desk), {"nila": frozenset({"https://kadai.example"})}
    tokens = [id, "", "x", "x.y", "é.é", Access(sites).token("nila", id), Access(secret=b"another").token("", id)]
    for token in (*tokens, Access(lasts=-1).token("", id), Access().token("", "another")):
        for event, data in {"load": [token], "look": [token, []]}.items():
            assert WORD not in called(client, "", named[event], data).text, token
        called(client, "", named["ask"], ["வணக்கம்", token, ""])
    assert len(desk.conversation(id).turns) == 1
    own = Access().token("", id)
    assert WORD in called(client, "", named["load"], [own]).text
    strict = Access(sites)  # which asks for a token of a site, and takes none of the page
    with pytest.raises(HTTPException):
        strict.read(id, Request({"type": "http", "headers": [(b"authorization", f"Bearer {own}".encode())]}))


def test_the_desk_believes_the_session_and_not_the_browser(agent: TestClient, door: Door, desk: Desk) -> None:
    id = waiting(desk)
    (choose,) = [number for number, event in events(door, "/desk").items() if event.name == "choose"]
    drawn = called(agent, "/desk", choose, ["", {}], conversation=id, agent="admin")
    assert WORD in drawn.text
    assert desk.standing(id).agent == "agent"


def test_a_file_is_read_by_agents_only(client: TestClient, folder: Path, cookies: dict[str, dict[str, str]]) -> None:
    file = Uploads(folder / "uploads").keep("c", "bill.txt", "பில்".encode())
    assert client.get(f"/uploads/{file.id}").status_code == 401
    client.cookies.update(cookies["editor"])
    assert client.get(f"/uploads/{file.id}").status_code == 403
    client.cookies.update(cookies["agent"])
    assert client.get(f"/uploads/{file.id}").content == "பில்".encode()


def test_a_monitor_reads_the_figures_and_nothing_else(accounts: Accounts) -> None:
    monitored = TestClient(Door(reached, accounts, monitor="நீண்ட சொல்"))
    sent = {"authorization": "Bearer நீண்ட சொல்".encode()}
    assert monitored.get("/metrics", headers=sent).status_code == 299
    for path in ("/api/v1/knowledge/documents", "/people", "/api/v1/session", "/api/v1/desk/queue"):
        assert monitored.get(path, headers=sent, follow_redirects=False).status_code in (303, 401), path
    for wrong in ("Bearer x", "Bearer ", "", "Basic நீண்ட சொல்", "நீண்ட சொல்"):
        assert monitored.get("/metrics", headers={"authorization": wrong.encode()}).status_code == 401, wrong
    without = TestClient(Door(reached, accounts))
    for nothing in ("Bearer ", "Bearer", ""):
        assert without.get("/metrics", headers={"authorization": nothing}).status_code == 401


# Pages of other origins


def test_a_page_of_another_origin_changes_nothing(door: Door, cookies: dict[str, dict[str, str]]) -> None:
    own, evil = "http://testserver", "https://evil.example"
    for headers, comes in [
        ({"sec-fetch-site": "cross-site", "origin": evil}, False),
        ({"sec-fetch-site": "same-site", "origin": "http://shop.testserver"}, False),
        ({"origin": evil}, False),
        ({"origin": "null"}, False),
        ({}, False),  # a browser that says nothing of where it comes from
        ({"origin": own}, True),
        ({"sec-fetch-site": "same-origin"}, True),
    ]:
        client = TestClient(Door(reached, door.accounts), cookies=cookies["admin"])
        for path in ("/people", "/erase", "/sign-out", "/account", "/desk/gradio_api/run/predict", "/api/v1/erasures"):
            assert client.post(path, headers=headers).status_code == (299 if comes else 403), (path, headers)
    outside = TestClient(Door(reached, door.accounts))
    assert outside.post("/sign-in", headers={"origin": evil}).status_code == 403  # signs nobody in as somebody else
    assert outside.post("/api/v1/conversations", headers={"origin": evil}).status_code == 299  # a shop's page


def test_no_page_of_another_origin_is_told_that_it_may(client: TestClient) -> None:
    for path in ("/people", "/api/v1/session", "/desk/gradio_api/run/predict"):
        asks = {
            "origin": "https://evil.example",
            "access-control-request-method": "POST",
            "sec-fetch-site": "cross-site",
        }
        response = client.options(path, headers=asks)
        assert response.status_code in (401, 403)
        assert "access-control-allow-origin" not in response.headers


# Sessions


def test_a_program_signs_in_is_told_who_it_is_and_signs_out(client: TestClient) -> None:
    begun = client.post("/api/v1/session", json={"name": "editor", "password": PASSWORD})
    assert (begun.status_code, begun.json()["role"]) == (201, "editor")
    headers = {"authorization": f"Bearer {begun.json()['token']}"}
    assert client.get("/api/v1/session", headers=headers).json()["name"] == "editor"
    assert client.post("/api/v1/erasures", headers=headers, json={"person": "x"}).status_code == 403
    assert client.delete("/api/v1/session", headers=headers).status_code == 204
    refused = client.get("/api/v1/session", headers=headers)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_signing_in_by_the_form(client: TestClient, accounts: Accounts) -> None:
    form = {"name": "agent", "password": PASSWORD}
    wrong = client.post("/sign-in", data=form | {"password": "x"})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    assert 'role="alert"' in wrong.text
    held = accounts.sign_in("agent", PASSWORD)
    assert held
    client.cookies["sevai"] = held.token
    response = client.post("/sign-in?next=/desk/", data=form, headers={"sec-fetch-site": "same-origin"})
    assert (response.status_code, response.headers["location"]) == (303, "/desk/")
    told = response.headers["set-cookie"]
    assert "HttpOnly" in told
    assert "SameSite=lax" in told
    assert "Secure" not in told
    assert accounts.session(held.token) is None  # what was known before opens nothing after
    for elsewhere in ("https://evil.example", "//evil.example", "/people", "javascript:0", "/desk/%0a"):
        response = client.post(f"/sign-in?next={elsewhere}", data=form, headers={"sec-fetch-site": "same-origin"})
        assert response.headers["location"] == "/desk/"


def test_guessing_is_slowed_down(door: Door) -> None:
    with TestClient(door) as client:
        tried = [client.post("/api/v1/session", json={"name": "Nobody at all", "password": str(n)}) for n in range(12)]
    assert {response.status_code for response in tried[:10]} == {401}
    assert tried[-1].status_code == 429
    assert int(tried[-1].headers["retry-after"]) > 0


def test_only_a_trusted_proxy_says_that_it_is_https(door: Door) -> None:
    form, said = (
        {"name": "quality", "password": PASSWORD},
        {"x-forwarded-proto": "https", "origin": "https://testserver"},
    )
    with TestClient(
        ProxyHeadersMiddleware(door, ["10.0.0.1"]), client=("10.0.0.1", 9), follow_redirects=False
    ) as behind:  # type: ignore[arg-type]
        response = behind.post("/sign-in", data=form, headers=said)
        cookie = response.headers["set-cookie"]
        assert cookie.startswith("__Host-sevai=")
        assert "Secure" in cookie
        assert "max-age" in response.headers["strict-transport-security"]
    with TestClient(ProxyHeadersMiddleware(door, ["10.0.0.1"]), client=("10.0.0.2", 9)) as lying:  # type: ignore[arg-type]
        assert lying.post("/sign-in", data=form, headers=said).status_code == 403
        assert "strict-transport-security" not in lying.get("/health").headers


# Headers


def test_every_response_tells_browsers_what_its_page_may(agent: TestClient) -> None:
    for path in ("/", "/desk/", "/sign-in", "/account", "/health", "/nothing", "/docs", "/widget.js", "/people"):
        response = agent.get(path)
        told = response.headers
        assert "frame-ancestors 'none'" in told["content-security-policy"], path
        assert "default-src 'none'" in told["content-security-policy"], path
        assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "no-referrer")
        assert ("microphone=(self)" in told["permissions-policy"]) == (path == "/")
        assert "server" not in told
    assert agent.get("/widget.js").headers["cross-origin-resource-policy"] == "cross-origin"
    assert agent.get("/account").headers["cache-control"] == "no-store"


def test_a_page_runs_only_the_scripts_that_it_was_sent_with(agent: TestClient) -> None:
    for path in ("/", "/desk/"):
        page = agent.get(path)
        script = re.search("script-src ([^;]*)", page.headers["content-security-policy"])
        assert script
        assert "'unsafe-inline'" not in script[1]
        assert script[1].count("sha256-") >= len(re.findall(r"<script(?![^>]* src=)", page.text))


# Links and people


def test_a_one_time_link_makes_an_account_without_a_script(client: TestClient, accounts: Accounts) -> None:
    token = accounts.invite("agent", "Réka", accounts.account("admin"))
    page = client.get(f"/welcome/{token}")
    assert 'value="Réka"' in page.text
    assert "<script" not in page.text
    short = client.post(f"/welcome/{token}", data={"name": "Réka", "password": "short"})
    assert (short.status_code, "15" in short.text) == (422, True)
    made = client.post(f"/welcome/{token}", data={"name": "Réka", "password": PASSWORD})
    assert (made.status_code, made.headers["location"]) == (303, "/desk/")
    assert client.get("/api/v1/session").json()["name"] == "Réka"
    client.cookies.clear()
    assert client.get(f"/welcome/{token}").status_code == 410
    assert client.post(f"/welcome/{token}", data={"name": "x", "password": PASSWORD}).status_code == 410


def test_an_admin_invites_resets_and_disables(
    client: TestClient, cookies: dict[str, dict[str, str]], accounts: Accounts, desk: Desk
) -> None:
    client.cookies.update(cookies["admin"])
    client.headers["sec-fetch-site"] = "same-origin"
    hostile = "<script>alert(1)</script>"
    invited = client.post("/people", data={"do": "invite", "name": hostile, "role": "quality"})
    assert "<script" not in invited.text
    link = re.search(r"http://testserver(/welcome/[\w-]+)", invited.text)
    assert link
    with TestClient(client.app, follow_redirects=False) as other:
        assert other.post(link[1], data={"name": hostile, "password": PASSWORD}).status_code == 303
        assert client.post("/people", data={"do": "assign", "name": hostile, "role": "agent"}).status_code == 303
        assert other.get("/api/v1/session").json()["role"] == "agent"  # at once
        assert desk.claim(held := waiting(desk), hostile)
        assert client.post("/people", data={"do": "disable", "name": hostile}).status_code == 303
        assert other.get("/api/v1/session").status_code == 401
        assert desk.place(held)  # what they had is anybody's again
    for wrong in ({"do": "reboot"}, {"do": "invite", "name": "x", "role": "god"}, {"do": "disable", "name": "admin"}):
        assert client.post("/people", data=wrong).status_code == 422
    assert "<script" not in client.get("/people").text
    assert accounts.account("admin").active


def test_a_database_that_fails_is_told_as_a_problem_also_at_the_door(
    accounts: Accounts, cookies: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise DeskUnavailable("The desk's database sqlite:////srv/desk.db cannot be used.")

    monkeypatch.setattr(accounts, "session", fails)
    told = TestClient(Door(reached, accounts)).get("/desk/", headers={"cookie": f"sevai={cookies['agent']['sevai']}"})
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json")
    assert told.headers["x-content-type-options"] == "nosniff"
    assert "/srv" not in told.text


def test_no_form_is_large_or_has_many_fields(client: TestClient) -> None:
    for path in ("/welcome/files", "/welcome/ask", "/sign-in"):
        large = client.post(path, content="a=" + "x" * 100_000, headers={"sec-fetch-site": "same-origin"})
        many = client.post(path, content="a=&" * 5000, headers={"sec-fetch-site": "same-origin"})
        assert (large.status_code, many.status_code) == (413, 400)
