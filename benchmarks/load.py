"""How a server bears its customers: real clients against a real server on loopback.

`python -m benchmarks.load` builds an index of many passages, serves it, and lets more and more customers write, each a
message every few seconds, while others listen to their conversation's events; then the same to a chat page as tutorials
build it with LangChain and Gradio. A step holds where nothing fails and the 95th percentile keeps within LIMIT.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from math import ceil
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated, Protocol

import httpx
import typer

from benchmarks.page import PAGE, fill, table
from benchmarks.texts import passages, questions, suites
from knowledge import build

ROOT = Path(__file__).parents[1]
EVERY = 5.0
"""Seconds between two messages of a customer."""
LIMIT = 0.5
"""Seconds within which 19 of 20 messages must be answered."""
PATIENCE = 60.0
"""Seconds until a customer gives up."""
ASKED = 500
WARMING = 20
"""Customers who come before anything is measured."""
TIMES = ("p50, ms", "p95, ms", "p99, ms")
STEPS = (25, 50, 100, 200, 400)


@dataclass
class Borne:
    """What came of one step: seconds of each answer, megabytes of the server at both ends.

    Of the messages `sent`, those that `waits` are known of were answered, `later` were told when to come again.
    """

    customers: int
    listening: int
    waits: list[float] = field(default_factory=list)
    sent: int = 0
    later: int = 0
    events: int = 0
    memory: tuple[float, float] = (0.0, 0.0)

    def percentile(self, share: float) -> float:
        """The wait that this share of the messages did not exceed, in seconds."""
        ordered = sorted(self.waits)
        return ordered[ceil(len(ordered) * share) - 1] if ordered else float("inf")

    @property
    def holds(self) -> bool:
        """Whether nothing failed, and the 95th percentile kept within the limit."""
        return self.sent == len(self.waits) and self.percentile(0.95) <= LIMIT

    def row(self, name: str) -> list[str]:
        """A line of the table; times in milliseconds, memory in megabytes."""
        failed = self.sent - self.later - len(self.waits)
        times = (f"{1000 * self.percentile(share):.0f}" for share in (0.5, 0.95, 0.99))
        counts = (str(self.customers), str(self.listening), str(len(self.waits)), str(self.later), str(failed))
        return [name, *counts, *times, f"{self.memory[0]:.0f} → {self.memory[1]:.0f}"]


@dataclass(frozen=True)
class Server:
    """A server in a process of its own."""

    address: str
    process: int

    def memory(self) -> float:
        """Megabytes that it holds."""
        lines = Path(f"/proc/{self.process}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@contextmanager
def serving(*command: str) -> Iterator[Server]:
    """A server that says its address as JSON; it is stopped at the end."""
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Server(json.loads(process.stdout.readline())["customer"], process.pid)
        finally:
            process.terminate()


class Customer(Protocol):
    """Who writes to a server and waits for the replies."""

    def __init__(self, client: httpx.AsyncClient) -> None: ...

    async def begin(self) -> None:
        """Come to the server."""

    async def say(self, text: str) -> httpx.Response:
        """Write a message, and wait until it is answered."""
        ...

    async def listen(self, borne: Borne) -> None:
        """Follow what happens, and count it."""


class Sevai:
    """A customer of ours: a conversation of their own, and its events."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._path = "api/v1/conversations"

    async def begin(self) -> None:
        """Start the conversation."""
        begun = (await self._client.post(self._path, json={})).raise_for_status()
        self._path += f"/{begun.json()['id']}"

    async def say(self, text: str) -> httpx.Response:
        """Write a message; what comes back is the reply."""
        return await self._client.post(f"{self._path}/turns", json={"text": text})

    async def listen(self, borne: Borne) -> None:
        """Count the conversation's events until told to stop."""
        async with self._client.stream("GET", f"{self._path}/events", timeout=None) as events:
            async for line in events.aiter_lines():
                borne.events += line.startswith("data:")


class Tutorial:
    """A customer of the tutorials' page, through the same doors as its script."""

    PATH = "gradio_api/call/chat"

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def begin(self) -> None:
        """Nothing: such a page keeps no conversation."""

    async def say(self, text: str) -> httpx.Response:
        """Write a message, and wait for the event that brings the reply."""
        taken = await self._client.post(self.PATH, json={"data": [text]})
        if taken.status_code != HTTPStatus.OK:
            return taken
        return await self._client.get(f"{self.PATH}/{taken.json()['event_id']}")

    async def listen(self, borne: Borne) -> None:
        """Nothing: such a page has no events but replies."""


