"""Spoken figures as they are written: what a recogniser heard, as it stands in documents.

A lone small number stays a word, which it may be for other reasons ("one", "egy", "ஆறு"), unless a unit, a currency or
a word for a code stands beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import regex

from assistant.privacy import ordered
from assistant.speech.aloud import months
from assistant.speech.codes import NOTHING, abbreviations, codes, cued
from assistant.speech.mail import addresses
from assistant.speech.numerals import MULTIPLE, counted, tables
from assistant.speech.tokens import GAP, Token, longest, tokens
from assistant.speech.units import amounts, counts, of_day, point
from knowledge import base
from knowledge.text import UNSPACED, words

READ_OUT = 3
"""Numbers below a hundred in a row from which they are figures that are read out; commas between them, one more."""
CENTURIES = (19, 20)


@dataclass(frozen=True, slots=True)
class Piece:
    """A number that was said, in figures, and which tokens of its run say it."""

    figures: str
    value: Fraction
    first: int
    last: int
    whole: bool = True

    @property
    def lone(self) -> bool:
        """Whether one word says it."""
        return self.first == self.last


def written(text: str, language: str) -> str:
    """A text with spoken numbers, amounts, codes, telephone numbers and addresses of mail in their written form."""
    text = unicodedata.normalize("NFC", text)
    text = addresses(text, language)
    for pattern in _days(language):
        text = pattern.sub(lambda match: _day(match, language), text)
    text = _replaced(text, language, codes)
    text = _replaced(text, language, _numbers)
    return amounts(text, language)


def either(text: str, language: str) -> str:
    """What was heard, and behind it the words of its written form that it does not hold: to be found in either."""
    figures = abbreviations(written(text, language), language)
    said, other = (words(UNSPACED.sub(" ", each)) for each in (text, figures))
    return " ".join([text, *(word for word in other if word not in said)])


Change = tuple[int, int, str]
Finder = Callable[[str, Sequence[Token], str], Iterator[Change]]


def _replaced(text: str, language: str, finder: Finder) -> str:
    """A text with what a finder finds in its words in place of it."""
    for start, end, figures in reversed(list(finder(text, tokens(text, language), language))):
        text = text[:start] + figures + text[end:]
    return text


def _numbers(text: str, tokens: Sequence[Token], language: str) -> Iterator[Change]:
    """Where numbers are said, and their figures."""
    for run in _runs(text, tokens):
        if all(token.text.isdecimal() for token in run) and len(run) < READ_OUT:
            continue
        yield from _read(text, run, _pieces(run), language)


def _runs(text: str, tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Words of numbers in a row, with nothing but spaces, hyphens and commas between."""
    run: list[Token] = []
    for token in tokens:
        inside = token.role not in ("", "article") and run and GAP.fullmatch(text[run[-1].end : token.start])
        if run and not inside:
            yield from _trimmed(run)
            run = []
        if token.role:
            run.append(token)
    yield from _trimmed(run)


