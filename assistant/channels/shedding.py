"""Load shedding: who comes when more is being answered than can be is told at once when to come again."""

from __future__ import annotations

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.channels.problems import problem

AT_ONCE = 32
"""Messages that are answered at once; fewer than the forty threads of a server, so that all else goes on meanwhile."""
AGAIN = 2
"""Seconds after which to come again."""
ANSWERED = ("/turns", "/ask")
"""How the paths end at which a message is answered."""


class Shedding:
    """Lets so many messages be answered at once, and refuses those beyond."""

    def __init__(self, app: ASGIApp, at_once: int = AT_ONCE) -> None:
        self.app = app
        self._left = at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """503 with Retry-After where too many are being answered."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith(ANSWERED):
            await self.app(scope, receive, send)
        elif not self._left:
            why = "Too many messages are being answered just now; send it again in a moment."
            await problem(HTTPStatus.SERVICE_UNAVAILABLE, why, headers={"retry-after": str(AGAIN)})(
                scope, receive, send
            )
        else:
            self._left -= 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._left += 1
