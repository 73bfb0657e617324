"""The store of conversations, and the queue of those that wait for a person.

What an acknowledged call has written survives the death of the process at once: SQLite is run with a write-ahead log
that is synced at every commit. Every change starts with one guarded UPDATE of the conversation's row, which locks the
row (PostgreSQL) or the file (SQLite); what a call decides is therefore still true when it writes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from assistant.conversation import Channel, Citation, Conversation, File, Status, Turn, now
from assistant.desk.records import (
    Answered,
    DeskUnavailable,
    Kept,
    Note,
    NotYours,
    Outcome,
    Past,
    Rating,
    Sent,
    Standing,
    Ticket,
    UnknownConversation,
)
from assistant.desk.tables import CONVERSATIONS, CURRENT, HANDOFFS, NOTES, REPLIES, TABLES, TURNS, opened
from assistant.fields import Field
from assistant.privacy import Personal, found, masked
from assistant.reply import Handoff, Reason, Suggestion, Tried
from knowledge import base

GLIMPSE = 80
"""Characters of a question that the queue tells."""
DIALLED = 9
"""Last digits of a telephone number that are its own, whatever stands in front of them."""
MISSING = "There is no conversation {!r}; start one, or check the id."
URGENCY = func.coalesce(HANDOFFS.c.urgency, 0)
WAITING = (CONVERSATIONS.c.status == "open", CONVERSATIONS.c.agent.is_(None))

# What every message asks is put together once: that takes longer than the database needs to answer.
LAST = select(func.max(TURNS.c.number)).where(TURNS.c.conversation == bindparam("which")).scalar_subquery()
WRITTEN = insert(TURNS).values(number=func.coalesce(LAST, 0) + 1)
SAID = (
    select(CONVERSATIONS.c.status, CONVERSATIONS.c.channel.label("begun"), TURNS)
    .join_from(CONVERSATIONS, TURNS, isouter=True)
    .where(CONVERSATIONS.c.id == bindparam("which"))
    .order_by(TURNS.c.number)
)
BEGUN = select(CONVERSATIONS.c.channel).where(CONVERSATIONS.c.id == bindparam("which"))
STANDING = select(
    *CONVERSATIONS.c["id", "status", "agent", "rating"],
    func.coalesce(
        select(func.max(TURNS.c.number)).where(TURNS.c.conversation == CONVERSATIONS.c.id).scalar_subquery(), 0
    ).label("turns"),
).where(CONVERSATIONS.c.id.in_(bindparam("ids", expanding=True)))
QUEUED = (
    select(
        HANDOFFS.c.conversation,
        func.row_number().over(order_by=(URGENCY.desc(), HANDOFFS.c.number)).label("place"),
    )
    .join(CONVERSATIONS)
    .where(CURRENT, *WAITING)
    .subquery()
)
PLACES = select(QUEUED).where(QUEUED.c.conversation.in_(bindparam("ids", expanding=True)))
REPLIED = TURNS.alias()
LAST_REPLY = (
    select(func.max(REPLIED.c.number))
    .where(REPLIED.c.conversation == TURNS.c.conversation, REPLIED.c.speaker == "agent")
    .correlate(TURNS)
    .scalar_subquery()
)
UNANSWERED = (
    select(func.count())
    .where(TURNS.c.conversation == CONVERSATIONS.c.id, TURNS.c.speaker == "customer")
    .where(TURNS.c.number > func.coalesce(LAST_REPLY, 0))
    .correlate(CONVERSATIONS)
    .scalar_subquery()
)
GUARDS: Mapping[str, ColumnElement[bool]] = {
    "if_status": CONVERSATIONS.c.status == bindparam("if_status"),
    "if_holder": func.coalesce(CONVERSATIONS.c.agent, "") == bindparam("if_holder"),
    "if_last": bindparam("if_last") == LAST,
    "unless_key": ~exists().where(TURNS.c.conversation == bindparam("which"), TURNS.c.key == bindparam("unless_key")),
}
"""On what a turn is written only; nobody holds a conversation whose holder is empty."""


class Desk:
    """Conversations and handoffs in the database at `url`; its tables and their columns are made when they are missing.

    Any number of threads and processes may use one database. Any call raises DeskUnavailable where the database fails,
    and UnknownConversation where it does not know the id.
    """

    def __init__(self, url: str = "sqlite:///desk.db") -> None:
        self.engine = opened(url)

    def ensure_writable(self) -> None:
        """Raise DeskUnavailable unless the database can be written."""
        with self.engine.begin() as connection:
            connection.execute(update(CONVERSATIONS).where(false()).values(status="open"))

    def start(self, channel: Channel = "chat", id: str | None = None, *, customer: str | None = None) -> Conversation:
        """A new conversation, by default with an id that cannot be guessed; with a known id, the one that has it.

        `customer` is whatever the channel knows them by; what the same one said before is then shown to agents.
        """
        id = id or secrets.token_urlsafe(16)
        begun = {"id": id, "channel": channel, "status": "pending", "customer": customer}
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(CONVERSATIONS), begun)
        except IntegrityError:
            return self.conversation(id)
        return Conversation(id, channel=channel)

    def conversation(self, id: str) -> Conversation:
        """The conversation as it stands, every turn included."""
        with self.engine.connect() as connection:
            rows = connection.execute(SAID, {"which": id}).all()
        if not rows:
            raise UnknownConversation(MISSING.format(id))
        return Conversation(id, tuple(turn_of(row) for row in rows if row.number), rows[0].status, rows[0].begun)

    def channel(self, id: str) -> Channel:
        """The channel in which the conversation began."""
        with self.engine.connect() as connection:
            begun: Channel | None = connection.scalar(BEGUN, {"which": id})
        if begun is None:
            raise UnknownConversation(MISSING.format(id))
        return begun

    def append(
        self,
        id: str,
        turn: Turn,
        *,
        agent: str = "",
        if_status: Status | None = None,
        if_free: bool = False,
        if_last: int | None = None,
        handoff: Handoff | None = None,
        sent: Sent | None = None,
        key: str | None = None,
    ) -> bool:
        """Write a turn, and what comes with it, as one change; False, and nothing written, where `if_status` fails, an
        agent holds the conversation and it is written only `if_free`, the last turn is not number `if_last`, or a turn
        with that `key` is there.

        An agent's turn is written only for the `agent` who holds the conversation (else NotYours).
        A customer who writes in a resolved conversation has the assistant again.
        """
        agents = turn.speaker == "agent"
        asked = {
            "if_status": "open" if agents else if_status,
            "if_holder": (agent or " ") if agents else "" if if_free else None,  # no name is a space
            "if_last": if_last,
            "unless_key": key,
        }
        guards = {name: value for name, value in asked.items() if value is not None}
        row = columns(turn) | {"conversation": id, "which": id, "key": key}
        with self.engine.begin() as connection:
            touched = touching(frozenset(guards), reopening=turn.speaker == "customer")
            if not connection.execute(touched, guards | {"which": id}).rowcount:
                ensure(connection, id)
                if agents:
                    raise NotYours(f"The conversation {id!r} is not held by {agent!r}; claim it before writing in it.")
                return False
            connection.execute(WRITTEN, row)
            if handoff:
                queue(connection, id, handoff)
            if sent:
                given = insert(REPLIES).values(turn=LAST)
                connection.execute(given, {"conversation": id, "which": id, **asdict(sent)})
        return True

    def cut(self, id: str, said: str, heard: str) -> bool:
        """Keep of the assistant's last turn, which said that, what was heard; False where another one is the last.

        Who heard a part of an answer was not given it: its citations go, so that the same question is answered again.
        """
        spoken = (TURNS.c.conversation == id, TURNS.c.speaker == "assistant")
        last = select(func.max(TURNS.c.number)).where(*spoken).scalar_subquery()
        kept = update(TURNS).where(*spoken, TURNS.c.number == last, TURNS.c.text == said)
        with self.engine.begin() as connection:
            ensure(connection, id)
            return bool(connection.execute(kept.values(text=heard, citations=[])).rowcount)

    def handoff(self, id: str) -> Handoff | None:
        """Why a person has the conversation or is awaited; None where neither is so."""
        chosen = select(HANDOFFS).where(HANDOFFS.c.conversation == id, CURRENT)
        with self.engine.connect() as connection:
            row = connection.execute(chosen).one_or_none()
            if row is None:
                ensure(connection, id)
                return None
        return package(dict(row._mapping))

    def answered(self, after: int = 0) -> list[Answered]:
        """What agents replied to which question, behind the reply of number `after`, in the order it was sent."""
        asked, given = TURNS.alias(), TURNS.alias()
        chosen = (
            select(
                *REPLIES.c["number", "conversation", "asked"],
                *(asked.c.text.label("question"), given.c.text.label("reply"), given.c.language),
            )
            .join(asked, (asked.c.conversation == REPLIES.c.conversation) & (asked.c.number == REPLIES.c.asked))
            .join(given, (given.c.conversation == REPLIES.c.conversation) & (given.c.number == REPLIES.c.turn))
            .where(REPLIES.c.number > after)
            .order_by(REPLIES.c.number)
        )
        with self.engine.connect() as connection:
            return [Answered(**row) for row in connection.execute(chosen).mappings()]

    def kept(self) -> list[Kept]:
        """How much of the suggestions that were taken was sent, by their kind and the customers' language."""
        language, taken = TURNS.c.language, func.count().label("taken")
        chosen = (
            select(REPLIES.c.kind, language, taken, func.avg(REPLIES.c.kept).label("share"))
            .join(TURNS, (TURNS.c.conversation == REPLIES.c.conversation) & (TURNS.c.number == REPLIES.c.asked))
            .where(REPLIES.c.kind.is_not(None))
            .group_by(REPLIES.c.kind, language)
            .order_by(REPLIES.c.kind, language)
        )
        with self.engine.connect() as connection:
            return [Kept(**row) for row in connection.execute(chosen).mappings()]

    def waiting(
        self,
        language: str | None = None,
        reason: Reason | None = None,
        longer: timedelta | None = None,
        limit: int | None = None,
        after: int = 0,
    ) -> list[Ticket]:
        """The queue, the most urgent and the longest waiting first, without the first `after`.

        Of one language in any script, of one reason, waiting for `longer` only, where that is given.
        """
        chosen = tickets().where(*WAITING, *narrowed(language, reason, longer))
        return self._tickets(chosen.limit(limit).offset(after))

    def fitting(
        self, language: str | None = None, reason: Reason | None = None, longer: timedelta | None = None
    ) -> int:
        """How many wait in all, of those that `waiting` gives."""
        chosen = tickets().with_only_columns(func.count()).where(*WAITING, *narrowed(language, reason, longer))
        with self.engine.connect() as connection:
            return connection.scalar(chosen.order_by(None)) or 0

    def counts(self, longer: timedelta | None = None) -> dict[tuple[str, Reason], int]:
        """How many wait, by language and reason."""
        language, reason = HANDOFFS.c.language, HANDOFFS.c.reason
        chosen = tickets().with_only_columns(language, reason, func.count()).where(*WAITING, *narrowed(longer=longer))
        with self.engine.connect() as connection:
            rows = connection.execute(chosen.order_by(None).group_by(language, reason)).all()
        return {(language, reason): count for language, reason, count in rows}

    def note(self, id: str, agent: str, text: str) -> None:
        """Keep what the agent wrote for the other agents; NotYours unless the agent has a name."""
        if not agent.strip():
            raise NotYours("A note is written by an agent with a name; give one.")
        with self.engine.begin() as connection:
            ensure(connection, id)
            connection.execute(insert(NOTES).values(conversation=id, agent=agent, text=text, at=now()))

    def notes(self, id: str) -> list[Note]:
        """What agents wrote for each other, oldest first."""
        chosen = select(*NOTES.c["agent", "text", "at"]).where(NOTES.c.conversation == id).order_by(NOTES.c.number)
        with self.engine.connect() as connection:
            return [Note(**row) for row in connection.execute(chosen).mappings()]

    def earlier(self, id: str, limit: int = 10) -> list[Past]:
        """The other conversations in which the same customer said something, the latest first."""
        whose = select(CONVERSATIONS.c.customer).where(CONVERSATIONS.c.id == id).scalar_subquery()
        said, closed = TURNS.alias(), HANDOFFS.alias()
        first = select(func.min(said.c.number)).where(said.c.conversation == TURNS.c.conversation)
        last = select(func.max(closed.c.number)).where(closed.c.conversation == TURNS.c.conversation)
        first, last = first.where(said.c.speaker == "customer"), last.where(closed.c.outcome.is_not(None))
        chosen = (
            select(*TURNS.c["conversation", "at", "language"], TURNS.c.text.label("question"), HANDOFFS.c.outcome)
            .join_from(CONVERSATIONS, TURNS)
            .join(HANDOFFS, HANDOFFS.c.number == last.scalar_subquery(), isouter=True)
            .where(CONVERSATIONS.c.customer == whose, CONVERSATIONS.c.id != id)
            .where(TURNS.c.number == first.scalar_subquery())
            .order_by(TURNS.c.at.desc())
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [Past(**row) for row in connection.execute(chosen).mappings()]

    def mine(self, agent: str) -> list[Ticket]:
        """What the agent holds, in the order of the queue."""
        chosen = tickets().add_columns(UNANSWERED.label("unanswered"))
        return self._tickets(chosen.where(CONVERSATIONS.c.agent == agent))

    def ticket(self, id: str) -> Ticket | None:
        """The conversation's line of the queue, also while an agent has it; None where no person is asked for."""
        return next(iter(self._tickets(TICKET, {"which": id})), None)

    def place(self, id: str) -> int | None:
        """The conversation's place in the queue, 1 is next; None where it does not wait."""
        return self.standing(id).place

    def standing(self, id: str) -> Standing:
        """How far the conversation has come."""
        try:
            return self.standings([id])[id]
        except KeyError:
            raise UnknownConversation(MISSING.format(id)) from None

    def standings(self, ids: Collection[str]) -> dict[str, Standing]:
        """How far each conversation has come, by its id; for many at once and often. Unknown ids are left out."""
        with self.engine.connect() as connection:
            rows = connection.execute(STANDING, {"ids": list(ids)}).all()
            waits = [row.id for row in rows if row.status == "open" and row.agent is None]
            theirs = connection.execute(PLACES, {"ids": waits}) if waits else ()
            places = {each.conversation: each.place for each in theirs}
        return {row.id: Standing(row.status, row.agent, places.get(row.id), row.turns, row.rating) for row in rows}

    def rate(self, id: str, rating: Rating) -> None:
        """Keep what the customer says of how they were helped; the last word counts."""
        with self.engine.begin() as connection:
            change(connection, id, rating=rating)

    def forget(self, id: str) -> list[str]:
        """Erase the conversation, the others of the same customer, and all that hangs on them; their ids.

        Until `wipe`, what is erased may still stand in a log of the database.
        """
        whose = select(CONVERSATIONS.c.customer).where(CONVERSATIONS.c.id == id).scalar_subquery()
        with self.engine.begin() as connection:
            ensure(connection, id)
            theirs = (CONVERSATIONS.c.id == id) | (CONVERSATIONS.c.customer == whose)
            ids = list(connection.scalars(select(CONVERSATIONS.c.id).where(theirs)))
            for table in reversed(TABLES.sorted_tables):
                owner = CONVERSATIONS.c.id if table is CONVERSATIONS else table.c.conversation
                connection.execute(delete(table).where(owner.in_(ids)))
        return ids

    def wipe(self) -> None:
        """Take what was erased out of the database's log, too, where it is SQLite."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            if busy:
                raise DeskUnavailable("What was erased still stands in the database's log: restart the server.")

    def whose(self, person: str) -> list[str]:
        """The conversations of a person: the one with that id, and those in which the customer told that e-mail address
        or telephone number, or called from it, and every other of the same customers.
        """
        wanted = {identity(one) for one in found(person)}
        told = select(TURNS.c.conversation, TURNS.c.text).where(TURNS.c.speaker == "customer")
        called = select(CONVERSATIONS.c.id, CONVERSATIONS.c.customer).where(CONVERSATIONS.c.channel == "voice")
        with self.engine.connect() as connection:
            ids = {person} if connection.scalar(select(exists().where(CONVERSATIONS.c.id == person))) else set()
            for id, text in [*connection.execute(told), *connection.execute(called)] if wanted else ():
                if wanted & {identity(one) for one in found(text or "")}:
                    ids.add(id)
            whose = select(CONVERSATIONS.c.customer).where(CONVERSATIONS.c.id.in_(ids))
            theirs = CONVERSATIONS.c.id.in_(ids) | CONVERSATIONS.c.customer.in_(whose)
            return sorted(connection.scalars(select(CONVERSATIONS.c.id).where(theirs)))

    def past(self, id: str) -> Past:
        """How a conversation began, as whoever has none of it may read it: without personal data."""
        conversation = self.conversation(id)
        first = next((turn for turn in conversation.turns if turn.speaker == "customer"), Turn("customer", ""))
        return Past(id, first.at, glimpse(first.text), first.language, None)

    def knows(self, id: str) -> bool:
        """Whether there is a conversation with that id, which may have been erased."""
        with self.engine.connect() as connection:
            return connection.scalar(select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.id == id)) is not None

    def unanswered(self, since: datetime) -> list[tuple[str, datetime]]:
        """Conversations that the assistant has, and when the customer spoke last in them: not before `since`, the
        oldest first, and nobody behind it."""
        said = TURNS.alias()
        last = select(func.max(said.c.number)).where(said.c.conversation == CONVERSATIONS.c.id).scalar_subquery()
        chosen = (
            select(CONVERSATIONS.c.id, TURNS.c.at)
            .join_from(CONVERSATIONS, TURNS)
            .where(CONVERSATIONS.c.status == "pending", TURNS.c.number == last)
            .where(TURNS.c.speaker == "customer", TURNS.c.at >= since)
            .order_by(TURNS.c.at)
        )
        with self.engine.connect() as connection:
            return [(id, at) for id, at in connection.execute(chosen)]

    def claim(self, id: str, agent: str) -> bool:
        """Give a waiting conversation to the agent; False where another one was faster or nobody is asked for."""
        if not agent.strip():
            raise NotYours("A conversation is claimed by an agent with a name; give one.")
        free = CONVERSATIONS.c.agent.is_(None) | (CONVERSATIONS.c.agent == agent)
        with self.engine.begin() as connection:
            return change(connection, id, CONVERSATIONS.c.status == "open", free, agent=agent)

    def release(self, id: str, agent: str) -> None:
        """Back into the queue, at the place that was its own; NotYours unless the agent holds it."""
        self._leave(id, agent, "open")

    def hand_back(self, id: str, agent: str) -> None:
        """The assistant has it again; NotYours unless the agent holds it."""
        self._leave(id, agent, "pending")

    def resolve(self, id: str, agent: str, outcome: Outcome) -> None:
        """It is over, until the customer writes again, and where the answer was; NotYours unless the agent holds it."""
        self._leave(id, agent, "resolved", outcome)

    def reopen(self, id: str, agent: str) -> None:
        """The agent has again what they resolved, and its outcome is taken back; NotYours where another agent did so,
        or it has gone on since.
        """
        last = select(func.max(HANDOFFS.c.number)).where(HANDOFFS.c.conversation == id).scalar_subquery()
        theirs = exists().where(HANDOFFS.c.number == last, HANDOFFS.c.resolver == agent)
        with self.engine.begin() as connection:
            if not change(connection, id, CONVERSATIONS.c.status == "resolved", theirs, status="open", agent=agent):
                raise NotYours(f"The conversation {id!r} was not resolved by {agent!r}, or has gone on since.")
            again = update(HANDOFFS).where(HANDOFFS.c.number == last)
            connection.execute(again.values(closed=None, outcome=None, resolver=None))

    def _leave(self, id: str, agent: str, status: Status, outcome: Outcome | None = None) -> None:
        with self.engine.begin() as connection:
            if not change(connection, id, CONVERSATIONS.c.agent == agent, status=status, agent=None):
                raise NotYours(f"The conversation {id!r} is not held by {agent!r}; claim it first.")
            if status != "open":
                over = update(HANDOFFS).where(HANDOFFS.c.conversation == id, CURRENT)
                resolver = agent if status == "resolved" else None
                connection.execute(over.values(closed=now(), outcome=outcome, resolver=resolver))

    def _tickets(self, chosen: Select[Any], asked: Mapping[str, str] | None = None) -> list[Ticket]:
        with self.engine.connect() as connection:
            rows = connection.execute(chosen, asked).mappings()
            return [Ticket(**{**row, "question": glimpse(row["question"])}) for row in rows]


def ensure(connection: Connection, id: str) -> None:
    """Raise UnknownConversation unless there is one with that id."""
    if connection.scalar(select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.id == id)) is None:
        raise UnknownConversation(MISSING.format(id))


def change(connection: Connection, id: str, *guards: Any, **values: Any) -> bool:
    """Change the conversation's row if the guards hold, and lock it until the transaction ends."""
    row = update(CONVERSATIONS).where(CONVERSATIONS.c.id == id, *guards)
    if connection.execute(row.values(**values)).rowcount:
        return True
    ensure(connection, id)
    return False


@cache
def touching(guards: frozenset[str], *, reopening: bool) -> Update:
    """The change of a conversation's row that locks it for a turn, under the guards of these names."""
    status = CONVERSATIONS.c.status
    stands = case((status == "resolved", "pending"), else_=status) if reopening else status
    held = (GUARDS[name] for name in sorted(guards))
    return update(CONVERSATIONS).where(CONVERSATIONS.c.id == bindparam("which"), *held).values(status=stands)


def queue(connection: Connection, id: str, handoff: Handoff) -> None:
    """Put the conversation in the queue, unless a person has it or is awaited already."""
    if change(connection, id, CONVERSATIONS.c.status != "open", status="open", agent=None):
        connection.execute(insert(HANDOFFS), {"conversation": id, "since": now(), **asdict(handoff)})


def tickets() -> Select[Any]:
    """Every conversation that a person has or is awaited in: the most urgent first, then the longest waiting."""
    columns = (
        *HANDOFFS.c["conversation", "language", "reason", "question", "since"],
        *CONVERSATIONS.c["agent", "channel"],
        func.coalesce(HANDOFFS.c.mood, "calm").label("mood"),
        URGENCY.label("urgency"),
    )
    chosen: Select[Any] = select(*columns).join_from(HANDOFFS, CONVERSATIONS)
    return chosen.where(CURRENT).order_by(URGENCY.desc(), HANDOFFS.c.number)


TICKET = tickets().where(CONVERSATIONS.c.id == bindparam("which"))


def narrowed(
    language: str | None = None, reason: Reason | None = None, longer: timedelta | None = None
) -> list[ColumnElement[bool]]:
    """What a filter of the queue asks of a handoff; nothing for what is not given."""
    tag = HANDOFFS.c.language
    return [
        *([or_(tag == base(language), tag.startswith(base(language) + "-", autoescape=True))] if language else []),
        *([HANDOFFS.c.reason == reason] if reason else []),
        *([HANDOFFS.c.since <= now() - longer] if longer else []),
    ]


def identity(one: Personal) -> tuple[str, str]:
    """What tells one person from another: of a telephone number its last digits, with its country or without."""
    return (one.kind, one.value) if "@" in one.value else ("", one.value[-DIALLED:])


@lru_cache(maxsize=4096)
def glimpse(question: str) -> str:
    """How a question begins, for agents who do not have the case: without personal data."""
    text = " ".join(masked(question).split())
    return text if len(text) <= GLIMPSE else f"{text[:GLIMPSE].rstrip()}…"


def turn_of(row: Any) -> Turn:
    """A row of the turns as a value."""
    citations = tuple(Citation(**each) for each in row.citations)
    files = tuple(File(**each) for each in row.files or ())
    said = (row.speaker, row.text, row.language, row.at, row.channel)
    return Turn(*said, citations, tuple(row.choices or ()), files, row.agent or "")


def columns(turn: Turn) -> dict[str, Any]:
    """A turn as its row; only what lies in it is copied, as `asdict` copies every value."""
    row = {each.name: getattr(turn, each.name) for each in fields(Turn)}
    return row | {name: [asdict(part) for part in row[name]] for name in ("citations", "files")}


def package(row: Mapping[str, Any]) -> Handoff:
    """A row of the handoffs as a value; what an earlier version did not write is as it is by default."""
    told = {each.name: row[each.name] for each in fields(Handoff) if row[each.name] is not None}
    lists = {name: tuple(map(PARTS.get(name, str), told[name])) for name in told if isinstance(told[name], list)}
    return Handoff(**told | lists)


def suggested(row: Mapping[str, Any]) -> Suggestion:
    """A suggestion as it was stored, as a value."""
    return Suggestion(**{**row, "citations": tuple(Citation(**each) for each in row["citations"])})


PARTS: Mapping[str, Callable[[Any], Any]] = {
    "tried": lambda row: Tried(**{**row, "flags": tuple(row.get("flags", ()))}),
    "suggestions": suggested,
    "fields": lambda row: Field(**row),
}
"""What the lists of a stored handoff hold; the others hold texts."""
