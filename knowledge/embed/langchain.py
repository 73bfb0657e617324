"""Any langchain Embeddings as an embedder: a model behind an API, a local server, another library."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from knowledge.embed.vectors import readable, unit
from knowledge.errors import EmbedderRefused


class LangchainEmbedder:
    """A langchain Embeddings under a name that the caller gives: one for each model, as the name tells models apart."""

    def __init__(self, embeddings: Embeddings, name: str) -> None:
        self.name = name
        self.dimension = len(embeddings.embed_query("?"))
        self._embeddings = embeddings

    @classmethod
    def open(cls, factory: str) -> LangchainEmbedder:
        """What `package.module:Factory`, called without arguments, makes. Raises EmbedderRefused."""
        module, _, name = factory.partition(":")
        try:
            embeddings = getattr(importlib.import_module(module), name)()
            if not isinstance(embeddings, Embeddings):
                raise TypeError(f"it makes a {type(embeddings).__name__}")
            return cls(embeddings, f"langchain:{factory}")
        except Exception as error:  # the factory is another's code, and may fail in any way
            raise EmbedderRefused(
                f"No embedder can be made by {factory!r} ({error}): name package.module:Factory, which called without "
                "arguments gives a langchain Embeddings."
            ) from error

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a question."""
        return self._rows([self._embeddings.embed_query(text) for text in readable(texts)])

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a passage."""
        return self._rows(self._embeddings.embed_documents(readable(texts)) if texts else [])

    def _rows(self, rows: list[list[float]]) -> NDArray[np.float32]:
        return unit(np.asarray(rows, np.float32).reshape(len(rows), self.dimension))
