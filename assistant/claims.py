"""What a text claims that can be compared across texts and languages: its figures, its addresses, what it denies.

No model and no parser: tables (`claims.toml`), since a wrong number or a lost "not" harms a customer most, and is what
a language model gets wrong most readily.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

import regex

from assistant.speech.aloud import months
from knowledge import LANGUAGES, base
from knowledge.text import LETTER, UNSPACED, normalise

_DIGITS = regex.compile(
    r"(?P<code>(?<![\p{L}\p{M}\p{N}])(?!{money})[a-z]{1,8}-?\d[a-z\d]*(?:-[a-z\d]+)*)"
    r"|(?P<number>\d{1,3}(?:[ '’]\d{3})+(?!\d)|\d+(?:[.,٫٬:/]\d+)*)".replace("{money}", r"(?:rs|inr|rp|ft|eur|usd)\d")
)
_ADDRESS = regex.compile(
    r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+|(?:https?://|www\.)\S+"
    r"|(?<![a-z\d-]|[a-z\d-]\.)(?:[a-z\d-]++\.)+[a-z]{2,}+(?:/\S*)?"
)
TIMES = ("minute", "hour", "day", "week", "month", "year")
"""Units of time."""
WORKING = regex.compile(
    r"(?:working|business|munka|வேலை|పని|कार्य|कामकाजी|velai|pani|kerja|ท(?:ำ|ํา)การ)", regex.IGNORECASE
)
"""What may stand between a number and its days, in Thai behind them."""
_GAP = regex.compile(rf"[\s-]*{WORKING.pattern}?", regex.IGNORECASE)
_REST = regex.compile(r"[^\P{L}\p{Thai}]*(?:ท(?:ำ|ํา)การ|[\p{L}\p{M}--\p{Thai}])*", regex.V1)
_NEAR = 30
"""Characters in front of an amount in which its currency stands."""
_CALLED = regex.compile(r"\d+(?:-\d+){2,}")
"""Numbers that are called, not counted."""
_LABEL = regex.compile(r"\((?P<unit>[^()\d]{1,8})\)\s*:\s*(?P<number>\d[\d., ]*)")
"""A cell whose unit stands in its label: `Price (₹): 890`."""
_SPAN = regex.compile(r"\s*(?:[-–]|[\p{L}\p{M}]{1,7})\s*(?:\p{Sc}\s*)?")
"""What stands between the two numbers of a span: "2 to 3 days", ₹500 முதல் ₹4,000."""
_WHOLE = regex.compile(r"\d+(?:\.\d+)?")
_BORDERS = rf"(?<!{LETTER})", rf"(?!{LETTER})"


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount, a span of time or a share, as `figures` writes it, in units of its `kind`; those of one kind compare.

    It is everything from `least` to `most`: both are the same but where two numbers are said ("2 to 3 days").
    """

    figure: str
    kind: str
    least: float
    most: float

    def allows(self, other: Measure) -> bool:
        """Whether the other says nothing else."""
        return self.kind == other.kind and self.least <= other.least and other.most <= self.most


KINDS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "minute": ("minute", 1),
        "hour": ("day", 1 / 24),
        "day": ("day", 1),
        "week": ("day", 7),
        "month": ("month", 1),
        "year": ("month", 12),
        "percent": ("percent", 1),
    }
)
"""Unit -> the kind of measure, and how much of it one is; each currency is a kind of its own."""


def known(language: str) -> bool:
    """Whether we can tell what a text in the language denies."""
    return _tag(language) in _table()["language"]


def figures(text: str, language: str) -> frozenset[str]:
    """The numbers, amounts, dates, codes and addresses of a text, in one spelling for all scripts and languages.

    An amount carries its unit (`30 day`, `5000 inr`), a day of a month the month (`1 month-8`); words for numbers count
    like digits where the table has them.
    """
    text = normalise(text)
    found = {address.rstrip(".,;:!?)") for address in _ADDRESS.findall(text)}
    text = _ADDRESS.sub(" ", text)
    return frozenset(found | set(_amounts(_in_digits(text, _tag(language)), _tag(language))))


def amounts(text: str, language: str) -> list[tuple[str, str]]:
    """The amounts of money of a text that are written in digits, in order, each with its currency (`499`, `inr`)."""
    text, (before, after) = normalise(text), _units(_tag(language))
    found = []
    for match in _DIGITS.finditer(text):
        many = _manifold(_tag(language)).match(text, match.end())
        near = max(0, match.start() - _NEAR)
        ahead, behind = before.search(text, near, match.start()), after.match(text, (many or match).end())
        unit = next((unit for unit in map(_unit, (ahead, behind)) if unit in _table()["money"]), "")
        if match["number"] and unit:
            found.append((f"{_plain(match['number'])} {many['word']}" if many else _plain(match["number"]), unit))
    return found


