"""Any model of sentence-transformers as an embedder: one of the Hugging Face hub by its name, or one in a folder."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from knowledge.embed.vectors import readable, unit
from knowledge.errors import EmbedderRefused

E5 = re.compile(r"\be5-(?!.*instruct)")
"""Names of the models of Wang et al. 2022 (https://arxiv.org/abs/2212.03533), published before models told prompts."""
E5_PROMPTS: Mapping[str, str] = MappingProxyType({"query": "query: ", "document": "passage: "})
"""What their model cards want before a text."""
SAMPLE = 4096
"""Numbers of each array of weights that the fingerprint looks at."""


class Hub:
    """A model of sentence-transformers. A question and a passage get the prompts that the model was trained with."""

    def __init__(self, model: SentenceTransformer, place: str) -> None:
        self.name = f"hub:{place}@{_fingerprint(model)}"
        self.dimension = int(model.get_embedding_dimension() or 0)
        self._model = model

    @classmethod
    def open(cls, place: str) -> Hub:
        """The model in a folder, or of that name on the hub: looked for on this machine first, then fetched.

        Raises EmbedderRefused.
        """
        folder = Path(place)
        try:
            if place and folder.is_dir():
                place = str(folder.resolve())
                model = SentenceTransformer(place, local_files_only=True)
            else:
                model = _fetched(place)
        except Exception as error:  # sentence-transformers raises whatever the part that failed raises
            why = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
            raise EmbedderRefused(
                f"There is no model {place!r} that sentence-transformers can open ({why}): name a folder, or a model "
                "of huggingface.co while there is a network; once fetched, it opens without."
            ) from error
        if E5.search(place) and not any(model.prompts.values()):
            model.prompts.update(E5_PROMPTS)
        return cls(model, place)

    def encode_query(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a question, after the model's prompt for questions."""
        return self._rows(self._model.encode_query(readable(texts), show_progress_bar=False), len(texts))

    def encode_document(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 a passage, after the model's prompt for passages."""
        return self._rows(self._model.encode_document(readable(texts), show_progress_bar=False), len(texts))

    def _rows(self, rows: object, count: int) -> NDArray[np.float32]:
        return unit(np.asarray(rows, np.float32).reshape(count, self.dimension))


def _fetched(name: str) -> SentenceTransformer:
    try:
        return SentenceTransformer(name, local_files_only=True)
    except OSError:
        return SentenceTransformer(name)


def _fingerprint(model: SentenceTransformer) -> str:
    """Of what decides a vector: the weights, of which evenly spread numbers stand for all, and the prompts."""
    hashed = hashlib.sha256(repr(sorted(model.prompts.items())).encode())
    for name, weights in model.state_dict().items():
        flat = weights.detach().flatten()
        sample = flat[:: max(1, len(flat) // SAMPLE)].float().cpu().numpy()
        hashed.update(f"{name}{tuple(weights.shape)}".encode() + sample.tobytes())
    return hashed.hexdigest()[:12]
