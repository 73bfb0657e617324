"""The words of what was said, and what each does in a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain

import regex

from assistant.speech.aloud import letters, vocabulary
from assistant.speech.numerals import heard_in, key, listed, tables, worth, worth_as
from knowledge import base
from knowledge.text import UNSPACED

GAP = regex.compile(r"[\s-]*|,\s")
"""What may stand between the words of one number."""
LONGEST = 100
"""Figures of a number that anything is worth: Python refuses to reckon with thousands of them."""

_WORD = r"\p{N}+(?:[.,:/-]\p{N}+)*|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*"
_VOWEL = r"[\p{M}าะำๅ]"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, where it stands, what it does in a number (empty: nothing), and what it is worth there."""

    text: str
    start: int
    end: int
    role: str
    values: tuple[Fraction, ...]


def tokens(text: str, language: str) -> list[Token]:
    """The words of a text; in Thai, which parts none, words of numbers apart from what stands around them."""
    pattern = _dense(base(language)) if UNSPACED.search(text) else _spaced(language)
    return [Token(match[0], *match.span(), *role_of(match[0], language)) for match in pattern.finditer(text)]


@cache
def _spaced(language: str) -> regex.Pattern[str]:
    """Words that spaces part, and numbers of several: dua puluh lima."""
    several = [name for tag in heard_in(language) for name in listed(tables()[tag].get("small", "")) if " " in name]
    return regex.compile(rf"(?:{longest(several)})(?![\p{{L}}\p{{M}}])|{_WORD}", regex.IGNORECASE)


@cache
def _dense(language: str) -> regex.Pattern[str]:
    """Words of a script without spaces: those of numbers, names of letters, and what stands between."""
    own, numerals = vocabulary(language), tables().get(language, {})
    numbers = [*numerals.get("small", "").split(), *numerals.get("point", "").split()]
    numbers += [scale["many"].removeprefix("{n}") for scale in numerals.get("scales", ()) if "many" in scale]
    numbers += " ".join(chain(numerals.get("heard", {}).values(), numerals.get("times", {}).values())).split()
    number = rf"(?:{longest(numbers)})(?!{_VOWEL})"
    never, cue, letter = (
        longest(numerals.get("never", "").split()),
        longest(own.get("cues", "").split()),
        longest(letters(language).values()),
    )
    return regex.compile(
        rf"\p{{N}}+(?:[.,:/-]\p{{N}}+)*|{never}|{cue}|(?:(?<=(?:{cue})\s?)|(?<![\p{{L}}\p{{M}}]))(?:{letter})(?![\p{{L}}\p{{M}}])"
        rf"|(?<=(?:{cue})\s?)(?:{letter})(?={number})|{number}|[\p{{L}}\p{{M}}](?:(?!{number}|{cue})[\p{{L}}\p{{M}}])*"
    )


def longest(names: Iterable[str]) -> str:
    """A pattern of any of the names, the longest first."""
    return "|".join(map(regex.escape, sorted(names, key=len, reverse=True))) or "(?!)"


@lru_cache(maxsize=1 << 14)
def role_of(word: str, language: str) -> tuple[str, tuple[Fraction, ...]]:
    """What a word does in a number, and its worth: `number`, `times`, `add`, `point`, `and`, `article`, `tenths`."""
    if word.isdecimal() and len(word) <= LONGEST:
        return "number", (Fraction(word),)
    if values := worth(word, language):
        return "number", tuple(values)
    for name in ("times", "add"):
        if (value := worth_as(name, word, language)) is not None:
            return name, (value,)
    for tag in heard_in(language):
        numerals = tables()[tag]
        for name in ("point", "and", "article"):
            if key(word) in map(key, listed(numerals.get(name, ""))):
                return name, ()
        if key(word) in numerals.get("decimals", {}).values():
            return "tenths", ()
    return "", ()
