"""A person is erased by an admin: found by what they told of themselves, shown, and gone from every store."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, StringConstraints

from assistant.channels.accounts import Pages, Wrote
from assistant.uploads import Uploads

NOBODY = "Nobody told that, and no conversation has that id: write the whole address, number or id."

log = logging.getLogger(__name__)


class Person(BaseModel):
    """Who is to be erased: by an e-mail address, a telephone number, or a conversation's id."""

    person: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=256)]


def mount(app: FastAPI, pages: Pages, uploads: Uploads) -> FastAPI:
    """The app with the page on which admins erase a person, and the same for programs."""
    desk = pages.desk

    def erase(whose: Iterable[str], request: Request) -> list[str]:
        erased = []
        for one in filter(desk.knows, whose):
            for id in desk.forget(one):  # with its files at once: nothing leads to them any more
                uploads.forget(id)
                erased.append(id)
        desk.wipe()
        log.warning("%s erased %d conversations.", request.state.account.name, len(erased))
        return erased

    @app.get("/erase", include_in_schema=False)
    def ask(request: Request) -> Response:
        return pages.draw("erase.html", request, person="")

    @app.post("/erase", include_in_schema=False)
    def answer(request: Request, wrote: Wrote) -> Response:
        person = wrote.get("person", "").strip()
        ids = desk.whose(person)
        if not ids:
            return pages.draw("erase.html", request, HTTPStatus.NOT_FOUND, person=person, error=NOBODY)
        if wrote.get("do") == "erase":
            return pages.draw("erase.html", request, person="", erased=len(erase(ids, request)))
        return pages.draw("erase.html", request, person=person, found=[desk.past(id) for id in ids])

    @app.post("/api/v1/erasures")
    def erased(wanted: Person, request: Request) -> dict[str, Any]:
        """Erase a person: all conversations of every customer who told that address or number; the ids of those."""
        return {"erased": erase(desk.whose(wanted.person), request)}

    return app
