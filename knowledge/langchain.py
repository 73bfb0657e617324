"""Our retriever as langchain knows one, so that it drops into any chain."""

from __future__ import annotations

from dataclasses import asdict

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from knowledge.retriever import Retriever


class PassageRetriever(BaseRetriever):
    """Passages as langchain documents: the text, and everything else that is known of it as metadata."""

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
        ]
