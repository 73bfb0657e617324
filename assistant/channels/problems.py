"""Errors over HTTP as RFC 9457 writes them, whatever was refused or went wrong, and wherever."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.routing import Match
from starlette.status import WS_1013_TRY_AGAIN_LATER
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from assistant.accounts import Account
from assistant.desk import DeskError, DeskUnavailable, NotYours, UnknownConversation
from assistant.phrases import languages, phrase
from knowledge import KnowledgeError, UnknownDocument, base

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"
TOLD = 20
"""Errors of a request that are told."""
STATUS: Mapping[type[DeskError], HTTPStatus] = {
    UnknownConversation: HTTPStatus.NOT_FOUND,
    NotYours: HTTPStatus.CONFLICT,
    DeskUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
KEPT = ("allow", "retry-after", "www-authenticate", "access-control-allow-origin", "vary", "set-cookie")
"""Headers of a refusal that stay when it is written as a problem."""
GRADIO = "/gradio_api/"
"""What stands in the paths that the pages' own script asks, which reads refusals of its own kind."""


class Wrong(BaseModel):
    """What is wrong with a part of the request, to which a JSON pointer leads (RFC 6901)."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """Why a request is refused, in a sentence fit to be shown; `errors` where parts of what was sent are wrong."""

    title: str
    status: int
    detail: str
    errors: list[Wrong] = []


def mount(app: FastAPI) -> FastAPI:
    """The app, whose refusals are problems."""
    app.add_middleware(Problems)

    app.exception_handler(DeskError)(refused)

    @app.exception_handler(KnowledgeError)
    def unknown(asked: Request, error: KnowledgeError) -> JSONResponse:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, sentence(error, asked))

    @app.exception_handler(UnknownDocument)
    def absent(_: Request, error: UnknownDocument) -> JSONResponse:
        return problem(HTTPStatus.NOT_FOUND, str(error))

    @app.exception_handler(HTTPException)
    async def failed(asked: HTTPConnection, error: HTTPException) -> JSONResponse | None:
        if isinstance(asked, WebSocket):
            await shut(asked, error)
            return None
        return problem(error.status_code, error.detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def misread(_: Request, error: RequestValidationError) -> JSONResponse:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not as described in /docs.", error.errors())

    return app


class Problems:
    """Writes as a problem what is refused in another way, and what fails, which is logged and told without its trace.

    What no route of the API takes never reaches the pages, which would answer anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and a refusal back as a problem."""
        if scope["type"] != "http" or GRADIO in scope["path"]:
            await self.app(scope, receive, send)
            return
        begun = written = False

        async def translated(message: Message) -> None:
            nonlocal begun, written
            if message["type"] == "http.response.start" and foreign(message):
                written, begun = True, True
                kept = {name: value for name, value in Headers(raw=message["headers"]).items() if name in KEPT}
                status = HTTPStatus(message["status"])
                await problem(status, f"{status.description or status.phrase}.", headers=kept)(scope, receive, send)
            elif not written:
                begun = True
                await send(message)

        try:
            if refusal := astray(scope):
                await refusal(scope, receive, send)
            else:
                await self.app(scope, receive, translated)
        except ClientDisconnect:
            log.info("Somebody went away before all of their request had come.")
        except Exception:
            log.exception("A request failed.")
            if begun and not written:
                raise  # half an answer is cut off
            if not begun:
                failure = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed here; try again.")
                await failure(scope, receive, send)


def foreign(start: Message) -> bool:
    """Whether what begins is a refusal that is neither a problem nor a page."""
    media = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= HTTPStatus.BAD_REQUEST and not media.startswith((MEDIA, "text/html"))


def astray(scope: Scope) -> JSONResponse | None:
    """The refusal of a request for the API that none of its routes takes: 404, or 405 where it wants another method."""
    if not scope["path"].startswith("/api/"):
        return None
    methods: set[str] = set()
    for route in scope["app"].routes:
        if not str(getattr(route, "path", "")).startswith("/api/"):
            continue
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return None
        if match is Match.PARTIAL:
            methods |= set(getattr(route, "methods", ()))
    if methods:
        allow = ", ".join(sorted(methods))
        return problem(HTTPStatus.METHOD_NOT_ALLOWED, f"This path takes {allow}.", headers={"Allow": allow})
    return problem(HTTPStatus.NOT_FOUND, "There is nothing at this path; /docs says what there is.")


async def shut(socket: WebSocket, error: HTTPException) -> None:
    """Refuse a socket: with the code for it where it may come again (1013), as its other side reads no status."""
    if error.status_code in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        await socket.accept()
        await socket.close(WS_1013_TRY_AGAIN_LATER, error.detail)
    else:
        await socket.send_denial_response(problem(error.status_code, error.detail, headers=error.headers))


def refused(asked: HTTPConnection, error: DeskError) -> JSONResponse:
    """The answer where the desk refuses or fails."""
    return problem(STATUS[type(error)], sentence(error, asked))


def sentence(error: DeskError | KnowledgeError, asked: HTTPConnection) -> str:
    """What is said of an error; of what only who runs the server can mend, nobody but an admin reads more than that it
    failed, in their browser's language.
    """
    account: Account | None = getattr(asked.state, "account", None)
    if not isinstance(error, DeskUnavailable | KnowledgeError) or (account and account.role == "admin"):
        return str(error)
    log.error("%s", error)
    return phrase("failed", preferred(asked.headers.get("accept-language", "")))


def preferred(accepted: str) -> str:
    """The first language of a browser's (RFC 9110, section 12.5.4) that the product speaks; English where it speaks
    none.
    """
    tags = (each.partition(";")[0].strip() for each in accepted.split(","))
    return next((tag for each in tags for tag in (each, base(each)) if tag in languages()), "en")


def problem(
    status: int, detail: str, errors: Sequence[Any] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The answer to a request that is refused."""
    return JSONResponse(details(status, detail, errors), status, headers, media_type=MEDIA)


def details(status: int, detail: str, errors: Sequence[Any] = ()) -> dict[str, Any]:
    """An error as RFC 9457 writes it; each of `errors` points at the part of the request that is wrong."""
    body: dict[str, Any] = {"title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    if errors:
        body["errors"] = [
            {"pointer": f"#/{'/'.join(map(str, one['loc'][1:]))}", "detail": one["msg"]} for one in errors[:TOLD]
        ]
    return body
