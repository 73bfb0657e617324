"""Files that customers send: judged by what is inside, never by their name, and kept under names of our own.

A file is kept only where its kind is in `KINDS`: what a browser could run (HTML, SVG), archives, and documents with
macros are refused in one sentence. A picture is written anew, so that nothing but the picture itself is kept.
"""

from __future__ import annotations

import re
import secrets
import shutil
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from assistant.conversation import File
from knowledge.text import JOINERS

LARGEST = 10 * 2**20
"""Bytes of a file."""
FILES, BYTES = 20, 50 * 2**20
"""Files of a conversation, and their bytes."""
ALL = 20 * 2**30
"""Bytes of all files, unless a server is told otherwise."""
SPARE = 2**30
"""Bytes of the disk that files leave to everything else: a full one would take the desk's database down, too."""
UNPACKED = 100 * 2**20
"""Bytes that an office document, which is an archive, may say that it holds."""
PARTS = 5000
"""Parts of an office document: each takes its time to be looked into."""
ENTRY, EXTRA = b"PK\1\2", 1000
"""How each entry of an archive's list of parts begins, and the bytes beside its name that one may have."""
CHANCE = 3
"""What looks like an entry with more of them, in a file that is none of a list's: packed bytes may."""
PIXELS = 64 * 10**6
"""Pixels of a picture; in memory it takes four times as many bytes."""
QUALITY = 92
"""Of a photo that is written anew, 1 to 100: the difference cannot be seen."""
NAMED = 100
"""Characters of a file's name that are kept."""
BEGINNING = 2**16
"""Bytes of a part of an office document in which a declaration of its type must stand, if it has one."""
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How parts of an office document are packed."""
ACTIVE = re.compile("vbaproject|activex|oleobject|macrosheets", re.IGNORECASE)
"""Parts of office documents that hold programs."""
ELSEWHERE = re.compile(r"^/|\\|(?:^|/)\.\.(?:/|$)|^[A-Za-z]:")
"""Names of parts that would be unpacked outside of the document."""
DECLARED = b"<!DOCTYPE"
"""What no office document has, and what entities of other files are declared in (XXE); also in UTF-16."""
ID = re.compile("[0-9a-f]{32}-[0-9a-f]{32}")
"""A file's id: the folder of its conversation, and a secret of its own."""


class FileRefused(Exception):
    """The file is of a kind that is not taken; its text is one sentence, fit to be shown to a person."""


class ConversationFull(FileRefused):
    """The conversation has as many files as it may."""


class DiskFull(FileRefused):
    """There is no room for files of anybody."""


