"""The index on disk while others write it, and where it cannot be what it should."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from time import monotonic

import pytest

from knowledge import Document, Retriever, build, ingest
from knowledge.errors import IndexBroken, IndexMissing, IndexUnwritable
from knowledge.index import VERSION, read

ROOT = Path(__file__).parents[2]
WRITERS = """
import os, signal, sys
from itertools import count
from pathlib import Path
from knowledge import Document, build

build([Document("0", "பக்கம் 0", language="ta")], Path(sys.argv[1]))  # what all writers read is read
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    if writer := os.fork():
        print(writer, flush=True)
        continue
    for n in count(1):
        build([Document(str(i), f"பக்கம் {i} of {n}", language="ta") for i in range(n % 50 + 1)], Path(sys.argv[1]))
"""
"""For each line that it reads, another process that writes into an index until it is killed, and its id."""
PAGES = [Document(str(number), f"หน้าที่ {number} ว่าด้วยการรับประกัน", language="th") for number in range(20)]


@contextmanager
def writing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(folder)], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True, bufsize=1
    ) as writers:
        yield writers


def begun(writers: subprocess.Popen[str]) -> int:
    """The id of another process that writes."""
    assert writers.stdin
    assert writers.stdout
    print(file=writers.stdin, flush=True)
    return int(writers.stdout.readline())


def killed(writer: int) -> None:
    os.kill(writer, signal.SIGKILL)
    with suppress(ProcessLookupError):
        while True:
            os.kill(writer, 0)


def test_it_is_read_while_it_is_written(tmp_path: Path) -> None:
    build(PAGES, tmp_path)
    with writing(tmp_path) as writers:
        writer, states, end = begun(writers), set(), monotonic() + 60
        try:
            while len(states) <= 5 and monotonic() < end:  # a busy machine starts the writer late
                states |= {read(tmp_path).manifest.state for _ in range(100)}
        finally:
            killed(writer)
    assert len(states) > 5


def test_a_damaged_file_is_said_to_be_one_or_does_no_harm(tmp_path: Path) -> None:
    build(PAGES, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "lock"]
    assert len(files) > 8
    for file in files:
        whole = file.read_bytes()
        for damage in (b"", whole[: len(whole) // 2], b"[]", b"{}"):
            file.write_bytes(damage)
            with suppress(IndexBroken):
                Retriever.open(tmp_path).search("การรับประกัน")
        file.write_bytes(whole)
    assert Retriever.open(tmp_path).search("การรับประกัน")


def test_a_file_is_no_index_and_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "குறிப்பு.txt"
    file.write_text("முக்கியம்", encoding="utf-8")
    with pytest.raises(IndexMissing, match="There is no index in"):
        Retriever.open(file)
    with pytest.raises(IndexUnwritable, match="--index"):
        ingest([tmp_path], file)
    assert file.read_text(encoding="utf-8") == "முக்கியம்"


def test_what_others_left_between_the_states_stays(tmp_path: Path) -> None:
    build(PAGES[:1], tmp_path)
    (tmp_path / "states" / ".DS_Store").write_bytes(b"\x00")
    build(PAGES, tmp_path)
    assert len(Retriever.open(tmp_path)) == len(PAGES)


@pytest.mark.filterwarnings("error")
def test_an_index_that_forgot_everything_finds_nothing(tmp_path: Path) -> None:
    build([], tmp_path)
    assert Retriever.open(tmp_path).search("มีอะไรไหม") == []


def test_another_layout_is_made_again(tmp_path: Path) -> None:
    build(PAGES, tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace(f'"version": {VERSION}', '"version": 0'), encoding="utf-8"
    )
    with pytest.raises(IndexBroken, match="layout 0"):
        Retriever.open(tmp_path)


def test_killed_while_writing_it_opens_as_the_last_complete_state(tmp_path: Path) -> None:
    """A writer that puts ever larger states in force is killed at eight moments; every time a whole state opens."""
    folder = tmp_path / "index"
    build([Document("0", "பக்கம் 0", language="ta")], folder)
    states = set()
    with writing(folder) as writers:
        for kill in range(8):
            writer = begun(writers)
            time.sleep(0.1 + 0.037 * kill)
            killed(writer)
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            retriever = Retriever.open(folder)
            assert len(retriever) == manifest["documents"] == len(retriever.search("பக்கம்", k=100))
            states.add(manifest["state"])
    assert len(states) > 1
