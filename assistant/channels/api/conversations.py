"""What customers ask: one question, or a conversation that the desk keeps and that can be followed.

Who accepts text/event-stream is sent what a model writes, sentence by sentence, and then the reply.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Dependency
from pydantic import BaseModel, Field, StringConstraints, field_validator
from starlette.exceptions import HTTPException

from assistant.assistant import Assistant
from assistant.channels import html
from assistant.channels.access import LONGEST_SECRET, SECRET, Access
from assistant.channels.api.examples import ASK, FOLLOWED, MESSAGE, REPLY, STREAMED
from assistant.channels.chat import answer, say
from assistant.channels.events import Json, Watch, as_accepted, followed, streamed
from assistant.channels.presence import Presence
from assistant.channels.problems import sentence
from assistant.conversation import LONGEST, Channel, Citation, Conversation, Speaker, Status, Turn
from assistant.desk import Desk, Rating
from assistant.heard import Heard, Word
from assistant.reply import Action, Found, Handoff, Shown
from knowledge import detect

Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
"""What a customer says at once."""
TOLD = 100_000
"""Characters of what was said before a question, at most."""
Accept = Annotated[str, Header(description="`text/event-stream` asks for events.")]
After = Annotated[int, Query(ge=0, description="Turns that the caller has already.")]
LastEventId = Annotated[
    int, Header(ge=0, description="The last event that the reader has; nothing behind it is missed.")
]


class Said(BaseModel):
    """An earlier turn; `choices` are those that the assistant offered with it, of which the question may be one."""

    speaker: Speaker
    text: Annotated[str, StringConstraints(max_length=20_000)]
    choices: Annotated[list[str], Field(max_length=10, fail_fast=True)] = []


class Spoken(BaseModel):
    """A word as the recogniser wrote it, and how sure it is of it, 0 to 1; null where it does not say."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class Hearing(BaseModel):
    """What a recogniser tells of a message in voice: its words, and what the whole message may have been instead, best
    first.
    """

    words: Annotated[list[Spoken], Field(max_length=1000, fail_fast=True)] = []
    alternatives: Annotated[list[Message], Field(max_length=10, fail_fast=True)] = []

    @field_validator("alternatives")
    @classmethod
    def short(cls, alternatives: list[str]) -> list[str]:
        """The alternatives. Raises ValueError where comparing them would take seconds."""
        if sum(map(len, alternatives)) > 2 * LONGEST:
            raise ValueError(f"all alternatives together have at most {2 * LONGEST} characters")
        return alternatives

    def heard(self, text: str, channel: Channel) -> Heard | None:
        """The message as it was heard; None in chat. Raises RequestValidationError on words in chat."""
        if channel == "voice":
            spoken = tuple(Word(word.text, confidence=word.confidence) for word in self.words)
            return Heard(text, spoken, tuple(self.alternatives))
        if told := [name for name in ("words", "alternatives") if getattr(self, name)]:
            wrong = "only a message in the channel `voice` has them"
            raise RequestValidationError([{"loc": ("body", name), "msg": wrong} for name in told])
        return None


class Question(Hearing):
    """One question, with what was said before it, oldest first."""

    model_config = {"json_schema_extra": {"examples": [ASK]}}
    question: Message
    history: Annotated[list[Said], Field(max_length=50, fail_fast=True)] = []
    channel: Channel = "chat"

    @field_validator("history")
    @classmethod
    def told(cls, history: list[Said]) -> list[Said]:
        """The history. Raises ValueError where reading it would take seconds."""
        if sum(len(said.text) for said in history) > TOLD:
            raise ValueError(f"all texts together have at most {TOLD} characters")
        return history


class Start(BaseModel):
    """How a conversation begins, and with whom, where the caller knows them again; `site` is the key of the page.

    Who knows `customer` erases all that they said: it is random, never a number or a name.
    """

    model_config = {"json_schema_extra": {"examples": [{"site": "nila", "customer": "9f2c41d07be84a6391c5"}]}}
    site: Annotated[str, StringConstraints(max_length=128)] | None = None
    channel: Channel = "chat"
    customer: Annotated[str, StringConstraints(min_length=SECRET, max_length=LONGEST_SECRET)] | None = None


