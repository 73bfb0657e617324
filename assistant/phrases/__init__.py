"""What the product itself says, and what customers say that needs no knowledge: one TOML file a language.

`[say]` holds the product's own sentences, `[desk]` what agents read at the desk, under other keys. `[hear]` holds
what people type, romanised spellings included, as small patterns: regular expressions in which `~` is any ending of a
word, `…` up to three words more (in Thai twelve characters), and `{someone}` any language's words for a person;
`asking` are the words that make a clause a question, `when` those that ask for a time, `price` for an amount of money
(`free` says that it is none), `tell` for something to be told; `joining` those that begin one more, `acting` those of
who wants something done or tells a detail. `danger`, `legal`, `bereavement`, `upset` and `annoyed` tell how a customer
feels; `unread` is said of a language that they cannot read. The files of romanised languages have no `[hear]`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import regex

from knowledge.language import base

Intent = Literal["greeting", "thanks", "farewell", "person", "who_are_you", "acknowledgement"]

# Where a message holds several, the first of these is what it is about.
_SMALL_TALK: tuple[Intent, ...] = ("who_are_you", "farewell", "thanks", "greeting", "acknowledgement")
LONGEST = 400
"""Characters up to which a message can be small talk or a bare call for a person."""
SHARE = 0.5
"""Share of a sentence's letters, politeness aside, that the call for a person must make up."""

_CLAUSE = regex.compile(r"[.,;:!?।。،؛؟…\n]+|\s[-–—]\s|(?<=\p{Thai})\s+(?=\p{Thai})")
_APOSTROPHE = regex.compile(r"['’`´\p{Cf}\u064B-\u0652\u0640]")
_OTHER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_TWICE = regex.compile(r"((?!\p{Thai})[\p{L}\p{M}])\1+|(\p{Thai})\2{2,}")
"""Letters that are drawn out; two of Thai may end one word and begin the next."""
_GROUP = regex.compile(r"\((?!\?)")
_SOMEONE = "§"
_LETTER = regex.compile(rf"[\p{{L}}{_SOMEONE}]")
_THAI = regex.compile(r"\p{Thai}")
_NOTHING = "(?!)"
_IN_WORDS = rf"[^\d {_SOMEONE}]"
"""A letter or its mark, of a text in which nothing else is but numbers and spaces."""
_IN_THAI = r"[\u0e01-\u0e5b]"
_CLASSES = {
    r"[\p{l}\p{m}]": _IN_WORDS,
    r"[\p{l}]": _IN_WORDS,
    r"\p{l}": _IN_WORDS,
    r"\p{m}": _IN_WORDS,
    r"\p{n}": r"\d",
    r"\p{thai}": _IN_THAI,
}
"""What `regex` knows, as `re` writes it, which compiles the books five times as fast."""
_SIGNS = regex.compile(r"\{someone\}|\\p\{\w+\}")
_ALEF = str.maketrans("أإآ", "ااا")


def languages() -> tuple[str, ...]:
    """The tags that have a phrase book."""
    return tuple(sorted(_books()))


def phrasebook(language: str) -> Mapping[str, str]:
    """Every sentence in one language, fields unfilled. `hi-Latn-IN` falls back to `hi-Latn`, then `hi`, then `en`."""
    parts = language.split("-")
    tags = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    tag = next((tag for tag in tags if tag in _books()), "en")
    return ChainMap(_books()[tag]["say"], _books()[tag]["desk"])


def phrase(key: str, language: str, /, **fields: object) -> str:
    """One sentence in one language with its fields filled; KeyError where the key or a field is missing."""
    return phrasebook(language)[key].format(**fields)


def listed(items: Iterable[str], language: str) -> str:
    """Items in a row, as the language sets them apart."""
    return phrase("comma", language).join(items)


def language_name(tag: str, language: str) -> str:
    """What speakers of `language` call the language `tag`; the tag itself where CLDR does not know it.

    Behind one in Latin letters that are not its own (`ta-Latn`) stands what they call those.
    """
    # Imported here: only answers from a document in another language, and handoffs, need it.
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse("en" if "Latn" in language.split("-") else base(language))
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    name = str(locale.languages.get(base(tag), tag))
    return f"{name} ({locale.scripts['Latn']})" if tag.endswith("-Latn") else name


@lru_cache(maxsize=1024)
def intent(text: str) -> Intent | None:
    """What a message wants if it needs no knowledge: nothing but small talk, or above all a person; otherwise None."""
    if len(text) > LONGEST:
        return None
    if text.strip() in {book["say"]["talk_to_person"] for book in _books().values()}:
        return "person"  # the words of the pages' own button
    scripts = _scripts(text)
    clauses = [_normalise(clause) for clause in (text, *_CLAUSE.split(text))]
    if any(_calls_for_person(clause, scripts) for clause in clauses):
        return "person"
    if _without(("person", *_SMALL_TALK, "polite"), clauses[0], scripts).strip():
        return None
    # "thik hai" is an acknowledgement, and no greeting in another language behind a word.
    said = {match[0] for script in scripts for match in _heard(_SMALL_TALK, script).finditer(clauses[0])}
    return next((name for name in _SMALL_TALK if any(_whole(name, part, scripts) for part in said)), None)


