"""What the pages show, as HTML: from values to text, with everything that people wrote escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from typing import get_args

import regex

from assistant.brief import Brief
from assistant.conversation import Citation, Conversation, File, Speaker, Turn
from assistant.desk import Kept, Note, Outcome, Past, Ticket
from assistant.handoff import background
from assistant.phrases import language_name, languages, listed, locale, phrase
from assistant.reply import Feeling, Handoff, Reason, Suggestion, Tried
from assistant.uploads import PICTURES
from knowledge import LANGUAGES, Document, base, detect, signs
from knowledge.language import direction

Lookup = Callable[[str], Document]
"""Document by id; KeyError where the knowledge no longer has it."""

KEYS = {
    "↑ ↓": "key_walk",
    "Enter": "key_enter",
    "Shift Enter": "key_line",
    "Alt 1": "key_take",
    "Alt R": "key_resolve",
    "Alt U": "key_undo",
    "Alt B": "key_hand_back",
    "Alt Q": "key_release",
    "Alt N": "key_note",
    "Esc": "key_close",
    "?": "key_keys",
}
"""The desk's keys, and the phrase that says what each does."""
LONGER = (1, 5, 15, 60)
"""Minutes of waiting that the queue can be filtered by."""
UNITS = {"d": 86400, "h": 3600, "min": 60}
"""Seconds of the units in which agents are told how long something lasts."""
SURE = {0.8: "sure", 0.4: "fairly_sure", 0.0: "unsure"}
"""From which confidence on an agent reads which phrase."""
RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
"""A letter of a script that runs from right to left."""
NEIGHBOURS = 300
"""Characters around a quote that are shown with it, where the document's layout does not say what belongs together."""


def written(language: str) -> str:
    """The attributes of an element whose text is in that language."""
    known = language.endswith("-Latn") or base(language) in LANGUAGES
    return f'lang="{escape(language)}" dir="{direction(language) if known else "auto"}"'


def phrased(key: str, language: str, /, **fields: object) -> str:
    """One of the product's own phrases, escaped."""
    return escape(phrase(key, language, **fields))


def header(company: str, language: str) -> str:
    """Whose page it is, and lines that the page shows itself: while the server, or the microphone, is out of reach."""
    deaf = f'<p class="deaf" role="alert" {written(language)}>{phrased("microphone_blocked", language)}</p>'
    return top(f'<h1 dir="auto">{escape(company)}</h1>', language) + deaf


def brand(language: str = "en", agent: str = "") -> str:
    """The top of the desk: the language that it speaks, help with the keys, and who is at it."""
    names = {tag: native(tag) for tag in languages()}
    title = phrased("keys", language)
    keys = "".join(f"<dt>{pressed(key)}</dt><dd>{phrased(does, language)}</dd>" for key, does in KEYS.items())
    return top(
        f"<h1>{phrased('desk', language)}</h1>{chooser('speaks', phrase('reads', language), names, language)}"
        f'<button type="button" popovertarget="keys" aria-keyshortcuts="?">{title} <kbd>?</kbd></button>'
        f'<div id="keys" popover role="dialog" aria-label="{title}"><dl>{keys}</dl></div>'
        f'<form method="post" action="/sign-out"><a href="/account"><bdi>{escape(agent)}</bdi></a>'
        f"<button>{phrased('sign_out', language)}</button></form>",
        language,
    )


def top(shown: str, language: str) -> str:
    """The top of a page, whose language is the page's, and the line of when the server is out of reach."""
    attributes = f'data-locale="{locale(language)}" {written(language)}'
    lost = f'<p class="lost" role="alert" {written(language)}>{phrased("connection_lost", language)}</p>'
    return f"<header {attributes}>{shown}</header>{lost}"


def pressed(keys: str) -> str:
    """Keys, each in its own frame."""
    return " ".join(f"<kbd>{key}</kbd>" for key in keys.split())


def native(tag: str) -> str:
    """What speakers of a language call it; marked where it is in Latin letters, in those themselves."""
    name = LANGUAGES[base(tag)].name
    return f"{name} (abc)" if tag.endswith("-Latn") else name


def introduced(conversation: Conversation, language: str) -> Conversation:
    """The conversation, with the assistant saying first what it is, and that a person can take over."""
    first = Turn("assistant", phrase("introduction", language), language)
    if conversation.turns:
        first = replace(first, at=conversation.turns[0].at)
    return replace(conversation, turns=(first, *conversation.turns))


