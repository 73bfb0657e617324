"""Rows of any table (CSV, XLSX, HTML, Markdown, DOCX) as pieces: every row says what its columns are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

import regex

from knowledge.load.assemble import Piece, clean
from knowledge.load.faq import ANSWERS, QUESTIONS, TOPICS, named

Row = Sequence[str]


def pieces(header: Row, rows: Iterable[Row], level: int = 2) -> Iterator[Piece]:
    """A question and its answer where the columns are called so, in whatever language; else one piece a row.

    A topic column beside questions becomes headings of `level`; other columns beside them follow the answer as a row.
    """
    question, answer, topic = (column(header, words) for words in (QUESTIONS, ANSWERS, TOPICS))
    if question is None or answer is None:
        yield from (Piece(sentence(header, row), "row") for row in rows)
        return
    current = ""
    for row in rows:
        cells = [*row, *[""] * (len(header) - len(row))]
        if topic is not None and cells[topic] and cells[topic] != current:
            current = cells[topic]
            yield Piece(current, "heading", level)
        yield Piece(cells[question], "question")
        yield Piece(cells[answer])
        others = ["" if at in (question, answer, topic) else cell for at, cell in enumerate(cells)]
        yield Piece(sentence(header, others), "row")


def column(header: Row, words: frozenset[str]) -> int | None:
    """The first column that is called one of the words."""
    return next((at for at, name in enumerate(header) if named(name, words)), None)


def sentence(header: Row, row: Row) -> str:
    """One row as text: `Header: value; Header: value`, without the empty cells."""
    told = [
        (" ".join(clean(name).rstrip(" :").split()), " ".join(clean(cell).split()))
        for name, cell in zip_longest(header, row, fillvalue="")
    ]
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in told if cell)


def headed(rows: Sequence[Row]) -> bool:
    """Whether the first row of a table without marks of its own reads as a header: all short, all words, all different.

    `Phone | 044 2345` in front of `E-mail | ...` is a row like the others. An empty corner above names of rows tells a
    header too, whose other cells may then be years or models.
    """
    first, *others = rows
    corner = not first[0] and all(row[0] for row in others)
    names = first[corner:]
    worded = all(cell and len(cell) <= 60 and (corner or not regex.search(r"\p{Nd}|@", cell)) for cell in names)
    return bool(others and names) and worded and len(set(names)) == len(names)


def guessed(rows: Sequence[Row]) -> Iterator[Piece]:
    """The pieces of a table that does not say whether it has a header."""
    if not rows:
        return
    if headed(rows):
        yield from pieces(rows[0], rows[1:])
    else:
        yield from (Piece(": ".join(filter(None, row)) if len(row) == 2 else sentence([], row), "row") for row in rows)
