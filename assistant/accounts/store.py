"""The store of accounts, of one-time links, and of who is signed in."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Connection, Engine, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.accounts.passwords import fits, hashed, outdated
from assistant.accounts.records import (
    Account,
    Invitation,
    LastAdmin,
    LinkSpent,
    NameRefused,
    PasswordRefused,
    Role,
    Session,
    UnknownAccount,
)
from assistant.accounts.tables import ACCOUNTS, LINKS, SESSIONS, TABLES
from assistant.conversation import now
from assistant.desk.tables import prepare

LINK = timedelta(days=2)
"""How long a link opens."""
LASTS = timedelta(hours=12)
"""How long somebody stays signed in at most."""
IDLE = timedelta(hours=1)
"""How long they stay so without being there."""
NOTED = timedelta(minutes=1)
"""After which time it is written down again that they are there."""
NAMED = 60
"""Characters of a name."""

OPEN = ACCOUNTS.c.disabled.is_(None)


class Accounts:
    """Accounts in the desk's database. Any call raises DeskUnavailable where the database fails."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        prepare(engine, TABLES)

    def any(self) -> bool:
        """Whether anybody has an account yet."""
        with self.engine.connect() as connection:
            return connection.scalar(select(ACCOUNTS.c.number).limit(1)) is not None

    # Links

    def first(self) -> str:
        """A link's token that makes an admin, from whoever runs the server; the last such one opens no more."""
        with self.engine.begin() as connection:
            connection.execute(delete(LINKS).where(LINKS.c.by.is_(None), LINKS.c.account.is_(None)))
            return link(connection, role="admin", name="")

    def invite(self, role: Role, name: str, by: Account) -> str:
        """A link's token that makes an account with that role; `name` is what the invited may change."""
        with self.engine.begin() as connection:
            return link(connection, role=role, name=named(name), by=number(connection, by.name))

    def reset(self, name: str, by: Account | None = None) -> str:
        """A link's token that sets another password for an account; the last such one opens no more."""
        with self.engine.begin() as connection:
            account = number(connection, name)
            connection.execute(delete(LINKS).where(LINKS.c.account == account))
            row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.number == account)).one()
            return link(
                connection,
                role=row.role,
                name=row.name,
                account=account,
                by=number(connection, by.name) if by else None,
            )

    def invitation(self, token: str) -> Invitation:
        """What a link is for. Raises LinkSpent where it opens nothing any more."""
        with self.engine.connect() as connection:
            row = connection.execute(opening(digest(token))).one_or_none()
        if row is None:
            raise LinkSpent("This link was used already, or has expired: ask an admin for a new one.")
        return invitation(row)

    def invitations(self) -> list[Invitation]:
        """Every link that somebody can still open, the one that expires first on top."""
        with self.engine.connect() as connection:
            return [invitation(row) for row in connection.execute(opening().order_by(LINKS.c.expires))]

    def withdraw(self, id: str) -> None:
        """Let an invitation open nothing any more."""
        with self.engine.begin() as connection:
            connection.execute(delete(LINKS).where(LINKS.c.digest == id))

    def accept(self, token: str, name: str, password: str) -> Account:
        """Spend a link: make its account, or set its password, which ends every session. Raises LinkSpent,
        NameRefused, PasswordRefused; then the link still opens.
        """
        asked = self.invitation(token)
        name = asked.name if asked.reset else named(name)
        kept = hashed(password, name)
        try:
            with self.engine.begin() as connection:
                spent = connection.execute(opening(digest(token))).one_or_none()
                if (
                    spent is None
                    or not connection.execute(delete(LINKS).where(LINKS.c.digest == spent.digest)).rowcount
                ):
                    raise LinkSpent("This link was used a moment ago: ask an admin for a new one.")
                if spent.account is None:
                    new = {"key": key(name), "name": name, "role": spent.role, "password": kept}
                    connection.execute(insert(ACCOUNTS).values(**new))
                else:
                    replace(connection, spent.account, kept)
        except IntegrityError as error:
            raise NameRefused(f"Somebody has the name {name!r} already: choose another.") from error
        return self.account(name)

    # Sessions

    def sign_in(self, name: str, password: str) -> Session | None:
        """Somebody signed in; None where the name or the password is wrong, or the account is disabled."""
        with self.engine.connect() as connection:
            row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.key == key(name), OPEN)).one_or_none()
        if not fits(password, row.password if row else None) or row is None:
            return None
        token, moment = secrets.token_urlsafe(32), now()
        with self.engine.begin() as connection:
            if outdated(row.password):
                kept = hashed(password, row.name)
                connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.number == row.number).values(password=kept))
            connection.execute(delete(SESSIONS).where(over(moment)))
            begun = {"account": row.number, "expires": moment + LASTS, "seen": moment}
            connection.execute(insert(SESSIONS).values(digest=digest(token), **begun))
        return Session(token, Account(row.name, row.role, seen=moment), moment + LASTS)

    def session(self, token: str) -> Session | None:
        """Whom a token signs in, which is noted as being there; None where it does so no more."""
        moment = now()
        chosen = (
            select(ACCOUNTS.c.name, ACCOUNTS.c.role, SESSIONS.c.seen, SESSIONS.c.expires)
            .join_from(SESSIONS, ACCOUNTS)
            .where(SESSIONS.c.digest == digest(token), ~over(moment), OPEN)
        )
        with self.engine.connect() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            return None
        if moment - row.seen > NOTED:
            with self.engine.begin() as connection:
                connection.execute(update(SESSIONS).where(SESSIONS.c.digest == digest(token)).values(seen=moment))
        return Session(token, Account(row.name, row.role, seen=row.seen), row.expires)

    def sign_out(self, token: str) -> None:
        """Let a token sign nobody in any more."""
        with self.engine.begin() as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.digest == digest(token)))

    # Accounts

    def account(self, name: str) -> Account:
        """The account of that name. Raises UnknownAccount."""
        return next(iter(self._accounts(ACCOUNTS.c.key == key(name))), None) or unknown(name)

    def accounts(self) -> list[Account]:
        """Everybody, by name."""
        return self._accounts()

    def change(self, name: str, present: str, password: str) -> None:
        """Another password for somebody who knows the present one; it ends every session. Raises PasswordRefused."""
        with self.engine.connect() as connection:
            row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.key == key(name), OPEN)).one_or_none()
        if not fits(present, row.password if row else None) or row is None:
            raise PasswordRefused("This is not your present password: try again, or ask an admin for a link.")
        kept = hashed(password, row.name)
        with self.engine.begin() as connection:
            replace(connection, row.number, kept)

    def assign(self, name: str, role: Role) -> None:
        """Give somebody another role, at once. Raises LastAdmin, UnknownAccount."""
        self._unless_last(name, role != "admin", role=role)

    def disable(self, name: str) -> None:
        """Let somebody sign in no more, and sign them out; their invitations open nothing any more.

        Raises LastAdmin, UnknownAccount.
        """
        self._unless_last(name, True, disabled=now())
        with self.engine.begin() as connection:
            account = number(connection, name)
            for whose in (SESSIONS.c.account, LINKS.c.account, LINKS.c.by):
                connection.execute(delete(whose.table).where(whose == account))

    def enable(self, name: str) -> None:
        """Let somebody who was disabled sign in again. Raises UnknownAccount."""
        self._unless_last(name, False, disabled=None)

    def _unless_last(self, name: str, matters: bool, **values: Any) -> None:
        other = ACCOUNTS.alias()
        more = exists().where(other.c.role == "admin", other.c.disabled.is_(None), other.c.key != key(name))
        guards = [(ACCOUNTS.c.role != "admin") | more] if matters else []
        with self.engine.begin() as connection:
            account = number(connection, name)
            row = update(ACCOUNTS).where(ACCOUNTS.c.number == account, *guards)
            if not connection.execute(row.values(**values)).rowcount:
                raise LastAdmin(f"{name} is the only admin: make somebody else one first.")

    def _accounts(self, *guards: ColumnElement[bool]) -> list[Account]:
        seen = select(func.max(SESSIONS.c.seen)).where(SESSIONS.c.account == ACCOUNTS.c.number, ~over(now()))
        chosen = select(ACCOUNTS, seen.scalar_subquery().label("seen")).where(*guards).order_by(ACCOUNTS.c.key)
        with self.engine.connect() as connection:
            rows = connection.execute(chosen).all()
        return [Account(row.name, row.role, row.disabled is None, row.seen) for row in rows]


