"""Indexes of a suite's knowledge, built once for each state of the documents and of the code that indexes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from eval.suite import Suite
from knowledge import Document, build, ingest
from knowledge.embed import Embedder

HOME = Path(__file__).resolve().parents[1]


def index_of(suite: Suite, language: str, folder: Path, embedder: Embedder | None = None) -> Path:
    """An index of the suite's documents in a language, or of its folder of files, kept in `folder`.

    Without an embedder, by the shipped one. Raises SuiteError and KnowledgeError.
    """
    if not suite.knowledge:
        return index_documents(suite.documents(language), folder, embedder)
    index = folder / _name([str(suite.knowledge.resolve()), digest(suite.knowledge)], embedder)
    if not (index / "manifest.json").exists():
        ingest([suite.knowledge], index, embedder=embedder)
    return index


def index_documents(documents: Sequence[Document], folder: Path, embedder: Embedder | None = None) -> Path:
    """An index of documents, kept in `folder`. Raises KnowledgeError."""
    index = folder / _name([asdict(document) for document in documents], embedder)
    if not (index / "manifest.json").exists():
        build(documents, index, embedder)
    return index


def _name(content: Sequence[object], embedder: Embedder | None) -> str:
    state = json.dumps([digest(HOME / "knowledge"), content, embedder and embedder.name], sort_keys=True)
    return hashlib.sha256(state.encode()).hexdigest()[:16]


def digest(*folders: Path) -> str:
    """A hash of every file in the folders, by path and content; compiled Python is left out."""
    content = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                content.update(f"{file.relative_to(folder).as_posix()}\0{file.stat().st_size}\0".encode())
                content.update(file.read_bytes())
    return content.hexdigest()
