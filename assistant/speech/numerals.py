"""Numbers in words: how a language says them, and what the words that people say are worth."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import regex

from knowledge import base

HIGHEST = 10**9
"""From here on, figures are read one by one."""
MULTIPLE = 100
"""From here on, a power of ten multiplies what is said before it."""
_THOUSANDS = frozenset(range(2000, 10000, 1000))

_DEVANAGARI = str.maketrans({"ँ": "ं", "़": None, "\u200c": None, "\u200d": None})
_ROMAN: Sequence[tuple[regex.Pattern[str], str]] = [
    (regex.compile(pattern), spelling)
    for pattern, spelling in (("dh", "th"), ("ee|ii", "i"), ("oo|uu", "u"), ("zh", "l"), ("w", "v"), (r"(.)\1+", r"\1"))
]


def spoken_in() -> tuple[str, ...]:
    """The languages whose numbers can be said in words."""
    return tuple(tag for tag, table in tables().items() if "small" in table and "scales" in table)


def cardinal(number: int, language: str, counting: str | None = None) -> str:
    """A whole number below HIGHEST in words, as it is counted; `counting` is whose scales it is said in (`en-IN`)."""
    table, said = tables()[language], []
    rest = number
    for scale in tables()[counting or language]["scales"]:
        count, rest = divmod(rest, scale["value"])
        if count:
            said.append(_scaled(count, scale, bool(rest), language))
    if rest or not said:
        last = table["last_one"] if said and rest == 1 and "last_one" in table else _small(language)[rest]
        said += [table["and"], last] if said and "and" in table else [last]
    if not table.get("joined"):
        return " ".join(said)
    dashed = number > table.get("hyphen_from", HIGHEST)
    return "".join(part + "-" * (dashed and part.endswith(_dashed(language))) for part in said).rstrip("-")


def attributive(words: str, language: str) -> str:
    """A number in words as it stands before what is counted: ஒரு நாள், két nap, ఐదు వందల రూపాయలు."""
    return changed(words, tables()[language].get("attributive", ()))


def changed(words: str, endings: Iterable[Sequence[str]]) -> str:
    """The words with the first ending that they have replaced."""
    for ending, other in endings:
        if (found := regex.sub(ending, other, words)) != words:
            return str(found)
    return words


def ordinal(number: int, language: str) -> str | None:
    """First to thirty-first, in a language that has a list of them."""
    known = listed(tables()[language].get("ordinals", ""))
    return known[number - 1] if 0 < number <= len(known) else None


def digits(figures: str, language: str) -> str:
    """Figures one by one, in words."""
    small = _small(language)
    return " ".join(small[int(figure)] for figure in figures if figure.isdecimal())


def key(word: str, language: str = "") -> str:
    """A word as it is looked up: case, nukta and nasal aside; in romanised languages also long vowels and the like."""
    word = " ".join(unicodedata.normalize("NFC", word).casefold().translate(_DEVANAGARI).split())
    if language.endswith("-Latn"):
        for pattern, spelling in _ROMAN:
            word = pattern.sub(spelling, word)
    return word


def worth(word: str, language: str) -> list[Fraction] | None:
    """What a word is worth that is a number, or several in one; None where it is none."""
    for tag in heard_in(language):
        known = _heard(tag)
        if (found := known.get(key(word, tag))) is not None:
            return [found]
        if tables()[tag].get("joined") and (parts := _compound(key(word), tag)):
            return [known[part] for part in parts]
    return None


def worth_as(name: str, word: str, language: str) -> Fraction | None:
    """What a word is worth in another list of a language: `times` (double), `add` (साढ़े)."""
    for tag in heard_in(language):
        for value, words in tables()[tag].get(name, {}).items():
            if key(word, tag) in [key(one, tag) for one in listed(words)]:
                return Fraction(value)
    return None


def counted(values: Sequence[Fraction]) -> list[tuple[Fraction, int]]:
    """The numbers that values in a row make, and how many each takes: 2, 1000, 5, 100 is 2500; 6, 7 is 6 and 7."""
    found: list[tuple[Fraction, int]] = []
    parts: list[Fraction] = []
    taken = 0
    for value in values:
        if parts and (joined := _joined(parts, value)):
            parts = joined
        elif parts and len(parts) > 1 and value >= MULTIPLE and (again := _joined(parts[-1:], value)):
            found.append((sum(parts[:-1], Fraction()), taken - 1))
            parts, taken = again, 1
        else:
            found += [(sum(parts, Fraction()), taken)] if parts else []
            parts, taken = [value], 0
        taken += 1
    return [*found, (sum(parts, Fraction()), taken)] if parts else found


def heard_in(language: str) -> tuple[str, ...]:
    """Whose words are heard in a language: its own, in both scripts, and English ones, which people mix in."""
    tags = dict.fromkeys((language, base(language), "en"))
    return tuple(tag for tag in tags if tag in tables())


def figures() -> Mapping[str, list[str]]:
    """How 0 to 9 are said, in all languages together; spaces inside a word as the table has them."""
    found: dict[str, list[str]] = {str(value): [] for value in range(10)}
    for table in tables().values():
        for digit, word in enumerate(table.get("small", "").split()[:10]):
            found[str(digit)].append(word)
        for value in found:
            found[value] += table.get("heard", {}).get(value, "").split()
    return found


def repeated() -> Mapping[str, list[str]]:
    """How it is said that a figure comes twice or three times, in all languages together."""
    return {
        times: [w for table in tables().values() for w in table.get("times", {}).get(times, "").split()]
        for times in "23"
    }


@cache
def tables() -> Mapping[str, Any]:
    """The words of every language."""
    return tomllib.loads(Path(__file__).with_name("numerals.toml").read_text(encoding="utf-8"))


@cache
def _heard(language: str) -> Mapping[str, Fraction]:
    """Every word of a language that is a number, as `key` writes it."""
    table = tables()[language]
    small = [(form, value) for value, word in enumerate(_small(language)) for form in _forms(word, language)]
    said = [(word, Fraction(value)) for word, value in small]
    said += [(word, value) for scale in table.get("scales", ()) for word, value in _of_scale(scale, language)]
    said += [(word, Fraction(value)) for value, words in table.get("heard", {}).items() for word in listed(words)]
    return {key(word, language): value for word, value in said}


def _forms(word: str, language: str) -> set[str]:
    """A number below a hundred as it is counted, before a noun, and as it is said in haste: இருபத்தஞ்சு."""
    hasty = tables()[language].get("colloquial", ())
    return {word, attributive(word, language), changed(word, hasty)}


def _of_scale(scale: Mapping[str, Any], language: str) -> Iterable[tuple[str, Fraction]]:
    """The words of a scale: those that stand behind a count, and those that hold one."""
    value = scale["value"]
    for name in ("names", "names_on"):
        for count, word in enumerate(listed(tables()[language].get(name, {}).get(str(value), "")), 1):
            yield word, Fraction(count * value)
    for name in ("one", "one_on", "many", "on"):
        pattern = scale.get(name, "")
        if pattern.startswith("{n}") and "before" in scale:
            for count, small in enumerate(_small(language)):
                for form in _forms(small, language) if count > 1 else ():
                    yield pattern.format(n=changed(form, scale["before"])), Fraction(count * value)
        elif pattern:
            yield pattern.removeprefix("{n}").split()[-1], Fraction(value)


def _compound(word: str, language: str) -> list[str]:
    """The words of numbers that a word is put together of, each as long as can be; none where it is no number.

    From its end, as a pattern would try all the ways in which a long row of them can be parted.
    """
    known, parts = _heard(language), {len(word): ""}
    for at in reversed(range(len(word))):
        for size in _sizes(language):
            if at + size in parts and word[at : at + size] in known:
                parts[at] = word[at : at + size]
                break
    found, at = [], 0
    while part := parts.get(at):
        found.append(part)
        at += len(part)
    return found


@cache
def _sizes(language: str) -> list[int]:
    """The lengths of a language's words of numbers, the longest first."""
    return sorted({len(word) for word in _heard(language)}, reverse=True)


