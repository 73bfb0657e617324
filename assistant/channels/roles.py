"""Who may what, in one table, and the one door that holds it: it stands before every page, route and socket.

A path or method that no row names is refused. So is whatever changes something and is sent by a page of another origin,
unless the row is for shops' pages: those are opened by tokens, never by a cookie. Every response leaves with headers
that tell browsers what its page may do.
"""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import get_args
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.accounts import Accounts, Role, Session
from assistant.channels.problems import problem, refused
from assistant.desk import DeskUnavailable

Who = frozenset[Role] | None
"""The roles that may; None: everybody, customers too, whom nobody asks for a name."""
EVERYBODY: Who = None
SIGNED_IN: Who = frozenset(get_args(Role))
AGENTS: Who = frozenset({"agent", "admin"})
EDITORS: Who = frozenset({"editor", "admin"})
JUDGES: Who = frozenset({"quality", "admin"})
ADMINS: Who = frozenset({"admin"})

READ, WRITE, SOCKET = ("GET", "HEAD"), ("POST",), ("WEBSOCKET",)
SAFE = {*READ, "OPTIONS"}
COOKIE = "sevai"
"""The cookie's name; where it travels by https only, browsers are held to that by the prefix `__Host-`."""

DATA = "default-src 'none'; frame-ancestors 'none'"
"""What is no page loads and runs nothing."""
FORMS = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Pages of forms have a style sheet, and no script."""
SCRIPTED = f"{FORMS}; script-src 'self'; connect-src 'self'"
"""Forms with a script of this server, which asks this server only."""
GRADIO = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{}; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self' data:; form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
"""Gradio compiles its templates, and styles its parts in place; of scripts in a page, only those run that it was sent
with, known by their hashes."""
MANUAL = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)
"""The page about the API."""


PAGES = (FORMS, SCRIPTED, GRADIO)
"""What people open in a browser, who are sent to the sign-in."""


@dataclass(frozen=True)
class Row:
    """Whose requests come through: `{}` in a path is a part of it, `{*}` the rest.

    Those of pages of `foreign` origins, too; what the response's page may load and run is its `policy`. Where it is
    `monitored`, the token of whatever monitors the server opens it as well.
    """

    path: str
    methods: tuple[str, ...]
    who: Who
    policy: str = DATA
    foreign: bool = False
    monitored: bool = False


def gradio(path: str, who: Who) -> tuple[Row, ...]:
    """What a page of Gradio's needs of its own server, and none of the rest that it offers."""
    return (
        Row(f"{path}/", READ, who, GRADIO),
        *(Row(f"{path}/{asset}", READ, who) for asset in ("theme.css", "assets/{*}", "static/{*}")),
        *(Row(f"{path}/gradio_api/{stream}", ("GET",), who) for stream in ("app_id", "heartbeat/{}", "queue/data")),
        *(Row(f"{path}/gradio_api/{event}", WRITE, who) for event in ("run/predict", "queue/join")),
    )


