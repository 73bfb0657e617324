"""Personal data in what people write and say: where it stands in a text, and the text without it.

Numbers are believed where their checksum holds (Luhn, Verhoeff, ISO 7064 and national ones), telephone numbers where
the plan of a country knows them. Digits may be those of any script, or words that are read out one by one.
"""

from __future__ import annotations

import logging
import tomllib
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

import regex
from stdnum import iban, luhn
from stdnum.hu import anum
from stdnum.in_ import aadhaar, pan
from stdnum.th import pin

from assistant.speech.aloud import table as around_figures
from assistant.speech.numerals import figures, repeated
from knowledge.text import LETTER, whole_words

REGIONS = ("IN", "TH", "HU", "BD", "DE", "ID", "AE", "SA", "EG")
"""Whose telephone numbers are known as they are dialled inside the country; with `+` in front, every country's are."""
READ_OUT = 8
"""Digits that are read out one by one, from which they are taken for somebody's own, whatever they are."""
WORDS = 3
"""Words of digits in a row that are taken for a number that is read out."""
SHORTEST = 7
"""Digits of a telephone number at least."""
MANY = 1000
"""Digits of a text from which on nobody looks any more which of its numbers can be telephones: to look takes half a
millisecond for each, and who writes so many does not ask a question."""

_DIALLED = regex.compile(r"\(?(?:\+|0|(?:91[\s-]?)?[6-9](?:[\s-]?\d){9}$)")
"""How a number begins that is dialled: with its country, with 0, or an Indian mobile telephone's as it is."""
_DAY = regex.compile(r"(?:\d{4}([./-]) ?\d{1,2}\1 ?\d{1,2}|\d{1,2}([./-]) ?\d{1,2}\2 ?(?:\d{4}|\d{2}))(?!\d)")
_HOURS = regex.compile(r"([01]?\d|2[0-4])([.:])[0-5]\d\s?[–-]\s?([01]?\d|2[0-4])\2[0-5]\d(?!\d)")
_INVISIBLE = regex.compile(r"\p{Cf}+")
_ISSUED = regex.compile(r"3[47]\d{13}|3[0689]\d{12}|(?:4|5|2[2-7]|6|8[12])\d{15,18}")
"""What the numbers of cards look like: American Express, Diners, and the others, RuPay among them."""
_ROW = regex.compile(r"\d(?:[^\p{L}\d\n]{0,4}\d)*")
"""Digits that may be of one number: four other signs at most stand between two of them."""
_GAPS = regex.compile(r"[\s.()-]+")
_MONEY = r"(?!\s*(?:₹|\$|€|ft\b|huf\b|forint|eur|rs\b|inr\b))"
_BETWEEN = r"[\s:#.,'\"–-]*"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Personal:
    """One piece of personal data: `text[start:end]`; `value` is what it says, the same however it is spaced."""

    kind: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as numbers are looked for in it, and where each of its signs stands in the text as it was written.

    `aloud` are the stretches of it that were words.
    """

    text: str
    places: Sequence[Span]
    aloud: tuple[Span, ...] = ()

    def place(self, start: int, end: int) -> Span:
        """Where a stretch of it stands in the text as it was written."""
        return self.places[start][0], self.places[end - 1][1]


Finder = Callable[[Reading], Iterator[Span]]


def found(text: str) -> tuple[Personal, ...]:
    """The personal data of a text, in the order in which it stands there; the kinds are those of KINDS."""
    said = read(text)
    signs, own = list(said.text), bytearray(len(text))
    taken: list[Personal] = []
    for kind, finder in KINDS.items():
        for first, last in list(finder(replace(said, text="".join(signs)))):
            start, end = said.place(first, last)
            if not any(own[start:end]):
                own[start:end] = b"\1" * (end - start)
                taken.append(Personal(kind, start, end, _value(kind, said.text[first:last].casefold())))
                # A telephone number right behind a card's would be taken for a part of that.
                signs[first:last] = "\n" * (last - first)
    return tuple(sorted(taken, key=lambda one: one.start))


def masked(text: str, only: Collection[str] | None = None) -> str:
    """A text with each piece of personal data replaced by its kind, as in `[phone]`; with `only`, just those values."""
    return hidden(text, [one for one in found(text) if only is None or one.value in only])


def hidden(text: str, personal: Sequence[Personal]) -> str:
    """A text with each of the pieces that were found in it, in the order in which they stand there, masked."""
    for one in reversed(personal):
        text = f"{text[: one.start]}[{one.kind}]{text[one.end :]}"
    return text


class MaskedFormatter(logging.Formatter):
    """Writes log records, their tracebacks included, without personal data."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return masked(super().format(record))


