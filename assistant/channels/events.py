"""Server-sent events (WHATWG HTML, section 9.2): one event, a conversation that is followed, a reply while it is made.

A conversation is followed as `turn` with the turn's number as the event's id, `state` whenever who has it, the place in
the queue or the language changes, `typing` whenever the other side begins or stops to write, `gone` when it was erased.
A reader who was cut off sends the last id (Last-Event-ID) and misses nothing. While nothing happens, a comment is sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict
from threading import Event
from time import monotonic
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from assistant.channels.presence import Presence, Writer
from assistant.channels.problems import STATUS, details
from assistant.connection import ModelFailed
from assistant.conversation import Conversation
from assistant.desk import Desk, DeskError, Standing, UnknownConversation
from assistant.phrases import intent
from assistant.reply import Reply, Shown, nowhere

STREAM = "text/event-stream"
LOOK = 0.4
"""Seconds between two looks at what somebody follows."""
HEARTBEAT = 15.0
"""Seconds after which a quiet stream sends a comment, so that nothing between takes it for dead."""
BEAT = ": still here\n\n"

Json = dict[str, Any]


def streamed(events: AsyncIterator[str]) -> Response:
    """The events as they come."""
    return StreamingResponse(events, media_type=STREAM, headers={"cache-control": "no-store"})


def wanted(accept: str) -> bool:
    """Whether who sends this header asks for events."""
    return STREAM in accept.lower()


def event(name: str, data: Mapping[str, Any], id: int | None = None) -> str:
    """One event as it is sent; after its `id` a reader that was cut off goes on."""
    line = "" if id is None else f"id: {id}\n"
    return f"event: {name}\n{line}data: {json.dumps(jsonable_encoder(data), ensure_ascii=False)}\n\n"


def as_accepted(make: Callable[[Shown], Json], accept: str, words: Callable[[DeskError], str] = str) -> Response:
    """What is made, as JSON or, where that is accepted, as a stream of events; `words` are what is said of an error."""
    return streamed(drafted(make, words)) if wanted(accept) else JSONResponse(make(nowhere))


async def drafted(make: Callable[[Shown], Json], words: Callable[[DeskError], str]) -> AsyncIterator[str]:
    """The drafts while something is made, then what was made. Who stops reading stops the model."""
    loop, drafts, gone = asyncio.get_running_loop(), asyncio.Queue[str | None](), Event()

    def shown(draft: Reply) -> None:
        if gone.is_set():
            raise ModelFailed("Nobody reads it any more.")
        loop.call_soon_threadsafe(drafts.put_nowait, draft.answer)

    making = asyncio.ensure_future(run_in_threadpool(make, shown))
    making.add_done_callback(lambda _: drafts.put_nowait(None))
    try:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    draft = await drafts.get()
            except TimeoutError:
                yield BEAT
                continue
            if draft is None:
                break
            yield event("sentence", {"text": draft})
        yield event("reply", await making)
    except DeskError as error:
        yield event("problem", details(STATUS[type(error)], words(error)))
    finally:
        gone.set()


class Watch:
    """Looks at all conversations that are followed at once: many readers cost the database little more than one."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._ids: set[str] = set()
        self._looking: asyncio.Task[Mapping[str, Standing]] | None = None

    async def standing(self, id: str) -> Standing | None:
        """How the conversation stands when all are next looked at; None where there is none any more."""
        self._ids.add(id)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return (await asyncio.shield(self._looking)).get(id)

    async def _look(self) -> Mapping[str, Standing]:
        try:
            await asyncio.sleep(LOOK)
        finally:
            ids, self._ids, self._looking = self._ids, set(), None
        return await run_in_threadpool(self.desk.standings, ids)


async def followed(
    watch: Watch, id: str, seen: int, presence: Presence, other: Writer = "agent", holder: str = ""
) -> AsyncIterator[str]:
    """What happens in a conversation behind its first `seen` turns, as events; `other` is who the reader talks with.

    For a `holder` it is gone when they no longer hold it.
    """
    stood, spoke, wrote = None, monotonic(), False
    try:
        stands: Standing | None = await run_in_threadpool(watch.desk.standing, id)
        while stands and holder in ("", stands.agent):
            if stands != stood:
                conversation = await run_in_threadpool(watch.desk.conversation, id)
                for number, turn in enumerate(conversation.turns[seen:], seen + 1):
                    yield event("turn", asdict(turn), number)
                seen, stood, spoke = max(seen, len(conversation.turns)), stands, monotonic()
                yield event("state", standing(conversation, stands))
            if (writes := presence.writes(id, other)) != wrote:
                wrote, spoke = writes, monotonic()
                yield event("typing", {"speaker": other, "writing": writes})
            elif monotonic() - spoke > HEARTBEAT:
                spoke = monotonic()
                yield BEAT
            stands = await watch.standing(id)
    except UnknownConversation:
        pass
    yield event("gone", {})


def standing(conversation: Conversation, stands: Standing) -> Json:
    """How things stand, for the customer; `ask` is whether it is time to ask how they were helped."""
    said = [turn.text for turn in conversation.turns if turn.speaker == "customer"]
    over = conversation.status == "resolved" or bool(said and intent(said[-1]) in ("thanks", "farewell"))
    return {
        "status": stands.status,
        "place": stands.place,
        "agent": stands.agent,
        "language": conversation.language,
        "ask": bool(said) and over and stands.rating is None,
    }
