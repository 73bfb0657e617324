"""The assistant over HTTP: one question, or a conversation that the desk keeps; errors are RFC 9457 problem details.

Who accepts text/event-stream is sent what a model writes, sentence by sentence, and then the reply.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from threading import Event
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from assistant.assistant import Assistant
from assistant.channels.access import Access, Sized
from assistant.channels.chat import answer, say
from assistant.connection import ModelFailed
from assistant.conversation import LONGEST, Channel, Conversation, Speaker, Turn
from assistant.desk import Desk, DeskError, DeskUnavailable, NotYours, UnknownConversation
from assistant.heard import Heard, Word
from assistant.reply import Reply, Shown, nowhere
from knowledge import detect

Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
"""What a customer says at once."""


class Said(BaseModel):
    """An earlier turn; `choices` are those that the assistant offered with it, of which the question may be one."""

    speaker: Speaker
    text: Annotated[str, StringConstraints(max_length=20_000)]
    choices: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class Spoken(BaseModel):
    """A word as the recogniser wrote it, and how sure it is of it, 0 to 1; null where it does not say."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None


class Hearing(BaseModel):
    """What a recogniser tells of a message in voice: its words, and what the whole message may have been instead, best
    first.
    """

    words: Annotated[tuple[Spoken, ...], Field(max_length=1000)] = ()
    alternatives: Annotated[tuple[Message, ...], Field(max_length=10)] = ()

    def heard(self, text: str, channel: Channel) -> Heard | None:
        """The message as it was heard; None in chat. Raises RequestValidationError on words in chat."""
        if channel == "voice":
            spoken = tuple(Word(word.text, confidence=word.confidence) for word in self.words)
            return Heard(text, spoken, self.alternatives)
        if told := [name for name in ("words", "alternatives") if getattr(self, name)]:
            wrong = "only a message in the channel `voice` has them"
            raise RequestValidationError([{"loc": ("body", name), "msg": wrong} for name in told])
        return None


class Question(Hearing):
    """One question, with what was said before it, oldest first."""

    question: Message
    history: Annotated[list[Said], Field(max_length=50)] = []
    channel: Channel = "chat"


class Start(BaseModel):
    """How a conversation begins, and with whom, where the caller knows them again; `site` is the key of the page."""

    site: Annotated[str, StringConstraints(max_length=128)] | None = None
    channel: Channel = "chat"
    customer: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None


class Text(Hearing):
    """A customer's message in a conversation; sent again with the same `id`, it counts once."""

    text: Message
    id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


Accept = Annotated[str, Header(description="`text/event-stream` asks for events.")]
Json = dict[str, Any]

STREAM = "text/event-stream"
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The reply; as events: `sentence` whenever one more sentence that a model wrote has passed its "
        "check, with the whole draft so far, in whose place comes `reply`, the last event, with the reply. Where the "
        "desk refuses, the last event is `problem`, with the problem's details.",
        "content": {
            STREAM: {
                "schema": {"type": "string"},
                "example": 'event: sentence\ndata: {"text": "A kiszállási díj 9900 Ft. [1]"}\n\n'
                'event: reply\ndata: {"action": "answer", "answer": "A kiszállási díj 9900 Ft. [1]", ...}\n\n',
            }
        },
    }
}

