"""Signing in and out: pages without a script, and the same for programs."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, StringConstraints
from starlette.exceptions import HTTPException

from assistant.accounts import Session
from assistant.accounts.passwords import LONGEST
from assistant.channels.access import network
from assistant.channels.accounts import Pages, Wrote, way
from assistant.channels.roles import cookie, secure

WRONG = "The name or the password is wrong: try again, or ask an admin for a new link."

log = logging.getLogger(__name__)

Word = Annotated[str, StringConstraints(min_length=1, max_length=4 * LONGEST)]


class Named(BaseModel):
    """Who signs in."""

    name: Word
    password: Word


def mount(app: FastAPI, pages: Pages) -> FastAPI:
    """The app with the page on which people sign in, and sessions for programs."""

    @app.get("/sign-in", include_in_schema=False)
    def door(request: Request, next: str = "") -> Response:
        if request.state.account:
            return RedirectResponse(way(request.state.account, next), HTTPStatus.SEE_OTHER)
        return pages.draw("sign_in.html", request, next=next, name="")

    @app.post("/sign-in", include_in_schema=False)
    def enter(request: Request, wrote: Wrote, next: str = "") -> Response:
        name = wrote.get("name", "")
        try:
            session = checked(pages, request, name, wrote.get("password", ""))
        except HTTPException as error:
            shown = pages.draw("sign_in.html", request, error.status_code, next=next, name=name, error=error.detail)
            shown.headers.update(error.headers or {})
            return shown
        return pages.signed(session, request, way(session.account, next))

    @app.post("/sign-out", include_in_schema=False)
    def leave(request: Request) -> Response:
        pages.accounts.sign_out(request.state.session.token)
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        response.delete_cookie(cookie(request), secure=secure(request), httponly=True, samesite="lax")
        return response

    @app.post("/api/v1/session", status_code=HTTPStatus.CREATED)
    def begin(named: Named, request: Request) -> dict[str, Any]:
        """Sign in: the token that a program sends as `Authorization: Bearer` from now on, and until when it may."""
        session = checked(pages, request, named.name, named.password)
        return {"token": session.token, **described(session)}

    @app.get("/api/v1/session")
    def who(request: Request) -> dict[str, Any]:
        """Who is signed in, with which role, and until when at most."""
        return described(request.state.session)

    @app.delete("/api/v1/session", status_code=HTTPStatus.NO_CONTENT)
    def end(request: Request) -> None:
        """Sign out: the token opens nothing any more."""
        pages.accounts.sign_out(request.state.session.token)

    return app


def checked(pages: Pages, request: Request, name: str, password: str) -> Session:
    """A session. Raises HTTPException: 429 where that was tried too often, 401 where it is wrong."""
    pages.slow(request, name)
    session = pages.accounts.sign_in(name, password)
    if session is None:
        log.warning("A sign-in from %s was refused.", network(request))
        raise HTTPException(HTTPStatus.UNAUTHORIZED, WRONG, {"WWW-Authenticate": "Bearer"})
    return session


def described(session: Session) -> dict[str, Any]:
    """A session, without what opens it."""
    return {"name": session.account.name, "role": session.account.role, "expires": session.expires}
