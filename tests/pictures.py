"""Photos as telephones take them: with the place, the owner's name and a comment beside the picture."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from PIL import ExifTags, Image, PngImagePlugin

OWNER = "Kannamma Selvam"
"""Who took it; a latitude stands beside it."""


def picture(format: str, size: tuple[int, int] = (3, 2), orientation: int = 1) -> bytes:
    """A picture of a format that Pillow knows, with all that the format can hold beside it."""
    image, beside = Image.new("P" if format == "GIF" else "RGB", size), Image.Exif()
    beside[ExifTags.Base.Orientation] = orientation
    beside[ExifTags.Base.Artist] = OWNER
    beside.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (13.0, 4.0, 57.0), 3: "E", 4: (80.0, 16.0, 14.0)})
    text = PngImagePlugin.PngInfo()
    text.add_itxt("Author", OWNER)
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><author>{OWNER}</author></x:xmpmeta>'.encode()
    more: dict[str, Any] = {
        "JPEG": {"exif": beside, "xmp": xmp, "comment": OWNER},
        "PNG": {"exif": beside, "pnginfo": text},
        "WEBP": {"exif": beside.tobytes(), "xmp": xmp},
        "GIF": {"comment": OWNER.encode()},
    }[format]
    taken = BytesIO()
    image.save(taken, format, **more)
    return taken.getvalue()
