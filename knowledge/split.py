"""A document's passages: along its headings and questions, never inside a sentence, with offsets kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from knowledge.documents import JOIN, Block, Document, Passage
from knowledge.text import sentences

LIMIT = 1200
"""Characters in a passage at most, unless a single sentence is longer."""


def split(document: Document, limit: int = LIMIT) -> list[Passage]:
    """The passages of a document in reading order; each lies under one heading, or answers one question."""
    passages: list[Passage] = []
    for heading, body in _sections(document):
        for piece in _pack(_pieces(document.text, body, limit), limit):
            passages.append(
                Passage(
                    id=f"{document.id}#{len(passages)}",
                    document=document.id,
                    text=document.text[piece.start : piece.end],
                    heading=heading,
                    language=document.language,
                    start=piece.start,
                    end=piece.end,
                    title=document.title,
                    source=document.source,
                    page=piece.page,
                )
            )
    return passages


def _sections(document: Document) -> Iterator[tuple[str, list[Block]]]:
    """The headings that each stretch of text lies under, and its blocks."""
    text = document.text
    path: list[tuple[int, str]] = []
    body: list[Block] = []
    told = False
    for block in document.blocks or (Block(0, len(text)),):
        if block.kind not in ("heading", "question"):
            body.append(block)
            continue
        if body:
            yield JOIN.join(name for _, name in path), body
            body, told = [], True
        depth = block.level if block.kind == "heading" else 99  # a question lies below every heading
        path = [(level, name) for level, name in path if level < depth]
        path.append((depth, " ".join(text[block.start : block.end].split())))
    if body:
        yield JOIN.join(name for _, name in path), body
    elif not told and document.blocks:
        yield "", list(document.blocks)  # nothing but headings: they are the text


def _pieces(text: str, blocks: Iterable[Block], limit: int) -> Iterator[Block]:
    """The blocks, with those over the limit cut between sentences."""
    for block in blocks:
        if block.end - block.start <= limit:
            yield block
            continue
        for start, end in sentences(text[block.start : block.end]):
            yield Block(block.start + start, block.start + end, block.kind, block.level, block.page)


def _pack(pieces: Iterable[Block], limit: int) -> Iterator[Block]:
    """Neighbouring pieces joined up to the limit; a page is not crossed, so that a passage has one page."""
    current: Block | None = None
    for piece in pieces:
        if current is not None and current.page == piece.page and piece.end - current.start <= limit:
            current = Block(current.start, piece.end, current.kind, current.level, current.page)
            continue
        if current is not None:
            yield current
        current = piece
    if current is not None:
        yield current
