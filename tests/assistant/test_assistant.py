import json
from pathlib import Path

import pytest

from assistant.asked import Asked
from assistant.assistant import Assistant
from assistant.confidence import FACTORS, Calibration, Logistic
from assistant.conversation import Conversation, Turn
from assistant.handoff import hand_over
from assistant.phrases import phrase
from knowledge import REGIMES, Document, Retriever, build, ingest

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"


KNOWLEDGE = {
    "ta": [
        "பொருளை வாங்கிய 30 நாட்களுக்குள் திருப்பித் தரலாம். பணம் 7 நாட்களில் வங்கிக் கணக்கில் வரும்.",
        "வாஷிங் மெஷினின் வடிகட்டியை மாதம் ஒரு முறை சுத்தம் செய்யவும்.",
        "புகார்களுக்கு இரண்டு வேலை நாட்களில் பதில் அளிக்கப்படும்.",
    ],
    "te": [
        "మరమ్మత్తు ఖర్చును EMI లో చెల్లించవచ్చు. కనీస మొత్తం 3000 రూపాయలు.",
        "డెలివరీ హైదరాబాదులో రెండు రోజుల్లో జరుగుతుంది.",
        "పాయింట్లు ఏడాదిన్నర వరకు చెల్లుతాయి.",
    ],
    "th": [
        "คอมเพรสเซอร์ตู้เย็นรับประกันสิบสองปีนับจากวันที่ซื้อสินค้า",
        "ช่างเข้าให้บริการทุกวันตั้งแต่แปดโมงเช้าถึงหกโมงเย็น",
        "คะแนนสะสมหมดอายุสิ้นปีถัดไป",
    ],
    "hu": [
        "A panaszokra öt munkanapon belül írásban válaszolunk.",
        "A kiszállítás Budapesten egy napot vesz igénybe.",
        "A jótállás a számla keltétől számít.",
    ],
    "hi": [
        "घर पर मरम्मत के लिए तकनीशियन अगले दिन आता है।",
        "वापसी का पैसा सात दिन में खाते में आता है।",
        "माइक्रोवेव में धातु के बर्तन न रखें।",
    ],
    "ar": ["رسوم زيارة الفني خمسون درهمًا وتشمل الفحص.", "الضمان سنتان من تاريخ الشراء.", "التوصيل مجاني داخل المدينة."],
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory):
    documents = [
        Document(f"{tag}{number}.txt", text, f"{tag} {number}", tag, f"{tag}{number}.txt")
        for tag, texts in KNOWLEDGE.items()
        for number, text in enumerate(texts)
    ]
    folder = tmp_path_factory.mktemp("index")
    build(documents, folder)
    return Assistant(Retriever.open(folder))


@pytest.mark.parametrize(
    ("question", "language", "gold"),
    [
        ("எத்தனை நாட்களுக்குள் பொருளைத் திருப்பித் தரலாம்?", "ta", "30 நாட்களுக்குள்"),
        ("మరమ్మత్తు పైన EMI ఉందా?", "te", "EMI లో"),
        ("คอมเพรสเซอร์ตู้เย็นรับประกันกี่ปี", "th", "สิบสองปี"),
        ("hany munkanapon belul valaszolnak a panaszokra", "hu", "öt munkanapon"),
        ("मरम्मत के लिए तकनीशियन कब आता है?", "hi", "अगले दिन"),
        ("كم رسوم زيارة الفني؟", "ar", "خمسون درهمًا"),
    ],
)
def test_it_answers_in_the_customers_language_with_its_source(assistant, question, language, gold):
    reply = assistant.reply(question, Conversation("c", (Turn("customer", "?", language),)))
    assert (reply.action, reply.language) == ("answer", language)
    assert gold in reply.answer
    assert [citation.document for citation in reply.citations] == [f"{language}0.txt"]
    assert reply.hits[0].document == f"{language}0.txt"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("ஜப்பானின் தலைநகரம் எது?", "ta"),
        ("ประเทศญี่ปุ่นมีเมืองหลวงชื่ออะไร", "th"),
        ("Ki írta a Himnuszt, és melyik évben?", "hu"),
        ("भारत के पहले राष्ट्रपति कौन थे?", "hi"),
    ],
)
def test_what_nobody_wrote_down_goes_to_a_person_in_the_customers_language(assistant, question, language):
    reply = assistant.reply(question)
    assert (reply.action, reply.language, reply.citations) == ("handoff", language, ())
    assert reply.handoff is not None
    assert reply.handoff.reason == "not_in_knowledge"
    assert reply.answer == phrase("handoff_not_in_knowledge", language)
    assert question in reply.handoff.summary


def test_the_passages_that_were_not_trusted_are_in_the_package(assistant):
    asked_back = Conversation("c", (Turn("assistant", "?", "ta", choices=("?", "!")),))
    reply = Assistant(assistant.retriever, threshold=1.0).reply("பொருளை எத்தனை நாட்களில் திருப்பலாம்?", asked_back)
    assert reply.handoff is not None
    assert reply.handoff.reason == "unsure"
    assert reply.handoff.tried[0].document == "ta0.txt"
    assert "30 நாட்களுக்குள்" in reply.handoff.tried[0].text


def test_the_surest_no_is_still_a_number(assistant):
    never = Calibration(0.5, dict.fromkeys(REGIMES, dict.fromkeys(FACTORS, Logistic(-1000.0, {}))))
    assert Assistant(assistant.retriever, calibration=never).reply("مدة الضمان؟").confidence.value == 0.0


def test_nothing_found_is_never_answered(assistant):
    assert Assistant(assistant.retriever, threshold=0.0).reply("ゑゑゑ").action == "handoff"


