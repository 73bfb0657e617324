from __future__ import annotations

import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import docx
import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.documents import Document
from knowledge.errors import BrokenFile, EmptyFile, EncryptedFile, FileRefused, UnknownFormat
from knowledge.load import FORMATS, load
from knowledge.load.lines import outline

FILES = Path(__file__).parent / "files"


@dataclass(frozen=True)
class Page:
    """What every format is given to say: a heading, a paragraph, two numbered steps, a question with its answer."""

    language: str
    heading: str
    paragraph: str
    steps: tuple[str, str]
    columns: tuple[str, str]
    question: str
    answer: str


PAGES = [
    Page(
        "ta",
        "பொருட்களைத் திருப்பி அனுப்புதல்",
        "பொருள் கையில் கிடைத்த நாளிலிருந்து 30 நாட்களுக்குள் அதை எங்களுக்குத் திருப்பி அனுப்பலாம், கட்டணம் எதுவும் இல்லை.",
        ("பொருளை அதன் பெட்டியில் வையுங்கள்", "அருகிலுள்ள கடையில் ஒப்படையுங்கள்"),
        ("கேள்வி", "பதில்"),
        "பணம் எப்போது திரும்பக் கிடைக்கும்?",
        "பொருள் எங்களிடம் வந்த ஏழு வேலை நாட்களுக்குள் உங்கள் வங்கிக் கணக்கில் வரவு வைப்போம்.",
    ),
    Page(
        "te",
        "వస్తువులు తిరిగి పంపడం",
        "వస్తువు మీకు అందిన 30 రోజుల్లోగా దాన్ని మాకు తిరిగి పంపవచ్చు, దీనికి మీరు ఎలాంటి రుసుమూ చెల్లించాల్సిన అవసరం లేదు.",
        ("వస్తువును దాని పెట్టెలో పెట్టండి", "దగ్గరలోని దుకాణంలో ఇవ్వండి"),
        ("ప్రశ్న", "సమాధానం"),
        "డబ్బు ఎప్పుడు తిరిగి వస్తుంది?",
        "వస్తువు మాకు చేరిన ఏడు పని దినాల్లో మీ బ్యాంకు ఖాతాలో జమ చేస్తాం.",
    ),
    Page(
        "th",
        "การคืนสินค้า",
        "ลูกค้าคืนสินค้าได้ภายใน 30 วันนับจากวันที่ได้รับของ โดยสินค้าต้องอยู่ในสภาพเดิมพร้อมกล่อง และไม่มีค่าใช้จ่าย",
        ("ใส่สินค้ากลับลงในกล่องเดิม", "นำไปส่งที่ร้านสาขาใกล้บ้าน"),
        ("คำถาม", "คำตอบ"),
        "จะได้เงินคืนเมื่อไหร่?",
        "เราโอนเงินคืนเข้าบัญชีธนาคารของลูกค้าภายในเจ็ดวันทำการหลังจากได้รับสินค้า",
    ),
    Page(
        "hu",
        "Visszaküldés",
        "A terméket az átvételtől számított 30 napon belül díjmentesen visszaküldheti, és az árát teljes egészében megtérítjük.",
        ("Tegye vissza a terméket a dobozába", "Adja le a legközelebbi üzletünkben"),
        ("Kérdés", "Válasz"),
        "Mikor kapom vissza a pénzemet?",
        "Az összeget hét munkanapon belül visszautaljuk a bankszámlájára, miután a csomag megérkezett hozzánk.",
    ),
    Page(
        "hi",
        "सामान लौटाना",
        "सामान मिलने के 30 दिनों के भीतर आप उसे हमें बिना किसी शुल्क के लौटा सकते हैं, बस डिब्बा और बिल साथ होने चाहिए।",
        ("सामान को उसके डिब्बे में रखें", "पास की दुकान पर जमा कर दें"),
        ("सवाल", "जवाब"),
        "पैसे कब वापस मिलेंगे?",
        "सामान हमारे पास पहुँचने के सात कार्यदिवसों में पैसे आपके बैंक खाते में आ जाएँगे।",
    ),
    Page(
        "ar",
        "إرجاع المنتجات",
        "يمكنك إرجاع المنتج مجاناً خلال 30 يوماً من تاريخ استلامه، بشرط أن يكون في عبوته الأصلية ومعه فاتورة الشراء.",
        ("ضع المنتج في عبوته", "سلّمه إلى أقرب فرع"),
        ("سؤال", "جواب"),
        "متى أستعيد نقودي؟",
        "نحوّل المبلغ إلى حسابك المصرفي خلال سبعة أيام عمل من وصول المنتج إلينا.",
    ),
]


