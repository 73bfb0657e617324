"""Written figures as they are said: numbers, money, dates, times, units, telephone numbers, codes, addresses.

Each reading of a Voice turns one kind of figure into words and leaves the others; they are applied in one order.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import regex

from assistant.speech.numerals import HIGHEST, attributive, cardinal, changed, digits, ordinal, spoken_in, tables
from knowledge import base

SPELLED = 4
"""Letters of a code that are spelled; more of them are a word."""

Match = regex.Match[str]
Reading = tuple[regex.Pattern[str], Callable[[Match], str]]

_ADDRESS = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_CODE = (
    r"(?<![\p{L}\p{N}])(?P<code>(?:[A-Za-z]{1,10}-?\d[A-Za-z\d]*|\d+[A-Z][A-Za-z\d]*|[A-Z]{1,4}(?=(?:-[A-Z\d]+)*-[A-Z\d]*\d))"
    r"(?:-(?:[A-Z]+(?![a-z])[A-Z\d]*|[A-Z]*\d[A-Za-z\d]*)(?![\p{L}\p{M}]))*)"
)
# A plus or a nought in front, three groups, or seven figures in a row.
_PHONE = (
    r"(?<![\p{L}\d.,-])(?P<phone>\+\d(?:[ ()/-]{0,2}\d){6,}|0\d(?:[ ()/-]{0,2}\d){3,}|\d{3,}(?:[ -]\d{2,}){2,}|\d{7,})"
    r"(?![\d.,-]*\d)"
)
_GROUPED = regex.compile(r"[1-9]\d{0,2}(?: \d{3})+")
_DATE = (
    r"(?<![\d./-])(?:(?P<y>\d{4})(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?P<d>\d{1,2})\.?"
    r"|(?P<d>\d{1,2})(?P<by>[-./]) ?(?P<m>\d{1,2})(?P=by) ?(?P<y>\d{4}))(?!\d)"
)
_CLOCK = (
    r"(?<![\d.:])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?![\d:])(?: ?น\.)?"
    r"|(?<![\d.])(?P<h>[012]?\d)\.(?P<m>[0-5]\d)(?: ?น\.|(?= ?(?:ถึง|[–—-]) ?[012]?\d\.[0-5]\d ?น\.))"
)
_CLOCKS = r"(?<=\d[:.]\d\d)\s?[–—-]\s?(?=[012]?\d[:.]\d\d)"
_SIGN = r"(?P<sign>[%×&=+])|(?<=[\p{L}\p{M}\p{N}])(?P<sign>/)(?=[\p{L}\p{M}])"
_MINUS = r"(?<=^|\s|\()[-−](?=\d)"
_FIGURES = regex.compile(r"[\p{Nd}%×&=+/@]")
_INDIAN = r"\d{1,2}(?:,\d{2})+,\d{3}"
_GAP = regex.compile(r"(?<=\S) {2,}")
_DIGIT = regex.compile(r"[^\P{Nd}0-9]")
_SUFFIX = r"(?:[-’']?(?P<suffix>[\p{L}\p{M}]+))?"
_ENDING = r"(?:-?(?P<suffix>[\p{Ll}\p{Lo}][\p{L}\p{M}]*))?"
_RANK = r"(?<=\d-?)(?=வத|ம்(?![\p{L}\p{M}]))"
"""Where a Tamil figure's rank is written without its first vowel: 2-வது, 5-ம்."""
_OF_DAY = r"j?(?:[ae]?i|[ae]|[áé](?:n|ig|t|[tr][óő]l|r[ae]|h[oe]z|n[ae]k|v[ae]l|ért))"
"""Hungarian endings that only a day of a month takes."""
_VOWELS = {"ஆ": "ா", "இ": "ி", "ஐ": "ை", "ஓ": "ோ", "உ": "ு", "ஏ": "ே", "ஒ": "ொ", "எ": "ெ"}
"""Tamil vowels as they are written behind a consonant."""


