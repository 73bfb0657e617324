"""Who is writing in which conversation just now: forgotten after some seconds, and written down nowhere."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Literal

Writer = Literal["customer", "agent"]

LASTS = 6.0
"""Seconds for which somebody is said to write after they were last seen to; pages tell it every three."""
REMEMBERED = 10_000
"""Writers that are remembered at once; who was seen longest ago is forgotten first."""


class Presence:
    """Safe for many threads; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until: dict[tuple[str, Writer], float] = {}
        self._lock = Lock()

    def tell(self, conversation: str, who: Writer, writing: bool = True) -> None:
        """Somebody writes, or does so no more."""
        with self._lock:
            self._until.pop((conversation, who), None)
            if writing:
                self._until[conversation, who] = self._clock() + LASTS
            while len(self._until) > REMEMBERED:
                del self._until[next(iter(self._until))]

    def writes(self, conversation: str, who: Writer) -> bool:
        """Whether they are writing."""
        with self._lock:
            return self._until.get((conversation, who), 0.0) > self._clock()
