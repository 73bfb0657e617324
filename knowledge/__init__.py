"""What the company knows: loading it, indexing it, finding in it."""

from knowledge.documents import Block, Document, Hit, Passage
from knowledge.embed import open_embedder
from knowledge.errors import KnowledgeError
from knowledge.ingest import Indexed, build, ingest
from knowledge.language import LANGUAGES, base, detect
from knowledge.rank import REGIMES
from knowledge.retriever import Retriever

__all__ = [
    "LANGUAGES",
    "REGIMES",
    "Block",
    "Document",
    "Hit",
    "Indexed",
    "KnowledgeError",
    "Passage",
    "Retriever",
    "base",
    "build",
    "detect",
    "ingest",
    "open_embedder",
]
