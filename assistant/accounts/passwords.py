"""Passwords: which are taken, and how they are kept (Argon2id, RFC 9106, in its low-memory profile)."""

from __future__ import annotations

import unicodedata
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from assistant.accounts.records import PasswordRefused

SHORTEST, LONGEST = 15, 256
"""Characters of a password; fifteen, as it is the only factor (NIST SP 800-63B-4, section 3.1.1.2)."""
DIFFERENT = 6
"""Different characters that it has at least."""
REST = 8
"""Characters that it has at least beside its owner's name."""
AT_ONCE = BoundedSemaphore(4)
"""Passwords that are hashed at a time: each takes 64 MB."""

_HASHER = PasswordHasher()


def hashed(password: str, name: str) -> str:
    """The password as it is kept. Raises PasswordRefused where it is too short, too long, or easily guessed."""
    text = normal(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise PasswordRefused(
            f"A password has {SHORTEST} to {LONGEST} characters: take three or four words, in any language."
        )
    rest = text.casefold().replace(normal(name).casefold(), "")
    if len(set(text)) < DIFFERENT or len(rest) < REST:
        raise PasswordRefused("This password is easily guessed: take three or four words that are not your name.")
    with AT_ONCE:
        return _HASHER.hash(text)


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the password that is kept; where none is, this takes as long, and is False."""
    with AT_ONCE:
        try:
            _HASHER.verify(kept or nobodys(), normal(password)[: LONGEST + 1])
        except VerificationError:
            return False
    return kept is not None


def outdated(kept: str) -> bool:
    """Whether it was hashed more weakly than it would be now."""
    return _HASHER.check_needs_rehash(kept)


def normal(password: str) -> str:
    """The same whatever keyboard it was typed on (RFC 8265, OpaqueString)."""
    spaces = "".join(" " if unicodedata.category(sign) == "Zs" else sign for sign in password)
    return unicodedata.normalize("NFC", spaces)


@cache
def nobodys() -> str:
    """A hash that no password has, for names that nobody has."""
    return _HASHER.hash(unicodedata.name("\N{EMPTY SET}") * 20)
