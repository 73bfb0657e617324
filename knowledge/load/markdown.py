"""Markdown (CommonMark with tables): rendered to HTML, then read as HTML is."""

from __future__ import annotations

from pathlib import Path

import regex
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from knowledge.documents import Document
from knowledge.load.assemble import assemble
from knowledge.load.decode import decode
from knowledge.load.html import read, unseen

FRONT = regex.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", regex.DOTALL)
ENTRY = regex.compile(r"^(title|lang|language)[ \t]*:[ \t]*(.+?)[ \t]*$", regex.MULTILINE)


def load(path: Path) -> list[Document]:
    """The file as one document; title and language from its front matter where it has one."""
    text = decode(path)
    front = FRONT.match(text)
    told = {name: value.strip("\"'") for name, value in ENTRY.findall(front[1])} if front else {}
    body = (
        MarkdownIt("commonmark").enable("table").enable("strikethrough").render(text[front.end() :] if front else text)
    )
    language = told.get("lang") or told.get("language") or "und"
    soup = BeautifulSoup(body, "lxml")
    hidden = unseen(soup)
    return [assemble(read(soup), path, title=told.get("title", ""), language=language, hidden=hidden)]
