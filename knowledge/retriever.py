"""Finding: a question in, the passages that may answer it out, best first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from knowledge.documents import Document, Hit
from knowledge.index import Index, current, read
from knowledge.text import tokens


class Retriever:
    """Searches an index, and follows it: what was indexed a moment ago is found at the next question."""

    def __init__(self, folder: Path | None, index: Index) -> None:
        self._folder = folder
        self._index = index
        self._reading = Lock()

    @classmethod
    def open(cls, folder: Path) -> Retriever:
        """The retriever over an index folder. Raises IndexMissing and IndexBroken."""
        return cls(folder, read(folder))

    def __len__(self) -> int:
        """The number of passages."""
        return len(self._index.passages)

    def still(self) -> Retriever:
        """A retriever that stays with the newest state: what one reply finds and quotes must be of one state."""
        return Retriever(None, self._fresh())

    def document(self, id: str) -> Document:
        """The document of that id. Raises KeyError."""
        return self._index.documents[id]

    def search(self, question: str, k: int = 10) -> list[Hit]:
        """The k passages that fit the question best; none that share nothing with it.

        Signals of a hit: `words`, its BM25 score; `standing`, that score in standard deviations above the mean of
        the whole knowledge; `coverage`, the share of the question's inverse document frequency that it holds.
        """
        index = self._fresh()
        asked = tokens(question)
        scores = index.lexical.scores(asked)
        best = np.argsort(-scores, kind="stable")[:k]
        best = best[scores[best] > 0]
        if not len(best):
            return []
        standing = (scores[best] - scores.mean()) / (scores.std() or 1.0)
        distinct = list(dict.fromkeys(asked))
        mass = index.lexical.mass(distinct)
        held = np.array([index.lexical.holds(token, best) for token in distinct]).reshape(len(distinct), len(best))
        coverage = mass @ held / (mass.sum() or 1.0)
        return [
            Hit(index.passages[number], score, {"words": score, "standing": above, "coverage": share})
            for number, score, above, share in zip(
                best.tolist(), scores[best].tolist(), standing.tolist(), coverage.tolist(), strict=True
            )
        ]

    def coverage(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text, the share of the question's inverse document frequency that stands in it."""
        distinct = list(dict.fromkeys(tokens(question)))
        mass = self._index.lexical.mass(distinct)
        given = [set(tokens(text)) for text in texts]
        held = np.array([[token in own for token in distinct] for own in given]).reshape(len(given), len(distinct))
        shares: list[float] = (held @ mass / (mass.sum() or 1.0)).tolist()
        return shares

    def _fresh(self) -> Index:
        if self._folder is not None and current(self._folder) != self._index.state:
            with self._reading:  # many may ask at once, and one of them reads
                if current(self._folder) != self._index.state:
                    self._index = read(self._folder)
        return self._index