def link(connection: Connection, *, role: str, name: str, account: int | None = None, by: int | None = None) -> str:
    """The token of a new link, of which only the digest is kept."""
    token = secrets.token_urlsafe(32)
    made = {"role": role, "name": name, "account": account, "by": by, "expires": now() + LINK}
    connection.execute(delete(LINKS).where(LINKS.c.expires <= now()))
    connection.execute(insert(LINKS).values(digest=digest(token), **made))
    return token


def opening(id: str | None = None) -> Any:
    """The links that open something, or only the one with that digest."""
    chosen = select(LINKS).where(LINKS.c.expires > now())
    return chosen.where(LINKS.c.digest == id) if id else chosen


def invitation(row: Any) -> Invitation:
    """A row of the links as a value."""
    return Invitation(row.digest, row.role, row.name, row.expires, row.account is not None)


def replace(connection: Connection, account: int, kept: str) -> None:
    """Set an account's password and end its sessions."""
    connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.number == account).values(password=kept))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.account == account))


def over(moment: datetime) -> ColumnElement[bool]:
    """Which sessions are over at a moment."""
    return (SESSIONS.c.expires <= moment) | (SESSIONS.c.seen <= moment - IDLE)


def number(connection: Connection, name: str) -> int:
    """The number of an account, by its name. Raises UnknownAccount."""
    found: int | None = connection.scalar(select(ACCOUNTS.c.number).where(ACCOUNTS.c.key == key(name)))
    return unknown(name) if found is None else found


def unknown(name: str) -> NoReturn:
    """Say that nobody has that name."""
    raise UnknownAccount(f"Nobody has the name {name!r}: look it up on the page of people.")


def named(name: str) -> str:
    """A name as it is shown. Raises NameRefused."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 0 < len(name) <= NAMED or any(unicodedata.category(sign) in ("Cc", "Co", "Cs", "Cn") for sign in name):
        raise NameRefused(f"A name has 1 to {NAMED} characters: write the one that customers read.")
    return name


def key(name: str) -> str:
    """A name, the same however it is typed (RFC 8265, UsernameCaseMapped), without the signs that are not seen."""
    text = unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")[: 4 * NAMED]


def digest(token: str) -> str:
    """What is kept of a token: it has 256 random bits, so that a plain hash suffices."""
    return sha256(token.encode()).hexdigest()
