"""From files to an index: find them, load what is new, name it, split it, write it all."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from knowledge.chance import Chances
from knowledge.documents import Document, Passage
from knowledge.embed import Embedder, open_embedder
from knowledge.errors import FileRefused, IndexMissing, UnknownDocument
from knowledge.hostile import signs
from knowledge.index import File, Index, read, searchable, write, writing
from knowledge.language import detect
from knowledge.retriever import Retriever
from knowledge.split import split
from knowledge.text import JOINERS, sentences

Progress = Callable[[int, int, str], None]
"""Called with the files done, the files in all, and the name of the one in hand."""
# Control signs, line ends, marks that turn the direction of what follows, and bytes that are no UTF-8.
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

EXCERPT = 80
"""Letters of a hostile text that are told."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A passage that is quoted to nobody, with its flags and the words that earned them; or, with no flags, what a file
    hides from its readers, which is left out of its text."""

    source: str
    document: str
    flags: tuple[str, ...]
    excerpt: str


@dataclass(frozen=True, slots=True)
class Indexed:
    """What indexing did, by file names; of each refused file, the sentence that says why.

    `hostile` tells of all files in the index, `passages` is their number.
    """

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    refused: tuple[str, ...]
    passages: int
    hostile: tuple[Hostile, ...] = ()


def ingest(
    sources: Sequence[Path], folder: Path, progress: Progress = lambda *_: None, embedder: Embedder | None = None
) -> Indexed:
    """Index files and folders; what did not change is kept as it is, what vanished from a source disappears.

    Documents from other sources stay. A file that cannot be read is refused in one sentence and the rest goes on.
    Without an embedder, the index's own, or the shipped one. Raises IndexBusy, IndexBroken and IndexUnwritable, and
    EmbedderMismatch where the index was made with another.
    """
    roots = [_absolute(source) for source in sources]
    with writing(folder):
        old = _old(folder)
        before, known = (old.files, old.documents) if old else ({}, {})
        embedder = old.manifest.open_embedder(embedder) if old else embedder or open_embedder("static")
        names = {Path(path): known[id].source for path, file in before.items() for id in file.documents[:1]}
        found, refused = _find(roots, folder, names)
        files = {path: file for path, file in before.items() if not _within(Path(path), roots)}
        documents = {id: known[id] for file in files.values() for id in file.documents}
        for done, (path, name) in enumerate(found.items()):
            progress(done, len(found), name)
            try:
                digest, entries = _read(path, name, before, known)
                _make_room(name, entries, documents, files)
            except FileRefused as error:
                refused.append(str(error))
                continue
            files[str(path)] = File(digest, tuple(document.id for document in entries))
            documents.update((document.id, document) for document in entries)
        passages = old.passages if old else []
        if files != before:
            fresh, kept = _fresh(documents, known), _kept(documents, old)
            passages = write(folder, documents, fresh, files, embedder, _measure(embedder), old, kept)
        progress(len(found), len(found), "")
    taken = {name: files[str(path)] == before.get(str(path)) for path, name in found.items() if str(path) in files}
    return Indexed(
        added=tuple(name for name, same in taken.items() if not same),
        unchanged=tuple(name for name, same in taken.items() if same),
        removed=tuple(name for path, name in names.items() if str(path) not in files),
        refused=tuple(refused),
        passages=len(passages),
        hostile=tuple(_hostile(passages, documents.values())),
    )


def build(documents: Iterable[Document], folder: Path, embedder: Embedder | None = None) -> int:
    """Index documents that are no files, in place of whatever the index held; returns the number of passages."""
    ready = {document.id: _speaking(document) for document in documents}
    with writing(folder):
        embedder = embedder or open_embedder("static")
        return len(write(folder, ready, _fresh(ready, {}), {}, embedder, _measure(embedder)))


def remove(document: str, folder: Path) -> None:
    """Take a document out of the index, until its file changes. Raises UnknownDocument, and what `ingest` raises."""
    with writing(folder):
        old = read(folder)
        if document not in old.documents:
            raise UnknownDocument(f"The index holds no document {document!r}; look it up in the list of documents.")
        documents = {id: each for id, each in old.documents.items() if id != document}
        files = {path: _without(file, document) for path, file in old.files.items()}
        embedder = old.manifest.open_embedder()
        write(folder, documents, [], files, embedder, _measure(embedder), old, _kept(documents, old))


def _measure(embedder: Embedder) -> Callable[[Index], Chances]:
    return lambda index: Retriever(None, index, embedder).chances()


def _without(file: File, document: str) -> File:
    return replace(file, documents=tuple(id for id in file.documents if id != document))


def _old(folder: Path) -> Index | None:
    try:
        return read(folder)
    except IndexMissing:
        return None


def _absolute(source: Path) -> Path:
    """Where a source lies by the name that it was given: a link that leads elsewhere tomorrow is the same source."""
    return Path(os.path.abspath(source))


def _find(roots: Sequence[Path], folder: Path, names: Mapping[Path, str]) -> tuple[dict[Path, str], list[str]]:
    """The files under the sources with the names by which a person knows them, and a sentence for each that is not.

    A file that is a source itself keeps the name that it had before. An index that lies inside a source is no part of
    it.
    """
    found: dict[Path, str] = {}
    refused = []
    for root in roots:
        if root.is_dir():
            inside = sorted(path for path in root.rglob("*") if path.is_file() and not _hidden(path.relative_to(root)))
            ours = _absolute(folder)
            found.update((path, path.relative_to(root).as_posix()) for path in inside if ours not in path.parents)
        elif root.is_file():
            found[root] = names.get(root, root.name)
        elif not any(_within(path, [root]) for path in names):
            refused.append(f"{_shown(root)} does not exist: name a file or a folder.")
    return found, refused


def _read(
    path: Path, name: str, before: Mapping[str, File], known: Mapping[str, Document]
) -> tuple[str, list[Document]]:
    """The SHA-256 of a file, and its documents: the old ones where it did not change. Raises FileRefused."""
    from knowledge.load import load  # here, because answering does not need the libraries of eight formats

    if _UNSHOWN.search(str(path)):
        raise FileRefused(f"{_shown(name)} has signs in its name or its folders' that cannot be shown: rename it.")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused(f"{name} cannot be read ({error.strerror}): check that you may open it.") from error
    same = before.get(str(path))
    if same and same.sha256 == digest:
        return digest, [known[id] for id in same.documents]
    return digest, _name(load(path), name)


def _shown(name: Path | str) -> str:
    return _UNSHOWN.sub(lambda sign: ascii(sign[0])[1:-1], str(name))


def _fresh(documents: Mapping[str, Document], known: Mapping[str, Document]) -> list[Passage]:
    """The passages of the documents that are new, those that are hostile with their flags."""
    new = (document for id, document in documents.items() if document is not known.get(id))
    return [_flagged(passage) for document in new for passage in split(document)]


def _flagged(passage: Passage) -> Passage:
    flags = signs(searchable(passage))
    return replace(passage, flags=flags) if flags else passage


def _hostile(passages: Iterable[Passage], documents: Iterable[Document]) -> Iterator[Hostile]:
    for passage in passages:
        if passage.flags:
            text = searchable(passage)
            told = (text[start:end] for start, end in sentences(text) if signs(text[start:end]))
            yield Hostile(passage.source, passage.document, passage.flags, _excerpt(next(told, passage.text)))
    for document in documents:
        if document.hidden:
            yield Hostile(document.source, document.id, (), _excerpt(" ".join(document.hidden)))


def _excerpt(text: str) -> str:
    """The beginning of a text on one line, what cannot be seen spelled out."""
    line = " ".join(text.split())[:EXCERPT]
    return "".join(sign if sign.isprintable() or sign in JOINERS else ascii(sign)[1:-1] for sign in line)


def _kept(documents: Mapping[str, Document], old: Index | None) -> list[int]:
    """Which passages of the old index stay, because their documents did not change."""
    if not old:
        return []
    stay = {id for id, document in documents.items() if document is old.documents.get(id)}
    return [number for number, passage in enumerate(old.passages) if passage.document in stay]


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "~$")) for part in path.parts)


def _within(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _name(documents: Sequence[Document], name: str) -> list[Document]:
    """A file's one document is called like the file; a file of many names its own."""
    return [_speaking(replace(document, id=document.id or name, source=name)) for document in documents]


def _speaking(document: Document) -> Document:
    if document.language != "und":
        return document
    return replace(document, language=detect(f"{document.title}\n{document.text}").tag)


def _make_room(name: str, entries: Sequence[Document], documents: dict[str, Document], files: dict[str, File]) -> None:
    """Let a file that moved take its old place; refuse one that would hide another. Raises FileRefused."""
    ids = {document.id for document in entries}
    for path, file in tuple(files.items()):
        twins = ids & set(file.documents)
        if not twins:
            continue
        if Path(path).exists():
            raise FileRefused(
                f"{name} and {path} both hold a document {min(twins)!r}: index the two from one common folder, "
                "or rename one."
            )
        del files[path]
        for id in file.documents:
            del documents[id]
