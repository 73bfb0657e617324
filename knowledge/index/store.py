"""The index on disk: a folder of complete states, and a manifest that names the one in force.

A state is written whole into a folder of its own and only then named by the manifest, in one atomic rename;
killed at any moment, the index opens as the last complete state.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from knowledge.chance import TYPICAL, Chances
from knowledge.documents import Block, Document, Passage
from knowledge.embed import Embedder, Subwords, open_embedder
from knowledge.errors import EmbedderMismatch, IndexBroken, IndexBusy, IndexMissing, IndexUnwritable
from knowledge.index.lexical import Bags, Lexical
from knowledge.index.vectors import Vectors
from knowledge.index.vocabulary import Vocabulary
from knowledge.rank import standard
from knowledge.sound import runs, sounds
from knowledge.text import parts, words

VERSION = 7
"""Of the layout and the tokens; an index of another version is refused, and made again by indexing again."""
SHORTEST = 30
"""Characters that are added to a passage's length: between 5 and 10 there is no difference."""
STATE = "[0-9]" * 6
"""How the folders of states are called."""
DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What reading raises where files are missing, cut off, or hold something else."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was indexed: its content's SHA-256, and the documents that came from it."""

    sha256: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which state is in force, and by which embedder its vectors were made."""

    state: str
    embedder: str

    def open_embedder(self, wanted: Embedder | None = None) -> Embedder:
        """The embedder of the index. Raises EmbedderMismatch where it is not the one that is wanted, or has changed."""
        found = wanted or open_embedder(self.embedder)
        if found.name != self.embedder:
            raise EmbedderMismatch(
                f"The index was made with the embedder {self.embedder!r}, not with {found.name!r}: leave the embedder "
                "out, or delete the index and index again."
            )
        return found


@dataclass(frozen=True)
class Index:
    """One complete state: documents, their passages in order, what ranks those passages, and what it is by chance."""

    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    files: Mapping[str, File]
    words: Lexical
    sound: Lexical
    vectors: Vectors
    manifest: Manifest
    chances: Chances = field(default_factory=dict)

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """How long each passage is: the logarithm of its characters, in standard deviations from the mean."""
        lengths = np.log([float(len(searchable(passage)) + SHORTEST) for passage in self.passages], dtype=np.float32)
        return standard(lengths)

    @cached_property
    def tongues(self) -> tuple[list[str], NDArray[np.int_]]:
        """The languages of the passages, and for each passage which of them is its own."""
        tags, own = np.unique([passage.language for passage in self.passages], return_inverse=True)
        return tags.tolist(), own

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of all passages, by how they sound; made when a spoken question first needs it."""
        return Vocabulary(map(searchable, self.passages))

    @cached_property
    def runs(self) -> Lexical:
        """What sounds in a row in each passage; made when a spoken question first needs it."""
        bags = Bags.of(runs(searchable(passage)) for passage in self.passages)
        return Lexical.build(bags, [passage.language for passage in self.passages])


def searchable(passage: Passage) -> str:
    """What a passage is found by: its document's title, its headings, its text."""
    return f"{passage.title}\n{passage.heading}\n{passage.text}"


def current(folder: Path) -> Manifest:
    """The state in force. Raises IndexMissing and IndexBroken."""
    try:
        entry = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        version, manifest = entry["version"], Manifest(str(entry["state"]), str(entry.get("embedder", "")))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(
            f"There is no index in {folder}: make it with `app.py index SOURCE --index {folder}`."
        ) from error
    except DAMAGE as error:
        raise _broken(folder, str(error)) from error
    if version != VERSION:
        raise _broken(folder, f"it is in layout {version}, this program reads {VERSION}")
    return manifest


def read(folder: Path) -> Index:
    """The state in force. Raises IndexMissing and IndexBroken."""
    while True:
        manifest = current(folder)
        try:
            return _read(folder / "states" / manifest.state, manifest)
        except DAMAGE as error:
            # Where a writer has meanwhile put another state in force, and removed this one, nothing is broken.
            if current(folder) == manifest:
                raise _broken(folder, str(error)) from error


def _read(state: Path, manifest: Manifest) -> Index:
    documents = {entry["id"]: _document(entry) for entry in _lines(state / "documents.jsonl")}
    passages = [_passage(entry, documents[entry["document"]]) for entry in _lines(state / "passages.jsonl")]
    entries = json.loads((state / "files.json").read_text(encoding="utf-8")).items()
    files = {path: File(entry["sha256"], tuple(entry["documents"])) for path, entry in entries}
    size = len(passages)
    words, sound = (Lexical.load(state / signal, size) for signal in ("words", "sound"))
    usual = json.loads((state / "chances.json").read_text(encoding="utf-8")).items()
    chances = {tag: {name: (float(told[name][0]), float(told[name][1])) for name in TYPICAL} for tag, told in usual}
    return Index(documents, passages, files, words, sound, Vectors.load(state / "vectors", size), manifest, chances)


