"""A transformer of multilingual-e5-small's shape with random weights: as slow as the real one, and nothing more."""

from __future__ import annotations

import torch
from langchain_core.embeddings import Embeddings
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from knowledge.embed import SHIPPED

DIMENSION, LAYERS, HEADS, INNER = 384, 12, 12, 1536
VOCABULARY = 250_037
LONGEST, BATCH = 512, 16


class Transformer(Embeddings):
    """Texts as the mean of their pieces' last layer, of length 1. Pieces are those of our tokenizer."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        shape = BertConfig(
            vocab_size=VOCABULARY,
            hidden_size=DIMENSION,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            intermediate_size=INNER,
        )
        self._model = BertModel(shape, add_pooling_layer=False).eval()
        self._tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text; texts of like length are computed together."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        found: list[list[float]] = [[]] * len(texts)
        for start in range(0, len(order), BATCH):
            places = order[start : start + BATCH]
            rows = self._rows([texts[place] for place in places])
            for place, row in zip(places, rows, strict=True):
                found[place] = row
        return found

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question."""
        return self._rows([text])[0]

    @torch.inference_mode()
    def _rows(self, texts: list[str]) -> list[list[float]]:
        encodings = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        states = self._model(input_ids=ids, attention_mask=mask).last_hidden_state * mask[..., None]
        return torch.nn.functional.normalize(states.sum(dim=1), dim=1).tolist()
