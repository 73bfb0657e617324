"""How long a caller waits: over a real socket, from the end of a question to the first words of its answer.

`python -m benchmarks.live` serves the sample's knowledge and asks it the golden suite's questions.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Annotated, Any

import typer
from websockets.sync.client import ClientConnection, connect

from benchmarks.page import PAGE, fill, table

ROOT = Path(__file__).parents[1]
CASES = ROOT / "eval" / "suites" / "golden" / "cases"
TAGS = {"en": "en-IN", "hi": "hi-IN", "hu": "hu-HU", "ta": "ta-IN", "te": "te-IN", "th": "th-TH"}
SPOKEN = 20.0
"""Characters that a caller says in a second, so that what is heard early is heard before the end."""


def questions(asked: int) -> list[tuple[str, str]]:
    """Questions that stand alone, with their language's tag; as many of each language."""
    chance, found = Random(7), []
    for language, tag in TAGS.items():
        cases = [json.loads(line) for line in (CASES / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()]
        alone = [case["question"] for case in cases if not case.get("history") and case["action"] == "answer"]
        found += [(tag, question) for question in chance.sample(alone, min(len(alone), asked // len(TAGS)))]
    chance.shuffle(found)
    return found


@contextmanager
def serving(index: Path, desk: str) -> Iterator[str]:
    """The address of calls at a server of its own process."""
    command = [sys.executable, "app.py", "serve", "--json", "--port", "0", "--index", str(index), "--desk", desk]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            customer = json.loads(process.stdout.readline())["customer"]
            yield f"{customer.replace('http', 'ws', 1)}api/v1/voice"
        finally:
            process.terminate()


def waited(socket: ClientConnection, number: int, tag: str, question: str, early: bool) -> float:
    """Seconds from the last word of a question that a call begins with to the first of its answer."""

    def send(**message: Any) -> None:
        socket.send(json.dumps(message))

    send(type="setup", callSid=f"CA{number}", customParameters={"languages": tag})
    introduction = json.loads(socket.recv())["token"]
    if number == 0:
        sleep(len(introduction) / SPOKEN)  # who calls first listens while the server reads what it needs
    words = question.split()
    for half in (len(words) // 3, 2 * len(words) // 3) if early else ():
        send(type="prompt", voicePrompt=" ".join(words[:half]), lang=tag, last=False)
        sleep(len(question) / 3 / SPOKEN)
    began = perf_counter()
    send(type="prompt", voicePrompt=question, lang=tag, last=True)
    while json.loads(socket.recv())["type"] != "text":
        pass
    return perf_counter() - began


def live(index: Path, desk: str, asked: Sequence[tuple[str, str]], early: bool) -> list[float]:
    """The waits of one server's callers, in the order of their calls; all are new to its desk."""
    with serving(index, desk) as address:
        waits = []
        for number, (tag, question) in enumerate(asked):
            with connect(address) as socket:
                waits.append(waited(socket, number, tag, question, early))
    return waits


def row(name: str, waits: Sequence[float]) -> list[str]:
    """A line of the table, in milliseconds; the first caller of a server is told of apart."""
    ordered = sorted(waits[1:])
    figures = (waits[0], ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100], ordered[-1])
    return [name, str(len(ordered)), *(f"{1000 * seconds:.0f}" for seconds in figures)]


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
        rows = [row(name, live(index, f"sqlite:///{folder}/{early}.db", whole, early)) for name, early in ways.items()]
    text = table(["ms until the first words", "calls", "first call of a server", "p50", "p95", "longest"], rows)
    fill(page, "live", text)
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
