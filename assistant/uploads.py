"""Files that customers send: judged by what is inside, never by their name, and kept under names of our own.

A file is kept only where its kind is in `KINDS`: what a browser could run (HTML, SVG), archives, and documents with
macros are refused in one sentence.
"""

from __future__ import annotations

import re
import secrets
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from assistant.conversation import File

LARGEST = 10 * 2**20
"""Bytes of a file."""
UNPACKED = 100 * 2**20
"""Bytes that an office document, which is an archive, may say that it holds."""
NAMED = 100
"""Characters of a file's name that are kept."""
ID = re.compile("[0-9a-f]{32}-[0-9a-f]{32}")
"""A file's id: the folder of its conversation, and a secret of its own."""
JOINERS = "\u200c\u200d"
"""Unseen signs that words of Indic scripts are written with; all others are taken out of names."""


class FileRefused(Exception):
    """The file is of a kind that is not taken; its text is one sentence, fit to be shown to a person."""


class Uploads:
    """Files in a folder, by conversation. Whoever knows a file's id may read it: it cannot be guessed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, conversation: str, name: str, content: bytes) -> File:
        """Write the content down; FileRefused where it is none that is taken."""
        media, suffix = kind(content)
        file = File(f"{digest(conversation)}-{secrets.token_hex(16)}", named(name, suffix), media, len(content))
        path = self.folder / file.id.replace("-", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return file

    def path(self, id: str) -> Path | None:
        """Where the file lies; None where there is none of that id, which leads nowhere else."""
        path = self.folder / id.replace("-", "/")
        return path if ID.fullmatch(id) and path.is_file() else None

    def forget(self, conversation: str) -> None:
        """Erase every file of the conversation."""
        if (folder := self.folder / digest(conversation)).exists():
            shutil.rmtree(folder)


def digest(id: str) -> str:
    """A conversation's id as the name of a folder."""
    return sha256(id.encode()).hexdigest()[:32]


def named(name: str, suffix: str) -> str:
    """A name without folders and unseen signs, that ends as its content does."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(sign for sign in last if sign in JOINERS or unicodedata.category(sign)[0] != "C").strip(" .")
    stem = seen[: -len(suffix)] if seen.lower().endswith(suffix) else seen
    return (stem[:NAMED] or "file") + suffix


def kind(content: bytes) -> tuple[str, str]:
    """The media type of the content and how its name ends."""
    for (media, suffix), holds in KINDS.items():
        if holds(content):
            return media, suffix
    raise FileRefused("This kind of file is not taken; send a photo, a PDF, a text, or an office file without macros.")


def office(member: str) -> Callable[[bytes], bool]:
    """What tells an office document by the part that only its kind has; one with macros or a bomb is none."""

    def holds(content: bytes) -> bool:
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                parts = {part.filename: part.file_size for part in archive.infolist()}
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
            return False
        active = any("vbaproject" in name.lower() or "activex" in name.lower() for name in parts)
        return member in parts and not active and sum(parts.values()) <= UNPACKED

    return holds


def starts(*beginnings: bytes, at: int = 0) -> Callable[[bytes], bool]:
    """What tells a file by the bytes at its beginning."""
    return lambda content: content.startswith(beginnings, at)


def plain(content: bytes) -> bool:
    """Whether it is text in UTF-8 with nothing that steers a terminal, and no markup that a browser would run."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    steering = any(unicodedata.category(sign) == "Cc" for sign in set(text) - set("\t\r\n"))
    return bool(text.strip()) and not steering and not text.lstrip("\ufeff \t\r\n").startswith("<")


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Mapping[tuple[str, str], Callable[[bytes], bool]] = {
    ("image/jpeg", ".jpg"): starts(b"\xff\xd8\xff"),
    ("image/png", ".png"): starts(b"\x89PNG\r\n\x1a\n"),
    ("image/gif", ".gif"): starts(b"GIF87a", b"GIF89a"),
    ("image/webp", ".webp"): lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    ("image/heic", ".heic"): starts(b"ftypheic", b"ftypheix", b"ftypmif1", at=4),
    ("application/pdf", ".pdf"): starts(b"%PDF-"),
    (WORD, ".docx"): office("word/document.xml"),
    (EXCEL, ".xlsx"): office("xl/workbook.xml"),
    ("text/plain", ".txt"): plain,
}
"""What is taken: media type and ending -> whether a content is of that kind; the first that is counts."""
