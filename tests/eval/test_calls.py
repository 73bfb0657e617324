"""Calls for a quality team: a folder becomes a report and a suite, and tells nobody's number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app import cli
from eval.calls import figure
from eval.suite import Suite
from knowledge import Document, build

CALLS = {
    "ta.txt": "Agent: வணக்கம், எப்படி உதவலாம்?\n"
    "Customer: ம்... பணம் எத்தனை நாள்ல வங்கிக் கணக்கில் வரும்\n"
    "Agent: பணம் 15 நாட்களில் வங்கிக் கணக்கில் வரும். நாளைக்கு 98765 43210 நம்பருக்கு கூப்பிடுறேன்.\n",
    "hu.txt": "Agent: Jó napot, miben segíthetek?\nCustomer: öö mennyibe kerül a porszívó zsákja?\nAgent: Utánanézek.\n",
    "broken.json": "{",
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("calls") / "index"
    text = "வாங்கிய பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம். பணம் 7 நாட்களில் வங்கிக் கணக்கில் வரும்."
    build([Document("ta/returns.txt", text, "திருப்பித் தருதல்", "ta", "returns.txt")], folder)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    calls = tmp_path / "calls"
    calls.mkdir()
    for name, text in CALLS.items():
        (calls / name).write_text(text, encoding="utf-8")
    return calls


def told(*arguments: object) -> tuple[Any, str]:
    result = CliRunner().invoke(cli, ["transcript", *map(str, arguments), "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout), result.stderr


def test_a_folder_of_calls_is_a_report_and_a_suite(folder: Path, index: Path, tmp_path: Path) -> None:
    figures, refused = told(folder, "--index", index, "--suite", tmp_path / "suite")
    assert (figures["calls"], figures["questions"], figures["cases"]) == (2, 2, 2)
    assert "broken.json" in refused
    assert [each["claimed"] for each in figures["contradictions"]] == [["15 day"]]
    assert [each["questions"] for each in figures["unanswered"]] == [["mennyibe kerül a porszívó zsákja?"]]
    assert [each["due"] for each in figures["promises"]] == [["நாளைக்கு"]]
    page = Path(figures["report"]).read_text(encoding="utf-8")
    suite = Suite.open(tmp_path / "suite")
    (case,) = suite.cases("ta")
    assert (case.channel, case.tags, case.history) == ("voice", ("to-confirm",), ())
    for text in (page, *case.answers, json.dumps(figures)):
        assert "43210" not in text
    assert "[phone]" in page
    assert "15 day" in page


def test_one_call_is_printed(folder: Path, index: Path) -> None:
    result = CliRunner().invoke(cli, ["transcript", str(folder / "ta.txt"), "--index", str(index)])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("A call in Tamil of 3 utterances. The customer asked 1 question;")
    assert "! the agent said “பணம் 15 நாட்களில்" in result.stdout


@pytest.mark.parametrize("name", ["nothing.txt", "broken.json", "empty"])
def test_what_is_no_call_is_refused_in_one_sentence(folder: Path, index: Path, name: str) -> None:
    (folder / "empty").mkdir()
    result = CliRunner().invoke(cli, ["transcript", str(folder / name), "--index", str(index)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_a_suite_takes_nobodys_place(folder: Path, index: Path) -> None:
    result = CliRunner().invoke(
        cli, ["transcript", str(folder / "ta.txt"), "--index", str(index), "--suite", str(folder)]
    )
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip() == f"{folder} is not empty; name a new folder, so that no confirmed case is lost."


def test_a_terminal_shows_how_far_a_folder_is(folder: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    _, shown = told(folder, "--index", index)
    assert f"{len(CALLS)}/{len(CALLS)}" in shown


def test_a_figure_is_told_as_people_write_it(index: Path, tmp_path: Path) -> None:
    assert [figure(each) for each in ("499 inr", "100 thb", "7 day", "12")] == ["499 INR", "100 THB", "7 day", "12"]
    call = tmp_path / "calls" / "tanglish.txt"
    call.parent.mkdir()
    call.write_text(
        "Agent: Vanakkam\nCustomer: panam eppo bank account la varum\nAgent: Naan link anuppuren.\n", "utf-8"
    )
    page = Path(told(call.parent, "--index", index)[0]["report"]).read_text(encoding="utf-8")
    assert "Tamil in Latin letters" in page
    assert page.count("Naan link anuppuren.") >= 2, "among all promises, and in its call"