def in_markdown(page: Page, path: Path) -> None:
    path.write_text(
        f"---\nlang: {page.language}\n---\n# {page.heading}\n\n**{page.paragraph}**\n\n"
        f"1. {page.steps[0]}\n2. {page.steps[1]}\n\n"
        f"| {page.columns[0]} | {page.columns[1]} |\n|---|---|\n| {page.question} | {page.answer} |\n",
        encoding="utf-8",
    )


def in_html(page: Page, path: Path) -> None:
    path.write_text(
        f"<!doctype html><html lang={page.language}><head><title>x</title><style>p{{}}</style></head><body>"
        f"<nav><ul><li>menu</ul></nav><div class=cookie-banner>cookies?</div><main><h1>{page.heading}</h1>"
        f"<p>{page.paragraph[:20]}<b>{page.paragraph[20:]}</b></p><ol><li>{page.steps[0]}</li><li>{page.steps[1]}</ol>"
        f"<details><summary>{page.question}</summary>{page.answer}</details></main><footer>©</footer></body></html>",
        encoding="utf-8",
    )


def in_text(page: Page, path: Path) -> None:
    path.write_text(
        f"{page.heading}\n\n{page.paragraph}\n\n1. {page.steps[0]}\n2. {page.steps[1]}\n\n"
        f"{page.columns[0]}: {page.question}\n{page.columns[1]}: {page.answer}\n",
        encoding="utf-8",
    )


def in_docx(page: Page, path: Path) -> None:
    document = docx.Document()
    document.add_heading(page.heading, 1)
    document.add_paragraph(page.paragraph)
    for step in page.steps:
        document.add_paragraph(step, style="List Number")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, (*page.columns, page.question, page.answer), strict=True):
        cell.text = text
    document.save(str(path))


