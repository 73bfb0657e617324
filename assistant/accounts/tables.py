"""The tables of accounts, in the desk's database: of links and sessions they hold hashes, which open nothing."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

from assistant.desk.tables import Moment

TABLES = MetaData()
ACCOUNTS = Table(
    "accounts",
    TABLES,
    Column("number", Integer, primary_key=True),
    Column("key", String(256), nullable=False, unique=True),  # the name, the same however it is typed
    Column("name", String(256), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password", String(256), nullable=False),
    Column("disabled", Moment),  # since when; null while the account is open
)
LINKS = Table(
    "links",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.number")),  # whose password it sets; null where it makes an account
    Column("role", String(16), nullable=False),
    Column("name", String(256), nullable=False),
    Column("by", ForeignKey("accounts.number")),  # who made it; null where the command line did
    Column("expires", Moment, nullable=False),
)
SESSIONS = Table(
    "sessions",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("account", ForeignKey("accounts.number"), nullable=False, index=True),
    Column("expires", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
)
