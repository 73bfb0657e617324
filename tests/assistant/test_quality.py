"""The page of who judges the answers: which runs it offers, what a report of one shows, and that it reaches nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import runs_of
from assistant.accounts import Accounts
from assistant.channels.accounts import Pages
from assistant.channels.quality import mount
from assistant.channels.roles import Door
from assistant.desk import Desk
from eval.metrics import measure
from eval.outcomes import Outcome
from eval.suite import Case
from tests.conftest import session_of

HOSTILE = "<script>alert(1)</script>"
ASKED = {"ta": "உத்தரவாதம் எவ்வளவு?", "th": "รับประกันกี่ปี", "ar": f"كم مدة الضمان؟ {HOSTILE}"}


def saved(folder: Path, suite: str, found: str) -> None:
    """A finished run, in which every question was answered from the document that was `found`."""
    cases = [Case(tag, asked, ("w",), language=tag) for tag, asked in ASKED.items()]
    outcomes = [Outcome(case, "answer", f"→ {case.language}", case.language, hits=(found,)) for case in cases]
    about = {"settings": {"target": "assistant"}, "build": "1", "commit": None, "started": "2026-01-02T03:04"}
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"suite": {"name": suite}, **about}), encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(measure(outcomes)), encoding="utf-8")
    (folder / "outcomes.jsonl").write_text("".join(f"{json.dumps(each.json())}\n" for each in outcomes), "utf-8")


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("quality")
    saved(folder / "runs" / "monday", "kadai", "w")
    saved(folder / "runs" / "tuesday", "kadai", "x")
    saved(folder / "runs" / f"a&b {HOSTILE.replace('/', '')}", f"other {HOSTILE}", "w")
    (folder / "runs" / "killed").mkdir()
    saved(folder / "secret", "secret", "w")
    desk = Desk(f"sqlite:///{folder / 'desk.db'}")
    people = Accounts(desk.engine)
    session = session_of(people, "Zsófi", "quality")
    app = mount(FastAPI(), Pages(people, desk, "நிலா"), runs_of(folder / "runs"))
    with TestClient(Door(app, people), cookies={"sevai": session.token}, follow_redirects=False) as client:
        yield client


def test_finished_runs_are_offered_by_suite(judge: TestClient) -> None:
    page = judge.get("/quality")
    assert page.status_code == 200
    assert [*re.findall(r"<option>(monday|tuesday|killed)", page.text)] == ["tuesday", "monday"] * 2
    assert "run=tuesday&amp;before=monday" in page.text
    assert HOSTILE not in page.text
    assert "script" not in page.headers["content-security-policy"]
    assert '<a href="/quality" aria-current="page">Quality</a>' in page.text


def test_a_report_has_figures_by_language_and_the_cases_that_failed(judge: TestClient) -> None:
    report = judge.get("/quality/report", params={"run": "tuesday"}).text
    assert all(name in report for name in ("Tamil", "Thai", "Arabic"))
    assert ASKED["ta"] in report
    assert '<dd class="question" lang="ar" dir="rtl">' in report
    assert '<a href="/quality">All runs</a>' in report
    assert "What changed since" not in report
    compared = judge.get("/quality/report", params={"run": "tuesday", "before": "monday"}).text
    assert "What changed since monday" in compared


def test_a_report_runs_its_own_scripts_alone_and_is_no_page_of_this_server(judge: TestClient) -> None:
    report = judge.get("/quality/report", params={"run": "tuesday"})
    policy = dict(part.strip().partition(" ")[::2] for part in report.headers["content-security-policy"].split(";"))
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    assert all(each.startswith("'sha256-") for each in policy["script-src"].split())
    assert HOSTILE not in report.text


@pytest.mark.parametrize("name", ["../secret", "killed", "", ".", "/etc", "monday/../tuesday", "\0", HOSTILE])
def test_nothing_but_finished_runs_is_read(name: str, judge: TestClient) -> None:
    for chosen in ({"run": name}, {"run": "monday", "before": name or "?"}):
        refused = judge.get("/quality/report", params=chosen)
        assert refused.status_code == 404
        assert "There is no such run" in refused.text
        assert HOSTILE not in refused.text