class Begun(BaseModel):
    """A conversation that began; `token` opens it from then on, where the server has sites."""

    id: str
    token: str | None = None


class Text(Hearing):
    """A customer's message in a conversation; sent again with the same `id`, it counts once."""

    model_config = {"json_schema_extra": {"examples": [MESSAGE]}}
    text: Message
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class Aloud(BaseModel):
    """The answer as it is said on the telephone, as plain text and as SSML."""

    text: str
    ssml: str


class Replied(BaseModel):
    """A reply; `answer` is always fit to be shown. `hits` is the ranking behind it, `signals` what the confidence was
    judged from, `offered` the documents of the choices, `standalone` what was searched for in place of the question,
    `written` the parts that a model wrote.
    """

    model_config = {"json_schema_extra": {"examples": [REPLY]}}
    action: Action
    answer: str
    language: str
    confidence: float
    signals: dict[str, float]
    citations: list[Citation]
    choices: list[str]
    handoff: Handoff | None
    spoken: Aloud
    hits: list[Found]
    milliseconds: dict[str, float]
    offered: list[str] = []
    standalone: str = ""
    written: list[str] = []


class Answer(BaseModel):
    """The reply to a message; null where nothing is to be said until a person answers."""

    reply: Replied | None


class Talk(BaseModel):
    """How far a conversation has come: `place` is that in the queue, null where it does not wait."""

    id: str
    status: Status
    place: int | None
    turns: list[Turn]


class Source(BaseModel):
    """A quote, with what stands before and behind it in its document."""

    title: str
    page: int | None
    language: str
    before: str
    quote: str
    behind: str


class Rated(BaseModel):
    """How a customer was helped, as they say."""

    model_config = {"json_schema_extra": {"examples": [{"rating": "good"}]}}
    rating: Rating


class Typing(BaseModel):
    """Whether somebody is writing just now; said again every three seconds while they do."""

    model_config = {"json_schema_extra": {"examples": [{"writing": True}]}}
    writing: bool = True


def paged(total: int, after: int, limit: int) -> Json:
    """How many there are in all, and where the next page begins; null on the last."""
    return {"total": total, "next": after + limit if after + limit < total else None}


def talk(desk: Desk, id: str, after: int = 0) -> Json:
    """How far a conversation has come, with its turns behind the first `after` ones."""
    conversation = desk.conversation(id)
    return {"id": id, "status": conversation.status, "place": desk.place(id), "turns": conversation.turns[after:]}


def mount(
    app: FastAPI,
    assistant: Assistant,
    desk: Desk,
    access: Access,
    presence: Presence,
    watch: Watch,
    collect: Sequence[str],
) -> FastAPI:
    """The app with all that a customer says in it."""

    # Those doors take microseconds: a thread for each would cost more than they do.
    async def reads(id: str, request: Request) -> None:
        access.read(id, request)

    async def writes(id: str, request: Request) -> None:
        access.write(id, request)

    look, write = [Depends(reads)], [Depends(writes)]
    mount_question(app, assistant, access)
    mount_talk(app, assistant, desk, access, presence, collect, write)
    mount_news(app, desk, presence, watch, look)
    mount_beside(app, assistant, desk, look, write)
    return app


def mount_question(app: FastAPI, assistant: Assistant, access: Access) -> None:
    """One question, without a conversation."""

    @app.post("/api/v1/ask", response_model=Replied, responses=STREAMED, dependencies=[Depends(access.ask)])
    def ask(asked: Question, accept: Accept = "") -> Response:
        """One reply; nothing is stored."""
        turns = tuple(
            Turn(said.speaker, said.text, detect(said.text).tag, channel=asked.channel, choices=tuple(said.choices))
            for said in asked.history
        )
        conversation = Conversation("", turns)
        heard = asked.heard(asked.question, asked.channel)
        return as_accepted(lambda shown: answer(assistant, asked.question, conversation, shown, heard).json(), accept)