def read(text: str) -> Reading:
    """A text as numbers are looked for in it: NFKC, nothing invisible, digits 0-9, also for words that are read out."""
    if text.isascii():
        return _heard(text, [(place, place + 1) for place in range(len(text))])
    signs: list[str] = []
    places: list[Span] = []
    for cluster in regex.finditer(r"\X", text):
        plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", cluster[0]))
        signs += [str(unicodedata.decimal(sign, sign)) for sign in plain]
        places += [cluster.span()] * len(plain)
    return _heard("".join(signs), places)


def ordered(text: str, start: int) -> bool:
    """Whether the number that starts there is said to be that of an order, a bill or the like."""
    return _order().search(unicodedata.normalize("NFKC", text[max(0, start - 60) : start])) is not None


def _heard(text: str, places: Sequence[Span]) -> Reading:
    """With words of digits as digits, wherever WORDS of them stand in a row, or one is said to come twice."""
    signs: list[str] = []
    heard: list[Span] = []
    aloud: list[Span] = []
    last = 0
    for run in _runs().finditer(text):
        tokens = list(_token().finditer(text, *run.span()))
        if sum(not token["digit"].isdecimal() for token in tokens) < WORDS and not any(
            token["times"] for token in tokens
        ):
            continue
        signs += text[last : run.start()]
        heard += places[last : run.start()]
        begun = len(signs)
        for token in tokens:
            digits = _digits("digits", token["digit"]) * int(_digits("times", token["times"] or "") or 1)
            signs += digits
            heard += [(places[token.start()][0], places[token.end() - 1][1])] * len(digits)
        aloud.append((begun, len(signs)))
        last = run.end()
    return Reading("".join(signs) + text[last:], [*heard, *places[last:]], tuple(aloud))


def _digits(table: str, word: str) -> str:
    return word if word.isdecimal() else _values()[table].get(word.casefold(), "")


def _value(kind: str, text: str) -> str:
    if kind not in ("email", "upi"):
        return _GAPS.sub("", text)
    for sign in "@.":
        text = regex.sub(rf"\s+{_mark(sign)}\s+", sign, text)
    return text


def _checked(pattern: str, valid: Callable[[str], bool]) -> Finder:
    """What finds the numbers of a pattern whose checksum holds, and that are no order's."""
    alone = rf"(?<![a-z\d]|\d[.,/])(?:{pattern})(?![a-z\d]|[.,/]\d)"

    def finder(said: Reading) -> Iterator[Span]:
        for match in regex.finditer(alone, said.text, regex.IGNORECASE, overlapped=True):
            if valid(_GAPS.sub("", match[0]).upper()) and not ordered(said.text, match.start()):
                yield match.span()

    return finder


def _cued(name: str, finder: Finder) -> Finder:
    """The same, of numbers too common to be believed without a word in front that says what they are."""

    def cued(said: Reading) -> Iterator[Span]:
        compiled = regex.compile(rf"{cue(name)}[^\d\n]{{0,30}}$", regex.IGNORECASE)
        return (span for span in finder(said) if compiled.search(said.text[max(0, span[0] - 60) : span[0]]))

    return cued


def _either(*finders: Finder) -> Finder:
    return lambda said: (span for finder in finders for span in finder(said))


def _email(said: Reading) -> Iterator[Span]:
    return (match.span() for match in _address().finditer(said.text))


def _phone(said: Reading) -> Iterator[Span]:
    """Telephone numbers of people; those that a company pays for are everybody's.

    Behind MANY digits, whatever has as many as a telephone number is taken for one.
    """
    rows = [match.span() for match in _ROW.finditer(said.text)]
    digits = [sum(map(str.isdecimal, said.text[start:end])) for start, end in rows]
    looked = bisect_right(list(accumulate(digits)), MANY)
    until = rows[looked][0] if looked < len(rows) else len(said.text)
    if sum(digits[:looked]) >= SHORTEST:
        yield from _dialled(replace(said, text=said.text[:until]))
    yield from (row for row, count in zip(rows[looked:], digits[looked:], strict=True) if count >= SHORTEST)


def _dialled(said: Reading) -> Iterator[Span]:
    """Numbers that the plan of a country knows."""
    import phonenumbers  # here, as a start must not wait for it
    from phonenumbers import PhoneNumberType as Type

    for region in REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(said.text, region, max_tries=len(said.text)):
            own = phonenumbers.number_type(match.number) not in (
                Type.TOLL_FREE,
                Type.SHARED_COST,
                Type.PREMIUM_RATE,
                Type.UAN,
            )
            written = match.raw_string
            dialled = _DIALLED.match(written) and not (_DAY.match(written) or _HOURS.match(written))
            if own and dialled and not ordered(said.text, match.start):
                yield match.start, match.end


def _aloud(said: Reading) -> Iterator[Span]:
    return (span for span in said.aloud if span[1] - span[0] >= READ_OUT)


def _card(digits: str) -> bool:
    return _ISSUED.fullmatch(digits) is not None and luhn.is_valid(digits)


