"""What who takes a talk over must note: numbers of orders, addresses, days, amounts and codes that were told."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import regex

from assistant.claims import amounts
from assistant.conversation import Turn
from assistant.privacy import Personal, Reading, Span, cue, found, ordered, read, whole_words
from knowledge import base

FieldKind = Literal["order", "email", "phone", "date", "amount", "code"]

LONG = 4
"""Digits of a number that is an order's where a word says so."""
BEHIND = 5
"""The same where the word stands behind it, as it may behind an amount."""

STEM = 4
"""Letters from which the name of a day may have an ending: `keddre`, `நாளைக்குள்ள`."""
ENDING = r"[\p{L}\p{M}]{0,12}"

_MONEY = r"(?!(?:rs|inr|rp|ft|eur|usd|huf|thb)[-/]?\d)"
_TOKEN = regex.compile(
    rf"(?<![a-z\d@./-]){_MONEY}(?:[a-z]{{1,8}}[-/]?)?\d[a-z\d]*(?:[-/](?=[a-z]*\d)[a-z\d]+)*", regex.IGNORECASE
)
_CODE = regex.compile(r"[a-z]{1,8}-?\d.*", regex.IGNORECASE)
_NUMERIC = regex.compile(
    r"(?<![\d./-])(?:\d{4}(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?P<d>\d{1,2})(?!\d)\.?"
    r"|(?P<d>\d{1,2})(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?:\d{4}|\d{2}))(?![\d/-])"
)
_BEHIND_DAY = r"(?:st|nd|rd|th|\.|[-–]?[\p{L}\p{M}]{1,3})?[\s,]*(?:of\s+)?"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to note, and the number of the customer's turn that told it first, 1 is the conversation's first.

    Digits are 0-9 whatever they were written in; an amount has its currency behind it (`499 INR`), a day is as it was
    said.
    """

    kind: FieldKind
    value: str
    turn: int


@dataclass(frozen=True, slots=True)
class Told:
    """A customer's turn as it is searched: the text with digits 0-9, what is personal in it, where days are told."""

    turn: Turn
    said: Reading
    personal: tuple[Personal, ...]
    days: tuple[Span, ...]

    @classmethod
    def of(cls, turn: Turn) -> Told:
        """What a turn tells."""
        said = read(turn.text)
        return cls(turn, said, found(turn.text), days(said.text, turn.language))


Finder = Callable[[Told], Iterator[str]]


def fields(turns: Sequence[Turn]) -> tuple[Field, ...]:
    """What the customer's turns of a conversation tell, each thing once, kind by kind."""
    noted: dict[tuple[FieldKind, str], int] = {}
    for number, turn in enumerate(turns, 1):
        told = Told.of(turn) if turn.speaker == "customer" else None
        for kind, finder in KINDS.items():
            for value in finder(told) if told else ():
                noted.setdefault((kind, value), number)
    return tuple(Field(kind, value, noted[kind, value]) for kind, value in sorted(noted, key=_rank))


def _rank(noted: tuple[FieldKind, str]) -> int:
    return list(KINDS).index(noted[0])


def _personal(kind: str) -> Finder:
    return lambda told: (one.value for one in told.personal if one.kind == kind)


def _orders(told: Told) -> Iterator[str]:
    return (number[0] for number in _numbers(told) if _is_order(told.said.text, number))


def _codes(told: Told) -> Iterator[str]:
    """Codes of products and errors."""
    others = (number for number in _numbers(told) if not _is_order(told.said.text, number))
    return (number[0] for number in others if _CODE.fullmatch(number[0]))


def _numbers(told: Told) -> Iterator[regex.Match[str]]:
    """Numbers, and words with digits, that are neither personal nor a day."""
    taken = [(one.start, one.end) for one in told.personal] + [told.said.place(*span) for span in told.days]
    for match in _TOKEN.finditer(told.said.text):
        start, end = told.said.place(*match.span())
        if all(end <= first or last <= start for first, last in taken):
            yield match


