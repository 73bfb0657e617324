"""What numbers count: whether a unit follows, and amounts of money and percentages with their signs."""

from __future__ import annotations

from functools import cache, partial

import regex

from assistant.claims import WORKING, unit_words
from assistant.speech.aloud import months, table, vocabulary
from assistant.speech.numerals import tables
from assistant.speech.tokens import longest
from knowledge import base

_FIGURE = r"(?<!\d|\d[.,])\d++(?:[.,]\d++)*+"


def counts(text: str, at: int, language: str) -> bool:
    """Whether what stands there is a unit, so that the number before it counts something."""
    return _unit(language).match(text, at) is not None


def of_day(text: str, at: int, language: str) -> bool:
    """Whether what stands there says that the number before it is a time of day."""
    return _clock(language).match(text, at) is not None


@cache
def _unit(language: str) -> regex.Pattern[str]:
    """What follows a number that counts something."""
    own = vocabulary(language)
    names = [
        *own.get("units", {}).values(),
        *" ".join(own.get("money", {}).values()).split(),
        *own.get("counters", "").split(),
    ]
    names += [*own.get("times_of_day", "").split(), *own.get("percent", "").split(), *_coins(language)]
    if base(language) != "en":  # "one may"
        names += months(language)
    scales = "|".join(
        scale["many"].removeprefix("{n}").strip()
        for scale in tables().get(language, {}).get("scales", ())
        if "many" in scale
    )
    links = longest([own.get("to", "-").strip(), own.get("signs", {}).get("/", "-")])
    known = f"{longest(names)}|{scales or '(?!)'}|{longest(unit_words())}"
    link = rf"(?:\s*(?:{links})\s*[\p{{L}}\p{{M}}]+)?"
    return regex.compile(rf"{link}[\s-]*(?:{WORKING.pattern}\s*)?(?:{known})", regex.IGNORECASE)


@cache
def _clock(language: str) -> regex.Pattern[str]:
    return regex.compile(
        rf"\s*(?:{longest(vocabulary(language).get('times_of_day', '').split())})(?![\p{{L}}\p{{M}}])", regex.IGNORECASE
    )


def amounts(text: str, language: str) -> str:
    """Amounts and percentages with their signs; hundredths of a currency behind its point."""
    for pattern, form in _money(language):
        text = pattern.sub(partial(_amount, form=form, language=language), text)
    percent = "|".join(vocabulary(language).get("percent", "").split())
    return regex.sub(rf"({_FIGURE})\s?(?:{percent})(?![\p{{L}}\p{{M}}])", r"\1%", text) if percent else text


def _amount(match: regex.Match[str], form: str, language: str) -> str:
    return form.format(_whole(match, language))


def _whole(match: regex.Match[str], language: str) -> str:
    return match["whole"] + (point(f".{match['rest']:0>2}", language) if match["rest"] else "")


@cache
def _money(language: str) -> tuple[tuple[regex.Pattern[str], str], ...]:
    """What finds the amounts of each currency, and how they are written."""
    own = vocabulary(language)
    found = []
    for kind in table()["money"]:
        names = [name for name, of in _coins(language).items() if of == kind]
        name = longest(names)
        rest = (own.get("money", {}).get(kind, "").split()[2:] or ["(?!)"])[0]
        behind = rf"(?:\s?(?P<rest>\d\d?)\s?{rest}{border(language)})?"
        pattern = rf"(?<![\p{{L}}\d.,])(?P<whole>{_FIGURE})\s?(?:{name}){border(language)}{behind}"
        found.append(
            (regex.compile(pattern, regex.IGNORECASE), own.get("written", {}).get(kind) or table()["written"][kind])
        )
    return tuple(found)


def border(language: str) -> str:
    """What ends a word: the next is no letter; in Thai, anything."""
    return "" if language == "th" else r"(?![\p{L}\p{M}])"


@cache
def _coins(language: str) -> dict[str, str]:
    """The whole words for currencies in a language and in English, and which they are."""
    found: dict[str, str] = {}
    for tag in dict.fromkeys((language, base(language), "en")):
        own = vocabulary(tag) if tag in table() else {}
        for kind, names in own.get("money", {}).items():
            found |= dict.fromkeys(names.split()[:2], kind)
        for kind, names in own.get("coins", {}).items():
            found |= dict.fromkeys(names.split(), kind)
    return found


def point(figures: str, language: str) -> str:
    """Figures with the decimal mark of a language."""
    marks = table()["figures"].get(base(language), table()["figures"]["*"])
    return figures.replace(".", marks["decimals"])
