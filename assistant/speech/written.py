"""Spoken figures as they are written: what a recogniser heard, as it stands in documents.

A lone small number stays a word, which it may be for other reasons ("one", "egy", "ஆறு"), unless a unit, a currency or
a word for a code stands beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from itertools import chain

import regex

from assistant.claims import unit_words
from assistant.speech.aloud import letters, months, table, words
from assistant.speech.numerals import MULTIPLE, counted, heard_in, key, listed, named, tables, worth
from knowledge import base
from knowledge.sound import latin
from knowledge.text import UNSPACED

READ_OUT = 3
"""Numbers below a hundred in a row from which they are figures that are read out; commas between them, one more."""
NEAR = 30
"""Characters in front of a code in which a word says that it is one."""
CENTURIES = (19, 20)

_WORD = r"\p{N}+(?:[.,:/-]\p{N}+)*|[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*"
_GAP = regex.compile(r"[\s-]*|,\s")
_NOTHING = regex.compile(r"[^\p{L}\p{N}]*")
_VOWEL = r"[\p{M}าะำๅ]"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text, where it stands, what it does in a number (empty: nothing), and what it is worth there."""

    text: str
    start: int
    end: int
    role: str
    values: tuple[Fraction, ...]


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
    text = _mail(language).sub(lambda match: _address(match[0], language), text)
    for pattern in _days(language):
        text = pattern.sub(lambda match: _day(match, language), text)
    text = _replaced(text, language, _codes)
    text = _replaced(text, language, _numbers)
    return _amounts(text, language)


Change = tuple[int, int, str]
Finder = Callable[[str, Sequence[Token], str], Iterator[Change]]


def _replaced(text: str, language: str, finder: Finder) -> str:
    """A text with what a finder finds in its words in place of it."""
    for start, end, figures in reversed(list(finder(text, _tokens(text, language), language))):
        text = text[:start] + figures + text[end:]
    return text


def _tokens(text: str, language: str) -> list[Token]:
    """The words of a text; in Thai, which parts none, words of numbers apart from what stands around them."""
    pattern = _dense(base(language)) if UNSPACED.search(text) else _spaced(language)
    return [Token(match[0], *match.span(), *_role(match[0], language)) for match in pattern.finditer(text)]


@cache
def _spaced(language: str) -> regex.Pattern[str]:
    """Words that spaces part, and numbers of several: dua puluh lima."""
    several = [name for tag in heard_in(language) for name in listed(tables()[tag].get("small", "")) if " " in name]
    return regex.compile(rf"(?:{_longest(several)})(?![\p{{L}}\p{{M}}])|{_WORD}", regex.IGNORECASE)


@cache
def _dense(language: str) -> regex.Pattern[str]:
    """Words of a script without spaces: those of numbers, names of letters, and what stands between."""
    own, numerals = words(language), tables().get(language, {})
    numbers = [*numerals.get("small", "").split(), *numerals.get("point", "").split()]
    numbers += [scale["many"].removeprefix("{n}") for scale in numerals.get("scales", ())]
    numbers += " ".join(chain(numerals.get("heard", {}).values(), numerals.get("times", {}).values())).split()
    number = rf"(?:{_longest(numbers)})(?!{_VOWEL})"
    never, cue, letter = (
        _longest(numerals.get("never", "").split()),
        _longest(own.get("cues", "").split()),
        _longest(letters(language).values()),
    )
    return regex.compile(
        rf"\p{{N}}+(?:[.,:/-]\p{{N}}+)*|{never}|{cue}|(?:(?<=(?:{cue})\s?)|(?<![\p{{L}}\p{{M}}]))(?:{letter})(?![\p{{L}}\p{{M}}])"
        rf"|(?<=(?:{cue})\s?)(?:{letter})(?={number})|{number}|[\p{{L}}\p{{M}}](?:(?!{number}|{cue})[\p{{L}}\p{{M}}])*"
    )


def _longest(names: Iterable[str]) -> str:
    return "|".join(map(regex.escape, sorted(names, key=len, reverse=True))) or "(?!)"


