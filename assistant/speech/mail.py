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

LONGEST = 63
"""Letters of a part of a domain."""


def addresses(text: str, language: str) -> str:
    """A text with the addresses that were read out in it as they are written."""
    return _mail(language).sub(lambda match: _address(match[0], language), text)


@cache
def _mail(language: str) -> regex.Pattern[str]:
    """An address of electronic mail that is read out."""
    signs = {sign: longest(names) for sign, names in _marks(language).items()}
    joint, at = "|".join(signs[sign] for sign in "._-"), f"(?:{signs['@']})"
    figure = rf"(?:{longest(_named_figures(language))}){border(language)}"
    if base(language) == "th":
        name, gap, as_far = r"[^\s.,@]", r"\s*+", "*?"
        behind, at = rf"{name}\s*(?:{joint})", rf"(?<!(?:{joint})\s*){at}"
        end = rf"(?:\s|{joint}|{at})"
        figures = rf"(?:(?!{end})(?:{figure}|[a-z]|\p{{N}}))++{end}"
        more = rf"(?:(?<={behind})\s++|\s++(?={joint}|{figures}))?+{name}"
        domain = rf"{name}{{1,{LONGEST}}}?(?:{gap}(?:{signs['.']}){gap}{name}[\p{{L}}\p{{M}}]*+)++"
    else:
        name, gap, as_far = r"[\p{L}\p{M}\p{N}]++", r"\s++", "*"
        single = rf"(?:[a-z]|\p{{N}}++){border(language)}"
        more = rf"(?>{gap}(?:(?:{joint}){gap}{name}|{figure}|{single}))"
        domain = rf"{name}(?:{gap}(?:{signs['.']}){gap}{name})++"
    start = rf"(?<![\p{{L}}\p{{M}}\p{{N}}]){name}"
    # Where no address is, none begins before the end of what could be the name of one (SKIP): to look from each of its
    # words would take the square of them.
    whole = rf"{start}(?:{more}){as_far}{gap}{at}{gap}{domain}|{start}(?:{more})*+(*SKIP)(*FAIL)"
    return regex.compile(whole, regex.IGNORECASE)


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
