"""From pieces of text to a Document: the one place where the offsets of blocks are counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import regex

from knowledge.documents import Block, Document, Kind

# Joiners (U+200C, U+200D) stay: Indic scripts and Persian are spelled with them. So do overrides (U+202D, U+202E):
# without them a reader of the file and we would read different texts.
INVISIBLE = regex.compile(r"[\uFEFF\u200B\u2060\u00AD\u200E\u200F\u202A-\u202C\u2066-\u2069]")
SPACES = regex.compile(r"[^\S\n]+")
BREAKS = regex.compile(r" ?\n[ \n]*")
COMPACT = ("item", "row")


@dataclass(frozen=True, slots=True)
class Piece:
    """A block before it has a place: its text, and what `Block` says of it."""

    text: str
    kind: Kind = "paragraph"
    level: int = 0
    page: int | None = None


def clean(text: str) -> str:
    """NFC without invisible marks; runs of spaces become one space, runs of line ends one line end."""
    visible = INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return BREAKS.sub("\n", SPACES.sub(" ", visible)).strip()


def title_of(path: Path) -> str:
    """The file's name as a title: `returns-policy.pdf` becomes `Returns policy`."""
    name = clean(path.stem.replace("_", " ").replace("-", " "))
    return name[:1].upper() + name[1:]


def assemble(
    pieces: Iterable[Piece], path: Path, *, title: str = "", language: str = "und", hidden: Iterable[str] = ()
) -> Document:
    """The document that the pieces make, in their order.

    Items and rows stand on neighbouring lines, everything else behind an empty line. Without a title the first heading
    of the top level is taken, then the file's name. `hidden` is what the loader left out because no reader sees it.
    """
    parts: list[str] = []
    blocks: list[Block] = []
    end, heading, before = 0, "", None
    for piece in pieces:
        text = clean(piece.text)
        if not text:
            continue
        gap = "" if not parts else "\n" if piece.kind in COMPACT and piece.kind == before else "\n\n"
        start, end = end + len(gap), end + len(gap) + len(text)
        parts += (gap, text)
        blocks.append(Block(start, end, piece.kind, piece.level, piece.page))
        heading = heading or (text if piece.kind == "heading" and piece.level == 1 else "")
        before = piece.kind
    return Document(
        id="",
        text="".join(parts),
        title=" ".join((clean(title) or heading or title_of(path)).split()),
        language=language.strip() or "und",
        source=path.name,
        blocks=tuple(blocks),
        hidden=tuple(text for text in map(clean, hidden) if text),
    )
