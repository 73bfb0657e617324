"""The benchmarks, run on something tiny: their figures are those that a hand finds."""

import asyncio
import json
import math
import os
from pathlib import Path
from random import Random
from time import perf_counter

import httpx
import pytest
from typer.testing import CliRunner

from benchmarks import live as live_of
from benchmarks import load as load_of
from benchmarks import quality as quality_of
from benchmarks import speed as speed_of
from benchmarks.page import fill
from benchmarks.quality import learned, markdown, quality
from benchmarks.texts import passages, questions, suites
from eval.indexes import index_of
from eval.suite import Suite
from knowledge import Retriever

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "eval" / "suites" / "golden"
ROW = dict.fromkeys(("words", "sound", "meaning", "fit"), 0.5) | {"question": "te", "documents": "en", "n": 7}


@pytest.fixture(scope="module")
def measured(indexes, tmp_path_factory):
    """The golden suite's rows, beside a collection that is no suite of questions."""
    folder = tmp_path_factory.mktemp("suites")
    (folder / "golden").mkdir()
    (folder / "golden" / "cases").symlink_to(GOLDEN / "cases")
    told = (GOLDEN / "suite.toml").read_text(encoding="utf-8").replace("../../../sample", str(ROOT / "sample"))
    (folder / "golden" / "suite.toml").write_text(told, encoding="utf-8")
    (folder / "romanised").mkdir()
    (folder / "romanised" / "suite.toml").write_text('name = "romanised"', encoding="utf-8")
    (folder / "romanised" / "pairs.jsonl").write_text("{}", encoding="utf-8")
    return *quality(folder, indexes, limit=1000), Suite.open(folder / "golden"), indexes


def by_hand(suite: Suite, language: str, work: Path) -> float:
    retriever = Retriever.open(index_of(suite, "all", work))
    figures = []
    for case in suite.cases(language):
        if not case.documents:
            continue
        ranked = list(dict.fromkeys(hit.passage.document for hit in retriever.search(case.question, 1000)))[:10]
        gain = sum(1 / math.log2(place + 2) for place, id in enumerate(ranked) if id in case.documents)
        figures.append(gain / sum(1 / math.log2(place + 2) for place in range(min(10, len(case.documents)))))
    return sum(figures) / len(figures)


@pytest.mark.parametrize("language", ["th", "ta"])
def test_a_row_is_what_a_hand_finds(measured, language):
    rows, _, suite, work = measured
    (row,) = [row for row in rows if row["question"] == language]
    assert row["fused"] == pytest.approx(by_hand(suite, language, work))
    assert 0 < row["fused"] <= 1
    assert row["n"] == sum(bool(case.documents) for case in suite.cases(language))


def test_what_asks_nothing_is_left_out_with_its_reason(measured):
    rows, skipped, *_ = measured
    assert {row["suite"] for row in rows} == {"golden"}
    assert skipped == {"romanised": "no questions with documents that answer them"}
    assert "Left out: romanised (no questions with documents that answer them)." in markdown(rows, skipped)


def test_a_row_says_where_a_single_signal_is_better():
    rows = [
        ROW | {"suite": "ours", "fused": 0.6, "learned": True, "lost": False},
        ROW | {"suite": "theirs", "fused": 0.4, "learned": False, "lost": True},
    ]
    page = markdown(rows, {})
    assert "| ours te > en † | 7 | 0.50 | 0.50 | 0.50 | 0.50 | **0.60** |" in page
    assert "| theirs te > en ▼ | 7 | **0.50** | **0.50** | **0.50** | **0.50** | 0.40 |" in page
    assert "| mean of the pairings |  | 0.50 | 0.50 | 0.50 | 0.50 | 0.50 |" in page


def test_the_weights_name_what_taught_them():
    head = "# Learned by `python -m eval rank` from 900 questions:\n# xquad th>en, mozfaq hu>hu,\n# gnomehelp ta>en\n[same]\n"
    assert learned(head) == {"xquad th>en", "mozfaq hu>hu", "gnomehelp ta>en"}


