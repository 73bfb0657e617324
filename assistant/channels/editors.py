"""The editors' page: what is known, what each document is split into, putting files in, taking documents out.

It works without a script, but for sending files: those go to the API, which the page's own script asks.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse

from assistant.channels import html
from assistant.channels.access import LARGER
from assistant.channels.accounts import HERE, KEPT, Pages, Wrote
from assistant.channels.api.knowledge import Page, fitting
from assistant.channels.jobs import Jobs
from knowledge import FileRefused, Library, UnknownDocument, english_name

PLACE = "/knowledge"
SHOWN = 50
"""Documents of the list, and passages of a document, that stand on a page."""

log = logging.getLogger(__name__)


def mount(app: FastAPI, pages: Pages, library: Library, jobs: Jobs) -> FastAPI:
    """The app with the editors' page; the jobs are those of the API."""
    script = (HERE / "knowledge.js").read_bytes()

    @app.get("/knowledge.js", include_in_schema=False)
    def js() -> Response:
        return Response(script, media_type="text/javascript", headers={"Cache-Control": KEPT})

    @app.get(PLACE, include_in_schema=False)
    def listed(
        request: Request, q: str = "", language: str = "", flagged: str = "", after: Page = 0, job: str = ""
    ) -> Response:
        entries, wished = library.entries(), {"q": q, "language": language, "flagged": flagged}
        found = fitting(entries, q.strip(), language or None, flagged=bool(flagged))
        return pages.draw(
            "knowledge.html",
            request,
            documents=found[after : after + SHOWN],
            found=len(found),
            all=len(entries),
            passages=sum(entry.passages for entry in entries),
            flags=any(entry.flagged or entry.hidden for entry in entries),
            languages={tag: english_name(tag) for tag in sorted({entry.language for entry in entries})},
            wished=wished,
            pages=turned(wished, after, len(found)),
            job=jobs.job(job),
            megabytes=LARGER["/knowledge/documents"] // 2**20,
        )

    @app.get(f"{PLACE}/document", include_in_schema=False)
    def opened(request: Request, id: str, after: Page = 0) -> Response:
        return split(request, id, after)

    def split(request: Request, id: str, after: int = 0, status: int = HTTPStatus.OK, error: str = "") -> Response:
        try:
            document, passages = library.document(id)
        except UnknownDocument as unknown:
            return pages.draw("document.html", request, HTTPStatus.NOT_FOUND, document=None, error=str(unknown))
        return pages.draw(
            "document.html",
            request,
            status,
            error=error,
            document=document,
            passages=passages[after : after + SHOWN],
            total=len(passages),
            flags=sum(bool(passage.flags) for passage in passages),
            pages=turned({"id": id}, after, len(passages)),
            written=html.written,
            name=english_name(document.language),
        )

    @app.post(PLACE, include_in_schema=False)
    def change(request: Request, wrote: Wrote) -> Response:
        if wrote.get("do") == "renew":
            job = jobs.begin(library.renew)
            return RedirectResponse(f"{PLACE}?job={job.id}", HTTPStatus.SEE_OTHER)
        id = wrote.get("id", "")
        try:
            library.remove(id)
        except (UnknownDocument, FileRefused) as error:
            return split(request, id, status=HTTPStatus.CONFLICT, error=str(error))
        log.warning("%s took %r out of the knowledge.", request.state.account.name, id)
        return RedirectResponse(PLACE, HTTPStatus.SEE_OTHER)

    return app


def turned(wished: dict[str, str], after: int, total: int) -> dict[str, str]:
    """The ways to the page before and the one behind, as far as there are any."""
    ways = {
        "Earlier": max(0, after - SHOWN) if after else None,
        "More": after + SHOWN if after + SHOWN < total else None,
    }
    kept = {name: value for name, value in wished.items() if value}
    return {name: f"?{urlencode(kept | {'after': str(at)})}" for name, at in ways.items() if at is not None}
