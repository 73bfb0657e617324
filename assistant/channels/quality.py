"""The page of those who judge the answers: the runs of evaluation that are finished, one of them, or two side by side.

It reads what `python -m eval run` has written, and starts nothing. A report is a page of its own: its scripts are known
by their hashes, and it is shut off from this server, as what it quotes was written by anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from assistant.channels.accounts import Pages
from assistant.channels.roles import hashes

REPORT = "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src{}; frame-ancestors 'none'"
"""What a report may do: filter its own cases."""


class RunRefused(Exception):
    """A run cannot be shown, or not beside the other one; its text is one sentence, fit to be shown to a person."""


@dataclass(frozen=True)
class Runs:
    """The runs that can be shown: the suite of each finished one, the newest first, and the report of one as a page,
    with what changed since those behind it. `report` raises RunRefused.
    """

    suites: Callable[[], dict[str, str]]
    report: Callable[[list[str]], str]


def mount(app: FastAPI, pages: Pages, runs: Runs) -> FastAPI:
    """The app with the page of runs."""
    one = Lock()  # to draw a report takes seconds of a processor, which customers wait for, too

    def listed(request: Request, status: int = HTTPStatus.OK, **told: str) -> Response:
        suites = runs.suites()
        grouped = {suite: [run for run in suites if suites[run] == suite] for suite in sorted(set(suites.values()))}
        return pages.draw("quality.html", request, status, **{"run": "", "before": "", **told}, suites=grouped)

    @app.get("/quality", include_in_schema=False)
    def choose(request: Request) -> Response:
        return listed(request)

    @app.get("/quality/report", include_in_schema=False)
    def shown(request: Request, run: str = "", before: str = "") -> Response:
        chosen = [run, before] if before not in ("", run) else [run]
        if not set(chosen) <= runs.suites().keys():
            return listed(request, HTTPStatus.NOT_FOUND, error="There is no such run any more: choose one of these.")
        try:
            with one:
                report = runs.report(chosen)
        except RunRefused as error:
            return listed(request, HTTPStatus.CONFLICT, error=str(error), run=run, before=before)
        policy = REPORT.format(hashes(report.encode()))
        return HTMLResponse(report, headers={"Content-Security-Policy": policy})

    return app
