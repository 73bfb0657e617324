"""Long work that is done behind a request: one job after another, each with how far it has come."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Literal

from knowledge import Indexed, KnowledgeError, Progress

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "failed"]
Work = Callable[[Progress], Indexed]
REMEMBERED = 200
"""Jobs that can be asked for; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Job:
    """How far a piece of work has come: `done` of `total` files, the `name` of the one in hand.

    Done, it has a `result`; failed, a sentence that says why.
    """

    id: str
    state: State = "waiting"
    done: int = 0
    total: int = 0
    name: str = ""
    result: Indexed | None = None
    problem: str = ""


class Jobs:
    """Jobs in the order in which they were begun; a server that ends finishes the one in hand."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "job")
        self._jobs: dict[str, Job] = {}
        self._lock = Lock()

    def begin(self, work: Work) -> Job:
        """Have the work done as soon as those before it are."""
        job = Job(secrets.token_hex(8))
        with self._lock:
            self._jobs[job.id] = job
            while len(self._jobs) > REMEMBERED:
                del self._jobs[next(iter(self._jobs))]
        self._pool.submit(self._do, job.id, work)
        return job

    def job(self, id: str) -> Job | None:
        """How far it has come; None where there is none of that id."""
        return self._jobs.get(id)

    def _do(self, id: str, work: Work) -> None:
        self._note(id, state="running")
        try:
            result = work(lambda done, total, name: self._note(id, done=done, total=total, name=name))
            self._note(id, state="done", result=result)
        except (KnowledgeError, OSError) as error:
            self._note(id, state="failed", problem=str(error))
        except Exception:
            log.exception("A job failed.")
            self._note(id, state="failed", problem="Something failed here; try again.")

    def _note(self, id: str, **changes: Any) -> None:
        with self._lock:
            if id in self._jobs:
                self._jobs[id] = replace(self._jobs[id], **changes)
