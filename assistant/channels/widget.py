"""The widget for a shop's pages: its script, its words in every language, and what it asks of a conversation.

A conversation is followed as a stream of events: `turn` with the turn's number as the event's id, `state` whenever who
has the conversation, the place in the queue or the language changes, `gone` when it was erased, and a comment while
nothing happens. A reader who was cut off sends the last id (Last-Event-ID) and misses nothing.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.channels import html
from assistant.channels.access import Access
from assistant.channels.api import STREAM, event
from assistant.channels.chat import receive
from assistant.conversation import Conversation
from assistant.desk import Desk, Rating, Standing, UnknownConversation
from assistant.phrases import intent, languages, phrasebook
from assistant.uploads import FileRefused, Uploads, kind
from knowledge import Retriever
from knowledge.language import direction

HERE = Path(__file__).parent / "widget"
LOOK = 0.4
"""Seconds between two looks at a conversation that somebody follows."""
HEARTBEAT = 15.0
"""Seconds after which a quiet stream sends a comment, so that nothing between takes it for dead."""
KEPT = "public, max-age=300"
"""How long browsers keep the script and its words."""
SAYS = """
    introduction waiting waiting_no_place did_you_mean too_long speak read_aloud sources talk_to_person send type_here
    chat_open chat_close chat_menu chat_language automated with_agent news unsent failed attach file_kind file_size
    listening stop rate rate_good rate_bad rated forget forget_ask forget_yes cancel forgotten you assistant agent
    open_source page connection_lost
"""
"""The keys of what the script says, in the phrase books; what agents read is not sent to customers."""
INERT = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
"""Headers that keep a browser from running what somebody sent."""

Id = Annotated[str, Query(min_length=1, max_length=64, description="Sent again with the same id, it counts once.")]


class Rated(BaseModel):
    """How a customer was helped, as they say."""

    rating: Rating


def mount(
    app: FastAPI, desk: Desk, knowledge: Retriever, uploads: Uploads, access: Access, *, company: str = "Sevai"
) -> FastAPI:
    """The app with the widget on it; the company's name stands on top of it, unless a page names another."""
    script = source()
    public, read, write = Depends(access.public), Depends(access.read), Depends(access.write)

    @app.get("/widget.js", include_in_schema=False)
    def widget(request: Request) -> Response:
        return asset(request, *script, "text/javascript; charset=utf-8")

    @app.get("/widget/{language}.json", dependencies=[public])
    def speak(language: str, request: Request) -> Response:
        """What the widget itself says in a language, or in the one that comes nearest."""
        told = json.dumps(words(language, company), ensure_ascii=False).encode()
        return asset(request, *packed(told), "application/json")

    @app.get("/api/v1/conversations/{id}/events", dependencies=[read], responses=FOLLOWED)
    def follow(id: str, last_event_id: Annotated[int, Header(ge=0)] = 0) -> Response:
        """The conversation from behind the last event that the reader has, and whatever happens in it from now on."""
        desk.standing(id)  # one that is unknown is refused before anything is streamed
        return StreamingResponse(
            events(desk, id, last_event_id), media_type=STREAM, headers={"cache-control": "no-store"}
        )

    @app.get("/api/v1/conversations/{id}/turns/{turn}/citations/{number}", dependencies=[read])
    def open_source(id: str, turn: int, number: int) -> dict[str, Any]:
        """A quote, with what stands before and behind it in its document; both counts begin at 1."""
        turns = desk.conversation(id).turns
        if not (0 < turn <= len(turns) and 0 < number <= len(turns[turn - 1].citations)):
            raise HTTPException(HTTPStatus.NOT_FOUND, f"The turn {turn} has no citation {number}; both begin at 1.")
        citation = turns[turn - 1].citations[number - 1]
        before, behind, language = html.context(citation, knowledge.document)
        about = {"title": citation.title or citation.source, "page": citation.page, "language": language or "und"}
        return {**about, "before": before, "quote": citation.quote, "behind": behind}

    @app.post(
        "/api/v1/conversations/{id}/files",
        dependencies=[Depends(access.file)],
        status_code=HTTPStatus.CREATED,
        openapi_extra=BYTES,
    )
    async def send(id: str, request: Request, name: str, key: Id, language: str = "und") -> dict[str, Any]:
        """A customer's photo or document, as the body; a person is called to look at it where none is there."""
        content = await request.body()
        return await run_in_threadpool(take, id, name, key, language, content)

    def take(id: str, name: str, key: str, language: str, content: bytes) -> dict[str, Any]:
        desk.standing(id)
        try:
            file = uploads.keep(id, name, content)
        except FileRefused as error:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        if not receive(desk, id, file, language, knowledge, key) and (again := uploads.path(file.id)):
            again.unlink()
        return {"name": file.name, "type": file.type, "size": file.size}

    @app.get("/uploads/{file}", include_in_schema=False)
    def sent(file: str) -> Response:
        path = uploads.path(file)
        if path is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file; it may have been erased.")
        content = path.read_bytes()
        media, _ = kind(content)
        shown = "inline" if media in html.SHOWN else "attachment"
        return Response(content, media_type=media, headers={**INERT, "Content-Disposition": shown})

    @app.put("/api/v1/conversations/{id}/rating", dependencies=[write], status_code=HTTPStatus.NO_CONTENT)
    def rate(id: str, rated: Rated) -> None:
        """How the customer was helped; the last word counts."""
        desk.rate(id, rated.rating)

    @app.delete("/api/v1/conversations/{id}", dependencies=[write], status_code=HTTPStatus.NO_CONTENT)
    def forget(id: str) -> None:
        """Erase the customer: this conversation, their others, the files and everything that was noted with them."""
        for erased in desk.forget(id):
            uploads.forget(erased)

    return app


