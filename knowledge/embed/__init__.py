"""Meaning: texts as vectors that lie close to each other where the texts mean the same, in whatever language."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("model")
"""The folder of the model that comes with the product."""


class Embedder(Protocol):
    """Turns texts into vectors. `name` tells models apart: vectors of two models are never compared."""

    name: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a text; a row of zeros where the model knows nothing of the text."""