@lru_cache(maxsize=1 << 12)
def aloud(text: str, language: str) -> str:
    """A text with all figures in words of its language, as they are said; unchanged in languages without such words."""
    if base(language) not in spoken_in() or language.endswith("-Latn") or not _FIGURES.search(text):
        return text
    text = unicodedata.normalize("NFC", text)
    text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    for pattern, reading in _voice(base(language)).readings:
        text = pattern.sub(reading, text)
    for ending, other in vocabulary(language).get("smooth", ()):
        text = regex.sub(ending, other, text)
    return _GAP.sub(" ", text)


def spelled(code: str, language: str) -> str:
    """A code letter by letter and figure by figure: E4, ஈ நான்கு."""
    names, said = letters(language), []
    for part in regex.findall(r"[A-Za-z]+|\d+", code):
        if part.isdecimal():
            said.append(digits(part, language))
        else:
            said += [names[letter] for letter in part.casefold()] if len(part) <= SPELLED else [part]
    return " ".join(said)


def letters(language: str) -> Mapping[str, str]:
    """How the letters a to z are called in a language; nothing where that is not known."""
    names = vocabulary(language).get("letters", "").split()
    return {chr(ord("a") + place): name.replace("_", " ") for place, name in enumerate(names)}


def vocabulary(language: str) -> Mapping[str, Any]:
    """What the table says of a language; nothing where it is not there."""
    known: Mapping[str, Any] = table().get(language) or table().get(base(language), {})
    return known


