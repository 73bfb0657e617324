"""Accounts: who may sign in, with which role, and who is signed in."""

from assistant.accounts.records import (
    Account,
    AccountError,
    Invitation,
    LastAdmin,
    LinkSpent,
    NameRefused,
    PasswordRefused,
    Role,
    Session,
    UnknownAccount,
)
from assistant.accounts.store import Accounts

__all__ = [
    "Account",
    "AccountError",
    "Accounts",
    "Invitation",
    "LastAdmin",
    "LinkSpent",
    "NameRefused",
    "PasswordRefused",
    "Role",
    "Session",
    "UnknownAccount",
]
