"""Words that may have been misheard: which they are, what else they may have been, and when to ask for one of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

import regex

from assistant.heard import Heard
from knowledge import Retriever, Vocabulary, base, detect
from knowledge.text import WORD, normalise, words

DOUBTFUL = 0.6
"""The confidence below which a word is taken to be doubtful."""
LIKE = 0.75
"""How like another word of the knowledge sounds that may have been said in its place."""
ALIKE = 0.5
"""How like a reading the word is at least, letter by letter, in whose place it is put."""
COMPARED = 200
"""Words of two hearings that are compared: more are spoken by nobody at once, and take seconds."""

_GAP = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def sure(heard: Heard) -> dict[str, float]:
    """How sure the recogniser is of each word, in normal form; the least, where it was said twice."""
    found: dict[str, float] = {}
    for word in heard.words:
        for token in words(word.text) if word.confidence is not None else ():
            found[token] = min(found.get(token, 1.0), word.confidence or 0.0)
    return found


def doubtful(heard: Heard | None, question: str) -> tuple[str, ...]:
    """The words of a question that were heard with doubt, the most doubtful first, as they are written.

    Small words are none: they ask, point or join, and nobody looks for them.
    """
    if heard is None:
        return ()
    believed = sure(heard)
    written = dict.fromkeys(match[0] for match in WORD.finditer(question))
    small = _small(detect(question).tag)
    unsure = {word: believed.get(normalise(word), 1.0) for word in written if normalise(word) not in small}
    return tuple(sorted((word for word in unsure if unsure[word] < DOUBTFUL), key=lambda word: unsure[word]))


def factor(heard: Heard, question: str, knowledge: Retriever) -> float:
    """The share of a question's rarity that was heard rightly, as the recogniser believes: confidence is times this."""
    believed = sure(heard)
    asked = list(dict.fromkeys(words(question)))
    if not believed or not asked:
        return 1.0
    masses = knowledge.rarity(asked)
    said = sum(believed.get(word, 1.0) * mass for word, mass in zip(asked, masses, strict=True))
    return said / sum(masses)


def readings(word: str, heard: Heard, knowledge: Retriever) -> tuple[str, ...]:
    """What a doubtful word may have been, the word itself first where the knowledge has it.

    That is what the recogniser's alternatives have in its place; where they say nothing that the knowledge knows, what
    of the knowledge's words sounds like it or, for a code, has the same digits.
    """
    vocabulary, plain = knowledge.vocabulary, normalise(word)
    others = [each for text in heard.alternatives for each in _in_place(word, heard.text, text)]
    known = [each for each in (word, *others) if normalise(each) in vocabulary]
    if not any(normalise(each) != plain for each in known):
        known += [*(_cased(code, word) for code in vocabulary.codes(plain)), *_near(plain, vocabulary)]
    return tuple({normalise(each): each for each in reversed(known)}.values())[::-1]


@cache
def _small(language: str) -> frozenset[str]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["small"]
    return frozenset(normalise(word) for tag in (language, base(language)) for word in table.get(tag, "").split())


def _near(plain: str, vocabulary: Vocabulary) -> list[str]:
    """Other words of its own script that sound like a word, but not the same."""
    script = detect(plain).script
    return [
        other
        for other, likeness in vocabulary.near(plain).items()
        if LIKE <= likeness < 1 and detect(other).script == script
    ]


def reworded(question: str, word: str, reading: str) -> str:
    """The question with another reading in the place of a word."""
    return WORD.sub(lambda match: reading if normalise(match[0]) == normalise(word) else match[0], question)


def picked(text: str, choices: Sequence[str]) -> str | None:
    """The choice that a customer named; case, spaces and full stops aside."""
    return next((choice for choice in choices if _bare(choice) == _bare(text)), None)


def asked_for(question: str, choices: Sequence[str]) -> str | None:
    """The word of a question that its customer was asked for, by the readings offered; None for other choices."""
    if any(len(words(choice)) != 1 for choice in choices):
        return None
    like = {match[0]: max(_alike(match[0], choice) for choice in choices) for match in WORD.finditer(question)}
    word = max(like, key=lambda word: like[word], default="")
    return word if like.get(word, 0.0) >= ALIKE else None


def _in_place(word: str, text: str, other: str) -> Iterator[str]:
    """What another hearing has where this one has the word."""
    ours, theirs = ([match[0] for match in WORD.finditer(each)] for each in (text, other))
    if max(len(ours), len(theirs)) > COMPARED:
        return
    mine, others = ([normalise(each) for each in side] for side in (ours, theirs))
    for kind, start, end, first, last in SequenceMatcher(None, mine, others, autojunk=False).get_opcodes():
        if kind == "replace" and end - start == last - first:
            yield from (theirs[first + at] for at in range(end - start) if ours[start + at] == word)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, normalise(one), normalise(other), autojunk=False).ratio()


def _bare(text: str) -> str:
    return _GAP.sub("", normalise(text))


def _cased(code: str, word: str) -> str:
    return code.upper() if word.isupper() else code
