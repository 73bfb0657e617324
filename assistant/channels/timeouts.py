"""HTTP whose clients must keep up: who sends or reads a trickle holds no connection for long.

Uvicorn ends connections that are idle; what comes or goes byte by byte is none. As in Apache's mod_reqtimeout, a
request has some seconds, and more the more of it has come.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

BEGIN = 20.0
"""Seconds for a request, counted from its first byte; for the first one of a connection, from where that begins."""
RATE = 500.0
"""Bytes that give it one second more."""
STUCK = 60.0
"""Seconds that a client may take to read on."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Timed(H11Protocol):
    """One connection, for `uvicorn.Config(http=...)`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._begun, self._come = 0.0, 0
        self._due: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        if self._due is None:
            self._expect()
        self._come += len(data)
        super().data_received(data)
        if self._whole():
            self._stop()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read as fast as is written."""
        super().pause_writing()
        self._stuck = self.loop.call_later(STUCK, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has read."""
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None

    def _expect(self) -> None:
        self._begun, self._come = self.loop.time(), 0
        self._due = self.loop.call_later(BEGIN, self._look)

    def _stop(self) -> None:
        if self._due:
            self._due.cancel()
            self._due = None

    def _whole(self) -> bool:
        """Whether nothing more of a request is awaited, or it became a WebSocket, which has times of its own."""
        return self.conn.their_state not in (h11.IDLE, h11.SEND_BODY) or self.transport.get_protocol() is not self

    def _look(self) -> None:
        """End the connection, unless enough has come to go on."""
        until = self._begun + BEGIN + self._come / RATE
        if self.loop.time() < until:
            self._due = self.loop.call_at(until, self._look)
            return
        self._due = None
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(LATE)
        self.transport.close()
