"""The text in a file's bytes."""

from __future__ import annotations

from pathlib import Path

from knowledge.errors import BrokenFile
from knowledge.text import encoding_of


def decode(path: Path) -> str:
    """The file's text without a byte order mark: UTF-8, or what the mark says.

    Older encodings are refused, not guessed: Hungarian in cp1250 and in cp775 look equally likely, and a wrong guess
    would be quoted to customers.
    """
    data = path.read_bytes()
    encoding = encoding_of(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BrokenFile(
            f"{path.name} is not {encoding.removesuffix('-sig').upper()} text (byte {error.start}); "
            "open it in the program that wrote it and save it as UTF-8."
        ) from error
    if "\0" in text:
        raise BrokenFile(f"{path.name} holds binary data where text was expected; check what kind of file it is.")
    return text