def speakers(language: str, customer: str = "you") -> dict[Speaker, str]:
    """Who speaks, as the customer reads it; agents read the phrase "customer" of who is "you" to themselves."""
    return {
        "customer": phrase(customer, language),
        "assistant": phrase("assistant", language),
        "agent": phrase("agent", language),
    }


def transcript(
    conversation: Conversation,
    names: Mapping[Speaker, str],
    language: str,
    lookup: Lookup,
    *,
    draft: str = "",
    prefix: str = "",
) -> str:
    """Every turn as a bubble, with labels in `language`; while the assistant has not answered yet, its draft and dots.

    Under the last one stands what the customer may choose, while the assistant has the conversation. The `prefix` tells
    the ids of two transcripts on one page apart.
    """
    turns = conversation.turns
    bubbles = "".join(
        bubble(turn, f"{prefix}source-{number}", names, language, lookup) for number, turn in enumerate(turns)
    )
    if conversation.choices and conversation.status == "pending":
        bubbles += offered(conversation.choices, phrase("did_you_mean", language))
    if turns and turns[-1].speaker == "customer" and conversation.status == "pending":
        name = escape(names["assistant"])
        begun = f"<p {written(detect(draft, language).tag)}>{escape(draft)}</p>" if draft else ""
        bubbles += f'<div class="turn typing" role="status" aria-label="{name}">{begun}<i></i><i></i><i></i></div>'
    return f'<div class="turns" role="log" aria-live="polite" {written(language)}>{bubbles}</div>'


def bubble(turn: Turn, id: str, names: Mapping[Speaker, str], language: str, lookup: Lookup) -> str:
    """One turn: who speaks, the text in its own direction, and its sources."""
    chips = sources(turn.citations, id, language, lookup)
    listed = f'<div class="sources" {written(language)} aria-label="{phrased("sources", language)}">{chips}</div>'
    return (
        f'<article class="turn {turn.speaker}" {written(turn.language)}>'
        f"<h2 {written(language)}><bdi>{escape(turn.agent or names[turn.speaker])}</bdi> · {clock(turn.at)}</h2>"
        f"<p>{directed(turn)}</p>{files(turn.files)}{listed if chips else ''}</article>"
    )


def clock(at: datetime) -> str:
    """A moment, which the page's script tells in the reader's own zone and words."""
    return f'<time datetime="{at.isoformat()}">{at:%H:%M} UTC</time>'


def directed(turn: Turn) -> str:
    """The text; where its language runs from right to left, a line without such letters keeps its own direction."""
    if "rtl" not in written(turn.language):
        return escape(turn.text)
    return "".join(
        f'<span dir="{"rtl" if RIGHT_TO_LEFT.search(line) else "ltr"}">{escape(line)}</span>'
        for line in turn.text.splitlines(keepends=True)
    )


def files(sent: Iterable[File]) -> str:
    """What a customer sent beside words: pictures are seen, everything else is a link."""
    return "".join(
        f'<a class="file" href="/uploads/{escape(file.id)}" download="{escape(file.name)}">'
        + (f'<img src="/uploads/{escape(file.id)}" alt="" loading="lazy">' if file.type in PICTURES else "")
        + f"<bdi>{escape(file.name)}</bdi> <small>{max(1, file.size // 1024)} kB</small></a>"
        for file in sent
    )


def offered(choices: Iterable[str], label: str) -> str:
    """Choices as buttons, each in its own direction; the text of the one that is pressed is what the customer says."""
    buttons = "".join(
        f'<button type="button" data-text="{escape(text)}" {written(detect(text).tag)}>{escape(text)}</button>'
        for text in choices
    )
    return f'<div class="choices" role="group" aria-label="{escape(label)}">{buttons}</div>'


def sources(citations: Iterable[Citation], id: str, language: str, lookup: Lookup) -> str:
    """A chip for each page that is quoted: two of the same name could not be told apart."""
    pages: dict[tuple[str, int | None], list[Citation]] = {}
    for citation in citations:
        pages.setdefault((citation.document, citation.page), []).append(citation)
    return "".join(
        source(first, f"{id}-{place}", language, lookup, more) for place, (first, *more) in enumerate(pages.values())
    )


def source(citation: Citation, id: str, language: str, lookup: Lookup, more: Iterable[Citation] = ()) -> str:
    """A chip that opens to the passage, with the quoted words marked, and to `more` of the same page."""
    page = f"<span>{phrased('page', language, page=citation.page)}</span>" if citation.page else ""
    title = escape(citation.title or citation.source)
    return (
        f'<details id="{id}"><summary title="{phrased("open_source", language)}"><bdi>{title}</bdi>{page}</summary>'
        f"{''.join(passage(each, lookup) for each in (citation, *more))}</details>"
    )


