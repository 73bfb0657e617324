"""A busy desk: customers and agents in several processes on one database, all at once, as fast as wished.

`python -m benchmarks.desk --speed 1` takes the ten minutes that it tells of; the tests run it a hundred times as fast.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Annotated, Any

import typer

from assistant.assistant import Assistant
from assistant.channels.chat import say
from assistant.conversation import Turn
from assistant.desk import Desk, Sent, Ticket
from assistant.reply import CERTAIN, Handoff, Reason, Reply

MINUTES = 10
CALLS: dict[str, Reason] = {"?!": "unsure", "??": "not_in_knowledge", "!!": "asked_for_person"}
"""How a message ends that the assistant hands over, and why."""
WORDS = {"ta": "என் ஆர்டர் எங்கே", "th": "ของยังไม่มาเลย", "te": "నా ఆర్డర్ ఎక్కడ", "hu": "hol a csomagom"}
OUTCOMES = ("in_knowledge", "missing", "wrong", "other")


@dataclass(frozen=True)
class Clock:
    """Seconds of the desk since `began`, which pass `speed` times as fast as those of the machine."""

    began: float
    speed: float

    def now(self) -> float:
        """Seconds of the desk that have passed."""
        return (monotonic() - self.began) * self.speed

    def until(self, second: float) -> None:
        """Wait for a second of the desk."""
        sleep(max(0.0, (second - self.now()) / self.speed))


@dataclass(frozen=True)
class Hold:
    """An agent's hold of a conversation: between which numbers of its turns, and what was acknowledged as written."""

    conversation: str
    agent: str
    first: int
    last: int
    written: tuple[str, ...] = ()


@dataclass(frozen=True)
class Day:
    """What everybody was told: the messages that were acknowledged, by conversation, and the agents' holds.

    `looks` are the seconds that each look at the queue took.
    """

    said: dict[str, list[str]] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    looks: list[float] = field(default_factory=list)


class Scripted(Assistant):
    """An assistant that takes its time, and calls a person as the end of a message tells it to."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def reply(self, message: str, *_: Any, **__: Any) -> Reply:
        self.clock.until(self.clock.now() + 3)
        why = CALLS.get(message[-2:])
        handoff = Handoff(why, "", "ta", message) if why else None
        return Reply("handoff" if handoff else "answer", f"→ {message}", "ta", CERTAIN, handoff=handoff)


def customer(desk: Desk, clock: Clock, number: int) -> tuple[str, list[str]]:
    """One customer: comes some time, writes up to three times, every third time while the last answer is composed."""
    chance = Random(number)
    language = chance.choice(list(WORDS))
    at = chance.uniform(0, MINUTES * 60 * 0.7)
    clock.until(at)
    id = desk.start(customer=f"visitor {number % 150}").id
    said: list[str] = []

    def tell(text: str) -> None:
        say(Scripted(clock), desk, id, text)
        said.append(text)

    with ThreadPoolExecutor(2) as hands:
        for message in range(chance.randint(1, 3)):
            ending = chance.choice(["", "", *CALLS])
            told = hands.submit(tell, f"{WORDS[language]} {message} {ending}")
            if chance.random() < 1 / 3:
                hands.submit(tell, f"{WORDS[language]} {message} again !!").result()
            told.result()
            at += chance.expovariate(1 / 30)
            clock.until(at)
    return id, said


def agent(desk: Desk, clock: Clock, name: str) -> tuple[list[Hold], list[float]]:
    """One agent's work: the longest waiting of what they look for, until the time is up and nobody waits."""
    chance, holds, looks = Random(name), [], []
    while clock.now() < MINUTES * 60 or desk.waiting(limit=1):
        began = perf_counter()
        waiting = desk.waiting(limit=50)
        looks.append(perf_counter() - began)
        held = next((one for one in waiting[:3] if desk.claim(one.conversation, name)), None)
        if held:
            holds.append(attend(desk, clock, name, held, chance))
        clock.until(clock.now() + chance.uniform(2, 6))
    return holds, looks


