"""The index: what is known, on disk."""

from knowledge.index.lexical import Lexical
from knowledge.index.store import VERSION, File, Index, current, read, searchable, write, writing
from knowledge.index.vocabulary import Vocabulary, echoes

__all__ = [
    "VERSION",
    "File",
    "Index",
    "Lexical",
    "Vocabulary",
    "current",
    "echoes",
    "read",
    "searchable",
    "write",
    "writing",
]
