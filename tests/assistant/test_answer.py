from random import Random

import pytest

from assistant.answer import CHARACTERS, SENTENCES, WORDS, compose, judged
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


def laid(*pieces):
    """A text with its blocks, from kinds and lines."""
    text, blocks = "", []
    for kind, line in pieces:
        start = len(text) + 1 if text else 0
        text = f"{text}\n{line}" if text else line
        blocks.append(Block(start, start + len(line), kind))
    return text, tuple(blocks)


@pytest.mark.parametrize(
    ("language", "lead", "steps", "question"),
    [
        ("ta", "கடவுச்சொல்லை மாற்ற:", ["அமைப்புகளைத் திறக்கவும்", "பாதுகாப்பைத் தேர்ந்தெடுக்கவும்", "புதிய கடவுச்சொல்லை இடவும்"], "கடவுச்சொல்லை எப்படி மாற்றுவது?"),
        ("th", "วิธีล้างตัวกรอง:", ["ปิดเครื่องและถอดปลั๊ก", "ถอดตัวกรองออกมาล้างน้ำ", "ใส่ตัวกรองกลับเข้าที่เดิม"], "ล้างตัวกรองอย่างไร"),
        ("hu", "A szűrő tisztítása:", ["Húzza ki a dugót", "Vegye ki a szűrőt", "Mossa el vízzel"], "Hogyan tisztítsam a szűrőt?"),
        ("hi", "फ़िल्टर साफ़ करने के लिए:", ["बिजली बंद करें", "फ़िल्टर निकालें", "पानी से धोएँ"], "फ़िल्टर कैसे साफ़ करें?"),
        ("ar", "لتنظيف المرشح:", ["افصل الكهرباء", "أخرج المرشح", "اغسله بالماء"], "كيف أنظف المرشح؟"),
    ],
)  # fmt: skip
def test_steps_come_whole_in_their_lines_with_what_leads_to_them(tmp_path, language, lead, steps, question):
    text, blocks = laid(("paragraph", lead), *(("item", step) for step in steps))
    answer = quoted(tmp_path, Document("d", text, language=language, blocks=blocks), question)
    assert answer.text == "\n".join([lead, *steps])


@pytest.mark.parametrize(
    ("language", "rows", "question", "told"),
    [
        ("ta", ["நகரம்: சென்னை; கட்டணம்: ₹40", "நகரம்: மதுரை; கட்டணம்: ₹70"], "மதுரைக்குக் கட்டணம் எவ்வளவு?", 1),
        ("th", ["เมือง: เชียงใหม่; ค่าส่ง: 90 บาท", "เมือง: ภูเก็ต; ค่าส่ง: 120 บาท"], "ค่าส่งไปภูเก็ตเท่าไร", 1),
        ("hu", ["Város: Szeged; Díj: 990 Ft", "Város: Győr; Díj: 1490 Ft"], "Mennyi a díj Szegedre?", 0),
        ("ar", ["المدينة: دبي; الرسوم: ٢٠ درهمًا", "المدينة: العين; الرسوم: ٣٥ درهمًا"], "كم الرسوم إلى العين؟", 1),
    ],
)
def test_a_row_is_read_with_its_header_and_never_in_part(tmp_path, language, rows, question, told):
    text, blocks = laid(*(("row", row) for row in rows))
    answer = quoted(tmp_path, Document("d", text, language=language, blocks=blocks), question)
    assert rows[told] in answer.text.split("\n")
    assert set(answer.text.split("\n")) <= set(rows)


FEES = (
    "Our shops open at nine in the morning. Bring the invoice when you visit us. "
    "Delivery to Chennai takes four days. The colour of the cover can be chosen freely at any time. "
    "All of our tables are made from oak that grew in the forests of the north and was dried for two years. "
    "Your refund is paid into your bank account within seven days. "
    "The showroom has a café in which guests can wait and drink coffee while their order is packed for them."
)


@pytest.mark.parametrize(
    ("question", "gold"),
    [
        ("பணம் எத்தனை நாட்களில் வங்கிக் கணக்கில் திரும்ப வரும்?", "within seven days"),
        ("เงินคืนเข้าบัญชีธนาคารภายในกี่วัน", "within seven days"),
        ("Hány napon belül érkezik a visszatérítés a bankszámlámra?", "within seven days"),
        ("चेन्नई में डिलीवरी कितने दिन में होती है?", "four days"),
    ],
    ids=["ta", "th", "hu", "hi"],
)
def test_a_question_in_another_language_gets_the_sentence_that_answers(tmp_path, question, gold):
    answer = quoted(tmp_path, Document("fees", FEES, language="en"), question)
    assert gold in answer.text
    assert len(answer.text.split()) <= WORDS


