"""Excel workbooks: every visible sheet is a table under its first row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.documents import Document
from knowledge.load import archive, table
from knowledge.load.assemble import Piece, assemble

ROWS = 2**20
"""Of a sheet at most, as Excel has it: openpyxl makes as many as a file says lie between two."""
DAMAGE = (*archive.DAMAGE, InvalidFileException, TypeError)


def load(path: Path) -> list[Document]:
    """The workbook as one document; more than one sheet, and each stands under its name as a heading."""
    archive.check(path, "XLSX")
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheets = {sheet.title: cells(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"}
        title = book.properties.title or ""
        book.close()
    except DAMAGE as error:
        raise archive.broken(path, "XLSX") from error
    filled = {name: rows for name, rows in sheets.items() if rows}
    return [assemble(pieces(filled), path, title=title)]


def pieces(sheets: dict[str, list[list[str]]]) -> Iterator[Piece]:
    """The sheets' pieces; what stands above a sheet's header, such as its name, is a paragraph."""
    for name, rows in sheets.items():
        if len(sheets) > 1:
            yield Piece(name, "heading", 2)
        width = max(len(list(filter(None, row))) for row in rows)
        head = next(at for at, row in enumerate(rows) if len(list(filter(None, row))) >= min(width, 2))
        yield from (Piece(" ".join(filter(None, row))) for row in rows[:head])
        yield from table.pieces(rows[head], rows[head + 1 :], level=3)


def cells(sheet: Any) -> list[list[str]]:
    """The sheet's rows that hold something, as text."""
    sheet.reset_dimensions()  # Some programs write a wrong size, and openpyxl would believe it.
    rows = ([shown(cell) for cell in row] for row in sheet.iter_rows(max_row=ROWS))
    return [row for row in rows if any(row)]


def shown(cell: Any) -> str:
    """A cell as a person reads it: no time at midnight, no `.0`, percents as percents, no error values."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        percent = str(cell.number_format).endswith("%")
        return f"{value * 100:.10g}%" if percent else f"{value:.15g}"
    return str(value).strip()
