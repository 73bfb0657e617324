"""The Gradio pages: the customer's chat at `/`, the agents' desk at `/desk`."""

from __future__ import annotations

import base64
import inspect
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast, get_args

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Mount

from assistant.accounts import Account
from assistant.assistant import Assistant
from assistant.channels import agents, html
from assistant.channels.access import LONGEST_SECRET, PAGE, SECRET, Access
from assistant.channels.chat import FRESH, say
from assistant.channels.inputs import Inputs
from assistant.channels.presence import Presence
from assistant.channels.problems import preferred
from assistant.channels.shedding import WRITTEN, Turns
from assistant.channels.suggestions import Suggestions
from assistant.conversation import LONGEST, Conversation, Turn, now
from assistant.desk import Desk, DeskError, DeskUnavailable, NotYours, Outcome, Ticket, UnknownConversation
from assistant.handoff import up_to_date
from assistant.phrases import languages, phrase
from assistant.reply import Kind, Reply, Suggestion


@contextmanager
def quickly() -> Iterator[None]:
    """Half of Gradio's import is the rewriting of its own type stubs, which it skips for classes without a file."""
    original = inspect.getfile

    def getfile(thing: Any) -> str:
        if str(getattr(thing, "__module__", "")).startswith("gradio."):
            raise OSError
        return original(thing)

    inspect.getfile = getfile  # type: ignore[assignment]
    try:
        yield
    finally:
        inspect.getfile = original


with quickly():
    import gradio as gr

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
SCRIPT = (HERE / "pages.js").read_text()
"""What runs in both pages."""
HEAD = f"<style>{(HERE / 'pages.css').read_text()}</style><script>{SCRIPT}</script>"
SPINNER = base64.b64encode((HERE / "spinner.svg").read_bytes()).decode()
GROUND = f"{{}} url(data:image/svg+xml;base64,{SPINNER}) center / 28px no-repeat fixed"
"""What a page shows until Gradio's script has run: the ground of pages.css in one colour, and that something comes."""
THEME = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]).set(
    body_background_fill=GROUND.format("#faf9f7"), body_background_fill_dark=GROUND.format("#1c1917")
)
POLL: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
SEND: dict[str, Any] = POLL | {"queue": True, "trigger_mode": "multiple"}
SEND |= {"concurrency_limit": WRITTEN, "concurrency_id": "answers"}
WAITING = 256
"""Messages of the customer's page that wait to be answered; who comes then is told to try again."""
SESSIONS = 2000
"""Open pages of which Gradio remembers what they show; one that is forgotten is drawn anew."""
SCRAMBLED = "sevai"
"""With what Gradio scrambles what a browser keeps. It hides nothing, and must be the same after a restart."""
TICK = 1.0
"""Seconds between two looks of a customer's page; what an agent writes is on it within two."""
RESTS = 0.02
"""Seconds between two looks of Gradio at its queues: by default it looks a thousand times a second at each, which takes
a tenth of a processor from those who write."""
GLANCE = 0.5
"""Seconds between two looks of the desk; what a customer writes is on it within one."""
CHOOSE = """element.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (Object.keys(button?.dataset ?? {}).length) trigger("click", {...button.dataset});
})"""
QUEUE = """const narrow = more => trigger("input", {more, ...Object.fromEntries(
    [...element.querySelectorAll("select")].map(filter => [filter.name, filter.value]))});
element.addEventListener("change", () => narrow(0));
element.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (button?.dataset.more) narrow(Number(button.dataset.more));
    else if (button) trigger("click", {...button.dataset});
})"""
DRAWN = 9
"""Parts of the customer's page that are drawn anew when something changed."""
DESK_DRAWN = 8
"""The same of the desk's, beside what is read of an earlier talk."""
SPEAK = """element.addEventListener("change", event => trigger("input", {speaks: event.target.value}))"""
SHOWN = 50
"""Conversations of the queue that are drawn, and how many more are when more are wished for."""
Filter = Mapping[str, Any]
"""What an agent wants to see of the queue: a `language`, a `reason`, minutes of waiting (`longer`), `shown` at most.

And the language that the agent `speaks`, in which the whole desk does.
"""
EVERYTHING: Filter = {"language": "", "reason": "", "longer": "", "shown": SHOWN, "speaks": ""}
Taken = dict[str, tuple[Kind, str]]
"""The suggestion that an agent took for each conversation: its kind and its text."""


