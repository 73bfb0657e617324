"""Which customers may talk, and how often anybody may come: site keys, the origins of pages, signed tokens, paces.

Who is signed in, and may do more, stands in `roles.py`; sign-ins are slowed down by a pace of theirs.

A site's key stands in its pages and is no secret. What it opens is therefore bound to the origins that the site names
(browsers send theirs and cannot be told otherwise by a page), to one conversation by a token, and to a rate. Rates and
sizes hold without sites, too.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil
from pathlib import Path
from threading import Lock
from time import monotonic, time
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import uploads

LASTS = 7 * 24 * 3600
"""Seconds that a token opens its conversation."""
REMEMBERED = 50_000
"""Visitors whose pace is remembered; who is idle long enough to have a full burst again is forgotten first."""
LARGEST = 64 * 2**10
"""Bytes that a request may send."""
LARGER = {
    "/files": uploads.LARGEST,
    "/ask": 4 * 2**20,
    "/knowledge/documents": 50 * 2**20,
}
"""Those of the API that may send more, by how their path ends."""
API = "/api/v1/"

ROOM = 256 * 2**20
"""Bytes that all large requests may send at the same time: they are held in memory until they are whole."""

SECRET, LONGEST_SECRET = 20, 128
"""Characters by which a customer is known again, at least and at most: no telephone number is so long, and who guesses
them erases what somebody else said."""

PAGE = ""
"""What stands in the place of a site in tokens of the server's own page; no site has that key."""
LOCAL = "localhost"
"""How this machine itself is called, by whichever of its addresses it comes."""

Sites = Mapping[str, frozenset[str]]
"""Site key -> the origins (`https://shop.example`) of the pages that it may stand in."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many at once, and seconds until one more."""

    burst: int
    seconds: float


RATES: Mapping[str, Rate] = {
    "address": Rate(1000, 0.01),  # an address, whatever it asks
    "page": Rate(4000, 0.0025),  # an address; each page of the server's own that is open looks once a second
    "start": Rate(120, 0.5),  # an address; a whole mobile network may have one
    "write": Rate(12, 3.0),  # a conversation
    "read": Rate(60, 0.5),  # a conversation
    "file": Rate(8, 20.0),  # a conversation
    "files": Rate(60, 5.0),  # an address, whatever conversations it begins
    "megabytes": Rate(200, 10.0),  # of files, an address
    "ask": Rate(120, 0.5),  # an address
    "site": Rate(2000, 0.005),  # all of a site's customers
    "sign-ins": Rate(40, 0.1),  # everybody: each hashes a password
    "sign-in": Rate(30, 2.0),  # an address; a whole team may have one
    "account": Rate(10, 20.0),  # an account's name from one address, whether there is one or not
    "name": Rate(200, 1.0),  # an account's name from everywhere: more than one address could take from its owner
}


@dataclass
class Pace:
    """Token buckets, one for everybody who comes (Turner 1986): full at first, refilled as time goes by."""

    buckets: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def wait(self, kind: str, who: str, now: float, spent: float = 1.0) -> float:
        """Seconds until they may come again; 0 where they may now, which is counted as so much `spent`."""
        rate = RATES[kind]
        with self.lock:
            level, at = self.buckets.pop((kind, who), (float(rate.burst), now))
            level = min(rate.burst, level + (now - at) / rate.seconds)
            self.buckets[kind, who] = (level - spent if level >= spent else level, now)
            while len(self.buckets) > REMEMBERED:
                del self.buckets[next(iter(self.buckets))]
        return 0.0 if level >= spent else (spent - level) * rate.seconds