def mount_talk(
    app: FastAPI,
    assistant: Assistant,
    desk: Desk,
    access: Access,
    presence: Presence,
    collect: Sequence[str],
    write: Sequence[Dependency],
) -> None:
    """A conversation: how it begins, and what is said in it."""

    @app.post(
        "/api/v1/conversations",
        status_code=HTTPStatus.CREATED,
        response_model=Begun,
        response_model_exclude_none=True,
    )
    def start(begun: Start, request: Request) -> Json:
        """A new conversation, and the token that opens it; without sites its id is the customer's key to it."""
        access.enter(begun.site, request)
        id = desk.start(begun.channel, customer=begun.customer).id
        return {"id": id} | ({"token": access.token(begun.site, id)} if begun.site in access.sites else {})

    @app.post("/api/v1/conversations/{id}/turns", response_model=Answer, responses=STREAMED, dependencies=write)
    def send(id: str, message: Text, request: Request, accept: Accept = "") -> Response:
        """A customer's message and the reply to it."""
        # What is unknown or wrong is refused before anything is streamed.
        heard = message.heard(message.text, desk.channel(id))
        presence.tell(id, "customer", writing=False)

        def made(shown: Shown) -> Json:
            reply = say(assistant, desk, id, message.text, shown, collect, heard, message.id)
            return {"reply": reply and reply.json()}

        return as_accepted(made, accept, partial(sentence, asked=request))


def mount_news(app: FastAPI, desk: Desk, presence: Presence, watch: Watch, look: Sequence[Dependency]) -> None:
    """How far a conversation has come, once or followed, and that its customer is writing."""

    @app.get("/api/v1/conversations/{id}", response_model=Talk, dependencies=look)
    def read(id: str, after: After = 0) -> Json:
        """The conversation's status, its place in the queue, and its turns behind the first `after` ones."""
        return talk(desk, id, after)

    @app.get("/api/v1/conversations/{id}/events", dependencies=look, response_class=Response, responses=FOLLOWED)
    def follow(id: str, last_event_id: LastEventId = 0) -> Response:
        """The conversation from behind the last event that the reader has, and whatever happens in it from now on."""
        desk.channel(id)  # one that is unknown is refused before anything is streamed
        return streamed(followed(watch, id, last_event_id, presence))

    @app.put("/api/v1/conversations/{id}/typing", dependencies=look, status_code=HTTPStatus.NO_CONTENT)
    def typing(id: str, typing: Typing) -> None:
        """The customer is writing: agents see it for some seconds, and nothing is kept."""
        desk.channel(id)  # one that is unknown is refused
        presence.tell(id, "customer", typing.writing)


def mount_beside(
    app: FastAPI, assistant: Assistant, desk: Desk, look: Sequence[Dependency], write: Sequence[Dependency]
) -> None:
    """What stands around a quote, and how the customer was helped."""

    @app.get("/api/v1/conversations/{id}/turns/{turn}/citations/{number}", response_model=Source, dependencies=look)
    def open_source(id: str, turn: int, number: int) -> dict[str, Any]:
        """A quote, with what stands before and behind it in its document; both counts begin at 1."""
        turns = desk.conversation(id).turns
        if not (0 < turn <= len(turns) and 0 < number <= len(turns[turn - 1].citations)):
            raise HTTPException(HTTPStatus.NOT_FOUND, f"The turn {turn} has no citation {number}; both begin at 1.")
        citation = turns[turn - 1].citations[number - 1]
        before, behind, language = html.context(citation, assistant.retriever.document)
        about = {"title": citation.title or citation.source, "page": citation.page, "language": language or "und"}
        return {**about, "before": before, "quote": citation.quote, "behind": behind}

    @app.put("/api/v1/conversations/{id}/rating", dependencies=write, status_code=HTTPStatus.NO_CONTENT)
    def rate(id: str, rated: Rated) -> None:
        """How the customer was helped; the last word counts."""
        desk.rate(id, rated.rating)
