"""What who takes a talk over must note: numbers of orders, addresses, days, amounts and codes that were told."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, starmap
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import regex

from assistant.claims import amounts
from assistant.conversation import Turn
from assistant.days import days
from assistant.privacy import Personal, Reading, Span, cue, found, ordered, read

FieldKind = Literal["order", "email", "phone", "date", "amount", "code"]

LONG = 4
"""Digits of a number that is an order's where a word says so."""
BEHIND = 5
"""The same where the word stands behind it, as it may behind an amount."""

_MONEY = r"(?!(?:rs|inr|rp|ft|eur|usd|huf|thb)[-/]?\d)"
_TOKEN = regex.compile(
    rf"(?<![a-z\d@./-]){_MONEY}(?:[a-z]{{1,8}}[-/]?)?\d[a-z\d]*(?:[-/](?=[a-z]*\d)[a-z\d]+)*", regex.IGNORECASE
)
_CODE = regex.compile(r"[a-z]{1,8}-?\d.*", regex.IGNORECASE)


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
    """A customer's turn as it is searched: the text with digits 0-9, what is personal in it, where days are told.

    `asked` says that it answers who asked for an order's number.
    """

    turn: Turn
    said: Reading
    personal: tuple[Personal, ...]
    days: tuple[Span, ...]
    asked: bool = False

    @classmethod
    def of(cls, turn: Turn, asked: bool = False) -> Told:
        """What a turn tells."""
        said = read(turn.text)
        return cls(turn, said, found(turn.text), days(said.text, turn.language), asked)


Finder = Callable[[Told], Iterator[str]]


def fields(turns: Sequence[Turn], asked: Collection[int] = ()) -> tuple[Field, ...]:
    """What the customer's turns of a conversation tell, each thing once, kind by kind.

    `asked` are the numbers of the turns, 1 is the first, before which somebody asked for an order's number.
    """
    noted: dict[tuple[FieldKind, str], int] = {}
    for number, turn in enumerate(turns, 1):
        told = Told.of(turn, number in asked) if turn.speaker == "customer" else None
        for kind, finder in KINDS.items():
            for value in finder(told) if told else ():
                noted.setdefault((kind, value), number)
    return tuple(Field(kind, value, noted[kind, value]) for kind, value in sorted(noted, key=_rank))


def _rank(noted: tuple[FieldKind, str]) -> int:
    return list(KINDS).index(noted[0])


def _personal(kind: str) -> Finder:
    return lambda told: (one.value for one in told.personal if one.kind == kind)


def _orders(told: Told) -> Iterator[str]:
    return (number[0] for number in _numbers(told) if _is_order(told, number))


def _codes(told: Told) -> Iterator[str]:
    """Codes of products and errors."""
    others = (number for number in _numbers(told) if not _is_order(told, number))
    return (number[0] for number in others if _CODE.fullmatch(number[0]))


def _numbers(told: Told) -> Iterator[regex.Match[str]]:
    """Numbers, and words with digits, that are neither personal nor a day."""
    taken = bytearray(len(told.turn.text))
    personal, told_days = ((one.start, one.end) for one in told.personal), starmap(told.said.place, told.days)
    for start, end in chain(personal, told_days):
        taken[start:end] = b"\1" * (end - start)
    for match in _TOKEN.finditer(told.said.text):
        start, end = told.said.place(*match.span())
        if not any(taken[start:end]):
            yield match


def _is_order(told: Told, number: regex.Match[str]) -> bool:
    digits, text = sum(map(str.isdecimal, number[0])), told.said.text
    told_before = digits >= LONG and (told.asked or ordered(text, number.start()))
    told_behind = digits >= BEHIND and _behind().match(text, number.end()) is not None
    return told_before or told_behind or _own().fullmatch(number[0]) is not None


def _dates(told: Told) -> Iterator[str]:
    return (told.said.text[start:end].strip() for start, end in told.days)


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
    return regex.compile(rf"[-–'’]?[\p{{L}}\p{{M}}]*\s*(?:[\p{{L}}\p{{M}}]{{1,6}}\s+)?{cue('order')}", regex.IGNORECASE)
