"""The report: true figures, right scripts, nothing from outside, and no hostile text that runs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.faults import badness, faults
from eval.metrics import measure
from eval.outcomes import Outcome
from eval.report import fate, render, report
from eval.run import Run
from eval.suite import Case

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=alert(1)>'
MANIFEST = {
    "suite": {"name": "நிலா <கடை>"},
    "settings": {"target": "assistant"},
    "build": "abc123",
    "commit": None,
    "started": "2026-01-02T03:04:05+00:00",
}
SAID = {
    "ta": ("பொருளை எப்போது திருப்பலாம்?", "30 நாட்களுக்குள் திருப்பித் தரலாம்."),
    "th": ("คืนสินค้าได้เมื่อไร", "ส่งคืนสินค้าได้ภายใน 30 วัน"),
    "ar": ("متى يمكنني إرجاع المنتج؟", "يمكنك إرجاع المنتج خلال 30 يومًا."),
}


def outcome(i: int, language: str, right: bool = True, **rest: object) -> Outcome:
    question, answer = SAID[language]
    case = Case(f"{language}-{i}", question, (f"d{i}",), ("30",), language=language, tags=("returns",))
    found = (f"d{i}", "x") if right else ("x", f"d{i}")
    cited = ({"document": found[0], "quote": "30", "start": 0, "end": 2, "title": f"Title {found[0]}"},)
    made = Outcome(case, "answer", answer, language, 0.5 + i / 100, cited, found, 5.0)
    return replace(made, **rest)  # type: ignore[arg-type]


def run(outcomes: list[Outcome], name: str = "after") -> Run:
    return Run(Path(name), MANIFEST, tuple(outcomes), measure(outcomes))


def usual() -> list[Outcome]:
    return [outcome(i, language, right=i % 4 > 0) for language in SAID for i in range(12)]


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._silent else data


def test_it_says_what_became_of_the_questions() -> None:
    text = Page(render(run(usual()))).text
    assert "36 questions in 3 languages; the knowledge answers 36 of them." in text
    assert re.search(r"75\.0\s*% answered right;\s*25\.0\s*% answered wrong\.", text)
    assert "நிலா <கடை>" in text


def test_every_text_has_its_language_and_direction() -> None:
    page = Page(render(run(usual())))
    questions = {attrs["lang"]: attrs["dir"] for tag, attrs in page.tags if attrs.get("class") == "question"}
    assert questions == {"ta": "ltr", "th": "ltr", "ar": "rtl"}


def test_hostile_text_is_shown_and_does_nothing() -> None:
    bad = outcome(0, "ta", right=False)
    case = replace(bad.case, id=HOSTILE, question=HOSTILE, answers=(HOSTILE,), tags=(HOSTILE, 'a"b'))
    hostile = replace(bad, case=case, answer=HOSTILE, error=HOSTILE, citations=({"document": "x", "title": HOSTILE},))
    language = replace(bad, case=replace(bad.case, language='"><script>'), language='"><script>')
    page = Page(render(run([hostile, language, outcome(1, "th")])))
    assert HOSTILE in page.text
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not [attrs for tag, attrs in page.tags if tag == "img" or any(name.startswith("on") for name in attrs)]
    tags = [attrs["data-tags"] for _, attrs in page.tags if attrs.get("data-tags")]
    assert [HOSTILE, 'a"b'] in [json.loads(each or "") for each in tags]


def test_it_asks_nothing_of_the_network() -> None:
    page = Page(render(run(usual())))
    for tag, attrs in page.tags:
        assert tag not in ("link", "iframe", "object", "base")
        for name in ("src", "href", "xlink:href", "action"):
            assert (attrs.get(name) or "#").startswith("#")


def test_the_worst_comes_first_and_says_why() -> None:
    good = outcome(1, "ta")
    wrong = outcome(2, "ta", right=False)
    timid = outcome(3, "ta", action="handoff", answer="உங்களை ஒரு பிரதிநிதியுடன் இணைக்கிறேன்.", citations=())
    crashed = outcome(4, "ta", error="timed out", action="handoff", answer="", citations=(), hits=(), confidence=None)
    unsaid = outcome(5, "ta", answer="விரைவில் திருப்பித் தரலாம்.")
    english = outcome(6, "ta", answer="You can return the item within 30 days of purchase.")
    invented = outcome(7, "ta", answer="30 நாட்கள், 99 ரூபாய் கட்டணம்.")
    assert faults(good) == ()
    assert [
        fault.sentence for each in (wrong, timid, crashed, unsaid, english, invented) for fault in faults(each)
    ] == [
        "Answered from the wrong document; the right one was found at place 2.",
        "Not answered (handed over); the right one was found first.",
        "Crashed: timed out",
        "The right document, but the expected words are not in the answer.",
        "The reply is not in Tamil.",
        "A number or code in the answer stands in no source.",
    ]
    order = sorted((good, timid, english, unsaid, crashed, wrong), key=badness, reverse=True)
    assert order == [wrong, crashed, unsaid, english, timid, good]
    text = Page(render(run([good, timid, wrong]))).text
    assert text.index("Answered from the wrong document") < text.index("Not answered")
    fates = ["right", "wrong", "person", "crashed", "unsaid"]
    assert [fate(each) for each in (good, wrong, timid, crashed, unsaid)] == fates


def test_what_nobody_can_answer_should_not_be_answered() -> None:
    told = outcome(1, "th", case=Case("q", "พรุ่งนี้ฝนตกไหม", language="th", action="handoff"))
    assert [fault.sentence for fault in faults(told)] == [
        "Answered, although the knowledge does not say.",
        "Should have been handed over, but was answered.",
    ]


def test_it_shows_what_changed_since_the_other_run() -> None:
    before = [outcome(i, "ta") for i in range(60)]
    after = [*(outcome(i, "ta", right=False, answer="நிலா") for i in range(20)), *before[20:]]
    text = Page(render(run(after), [run(before, "monday")])).text
    assert "What changed since monday" in text
    assert "FAILED: after is worse than monday in Tamil (ta)." in text
    assert text.index("FAILED") < text.index("By language")
    assert "The 20 cases behind it" in text
    assert re.search(rf"Before\s*{SAID['ta'][1]}\s*Now\s*நிலா", text)
    assert "Nothing: every measure is the same." in Page(render(run(before), [run(before, "monday")])).text


def test_a_run_without_faults_or_confidence_has_a_report_too() -> None:
    text = Page(render(run([outcome(i, "th", confidence=None) for i in range(3)]))).text
    assert "None: nothing went wrong with any case." in text
    assert "Can its confidence be trusted?" not in text
    assert re.search(r"nothing to judge them by: .*auroc", text)


def test_it_is_written_from_the_folders_of_runs(tmp_path: Path) -> None:
    made = run(usual())
    folder = tmp_path / "runs" / "monday"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
    (folder / "metrics.json").write_text(json.dumps(made.metrics), encoding="utf-8")
    lines = (json.dumps(each.json(), ensure_ascii=False) for each in made.outcomes)
    (folder / "outcomes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    page = report([folder], tmp_path / "deep" / "report.html")
    assert "คืนสินค้าได้เมื่อไร" in page.read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_the_filters_work_in_a_browser(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    many = [outcome(i, language, right=False) for language in ("ta", "th") for i in range(40)]
    choose = (
        '<script>const s = document.querySelector("select[data-by=language]"); s.value = "th";'
        's.dispatchEvent(new Event("change", {bubbles: true}));</script></body>'
    )
    page.write_text(render(run(many)).replace("</body>", choose), encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile"]
    done = subprocess.run([*command, "--dump-dom", page.as_uri()], capture_output=True, check=True, timeout=120)
    cases = [attrs for _, attrs in Page(done.stdout.decode()).tags if attrs.get("class") == "card case"]
    assert len(cases) == 80
    assert {attrs["data-language"] for attrs in cases if "hidden" not in attrs} == {"th"}
    assert sum("hidden" not in attrs for attrs in cases) == 40
    assert "40 of 40" in done.stdout.decode()
