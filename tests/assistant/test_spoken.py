from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
import regex

from assistant.conversation import Citation
from assistant.phrases import languages, phrase, phrasebook
from assistant.reply import CERTAIN, Reply
from assistant.speech.spoken import MOST, NAMESPACE, Spoken
from knowledge.load import FORMATS, load
from knowledge.split import split
from knowledge.text import UNSPACED, sentences

ROOT = Path(__file__).parents[2]
SIX = ("ta", "te", "th", "hu", "hi", "en")
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def cited(quote: str, title: str = "") -> Citation:
    return Citation("d", title, quote, 0, len(quote), "d.md", "p")


def answer(language: str, *quotes: str, title: str = "Returns policy", **more: object) -> Reply:
    return Reply("answer", "\n".join(quotes), language, CERTAIN, tuple(cited(quote, title) for quote in quotes), **more)  # type: ignore[arg-type]


def fit(said: Spoken, language: str) -> None:
    """Asserts what holds of everything that is spoken."""
    speech = Tree.fromstring(said.ssml)
    assert speech.tag == f"{{{NAMESPACE}}}speak"
    assert (speech.attrib["version"], speech.attrib[LANG]) == ("1.1", language)
    assert 1 <= len(speech.findall(f"{{{NAMESPACE}}}s")) <= MOST
    if not UNSPACED.search(said.text):
        assert len(sentences(said.text)) <= MOST
    assert len(regex.findall("[?؟]", said.text)) <= 1
    assert not regex.search(r"[*#`|<>\[\]@]|https?:|www\.|__", said.text)
    assert "".join("".join(speech.itertext()).split()) == "".join(said.text.split())
    if language in SIX:
        assert not regex.search(r"\p{Nd}", said.text)


def passages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {tag: [] for tag in SIX}
    for file in sorted((ROOT / "sample").rglob("*")):
        if file.suffix in FORMATS:
            for document in load(file):
                found[file.parent.name] += [(passage.text, document.title) for passage in split(document)]
    return found


@pytest.fixture(scope="module")
def sample() -> dict[str, list[tuple[str, str]]]:
    return passages()


@pytest.mark.parametrize("language", [*SIX, "ar"])
def test_whatever_the_sample_says_can_be_spoken(language: str, sample: dict[str, list[tuple[str, str]]]) -> None:
    own = sample.get(language) or [passage for tag in SIX for passage in sample[tag][:4]]
    assert own
    for quote, title in own:
        fit(answer(language, quote, title=title).spoken, language)


def test_the_golden_suites_answers_can_be_spoken() -> None:
    for tag in SIX:
        for line in (ROOT / f"eval/suites/golden/cases/{tag}.jsonl").read_text(encoding="utf-8").splitlines():
            for said in json.loads(line)["answers"]:
                fit(answer(tag, said).spoken, tag)


@pytest.mark.parametrize("language", languages())
def test_whatever_the_product_itself_says_can_be_spoken(language: str) -> None:
    for key, text in phrasebook(language).items():
        if "{" not in text and not key.startswith(("spoken", "comma")):
            fit(Reply("answer", text, language, CERTAIN).spoken, language)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ta", "நான்கு படிகள்"), ("te", "నాలుగు దశలు"), ("th", "สี่ ขั้นตอน"), ("hu", "négy lépés"), ("hi", "चार चरण"), ("en", "four steps"), ("ar", "عدد الخطوات 4"),
    ],
)  # fmt: skip
def test_a_list_is_begun_and_the_rest_offered(language: str, said: str) -> None:
    reply = answer(language, "1. Mosd ki.\n2. Zárd el.\n3. Húzd ki.\n4. Hívj fel.")
    spoken = reply.spoken
    assert said in spoken.text
    assert spoken.text.endswith(phrase("spoken_more", language))
    assert "Zárd" not in spoken.text
    assert spoken.rest == 1


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [("ta", "கட்டணம் 149 ரூபாய்", "வாரண்டி 2 ஆண்டுகள்"), ("th", "ค่าส่ง 50 บาท", "รับประกัน 2 ปี"), ("hu", "A díj 9900 Ft", "A jótállás 2 év")],
)  # fmt: skip
def test_what_a_model_wrote_to_two_questions_is_said_without_them(language: str, first: str, second: str) -> None:
    source = Citation("d", "FAQ", "…", 0, 1, "d.txt", "d#0")
    reply = Reply("answer", f"??? 1\n{first} [1]\n\n??? 2\n{second} [2]", language, CERTAIN, (source, source))
    alone = [Reply("answer", text, language, CERTAIN).spoken.text.rstrip(".") for text in (first, second)]
    assert all(text in reply.spoken.text for text in alone)
    assert "?" not in reply.spoken.text
    assert reply.spoken.rest is None