@cache
def table() -> Mapping[str, Any]:
    """The words around figures in every language."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def months(language: str) -> Mapping[str, int]:
    """The names of months in a language, as CLDR has them; nothing where it does not know them."""
    from babel import Locale, UnknownLocaleError  # here, as a start must not wait for it

    try:
        names = Locale.parse(base(language)).months["format"]["wide"]
    except (UnknownLocaleError, ValueError):
        return {}
    return MappingProxyType({name: number for number, name in names.items() if not name.isdecimal()})


class Voice:
    """One language's readings. `readings` are in order: what is more than a number first, plain numbers last."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.own = vocabulary(language)
        self.gap = "" if language == "th" else " "
        self.marks: Mapping[str, str] = table()["figures"].get(language, table()["figures"]["*"])
        self.signs = {name: kind for kind, listed in table()["money"].items() for name in listed.split()}
        self.units = {name: said for listed, said in self.own["units"].items() for name in listed.split()}
        self.units["%"] = self.own["signs"]["%"]
        self.readings = self._readings()

    def _readings(self) -> tuple[Reading, ...]:
        figure = self._figure()
        sign, unit = (_any(name) for name in (self.signs, self.units))
        many = _any(_multiples(self.language))
        spread = rf"(?:(?P<from>{figure})\s?[–—-]\s?)?"
        coins = [name for names in self.own["money"].values() for name in names.split()]
        names = "|".join(map(regex.escape, sorted({*self.units.values(), *coins}, key=len, reverse=True)))
        each = rf"{unit}|(?:{names})\p{{Ll}}*(?!\p{{M}})"
        manifold = rf"(?P<figure>{figure})(?:\s?(?P<many>{many}))?"
        money = (
            rf"(?:(?P<sign>{sign})\s?(?:(?P<from>{figure})\s?[–—-]\s?(?:{sign})?\s?)?{manifold}(?:/-)?"
            rf"|(?<![\p{{L}}\d-]){spread}{manifold}\s?(?P<sign>{sign}))"
            rf"(?:/(?!{sign})(?P<per>{each}|[\p{{L}}\p{{M}}]+))?{_SUFFIX}"
        )
        readings: tuple[tuple[str, Callable[[Match], str]], ...] = (
            (_ADDRESS, self.address),
            (rf"(?<=(?:{sign})\s?[\d.,]+-?)(?=ம்(?![\p{{L}}\p{{M}}]))", lambda _: "உ"),
            (_RANK, lambda _: "ஆ"),
            (_DATE, self.numeric_date),
            *((pattern, self.day) for pattern in self._days()),
            (_CLOCKS, lambda _: self.own["to"]),
            (_CLOCK, self.clock),
            (_MINUS, lambda _: f"{self.own['signs']['-']} "),
            (money, self.money),
            (_PHONE + _SUFFIX, self.phone),
            (
                rf"(?<![\p{{L}}\d-]){spread}(?P<figure>{figure})\s?(?P<unit>{unit}|(?:{names})(?=/))"
                rf"(?:/(?P<per>{each}|[\p{{L}}\p{{M}}]+))?{_ENDING}(?!\d)",
                self.measure,
            ),
            (_CODE + _ENDING, self.code),
            (
                rf"(?<![\p{{L}}\d-])(?P<from>{figure})\s?[–—-]\s?(?P<figure>{figure})(?![\d-]){self._noun()}",
                self.spread,
            ),
            *((pattern, self.place) for pattern in self._places()),
            (r"(?<=\d)/(?=\d)", lambda _: " "),
            (_SIGN, lambda match: f" {self.own['signs'][match['sign']]} "),
            (rf"(?P<figure>{figure}){_SUFFIX}{self._noun()}", self.plain),
        )
        return tuple((regex.compile(pattern), reading) for pattern, reading in readings)

    def address(self, match: Match) -> str:
        """An address of electronic mail as it is spelled out; its words stay."""
        marks = {sign: names.split()[0] for sign, names in self.own["mail"].items()}
        parts = regex.findall(r"\p{L}+|\d+|.", match[0])
        return " ".join(marks.get(part) or digits(part, self.language) or part for part in parts)

    def numeric_date(self, match: Match) -> str:
        """A date with the month's name, which `day` goes on with."""
        names = {number: name for name, number in months(self.language).items()}
        if int(match["m"]) not in names or not 1 <= int(match["d"]) <= 31:
            return str(match[0])
        return str(self.own["date"].format(day=int(match["d"]), month=names[int(match["m"])], year=match["y"]))

    def day(self, match: Match) -> str:
        """A day of a month, where that is no plain number: the sixth of December, december hatodikán."""
        found = match.groupdict()
        day, year = found.get("d"), found.get("y")
        said = ordinal(int(day), self.language) if day else ""
        if said is None:
            return str(match[0])
        if self.language == "hu":
            ahead = f"{self.number(year)} " if year else ""
            ahead += f"{found['month']} " if "month" in found else ""
            return f"{ahead}{_possessed(said, found.get('suffix') or '')}"
        behind = f" {self._year(int(year))}" if year else ""
        return f"the {said} of {match['month']}{behind}" if said else f"{match['month']}{behind}"

    def clock(self, match: Match) -> str:
        """A time of day."""
        hours, minutes = (cardinal(int(match[name]), self.language) for name in ("h", "m"))
        whole = int(match["m"]) == 0
        if self.language == "th":
            return f"{hours}นาฬิกา" + ("" if whole else f"{minutes}นาที")
        if self.language == "hu":
            return f"{hours} óra" + ("" if whole else f" {minutes}")
        return hours if whole else f"{hours} {minutes}"

    def money(self, match: Match) -> str:
        """An amount with its currency, hundredths apart: twelve rupees fifty paise."""
        one, several, *hundredths = self.own["money"][self.signs[match["sign"]]].split()
        whole, _, rest = match["figure"].partition(self.marks["decimals"])
        if len(rest) == 2 and hundredths and not match["many"]:
            amounts = ((whole, one if whole == "1" else several), (rest, hundredths[0]))
            worth = [(amount, name) for amount, name in amounts if int(_plain(amount))] or [(whole, several)]
            said = self.gap.join(
                f"{self.number(str(int(_plain(amount))), True)}{self.gap}{name}" for amount, name in worth
            )
        else:
            name = one if match["figure"] == "1" else several
            many = f"{self.gap}{match['many']}" if match["many"] else ""
            said = f"{self.number(match['figure'], True)}{many}{self.gap}{name}"
        return self.attached(self._per(self._from(match) + said, match["per"]), match["suffix"])

    def phone(self, match: Match) -> str:
        """Figures one by one, with a pause between their groups."""
        if self.language == "hu" and _GROUPED.fullmatch(match["phone"]):
            return str(match[0])
        plus = f"{self.own['signs']['+']} " if match["phone"].startswith("+") else ""
        groups = regex.findall(r"\d+", match["phone"])
        return plus + self.attached(", ".join(digits(group, self.language) for group in groups), match["suffix"])

    def measure(self, match: Match) -> str:
        """A quantity with its unit."""
        unit = self.units.get(match["unit"], str(match["unit"]))
        name = self._one(unit) if match["figure"] == "1" else unit
        said = f"{self._from(match)}{self.number(match['figure'], True)}{self.gap}{name}"
        return self.attached(self._per(said, match["per"]), match["suffix"])

    def code(self, match: Match) -> str:
        """A code of letters and figures."""
        return self.attached(spelled(match["code"], self.language), match["suffix"])

    def spread(self, match: Match) -> str:
        """From one number to another."""
        return self._from(match) + self.number(match["figure"], self._counts(match["noun"]))

    def place(self, match: Match) -> str:
        """First, second; what has no such word is counted."""
        return ordinal(int(match["figure"]), self.language) or self.number(match["figure"])

    def plain(self, match: Match) -> str:
        """Any other number."""
        counted = not match["suffix"] and self._counts(match["noun"])
        return self.attached(self.number(match["figure"], counted), match["suffix"])

    def number(self, figure: str, counted: bool = False) -> str:
        """A figure in words; `counted` where a noun follows."""
        whole, _, decimals = figure.partition(self.marks["decimals"])
        indian = self.language == "en" and regex.fullmatch(_INDIAN, whole)
        plain = _plain(whole)
        if int(plain) >= HIGHEST or (plain[0] == "0" and len(plain) > 1):
            said = digits(plain, self.language)
        else:
            said = cardinal(int(plain), self.language, "en-IN" if indian else None)
        if decimals:
            return said + self._decimals(decimals)
        return attributive(said, self.language) if counted else said

    def attached(self, said: str, suffix: str | None) -> str:
        """Words with an ending that was written behind a figure; Tamil and Telugu change at the seam."""
        if not suffix:
            return said
        if self.language == "ta":
            said = regex.sub(r"(?<=\p{L})ம்$", "த்து", said)
            if suffix.startswith("க்"):
                said = changed(said, (("ட்$", "ட்டு"), ("(?<!ய)்$", "ு"), ("ோ$", "ோவு")))
            return (
                regex.sub("[ு்]$", "", said) + _VOWELS[suffix[0]] + suffix[1:] if suffix[0] in _VOWELS else said + suffix
            )
        if self.language == "te":
            said = regex.sub("లు$", "ల", said)
            if regex.match("వ(?!ర|[ేా])", suffix):
                return changed(said, (("ై$", "య్య"), ("[ుి]$", ""))) + suffix
            return regex.sub("ంక[ిు]$", "ానికి", said + suffix)
        return said + ("" if self.language in ("hu", "hi") else self.gap) + suffix

    def _per(self, said: str, unit: str | None) -> str:
        """An amount and what it is for each of; Tamil and Telugu name that first."""
        if not unit:
            return said
        one = self._one(self.units[unit]) if unit in self.units else unit
        if self.language in ("ta", "te"):
            return f"{self.attached(one, self.own['per'])} {said}"
        return self.gap.join((said, self.own["per"], one))

    def _one(self, unit: str) -> str:
        return changed(unit, self.own.get("one", ()))

    def _from(self, match: Match) -> str:
        return f"{self.number(match['from'], True)}{self.own['to']}" if match["from"] else ""

    def _counts(self, noun: str | None) -> bool:
        return noun is not None and noun not in self.own["apart"].split() and noun not in months(self.language)

    def _decimals(self, figures: str) -> str:
        """What stands behind the point: figure by figure, or as tenths and hundredths where a language says so."""
        numerals = tables()[self.language]
        point, names = numerals["point"].split()[0], numerals.get("decimals", {})
        if name := names.get(str(len(figures))):
            return f" {point} {cardinal(int(figures), self.language)} {name}"
        return self.gap.join(["", point, *digits(figures, self.language).split()])

    def _year(self, year: int) -> str:
        century, rest = divmod(year, 100)
        if rest < 10 or year < 1100:
            return cardinal(year, self.language)
        return f"{cardinal(century, self.language)} {cardinal(rest, self.language)}"

    def _figure(self) -> str:
        """The pattern of a number, thousands parted or not."""
        thousands, decimals = self.marks["thousands"], regex.escape(self.marks["decimals"])
        grouped = rf"\d{{1,3}}(?:[{thousands}\u00a0\u202f]\d{{2,3}}(?!\d))+"
        return rf"(?<!\d)(?:{grouped}|{_INDIAN}|\d+)(?:{decimals}\d+)?(?!\d)"

    def _noun(self) -> str:
        return r"(?=\s?(?P<noun>[\p{L}\p{M}]+)?)"

    def _days(self) -> tuple[str, ...]:
        month = f"(?P<month>{_any(months(self.language))})"
        if self.language == "hu":
            return (
                rf"(?:(?P<y>\d{{4}})\.?\s)?{month}\s(?P<d>\d{{1,2}})(?!\d)(?:\.|-(?P<suffix>\p{{Ll}}+))?",
                rf"(?<![\p{{L}}\d.,:/-])(?P<d>\d{{1,2}})-(?P<suffix>{_OF_DAY})(?!\p{{L}})",
            )
        if self.language == "en":
            day, year = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?(?!\d)", r"(?:,?\s(?P<y>\d{4})(?!\d))?"
            return (
                rf"(?:the\s)?(?<!\d){day}\s(?:of\s)?{month}{year}",
                rf"{month}\s{day}{year}",
                rf"{month}\s(?P<y>\d{{4}})(?!\d)",
            )
        return ()

    def _places(self) -> tuple[str, ...]:
        if self.language == "hu":
            return (r"(?<![\d.,])(?P<figure>\d{1,4})\.(?=\s\p{Ll})",)
        return (r"(?<![\d.,])(?P<figure>\d+)(?:st|nd|rd|th)(?!\p{L})",) if self.language == "en" else ()


