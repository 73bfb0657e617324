"""Files to documents: one loader a format, found by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from knowledge.documents import Document
from knowledge.errors import BrokenFile, EmptyFile, FileRefused, UnknownFormat
from knowledge.load import csv, docx, html, jsonl, markdown, pdf, plain, xlsx

Loader = Callable[[Path], list[Document]]

FORMATS: Mapping[str, Loader] = {
    ".md": markdown.load,
    ".markdown": markdown.load,
    ".txt": plain.load,
    ".html": html.load,
    ".htm": html.load,
    ".pdf": pdf.load,
    ".docx": docx.load,
    ".csv": csv.load,
    ".xlsx": xlsx.load,
    ".jsonl": jsonl.load,
}


def load(path: Path) -> list[Document]:
    """The file's documents, in its order; all without an id except those of `.jsonl`.

    Raises UnknownFormat, BrokenFile, EncryptedFile or EmptyFile, or FileRefused where the file cannot be opened.
    """
    loader = FORMATS.get(path.suffix.lower())
    if loader is None:
        raise UnknownFormat(
            f"{path.name} has a format that is not known; known are {', '.join(FORMATS)}: convert it first."
        )
    try:
        documents = loader(path) if path.stat().st_size else []
    except OSError as error:
        raise FileRefused(f"{path.name} cannot be opened ({error.strerror}); check that you may read it.") from error
    except RecursionError as error:
        raise BrokenFile(
            f"{path.name} is nested too deeply to be read; save it again from the program that wrote it."
        ) from error
    if not any(document.text.strip() for document in documents):
        scan = path.suffix.lower() == ".pdf"
        remedy = "if it is a scan, run text recognition (OCR) on it first" if scan else "write into it, or leave it out"
        raise EmptyFile(f"{path.name} holds no text; {remedy}.")
    return documents
