"""A conversation as values: who said what, in which language, and who has it now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

Speaker = Literal["customer", "assistant", "agent"]
Channel = Literal["chat", "voice"]
Status = Literal["pending", "open", "resolved"]
"""pending: the assistant has it; open: a person has it or is awaited; resolved: it is over."""

LONGEST = 4000
"""Characters that a customer can say at once."""


def now() -> datetime:
    """The present moment in UTC, as turns are stamped."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a quote stands: `document.text[start:end] == quote`; `page` is None in formats without pages."""

    document: str
    title: str
    quote: str
    start: int
    end: int
    source: str
    passage: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class File:
    """What a customer sent beside words: its media type is that of its content, its size in bytes."""

    id: str
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. `language` is a BCP 47 tag (`ta`, `ta-Latn`, `und`); `citations` are the assistant's sources.

    `choices` are what the assistant offered: the text of one, as the customer's next message, answers at once.
    `agent` is the name of the person who wrote it, where one did.
    """

    speaker: Speaker
    text: str
    language: str = "und"
    at: datetime = field(default_factory=now)
    channel: Channel = "chat"
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A customer's talk with the company, oldest turn first."""

    id: str
    turns: tuple[Turn, ...] = ()
    status: Status = "pending"
    channel: Channel = "chat"

    @property
    def language(self) -> str:
        """The language that the customer last wrote, as far as their words told it."""
        said = (turn.language for turn in reversed(self.turns) if turn.speaker == "customer")
        return next((tag for tag in said if tag != "und"), "und")

    @property
    def choices(self) -> tuple[str, ...]:
        """What the customer was offered a moment ago, and has not answered."""
        return self.turns[-1].choices if self.turns else ()