def passage(citation: Citation, lookup: Lookup) -> str:
    """The quote, marked among what stands around it."""
    before, behind, language = context(citation, lookup)
    attributes = written(language) if language else 'dir="auto"'
    return (
        f"<blockquote {attributes}>{escape(before)}<mark>{escape(citation.quote)}</mark>{escape(behind)}</blockquote>"
    )


def context(citation: Citation, lookup: Lookup) -> tuple[str, str, str]:
    """What stands before a quote and behind it, and in which language; nothing where that is hostile, or has left the
    knowledge.
    """
    try:
        document = lookup(citation.document)
    except KeyError:
        return "", "", ""
    text, (start, end) = document.text, around(document, citation.start, citation.end)
    if text[citation.start : citation.end] != citation.quote or signs(text[start:end]):
        return "", "", ""
    return text[start : citation.start].lstrip(), text[citation.end : end].rstrip(), document.language


def around(document: Document, start: int, end: int) -> tuple[int, int]:
    """The span of the blocks that hold the quote, of the one before, and of the one behind where nothing new begins."""
    held = [number for number, block in enumerate(document.blocks) if block.start < end and block.end > start]
    if not held:
        return max(0, start - NEIGHBOURS), min(len(document.text), end + NEIGHBOURS)
    blocks = document.blocks[max(0, held[0] - 1) : held[-1] + 2]
    if blocks[-1].start >= end and blocks[-1].kind in ("heading", "question"):
        blocks = blocks[:-1]
    return min(start, blocks[0].start), max(end, blocks[-1].end)


def standing(conversation: Conversation, place: int | None, language: str) -> str:
    """A line for the customer who waits for a person: the place in the queue, 1 is next."""
    if conversation.status != "open" or place is None:
        return ""
    return notice(phrase("waiting", language, place=place), language)


def queue(
    waiting: Sequence[Ticket],
    mine: Sequence[Ticket],
    chosen: str | None,
    now: datetime,
    *,
    filters: str = "",
    fitting: int = 0,
    total: int = 0,
    language: str = "en",
) -> str:
    """The desk's left column: who waits, the most urgent and the longest first, and whom the agent has.

    `waiting` may be the first of the `fitting` ones that the filters let through, of `total` that wait. The agent reads
    the reasons in `language`.
    """
    fitting, total = max(fitting, len(waiting)), max(total, fitting, len(waiting))
    count = str(total) if fitting == total else f"{fitting} / {total}"
    nobody = phrased("nobody_fits" if total else "nobody_waits", language)
    hidden = fitting - len(waiting)
    told = phrased("more_waiting", language, count=hidden)
    more = f'<button type="button" data-more="{len(waiting)}">{told}</button>' if hidden else ""
    return (
        f'<section><h2>{phrased("who_waits", language)} <b data-waiting="{total}">{count}</b>'
        f"<kbd>↑</kbd><kbd>↓</kbd></h2>{filters}{lines(waiting, chosen, now, language)}{more}"
        + (f'<p class="empty">{nobody}</p>' if not waiting else "")
        + f"</section><section><h2>{phrased('mine', language)} <b>{len(mine)}</b></h2>"
        + lines(mine, chosen, now, language)
        + (f'<p class="empty">{phrased("none_mine", language)}</p>' if not mine else "")
        + "</section>"
    )


def lines(tickets: Iterable[Ticket], chosen: str | None, now: datetime, language: str = "en") -> str:
    """Conversations of the queue, one below the other."""
    return "".join(line(ticket, chosen, now, language) for ticket in tickets)


