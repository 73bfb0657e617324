"""Who may sign in, as values, and what the accounts refuse.

AccountError
    LinkSpent       the link was used, has expired, or was withdrawn
    NameRefused     the name is empty, too long, or somebody's already
    PasswordRefused the password is too easily guessed, or is not the present one
    UnknownAccount  nobody has that name
    LastAdmin       nobody would be left who may invite others
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["agent", "editor", "quality", "admin"]
"""agent: the desk; editor: the knowledge; quality: the evaluation; admin: all of it, and who else may."""


class AccountError(Exception):
    """Anything that the accounts refuse; its text is one sentence, fit to be shown to a person."""


class LinkSpent(AccountError):
    """The link opens nothing any more."""


class NameRefused(AccountError):
    """The name cannot be taken."""


class PasswordRefused(AccountError):
    """The password cannot be taken."""


class UnknownAccount(AccountError):
    """Nobody has that name."""


class LastAdmin(AccountError):
    """The deed would leave no admin."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signs in; `seen` is when they last were there, to the minute, while they are signed in."""

    name: str
    role: Role
    active: bool = True
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an open link is for: a new account with that role, or a new password for the one with that `name`.

    `id` names it without opening it.
    """

    id: str
    role: Role
    name: str
    expires: datetime
    reset: bool


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in: the token that says so, and until when at most."""

    token: str
    account: Account
    expires: datetime
