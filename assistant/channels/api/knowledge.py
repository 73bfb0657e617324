"""What editors do with the knowledge over HTTP: what there is, what it is split into, putting in and taking out.

Customers are answered all the while: the index changes as a whole, and a failure leaves it as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, replace
from functools import partial
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.channels.api.conversations import Accept, paged
from assistant.channels.api.examples import BYTES, ENTRY, PREVIEW, WATCHED
from assistant.channels.events import BEAT, HEARTBEAT, LOOK, Json, event, streamed, wanted
from assistant.channels.jobs import Job, Jobs
from assistant.uploads import named
from knowledge import Entry, FileRefused, Indexed, Library, Passage, Progress

DOCUMENTS = "/api/v1/knowledge/documents"
NAMED = 200
"""Bytes of a file's name; file systems take 255."""

Page = Annotated[int, Query(ge=0, le=10_000_000, description="Where the page begins.")]
Limit = Annotated[int, Query(ge=1, le=500)]


class Shelf(BaseModel):
    """A page of the documents, how many fit in all, and where the next page begins; null on the last."""

    model_config = {"json_schema_extra": {"examples": [{"documents": [ENTRY], "total": 1, "next": None}]}}
    documents: list[Entry]
    total: int
    next: int | None


class Preview(BaseModel):
    """A document and a page of its passages, as they are found and quoted; one with `flags` is quoted to nobody."""

    model_config = {"json_schema_extra": {"examples": [PREVIEW]}}
    document: str
    title: str
    passages: list[Passage]
    total: int
    next: int | None


def mount(app: FastAPI, library: Library, jobs: Jobs) -> FastAPI:
    """The app with the library in it."""

    @app.get(DOCUMENTS, response_model=Shelf)
    def documents(
        language: Annotated[str | None, Query(max_length=35, examples=["ta"])] = None,
        q: Annotated[str, Query(max_length=200, description="A part of the title or the file's name.")] = "",
        after: Page = 0,
        limit: Limit = 100,
    ) -> Json:
        """The documents, in the order of the index."""
        found = fitting(library.entries(), q, language)
        return {"documents": found[after : after + limit], **paged(len(found), after, limit)}

    @app.get(f"{DOCUMENTS}/{{id:path}}", response_model=Preview)
    def preview(id: str, after: Page = 0, limit: Limit = 100) -> Json:
        """What a document is split into."""
        document, passages = library.document(id)
        page = {"passages": passages[after : after + limit], **paged(len(passages), after, limit)}
        return {"document": document.id, "title": document.title, **page}

    @app.post(DOCUMENTS, status_code=HTTPStatus.ACCEPTED, response_model=Job, openapi_extra=BYTES)
    async def add(
        request: Request, name: Annotated[str, Query(min_length=1, max_length=300, examples=["திருப்பி அனுப்புதல்.md"])]
    ) -> Response:
        """A file, as the body, to be indexed; one that was sent under the same name gives way to it.

        What cannot be read is refused at once. Follow the job: its result names what is hostile in the file.
        """
        content, name = await request.body(), filed(name)
        try:
            await run_in_threadpool(library.check, name, content)
        except FileRefused as error:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from error
        return begun(jobs.begin(partial(put, name, content)))

    def put(name: str, content: bytes, progress: Progress) -> Indexed:
        indexed = library.add(name, content, progress)
        return replace(indexed, hostile=tuple(each for each in indexed.hostile if each.source == name))

    @app.delete(f"{DOCUMENTS}/{{id:path}}", status_code=HTTPStatus.NO_CONTENT)
    def remove(id: str) -> None:
        """Take a document out: with its file, where that was sent here; else until its file changes."""
        try:
            library.remove(id)
        except FileRefused as error:
            raise HTTPException(HTTPStatus.CONFLICT, str(error)) from error

    @app.post("/api/v1/knowledge/renewals", status_code=HTTPStatus.ACCEPTED, response_model=Job)
    def renew() -> Response:
        """Index anew what has changed of all files."""
        return begun(jobs.begin(library.renew))

    @app.get("/api/v1/knowledge/jobs/{id}", response_model=Job, responses=WATCHED)
    def job(id: str, accept: Accept = "") -> Response:
        """How far a job has come; as events, until it is over."""
        found = jobs.job(id)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no job {id!r}, or it was forgotten.")
        return streamed(watched(jobs, id)) if wanted(accept) else JSONResponse(asdict(found))

    return app


def fitting(entries: Iterable[Entry], q: str, language: str | None, *, flagged: bool = False) -> list[Entry]:
    """The documents whose title or file name holds `q`, of one language, and with something flagged, where wished."""
    sought = q.casefold()
    return [
        entry
        for entry in entries
        if language in (None, entry.language)
        and sought in f"{entry.title}\n{entry.source}".casefold()
        and (entry.flagged or entry.hidden or not flagged)
    ]


def filed(name: str) -> str:
    """A name without folders and unseen signs that a file system takes."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return named(name, suffix).encode()[-NAMED:].decode(errors="ignore") if suffix else "file"


def begun(job: Job) -> Response:
    """Where the job can be followed."""
    headers = {"Location": f"/api/v1/knowledge/jobs/{job.id}"}
    return JSONResponse(asdict(job), HTTPStatus.ACCEPTED, headers)


async def watched(jobs: Jobs, id: str) -> AsyncIterator[str]:
    """A job as events: `progress` whenever it has come further, `done` or `failed` at last."""
    seen, quiet = None, 0.0
    while (job := jobs.job(id)) is not None:
        over = job.state in ("done", "failed")
        if job != seen:
            seen, quiet = job, 0.0
            yield event(job.state if over else "progress", asdict(job))
        elif quiet > HEARTBEAT:
            quiet = 0.0
            yield BEAT
        if over:
            return
        await asyncio.sleep(LOOK)
        quiet += LOOK
