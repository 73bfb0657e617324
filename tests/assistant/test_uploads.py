"""What customers send: only what it shows is kept of a picture, and what is built to harm is not taken."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from assistant import uploads as files
from assistant.uploads import (
    PARTS,
    PICTURES,
    PIXELS,
    ConversationFull,
    DiskFull,
    FileRefused,
    Uploads,
    bare,
    kind,
    named,
)
from tests.pictures import OWNER, picture


@pytest.mark.parametrize("media", PICTURES)
def test_of_a_photo_only_the_picture_is_kept(media: str, tmp_path: Path) -> None:
    taken = picture(PICTURES[media])
    assert OWNER.encode() in taken
    uploads = Uploads(tmp_path)
    path = uploads.path(uploads.keep("c", "வீடு.jpg", taken).id)
    assert path
    kept = path.read_bytes()
    assert OWNER.encode() not in kept
    with Image.open(BytesIO(kept)) as seen:
        assert (dict(seen.getexif()), seen.size) == ({}, (3, 2))
        assert not {"exif", "xmp", "comment", "Author", "XML:com.adobe.xmp"} & set(seen.info)
    assert kind(kept)[0] == media


def test_the_place_was_there_before() -> None:
    with Image.open(BytesIO(picture("JPEG"))) as taken:
        assert taken.getexif().get_ifd(ExifTags.IFD.GPSInfo)[2] == (13.0, 4.0, 57.0)


def test_a_photo_that_was_taken_upright_stays_upright() -> None:
    with Image.open(BytesIO(bare(picture("JPEG", (30, 20), orientation=6), "image/jpeg"))) as seen:
        assert seen.size == (20, 30)


def test_colours_and_transparency_stay() -> None:
    sent = BytesIO()
    Image.new("P", (2, 2)).save(sent, "PNG", transparency=0, icc_profile=b"a profile")
    with Image.open(BytesIO(bare(sent.getvalue(), "image/png"))) as seen:
        assert (seen.info["transparency"], seen.info["icc_profile"]) == (0, b"a profile")


def bomb(width: int, height: int) -> bytes:
    """A PNG of so many black pixels that packs to next to nothing."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        bomb(PIXELS // 8000, 8001),
        bomb(60_000, 60_000),
        bomb(2**31 - 1, 2**31 - 1),
        picture("JPEG")[:200],
        b"\xff\xd8\xff\xe0" + bytes(40),
        b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"GIF89a" + b"\xff" * 30,
    ],
)
def test_a_broken_picture_and_a_bomb_are_refused_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"This picture .*\.$"):
        Uploads(tmp_path).keep("c", "படம்.png", content)
    assert not list(tmp_path.rglob("*"))


