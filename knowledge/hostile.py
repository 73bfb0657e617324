"""Hostile text: what speaks to a machine instead of to a reader, and what a reader does not see.

A text with a sign is reported when it is indexed, shown to agents, quoted to nobody, and given to no model.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

import regex

from knowledge.text import UNSPACED, normalise, sentences, words

REACH = 60
"""Characters around the first words of an order, in its sentence, in which its other words stand."""
BLOB = 32
"""Letters from which a word may be base64: fewer hold no order."""

BETWEEN, START = r"[\W_]+", r"(?<!\w\w)"
"""In patterns: what stands between words, and what says behind a letter that a word begins with it."""

_ROLE = regex.compile(
    r"<\|[a-z_]{2,20}\|>|<\|?/?(?:system|assistant|im_start|im_end)\|?>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|^#{2,} ?(?:Instruction|System(?: prompt)?|Response|Human|Assistant) ?:"
    r"|^ *[\[(*]*(?:SYSTEM|System (?:message|prompt|override)|Assistant|ASSISTANT)[\])*]* ?:(?! *$)",
    regex.MULTILINE,
)
_CALL = regex.compile(
    r"""["'](?:tool_calls?|function_call)["'] *:|</?(?:tool_call|function_calls?)>"""
    r"""|["']name["'] *: *["'][\w.-]+["'] *, *["'](?:arguments|parameters)["'] *: *["']?\{"""
)
# An address that is fetched when the text is shown, with room for what is to be carried out.
_LEAK = regex.compile(r"!\[[^\]]*\]\(\s*(?:https?:)?//[^)\s]*[?&][\w-]+=(?:[^)\s]*[{\[<$%]|[^)\s&]*\s|\))")
_BLOB = regex.compile(r"(?<![A-Za-z0-9+/=_.-])[A-Za-z0-9+/]{32,}={0,2}")
_READABLE = regex.compile(r"[\p{L}\p{M}\p{N}\p{P}\p{Zs}\n]+")
# Tags and variation selectors carry letters that are not seen, but for flags (a black flag first) and Han characters;
# joiners belong between letters of scripts that join, and in emoji (UAX #31, UTS #39); an override turns text around.
_INVISIBLE = regex.compile(
    r"(?<!\U0001F3F4[\U000E0020-\U000E007F]*)[\U000E0000-\U000E007F]"
    r"|[\U000E0100-\U000E01EF](?<!\p{Han}.)|[\uFE00-\uFE0F]{2}"
    r"|[\u200B-\u200D\u2060-\u2064\uFEFF]{3}|[\u2062-\u2064]"
    r"|(?:[A-Za-z][\u200B-\u200D\u2060\uFEFF]){2}[A-Za-z]|(?:\p{L}\u00AD){3}\p{L}"
    r"|\u202E|\u202D[^\u202C\n]*[\p{Bidi_Class=R}\p{Bidi_Class=AL}]"
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u202d\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]")
# What normal form changes beyond the case of letters: compatible forms of letters, accents apart, invisible signs.
_UNPLAIN = re.compile(
    "[\u00ad\u0300-\u036f\u0958-\u095f\u09dc-\u09df\u1d2c-\u1d6a\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2100-\u214f"
    "\u2460-\u24ff\ufb00-\ufdff\ufe00-\ufe0f\ufe70-\uffef\U0001d400-\U0001d7ff\U000e0000-\U000e01ef]"
)
_ALIEN = re.compile(r"[\u0370-\u052F\u13A0-\u13FF]")
# Letters that look like Latin ones (Unicode's confusables.txt, intentional and alike in common fonts).
_ALIKE = "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅҺԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυαικ"
_DISGUISED = regex.compile(
    rf"\b(?=\p{{L}}*\p{{Latin}})(?=\p{{L}}*[{_ALIKE}])(?=\p{{L}}{{4}})(?:\p{{Latin}}|[{_ALIKE}])+\b"
)
_SUFFIXED = regex.compile(r"[\p{Latin}]+[\p{Cyrillic}\p{Greek}]+|[\p{Cyrillic}\p{Greek}]+[\p{Latin}]{4,}")


