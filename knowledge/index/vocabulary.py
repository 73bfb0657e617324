"""The words of an index, found by how they sound: what a recogniser wrote, and what may have been said.

How like two words sound is an edit distance over their letters after transliteration (Wagner and Fischer 1974), in
which a vowel costs less than a consonant, and consonants that ears confuse cost less than others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray
from scipy.sparse import csc_array

from knowledge.index.lexical import Lexical
from knowledge.sound import VOWELS, spoken
from knowledge.text import words

Floats = NDArray[np.float32]
NEAR = 32
"""Words of the vocabulary that are compared letter by letter."""
ALIKE = 0.6
"""The likeness from which two words may be one; a word counts by its likeness to the power of SHARP."""
SHARP = 4
SHORTEST, LONGEST = 4, 24
"""Letters of two words that may be one, together; letters of a word, beyond which it is a phrase."""
CONSONANT, VOWEL, ANOTHER = 10, 4, 3
"""What it costs to drop a consonant or a vowel, and to hear another vowel; whole numbers, whose sums are exact."""
CONFUSED: Mapping[str, int] = {"pv": 4, "mn": 4, "rl": 6, "sk": 7, "ts": 7, "pt": 8, "kt": 8, "kp": 8}
"""What it costs to hear one of two consonants for the other."""


_NONE = np.zeros(0, np.int32)
_LETTER = regex.compile(r"[^\d\p{M}]")
_CODE = regex.compile(r"\d")


class Vocabulary:
    """Words, and which of them sound like another: `near(word)`."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = {word for text in texts for word in words(text) if len(word) <= LONGEST}
        forms = {word: spoken(word) for word in sorted(found)}
        self._words = [word for word, form in forms.items() if form]
        known = [form for form in forms.values() if form]
        self._known = set(self._words)
        self._shapes: dict[str, list[str]] = {}
        for word in self._words:
            if _CODE.search(word):
                self._shapes.setdefault(_LETTER.sub("?", word), []).append(word)
        numbers: dict[str, int] = {}
        rows, columns = [], []
        for row, form in enumerate(known):
            for part in _parts(form):
                rows.append(row)
                columns.append(numbers.setdefault(part, len(numbers)))
        holders = csc_array((np.ones(len(rows), np.float32), (rows, columns)), (len(known), len(numbers)))
        self._numbers, self._starts, self._holders = numbers, holders.indptr, holders.indices
        rare = np.log(max(len(known), 1) / np.maximum(np.diff(self._starts), 1))
        self._rarity = np.square(rare).astype(np.float32)
        self._lengths = np.sqrt(holders @ self._rarity) + 1e-9
        self.near = lru_cache(maxsize=1 << 12)(self._near)
        self._sizes = np.array([_size(form) for form in known], np.float32)
        self._letters = _letters(known)

    def __contains__(self, word: str) -> bool:
        return word in self._known

    def codes(self, code: str) -> list[str]:
        """The codes of the same digits and as many letters: E4 and A4; none for what is no code, in normal form."""
        shape = _LETTER.sub("?", code)
        return [word for word in self._shapes.get(shape, ()) if word != code] if _CODE.search(code) else []

    def _near(self, word: str) -> Mapping[str, float]:
        """The words that sound like one in normal form, with their likeness, 1 is alike; the likest first."""
        form = spoken(word) if len(word) <= LONGEST else ""
        if len(form) < 2:
            return {}
        columns = [column for part in _parts(form) if (column := self._numbers.get(part)) is not None]
        holders = [self._holders[self._starts[column] : self._starts[column + 1]] for column in columns]
        rarity = np.repeat(self._rarity[columns], [len(each) for each in holders])
        shared = np.bincount(np.concatenate([_NONE, *holders]), rarity, len(self._words))
        scores = shared.astype(np.float32) / self._lengths
        places = np.argpartition(-scores, min(NEAR, len(scores) - 1))[:NEAR] if len(scores) else np.zeros(0, np.int_)
        places = places[scores[places] > 0]
        likeness = 1 - _distances(form, self._letters[places]) / np.maximum(_size(form), self._sizes[places])
        order = np.argsort(-likeness, kind="stable")
        return {self._words[places[at]]: float(likeness[at]) for at in order if likeness[at] >= ALIKE}


