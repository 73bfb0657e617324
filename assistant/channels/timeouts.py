"""HTTP whose clients must keep up: who sends or reads a trickle holds no connection for long, and nobody many.

Uvicorn ends connections that are idle; what comes or goes byte by byte is none. As in Apache's mod_reqtimeout, a
request has some seconds, and more the more of it has come. An address is counted as it connects: behind a proxy that is
believed, it is the proxy's, which may have any number; of whom it speaks for, requests are counted (`streams.py`).
"""

from __future__ import annotations

import asyncio
import sys
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.channels.access import LOCAL, located
from assistant.channels.problems import MEDIA, problem

MOST = 400
"""Connections of an address: its streams twice over. This machine, and a proxy that is believed, may have all."""
REFUSED = 100
"""Connections beyond those that are told so, and not only ended."""
AGAIN = 15
"""Seconds after which to come again."""
BEGIN = 20.0
"""Seconds for a request, counted from its first byte; for the first one of a connection, from where that begins."""
RATE = 500.0
"""Bytes that give it one second more."""
STUCK = 60.0
"""Seconds that a client may take to read on."""
LEAVE = 1.0
"""Seconds that who is refused has to read so, and to close the connection."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Timed(H11Protocol):
    """One connection, for `uvicorn.Config(http=...)`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._begun, self._come = 0.0, 0
        self._due: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._refused = False
        # Uvicorn would refuse requests, those on connections that are open among them, without a time to come again.
        self._most, self.limit_concurrency = self.limit_concurrency or sys.maxsize, None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected."""
        super().connection_made(transport)
        mine, everybody = self._own() - MOST, len(self.connections) - self._most
        if max(mine, everybody) > REFUSED:
            transport.abort()
        elif max(mine, everybody) > 0:
            self._refuse(everybody > 0)
        else:
            self._expect()

    def data_received(self, data: bytes) -> None:
        """Some of a request."""
        if self._refused:
            return
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

    def timeout_keep_alive_handler(self) -> None:
        """Nothing was asked for a while."""
        super().timeout_keep_alive_handler()
        self._end()

    def _own(self) -> int:
        """How many connections their address has; none is counted for this machine and for proxies."""
        host, _ = self.client or ("", 0)
        mine = located(host)
        if mine in ("", LOCAL) or host in getattr(self.app, "trusted_hosts", ()):
            return 0
        hosts = (client[0] for each in self.connections if (client := getattr(each, "client", None)))
        return sum(located(host) == mine for host in hosts)

    def _refuse(self, everybody: bool) -> None:
        """Say when to come again, and read on for a moment: the answer is lost where what comes meets no reader."""
        self._refused = True
        self.transport.write(refusal(everybody))
        self.transport.write_eof()
        self.loop.call_later(LEAVE, self.transport.abort)

    def _end(self) -> None:
        """Close the connection, though what was written is never read."""
        self.transport.close()
        self.loop.call_later(STUCK, self.transport.abort)

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
        self._end()


def refusal(everybody: bool) -> bytes:
    """What is said to whoever finds no place: because `everybody` has too many connections, or their address has."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if everybody else HTTPStatus.TOO_MANY_REQUESTS
    told = problem(status, "Too many connections are open: close one, or try again in a moment.")
    headers = {"content-type": MEDIA, "content-length": len(told.body), "retry-after": AGAIN, "connection": "close"}
    lines = [f"HTTP/1.1 {status} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + bytes(told.body)
