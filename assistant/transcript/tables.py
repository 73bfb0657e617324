"""What people say on the telephone, by language: the TOML table beside each step, as patterns.

Entries are regular expressions in which `_` is letters, `~` any letters or none, and `…` up to three words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import regex

from knowledge.text import LETTER, whole_words

SIGNS: Mapping[str, str] = MappingProxyType(
    {"_": rf"{LETTER}+", "~": rf"{LETTER}*", "…": r"(?:[\p{L}\p{M}\p{N}'’-]+\s+){0,3}"}
)


@cache
def table(step: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The table of a step: language -> name -> entries."""
    return tomllib.loads(Path(__file__).with_name(f"{step}.toml").read_text(encoding="utf-8"))


@cache
def listed(step: str, name: str, tags: tuple[str, ...] | None = None, ending: str = "") -> regex.Pattern[str]:
    """What finds an entry under a name as whole words, which may have an `ending`; of all languages, or of some."""
    known = table(step)
    entries = [entry for tag in (known if tags is None else tags) for entry in known[tag].get(name, ())]
    for sign, pattern in SIGNS.items():
        entries = [entry.replace(sign, pattern) for entry in entries]
    return regex.compile(whole_words([f"(?:{entry})" for entry in entries], ending), regex.IGNORECASE)
