"""Calls as people speak: which of it are the customer's questions, what the agent says, promises and gets wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from assistant.assistant import Assistant
from assistant.transcript import read_transcript
from assistant.transcript.call import Question, questions, said
from assistant.transcript.promises import promises
from assistant.transcript.review import review
from assistant.transcript.transcript import Transcript, Utterance
from knowledge import Document, Retriever, build
from knowledge.text import normalise

FOLDER = Path(__file__).with_name("calls")
ASKED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "asked.toml").read_text(encoding="utf-8"))


def call(language: str, *lines: str) -> Transcript:
    """A call of lines that begin with A for the agent, C for the customer."""
    roles = {"A": "agent", "C": "customer"}
    return Transcript(tuple(Utterance(line[2:], roles[line[0]]) for line in lines), "test", language)


CALLS = [
    (
        call(
            "ta",
            "A வணக்கம், நிலா ஹோம் அப்ளையன்சஸ், நான் பிரியா பேசுறேன், எப்படி உதவலாம்?",
            "C ஆ... வணக்கம்ங்க என் பேரு குமார்",
            "A சொல்லுங்க குமார்",
            "C ம்... என்னோட என்னோட வாஷிங் மெஷின்",
            "A ம்ம்",
            "C அந்த... E4னு காட்டுது, என்ன பண்றது?",
            "A உங்க ஆர்டர் நம்பர் சொல்ல முடியுமா?",
            "C ஆறு ஏழு எட்டு நாலு அஞ்சு",
            "A சரிங்க, தண்ணீர் குழாய் திறந்திருக்கான்னு பாருங்க. டெக்னீஷியன் நாளைக்கு வருவாரு.",
            "C சரி, அதுக்கு எவ்வளவு சார்ஜ் ஆகும்?",
            "A வாரண்டி இருந்தா இலவசம்.",
            "C நன்றிங்க",
        ),
        [
            ("என்னோட வாஷிங் மெஷின் E4னு காட்டுது, என்ன பண்றது?", (3, 5), (6, 8)),
            ("அதுக்கு எவ்வளவு சார்ஜ் ஆகும்?", (9,), (10,)),
        ],
        [("டெக்னீஷியன் நாளைக்கு வருவாரு.", ("நாளைக்கு",))],
    ),
    (
        call(
            "te",
            "A నమస్కారం, నీల కస్టమర్ కేర్, ఎలా సహాయం చేయగలను?",
            "C ఆఁ నమస్తే అండి నా పేరు రవి",
            "A చెప్పండి రవి గారు",
            "C అంటే నా నా వాటర్ ప్యూరిఫైయర్",
            "A ఆఁ",
            "C ఫిల్టర్ ఎన్ని నెలలకు మార్చాలి",
            "A మీ ఆర్డర్ నంబర్ చెప్పండి",
            "C ఐదు ఐదు ఐదు ఒకటి రెండు",
            "A ఆరు నెలలకోసారి మార్చాలి. రేపు టెక్నీషియన్ వస్తారండి",
            "C సరే మరి సోమవారం కాదు కాదు మంగళవారం టెక్నీషియన్ వస్తారా",
            "A వస్తారండి",
        ),
        [
            ("నా వాటర్ ప్యూరిఫైయర్ ఫిల్టర్ ఎన్ని నెలలకు మార్చాలి", (3, 5), (6, 8)),
            ("మరి మంగళవారం టెక్నీషియన్ వస్తారా", (9,), (10,)),
        ],
        [("రేపు టెక్నీషియన్ వస్తారండి", ("రేపు",))],
    ),
    (
        call(
            "th",
            "A สวัสดีค่ะ นิลาค่ะ มีอะไรให้ช่วยไหมคะ",
            "C เอ่อ สวัสดีครับ ผมชื่อสมชาย",
            "A ค่ะ คุณสมชาย",
            "C คือว่า ตู้เย็น ตู้เย็นไม่เย็นครับ",
            "A ค่ะ",
            "C รับประกันคอมเพรสเซอร์กี่ปีครับ",
            "A ขอเบอร์โทรด้วยค่ะ",
            "C ศูนย์แปดหนึ่งสองสามสี่ห้าหกเจ็ดแปด",
            "A รับประกันสิบปีค่ะ พรุ่งนี้จะให้ช่างโทรกลับนะคะ",
            "C ขอบคุณครับ",
        ),
        [("ตู้เย็นไม่เย็นครับ รับประกันคอมเพรสเซอร์กี่ปีครับ", (3, 5), (6, 8))],
        [("พรุ่งนี้จะให้ช่างโทรกลับนะคะ", ("พรุ่งนี้",))],
    ),
    (
        call(
            "hu",
            "A Jó napot, Nila ügyfélszolgálat, miben segíthetek?",
            "C jó napot öö Kovács Anna vagyok",
            "A igen",
            "C izé a mosógépem nem nem centrifugál",
            "A melyik hibakódot írja ki?",
            "C F21-et",
            "A Akkor tisztítsa ki a szűrőt. Holnap visszahívom.",
            "C hétfőn, nem, kedden tudnak szerelőt küldeni?",
            "A igen, kedden tudunk",
        ),
        [
            ("a mosógépem nem centrifugál F21-et", (3, 5), (4, 6)),
            ("kedden tudnak szerelőt küldeni?", (7,), (8,)),
        ],
        [("Holnap visszahívom.", ("Holnap",))],
    ),
    (
        call(
            "hi",
            "A नमस्ते, नीला कस्टमर केयर, मैं क्या मदद कर सकता हूँ?",
            "C हाँ जी हेलो मेरा नाम राजेश है",
            "A जी राजेश जी",
            "C मतलब मेरा मेरा माइक्रोवेव चालू नहीं हो रहा",
            "A हाँ जी",
            "C और उसमें F1 आ रहा है",
            "A आपका मोबाइल नंबर बताइए",
            "C नौ आठ सात छह पांच चार तीन दो एक शून्य",
            "A दरवाज़ा ठीक से बंद कीजिए। मैं आपको कल फ़ोन करूँगा।",
            "C अच्छा और पैसे वापस कितने दिन में आते हैं",
            "A सात दिन में",
        ),
        [
            ("मेरा माइक्रोवेव चालू नहीं हो रहा और उसमें F1 आ रहा है", (3, 5), (6, 8)),
            ("और पैसे वापस कितने दिन में आते हैं", (9,), (10,)),
        ],
        [("मैं आपको कल फ़ोन करूँगा।", ("कल",))],
    ),
    (
        call(
            "en",
            "A Thank you for calling Nila, how can I help you?",
            "C uh hi my name is Anita",
            "A hi Anita",
            "C my my fridge um it stopped",
            "A mhm",
            "C stopped cooling on Monday, no, Tuesday. is that covered under the warranty",
            "A Can I have your order number please?",
            "C it's four four seven one two two",
            "A Yes, the compressor has five years. Our technician will visit within 24 hours.",
            "C okay and and how much is the visit if it's not covered",
            "A It's free.",
            "C great thank you bye",
        ),
        [
            ("my fridge it stopped cooling on Tuesday. is that covered under the warranty", (3, 5), (6, 8)),
            ("and how much is the visit if it's not covered", (9,), (10,)),
        ],
        [("Our technician will visit within 24 hours.", ("24 hours",))],
    ),
    (
        call(
            "ta-Latn",
            "A hello Nila service, how can I help",
            "C hello en peru Kumar",
            "A sollunga sir",
            "C adhu vandhu en en fridge la thanni leak aagudhu",
            "A hmm",
            "C idhukku warranty irukka",
            "A order number sollunga",
            "C four four seven one two two",
            "A oru varusham warranty irukku. Naalaikku technician varuvaaru",
            "C sari thanks",
        ),
        [("en fridge la thanni leak aagudhu idhukku warranty irukka", (3, 5), (6, 8))],
        [("Naalaikku technician varuvaaru", ("Naalaikku",))],
    ),
]


@pytest.mark.parametrize(("talk", "asked", "promised"), CALLS, ids=lambda value: getattr(value, "language", ""))
def test_questions_are_told_from_the_rest_of_a_call(talk: Transcript, asked: list, promised: list) -> None:
    assert [(each.text, each.utterances, each.replies) for each in questions(said(talk))] == asked
    assert [(each.text, each.due) for each in promises(said(talk))] == promised


@pytest.mark.parametrize(
    ("language", "lines", "asked"),
    [
        ("ta", ["C வணக்கம்ங்க, நான் குமார் பேசுறேன் கோயம்புத்தூர்ல இருந்து", "A சொல்லுங்க", "C நன்றிங்க வச்சிடுறேன்"], []),
        (
            "ta",
            ["C எங்க வீடு மூணாவது மாடி, லிஃப்ட் இல்ல, அதுக்கு எவ்வளவு சார்ஜ் பண்ணுவீங்க"],
            ["எங்க வீடு மூணாவது மாடி, லிஃப்ட் இல்ல, அதுக்கு எவ்வளவு சார்ஜ் பண்ணுவீங்க"],
        ),
        ("ta-Latn", ["C en order number double nine four five six seven, seri thanks, vechidren"], []),
        ("te", ["C ఆ నమస్కారం అండి నా పేరు రవి.", "A చెప్పండి"], []),
        ("te", ["C అవునా. సరే, బిల్లు పోయింది, వారంటీ వర్తిస్తుందా"], ["బిల్లు పోయింది, వారంటీ వర్తిస్తుందా"]),
        ("hi", ["C सोमवार को, नहीं नहीं, मंगलवार को टेक्नीशियन भेज दीजिए"], ["मंगलवार को टेक्नीशियन भेज दीजिए"]),
        ("hu", ["C A rendelésszámom az hatszáztizenkettő négyszázötvenhat. Ja és mennyit ér egy pont?"], ["Ja és mennyit ér egy pont?"]),
        ("hu", ["C Köszönöm, viszhall."], []),
        ("th", ["C เบอร์ผม ศูนย์แปดหนึ่ง สองสามสี่ ห้าหกเจ็ดแปดครับ"], []),
        ("en", ["C My mobile is nine eight four oh one double two three four five. And is there a fee?"], ["And is there a fee?"]),
    ],
)  # fmt: skip
def test_who_is_calling_their_numbers_and_small_words_are_no_part_of_a_question(
    language: str, lines: list[str], asked: list[str]
) -> None:
    assert [each.text for each in questions(said(call(language, *lines)))] == asked


@pytest.mark.parametrize("line", ["เดี๋ยวพรุ่งนี้โทรกลับนะคะ", "พรุ่งนี้จะโทรกลับนะคะ"])
def test_a_call_back_is_promised_with_and_without_a_future(line: str) -> None:
    assert [each.due for each in promises(said(call("th", f"A {line}")))] == [("พรุ่งนี้",)]


def test_a_promise_until_a_day_is_told_with_the_day() -> None:
    (one,) = promises(said(call("hu", "A Utánanézek, és szerdáig visszahívom Önt.")))
    assert one.due == ("szerdáig",)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("ta", "ஒரு நிமிஷம் இருங்க"),
        ("ta", "ரிட்டர்ன் 30 நாள்ல பண்ணலாம்"),
        ("te", "వారంటీ రెండు సంవత్సరాలు"),
        ("hi", "ऑर्डर नंबर बताइए"),
        ("hu", "A garancia két év."),
        ("th", "รับประกันสิบปีค่ะ"),
        ("en", "Let me check that for you."),
        ("en", "You can return it within 30 days."),
    ],
)
def test_what_binds_nobody_is_no_promise(language: str, line: str) -> None:
    assert not promises(said(call(language, f"A {line}")))


def test_what_the_agent_answers_is_the_answer_without_asking_for_a_name() -> None:
    first, _ = questions(said(CALLS[5][0]))
    assert first.answer == "Yes, the compressor has five years. Our technician will visit within 24 hours."


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("index")
    texts = {
        "ta": "வாங்கிய பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம். பணம் 7 நாட்களில் வங்கிக் கணக்கில் வரும்.",
        "hu": "A panaszokra öt munkanapon belül írásban válaszolunk. A kiszállítás Budapesten díjtalan.",
        "th": "คอมเพรสเซอร์ตู้เย็นรับประกัน 12 ปีนับจากวันที่ซื้อสินค้า",
        "en": "Damaged items can be exchanged within 30 days of delivery. A visit outside the warranty costs ₹399.",
        "hi": "वापसी का पैसा 7 दिन में खाते में आता है।",
    }
    build([Document(f"{tag}.txt", text, tag, tag, f"{tag}.txt") for tag, text in texts.items()], folder)
    return Assistant(Retriever.open(folder))


@pytest.mark.parametrize(
    ("language", "question", "right", "wrong", "claimed"),
    [
        ("ta", "பணம் எத்தனை நாட்களில் வங்கிக் கணக்கில் வரும்?", "பணம் 7 நாட்களில் கணக்கில் வரும்.", "பணம் 15 நாட்களில் கணக்கில் வரும்.", "15 day"),
        ("hu", "Hány munkanapon belül válaszolnak a panaszokra?", "A panaszokra 5 napon belül válaszolunk.", "A panaszokra 20 napon belül válaszolunk.", "20 day"),
        ("th", "คอมเพรสเซอร์ตู้เย็นรับประกันกี่ปี", "คอมเพรสเซอร์ตู้เย็นรับประกัน 12 ปีค่ะ", "คอมเพรสเซอร์ตู้เย็นรับประกัน 5 ปีค่ะ", "5 year"),
        ("en", "How much does a visit outside the warranty cost?", "A visit outside the warranty costs ₹399.", "A visit outside the warranty costs ₹999.", "999 inr"),
        ("hi", "वापसी का पैसा कितने दिन में खाते में आता है?", "वापसी का पैसा 7 दिन में खाते में आएगा।", "वापसी का पैसा 3 दिन में खाते में आएगा।", "3 day"),
    ],
)  # fmt: skip
def test_an_agent_who_says_another_figure_is_noticed(
    assistant: Assistant, language: str, question: str, right: str, wrong: str, claimed: str
) -> None:
    (true,) = review("a", call(language, f"C {question}", f"A {right}"), assistant).asked
    (false,) = review("b", call(language, f"C {question}", f"A {wrong}"), assistant).asked
    assert not true.contradictions
    (found,) = false.contradictions
    assert (found.kind, found.claimed, found.document) == ("figures", (claimed,), f"{language}.txt")


def test_a_not_too_many_is_noticed(assistant: Assistant) -> None:
    question, answer = "C Budapesten díjtalan a kiszállítás?", "A A kiszállítás Budapesten{} díjtalan."
    (false,) = review("a", call("hu", question, answer.format(" nem")), assistant).asked
    (true,) = review("b", call("hu", question, answer.format("")), assistant).asked
    assert ([each.kind for each in false.contradictions], true.contradictions) == (["negation"], ())


def test_a_call_is_reviewed_with_what_was_noted_and_what_is_to_be_done(assistant: Assistant) -> None:
    told = review("call.txt", CALLS[0][0], assistant)
    assert [f"{each.kind} {each.value}" for each in told.fields] == ["order 67845", "code E4"]
    assert all(each.reply.citations or each.reply.handoff or each.reply.choices for each in told.asked)
    assert told.summary.startswith("A call in Tamil of 12 utterances. The customer asked 2 questions;")
    assert [each["agent"] for each in told.json()["questions"]][1] == "வாரண்டி இருந்தா இலவசம்."


def spoken(name: str) -> Transcript:
    return read_transcript((FOLDER / f"{name}.txt").read_bytes(), f"{name}.txt")


def expected(name: str, question: Question) -> dict[str, Any] | None:
    """What a call's question is known as."""
    return next((each for each in ASKED[name]["asked"] if each["at"] - 1 in question.utterances), None)