def test_what_was_offered_goes_on_where_it_stopped() -> None:
    from assistant.speech.spoken import spoken

    reply = answer("hu", "Az első dolog ez. A második az. A harmadik amaz. A negyedik más.")
    first = spoken(reply)
    assert first.rest == 2
    assert "Returns policy" in first.text
    then = spoken(reply, first.rest)
    assert then.text == "A harmadik amaz. A negyedik más."
    assert then.rest is None


@pytest.mark.parametrize(
    ("language", "quote", "said"),
    [
        ("ta", "சேவை: டெக்னீஷியன் வருகை; கட்டணம்: ₹399", "சேவை டெக்னீஷியன் வருகை; கட்டணம்: முந்நூற்று தொண்ணூற்றொன்பது ரூபாய்"),
        ("hu", "Cikkszám: NW8; Ár (Ft): 14900", "Cikkszám en dupla vé nyolc; Ár: tizennégyezer-kilencszáz forint"),
        ("th", "รุ่น: NF-260; ราคา (บาท): 650", "รุ่น เอ็น เอฟ สอง หก ศูนย์; ราคา: หกร้อยห้าสิบ บาท"),
        ("en", "Code: E4; Meaning: Defrost heater fault", "Code E four; Meaning: Defrost heater fault"),
    ],
)  # fmt: skip
def test_rows_are_read_with_their_labels(language: str, quote: str, said: str) -> None:
    assert said in answer(language, quote).spoken.text


def test_the_source_is_named_by_its_title_and_marks_and_links_are_not_read() -> None:
    reply = Reply(
        "answer", "**Pénzt** 14 napon belül [1]: írjon ide: help@nila.example, vagy https://nila.example/a?b=1 [2].", "hu", CERTAIN,
        (cited("x", "Visszaküldés"),),
    )  # fmt: skip
    said = reply.spoken.text
    assert "Visszaküldés" in said
    assert "Pénzt tizennégy napon belül" in said
    assert phrase("spoken_address", "hu") in said
    fit(reply.spoken, "hu")


def test_choices_are_one_question() -> None:
    reply = Reply("clarify", "?", "ta", CERTAIN, choices=("கையேடு › பிழைக் குறியீடுகள்", "கையேடு › கட்டணம் எவ்வளவு?"))
    assert reply.spoken.text == "நீங்கள் கேட்பது பிழைக் குறியீடுகள் அல்லது கட்டணம் எவ்வளவு பற்றியா?"


def test_a_quote_in_another_language_is_marked() -> None:
    reply = answer("en", "मोटर पर 5 साल और पूरी मशीन पर 2 साल।", title="वारंटी <नियम> & शर्तें")
    marked = Tree.fromstring(reply.spoken.ssml).findall(f".//{{{NAMESPACE}}}lang")
    assert [mark.attrib[LANG] for mark in marked] == ["hi", "hi"]
    assert marked[1].text == "मोटर पर पाँच साल और पूरी मशीन पर दो साल।"
    assert "in Hindi" in reply.spoken.text


def test_a_question_that_is_quoted_is_not_asked() -> None:
    assert "Benne van?" not in answer("hu", "Benne van?\n\nIgen, benne van.").spoken.text


def test_every_reply_carries_what_is_spoken() -> None:
    reply = Reply("answer", phrase("greeting", "te"), "te", CERTAIN)
    assert reply.json()["spoken"] == {"text": reply.spoken.text, "ssml": reply.spoken.ssml}


@pytest.mark.parametrize("language", ["ta", "te", "th", "hu", "hi", "en", "ta-Latn", "te-Latn", "hi-Latn", "ar"])
@pytest.mark.parametrize("title", ["returns-policy.ta", "Returns policy", "returns_policy", "scan0042.pdf", ""])
def test_a_title_that_is_a_files_name_is_not_read(language: str, title: str) -> None:
    citation = Citation("d", title, "x 1.", 0, 4, "shop/returns-policy.ta.md", "p")
    said = Reply("answer", "x 1.", language, CERTAIN, (citation,)).spoken.text
    assert not any(word in said.casefold() for word in ("returns", "policy", "scan", "pdf"))
    assert said.startswith(phrase("spoken_unnamed", language, said="").strip())


def test_a_foreign_document_without_a_title_is_told_by_its_language() -> None:
    said = answer("en", "मोटर पर 5 साल और पूरी मशीन पर 2 साल।", title="d").spoken.text
    assert said.startswith("One of our documents is in Hindi and says: ")
