"""Ranking by meaning: a vector for each passage, searched with FAISS, and the pieces that the passage is made of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder, Subwords
from knowledge.embed.vectors import unit

Floats = NDArray[np.float32]
LARGE = 50_000
"""Passages from which the nearest are looked for in clusters; below, all are compared."""
CLUSTER = 128
"""Passages of a cluster, on average."""
LEARNED = 40
"""Passages of each cluster from which its centre is learned."""
PROBED = 0.3
"""Share of the clusters that are looked into: 0.99 of the nearest 60 are found among 100,000 passages (0.2: 0.985)."""
CHUNK = 4096
"""Texts that are encoded at once."""
STEP = 12
"""Pieces from one stretch of a passage to the next; a stretch is two steps long, about a sentence or two."""
WHOLE = 0.3
"""What the mean of a passage's stretches counts, against 1 for the best of them."""
OPENING = 16
"""Pieces after which what a passage begins with counts 1 / e of its first; what is three times as far is not read."""
FEW, TINY = 10, 0.02
"""So few passages tell half of what is usual; and what a piece that all of them hold still weighs."""
ARRAYS = ("matrix", "ids", "pieces", "starts", "mean", "moment")


class Vectors:
    """The passages' vectors (passage x dimension, length 1) and their pieces in order, numbered like the passages.

    FAISS knows a passage by an id that stays when others come and go; ids rise with the numbers.
    """

    def __init__(self, nearest: faiss.Index, **arrays: NDArray[Any]) -> None:
        self._faiss = nearest
        self._arrays = arrays

    @classmethod
    def build(
        cls, texts: Sequence[str], embedder: Embedder, old: Vectors | None = None, kept: Sequence[int] = ()
    ) -> Vectors:
        """The vectors of `kept` passages of an old index (rising numbers), then of more texts, in half precision."""
        matrix, ids = np.zeros((len(texts), embedder.dimension), np.float16), np.arange(len(texts))
        pieces: list[NDArray[np.int32]] = []
        for start in range(0, len(texts), CHUNK):
            chunk = texts[start : start + CHUNK]
            if isinstance(embedder, Subwords):
                found = embedder.pieces(chunk)
                matrix[start : start + CHUNK] = embedder.encode_pieces(found)
            else:
                found = [np.zeros(0, np.int32)] * len(chunk)
                matrix[start : start + CHUNK] = embedder.encode_document(chunk)
            pieces += found
        nearest = None
        if old is not None and len(kept):
            rows = np.asarray(kept, dtype=np.int64)
            before = old._arrays["ids"]
            ids = np.concatenate([before[rows], ids + before.max(initial=-1) + 1])
            matrix = np.concatenate([old._arrays["matrix"][rows], matrix])
            pieces = [old._span(row) for row in rows] + pieces
            nearest = old._without(np.setdiff1d(before, ids))
        if nearest is None or _clustered(nearest) != (len(ids) >= LARGE):
            nearest = _empty(matrix)
        known = nearest.ntotal
        nearest.add_with_ids(matrix[known:].astype(np.float32), ids[known:])
        wide = np.zeros((embedder.dimension, embedder.dimension), np.float32)
        for start in range(0, len(matrix), CHUNK):
            part = matrix[start : start + CHUNK].astype(np.float32)
            wide += part.T @ part
        return cls(
            nearest,
            matrix=matrix,
            ids=ids,
            pieces=np.concatenate([np.zeros(0, np.int32), *pieces]),
            starts=np.cumsum([0, *map(len, pieces)], dtype=np.int64),
            mean=matrix.mean(axis=0, dtype=np.float32) if len(matrix) else np.zeros(embedder.dimension, np.float32),
            moment=wide / max(len(matrix), 1),
        )

    @classmethod
    def load(cls, folder: Path, size: int) -> Vectors:
        """What `save` wrote, memory-mapped. Raises ValueError where it is over another number of passages."""
        arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in ARRAYS}
        if len(arrays["matrix"]) != size:
            raise ValueError(f"{size} passages, vectors of {len(arrays['matrix'])}")
        try:
            return cls(faiss.read_index(str(folder / "faiss")), **arrays)
        except RuntimeError as error:
            raise ValueError(f"FAISS: {error}") from error

    def save(self, folder: Path) -> None:
        """Write everything into a new folder."""
        folder.mkdir()
        faiss.write_index(self._faiss, str(folder / "faiss"))
        for name, array in self._arrays.items():
            np.save(folder / f"{name}.npy", array)

    def nearest(self, vector: Floats, count: int) -> NDArray[np.int_]:
        """The passages whose vectors are nearest to one of length 1: all of them compared, or, of many, nearly all.

        None for the vector of a question of which the embedder knows nothing.
        """
        if not self._faiss.ntotal or not vector.any():
            return np.zeros(0, dtype=np.int_)
        _, ids = self._faiss.search(vector[None], min(count, self._faiss.ntotal))
        return np.asarray(np.searchsorted(self._arrays["ids"], ids[0][ids[0] >= 0]))

    def standing(self, vector: Floats, passages: NDArray[np.int_]) -> tuple[Floats, Floats]:
        """The passages' cosines with a vector, and the same in standard deviations from the whole knowledge's mean."""
        cosines: Floats = self._arrays["matrix"][passages].astype(np.float32) @ vector
        mean = float(self._arrays["mean"] @ vector)
        spread = float(vector @ self._arrays["moment"] @ vector) - mean**2
        return cosines, (cosines - mean) / np.sqrt(spread) if spread > 1e-12 else np.zeros_like(cosines)

    def fit(
        self, asked: NDArray[np.int32], passages: NDArray[np.int_], table: Subwords
    ) -> tuple[Floats, Floats, Floats]:
        """Late interaction (Khattab and Zaharia 2020) with a static table: how well each asked piece finds its like.

        Each of the question's pieces takes its best cosine among the pieces of a stretch of the passage. Pieces weigh
        by their vector's length, which training has made short where a piece says little, and the less, the better all
        these passages meet them: in a manual for refrigerators "refrigerator" tells nothing apart. The best stretch
        counts, because what answers a question stands together, and a little the passage as a whole.

        The second array is the likeness, 0 to 1: how well the pieces find their like anywhere in the passage, whatever
        the others hold. It compares questions, as the first one compares passages. The third is the opening: the other
        way round, how much of what a passage begins with (its title and headings first) the question says. Each piece
        of the passage takes its best cosine among those of the question, and weighs by its vector's length, by how rare
        it is where these passages begin, and by how early it comes.
        """
        asked = np.unique(asked)
        ours = table.vectors(asked)
        weights = np.linalg.norm(ours, axis=1)
        spans = [self._span(number) for number in passages]
        sizes = np.array([len(span) for span in spans])
        found, likeness, opening = np.zeros((3, len(passages)), dtype=np.float32)
        if not weights.sum() or not sizes.sum():
            return found, likeness, opening
        pieces = np.concatenate(spans)
        order = np.zeros(pieces.max() + 1, np.int32)  # distinct pieces without sorting them
        order[pieces] = 1
        distinct = np.flatnonzero(order).astype(np.int32)
        order[distinct] = np.arange(len(distinct))
        places = order[pieces]
        theirs = table.vectors(distinct)
        lengths = np.sqrt(np.einsum("ij,ij->i", theirs, theirs))
        cosines = theirs @ unit(ours).T / np.where(lengths, lengths, 1)[:, None]
        filled = np.flatnonzero(sizes)
        steps = -(-sizes[filled] // STEP)
        ends, offsets = np.cumsum(steps), np.cumsum([0, *sizes[filled]])
        within = np.arange(ends[-1]) - np.repeat(ends - steps, steps)
        starts, last = np.repeat(offsets[:-1], steps) + STEP * within, np.repeat(offsets[1:] - 1, steps)
        # The last again where a stretch has fewer pieces: the largest stays the same.
        within_step = np.minimum(starts + np.arange(STEP)[:, None], last)
        best = cosines.take(places[within_step], axis=0).max(axis=0)
        goes_on = np.flatnonzero(np.diff(within) > 0)
        best[goes_on] = np.maximum(best[goes_on], best[goes_on + 1])
        first = ends - steps
        anywhere = np.maximum.reduceat(best, first)
        likeness[filled] = anywhere @ weights / weights.sum()
        usual = anywhere.mean(axis=0) * len(filled) / (len(filled) + FEW)
        weights *= np.maximum(1 - usual, TINY)
        scores = best @ weights / weights.sum()
        whole = np.add.reduceat(scores, first) / steps
        found[filled] = (np.maximum.reduceat(scores, first) + WHOLE * whole) / (1 + WHOLE)
        begun = np.minimum(sizes[filled], 3 * OPENING)
        owners = np.repeat(np.arange(len(filled)), begun)
        place = np.arange(len(owners)) - np.repeat(np.cumsum(begun) - begun, begun)
        opening[filled] = _said(places[np.repeat(offsets[:-1], begun) + place], owners, place, cosines, lengths)
        return found, likeness, opening

    def _span(self, number: int) -> NDArray[np.int32]:
        starts, pieces = self._arrays["starts"], self._arrays["pieces"]
        return pieces[starts[number] : starts[number + 1]]

    def _without(self, ids: NDArray[np.int64]) -> faiss.Index:
        nearest = faiss.clone_index(self._faiss)
        nearest.remove_ids(faiss.IDSelectorBatch(ids))
        return nearest


def _said(
    pieces: NDArray[np.int32],
    owners: NDArray[np.int_],
    place: NDArray[np.int_],
    cosines: NDArray[Any],
    lengths: NDArray[Any],
) -> Floats:
    """The share of the openings' weight that a question says, by owner: pieces with their owners and places there.

    `cosines` (piece x asked piece) and `lengths` are of the vectors of all pieces.
    """
    count = owners[-1] + 1
    held = np.bincount(np.unique(owners * len(lengths) + pieces) % len(lengths), minlength=len(lengths))
    rarity = np.log1p((count - held + 0.5) / (held + 0.5))
    weights = (lengths * rarity)[pieces] * np.exp(-place / OPENING)
    met = np.bincount(owners, weights * cosines.max(axis=1)[pieces], count)
    whole = np.bincount(owners, weights, count)
    return np.divide(met, whole, out=np.zeros(count), where=whole > 0).astype(np.float32)


def _empty(matrix: NDArray[np.float16]) -> faiss.Index:
    """An index for vectors like these: all are compared, or only those of the clusters nearest to the question."""
    dimension = matrix.shape[1]
    if len(matrix) < LARGE:
        return faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    clusters = len(matrix) // CLUSTER
    half = faiss.ScalarQuantizer.QT_fp16  # which the vectors are in: nothing is lost, and half as much is read
    centres, kind = faiss.IndexFlatIP(dimension), faiss.METRIC_INNER_PRODUCT
    nearest = faiss.IndexIVFScalarQuantizer(centres, dimension, clusters, half, kind, False)
    step = max(1, len(matrix) // (LEARNED * clusters))
    nearest.train(matrix[::step].astype(np.float32))
    nearest.nprobe = max(1, int(clusters * PROBED))
    return nearest


def _clustered(nearest: faiss.Index) -> bool:
    return hasattr(nearest, "nprobe")