@pytest.mark.parametrize("name", ASKED)
def test_what_callers_ask_is_found_and_little_else(name: str) -> None:
    found = [expected(name, each) for each in questions(said(spoken(name)))]
    assert all(each in found for each in ASKED[name]["asked"])
    assert len(found) <= len(ASKED[name]["asked"]) + 2


def test_of_all_that_is_taken_for_a_question_nine_in_ten_are() -> None:
    found = [expected(name, each) for name in ASKED for each in questions(said(spoken(name)))]
    assert sum(each is not None for each in found) >= 0.9 * len(found)


def test_calls_on_which_nothing_was_chosen_are_answered_rightly_or_handed_over(index: Path) -> None:
    assistant = Assistant(Retriever.open(index))
    right = wrong = 0
    for name in (name for name in ASKED if name.endswith("2")):
        for each in review(name, spoken(name), assistant).asked:
            known = expected(name, each.question)
            held = known and any(normalise(text) in normalise(each.reply.answer) for text in known["answers"])
            right, wrong = right + bool(each.answered and held), wrong + bool(each.answered and not held)
    assert right >= 7
    assert wrong <= 3


@pytest.mark.parametrize(
    ("language", "lines", "asked"),
    [
        ("ta", ["C ஃப்ரிட்ஜ்ல தண்ணி லீக் ஆகுது", "A அப்படியா சார்", "C வாரண்டி இருக்கா"], [(0, 2)]),
        ("hi", ["C फ्रिज ठंडा नहीं कर रहा", "A अच्छा जी", "C गैस भरने का कितना लगेगा"], [(0, 2)]),
        ("hu", ["C nem hűt a hűtőm", "A sajnálom", "C mennyibe kerül a szerelő"], [(0, 2)]),
        ("hu", ["C nem hűt a hűtőm", "A Tisztítsa meg a hátsó rácsot és várjon egy órát.", "C mennyibe kerül a szerelő"], [(0,), (2,)]),
        ("th", ["C ตู้เย็นที่บ้านไม่เย็นเลยครับ", "A ค่ะ ขอเบอร์โทรด้วยค่ะ", "C ค่าช่างเข้าตรวจเท่าไหร่ครับ"], [(0, 2)]),
        ("te", ["C గ్యాస్ నింపడానికి ఎంత అవుతుంది", "A మీ ఫోన్ నంబర్ చెప్పండి", "C రేపు ఉదయం ఎవరినైనా పంపించండి"], [(0,), (2,)]),
    ],
)  # fmt: skip
def test_what_is_told_and_not_answered_belongs_to_the_question_that_follows(
    language: str, lines: list[str], asked: list[tuple[int, ...]]
) -> None:
    assert [each.utterances for each in questions(said(call(language, *lines)))] == asked


def test_a_question_is_also_looked_for_without_what_only_joins_it() -> None:
    talk = call("th", "C ผมสั่งตู้เย็นเครื่องนึงครับ", "C อ๋อครับ แล้วเก็บเงินปลายทางได้ไหมครับ")
    (one,) = questions(said(talk))
    assert [each.text for each in one.readings][-1] == "เก็บเงินปลายทางได้ไหม"
    assert one.readings[0] == one.heard


def test_a_day_that_is_wished_for_is_granted_by_no_document(assistant: Assistant) -> None:
    talk = call("en", "C can a visit outside the warranty that costs 399 be on Sunday", "A sure")
    (one,) = review("a", talk, assistant).asked
    assert (one.reply.action, one.reply.citations) == ("handoff", ())
