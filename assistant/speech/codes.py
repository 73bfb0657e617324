"""Codes that are read out: letters by their names, and figures behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache

import regex

from assistant.privacy import ordered
from assistant.speech.aloud import letters, vocabulary
from assistant.speech.numerals import MULTIPLE, key
from assistant.speech.tokens import GAP, Token, longest
from assistant.speech.units import counts
from knowledge.text import WORD

_LENGTHS = str.maketrans("ஈఈీూఊేో", "இఇిుఉెొ")
SPELLED = 3
"""Letters that a word names at least to be put together of them: of two, many a word is."""
NEAR = 30
"""Characters in front of a code in which a word says that it is one."""

MOST = 4
"""Letters of a code that are written together."""
LONGEST = 40
"""Words of a code: an IBAN has 34 signs, and a row of a thousand is not looked through from each of its words."""

NOTHING = regex.compile(r"[^\p{L}\p{N}]*")

_TWICE = regex.compile(r"^(\p{L}+\d+)\1$")
"""A code that is said again at once."""


def codes(text: str, tokens: Sequence[Token], language: str) -> Iterator[tuple[int, int, str]]:
    """Where letters are named and figures said behind them: E four, ஈ நாலு."""
    place = 0
    while place < len(tokens):
        end = _code_end(text, tokens, place, language)
        row = tokens[place:end]
        if row and _is_code(text, row, language):
            yield row[0].start, row[-1].end, _spelling(row, language)
            place = end
        else:
            place += 1


def abbreviations(text: str, language: str) -> str:
    """A text whose words that are put together of names of letters are written with these: एएमसी is AMC."""
    names = _names(language)
    return WORD.sub(lambda word: _abbreviated(word[0], language) or word[0], text) if names else text


@lru_cache(maxsize=1 << 14)
def _abbreviated(word: str, language: str) -> str:
    """The letters that a word names, three at least, with its ending; empty where it is none."""
    match = _spelled(language).fullmatch(_short(word))
    return "".join(_names(language)[name] for name in match.captures("name")) if match else ""


@cache
def _names(language: str) -> Mapping[str, str]:
    """The letters by their names, in a language that does not write with them."""
    own = {_short(name): letter.upper() for letter, name in letters(language).items()}
    return {} if any(name.isascii() for name in own) else own


@cache
def _spelled(language: str) -> regex.Pattern[str]:
    return regex.compile(rf"(?P<name>{longest(_names(language))}){{{SPELLED},}}(?:\p{{L}}\p{{M}}*)?")


def _short(word: str) -> str:
    """A word as it is looked up, long vowels as short ones and a nasal as a letter: names are written either way."""
    return key(word).translate(_LENGTHS).replace("ం", "మ్")


def _code_end(text: str, tokens: Sequence[Token], start: int, language: str) -> int:
    """Behind the last figure of letters and figures in a row, and a letter behind it that is nothing else."""
    end = place = start
    last = min(len(tokens), start + LONGEST)
    while place < last and (place == start or GAP.fullmatch(text[tokens[place - 1].end : tokens[place].start])):
        letter, figure = _letter(tokens[place].text, language), _figure(tokens, place)
        if (not letter and not figure) or (place == start and not letter):
            break
        if figure or (end > start and letter and not _shy(tokens[place].text, language)):
            end = place + 1
        place += 1
    return end


def _figure(tokens: Sequence[Token], place: int) -> bool:
    token = tokens[place]
    return token.role == "times" or (token.role == "number" and len(token.values) == 1 and token.values[0] < MULTIPLE)


def _is_code(text: str, row: Sequence[Token], language: str) -> bool:
    """Whether letters and figures are a code: more than one letter, one that is no word, or a word that says so."""
    if cued(text, row[0].start, language) or _behind(language).match(text, row[-1].end):
        return True
    if ordered(text, row[0].start):
        return True
    names = [token.text for token in row if _letter(token.text, language)]
    if any(_several(name) for name in names):  # UPI 399 is none
        return False
    if len(names) > 1:
        return True
    counting = counts(text, row[-1].end, language)
    alone = all(NOTHING.fullmatch(rest) for rest in (text[: row[0].start], text[row[-1].end :]))
    return alone or not (_shy(names[0], language) or counting)


def _spelling(row: Sequence[Token], language: str) -> str:
    spelling, times = [], 1
    for token in row:
        if token.role == "times":
            times = int(token.values[0])
            continue
        said = _letter(token.text, language) or str(token.values[0])
        spelling.append(said * times)
        times = 1
    return _TWICE.sub(r"\1", "".join(spelling))


@lru_cache(maxsize=1 << 14)
def _letter(word: str, language: str) -> str:
    """The letter that a word names; empty where it names none."""
    if (len(word) == 1 and word.isascii() and word.isalpha()) or _several(word):
        return word.upper()
    if other := vocabulary(language).get("heard", {}).get(word):
        return str(other)
    return next((letter.upper() for letter, name in letters(language).items() if key(name) == key(word)), "")


def _several(word: str) -> bool:
    """Whether it is letters that a recogniser has put together: NH."""
    return 1 < len(word) <= MOST and word.isascii() and word.isalpha() and word.isupper()


def _shy(word: str, language: str) -> bool:
    return any(word in vocabulary(tag).get("shy", "").split() for tag in (language, "en"))


def cued(text: str, start: int, language: str) -> bool:
    """Whether a word in front says that a code or number follows."""
    return _cues(language).search(text[max(0, start - NEAR) : start]) is not None


@cache
def _cues(language: str) -> regex.Pattern[str]:
    return regex.compile(
        rf"(?<![\p{{Latin}}])(?:{_cue(language)})\p{{L}}{{0,2}}\p{{M}}*[\s:,.-]*(?:is|hai|है|என்பது|คือ)?\s*$",
        regex.IGNORECASE,
    )


@cache
def _behind(language: str) -> regex.Pattern[str]:
    return regex.compile(rf"\s+(?:{_cue(language)})", regex.IGNORECASE)


def _cue(language: str) -> str:
    """A word that says that a code or number follows, as a pattern."""
    return longest(name for tag in (language, "en") for name in vocabulary(tag).get("cues", "").split())
