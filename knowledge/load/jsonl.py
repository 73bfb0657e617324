"""One document a line: `{"id", "title", "text", "language"}`; only `id` and `text` are needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knowledge.documents import Document
from knowledge.errors import BrokenFile
from knowledge.load.decode import decode
from knowledge.load.lines import outline


def load(path: Path) -> list[Document]:
    """The file's documents, with their own ids. Raises BrokenFile naming the line that is wrong."""
    documents: dict[str, Document] = {}
    # Not splitlines(): it cuts at U+2028, which JSON allows inside a string.
    for number, line in enumerate(decode(path).split("\n"), 1):
        if line.strip():
            document = read(line, path, number)
            if document.id in documents:
                raise refusal(path, number, f"repeats the id {document.id!r}")
            documents[document.id] = document
    return list(documents.values())


def read(line: str, path: Path, number: int) -> Document:
    """One line's document."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise refusal(path, number, "is not JSON") from error
    if not isinstance(entry, dict):
        raise refusal(path, number, "is not a JSON object")
    values = {name: field(entry, name, path, number) for name in ("id", "title", "text", "language", "source")}
    for name in ("id", "text"):
        if name not in entry or (name == "id" and not values["id"]):
            raise refusal(path, number, f"has no {name!r}")
    text = values["text"]
    return Document(
        id=values["id"],
        text=text,
        title=values["title"],
        language=values["language"] or "und",
        source=values["source"] or path.name,
        blocks=outline(text),
    )


def field(entry: dict[str, Any], name: str, path: Path, number: int) -> str:
    """One value of the entry, as text; "" where it is missing or null. A number is taken for an id."""
    found = entry.get(name)
    if found is None:
        return ""
    if name == "id" and isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        raise refusal(path, number, f"has a {name!r} that is not a string")
    if any("\ud800" <= letter <= "\udfff" for letter in found):
        raise refusal(path, number, f"has half a character (a lone surrogate) in {name!r}")
    return found


def refusal(path: Path, number: int, fault: str) -> BrokenFile:
    """The sentence for a line that cannot be read."""
    return BrokenFile(
        f'{path.name}, line {number} {fault}; every line must be an object like {{"id": "returns", "text": "..."}}.'
    )