def test_nothing_that_says_nothing_of_it_pads_an_answer(tmp_path):
    text = "Minden asztal tölgyből készül. A kiszállás díja 9900 forint. Vasárnap zárva tartunk."
    answer = quoted(tmp_path, Document("d", text, language="hu"), "A kiszállás díja hány forint?")
    assert answer.text == "A kiszállás díja 9900 forint."


def test_a_sentence_longer_than_an_answer_is_quoted_from_clause_to_clause(tmp_path):
    clauses = [f"a {number}. pont szerint a felek a mellékletben írtak alapján járnak el" for number in range(9)]
    text = ", ".join([*clauses[:5], "a kiszállás díja pedig 9900 forint", *clauses[5:]]) + "."
    answer = quoted(tmp_path, Document("d", text, language="hu"), "Mennyi a kiszállás díja forintban?")
    assert "a kiszállás díja pedig 9900 forint" in answer.text
    assert len(answer.text.split()) <= WORDS
    assert set(answer.text.rstrip(".").split(", ")) <= {*clauses, "a kiszállás díja pedig 9900 forint"}


WORDS_OF = {
    "ta": ["பணம்", "வங்கி", "நாட்கள்", "30", "கட்டணம்."],
    "th": ["บริษัทรับเปลี่ยนสินค้า", "ภายในสามสิบวัน", "ค่าจัดส่ง", "ใบเสร็จ", "แล้ว"],
    "hu": ["díj,", "szerelő.", "9 900", "Ft", "(nap)"],
    "ar": ["رسوم", "الضمان،", "سنتان.", "٥٠"],
    "hi": ["वापसी", "शुल्क।", "₹249", "दिन"],
}


def written(chance, words):
    """A text of sentences of clauses, some longer than an answer."""
    clauses = [" ".join(chance.choices(words, k=chance.randint(1, 12))) for _ in range(chance.randint(1, 40))]
    return "".join(clause + chance.choice([", ", ", ", ". ", "\n"]) for clause in clauses).strip()


def test_whatever_is_written_is_quoted_word_for_word_and_briefly(tmp_path):
    chance = Random(0)
    documents = [
        Document(f"{language}{number}", written(chance, words), language=language)
        for language, words in WORDS_OF.items()
        for number in range(20)
    ]
    build(documents, tmp_path)
    retriever = Retriever.open(tmp_path)
    for words in list(WORDS_OF.values()) * 8:
        question = " ".join(chance.choices(words, k=4))
        answer = compose(question, retriever.search(question), retriever)
        assert "\n".join(citation.quote for citation in answer.citations) == answer.text
        for citation in answer.citations:
            assert retriever.document(citation.document).text[citation.start : citation.end] == citation.quote
        brief = len(answer.text) <= CHARACTERS if answer.language == "th" else len(answer.text.split()) <= WORDS
        assert brief, answer.text


@pytest.mark.parametrize(
    ("language", "question", "other", "told"),
    [
        ("ta", "டெலிவரிக்குக் கட்டணம் உண்டா?", "டெலிவரி கட்டணம் எவ்வளவு?", "₹5,000க்கு மேல் இலவசம்."),
        ("th", "มีค่าจัดส่งไหม?", "ค่าจัดส่งเท่าไร", "สั่งเกิน 2,000 บาทส่งฟรี"),
        ("hu", "Van szállítási díj?", "Mennyi a szállítási díj?", "20 000 Ft felett ingyenes."),
    ],
)
def test_a_question_of_the_document_is_quoted_unless_the_customer_asked_just_that(
    tmp_path, language, question, other, told
):
    blocks = (Block(0, len(question), "question"), Block(len(question) + 2, len(question) + 2 + len(told)))
    document = Document("faq", f"{question}\n\n{told}", language=language, source="faq.csv", blocks=blocks)
    assert quoted(tmp_path, document, question.upper()).text == told
    assert quoted(tmp_path, document, other).text == f"{question}\n\n{told}"


