"""DOCX and XLSX are zip archives: what is refused before their libraries see them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

from knowledge.errors import BrokenFile, EncryptedFile

# What the libraries let through of the zip, the XML (whose errors are SyntaxErrors), and the values they find.
DAMAGE = (zipfile.BadZipFile, SyntaxError, zlib.error, KeyError, ValueError, EOFError, RuntimeError)
LARGEST = 200 * 1024 * 1024
# How Office wraps a document with a password (and how its old formats begin).
COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


def check(path: Path, kind: str) -> None:
    """Raises EncryptedFile or BrokenFile where the file is no archive, or unpacks to more than 200 MB."""
    with path.open("rb") as file:
        if file.read(8) == COMPOUND:
            raise EncryptedFile(
                f"{path.name} has a password or is in an old Office format; save it without a password as {kind}."
            )
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise broken(path, kind) from error
    if size > LARGEST:
        raise BrokenFile(
            f"{path.name} unpacks to {size // 1024**2} MB, more than the {LARGEST // 1024**2} MB that are allowed; "
            "split it or remove its pictures."
        )


def broken(path: Path, kind: str) -> BrokenFile:
    """The sentence for an archive that its library cannot read."""
    return BrokenFile(f"{path.name} is damaged or is not {kind}; open it in an office program and save it again.")