async def write(customer: Customer, asked: Sequence[str], until: float, chance: Random, borne: Borne) -> None:
    """Write a message every few seconds, each when that before it is answered; what is refused is counted."""
    await asyncio.sleep(chance.random() * EVERY)
    while (began := perf_counter()) < until:
        borne.sent += 1
        with suppress(httpx.HTTPError):  # sent, and neither answered nor told to come later
            answer = await customer.say(chance.choice(asked))
            if answer.status_code == HTTPStatus.OK:
                borne.waits.append(perf_counter() - began)
            borne.later += "retry-after" in answer.headers
        await asyncio.sleep(max(0.0, EVERY * (0.8 + 0.4 * chance.random()) - (perf_counter() - began)))


async def step(
    kind: type[Customer], server: Server, customers: int, listening: int, seconds: float, asked: Sequence[str]
) -> Borne:
    """So many customers for so long, the first of them with an open stream of events."""
    borne = Borne(customers, min(listening, customers))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=server.address, timeout=PATIENCE, limits=limits) as client:
        all = [kind(client) for _ in range(customers)]
        for one in all:
            await one.begin()
        before, until = server.memory(), perf_counter() + seconds
        listeners = [asyncio.create_task(one.listen(borne)) for one in all[: borne.listening]]
        await asyncio.gather(*(write(one, asked, until, Random(place), borne) for place, one in enumerate(all)))
        for listener in listeners:
            listener.cancel()
        await asyncio.gather(*listeners, return_exceptions=True)
    borne.memory = (before, server.memory())
    return borne


def load(
    kind: type[Customer], server: Server, steps: Sequence[int], listening: int, seconds: float, asked: Sequence[str]
) -> list[Borne]:
    """More and more customers, until a step does not hold."""
    asyncio.run(step(kind, server, WARMING, 0, 6 * EVERY, asked))  # until every language has been read
    found = []
    for customers in steps:
        found.append(asyncio.run(step(kind, server, customers, listening, seconds, asked)))
        if not found[-1].holds:
            break
    return found


def main(
    suites_folder: Annotated[Path, typer.Argument(help="A folder of suites: their texts, their questions.")] = Path(
        "../shared/suites"
    ),
    size: Annotated[int, typer.Option(min=10, help="Passages.")] = 100_000,
    beside: Annotated[int, typer.Option(min=0, help="Of them, those on the tutorials' page; 0 for none.")] = 20_000,
    steps: Annotated[list[int] | None, typer.Option("--step", min=1, help="Customers at once; again for more.")] = None,
    listening: Annotated[int, typer.Option(min=0, help="Of them, with an open stream of events.")] = 50,
    seconds: Annotated[float, typer.Option(min=1, help="How long each step takes.")] = 60,
    page: Annotated[Path, typer.Option(help="The page that is filled in.")] = PAGE,
) -> None:
    """Measure, and write the figures into docs/benchmarks.md."""
    known = suites(suites_folder)
    asked, wanted = questions(known, ASKED), steps or STEPS
    with TemporaryDirectory() as name:
        folder, documents = Path(name), passages(known, size)
        build(documents, folder / "index")
        lines = "".join(json.dumps(asdict(document)) + "\n" for document in documents[:beside])
        (folder / "documents.jsonl").write_text(lines, encoding="utf-8")
        servers: dict[str, tuple[type[Customer], list[str]]] = {
            "Sevai": (Sevai, ["app.py", "serve", "--json", "--port", "0", "--index", str(folder / "index")]),
        }
        if beside:
            servers["LangChain and Gradio"] = (Tutorial, ["-m", "benchmarks.tutorial", str(folder)])
        rows = []
        for title, (kind, command) in servers.items():
            with serving(*command) as server:
                rows += [borne.row(title) for borne in load(kind, server, wanted, listening, seconds, asked)]
    counted = ["customers", "listening", "answered", "told to wait", "failed"]
    head = ["", *counted, *TIMES, "memory, MB"]
    fewer = f"; on the tutorials' page, whose transformer is slow to read them, over {min(size, beside):,}"
    text = (
        f"{table(head, rows)}\n\nA customer writes every {EVERY:g} seconds, over {size:,} passages"
        f"{fewer if beside else ''}. A line is {seconds:g} seconds, clients and server on the same {os.cpu_count()} "
        f"cores. A line is the last where something failed, or more than one message in 20 took over {1000 * LIMIT:g} "
        "ms."
    )
    fill(page, "load", text)
    typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
