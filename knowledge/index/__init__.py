"""The index: what is known, on disk."""

from knowledge.index.lexical import Lexical
from knowledge.index.store import File, Index, current, read, searchable, write, writing

__all__ = ["File", "Index", "Lexical", "current", "read", "searchable", "write", "writing"]
