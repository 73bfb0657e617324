"""The embedder we ship: a table with one vector for each subword; a text means the sum of its pieces."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from knowledge.embed.vectors import readable, unit
from knowledge.errors import EmbedderRefused

SHIPPED = Path(__file__).with_name("model")
"""The folder of the model that comes with the product."""
TABLE = "embedding.weight"
"""Name of the table in model.safetensors, as sentence-transformers' StaticEmbedding writes it."""
UNKNOWN = 0
"""The piece that stands for what the tokenizer does not know; its vector is zero."""
_RUN = re.compile(r"[^\s!-/:;?@\[-`{-~]+")
"""What the tokenizer never joins with its neighbours; < = > are no borders, as a mark behind them makes a new sign."""
REMEMBERED = 1 << 19
"""Runs whose pieces are kept, since most of what a text says was said before."""


class Static:
    """A static embedding model, read without torch. `SentenceTransformer(folder)` gives the same vectors."""

    def __init__(self, tokenizer: Tokenizer, table: NDArray[np.float16], name: str) -> None:
        self.name = name
        self.dimension = int(table.shape[1])
        self._tokenizer = tokenizer
        self._table = table
        # What was read before, in single precision: memory is taken for the rows that somebody asked for only.
        self._read = np.empty(table.shape, np.float32), np.zeros(len(table), np.bool_)
        self._known: dict[str, bytes] = {}

    @classmethod
    def open(cls, folder: Path) -> Static:
        """The model in a folder: tokenizer.json and model.safetensors. Raises EmbedderRefused."""
        try:
            table = _table(folder / "model.safetensors")
            tokenizer = _tokenizer(folder / "tokenizer.json")
            if tokenizer.get_vocab_size() > len(table):
                raise ValueError("subwords without a vector")
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise EmbedderRefused(
                f"{str(folder)!r} holds no static model that can be read: name a folder that "
                "`python -m knowledge.embed.train` wrote, or leave the name away for the shipped one."
            ) from error
        place = "static" if folder == SHIPPED else f"static:{folder.resolve()}"
        return cls(tokenizer, table, f"{place}@{hashlib.sha256(table.data).hexdigest()[:12]}")

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a text; a row of zeros where the model knows nothing of the text."""
        return self.encode_pieces(self.pieces(texts))

    encode_document = encode_query

    def encode_pieces(self, pieces: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        """The rows of texts of which these are the pieces."""
        if len(pieces) == 1:  # a question, whose few vectors are added in a third of the time
            return unit(self.vectors(pieces[0]).sum(axis=0)[None])
        distinct, places = np.unique(np.concatenate([np.zeros(0, np.int32), *pieces]), return_inverse=True)
        starts = np.cumsum([0, *map(len, pieces)])
        held = csr_array((np.ones(len(places), np.float32), places, starts), shape=(len(pieces), len(distinct)))
        return unit(held @ self.vectors(distinct))

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Each text's subwords, in order, as rows of the table; without what the model does not know."""
        runs = [_RUN.findall(text) for text in readable(texts)]
        known = self._pieces_of(dict.fromkeys(chain.from_iterable(runs)))
        return [np.frombuffer(b"".join(map(known.__getitem__, text)), np.int32) for text in runs]

    def vectors(self, pieces: NDArray[np.int32]) -> NDArray[np.float32]:
        """The pieces' vectors as they were trained: the longer, the more the piece weighs in a text."""
        rows, known = self._read
        fresh = pieces[~known[pieces]]
        if len(fresh):
            rows[fresh] = self._table[fresh]
            known[fresh] = True  # behind the row itself: others may be reading
        return rows[pieces]

    def _pieces_of(self, runs: Mapping[str, None]) -> Mapping[str, bytes]:
        """The pieces of these runs, and of others that were asked for before, as bytes."""
        known = self._known
        if len(known) > REMEMBERED:
            known = self._known = {}  # a new one: others may be reading the old
        fresh = [run for run in runs if run not in known]
        encodings = self._tokenizer.encode_batch_fast(fresh, add_special_tokens=False) if fresh else ()
        for run, encoding in zip(fresh, encodings, strict=True):
            known[run] = np.array([piece for piece in encoding.ids if piece != UNKNOWN], np.int32).tobytes()
        return known


def _table(path: Path) -> NDArray[np.float16]:
    """The table as it lies in the file, mapped into memory: processes share it, and opening reads nothing twice.

    Layout of safetensors: the header's length as 8 bytes, the header as JSON, the arrays.
    """
    content = np.asarray(np.memmap(path, np.uint8, "r"))
    length = int.from_bytes(content[:8].tobytes(), "little")
    entry = json.loads(content[8 : 8 + length].tobytes())[TABLE]
    if entry["dtype"] != "F16":
        raise ValueError(f"a table of {entry['dtype']}")
    start, end = entry["data_offsets"]
    rows, columns = entry["shape"]
    return content[8 + length + start : 8 + length + end].view(np.float16).reshape(rows, columns)


def _tokenizer(path: Path) -> Tokenizer:
    content = path.read_bytes()
    try:
        return Tokenizer.from_buffer(content)
    except Exception as error:  # the library raises nothing narrower, whatever is wrong
        raise ValueError(str(error)) from error