def mount(
    app: FastAPI,
    assistant: Assistant,
    desk: Desk,
    *,
    company: str = "Sevai",
    collect: Sequence[str] = (),
    presence: Presence | None = None,
    suggestions: Suggestions | None = None,
    access: Access | None = None,
    turns: Turns | None = None,
) -> FastAPI:
    """The app with both pages on it; the company's name stands on top of the customer's.

    `collect` is what customers who wait are asked for; `presence`, who writes, the agents' `suggestions`, `access`, how
    often, and the `turns` in which customers are answered may be shared with other channels.
    """
    # The page at / would take /desk for one of its own, were it not sent on.
    app.add_api_route("/desk", lambda: RedirectResponse("/desk/"), include_in_schema=False)
    look: dict[str, Any] = {"theme": THEME, "head": HEAD, "footer_links": [], "run_history": False, "show_error": False}
    suggestions = suggestions or Suggestions(assistant, desk)
    desk_page = DeskPage(assistant, desk, suggestions, presence or Presence()).page()
    access = access or Access()
    chat = ChatPage(assistant, desk, company, {}, access, turns or Turns(), collect).page()
    for path, page, signed in (("/desk", desk_page, signed_in), ("/", chat, None)):
        page.state_session_capacity = SESSIONS
        gr.mount_gradio_app(app, page, path, auth_dependency=signed, **look)
        mounted = cast(Mount, app.routes[-1])
        takes = {number: [*map(sent_as, event.inputs)] for number, event in page.fns.items()}
        mounted.app = Inputs(mounted.app, takes, page._queue.pending_messages_per_session.__contains__, access)
        page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = RESTS
    return app


def sent_as(part: object) -> type:
    """The type of what a part of a page sends of itself; what stays in the server's memory is sent as null."""
    return dict if isinstance(part, gr.BrowserState) and isinstance(part.default_value, dict) else str


def signed_in(request: Request) -> str | None:
    """The name of who is signed in, as whoever let the request through has noted it."""
    account: Account | None = getattr(request.state, "account", None)
    return account.name if account else None


def part(id: str, **options: Any) -> gr.HTML:
    """A part of a page that is drawn as HTML."""
    return gr.HTML(elem_id=id, apply_default_css=False, **options)


def field(id: str, label: str = "", **options: Any) -> gr.Textbox:
    """Something to write in: Enter sends, Shift and Enter begin a line; its label is read out, not shown."""
    return gr.Textbox(elem_id=id, label=label, placeholder=label, show_label=False, container=False, **options)


def same(parts: int) -> list[Any]:
    """Leaves that many parts of a page as they are, so that nothing that a reader opened or scrolled moves."""
    return [gr.skip()] * parts


def recall(desk: Desk, id: str | None) -> Conversation:
    """The conversation that the browser remembers; a blank one where there is none, or the desk has lost it."""
    try:
        return desk.conversation(id) if id else Conversation("")
    except UnknownConversation:
        return Conversation("")


def settled(conversation: Conversation, request: gr.Request) -> str:
    """The language that the customer's page speaks: theirs, or their browser's while nothing tells it."""
    browser: str = request.headers.get("accept-language", "")
    return preferred(browser) if conversation.language == "und" else conversation.language


