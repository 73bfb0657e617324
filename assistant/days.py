"""Days as people tell them: where they stand in a text, and which day of the calendar they are."""

from __future__ import annotations

import calendar
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import chain
from math import ceil
from pathlib import Path

import regex

from assistant.claims import WORKING, measures
from assistant.privacy import Span
from assistant.speech.units import of_day
from assistant.speech.written import written
from knowledge import base
from knowledge.text import LETTER, whole_words

STEM = 4
"""Letters from which the name of a day may have an ending: `keddre`, `நாளைக்குள்ள`."""
ENDING = rf"{LETTER}{{0,12}}"
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKEND = 5
"""The first weekday, from 0, on which nobody works."""
BUDDHIST = 543
"""Years by which the Thai calendar is ahead."""

FURTHEST = 3660
"""Days or months from which a span of time ends on no day that anybody waits for."""

_NUMERIC = regex.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?P<d>\d{1,2})(?!\d)\.?"
    r"|(?P<d>\d{1,2})(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?P<y>\d{4}|\d{2}))(?![\d/-])"
)
_BEHIND_DAY = rf"(?:st|nd|rd|th|\.|[-–]?{LETTER}{{1,3}})?[\s,]*(?:of\s+)?"


def days(text: str, language: str) -> tuple[Span, ...]:
    """Where days are told: by numbers (0-9), by the name of a month or of a weekday, or from today."""
    numeric = (match.span() for match in _NUMERIC.finditer(text) if _possible(match))
    return (*numeric, *(match.span() for match in _named(language).finditer(text)))


def dated(told: str, language: str, today: date) -> date | None:
    """The day that is told, or by which a span of time that is told has passed; None where it is no one day.

    A weekday is the next one, a day without a year the next such day; of working days none is a Saturday or a Sunday.
    """
    if match := _NUMERIC.search(told):
        return _on(int(match["d"]), int(match["m"]), match["y"], today)
    if not (match := _named(language).search(told)):
        return _passed(told, language, today)
    if match["month"]:
        return _on(int(match["day"]), _months(language)[_plain(match["month"])], match["year"], today)
    said = _plain(match[0])
    word = max((word for word in _meant(language) if said.startswith(word)), key=len, default="")
    ahead, weekday = _meant(language).get(word, (None, None))
    if weekday is not None:
        ahead = (weekday - today.weekday() - 1) % 7 + 1
    return None if ahead is None else today + timedelta(days=ahead)


def _on(day: int, month: int, year: str | None, today: date) -> date | None:
    """A day of a month, of this year or the next where no year is told; None where there is no such day."""
    if month > 12:
        day, month = month, day
    known = int(year.strip(" ,.")) if year else 0
    known += 2000 * (0 < known < 100)
    try:
        if known:
            return date(known - BUDDHIST * (known > today.year + BUDDHIST // 2), month, day)
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _passed(told: str, language: str, today: date) -> date | None:
    """The day by which a span of time has passed; hours that are no full day end today."""
    said = written(told, language)
    number = regex.search(r"\d+", said)
    spans = [one for one in measures(said, language) if one.kind in ("minute", "day", "month")]
    if not spans or not number or of_day(said, number.end(), language):
        return None
    last = max(spans, key=lambda one: one.most)
    if last.most > FURTHEST and last.kind != "minute":
        return None
    if last.kind == "month":
        return _later(today, int(last.most))
    if last.kind == "minute" or last.most < 1:
        return today
    if WORKING.search(told.casefold()):
        return _working(today, ceil(last.most))
    return today + timedelta(days=ceil(last.most))


def _later(today: date, months: int) -> date:
    years, month = divmod(today.month - 1 + months, 12)
    year = today.year + years
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _working(today: date, count: int) -> date:
    day = today
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < WEEKEND
    return day


def _possible(match: regex.Match[str]) -> bool:
    one, other = int(match["d"]), int(match["m"])
    return 0 < min(one, other) <= 12 and 0 < max(one, other) <= 31


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _tags(language: str) -> Iterator[str]:
    """Whose days are heard in a language: its own and English ones, which people mix in."""
    yield from dict.fromkeys(tag for tag in (language, base(language), "en") if tag)


@cache
def _named(language: str) -> regex.Pattern[str]:
    """Days by their names: `12 மார்ச் 2026`, `March 12`, `நேற்று`, weekdays."""
    names = [*_meant(language), *(word for tag in _tags(language) for word in _listed(tag, "vague"))]
    alone, inflected = ([regex.escape(name) for name in names if (len(name) >= STEM) == long] for long in (False, True))
    months = whole_words([rf"(?P<month>{regex.escape(name)})" for name in _months(language)], rf"{LETTER}{{0,3}}\.?")
    day, year = r"(?<!\d)(?P<day>3[01]|[12]?\d)", r"(?:[\s,.]*(?P<year>\d{4})(?!\d))"
    return regex.compile(
        rf"(?:(?P<year>\d{{4}})[\s.]*)?{day}{_BEHIND_DAY}{months}{year}?"
        rf"|(?:(?P<year>\d{{4}})[\s.]*)?{months}[\s-]*{day}(?!\d)(?:st|nd|rd|th|\.)?{year}?"
        rf"|{whole_words(alone)}|{whole_words(inflected, ENDING)}",
        regex.IGNORECASE,
    )


@cache
def _meant(language: str) -> Mapping[str, tuple[int | None, int | None]]:
    """The words for days of a language, in normal form: how many days ahead each lies, or which weekday it is."""
    found: dict[str, tuple[int | None, int | None]] = {}
    for tag in reversed(list(_tags(language))):
        found |= {word: (None, number) for word, number in _calendar(tag, "days").items()}
        found |= {word: (None, number) for number, name in enumerate(WEEK) for word in _listed(tag, name)}
        found |= {word: (int(key), None) for key in _ahead(tag) for word in _listed(tag, key)}
    return found


def _ahead(tag: str) -> list[str]:
    return [key for key in _table().get(tag, {}) if key.lstrip("-").isdecimal()]


def _listed(tag: str, key: str) -> list[str]:
    return [_plain(word.replace("_", " ")) for word in _table().get(tag, {}).get(key, "").split()]


@cache
def _months(language: str) -> Mapping[str, int]:
    named = [_calendar(tag, "months") for tag in reversed(list(_tags(language)))]
    return dict(chain.from_iterable(names.items() for names in named))


def _calendar(tag: str, name: str) -> dict[str, int]:
    """The names of months (from 1) or weekdays (`days`, from 0) of a language; none where CLDR does not know them."""
    from babel import Locale, UnknownLocaleError  # here, as only handoffs need it

    try:
        widths = getattr(Locale.parse(base(tag)), name)["format"]
    except (UnknownLocaleError, ValueError):
        return {}
    named = chain.from_iterable(widths[width].items() for width in ("wide", "abbreviated"))
    return {_plain(each).rstrip("."): number for number, each in named if len(_plain(each).rstrip(".")) > 2}


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()