def packed(main: str = "word/document.xml", how: int = zipfile.ZIP_DEFLATED, /, **parts: bytes) -> bytes:
    """An office document of these parts."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", how) as archive:
        for name, content in {main: b"<w/>", **parts}.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        packed(**{"word/vbaProject.bin": b"x"}),
        packed(**{"word/VBAPROJECT.BIN": b"x"}),
        packed(**{"word/activeX/activeX1.bin": b"x"}),
        packed(**{"word/embeddings/oleObject1.bin": b"x"}),
        packed(**{"xl/macrosheets/sheet1.xml": b"<x/>"}),
        packed(**{"../../../etc/cron.d/x": b"x"}),
        packed(**{"/etc/passwd": b"x"}),
        packed(**{"word\\..\\..\\x": b"x"}),
        packed(**{"word/media/a.png": bytes(101 * 2**20)}),
        packed(**{f"word/{number}": b"" for number in range(PARTS)}),
        packed(**{"word/document.xml": b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]><w>&e;</w>'}),
        packed(**{"word/document.xml": '<!DOCTYPE w [<!ENTITY e "x">]><w/>'.encode("utf-16")}),
    ],
)
def test_an_office_file_that_is_built_to_harm_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="not taken"):
        kind(content)


@pytest.mark.parametrize(
    "content",
    [
        packed("word/document.xml", zipfile.ZIP_LZMA).replace(b"\5\0\x5d", b"\5\0\xff"),
        packed("word/document.xml", zipfile.ZIP_BZIP2).replace(b"1AY&SY", b"1AY&SX"),
        packed("word/document.xml", zipfile.ZIP_BZIP2, **{"word/media/a.png": bytes(10**6)}),
    ],
)
def test_an_office_file_that_is_packed_as_none_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused, match="not taken"):
        kind(content)


def listing(count: int, extra: int = 0) -> bytes:
    """An office document that says that it has one part, and lists many, with so many bytes beside the name of each."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            part = zipfile.ZipInfo(f"word/{number}" if number else "word/document.xml")
            part.extra = b"\x99\x99\0\0" * (extra // 4)
            archive.writestr(part, b"")
    at = file.getvalue().rindex(b"PK\5\6")
    return file.getvalue()[: at + 8] + b"\1\0\1\0" + file.getvalue()[at + 12 :]


@pytest.mark.parametrize(
    "content", [listing(PARTS + 1), listing(5, 60_000), listing(PARTS + 1) + b"PK\5\6" + bytes(18)]
)
def test_a_long_list_of_parts_is_not_read(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(FileRefused, match="not taken"):
        kind(content)


def test_an_honest_office_file_is_taken() -> None:
    assert kind(packed(**{"word/media/image1.png": picture("PNG")}))[1] == ".docx"


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (picture("GIF"), "image/gif"),
        (b"%PDF-1.7\n", "application/pdf"),
        ("பில் எண் 4471".encode(), "text/plain"),
        (packed(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (packed("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_is_what_its_content_is(content: bytes, media: str) -> None:
    assert kind(content)[0] == media


@pytest.mark.parametrize(
    "content",
    [
        b"", b" \n", b"MZ\x90\x00", b"\x7fELF", b"#!\x00", b"<svg onload='x'>", b"\xef\xbb\xbf <!doctype html>", b"<?xml version='1.0'?>",
        packed("a.txt"), packed("xl/workbook.xml", **{"xl/activeX/activeX1.xml": b""}), b"PK\x03\x04 broken", b"\x1b[31mred",
        b"\x00\x00\x00\x18ftypheic",  # whose beside cannot be taken out
    ],
)  # fmt: skip
def test_what_could_be_run_is_not_taken(content: bytes) -> None:
    with pytest.raises(FileRefused):
        kind(content)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd.png"), ("C:\\bills\\பில்.PNG", "பில்.png"), ("photo.exe", "photo.exe.png"), ("", "file.png"),
        ("..", "file.png"), ("photo\u202egnp.exe\x00\n.png", "photognp.exe.png"), ("க்\u200cஷ.png", "க்\u200cஷ.png"), ("அ" * 300 + ".png", "அ" * 100 + ".png"),
    ],
)  # fmt: skip
def test_a_name_leads_nowhere(name: str, kept: str) -> None:
    assert named(name, ".png") == kept


# Room


def test_a_conversation_takes_so_many_files_and_others_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "FILES", 2)
    monkeypatch.setattr(files, "BYTES", 100)
    uploads, bill = Uploads(tmp_path), "பில் எண் 4471".encode()
    uploads.keep("c", "1.txt", bill)
    with pytest.raises(ConversationFull, match="in words"):
        uploads.keep("c", "2.txt", b"4" * 80)
    uploads.keep("c", "2.txt", bill)
    with pytest.raises(ConversationFull):
        uploads.keep("c", "3.txt", bill)
    uploads.keep("another", "1.txt", bill)
    uploads.forget("c")
    uploads.keep("c", "1.txt", bill)


def test_all_files_together_have_so_much_room_also_after_a_restart(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, most=100)
    kept = [uploads.keep(str(number), "1.txt", b"4" * 30) for number in range(3)]
    for full in (uploads, Uploads(tmp_path, most=100)):
        with pytest.raises(DiskFull, match="in words"):
            full.keep("x", "1.txt", b"4" * 30)
    uploads.drop(kept[0].id)
    uploads.keep("x", "1.txt", b"4" * 30)


def test_files_leave_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SPARE", 2**60)
    with pytest.raises(DiskFull):
        Uploads(tmp_path / "not yet").keep("c", "1.txt", b"4471")