def _trimmed(run: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """A run from a word that may begin a number to one that may end it."""
    scaled = len(run) > 1 and run[0].role == "article" and run[1].values[:1] >= (Fraction(MULTIPLE),)
    begins = [
        place for place, token in enumerate(run) if token.role in ("number", "times", "add") or (scaled and not place)
    ]
    ends = [place for place, token in enumerate(run) if token.role in ("number", "tenths")]
    if begins and ends and begins[0] <= ends[-1]:
        yield run[begins[0] : ends[-1] + 1]


def _pieces(run: Sequence[Token]) -> list[Piece]:
    """The numbers that a run of words says one after another."""
    pieces: list[Piece] = []
    values: list[tuple[Fraction, int]] = []
    more = Fraction()
    place = 0
    while place < len(run):
        token = run[place]
        if (
            token.role == "times"
            and place + 1 < len(run)
            and run[place + 1].values[:1]
            and run[place + 1].values[0] < 10
        ):
            pieces += [*_counted(values), _repeated(token, run[place + 1], place)]
            values, place = [], place + 1
        elif token.role == "add":
            more = token.values[0]
        elif token.role == "number" and token.text.startswith("0") and len(token.text) > 1:
            pieces += [*_counted(values), Piece(token.text, token.values[0], place, place)]
            values = []
        elif token.role == "number":
            first, *rest = token.values
            first = first * (1 + more) if more and first >= MULTIPLE else first + more
            values += [(value, place) for value in (first, *rest)]
            more = Fraction()
        elif token.role == "point" and values and place + 1 < len(run):
            *before, number = _counted(values)
            pieces += before
            fraction, place = _fraction(run, place + 1)
            pieces.append(Piece(f"{number.figures}.{fraction}", number.value, number.first, place))
            values = []
        place += 1
    return [*pieces, *_counted(values)]


def _counted(values: Sequence[tuple[Fraction, int]]) -> Iterator[Piece]:
    """The numbers that values make which words are worth, each with its word's place."""
    at = 0
    for value, taken in counted([value for value, _ in values]):
        figures = str(value) if value.denominator == 1 else f"{float(value):g}"
        yield Piece(figures, value, values[at][1], values[at + taken - 1][1])
        at += taken


def _repeated(times: Token, figure: Token, place: int) -> Piece:
    return Piece(str(figure.values[0]) * int(times.values[0]), Fraction(-1), place, place + 1)


def _fraction(run: Sequence[Token], place: int) -> tuple[str, int]:
    """The figures behind a point, and the place of their last word: one by one, or counted in tenths."""
    figures = ""
    while place < len(run) and run[place].role == "number" and run[place].values[0] < MULTIPLE:
        figures += str(run[place].values[0])
        place += 1
    if place < len(run) and run[place].role == "tenths":
        return figures, place
    return figures, place - 1


def _read(text: str, run: Sequence[Token], pieces: Sequence[Piece], language: str) -> Iterator[Change]:
    """The figures that a run is written with: read out as one, a span, a time, a year, or each number by itself."""
    start, end = run[0].start, run[-1].end
    if joined := _together(text, run, pieces, language):
        yield start, end, joined
        return
    alone = all(NOTHING.fullmatch(rest) for rest in (text[:start], text[end:]))
    for piece in pieces:
        first, last = run[piece.first], run[piece.last]
        sure = alone or _added(run, piece) or _meant(text, piece, first, last, language, len(pieces) > 1)
        if piece.lone and (first.text.isdecimal() or not sure):
            continue
        yield first.start - _added(run, piece), last.end, point(piece.figures, language)


def _added(run: Sequence[Token], piece: Piece) -> int:
    """How far a word in front of a number lies before it that belongs to it: साढ़े, "a"."""
    before = run[piece.first - 1] if piece.first else None
    return run[piece.first].start - before.start if before and before.role in ("add", "article") else 0


def _together(text: str, run: Sequence[Token], pieces: Sequence[Piece], language: str) -> str:
    """What several numbers in a row are together; empty where they are several."""
    commas = "," in text[run[0].start : run[-1].end]
    small = all(
        piece.value < MULTIPLE and piece.value.denominator == 1 and piece.figures.isdecimal() for piece in pieces
    )
    repeated = any(piece.value < 0 for piece in pieces)
    if _in_hundreds(text, run, pieces, language):
        return "".join(piece.figures for piece in pieces)
    if small and (repeated or len(pieces) >= READ_OUT + commas):
        return "".join(piece.figures for piece in pieces)
    if len(pieces) != 2 or commas or not small:
        return ""
    one, other = (int(piece.value) for piece in pieces)
    if one in CENTURIES and other > 9:
        return f"{one}{other}"
    if one < 24 and 10 <= other < 60 and of_day(text, run[-1].end, language):
        return f"{one}:{other}"
    return f"{one}-{other}" if one + 1 == other <= 10 and one else ""


def _in_hundreds(text: str, run: Sequence[Token], pieces: Sequence[Piece], language: str) -> bool:
    """Whether a long number is read out three figures at a time: where a word says so, or nothing else is said."""
    if len(pieces) < 2 or not all(regex.fullmatch(r"[1-9]\d\d", piece.figures) for piece in pieces):
        return False
    around = (text[: run[0].start], text[run[-1].end :])
    said = cued(text, run[0].start, language) or ordered(text, run[0].start)
    return said or all(NOTHING.fullmatch(rest) for rest in around)


def _meant(text: str, piece: Piece, first: Token, last: Token, language: str, among: bool) -> bool:
    """Whether one word is a number where it stands, `among` others or alone; "thousands" and the like say little."""
    bare = not among and (piece.value == MULTIPLE or piece.value >= 1000)
    if piece.value >= 10 and not bare:
        return True
    return counts(text, last.end, language) or (not bare and cued(text, first.start, language))


@cache
def _days(language: str) -> tuple[regex.Pattern[str], ...]:
    """Days of a month that are said by their place: the sixth of December, december hatodikán."""
    days, month = tables().get(base(language), {}).get("ordinals", "").split(), longest(months(language))
    if not days:
        return ()
    day = rf"(?P<day>{longest([*days, 'elsej'] if base(language) == 'hu' else days)})"
    ahead = [] if base(language) == "hu" else [rf"(?:the\s+)?{day}\s+(?:of\s+)?(?P<month>{month})(?!\p{{L}})"]
    patterns = [*ahead, rf"(?P<month>{month})\s+(?:the\s+)?{day}(?:[aeáéi]\p{{L}}*)?(?!\p{{L}})"]
    return tuple(regex.compile(rf"(?<!\p{{L}}){pattern}", regex.IGNORECASE) for pattern in patterns)


def _day(match: regex.Match[str], language: str) -> str:
    days = tables()[base(language)]["ordinals"].split()
    said = match["day"].casefold()
    number = days.index(said) + 1 if said in days else 1
    return f"{match['month']} {number}." if base(language) == "hu" else f"{number} {match['month']}"
