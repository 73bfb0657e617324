"""What is suggested to agents: in the customer's language, with sources, of other customers nothing that is theirs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from sqlalchemy import text as sql

from assistant.assistant import Assistant
from assistant.channels.chat import say
from assistant.channels.suggestions import Suggestions
from assistant.confidence import FACTORS, Calibration, Logistic
from assistant.conversation import Conversation, Turn
from assistant.desk import Answered, Desk, Kept, Sent
from assistant.earlier import Earlier, private
from assistant.phrases import phrase
from assistant.reply import Handoff, Suggestion
from assistant.suggest import FLOOR, kept, question_of
from knowledge import REGIMES, Document, Retriever, build, detect, open_embedder

EMBEDDER = open_embedder("static")

KNOWLEDGE = {
    "ta": (
        "வாங்கிய பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம். பணம் 7 நாட்களில் வங்கிக் கணக்கில் வரும்.",
        "வாங்கிய பொருளை எத்தனை நாட்களுக்குள் திருப்பித் தரலாம்?",
        "30 நாட்களுக்குள்",
    ),
    "te": (
        "మరమ్మత్తు ఖర్చును EMI లో చెల్లించవచ్చు. కనీస మొత్తం 3000 రూపాయలు.",
        "మరమ్మత్తు ఖర్చును EMI లో చెల్లించవచ్చా?",
        "EMI లో చెల్లించవచ్చు",
    ),
    "th": ("คอมเพรสเซอร์ตู้เย็นรับประกันสิบสองปีนับจากวันที่ซื้อสินค้า", "คอมเพรสเซอร์ตู้เย็นรับประกันกี่ปี", "สิบสองปี"),
    "hu": (
        "A panaszokra öt munkanapon belül írásban válaszolunk. A választ levélben küldjük. Telefonon is érdeklődhet. "
        "A szerelő kiszállási díja 9 900 Ft.",
        "Hány munkanapon belül válaszolnak a panaszokra?",
        "öt munkanapon",
    ),
    "hi": ("घर पर मरम्मत के लिए तकनीशियन अगले दिन आता है।", "घर पर मरम्मत के लिए तकनीशियन कब आता है?", "अगले दिन"),
    "ar": ("رسوم زيارة الفني خمسون درهمًا وتشمل الفحص.", "كم رسوم زيارة الفني؟", "خمسون درهمًا"),
}
UNKNOWN = {
    "ta": "ஜப்பானின் தலைநகரம் எது?",
    "th": "ประเทศญี่ปุ่นมีเมืองหลวงชื่ออะไร",
    "hu": "Ki írta a Himnuszt, és melyik évben?",
    "hi": "भारत के पहले राष्ट्रपति कौन थे?",
}
BEFORE = {
    "ta": ("வாஷிங் மெஷின் சத்தம் அதிகமாக வருது, என்ன செய்யணும்?", "மெஷினைச் சமதளத்தில் வைத்து, கால்களைத் திருகிச் சரிசெய்யுங்கள்."),
    "te": ("వాషింగ్ మెషిన్ ఎక్కువ శబ్దం చేస్తోంది, ఏం చేయాలి?", "మెషిన్‌ను సమతలంగా పెట్టి, కాళ్ళను తిప్పి సరిచేయండి."),
    "th": ("เครื่องซักผ้าเสียงดังมาก ต้องทำอย่างไร", "ให้วางเครื่องบนพื้นเรียบ แล้วหมุนขาตั้งให้เท่ากันทั้งสี่มุม"),
    "hu": ("Nagyon hangos a mosógép, mit tegyek?", "Állítsa vízszintbe a gépet a lábak csavarásával."),
    "hi": ("वॉशिंग मशीन बहुत आवाज़ कर रही है, क्या करूँ?", "मशीन को समतल जगह पर रखकर उसके पैर घुमाकर बराबर कीजिए।"),
    "ar": ("الغسالة تصدر صوتًا عاليًا جدًا، ماذا أفعل؟", "ضع الغسالة على سطح مستوٍ واضبط أرجلها حتى تثبت."),
}


class Slow(BaseChatModel):
    """Writes one sentence, once it may."""

    answer: str
    may: Any

    @property
    def _llm_type(self) -> str:
        return "slow"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:  # noqa: ARG002
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.answer))])

    def _stream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        self.may.wait(10)
        yield ChatGenerationChunk(message=AIMessageChunk(self.answer))


DOCUMENTS = [Document(f"{tag}.txt", text, tag, tag, f"{tag}.txt") for tag, (text, *_) in KNOWLEDGE.items()]


@pytest.fixture(scope="module")
def assistant(retriever: Retriever) -> Assistant:
    return Assistant(retriever)


def asking(*texts: str, id: str = "c") -> Conversation:
    return Conversation(id, tuple(Turn("customer", text, detect(text).tag) for text in texts), "open")


def answered(desk: Desk, question: str, reply: str, sent: Sent | None = None) -> str:
    """A conversation in which Réka, an agent, has replied."""
    id = desk.start().id
    language = detect(question).tag
    desk.append(id, Turn("customer", question, language), handoff=Handoff("unsure", "", language, question))
    desk.claim(id, "Réka")
    desk.append(id, Turn("agent", reply, language), agent="Réka", sent=sent or Sent(1))
    return id


def awaited(suggestions: Suggestions, asked: Conversation, count: int) -> tuple[Suggestion, ...]:
    """What is made when there are so many, or after seconds."""
    deadline = time.monotonic() + 8
    while len(made := suggestions.of(asked)) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    return made


@pytest.mark.parametrize("language", KNOWLEDGE)
def test_the_quote_stands_in_a_courteous_frame_of_the_customers_language(assistant: Assistant, language: str) -> None:
    _, question, gold = KNOWLEDGE[language]
    (quote,) = assistant.suggest(asking(question))
    assert quote.kind == "quote"
    assert gold in quote.text
    before, after = phrase("suggestion", language, document=language, quote="|").split("|")
    assert quote.text.startswith(before)
    assert quote.text.endswith(after)
    assert [citation.document for citation in quote.citations] == [f"{language}.txt"]
    assert quote.citations[0].quote in quote.text
    assert quote.confidence >= FLOOR


@pytest.mark.parametrize("language", UNKNOWN)
def test_weak_evidence_suggests_nothing(assistant: Assistant, language: str) -> None:
    assert list(assistant.suggest(asking(UNKNOWN[language]))) == []
    package = assistant.reply(UNKNOWN[language]).handoff
    assert package is not None
    assert package.suggestions == ()


def test_a_handoff_holds_the_quote_that_was_not_sent(retriever: Retriever) -> None:
    careful = Assistant(retriever, threshold=1.0)
    question = KNOWLEDGE["ta"][1]
    back = Turn("assistant", "?", "ta", choices=("?", "!"))  # it was asked back about already
    package = careful.reply(question, Conversation("c", (back,))).json()["handoff"]
    assert [(one["kind"], one["citations"][0]["document"]) for one in package["suggestions"]] == [("quote", "ta.txt")]
    # Who then calls for a person still waits for an answer to the question.
    called = careful.reply("ஊழியர்கிட்ட பேசணும்", asking(question)).handoff
    assert called is not None
    assert "30 நாட்களுக்குள்" in called.suggestions[0].text


def test_suggestions_survive_the_desk(retriever: Retriever, desk: Desk) -> None:
    id = desk.start().id
    reply = say(Assistant(retriever, threshold=1.0), desk, id, KNOWLEDGE["th"][1])
    assert reply is not None
    assert reply.handoff is not None
    assert reply.handoff.suggestions[0].citations
    assert desk.handoff(id) == reply.handoff


def test_a_source_in_another_language_says_so(retriever: Retriever) -> None:
    sure = Calibration(0.5, dict.fromkeys(REGIMES, dict.fromkeys(FACTORS, Logistic(2.0, {}))))
    conversation = Conversation("c", (Turn("customer", "EMI EMI", "ta"),), "open")
    (quote,) = Assistant(retriever, calibration=sure).suggest(conversation)
    assert quote.language == "te"
    assert quote.text.startswith("எங்கள்")


def test_what_was_said_already_is_not_suggested(assistant: Assistant) -> None:
    question = KNOWLEDGE["hi"][1]
    said = Turn("assistant", KNOWLEDGE["hi"][0], "hi")
    asked = asking(question, question)
    assert list(assistant.suggest(Conversation("c", (asked.turns[0], said, asked.turns[1]), "open"))) == []


def test_small_talk_is_no_question() -> None:
    assert question_of(asking("వారంటీ ఎన్ని సంవత్సరాలు?", "ధన్యవాదాలు", "సరే")) == 1
    assert question_of(asking("வணக்கம்")) == 0


@pytest.mark.parametrize("language", BEFORE)
def test_what_was_answered_before_is_offered_with_its_question(assistant: Assistant, desk: Desk, language: str) -> None:
    question, reply = BEFORE[language]
    answered(desk, question, reply)
    answered(desk, KNOWLEDGE[language][1], "…" * 30)  # a later answer to another question
    (earlier,) = assistant.suggest(asking(question), Earlier(desk.answered, EMBEDDER), ["earlier"])
    assert (earlier.kind, earlier.text, earlier.asked, earlier.language) == ("earlier", reply, question, language)


def test_an_answer_to_something_else_is_not_offered(assistant: Assistant, desk: Desk) -> None:
    for question, reply in BEFORE.values():
        answered(desk, question, reply)
    earlier = Earlier(desk.answered, EMBEDDER)
    for _, question, _ in KNOWLEDGE.values():
        assert list(assistant.suggest(asking(question), earlier, ["earlier"])) == []


def test_earlier_answers_are_learned_as_they_are_given(assistant: Assistant, desk: Desk) -> None:
    earlier = Earlier(desk.answered, EMBEDDER)
    question, reply = BEFORE["hu"]
    assert list(assistant.suggest(asking(question), earlier, ["earlier"])) == []
    id = answered(desk, question, "Egy pillanat türelmet kérek.")
    (wait,) = assistant.suggest(asking(question), earlier, ["earlier"])
    desk.append(id, Turn("agent", reply, "hu"), agent="Réka", sent=Sent(1))
    (found,) = assistant.suggest(asking(question), earlier, ["earlier"])
    assert (wait.text, found.text) == ("Egy pillanat türelmet kérek.", reply)  # what says more is the answer
    assert list(assistant.suggest(asking(question, id=id), earlier, ["earlier"])) == []  # its own customer has it


OWN = {
    "ta": "உங்கள் ஆர்டர் 4471-22 நாளை மாலை வந்து சேரும், கவலை வேண்டாம்.",
    "te": "వివరాలు ravi.kumar@example.in కు పంపించాము, దయచేసి చూడండి.",
    "th": "ช่างจะโทรกลับที่เบอร์ 081-234-5678 ภายในวันนี้นะคะ",
    "hu": "A 30/555 44 33 számon hívjuk vissza ma délután.",
    "hi": "आपका ऑर्डर ओआर४४७१२ कल शाम तक पहुँच जाएगा।",
    "ar": "طلبك رقم ٤٤٧١٢٢ في الطريق وسيصل غدًا مساءً.",
}
EVERYBODYS = {
    "ta": "கட்டணம் ₹1,499 மட்டும்; 30 நாட்களுக்குள் திருப்பித் தரலாம்.",
    "te": "ఖర్చు 4500 రూపాయలు, ఉదయం 9:00 నుండి 18:00 వరకు వస్తారు.",
    "th": "ค่าบริการ 1500 บาท รับประกัน 12 เดือน รหัส E4",
    "hu": "A kiszállás díja 9 900 Ft, a jótállás 24 hónap.",
    "hi": "शुल्क ₹2499 है और 15 दिन में पैसा वापस आता है।",
    "ar": "الضمان ٢٤ شهرًا والرسوم ١٥٠٠ درهم.",
}


@pytest.mark.parametrize("language", OWN)
def test_what_is_one_customers_own_is_suggested_to_nobody_else(assistant: Assistant, desk: Desk, language: str) -> None:
    question = BEFORE[language][0]
    answered(desk, question, OWN[language])
    assert list(assistant.suggest(asking(question), Earlier(desk.answered, EMBEDDER), ["earlier"])) == []
    answered(desk, question, EVERYBODYS[language])
    (offered,) = assistant.suggest(asking(question), Earlier(desk.answered, EMBEDDER), ["earlier"])
    assert offered.text == EVERYBODYS[language]


def test_a_question_that_names_its_customer_is_not_shown_either() -> None:
    assert private("என் ஆர்டர் எண் 447122, எப்போது வரும்?", "ta")
    assert not private("E4 என்று காட்டுகிறது, 2 நாட்களாக", "ta")


def test_ten_thousand_earlier_answers_are_searched_in_a_blink(retriever: Retriever) -> None:
    pairs = [
        Answered(number, str(number), 1, f"{BEFORE[tag][0]} {number % 97}-{number % 89}", BEFORE[tag][1], tag)
        for number in range(1, 10_001)
        for tag in [list(BEFORE)[number % len(BEFORE)]]
    ]
    earlier = Earlier(lambda after: pairs[after:], EMBEDDER)
    earlier.nearest(BEFORE["th"][0], "th", "", retriever)
    taken = []
    for number in range(10_001, 10_011):
        pairs.append(Answered(number, str(number), 1, BEFORE["ta"][0], BEFORE["ta"][1], "ta"))
        began = time.perf_counter()
        assert earlier.nearest(BEFORE["ta"][0], "ta", "", retriever)
        taken.append(time.perf_counter() - began)
    assert min(taken) < 0.03


LONG = (
    "A panaszkönyvet az üzletben, a pénztár mellett találja, és kérésre másolatot is adunk a beírt lapról. Ha a "
    "válasszal nem ért egyet, a lakóhelye szerinti békéltető testülethez fordulhat, amely mellett a gyártó hivatalos "
    "képviseletének ügyfélszolgálata is a rendelkezésére áll hétköznaponként reggel nyolctól délután négyig, ünnepek "
    "előtti munkanapokon pedig csak délig, a honlapunkon előre meghirdetett rend szerint, személyesen vagy írásban."
)


def test_the_models_suggestion_comes_later_and_moves_none(tmp_path: Path, desk: Desk) -> None:
    text = KNOWLEDGE["hu"][0].replace(" A szerelő", f" {LONG} A szerelő")  # more than a quote has room for
    build([Document("hu.txt", text, "hu", "hu", "hu.txt")], tmp_path)
    retriever = Retriever.open(tmp_path)
    may = Event()
    model = Slow(answer="A szerelő kiszállási díja 9 900 Ft [1].", may=may)
    suggestions = Suggestions(Assistant(retriever, model=model), desk)
    question, reply = KNOWLEDGE["hu"][1], "Legkésőbb jövő hétfőig megkapja tőlünk a levelet."
    answered(desk, question, reply)
    asked = asking(question)
    early = awaited(suggestions, asked, 2)  # while the model still writes
    may.set()
    late = awaited(suggestions, asked, 3)
    assert [one.kind for one in early] == ["quote", "earlier"]
    assert [one.kind for one in late] == ["quote", "earlier", "written"]
    assert late[:2] == early
    assert late[2].text == "A szerelő kiszállási díja 9 900 Ft."
    assert late[2].citations


def test_a_model_that_repeats_the_quote_adds_nothing(retriever: Retriever) -> None:
    may = Event()
    may.set()
    model = Slow(answer="A panaszokra öt munkanapon belül írásban válaszolunk. [1]", may=may)
    kinds = [one.kind for one in Assistant(retriever, model=model).suggest(asking(KNOWLEDGE["hu"][1]))]
    assert kinds == ["quote"]


def test_how_much_was_kept() -> None:
    reply = BEFORE["ta"][1]
    assert kept(reply, reply) == 1
    assert kept(reply, f"சரிங்க.\n{reply} நன்றி!") == 1
    assert 0.3 < kept(reply, reply[: len(reply) // 2]) < 0.6
    assert kept(reply, "ขอบคุณค่ะ") == 0
    assert kept("รับประกันสิบสองปี", "รับประกันสิบปี") > 0.5
    assert kept("₹१४९९ शुल्क", "₹1499 शुल्क") == 1  # digits of either script


def test_what_was_kept_is_counted_by_kind_and_language(desk: Desk) -> None:
    for language, kind, share in [
        ("ta", "quote", 1.0),
        ("ta", "quote", 0.5),
        ("th", "quote", 0.25),
        ("ta", None, None),
    ]:
        answered(desk, *BEFORE[language], Sent(1, kind, share))  # type: ignore[arg-type]
    answered(desk, *BEFORE["ta"], Sent(1, "earlier", 0.1))
    assert desk.kept() == [Kept("earlier", "ta", 1, 0.1), Kept("quote", "ta", 2, 0.75), Kept("quote", "th", 1, 0.25)]
    assert len(desk.answered()) == 5
    assert [pair.number for pair in desk.answered(after=3)] == [4, 5]


def test_a_refused_reply_records_nothing(desk: Desk) -> None:
    id = desk.start().id
    desk.append(id, Turn("customer", BEFORE["te"][0], "te"))
    with pytest.raises(Exception, match="not held"):
        desk.append(id, Turn("agent", BEFORE["te"][1]), agent="Réka", sent=Sent(1, "quote", 1.0))
    assert (desk.answered(), desk.kept()) == ([], [])


def test_a_desk_from_before_suggestions_opens(desk: Desk) -> None:
    id = answered(desk, *BEFORE["ar"])
    with desk.engine.begin() as connection:
        connection.execute(sql("DROP TABLE replies"))
    again = Desk(str(desk.engine.url))
    assert again.answered() == []
    assert again.append(id, Turn("agent", "تم", "ar"), agent="Réka", sent=Sent(1, "quote", 0.9))
    assert [one.taken for one in again.kept()] == [1]


class Failing(Assistant):
    """Its first suggestion comes, then it breaks; later nothing does."""

    broken = True

    def suggest(self, *args: Any, **kwargs: Any) -> Iterator[Suggestion]:
        for suggestion in super().suggest(*args, **kwargs):
            yield suggestion
            if self.broken:
                raise OSError("the index is gone")


def test_suggestions_that_failed_are_made_anew(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("assistant.channels.suggestions.AGAIN", 0.3)
    assistant, question = Failing(retriever), KNOWLEDGE["ta"][1]
    answered(desk, question, BEFORE["ta"][1])
    suggestions = Suggestions(assistant, desk)
    assert [one.kind for one in awaited(suggestions, asking(question), 1)] == ["quote"]
    assistant.broken = False
    assert [one.kind for one in awaited(suggestions, asking(question), 2)] == ["quote", "earlier"]
    assert "the index is gone" in caplog.text