def signs(text: str) -> tuple[str, ...]:
    """What is wrong with a text: the names in SIGNS whose test it meets; none for nearly all texts."""
    return tuple(name for name, shows in SIGNS.items() if shows(text))


def _orders(text: str) -> bool:
    """Orders to whoever reads the text for somebody else, in any language of hostile.toml."""
    plain = normalise(text) if _UNPLAIN.search(text) else text.casefold()
    if not any(first.search(f"{plain} ") for first in _first()):
        return False
    line = " ".join(text.split())
    said = [f" {' '.join(words(line[start:end]))} " for start, end in sentences(line)]
    return any(_near(sentence, order) for sentence in said for order in _book())


def _near(said: str, order: Sequence[Sequence[str]]) -> bool:
    """Whether an entry of the order's first group has one of every other group around it."""
    first, *others = order
    for entry in first:
        at = said.find(entry)
        while at >= 0:
            around = said[max(0, at - REACH) : at + len(entry) + REACH]
            if all(any(other in around for other in group) for group in others):
                return True
            at = said.find(entry, at + 1)
    return False


@cache
def _book() -> Sequence[Sequence[Sequence[str]]]:
    """The orders, each as groups of entries in normal form; a space in front is where a word begins."""
    book = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    groups = {group: [_start(entry) for listed in book[group].values() for entry in listed] for group in book}
    return [[groups[group] for group in order] for order in book["orders"].values()]


def _start(entry: str) -> str:
    return normalise(entry) if UNSPACED.match(entry) else f" {normalise(entry)}"


@cache
def _first() -> Sequence[re.Pattern[str]]:
    """The entries of the orders' first groups, a pattern a script, by which nearly all texts are done with."""
    scripts: defaultdict[int, list[str]] = defaultdict(list)
    for entry in {entry.lstrip() for first, *_ in _book() for entry in first}:
        scripts[ord(entry[0]) // 128] += (entry, entry.replace("\u0e4d\u0e32", "\u0e33"))  # as Thai is typed
    return [re.compile(_tree(entries, "" if UNSPACED.match(entries[0]) else START)) for entries in scripts.values()]


def _tree(entries: Iterable[str], behind: str = "") -> str:
    """A pattern in which entries that begin alike share their beginning; `behind` stands behind the first sign."""
    branches: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        branches[entry[:1]].append(entry[1:])
    if "" in branches:
        return ""
    signs = {sign: BETWEEN if sign == " " else re.escape(sign) for sign in branches}
    return f"(?:{'|'.join(signs[sign] + behind + _tree(tails) for sign, tails in branches.items())})"


def _roles(text: str) -> bool:
    """Marks by which a model tells who speaks."""
    return _ROLE.search(text) is not None


def _calls(text: str) -> bool:
    """A call of a tool, as models write them."""
    return _CALL.search(text) is not None


def _leaks(text: str) -> bool:
    """A picture whose address carries away what is put into it."""
    return "![" in text and _LEAK.search(text) is not None


def _encoded(text: str) -> bool:
    """Base64 that holds readable words: what is to be read by none but a machine."""
    return any(_reads(blob[0]) for chunk in text.split() if len(chunk) >= BLOB for blob in _BLOB.finditer(chunk))


def _reads(blob: str) -> bool:
    try:
        said = base64.b64decode(blob + "=" * (-len(blob) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    return " " in said and _READABLE.fullmatch(said) is not None


def _invisible(text: str) -> bool:
    """Signs that cannot be seen, where no script needs them."""
    return _UNSEEN.search(text) is not None and _INVISIBLE.search(text) is not None


def _disguised(text: str) -> bool:
    """Words that mix Latin letters with Greek or Cyrillic ones that look like them (UTS #39, mixed-script)."""
    return _ALIEN.search(text) is not None and any(
        not _SUFFIXED.fullmatch(word[0]) for word in _DISGUISED.finditer(text)
    )


SIGNS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "order": _orders,
        "role": _roles,
        "call": _calls,
        "leak": _leaks,
        "encoded": _encoded,
        "invisible": _invisible,
        "homoglyph": _disguised,
    }
)
"""What may be wrong with a text, and how it is seen."""
