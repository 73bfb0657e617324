"""What can be asked: the assistant in this process, one behind HTTP, any callable, or replies recorded earlier."""

from __future__ import annotations

import importlib
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from assistant.assistant import Assistant
from assistant.confidence import Calibration, CalibrationRefused
from assistant.conversation import Conversation
from assistant.heard import Heard
from eval import EvaluationError
from eval.outcomes import Outcome
from eval.schema import RECORDED, REPLY, wrong
from eval.suite import Case, lines
from eval.written import unsupported
from knowledge import Retriever

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

ASSISTANT = "assistant"
ASK = "/api/v1/ask"
PATIENCE = 60.0
"""Seconds that one reply over HTTP may take."""

Ask = Callable[[Case], Any]
"""A case in, a reply as JSON out."""


class TargetError(EvaluationError):
    """A target cannot be asked at all; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Anything that can be evaluated; where it was `recorded` earlier, a reply's time is what it says it was.

    `knowledge` is what it answers from, where that is here: what it writes is held against it.
    """

    ask: Ask
    recorded: bool = False
    knowledge: Retriever | None = None

    def answer(self, case: Case) -> Outcome:
        """What it does with a case; whatever is raised, and a reply that is none, is an outcome's error."""
        start = time.perf_counter()
        try:
            reply = self.ask(case)
        except Exception as error:  # a crash of one case is a row in the report, not the end of the run
            return Outcome.crashed(case, f"{type(error).__name__}: {error}")
        milliseconds = (time.perf_counter() - start) * 1000
        if problem := next(wrong(reply, REPLY), None) or _unwritable(reply):
            return Outcome.crashed(case, f"its reply is refused: {problem}", milliseconds)
        spent = reply.get("milliseconds")
        told = sum(spent.values()) if isinstance(spent, Mapping) else spent
        outcome = Outcome.of(case, reply, told if self.recorded else milliseconds)
        return replace(outcome, unsupported=unsupported(reply, self.knowledge)) if self.knowledge else outcome


def _unwritable(reply: Mapping[str, Any]) -> str | None:
    """Why no file of outcomes can hold a reply, or None."""
    try:
        json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        return f"it is no valid JSON in UTF-8 ({type(error).__name__})"
    return None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the assistant in this process is made of: the folder of an index, the file of a calibration where that is
    not the shipped one, and the name of the chat model that writes its answers, if any.
    """

    index: Path | None = None
    calibration: Path | None = None
    model: str | None = None


def open_target(spec: str, parts: Parts = Parts()) -> Target:
    """The target that `spec` names, see TARGETS.

    Raises TargetError where nothing can be asked under that name.
    """
    for pattern, maker in TARGETS.items():
        if re.fullmatch(pattern, spec):
            return maker(spec, parts)
    raise TargetError(
        f"Nothing can be asked as {spec!r}: name {ASSISTANT}, http://HOST:PORT, MODULE:FUNCTION or FILE.jsonl."
    )


def _assistant(_: str, parts: Parts) -> Target:
    if parts.index is None:
        raise TargetError(
            "The assistant in this process has no documents to answer from: name their language or an index."
        )
    retriever, model = Retriever.open(parts.index), _model(parts.model) if parts.model else None
    try:
        calibration = Calibration.load(parts.calibration) if parts.calibration else None
    except CalibrationRefused as error:
        raise TargetError(str(error)) from error
    assistant = Assistant(retriever, calibration=calibration, model=model)

    def ask(case: Case) -> Mapping[str, Any]:
        heard = Heard(case.question, alternatives=case.alternatives) if case.channel == "voice" else None
        conversation = Conversation(case.id, case.history, channel=case.channel)
        return assistant.reply(case.question, conversation, heard=heard).json()

    return Target(ask, knowledge=retriever)


def _model(name: str) -> BaseChatModel:
    from assistant.models import ModelRefused, open_model  # here, as they load langchain

    try:
        return open_model(name)
    except ModelRefused as error:
        raise TargetError(str(error)) from error


def _http(url: str, _: Parts) -> Target:
    client = httpx.Client(timeout=PATIENCE)
    try:
        address = httpx.URL(url)
        client.get(address.copy_with(path="/health"))
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise TargetError(f"Nothing answers at {url} ({error}): start it, or name another address.") from error

    address = address if address.path.strip("/") else address.copy_with(path=ASK)

    def ask(case: Case) -> Any:
        body = {"question": case.question, "history": _history(case), "channel": case.channel}
        if case.alternatives and case.channel == "voice":
            body["alternatives"] = list(case.alternatives)
        response = client.post(address, json=body)
        response.raise_for_status()
        try:
            return response.json()
        except ValueError:  # a page of a proxy, say; it is shown in the outcome's error
            return response.text

    return Target(ask)


def _function(spec: str, _: Parts) -> Target:
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

    return Target(ask)


def _recorded(spec: str, _: Parts) -> Target:
    problems: list[str] = []
    try:
        replies = {record["id"]: record for _, record in lines(Path(spec), RECORDED, problems)}
    except OSError as error:
        raise TargetError(f"The replies in {spec} cannot be read ({error.strerror}).") from error
    if problems:
        raise TargetError(f"Each line of {spec} is a reply as a JSON object with an id of its own; {problems[0]}.")

    def ask(case: Case) -> Mapping[str, Any]:
        if case.id not in replies:
            raise LookupError("no reply is recorded for this case")
        return replies[case.id]

    return Target(ask, recorded=True)


def _history(case: Case) -> list[dict[str, str]]:
    return [{"speaker": turn.speaker, "text": turn.text} for turn in case.history]


TARGETS: Mapping[str, Callable[[str, Parts], Target]] = {
    ASSISTANT: _assistant,
    r"https?://.+": _http,
    r".+\.jsonl": _recorded,
    r"[\w.]+:\w+": _function,
}
"""How a target is made, by what its name looks like; the first that matches."""
