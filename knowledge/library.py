"""The library: what editors put into an index that is open, and take out of it, while others search it.

An index changes as a whole or not at all (`knowledge/index/store.py`); who searches meanwhile has the state before.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.documents import Document, Passage
from knowledge.errors import FileRefused, KnowledgeError, UnknownDocument
from knowledge.ingest import Indexed, Progress, ingest, remove
from knowledge.retriever import Retriever


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the library: its passages, how many of them are quoted to nobody, and whether it was put in here.

    `hidden` is whether its file keeps text from its readers' eyes, which was left out.
    """

    id: str
    title: str
    language: str
    source: str
    passages: int
    flagged: int
    hidden: bool
    uploaded: bool


class Library:
    """The index that a retriever has open, and the `folder` of what editors put in; the rest came from elsewhere."""

    def __init__(self, retriever: Retriever, index: Path, folder: Path) -> None:
        self._retriever = retriever
        self._index = index
        self._folder = Path(os.path.abspath(folder))

    def entries(self) -> list[Entry]:
        """All documents, in the order of the index."""
        here = self._retriever.snapshot()
        counts = Counter(passage.document for passage in here.passages)
        flagged = Counter(passage.document for passage in here.passages if passage.flags)
        uploaded = {id for path, ids in here.files.items() if self._holds(Path(path)) for id in ids}
        return [
            Entry(
                **{name: getattr(document, name) for name in ("id", "title", "language", "source")},
                passages=counts[document.id],
                flagged=flagged[document.id],
                hidden=bool(document.hidden),
                uploaded=document.id in uploaded,
            )
            for document in here.documents
        ]

    def document(self, id: str) -> tuple[Document, list[Passage]]:
        """A document and its passages. Raises UnknownDocument."""
        here = self._retriever.snapshot()
        try:
            document = here.document(id)
        except KeyError as error:
            raise UnknownDocument(
                f"The index holds no document {id!r}; look it up in the list of documents."
            ) from error
        return document, [passage for passage in here.passages if passage.document == id]

    def check(self, name: str, content: bytes) -> None:
        """Raise FileRefused where a file of that name and content cannot be read."""
        from knowledge.load import load  # here, because answering does not need the libraries of eight formats

        if Path(name).name != name or name.startswith((".", "~$")):
            raise FileRefused(f"{name!r} is no name of a file; send one without folders that begins with a letter.")
        with TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(content)
            load(path)

    def add(self, name: str, content: bytes, progress: Progress = lambda *_: None) -> Indexed:
        """Index a file; one that was put in under the same name gives way to it, unless it is refused.

        Raises FileRefused, and what `ingest` raises.
        """
        self.check(name, content)
        return self._change(self._folder / name, content, progress)

    def remove(self, id: str) -> None:
        """Take a document out, with its file where that was put in here. Raises UnknownDocument, and FileRefused where
        the file holds other documents, too.
        """
        files = self._retriever.files
        path = next((Path(path) for path, ids in files.items() if id in ids), None)
        if path is None or not self._holds(path):
            remove(id, self._index)
            self._retriever.snapshot()
        elif files[str(path)] != (id,):
            raise FileRefused(
                f"{id!r} is one of {len(files[str(path)])} documents of {path.name}: change the file and send it again."
            )
        else:
            self._change(path, None)

    def renew(self, progress: Progress = lambda *_: None) -> Indexed:
        """Read again what has changed of all files; those from elsewhere that are no longer there stay in the index."""
        elsewhere = [Path(path) for path in self._retriever.files if Path(path).exists()]
        self._folder.mkdir(parents=True, exist_ok=True)
        indexed = ingest([self._folder, *elsewhere], self._index, progress)
        self._retriever.snapshot()
        return indexed

    def _holds(self, path: Path) -> bool:
        return path.parent == self._folder

    def _change(self, path: Path, content: bytes | None, progress: Progress = lambda *_: None) -> Indexed:
        """Write a file, or take it away, and index that; where it is refused or fails, the file is as it was."""
        before = path.read_bytes() if path.exists() else None
        self._put(path, content)
        try:
            indexed = ingest([path], self._index, progress)
            if indexed.refused:
                raise FileRefused(indexed.refused[0])
        except KnowledgeError:
            self._put(path, before)
            raise
        self._retriever.snapshot()  # who asks next need not wait until the new state is read
        return indexed

    def _put(self, path: Path, content: bytes | None) -> None:
        """Write a file whole or not at all; without content, take it away."""
        if content is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}")
        fresh.write_bytes(content)
        os.replace(fresh, path)