def holds(name: str, text: str) -> bool:
    """Whether any clause holds what any language's book lists under `name`, punctuation aside."""
    return any(_found(name, _normalise(clause), _scripts(text)) for clause in _CLAUSE.split(text))


def locale(language: str) -> str:
    """The tag of a language with the country that most of its speakers live in (CLDR), as speech is recognised and read
    in it; empty for languages that have no phrase book.
    """
    from babel.core import get_global

    country = get_global("likely_subtags").get(base(language), "").rpartition("_")[2]
    return f"{base(language)}-{country}" if base(language) in _books() else ""


@cache
def heard(name: str) -> tuple[str, ...]:
    """What all languages' books list under `name`, each once, longest first."""
    listed = {entry for book in _books().values() for entry in book.get("hear", {}).get(name, ())}
    return tuple(sorted(listed, key=lambda entry: (-len(entry), entry)))


def _calls_for_person(clause: str, scripts: Iterable[str]) -> bool:
    marked = _without(("someone",), clause, scripts, _SOMEONE)
    rest = _without(("person",), marked, scripts)
    needed = SHARE
    if rest == marked:
        # A person's name alone, as in "Manager!".
        rest, needed = marked.replace(_SOMEONE, ""), 1.0
    called = _letters(marked) - _letters(rest)
    rest = _without((*_SMALL_TALK, "polite"), rest, scripts)
    return called > 0 and called >= needed * (called + _letters(rest))


def _found(name: str, clause: str, scripts: Iterable[str]) -> bool:
    return any(_heard((name,), script).search(clause) for script in scripts)


def _whole(name: str, part: str, scripts: Iterable[str]) -> bool:
    return any(_heard((name,), script).fullmatch(part) for script in scripts)


def _without(names: Sequence[str], clause: str, scripts: Iterable[str], sign: str = "") -> str:
    """The clause without what is listed under the names; the sign stands for each character of it, else one space."""
    for script in sorted(scripts):
        clause = _heard(tuple(names), script).sub(lambda match: sign * len(match[0]) or " ", clause)
    return clause


def _letters(text: str) -> int:
    return len(_LETTER.findall(text))


@lru_cache(maxsize=4096)
def _normalise(text: str) -> str:
    """Lower case without punctuation and emoji, every letter once however often it is repeated."""
    text = unicodedata.normalize("NFC", text).casefold().translate(_ALEF)
    return _TWICE.sub(r"\1\2", _OTHER.sub(" ", _APOSTROPHE.sub("", text))).strip()


@cache
def _books() -> Mapping[str, Mapping[str, Any]]:
    files = Path(__file__).parent.glob("*.toml")
    return {file.stem: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


@lru_cache(maxsize=4096)
def _scripts(text: str) -> frozenset[str]:
    """The scripts of a text's letters, as Unicode names them: LATIN, TAMIL, THAI."""
    return frozenset(unicodedata.name(letter, "").partition(" ")[0] for letter in set(text) if letter.isalpha())


@cache
def _heard(names: tuple[str, ...], script: str) -> re.Pattern[str]:
    """One pattern for all of a script that any book lists under the names, longest first.

    Compiling is slow, so only what can be found in a text's scripts is, and once for each of them.
    """
    every = chain.from_iterable(map(heard, names))
    listed = [entry for entry in every if script in (_scripts(_SIGNS.sub("", entry)) or (script,))]
    ordered = sorted({_pattern(entry) for entry in listed}, key=lambda entry: (-len(entry), entry))
    spaced = "|".join(entry for entry in ordered if not _THAI.search(entry)) or _NOTHING
    # Thai writes no spaces between words.
    thai = "|".join(entry for entry in ordered if _THAI.search(entry)) or _NOTHING
    return re.compile(rf"(?<!{_IN_WORDS})(?:{spaced})(?!{_IN_WORDS})|(?={_IN_THAI}|{_SOMEONE})(?:{thai})")


def _pattern(entry: str) -> str:
    entry = unicodedata.normalize("NFC", entry).casefold().translate(_ALEF)
    entry = _TWICE.sub(r"\1\2", _APOSTROPHE.sub("", entry))
    gap = r".{0,12}?" if _THAI.search(entry) else f"(?:[^ {_SOMEONE}]+ ){{0,3}}"
    signs = {**_CLASSES, "~": f"{_IN_WORDS}*", "{someone}": f"{_SOMEONE}+", "…": gap}
    for sign, pattern in signs.items():
        entry = entry.replace(sign, pattern)
    return _GROUP.sub("(?:", entry)
