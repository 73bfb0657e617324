from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Block, Document
from knowledge.split import split
from knowledge.text import sentences


def laid_out(*parts: tuple[str, str, int], page: int | None = None) -> Document:
    """A document of (kind, text, level) parts, one a line."""
    text, blocks = "", []
    for kind, piece, level in parts:
        blocks.append(Block(len(text), len(text) + len(piece), kind, level, page))
        text += piece + "\n"
    return Document("returns", text, "பொருள் திருப்புதல்", "ta", "returns.md", tuple(blocks))


def test_passages_follow_headings():
    document = laid_out(
        ("heading", "திருப்புதல்", 1),
        ("heading", "கால அளவு", 2),
        ("paragraph", "30 நாட்களுக்குள் திருப்பலாம்.", 0),
        ("heading", "பணம்", 2),
        ("paragraph", "7 நாட்களில் பணம் வரும்.", 0),
        ("item", "- கார்டு", 0),
    )
    first, second = split(document)
    assert (first.heading, first.text) == ("திருப்புதல் › கால அளவு", "30 நாட்களுக்குள் திருப்பலாம்.")
    assert (second.heading, second.text) == ("திருப்புதல் › பணம்", "7 நாட்களில் பணம் வரும்.\n- கார்டு")
    assert first.id != second.id


def test_a_question_and_its_answer_are_one_passage():
    document = laid_out(
        ("question", "จะคืนสินค้าได้ไหม", 0),
        ("paragraph", "ได้ภายใน 30 วัน", 0),
        ("question", "ใครจ่ายค่าส่ง", 0),
        ("paragraph", "บริษัทจ่าย", 0),
    )
    assert [(passage.heading, passage.text) for passage in split(document)] == [
        ("จะคืนสินค้าได้ไหม", "ได้ภายใน 30 วัน"),
        ("ใครจ่ายค่าส่ง", "บริษัทจ่าย"),
    ]


def test_a_passage_stays_on_its_page():
    first, second = laid_out(("paragraph", "Első oldal.", 0), page=1), Block(12, 26, page=2)
    document = Document("m", first.text + "Második oldal.", blocks=(*first.blocks, second))
    assert [(passage.text, passage.page) for passage in split(document)] == [("Első oldal.", 1), ("Második oldal.", 2)]


def test_headings_alone_are_text():
    assert [passage.text for passage in split(laid_out(("heading", "हमसे मिलिए", 1)))] == ["हमसे मिलिए"]


@given(
    st.lists(st.sampled_from(["दो दिन लगेंगे।", "Ez egy mondat.", "இது ஒரு வாக்கியம்.", "هذا سطر؟"]), min_size=1, max_size=60)
)
def test_no_sentence_is_cut_and_offsets_are_true(parts):
    document = Document("d", " ".join(parts))
    passages = split(document, limit=80)
    whole = {document.text[start:end] for start, end in sentences(document.text)}
    for passage in passages:
        assert passage.text == document.text[passage.start : passage.end]
        assert {passage.text[start:end] for start, end in sentences(passage.text)} <= whole
        assert len(passage.text) <= 80
    assert " ".join(passage.text for passage in passages) == document.text