def write(
    folder: Path,
    documents: Mapping[str, Document],
    fresh: Sequence[Passage],
    files: Mapping[str, File],
    embedder: Embedder,
    measure: Callable[[Index], Chances],
    old: Index | None = None,
    kept: Sequence[int] = (),
) -> Sequence[Passage]:
    """Write a new state of `kept` passages of the old one, then fresh ones, and put it in force; returns them all.

    `measure` tells what the signals are by chance in it. To be called inside `writing`.
    """
    passages = [old.passages[number] for number in kept] + [*fresh] if old else fresh
    states = folder / "states"
    name = f"{max((int(state.name) for state in states.glob(STATE)), default=0) + 1:06d}"
    state = states / name
    state.mkdir(parents=True)
    _write_lines(state / "documents.jsonl", map(_entry, documents.values()))
    _write_lines(state / "passages.jsonl", (_place(passage) for passage in passages))
    (state / "files.json").write_text(
        json.dumps({path: asdict(file) for path, file in files.items()}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    texts, languages = [searchable(passage) for passage in fresh], [passage.language for passage in passages]
    bags = Bags.of(text.split() for text in texts).into(words)
    by_words = Lexical.build(bags.into(parts), languages, old.words if old else None, kept)
    by_sound = Lexical.build(bags.into(sounds), languages, old.sound if old else None, kept)
    vectors = Vectors.build(texts, embedder, old.vectors if old else None, kept)
    by_words.save(state / "words")
    by_sound.save(state / "sound")
    vectors.save(state / "vectors")
    made = Manifest(name, embedder.name)
    chances = measure(Index(documents, passages, files, by_words, by_sound, vectors, made))
    (state / "chances.json").write_text(json.dumps(chances, indent=1), encoding="utf-8")
    manifest = {
        "version": VERSION,
        "state": name,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "signals": ["words", "sound", "meaning", *(["fit"] if isinstance(embedder, Subwords) else [])],
        "embedder": embedder.name,
        "documents": len(documents),
        "passages": len(passages),
    }
    _put_in_force(folder, state, manifest)
    return passages


def _put_in_force(folder: Path, state: Path, manifest: Mapping[str, object]) -> None:
    """Let the manifest name a state, once all of it is on the disk, and remove those before it."""
    note = folder / "manifest.new"
    note.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    for path in (*state.rglob("*"), state, state.parent, note):
        _sync(path)
    os.replace(note, folder / "manifest.json")
    _sync(folder)
    for past in state.parent.glob(STATE):
        if past.name != state.name:
            shutil.rmtree(past)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Hold the index for writing. Raises IndexBusy where another process holds it, and IndexUnwritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "lock", timeout=0):
            yield
    except Timeout as error:
        raise IndexBusy(f"{folder} is being written by another process: wait until it is done.") from error
    except OSError as error:
        raise IndexUnwritable(
            f"{folder} cannot be written ({error.strerror}): name a folder with --index that can, on a disk with room."
        ) from error


def _broken(folder: Path, why: str) -> IndexBroken:
    return IndexBroken(f"The index in {folder} cannot be opened ({why}): delete the folder and index again.")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _write_lines(path: Path, entries: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def _document(entry: dict[str, Any]) -> Document:
    blocks = tuple(Block(**block) for block in entry["blocks"])
    return Document(**{**entry, "blocks": blocks, "hidden": tuple(entry["hidden"])})


def _entry(document: Document) -> dict[str, Any]:
    names = ("id", "text", "title", "language", "source", "hidden")
    return {name: getattr(document, name) for name in names} | {"blocks": [*map(asdict, document.blocks)]}


def _place(passage: Passage) -> dict[str, Any]:
    """What the passage does not share with its document."""
    names = ("id", "document", "heading", "start", "end", "page", "flags")
    return {name: getattr(passage, name) for name in names}


def _passage(entry: dict[str, Any], document: Document) -> Passage:
    return Passage(
        text=document.text[entry["start"] : entry["end"]],
        language=document.language,
        title=document.title,
        source=document.source,
        **{**entry, "flags": tuple(entry["flags"])},
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
