"""What stays open: how many streams there may be at once, that each ends with the sign-in or token that opened it, and
how many requests of an address are being answered, which a slow client makes last.

A stream is whatever answers with server-sent events, the pages' own included. Telephone calls, which are signed by the
network that brings them, are counted where they come in.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.channels.access import Access, address
from assistant.channels.events import HEARTBEAT, STREAM
from assistant.channels.problems import problem
from assistant.desk import DeskUnavailable

MOST: Mapping[str, int] = {
    "visitor": 12,  # a conversation, or somebody who is signed in: tabs, and those that a browser has not closed yet
    "address": 200,  # a whole mobile network may have one
    "site": 800,  # all of a site's customers
    "server": 1000,
    "strangers": 900,  # of those: who is signed in finds a place, however many come
    "calls": 200,
    "requests": 400,  # of an address, its streams among them
}
"""Streams, calls and requests that may be open at once, of everybody who has some."""
AGAIN = 15
"""Seconds after which to come again."""
TALK = re.compile("/api/v1/conversations/([^/]+)/")
END: Message = {"type": "http.response.body", "body": b"", "more_body": False}
FULL = "Too many streams are open: close one, or try again in a moment."
MANY = "Too many requests are being answered for your address: wait for one, or try again in a moment."

Holders = Sequence[tuple[str, str]]
"""Who has a stream, each under a kind of `MOST`."""


class Places:
    """The streams that are open, by who has them; for one event loop."""

    def __init__(self) -> None:
        self._open: Counter[tuple[str, str]] = Counter()

    def full(self, holders: Holders) -> str:
        """The kind of the first that has as many as it may; empty where there is none."""
        return next((kind for kind, who in holders if self._open[kind, who] >= MOST[kind]), "")

    @contextmanager
    def taken(self, holders: Holders) -> Iterator[None]:
        """One more of each, for as long as it lasts."""
        self._open.update(holders)
        try:
            yield
        finally:
            self._open.subtract(holders)
            self._open += Counter()  # keeps only those that have any


class Streams:
    """Refuses streams beyond `MOST`, and ends those that nobody may follow any more, as is seen at each heartbeat."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access
        self._places = Places()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; 429 with Retry-After where too many are, or too many streams."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked, refused = HTTPConnection(scope), False
        here = [("requests", who)] if (who := address(asked)) else []
        if self._places.full(here):
            await full(MANY)(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            nonlocal refused
            if refused:
                return
            if begins(message):
                holders = self.holders(asked)
                if self._places.full(holders):
                    refused = True
                    await full(FULL)(scope, receive, send)
                    end(limit)
                    return
                held.enter_context(self._places.taken(holders))
                held.callback(asyncio.create_task(self._watch(asked, limit)).cancel)
            await send(message)

        try:
            async with asyncio.timeout(None) as limit:
                with self._places.taken(here), ExitStack() as held:
                    await self.app(scope, receive, sent)
        except TimeoutError:
            if not limit.expired():
                raise
            if not refused:
                await send(END)

    def holders(self, asked: HTTPConnection) -> Holders:
        """Who has a stream, as far as they are known."""
        account, talk = getattr(asked.state, "account", None), TALK.match(asked.url.path)
        visitor = account.name if account else talk[1] if talk else ""
        known = {"visitor": visitor, "address": address(asked), "site": self.access.site(asked)}
        everybody = [("server", "")] if account else [("server", ""), ("strangers", "")]
        return [*everybody, *((kind, who) for kind, who in known.items() if who)]

    async def _watch(self, asked: HTTPConnection, limit: asyncio.Timeout) -> None:
        """End the stream when what opened it opens nothing any more."""
        still, site = getattr(asked.state, "still", None), self.access.site(asked)
        over = False
        while not over:
            await asyncio.sleep(HEARTBEAT)
            with suppress(DeskUnavailable):  # then it is asked again
                over = self.access.site(asked) != site or (still is not None and not await run_in_threadpool(still))
        end(limit)


def full(why: str) -> ASGIApp:
    """The refusal of who has no place."""
    return problem(HTTPStatus.TOO_MANY_REQUESTS, why, headers={"Retry-After": str(AGAIN)})


def begins(message: Message) -> bool:
    """Whether a stream begins."""
    if message["type"] != "http.response.start":
        return False
    return STREAM in Headers(raw=message["headers"]).get("content-type", "")


def end(limit: asyncio.Timeout) -> None:
    """Cut off what runs under the limit."""
    limit.reschedule(asyncio.get_running_loop().time())