@lru_cache(maxsize=1 << 14)
def _role(word: str, language: str) -> tuple[str, tuple[Fraction, ...]]:
    """What a word does in a number, and its worth: `number`, `times`, `add`, `point`, `and`, `article`, `tenths`."""
    if word.isdecimal():
        return "number", (Fraction(word),)
    if values := worth(word, language):
        return "number", tuple(values)
    for name in ("times", "add"):
        if (value := named(name, word, language)) is not None:
            return name, (value,)
    for tag in heard_in(language):
        numerals = tables()[tag]
        for name in ("point", "and", "article"):
            if key(word) in map(key, listed(numerals.get(name, ""))):
                return name, ()
        if key(word) in numerals.get("decimals", {}).values():
            return "tenths", ()
    return "", ()


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
        inside = token.role not in ("", "article") and run and _GAP.fullmatch(text[run[-1].end : token.start])
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
    alone = all(_NOTHING.fullmatch(rest) for rest in (text[:start], text[end:]))
    for piece in pieces:
        first, last = run[piece.first], run[piece.last]
        sure = alone or _added(run, piece) or _meant(text, piece, first, last, language, len(pieces) > 1)
        if piece.lone and (first.text.isdecimal() or not sure):
            continue
        yield first.start - _added(run, piece), last.end, _point(piece.figures, language)


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
    if small and (repeated or len(pieces) >= READ_OUT + commas):
        return "".join(piece.figures for piece in pieces)
    if len(pieces) != 2 or commas or not small:
        return ""
    one, other = (int(piece.value) for piece in pieces)
    if one in CENTURIES and other > 9:
        return f"{one}{other}"
    if one < 24 and 10 <= other < 60 and _clock(language).match(text, run[-1].end):
        return f"{one}:{other}"
    return f"{one}-{other}" if one + 1 == other <= 10 and one else ""


def _meant(text: str, piece: Piece, first: Token, last: Token, language: str, among: bool) -> bool:
    """Whether one word is a number where it stands, `among` others or alone; "thousands" and the like say little."""
    bare = not among and (piece.value == MULTIPLE or piece.value >= 1000)
    if piece.value >= 10 and not bare:
        return True
    return _unit(language).match(text, last.end) is not None or (not bare and _cued(text, first.start, language))


@cache
def _days(language: str) -> tuple[regex.Pattern[str], ...]:
    """Days of a month that are said by their place: the sixth of December, december hatodikán."""
    days, month = tables().get(base(language), {}).get("ordinals", "").split(), _longest(months(language))
    if not days:
        return ()
    day = rf"(?P<day>{_longest([*days, 'elsej'] if base(language) == 'hu' else days)})"
    ahead = [] if base(language) == "hu" else [rf"(?:the\s+)?{day}\s+(?:of\s+)?(?P<month>{month})(?!\p{{L}})"]
    patterns = [*ahead, rf"(?P<month>{month})\s+(?:the\s+)?{day}(?:[aeáéi]\p{{L}}*)?(?!\p{{L}})"]
    return tuple(regex.compile(rf"(?<!\p{{L}}){pattern}", regex.IGNORECASE) for pattern in patterns)


def _day(match: regex.Match[str], language: str) -> str:
    days = tables()[base(language)]["ordinals"].split()
    said = match["day"].casefold()
    number = days.index(said) + 1 if said in days else 1
    return f"{match['month']} {number}." if base(language) == "hu" else f"{number} {match['month']}"


def _codes(text: str, tokens: Sequence[Token], language: str) -> Iterator[Change]:
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


def _code_end(text: str, tokens: Sequence[Token], start: int, language: str) -> int:
    """Behind the last figure of letters and figures in a row, and a letter behind it that is nothing else."""
    end = place = start
    while place < len(tokens) and (place == start or _GAP.fullmatch(text[tokens[place - 1].end : tokens[place].start])):
        letter, figure = _letter(tokens[place].text, language), _figure(tokens, place)
        if not letter and not figure or (place == start and not letter):
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
    if _cued(text, row[0].start, language) or _behind(language).match(text, row[-1].end):
        return True
    names = [token.text for token in row if _letter(token.text, language)]
    if len(names) > 1:
        return True
    counts = _unit(language).match(text, row[-1].end) is not None
    alone = all(_NOTHING.fullmatch(rest) for rest in (text[: row[0].start], text[row[-1].end :]))
    return alone or not (_shy(names[0], language) or counts)


