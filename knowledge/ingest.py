"""From files to an index: find them, load what is new, name it, split it, write it all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.documents import Document, Passage
from knowledge.errors import FileRefused, IndexMissing
from knowledge.index import File, Index, read, write, writing
from knowledge.language import detect
from knowledge.split import split

Progress = Callable[[int, int, str], None]
"""Called with the files done, the files in all, and the name of the one in hand."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing did, by file names; of each refused file, the sentence that says why."""

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[str, ...]
    passages: int


def ingest(sources: Sequence[Path], folder: Path, progress: Progress | None = None) -> Indexed:
    """Index files and folders; what did not change is kept as it is, what vanished from a source disappears.

    Documents from other sources stay. A file that cannot be read is refused in one sentence and the rest goes on.
    Raises IndexBusy and IndexBroken.
    """
    from knowledge.load import load  # here, because answering does not need the libraries of eight formats

    with writing(folder):
        old = _old(folder)
        passages = defaultdict(list)
        for passage in old.passages:
            passages[passage.document].append(passage)
        found, refused = _find(sources, old)
        files = {path: file for path, file in old.files.items() if not _within(Path(path), sources)}
        documents = {name: old.documents[name] for file in files.values() for name in file.documents}
        added: list[str] = []
        unchanged: list[str] = []
        for done, (path, name) in enumerate(found):
            if progress:
                progress(done, len(found), name)
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                known = old.files.get(str(path))
                same = known is not None and known.sha256 == digest
                entries = [old.documents[id] for id in known.documents] if known and same else _name(load(path), name)
                _make_room(name, entries, documents, files)
            except FileRefused as error:
                refused.append(str(error))
                continue
            except OSError as error:
                refused.append(f"{name} cannot be read ({error.strerror}): check that you may open it.")
                continue
            (unchanged if same else added).append(name)
            files[str(path)] = File(digest, tuple(document.id for document in entries))
            for document in entries:
                documents[document.id] = document
                if not same:
                    passages[document.id] = split(document)
        removed = [path for path in old.files if path not in files]
        ordered = [passage for id in documents for passage in passages[id]]
        if added or removed:
            write(folder, list(documents.values()), ordered, files)
        if progress:
            progress(len(found), len(found), "")
    names = tuple(Path(path).name for path in removed)
    return Indexed(tuple(added), tuple(unchanged), names, tuple(refused), len(ordered))


def build(documents: Iterable[Document], folder: Path) -> int:
    """Index documents that are no files, in place of whatever the index held; returns the number of passages."""
    ready = [_speaking(document) for document in documents]
    passages: list[Passage] = [passage for document in ready for passage in split(document)]
    with writing(folder):
        write(folder, ready, passages, {})
    return len(passages)


def _old(folder: Path) -> Index:
    try:
        return read(folder)
    except IndexMissing:
        return Index({}, (), {})


def _find(sources: Sequence[Path], old: Index) -> tuple[list[tuple[Path, str]], list[str]]:
    """The files under the sources with the names by which a person knows them, and a sentence for each that is not."""
    found: dict[Path, str] = {}
    refused = []
    for source in sources:
        root = source.resolve()
        if root.is_dir():
            inside = sorted(path for path in root.rglob("*") if path.is_file() and not _hidden(path.relative_to(root)))
            found.update((path, path.relative_to(root).as_posix()) for path in inside)
        elif root.is_file():
            found[root] = root.name
        elif not any(_within(Path(path), [source]) for path in old.files):
            refused.append(f"{source} does not exist: name a file or a folder.")
    return list(found.items()), refused


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _within(path: Path, sources: Sequence[Path]) -> bool:
    return any(path.is_relative_to(source.resolve()) for source in sources)


def _name(documents: Sequence[Document], name: str) -> list[Document]:
    """A file's one document is called like the file; a file of many names its own."""
    return [_speaking(replace(document, id=document.id or name, source=name)) for document in documents]


def _speaking(document: Document) -> Document:
    if document.language != "und":
        return document
    return replace(document, language=detect(f"{document.title}\n{document.text}").tag)


def _make_room(name: str, entries: Sequence[Document], documents: dict[str, Document], files: dict[str, File]) -> None:
    """Let a file that moved take its old place; refuse one that would hide another. Raises FileRefused."""
    taken = {document.id for document in entries} & documents.keys()
    for path in [path for path, file in files.items() if taken & set(file.documents)]:
        if Path(path).exists():
            raise FileRefused(f"{name} has the name of {path}: index the two from one common folder.")
        for id in files.pop(path).documents:
            documents.pop(id)