def _taj(digits: str) -> bool:
    """Hungarian social security: 3 and 7 in turn weigh the first eight, modulo 10 (act XX of 1996, annex)."""
    return sum(int(digit) * (3, 7)[place % 2] for place, digit in enumerate(digits[:8])) % 10 == int(digits[8])


def _tax(digits: str) -> bool:
    """Hungarian tax id of a person: the first nine weighed by their place, modulo 11 (act XX of 1996, annex)."""
    return sum(place * int(digit) for place, digit in enumerate(digits[:9], 1)) % 11 == int(digits[9])


KINDS: Mapping[str, Finder] = MappingProxyType(
    {
        "email": _email,
        "upi": _checked(r"[a-z\d][\w.-]+@[a-z]{3,}", lambda _: True),
        "card": _either(*(_checked(rf"\d(?:[ -]?\d){{{length - 1}}}", _card) for length in range(19, 13, -1))),
        "iban": _checked(r"[a-z]{2}\d{2}(?: ?[a-z\d]{4}){2,7}(?: ?[a-z\d]{1,3})?", iban.is_valid),
        "thai_id": _checked(r"[1-8](?:[ -]?\d){12}", pin.is_valid),
        "aadhaar": _checked(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", aadhaar.is_valid),
        "pan": _checked(r"[a-z]{5}\d{4}[a-z]", pan.is_valid),
        "adoszam": _checked(r"\d{8}-[1-5]-\d{2}", lambda number: anum.is_valid(number[:8])),
        "adoazonosito": _cued("tax", _checked(r"8\d{9}", _tax)),
        "taj": _either(
            _checked(rf"\d{{3}}[ -]\d{{3}}[ -]\d{{3}}{_MONEY}", _taj), _cued("taj", _checked(r"\d{9}", _taj))
        ),
        "phone": _phone,
        "number": _aloud,
    }
)
"""What finds each kind; what an earlier one has taken, a later one leaves. `number` is any that is read out."""


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _listed(words: str) -> list[str]:
    """The words of an entry as `read` writes them, longest first."""
    split = unicodedata.normalize("NFKC", words).casefold().split()
    return sorted((word.replace("_", " ") for word in split), key=len, reverse=True)


@cache
def _values() -> Mapping[str, Mapping[str, str]]:
    return {
        name: {word: value for value, words in table.items() for word in _listed(" ".join(words))}
        for name, table in (("digits", figures()), ("times", repeated()))
    }


def read_out(word: str) -> bool:
    """Whether a word is a digit that is read out, in any language."""
    return word.casefold() in _values()["digits"]


def cue(name: str) -> str:
    """A pattern of the words that tell what a number is: `order`, `number`, `taj`, `tax`."""
    return whole_words(_listed(_table()["cues"][name]), rf"{LETTER}{{0,10}}")


def _mark(sign: str) -> str:
    """How a sign of an address is said, in all languages together."""
    return whole_words(_listed(" ".join(entry.get("mail", {}).get(sign, "") for entry in around_figures().values())))


@cache
def _token() -> regex.Pattern[str]:
    digits, times = (whole_words(list(_values()[name])) for name in ("digits", "times"))
    return regex.compile(rf"(?:(?P<times>{times})[\s-]*)?(?P<digit>{digits}|\d)", regex.IGNORECASE)


@cache
def _runs() -> regex.Pattern[str]:
    """Digits and words of digits in a row, beginning with one that is read out or comes after another."""
    plain = regex.sub(r"\?P<\w+>", "?:", _token().pattern)
    return regex.compile(rf"(?<!\d){plain}(?:[\s,.…-]*{plain})+", regex.IGNORECASE)


@cache
def _order() -> regex.Pattern[str]:
    """What stands in front of an order's number: a word for an order, and perhaps one for a number."""
    return regex.compile(
        rf"{cue('order')}{_BETWEEN}(?:{cue('number')}{_BETWEEN})?(?:is|hai|है|คือ)?\s*$", regex.IGNORECASE
    )


@cache
def _address() -> regex.Pattern[str]:
    """An address of electronic mail in Latin letters, also one that is read out."""
    at, dot, part = _mark("@"), _mark("."), r"[\p{Latin}\p{Nd}-]++"
    return regex.compile(
        rf"(?<![\p{{Latin}}\p{{Nd}}._%+-])[\p{{Latin}}\p{{Nd}}._%+-]{{1,64}}+@{part}(?:\.{part})*\.\p{{Latin}}{{2,}}+"
        rf"|(?<![a-z\d_+-])[a-z\d_+-]{{1,64}}+(?:\s+{dot}\s+[a-z\d_+-]++){{0,4}}\s+{at}\s+[a-z\d-]++(?:\s+{dot}\s+[a-z]{{2,}}+)+",
        regex.IGNORECASE,
    )
