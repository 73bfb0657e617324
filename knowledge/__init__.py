"""What the company knows: loading it, indexing it, finding in it."""

from knowledge.documents import Block, Document, Hit, Passage
from knowledge.embed import Embedder, open_embedder
from knowledge.errors import FileRefused, KnowledgeError, UnknownDocument
from knowledge.hostile import signs
from knowledge.index import Vocabulary
from knowledge.ingest import Indexed, Progress, build, ingest
from knowledge.language import LANGUAGES, base, detect, english_name, script_of
from knowledge.library import Entry, Library
from knowledge.rank import REGIMES, foreign
from knowledge.retriever import Retriever

__all__ = [
    "LANGUAGES",
    "REGIMES",
    "Block",
    "Document",
    "Embedder",
    "Entry",
    "FileRefused",
    "Hit",
    "Indexed",
    "KnowledgeError",
    "Library",
    "Passage",
    "Progress",
    "Retriever",
    "UnknownDocument",
    "Vocabulary",
    "base",
    "build",
    "detect",
    "english_name",
    "foreign",
    "ingest",
    "open_embedder",
    "script_of",
    "signs",
]