def _spelling(row: Sequence[Token], language: str) -> str:
    written_, times = [], 1
    for token in row:
        if token.role == "times":
            times = int(token.values[0])
            continue
        said = _letter(token.text, language) or str(token.values[0])
        written_.append(said * times)
        times = 1
    return "".join(written_)


@lru_cache(maxsize=1 << 14)
def _letter(word: str, language: str) -> str:
    """The letter that a word names; empty where it names none."""
    if len(word) == 1 and word.isascii() and word.isalpha():
        return word.upper()
    if other := words(language).get("heard", {}).get(word):
        return str(other)
    return next((letter.upper() for letter, name in letters(language).items() if key(name) == key(word)), "")


def _shy(word: str, language: str) -> bool:
    return any(word in words(tag).get("shy", "").split() for tag in (language, "en"))


def _cued(text: str, start: int, language: str) -> bool:
    """Whether a word in front says that a code or number follows."""
    return _cues(language).search(text[max(0, start - NEAR) : start]) is not None


@cache
def _cues(language: str) -> regex.Pattern[str]:
    names = "|".join(regex.escape(name) for tag in (language, "en") for name in words(tag).get("cues", "").split())
    return regex.compile(
        rf"(?<![\p{{Latin}}])(?:{names})\p{{L}}{{0,2}}\p{{M}}*[\s:,.-]*(?:is|hai|है|என்பது|คือ)?\s*$", regex.IGNORECASE
    )


@cache
def _behind(language: str) -> regex.Pattern[str]:
    names = (name for tag in (language, "en") for name in words(tag).get("cues", "").split())
    return regex.compile(rf"\s+(?:{_longest(names)})", regex.IGNORECASE)


@cache
def _clock(language: str) -> regex.Pattern[str]:
    return regex.compile(
        rf"\s*(?:{_longest(words(language).get('times_of_day', '').split())})(?![\p{{L}}\p{{M}}])", regex.IGNORECASE
    )


@cache
def _unit(language: str) -> regex.Pattern[str]:
    """What follows a number that counts something."""
    own = words(language)
    names = [
        *own.get("units", {}).values(),
        *" ".join(own.get("money", {}).values()).split(),
        *own.get("counters", "").split(),
    ]
    names += [*own.get("times_of_day", "").split(), *own.get("percent", "").split(), *_coins(language)]
    if base(language) != "en":  # "one may"
        names += months(language)
    whole = "|".join(regex.escape(name) for name in sorted(names, key=len, reverse=True))
    stems = "|".join(map(regex.escape, sorted(unit_words(), key=len, reverse=True)))
    scales = "|".join(
        scale["many"].removeprefix("{n}").strip()
        for scale in tables().get(language, {}).get("scales", ())
        if "many" in scale
    )
    links = _longest([own.get("to", "-").strip(), own.get("signs", {}).get("/", "-")])
    link = rf"(?:\s*(?:{links})\s*[\p{{L}}\p{{M}}]+)?"
    return regex.compile(rf"{link}[\s-]*(?:(?:{whole}|{scales or '(?!)'})|(?:{stems}))", regex.IGNORECASE)


def _amounts(text: str, language: str) -> str:
    """Amounts and percentages with their signs; hundredths of a currency behind its point."""
    for pattern, form in _money(language):
        text = pattern.sub(lambda match, form=form: form.format(_whole(match, language)), text)
    percent = "|".join(words(language).get("percent", "").split())
    return regex.sub(rf"({_FIGURE})\s?(?:{percent})(?![\p{{L}}\p{{M}}])", r"\1%", text) if percent else text


def _whole(match: regex.Match[str], language: str) -> str:
    return match["whole"] + (_point(f".{match['rest']:0>2}", language) if match["rest"] else "")