@cache
def _voice(language: str) -> Voice:
    return Voice(language)


def _any(names: Any) -> str:
    """A pattern of any of the names, the longest first; those that end in a letter end there."""
    ordered = sorted(names, key=len, reverse=True)
    return (
        "|".join(regex.escape(name) + r"(?![\p{L}\p{M}])" * (name[-1].isalpha() and name.isascii()) for name in ordered)
        or "(?!)"
    )


def _plain(figure: str) -> str:
    return regex.sub(r"\D", "", figure)


def _possessed(said: str, suffix: str) -> str:
    """A Hungarian day of a month: hatodika, hatodikán, hatodikáig."""
    vowel = "a" if regex.search("[aoó][^aeoöéó]*dik$", said) else "e"
    stem, vowel = ("elsej", "e") if said == "első" else (said, vowel)
    suffix = regex.sub("^j?[aáeé](?!rt)", "", suffix)  # 6-ától, 1-jén: the noun's own vowel
    return stem + ({"a": "á", "e": "é"}[vowel] if suffix and suffix != "i" else vowel) + suffix


def _multiples(language: str) -> list[str]:
    """The words by which a figure is multiplied that they stand behind: ₹5 लाख."""
    names = (scale.get("many", "").removeprefix("{n}") for scale in tables()[language]["scales"])
    return [name.strip() for name in names if name and not name.startswith("\N{TAMIL VOWEL SIGN AA}")]
