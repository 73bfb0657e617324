"""What the pages show, as HTML: from values to text, with everything that people wrote escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import get_args

import regex

from assistant.brief import Brief
from assistant.conversation import Citation, Conversation, File, Speaker, Turn
from assistant.desk import Kept, Note, Outcome, Past, Ticket
from assistant.handoff import background
from assistant.phrases import languages, locale, phrase
from assistant.reply import Feeling, Handoff, Kind, Reason, Suggestion, Tried
from assistant.uploads import PICTURES
from knowledge import LANGUAGES, Document, base, detect, english_name, signs
from knowledge.language import direction

Lookup = Callable[[str], Document]
"""Document by id; KeyError where the knowledge no longer has it."""

KINDS: dict[Kind, str] = {
    "quote": "From the documents",
    "earlier": "Answered before",
    "written": "Written by the model",
}
OUTCOMES: dict[Outcome, str] = {
    "in_knowledge": "In the knowledge",
    "missing": "Missing from the knowledge",
    "wrong": "Wrong in the knowledge",
    "other": "Something else",
}
KEYS = {
    "↑ ↓": "Walk along the queue, the earlier talks, the outcomes; K and J do so too",
    "Enter": "On a line of the queue: claim and open it; in the reply: send, as Ctrl Enter does",
    "Shift Enter": "Begin a line",
    "Alt 1": "Take the first suggestion into the reply; 2 and 3 the others",
    "Alt R": "Resolve, then 1 to 4: where the answer was",
    "Alt B": "Hand back to the assistant",
    "Alt Q": "Release into the queue",
    "Alt N": "Write a note; Enter keeps it",
    "Esc": "Close what is open, or go back to the queue",
    "?": "Show these keys",
}
"""What the desk's keys do."""
AGES = {"": "Any time", "1": "> 1 min", "5": "> 5 min", "15": "> 15 min", "60": "> 1 h"}
"""Minutes of waiting that the queue can be filtered by."""
SURE = {0.8: "sure", 0.4: "fairly sure", 0.0: "unsure"}
"""From which confidence on an agent reads which word."""
DESK: dict[Speaker, str] = {"customer": "Customer", "assistant": "Assistant", "agent": "Agent"}
"""Who speaks, as the agents read it."""
RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
"""A letter of a script that runs from right to left."""
NEIGHBOURS = 300
"""Characters around a quote that are shown with it, where the document's layout does not say what belongs together."""


def written(language: str) -> str:
    """The attributes of an element whose text is in that language."""
    known = language.endswith("-Latn") or base(language) in LANGUAGES
    return f'lang="{escape(language)}" dir="{direction(language) if known else "auto"}"'


def phrased(key: str, language: str, **fields: object) -> str:
    """One of the product's own phrases, escaped."""
    return escape(phrase(key, language, **fields))


def header(company: str, language: str) -> str:
    """Whose page it is, and lines that the page shows itself: while the server, or the microphone, is out of reach."""
    lost = f'<p class="lost" role="alert" {written(language)}>{phrased("connection_lost", language)}</p>'
    deaf = f'<p class="deaf" role="alert" {written(language)}>{phrased("microphone_blocked", language)}</p>'
    attributes = f'data-locale="{locale(language)}" {written(language)}'
    return f'<header {attributes}><h1 dir="auto">{escape(company)}</h1></header>{lost}{deaf}'


def brand(language: str = "en", agent: str = "") -> str:
    """The top of the desk: the language in which handoffs are told to the agent, help with the keys, and who it is."""
    names = {tag: native(tag) for tag in languages()}
    keys = "".join(f"<dt>{pressed(key)}</dt><dd>{does}</dd>" for key, does in KEYS.items())
    return (
        f"<header><h1>Desk</h1>{chooser('speaks', 'The language that you read', names, language)}"
        '<button type="button" popovertarget="keys" aria-keyshortcuts="?">Keys <kbd>?</kbd></button>'
        f'<div id="keys" popover role="dialog" aria-label="Keys"><dl>{keys}</dl></div>'
        f'<form method="post" action="/sign-out"><a href="/account"><bdi>{escape(agent)}</bdi></a>'
        "<button>Sign out</button></form></header>"
        '<p class="lost" role="alert">The server is out of reach; trying again.</p>'
    )


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


