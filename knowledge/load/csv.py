"""Comma-separated values, and their relatives with semicolons, tabs and bars."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from knowledge.documents import Document
from knowledge.errors import BrokenFile
from knowledge.load.assemble import assemble
from knowledge.load.decode import decode
from knowledge.load.table import pieces

DELIMITERS = ",;\t|"


def load(path: Path) -> list[Document]:
    """The table as one document; its first row is the header. Raises BrokenFile where it is no table."""
    text = decode(path)
    delimiter = sniff(text)
    try:
        rows = [
            [cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise BrokenFile(
            f"{path.name} cannot be read as a table ({error}); save it again as CSV from your spreadsheet."
        ) from error
    filled = [row for row in rows if any(row) and not row[0].startswith("sep=")]
    return [assemble(pieces(filled[0], filled[1:]) if filled else [], path)]


def sniff(text: str) -> str:
    """The delimiter that cuts the rows into the same number of cells most often, and into more than one.

    `csv.Sniffer` fails on answers that hold more commas than the table has columns.
    """

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(io.StringIO(text[:65536], newline=""), delimiter=delimiter) if row]
        even = sum(width == widths[0] for width in widths) if widths and widths[0] > 1 else 0
        return even / max(len(widths), 1), widths[0] if widths else 0

    try:
        return max(DELIMITERS, key=evenness)
    except csv.Error:
        return ","
