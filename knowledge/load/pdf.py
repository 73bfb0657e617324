"""PDF files: lines from what is painted on a page, paragraphs from lines, page numbers kept."""

from __future__ import annotations

import codecs
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ctypes import POINTER, addressof, c_float, c_ubyte, c_uint, c_ulong, cast, create_string_buffer
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby, pairwise, zip_longest
from operator import itemgetter
from pathlib import Path
from statistics import quantiles
from typing import Any, NamedTuple
from unicodedata import normalize

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import regex

from knowledge.documents import Document
from knowledge.errors import BrokenFile, EncryptedFile
from knowledge.load import table
from knowledge.load.assemble import Piece, assemble, clean
from knowledge.load.lines import BULLET, CLOSED, QUERY, short, value
from knowledge.text import UNSPACED

# How the PDF standard writes a string: UTF-16 or UTF-8 behind a mark, else close to Latin-1.
ENCODINGS = {codecs.BOM_UTF16_BE: "utf-16", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF8: "utf-8-sig"}
SENTENCE = regex.compile(r"(?<![.!?।॥。؟۔！？])[.!?।॥。؟۔！？]++[\"'”’»)\]]*+(?=\s|$)")
# A gap of more letter sizes than this parts a table's cells, unless a list's mark stands in front of it.
CELL = 1.0
LINES_OF_CELL = 6
MARKER = regex.compile(r"\s*(?:[^\p{L}\p{N}]|\(?\p{Nd}{1,3}[.)]|\p{L}[.)])\s*")
CLOSING = ".,;:!?।॥،؛؟۔"
RTL = regex.compile(r"[\p{Script=Arabic}\p{Script=Hebrew}]")
# Where no spaces part words, a line's end is no space either.
SEAM = regex.compile(rf"(?<={UNSPACED.pattern})\n(?={UNSPACED.pattern})")
# What a line's end had no room for. Scripts without spaces may break inside a phrase or only behind it: spacing parts
# their paragraphs, and where a page's end hides it, a word of usual length does.
PHRASE = regex.compile(r"\S+\s?")
WORD = regex.compile(rf"(?:{UNSPACED.pattern}|\p{{M}}){{1,12}}|\S+\s?")
HYPHEN = regex.compile(r"(?<=\p{L})[-\u00ad\u2010\ufffe\x02]+\n(?=\p{Ll})|[\u00ad\ufffe\x02]\n?")
# Letters that fonts join into one sign; NFKC takes only these apart.
FORMS = regex.compile(r"[\uFB00-\uFB06\uFB50-\uFDFF\uFE70-\uFEFC]+")
PAGE_NUMBER = regex.compile(r"\P{L}*?(\p{Nd}+)(?:\s*(?:/|of|-)\s*\p{Nd}+)?\P{L}*")
UNTITLED = regex.compile(r"\.\w{2,4}$|^Microsoft |^untitled|^\W*$|^https?:|^about:", regex.IGNORECASE)


Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


class Run(NamedTuple):
    """Text painted in one go. Lengths are points from the page's lower left corner; `base` is what letters stand on,
    and `spaced` is whether PDFium sees a space behind it."""

    text: str
    left: float
    right: float
    base: float
    size: float
    spaced: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page. Tabs part the cells of a table's row, `starts` is where they begin (from the right, and
    negative, where letters run to the left); `room` is what the line leaves free at its end."""

    text: str
    left: float
    right: float
    base: float
    size: float
    page: int
    starts: tuple[float, ...]
    rtl: bool = False
    room: float = 0.0


def load(path: Path) -> list[Document]:
    """The file as one document. Raises EncryptedFile where it wants a password, BrokenFile where it is damaged."""
    try:
        with pdfium.PdfDocument(path) as file:
            seen = [visible(page) for page in file]
            told = clean(file.get_metadata_value("Title"))
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedFile(f"{path.name} wants a password; save a copy without one.") from error
        raise BrokenFile(
            f"{path.name} is damaged or is not PDF; open it in a reader and print it to PDF again."
        ) from error
    title = "" if UNTITLED.search(told) else told
    pages = [lines(runs, number) for number, (runs, _) in enumerate(seen, 1)]
    return [assemble(pieces(unrepeated(pages)), path, title=title, hidden=[hidden for _, hidden in seen])]


def lines(runs: Iterable[Run], number: int) -> list[Line]:
    """A page's lines, in the order in which they are painted."""
    rows: list[list[Run]] = []
    for run in filter(itemgetter(0), runs):
        # A table's cell may be painted after the lines of the cell beside it.
        for row in rows[: -LINES_OF_CELL - 1 : -1]:
            if abs(row[0].base - run.base) < 0.4 * run.size:
                row.append(run)
                break
        else:
            rows.append([run])
    return [line for row in rows if (line := joined(row, number)).text]


