"""The pages' HTML, value by value: what people wrote stays text, in its own direction, and marks stand where they should."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import escape, unescape

import pytest

from assistant.channels import html
from assistant.conversation import Citation, Conversation, Turn, now
from assistant.desk import Ticket
from assistant.reply import Handoff, Tried
from knowledge import Document
from knowledge.documents import Block

HOSTILE = '<script>alert(\'x\')</script> "quoted" & <img src=x onerror="y">'
TEXTS = {
    "ta": ("திருப்பி அனுப்புதல்", "வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பி அனுப்பலாம்."),
    "th": ("การคืนสินค้า", "คืนสินค้าได้ภายในสิบสี่วันหลังได้รับของ"),
    "ar": ("إرجاع المنتجات", "يمكنك إرجاع المنتج خلال أربعة عشر يوماً من الشراء."),
}


def library(documents: dict[str, Document]) -> html.Library:
    return documents.__getitem__


def cited(language: str, page: int | None = None) -> tuple[Citation, dict[str, Document]]:
    """The second block of a document of two, cited."""
    title, quote = TEXTS[language]
    text = f"{title}\n\n{quote}"
    start = text.index(quote)
    blocks = (Block(0, start - 2, kind="heading"), Block(start, len(text)))
    document = Document("d", text, title, language, "d.pdf", blocks)
    return Citation("d", title, quote, start, len(text), "d.pdf", "d#1", page), {"d": document}


@pytest.mark.parametrize("language", TEXTS)
def test_exactly_the_quoted_words_are_marked(language: str) -> None:
    citation, documents = cited(language)
    shown = html.passage(citation, library(documents))
    assert re.findall("<mark>(.*?)</mark>", shown) == [citation.quote]
    assert re.sub("<.*?>", "", shown) == documents["d"].text
    assert html.written(language) in shown


def test_a_mark_in_the_middle_of_a_sentence_cuts_no_letter() -> None:
    documents = cited("ta")[1]
    start = documents["d"].text.index("14")
    inner = Citation("d", "", "14 நாட்களுக்குள்", start, start + len("14 நாட்களுக்குள்"), "d.pdf", "d#1")
    assert "வாங்கிய பொருளை <mark>14 நாட்களுக்குள்</mark> திருப்பி" in html.passage(inner, library(documents))


def test_a_document_that_has_left_or_changed_shows_the_quote_alone() -> None:
    citation = cited("th")[0]
    alone = f'<blockquote dir="auto"><mark>{citation.quote}</mark></blockquote>'
    assert html.passage(citation, library({})) == alone
    changed = Document("d", "ข้อความใหม่ทั้งหมด", language="th")
    assert html.passage(citation, library({"d": changed})) == alone


@pytest.mark.parametrize(
    ("language", "attributes"),
    [
        ("ta", 'lang="ta" dir="ltr"'),
        ("ar", 'lang="ar" dir="rtl"'),
        ("ar-EG", 'lang="ar-EG" dir="rtl"'),
        ("ar-Latn", 'lang="ar-Latn" dir="ltr"'),
        ("und", 'lang="und" dir="auto"'),
        ('"><b>', 'lang="&quot;&gt;&lt;b&gt;" dir="auto"'),
    ],
)
def test_every_language_has_its_direction(language: str, attributes: str) -> None:
    assert html.written(language) == attributes


def test_a_page_is_named_in_the_customers_language_and_only_where_there_is_one() -> None:
    citation, documents = cited("ta", page=7)
    assert "<span>7. oldal</span>" in html.source(citation, "s", "hu", library(documents))
    citation, documents = cited("ta")
    assert "<span>" not in html.source(citation, "s", "hu", library(documents))


def test_each_bubble_speaks_its_own_language() -> None:
    turns = (Turn("customer", "أين طلبي؟", "ar"), Turn("agent", "Úton van.", "hu"))
    shown = html.transcript(Conversation("c", turns), html.DESK, "en", library({}))
    assert '<article class="turn customer" lang="ar" dir="rtl">' in shown
    assert '<article class="turn agent" lang="hu" dir="ltr">' in shown
    assert "typing" not in shown


def test_dots_stand_behind_a_question_only_while_the_assistant_has_it() -> None:
    asked = (Turn("customer", "ค่าส่งเท่าไหร่", "th"),)
    shown = [
        html.transcript(Conversation("c", asked, status), html.customers("th"), "th", library({}))
        for status in ("pending", "open", "resolved")
    ]
    assert ["typing" in each for each in shown] == [True, False, False]


def test_choices_are_buttons_under_the_last_turn_while_the_assistant_has_the_talk() -> None:
    back = Turn("assistant", "?", "ar", choices=("رسوم الإصلاح", "ค่ารับเครื่อง", HOSTILE))
    asked = Conversation("c", (Turn("customer", "كم الرسوم؟", "ar"), back))
    shown = html.transcript(asked, html.customers("ar"), "ar", library({}))
    buttons = re.findall(r'<button type="button" data-text="(.*?)" lang="(.*?)" dir="(.*?)">(.*?)</button>', shown)
    assert [unescape(value) for value, *_ in buttons] == [unescape(text) for *_, text in buttons] == list(back.choices)
    assert [(language, direction) for _, language, direction, _ in buttons[:2]] == [("ar", "rtl"), ("th", "ltr")]
    assert "<img" not in shown
    gone = [replace(asked, status="open"), replace(asked, turns=(*asked.turns, Turn("customer", "رسوم الإصلاح", "ar")))]
    assert not any("<button" in html.transcript(each, html.customers("ar"), "ar", library({})) for each in gone)


def test_whatever_people_write_is_only_text() -> None:
    citation = Citation(HOSTILE, HOSTILE, HOSTILE, 0, 3, HOSTILE, HOSTILE)
    turns = (Turn("customer", HOSTILE), Turn("assistant", HOSTILE, HOSTILE, citations=(citation,)))
    handoff = Handoff("unsure", HOSTILE, HOSTILE, HOSTILE, (Tried("d", HOSTILE, HOSTILE, 1.0),), (HOSTILE,))
    ticket = Ticket(HOSTILE, HOSTILE, "unsure", HOSTILE, now(), HOSTILE, "chat")
    shown = [
        html.header(HOSTILE, "en"),
        html.transcript(Conversation(HOSTILE, turns), html.DESK, "en", library({})),
        html.queue([ticket], [ticket], HOSTILE, now()),
        html.why(handoff),
        html.about(ticket, now()),
        html.notice(HOSTILE),
    ]
    for each in shown:
        assert not re.search(r"<(script|img)", each)
        assert '"quoted"' not in each
    assert all(escape(HOSTILE) in each for each in (shown[0], shown[1], shown[2], shown[3], shown[5]))


def test_the_desk_says_in_one_sentence_why_and_repeats_no_question() -> None:
    question = "அப்போ பழுது பார்க்க?"
    summary = f"The documents do not say it. They write Tamil and asked: “{question}”. Looked at: பழுது."
    tried = (Tried("repair", "", "கட்டணம் ₹250.", 0.5), Tried("emi", "தவணை", "மாதம் 5-ஆம் தேதி.", 0.4))
    shown = html.why(Handoff("not_in_knowledge", summary, "ta", question, tried))
    assert "Not in the knowledge" in shown
    assert '<p dir="auto">The documents do not say it.</p>' in shown
    assert shown.count(question) == 1
    assert f'<blockquote lang="ta" dir="ltr">{question}</blockquote>' in shown
    assert "<bdi>repair</bdi>" in shown  # what has no title is named by its id
    assert shown.index("repair") < shown.index("தவணை")
    assert "Suggested" not in shown


def test_a_suggestion_goes_into_the_box_as_it_is_read() -> None:
    text = 'ใช้เวลา 3 วัน "ทำการ" & วันหยุด'
    shown = html.why(Handoff("unsure", "", "th", "กี่วัน", suggestions=(text,)))
    (value, read) = re.findall(r'data-text="(.*?)" dir="auto">(.*?)</button>', shown)[0]
    assert unescape(value) == unescape(read) == text
    assert '<p class="empty">None.</p>' in shown  # no passage was tried


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "now"),
        (9, "now"),
        (10, "10 s"),
        (59, "50 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (7200, "2 h"),
        (200_000, "2 d"),
    ],
)
def test_how_long_somebody_waits(seconds: int, shown: str) -> None:
    assert html.age(now() - timedelta(seconds=seconds), now()) == shown


def test_the_queue_names_the_open_conversation_and_says_when_it_is_empty() -> None:
    ticket = Ticket("c1", "te", "asked_for_person", "", now(), None, "chat")
    other = Ticket("c2", "th", "unsure", "", now(), "Réka", "voice")
    shown = html.queue([ticket], [other], "c2", now())
    assert re.findall('data-conversation="(.*?)"( aria-current="true")?', shown) == [
        ("c1", ""),
        ("c2", ' aria-current="true"'),
    ]
    assert 'title="Telugu"' in shown
    assert "Nobody is waiting." in html.queue([], [], None, now())


def test_only_who_waits_reads_a_place() -> None:
    assert "3" in html.standing(Conversation("c", (), "open"), 3, "hu")
    assert html.standing(Conversation("c", (), "open"), None, "hu") == ""
    assert html.standing(Conversation("c", (), "pending"), 3, "hu") == ""