STATUS = {
    UnknownConversation: HTTPStatus.NOT_FOUND,
    NotYours: HTTPStatus.CONFLICT,
    DeskUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def create(assistant: Assistant, desk: Desk, collect: Sequence[str] = (), access: Access | None = None) -> FastAPI:
    """The application; pages can be mounted in it. `collect` is what customers who wait are asked for.

    With `access` to sites, a conversation is opened by its token only.
    """
    app = FastAPI(title="Sevai", version="1", summary="Support in the customer's language")
    access = access or Access()
    app.add_middleware(Sized)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=access.origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id"],
        expose_headers=["retry-after"],
    )

    @app.get("/health")
    def health() -> dict[str, Any]:
        """Whether the service is up, and how much it knows."""
        return {"status": "ok", "passages": len(assistant.retriever)}

    @app.post("/api/v1/ask", response_model=Json, responses=EVENTS)
    def ask(asked: Question, accept: Accept = "") -> Response:
        """One reply; nothing is stored."""
        turns = tuple(
            Turn(said.speaker, said.text, detect(said.text).tag, channel=asked.channel, choices=said.choices)
            for said in asked.history
        )
        conversation = Conversation("", turns)
        heard = asked.heard(asked.question, asked.channel)
        return told(lambda shown: answer(assistant, asked.question, conversation, shown, heard).json(), accept)

    @app.post("/api/v1/conversations", status_code=HTTPStatus.CREATED)
    def start(begun: Start, request: Request) -> dict[str, Any]:
        """A new conversation, and the token that opens it; without sites its id is the customer's key to it."""
        access.enter(begun.site, request)
        id = desk.start(begun.channel, customer=begun.customer).id
        return {"id": id} | ({"token": access.token(begun.site, id)} if begun.site in access.sites else {})

    @app.post(
        "/api/v1/conversations/{id}/turns",
        response_model=Json,
        responses=EVENTS,
        dependencies=[Depends(access.write)],
    )
    def write(id: str, message: Text, accept: Accept = "") -> Response:
        """A customer's message and the reply to it; null where nothing is to be said until a person answers."""
        # What is unknown or wrong is refused before anything is streamed.
        heard = message.heard(message.text, desk.conversation(id).channel)

        def made(shown: Shown) -> Json:
            reply = say(assistant, desk, id, message.text, shown, collect, heard, message.id)
            return {"reply": reply and reply.json()}

        return told(made, accept)

    @app.get("/api/v1/conversations/{id}", dependencies=[Depends(access.read)])
    def read(id: str, after: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
        """The conversation's status, its place in the queue, and its turns behind the first `after` ones."""
        conversation = desk.conversation(id)
        turns = [asdict(turn) for turn in conversation.turns[after:]]
        return {"id": id, "status": conversation.status, "place": desk.place(id), "turns": turns}

    @app.exception_handler(DeskError)
    def refused(_: Request, error: DeskError) -> JSONResponse:
        return problem(STATUS[type(error)], str(error))

    @app.exception_handler(HTTPException)
    def failed(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, error.detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def misread(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not as described in /docs.", error.errors())

    return app


def told(make: Callable[[Shown], Json], accept: str) -> Response:
    """What is made, as JSON or, where that is accepted, as a stream of events."""
    if STREAM not in accept.lower():
        return JSONResponse(make(nowhere))
    return StreamingResponse(events(make), media_type=STREAM, headers={"cache-control": "no-store"})


async def events(make: Callable[[Shown], Json]) -> AsyncIterator[str]:
    """The drafts while something is made, then what was made. Who stops reading stops the model."""
    loop, drafts, gone = asyncio.get_running_loop(), asyncio.Queue[str | None](), Event()

    def shown(draft: Reply) -> None:
        if gone.is_set():
            raise ModelFailed("Nobody reads it any more.")
        loop.call_soon_threadsafe(drafts.put_nowait, draft.answer)

    making = asyncio.ensure_future(run_in_threadpool(make, shown))
    making.add_done_callback(lambda _: drafts.put_nowait(None))
    try:
        while (draft := await drafts.get()) is not None:
            yield event("sentence", {"text": draft})
        yield event("reply", await making)
    except DeskError as error:
        yield event("problem", details(STATUS[type(error)], str(error)))
    finally:
        gone.set()


def event(name: str, data: Mapping[str, Any], id: int | None = None) -> str:
    """One event as it is sent (WHATWG HTML, section 9.2); after its `id` a reader that was cut off goes on."""
    line = "" if id is None else f"id: {id}\n"
    return f"event: {name}\n{line}data: {json.dumps(jsonable_encoder(data), ensure_ascii=False)}\n\n"


def problem(
    status: int, detail: str, errors: Sequence[Any] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer to a request that is refused."""
    return JSONResponse(details(status, detail, errors), status, headers, media_type="application/problem+json")


def details(status: int, detail: str, errors: Sequence[Any] = ()) -> Json:
    """An error as RFC 9457 writes it; each of `errors` points at the part of the request that is wrong."""
    body: Json = {"title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    if errors:
        body["errors"] = [
            {"pointer": f"#/{'/'.join(map(str, one['loc'][1:]))}", "detail": one["msg"]} for one in errors
        ]
    return body