def filters(
    counts: Mapping[tuple[str, Reason], int], language: str, reason: str, longer: str, speaks: str = "en"
) -> str:
    """The queue's three filters, with how many wait that each choice would let through, in the language `speaks`."""
    names = {tag: language_name(tag, speaks) for tag in {base(tag) for tag, _ in counts} | ({base(language)} - {""})}
    told = {"": phrase("any_language", speaks)} | {
        tag: f"{names[tag]} {count(counts, tag, reason)}"
        for tag in sorted(names, key=lambda tag: names[tag])
        if tag == language or count(counts, tag, reason)
    }
    why = {"": phrase("any_reason", speaks)} | {
        key: f"{phrase(f'reason_{key}', speaks)} {count(counts, language, key)}"
        for key in get_args(Reason)
        if key == reason or count(counts, language, key)
    }
    ages = {"": phrase("any_time", speaks)} | {
        str(minutes): f"> {lasted(timedelta(minutes=minutes), speaks)}" for minutes in LONGER
    }
    return (
        f'<div class="filters" role="group" aria-label="{phrased("filters", speaks)}">'
        f"{chooser('language', phrase('chat_language', speaks), told, language)}"
        f"{chooser('longer', phrase('filter_longer', speaks), ages, longer)}"
        f"{chooser('reason', phrase('filter_reason', speaks), why, reason)}</div>"
    )


def count(counts: Mapping[tuple[str, Reason], int], language: str, reason: str) -> int:
    """How many wait in a language and for a reason; an empty one is any."""
    return sum(number for (tag, why), number in counts.items() if language in ("", base(tag)) and reason in ("", why))


def chooser(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    """A filter; its value is also kept beside it, for the page to set when the options have moved."""
    listed = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options.items()
    )
    return f'<select name="{name}" aria-label="{escape(label)}" data-value="{escape(chosen)}">{listed}</select>'


def actions(language: str = "en") -> str:
    """How an agent leaves a conversation; resolving asks where the answer was."""
    outcomes = "".join(
        f'<button type="button" data-leave="{outcome}" popovertarget="outcomes"{" autofocus" if key == 1 else ""}>'
        f"{phrased(f'outcome_{outcome}', language)} <kbd>{key}</kbd></button>"
        for key, outcome in enumerate(get_args(Outcome), 1)
    )
    asked = phrased("which_outcome", language)
    return (
        '<button type="button" popovertarget="outcomes" aria-keyshortcuts="Alt+R">'
        f"{phrased('resolve', language)} <kbd>Alt R</kbd></button>"
        f'<div id="outcomes" popover role="group" aria-label="{asked}"><h2>{asked}</h2>{outcomes}</div>'
        '<button type="button" data-leave="hand_back" aria-keyshortcuts="Alt+B">'
        f"{phrased('hand_back', language)} <kbd>Alt B</kbd></button>"
        '<button type="button" data-leave="release" aria-keyshortcuts="Alt+Q">'
        f"{phrased('release', language)} <kbd>Alt Q</kbd></button>"
    )


def notes(notes: Iterable[Note], now: datetime, language: str = "en") -> str:
    """What agents wrote for each other, oldest first."""
    return "".join(
        f'<article class="note"><small><bdi>{escape(note.agent)}</bdi> · {lasted(now - note.at, language)}</small>'
        f'<p dir="auto">{escape(note.text)}</p></article>'
        for note in notes
    )


def earlier(talks: Sequence[Past], now: datetime, language: str = "en") -> str:
    """What the same customer talked about before, the latest first; each opens. Nothing where there was nothing."""
    shown = "".join(
        f'<button type="button" data-earlier="{escape(talk.conversation)}">{tag(talk.language, language)}'
        f"<time>{lasted(now - talk.at, language)}</time><span {written(talk.language)}>{escape(talk.question)}</span>"
        f"<small>{escape(resolved(talk.outcome, language) if talk.outcome else phrase('unresolved', language))}</small>"
        "</button>"
        for talk in talks
    )
    return (
        f"<section><h2>{phrased('earlier_talks', language)} <b>{len(talks)}</b></h2>{shown}</section>" if shown else ""
    )


def resolved(outcome: Outcome, language: str = "en") -> str:
    """With which outcome a conversation was resolved."""
    return phrase("resolved_as", language, outcome=phrase(f"outcome_{outcome}", language))


def undo(conversation: str, outcome: Outcome, language: str = "en") -> str:
    """What was just resolved, and the way back for the agent who did so."""
    return (
        f'<p class="notice" role="status" {written(language)}>{escape(resolved(outcome, language))} · '
        f'<button type="button" data-undo="{escape(conversation)}" aria-keyshortcuts="Alt+U">'
        f"{phrased('undo', language)} <kbd>Alt U</kbd></button></p>"
    )


def reading(conversation: Conversation, lookup: Lookup, language: str = "en") -> str:
    """An earlier talk in the middle of the desk, to be read only."""
    begun = f" · {clock(conversation.turns[0].at)}" if conversation.turns else ""
    over = replace(conversation, status="resolved")
    return (
        f'<p class="about">{phrased("earlier_talk", language)}{begun} '
        f'<button type="button" data-earlier="">{phrased("close", language)} <kbd>Esc</kbd></button></p>'
        + transcript(over, speakers(language, "customer"), language, lookup, prefix="earlier-")
    )


