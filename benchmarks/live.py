"""How long a caller waits: over a real socket, from the end of a question to the first words of its answer.

`python -m benchmarks.live` serves the sample's knowledge and asks it the golden suite's questions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import clock_gettime, perf_counter, sleep
from typing import Annotated, Any

import typer
from websockets.sync.client import ClientConnection, connect

from benchmarks.load import serving
from benchmarks.page import PAGE, fill, table
from knowledge import base

ROOT = Path(__file__).parents[1]
CASES = ROOT / "eval" / "suites" / "golden" / "cases"
TAGS = {"en": "en-IN", "hi": "hi-IN", "hu": "hu-HU", "ta": "ta-IN", "te": "te-IN", "th": "th-TH"}
SPOKEN = 20.0
"""Characters that a voice says in a second."""
PAUSES = (0.1, 0.1, 0.3)
"""Seconds after a third, two thirds and all of a question have been heard; by the last a recogniser tells its end."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long a caller waited, and how long the server's process worked, in seconds."""

    language: str
    clock: float
    worked: float


def questions(asked: int) -> list[tuple[str, str]]:
    """Questions that stand alone, with their language's tag; as many of each language."""
    chance, found = Random(7), []
    for language, tag in TAGS.items():
        cases = [json.loads(line) for line in (CASES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]
        alone = [case["question"] for case in cases if not case.get("history") and case["action"] == "answer"]
        found += [(tag, question) for question in chance.sample(alone, min(len(alone), asked // len(TAGS)))]
    chance.shuffle(found)
    return found


def worked(process: int) -> float:
    """Seconds of a processor that another process has used so far (Linux: clock_getcpuclockid)."""
    return clock_gettime(~process << 3 | 2)


def waited(socket: ClientConnection, process: int, number: int, tag: str, question: str, early: bool) -> Wait:
    """The wait from the last word of a question that a call begins with to the first of its answer."""

    def send(**message: Any) -> None:
        socket.send(json.dumps(message))

    send(type="setup", callSid=f"CA{number}", customParameters={"languages": tag})
    introduction = json.loads(socket.recv())["token"]
    if number == 0:
        sleep(len(introduction) / SPOKEN)  # who calls first listens while the server reads what it needs
    words = question.split()
    for part, pause in enumerate(PAUSES, 1) if early else ():
        send(type="prompt", voicePrompt=" ".join(words[: len(words) * part // len(PAUSES)]), lang=tag, last=False)
        sleep(pause)
    began, before = perf_counter(), worked(process)
    send(type="prompt", voicePrompt=question, lang=tag, last=True)
    while json.loads(socket.recv())["type"] != "text":
        pass
    return Wait(base(tag), perf_counter() - began, worked(process) - before)


def live(index: Path, desk: str, asked: Sequence[tuple[str, str]], early: bool) -> list[Wait]:
    """The waits of one server's callers, in the order of their calls; all are new to its desk."""
    with serving("app.py", "serve", "--json", "--port", "0", "--index", str(index), "--desk", desk) as server:
        address, waits = f"{server.address.replace('http', 'ws', 1)}api/v1/voice", []
        for number, (tag, question) in enumerate(asked):
            with connect(address) as socket:
                waits.append(waited(socket, server.process, number, tag, question, early))
    return waits


def share(seconds: Iterable[float], part: int) -> str:
    """What so many of a hundred stay below, in milliseconds."""
    ordered = sorted(seconds)
    return f"{1000 * ordered[min(len(ordered) * part // 100, len(ordered) - 1)]:.0f}"


def row(name: str, waits: Sequence[Wait]) -> list[str]:
    """A line of the table; the first caller of a server is told of apart."""
    clock, work = [wait.clock for wait in waits[1:]], [wait.worked for wait in waits[1:]]
    figures = [share(clock, 50), share(clock, 95), share(clock, 100), share(work, 50), share(work, 95)]
    return [name, str(len(clock)), share([waits[0].clock], 100), *figures]


def by_language(name: str, waits: Sequence[Wait]) -> list[str]:
    """A line of the table of languages."""
    heard = {tag: [wait.clock for wait in waits[1:] if wait.language == tag] for tag in TAGS}
    return [name, *(f"{share(clock, 50)}, {share(clock, 95)}" for clock in heard.values())]


def main(
    asked: Annotated[int, typer.Option(min=12, help="Questions, in six languages.")] = 240,
    page: Annotated[Path, typer.Option(help="The page that is filled in.")] = PAGE,
) -> None:
    """Measure, and write the figures into docs/benchmarks.md."""
    with TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        command = [sys.executable, "app.py", "index", "sample", "--index", str(index)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        whole = questions(asked)
        ways = {"the question at once": False, "heard while it is said": True}
        waits = {name: live(index, f"sqlite:///{folder}/{early}.db", whole, early) for name, early in ways.items()}
    heads = ["ms", "calls", "first call of a server", "p50", "p95", "longest", "processor p50", "processor p95"]
    text = table(heads, [row(name, each) for name, each in waits.items()])
    tongues = table(["ms, p50 and p95", *TAGS], [by_language(name, each) for name, each in waits.items()])
    text = f"{text}\n\n{tongues}"
    fill(page, "live", text)
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
