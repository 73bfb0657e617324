"""The index on disk: a folder of complete states, and a manifest that names the one in force.

A state is written whole into a folder of its own and only then named by the manifest, in one atomic rename;
killed at any moment, the index opens as the last complete state.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from knowledge.documents import Block, Document, Passage
from knowledge.errors import IndexBroken, IndexBusy, IndexMissing, IndexUnwritable
from knowledge.index.lexical import Lexical
from knowledge.text import tokens

VERSION = 1
"""Of the layout; an index of another version is refused, and made again by indexing again."""
STATE = "[0-9]" * 6
"""How the folders of states are called."""
DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What reading raises where files are missing, cut off, or hold something else."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was indexed: its content's SHA-256, and the documents that came from it."""

    sha256: str
    documents: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """One complete state: documents, their passages in order, and the lexical index over those passages."""

    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    files: Mapping[str, File]
    lexical: Lexical = field(default_factory=Lexical)
    state: str = ""


def searchable(passage: Passage) -> list[str]:
    """The tokens by which a passage is found: its document's title, its headings, its text."""
    return tokens(f"{passage.title}\n{passage.heading}\n{passage.text}")


def current(folder: Path) -> str:
    """The name of the state in force. Raises IndexMissing and IndexBroken."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        version, state = manifest["version"], str(manifest["state"])
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(
            f"There is no index in {folder}: make it with `app.py index SOURCE --index {folder}`."
        ) from error
    except DAMAGE as error:
        raise _broken(folder, str(error)) from error
    if version != VERSION:
        raise _broken(folder, f"it is in layout {version}, this program reads {VERSION}")
    return state


def read(folder: Path) -> Index:
    """The state in force. Raises IndexMissing and IndexBroken."""
    while True:
        state = current(folder)
        try:
            return _read(folder / "states" / state)
        except DAMAGE as error:
            # Where a writer has meanwhile put another state in force, and removed this one, nothing is broken.
            if current(folder) == state:
                raise _broken(folder, str(error)) from error


def _read(state: Path) -> Index:
    documents = {entry["id"]: _document(entry) for entry in _lines(state / "documents.jsonl")}
    passages = [_passage(entry, documents[entry["document"]]) for entry in _lines(state / "passages.jsonl")]
    entries = json.loads((state / "files.json").read_text(encoding="utf-8")).items()
    files = {path: File(entry["sha256"], tuple(entry["documents"])) for path, entry in entries}
    return Index(documents, passages, files, Lexical.load(state / "words", len(passages)), state.name)


def write(folder: Path, documents: Sequence[Document], passages: Sequence[Passage], files: Mapping[str, File]) -> str:
    """Write a new state and put it in force; returns its name. To be called inside `writing`."""
    states = folder / "states"
    name = f"{max((int(state.name) for state in states.glob(STATE)), default=0) + 1:06d}"
    state = states / name
    state.mkdir(parents=True)
    _write_lines(state / "documents.jsonl", (asdict(document) for document in documents))
    _write_lines(state / "passages.jsonl", (_place(passage) for passage in passages))
    (state / "files.json").write_text(
        json.dumps({path: asdict(file) for path, file in files.items()}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    Lexical.build(map(searchable, passages), [passage.language for passage in passages]).save(state / "words")
    manifest = {
        "version": VERSION,
        "state": name,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "signals": ["words"],
        "documents": len(documents),
        "passages": len(passages),
    }
    fresh = folder / "manifest.new"
    fresh.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    for path in (*state.rglob("*"), state, states, fresh):
        _sync(path)
    os.replace(fresh, folder / "manifest.json")
    _sync(folder)
    for old in states.glob(STATE):
        if old.name != name:
            shutil.rmtree(old)
    return name


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


def _write_lines(path: Path, entries: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def _document(entry: dict[str, Any]) -> Document:
    return Document(**{**entry, "blocks": tuple(Block(**block) for block in entry["blocks"])})


def _place(passage: Passage) -> dict[str, Any]:
    """What the passage does not share with its document."""
    names = ("id", "document", "heading", "start", "end", "page")
    return {name: getattr(passage, name) for name in names}


def _passage(entry: dict[str, Any], document: Document) -> Passage:
    return Passage(
        text=document.text[entry["start"] : entry["end"]],
        language=document.language,
        title=document.title,
        source=document.source,
        **entry,
    )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
