"""Who is writing just now: known in memory only, and for seconds."""

from __future__ import annotations

from time import monotonic

LASTS = 4.0
"""Seconds after a key was pressed for which somebody is writing."""


class Presence:
    """The conversations that an agent is writing in."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def write(self, conversation: str) -> None:
        """An agent has pressed a key in it."""
        now = monotonic()
        self._until = {id: until for id, until in self._until.items() if until > now} | {conversation: now + LASTS}

    def sent(self, conversation: str) -> None:
        """What was written has been sent."""
        self._until.pop(conversation, None)

    def writes(self, conversation: str) -> bool:
        """Whether an agent is writing in it."""
        return self._until.get(conversation, 0.0) > monotonic()