def visible(page: Any) -> tuple[list[Run], str]:
    """What a page shows, and what it hides. Where it shows no text at all, text recognition has laid it over a scan."""
    told = letters(page)
    items = list(objects(page.raw))
    veil = Veil(page)
    shown = [item for item in items if not veil.hides(item)]
    if not shown or len(shown) == len(items):
        return list(runs(items, told)), ""
    addresses = {addressof(item.contents) for item in shown}
    hidden = (text for address, text in told.items() if address and address not in addresses)
    return list(runs(shown, told)), "".join(hidden)


class Veil:
    """Tells which text of a page cannot be seen: painted invisibly with no scan under it, without colour,
    in white on nothing, or beside the page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.box = page.get_bbox()

    def hides(self, item: Any) -> bool:
        """Whether a text object is hidden. Inside forms lengths are not the page's: there only paint is looked at."""
        if raw.FPDFTextObj_GetTextRenderMode(item) == raw.FPDF_TEXTRENDERMODE_INVISIBLE:
            return not self.over(item, raw.FPDF_PAGEOBJ_IMAGE)
        red, green, blue, alpha = paint(item)
        if not alpha:
            return True
        place = bounds(item)
        if outside(place, self.box):
            return addressof(item.contents) in self.top
        if min(red, green, blue) < 250:
            return False
        return addressof(item.contents) in self.top and not self.over(item)

    @cached_property
    def top(self) -> frozenset[int]:
        """The text objects that lie in no form."""
        return frozenset(addressof(item.contents) for item in objects(self.page.raw, depth=1))

    @cached_property
    def grounds(self) -> list[tuple[int, Box]]:
        """What else is painted, and where; white areas are none."""
        count = raw.FPDFPage_CountObjects(self.page.raw)
        items = [raw.FPDFPage_GetObject(self.page.raw, at) for at in range(count)]
        kinds = [(raw.FPDFPageObj_GetType(item), item) for item in items]
        return [
            (kind, bounds(item))
            for kind, item in kinds
            if kind != raw.FPDF_PAGEOBJ_TEXT and not (kind == raw.FPDF_PAGEOBJ_PATH and min(paint(item)[:3]) >= 250)
        ]

    def over(self, item: Any, *kinds: int) -> bool:
        """Whether the middle of an object lies over others, of these kinds or of any."""
        left, bottom, right, top = bounds(item)
        x, y = (left + right) / 2, (bottom + top) / 2
        return any(
            ground[0] <= x <= ground[2] and ground[1] <= y <= ground[3]
            for kind, ground in self.grounds
            if not kinds or kind in kinds or kind == raw.FPDF_PAGEOBJ_FORM
        )


def paint(item: Any) -> tuple[int, int, int, int]:
    """The red, green, blue and opacity (0 to 255) that an object is filled with."""
    red, green, blue, alpha = c_uint(), c_uint(), c_uint(), c_uint(255)
    raw.FPDFPageObj_GetFillColor(item, red, green, blue, alpha)
    return red.value, green.value, blue.value, alpha.value


