"""Files that customers send, and all that is erased with a customer."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from assistant.channels.access import Access
from assistant.channels.api.examples import BYTES, FILE
from assistant.channels.chat import receive
from assistant.desk import Desk
from assistant.uploads import PICTURES, ConversationFull, DiskFull, FileRefused, Uploads, kind
from knowledge import Retriever

INERT = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
"""Headers that keep a browser from running what somebody sent."""

PICTURED = CapacityLimiter(2)
"""Files that are looked into at a time: a picture of a few bytes may take a gigabyte, and seconds."""
TAG = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$"
"""What a language's tag looks like (RFC 5646)."""

STATUS: Mapping[type[FileRefused], HTTPStatus] = {
    ConversationFull: HTTPStatus.CONFLICT,
    DiskFull: HTTPStatus.INSUFFICIENT_STORAGE,
}
"""How files are refused for which there is no room."""

Key = Annotated[str, Query(min_length=1, max_length=64, description="Sent again with the same key, it counts once.")]


class Sent(BaseModel):
    """A file as it was taken: the media type is that of its content, the size in bytes."""

    model_config = {"json_schema_extra": {"examples": [FILE]}}
    name: str
    type: str
    size: int


def mount(app: FastAPI, desk: Desk, knowledge: Retriever, uploads: Uploads, access: Access) -> FastAPI:
    """The app with customers' files in it."""

    @app.post(
        "/api/v1/conversations/{id}/files",
        dependencies=[Depends(access.file)],
        status_code=HTTPStatus.CREATED,
        response_model=Sent,
        openapi_extra=BYTES,
    )
    async def send(
        id: str, request: Request, name: str, key: Key, language: Annotated[str, Query(pattern=TAG)] = "und"
    ) -> dict[str, Any]:
        """A customer's photo or document, as the body; a person is called to look at it where none is there.

        Of a photo, what its camera wrote beside the picture (the place, the time, the device) is not kept.
        """
        content = await request.body()
        access.weigh(request, len(content))
        return await to_thread.run_sync(take, id, name, key, language, content, limiter=PICTURED)

    def take(id: str, name: str, key: str, language: str, content: bytes) -> dict[str, Any]:
        desk.channel(id)  # one that is unknown is refused
        try:
            file = uploads.keep(id, name, content)
        except FileRefused as error:
            raise HTTPException(STATUS.get(type(error), HTTPStatus.UNSUPPORTED_MEDIA_TYPE), str(error)) from error
        kept = False
        try:
            kept = receive(desk, id, file, language, knowledge, key)
        finally:  # it came before, or the conversation was erased meanwhile
            if not kept:
                uploads.drop(file.id)
        return {"name": file.name, "type": file.type, "size": file.size}

    @app.get("/uploads/{file}", include_in_schema=False)
    def sent(file: str) -> Response:
        path = uploads.path(file)
        if path is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file; it may have been erased.")
        content = path.read_bytes()
        media, _ = kind(content)
        shown = "inline" if media in PICTURES else "attachment"
        return Response(content, media_type=media, headers={**INERT, "Content-Disposition": shown})

    @app.delete("/api/v1/conversations/{id}", dependencies=[Depends(access.write)], status_code=HTTPStatus.NO_CONTENT)
    def forget(id: str) -> None:
        """Erase the customer: this conversation, their others, the files and everything that was noted with them."""
        for erased in desk.forget(id):
            uploads.forget(erased)
        desk.wipe()

    return app
