"""What the company knows, as values: documents, their layout, their passages, and what a search found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["heading", "paragraph", "item", "row", "question"]
JOIN = " › "
"""Stands between the headings that a passage lies under."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document's layout: where it lies in `Document.text`, and what it is there for.

    `level` is a heading's depth (1 is the top); `page` counts from 1 and is None in formats without pages.
    A `question` is answered by the blocks behind it, up to the next question or heading.
    """

    start: int
    end: int
    kind: Kind = "paragraph"
    level: int = 0
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file, or one entry of a file that holds many. `source` is the file's name as a person knows it.

    `hidden` is what the file keeps from its readers' eyes; it is no part of the text.
    """

    id: str
    text: str
    title: str = ""
    language: str = "und"
    source: str = ""
    blocks: tuple[Block, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a document that can be found and quoted: `text == document.text[start:end]`.

    One with `flags` (names of `knowledge.hostile.SIGNS`) is for agents only: no customer and no model is given it.
    """

    id: str
    document: str
    text: str
    heading: str
    language: str
    start: int
    end: int
    title: str = ""
    source: str = ""
    page: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """Each of the headings that it lies under, the nearest last; one empty one where there is none."""
        return self.heading.split(JOIN)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a search found; `signals` says why, and is the evidence for confidence."""

    passage: Passage
    score: float
    signals: Mapping[str, float] = field(default_factory=dict)
