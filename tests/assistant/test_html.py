"""The pages' HTML, value by value: what people wrote stays text, in its own direction, and marks stand where they should."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from html.parser import HTMLParser
from inspect import isfunction

import pytest

from assistant.channels import html
from assistant.conversation import Citation, Conversation, File, Turn, now
from assistant.desk import Kept, Note, Past, Ticket
from assistant.fields import Field
from assistant.phrases import languages
from assistant.reply import Handoff, Suggestion, Tried
from knowledge import Document
from knowledge.documents import Block

HOSTILE = '<script>alert(\'x\')</script> "quoted" & <img src=x onerror="y">'
AGENTS = html.speakers("en", "customer")
TEXTS = {
    "ta": ("திருப்பி அனுப்புதல்", "வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பி அனுப்பலாம்."),
    "th": ("การคืนสินค้า", "คืนสินค้าได้ภายในสิบสี่วันหลังได้รับของ"),
    "ar": ("إرجاع المنتجات", "يمكنك إرجاع المنتج خلال أربعة عشر يوماً من الشراء."),
}


def lookup(documents: dict[str, Document]) -> html.Lookup:
    return documents.__getitem__


def cited(language: str, page: int | None = None) -> tuple[Citation, dict[str, Document]]:
    """The second block of a document of two, cited."""
    title, quote = TEXTS[language]
    text = f"{title}\n\n{quote}"
    start = text.index(quote)
    blocks = (Block(0, start - 2, kind="heading"), Block(start, len(text)))
    document = Document("d", text, title, language, "d.pdf", blocks)
    return Citation("d", title, quote, start, len(text), "d.pdf", "d#1", page), {"d": document}


def test_an_agent_reads_what_was_told_and_said() -> None:
    noted = (Field("order", "447122", 1), Field("date", "நேத்து", 1))
    shown = html.why(Handoff("unsure", "", "ta", "எங்கே?", fields=noted, said=("<b>உங்கள் ஆர்டர்</b>",)))
    assert "<dt>Order</dt><dd><bdi>447122</bdi></dd><dt>Day</dt><dd><bdi>நேத்து</bdi></dd>" in shown
    assert "&lt;b&gt;உங்கள் ஆர்டர்&lt;/b&gt;" in shown
    assert "<h2>Told" not in html.why(Handoff("unsure", "", "ta", "எங்கே?"))


@pytest.mark.parametrize("language", TEXTS)
def test_exactly_the_quoted_words_are_marked(language: str) -> None:
    citation, documents = cited(language)
    shown = html.passage(citation, lookup(documents))
    assert re.findall("<mark>(.*?)</mark>", shown) == [citation.quote]
    assert re.sub("<.*?>", "", shown) == documents["d"].text
    assert html.written(language) in shown


def test_a_mark_in_the_middle_of_a_sentence_cuts_no_letter() -> None:
    documents = cited("ta")[1]
    start = documents["d"].text.index("14")
    inner = Citation("d", "", "14 நாட்களுக்குள்", start, start + len("14 நாட்களுக்குள்"), "d.pdf", "d#1")
    assert "வாங்கிய பொருளை <mark>14 நாட்களுக்குள்</mark> திருப்பி" in html.passage(inner, lookup(documents))


def test_a_document_that_has_left_or_changed_shows_the_quote_alone() -> None:
    citation = cited("th")[0]
    alone = f'<blockquote dir="auto"><mark>{citation.quote}</mark></blockquote>'
    assert html.passage(citation, lookup({})) == alone
    changed = Document("d", "ข้อความใหม่ทั้งหมด", language="th")
    assert html.passage(citation, lookup({"d": changed})) == alone


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
    assert "<span>7. oldal</span>" in html.source(citation, "s", "hu", lookup(documents))
    citation, documents = cited("ta")
    assert "<span>" not in html.source(citation, "s", "hu", lookup(documents))


def test_a_page_that_is_quoted_twice_has_one_chip_with_both_quotes() -> None:
    citation, documents = cited("ta", page=7)
    title, other = replace(citation, quote=citation.title, start=0, end=len(citation.title)), replace(citation, page=8)
    turn = Turn("assistant", "", "ta", citations=(citation, other, title))
    shown = html.bubble(turn, "source-1", AGENTS, "hu", lookup(documents))
    first, second = re.findall("<details.*?</details>", shown, re.DOTALL)
    assert re.findall("<mark>(.*?)</mark>", first) == [citation.quote, citation.title]
    assert ("7. oldal" in first, "8. oldal" in second, re.findall("<mark>(.*?)</mark>", second)) == (
        True,
        True,
        [citation.quote],
    )


def test_each_bubble_speaks_its_own_language() -> None:
    turns = (Turn("customer", "أين طلبي؟", "ar"), Turn("agent", "Úton van.", "hu"))
    shown = html.transcript(Conversation("c", turns), AGENTS, "en", lookup({}))
    assert '<article class="turn customer" lang="ar" dir="rtl">' in shown
    assert '<article class="turn agent" lang="hu" dir="ltr">' in shown
    assert "typing" not in shown


def test_a_line_in_another_script_keeps_its_direction_among_those_that_run_from_right_to_left() -> None:
    told = html.directed(Turn("assistant", "إليك النص الأصلي:\nNo. The refund window closes.\nرقم 14", "ar"))
    assert re.findall(r'dir="(\w+)">(.)', told) == [("rtl", "إ"), ("ltr", "N"), ("rtl", "ر")]
    assert unescape(re.sub("<.*?>", "", told)) == "إليك النص الأصلي:\nNo. The refund window closes.\nرقم 14"


def test_a_bubble_names_the_agent_and_the_moment_with_its_zone() -> None:
    turn = Turn("agent", "Úton van.", "hu", datetime(2026, 11, 22, 9, 5, tzinfo=UTC), agent="Réka")
    shown = html.bubble(turn, "b", AGENTS, "en", lookup({}))
    assert '<bdi>Réka</bdi> · <time datetime="2026-11-22T09:05:00+00:00">09:05 UTC</time>' in shown


def test_dots_stand_behind_a_question_only_while_the_assistant_has_it() -> None:
    asked = (Turn("customer", "ค่าส่งเท่าไหร่", "th"),)
    shown = [
        html.transcript(Conversation("c", asked, status), html.speakers("th"), "th", lookup({}))
        for status in ("pending", "open", "resolved")
    ]
    assert ["typing" in each for each in shown] == [True, False, False]


def test_choices_are_buttons_under_the_last_turn_while_the_assistant_has_the_talk() -> None:
    back = Turn("assistant", "?", "ar", choices=("رسوم الإصلاح", "ค่ารับเครื่อง", HOSTILE))
    asked = Conversation("c", (Turn("customer", "كم الرسوم؟", "ar"), back))
    shown = html.transcript(asked, html.speakers("ar"), "ar", lookup({}))
    buttons = re.findall(r'<button type="button" data-text="(.*?)" lang="(.*?)" dir="(.*?)">(.*?)</button>', shown)
    assert [unescape(value) for value, *_ in buttons] == [unescape(text) for *_, text in buttons] == list(back.choices)
    assert [(language, direction) for _, language, direction, _ in buttons[:2]] == [("ar", "rtl"), ("th", "ltr")]
    assert "<img" not in shown
    gone = [replace(asked, status="open"), replace(asked, turns=(*asked.turns, Turn("customer", "رسوم الإصلاح", "ar")))]
    assert not any("<button" in html.transcript(each, html.speakers("ar"), "ar", lookup({})) for each in gone)


def test_whatever_people_write_is_only_text() -> None:
    citation = Citation(HOSTILE, HOSTILE, HOSTILE, 0, 3, HOSTILE, HOSTILE)
    turns = (Turn("customer", HOSTILE), Turn("assistant", HOSTILE, HOSTILE, citations=(citation,)))
    handoff = Handoff("unsure", HOSTILE, HOSTILE, HOSTILE, (Tried("d", HOSTILE, HOSTILE, 1.0),))
    offered = [
        Suggestion(HOSTILE, (citation,), 0.9, "quote", HOSTILE),
        Suggestion(HOSTILE, (), 0.9, "earlier", asked=HOSTILE),
    ]
    ticket = Ticket(HOSTILE, HOSTILE, "unsure", HOSTILE, now(), HOSTILE, "chat")
    shown = [
        html.header(HOSTILE, "en"),
        html.transcript(Conversation(HOSTILE, turns), AGENTS, "en", lookup({})),
        html.queue([ticket], [ticket], HOSTILE, now()),
        html.why(handoff),
        html.about(ticket, now()),
        html.notice(HOSTILE),
        html.suggested(offered, HOSTILE, lookup({}), [Kept("quote", HOSTILE, 1, 0.5)]),
    ]
    for each in shown:
        assert not re.search(r"<(script|img)", each)
        assert '"quoted"' not in each
    assert all(escape(HOSTILE) in each for each in (shown[0], shown[1], shown[2], shown[3], shown[5], shown[6]))


def test_the_desk_says_in_one_sentence_why_and_repeats_no_question() -> None:
    question = "அப்போ பழுது பார்க்க?"
    summary = f"Not in the knowledge. The customer writes Tamil. Asked: “{question}” Looked at: பழுது."
    tried = (Tried("repair", "", "கட்டணம் ₹250.", 0.5), Tried("emi", "தவணை", "மாதம் 5-ஆம் தேதி.", 0.4))
    shown = html.why(Handoff("not_in_knowledge", summary, "ta", question, tried))
    assert "Not in the knowledge" in shown
    assert "<p>The customer writes Tamil.</p><small>Put together from the talk" in shown
    assert shown.count(question) == 1
    assert f'<blockquote lang="ta" dir="ltr">{question}</blockquote>' in shown
    assert "<bdi>repair</bdi>" in shown  # what has no title is named by its id
    assert shown.index("repair") < shown.index("தவணை")


def test_a_suggestion_goes_into_the_box_as_it_is_read() -> None:
    text = 'ใช้เวลา 3 วัน "ทำการ" & วันหยุด'
    offered = Suggestion(text, (), 0.8, "earlier", "th", "กี่วันถึงจะได้ของ")
    shown = html.why(Handoff("unsure", "", "th", "กี่วัน"), html.suggested([offered], "th", lookup({}), []))
    (value, read) = re.findall(r'data-text="(.*?)".*<span dir="auto">(.*?)</span></button>', shown)[0]
    assert unescape(value) == unescape(read) == text
    assert "กี่วันถึงจะได้ของ" in shown
    assert '<p class="empty">None.</p>' in shown  # no passage was tried


def test_a_suggestion_names_its_key_its_source_and_how_sure_it_is() -> None:
    citation, documents = cited("ar", page=3)
    framed = f"ورد في مستندنا ما يلي:\n{citation.quote}"
    quote = Suggestion(framed, (citation,), 0.5, "quote", "ar")
    written = Suggestion("14 நாட்கள்.", (citation,), 0.2, "written", "ta")
    shown = html.suggested([quote, written], "ta", lookup(documents), [Kept("quote", "ta", 3, 0.845)])
    assert re.findall('aria-keyshortcuts="(.*?)"', shown) == ["Alt+1", "Alt+2"]
    sure = re.findall('<em>(.*?) <meter value="(.*?)"', shown)
    assert sure == [("From the documents · fairly sure", "0.50"), ("Written by the model · unsure", "0.20")]
    assert f'<span dir="auto">{citation.quote}</span>' in shown  # its frame goes into the box, and takes no room here
    assert escape(framed) in shown
    assert shown.count(f"<mark>{citation.quote}</mark>") == 2
    assert re.findall('class="foreign">(.*?)<', shown) == ["In Arabic; the customer writes Tamil."]
    assert "Sent in Tamil so far: From the documents 3 × (84% kept)." in shown


def test_a_romanised_customer_reads_a_quote_of_the_same_language() -> None:
    offered = Suggestion("30 நாட்கள்.", (), 0.9, "earlier", "ta", "?")
    assert "foreign" not in html.suggested([offered], "ta-Latn", lookup({}), [Kept("earlier", "th", 1, 1.0)])
    assert html.suggested([], "ta", lookup({}), []) == ""


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
    assert html.lasted(timedelta(seconds=seconds)) == shown


def spoken(language: str) -> list[str]:
    """What an agent reads and hears at the desk, in its order, where people have written nothing but numbers."""
    cited = Citation("1", "1", "1", 0, 1, "1", "1", 3)
    quote, before = Suggestion("1", (cited,), 0.5, "quote", "ar"), Suggestion("1", (), 0.9, "earlier", "ar", "1")
    sure, unsure = replace(quote, confidence=0.9, kind="written"), replace(quote, confidence=0.1)
    ticket = Ticket("1", "ar", "unsure", "1", now() - timedelta(hours=3), None, "voice", "legal", 1, 2)
    flagged, long_ago = Tried("1", "1", "1", 1.0, ("order",)), now() - timedelta(days=3)
    talk = Conversation("1", (Turn("customer", "1", "ar"), Turn("assistant", "1", "ar"), Turn("agent", "1", "ar")))
    names, kept = html.speakers(language, "customer"), [Kept("quote", "th", 3, 0.5)]
    suggested = html.suggested([quote, before, sure, unsure], "th", lookup({}), kept, language)
    parts = (
        re.sub("<option.*?</option>", "", html.brand(language, "1")),  # each language by its own name
        html.actions(language),
        html.undo("1", "wrong", language),
        html.filters({("ar", "unsure"): 2}, "", "", "", language),
        html.queue([ticket], [], None, now(), fitting=3, total=4, language=language),
        *(html.queue([], [], None, now(), total=total, language=language) for total in (0, 1)),
        html.unchosen(language),
        html.about(ticket, now(), language, writing=True),
        html.transcript(talk, names, language, lookup({})),
        html.reading(talk, lookup({}), language),
        html.why(None, language=language),
        html.why(Handoff("unsure", "", "ar", "1", (flagged,), mood="legal"), suggested, language),
        html.notes([Note("1", "1", long_ago)], now(), language),
        html.earlier([Past("1", long_ago, "1", "ar", outcome) for outcome in ("wrong", None)], now(), language),
    )
    shown = re.sub(r"<(kbd|abbr|time)\b[^>]*>[^<]*</\1>", "", "".join(parts))
    read = re.findall(r'(?:title|aria-label)="(.*?)"|>([^<]+)', shown)
    return [re.sub(r"[\d\W_]+", " ", unescape("".join(each))).strip() for each in read]


@pytest.mark.parametrize("language", [language for language in languages() if not language.startswith("en")])
def test_nothing_at_the_desk_is_english_to_an_agent_who_reads_another_language(language: str) -> None:
    own, english = spoken(language), spoken("en")
    assert len(own) == len(english) > 80
    if not language.endswith("-Latn"):  # those are full of English words
        assert not [told for told, word in zip(own, english, strict=True) if told == word and len(word) > 3]


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


@pytest.mark.parametrize(("language", "told"), [("en", "New messages: 2"), ("hu", "Új üzenetek: 2")])
def test_what_was_written_in_a_conversation_that_is_not_open_is_counted(language: str, told: str) -> None:
    ticket = Ticket("c1", "te", "unsure", "", now(), "Réka", "chat", unanswered=2)
    closed, open_ = (html.queue([], [ticket], chosen, now(), language=language) for chosen in (None, "c1"))
    assert f'title="{told}" aria-label="{told}">2</b>' in closed
    assert told not in open_
    assert told.replace("2", "0") not in html.queue([], [replace(ticket, unanswered=0)], None, now())


def test_only_who_waits_reads_a_place() -> None:
    assert "3" in html.standing(Conversation("c", (), "open"), 3, "hu")
    assert html.standing(Conversation("c", (), "open"), None, "hu") == ""
    assert html.standing(Conversation("c", (), "pending"), 3, "hu") == ""


PAYLOADS = [
    HOSTILE,
    "'><svg/onload=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "</blockquote></details><iframe src=javascript:alert(1)>",
    "&lt;script&gt;",
    "**bold** [link](javascript:alert(1)) ![x](http://example.org/?q=1) # விலை `code`",
    "ราคา \u202e000 1\u202c บาท",
    "z" + "\u0301" * 300,
    "{{7*7}} ${7*7} <%= 7 %>",
]


def shown_by_everything(text: str) -> dict[str, str]:
    """What each public function of the pages makes of a text, wherever a text of others can stand."""
    citation = Citation(text, text, text, 0, len(text), text, text, 1)
    document = Document(text, text, text, text, text)
    turn = Turn("customer", text, text, citations=(citation,))
    talk = Conversation(text, (turn,), "open")
    names = dict.fromkeys(AGENTS, text)
    flagged = Tried(text, text, text, 1.0, (text,))
    suggestion = Suggestion(text, (citation,), 0.5, "earlier", "ta", text)
    ticket = Ticket(text, text, "hostile", text, now(), text, "chat")
    known = lookup({text: document})
    return {
        "written": f"<p {html.written(text)}></p>",
        "news": html.news(2, text),
        "phrased": html.phrased("joined", "th", agent=text),
        "header": html.header(text, text),
        "top": html.top("", text),
        "transcript": html.transcript(talk, names, text, known),
        "bubble": html.bubble(turn, "b", names, text, known),
        "directed": f"<p>{html.directed(replace(turn, language='ar'))}</p>",
        "sources": html.sources((citation, citation), "s", text, known),
        "source": html.source(citation, "s", text, known),
        "passage": html.passage(citation, lookup({})),
        "standing": html.standing(talk, 2, text),
        "queue": html.queue([ticket], [ticket], text, now(), fitting=2, total=3),
        "lines": html.lines([ticket], text, now()),
        "filters": html.filters({(text, "hostile"): 1}, text, text, text),
        "chooser": html.chooser("language", "Language", {text: text}, text),
        "notes": html.notes([Note(text, text, now())], now()),
        "earlier": html.earlier([Past(text, now(), text, text, "wrong")], now(), text),
        "reading": html.reading(talk, known),
        "undo": html.undo(text, "wrong", text),
        "offered": html.offered([text], text),
        "suggested": html.suggested([suggestion], text, known, [Kept("quote", text, 1, 0.5)]),
        "suggestion": html.suggestion(suggestion, 1, text, known),
        "foreign": html.foreign(suggestion, "hu", text),
        "line": html.line(ticket, text, now()),
        "tag": html.tag(text, text),
        "resolved": html.resolved("wrong", text),
        "why": html.why(Handoff("hostile", text, text, text, (flagged,), (), text), text and html.notice(text)),
        "pressed": html.pressed("Alt 1"),
        "native": f"<p>{html.native('ta-Latn')}</p>",
        "gathered": html.gathered(
            Handoff("hostile", text, text, text, fields=(Field("order", text, 1),), said=(text,))
        ),
        "tried": html.tried(flagged, 0),
        "about": html.about(ticket, now()),
        "brand": html.brand("en", text),
        "notice": html.notice(text, text),
        "files": html.files([File(text, text, "image/png", 1)]),
    }


def skeleton(shown: str) -> list[tuple[str, list[str]]]:
    """The tags of a page, each with the names of its attributes; a quote is shown without context if that is hostile."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append(
        (tag, [name for name, _ in attributes if name != "lang"])
    )
    parser.feed(shown)
    return found


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_changes_what_a_page_is_made_of(payload: str) -> None:
    plain = shown_by_everything("สวัสดี")
    for name, shown in shown_by_everything(payload).items():
        assert skeleton(shown) == skeleton(plain[name]), name
        assert name in ("files", "brand", "about") or not re.search(r"<(strong|code|a |h3)", shown), name


def test_every_function_that_shows_text_is_tried() -> None:
    silent = {"context", "unchosen", "introduced", "speakers", "around", "lasted", "felt", "actions", "count", "clock"}
    public = {name for name, thing in vars(html).items() if isfunction(thing) and thing.__module__ == html.__name__}
    assert public - silent == set(shown_by_everything("x"))
