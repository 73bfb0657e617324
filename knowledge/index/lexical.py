"""Ranking by tokens: BM25 over what an analyser makes of a text, be it words or how they sound.

A token is known by a 64-bit hash, so that the vocabulary is one sorted array that opens without being read. Of a
passage the counts are kept: others come and go without its text being read again.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, vstack

Floats = NDArray[np.float32]
Counts = tuple[NDArray[np.uint64], "csr_array"]
"""The hashes of the tokens, sorted, and how often each passage (row) holds each token (column)."""
SATURATION = 1.5
"""k1: how soon a token's repetition stops to count."""
LENGTH = 0.75
"""b: how much a passage's length is held against it."""
MOST = 255
"""What a count is cut to."""
ARRAYS = ("vocabulary", "starts", "holders", "counts", "weights", "rarity")


@dataclass(frozen=True, slots=True)
class Bags:
    """How often each text (row) holds each token (column)."""

    tokens: Sequence[str]
    counts: csr_array

    @classmethod
    def of(cls, texts: Iterable[Iterable[str]]) -> Bags:
        """The bags of texts that are given as tokens."""
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        found, starts = array("i"), array("q", [0])
        for text in texts:
            found.extend(map(numbers.__getitem__, text))
            starts.append(len(found))
        rows = (np.ones(len(found), np.int32), np.array(found, np.int32), np.array(starts))
        counts = csr_array(rows, shape=(len(starts) - 1, len(numbers)))
        counts.sum_duplicates()
        return cls(list(numbers), counts)

    def into(self, parts: Callable[[str], Iterable[str]]) -> Bags:
        """The same texts with the parts of each token in its place, which are found once a token."""
        within = Bags.of(map(parts, self.tokens))
        return Bags(within.tokens, csr_array(self.counts @ within.counts))


