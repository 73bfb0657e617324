"""Word documents: headings by style, lists with their numbers, tables, in the document's order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import docx
import regex
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from knowledge.documents import Document
from knowledge.load import archive, table
from knowledge.load.assemble import Piece, assemble

# What python-docx lets through besides: of the parts it misses.
DAMAGE = (*archive.DAMAGE, OpcError, AttributeError)
SIGNS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
# Moved text stands twice, and so does a text box: once for programs that do not know text boxes.
TWICE = (qn("w:moveFrom"), qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
VALUE = qn("w:val")
SPANNED = 1000
"""Columns that a cell may span: Word has 63, and python-docx makes one of each."""
GROUNDS = (qn("w:tbl"), qn("w:txbxContent"))
HEADING = regex.compile(r"heading ([1-9])|title", regex.IGNORECASE)


def load(path: Path) -> list[Document]:
    """The file as one document. Its parser resolves no entities."""
    archive.check(path, "DOCX")
    try:
        document = docx.Document(str(path))
        if any(int(span.get(VALUE)) > SPANNED for span in document.element.body.iter(qn("w:gridSpan"))):
            raise archive.broken(path, "DOCX")
        hidden = list(unseen(document))
        pieces = list(Reader(document).read(document.element.body))
        title = document.core_properties.title or ""
    except DAMAGE as error:
        raise archive.broken(path, "DOCX") from error
    return [assemble(pieces, path, title=title, hidden=hidden)]


def unseen(document: Any) -> list[str]:
    """Takes out what Word does not show, and returns its text."""
    styles = document.styles.element
    vanishing = {style.get(qn("w:styleId")) for style in styles if vanishes(style.find(qn("w:rPr")))}
    paper = document.element.find(qn("w:background")) is None
    found = []
    for run in list(document.element.body.iter(qn("w:r"))):
        look = run.find(qn("w:rPr"))
        style = None if look is None else look.find(qn("w:rStyle"))
        named = style is not None and style.get(VALUE) in vanishing
        if named or vanishes(look) or tiny(look) or (paper and white(run, look)):
            found.append("".join(text.text or "" for text in run.iter(qn("w:t"))))
            run.getparent().remove(run)
    return found


def vanishes(look: Any) -> bool:
    """Whether letters that look so are hidden text."""
    mark = None if look is None else look.find(qn("w:vanish"))
    return mark is not None and mark.get(VALUE) not in ("0", "false", "off")


def tiny(look: Any) -> bool:
    """Whether letters are of one point or less; Word counts half points."""
    size = None if look is None else look.find(qn("w:sz"))
    return size is not None and (size.get(VALUE) or "").isdecimal() and int(size.get(VALUE)) <= 2


def white(run: Any, look: Any) -> bool:
    """Whether letters are white on white. Tables and boxes may be coloured by their style, which is believed."""
    colour = None if look is None else look.find(qn("w:color"))
    if colour is None or (colour.get(VALUE) or "").upper() != "FFFFFF":
        return False
    if any(above.tag in GROUNDS for above in run.iterancestors()):
        return False
    paragraph = next(run.iterancestors(qn("w:p")))
    return not any(
        next(part.iter(qn("w:shd"), qn("w:highlight"), qn("w:pStyle")), None) is not None
        for part in (look, *paragraph.findall(qn("w:pPr")))
    )


class Reader:
    """Reads one document: what Word leaves to the reader to count, this counts."""

    def __init__(self, document: Any) -> None:
        self.document = document
        parts = document.part.rels.values()
        numbering = (rel.target_part for rel in parts if rel.reltype == RELATIONSHIP_TYPE.NUMBERING)
        self.numbering: Any = getattr(next(numbering, None), "element", None)
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        self.begun: set[str] = set()

    def read(self, parent: Any) -> Iterator[Piece]:
        """The pieces inside an element; a table of contents repeats the headings and is left out."""
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self.paragraph(Paragraph(child, self.document))
                for box in child.iter(qn("w:txbxContent")):
                    if not any(above.tag == TWICE[-1] for above in box.iterancestors()):
                        yield from self.read(box)
            elif child.tag == qn("w:tbl"):
                yield from table.guessed(cells(Table(child, self.document)))
            elif child.tag == qn("w:sdt") and not child.xpath("./w:sdtPr/w:docPartObj/w:docPartGallery"):
                yield from self.read(child.find(qn("w:sdtContent")))

    def paragraph(self, paragraph: Paragraph) -> Iterator[Piece]:
        """One paragraph: heading, item, a bold question, or just text."""
        text, style = words(paragraph._p), (paragraph.style.name or "") if paragraph.style else ""
        if not text.strip() or style.lower().startswith("toc "):
            return
        if found := HEADING.fullmatch(style):
            yield Piece(text.replace("\n", " "), "heading", int(found[1] or 1))
        elif (mark := self.mark(paragraph)) is not None:
            yield Piece(mark + text, "item")
        else:
            bold = all(run.bold for run in paragraph.runs if run.text.strip()) and bool(paragraph.runs)
            asks = regex.search(r"[?？؟]\s*$", text) is not None
            yield Piece(text, "question" if bold and asks else "paragraph")

    def mark(self, paragraph: Paragraph) -> str | None:
        """What stands in front of a list's item: its number, or nothing; None where it is no item."""
        found = numbered(paragraph)
        if found is None or self.numbering is None:
            return "" if (paragraph.style and (paragraph.style.name or "").startswith("List")) else None
        number, level = found
        kind, first, override = self.level(number, level)
        counts = self.counts[kind[0]]
        if override is not None and number not in self.begun:
            counts.pop(level, None)
        self.begun.add(number)
        counts[level] = counts.get(level, (override if override is not None else first) - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        return "" if kind[1] in ("bullet", "none") else f"{counts[level]}. "

    def level(self, number: str, level: int) -> tuple[tuple[str, str], int, int | None]:
        """A list's level: the list's id and format, its first number, and the number that it starts again at."""
        abstract = self.numbering.xpath(f"./w:num[@w:numId='{number}']/w:abstractNumId/@w:val")
        again = self.numbering.xpath(
            f"./w:num[@w:numId='{number}']/w:lvlOverride[@w:ilvl='{level}']/w:startOverride/@w:val"
        )
        name = abstract[0] if abstract else number
        found = self.numbering.xpath(f"./w:abstractNum[@w:abstractNumId='{name}']/w:lvl[@w:ilvl='{level}']")
        form = found[0].find(qn("w:numFmt")) if found else None
        start = found[0].find(qn("w:start")) if found else None
        return (
            (name, form.get(VALUE) if form is not None else "bullet"),
            int(start.get(VALUE)) if start is not None else 1,
            int(again[0]) if again else None,
        )


def numbered(paragraph: Paragraph) -> tuple[str, int] | None:
    """The list that a paragraph is in, by itself or by its style: the list's number and the level."""
    style: Any = paragraph.style
    properties: list[Any] = [paragraph._p.pPr]
    while style is not None:
        properties.append(style.element.pPr)
        style = style.base_style
    for found in properties:
        if found is not None and found.numPr is not None and found.numPr.numId is not None:
            level = found.numPr.ilvl
            number = str(found.numPr.numId.val)
            return None if number == "0" else (number, level.val if level is not None else 0)
    return None


def words(element: Any) -> str:
    """An element's text: what was inserted and linked too, not what was deleted or moved away."""
    parts = []
    for node in element.iter(qn("w:t"), *SIGNS):
        above = list(takewhile(lambda step: step is not element, node.iterancestors()))
        if above and above[0].tag == qn("w:r") and not any(step.tag in TWICE for step in above):
            parts.append(SIGNS.get(node.tag) or node.text or "")
    return "".join(parts)


def cells(grid: Table) -> list[list[str]]:
    """A table's rows as text; a cell that spans columns stands once."""
    rows = []
    for row in grid.rows:
        unique = {id(cell._tc): cell for cell in row.cells}
        rows.append([" ".join(words(cell._tc).split()) for cell in unique.values()])
    return [row for row in rows if any(row)]