CONVERSATION = "/api/v1/conversations/{}"
CASE = "/api/v1/desk/conversations/{}"
KNOWLEDGE = "/api/v1/knowledge"
TABLE: tuple[Row, ...] = (
    *gradio("", EVERYBODY),
    Row("/favicon.ico", READ, EVERYBODY),
    Row("/widget.js", READ, EVERYBODY, foreign=True),
    Row("/widget/{}", READ, EVERYBODY, foreign=True),
    Row("/api/v1/ask", WRITE, EVERYBODY, foreign=True),
    Row("/api/v1/conversations", WRITE, EVERYBODY, foreign=True),
    Row(CONVERSATION, ("GET", "DELETE"), EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/turns", WRITE, EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/turns/{{}}/citations/{{}}", ("GET",), EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/events", ("GET",), EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/files", WRITE, EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/rating", ("PUT",), EVERYBODY, foreign=True),
    Row(f"{CONVERSATION}/typing", ("PUT",), EVERYBODY, foreign=True),
    Row("/api/v1/voice", SOCKET, EVERYBODY, foreign=True),
    Row("/health", READ, EVERYBODY),
    Row("/ready", READ, EVERYBODY),
    Row("/openapi.json", READ, EVERYBODY),
    Row("/docs", READ, EVERYBODY, MANUAL),
    Row("/docs/{}", READ, EVERYBODY),
    Row("/accounts.css", READ, EVERYBODY),
    Row("/sign-in", (*READ, *WRITE), EVERYBODY, FORMS),
    Row("/welcome/{}", (*READ, *WRITE), EVERYBODY, FORMS),
    Row("/api/v1/session", WRITE, EVERYBODY),
    Row("/api/v1/session", ("GET", "DELETE"), SIGNED_IN),
    Row("/account", (*READ, *WRITE), SIGNED_IN, FORMS),
    Row("/sign-out", WRITE, SIGNED_IN, FORMS),
    Row("/desk", READ, AGENTS, FORMS),
    *gradio("/desk", AGENTS),
    Row("/uploads/{}", READ, AGENTS),
    *(Row(f"/api/v1/desk/{tickets}", ("GET",), AGENTS) for tickets in ("queue", "mine")),
    Row(CASE, ("GET",), AGENTS),
    *(Row(f"{CASE}/{told}", ("GET",), AGENTS) for told in ("events", "suggestions", "earlier", "earlier/{}")),
    *(Row(f"{CASE}/{deed}", WRITE, AGENTS) for deed in ("claim", "replies", "resolve", "release", "hand-back")),
    Row(f"{CASE}/notes", ("GET", *WRITE), AGENTS),
    Row(f"{CASE}/typing", ("PUT",), AGENTS),
    Row("/knowledge", (*READ, *WRITE), EDITORS, SCRIPTED),
    Row("/knowledge/document", READ, EDITORS, FORMS),
    Row("/knowledge.js", READ, EVERYBODY),
    Row(f"{KNOWLEDGE}/documents", ("GET", *WRITE), EDITORS),
    Row(f"{KNOWLEDGE}/documents/{{*}}", ("GET", "DELETE"), EDITORS),
    Row(f"{KNOWLEDGE}/renewals", WRITE, EDITORS),
    Row(f"{KNOWLEDGE}/jobs/{{}}", ("GET",), EDITORS),
    Row("/quality", READ, JUDGES, FORMS),
    Row("/quality/report", READ, JUDGES, FORMS),
    Row("/metrics", ("GET",), ADMINS, monitored=True),
    Row("/people", (*READ, *WRITE), ADMINS, FORMS),
    Row("/erase", (*READ, *WRITE), ADMINS, FORMS),
    Row("/api/v1/erasures", WRITE, ADMINS),
)
"""Every path and method that is served, and to whom."""


@lru_cache(maxsize=1024)
def shape(path: str) -> re.Pattern[str]:
    """What tells whether a path is the one of a row."""
    parts = {re.escape("{}"): "[^/]+", re.escape("{*}"): ".+"}
    pattern = re.escape(path)
    for sign, means in parts.items():
        pattern = pattern.replace(sign, means)
    return re.compile(pattern, re.DOTALL)


def rows(path: str) -> list[Row]:
    """The rows of a path."""
    likely = (row for row in TABLE if path.startswith(row.path.partition("{")[0]))
    return [row for row in likely if shape(row.path).fullmatch(path)]


class Door:
    """The application behind the table: asks who comes, refuses or lets through, and dresses the response.

    `scripts` are those that Gradio's pages put into themselves; `monitor` is the token of whatever monitors the server.
    """

    def __init__(self, app: ASGIApp, accounts: Accounts, scripts: Sequence[str] = (), monitor: str = "") -> None:
        self.app = app
        self.monitor = monitor
        self.accounts = accounts
        self.scripts = tuple(script.encode() for script in scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        method = method_of(asked)
        named = rows(scope["path"])
        row = next((row for row in named if method in row.methods), None)
        signed = row is not None and not row.foreign and token(asked)
        try:
            session = await run_in_threadpool(self.session, asked) if signed else None
        except DeskUnavailable as error:
            await refused(asked, error)(scope, receive, Dressed(send, headers(asked, row)))
            return
        still = partial(self.still, asked, row) if session and row else None
        scope.setdefault("state", {}).update(account=session and session.account, session=session, still=still)
        known = row is not None and row.monitored and self.monitors(asked)
        answer: ASGIApp = (None if known else refusal(asked, method, named, row, session)) or self.app
        page = row is not None and row.policy == GRADIO and answer is self.app
        dressed = Dressed(send, headers(asked, row))
        if page:
            accepts = asked.headers.get("accept-encoding", "")
            scope, dressed = plain(scope), Sealed(send, headers(asked, row), self.scripts, "gzip" in accepts)
        await answer(scope, receive, dressed)

    def still(self, asked: HTTPConnection, row: Row) -> bool:
        """Whether who was let through would be now."""
        session = self.session(asked)
        return bool(session and (row.who is None or session.account.role in row.who))

    def session(self, asked: HTTPConnection) -> Session | None:
        """Who asks: by what a program sends, or else by the cookie."""
        return self.accounts.session(token(asked))

    def monitors(self, asked: HTTPConnection) -> bool:
        """Whether it is what monitors the server; nothing is, where no token was set."""
        return bool(self.monitor) and compare_digest(bearer(asked).encode("latin-1"), self.monitor.encode())


def token(asked: HTTPConnection) -> str:
    """What a program sends, or else the cookie; empty where there is neither."""
    return bearer(asked) or asked.cookies.get(cookie(asked), "")


def bearer(asked: HTTPConnection) -> str:
    """The token that a program sends (RFC 6750); empty where it sends none."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def method_of(asked: HTTPConnection) -> str:
    """What is asked for; where a browser asks first whether it may, what it would ask for then."""
    if asked.scope["type"] == "websocket":
        return "WEBSOCKET"
    method: str = asked.scope["method"]
    return asked.headers.get("access-control-request-method", method) if method == "OPTIONS" else method


def refusal(
    asked: HTTPConnection, method: str, named: list[Row], row: Row | None, session: Session | None
) -> Response | None:
    """Why a request does not come through; None where it does."""
    if not named:
        return problem(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
    if row is None:
        allowed = sorted({method for each in named for method in each.methods})
        why = f"This address takes {', '.join(allowed)}; not {method}."
        return problem(HTTPStatus.METHOD_NOT_ALLOWED, why, headers={"Allow": ", ".join(allowed)})
    if method not in SAFE and not row.foreign and foreign(asked):
        return problem(
            HTTPStatus.FORBIDDEN, "This was sent by a page of another site; send it from a page of this one."
        )
    if row.who is None or (session and session.account.role in row.who):
        return None
    if session is None:
        if row.policy in PAGES and method in READ:
            return RedirectResponse(f"/sign-in?next={quote(asked.url.path)}", HTTPStatus.SEE_OTHER)
        headers = {"WWW-Authenticate": "Bearer"}
        return problem(HTTPStatus.UNAUTHORIZED, "Sign in first; programs send the token of a session.", headers=headers)
    if row.policy in PAGES and method in READ:
        return RedirectResponse("/account?refused=1", HTTPStatus.SEE_OTHER)
    return problem(HTTPStatus.FORBIDDEN, f"This is not for the role {session.account.role!r}; ask an admin.")


def foreign(asked: HTTPConnection) -> bool:
    """Whether a page of another origin sent it; whoever brings a cookie must show that none did."""
    site, origin = asked.headers.get("sec-fetch-site"), asked.headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    if origin is not None:
        return origin != f"{'https' if secure(asked) else 'http'}://{asked.headers.get('host', '')}"
    return cookie(asked) in asked.cookies


def secure(asked: HTTPConnection) -> bool:
    """Whether it came by https, as the server or a proxy that it trusts says."""
    return asked.scope["scheme"] in ("https", "wss")


def cookie(asked: HTTPConnection) -> str:
    """The cookie's name."""
    return f"__Host-{COOKIE}" if secure(asked) else COOKIE


def headers(asked: HTTPConnection, row: Row | None) -> Mapping[str, str]:
    """What every response tells browsers, as far as it does not say so itself."""
    customers = row is not None and row.path == "/"
    told = {
        "Content-Security-Policy": row.policy if row else DATA,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone=({'self' if customers else ''})",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if row and row.foreign else "same-origin",
    }
    if row and (row.who is not None or row.policy == FORMS) and not row.path.endswith("{*}"):
        told["Cache-Control"] = "no-store"
    if secure(asked):
        told["Strict-Transport-Security"] = "max-age=31536000"
    return told


def plain(scope: Scope) -> Scope:
    """The request for a page that nobody compresses on its way, as its scripts have to be read, and that says of no
    other host that it were its own.
    """
    kept = [(name, value) for name, value in scope["headers"] if name not in UNTOLD]
    return {**scope, "headers": kept}


UNTOLD = (b"accept-encoding", b"x-forwarded-host", b"x-gradio-server")
"""Headers that Gradio is not told of."""
SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
"""A script that stands in a page."""


def hashes(body: bytes, more: Sequence[bytes] = ()) -> str:
    """The scripts that stand in a page, and more of them, as a policy names them."""
    digests = (b64encode(sha256(script).digest()).decode() for script in (*SCRIPT.findall(body), *more))
    return "".join(f" 'sha256-{each}'" for each in digests)


@lru_cache(maxsize=64)
def sealed(body: bytes, scripts: tuple[bytes, ...]) -> tuple[str, bytes]:
    """A page's policy, with the hashes of the scripts in it and of those to come, and the page compressed."""
    return GRADIO.format(hashes(body, scripts)), gzip.compress(body, mtime=0)


class Dressed:
    """Sends a response on with the headers that it has not set itself."""

    def __init__(self, send: Send, told: Mapping[str, str]) -> None:
        self.send, self.told = send, told

    async def __call__(self, message: Message) -> None:
        """One part of the response."""
        if message["type"].endswith("http.response.start"):
            headers = MutableHeaders(scope=message)
            for name, value in self.told.items():
                headers.setdefault(name, value)
        await self.send(message)


class Sealed(Dressed):
    """Sends a page on once all of it is there, with a policy that lets its own scripts run and no others."""

    def __init__(self, send: Send, told: Mapping[str, str], scripts: tuple[bytes, ...], compressed: bool) -> None:
        super().__init__(send, told)
        self.scripts, self.compressed = scripts, compressed
        self.start: Message = {}
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """One part of the response, which is kept until the last one comes."""
        if message["type"] == "http.response.start":
            self.start = message
        elif message["type"] == "http.response.body":
            await self.ended(message)

    async def ended(self, message: Message) -> None:
        """One part of the page; with the last one, all of it goes."""
        self.body += message.get("body", b"")
        if message.get("more_body"):
            return
        headers = MutableHeaders(scope=self.start)
        headers["Content-Security-Policy"], small = sealed(self.body, self.scripts)
        headers.add_vary_header("accept-encoding")
        if self.compressed and self.body:
            headers.update({"Content-Encoding": "gzip", "Content-Length": str(len(small))})
            self.body = small
        await super().__call__(self.start)
        await self.send({"type": "http.response.body", "body": self.body})
