"""The embedder we ship: a table with one vector for each subword; a text means the sum of its pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from knowledge.errors import KnowledgeError

TABLE = "embedding.weight"
"""Name of the table in model.safetensors, as sentence-transformers' StaticEmbedding writes it."""
UNKNOWN = 0
"""The piece that stands for what the tokenizer does not know; its vector is zero."""


class ModelBroken(KnowledgeError):
    """The folder does not hold a static embedding model."""


class Static:
    """A static embedding model, read without torch. `SentenceTransformer(folder)` gives the same vectors."""

    def __init__(self, tokenizer: Tokenizer, table: NDArray[np.float16], name: str) -> None:
        self.name = name
        self.dimension = int(table.shape[1])
        self._tokenizer = tokenizer
        self._table = table

    @classmethod
    def open(cls, folder: Path) -> Static:
        """The model in a folder: tokenizer.json and model.safetensors. Raises ModelBroken."""
        try:
            table = load_file(folder / "model.safetensors")[TABLE]
            tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        except (OSError, KeyError, SafetensorError) as error:
            raise ModelBroken(
                f"{str(folder)!r} holds no model that can be read; train one, or get the one we ship."
            ) from error
        print_ = hashlib.sha256(table.tobytes()).hexdigest()[:12]
        return cls(tokenizer, table, f"static-{print_}")

    def pieces(self, text: str) -> NDArray[np.int64]:
        """The text's subwords, in order, as rows of the table; without what the model does not know."""
        return self._pieces([text])[0]

    def vectors(self, pieces: NDArray[np.int64]) -> NDArray[np.float32]:
        """The pieces' vectors as they were trained: the longer, the more the piece weighs in a text."""
        return self._table[pieces].astype(np.float32)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a text; a row of zeros where the model knows nothing of the text."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, pieces in zip(rows, self._pieces(texts), strict=True):
            row[:] = self.vectors(pieces).sum(axis=0)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows

    def _pieces(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        found = [np.array(encoding.ids, np.int64) for encoding in encodings]
        return [pieces[pieces != UNKNOWN] for pieces in found]
