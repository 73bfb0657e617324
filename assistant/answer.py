"""What is said to the customer: the sentences of the knowledge that answer, quoted with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.conversation import Citation
from knowledge import Block, Document, Hit, Passage, Retriever
from knowledge.text import UNSPACED, sentences

SENTENCES = 3
WORDS = 60
CHARACTERS = 300
"""A quote's limits. Scripts without spaces count characters only: what looks like a sentence there may be a clause."""
LIST = 600
"""Characters up to which a list is quoted whole."""

_NEIGHBOUR = 0.3
_ENOUGH = 0.3

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """A text for the customer, and where each part of it stands."""

    text: str
    language: str
    citations: tuple[Citation, ...]


def compose(question: str, hits: Sequence[Hit], retriever: Retriever) -> Answer:
    """Quote the one to three sentences of the best passage that answer, in reading order."""
    passage = hits[0].passage
    document = retriever.document(passage.document)
    spans = list(_units(document, passage))
    texts = [document.text[start:end] for start, end in spans]
    chosen = _choose(texts, retriever.coverage(question, texts))
    quotes = list(_joined(document.text, [spans[number] for number in chosen]))
    citations = tuple(_cite(document, passage, span) for span in quotes)
    return Answer("\n".join(citation.quote for citation in citations), passage.language, citations)


def _units(document: Document, passage: Passage) -> Iterator[Span]:
    """What a quote is made of: a paragraph's sentences, a short list whole, a table's row.

    A block that is longer than a passage lies in several, so that only its part of this one counts.
    """
    items: list[Span] = []
    for block in document.blocks or (Block(passage.start, passage.end),):
        start, end = max(block.start, passage.start), min(block.end, passage.end)
        if start >= end:
            continue
        if block.kind == "item" and (not items or end - items[0][0] <= LIST):
            items.append((start, end))
            continue
        if items:
            yield items[0][0], items[-1][1]
            items = []
        if block.kind in ("item", "row"):
            yield start, end
        else:
            yield from ((start + first, start + last) for first, last in sentences(document.text[start:end]))
    if items:
        yield items[0][0], items[-1][1]


def _choose(texts: Sequence[str], weights: Sequence[float]) -> list[int]:
    """The best text and those worth adding to it, neighbours first, within the limits; in reading order."""
    best = max(range(len(texts)), key=lambda number: weights[number])
    chosen, room = [best], 1 - _size(texts[best])
    most = len(texts) if UNSPACED.search(texts[best]) else SENTENCES
    while len(chosen) < most:
        worth = {
            number: weights[number] + _NEIGHBOUR * weights[best] * any(abs(number - other) == 1 for other in chosen)
            for number, text in enumerate(texts)
            if number not in chosen and _size(text) <= room
        }
        added = max(worth, key=lambda number: worth[number], default=None)
        if added is None or worth[added] < _ENOUGH * weights[best]:
            break
        chosen.append(added)
        room -= _size(texts[added])
    return sorted(chosen)


def _size(text: str) -> float:
    """How much of an answer's room a text takes; 1 is all of it."""
    return len(text) / CHARACTERS if UNSPACED.search(text) else len(text.split()) / WORDS


def _joined(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Spans with nothing but white space between them are one quote."""
    start, end = spans[0]
    for first, last in spans[1:]:
        if text[end:first].strip():
            yield start, end
            start = first
        end = last
    yield start, end


def _cite(document: Document, passage: Passage, span: Span) -> Citation:
    start, end = span
    return Citation(
        document=document.id,
        title=document.title,
        quote=document.text[start:end],
        start=start,
        end=end,
        source=document.source,
        passage=passage.id,
        page=passage.page,
    )
