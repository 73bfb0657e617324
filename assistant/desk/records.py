"""What stands on the desk, as values, and what the desk refuses.

DeskError
    UnknownConversation    there is no conversation with that id
    NotYours               another agent holds the conversation, or nobody does
    DeskUnavailable        the database cannot be opened, read or written
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from assistant.conversation import Channel, Status
from assistant.reply import Feeling, Kind, Reason

Outcome = Literal["in_knowledge", "missing", "wrong", "other"]
"""Where the answer was when a person resolved it: in the knowledge, nowhere, there but wrong, or none of these."""
Rating = Literal["good", "bad"]
"""What a customer says of how they were helped."""


class DeskError(Exception):
    """Anything that the desk refuses; its text is one sentence, fit to be shown to a person."""


class UnknownConversation(DeskError):
    """There is no conversation with that id."""


class NotYours(DeskError):
    """The agent does not hold the conversation."""


class DeskUnavailable(DeskError):
    """The database cannot be opened, read or written."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One line of the queue: which conversation, why, since when, who holds it (None: it waits), and how urgent it is.

    `question` is how that begins, personal data masked, as whoever looks at the queue reads it; `mood` and `urgency`
    are the handoff's. `unanswered` is how much the customer has written since the agent who holds it wrote last.
    """

    conversation: str
    language: str
    reason: Reason
    question: str
    since: datetime
    agent: str | None
    channel: Channel
    mood: Feeling = "calm"
    urgency: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a conversation has come: its status, who holds it, its place in the queue (1 is next), its turns, and how
    the customer rated it.
    """

    status: Status
    agent: str | None
    place: int | None
    turns: int
    rating: Rating | None


@dataclass(frozen=True, slots=True)
class Note:
    """What an agent wrote for the other agents; no customer and no model ever reads it."""

    agent: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier conversation of a customer: how it began, and with which outcome a person resolved it, if one did."""

    conversation: str
    at: datetime
    question: str
    language: str
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Sent:
    """What an agent's turn was made for and from.

    `asked` is the number of the customer's turn that it answers, 1 is the first; `kind` that of the suggestion that was
    taken, and `kept` the share of it, 0 to 1, that was sent.
    """

    asked: int
    kind: Kind | None = None
    kept: float | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What an agent replied to which question; `number` rises from reply to reply, `asked` is the question's turn."""

    number: int
    conversation: str
    asked: int
    question: str
    reply: str
    language: str


@dataclass(frozen=True, slots=True)
class Kept:
    """How often suggestions of a kind were taken for customers of a language, and the mean share that was sent."""

    kind: Kind
    language: str
    taken: int
    share: float