def _is_order(text: str, number: regex.Match[str]) -> bool:
    digits = sum(map(str.isdecimal, number[0]))
    told_before = digits >= LONG and ordered(text, number.start())
    told_behind = digits >= BEHIND and _behind().match(text, number.end()) is not None
    return told_before or told_behind or _own().fullmatch(number[0]) is not None


def _dates(told: Told) -> Iterator[str]:
    return (told.said.text[start:end].strip() for start, end in told.days)


def days(text: str, language: str) -> tuple[Span, ...]:
    """Where days are told: by numbers (0-9), by the name of a month or of a weekday, or from today."""
    numeric = (match.span() for match in _NUMERIC.finditer(text) if _possible(match))
    return (*numeric, *(match.span() for match in _named(language).finditer(text)))


def _possible(date: regex.Match[str]) -> bool:
    one, other = int(date["d"]), int(date["m"])
    return 0 < min(one, other) <= 12 and 0 < max(one, other) <= 31


def _amounts(told: Told) -> Iterator[str]:
    money = amounts(told.turn.text, told.turn.language)
    return (f"{number} {currency.upper()}" for number, currency in money)


KINDS: Mapping[FieldKind, Finder] = MappingProxyType(
    {
        "order": _orders,
        "email": _personal("email"),
        "phone": _personal("phone"),
        "date": _dates,
        "amount": _amounts,
        "code": _codes,
    }
)
"""What finds each kind in what was told, in the order in which agents read them."""


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _own() -> regex.Pattern[str]:
    return regex.compile(_table()["order"]["pattern"], regex.IGNORECASE)


@cache
def _behind() -> regex.Pattern[str]:
    return regex.compile(rf"[-–'’]?[\p{{L}}\p{{M}}]*\s*(?:[\p{{L}}\p{{M}}]{{2,6}}\s+)?{cue('order')}", regex.IGNORECASE)


@cache
def _named(language: str) -> regex.Pattern[str]:
    """Days of a language and of English, which people mix in: `12 மார்ச் 2026`, `March 12`, `நேற்று`, weekdays."""
    tags = dict.fromkeys(tag for tag in (language, base(language), "en") if tag)
    months, weekdays = (list(chain.from_iterable(_calendar(tag, name) for tag in tags)) for name in ("months", "days"))
    told = [word.replace("_", " ") for tag in tags for word in _table()["days"].get(tag, "").split()]
    alone, inflected = ([day for day in (*weekdays, *told) if (len(day) >= STEM) == long] for long in (False, True))
    month, day, year = (
        whole_words(months, r"[\p{L}\p{M}]{0,3}\.?"),
        r"(?<!\d)(?:3[01]|[12]?\d)",
        r"(?:[\s,.]*\d{4}(?!\d))",
    )
    return regex.compile(
        rf"(?:\d{{4}}[\s.]*)?{day}{_BEHIND_DAY}{month}{year}?"
        rf"|(?:\d{{4}}[\s.]*)?{month}[\s-]*{day}(?!\d)(?:st|nd|rd|th|\.)?{year}?"
        rf"|{whole_words(alone)}|{whole_words(inflected, ENDING)}",
        regex.IGNORECASE,
    )


def _calendar(tag: str, name: str) -> list[str]:
    """The names of months or weekdays (`days`) in a language, long and short; none where CLDR does not know them."""
    from babel import Locale, UnknownLocaleError  # here, as only handoffs need it

    try:
        widths = getattr(Locale.parse(base(tag)), name)["format"]
    except (UnknownLocaleError, ValueError):
        return []
    names = chain.from_iterable(widths[width].values() for width in ("wide", "abbreviated"))
    return [
        regex.escape(short)
        for short in {unicodedata.normalize("NFKC", each).rstrip(".") for each in names}
        if len(short) > 2
    ]