def attend(desk: Desk, clock: Clock, name: str, ticket: Ticket, chance: Random) -> Hold:
    """Greet, answer, and leave the conversation in one of the ways that there are."""
    id, written = ticket.conversation, []
    first = len(desk.conversation(id).turns)
    for number in range(chance.randint(1, 2)):
        clock.until(clock.now() + chance.uniform(2, 10))
        turn = Turn("agent", f"{name}: {number}, {first}", "ta")
        desk.append(id, turn, agent=name, sent=Sent(1))
        written.append(turn.text)
    desk.note(id, name, f"note of {name}")
    last = Turn("agent", f"{name} leaves, {first}", "ta")
    desk.append(id, last, agent=name)
    written.append(last.text)
    number = [turn.text for turn in desk.conversation(id).turns].index(last.text) + 1
    leaving: list[Callable[[str, str], None]] = [
        *(partial(desk.resolve, outcome=outcome) for outcome in OUTCOMES),
        desk.hand_back,
        desk.release,
    ]
    chance.choice(leaving)(id, name)
    return Hold(id, name, first, number, tuple(written))


def crowd(url: str, clock: Clock, numbers: Iterable[int]) -> list[tuple[str, list[str]]]:
    """Customers of one process, a thread each."""
    desk, numbers = Desk(url), list(numbers)
    with ThreadPoolExecutor(len(numbers)) as threads:
        return list(threads.map(partial(customer, desk, clock), numbers))


def team(url: str, clock: Clock, names: Iterable[str]) -> list[tuple[list[Hold], list[float]]]:
    """Agents of one process, a thread each."""
    desk, names = Desk(url), list(names)
    with ThreadPoolExecutor(len(names)) as threads:
        return list(threads.map(partial(agent, desk, clock), names))


def simulate(url: str, customers: int = 200, agents: int = 8, speed: float = 1.0) -> Day:
    """Ten minutes of the desk at `url`: two processes of customers, two of agents. Raises what one of them raised."""
    Desk(url).engine.dispose()  # SQLite loses its locks where a process inherits an open connection
    names = [f"agent {number}" for number in range(agents)]
    clock, day = Clock(monotonic() + 1, speed), Day()
    with ProcessPoolExecutor(4) as processes:
        crowds = [processes.submit(crowd, url, clock, range(half, customers, 2)) for half in range(2)]
        teams = [processes.submit(team, url, clock, names[half::2]) for half in range(2)]
        for one in crowds:
            day.said.update(one.result())
        for each in teams:
            for holds, looks in each.result():
                day.holds.extend(holds)
                day.looks.extend(looks)
    return day


def broken(url: str, day: Day) -> Iterator[str]:
    """Every promise of the desk that the day broke, a sentence each."""
    desk = Desk(url)
    reachable = {ticket.conversation for ticket in desk.waiting()}
    for id, said in day.said.items():
        conversation = desk.conversation(id)
        # Who waits may be told their place again.
        texts = [turn.text for turn in conversation.turns if turn.speaker != "assistant"]
        if sorted(said) != sorted(turn.text for turn in conversation.turns if turn.speaker == "customer"):
            yield f"{id}: what the customer said is not what stands there"
        if conversation.status == "open" and id not in reachable:
            yield f"{id}: open, and in nobody's queue"
        holds = sorted((hold for hold in day.holds if hold.conversation == id), key=lambda hold: hold.first)
        if [text for hold in holds for text in hold.written] != [
            turn.text for turn in conversation.turns if turn.speaker == "agent"
        ]:
            yield f"{id}: what agents were told was sent is not what stands there"
        if any(before.last > after.first for before, after in pairwise(holds)):
            yield f"{id}: two agents had it at once"
        for hold in holds:
            during = conversation.turns[hold.first : hold.last]
            if any(turn.speaker == "assistant" for turn in during):
                yield f"{id}: the assistant spoke while {hold.agent} had it"
        if len(set(texts)) != len(texts):
            yield f"{id}: something stands there twice"


def main(
    speed: Annotated[float, typer.Option(min=0.1, help="How many times as fast as the clock on the wall.")] = 1.0,
    customers: Annotated[int, typer.Option(min=1)] = 200,
    agents: Annotated[int, typer.Option(min=1)] = 8,
) -> None:
    """Run the day and tell what was broken; exit code 1 where anything was."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'desk.db'}"
        began = perf_counter()
        day = simulate(url, customers, agents, speed)
        wrong = list(broken(url, day))
        looks = sorted(day.looks)
        told = {
            "seconds": round(perf_counter() - began, 1),
            "messages": sum(map(len, day.said.values())),
            "holds": len(day.holds),
            "look_p50_ms": round(looks[len(looks) // 2] * 1000, 1),
            "look_p95_ms": round(looks[len(looks) * 95 // 100] * 1000, 1),
            "broken": wrong,
        }
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    raise typer.Exit(bool(wrong))


if __name__ == "__main__":
    typer.run(main)
