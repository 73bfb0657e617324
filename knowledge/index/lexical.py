"""Ranking by words: BM25 over the tokens of `knowledge.text`, and which of them a passage really holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Lexical:
    """A BM25 index over passages, numbered from 0 in the order they were given (Lucene's variant)."""

    def __init__(self, model: bm25s.BM25 | None = None, size: int = 0) -> None:
        self._model = model
        self._size = size
        self._known: dict[str, int] = model.vocab_dict if model else {}

    @classmethod
    def build(cls, texts: Iterable[Sequence[str]]) -> Lexical:
        """An index over the tokens of each passage."""
        vocabulary: dict[str, int] = {}
        numbers = [[vocabulary.setdefault(token, len(vocabulary)) for token in text] for text in texts]
        if not vocabulary:
            return cls(size=len(numbers))
        model = bm25s.BM25(method="lucene")
        model.index((numbers, vocabulary), show_progress=False, create_empty_token=False)
        return cls(model, len(numbers))

    @classmethod
    def load(cls, folder: Path, size: int) -> Lexical:
        """The index that `save` wrote, memory-mapped."""
        return cls(bm25s.BM25.load(str(folder), mmap=True) if folder.exists() else None, size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder; an index over nothing writes nothing."""
        if self._model:
            self._model.save(str(folder), show_progress=False)

    def scores(self, tokens: Sequence[str]) -> Floats:
        """The BM25 score of every passage."""
        known = [self._known[token] for token in tokens if token in self._known]
        if self._model is None or not known:
            return np.zeros(self._size, dtype=np.float32)
        scores: Floats = self._model.get_scores_from_ids(known)
        return scores

    def mass(self, tokens: Sequence[str]) -> Floats:
        """The inverse document frequency of each token (Robertson's, never negative); unknown ones weigh most."""
        found = np.array([self._frequency(token) for token in tokens], dtype=np.float32)
        idf: Floats = np.log1p((self._size - found + 0.5) / (found + 0.5))
        return idf

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

    def _frequency(self, token: str) -> int:
        start, end = self._span(token)
        return end - start