def _joined(parts: Sequence[Fraction], value: Fraction) -> list[Fraction] | None:
    """The parts of a number with one more value: multiplied by it or added to; None where it begins another."""
    if value >= MULTIPLE and regex.fullmatch("10+", str(value)):
        below = [part for part in parts if _place(part) < value]
        above = list(parts[: len(parts) - len(below)])
        if below and (not above or _place(above[-1]) > value):
            return [*above, sum(below, Fraction()) * value]
    if value in _THOUSANDS and _place(parts[-1]) == 10:  # one word in Tamil: இருபத்து மூவாயிரம் is 23,000
        return [*parts[:-1], parts[-1] * 1000 + value]
    return [*parts, value] if 0 < value < _place(parts[-1]) else None


def _place(value: Fraction) -> int:
    """The power of ten below which more can be added: 10 of twenty, 1 of five and of fifteen, 100 of five hundred."""
    if value.denominator > 1 or value in (0, 10):
        return 1
    figures = str(value)
    return int(10 ** (len(figures) - len(figures.rstrip("0"))))


def _scaled(count: int, scale: Mapping[str, Any], more: bool, language: str) -> str:
    """So many of a scale, with more behind it or not."""
    names = tables()[language].get("names_on" if more else "names", {}).get(str(scale["value"]))
    if names:
        return listed(names)[count - 1]
    if count == 1 and "one" in scale:
        return str(scale["one_on"] if more and "one_on" in scale else scale["one"])
    words = cardinal(count, language)
    words = changed(words, scale["before"]) if "before" in scale else attributive(words, language)
    return str(scale["on"] if more and "on" in scale else scale["many"]).format(n=words)


@cache
def _small(language: str) -> tuple[str, ...]:
    return tuple(listed(tables()[language].get("small", "")))


def listed(words: str) -> list[str]:
    """The words of an entry of a table, spaces inside them restored."""
    return [word.replace("_", " ") for word in words.split()]


@cache
def _dashed(language: str) -> tuple[str, ...]:
    return tuple(scale["many"].removeprefix("{n}") for scale in tables()[language]["scales"] if scale["value"] >= 1000)
