"""Addresses of electronic mail that are read out."""

from __future__ import annotations

from functools import cache
from itertools import chain

import regex

from assistant.speech.aloud import vocabulary
from assistant.speech.numerals import heard_in, key, listed, tables
from assistant.speech.tokens import longest, role_of
from assistant.speech.units import border
from knowledge import base
from knowledge.sound import latin
from knowledge.text import UNSPACED


def addresses(text: str, language: str) -> str:
    """A text with the addresses that were read out in it as they are written."""
    return _mail(language).sub(lambda match: _address(match[0], language), text)


@cache
def _mail(language: str) -> regex.Pattern[str]:
    """An address of electronic mail that is read out."""
    signs = {sign: longest(names) for sign, names in _marks(language).items()}
    dense = base(language) == "th"
    word, gap = (r"[^\s.,@]+?", r"\s*") if dense else (r"[\p{L}\p{M}\p{N}]+", r"\s+")
    figures = longest(_named_figures(language))
    single = r"(?:[a-z]|\p{N}+)" + border(language)
    joint = "|".join(signs[sign] for sign in "._-")
    more = rf"{gap}(?:{joint}){gap}{word}|{gap}(?:{figures}){border(language)}|{gap}{single}"
    domain = rf"{word}(?:{gap}(?:{signs['.']}){gap}{word}{border('')})+"
    pattern = rf"(?<![\p{{L}}\p{{M}}\p{{N}}]){word}(?:{more})*{gap}(?:{signs['@']}){gap}{domain}"
    return regex.compile(pattern, regex.IGNORECASE)


@cache
def _marks(language: str) -> dict[str, list[str]]:
    """How the signs of an address are said in a language and in English."""
    found: dict[str, list[str]] = {}
    for tag in dict.fromkeys((language, base(language), "en")):
        for sign, names in vocabulary(tag).get("mail", {}).items():
            found.setdefault(sign, []).extend(listed(names))
    return found


def _named_figures(language: str) -> list[str]:
    numerals = [tables()[tag] for tag in heard_in(language)]
    small = (listed(table.get("small", ""))[:10] for table in numerals)
    heard = (
        listed(names) for table in numerals for value, names in table.get("heard", {}).items() if value in "0123456789"
    )
    return list(chain(*small, *heard))


def _address(said: str, language: str) -> str:
    """An address that was read out as it is written; what it says in other letters goes into Latin ones."""
    names = {key(name): sign for sign, listed_ in _marks(language).items() for name in listed_}
    pattern = longest(names)
    found = []
    for part in regex.split(
        rf"\s+|({pattern})(?=\s|$)" if not UNSPACED.search(said) else rf"\s+|({pattern})", key(said)
    ):
        if part:
            _, values = role_of(part, language)
            found.append(
                names.get(part)
                or (str(values[0]) if len(values) == 1 and values[0] < 10 else part if part.isascii() else latin(part))
            )
    return "".join(found)
