"""The desk's tables, and the database that holds them: SQLite, or any other that SQLAlchemy speaks."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
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
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from assistant.desk.records import DeskUnavailable

PATIENCE = 30.0
"""Seconds that a writer waits for another one before it gives up."""


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
    Column("status", String(16), nullable=False, index=True),
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
    Column("wrote", JSON),
    Column("answered", JSON),
    Column("mood", String(16)),
    Column("urgency", Integer),
    Column("doubtful", JSON),
    Column("outcome", String(16)),
    Column("resolver", String(256)),  # the agent who resolved it
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


def opened(url: str) -> Engine:
    """The engine for a database URL, whose tables, columns and indices are made where they are missing."""
    engine = connect(url)
    prepare(engine, TABLES)
    return engine


def prepare(engine: Engine, tables: MetaData) -> None:
    """Make the tables, columns and indices that are missing."""
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
            complete(connection, table)
            for index in table.indexes:
                connection.execute(CreateIndex(index, if_not_exists=True))


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
            json_deserializer=listed,
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


def listed(text: str) -> Any:
    """What a JSON column holds; most of them an empty list, which is not worth a parser."""
    return [] if text == "[]" else json.loads(text)


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
