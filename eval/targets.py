"""What can be asked: the assistant in this process, one behind HTTP, any callable, or replies recorded earlier."""

from __future__ import annotations

import importlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from assistant.assistant import Assistant
from assistant.confidence import Calibration, CalibrationRefused
from assistant.conversation import Conversation
from eval.outcomes import Outcome
from eval.schema import REPLY, wrong
from eval.suite import Case
from knowledge import Retriever

ASSISTANT = "assistant"
ASK = "/api/v1/ask"
PATIENCE = 60.0
"""Seconds that one reply over HTTP may take."""

Ask = Callable[[Case], Mapping[str, Any]]
"""A case in, a reply as JSON out."""


class TargetError(Exception):
    """A target cannot be asked at all; the text says what to do."""


class Target(Protocol):
    """Anything that can be evaluated."""

    def answer(self, case: Case) -> Outcome:
        """What it does with a case; a crash is an outcome, too."""
        ...


def open_target(spec: str, index: Path | None = None, calibration: Path | None = None) -> Target:
    """The target that `spec` names, see TARGETS; `index` is what the assistant in this process searches, and
    `calibration` what it judges its confidence by, where that is not the shipped one.

    Raises TargetError where nothing can be asked under that name.
    """
    for pattern, maker in TARGETS.items():
        if re.fullmatch(pattern, spec):
            return maker(spec, index, calibration)
    raise TargetError(
        f"Nothing can be asked as {spec!r}: name {ASSISTANT}, http://HOST:PORT, MODULE:FUNCTION or FILE.jsonl."
    )


@dataclass(frozen=True, slots=True)
class Timed:
    """A target that is asked now, and whose time is taken."""

    ask: Ask

    def answer(self, case: Case) -> Outcome:
        """Ask; whatever is raised becomes the outcome's error."""
        start = time.perf_counter()
        try:
            reply = self.ask(case)
        except Exception as error:  # a crash of one case is a row in the report, not the end of the run
            return Outcome.crashed(case, f"{type(error).__name__}: {error}")
        return _checked(case, reply, (time.perf_counter() - start) * 1000)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Replies that were given earlier, by the id of their case; their time is what they say it was."""

    replies: Mapping[str, Mapping[str, Any]]

    def answer(self, case: Case) -> Outcome:
        """Look the reply up; a case without one has crashed."""
        if case.id not in self.replies:
            return Outcome.crashed(case, "no reply is recorded for this case")
        reply = self.replies[case.id]
        spent = reply.get("milliseconds")
        return _checked(case, reply, sum(spent.values()) if isinstance(spent, Mapping) else spent)


def _checked(case: Case, reply: Mapping[str, Any], milliseconds: float | None) -> Outcome:
    """The outcome of a reply, or that of a crash where the reply is not one."""
    if problem := next(wrong(reply, REPLY), None):
        return Outcome.crashed(case, f"its reply is refused: {problem}", milliseconds)
    return Outcome.of(case, reply, milliseconds)


def _assistant(_: str, index: Path | None, calibration: Path | None) -> Target:
    if index is None:
        raise TargetError(
            "The assistant in this process has no documents to answer from: name their language or an index."
        )
    try:
        assistant = Assistant(Retriever.open(index), calibration=Calibration.load(calibration) if calibration else None)
    except CalibrationRefused as error:
        raise TargetError(str(error)) from error

    def ask(case: Case) -> Mapping[str, Any]:
        return assistant.reply(case.question, Conversation(case.id, case.history)).json()

    return Timed(ask)


def _http(url: str, *_: Path | None) -> Target:
    address = httpx.URL(url)
    client = httpx.Client(timeout=PATIENCE)
    address = address if address.path.strip("/") else address.copy_with(path=ASK)
    try:
        client.get(address.copy_with(path="/health"))
    except httpx.TransportError as error:
        raise TargetError(f"Nothing answers at {url} ({error}): start it, or name another address.") from error

    def ask(case: Case) -> Mapping[str, Any]:
        body = {"question": case.question, "history": _history(case), "channel": case.channel}
        response = client.post(address, json=body)
        response.raise_for_status()
        reply: Mapping[str, Any] = response.json()
        return reply

    return Timed(ask)


def _function(spec: str, *_: Path | None) -> Target:
    module, name = spec.rsplit(":", 1)
    try:
        function = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise TargetError(
            f"There is no function {name} in a module {module} that can be imported here ({error})."
        ) from error

    def ask(case: Case) -> Mapping[str, Any]:
        reply = function(case.question, _history(case))
        return {"answer": reply} if isinstance(reply, str) else reply

    return Timed(ask)


def _recorded(spec: str, *_: Path | None) -> Target:
    replies: dict[str, Mapping[str, Any]] = {}
    try:
        lines = Path(spec).read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise TargetError(f"The replies in {spec} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            id = record["id"]
        except (ValueError, KeyError, TypeError):
            raise TargetError(f"{spec} line {number} is no reply: each line is a JSON object with an id.") from None
        if id in replies:
            raise TargetError(f"{spec} line {number} answers {id!r} a second time; each id has one reply.")
        replies[id] = record
    return Recorded(replies)


def _history(case: Case) -> list[dict[str, str]]:
    return [{"speaker": turn.speaker, "text": turn.text} for turn in case.history]


TARGETS: Mapping[str, Callable[[str, Path | None, Path | None], Target]] = {
    ASSISTANT: _assistant,
    r"https?://.+": _http,
    r".+\.jsonl": _recorded,
    r"[\w.]+:\w+": _function,
}
"""How a target is made, by what its name looks like; the first that matches."""
