"""How words sound, whatever the script: வாஷிங்டன், वाशिंगटन, Вашингтон and Washington have (nearly) one key.

A key is the word's consonants after transliteration to Latin letters, in classes that Indic, Thai, Arabic, Cyrillic and
Latin spelling share (in the manner of Soundex and Metaphone); vowels are dropped, but for a first one, written `a`.
The rules were chosen on Dakshina's romanisations and on questions asked of English documents.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex
from anyascii import anyascii

from knowledge.text import GRAM, words

SHORTEST = 3
"""Letters of a key that stands for its word; shorter ones sound like too many others."""
BRIEF = "."
"""What marks a key of two letters (fees, cash, pin): only who types in Latin letters what is written in others is heard
by it, as to them nothing else tells such words."""
RUN = 5
"""Letters that sound one after another."""

_LATIN = regex.compile(r"[\p{Latin}\p{M}]+")
_NASAL = "\u0901\u0902\u0981\u0982\u0a02\u0a70\u0a82\u0b02\u0c02\u0c82\u0d02"
_LABIAL = "पफबभमপফবভমਪਫਬਭਮપફબભમପଫବଭମపఫబభమಪಫಬಭಮപഫബഭമ"

Rules = list[tuple[regex.Pattern[str], str]]
# Before transliteration: the Indic nasal is m before a labial and at the end of a southern word, otherwise n; Tamil
# writes f as an aspirated p, the ng of "song" as one letter, and j by two, like Russian; a Thai vowel that is written
# before its consonant is spoken after it; an Arabic waw inside a word is mostly a vowel.
_NATIVE: Rules = [
    (regex.compile(rf"[{_NASAL}](?=\p{{M}}*[{_LABIAL}])|[\u0c02\u0c82\u0d02]$"), "m"),
    (regex.compile(rf"[{_NASAL}]"), "n"),
    (regex.compile("ஃப"), "f"),
    (regex.compile("ஃ"), ""),
    (regex.compile("ங்(?!க)"), "nk"),
    (regex.compile("ட்ஜ|дж"), "j"),
    (regex.compile("([เแโใไ])([ก-ฮ])"), r"\2\1"),
    (regex.compile("(?<=[\u0621-\u064a])و(?![اىيةو])"), "u"),
]
# After it, in Latin spelling: the sound of c depends on what follows, and letters are silent.
_SPELLED: Rules = [
    (regex.compile("techn"), "tekn"),
    (regex.compile(r"[ts]ion\b"), "sn"),
    (regex.compile(r"ght"), "t"),
    (regex.compile(r"\bkn"), "n"),
    (regex.compile(r"\bwr"), "r"),
    (regex.compile(r"\bps"), "s"),
    (regex.compile(r"dg(?=[eiy])|g(?=e\b)"), "j"),
    (regex.compile(r"sch|tch|ch|c(?=[eiy])"), "s"),
    (regex.compile(r"qu"), "k"),
]
# Most words obey no rule: one look tells.
_SPECIAL = re.compile(f"[{_NASAL}ஃஙเแโใไو]|ட்ஜ|дж")
_ODD = re.compile("[ts]ion|ght|^kn|^wr|^ps|g[eiy]|c[heiy]|qu")
# What is left falls into classes; h is silent, so that ph is p and kh is k. Elsewhere c is the ch of "chat".
_CLASSES = str.maketrans("gcqdbfzjw", "kkktppssv", "h") | str.maketrans({"x": "ks"})
_ELSEWHERE = _CLASSES | str.maketrans("c", "s")
VOWELS = "aeiouy"
_SILENT = str.maketrans("", "", VOWELS)
_TWICE = re.compile(r"(.)\1+")


class _Latin(dict[int, str]):
    """A character's code -> how it is written with the letters a-z, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = re.sub("[^a-z]", "", anyascii(chr(code)).lower())
        return self[code]


_LETTERS = _Latin()


@lru_cache(maxsize=1 << 16)
def key(word: str) -> str:
    """The sound key of a word in normal form; empty where nothing of it sounds."""
    sound = _classes(word)
    first = "a" if sound[:1] in VOWELS and sound else ""
    return first + _TWICE.sub(r"\1", sound.translate(_SILENT))


def spoken(word: str) -> str:
    """A word in normal form as its key's consonants with the vowels between them; none of it is said twice."""
    return _TWICE.sub(r"\1", _classes(word).replace("y", "i"))


def _classes(word: str) -> str:
    """The word in Latin letters, its consonants by their class."""
    latin = word.isalpha() if word.isascii() else _LATIN.fullmatch(word)
    sound = (_rewritten(word, _NATIVE) if not latin and _SPECIAL.search(word) else word).translate(_LETTERS)
    if latin and _ODD.search(sound):
        sound = _rewritten(sound, _SPELLED)
    return sound.translate(_CLASSES if latin else _ELSEWHERE)


def latin(word: str) -> str:
    """A word of any script as it is written with the letters a to z: குமார், kumar."""
    return word.casefold().translate(_LETTERS)


def keys(text: str) -> list[str]:
    """What the index of sounds counts: the keys of the words, the n-grams inside them (marked), and numbers."""
    return [token for word in words(text) for token in sounds(word)]


@lru_cache(maxsize=1 << 16)
def sounds(word: str) -> tuple[str, ...]:
    """The tokens of one word in normal form."""
    if word.isdecimal():
        return (word,)
    sound = key(word)
    whole = [sound] if len(sound) >= SHORTEST else [BRIEF + sound] if len(sound) == SHORTEST - 1 else []
    return (*whole, *("#" + sound[start : start + GRAM] for start in range(len(sound) - GRAM + 1)))


def runs(text: str) -> list[str]:
    """What sounds in a row, wherever words begin and end: "war saw" has those of Warsaw."""
    sound = "".join(map(spoken, words(text)))
    return list(dict.fromkeys(sound[start : start + RUN] for start in range(len(sound) - RUN + 1)))


def _rewritten(text: str, rules: Rules) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text
