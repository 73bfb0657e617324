"""Whose account it is: the pages of those who are signed in, on which they set their password, and one-time links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from time import monotonic
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from starlette.exceptions import HTTPException

from assistant.accounts import Account, AccountError, Accounts, LinkSpent, Role, Session
from assistant.accounts.passwords import LONGEST, SHORTEST
from assistant.accounts.store import NAMED, key
from assistant.channels.access import Pace, network, too_often
from assistant.channels.roles import cookie, rows, secure
from assistant.conversation import now
from assistant.desk import Desk

HERE = Path(__file__).parent / "accounts"
TEMPLATES = Environment(loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True)
FIELDS = 50
"""Fields that a form may have."""
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

Form = Mapping[str, str]


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
        return HTMLResponse(TEMPLATES.get_template(template).render(limits | shared | told), status)

    def signed(self, session: Session | None, request: Request, where: str) -> Response:
        """The way on, with a session of its own; the one that the browser came with is over.

        Who was disabled meanwhile has none, and is sent to the door.
        """
        if session is None:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
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

    def slow(self, request: Request, name: str) -> None:
        """Count one more guess of a password. Raises HTTPException where there were too many."""
        host, guessed = network(request), key(name)
        for kind, who in (("sign-in", host), ("account", f"{host} {guessed}"), ("name", guessed), ("sign-ins", "")):
            if wait := self.pace.wait(kind, who, monotonic()):
                raise too_often(wait, "That was tried too often:")


async def form(request: Request) -> Form:
    """What a form sent. Its size is limited where requests come in."""
    sent = (await request.body()).decode(errors="replace")
    try:
        return dict(parse_qsl(sent, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "That form has too many fields: load the page again.") from error


Wrote = Annotated[Form, Depends(form)]
"""What the form sent that a route is asked with."""


def mount(app: FastAPI, pages: Pages) -> FastAPI:
    """The app with the page of one's own account, and the one that a link opens."""
    accounts = pages.accounts
    style = (HERE / "accounts.css").read_bytes()

    @app.get("/accounts.css", include_in_schema=False)
    def css() -> Response:
        return Response(style, media_type="text/css", headers={"Cache-Control": KEPT})

    @app.get("/welcome/{token}", include_in_schema=False)
    def welcome(request: Request, token: str) -> Response:
        return invited(request, token)

    @app.post("/welcome/{token}", include_in_schema=False)
    def accept(request: Request, token: str, wrote: Wrote) -> Response:
        name, password = wrote.get("name", ""), wrote.get("password", "")
        try:
            account = accounts.accept(token, name, password)
        except LinkSpent:
            return invited(request, token)
        except AccountError as error:
            return invited(request, token, HTTPStatus.UNPROCESSABLE_ENTITY, error=str(error), name=name)
        return pages.signed(accounts.sign_in(account.name, password), request, way(account))

    def invited(request: Request, token: str, status: int = HTTPStatus.OK, **told: str) -> Response:
        try:
            invitation = accounts.invitation(token)
        except LinkSpent as error:
            return pages.draw("spent.html", request, HTTPStatus.GONE, error=str(error))
        return pages.draw("welcome.html", request, status, **{"name": invitation.name, **told}, invitation=invitation)

    @app.get("/account", include_in_schema=False)
    def own(request: Request, refused: bool = False) -> Response:
        why = "That page is not for your role: ask an admin, or go on with one of these." if refused else ""
        return pages.draw("account.html", request, error=why)

    @app.post("/account", include_in_schema=False)
    def change(request: Request, wrote: Wrote) -> Response:
        name = request.state.account.name
        try:
            pages.slow(request, name)
            accounts.change(name, wrote.get("present", ""), wrote.get("password", ""))
        except HTTPException as error:
            return pages.draw("account.html", request, error.status_code, wrong=error.detail)
        except AccountError as error:
            return pages.draw("account.html", request, HTTPStatus.UNPROCESSABLE_ENTITY, wrong=str(error))
        return pages.signed(accounts.sign_in(name, wrote["password"]), request, "/account")

    return app


def may(account: Account, path: str) -> bool:
    """Whether somebody may open a page."""
    return any(row.who is None or account.role in row.who for row in rows(path) if "GET" in row.methods)


def way(account: Account, wished: str = "") -> str:
    """Where somebody goes who has signed in: to the page that they came for, or else the first that is theirs."""
    return next(path for path in (wished, *PLACES) if path in PLACES and may(account, path))
