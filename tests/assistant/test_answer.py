import pytest

from assistant.answer import CHARACTERS, SENTENCES, WORDS, compose
from knowledge import Block, Document, Retriever, build

THAI = (
    "บริษัทรับเปลี่ยนสินค้าภายในสามสิบวันนับจากวันที่ลูกค้าได้รับสินค้า "
    "ค่าจัดส่งสินค้ากลับคืนบริษัทเป็นผู้รับผิดชอบทั้งหมดในกรณีสินค้าชำรุด "
    "ลูกค้าต้องเก็บใบเสร็จรับเงินและกล่องบรรจุภัณฑ์เดิมไว้ให้ครบถ้วน "
) * 4


def quoted(tmp_path, document, question):
    build([document], tmp_path)
    retriever = Retriever.open(tmp_path)
    return compose(question, retriever.search(question), retriever)


@pytest.mark.parametrize(
    ("language", "text", "question", "gold"),
    [
        ("ta", "திரும்பப் பெறும் கால அளவு 30 நாட்கள். பணம் 7 நாட்களில் வரும். பெட்டி முக்கியம்.", "பணம் எப்போது வரும்?", "7 நாட்களில்"),
        ("te", "వారంటీ 2 సంవత్సరాలు. రిపేరు ఖర్చు 450 రూపాయలు. బిల్లు అవసరం.", "రిపేరు ఖర్చు ఎంత?", "450 రూపాయలు"),
        ("th", THAI, "ใครรับผิดชอบค่าจัดส่งสินค้ากลับ", "บริษัทเป็นผู้รับผิดชอบ"),
        ("hu", "A kiszállítás 3 nap. A szerelő díja 9 900 Ft. Hétvégén zárva.", "Mennyi a szerelő díja?", "9 900 Ft"),
        ("hi", "वापसी 30 दिन में होती है। पिकअप शुल्क ₹249 है। बिल रखें।", "पिकअप का शुल्क कितना है?", "₹249"),
        ("ar", "الضمان سنتان. رسوم التوصيل ٥٠ درهمًا. احتفظ بالفاتورة.", "كم رسوم التوصيل؟", "٥٠ درهمًا"),
    ],
)
def test_the_quote_answers_and_stands_where_it_says(tmp_path, language, text, question, gold):
    answer = quoted(tmp_path, Document("d", text, language=language, source="d.txt"), question)
    assert gold in answer.text
    assert answer.language == language
    assert answer.citations
    for citation in answer.citations:
        assert text[citation.start : citation.end] == citation.quote
        assert citation.quote in answer.text


@pytest.mark.parametrize("text", [THAI, "A díj 500 Ft. " * 80, "கட்டணம் ரூ. 500 ஆகும். " * 80], ids=["th", "hu", "ta"])
def test_a_quote_is_short_and_in_reading_order(tmp_path, text):
    answer = quoted(tmp_path, Document("d", text), text[:30])
    starts = [citation.start for citation in answer.citations]
    assert starts == sorted(starts)
    assert len(answer.text) <= CHARACTERS or len(answer.text.split()) <= WORDS
    if text is not THAI:
        assert answer.text.count(".") <= 2 * SENTENCES


def test_a_list_of_steps_stays_whole(tmp_path):
    steps = ["1. மின்சாரத்தை நிறுத்தவும்", "2. வடிகட்டியைக் கழற்றவும்", "3. தண்ணீரில் கழுவவும்"]
    text = "வடிகட்டியைச் சுத்தம் செய்ய:\n" + "\n".join(steps) + "\nபிறகு எங்களை அழைக்கவும்."
    spans = [(text.index(line), text.index(line) + len(line)) for line in text.split("\n")]
    kinds = ["paragraph", "item", "item", "item", "paragraph"]
    blocks = tuple(Block(*span, kind) for span, kind in zip(spans, kinds, strict=True))
    answer = quoted(tmp_path, Document("d", text, blocks=blocks), "வடிகட்டியைக் கழற்றவும் எப்படி?")
    assert "\n".join(steps) in answer.text


def test_the_end_of_a_long_paragraph_is_quoted_too(tmp_path):
    filler = [f"A {number}. szabály a mellékletben olvasható részletesen." for number in range(60)]
    long, short = " ".join([*filler, "A kiszállás díja 9900 forint."]), "Hétvégén zárva vagyunk."
    text = f"{long}\n\n{short}"
    blocks = (Block(0, len(long)), Block(len(long) + 2, len(text)))
    answer = quoted(tmp_path, Document("d", text, language="hu", blocks=blocks), "Mennyi a kiszállás díja forintban?")
    assert "9900 forint" in answer.text
