"""What a question asks for, and which passages cannot answer it."""

from __future__ import annotations

import pytest

from assistant.sought import given, sought, suited
from knowledge import Retriever


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("when", "எத்தனை நாளுக்குள்ள மாத்திக்கலாம்?"),
        ("when", "refund ethana naal la varum"),
        ("when", "ఆర్డర్ ఎన్ని రోజుల్లో వస్తుంది"),
        ("when", "technician eppudu vastadu"),
        ("when", "คืนสินค้าได้ภายในกี่วัน"),
        ("when", "Hány napig küldhetem vissza?"),
        ("when", "टेक्नीशियन कब आएगा"),
        ("when", "paise kitne din me wapas aayenge"),
        ("when", "متى يصل الطلب؟"),
        ("when", "অর্ডার কত দিনে আসবে?"),
        ("when", "Wie lange gilt die Garantie?"),
        ("when", "berapa hari pesanan sampai?"),
        ("when", "how many days do i have to return it"),
        ("when", "பணம் கட்ட கடைசி நாள் எது"),
        ("when", "आवेदन की आख़िरी तारीख़ बताइए"),
        ("when", "దరఖాస్తుకు ఆఖరి తేదీ ఏది"),
        ("when", "ส่งเอกสารได้ถึงวันที่เท่าไหร่"),
        ("when", "Mi a jelentkezési határidő?"),
        ("when", "ما آخر موعد للتقديم؟"),
        ("when", "last date to apply"),
        ("price", "டெலிவரி சார்ஜ் எவ்வளவு?"),
        ("price", "టెక్నీషియన్ వస్తే ఎంత తీసుకుంటారు"),
        ("price", "ค่าช่างเท่าไร"),
        ("price", "mennyi a kiszallasi dij"),
        ("price", "मिस्त्री बुलाने का कितना लगता है?"),
        ("price", "كم تكلفة التوصيل؟"),
        ("price", "ডেলিভারি চার্জ কত?"),
        ("price", "Was kostet die Lieferung?"),
        ("price", "berapa ongkos kirimnya?"),
        ("price", "how much is delivery"),
        ("when", "டெலிவரி எத்தனை நாளில் வரும்?"),
        ("when", "கடைசித் தேதி என்ன?"),
        ("when", "ఏ తేదీలోపు కట్టాలి?"),
        ("when", "Hány munkanapon belül jön a szerelő?"),
        ("when", "दुकान कितने बजे खुलती है?"),
        ("when", "ما مدة التوصيل؟"),
        ("price", "ஃபிட்டிங்குக்கு எவ்வளவு கேப்பீங்க?"),
        ("price", "ఎన్ని రూపాయలు అవుతుంది?"),
        ("price", "มาดูอาการเสียเงินมั้ย"),
        ("price", "Mennyi a kiszállás?"),
        ("price", "मोटर कितने की है?"),
        ("price", "ما تكلفة الزيارة؟"),
        ("when", "எந்தத் தேதியில் வரும்?"),
        ("when", "Mennyi a szállítási idő?"),
        ("price", "எவ்வளவு கட்டணும்?"),
        (None, "எந்த நேரத்திலும் கூப்பிடலாமா?"),
        (None, "எவ்வளவு தண்ணீர் ஊற்ற வேண்டும்?"),
        (None, "எவ்வளவு காலி இடம் வேணும்?"),
        (None, "ఏ సమయంలోనైనా రావచ్చా?"),
        (None, "Mennyi csomagot szállítanak egyszerre?"),
        (None, "எந்த மாதிரி பாத்திரம் வைக்கலாம்?"),
        (None, "எவ்வளவு சோப்பு போடணும்?"),
        (None, "ఏ పాత్రలు వాడాలి?"),
        (None, "Hány kiló ruha fér bele?"),
        (None, "किसी और को दे सकते हैं क्या?"),
        (None, "هل يمكنني الإلغاء في أي وقت؟"),
        (None, "பொருள் பிடிக்கல, திருப்பி குடுக்கலாமா?"),
        (None, "ตู้เย็นไม่เย็นทำไงดี"),
        (None, "Mennyi mosószer kell bele?"),
        (None, "माइक्रोवेव में कौन से बर्तन चलते हैं"),
    ],
)
def test_what_a_question_asks_for(kind, question):
    assert sought(question) == kind


@pytest.mark.parametrize(
    ("kind", "text", "language", "says"),
    [
        ("when", "24 மணி நேரத்துக்குள் வருவார்.", "ta", True),
        ("when", "เปิด 8.30 ถึง 18.00 น.", "th", True),
        ("when", "A vételárat két hónapon belül visszafizetjük.", "hu", True),
        ("when", "10-ஆம் தேதிக்குள் விண்ணப்பிக்க வேண்டும்.", "ta", True),
        ("when", "జీతం 7వ తేదీన వస్తుంది.", "te", True),
        ("when", "เงินเดือนออกวันที่ 28", "th", True),
        ("when", "Salaries are paid on the 28th.", "en", True),
        ("when", "يُصرف الراتب يوم 28.", "ar", True),
        ("when", "The fee is ₹399.", "en", False),
        ("price", "शुल्क ₹399 है।", "hi", True),
        ("price", "డెలివరీ ఉచితం.", "te", True),
        ("price", "Díjmentesen elvisszük.", "hu", True),
        ("price", "Delivery is free of charge.", "en", True),
        ("price", "The fridge is frost-free; feel free to call our toll-free number.", "en", False),
        ("price", "ภายใน 7 วัน", "th", False),
        ("price", "Kwa siku saba.", "sw", True),
    ],
)
def test_what_a_text_says(kind, text, language, says):
    assert given(kind, text, language) == says


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("คืนสินค้าได้ภายในกี่วัน", "th/returns.html", "7 วัน"),
        ("மெஷின்ல E2 காட்டுது, என்ன பண்ணணும்?", "ta/washing-machine-manual.md", "E2"),
        ("technician eppudu vastadu", "te/home-repair.txt", "24"),
        ("Mennyi a szállítás?", "hu/delivery.html", "3 990"),  # under "Szállítási díjak"
        ("பணம் திரும்ப எத்தனை நாள்ல வரும்?", "ta/returns.html", "வேலை நாட்கள்"),  # not what is asked of a 20th day
    ],
)
def test_passages_that_cannot_answer_fall_behind_and_headings_tell(index, question, document, words):
    retriever = Retriever.open(index)
    found = retriever.search(question, 30)
    first = suited(question, found, retriever)[0]
    assert (first.passage.document, words in first.passage.text) == (document, True)
    assert found[0].passage != first.passage
    assert suited(question, [], retriever) == []


@pytest.mark.parametrize("question", ["ডেলিভারি চার্জ কত?", "Bagaimana cara mengembalikan barang?"])
def test_who_finds_nothing_in_their_language_rather_gets_english(index, question):
    retriever = Retriever.open(index)
    found = retriever.search(question, 30)
    before, after = (
        [hit.passage.language for hit in hits].index("en") for hits in (found, suited(question, found, retriever))
    )
    assert after < before