@pytest.mark.parametrize(
    ("language", "row", "question"),
    [
        ("ta", "குறியீடு: {}; பொருள்: {}", "வாஷிங் மெஷின்ல {}ன்னு வருது, என்ன செய்யணும்?"),
        ("te", "కోడ్: {}; అర్థం: {}", "వాషింగ్ మెషీన్‌లో {} అని వస్తోంది, ఏం చేయాలి?"),
        ("th", "รหัส: {}; ความหมาย: {}", "เครื่องซักผ้าขึ้น{}ต้องทำอย่างไร"),
        ("hu", "Kód: {}; Jelentés: {}", "A mosógép {}-et ír ki, mit tegyek?"),
        ("hi", "कोड: {}; मतलब: {}", "वॉशिंग मशीन पर {} आ रहा है, क्या करें?"),
        ("en", "Code: {}; Meaning: {}", "My washing machine shows {}, what now?"),
    ],
)
@pytest.mark.parametrize("code", ["E2", "E4", "F12"])
def test_of_many_codes_the_row_of_the_one_that_was_asked_for_is_read(tmp_path, language, row, question, code):
    meant = {"E1": "motor", "E2": "drain", "E3": "valve", "E4": "door", "E7": "heater", "dO": "lid", "F12": "lock"}
    rows = [row.format(name, meaning) for name, meaning in meant.items()]
    text, blocks = laid(*(("row", each) for each in rows))
    answer = quoted(tmp_path, Document("d", text, language=language, blocks=blocks), question.format(code))
    assert answer.text == row.format(code, meant[code])


def blocked(text, *kinds):
    """A document of lines, each a block of its kind."""
    lines, start = text.split("\n"), 0
    blocks = []
    for line, kind in zip(lines, kinds, strict=True):
        blocks.append(Block(start, start + len(line), kind))
        start += len(line) + 1
    return Document("d", text, blocks=tuple(blocks))


@pytest.mark.parametrize("leading", ["ในกรณีต่อไปนี้", "ดังนี้"])
def test_a_thai_list_needs_no_colon_to_be_led_to(tmp_path, leading):
    lead = f"ท่านสามารถเปลี่ยนสินค้าเป็นรุ่นเดิมเครื่องใหม่ได้ภายใน 30 วันนับจากวันที่ได้รับสินค้า {leading}"
    cases = ["สินค้าชำรุดหรือมีอุปกรณ์ไม่ครบเมื่อได้รับ", "ช่างตรวจแล้วยืนยันว่าเป็นความบกพร่องจากการผลิต", "ได้รับสินค้าผิดรุ่นหรือผิดสี"]
    behind = "การเปลี่ยนสินค้าเพราะเปลี่ยนใจไม่อยู่ในเงื่อนไขนี้ หากรุ่นเดิมหมด ท่านเลือกรุ่นอื่นได้"
    text, blocks = laid(("paragraph", lead), *(("item", case) for case in cases), ("paragraph", behind))
    answer = quoted(tmp_path, Document("d", text, language="th", blocks=blocks), "ขอเปลี่ยนสินค้าเป็นรุ่นเดิมเครื่องใหม่ได้ถึงกี่วัน")
    assert answer.text.startswith("\n".join([lead, *cases]))


def test_a_list_keeps_all_that_leads_to_it(tmp_path):
    text = "30 நாட்களுக்குள் வேறு மாடலை மாற்றாகப் பெறலாம். அதற்கான காரணங்கள்:\nபொருள் உடைந்து வந்தால்\nபொருள் பிடிக்கவில்லை என்றால்"
    text += "\nபாகங்கள் குறைந்தால்"
    question = "பிடிக்கவில்லை என்றால் எத்தனை நாட்களுக்குள் மாற்றலாம்?"
    build([blocked(text, "paragraph", "item", "item", "item")], tmp_path)
    retriever = Retriever.open(tmp_path)
    (hit,) = retriever.search(question)
    (whole,) = judged(question, [hit], hit.score, retriever)
    assert text[whole.start : whole.end] == text
    assert compose(question, [hit], retriever).text == text


@pytest.mark.parametrize(
    ("language", "text", "question"),
    [
        ("hi", "F3: मैग्नेट्रॉन ज़्यादा गरम हो गया है। 30 मिनट ठंडा होने दें।", "माइक्रोवेव में F3 आ रहा है, क्या करूँ?"),
        ("te", "నీళ్లు నెమ్మదిగా వస్తున్నాయి. ఫిల్టర్ మూసుకుపోయింది, మార్చండి.", "నీళ్లు నెమ్మదిగా వస్తున్నాయి, ఏం చేయాలి?"),
        ("hu", "E2 hiba: nem folyik be a víz. Nyissa ki a csapot.", "E2 hibát ír ki, mit tegyek?"),
    ],
)
def test_a_fault_is_told_with_its_remedy(tmp_path, language, text, question):
    lines = (
        f"{text}\n"
        + {
            "hi": "F4: दरवाज़ा खुला है। बंद करें।",
            "te": "శబ్దం వస్తోంది. మమ్మల్ని పిలవండి.",
            "hu": "E4 hiba: túl sok a víz. Húzza ki.",
        }[language]
    )
    assert text in quoted(tmp_path, blocked(lines, "paragraph", "paragraph"), question).text
