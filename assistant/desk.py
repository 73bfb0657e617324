"""The desk: the store of conversations, and the queue of those that wait for a person.

DeskError
    UnknownConversation    there is no conversation with that id
    NotYours               another agent holds the conversation, or nobody does
    DeskUnavailable        the database cannot be opened, read or written

What an acknowledged call has written survives the death of the process at once: SQLite is run with a write-ahead log
that is synced at every commit. Every change starts with one guarded UPDATE of the conversation's row, which locks the
row (PostgreSQL) or the file (SQLite); what a call decides is therefore still true when it writes.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic, sleep
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    case,
    create_engine,
    delete,
    event,
    exists,
    func,
    insert,
    inspect,
    make_url,
    or_,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from assistant.conversation import Channel, Citation, Conversation, File, Status, Turn, now
from assistant.fields import Field
from assistant.reply import Feeling, Handoff, Kind, Reason, Suggestion, Tried
from knowledge import base

PATIENCE = 30.0
"""Seconds that a writer waits for another one before it gives up."""
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


class Moment(TypeDecorator[datetime]):
    """A point in time that goes in and comes out in UTC, also from databases that keep no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment as it is written."""
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment as it was meant."""
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


TABLES = MetaData()
CONVERSATIONS = Table(
    "conversations",
    TABLES,
    Column("id", String(64), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("agent", String(256)),  # who holds it; null while nobody does
    Column("customer", String(128), index=True),  # whose it is, where the channel knows them again
    Column("rating", String(8)),  # the customer's
)
TURNS = Table(
    "turns",
    TABLES,
    Column("conversation", ForeignKey("conversations.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3... within the conversation
    Column("speaker", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("language", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("citations", JSON, nullable=False),
    Column("choices", JSON),
    Column("files", JSON),
    Column("agent", String(256)),
    Column("key", String(128)),  # the sender's own name for the message, so that it is written once
)
HANDOFFS = Table(
    "handoffs",
    TABLES,
    Column("number", Integer, primary_key=True),  # the order of the queue
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("closed", Moment),
    Column("reason", String(32), nullable=False),
    Column("summary", Text, nullable=False),
    Column("language", String(64), nullable=False),
    Column("question", Text, nullable=False),
    Column("tried", JSON, nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("standalone", Text),
    Column("fields", JSON),
    Column("said", JSON),
    Column("mood", String(16)),
    Column("urgency", Integer),
    Column("doubtful", JSON),
    Column("outcome", String(16)),
)
REPLIES = Table(
    "replies",
    TABLES,
    Column("number", Integer, primary_key=True),  # the order in which they were sent
    Column("conversation", String(64), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("kind", String(16)),  # of the suggestion that was taken; null where none was
    Column("kept", Float),
    ForeignKeyConstraint(["conversation", "turn"], [TURNS.c.conversation, TURNS.c.number]),
    ForeignKeyConstraint(["conversation", "asked"], [TURNS.c.conversation, TURNS.c.number]),
)
NOTES = Table(
    "notes",
    TABLES,
    Column("number", Integer, primary_key=True),  # the order in which they were written
    Column("conversation", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("agent", String(256), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
CURRENT = HANDOFFS.c.closed.is_(None)
ONE_HANDOFF = Index("one_handoff", HANDOFFS.c.conversation, unique=True, sqlite_where=CURRENT, postgresql_where=CURRENT)

ONCE = Index("once", TURNS.c.conversation, TURNS.c.key, unique=True)

MISSING = "There is no conversation {!r}; start one, or check the id."
URGENCY = func.coalesce(HANDOFFS.c.urgency, 0)
WAITING = (CONVERSATIONS.c.status == "open", CONVERSATIONS.c.agent.is_(None))


@dataclass(frozen=True, slots=True)
class Ticket:
    """One line of the queue: which conversation, why, since when, who holds it (None: it waits), and how urgent it is.

    `mood` and `urgency` are the handoff's.
    """

    conversation: str
    language: str
    reason: Reason
    summary: str
    since: datetime
    agent: str | None
    channel: Channel
    mood: Feeling = "calm"
    urgency: int = 0


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


class Desk:
    """Conversations and handoffs in the database at `url`; its tables and their columns are made when they are missing.

    Any number of threads and processes may use one database. Any call raises DeskUnavailable where the database fails,
    and UnknownConversation where it does not know the id.
    """

    def __init__(self, url: str = "sqlite:///desk.db") -> None:
        self.engine = connect(url)
        with self.engine.begin() as connection:
            for table in TABLES.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                complete(connection, table)
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))

    def start(self, channel: Channel = "chat", id: str | None = None, *, customer: str | None = None) -> Conversation:
        """A new conversation, by default with an id that cannot be guessed; with a known id, the one that has it.

        `customer` is whatever the channel knows them by; what the same one said before is then shown to agents.
        """
        id = id or secrets.token_urlsafe(16)
        begun = {"id": id, "channel": channel, "status": "pending", "customer": customer}
        try:
            with self.engine.begin() as connection:
                connection.execute(insert(CONVERSATIONS).values(**begun))
        except IntegrityError:
            return self.conversation(id)
        return Conversation(id, channel=channel)

    def conversation(self, id: str) -> Conversation:
        """The conversation as it stands, every turn included."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(CONVERSATIONS.c.status, CONVERSATIONS.c.channel.label("begun"), TURNS)
                .join_from(CONVERSATIONS, TURNS, isouter=True)
                .where(CONVERSATIONS.c.id == id)
                .order_by(TURNS.c.number)
            ).all()
        if not rows:
            raise UnknownConversation(MISSING.format(id))
        return Conversation(id, tuple(written(row) for row in rows if row.number), rows[0].status, rows[0].begun)

    def append(
        self,
        id: str,
        turn: Turn,
        *,
        agent: str = "",
        if_status: Status | None = None,
        if_free: bool = False,
        handoff: Handoff | None = None,
        sent: Sent | None = None,
        key: str | None = None,
    ) -> bool:
        """Write a turn, and what comes with it, as one change; False, and nothing written, where `if_status` fails, or
        an agent holds the conversation and it is written only `if_free`, or a turn with that `key` is there.

        An agent's turn is written only for the `agent` who holds the conversation (else NotYours).
        A customer who writes in a resolved conversation has the assistant again.
        """
        guards = [CONVERSATIONS.c.status == if_status] if if_status else []
        guards += [CONVERSATIONS.c.agent.is_(None)] if if_free else []
        guards += [~exists().where(TURNS.c.conversation == id, TURNS.c.key == key)] if key else []
        if turn.speaker == "agent":
            guards += [CONVERSATIONS.c.status == "open", CONVERSATIONS.c.agent == agent]
        status = CONVERSATIONS.c.status
        reopened = case((status == "resolved", "pending"), else_=status) if turn.speaker == "customer" else status
        with self.engine.begin() as connection:
            if not change(connection, id, *guards, status=reopened):
                if turn.speaker == "agent":
                    raise NotYours(f"The conversation {id!r} is not held by {agent!r}; claim it before writing in it.")
                return False
            number = select(func.coalesce(func.max(TURNS.c.number), 0) + 1).where(TURNS.c.conversation == id)
            row = asdict(turn) | {"number": number.scalar_subquery(), "key": key}
            connection.execute(insert(TURNS).values(conversation=id, **row))
            if handoff:
                queue(connection, id, handoff)
            if sent:
                last = select(func.max(TURNS.c.number)).where(TURNS.c.conversation == id).scalar_subquery()
                connection.execute(insert(REPLIES).values(conversation=id, turn=last, **asdict(sent)))
        return True

    def cut(self, id: str, said: str, heard: str) -> bool:
        """Keep of the assistant's last turn, which said that, what was heard; False where another one is the last.

        Who heard a part of an answer was not given it: its citations go, so that the same question is answered again.
        """
        spoken = (TURNS.c.conversation == id, TURNS.c.speaker == "assistant")
        last = select(func.max(TURNS.c.number)).where(*spoken).scalar_subquery()
        kept = update(TURNS).where(*spoken, TURNS.c.number == last, TURNS.c.text == said)
        with self.engine.begin() as connection:
            known(connection, id)
            return bool(connection.execute(kept.values(text=heard, citations=[])).rowcount)

    def open(self, id: str, handoff: Handoff) -> bool:
        """Put the conversation in the queue; False where it is there or with a person: the first waiting time stays."""
        with self.engine.begin() as connection:
            return queue(connection, id, handoff)

    def handoff(self, id: str) -> Handoff | None:
        """Why a person has the conversation or is awaited; None where neither is so."""
        chosen = select(HANDOFFS).where(HANDOFFS.c.conversation == id, CURRENT)
        with self.engine.connect() as connection:
            row = connection.execute(chosen).one_or_none()
            if row is None:
                known(connection, id)
                return None
        tried = tuple(Tried(**{**each, "flags": tuple(each.get("flags", ()))}) for each in row.tried)
        suggestions = tuple(suggested(each) for each in row.suggestions)
        about = (row.summary, row.language, row.question)
        package = Handoff(row.reason, *about, tried, suggestions, row.standalone or "")
        noted = tuple(Field(**each) for each in row.fields or ())
        package = replace(package, fields=noted, said=tuple(row.said or ()))
        return replace(package, mood=row.mood or "calm", urgency=row.urgency or 0, doubtful=tuple(row.doubtful or ()))

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
    ) -> list[Ticket]:
        """The queue, the most urgent and the longest waiting first.

        Of one language in any script, of one reason, waiting for `longer` only, where that is given.
        """
        return self._tickets(tickets().where(*WAITING, *narrowed(language, reason, longer)).limit(limit))

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
            known(connection, id)
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
        return self._tickets(tickets().where(CONVERSATIONS.c.agent == agent))

    def place(self, id: str) -> int | None:
        """The conversation's place in the queue, 1 is next; None where it does not wait."""
        order = tickets().with_only_columns(HANDOFFS.c.conversation).where(*WAITING)
        with self.engine.connect() as connection:
            known(connection, id)
            ids = list(connection.scalars(order))
        return ids.index(id) + 1 if id in ids else None

    def standing(self, id: str) -> Standing:
        """How far the conversation has come; quick, for those who look often."""
        turns = select(func.count()).where(TURNS.c.conversation == id).scalar_subquery()
        with self.engine.connect() as connection:
            chosen = select(*CONVERSATIONS.c["status", "agent", "rating"], turns.label("turns"))
            row = connection.execute(chosen.where(CONVERSATIONS.c.id == id)).one_or_none()
        if row is None:
            raise UnknownConversation(MISSING.format(id))
        place = self.place(id) if row.status == "open" and row.agent is None else None
        return Standing(row.status, row.agent, place, row.turns, row.rating)

    def rate(self, id: str, rating: Rating) -> None:
        """Keep what the customer says of how they were helped; the last word counts."""
        with self.engine.begin() as connection:
            change(connection, id, rating=rating)

    def forget(self, id: str) -> list[str]:
        """Erase the conversation, the others of the same customer, and all that hangs on them; their ids.

        What is erased is overwritten on the disk where the database is SQLite.
        """
        whose = select(CONVERSATIONS.c.customer).where(CONVERSATIONS.c.id == id).scalar_subquery()
        with self.engine.begin() as connection:
            known(connection, id)
            theirs = (CONVERSATIONS.c.id == id) | (CONVERSATIONS.c.customer == whose)
            ids = list(connection.scalars(select(CONVERSATIONS.c.id).where(theirs)))
            for table in reversed(TABLES.sorted_tables):
                owner = CONVERSATIONS.c.id if table is CONVERSATIONS else table.c.conversation
                connection.execute(delete(table).where(owner.in_(ids)))
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return ids

    def knows(self, id: str) -> bool:
        """Whether there is a conversation with that id, which may have been erased."""
        with self.engine.connect() as connection:
            return connection.scalar(select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.id == id)) is not None

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

    def _leave(self, id: str, agent: str, status: Status, outcome: Outcome | None = None) -> None:
        with self.engine.begin() as connection:
            if not change(connection, id, CONVERSATIONS.c.agent == agent, status=status, agent=None):
                raise NotYours(f"The conversation {id!r} is not held by {agent!r}; claim it first.")
            if status != "open":
                over = update(HANDOFFS).where(HANDOFFS.c.conversation == id, CURRENT)
                connection.execute(over.values(closed=now(), outcome=outcome))

    def _tickets(self, chosen: Select[Any]) -> list[Ticket]:
        with self.engine.connect() as connection:
            return [Ticket(**row) for row in connection.execute(chosen).mappings()]


def connect(url: str) -> Engine:
    """The engine for a database URL; every failure of its database is raised as DeskUnavailable."""
    try:
        address = make_url(url)
        sqlite = address.get_backend_name() == "sqlite"
        if sqlite and address.database in (None, "", ":memory:"):
            raise DeskUnavailable(f"The desk at {url!r} would forget everything; name a file, as in sqlite:///desk.db.")
        engine = create_engine(
            address,
            json_serializer=partial(json.dumps, ensure_ascii=False),
            connect_args={"timeout": PATIENCE, "isolation_level": "IMMEDIATE"} if sqlite else {},
        )
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise DeskUnavailable(
            f"The desk's address is not understood ({error}); give one such as sqlite:///desk.db."
        ) from error
    if sqlite:
        event.listen(engine, "connect", durable)

    @event.listens_for(engine, "handle_error")
    def translate(context: Any) -> None:
        error = context.sqlalchemy_exception
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
            where, why = address.render_as_string(), " ".join(str(error.orig).split())
            raise DeskUnavailable(
                f"The desk's database {where} cannot be used: {why}; check that it exists and can be written."
            ) from error

    return engine


def durable(connection: Any, _record: Any) -> None:
    """SQLite: readers beside a writer, and a commit that returns only when it is on the disk."""
    patience = monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:  # SQLite itself does not wait where two processes switch at once
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > patience:
                raise
            sleep(0.02)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


def complete(connection: Connection, table: Table) -> None:
    """Add the columns that a table made by an earlier version lacks; its rows hold null there."""
    present = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in present:
            added = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {added}")


def known(connection: Connection, id: str) -> None:
    """Raise UnknownConversation unless there is one with that id."""
    if connection.scalar(select(CONVERSATIONS.c.id).where(CONVERSATIONS.c.id == id)) is None:
        raise UnknownConversation(MISSING.format(id))


def change(connection: Connection, id: str, *guards: Any, **values: Any) -> bool:
    """Change the conversation's row if the guards hold, and lock it until the transaction ends."""
    row = update(CONVERSATIONS).where(CONVERSATIONS.c.id == id, *guards)
    if connection.execute(row.values(**values)).rowcount:
        return True
    known(connection, id)
    return False


def queue(connection: Connection, id: str, handoff: Handoff) -> bool:
    """Put the conversation in the queue, unless a person has it or is awaited already."""
    if not change(connection, id, CONVERSATIONS.c.status != "open", status="open", agent=None):
        return False
    connection.execute(insert(HANDOFFS).values(conversation=id, since=now(), **asdict(handoff)))
    return True


def tickets() -> Select[Any]:
    """Every conversation that a person has or is awaited in: the most urgent first, then the longest waiting."""
    columns = (
        *HANDOFFS.c["conversation", "language", "reason", "summary", "since"],
        *CONVERSATIONS.c["agent", "channel"],
        func.coalesce(HANDOFFS.c.mood, "calm").label("mood"),
        URGENCY.label("urgency"),
    )
    chosen: Select[Any] = select(*columns).join_from(HANDOFFS, CONVERSATIONS)
    return chosen.where(CURRENT).order_by(URGENCY.desc(), HANDOFFS.c.number)


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


def written(row: Any) -> Turn:
    """A row of the turns as a value."""
    citations = tuple(Citation(**each) for each in row.citations)
    files = tuple(File(**each) for each in row.files or ())
    said = (row.speaker, row.text, row.language, row.at, row.channel)
    return Turn(*said, citations, tuple(row.choices or ()), files, row.agent or "")


def suggested(row: Mapping[str, Any]) -> Suggestion:
    """A suggestion as it was stored, as a value."""
    return Suggestion(**{**row, "citations": tuple(Citation(**each) for each in row["citations"])})
