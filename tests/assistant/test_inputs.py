"""What the pages take: only what their own script sends; no file, no value of any size, and not too often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.assistant import Assistant
from assistant.channels import api, pages
from assistant.channels.access import RATES, Access
from assistant.channels.inputs import harmless
from assistant.desk import Desk
from knowledge import Document, Retriever, build

POLLED = "/gradio_api/run/predict"
FILE = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("inputs")
    build([Document("a", "பொருளை 14 நாட்களுக்குள் திருப்பித் தரலாம்.", language="ta")], folder / "index")
    assistant, desk = Assistant(Retriever.open(folder / "index")), Desk(f"sqlite:///{folder / 'desk.db'}")
    access = Access()
    return pages.mount(api.create(assistant, desk, access=access), assistant, desk, access=access)


@pytest.fixture(scope="module")
def browser(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def sent(**other: Any) -> dict[str, Any]:
    """What the page sends as it opens."""
    return {"data": [""], "event_data": None, "fn_index": 0, "trigger_id": None, "session_hash": "abc", **other}


def test_what_the_page_sends_is_answered(browser: TestClient) -> None:
    drawn = browser.post(POLLED, json=sent()).raise_for_status().json()["data"]
    assert "Sevai" in str(drawn)


@pytest.mark.parametrize(
    "other",
    [
        {"data": [FILE]},
        {"data": [{"நிலா": [FILE]}]},
        {"data": [{"path": "https://shop.example/a", "meta": {}}]},
        {"event_data": FILE},
        {"data": []},
        {"data": ["", "\n2026-01-01 WARNING admin: 98765 43210"]},
        {"data": [[[[[[]]]]]]},
        {"data": [{}]},
        {"data": [5]},
        {"data": [["x"]]},
        {"fn_index": 99},
        {"fn_index": -1},
        {"fn_index": "0"},
        {"session_hash": "a" * 100},
        {"session_hash": None},
        {"batched": True},
        {"oauth_token": "x"},
    ],
)
def test_nothing_else_reaches_the_page(
    other: dict[str, Any], browser: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for path in (POLLED, "/gradio_api/queue/join"):
        refused = browser.post(path, json=sent(**other))
        assert refused.status_code == 422
        assert refused.json()["detail"] == "This is not what the page sends: load it again."
    assert not list(tmp_path.rglob("*"))


def test_what_is_no_json_or_too_much_is_refused(browser: TestClient) -> None:
    assert browser.post(POLLED, content=b"\xff{").status_code == 422
    assert browser.post(POLLED, json=sent(data=["ன" * 70_000])).status_code == 413


def test_nobody_answers_out_of_turn(browser: TestClient) -> None:
    asks = {"data": ["வணக்கம்", "", ""], "fn_index": 2}
    assert browser.post(POLLED, json=sent(**asks)).status_code in (401, 403, 404)


def test_an_address_asks_only_as_often_as_many_pages_do(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "page", RATES["page"].__class__(2, 60.0))  # type: ignore[index]
    stranger = TestClient(app, client=("203.0.113.9", 5000))
    answers = [stranger.post(POLLED, json=sent()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_what_stands_for_a_file_is_seen_wherever_it_hides() -> None:
    assert harmless(["ta", 1, None, True, {"more": 0, "language": ""}])
    assert not any(map(harmless, [FILE, [FILE], {"a": {"url": "x"}}]))


def test_who_waits_for_nothing_is_told_so_at_once(browser: TestClient) -> None:
    for session in ("", "none", "அ" * 100):
        told = browser.get("/gradio_api/queue/data", params={"session_hash": session})
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
