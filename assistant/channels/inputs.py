"""What may be sent to the pages: Gradio would take anything for any part of one.

A file's path or address in place of a text would be read and copied, a name of a session or a value of any size kept,
and what does not fit printed as it came. So nothing reaches it but what its own script sends for these pages, and no
address sends more than many customers' pages do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.channels.access import Access

ASKED = ("/run/predict", "/queue/join")
"""How the paths end at which a page asks for something."""
ANSWERED = "/queue/data"
"""How the path ends at which it is answered."""
FILE = frozenset({"path", "meta", "url"})
"""What only values have that stand for files."""
DEEP = 4
"""Values in values."""


class Input(BaseModel):
    """What happened on a page: the values of its parts, and of which of its events."""

    model_config = ConfigDict(extra="forbid", strict=True)
    data: list[Any]
    fn_index: Annotated[int, Field(ge=0)]
    session_hash: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,36}$")]
    trigger_id: int | None = None
    event_data: Any = None


class Inputs:
    """Lets through to a page what it may be sent; 422 for all else, and 429 for who sends too much.

    `takes` says of what types the values are that each of its events takes, by the event's number; any may be null.
    `awaited` says whether a session waits for what it asked for.
    """

    def __init__(
        self, app: ASGIApp, takes: Mapping[int, Sequence[type]], awaited: Callable[[str], bool], access: Access
    ) -> None:
        self.app = app
        self._takes = takes
        self._awaited = awaited
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        path = scope["path"] if scope["type"] == "http" else ""
        asks = path.endswith(ASKED) and scope["method"] == "POST"
        if not asks and not path.endswith(ANSWERED):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        self._access.look(request)
        if not asks:
            if not self._awaited(request.query_params.get("session_hash", "")):
                raise HTTPException(HTTPStatus.NOT_FOUND, "This page asks for nothing: load it again.")
            await self.app(scope, receive, send)
            return
        try:
            body = await request.body()
        except ClientDisconnect:
            return
        if not self._fits(body):
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "This is not what the page sends: load it again.")
        come: list[Message] = [{"type": "http.request", "body": body}]

        async def again() -> Message:
            return come.pop() if come else await receive()

        await self.app(scope, again, send)

    def _fits(self, body: bytes) -> bool:
        try:
            sent = Input.model_validate_json(body)
        except ValidationError:
            return False
        types = self._takes.get(sent.fn_index)
        if types is None or len(types) != len(sent.data):
            return False
        typed = all(value is None or isinstance(value, kind) for value, kind in zip(sent.data, types, strict=True))
        return typed and all(harmless(value) for value in (*sent.data, sent.event_data))


def harmless(value: object, deep: int = DEEP) -> bool:
    """Whether a value is made of texts and numbers, and nothing in it stands for a file."""
    if isinstance(value, Mapping):
        return deep > 0 and not FILE & value.keys() and all(harmless(each, deep - 1) for each in value.values())
    if isinstance(value, list):
        return deep > 0 and all(harmless(each, deep - 1) for each in value)
    return True