def test_only_a_parts_own_place_on_the_page_is_filled(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# பக்கம்\n\n<!-- speed -->old<!-- /speed -->\n\nமீதி\n", encoding="utf-8")
    fill(page, "speed", r"new \1")
    fill(page, "quality", "added")
    assert page.read_text(encoding="utf-8") == (
        "# பக்கம்\n\n<!-- speed -->\n\nnew \\1\n\n<!-- /speed -->\n\nமீதி\n\n"
        "<!-- quality -->\n\nadded\n\n<!-- /quality -->\n"
    )


def test_copies_speak_their_language_in_other_words():
    known = suites(ROOT / "absent")
    real = passages(known, 150)
    many = passages(known, 2000)
    assert [text.id for text in many] == [str(number) for number in range(2000)]
    assert many[:150] == real
    assert many == passages(known, 2000)
    words = {text.text for text in many}
    assert len(words) > 1900
    letters = {"\u0b80", "\u0bff"}
    tamil = [text.text for text in many[-500:] if text.language == "ta"]
    assert all(any(min(letters) <= sign <= max(letters) for sign in text) for text in tamil)
    vocabulary = {word for text in real for word in text.text.split()}
    assert {word for text in many for word in text.text.split()} > vocabulary
    assert len(set(questions(known, 10))) == 10


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """What the command prints and the page that it fills in, on twelve passages."""
    page = tmp_path_factory.mktemp("speed") / "docs" / "benchmarks.md"
    command = speed_of.typer.Typer()
    command.command()(speed_of.main)
    arguments = ["absent", "--size", "12", "--asked", "2", "--page", str(page), "--json"]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    (figures,) = json.loads(done.stdout.splitlines()[-1])
    return figures, page


def test_speed_names_its_stages_and_ratios(timed):
    figures, page = timed
    assert figures["index"]["passages"] == figures["size"] == 12
    assert set(figures["stages"]) == {"split", "words", "sound", "vectors", "write"}
    assert set(figures["search"]["stages"]) == {"tokens", "words", "sound", "meaning", "fit", "fuse"}
    assert set(figures["peers"]) == set(figures["ratios"]) == {"langchain", "bm25s", "faiss"}
    for kind, theirs in figures["peers"].items():
        assert 0 < theirs["p50"] <= theirs["p95"]
        assert figures["ratios"][kind]["search"] == theirs["p50"] / figures["search"]["p50"]
        assert figures["ratios"][kind]["index"] == theirs["seconds"] / figures["index"]["seconds"]
    assert figures["ratios"]["langchain"]["search"] > 1
    assert 10 < figures["search"]["memory"] < figures["peers"]["langchain"]["memory"]
    text = page.read_text(encoding="utf-8")
    assert f"| memory of serving, MB | {figures['search']['memory']:,.0f} |" in text
    told = text.partition("| LangChain ensemble, e5-small, 12 |")[2].split("|")[0]
    assert float(told.replace(",", "")) == pytest.approx(figures["peers"]["langchain"]["p50"] * 1000, rel=0.05)


def test_the_commands_write_the_page(timed):
    _, page = timed
    assert "pictures/growth.svg" in page.read_text(encoding="utf-8")
    assert "<svg" in (page.parent / "pictures" / "growth.svg").read_text(encoding="utf-8")
    refused = quality_of.typer.Typer()
    refused.command()(quality_of.main)
    done = CliRunner().invoke(refused, ["absent", "--page", str(page)])
    assert done.exit_code == 1
    assert "absent is no folder" in done.output


class Counter:
    """A server that answers two messages in three at once, and of the others one without saying when to come again."""

    def __init__(self):
        self.heard = 0

    def say(self, request):
        self.heard += 1
        if self.heard % 3:
            return httpx.Response(200, json={"reply": None}, request=request)
        return httpx.Response(503, headers={} if self.heard % 2 else {"retry-after": "1"}, request=request)

    def answer(self, request):
        if request.url.path.endswith("/turns"):
            return self.say(request)
        return httpx.Response(201, json={"id": "1"}, request=request)


def test_what_is_refused_or_fails_is_counted(monkeypatch):
    monkeypatch.setattr(load_of, "EVERY", 0.02)
    counter, borne = Counter(), load_of.Borne(1, 0)

    async def come() -> None:
        async with httpx.AsyncClient(base_url="http://a", transport=httpx.MockTransport(counter.answer)) as client:
            customer = load_of.Sevai(client)
            await customer.begin()
            await load_of.write(customer, ["வணக்கம்"], perf_counter() + 0.5, Random(0), borne)

    asyncio.run(come())
    assert borne.sent == counter.heard > 6
    assert len(borne.waits) == borne.sent - borne.sent // 3
    assert borne.later == borne.sent // 6
    assert not borne.holds
    assert borne.row("ours")[4:6] == [str(borne.later), str(borne.sent // 3 - borne.later)]


def test_a_step_holds_where_all_are_answered_in_time():
    assert load_of.Borne(2, 0, waits=[0.1] * 19 + [9.0], sent=20).holds
    assert not load_of.Borne(2, 0, waits=[0.1] * 18 + [0.6] * 2, sent=20).holds
    assert not load_of.Borne(2, 0, waits=[0.1] * 19, sent=20).holds


def test_a_wait_is_counted_for_its_language_and_the_first_callers_apart():
    waits = [live_of.Wait("ta", 9.0, 9.0), *(live_of.Wait("ta", tenth / 10, 0.01) for tenth in range(1, 11))]
    assert live_of.row("at once", waits) == ["at once", "10", "9000", "600", "1000", "1000", "10", "10"]
    other = [live_of.Wait(tag, 0.05, 0.02) for tag in live_of.TAGS if tag != "ta"]
    assert live_of.by_language("at once", [*waits, *other])[1:] == [
        "600, 1000" if tag == "ta" else "50, 50" for tag in live_of.TAGS
    ]
    before = live_of.worked(os.getpid())
    assert sum(range(1 << 18)) and live_of.worked(os.getpid()) > before  # noqa: PT018
