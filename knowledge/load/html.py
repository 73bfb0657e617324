"""HTML pages: the article without the page's furniture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import regex
from bs4 import BeautifulSoup, Tag
from bs4.element import Comment, PageElement, PreformattedString

from knowledge.documents import Document
from knowledge.errors import BrokenFile
from knowledge.hostile import signs
from knowledge.load import table
from knowledge.load.assemble import Piece, assemble
from knowledge.load.decode import decode

FURNITURE = (
    "script, style, noscript, template, svg, iframe, object, canvas, head, title, nav, footer, aside, form, button, "
    "select, dialog, [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], "
    "[role=search], [role=complementary], [role=dialog], [role=alertdialog], [aria-modal=true]"
)
BANNERS = "[id*=cookie i], [class*=cookie i], [aria-label*=cookie i], [id*=consent i], [class*=consent i]"
# What a style attribute says, without spaces, of text that is not to be seen.
UNSEEN = regex.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|font-size:(?:0?\.\d+|[01])(?:px|pt)?(?:;|!|$)"
    r"|font-size:0(?:\.0+)?\D|(?:text-indent|left|top|margin-left):-\d{4,})"
)
WHITE = regex.compile(r"(?:^|;)color:(?:white|#fff(?:fff)?|rgba?\(255,255,255)")
PAPER = regex.compile(r"(?:^|;)background(?:-color)?:(?:white|#fff(?:fff)?|rgba?\(255,255,255)")
ARTICLE = "main, [role=main], article"
# fmt: off
BREAKING = [
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "menu", "ol",
    "p", "pre", "section", "summary", "table", "tbody", "td", "th", "tr", "ul",
]
# fmt: on
NO_CELL = ["table", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "p"]


def load(path: Path) -> list[Document]:
    """The page as one document. Raises BrokenFile where it is not text."""
    soup = BeautifulSoup(page(path), "lxml")
    root = soup.html
    language = str(root.get("lang") or "und") if root else "und"
    named = soup.title.get_text() if soup.title else ""
    body = strip(soup)
    hidden = unseen(body)
    first = body.find("h1")
    return [
        assemble(
            read(body), path, title=(first.get_text(" ") if first else "") or named, language=language, hidden=hidden
        )
    ]


def page(path: Path) -> str:
    """The page's text, in the encoding that its `<meta charset>` names where it is not UTF-8."""
    data = path.read_bytes()
    told = regex.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], regex.IGNORECASE)
    if told and told[1].lower() not in (b"utf-8", b"utf8", b"utf-16"):
        try:
            return data.decode(told[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError) as error:
            name = told[1].decode("ascii")
            raise BrokenFile(f"{path.name} says it is {name} and is not; save the page again as UTF-8.") from error
    return decode(path)


def strip(soup: BeautifulSoup) -> Tag:
    """The part that the page is there for, without furniture."""
    for tag in soup.select(FURNITURE):
        if tag.name not in ("html", "body", "main") and not (tag.name == "form" and len(tag.get_text()) > 2000):
            tag.extract()
    for tag in soup.select(BANNERS):
        if tag.name not in ("html", "body") and not is_article(tag) and not tag.find_parent(is_article):
            tag.extract()
    articles = [tag for tag in soup.select(ARTICLE) if not tag.find_parent(is_article)]
    if not any(tag.get_text(strip=True) for tag in articles):
        return soup
    body = BeautifulSoup("", "lxml").new_tag("main")
    body.extend(articles)
    return body


def unseen(body: Tag) -> list[str]:
    """Takes out what a reader of the page does not see, and returns its text, with comments that are hostile."""
    found = [str(comment) for comment in body.find_all(string=lambda text: isinstance(text, Comment)) if signs(comment)]
    for tag in body.select("[hidden], [style]"):
        if tag.name not in ("html", "body", "main") and not tag.decomposed and is_unseen(tag):
            found.append(line(tag))
            tag.decompose()
    return found


def is_unseen(tag: Tag) -> bool:
    """Whether the tag itself says so. White letters count on white, or where nothing can have given them a ground."""
    style = styled(tag)
    if tag.has_attr("hidden") or UNSEEN.search(style):
        return True
    if not WHITE.search(style):
        return False
    grounds = (tag, *tag.parents)
    dressed = any(each.get("class") or each.get("bgcolor") or "background" in styled(each) for each in grounds)
    return PAPER.search(style) is not None or not dressed


def styled(tag: Tag) -> str:
    """What the style attribute says, in small letters and without spaces."""
    return regex.sub(r"\s+", "", str(tag.get("style") or "").lower())


def is_article(tag: Tag) -> bool:
    """Whether the tag holds the page's own text."""
    return tag.name in ("main", "article") or tag.get("role") == "main"


def read(tag: Tag) -> Iterator[Piece]:
    """The pieces inside a tag: text between the tags that break lines is a paragraph."""
    inline: list[str] = []
    for child in list(tag.children):
        if isinstance(child, Tag) and (child.name in BREAKING or child.find(BREAKING)):
            yield Piece("".join(inline))
            inline.clear()
            yield from READERS.get(child.name, read)(child)
        else:
            inline.append(flat(child))
    yield Piece("".join(inline))


def flat(node: PageElement) -> str:
    """What stands in a tag, or a string, on one line; `<br>` is a line end, and a picture is its description."""
    if not isinstance(node, Tag):
        return "" if isinstance(node, PreformattedString) else regex.sub(r"\s+", " ", str(node))
    if node.name == "br":
        return "\n"
    return str(node.get("alt") or "") if node.name == "img" else "".join(map(flat, node.children))


def line(tag: Tag) -> str:
    """A tag's text in one line."""
    return " ".join(flat(tag).split())


def heading(tag: Tag) -> Iterator[Piece]:
    """`<h1>` to `<h6>`."""
    yield Piece(line(tag), "heading", int(tag.name[1]))


def paragraph(tag: Tag) -> Iterator[Piece]:
    """`<p>`; one that is bold as a whole and asks is a question."""
    found = list(read(tag))
    bold = [child for child in tag.children if isinstance(child, Tag) or str(child).strip()]
    strong = len(bold) == 1 and isinstance(bold[0], Tag) and bold[0].name in ("b", "strong")
    asks = regex.search(r"[?？؟]\s*$", line(tag)) is not None
    yield from (Piece(line(tag), "question"),) if strong and asks else found


def verbatim(tag: Tag) -> Iterator[Piece]:
    """`<pre>`, with its lines."""
    yield Piece(tag.get_text())


def items(tag: Tag) -> Iterator[Piece]:
    """`<ul>` and `<ol>`: an item is what stands before the first list inside it; ordered ones keep their numbers."""
    number = int(str(tag.get("start", "1"))) if str(tag.get("start", "1")).isdecimal() else 1
    for child in tag.find_all(True, recursive=False):
        if child.name != "li":
            yield from READERS.get(child.name, read)(child)
            continue
        told = str(child.get("value", ""))
        number = int(told) if told.isdecimal() else number
        mark = f"{number}. " if tag.name == "ol" else ""
        for piece in read(child):
            if piece.text.strip() and piece.kind == "paragraph":
                yield Piece(mark + piece.text.strip(), "item")
                mark = ""
            else:
                yield piece
        number += 1


def terms(tag: Tag) -> Iterator[Piece]:
    """`<dt>` asks, `<dd>` answers."""
    yield Piece(line(tag), "question")


def rows(tag: Tag) -> Iterator[Piece]:
    """`<table>`: its header is in `<thead>`, or is the first row that is all `<th>`."""
    if caption := tag.find("caption"):
        yield Piece(line(caption))
    cells, heads = grid(tag)
    if heads:
        header = [" ".join(dict.fromkeys(filter(None, names))) for names in zip(*cells[:heads], strict=True)]
        yield from table.pieces(header, cells[heads:])
    elif any(len(row) > 1 for row in cells) and tag.find(NO_CELL) is None:
        yield from table.guessed(cells)
    else:
        # A table that only arranges the page.
        for cell in tag.find_all(["td", "th"]):
            if cell.find_parent("table") is tag:
                yield from read(cell)


def grid(tag: Tag) -> tuple[list[list[str]], int]:
    """A table's cells with spans filled in (a spanned row repeats the cell, a spanned column only in the header), and
    how many of the rows are header."""
    lines = [row for row in tag.find_all("tr") if row.find_parent("table") is tag]
    heads = 0
    for row in lines:
        if row.find_parent("thead") is None and row.find("td") is not None:
            break
        heads += 1
    filled: list[dict[int, str]] = [{} for _ in lines]
    for at, row in enumerate(lines):
        column = 0
        for cell in row.find_all(["td", "th"], recursive=False):
            while column in filled[at]:
                column += 1
            across, down = span(cell, "colspan"), span(cell, "rowspan")
            for step in range(across):
                for below in range(at, min(at + down, len(lines))):
                    filled[below][column + step] = line(cell) if step == 0 or at < heads else ""
            column += across
    width = max((max(row, default=-1) + 1 for row in filled), default=0)
    return [[row.get(at, "") for at in range(width)] for row in filled], heads if heads < len(lines) else 0


def span(cell: Tag, name: str) -> int:
    """How many rows or columns a cell covers; a page may say anything, so at most 100."""
    told = str(cell.get(name, "1"))
    return min(max(int(told), 1), 100) if told.isdecimal() else 1


READERS: dict[str, Callable[[Tag], Iterator[Piece]]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), heading),
    "p": paragraph,
    "pre": verbatim,
    "ul": items,
    "ol": items,
    "dt": terms,
    "summary": terms,
    "table": rows,
}
