"""Ranking by words: BM25 over the tokens of `knowledge.text`, and which of them a passage really holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
UNKNOWN = -1
"""Where the rarity of a token stands that no passage holds."""


class Lexical:
    """A BM25 index over passages, numbered from 0 in the order they were given (Lucene's variant).

    How rare a token is, is counted among the passages of the one language that uses it most: where English is one
    language of six, "the" would otherwise be a rare word.
    """

    def __init__(self, model: bm25s.BM25 | None = None, rarity: Floats | None = None, size: int = 0) -> None:
        self._model = model
        self._rarity = np.zeros(0, dtype=np.float32) if rarity is None else rarity
        self._size = size
        self._known: dict[str, int] = model.vocab_dict if model else {}

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]], languages: Sequence[str]) -> Lexical:
        """An index over the tokens of each passage, and the language that each is in."""
        vocabulary: dict[str, int] = {}
        numbers = [[vocabulary.setdefault(token, len(vocabulary)) for token in text] for text in texts]
        if not vocabulary:
            return cls(size=len(numbers))
        model = bm25s.BM25(method="lucene")
        model.index((numbers, vocabulary), show_progress=False, create_empty_token=False)
        holders, starts = model.scores["indices"], model.scores["indptr"]
        rarity = _rarity(holders, starts, np.asarray(languages))
        plain = _idf(np.diff(starts), len(numbers))  # what bm25s has weighed the tokens by
        model.scores["data"] *= np.repeat(rarity[:UNKNOWN] / plain, np.diff(starts))
        return cls(model, rarity, len(numbers))

    @classmethod
    def load(cls, folder: Path, size: int) -> Lexical:
        """The index that `save` wrote, memory-mapped. Raises ValueError where it is over another number of passages."""
        if not folder.exists():
            return cls(size=size)
        model = bm25s.BM25.load(str(folder), mmap=True)
        if model.scores["num_docs"] != size:
            raise ValueError(f"{size} passages, words of {model.scores['num_docs']}")
        return cls(model, np.load(folder / "rarity.npy"), size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder; an index over nothing writes nothing."""
        if self._model:
            self._model.save(str(folder), show_progress=False)
            np.save(folder / "rarity.npy", self._rarity)

    def scores(self, tokens: Sequence[str]) -> Floats:
        """The BM25 score of every passage."""
        known = [self._known[token] for token in tokens if token in self._known]
        if self._model is None or not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: Floats = self._model.get_scores_from_ids(known)
        return scores

    def mass(self, tokens: Sequence[str]) -> Floats:
        """How rare each token is (inverse document frequency); what nobody wrote is rarest."""
        if self._model is None:
            return np.ones(len(tokens), dtype=np.float32)
        return self._rarity[[self._known.get(token, UNKNOWN) for token in tokens]]

    def holds(self, token: str, passages: NDArray[np.int_]) -> NDArray[np.bool_]:
        """Which of the passages hold the token."""
        start, end = self._span(token)
        if self._model is None or start == end:
            return np.zeros(len(passages), dtype=np.bool_)
        holders = self._model.scores["indices"][start:end]
        found: NDArray[np.bool_] = holders[np.searchsorted(holders[:-1], passages)] == passages
        return found

    def _span(self, token: str) -> tuple[int, int]:
        """Where the token's passages stand in the columns of the index; an empty span for an unknown one."""
        number = self._known.get(token)
        if self._model is None or number is None:
            return 0, 0
        starts = self._model.scores["indptr"]
        return int(starts[number]), int(starts[number + 1])


def _idf(holders: NDArray[np.int_], size: int | NDArray[np.int_]) -> Floats:
    """Inverse document frequency as Lucene has it: never negative."""
    return np.log1p((size - holders + 0.5) / (holders + 0.5)).astype(np.float32)


def _rarity(holders: NDArray[np.int_], starts: NDArray[np.int_], languages: NDArray[np.str_]) -> Floats:
    """Each token's inverse document frequency among the passages of the language that uses it most; UNKNOWN's last."""
    token = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    most = np.zeros(len(starts), dtype=np.int_)
    size = np.zeros_like(most)
    for language in np.unique(languages):
        among = languages == language
        count = np.bincount(token[among[holders]], minlength=len(most))
        size = np.where(count > most, among.sum(), size)
        most = np.maximum(most, count)
    size[UNKNOWN] = size.max()
    return _idf(most, size)