@lru_cache(maxsize=1 << 12)
def measures(text: str, language: str) -> tuple[Measure, ...]:
    """What a text measures, in order; working days are days, since who speaks leaves that out."""
    tag = _tag(language)
    text = _CALLED.sub(" ", WORKING.sub("", normalise(text)))
    text = _LABEL.sub(lambda cell: f": {cell['number'].strip()} {cell['unit']}", text)
    text = _in_digits(text, tag)
    found: list[Measure] = []
    last: regex.Match[str] | None = None
    for match in _DIGITS.finditer(text):
        number = _plain(match["number"] or "")
        for unit in _measured(text, match, tag) if _WHOLE.fullmatch(number) else ():
            kind, one = KINDS.get(unit, (unit, 1))
            much = float(number) * one
            found.append(Measure(f"{number} {unit}", kind, much, much))
            before = _plain(last["number"] or "") if last else ""
            if last and _WHOLE.fullmatch(before) and _SPAN.fullmatch(text, last.end(), match.start()):
                found.append(Measure(f"{before}-{number} {unit}", kind, float(before) * one, much))
        last = match
    return tuple(found)


def numbers(text: str, language: str) -> list[tuple[int, int]]:
    """Where numbers and codes stand in a text, in digits or in words."""
    text = text.casefold()
    spans = [
        match.span()
        for pattern in (_DIGITS, *(word for word, _ in _spelled(_tag(language))))
        for match in pattern.finditer(text)
    ]
    within, reach = set(), 0
    for span in sorted(set(spans), key=lambda span: (span[0], -span[1])):
        if span[1] <= reach:
            within.add(span)
        reach = max(reach, span[1])
    return [span for span in spans if span not in within]


def durations(text: str, language: str) -> list[str]:
    """The spans and hours of time in a text, as they stand there: `24 hours`, `10 மணிக்கு`."""
    _, after = _units(_tag(language))
    found = []
    for start, end in numbers(text, language):
        gap = _GAP.match(text, end)
        unit = after.match(text.casefold(), gap.end()) if gap else None
        if unit and unit.lastgroup in TIMES and (rest := _REST.match(text, unit.end())):
            found.append(text[start : rest.end()])
    return found


def denials(text: str, language: str) -> int:
    """How many words of a text deny something. Raises KeyError where the language is not `known`."""
    return len(_denial(_tag(language)).findall(normalise(text)))


def affirms(text: str, language: str) -> bool:
    """Whether a text begins with a yes, in a language whose words for it we know."""
    return _yes(_tag(language)).match(normalise(text)) is not None


def unit_words() -> tuple[str, ...]:
    """How the words of units and currencies begin, in all languages, in normal form; one sign says too little."""
    entries = chain(_table()["units"].values(), _table()["money"].values())
    return tuple({normalise(word) for listed in entries for word in listed.split() if len(word) > 2})


def _amounts(text: str, language: str) -> Iterator[str]:
    before, after = _units(language)
    for match in _DIGITS.finditer(text):
        if match["code"]:
            yield match["code"].replace("-", "")
            continue
        number = _plain(match["number"])
        yield number
        near = max(0, match.start() - _NEAR)
        ahead, behind = before.search(text, near, match.start()), after.match(text, match.end())
        yield from (f"{number} {unit}" for unit in (_unit(ahead), _unit(behind)) if unit)


def _measured(text: str, number: regex.Match[str], language: str) -> set[str]:
    """The units of KINDS and currencies that stand at a number."""
    before, after = _units(language)
    near = max(0, number.start() - _NEAR)
    units = {_unit(before.search(text, near, number.start())), _unit(after.match(text, number.end()))}
    return {unit for unit in units if unit in KINDS or unit in _table()["money"]}


def _unit(match: regex.Match[str] | None) -> str:
    return (match.lastgroup or "").replace("_", "-") if match else ""


def _plain(number: str) -> str:
    """A number without marks between thousands (5,000; 1,00,000; 9 900) and without zeros behind the point."""
    if ":" in number or "/" in number:
        return number
    whole, *groups = regex.split(r"[.,٫٬ '’]", number)
    if groups and len(groups[-1]) == 3 and all(len(group) in (2, 3) for group in groups):
        return whole + "".join(groups)
    if len(groups) != 1:
        return ".".join([whole, *groups])
    return f"{whole}.{groups[0]}".rstrip("0").rstrip(".")


