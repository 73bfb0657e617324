"""The assistant over HTTP: one question, or a conversation that the desk keeps; errors are RFC 9457 problem details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StringConstraints
from starlette.exceptions import HTTPException

from assistant.assistant import Assistant
from assistant.channels.chat import answer, say
from assistant.conversation import LONGEST, Channel, Conversation, Speaker, Turn
from assistant.desk import Desk, DeskError, DeskUnavailable, NotYours, UnknownConversation
from knowledge import detect

Message = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]
"""What a customer says at once."""


class Said(BaseModel):
    """An earlier turn; `choices` are those that the assistant offered with it, of which the question may be one."""

    speaker: Speaker
    text: Annotated[str, StringConstraints(max_length=20_000)]
    choices: Annotated[tuple[str, ...], Field(max_length=10)] = ()


class Question(BaseModel):
    """One question, with what was said before it, oldest first."""

    question: Message
    history: Annotated[list[Said], Field(max_length=50)] = []
    channel: Channel = "chat"


class Start(BaseModel):
    """How a conversation begins, and with whom, where the caller knows them again."""

    channel: Channel = "chat"
    customer: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None


class Text(BaseModel):
    """A customer's message in a conversation."""

    text: Message


STATUS = {
    UnknownConversation: HTTPStatus.NOT_FOUND,
    NotYours: HTTPStatus.CONFLICT,
    DeskUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


def create(assistant: Assistant, desk: Desk) -> FastAPI:
    """The application; pages can be mounted in it."""
    app = FastAPI(title="Sevai", version="1", summary="Support in the customer's language")

    @app.get("/health")
    def health() -> dict[str, Any]:
        """Whether the service is up, and how much it knows."""
        return {"status": "ok", "passages": len(assistant.retriever)}

    @app.post("/api/v1/ask")
    def ask(asked: Question) -> dict[str, Any]:
        """One reply; nothing is stored."""
        turns = tuple(
            Turn(said.speaker, said.text, detect(said.text).tag, channel=asked.channel, choices=said.choices)
            for said in asked.history
        )
        return answer(assistant, asked.question, Conversation("", turns)).json()

    @app.post("/api/v1/conversations", status_code=HTTPStatus.CREATED)
    def start(begun: Start) -> dict[str, Any]:
        """A new conversation; its id is the customer's key to it."""
        return {"id": desk.start(begun.channel, customer=begun.customer).id}

    @app.post("/api/v1/conversations/{id}/turns")
    def write(id: str, message: Text) -> dict[str, Any]:
        """A customer's message and the reply to it; null where a person has the conversation and will answer."""
        reply = say(assistant, desk, id, message.text)
        return {"reply": reply and reply.json()}

    @app.get("/api/v1/conversations/{id}")
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
        return problem(error.status_code, error.detail)

    @app.exception_handler(RequestValidationError)
    def misread(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not as described in /docs.", error.errors())

    return app


def problem(status: int, detail: str, errors: Sequence[Any] = ()) -> JSONResponse:
    """An error as RFC 9457 writes it; each of `errors` points at the part of the request that is wrong."""
    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    if errors:
        body["errors"] = [
            {"pointer": f"#/{'/'.join(map(str, one['loc'][1:]))}", "detail": one["msg"]} for one in errors
        ]
    return JSONResponse(body, status, media_type="application/problem+json")
