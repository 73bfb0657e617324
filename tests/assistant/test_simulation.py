"""A desk as busy as it gets: whatever happens at once, nothing is lost, claimed twice, or answered by two."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import httpx
import pytest
from sqlalchemy import update

from assistant.assistant import Assistant
from assistant.channels.chat import ABANDONED, say, take_up
from assistant.conversation import Turn, now
from assistant.desk import Desk
from assistant.desk.tables import TURNS
from assistant.phrases import phrase
from benchmarks.desk import Day, Hold, broken, simulate
from knowledge import Document, Retriever, build

ROOT = Path(__file__).parents[2]
RETURNS = Document("returns", "வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பி அனுப்பலாம்.", "திருப்பி அனுப்புதல்", "ta", "returns.md")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Day]:
    """Two hundred customers and eight agents for ten minutes, a hundred times as fast as the clock."""
    url = f"sqlite:///{tmp_path_factory.mktemp('busy') / 'desk.db'}"
    return url, simulate(url, customers=200, agents=8, speed=100)


def test_a_busy_desk_breaks_no_promise(busy: tuple[str, Day]) -> None:
    url, day = busy
    assert list(broken(url, day)) == []
    assert len(day.said) == 200
    assert len({hold.agent for hold in day.holds}) == 8
    assert len(day.holds) > 50
    assert any(turn.speaker == "assistant" for id in day.said for turn in Desk(url).conversation(id).turns)


def test_a_broken_promise_is_seen(busy: tuple[str, Day]) -> None:
    url, day = busy
    hold = max(day.holds, key=lambda hold: len(Desk(url).conversation(hold.conversation).turns))
    spoke = Desk(url).conversation(hold.conversation).turns
    assert any(turn.speaker == "assistant" for turn in spoke[: len(spoke)])
    told = {
        "two agents had it at once": replace(day, holds=[*day.holds, replace(hold, agent="other", written=())]),
        "what the customer said": Day({**day.said, hold.conversation: ["ஒருபோதும் எழுதாதது"]}, day.holds),
        "the assistant spoke": Day(day.said, [Hold(hold.conversation, hold.agent, 0, len(spoke), hold.written)]),
        "what agents were told": Day(day.said, [replace(hold, written=("இல்லாதது",))]),
    }
    for sentence, false in told.items():
        assert any(sentence in each for each in broken(url, false)), sentence


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on the folder's index and desk.db, and its address; killed at the end, if it still lives."""
    command = [sys.executable, "app.py", "serve", "--json", "--port", "0", "--index", str(folder / "index")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server, json.loads(server.stdout.readline())["customer"]
        finally:
            server.kill()


def begin(address: str, number: int) -> str:
    """The id of a customer's new conversation."""
    begun = httpx.post(f"{address}api/v1/conversations", json={"customer": f"visitor {number:020}"}, timeout=20)
    return str(begun.json()["id"])


def write(address: str, id: str, number: int, enough: Event) -> tuple[str, list[str], str]:
    """A customer who writes until the server is gone: the conversation, what was acknowledged, and what was not."""
    with httpx.Client(base_url=address, timeout=20) as client:
        heard: list[str] = []
        for message in count():
            text = f"செய்தி {number}-{message}"
            try:
                client.post(f"api/v1/conversations/{id}/turns", json={"text": text}).raise_for_status()
            except httpx.TransportError:
                return id, heard, text
            heard.append(text)
            if message == 2:
                enough.set()
    raise AssertionError


def test_a_server_that_is_killed_loses_no_acknowledged_message(tmp_path: Path) -> None:
    build([RETURNS], tmp_path / "index")
    enough = Event()
    with serving(tmp_path) as (server, address), ThreadPoolExecutor(8) as customers:
        ids = [begin(address, number) for number in range(8)]
        writing = [customers.submit(write, address, id, number, enough) for number, id in enumerate(ids)]
        assert enough.wait(60)
        os.kill(server.pid, signal.SIGKILL)
        written = [one.result() for one in writing]
    desk = Desk(f"sqlite:///{tmp_path / 'desk.db'}")
    for id, heard, last in written:
        kept = [turn.text for turn in desk.conversation(id).turns if turn.speaker == "customer"]
        assert kept in (heard, [*heard, last])
    waiting = {ticket.conversation for ticket in desk.waiting()}
    assert all((desk.conversation(id).status == "open") == (id in waiting) for id, *_ in written)
    lost = desk.start().id
    desk.append(lost, Turn("customer", RETURNS.title, "ta"))
    with desk.engine.begin() as connection:  # a minute ago: nobody is answering any more
        connection.execute(update(TURNS).values(at=now() - timedelta(minutes=1)))
    left = {id for id, _ in desk.unanswered(now() - timedelta(hours=1))}
    assert lost in left
    with serving(tmp_path):
        deadline = monotonic() + 30
        while desk.unanswered(now() - timedelta(hours=1)) and monotonic() < deadline:
            sleep(0.05)
    for id in left:
        conversation = desk.conversation(id)
        assert conversation.turns[-1].speaker == "assistant"
        assert len(conversation.turns) <= 1 + 2 * sum(turn.speaker == "customer" for turn in conversation.turns)
        assert (conversation.status == "open") == (desk.place(id) is not None)


def test_who_is_left_unanswered_is_answered_once(tmp_path: Path) -> None:
    build([RETURNS], tmp_path / "index")
    assistant, desk = Assistant(Retriever.open(tmp_path / "index")), Desk(f"sqlite:///{tmp_path / 'desk.db'}")
    left, called, writing, erased = (desk.start().id for _ in range(4))
    desk.append(erased, Turn("customer", "வணக்கம்", "ta"))
    desk.append(left, Turn("customer", RETURNS.title, "ta"))
    desk.append(called, Turn("customer", phrase("talk_to_person", "th"), "th"))
    desk.append(writing, Turn("customer", "வணக்கம்", "ta"))
    waits: list[float] = []

    def wait(seconds: float) -> None:
        """Meanwhile one customer has all erased, and another writes again, and is answered."""
        waits.append(seconds)
        if len(waits) == 1:
            desk.forget(erased)
            say(assistant, desk, writing, "நன்றி")

    take_up(assistant, desk, ("phone",), wait)
    take_up(assistant, desk, ("phone",), wait)
    assert all(ABANDONED.total_seconds() - 5 < seconds <= ABANDONED.total_seconds() for seconds in waits)
    assert [turn.speaker for turn in desk.conversation(left).turns] == ["customer", "assistant"]
    assert "14" in desk.conversation(left).turns[-1].text
    assert [turn.speaker for turn in desk.conversation(writing).turns] == ["customer", "customer", "assistant"]
    assert (desk.conversation(called).status, desk.place(called)) == ("open", 1)
    assert phrase("phone", "th") in desk.conversation(called).turns[-1].text
