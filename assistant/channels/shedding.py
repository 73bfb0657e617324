"""Load shedding: who comes when more is being answered than can be is told at once when to come again."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.channels.problems import problem

WAITING = 40
"""Messages that wait for their turn; a machine that answers forty a second has them done in one."""
WRITTEN = 32
"""Messages that a model answers at once: fewer than a server's forty threads, so that all else goes on meanwhile."""
AGAIN = 2
"""Seconds after which to come again."""
BUSY = "Too many messages are being answered just now; send it again in a moment."
ANSWERED = ("/turns", "/ask")
"""How the paths end at which a message is answered."""


class Turns:
    """Whose message is answered: `working` at the same time, and as many more wait as may; for one event loop.

    More threads than processors would only take turns with each other, and with the one that serves everybody.
    """

    def __init__(self, working: int = 0, waiting: int = WAITING) -> None:
        working = working or os.cpu_count() or 1
        self._turn = asyncio.Semaphore(working)
        self._left = working + waiting

    @property
    def full(self) -> bool:
        """Whether as many wait as may: who can come again is to be told so."""
        return self._left <= 0

    @property
    def free(self) -> bool:
        """Whether somebody's turn would come at once."""
        return not self._turn.locked()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """A turn, once it comes."""
        self._left -= 1
        try:
            async with self._turn:
                yield
        finally:
            self._left += 1


class Shedding:
    """Answers messages over HTTP in turns, and refuses those for whom there is none."""

    def __init__(self, app: ASGIApp, turns: Turns) -> None:
        self.app = app
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """503 with Retry-After where too many wait."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith(ANSWERED):
            await self.app(scope, receive, send)
            return
        come = await arrived(receive)
        if self._turns.full:
            refused = problem(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, headers={"retry-after": str(AGAIN)})
            await refused(scope, receive, send)
            return
        async with self._turns.taken():
            await self.app(scope, come, send)


async def arrived(receive: Receive) -> Receive:
    """The request when all of it has come: who takes an hour to send a message holds no turn meanwhile."""
    come: deque[Message | HTTPException] = deque()
    more = True
    while more:
        try:
            come.append(message := await receive())
            more = message.get("more_body", False)
        except HTTPException as refused:  # too much of it: told when it is read
            come.append(refused)
            more = False

    async def again() -> Message:
        if not come:
            return await receive()
        message = come.popleft()
        if isinstance(message, HTTPException):
            raise message
        return message

    return again