@dataclass(frozen=True)
class ChatPage:
    """The customer's page. A token of the conversation stays in the browser, so that a reload finds it again; the
    customer's id stays longer, so that agents see what they said before.

    `drafts` are what a model is writing just now, by the conversation's id: they are shown, and recorded nowhere.
    """

    assistant: Assistant
    desk: Desk
    company: str
    drafts: dict[str, Reply]
    access: Access
    turns: Turns
    collect: Sequence[str] = ()

    def page(self) -> gr.Blocks:
        """The parts, and what happens in them."""
        page = gr.Blocks(title=self.company, analytics_enabled=False)
        with page:
            memory = gr.BrowserState("", storage_key="sevai-conversation", secret=SCRAMBLED)
            customer = gr.BrowserState("", storage_key="sevai-customer", secret=SCRAMBLED)
            seen = gr.State(())
            with gr.Column(elem_id="customer"):
                top, talk, note = part("top"), part("talk", js_on_load=CHOOSE), part("note")
                with gr.Row(elem_id="composer"):
                    box, mic = field("box", max_lines=6), gr.Button("", elem_id="mic")
                    send = gr.Button("", elem_id="send", variant="primary")
                with gr.Row(elem_id="below"):
                    person, aloud = gr.Button("", elem_id="person"), gr.Button("", elem_id="aloud")
            drawn = [seen, top, talk, note, box, send, person, mic, aloud]
            asked = [memory, customer, *drawn]
            page.load(self.load, memory, drawn, **POLL)
            gr.Timer(TICK).tick(self.look, [memory, seen], drawn, **POLL)
            gr.on([box.submit, send.click], self.ask, [box, memory, customer], asked, **SEND)
            person.click(self.ask, [person, memory, customer], asked, **SEND)
            talk.click(self.choose, [memory, customer], asked, **SEND)
        page.queue(max_size=WAITING, api_open=False)
        return page

    def load(self, token: str, request: gr.Request) -> list[Any]:
        """The page as it opens: in the browser's language, with the talk that it remembers."""
        return self.draw(self.resumed(token), request)

    def look(self, token: str, seen: tuple[Any, ...], request: gr.Request) -> list[Any]:
        """What changed on the desk since the page was drawn."""
        conversation = self.resumed(token)
        if seen[:1] == (conversation.id,) and len(conversation.turns) < seen[1]:
            return same(DRAWN)  # what was sent a moment ago is shown, and not written yet
        return self.draw(conversation, request, seen)

    async def ask(self, text: str, token: str, customer: str, request: gr.Request) -> AsyncIterator[list[Any]]:
        """The customer's words at once, then what the assistant makes of them when their turn has come."""
        try:
            id, begun = await run_in_threadpool(self.begin, text, token, customer, request)
            yield begun
            if id:
                async with self.turns.taken():
                    yield await run_in_threadpool(self.answer, id, text, request)
        except DeskUnavailable as error:
            log.error("%s", error)
            yield self.refuse("failed", Conversation(""), request)

    async def choose(
        self, token: str, customer: str, request: gr.Request, event: gr.EventData
    ) -> AsyncIterator[list[Any]]:
        """The choice that was pressed, as the customer's words."""
        async for drawn in self.ask(str(getattr(event, "text", "")), token, customer, request):
            yield drawn

    def begin(self, text: str, token: str, customer: str, request: gr.Request) -> tuple[str, list[Any]]:
        """The conversation that the words stand in, and the page with them; none where they are refused."""
        conversation = self.resumed(token)
        if not text.strip() or len(text) > LONGEST:
            return "", self.refuse("too_long" if text.strip() else "empty_question", conversation, request)
        try:
            self.access.say(conversation.id, request)
        except HTTPException:
            return "", self.refuse("failed", conversation, request)
        if self.turns.full:
            return "", self.refuse("failed", conversation, request)
        customer = customer if SECRET <= len(customer) <= LONGEST_SECRET else secrets.token_urlsafe(16)
        id = conversation.id or self.desk.start(customer=customer).id
        written = replace(conversation, id=id, turns=(*conversation.turns, Turn("customer", text)))
        return id, [self.access.token(PAGE, id), customer, *self.draw(written, request, emptied=True)]

    def answer(self, id: str, text: str, request: gr.Request) -> list[Any]:
        """The page with what the assistant makes of the words."""
        try:
            say(self.assistant, self.desk, id, text, partial(self.drafts.__setitem__, id), self.collect)
        finally:
            self.drafts.pop(id, None)
        return [*same(2), *self.draw(self.desk.conversation(id), request)]

    def resumed(self, token: str) -> Conversation:
        """The conversation that a customer goes on with; a blank one where it ended long ago and no person has it."""
        conversation = recall(self.desk, self.access.opened(token))
        over = conversation.turns and conversation.status != "open" and now() - conversation.turns[-1].at > FRESH
        return Conversation("") if over else conversation

    def refuse(self, key: str, conversation: Conversation, request: gr.Request) -> list[Any]:
        """The page as it was, with a line about why nothing was sent."""
        language = settled(conversation, request)
        return [*same(5), html.notice(phrase(key, language, limit=LONGEST), language), *same(DRAWN - 4)]

    def draw(
        self, conversation: Conversation, request: gr.Request, seen: tuple[Any, ...] = (), *, emptied: bool = False
    ) -> list[Any]:
        """Every part of the page; with `emptied`, the box as well."""
        language, lookup = settled(conversation, request), self.assistant.retriever.document
        place = self.desk.place(conversation.id) if conversation.status == "open" else None
        talk, begun = html.introduced(conversation, language), self.drafts.get(conversation.id)
        draft = begun.answer if begun else ""
        mark = (conversation.id, len(conversation.turns), conversation.status, place, language, draft)
        if mark == seen:
            return same(DRAWN)
        words = {key: phrase(key, language) for key in ("type_here", "send", "talk_to_person", "speak", "read_aloud")}
        box: dict[str, Any] = {"value": ""} if emptied else {}
        return [
            mark,
            html.header(self.company, language),
            html.transcript(talk, html.speakers(language), language, lookup, draft=draft),
            html.standing(conversation, place, language),
            gr.update(placeholder=words["type_here"], label=words["type_here"], **box),
            gr.update(value=words["send"]),
            gr.update(value=words["talk_to_person"], visible=conversation.status != "open"),
            gr.update(value=words["speak"]),
            gr.update(value=words["read_aloud"]),
        ]


