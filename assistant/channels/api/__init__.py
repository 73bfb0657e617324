"""The API: what customers, agents, editors and machines ask over HTTP; a file a resource, and here their order."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection

from assistant.assistant import Assistant
from assistant.channels import problems
from assistant.channels.access import Access, Sized
from assistant.channels.api import conversations, files, knowledge, operations, reference
from assistant.channels.api import desk as desk_api
from assistant.channels.events import Watch
from assistant.channels.jobs import Jobs
from assistant.channels.presence import Presence
from assistant.channels.shedding import Shedding, Turns
from assistant.channels.streams import Streams
from assistant.channels.suggestions import Suggestions
from assistant.desk import Desk
from assistant.uploads import Uploads
from knowledge import Library


def create(
    assistant: Assistant,
    desk: Desk,
    collect: Sequence[str] = (),
    access: Access | None = None,
    *,
    uploads: Uploads | None = None,
    library: Library | None = None,
    presence: Presence | None = None,
    suggestions: Suggestions | None = None,
    turns: Turns | None = None,
    jobs: Jobs | None = None,
) -> FastAPI:
    """The application; other channels and pages can be mounted in it. `collect` is what customers who wait are asked
    for.

    With `access` to sites, a conversation is opened by its token only. Without `uploads`, no files are taken; without a
    `library`, the knowledge is not changed here. Who writes (`presence`), the agents' `suggestions`, the `turns` in
    which messages are answered, and the `jobs` of editors may be shared with other channels.
    """
    access, presence = access or Access(), presence or Presence()

    async def come(connection: HTTPConnection) -> None:  # a thread for it would cost more than it does
        access.come(connection)

    app = FastAPI(
        title="Sevai",
        version="1",
        summary="Support in the customer's language",
        docs_url=None,
        redoc_url=None,
        responses=reference.REFUSED,
        dependencies=[Depends(come)],
    )
    problems.mount(app)
    app.add_middleware(Shedding, turns=turns or Turns())
    app.add_middleware(Streams, access=access)
    app.add_middleware(Sized)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=access.origins,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["authorization", "content-type", "last-event-id"],
        expose_headers=["retry-after"],
    )
    watch = Watch(desk)  # one for all, as it asks the desk once for all who follow
    conversations.mount(app, assistant, desk, access, presence, watch, collect)
    if uploads:
        files.mount(app, desk, assistant.retriever, uploads, access)
    desk_api.mount(app, desk, presence, watch, suggestions or Suggestions(assistant, desk))
    if library:
        knowledge.mount(app, library, jobs or Jobs())
    operations.mount(app, assistant, desk)
    return reference.mount(app)
