"""Meaning: texts as vectors that lie close to each other where the texts mean the same, in whatever language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from knowledge.embed.static import SHIPPED, Static
from knowledge.errors import EmbedderRefused

__all__ = ["EMBEDDERS", "SHIPPED", "Embedder", "Subwords", "open_embedder"]


class Embedder(Protocol):
    """Turns texts into vectors. `name` tells models apart: vectors of two models are never compared."""

    name: str
    dimension: int

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a question; a row of zeros where the model knows nothing of it."""

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a passage; a row of zeros where the model knows nothing of it."""


@runtime_checkable
class Subwords(Protocol):
    """An embedder that also has a vector for each piece of a text, so that texts can be compared piece by piece."""

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Each text's subwords in order, as numbers."""

    def encode_pieces(self, pieces: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """The rows that encode_document gives for texts of which these are the pieces."""

    def vectors(self, pieces: NDArray[np.int32]) -> NDArray[np.float32]:
        """The pieces' vectors: the longer, the more the piece weighs in a text."""


def open_embedder(name: str) -> Embedder:
    """The embedder of a name: `static` (the shipped one), `static:FOLDER`, `hub:MODEL`, `langchain:MODULE:FACTORY`.

    An embedder's own `name` opens it again; the fingerprint of its weights, which may follow an @, tells whether it is
    still the same and is not looked at here. Raises EmbedderRefused.
    """
    kind, _, place = re.sub("@[0-9a-f]{12}$", "", name).partition(":")
    if kind not in EMBEDDERS:
        raise EmbedderRefused(
            f"There is no embedder {name!r}: name one that begins with {' or '.join(EMBEDDERS)}, "
            "as in hub:intfloat/multilingual-e5-small."
        )
    return EMBEDDERS[kind](place)


def _static(folder: str) -> Embedder:
    return Static.open(Path(folder)) if folder else _shipped()


@cache
def _shipped() -> Static:
    return Static.open(SHIPPED)


def _hub(model: str) -> Embedder:
    from knowledge.embed.hub import Hub  # here, as it needs torch

    return Hub.open(model)


def _langchain(factory: str) -> Embedder:
    from knowledge.embed.langchain import LangchainEmbedder

    return LangchainEmbedder.open(factory)


EMBEDDERS: Mapping[str, Callable[[str], Embedder]] = MappingProxyType(
    {"static": _static, "hub": _hub, "langchain": _langchain}
)
"""How an embedder is opened, by the kind that its name begins with."""