class Lexical:
    """A BM25 index over passages, numbered from 0 in the order they were given (Lucene's variant).

    How rare a token is, is counted among the passages of the one language that uses it most: where English is one
    language of six, "the" would otherwise be a rare word.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], size: int) -> None:
        self._arrays = arrays
        self._size = size

    @classmethod
    def build(
        cls,
        texts: Bags,
        languages: Sequence[str],
        old: Lexical | None = None,
        kept: Sequence[int] = (),
    ) -> Lexical:
        """An index over `kept` passages of an old one, then over more texts; `languages` is of all of them."""
        vocabulary, counts = _hashed(texts)
        if old is not None and kept:
            vocabulary, counts = _join(old._counts(kept), (vocabulary, counts))
        used = np.flatnonzero(np.bincount(counts.indices, minlength=len(vocabulary)))
        columns = csc_array(counts if len(used) == len(vocabulary) else counts[:, used])
        holders, starts = columns.indices.astype(np.int32, copy=False), columns.indptr
        rarity = _rarity(holders, starts, np.asarray(languages, dtype=np.str_))
        lengths = np.bincount(holders, columns.data, counts.shape[0]).astype(np.float32)
        slow = SATURATION * (1 - LENGTH + LENGTH * lengths / max(lengths.mean(), 1.0)) if len(lengths) else lengths
        weights = columns.data / (columns.data + slow[holders]) * np.repeat(rarity[:-1], np.diff(starts))
        arrays = (vocabulary[used], starts, holders, columns.data, weights.astype(np.float32), rarity)
        return cls(dict(zip(ARRAYS, arrays, strict=True)), counts.shape[0])

    @classmethod
    def load(cls, folder: Path, size: int) -> Lexical:
        """The index that `save` wrote, memory-mapped. Raises ValueError where it is over another number of passages."""
        arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in ARRAYS}
        if int(np.load(folder / "size.npy")) != size:
            raise ValueError(f"{size} passages, an index of {np.load(folder / 'size.npy')}")
        return cls(arrays, size)

    def save(self, folder: Path) -> None:
        """Write the index into a new folder."""
        folder.mkdir()
        for name, values in {**self._arrays, "size": np.array(self._size)}.items():
            np.save(folder / f"{name}.npy", values)

    def __contains__(self, token: str) -> bool:
        """Whether any passage holds a token."""
        return bool(self._columns([token])[0] >= 0)

    def scores(self, asked: Mapping[str, float]) -> Floats:
        """The BM25 score of every passage, for tokens and how much each counts."""
        columns, counted = self._columns(asked), np.fromiter(asked.values(), np.float32, len(asked))
        known = columns >= 0
        held = [self._held(column) for column in columns[known]]
        if not held:
            return np.zeros(self._size, dtype=np.float32)
        weights, holders = (
            np.concatenate([self._arrays[name][one] for one in held]) for name in ("weights", "holders")
        )
        starts = np.cumsum([0, *(one.stop - one.start for one in held)])
        scores: Floats = csc_array((weights, holders, starts), shape=(self._size, len(held))) @ counted[known]
        return scores

    def each(self, tokens: Iterable[str], passages: NDArray[np.int_]) -> Floats:
        """The BM25 score of some passages (columns) for each token (row)."""
        columns = self._columns(tokens)
        starts, holders, weights = (self._arrays[name] for name in ("starts", "holders", "weights"))
        known = np.flatnonzero(columns >= 0)
        first, last = starts[columns[known]], starts[columns[known] + 1]
        ends = np.cumsum(last - first)
        held = np.arange(ends[-1] if len(ends) else 0) + np.repeat(last - ends, last - first)
        places = np.full(self._size, -1)
        places[passages] = np.arange(len(passages))
        places, rows = places[holders[held]], np.repeat(known, last - first)
        found = np.zeros((len(columns), len(passages)), dtype=np.float32)
        found[rows[places >= 0], places[places >= 0]] = weights[held[places >= 0]]
        return found

    def mass(self, tokens: Iterable[str]) -> Floats:
        """How rare each token is (inverse document frequency); what nobody wrote is rarest."""
        return np.asarray(self._arrays["rarity"][self._columns(tokens)], dtype=np.float32)

    def holds(self, tokens: Iterable[str], passages: NDArray[np.int_]) -> NDArray[np.bool_]:
        """Which tokens (rows) stand in which of the passages (columns)."""
        columns = self._columns(tokens)
        found = np.zeros((len(columns), len(passages)), dtype=np.bool_)
        holders = self._arrays["holders"]
        wanted = passages.astype(holders.dtype)  # else each search would first make the holders alike
        for row in np.flatnonzero(columns >= 0):
            held = holders[self._held(columns[row])]
            found[row] = held[held[:-1].searchsorted(wanted)] == wanted
        return found

    def _held(self, column: int) -> slice:
        """Where the holders of a token stand."""
        starts = self._arrays["starts"]
        return slice(int(starts[column]), int(starts[column + 1]))

    def _columns(self, tokens: Iterable[str]) -> NDArray[np.int_]:
        """Where the tokens stand in the vocabulary; -1 for one that no passage holds."""
        vocabulary = self._arrays["vocabulary"]
        hashes = np.array([_hash(token) for token in tokens], dtype=np.uint64)
        if not len(vocabulary):
            return np.full(len(hashes), -1)
        places = np.searchsorted(vocabulary[:-1], hashes)
        return np.where(vocabulary[places] == hashes, places, -1)

    def _counts(self, passages: Sequence[int]) -> Counts:
        arrays = (self._arrays["counts"], self._arrays["holders"], self._arrays["starts"])
        columns = csc_array(arrays, shape=(self._size, len(self._arrays["vocabulary"])), copy=False)
        return np.asarray(self._arrays["vocabulary"]), csr_array(columns)[np.asarray(passages)]


@lru_cache(maxsize=1 << 16)
def _hash(token: str) -> int:
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little")


def _hashed(texts: Bags) -> Counts:
    hashes = np.array([_hash(token) for token in texts.tokens], dtype=np.uint64)
    order = np.argsort(hashes)
    places = np.empty_like(order, dtype=np.int32)
    places[order] = np.arange(len(order))
    counts = texts.counts
    cut = np.minimum(counts.data, MOST).astype(np.uint8)
    return hashes[order], csr_array((cut, places[counts.indices], counts.indptr), shape=counts.shape)


def _join(first: Counts, second: Counts) -> Counts:
    """The passages of both, over the tokens of either."""
    vocabulary = np.union1d(first[0], second[0])
    return vocabulary, csr_array(vstack([_over(vocabulary, *counts) for counts in (first, second)]))


def _over(vocabulary: NDArray[np.uint64], tokens: NDArray[np.uint64], counts: csr_array) -> csr_array:
    columns = np.searchsorted(vocabulary, tokens)[counts.indices]
    return csr_array((counts.data, columns, counts.indptr), shape=(counts.shape[0], len(vocabulary)))


def _rarity(holders: NDArray[np.int32], starts: NDArray[np.int32], languages: NDArray[np.str_]) -> Floats:
    """Each token's inverse document frequency among the passages of the language that uses it most.

    Last stands that of a token which no passage holds. As Lucene has it: never negative.
    """
    tags, spoken = np.unique(languages, return_inverse=True)
    among = csr_array(
        (np.ones(len(spoken), np.int32), spoken, np.arange(len(spoken) + 1)), shape=(len(spoken), len(tags))
    )
    held = csr_array((np.ones(len(holders), np.int32), holders, starts), shape=(len(starts) - 1, len(spoken))) @ among
    held.sort_indices()
    most, size = np.zeros(len(starts), dtype=np.int_), np.zeros(len(starts), dtype=np.int_)
    if held.nnz:
        most[:-1] = np.maximum.reduceat(held.data, held.indptr[:-1])
        token = np.repeat(np.arange(len(starts) - 1), np.diff(held.indptr))
        first = np.flatnonzero(held.data == most[token])[::-1]  # of two languages the first, which is written last
        size[token[first]] = np.bincount(spoken, minlength=len(tags))[held.indices[first]]
    size[-1] = max(size.max(), 1)
    return np.log1p((size - most + 0.5) / (most + 0.5)).astype(np.float32)