def _tag(language: str) -> str:
    """The tag under which the table knows a language: its own, or that of the language without region."""
    tags = _table()["language"]
    return language if language in tags else base(language)


def _own(language: str) -> list[str]:
    """Whose words are heard in a language: its own and English ones, which people mix into all that is not Latin."""
    latin = language in LANGUAGES and LANGUAGES[language].script == "Latn"
    return [language] if latin else [language, "en"]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("claims.toml").read_text(encoding="utf-8"))


def _word(entry: str, before: str = "") -> str:
    """The pattern of one entry: a whole word, but in Thai, which writes no spaces."""
    entry = normalise(entry).replace("~", f"{LETTER}*").replace("(", "(?:").replace("(?:?", "(?")
    return entry if UNSPACED.search(entry) else f"{_BORDERS[0]}{before}{entry}{_BORDERS[1]}"


@cache
def _denial(language: str) -> regex.Pattern[str]:
    patterns = []
    for tag in _own(language):
        entry = _table()["language"][tag]
        spared = "|".join(map(normalise, entry.get("except", "").split()))
        spare = rf"(?!(?:{spared}){_BORDERS[1]})" if spared else ""
        patterns += [_word(word, spare + entry.get("before", "")) for word in entry["not"]]
    return regex.compile("|".join(patterns))


@cache
def _yes(language: str) -> regex.Pattern[str]:
    words = [_word(word) for tag in _own(language) for word in _table()["language"].get(tag, {}).get("yes", ())]
    return regex.compile(rf"[^\p{{L}}]*(?:{'|'.join(words) or '(?!)'})")


def _in_digits(text: str, language: str) -> str:
    """A text in normal form with digits in place of the words for numbers."""
    for pattern, value in _spelled(language):
        text = pattern.sub(f" {value} ", text)
    return text


@cache
def _spelled(language: str) -> list[tuple[regex.Pattern[str], str]]:
    """The words of each value, the longest words first, so that twelve is not ten and two."""
    words = [
        (word, value, entry.get("before", ""))
        for tag in _own(language)
        for entry in [_table()["language"].get(tag, {})]
        for value, listed in entry.get("numbers", {}).items()
        for word in listed.split()
    ]
    return [(regex.compile(_word(*word[::2])), word[1]) for word in sorted(words, key=lambda word: -len(word[0]))]


@cache
def _manifold(language: str) -> regex.Pattern[str]:
    """The words by which a number behind which they stand is multiplied: hundred, lakh."""
    words = "|".join(map(regex.escape, map(normalise, _multiples(language))))
    return regex.compile(rf"\s*(?P<word>(?:{words or '(?!)'}){LETTER}*)")


def _multiples(language: str) -> list[str]:
    numbers = [_table()["language"].get(tag, {}).get("numbers", {}) for tag in _own(language)]
    listed = (words.split() for table in numbers for value, words in table.items() if int(value) >= 100)
    return sorted(chain.from_iterable(listed), key=len, reverse=True)


@cache
def _units(language: str) -> tuple[regex.Pattern[str], regex.Pattern[str]]:
    """What finds the unit in front of a number, and behind it."""
    either = {unit: listed.split() for unit, listed in _table()["money"].items()}
    for tag in _own(language):
        for name, number in months(tag).items():
            either.setdefault(f"month_{number}", []).append(name)
    only_behind = {unit: listed.split() for unit, listed in _table()["units"].items()}
    ahead, behind = _named(either), _named(only_behind | either)
    unlike = "|".join(map(normalise, _table()["unlike"].split()))
    return (
        regex.compile(rf"{_BORDERS[0]}(?:{ahead}){LETTER}*\.?\s*$"),
        regex.compile(rf"(?:[^\S\n]|-|/-|\.(?=\s))*+(?!{unlike})(?:{behind})"),
    )


def _named(words: Mapping[str, Sequence[str]]) -> str:
    """A group for each unit, named by it, that finds its words, the longest first, and short Latin ones as a whole."""
    listed = {unit: sorted(map(normalise, own), key=len, reverse=True) for unit, own in words.items()}
    ends = {
        unit: [regex.escape(word) + _BORDERS[1] * (word.isascii() and len(word) < 4) for word in own]
        for unit, own in listed.items()
    }
    return "|".join(rf"(?P<{unit}>{'|'.join(own)})" for unit, own in ends.items())