def line(ticket: Ticket, chosen: str | None, now: datetime, language: str = "en") -> str:
    """One conversation of the queue, as a button: why it came, and how the question begins."""
    current = ' aria-current="true"' if ticket.conversation == chosen else ""
    return (
        f'<button type="button" data-conversation="{escape(ticket.conversation)}"{current} '
        f'data-urgency="{ticket.urgency}" data-unanswered="{ticket.unanswered}">'
        f"{tag(ticket.language, language)}<time>{lasted(now - ticket.since, language)}</time>"
        f"<span {written(language)}>{news(0 if current else ticket.unanswered, language)}"
        f"{felt(ticket.mood, ticket.urgency, language)}{phrased(f'reason_{ticket.reason}', language)}</span>"
        f"<q {written(ticket.language)}>{escape(ticket.question)}</q></button>"
    )


def news(count: int, language: str = "en") -> str:
    """A mark on a conversation that is not open: how much the customer has written in it; nothing where that is 0."""
    told = phrased("news", language, count=count)
    return f'<b class="news" role="img" title="{told}" aria-label="{told}">{count}</b> ' if count else ""


def felt(mood: Feeling, urgency: int, language: str = "en") -> str:
    """What a customer feels, as a mark in the colour of its urgency; nothing of who is calm."""
    return (
        "" if mood == "calm" else f'<b class="mood" data-urgency="{urgency}">{phrased(f"mood_{mood}", language)}</b> '
    )


def tag(customers: str, language: str = "en") -> str:
    """The tag of the customer's language, with its name for those who point at it or listen."""
    return f'<abbr class="tag" title="{escape(language_name(customers, language))}">{escape(customers)}</abbr>'


