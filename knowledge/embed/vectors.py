"""What all embedders have in common: rows of length 1, and texts that a tokenizer can read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray


def unit(rows: ArrayLike) -> NDArray[np.float32]:
    """The rows at length 1; one without length, or with what is no number, is zero."""
    given: NDArray[np.float32] = np.array(rows, np.float32)
    lengths = np.linalg.norm(given, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        given = np.nan_to_num(given)
        lengths = np.linalg.norm(given, axis=1, keepdims=True)
    np.divide(given, lengths, out=given, where=lengths > 0)
    return given


def readable(texts: Iterable[str]) -> list[str]:
    """The texts with "?" for halves of surrogate pairs, which is how bytes that are no text come in."""
    return [text.encode("utf-8", "replace").decode() for text in texts]