@cache
def _money(language: str) -> tuple[tuple[regex.Pattern[str], str], ...]:
    """What finds the amounts of each currency, and how they are written."""
    own = words(language)
    found = []
    for kind in table()["money"]:
        names = [name for name, of in _coins(language).items() if of == kind]
        name = "|".join(regex.escape(name) for name in sorted(names, key=len, reverse=True)) or "(?!)"
        rest = (own.get("money", {}).get(kind, "").split()[2:] or ["(?!)"])[0]
        pattern = rf"(?<![\p{{L}}\d.,])(?P<whole>{_FIGURE})\s?(?:{name}){_border(language)}(?:\s?(?P<rest>\d\d?)\s?{rest}{_border(language)})?"
        found.append(
            (regex.compile(pattern, regex.IGNORECASE), own.get("written", {}).get(kind) or table()["written"][kind])
        )
    return tuple(found)


def _border(language: str) -> str:
    return "" if language == "th" else r"(?![\p{L}\p{M}])"


@cache
def _coins(language: str) -> dict[str, str]:
    """The whole words for currencies in a language and in English, and which they are."""
    found = {}
    for tag in dict.fromkeys((language, base(language), "en")):
        own = words(tag) if tag in table() else {}
        for kind, names in own.get("money", {}).items():
            found |= dict.fromkeys(names.split()[:2], kind)
        for kind, names in own.get("coins", {}).items():
            found |= dict.fromkeys(names.split(), kind)
    return found


def _point(figures: str, language: str) -> str:
    """Figures with the decimal mark of a language."""
    marks = table()["figures"].get(base(language), table()["figures"]["*"])
    return figures.replace(".", marks["decimals"])


@cache
def _mail(language: str) -> regex.Pattern[str]:
    """An address of electronic mail that is read out."""
    signs = {sign: "|".join(sorted(names, key=len, reverse=True)) for sign, names in _marks(language).items()}
    dense = base(language) == "th"
    word, gap = (r"[^\s.,@]+?", r"\s*") if dense else (r"[\p{L}\p{M}\p{N}]+", r"\s+")
    figures = "|".join(regex.escape(each) for each in _named_figures(language))
    single = r"(?:[a-z]|\p{N}+)" + _border(language)
    local = rf"{word}(?:{gap}(?:{signs['.']}|{signs['_']}|{signs['-']}){gap}{word}|{gap}(?:{figures}){_border(language)}|{gap}{single})*"
    return regex.compile(
        rf"(?<![\p{{L}}\p{{M}}\p{{N}}]){local}{gap}(?:{signs['@']}){gap}{word}(?:{gap}(?:{signs['.']}){gap}{word}{_border('')})+",
        regex.IGNORECASE,
    )


@cache
def _marks(language: str) -> dict[str, list[str]]:
    """How the signs of an address are said in a language and in English."""
    found: dict[str, list[str]] = {}
    for tag in dict.fromkeys((language, base(language), "en")):
        for sign, names in words(tag).get("mail", {}).items():
            found.setdefault(sign, []).extend(listed(names))
    return found


def _named_figures(language: str) -> list[str]:
    numerals = [tables()[tag] for tag in heard_in(language)]
    small = (listed(table.get("small", ""))[:10] for table in numerals)
    heard = (
        listed(names) for table in numerals for value, names in table.get("heard", {}).items() if value in "0123456789"
    )
    return sorted(chain(*small, *heard), key=len, reverse=True)


def _address(said: str, language: str) -> str:
    """An address that was read out as it is written; what it says in other letters goes into Latin ones."""
    names = {key(name): sign for sign, listed_ in _marks(language).items() for name in listed_}
    pattern = "|".join(regex.escape(name) for name in sorted(names, key=len, reverse=True))
    found = []
    for part in regex.split(
        rf"\s+|({pattern})(?=\s|$)" if not UNSPACED.search(said) else rf"\s+|({pattern})", key(said)
    ):
        if part:
            _, values = _role(part, language)
            found.append(
                names.get(part)
                or (str(values[0]) if len(values) == 1 and values[0] < 10 else part if part.isascii() else latin(part))
            )
    return "".join(found)


_FIGURE = r"\d+(?:[.,]\d+)*"