def who(request: gr.Request) -> str:
    """The agent who is at the desk: the name of their account, whatever their browser says."""
    if not request.username:
        raise DeskError("Nobody is signed in; sign in first.")
    return request.username


def spoken(only: Filter) -> str:
    """The language in which an agent is told everything; English where the product does not speak theirs."""
    wanted = only.get("speaks")
    return wanted if wanted in languages() else "en"


@dataclass(frozen=True)
class DeskPage:
    """The agents' page: the queue, the conversation that was chosen, and why it came."""

    assistant: Assistant
    desk: Desk
    suggestions: Suggestions
    presence: Presence

    def page(self) -> gr.Blocks:
        """The parts, and what happens in them."""
        page = gr.Blocks(title="Desk", analytics_enabled=False)
        with page:
            chosen = gr.BrowserState("", storage_key="sevai-chosen", secret=SCRAMBLED)
            only = gr.BrowserState(dict(EVERYTHING), storage_key="sevai-filter", secret=SCRAMBLED)
            seen, taken = gr.State(()), gr.State({})
            brand = part("brand", js_on_load=SPEAK)
            with gr.Row(elem_id="desk"):
                queue = part("queue", js_on_load=QUEUE)
                with gr.Column(elem_id="thread"):
                    notice, talk = part("notice", js_on_load=CHOOSE), part("talk")
                    reading = part("reading", js_on_load=CHOOSE)
                    with gr.Column(elem_id="reply", visible=False) as reply:
                        with gr.Row(elem_id="composer"):
                            box, send = field("box", max_lines=8), gr.Button("", elem_id="send", variant="primary")
                        actions = part("actions", js_on_load=CHOOSE)
                with gr.Column(elem_id="side"):
                    notes, why = part("notes"), part("why", js_on_load=CHOOSE)
                    with gr.Column(elem_id="kept", visible=False) as beside:
                        memo = field("memo", max_lines=6)
                        past = part("past", js_on_load=CHOOSE)
            drawn = [seen, queue, talk, why, reply, beside, notes, past]
            answered = [chosen, notice, reading, *drawn]
            told = [only, brand, box, send, actions, memo]
            page.load(self.load, [chosen, only], [*told, *drawn], **POLL)
            gr.Timer(GLANCE).tick(self.look, [chosen, only, seen], drawn, **POLL)
            queue.click(self.choose, [chosen, only], answered, **POLL)
            queue.input(self.narrow, [chosen, only], [only, *drawn], **POLL)
            brand.input(self.speak, [chosen, only], [*told, *drawn], **POLL)
            why.click(self.take, [box, chosen, taken], [box, taken], **POLL)
            past.click(self.read, [chosen, only], reading, **POLL)
            memo.submit(self.keep, [memo, chosen, only], [memo, *answered], **POLL)
            writing = [box, chosen, only, taken]
            gr.on([box.submit, send.click], self.write, writing, [box, taken, *answered], **POLL)
            box.input(self.type, chosen, None, **POLL)
            reading.click(self.read, [chosen, only], reading, **POLL)
            actions.click(self.leave, [chosen, only], answered, **POLL)
            notice.click(self.undo, [chosen, only], answered, **POLL)
        return page

    def load(self, id: str, only: Filter, request: gr.Request) -> list[Any]:
        """The desk as it opens, with the conversation that the browser remembers."""
        speaks = only.get("speaks") or preferred(request.headers.get("accept-language", ""))
        return self.tell(who(request), id, {**EVERYTHING, **only, "speaks": speaks})

    def look(self, id: str, only: Filter, seen: tuple[Any, ...], request: gr.Request) -> list[Any]:
        """What changed since the desk was drawn."""
        return self.draw(who(request), id, only, seen)

    def choose(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> list[Any]:
        """Claim the conversation that was clicked, and open it."""
        return self.act(who(request), id, only, self.claim, event.conversation)

    def narrow(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> list[Any]:
        """The queue as the agent wants to see it from now on."""
        wanted = {key: event._data[key] for key in ("language", "reason", "longer")} | {"shown": event.more + SHOWN}
        only = {**EVERYTHING, **only, **wanted}
        return [only, *self.draw(who(request), id, only)]

    def speak(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> list[Any]:
        """The desk in the language that the agent has chosen."""
        return self.tell(who(request), id, {**EVERYTHING, **only, "speaks": event.speaks})

    def read(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> str:
        """An earlier talk of the customer whom the agent has, to be read only; nothing once it is closed."""
        held = any(ticket.conversation == id for ticket in self.desk.mine(who(request)))
        if not held or event.earlier not in [past.conversation for past in self.desk.earlier(id)]:
            return ""
        earlier, lookup = self.desk.conversation(event.earlier), self.assistant.retriever.document
        return html.reading(earlier, lookup, spoken(only))

    def keep(self, text: str, id: str, only: Filter, request: gr.Request) -> list[Any]:
        """Write a note; where that is refused it stays in its box."""
        drawn = self.act(who(request), id, only, self.remark, text)
        return [gr.skip() if drawn[1] else "", *drawn]

    def type(self, id: str, request: gr.Request) -> None:
        """Let the customer see that the agent writes."""
        standing = self.desk.standings([id]).get(id)
        if standing and standing.agent == who(request):
            self.presence.tell(id, "agent")

    def take(self, draft: str, id: str, taken: Taken, event: gr.EventData) -> tuple[str, Taken]:
        """The chosen suggestion, for the agent to finish: in place of another one, behind words of their own."""
        own = "" if id in taken and draft.strip() == taken[id][1] else draft.rstrip()
        return f"{own}\n{event.text}".lstrip("\n"), {**taken, id: (event.kind, event.text)}

    def write(self, text: str, id: str, only: Filter, taken: Taken, request: gr.Request) -> list[Any]:
        """Send the agent's words; where that is refused they stay in the box."""
        if not text.strip():
            return [gr.skip(), taken, id, "", *same(1 + DESK_DRAWN)]
        drawn = self.act(who(request), id, only, partial(self.reply, taken=taken.get(id)), text)
        if drawn[1]:
            return [gr.skip(), taken, *drawn]
        return ["", {other: text for other, text in taken.items() if other != id}, *drawn]

    def leave(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> list[Any]:
        """Resolve with an outcome, which can be taken back, or hand back, or release."""
        drawn = self.act(who(request), id, only, self.depart, event.leave)
        if event.leave in get_args(Outcome) and not drawn[1]:
            drawn[1] = html.undo(id, event.leave, spoken(only))
        return drawn

    def undo(self, id: str, only: Filter, request: gr.Request, event: gr.EventData) -> list[Any]:
        """Open what was just resolved again."""
        return self.act(who(request), id, only, self.reopen, event.undo)

    def act(self, agent: str, id: str, only: Filter, deed: Callable[[str, str, str], str], about: str) -> list[Any]:
        """The conversation that is open after the deed, what the desk refused of it, and the page as it is then."""
        refusal, language = "", spoken(only)
        try:
            id = deed(agent, id, about)
        except NotYours:
            refusal = phrase("not_yours", language)
        except DeskError as error:
            log.error("%s", error)
            refusal = phrase("failed", language)
        return [id, html.notice(refusal, language), "", *self.draw(agent, id, only)]

    def claim(self, agent: str, _: str, wanted: str) -> str:
        """Take the conversation."""
        agents.claim(self.desk, wanted, agent)
        return wanted

    def reply(self, agent: str, id: str, text: str, taken: tuple[Kind, str] | None) -> str:
        """Send the text to the customer."""
        agents.reply(self.desk, id, agent, text, taken)
        self.presence.tell(id, "agent", writing=False)
        return id

    def remark(self, agent: str, id: str, text: str) -> str:
        """Write a note for the other agents."""
        if text.strip():
            agents.note(self.desk, id, agent, text.strip())
        return id

    def reopen(self, agent: str, _: str, resolved: str) -> str:
        """Have the conversation again."""
        agents.reopen(self.desk, resolved, agent)
        return resolved

    def depart(self, agent: str, id: str, how: str) -> str:
        """Leave the conversation."""
        agents.leave(self.desk, id, agent, how)
        return ""

    def tell(self, agent: str, id: str, only: Filter) -> list[Any]:
        """What the agent wants to see, the parts that only their language changes, and all others."""
        language = spoken(only)
        reply, memo = phrase("reply", language), f"{phrase('memo', language)} (Alt N)"
        return [
            only,
            html.brand(language, agent),
            gr.update(placeholder=reply, label=reply),
            gr.update(value=phrase("send", language)),
            html.actions(language),
            gr.update(placeholder=memo, label=memo),
            *self.draw(agent, id, only),
        ]

    def draw(self, agent: str, id: str, only: Filter, seen: tuple[Any, ...] = ()) -> list[Any]:
        """Every part of the page that changes while an agent looks at it."""
        only, language = {**EVERYTHING, **only}, spoken(only)
        mine = self.desk.mine(agent)
        held = next((ticket for ticket in mine if ticket.conversation == id), None)
        conversation, column = recall(self.desk, id), self.queue(mine, id, only)
        suggestions = self.suggestions.of(conversation) if held else ()
        package = self.desk.handoff(id) if held else None
        brief = self.suggestions.brief(conversation, package, language) if package else None
        package = package and up_to_date(package, conversation)
        why = html.why(package, self.suggested(conversation, suggestions, language), language, brief)
        writing = self.presence.writes(id, "customer")
        mark = (column, agent, id, len(conversation.turns), conversation.status, held, why, writing)
        if mark == seen:
            return same(DESK_DRAWN)
        shown = gr.update(visible=bool(held))
        kept, earlier = (self.desk.notes(id), self.desk.earlier(id)) if held else ((), ())
        beside = (shown, html.notes(kept, now(), language), html.earlier(earlier, now(), language))
        return [mark, column, self.opened(conversation, held, writing, language), why, shown, *beside]

    def queue(self, mine: Sequence[Ticket], id: str, only: Filter) -> str:
        """The left column, of which only what is drawn is read."""
        language, reason, longer = (only[key] for key in ("language", "reason", "longer"))
        speaks = spoken(only)
        waited = timedelta(minutes=int(longer or 0))
        waiting = self.desk.waiting(language, reason, waited, only["shown"])
        counts = self.desk.counts(waited)
        return html.queue(
            waiting,
            mine,
            id,
            now(),
            filters=html.filters(counts, language, reason, longer, speaks),
            fitting=html.count(counts, language, reason),
            total=sum((self.desk.counts() if waited else counts).values()),
            language=speaks,
        )

    def opened(self, conversation: Conversation, held: Ticket | None, writing: bool, language: str) -> str:
        """The middle column."""
        if held is None:
            return html.unchosen(language)
        names, lookup = html.speakers(language, "customer"), self.assistant.retriever.document
        talk = html.transcript(conversation, names, language, lookup)
        return html.about(held, now(), language, writing=writing) + talk

    def suggested(self, conversation: Conversation, suggestions: Sequence[Suggestion], language: str) -> str:
        """What could be sent, with its sources, and how such ones fared."""
        if not suggestions:
            return ""
        lookup = self.assistant.retriever.document
        return html.suggested(suggestions, conversation.language, lookup, self.desk.kept(), language)