def customers(language: str) -> dict[Speaker, str]:
    """Who speaks, as the customer reads it."""
    return {
        "customer": phrase("you", language),
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
    count = str(total) if fitting == total else f"{fitting} of {total}"
    nobody = "Nobody who waits fits the filters." if total else "Nobody is waiting."
    hidden = fitting - len(waiting)
    more = f'<button type="button" data-more="{len(waiting)}">{hidden} more</button>' if hidden else ""
    return (
        f'<section><h2>Waiting <b data-waiting="{total}">{count}</b><kbd>↑</kbd><kbd>↓</kbd></h2>{filters}'
        f"{lines(waiting, chosen, now, language)}{more}"
        + (f'<p class="empty">{nobody}</p>' if not waiting else "")
        + f"</section><section><h2>Mine <b>{len(mine)}</b></h2>{lines(mine, chosen, now, language)}"
        + ('<p class="empty">You have no conversation.</p>' if not mine else "")
        + "</section>"
    )


def lines(tickets: Iterable[Ticket], chosen: str | None, now: datetime, language: str = "en") -> str:
    """Conversations of the queue, one below the other."""
    return "".join(line(ticket, chosen, now, language) for ticket in tickets)


def filters(
    counts: Mapping[tuple[str, Reason], int], language: str, reason: str, longer: str, speaks: str = "en"
) -> str:
    """The queue's three filters, with how many wait that each choice would let through, in the language `speaks`."""
    tags = sorted({base(tag) for tag, _ in counts} | ({base(language)} - {""}), key=english_name)
    told = {"": "All languages"} | {
        tag: f"{escape(english_name(tag))} {count(counts, tag, reason)}"
        for tag in tags
        if tag == language or count(counts, tag, reason)
    }
    why = {"": "All reasons"} | {
        key: f"{phrase(f'reason_{key}', speaks)} {count(counts, language, key)}"
        for key in get_args(Reason)
        if key == reason or count(counts, language, key)
    }
    return (
        '<div class="filters" role="group" aria-label="Filter the queue">'
        f"{chooser('language', 'Language', told, language)}{chooser('longer', 'Waiting time', AGES, longer)}"
        f"{chooser('reason', 'Reason', why, reason)}</div>"
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
    return f'<select name="{name}" aria-label="{label}" data-value="{escape(chosen)}">{listed}</select>'


def actions() -> str:
    """How an agent leaves a conversation; resolving asks where the answer was."""
    outcomes = "".join(
        f'<button type="button" data-leave="{outcome}" popovertarget="outcomes"{" autofocus" if key == 1 else ""}>'
        f"{name} <kbd>{key}</kbd></button>"
        for key, (outcome, name) in enumerate(OUTCOMES.items(), 1)
    )
    return (
        '<button type="button" popovertarget="outcomes" aria-keyshortcuts="Alt+R">Resolve <kbd>Alt R</kbd></button>'
        '<div id="outcomes" popover role="group" aria-label="Where was the answer?">'
        f"<h2>Where was the answer?</h2>{outcomes}</div>"
        '<button type="button" data-leave="hand_back" aria-keyshortcuts="Alt+B">Hand back <kbd>Alt B</kbd></button>'
        '<button type="button" data-leave="release" aria-keyshortcuts="Alt+Q">Release <kbd>Alt Q</kbd></button>'
    )


def notes(notes: Iterable[Note], now: datetime) -> str:
    """What agents wrote for each other, oldest first."""
    return "".join(
        f'<article class="note"><small><bdi>{escape(note.agent)}</bdi> · {age(note.at, now)}</small>'
        f'<p dir="auto">{escape(note.text)}</p></article>'
        for note in notes
    )


def earlier(talks: Sequence[Past], now: datetime) -> str:
    """What the same customer talked about before, the latest first; each opens. Nothing where there was nothing."""
    listed = "".join(
        f'<button type="button" data-earlier="{escape(talk.conversation)}">{tag(talk.language)}'
        f"<time>{age(talk.at, now)}</time><span {written(talk.language)}>{escape(talk.question)}</span>"
        f"<small>{f'Resolved: {OUTCOMES[talk.outcome].lower()}' if talk.outcome else 'No agent resolved it'}</small>"
        "</button>"
        for talk in talks
    )
    return f"<section><h2>Earlier talks <b>{len(talks)}</b></h2>{listed}</section>" if listed else ""


def reading(conversation: Conversation, lookup: Lookup) -> str:
    """An earlier talk in the middle of the desk, to be read only."""
    begun = conversation.turns[0].at if conversation.turns else None
    return (
        f'<p class="about">Earlier talk{begun and f" · {begun.day} {begun:%B %Y}"} · read only '
        '<button type="button" data-earlier="">Close <kbd>Esc</kbd></button></p>'
        + transcript(replace(conversation, status="resolved"), DESK, "en", lookup, prefix="earlier-")
    )


def line(ticket: Ticket, chosen: str | None, now: datetime, language: str = "en") -> str:
    """One conversation of the queue, as a button: why it came, and how the question begins."""
    current = ' aria-current="true"' if ticket.conversation == chosen else ""
    return (
        f'<button type="button" data-conversation="{escape(ticket.conversation)}"{current} '
        f'data-urgency="{ticket.urgency}" data-unanswered="{ticket.unanswered}">'
        f"{tag(ticket.language)}<time>{age(ticket.since, now)}</time>"
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


def tag(language: str) -> str:
    """A language's tag, with its English name for those who point at it or listen."""
    return f'<abbr class="tag" title="{escape(english_name(language))}">{escape(language)}</abbr>'


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits; seconds in steps of ten, so that nothing flickers."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds // 10 * 10} s" if seconds >= 10 else "now"


def why(handoff: Handoff | None, suggestions: str = "", language: str = "en", brief: Brief | None = None) -> str:
    """The desk's right column: why it came, what was asked, what could be sent (HTML), and what was tried.

    In the agent's language; what a model wrote of it says so, and so does what is put together without one.
    """
    if handoff is None:
        return '<p class="empty">Why a conversation came to you, and what was tried, stands here.</p>'
    told_by = phrased("by_model" if brief else "from_talk", language)
    about = escape(brief.summary if brief else background(handoff, language))
    translated = (
        f'<p dir="auto">{escape(brief.question)}</p><small>{phrased("translated", language)}</small>'
        if brief and brief.question
        else ""
    )
    nothing = f'<p class="empty">{phrased("nothing_tried", language)}</p>'
    passages = "".join(tried(each, number) for number, each in enumerate(handoff.tried))
    return (
        f"<div {written(language)}><section><h2>{phrased('why_it_came', language)}</h2>"
        f'<p class="reason">{felt(handoff.mood, handoff.urgency, language)}'
        f"{phrased(f'reason_{handoff.reason}', language)} {tag(handoff.language)}</p>"
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


def suggested(suggestions: Iterable[Suggestion], language: str, lookup: Lookup, kept: Iterable[Kept]) -> str:
    """What could be sent to a customer of a language, a key away each, and how such ones fared; may be empty."""
    listed = "".join(suggestion(each, key, language, lookup) for key, each in enumerate(suggestions, 1))
    fared = "; ".join(
        f"{KINDS[one.kind].lower()} {one.taken} × ({one.share:.0%} kept)" for one in kept if one.language == language
    )
    note = f'<p class="fared">Sent in {escape(english_name(language))} so far: {fared}.</p>' if fared else ""
    return f"<section><h2>Suggested</h2><ol>{listed}</ol>{note}</section>" if listed else ""


def suggestion(suggestion: Suggestion, key: int, language: str, lookup: Lookup) -> str:
    """One suggestion as a button, what the agent must know of it, and its sources; of a quote without its frame."""
    quotes = "\n".join(citation.quote for citation in suggestion.citations)
    shown = quotes if suggestion.kind == "quote" else suggestion.text
    chips = sources(suggestion.citations, f"suggested-{key}", "en", lookup)
    if suggestion.asked:
        chips += (
            f'<details id="suggested-{key}-asked"><summary>The question then</summary>'
            f'<blockquote dir="auto">{escape(suggestion.asked)}</blockquote></details>'
        )
    sure = ""
    if suggestion.kind != "earlier":
        word = next(SURE[least] for least in SURE if suggestion.confidence >= least)
        sure = f' · {word} <meter value="{suggestion.confidence:.2f}" aria-hidden="true"></meter>'
    return (
        f'<li><button type="button" data-text="{escape(suggestion.text)}" data-kind="{suggestion.kind}" '
        f'aria-keyshortcuts="Alt+{key}"><em>{KINDS[suggestion.kind]}{sure}</em><kbd>Alt {key}</kbd>'
        f'<span dir="auto">{escape(shown)}</span></button>{foreign(suggestion, language)}'
        f'<div class="sources">{chips}</div></li>'
    )


def foreign(suggestion: Suggestion, language: str) -> str:
    """A warning where a suggestion is in a language that the customer does not write."""
    if suggestion.language == "und" or base(suggestion.language) == base(language):
        return ""
    theirs, ours = escape(english_name(language)), escape(english_name(suggestion.language))
    return f'<p class="foreign">In {ours}; the customer writes {theirs}.</p>'


def tried(passage: Tried, number: int) -> str:
    """A passage that was looked at and not trusted; it opens."""
    title = escape(passage.title or passage.document)
    flags = f" <b>not to be quoted: {escape(', '.join(passage.flags))}</b>" if passage.flags else ""
    return (
        f'<details id="tried-{number}"><summary><bdi>{title}</bdi>{flags}</summary>'
        f'<blockquote dir="auto">{escape(passage.text)}</blockquote></details>'
    )


def about(ticket: Ticket, now: datetime, *, writing: bool = False) -> str:
    """The line above an open conversation: in which language, on which channel, how long it has lasted, and whether
    the customer is writing; on a phone, where the queue stands above, the way back to it.
    """
    told = [escape(english_name(ticket.language)), ticket.channel, age(ticket.since, now)]
    back = '<a href="#queue">↑ Queue</a>'
    return f'<p class="about">{back}{" · ".join([*told, *(["<b>writing…</b>"] if writing else [])])}</p>'


def unchosen() -> str:
    """The middle of the desk while no conversation is open."""
    return '<p class="empty">Choose a conversation; the one on top is next.</p>'


def notice(text: str, language: str = "en") -> str:
    """A line about how things stand, or what could not be done; nothing where it is empty."""
    return f'<p class="notice" role="status" {written(language)}>{escape(text)}</p>' if text else ""
