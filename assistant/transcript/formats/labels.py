"""Speakers named in front of what they say, as in "Customer: ...", "வாடிக்கையாளர்: ..."."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import regex

from assistant.transcript.roles import role_named

# A label has at most four words; without a letter it must be followed by a space, as 10:30 and https:// are not.
NAME = r"[\p{L}\p{N}][\p{L}\p{M}\p{N}\p{Cf}._'’()/#-]*(?: [\p{L}\p{M}\p{N}\p{Cf}._'’()/#-]+){0,3}"
LABEL = regex.compile(rf"(?P<label>{NAME})?\s?[:：](?:\s+|$|(?=\p{{L}}))")
"""The label that a line begins with; an empty one says that the speaker is not known."""
LONGEST = 40
"""Characters that a label has at most."""


def label(line: str) -> regex.Match[str] | None:
    """The label in front of a line, if there is what looks like one."""
    found = LABEL.match(line)
    return found if found and len(found["label"] or "") <= LONGEST else None


def believed(lines: Sequence[str]) -> frozenset[str]:
    """The labels among what looks like one: names of roles, and what stands in front of several lines or half of all.

    "Note: ..." in front of one line of many is what was said.
    """
    seen = Counter(found["label"] or "" for line in lines if (found := label(line)))
    if 2 * seen.total() >= len(lines):
        return frozenset(seen)
    return frozenset(name for name, count in seen.items() if count > 1 or role_named(name))


def labelled(speaker: str, text: str, needed: bool) -> str:
    """The line that says who said it; `needed` where lines of the file have labels."""
    return f"{speaker}: {text}" if needed or speaker else text
