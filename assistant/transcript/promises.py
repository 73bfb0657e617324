"""What an agent promises in a call, and by when, in the words that were said."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex

from assistant.claims import durations
from assistant.fields import days
from assistant.privacy import read, whole_words
from assistant.transcript.call import Said

_LETTERS = r"[\p{L}\p{M}]*"
_GAP = r"(?:[\p{L}\p{M}\p{N}'’-]+\s+){0,3}"


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that binds the company; `due` are the days and spans of time in it, as they were said.

    `utterance` is its place in the call, 0 is the first.
    """

    text: str
    due: tuple[str, ...]
    utterance: int


def promises(said: Sequence[Said]) -> tuple[Promise, ...]:
    """What the agent promises, first to last; a question is no promise."""
    return tuple(
        Promise(part.text, _due(part.text, part.language), part.place)
        for part in said
        if part.agent and not part.asks and _pattern("promises").search(_pattern("but_not").sub(" ", part.text))
    )


def _due(text: str, language: str) -> tuple[str, ...]:
    told = read(text).text
    named = (told[start:end].strip() for start, end in days(told, language))
    return tuple(dict.fromkeys((*named, *durations(told, language))))


@cache
def _pattern(name: str) -> regex.Pattern[str]:
    """What finds any language's entry: agents mix languages as customers do."""
    tables: Mapping[str, Mapping[str, Sequence[str]]]
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    entries = [entry for table in tables.values() for entry in table.get(name, ())]
    written = ["(?:" + entry.replace("~", _LETTERS).replace("…", _GAP) + ")" for entry in entries]
    return regex.compile(whole_words(written), regex.IGNORECASE)
