"""The people who may sign in: the page on which admins invite them, give them roles, and disable them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, get_args

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from assistant.accounts import Account, AccountError, Role
from assistant.channels.accounts import Form, Pages, Wrote, may
from assistant.desk import Desk

log = logging.getLogger(__name__)


def mount(app: FastAPI, pages: Pages) -> FastAPI:
    """The app with the page of people."""

    @app.get("/people", include_in_schema=False)
    def people(request: Request) -> Response:
        return listed(request)

    @app.post("/people", include_in_schema=False)
    def rule(request: Request, wrote: Wrote) -> Response:
        deed = DEEDS.get(wrote.get("do", ""))
        try:
            if deed is None:
                raise AccountError("This form is not as it was sent to you: load the page again.")
            token = deed(pages, wrote, request.state.account)
        except AccountError as error:
            return listed(request, HTTPStatus.UNPROCESSABLE_ENTITY, error=str(error), wrote=wrote)
        log.warning("%s: %s %s", request.state.account.name, wrote["do"], wrote.get("name", ""))
        if not token:
            return RedirectResponse("/people", HTTPStatus.SEE_OTHER)
        return listed(request, link=f"{request.base_url}welcome/{token}", whose=wrote["name"])

    def listed(request: Request, status: int = HTTPStatus.OK, **told: Any) -> Response:
        everybody = {"people": pages.accounts.accounts(), "invitations": pages.accounts.invitations()}
        return pages.draw("people.html", request, status, **everybody | told)

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
