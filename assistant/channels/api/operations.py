"""What those who run the server ask: whether it is up, whether it is ready, and its figures."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI, Response
from prometheus_client import generate_latest
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from assistant.assistant import Assistant
from assistant.channels import metrics
from assistant.desk import Desk, DeskError
from knowledge import KnowledgeError

log = logging.getLogger(__name__)

TEXT = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus's exposition format: https://prometheus.io/docs/instrumenting/exposition_formats/."""
FIGURES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The figures in Prometheus's text format.",
        "content": {
            "text/plain": {
                "schema": {"type": "string"},
                "example": 'sevai_replies_total{action="answer",language="ta"} 41.0\n',
            }
        },
    }
}
UNREADY: dict[int | str, dict[str, Any]] = {503: {"description": "What is not ready, in a sentence."}}


class Health(BaseModel):
    """That the server is up, and how many passages it knows."""

    status: Literal["ok"]
    passages: int


class Ready(BaseModel):
    """That customers can be sent here."""

    status: Literal["ready"]


def mount(app: FastAPI, assistant: Assistant, desk: Desk) -> FastAPI:
    """The app with what runs it in it."""
    registry = metrics.exposed(assistant, desk)

    @app.get("/health")
    def health() -> Health:
        """Whether the service is up, and how much it knows."""
        return Health(status="ok", passages=len(assistant.retriever))

    @app.get("/ready", response_model=Ready, responses=UNREADY)
    def ready() -> Ready:
        """Whether the index is open and the desk's database can be written; 503 where one is not."""
        try:
            assistant.retriever.snapshot()
            desk.ensure_writable()
        except (KnowledgeError, DeskError) as error:
            log.error("Not ready: %s", error)  # where things lie is nobody else's business
            what = "database of the desk" if isinstance(error, DeskError) else "index"
            why = f"The {what} is not to be had; the server's log says why."
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, why) from error
        return Ready(status="ready")

    @app.get("/metrics", response_class=Response, responses=FIGURES)
    def figures() -> Response:
        """The figures, for Prometheus."""
        return Response(generate_latest(registry), media_type=TEXT)

    return app