@pytest.mark.parametrize(
    "call",
    [
        "ஊழியர்கிட்ட பேசணும்",
        "எனக்கு ஒரு ஆளிடம் பேசணும்",
        "agent kitta pesanum",
        "ขอสายพนักงาน",
        "ขอคุยกับเจ้าหน้าที่หน่อยค่ะ",
        "Emberrel szeretnék beszélni.",
    ],
)
def test_who_asks_for_a_person_gets_one(assistant, call):
    reply = assistant.reply(call)
    assert reply.handoff is not None
    assert reply.handoff.reason == "asked_for_person"


@pytest.mark.parametrize("talk", ["வணக்கம்", "ధన్యవాదాలు", "ขอบคุณค่ะ", "Köszönöm szépen!", "नमस्ते", "شكرا"])
def test_small_talk_is_answered_and_never_handed_over(assistant, talk):
    reply = assistant.reply(talk)
    assert (reply.action, reply.citations, reply.handoff) == ("answer", (), None)
    assert reply.answer in {phrase(key, reply.language) for key in ("greeting", "thanks")}


def test_a_short_message_is_in_the_language_of_the_talk(assistant):
    before = Conversation("c", (Turn("customer", "வணக்கம்", "ta"), Turn("assistant", "வணக்கம்!", "ta")))
    assert assistant.reply("E4 ???", before).language == "ta"


def test_a_source_in_another_language_is_said_to_be_one(assistant):
    daring = Assistant(assistant.retriever, threshold=0.01)
    reply = daring.reply("EMI EMI", Conversation("c", (Turn("customer", "வணக்கம்", "ta"),)))
    assert reply.action == "answer"
    assert "தெலுங்கு" in reply.answer
    assert reply.citations[0].quote in reply.answer


def test_the_json_is_the_contract(assistant):
    written = json.loads(json.dumps(assistant.reply("మరమ్మత్తు పైన EMI ఉందా?").json()))
    assert {
        "action",
        "answer",
        "language",
        "confidence",
        "signals",
        "citations",
        "choices",
        "handoff",
        "milliseconds",
    } <= set(written)
    assert {"document", "title", "quote", "start", "end", "source", "page"} <= set(written["citations"][0])
    assert set(written["milliseconds"]) == {"search", "answer"}
    package = assistant.reply("ஜப்பானின் தலைநகரம் எது?").json()["handoff"]
    assert {"reason", "summary", "language", "question", "tried", "suggestions"} <= set(package)


@pytest.mark.skipif(not SEEDS.exists(), reason="../shared/seeds is not here")
def test_the_seeds(tmp_path):
    """The five articles that the project was born from: a question to each, and three that none of them answers."""
    ingest([SEEDS], tmp_path)
    assistant = Assistant(Retriever.open(tmp_path))
    for question, language, article in [
        ("நிகழ்நேர பதிலை எத்தனை சதவீத நுகர்வோர் எதிர்பார்க்கிறார்கள்?", "ta", "000"),
        ("தொலைபேசி அழைப்பு மூலம் வாடிக்கையாளர் ஆதரவு ஏன் முக்கியம்?", "ta", "002"),
        ("การดูแลหลังการขายคืออะไร", "th", "001"),
        ("మరమ్మత్తు పైన EMI ఉందా?", "te", "003"),
        ("Ki nyújthat értékesítés utáni támogatást?", "hu", "004"),
    ]:
        reply = assistant.reply(question)
        assert (reply.action, reply.language) == ("answer", language), question
        assert {citation.document[:3] for citation in reply.citations} == {article}
    for question in ["ஜப்பானின் தலைநகரம் எது?", "ประเทศญี่ปุ่นมีเมืองหลวงชื่ออะไร", "Mi Japán fővárosa?"]:
        assert assistant.reply(question).action == "handoff", question


@pytest.mark.parametrize(
    ("language", "words"),
    [("ta", "writes Tamil."), ("ta-Latn", "Tamil (Latin)"), ("und", "an unknown language")],
)
def test_the_summary_says_what_the_customer_writes(language, words):
    package = hand_over("unsure", Asked("E4 enna?", language, Conversation("c"), None))
    assert words in package.summary
    assert "E4 enna?" in package.summary


def test_a_first_message_that_tells_no_language_is_in_that_of_its_answer(assistant):
    reply = Assistant(assistant.retriever, threshold=0.01).reply("EMI EMI EMI")
    assert (reply.action, reply.language) == ("answer", "te")
    assert reply.answer == "\n".join(citation.quote for citation in reply.citations)


def test_two_questions_are_answered_one_by_one_with_both_sources(assistant):
    reply = assistant.reply("คอมเพรสเซอร์ตู้เย็นรับประกันกี่ปี แล้วช่างเข้าให้บริการกี่โมงถึงกี่โมง")
    assert [citation.document for citation in reply.citations][:1] == ["th0.txt"]
    assert {hit.document for hit in reply.hits[:2]} == {"th0.txt", "th1.txt"}


@pytest.mark.parametrize(
    "order", ["என் ஆர்டர் நம்பர் 5521", "ขอสองที่นั่งพรุ่งนี้", "Foglaljon két jegyet vasárnapra", "اسمي فاطمة"]
)
def test_what_is_to_be_done_goes_to_a_person_without_a_quote(assistant, order):
    reply = assistant.reply(order)
    assert (reply.action, reply.citations, reply.hits) == ("handoff", (), ())
    assert reply.handoff.reason == "needs_action"
    assert reply.answer == phrase("handoff_needs_action", reply.language)
