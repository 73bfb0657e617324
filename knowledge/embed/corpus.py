"""Training text: files of pairs that mean the same, and the arrays of subwords that training draws from."""

from __future__ import annotations

import lzma
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

LONGEST = 64
"""Subwords of a text that training reads."""
ENOUGH = 120
"""Characters from which a longer text is not drawn more often."""
LABEL = 12
"""Characters below which a text teaches no subwords."""
CHUNK = 4096

WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("ta", "te", "th", "hu", "hi"), 8.0),
        **dict.fromkeys(("bn", "mr", "ne", "ml", "kn", "ur"), 2.0),
        **dict.fromkeys(("gu", "pa", "km", "my", "vi", "id", "ms", "tl"), 1.5),
    }
)
"""How often a language is drawn, against 1 for any other: those served first, then their neighbours."""
ALONE: Mapping[str, float] = MappingProxyType({"en": 3.0})
"""How often pairs in one language are drawn, against 0.05 for any other, of which there are few."""
NOISY: Mapping[str, float] = MappingProxyType({"joshua_dict": 0.3})
"""Sources drawn more rarely than their length says."""


class Pair(NamedTuple):
    """Two texts that mean the same, or a question and its answer; where they came from."""

    source: str
    left: str
    right: str


def weight(name: str) -> float:
    """How often a file's pairs are drawn: by its language, or as one of the many files in one language."""
    kind, language = name.split("-", 1)
    return WEIGHTS.get(language, 1.0) if kind == "parallel" else ALONE.get(language, 0.05)


def often(pair: Pair) -> float:
    """How often a pair is drawn: the square root of its length, so that labels do not drown the sentences."""
    return math.sqrt(min(len(pair.left), ENOUGH) * NOISY.get(pair.source, 1.0))


def texts(path: Path, size: int) -> Iterator[str]:
    """What subwords are learned from: about `size` characters of the right sides, a quarter as many of the left."""
    pairs = [pair for pair in read(path) if len(pair.left) >= LABEL]
    for side, budget in ((2, size), (1, size // 4)):
        ends = np.cumsum([len(pair[side]) for pair in pairs])
        yield from (pair[side] for pair in pairs[: np.searchsorted(ends, budget)])


def read(path: Path) -> list[Pair]:
    """The pairs of a `.tsv.xz`: source, text, text."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        rows = (line.rstrip("\n").split("\t") for line in lines)
        return [Pair(*row) for row in rows if len(row) == 3 and row[1].strip() and row[2].strip()]


def sample(pairs: Sequence[Pair], size: int, rng: np.random.Generator) -> list[Pair]:
    """At most `size` pairs, longer ones likelier (Efraimidis and Spirakis 2006: the largest of u^(1/weight))."""
    weights = np.array([often(pair) for pair in pairs])
    best = np.argsort(rng.random(len(pairs)) ** (1 / weights))[-size:]
    return [pairs[number] for number in best]


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts as subwords: one after the other, and where each starts."""

    pieces: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def encode(cls, tokenizer: Tokenizer, texts: Sequence[str]) -> Texts:
        """The texts, each cut after LONGEST subwords."""
        found = [ids for chunk in _chunks(texts) for ids in _encode(tokenizer, chunk)]
        starts = np.cumsum([0, *(len(ids) for ids in found)])
        return cls(np.concatenate(found), starts)

    def take(self, rows: NDArray[np.int64]) -> Texts:
        """Some of the texts."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)
        return Texts(self.pieces[places], np.concatenate([[0], ends]))

    def first(self, count: int, width: int) -> NDArray[np.int64]:
        """The first texts as rows of at most `width` subwords, filled up with -1."""
        lengths = np.minimum(self.lengths[:count], width)
        rows = np.full((len(lengths), width), -1, np.int64)
        held = np.arange(width) < lengths[:, None]
        rows[held] = self.pieces[(self.starts[: len(lengths), None] + np.arange(width))[held]]
        return rows

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many subwords each text has."""
        return np.diff(self.starts)


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of one language as arrays. `drawn` is the running sum of how often each is to be drawn."""

    left: Texts
    right: Texts
    drawn: NDArray[np.float64]

    @classmethod
    def encode(cls, tokenizer: Tokenizer, pairs: Sequence[Pair]) -> Pairs:
        """The pairs' subwords; a pair without any is never drawn."""
        left = Texts.encode(tokenizer, [pair.left for pair in pairs])
        right = Texts.encode(tokenizer, [pair.right for pair in pairs])
        usable = (left.lengths > 0) & (right.lengths > 0)
        return cls(left, right, np.cumsum(usable * [often(pair) for pair in pairs]))

    @classmethod
    def load(cls, path: Path) -> Pairs:
        """What `save` wrote."""
        with np.load(path) as held:
            return cls(Texts(held["left"], held["lefts"]), Texts(held["right"], held["rights"]), held["drawn"])

    def save(self, path: Path) -> None:
        """The arrays as one file; it is there whole or not at all."""
        part = path.with_suffix(".part.npz")
        np.savez(
            part,
            left=self.left.pieces,
            lefts=self.left.starts,
            right=self.right.pieces,
            rights=self.right.starts,
            drawn=self.drawn,
        )
        part.replace(path)

    def draw(self, size: int, rng: np.random.Generator) -> tuple[Texts, Texts]:
        """At most `size` different pairs, their left and right sides: no text stands against itself in a batch."""
        rows = rng.permutation(np.unique(np.searchsorted(self.drawn, rng.random(size) * self.drawn[-1], side="right")))
        return self.left.take(rows), self.right.take(rows)


def _chunks(texts: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), CHUNK):
        yield [text[: LONGEST * 8] for text in texts[start : start + CHUNK]]


def _encode(tokenizer: Tokenizer, texts: list[str]) -> Iterator[NDArray[np.int32]]:
    for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False):
        ids = np.array(encoding.ids, np.int32)
        yield ids[ids > 0][:LONGEST]
