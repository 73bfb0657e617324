"""Hostile text: what speaks to a machine instead of to a reader, and what a reader does not see.

A text with a sign is reported when it is indexed, shown to agents, quoted to nobody, and given to no model.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import regex

from knowledge.text import UNSPACED, normalise, words

REACH = 60
"""Characters around the first word of an order in which its other words stand."""
BLOB = 32
"""Letters from which a word may be base64: fewer hold no order."""
HEAD = 3
"""Letters by which an entry is looked up, its shortest ones with the space behind them."""

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
_UNSEEN = re.compile("[\u00AD\u200B-\u200D\u202D\u202E\u2060-\u2064\uFE00-\uFE0F\uFEFF\U000E0000-\U000E01EF]")
_UNSPACED = re.compile("[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF]")
_WORD = re.compile(r"\S+(?: $)?")
_ALIEN = re.compile(r"[\u0370-\u052F\u13A0-\u13FF]")
# Letters that look like Latin ones (Unicode's confusables.txt, intentional and alike in common fonts).
_ALIKE = "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅҺԌԚԜΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρυαικ"  # noqa: RUF001
_DISGUISED = regex.compile(
    rf"\b(?=\p{{L}}*\p{{Latin}})(?=\p{{L}}*[{_ALIKE}])(?=\p{{L}}{{4}})(?:\p{{Latin}}|[{_ALIKE}])+\b"
)
_SUFFIXED = regex.compile(r"[\p{Latin}]+[\p{Cyrillic}\p{Greek}]+|[\p{Cyrillic}\p{Greek}]+[\p{Latin}]{4,}")


def signs(text: str) -> tuple[str, ...]:
    """What is wrong with a text: the names in SIGNS whose test it meets; none for nearly all texts."""
    return tuple(name for name, shows in SIGNS.items() if shows(text))


def _orders(text: str) -> bool:
    """Orders to whoever reads the text for somebody else, in any language of hostile.toml."""
    if not _suspect(text):
        return False
    places = _places(words(text))
    return any(_near([places.get(group, ()) for group in order]) for order in _book()["orders"].values())


def _suspect(text: str) -> bool:
    """Whether it holds the longest word of any entry of an order's first group: most texts do not, and are done."""
    if any(map(_suspected, text.split())):
        return True
    if not _UNSPACED.search(text):
        return False
    said = normalise(text)
    return any(phrase in said for phrase in _first()[1])


@lru_cache(maxsize=1 << 16)
def _suspected(chunk: str) -> bool:
    return any(f"{word} ".startswith(_first()[0].get(word[:HEAD], ())) for word in words(chunk))


@cache
def _first() -> tuple[Mapping[str, tuple[str, ...]], Sequence[str]]:
    """Of the entries of the orders' first groups, the longest words by how they begin, and the phrases of scripts
    without spaces."""
    groups = {order[0] for order in _book()["orders"].values()}
    found = {entry for listed in _entries().values() for entry, group in listed if group in groups}
    unspaced = [entry for entry in found if UNSPACED.match(entry)]
    heads: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for entry in found.difference(unspaced):
        longest = max(_WORD.findall(entry)[::-1], key=lambda word: len(word.strip()))
        heads[longest[:HEAD].strip()] += (longest,)
    return heads, unspaced


def _near(places: Sequence[Sequence[int]]) -> bool:
    """Whether a word of the first group has one of every other group around it."""
    first, *others = places
    return any(all(any(abs(at - place) <= REACH for place in other) for other in others) for at in first)


def _places(said: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Where words of each group stand, in characters of what was said, one space between words."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    text, at = f"{' '.join(said)} ", 0
    for word in said:
        for start in range(at, at + len(word)) if UNSPACED.match(word) else (at,):
            for entry, group in _entries().get(text[start : start + HEAD], ()):
                if text.startswith(entry, start):
                    places[group].append(start)
        at += len(word) + 1
    return places


@cache
def _entries() -> Mapping[str, Sequence[tuple[str, str]]]:
    """The words of hostile.toml in normal form with their groups, by how they begin."""
    entries: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for group, languages in _book().items():
        for word in (normalise(word) for listed in languages.values() for word in listed if group != "orders"):
            entries[word[:HEAD]].append((word, group))
    return entries


@cache
def _book() -> Mapping[str, Mapping[str, Sequence[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


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
