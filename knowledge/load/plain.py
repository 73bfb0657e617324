"""Plain text, kept character for character."""

from __future__ import annotations

from pathlib import Path

from knowledge.documents import Document
from knowledge.load.assemble import title_of
from knowledge.load.decode import decode
from knowledge.load.lines import outline


def load(path: Path) -> list[Document]:
    """The file as one document. Raises BrokenFile where it is not text."""
    text = decode(path)
    blocks = outline(text)
    headed = bool(blocks) and blocks[0].kind == "heading" and blocks[0].level == 1
    title = text[blocks[0].start : blocks[0].end] if headed else title_of(path)
    return [Document(id="", text=text, title=title, source=path.name, blocks=blocks)]
