"""Signing in and out, one-time links, and the people who may: pages without a script, and the same for programs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from pydantic import BaseModel, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.accounts import Account, AccountError, Accounts, LinkSpent, Role, Session
from assistant.accounts.passwords import LONGEST, SHORTEST
from assistant.accounts.store import NAMED, key
from assistant.channels.access import Pace, network, too_often
from assistant.channels.roles import cookie, rows, secure
from assistant.conversation import now
from assistant.desk import Desk

HERE = Path(__file__).parent / "accounts"
PAGES = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True)
KEPT = "public, max-age=300"
"""How long browsers keep the style sheet."""
ROLES: dict[Role, str] = {
    "agent": "Agent: talks with customers at the desk",
    "editor": "Editor: keeps the knowledge",
    "quality": "Quality: judges the answers",
    "admin": "Admin: may do everything here, and invites the others",
}
"""What people read of each role."""
PLACES = {
    "/desk/": "Desk",
    "/knowledge": "Knowledge",
    "/quality": "Quality",
    "/people": "People",
    "/erase": "Erase",
    "/account": "Your account",
}
"""The pages for those who are signed in; who may open which stands in the table of roles."""
WRONG = "The name or the password is wrong: try again, or ask an admin for a new link."

log = logging.getLogger(__name__)

Form = Mapping[str, str]
Word = Annotated[str, StringConstraints(min_length=1, max_length=4 * LONGEST)]


class Named(BaseModel):
    """Who signs in."""

    name: Word
    password: Word


@dataclass(frozen=True)
class Pages:
    """The pages, for the company whose name stands on them."""

    accounts: Accounts
    desk: Desk
    company: str = "Sevai"
    pace: Pace = field(default_factory=Pace)

    def draw(self, template: str, request: Request, status: int = HTTPStatus.OK, **told: Any) -> HTMLResponse:
        """A page, with what whoever is signed in may open on top."""
        account: Account | None = request.state.account
        places = {path: place for path, place in PLACES.items() if account and may(account, path)}
        shared = {"company": self.company, "account": account, "places": places, "here": request.url.path}
        limits = {"shortest": SHORTEST, "longest": LONGEST, "named": NAMED, "roles": ROLES}
        return HTMLResponse(PAGES.get_template(template).render(limits | shared | told), status)

    def signed(self, session: Session, request: Request, where: str) -> Response:
        """The way on, with a session of its own; the one that the browser came with is over."""
        if request.state.session:
            self.accounts.sign_out(request.state.session.token)
        response = RedirectResponse(where, HTTPStatus.SEE_OTHER)
        response.set_cookie(
            cookie(request),
            session.token,
            max_age=int((session.expires - now()).total_seconds()),
            httponly=True,
            samesite="lax",
            secure=secure(request),
        )
        return response

    def sign_in(self, request: Request, name: str, password: str) -> Session:
        """A session. Raises HTTPException: 429 where that was tried too often, 401 where it is wrong."""
        self.slow(request, name)
        session = self.accounts.sign_in(name, password)
        if session is None:
            log.warning("A sign-in from %s was refused.", network(request))
            raise HTTPException(HTTPStatus.UNAUTHORIZED, WRONG, {"WWW-Authenticate": "Bearer"})
        return session

    def slow(self, request: Request, name: str) -> None:
        """Count one more guess of a password. Raises HTTPException where there were too many."""
        host, guessed = network(request), key(name)
        for kind, who in (("sign-in", host), ("account", f"{host} {guessed}"), ("name", guessed), ("sign-ins", "")):
            if wait := self.pace.wait(kind, who, monotonic()):
                raise too_often(wait, "That was tried too often:")

    def people(self, request: Request, status: int = HTTPStatus.OK, **told: Any) -> Response:
        """The page of people."""
        listed = {"people": self.accounts.accounts(), "invitations": self.accounts.invitations()}
        return self.draw("people.html", request, status, **listed | told)


def mount(app: FastAPI, pages: Pages) -> FastAPI:
    """The app with the pages on which people sign in and admins invite them, and sessions for programs."""
    accounts = pages.accounts
    style = (HERE / "accounts.css").read_bytes()

    @app.get("/accounts.css", include_in_schema=False)
    def css() -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": KEPT})

    @app.get("/sign-in", include_in_schema=False)
    def door(request: Request, next: str = "") -> Response:
        if request.state.account:
            return RedirectResponse(way(request.state.account, next), HTTPStatus.SEE_OTHER)
        return pages.draw("sign_in.html", request, next=next, name="")

    @app.post("/sign-in", include_in_schema=False)
    async def enter(request: Request, next: str = "") -> Response:
        wrote = await form(request)
        return await run_in_threadpool(entered, request, wrote, next)

    def entered(request: Request, wrote: Form, next: str) -> Response:
        name = wrote.get("name", "")
        try:
            session = pages.sign_in(request, name, wrote.get("password", ""))
        except HTTPException as error:
            shown = pages.draw("sign_in.html", request, error.status_code, next=next, name=name, error=error.detail)
            shown.headers.update(error.headers or {})
            return shown
        return pages.signed(session, request, way(session.account, next))

    @app.post("/sign-out", include_in_schema=False)
    def leave(request: Request) -> Response:
        accounts.sign_out(request.state.session.token)
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        response.delete_cookie(cookie(request), secure=secure(request), httponly=True, samesite="lax")
        return response

    @app.get("/welcome/{token}", include_in_schema=False)
    def welcome(request: Request, token: str) -> Response:
        return invited(request, token)

    @app.post("/welcome/{token}", include_in_schema=False)
    async def chosen(request: Request, token: str) -> Response:
        wrote = await form(request)
        return await run_in_threadpool(accepted, request, token, wrote)

    def invited(request: Request, token: str, status: int = HTTPStatus.OK, **told: str) -> Response:
        try:
            invitation = accounts.invitation(token)
        except LinkSpent as error:
            return pages.draw("spent.html", request, HTTPStatus.GONE, error=str(error))
        return pages.draw("welcome.html", request, status, **{"name": invitation.name, **told}, invitation=invitation)

    def accepted(request: Request, token: str, wrote: Form) -> Response:
        name, password = wrote.get("name", ""), wrote.get("password", "")
        try:
            account = accounts.accept(token, name, password)
        except LinkSpent:
            return invited(request, token)
        except AccountError as error:
            return invited(request, token, HTTPStatus.UNPROCESSABLE_ENTITY, error=str(error), name=name)
        session = accounts.sign_in(account.name, password)
        if session is None:  # disabled meanwhile
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        return pages.signed(session, request, way(account))

    @app.get("/account", include_in_schema=False)
    def own(request: Request, refused: bool = False) -> Response:
        why = "That page is not for your role: ask an admin, or go on with one of these." if refused else ""
        return pages.draw("account.html", request, error=why)

    @app.post("/account", include_in_schema=False)
    async def change(request: Request) -> Response:
        wrote = await form(request)
        return await run_in_threadpool(changed, request, wrote)

    def changed(request: Request, wrote: Form) -> Response:
        name = request.state.account.name
        try:
            pages.slow(request, name)
            accounts.change(name, wrote.get("present", ""), wrote.get("password", ""))
        except HTTPException as error:
            return pages.draw("account.html", request, error.status_code, wrong=error.detail)
        except AccountError as error:
            return pages.draw("account.html", request, HTTPStatus.UNPROCESSABLE_ENTITY, wrong=str(error))
        session = accounts.sign_in(name, wrote["password"])
        if session is None:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        return pages.signed(session, request, "/account")

    @app.get("/people", include_in_schema=False)
    def people(request: Request) -> Response:
        return pages.people(request)

    @app.post("/people", include_in_schema=False)
    async def rule(request: Request) -> Response:
        wrote = await form(request)
        return await run_in_threadpool(ruled, request, wrote)

    def ruled(request: Request, wrote: Form) -> Response:
        deed = DEEDS.get(wrote.get("do", ""))
        try:
            if deed is None:
                raise AccountError("This form is not as it was sent to you: load the page again.")
            token = deed(pages, wrote, request.state.account)
        except AccountError as error:
            return pages.people(request, HTTPStatus.UNPROCESSABLE_ENTITY, error=str(error), wrote=wrote)
        log.warning("%s: %s %s", request.state.account.name, wrote["do"], wrote.get("name", ""))
        if not token:
            return RedirectResponse("/people", HTTPStatus.SEE_OTHER)
        return pages.people(request, link=f"{request.base_url}welcome/{token}", whose=wrote["name"])

    @app.post("/api/v1/session", status_code=HTTPStatus.CREATED)
    def begin(named: Named, request: Request) -> dict[str, Any]:
        """Sign in: the token that a program sends as `Authorization: Bearer` from now on, and until when it may."""
        session = pages.sign_in(request, named.name, named.password)
        return {"token": session.token, **told(session)}

    @app.get("/api/v1/session")
    def who(request: Request) -> dict[str, Any]:
        """Who is signed in, with which role, and until when at most."""
        return told(request.state.session)

    @app.delete("/api/v1/session", status_code=HTTPStatus.NO_CONTENT)
    def end(request: Request) -> None:
        """Sign out: the token opens nothing any more."""
        accounts.sign_out(request.state.session.token)

    return app


def assign(pages: Pages, wrote: Form, _: Account) -> None:
    """Give somebody another role; where the desk is not for it, what they have goes back into the queue."""
    name = wrote.get("name", "")
    pages.accounts.assign(name, role(wrote))
    if not may(pages.accounts.account(name), "/desk/"):
        release(pages.desk, pages.accounts.account(name).name)


def disable(pages: Pages, wrote: Form, _: Account) -> None:
    """Let somebody sign in no more; what they have goes back into the queue."""
    name = wrote.get("name", "")
    pages.accounts.disable(name)
    release(pages.desk, pages.accounts.account(name).name)


def release(desk: Desk, agent: str) -> None:
    """Put every conversation of an agent back into the queue, where it was."""
    for ticket in desk.mine(agent):
        desk.release(ticket.conversation, agent)


DEEDS: Mapping[str, Callable[[Pages, Form, Account], str | None]] = {
    "invite": lambda pages, wrote, by: pages.accounts.invite(role(wrote), wrote.get("name", ""), by),
    "reset": lambda pages, wrote, by: pages.accounts.reset(wrote.get("name", ""), by),
    "withdraw": lambda pages, wrote, _: pages.accounts.withdraw(wrote.get("id", "")),
    "assign": assign,
    "disable": disable,
    "enable": lambda pages, wrote, _: pages.accounts.enable(wrote.get("name", "")),
}
"""What an admin does; where that makes a link, its token."""


def role(wrote: Form) -> Role:
    """The role that was chosen in a form. Raises AccountError."""
    for each in get_args(Role):
        if wrote.get("role") == each:
            return each  # type: ignore[no-any-return]
    raise AccountError(f"Choose a role: {', '.join(get_args(Role))}.")


async def form(request: Request) -> Form:
    """What a form sent. Its size is limited where requests come in."""
    return dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))


def may(account: Account, path: str) -> bool:
    """Whether somebody may open a page."""
    return any(row.who is None or account.role in row.who for row in rows(path) if "GET" in row.methods)


def way(account: Account, wished: str = "") -> str:
    """Where somebody goes who has signed in: to the page that they came for, or else the first that is theirs."""
    return next(path for path in (wished, *PLACES) if path in PLACES and may(account, path))


def told(session: Session) -> dict[str, Any]:
    """A session, without what opens it."""
    return {"name": session.account.name, "role": session.account.role, "expires": session.expires}