class Uploads:
    """Files in a folder, by conversation, each under an id that cannot be guessed; who may read it, the door says.

    All of them together take no more than `most` bytes.
    """

    def __init__(self, folder: Path, most: int = ALL) -> None:
        self.folder = folder
        self._most = most
        self._used: int | None = None  # not counted yet, or not since something was erased

    def keep(self, conversation: str, name: str, content: bytes) -> File:
        """Write the content down; FileRefused where it is none that is taken, or there is no room for it."""
        self._check_room(conversation, len(content))
        media, suffix = kind(content)
        if media in PICTURES:
            content = bare(content, media)
        file = File(f"{digest(conversation)}-{secrets.token_hex(16)}", named(name, suffix), media, len(content))
        path = self.folder / file.id.replace("-", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if self._used is not None:
            self._used += len(content)
        return file

    def path(self, id: str) -> Path | None:
        """Where the file lies; None where there is none of that id, which leads nowhere else."""
        path = self.folder / id.replace("-", "/")
        return path if ID.fullmatch(id) and path.is_file() else None

    def drop(self, id: str) -> None:
        """Erase the file, where there is one."""
        if path := self.path(id):
            path.unlink()
            self._used = None

    def forget(self, conversation: str) -> None:
        """Erase every file of the conversation."""
        if (folder := self.folder / digest(conversation)).exists():
            shutil.rmtree(folder)
            self._used = None

    def _check_room(self, conversation: str, size: int) -> None:
        theirs = sizes(self.folder / digest(conversation))
        if len(theirs) >= FILES or sum(theirs) + size > BYTES:
            raise ConversationFull(
                f"A conversation takes {FILES} files of {BYTES // 2**20} MB together: tell the rest in words."
            )
        if self._used is None:
            self._used = sum(sizes(self.folder))
        free = shutil.disk_usage(self.folder if self.folder.exists() else self.folder.parent).free
        if self._used + size > self._most or free - size < SPARE:
            raise DiskFull("No more files can be taken at present: tell it in words, or try again later.")


def sizes(folder: Path) -> list[int]:
    """The bytes of each file under a folder."""
    return [path.stat().st_size for path in folder.rglob("*") if path.is_file()]


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


def bare(content: bytes, media: str) -> bytes:
    """A picture without what stands beside it: where it was taken, when, and with what; turned as it is to be seen.

    Of several pictures in one file the first is kept. FileRefused where it cannot be read, or is too large.
    """
    written = BytesIO()
    try:
        with Image.open(BytesIO(content), formats=[PICTURES[media]]) as opened:
            most = PIXELS // 4 if media == "image/webp" else PIXELS  # which takes four times as long to read
            if opened.width * opened.height > most:
                raise FileRefused(f"This picture is too large; send one of at most {most // 10**6} megapixels.")
            seen = ImageOps.exif_transpose(opened)
            colours = seen.info.get("icc_profile")
            seen.info = {name: seen.info[name] for name in ("transparency",) if name in seen.info}
            seen.save(written, PICTURES[media], quality=QUALITY, icc_profile=colours)
    except DAMAGE as error:
        raise FileRefused(
            "This picture cannot be read; open it, save it again as JPEG or PNG, and send that."
        ) from error
    return written.getvalue()


def office(member: str) -> Callable[[bytes], bool]:
    """What tells an office document by the part that only its kind has; a bomb, or one that does harm, is none."""

    def holds(content: bytes) -> bool:
        if not light(content):
            return False
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                parts = archive.infolist()
                whole = sum(part.file_size for part in parts) <= UNPACKED
                return member in archive.namelist() and whole and not any(harmful(archive, part) for part in parts)
        except ARCHIVE:
            return False

    return holds


def light(content: bytes) -> bool:
    """Whether what may be an archive is soon opened: its parts are counted, as it may say what it likes of them."""
    if content.count(ENTRY) > PARTS:
        return False
    extra = (content[entry.start() + 30 : entry.start() + 32] for entry in re.finditer(ENTRY, content))
    return sum([int.from_bytes(size, "little") > EXTRA for size in extra]) <= CHANCE


def harmful(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part of an office document runs something, leads elsewhere, or declares what a reader would fetch.

    One that is packed in a way that no office document is (ISO/IEC 29500-2), might unpack to anything at once.
    """
    if part.compress_type not in PACKED or ACTIVE.search(part.filename) or ELSEWHERE.search(part.orig_filename):
        return True
    with archive.open(part) as opened:
        return DECLARED in opened.read(BEGINNING).translate(None, b"\0").upper()


def starts(*beginnings: bytes) -> Callable[[bytes], bool]:
    """What tells a file by the bytes at its beginning."""
    return lambda content: content.startswith(beginnings)


def plain(content: bytes) -> bool:
    """Whether it is text in UTF-8 with nothing that steers a terminal, and no markup that a browser would run."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    steering = any(unicodedata.category(sign) == "Cc" for sign in set(text) - set("\t\r\n"))
    return bool(text.strip()) and not steering and not text.lstrip("\ufeff \t\r\n").startswith("<")


PICTURES: Mapping[str, str] = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
"""What is written anew, and what every browser shows: media type -> the name that Pillow knows it by."""
DAMAGE = (OSError, EOFError, ValueError, LookupError, TypeError, SyntaxError, ArithmeticError, struct.error, zlib.error,
          Image.DecompressionBombError)  # fmt: skip
"""What Pillow raises where a picture is broken, or a bomb."""
ARCHIVE = (zipfile.BadZipFile, zlib.error, ValueError, OverflowError, EOFError, NotImplementedError, RuntimeError)
"""What reading raises where an archive is broken, or has a password."""
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: Mapping[tuple[str, str], Callable[[bytes], bool]] = {
    ("image/jpeg", ".jpg"): starts(b"\xff\xd8\xff"),
    ("image/png", ".png"): starts(b"\x89PNG\r\n\x1a\n"),
    ("image/gif", ".gif"): starts(b"GIF87a", b"GIF89a"),
    ("image/webp", ".webp"): lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
    ("application/pdf", ".pdf"): starts(b"%PDF-"),
    (WORD, ".docx"): office("word/document.xml"),
    (EXCEL, ".xlsx"): office("xl/workbook.xml"),
    ("text/plain", ".txt"): plain,
}
"""What is taken: media type and ending -> whether a content is of that kind; the first that is counts."""
