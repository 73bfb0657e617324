"""The evaluation page: which runs it offers, and that it shows no other file and lets no report out of its frame."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
import pytest

from eval.metrics import measure
from eval.outcomes import Outcome
from eval.page import names, page, show
from eval.suite import Case


def saved(folder: Path, outcomes: Sequence[Outcome], name: str = "suite") -> None:
    manifest = {
        "suite": {"name": name},
        "settings": {"target": "assistant"},
        "build": "1",
        "commit": None,
        "started": "2026-01-02T03:04",
    }
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(measure(outcomes)), encoding="utf-8")
    (folder / "outcomes.jsonl").write_text(
        "".join(json.dumps(outcome.json()) + "\n" for outcome in outcomes), encoding="utf-8"
    )


def outcomes(language: str) -> list[Outcome]:
    case = Case("q", '<b onclick="x">கேள்வி</b>', ("d",), language=language)
    return [Outcome(case, "answer", "பதில்", hits=("e",))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    saved(tmp_path / "runs" / "monday", outcomes("ta"))
    saved(tmp_path / "runs" / "baseline", outcomes("ta"))
    saved(tmp_path / "runs" / "other", outcomes("th"), "elsewhere")
    for day, run in enumerate(("monday", "baseline", "other")):
        os.utime(tmp_path / "runs" / run / "metrics.json", (day, day))
    saved(tmp_path / "secret", outcomes("ta"))
    (tmp_path / "runs" / "killed").mkdir()
    return tmp_path / "runs"


def test_finished_runs_are_offered_newest_first(folder: Path) -> None:
    assert names(folder) == ["other", "baseline", "monday"]
    assert names(folder / "nothing") == []
    assert names(folder, like="monday") == ["baseline"]
    assert names(folder, like="other") == []
    assert isinstance(page(folder), gr.Blocks)


def test_one_run_or_two_are_shown_in_a_frame_of_their_own(folder: Path) -> None:
    one, two = show(folder, "baseline", None), show(folder, "baseline", "monday")
    assert 'sandbox="allow-scripts"' in one
    assert "<b onclick" not in one
    assert "What changed since" not in one
    assert "What changed since monday" in two


def test_what_cannot_be_shown_is_said(folder: Path) -> None:
    assert "Choose a run" in show(folder, None, None)
    assert "python -m eval run" in show(folder / "nothing", None, None)
    with pytest.raises(gr.Error, match="holds no finished run"):
        show(folder, "../secret", None)
    with pytest.raises(gr.Error, match="share no case"):
        show(folder, "baseline", "other")