def bounds(item: Any) -> Box:
    """The left, bottom, right and top of an object."""
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    raw.FPDFPageObj_GetBounds(item, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def outside(place: Box, page: Box) -> bool:
    """Whether nothing of a place is on the page."""
    return place[2] < page[0] or place[0] > page[2] or place[3] < page[1] or place[1] > page[3]


def runs(items: Iterable[Any], told: Mapping[int, str]) -> Iterator[Run]:
    """The runs of a page's text objects.

    Where the file says what its glyphs mean (ActualText: Indic and Arabic clusters, marks), that is the text, once
    for all the objects it covers. PDFium's own page text repeats it and puts spaces inside Tamil and Hindi words.
    """
    meanings: dict[int, str | None] = {}
    before = 0
    found: Run | None = None
    for item in items:
        run, mark = painted(item, told), actual(item, meanings)
        if found and mark and mark == before:
            left, right = min(found.left, run.left), max(found.right, run.right)
            found = found._replace(left=left, right=right, spaced=found.spaced or run.spaced)
            continue
        if found:
            yield found
        found, before = run._replace(text=meanings[mark] or "") if mark else run, mark
    if found:
        yield found


def letters(page: Any) -> dict[int, str]:
    """What the page's text objects say, by their address, with the spaces that PDFium sees behind them.

    One walk over the letters: justified pages paint every letter by itself, and FPDFTextObj_GetText searches the whole
    page for each.
    """
    told: defaultdict[int, str] = defaultdict(str)
    text = page.get_textpage()
    before = 0
    for at in range(text.count_chars()):
        letter, item = chr(raw.FPDFText_GetUnicode(text.raw, at)), raw.FPDFText_GetTextObject(text.raw, at)
        owner = addressof(item.contents) if item else 0
        told[before if letter == " " and not owner else owner] += letter
        before = owner
    text.close()
    # Letters beyond U+FFFF come in halves.
    return {
        item: said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore") for item, said in told.items()
    }


def objects(
    parent: Any, count: Any = raw.FPDFPage_CountObjects, get: Any = raw.FPDFPage_GetObject, depth: int = 4
) -> Iterator[Any]:
    """The text objects of a page, or of a form in it, without the wrappers that cost more than what they wrap."""
    for item in (get(parent, at) for at in range(count(parent))):
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            yield item
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth > 1:
            yield from objects(item, raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject, depth - 1)


def painted(item: Any, told: Mapping[int, str]) -> Run:
    """One text object. The space at its end is a guess of PDFium, to be checked against the gap behind the object."""
    text = told.get(addressof(item.contents), "").replace("\0", "")
    left, _, right, _ = bounds(item)
    points, matrix = c_float(), raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(item, matrix)
    raw.FPDFTextObj_GetFontSize(item, points)
    words = text.rstrip() or (" " if right - left < 0.01 else "")
    size = points.value * abs(matrix.d or matrix.b)
    return Run(words, left, right, matrix.f, size, text != text.rstrip())


def actual(item: Any, meanings: dict[int, str | None]) -> int:
    """The address of the mark that says what an object means, which its other objects share; 0 where there is none.
    What marks say is kept in `meanings`."""
    for at in range(raw.FPDFPageObj_CountMarks(item)):
        mark = raw.FPDFPageObj_GetMark(item, at)
        address = addressof(mark.contents)
        if address not in meanings:
            meanings[address] = meaning(mark)
        if meanings[address] is not None:
            return address
    return 0


def meaning(mark: Any) -> str | None:
    """The ActualText of a mark. Not by GetParamStringValue: it drops every byte above 7F of UTF-16."""
    size = c_ulong()
    if not raw.FPDFPageObjMark_GetParamBlobValue(mark, b"ActualText", None, 0, size) or not size.value:
        return None
    buffer = create_string_buffer(size.value)
    raw.FPDFPageObjMark_GetParamBlobValue(mark, b"ActualText", cast(buffer, POINTER(c_ubyte)), size.value, size)
    encoding = next((name for sign, name in ENCODINGS.items() if buffer.raw.startswith(sign)), "latin-1")
    return buffer.raw.decode(encoding, "ignore")


def joined(row: list[Run], page: int) -> Line:
    """The line that runs make: from right to left where most letters are, with spaces where there is room for one."""
    said = "".join(run.text.strip() for run in row)
    rtl = len(RTL.findall(said)) * 2 > len(said)
    ordered = reading(row) if rtl else row
    cells = [ordered[0].text]
    starts = [-ordered[0].right if rtl else ordered[0].left]
    told = any(run.text == " " for run in row)
    for before, run in pairwise(ordered):
        if gap(before, run) > CELL and cells[-1].strip() and not MARKER.fullmatch(cells[-1]):
            cells.append(run.text)
            starts.append(-run.right if rtl else run.left)
        else:
            cells[-1] += f" {run.text}" if spaced(before, run, rtl=rtl, told=told) else run.text
    filled = [(start, cell) for start, cell in zip(starts, map(clean, cells), strict=True) if cell]
    sizes = Counter[float]()
    for run in row:
        sizes[run.size] += len(run.text)
    return Line(
        text=FORMS.sub(lambda form: normalize("NFKC", form[0]), "\t".join(cell for _, cell in filled)),
        left=min(run.left for run in row),
        right=max(run.right for run in row),
        base=row[0].base,
        size=round(sizes.most_common(1)[0][0], 1),
        page=page,
        starts=tuple(start for start, _ in filled),
        rtl=rtl,
    )


def spaced(before: Run, run: Run, *, rtl: bool, told: bool) -> bool:
    """Whether there is a space between two runs that does not stand in the file. `told`: the line has some that do.

    From left to right PDFium must see it too. From right to left PDFium sees too many; there the gap decides, and more
    of it is asked for where other spaces are told.
    """
    if run.text[0] in CLOSING:
        return False
    if rtl:
        return gap(before, run) > (0.4 if told else 0.18) or (before.text in CLOSING and before.spaced)
    return gap(before, run) > 0.18 and before.spaced


def gap(before: Run, run: Run) -> float:
    """What lies between two runs, in letter sizes."""
    return max(run.left - before.right, before.left - run.right) / (run.size or 1)


def reading(row: list[Run]) -> list[Run]:
    """The runs of a right-to-left line as they are read; numbers and Latin words inside it run the other way."""
    ordered: list[Run] = []
    latin: list[Run] = []
    for run in sorted(row, key=lambda run: -run.left):
        if regex.search(r"[\p{Latin}\p{Nd}]", run.text) and not RTL.search(run.text):
            latin.insert(0, run)
        else:
            ordered += [*latin, run]
            latin = []
    return ordered + latin


def unrepeated(pages: Sequence[Sequence[Line]]) -> list[Line]:
    """All lines without page numbers, and without what stands at the top or foot of most pages."""
    body = common_size([line for page in pages for line in page])
    edges = [edge(page) for page in pages]
    seen = Counter(key for page in edges for key in {shape(line) for line in page})
    small = {shape(line) for page in edges for line in page if line.size < 0.95 * body}

    def repeated(line: Line, page: Sequence[Line]) -> bool:
        if line not in page or len(pages) < 2:
            return False
        if (number := PAGE_NUMBER.fullmatch(line.text)) and int(number[1]) == line.page:
            return True
        key = shape(line)
        return seen[key] >= 0.6 * len(pages) if len(pages) > 2 else seen[key] == 2 and key in small

    return [line for page, rim in zip(pages, edges, strict=True) for line in page if not repeated(line, rim)]


def edge(page: Sequence[Line]) -> list[Line]:
    """The two highest and the two lowest lines."""
    ordered = sorted(page, key=lambda line: -line.base)
    return ordered[:2] + ordered[2:][-2:]


def shape(line: Line) -> str:
    """A line's text with its numbers taken out, by which it is known on other pages."""
    return regex.sub(r"\p{Nd}+", "#", line.text)


def common_size(found: Sequence[Line]) -> float:
    """The size that most letters have."""
    letters = Counter[float]()
    for line in found:
        letters[line.size] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def pieces(found: Sequence[Line]) -> Iterator[Piece]:
    """Headings by their larger letters (or, where all are alike, a short open line above a longer text), questions,
    items, paragraphs, and the rows of tables."""
    body = common_size(found)
    groups = paragraphs(found)
    sizes = sorted({group[0].size for group in groups if large(group, body)}, reverse=True)
    pairs = zip(groups, [*groups[1:], []], strict=False)
    for (page, tabled), run in groupby(pairs, lambda pair: (pair[0][0].page, "\t" in pair[0][0].text)):
        if tabled:
            for rows in tables([group[0] for group, _ in run]):
                yield from (replace(row, page=page) for row in table.guessed(rows))
        else:
            yield from (piece(group, below, sizes, body) for group, below in run)


def piece(group: Sequence[Line], below: Sequence[Line], sizes: Sequence[float], body: float) -> Piece:
    """What one group of lines is, seen together with the one below it."""
    text, page = written(group), group[0].page
    followed = bool(below) and not large(below, body)
    if large(group, body):
        return Piece(text, "heading", min(sizes.index(group[0].size) + 1, 6), page)
    if bullet := BULLET.match(text):
        return Piece(text[bullet.end() :], "item", page=page)
    if value(text):
        return Piece(text, "item", page=page)
    if followed and len(group) == 1 and QUERY.search(text) and not QUERY.search(written(below)):
        return Piece(text, "question", page=page)
    if followed and not sizes and len(group) == 1 and short(text) and len(below) > 1:
        return Piece(text, "heading", 1, page)
    return Piece(text, page=page)


def large(group: Sequence[Line], body: float) -> bool:
    """Whether a group of lines is a heading by its letters."""
    return group[0].size > 1.12 * body and sum(len(line.text) for line in group) <= 150


def paragraphs(found: Sequence[Line]) -> list[list[Line]]:
    """Lines that belong together. Over a page's end only a sentence is carried on: what follows it is a new group."""
    usual = spacing(found)
    groups: list[list[Line]] = []
    number = 0
    for line in measured(rowed(found, usual)):
        before = groups[-1][-1] if groups else None
        crossing = before is not None and before.page != line.page
        if before is None or parted(before, line, usual, number):
            groups.append([line])
        elif not crossing:
            # A Thai line with room for a word broke at a space, which is where a thought ends.
            groups[-1][-1] = replace(before, text=before.text + " " * roomy(before, line, WORD))
            groups[-1].append(line)
        elif end := SENTENCE.search(line.text):
            groups[-1].append(replace(line, text=line.text[: end.end()], page=before.page))
            rest = line.text[end.end() :].strip()
            groups += [[replace(line, text=rest)]] if rest else []
        else:
            groups[-1].append(replace(line, page=before.page))
        number = value(line.text) or number
    return groups


def spacing(found: Sequence[Line]) -> float:
    """From one line to the next inside a paragraph, in letter sizes."""
    leading = [
        (above.base - below.base) / above.size
        for above, below in pairwise(found)
        if above.page == below.page and above.size == below.size > 0 and above.base > below.base
    ]
    return quantiles(leading, n=5)[0] if len(leading) > 1 else 1.2


def rowed(found: Sequence[Line], usual: float) -> list[Line]:
    """The lines, with what cells of a table go on with on further lines added to their row.

    Where a table's rows stand apart, a close line goes on with the one above; else only one that is no whole row.
    """
    rows: list[Line] = []
    apart = False
    for line, below in zip_longest(found, found[1:]):
        above = rows[-1] if rows else line
        under = beneath(above.starts, line.starts)
        partial = 0 not in under or len(under) == 1
        whole = len(above.starts) > 1 and len(under) == len(line.starts)
        if close(above, line, usual) and whole and (partial or apart or loose(line, below, usual)):
            cells = above.text.split("\t")
            for at, more in zip(under, line.text.split("\t"), strict=True):
                cells[at] += f"\n{more}"
            rows[-1] = replace(above, text="\t".join(cells), base=line.base)
        else:
            apart = loose(above, line, usual)
            rows.append(line)
    return rows


def close(above: Line, line: Line, usual: float) -> bool:
    """Whether a line stands under another as inside a paragraph."""
    return above.page == line.page and 0 < above.base - line.base < 1.15 * usual * line.size


def loose(above: Line, line: Line | None, usual: float) -> bool:
    """Whether two lines are rows of a table that stand further apart than the lines of a paragraph."""
    if line is None or above.page != line.page or min(len(above.starts), len(line.starts)) < 2:
        return False
    return above.base > line.base and not close(above, line, usual)


def beneath(columns: Sequence[float], starts: Sequence[float]) -> list[int]:
    """The columns in which cells begin."""
    return [at for start in starts for at, column in enumerate(columns) if abs(start - column) < 3]


def tables(found: Sequence[Line]) -> Iterator[list[list[str]]]:
    """Rows that follow each other, as tables. A row with fewer cells than the widest has empty ones in the columns in
    which it begins none; one that does not fit the columns is of another table."""
    columns = max((line.starts for line in found), key=len)
    rows = []
    for line in found:
        cells = [flowing(cell) for cell in line.text.split("\t")]
        under = beneath(columns, line.starts)
        told = dict(zip(under, cells, strict=False))
        rows.append([told.get(at, "") for at in range(len(columns))] if len(under) == len(cells) else cells)
    for _, table_rows in groupby(rows, len):
        yield list(table_rows)


def measured(found: Sequence[Line]) -> list[Line]:
    """The lines with their room: up to where the longest line ends that begins at the same place (a column), or the
    longest of all where none of at least a third of its length begins there."""
    spans = [(-line.right, -line.left) if line.rtl else (line.left, line.right) for line in found]
    columns = [(line.rtl, round(near / 18)) for line, (near, _) in zip(found, spans, strict=True)]
    ends: dict[tuple[bool, int], float] = {}
    widest: dict[bool, float] = {}
    longest = max((far - near for near, far in spans), default=0.0)
    for column, (near, far) in zip(columns, spans, strict=True):
        widest[column[0]] = max(far, widest.get(column[0], far))
        if far - near > longest / 3:
            ends[column] = max(far, ends.get(column, far))
    return [
        replace(line, room=ends.get(column, widest[column[0]]) - far)
        for line, column, (_, far) in zip(found, columns, spans, strict=True)
    ]


def parted(before: Line, line: Line, usual: float, number: int) -> bool:
    """Whether a new paragraph begins: other letters, more space, an item, or the line before had room left."""
    begins = BULLET.match(line.text) or (value(line.text) and value(line.text) in (1, number + 1))
    if begins or "\t" in before.text + line.text or abs(before.size - line.size) > 0.1 * line.size:
        return True
    if before.page != line.page:
        return roomy(before, line, WORD) or CLOSED.search(before.text) is not None
    return roomy(before, line, PHRASE) or before.base - line.base > 1.25 * usual * line.size


def roomy(before: Line, line: Line, start: regex.Pattern[str]) -> bool:
    """Whether the line before had room for what the next one starts with."""
    word = start.match(line.text)
    width = (line.right - line.left) / len(line.text) * (word.end() if word else 1)
    return before.room > 1.2 * width + 0.3 * line.size


def written(group: Sequence[Line]) -> str:
    """The text of lines that belong together."""
    return flowing("\n".join(line.text for line in group))


def flowing(text: str) -> str:
    """Lines as one: words that were cut at a line's end are whole again."""
    return SEAM.sub("", HYPHEN.sub("", text)).replace("\n", " ")