def in_xlsx(page: Page, path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ((page.heading,), page.columns, (page.question, page.answer)):
        book.active.append(row)
    book.save(path)


def in_csv(page: Page, path: Path) -> None:
    path.write_text(f'{";".join(page.columns)}\r\n"{page.question}";"{page.answer}"\r\n', encoding="utf-8-sig")


def in_jsonl(page: Page, path: Path) -> None:
    text = f"{page.heading}\n\n{page.paragraph}\n\n1. {page.steps[0]}\n2. {page.steps[1]}\n"
    entry = {"id": "returns", "title": page.heading, "text": text, "language": page.language}
    path.write_text(json.dumps(entry, ensure_ascii=False) + "\n", encoding="utf-8")


def in_pdf(page: Page, path: Path) -> None:
    """The committed file says the same as the page; a browser printed it."""
    shutil.copy(FILES / f"{page.language}.pdf", path)


WRITERS: dict[str, Callable[[Page, Path], None]] = {
    ".md": in_markdown,
    ".markdown": in_markdown,
    ".html": in_html,
    ".htm": in_html,
    ".txt": in_text,
    ".docx": in_docx,
    ".xlsx": in_xlsx,
    ".csv": in_csv,
    ".jsonl": in_jsonl,
    ".pdf": in_pdf,
}
STEPS, PAIR, PROSE = "steps", "pair", "prose"
SAYS = {
    **dict.fromkeys((".md", ".markdown", ".html", ".htm", ".txt", ".docx"), (PROSE, STEPS, PAIR)),
    ".xlsx": (PAIR,),
    ".csv": (PAIR,),
    ".jsonl": (PROSE, STEPS),
    ".pdf": (PROSE, STEPS),
}


def said(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def run_of(found: Sequence[object], expected: Sequence[object]) -> bool:
    return any(list(found[at : at + len(expected)]) == list(expected) for at in range(len(found)))


def test_every_format_is_written_here() -> None:
    assert WRITERS.keys() == FORMATS.keys() == SAYS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.language)
@pytest.mark.parametrize("suffix", FORMATS)
class TestContract:
    @pytest.fixture
    def document(self, suffix: str, page: Page, tmp_path: Path) -> Document:
        path = tmp_path / f"return-policy{suffix}"
        WRITERS[suffix](page, path)
        (document,) = load(path)
        return document

    def test_text_is_said_in_order_with_its_kind(self, document: Document, suffix: str, page: Page) -> None:
        expected = {
            PROSE: [("heading", page.heading), ("paragraph", page.paragraph)],
            STEPS: [("item", f"1. {page.steps[0]}"), ("item", f"2. {page.steps[1]}")],
            PAIR: [("question", page.question), ("paragraph", page.answer)],
        }
        for part in SAYS[suffix]:
            assert run_of(said(document), expected[part])

    @pytest.mark.usefixtures("page")
    def test_blocks_are_exact_and_furniture_is_left_out(self, document: Document, suffix: str) -> None:
        ends = [0, *[block.end for block in document.blocks]]
        for before, block in zip(ends, document.blocks, strict=False):
            text = document.text[block.start : block.end]
            assert before <= block.start < block.end <= len(document.text)
            assert text == text.strip()
            assert block.start == 0 or "\n" in document.text[before : block.start] or suffix == ".txt"
            assert (block.level > 0) == (block.kind == "heading")
            assert (block.page == 1) == (suffix == ".pdf")
        assert "cookies" not in document.text
        assert "menu" not in document.text
        assert "©" not in document.text

    def test_names(self, document: Document, suffix: str, page: Page) -> None:
        assert document.source == f"return-policy{suffix}"
        assert document.title == ("Return policy" if suffix in (".csv", ".xlsx") else page.heading)
        tells = suffix in (".md", ".markdown", ".html", ".htm", ".jsonl")
        assert document.language == (page.language if tells else "und")
        assert document.id == ("returns" if suffix == ".jsonl" else "")


class TestRefusals:
    @pytest.mark.parametrize("suffix", FORMATS)
    def test_empty(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"ürügy{suffix}"
        path.write_bytes(b"")
        refused(path, EmptyFile)

    def test_a_scan_without_text(self, tmp_path: Path) -> None:
        path = tmp_path / "szkennelt.pdf"
        with pypdfium2.PdfDocument.new() as file:
            file.new_page(300, 400)
            file.save(path)
        assert "OCR" in refused(path, EmptyFile)

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_bytes_of_something_else(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"படம்{suffix}"
        path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe\x00broken" * 50)
        refused(path, BrokenFile)

    @pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pdf"])
    def test_cut_off_and_overwritten_files(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"คืน{suffix}"
        WRITERS[suffix](PAGES[2], path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if suffix != ".pdf" else whole[:60])
        refused(path, BrokenFile)
        middle = len(whole) // 3
        path.write_bytes(whole[:middle] + bytes(200) + whole[middle + 200 :])
        if suffix != ".pdf":  # PDFium repairs what it can.
            refused(path, BrokenFile)

    @pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
    def test_a_zip_of_something_else(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"a{suffix}"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("photo.txt", "x")
        refused(path, BrokenFile)

    @pytest.mark.parametrize("suffix", [".docx", ".xlsx"])
    def test_a_zip_that_explodes(self, suffix: str, tmp_path: Path) -> None:
        path = tmp_path / f"a{suffix}"
        WRITERS[suffix](PAGES[0], path)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as file:
            for _ in range(201):
                file.write(bytes(1024**2))
        refused(path, BrokenFile)

    @pytest.mark.parametrize(
        ("suffix", "part", "honest", "hostile", "why"),
        [
            (".docx", "word/document.xml", rb"<w:tcW [^>]*>", b'<w:gridSpan w:val="2000000000"/>', BrokenFile),
            (".xlsx", "xl/worksheets/sheet1.xml", rb'(?<=<row )r="2"', b'r="2000000000"', EmptyFile),
        ],
    )
    def test_a_table_that_says_it_is_endless(
        self, suffix: str, part: str, honest: bytes, hostile: bytes, why: type[FileRefused], tmp_path: Path
    ) -> None:
        path, endless = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
        WRITERS[suffix](PAGES[0], path)
        with zipfile.ZipFile(path) as read, zipfile.ZipFile(endless, "w") as written:
            for name in read.namelist():
                content = read.read(name)
                changed = re.sub(honest, hostile, content) if name == part else content
                assert (changed != content) == (name == part)
                written.writestr(name, changed)
        refused(endless, why)

    def test_encrypted(self, tmp_path: Path) -> None:
        refused(FILES / "password.pdf", EncryptedFile)
        path = tmp_path / "a.docx"
        path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
        refused(path, EncryptedFile)

    def test_unknown(self, tmp_path: Path) -> None:
        path = tmp_path / "கையேடு.odt"
        path.write_text("x")
        assert ".docx" in refused(path, UnknownFormat)

    def test_missing(self, tmp_path: Path) -> None:
        refused(tmp_path / "nincs.txt", FileRefused)

    def test_an_old_encoding_is_not_guessed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes("kérdés;válasz\nMennyi idő?;Két nap.\n".encode("cp1250"))
        assert "UTF-8" in refused(path, BrokenFile)

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            ("{", "is not JSON"),
            ("[]", "is not a JSON object"),
            ('{"id": "b"}', "has no 'text'"),
            ('{"text": "b"}', "has no 'id'"),
            ('{"id": "b", "text": 3}', "not a string"),
            ('{"id": "b", "text": "\\ud800"}', "lone surrogate"),
            ('{"id": "a", "text": "b"}', "repeats the id 'a'"),
        ],
    )
    def test_jsonl_names_the_line(self, line: str, fault: str, tmp_path: Path) -> None:
        path = tmp_path / "tudás.jsonl"
        path.write_text('{"id": "a", "text": "x"}\n\n' + line + "\n", encoding="utf-8")
        message = refused(path, BrokenFile)
        assert "line 3 " in message
        assert fault in message


def refused(path: Path, kind: type[FileRefused]) -> str:
    with pytest.raises(kind) as caught:
        load(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert "\n" not in message
    return message


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300).filter(str.strip)


class TestExactText:
    @settings(max_examples=80, deadline=None)
    @given(text=TEXTS.filter(lambda text: not text.startswith("\ufeff")))
    def test_plain(self, text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        path = tmp_path_factory.mktemp("plain") / "a.txt"
        path.write_bytes(text.encode())
        (document,) = load(path)
        assert document.text == text
        in_order(document)

    @settings(max_examples=80, deadline=None)
    @given(texts=st.lists(TEXTS, min_size=1, max_size=4))
    def test_jsonl(self, texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
        path = tmp_path_factory.mktemp("jsonl") / "a.jsonl"
        entries = [{"id": str(at), "text": text} for at, text in enumerate(texts)]
        path.write_bytes("\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries).encode())
        documents = load(path)
        assert [document.text for document in documents] == texts
        for document in documents:
            in_order(document)

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_encodings(self, encoding: str, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes("கட்டணம்\r\nน้ำ\r\n".encode(encoding))
        assert load(path)[0].text == "கட்டணம்\r\nน้ำ\r\n"


def in_order(document: Document) -> None:
    end = 0
    for block in document.blocks:
        assert end <= block.start < block.end <= len(document.text)
        end = block.end


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in outline(text)]


class TestLines:
    def test_native_digits_and_bullets(self) -> None:
        assert kinds("๑. เปิดกล่อง\n๒. กดปุ่ม\n• ถอดปลั๊ก\n") == [
            ("item", "๑. เปิดกล่อง"),
            ("item", "๒. กดปุ่ม"),
            ("item", "ถอดปลั๊ก"),
        ]

    def test_a_hungarian_ordinal_inside_a_sentence_is_no_item(self) -> None:
        text = "A számlát legkésőbb a következő hónap\n15. napjáig kell befizetni."
        assert kinds(text) == [("paragraph", text)]

    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("கே", "ப"),
            ("ప్ర", "జ"),
            ("ถาม", "ตอบ"),
            ("K", "V"),
            ("प्र", "उ"),
            ("س", "ج"),
            ("Q1", "A1"),
            ("Frage", "Antwort"),
        ],
    )
    def test_labels(self, question: str, answer: str) -> None:
        assert kinds(f"{question}: 30 → 40?\n{answer}: 50\n60") == [("question", "30 → 40?"), ("paragraph", "50\n60")]

    def test_a_question_without_a_label(self) -> None:
        assert kinds("Lejárnak a pontok?\nIgen, 12 hónap után.\n\nకరెంటు పోతే?\n\n24 గంటల వరకు తాగవచ్చు.") == [
            ("question", "Lejárnak a pontok?"),
            ("paragraph", "Igen, 12 hónap után."),
            ("question", "కరెంటు పోతే?"),
            ("paragraph", "24 గంటల వరకు తాగవచ్చు."),
        ]

    def test_one_letter_is_no_label_by_itself(self) -> None:
        assert kinds("K: 9-17 óra\nSzo: zárva") == [("paragraph", "K: 9-17 óra\nSzo: zárva")]

    def test_wrapped_prose_has_no_headings(self) -> None:
        text = "நாங்கள் திங்கள் முதல்\nவெள்ளி வரை திறந்திருப்போம்.\n\nசனிக்கிழமை விடுமுறை."
        assert [kind for kind, _ in kinds(text)] == ["paragraph", "paragraph"]


class TestMarkup:
    def test_tables_carry_their_header(self, tmp_path: Path) -> None:
        path = tmp_path / "díjak.md"
        path.write_text("| Súly | Díj |\n|--|--|\n| 2 kg | 990 Ft |\n| 5 kg | 1490 Ft |\n", encoding="utf-8")
        (document,) = load(path)
        assert document.text == "Súly: 2 kg; Díj: 990 Ft\nSúly: 5 kg; Díj: 1490 Ft"
        assert [block.kind for block in document.blocks] == ["row", "row"]
        assert document.title == "Díjak"

    def test_spans(self, tmp_path: Path) -> None:
        path = tmp_path / "a.html"
        path.write_text(
            "<table><tr><th rowspan=2>மண்டலம்<th colspan=2>கட்டணம்<tr><th>1 கிலோ<th>5 கிலோ"
            "<tr><td rowspan=2>சென்னை<td>₹40<td>₹90<tr><td>₹50<td>₹99</table>",
            encoding="utf-8",
        )
        assert load(path)[0].text.split("\n") == [
            "மண்டலம்: சென்னை; கட்டணம் 1 கிலோ: ₹40; கட்டணம் 5 கிலோ: ₹90",
            "மண்டலம்: சென்னை; கட்டணம் 1 கிலோ: ₹50; கட்டணம் 5 கிலோ: ₹99",
        ]

    def test_nested_lists_definitions_and_inline_tags(self, tmp_path: Path) -> None:
        path = tmp_path / "a.html"
        path.write_text(
            "<ol start=3><li>เปิด<span>แอป</span><ul><li>iOS<li>Android</ul><li><p>กดส่ง</p></ol>"
            "<dl><dt>Mennyi?<dd>990 Ft</dl><p>one<br>two</p><script>x</script><pre>a  b\n c</pre>",
            encoding="utf-8",
        )
        assert said(load(path)[0]) == [
            ("item", "3. เปิดแอป"),
            ("item", "iOS"),
            ("item", "Android"),
            ("item", "4. กดส่ง"),
            ("question", "Mennyi?"),
            ("paragraph", "990 Ft"),
            ("paragraph", "one\ntwo"),
            ("paragraph", "a b\nc"),
        ]

    def test_normalised_with_joiners_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "a.html"
        path.write_text("<p>\ufeffka\u200bve\u0301 \u0d28\u0d4d\u200d می\u200cخواهم</p>", encoding="utf-8")
        assert load(path)[0].text == "kavé \u0d28\u0d4d\u200d می\u200cخواهم"

    def test_a_page_in_its_own_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "a.html"
        path.write_bytes("<meta charset=windows-1250><p>Őrült drága?</p>".encode("cp1250"))
        assert load(path)[0].text == "Őrült drága?"


class TestDocx:
    def test_lists_restart_and_bullets_have_no_number(self, tmp_path: Path) -> None:
        path = tmp_path / "a.docx"
        document = docx.Document()
        for text, style in [
            ("एक", "List Number"),
            ("नोट", "List Bullet"),
            ("दो", "List Number"),
            ("अ", "List Number 2"),
        ]:
            document.add_paragraph(text, style=style)
        document.save(str(path))
        assert said(load(path)[0]) == [("item", "1. एक"), ("item", "नोट"), ("item", "2. दो"), ("item", "1. अ")]

    def test_merged_cells_and_entities(self, tmp_path: Path) -> None:
        path = tmp_path / "a.docx"
        document = docx.Document()
        table = document.add_table(2, 2)
        for cell, text in zip(table._cells, ("ప్రాంతం", "రుసుము", "అన్నీ", ""), strict=True):
            cell.text = text
        table.cell(1, 0).merge(table.cell(1, 1))
        document.save(str(path))
        assert load(path)[0].text == "ప్రాంతం: అన్నీ"


class TestTables:
    def test_cells_as_people_read_them(self, tmp_path: Path) -> None:
        from datetime import datetime

        path = tmp_path / "a.xlsx"
        book = openpyxl.Workbook()
        book.active.title = "ราคา"
        book.active.append(["สินค้า", "ราคา", "ส่วนลด", "ถึงวันที่"])
        book.active.append(["ตู้เย็น", 9900.0, 0.15, datetime(2026, 12, 31)])
        book.active["C2"].number_format = "0%"
        hidden = book.create_sheet("belső")
        hidden.append(["titok", "x"])
        hidden.sheet_state = "hidden"
        book.save(path)
        assert load(path)[0].text == "สินค้า: ตู้เย็น; ราคา: 9900; ส่วนลด: 15%; ถึงวันที่: 2026-12-31"

    def test_topics_and_other_columns(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text(
            'Téma,Kérdés,Válasz,Kód\nSzállítás,"Mikor, és hol?","Holnap,\n8 után.",S1\nSzállítás,Mennyi?,990 Ft,\n',
            encoding="utf-8",
        )
        assert said(load(path)[0]) == [
            ("heading", "Szállítás"),
            ("question", "Mikor, és hol?"),
            ("paragraph", "Holnap,\n8 után."),
            ("row", "Kód: S1"),
            ("question", "Mennyi?"),
            ("paragraph", "990 Ft"),
        ]

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters(self, delimiter: str, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        rows = [["Város", "Díj"], ["Pécs", '"990, 1190; vagy 1490"'], ["Győr", "890"]]
        path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-16")
        assert load(path)[0].text == "Város: Pécs; Díj: 990, 1190; vagy 1490\nVáros: Győr; Díj: 890"


class TestPdf:
    """`long.pdf`: 7 pages of Hungarian with a header, page numbers, cut words, and sentences over the pages' ends."""

    @pytest.fixture
    def document(self) -> Document:
        return load(FILES / "long.pdf")[0]

    def test_headers_and_page_numbers_are_left_out(self, document: Document) -> None:
        assert document.title == "Általános szerződési feltételek"
        assert "Kékduna" not in document.text
        assert " / 7" not in document.text
        assert {block.page for block in document.blocks} == {1, 2, 3, 4, 5, 6, 7}

    def test_sentences_are_whole(self, document: Document) -> None:
        prose = [text for kind, text in said(document) if kind == "paragraph"]
        assert len(prose) > 24
        assert all(text[0].isupper() and text.endswith(".") and "\n" not in text for text in prose)

    def test_cut_words_are_joined(self, document: Document) -> None:
        assert "amelyet a megrendeléskor megadott." in document.text
        assert not any(mark in document.text for mark in "\u2010\u00ad\ufffe")

    def test_headings_by_size(self, document: Document) -> None:
        headings = [block for block in document.blocks if block.kind == "heading"]
        assert [block.level for block in headings] == [1, 2, 2, 2, 2, 2, 2]
        assert document.text[headings[6].start : headings[6].end] == "6. fejezet: a szolgáltatás feltételei"


def drawn(path: Path, *pages: Sequence[tuple[float, float, float, str]]) -> Path:
    """A PDF whose pages paint each text at its place (left, base, size)."""
    contents = [
        "\n".join(f"BT /F1 {size} Tf {left} {base} Td ({text}) Tj ET" for left, base, size, text in page)
        for page in pages
    ]
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for at, content in enumerate(contents):
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * at} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    body = b"%PDF-1.4\n"
    places = []
    for number, entry in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{entry}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = f"trailer << /Root 1 0 R /Size {len(objects) + 1} >>\nstartxref\n{len(body)}\n%%EOF\n"
    path.write_bytes(body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode())
    return path


class TestPdfLayout:
    def test_a_page_that_paints_every_letter_takes_time_in_proportion(self, tmp_path: Path) -> None:
        def seconds(letters: int) -> float:
            page = [(40 + 5 * (at % 100), 800 - 3 * (at // 100), 2, "eh"[at % 2]) for at in range(letters)]
            path = drawn(tmp_path / f"{letters}.pdf", page)
            start = time.process_time()
            assert len(load(path)[0].text) >= letters
            return time.process_time() - start

        assert min(seconds(20_000) for _ in range(2)) < 20 * max(seconds(2_000) for _ in range(3))

    def test_a_wrapped_row_is_one_row_where_rows_stand_apart(self, tmp_path: Path) -> None:
        rows = [
            (700, "Szolgáltatás", "Díj"),
            (680, "Kisgép elvitele és", "1990 Ft oda"),
            (668, "visszahozása", "vissza"),
        ]
        rows += [(648, "Kiszállás", "5990 Ft")]
        prose = [(40, 600 - 12 * at, 10, "A javítás díját a helyszínen közöljük.") for at in range(6)]
        cells = [(left, base, 10, text) for base, *texts in rows for left, text in zip((40, 300), texts, strict=True)]
        assert load(drawn(tmp_path / "a.pdf", [*cells, *prose]))[0].text.split("\n")[:2] == [
            "Szolgáltatás: Kisgép elvitele és visszahozása; Díj: 1990 Ft oda vissza",
            "Szolgáltatás: Kiszállás; Díj: 5990 Ft",
        ]

    def test_rows_as_close_as_lines_stay_rows(self, tmp_path: Path) -> None:
        rows = [(700, "Város", "Díj"), (688, "Pécs", "990 Ft"), (676, "Vác", "890 Ft")]
        prose = [(40, 600 - 12 * at, 10, "A díjat a futárnak kell kifizetni.") for at in range(6)]
        cells = [(left, base, 10, text) for base, *texts in rows for left, text in zip((40, 300), texts, strict=True)]
        assert load(drawn(tmp_path / "a.pdf", [*cells, *prose]))[0].text.split("\n")[:2] == [
            "Város: Pécs; Díj: 990 Ft",
            "Város: Vác; Díj: 890 Ft",
        ]

    def test_a_header_with_an_empty_corner(self, tmp_path: Path) -> None:
        rows = [(700, "", "HM-1", "HM-2"), (680, "Súly", "5 kg", "7 kg"), (660, "Zaj", "39 dB", "36 dB")]
        cells = [
            (left, base, 10, text)
            for base, *texts in rows
            for left, text in zip((40, 200, 360), texts, strict=True)
            if text
        ]
        assert (
            load(drawn(tmp_path / "a.pdf", cells))[0].text
            == "Súly; HM-1: 5 kg; HM-2: 7 kg\nZaj; HM-1: 39 dB; HM-2: 36 dB"
        )

    def test_letters_that_take_two_halves_are_whole(self) -> None:
        assert load(FILES / "emoji.pdf")[0].text.startswith("Öröm 😀 és")

    def test_thai_lines_that_break_behind_a_phrase_are_one_paragraph(self) -> None:
        """`phrases.pdf`: two paragraphs whose lines break only at spaces."""
        found = [text for kind, text in said(load(FILES / "phrases.pdf")[0]) if kind == "paragraph"]
        assert [text.replace(" ", "") for text in found] == [text.replace(" ", "") for text in PHRASES]
        assert "ก่อนวันจัดส่ง เราส่งไป" in found[0]


PHRASES = (
    "ลูกค้าที่แจ้งเปลี่ยนที่อยู่ก่อนวันจัดส่ง เราส่งไปยังที่อยู่ใหม่ให้โดยไม่คิดค่าบริการ หากแจ้งหลังจากนั้น "
    "พนักงานส่งของจะติดต่อกลับเพื่อนัดหมายวันใหม่อีกครั้งหนึ่ง และอาจมีค่าใช้จ่ายเพิ่มเติมตามระยะทาง",
    "สินค้าชิ้นใหญ่ เช่นตู้เย็นและเครื่องซักผ้า เรายกขึ้นบันไดให้ไม่เกินสองชั้น ชั้นที่สามขึ้นไปคิดเพิ่มชั้นละหนึ่งร้อยบาท "
    "กรุณาเตรียมพื้นที่ไว้ล่วงหน้าก่อนพนักงานไปถึง",
)