def echoes(
    heard: Sequence[str],
    sure: Mapping[str, float],
    vocabulary: Vocabulary,
    lexical: Lexical,
    passages: NDArray[np.int_],
) -> dict[str, Floats]:
    """How well each passage answers to what was heard, word by word: by BM25, for the word or one that sounds like it.

    The best of a passage counts for each word, by its likeness, a word that was heard by how `sure` that is.
    `echo` is of all words, `strange` of those that no passage holds, `joined` of two words that may be one which was
    heard as two: what it says more than they.
    """
    near = [_readings(word, sure.get(word, 1.0), vocabulary) for word in heard]
    pairs = [
        _readings(one + other, 1.0, vocabulary)
        if len(one + other) >= SHORTEST and not (one + other).isdecimal()
        else {}
        for one, other in pairwise(heard)
    ]
    asked = list(dict.fromkeys(word for each in (*near, *pairs) for word in each))
    rows, scores = {word: row for row, word in enumerate(asked)}, lexical.each(asked, passages)

    def found(readings: Mapping[str, float]) -> Floats:
        likeness = np.fromiter(readings.values(), np.float32)[:, None]
        best: Floats = np.max(
            scores[np.array([rows[word] for word in readings], np.int_)] * likeness, axis=0, initial=0
        )
        return best

    nothing = np.zeros(len(passages), np.float32)
    single = [found(each) for each in near]
    strange = [each for word, each in zip(heard, single, strict=True) if word not in vocabulary]
    joined = [
        np.maximum(found(each) - single[place] - single[place + 1], 0) for place, each in enumerate(pairs) if each
    ]
    return {name: sum(parts, nothing) for name, parts in (("echo", single), ("strange", strange), ("joined", joined))}


def _readings(word: str, sure: float, vocabulary: Vocabulary) -> dict[str, float]:
    """What a word may have been, and how far each is believed."""
    near = {other: likeness**SHARP for other, likeness in vocabulary.near(word).items()}
    return near | ({word: sure} if word in vocabulary else {})


def _parts(form: str) -> set[str]:
    """What a word is looked up by: pairs of its letters, pairs and threes of its consonants."""
    letters, consonants = f"<{form}>", "<" + "".join(letter for letter in form if letter not in VOWELS) + ">"
    return {
        *("l" + letters[at : at + 2] for at in range(len(letters) - 1)),
        *("c" + consonants[at : at + 2] for at in range(len(consonants) - 1)),
        *("c" + consonants[at : at + 3] for at in range(len(consonants) - 2)),
    }


def _costs() -> tuple[Floats, Floats]:
    """What it costs to drop a letter, and to hear one for another, by their codes; code 0 costs nothing."""
    drop, swap = np.full(128, CONSONANT, np.float32), np.full((128, 128), CONSONANT, np.float32)
    drop[[0, *map(ord, VOWELS)]] = [0, *[VOWEL] * len(VOWELS)]
    for pair, cost in {**{one + other: ANOTHER for one in VOWELS for other in VOWELS}, **CONFUSED}.items():
        one, other = map(ord, pair)
        swap[one, other] = swap[other, one] = cost
    np.fill_diagonal(swap, 0)
    return drop, swap


_DROP, _SWAP = _costs()


def _size(form: str) -> float:
    return float(_DROP[[ord(letter) for letter in form]].sum())


def _letters(forms: Sequence[str]) -> NDArray[np.uint8]:
    """The letters of forms by their codes, a row each; 0 stands behind the last."""
    longest = max(map(len, forms), default=0)
    letters = b"".join(form.encode("ascii").ljust(longest, b"\0") for form in forms)
    return np.frombuffer(letters, np.uint8).reshape(len(forms), longest)


def _distances(form: str, others: NDArray[np.uint8]) -> Floats:
    """The edit distance from a form to each of the others, all of them at once."""
    others = others[:, : others.any(axis=0).sum()]
    added = np.zeros((len(others), others.shape[1] + 1), np.float32)
    np.cumsum(_DROP[others], axis=1, out=added[:, 1:])
    row = added
    for letter in map(ord, form):
        best = row + _DROP[letter]
        np.minimum(best[:, 1:], row[:, :-1] + _SWAP[letter][others], out=best[:, 1:])
        row = np.minimum.accumulate(best - added, axis=1) + added
    return row[:, -1]  # what stands behind a form's end costs nothing