def lasted(time: timedelta, language: str = "en") -> str:
    """How long, in the largest unit that fits; seconds in steps of ten, so that nothing flickers."""
    seconds = int(time.total_seconds())
    for unit, length in UNITS.items():
        if seconds >= length:
            return phrased(f"lasted_{unit}", language, count=seconds // length)
    return phrased("lasted_s" if seconds >= 10 else "lasted_no_time", language, count=seconds // 10 * 10)


def why(handoff: Handoff | None, suggestions: str = "", language: str = "en", brief: Brief | None = None) -> str:
    """The desk's right column: why it came, what was asked, what could be sent (HTML), and what was tried.

    In the agent's language; what a model wrote of it says so, and so does what is put together without one.
    """
    if handoff is None:
        return f'<p class="empty">{phrased("no_reason", language)}</p>'
    told_by = phrased("by_model" if brief else "from_talk", language)
    about = escape(brief.summary if brief else background(handoff, language))
    translated = (
        f'<p dir="auto">{escape(brief.question)}</p><small>{phrased("translated", language)}</small>'
        if brief and brief.question
        else ""
    )
    nothing = f'<p class="empty">{phrased("nothing_tried", language)}</p>'
    passages = "".join(tried(each, number, language) for number, each in enumerate(handoff.tried))
    return (
        f"<div {written(language)}><section><h2>{phrased('why_it_came', language)}</h2>"
        f'<p class="reason">{felt(handoff.mood, handoff.urgency, language)}'
        f"{phrased(f'reason_{handoff.reason}', language)} {tag(handoff.language, language)}</p>"
        f"<p>{about}</p><small>{told_by}</small></section>"
        f"<section><h2>{phrased('what_was_asked', language)}</h2>"
        f"<blockquote {written(handoff.language)}>{escape(handoff.question)}</blockquote>{translated}</section>"
        f"{gathered(handoff, language)}</div>{suggestions}<div {written(language)}>"
        f"<section><h2>{phrased('passages_tried', language)} <b>{len(handoff.tried)}</b></h2>"
        f"{passages or nothing}</section></div>"
    )


def gathered(handoff: Handoff, language: str = "en") -> str:
    """What the customer told that must be noted, each a click away from being marked and copied, and what was said."""
    noted = "".join(
        f"<dt>{phrased(f'field_{field.kind}', language)}</dt><dd><bdi>{escape(field.value)}</bdi></dd>"
        for field in handoff.fields
    )
    answers = "".join(f'<blockquote dir="auto">{escape(text)}</blockquote>' for text in handoff.said)
    return (noted and f"<section><h2>{phrased('noted', language)}</h2><dl>{noted}</dl></section>") + (
        answers
        and f'<section><details id="said"><summary>{phrased("assistant_said", language)} <b>{len(handoff.said)}</b>'
        f"</summary>{answers}</details></section>"
    )


def suggested(
    suggestions: Iterable[Suggestion], customers: str, lookup: Lookup, kept: Iterable[Kept], language: str = "en"
) -> str:
    """What could be sent to a customer of a language, a key away each, and how such ones fared; may be empty."""
    shown = "".join(suggestion(each, key, customers, lookup, language) for key, each in enumerate(suggestions, 1))
    fared = [
        phrase(
            "fared_kind", language, kind=phrase(f"kind_{one.kind}", language), count=one.taken, share=f"{one.share:.0%}"
        )
        for one in kept
        if one.language == customers
    ]
    told = {"language": language_name(customers, language), "kinds": listed(fared, language)}
    note = f'<p class="fared">{phrased("fared", language, **told)}</p>' if fared else ""
    return f"<section><h2>{phrased('suggested', language)}</h2><ol>{shown}</ol>{note}</section>" if shown else ""


def suggestion(suggestion: Suggestion, key: int, customers: str, lookup: Lookup, language: str = "en") -> str:
    """One suggestion as a button, what the agent must know of it, and its sources; of a quote without its frame."""
    quotes = "\n".join(citation.quote for citation in suggestion.citations)
    shown = quotes if suggestion.kind == "quote" else suggestion.text
    chips = sources(suggestion.citations, f"suggested-{key}", language, lookup)
    if suggestion.asked:
        chips += (
            f'<details id="suggested-{key}-asked"><summary>{phrased("question_then", language)}</summary>'
            f'<blockquote dir="auto">{escape(suggestion.asked)}</blockquote></details>'
        )
    sure = ""
    if suggestion.kind != "earlier":
        word = phrased(next(SURE[least] for least in SURE if suggestion.confidence >= least), language)
        sure = f' · {word} <meter value="{suggestion.confidence:.2f}" aria-hidden="true"></meter>'
    return (
        f'<li><button type="button" data-text="{escape(suggestion.text)}" data-kind="{suggestion.kind}" '
        f'aria-keyshortcuts="Alt+{key}"><em>{phrased(f"kind_{suggestion.kind}", language)}{sure}</em>'
        f'<kbd>Alt {key}</kbd><span dir="auto">{escape(shown)}</span></button>'
        f'{foreign(suggestion, customers, language)}<div class="sources">{chips}</div></li>'
    )


def foreign(suggestion: Suggestion, customers: str, language: str = "en") -> str:
    """A warning where a suggestion is in a language that the customer does not write."""
    if suggestion.language == "und" or base(suggestion.language) == base(customers):
        return ""
    theirs, ours = (language_name(tag, language) for tag in (customers, suggestion.language))
    return f'<p class="foreign">{phrased("foreign", language, ours=ours, theirs=theirs)}</p>'


def tried(passage: Tried, number: int, language: str = "en") -> str:
    """A passage that was looked at and not trusted; it opens."""
    title = escape(passage.title or passage.document)
    flagged = f" <b>{phrased('not_quotable', language)}</b>" if passage.flags else ""
    return (
        f'<details id="tried-{number}"><summary><bdi>{title}</bdi>{flagged}</summary>'
        f'<blockquote dir="auto">{escape(passage.text)}</blockquote></details>'
    )


def about(ticket: Ticket, now: datetime, language: str = "en", *, writing: bool = False) -> str:
    """The line above an open conversation: in which language, on which channel, how long it has lasted, and whether
    the customer is writing; on a phone, where the queue stands above, the way back to it.
    """
    told = [
        escape(language_name(ticket.language, language)),
        phrased(f"channel_{ticket.channel}", language),
        lasted(now - ticket.since, language),
        *([f"<b>{phrased('customer_writes', language)}</b>"] if writing else []),
    ]
    return f'<p class="about"><a href="#queue">↑ {phrased("queue", language)}</a>{" · ".join(told)}</p>'


def unchosen(language: str = "en") -> str:
    """The middle of the desk while no conversation is open."""
    return f'<p class="empty">{phrased("unchosen", language)}</p>'


def notice(text: str, language: str = "en") -> str:
    """A line about how things stand, or what could not be done; nothing where it is empty."""
    return f'<p class="notice" role="status" {written(language)}>{escape(text)}</p>' if text else ""