class Access:
    """The doors for customers. Without sites a conversation's id is the key to it over the API, and only rates hold."""

    def __init__(self, sites: Sites | None = None, secret: bytes = b"", lasts: int = LASTS) -> None:
        self.sites = dict(sites or {})
        self.origins = sorted(set().union(*self.sites.values()))
        self._secret = secret
        self._lasts = lasts
        self._pace = Pace()

    def come(self, connection: HTTPConnection) -> None:
        """Let an address ask for anything at all, or say when it may again."""
        self._spend("address", address(connection))

    def look(self, connection: HTTPConnection) -> None:
        """Let an address's pages ask for something."""
        self._spend("page", address(connection))

    def enter(self, site: str | None, request: Request) -> None:
        """Let somebody begin a conversation on a site's page, or say why not."""
        if self.sites:
            if site not in self.sites:
                raise HTTPException(HTTPStatus.FORBIDDEN, f"There is no site {site!r}; check data-key on the page.")
            self._check(site, request, required=True)
        self._spend("start", address(request), site if self.sites else None)

    def token(self, site: str, conversation: str) -> str:
        """What opens the conversation from that site's pages, or from the server's own PAGE, until it expires."""
        claims = encode(json.dumps([site, conversation, int(time()) + self._lasts]).encode())
        return f"{claims}.{self._sign(claims)}"

    def site(self, connection: HTTPConnection) -> str:
        """The site whose token is sent; empty where none is, or it opens nothing any more."""
        site, _ = self._claims(connection.headers.get("authorization", ""))
        return site if site in self.sites else ""

    def opened(self, token: str) -> str:
        """The conversation that a token opens on the server's own page; empty where it opens none."""
        site, conversation = self._claims(token)
        return conversation if site == PAGE else ""

    def read(self, id: str, request: Request) -> None:
        """Let the customer look at the conversation."""
        self._pass(id, request, "read")

    def write(self, id: str, request: Request) -> None:
        """Let the customer say something in the conversation."""
        self._pass(id, request, "write")

    def file(self, id: str, request: Request) -> None:
        """Let the customer send a file."""
        self._pass(id, request, "file")
        self._spend("files", address(request))

    def weigh(self, request: Request, size: int) -> None:
        """Let an address send a file of so many bytes."""
        self._spend("megabytes", address(request), spent=size / 2**20)

    def ask(self, request: Request) -> None:
        """Let somebody ask one question."""
        self._spend("ask", address(request))

    def say(self, id: str, connection: Any) -> None:
        """Let somebody write on the server's own page: in the conversation, or the first of a new one."""
        self._spend(*(("write", id) if id else ("start", address(connection))))

    def _pass(self, id: str, request: Request, kind: str) -> None:
        site = None
        if self.sites:
            site, conversation = self._claims(request.headers.get("authorization", ""))
            if site not in self.sites or conversation != id:
                raise unknown()
            self._check(site, request, required=False)
        self._spend(kind, id, site)

    def _claims(self, token: str) -> tuple[str, str]:
        """The site and the conversation that a token names; empty where it opens nothing any more."""
        claims, _, signature = token.removeprefix("Bearer ").partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(claims).encode()):
            return "", ""
        site, conversation, until = json.loads(decode(claims))
        return (site, conversation) if time() < until else ("", "")

    def _check(self, site: str, request: Request, *, required: bool) -> None:
        origin = request.headers.get("origin")
        own = f"{request.url.scheme}://{request.headers.get('host', '')}"
        if origin is None and not required:  # browsers name none where a page asks its own server
            return
        if origin not in self.sites[site] and origin != own:
            why = f"The site {site!r} has no pages at {origin!r}; start the server with --site {site}={origin}."
            raise HTTPException(HTTPStatus.FORBIDDEN, why)

    def _spend(self, kind: str, who: str, site: str | None = None, spent: float = 1.0) -> None:
        if not who:
            return
        now = monotonic()
        seconds = self._pace.wait(kind, who, now, spent) or (site and self._pace.wait("site", site, now)) or 0.0
        if seconds:
            raise too_often(seconds, "That was too much at once;")

    def _sign(self, claims: str) -> str:
        return encode(hmac.digest(self._secret, claims.encode(), "sha256"))


class Sized:
    """Refuses requests that send too much, before anybody reads them; and those for which there is no memory.

    Beyond what every request may send, all that come at the same time share `room` bytes, one address half of it.
    """

    def __init__(self, app: ASGIApp, room: int = ROOM) -> None:
        self.app = app
        self._room = room
        self._held: Counter[str] = Counter()  # bytes, by address; those of everybody under an empty one

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes; 413 where it is too much, also where its length is not told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, larger = scope["path"], LARGER if scope["path"].startswith(API) else {}
        most = next((size for end, size in larger.items() if path.endswith(end)), LARGEST)
        told = dict(scope["headers"]).get(b"content-length", b"0")
        excessive = told.isdigit() and int(told) > most
        come, where = 0, address(HTTPConnection(scope))

        async def counted() -> Message:
            nonlocal come
            if excessive:
                raise too_large(most)
            message = await receive()
            more = len(message.get("body", b""))
            come += more
            self._held.update({"": more, where: more} if where else {"": more})
            if come > most:
                raise too_large(most)
            if come > LARGEST and (self._held[""] > self._room or (where and self._held[where] > self._room // 2)):
                why = "Too much is being sent just now; send it again in a moment."
                raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, why, {"Retry-After": "5"})
            return message

        try:
            await self.app(scope, counted, send)
        finally:
            self._held.subtract({"": come, where: come} if where else {"": come})
            if not self._held[where]:
                del self._held[where]


def too_often(seconds: float, why: str) -> HTTPException:
    """The refusal of who comes before these seconds are over."""
    again = ceil(seconds)
    detail = f"{why} try again in {again} s."
    return HTTPException(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(again)})


def too_large(most: int) -> HTTPException:
    """The refusal of a request that sends more than it may."""
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {most} bytes can be sent here.")


def address(connection: HTTPConnection) -> str:
    """Whom rates are kept for; empty for this machine itself, as a proxy on it may speak for everybody."""
    found = network(connection)
    return "" if found == LOCAL else found


def network(connection: HTTPConnection) -> str:
    """Where somebody comes from: an address, of IPv6 its first half, which is one customer's."""
    return located(connection.client.host if connection.client else "")


@lru_cache(maxsize=REMEMBERED)
def located(host: str) -> str:
    """Whom an address belongs to, as `network` says."""
    try:
        found = ip_address(host)
    except ValueError:  # a socket's path, or a name
        return host
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return LOCAL
    return str(found) if isinstance(found, IPv4Address) else f"{ip_network((int(found) >> 64 << 64, 64))}"


def secret(path: Path) -> bytes:
    """The server's own secret, made at the first start; only its user can read it."""
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(os.urandom(32))
    except FileExistsError:
        pass
    return path.read_bytes()


def unknown() -> HTTPException:
    """What is said to whoever has no token that opens a conversation."""
    why = "No token opens this conversation: send the one that it began with, or begin a new one."
    return HTTPException(HTTPStatus.UNAUTHORIZED, why, {"WWW-Authenticate": "Bearer"})


def encode(data: bytes) -> str:
    """Bytes as a header can hold them (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """The bytes that were encoded."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