FOLLOWED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The events.",
        "content": {
            STREAM: {
                "schema": {"type": "string"},
                "example": 'event: turn\nid: 1\ndata: {"speaker": "customer", "text": "வணக்கம்", ...}\n\n'
                'event: state\ndata: {"status": "open", "place": 2, "agent": null, ...}\n\n',
            }
        },
    }
}
BYTES = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def events(desk: Desk, id: str, seen: int) -> AsyncIterator[str]:
    """What happens in a conversation behind its first `seen` turns, as events."""
    stood, spoke = None, monotonic()
    try:
        while True:
            standing = await run_in_threadpool(desk.standing, id)
            if standing != stood:
                conversation = await run_in_threadpool(desk.conversation, id)
                for number, turn in enumerate(conversation.turns[seen:], seen + 1):
                    yield event("turn", asdict(turn), number)
                seen, stood, spoke = max(seen, len(conversation.turns)), standing, monotonic()
                yield event("state", state(conversation, standing))
            elif monotonic() - spoke > HEARTBEAT:
                spoke = monotonic()
                yield ": still here\n\n"
            await asyncio.sleep(LOOK)
    except UnknownConversation:
        yield event("gone", {})


def state(conversation: Conversation, standing: Standing) -> Mapping[str, Any]:
    """How things stand, for the customer; `ask` is whether it is time to ask how they were helped."""
    said = [turn.text for turn in conversation.turns if turn.speaker == "customer"]
    over = conversation.status == "resolved" or bool(said and intent(said[-1]) in ("thanks", "farewell"))
    return {
        "status": standing.status,
        "place": standing.place,
        "agent": standing.agent,
        "language": conversation.language,
        "ask": bool(said) and over and standing.rating is None,
    }


def words(language: str, company: str) -> Mapping[str, Any]:
    """The widget's words in a language."""
    say = {key: phrasebook(language)[key] for key in SAYS.split()}
    return {"language": language, "direction": direction(language), "title": company, "say": say}


def source() -> tuple[bytes, bytes, str]:
    """The widget's script with its style sheet and the languages that are spoken."""
    style = json.dumps((HERE / "widget.css").read_text(encoding="utf-8"))
    names = {tag: html.native(tag) for tag in languages()}
    text = f'"use strict";(() => {{const STYLE = {style}, LANGUAGES = {json.dumps(names, ensure_ascii=False)};\n'
    return packed(f"{text}{(HERE / 'widget.js').read_text(encoding='utf-8')}}})();\n".encode())


def packed(content: bytes) -> tuple[bytes, bytes, str]:
    """A content, the same compressed, and what tells it from another version."""
    return content, gzip.compress(content, mtime=0), f'"{sha256(content).hexdigest()[:16]}"'


def asset(request: Request, content: bytes, compressed: bytes, tag: str, media: str) -> Response:
    """A file that browsers keep; nothing but its tag where they have it."""
    headers = {"ETag": tag, "Cache-Control": KEPT, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    small = "gzip" in request.headers.get("accept-encoding", "")
    headers |= {"Content-Encoding": "gzip"} if small else {}
    return Response(compressed if small else content, media_type=media, headers=headers)
