"""Our parts as langchain knows them, so that they drop into any chain; and langchain's Embeddings as ours."""

from __future__ import annotations

from dataclasses import asdict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.embed import Embedder
from knowledge.embed.langchain import LangchainEmbedder
from knowledge.retriever import Retriever

__all__ = ["KnowledgeEmbeddings", "LangchainEmbedder", "PassageRetriever"]


class PassageRetriever(BaseRetriever):
    """Passages as langchain documents: the text, and everything else that is known of it as metadata.

    Those with flags are left out: a chain gives to a model whatever it is given.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    retriever: Retriever
    k: int = 4

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [
            Document(
                page_content=hit.passage.text,
                id=hit.passage.id,
                metadata={**asdict(hit.passage), "score": hit.score, "signals": dict(hit.signals)},
            )
            for hit in self.retriever.search(query, self.k)
            if not hit.passage.flags
        ]


class KnowledgeEmbeddings(Embeddings):
    """An embedder of ours for langchain's vector stores and chains."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 a passage."""
        vectors: list[list[float]] = self._embedder.encode_document(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The question's vector, of length 1."""
        vector: list[float] = self._embedder.encode_query([text])[0].tolist()
        return vector
