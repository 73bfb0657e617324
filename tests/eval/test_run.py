from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from eval.__main__ import SHOWN, cli, table
from eval.floors import FloorsError, load, missed
from eval.run import Run, RunError, Settings, run
from eval.suite import SuiteError
from knowledge import build
from knowledge.documents import Document
from tests.conftest import sharing

HERE = Path(__file__).resolve().parents[2]
SHARED = HERE.parent / "shared" / "suites"
QUIET = Console(quiet=True)
TEXTS = {
    "ta": {
        "delivery": "ஆர்டர் செய்த இரண்டு நாட்களில் பொருள் வீட்டுக்கு வரும்.",
        "returns": "பிடிக்காத பொருளை பத்து நாட்களுக்குள் திருப்பி அனுப்பலாம்.",
        "card": "கார்டு மூலம் பணம் செலுத்தினால் கூடுதல் கட்டணம் இல்லை.",
    },
    "hu": {
        "delivery": "A csomag a rendelés után két munkanapon belül megérkezik.",
        "returns": "A terméket tíz napon belül indoklás nélkül visszaküldheti.",
        "card": "Bankkártyás fizetésnél nem számítunk fel külön díjat.",
    },
}
QUESTIONS = {
    "ta": {
        "delivery": "பொருள் எப்போது வீட்டுக்கு வரும்?",
        "returns": "பிடிக்காத பொருளை திருப்பி அனுப்பலாமா?",
        "card": "கார்டு கட்டணம் உண்டா?",
    },
    "hu": {
        "delivery": "Mikor érkezik meg a csomag?",
        "returns": "Visszaküldhetem a terméket?",
        "card": "Van külön díj bankkártyás fizetésnél?",
    },
}
ANSWERS = {"ta": {"delivery": "இரண்டு நாட்களில்", "returns": "பத்து நாட்களுக்குள்"}, "hu": {"delivery": "két munkanapon belül"}}

MARKS = """
from langchain_core.embeddings import Embeddings

class Short(Embeddings):
    size = 2

    def embed_query(self, text):
        return [1.0 + text.count("ா")] * self.size

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]

class Long(Short):
    size = 3
"""


def suite(folder: Path, name: str = "shop") -> Path:
    """The same three questions in Tamil and Hungarian."""
    for kind in ("documents", "cases"):
        (folder / kind).mkdir(parents=True)
    (folder / "suite.toml").write_text(f'name = "{name}"', "utf-8")
    for language, texts in TEXTS.items():
        documents = [{"id": id, "text": text} for id, text in texts.items()]
        cases = [
            {
                "id": f"{id}?",
                "question": question,
                "documents": [id],
                "answers": [ANSWERS[language][id]] if id in ANSWERS[language] else [],
            }
            for id, question in QUESTIONS[language].items()
        ]
        for kind, records in (("documents", documents), ("cases", cases)):
            lines = "".join(json.dumps(record) + "\n" for record in records)
            (folder / kind / f"{language}.jsonl").write_text(lines, "utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return suite(tmp_path / "shop")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `bot` writes what it was asked."""
    file = tmp_path / "asked.txt"
    file.touch()
    monkeypatch.setenv("BOT_LOG", str(file))
    return file


def bot(question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    """A bot that knows of deliveries only, stumbles over cards, and dies where BOT_DIES is in the question."""
    with open(os.environ["BOT_LOG"], "a", encoding="utf-8") as log:
        log.write(question + "\n")
    if os.environ.get("BOT_DIES", "\0") in question:
        os._exit(9)
    if os.environ.get("BOT_WAITS", "\0") in question:
        time.sleep(2)
    if question in (QUESTIONS["ta"]["card"], QUESTIONS["hu"]["card"]):
        raise LookupError("card")
    language = "ta" if question in QUESTIONS["ta"].values() else "hu"
    hit = {"document": "delivery"}
    return {"answer": ANSWERS[language]["delivery"], "language": language, "confidence": 0.75, "hits": [hit]}


BOT = Settings(target=f"{__name__}:bot")


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)])


def test_asks_every_case_and_keeps_every_outcome(shop: Path, tmp_path: Path, asked: Path) -> None:
    done = run(shop, BOT, out=tmp_path / "runs", console=QUIET)
    questions = [*QUESTIONS["hu"].values(), *QUESTIONS["ta"].values()]
    assert asked.read_text("utf-8").splitlines() == questions
    assert [outcome.case.question for outcome in done.outcomes] == questions
    assert [outcome.error for outcome in done.outcomes] == [None, None, "LookupError: card"] * 2
    assert done.metrics["overall"]["answer_hit"]["value"] is not None
    assert done.metrics["languages"]["ta"]["recall@1"]["n"] == 3
    assert done.metrics["languages"]["ta"]["recall@1"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert done.manifest["counts"]["crashed"] == 2
    assert done.manifest["languages"] == {"hu": 3, "ta": 3}
    assert Run.open(done.folder) == done


def test_the_manifest_says_what_was_asked_of_which_build(shop: Path, tmp_path: Path) -> None:
    done = run(shop, Settings(cases="ta", seed=5), out=tmp_path / "runs", console=QUIET)
    manifest = json.loads((done.folder / "manifest.json").read_text("utf-8"))
    assert manifest["suite"]["name"] == "shop"
    assert manifest["settings"]["seed"] == 5
    assert manifest["python"] == ".".join(map(str, sys.version_info[:3]))
    assert [index["documents"] for index in manifest["indexes"].values()] == [3]
    assert manifest["started"] <= manifest["finished"]
    assert done.folder.name.endswith("Z-shop")


def test_the_assistant_finds_in_its_own_language_and_is_timed(shop: Path, tmp_path: Path) -> None:
    done = run(shop, out=tmp_path / "runs", console=QUIET)
    assert [outcome.error for outcome in done.outcomes] == [None] * 6
    assert done.metrics["languages"]["ta"]["recall@1"]["value"] == 1
    assert done.metrics["languages"]["hu"]["recall@10"]["value"] == 1
    assert done.metrics["overall"]["milliseconds_p50"]["value"] > 0
    cited = [citation for outcome in done.outcomes for citation in outcome.citations]
    if cited:
        assert done.metrics["overall"]["citation_span"]["value"] == 1


def test_several_processes_give_the_same_outcomes_in_the_same_order(shop: Path, tmp_path: Path, asked: Path) -> None:
    def told(workers: int) -> list[tuple[str, str, str | None]]:
        done = run(shop, BOT, out=tmp_path / "runs", workers=workers, console=QUIET)
        return [(outcome.case.id, outcome.answer, outcome.error) for outcome in done.outcomes]

    assert told(2) == told(1)
    assert len(asked.read_text("utf-8").splitlines()) == 12


def test_a_killed_run_goes_on_where_it_stopped(shop: Path, tmp_path: Path, asked: Path) -> None:
    arguments = (shop, "--target", BOT.target, "--out", tmp_path / "runs")
    dying = {**os.environ, "BOT_DIES": QUESTIONS["ta"]["returns"]}
    line = [sys.executable, "-m", "eval", "run", *map(str, arguments)]
    assert subprocess.run(line, cwd=HERE, env=dying, capture_output=True, check=False).returncode == 9
    (folder,) = (tmp_path / "runs").glob("2*")
    lines = (folder / "outcomes.jsonl").read_bytes()
    assert lines.count(b"\n") == 4
    with pytest.raises(RunError, match="no finished run"):
        Run.open(folder)
    (folder / "outcomes.jsonl").write_bytes(lines[:-20])  # killed in the middle of a line
    asked.write_text("", "utf-8")
    resumed = command("run", *arguments, "--resume", folder)
    assert resumed.exit_code == 0, resumed.stderr
    assert resumed.stdout.strip() == str(folder)
    assert "2 of 6 cases crashed, the first with LookupError: card." in resumed.stderr
    assert asked.read_text("utf-8").splitlines() == list(QUESTIONS["ta"].values())
    whole = run(shop, BOT, out=tmp_path / "runs", console=QUIET)
    assert [each.answer for each in Run.open(folder).outcomes] == [each.answer for each in whole.outcomes]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_is_stopped_says_how_to_go_on(shop: Path, tmp_path: Path, asked: Path, workers: str) -> None:
    arguments = (shop, "--target", BOT.target, "--out", tmp_path / "my runs", "--name", "half", "--workers", workers)
    line = [sys.executable, "-m", "eval", "run", *map(str, arguments)]
    waiting = {**os.environ, "BOT_WAITS": QUESTIONS["ta"]["returns"]}
    heeded = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what nohup started ignores it, and so its children
    with subprocess.Popen(
        line,
        cwd=HERE,
        env=waiting,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heeded,
    ) as done:
        while QUESTIONS["ta"]["returns"] not in asked.read_text("utf-8"):
            time.sleep(0.1)
        time.sleep(0.5)
        os.killpg(done.pid, signal.SIGINT)
        said = done.communicate(timeout=60)[1]
    folder = tmp_path / "my runs" / "half"
    assert done.returncode == 130, said
    assert said.splitlines()[-1] == f"Stopped: go on with --resume '{folder}', or start anew."
    assert "Traceback" not in said
    resumed = command("run", *arguments[:5], "--resume", folder)
    assert resumed.exit_code == 0, resumed.stderr
    assert len(Run.open(folder).outcomes) == 6


def test_goes_on_behind_the_last_outcome_where_two_files_share_a_language(
    shop: Path, tmp_path: Path, asked: Path
) -> None:
    assert asked.exists()
    file = shop / "cases" / "hu.jsonl"
    lines = [json.loads(line) | {"language": "ta"} for line in file.read_text("utf-8").splitlines()]
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    done = run(shop, BOT, out=tmp_path / "runs", console=QUIET)
    outcomes = done.folder / "outcomes.jsonl"
    outcomes.write_bytes(b"".join(outcomes.read_bytes().splitlines(keepends=True)[:3]))
    again = run(shop, BOT, resume=done.folder, out=tmp_path / "runs", console=QUIET)
    assert [outcome.case for outcome in again.outcomes] == [outcome.case for outcome in done.outcomes]


def test_does_not_go_on_where_the_knowledge_changed(shop: Path, tmp_path: Path) -> None:
    index, out = tmp_path / "index", tmp_path / "runs"
    build([Document(id, text, language="hu") for id, text in TEXTS["hu"].items()], index)
    done = run(shop, Settings(cases="hu", index=str(index)), out=out, console=QUIET)
    manifest = json.loads((index / "manifest.json").read_text("utf-8"))
    (index / "manifest.json").write_text(json.dumps(manifest | {"made": "2020-01-01T00:00:00+00:00"}), "utf-8")
    with pytest.raises(RunError, match="indexes was"):
        run(shop, Settings(cases="hu", index=str(index)), out=out, resume=done.folder, console=QUIET)
    replies = tmp_path / "replies.jsonl"
    replies.write_text('{"id": "card?", "answer": "Nincs."}', "utf-8")
    recorded = Settings(cases="hu", target=str(replies))
    done = run(shop, recorded, out=out, console=QUIET)
    replies.write_text('{"id": "card?", "answer": "Van."}', "utf-8")
    with pytest.raises(RunError, match="files was"):
        run(shop, recorded, out=out, resume=done.folder, console=QUIET)


def odd(question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    """A bot whose replies no file can hold."""
    fields: dict[str, Any] = {
        QUESTIONS["hu"]["delivery"]: {"signals": [1]},
        QUESTIONS["hu"]["returns"]: {"citations": [{"document": "returns", "title": "\ud83d"}]},
        QUESTIONS["hu"]["card"]: {"citations": [{"document": "card", "made": Path()}]},
    }
    return {"answer": "Igen.", **fields[question]}


def test_a_reply_that_no_file_can_hold_is_a_crash_of_its_case(shop: Path, tmp_path: Path) -> None:
    done = run(shop, Settings(target=f"{__name__}:odd", cases="hu"), out=tmp_path, console=QUIET)
    errors = [outcome.error or "" for outcome in done.outcomes]
    assert [error.startswith("its reply is refused: ") for error in errors] == [True] * 3


def test_a_run_has_one_folder_whatever_its_suite_is_called(tmp_path: Path, asked: Path) -> None:
    done = run(suite(tmp_path / "s", "கடை/24: 7"), BOT, out=tmp_path / "runs", console=QUIET)
    assert done.folder.parent == tmp_path / "runs"
    assert asked.exists()


def test_a_machine_without_git_can_run(
    shop: Path, tmp_path: Path, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(shop, BOT, out=tmp_path / "runs", console=QUIET).manifest["commit"] is None
    assert asked.exists()


def test_does_not_go_on_with_another_run(shop: Path, tmp_path: Path, asked: Path) -> None:
    out = tmp_path / "runs"
    done = run(shop, BOT, out=out, console=QUIET)
    with pytest.raises(RunError, match="limit was None and is 1"):
        run(shop, Settings(target=BOT.target, limit=1), out=out, resume=done.folder, console=QUIET)
    with pytest.raises(RunError, match="it has no manifest"):
        run(shop, BOT, out=out, resume=tmp_path, console=QUIET)
    (shop / "cases" / "hu.jsonl").unlink()
    with pytest.raises(RunError, match="suite was"):
        run(shop, BOT, out=out, resume=done.folder, console=QUIET)
    assert len(asked.read_text("utf-8").splitlines()) == 6


def test_a_run_has_the_name_that_it_is_given(shop: Path, tmp_path: Path, asked: Path) -> None:
    done = run(shop, BOT, out=tmp_path / "runs", name="முன்பு", console=QUIET)
    assert done.folder == tmp_path / "runs" / "முன்பு"
    refused = command("run", shop, "--target", BOT.target, "--out", tmp_path / "runs", "--name", "முன்பு")
    assert refused.exit_code == 1
    assert "choose another --name" in refused.stderr
    assert len(asked.read_text("utf-8").splitlines()) == 6


def test_questions_cross_languages_as_wished(shop: Path, tmp_path: Path, asked: Path) -> None:
    def languages(**settings: Any) -> list[tuple[str, int]]:
        done = run(shop, Settings(**settings), out=tmp_path / "runs", console=QUIET)
        return sorted(done.manifest["languages"].items()), len(done.manifest["indexes"])

    assert languages() == ([("hu", 3), ("ta", 3)], 2)
    assert languages(documents="hu") == ([("hu", 3), ("ta", 3)], 1)
    assert languages(documents="hu", cases="ta", limit=2) == ([("ta", 2)], 1)
    assert asked.read_text("utf-8") == ""


def test_dropped_gold_is_not_in_the_index(shop: Path, tmp_path: Path) -> None:
    done = run(shop, Settings(drop_gold=0.67), out=tmp_path / "runs", console=QUIET)
    assert [index["documents"] for index in done.manifest["indexes"].values()] == [1, 1]
    assert done.manifest["counts"]["answerable"] == 2
    with pytest.raises(RunError, match="leave --target and --index away"):
        run(shop, Settings(target=BOT.target, drop_gold=0.5), out=tmp_path / "runs", console=QUIET)


def test_mixed_questions_are_asked_too(shop: Path, tmp_path: Path) -> None:
    other = suite(tmp_path / "other", "other")
    done = run(shop, Settings(mix=str(other), cases="hu"), out=tmp_path / "runs", console=QUIET)
    assert [outcome.case.id for outcome in done.outcomes[3:]] == ["other/delivery?", "other/returns?", "other/card?"]
    assert done.manifest["counts"]["answerable"] == 3


def test_a_given_index_stands_in_for_the_documents(shop: Path, tmp_path: Path) -> None:
    texts = TEXTS["hu"] | {"opening": "Hétköznap reggel kilenctől este hatig vagyunk nyitva."}
    build([Document(id, text, language="hu") for id, text in texts.items()], tmp_path / "index")
    done = run(shop, Settings(cases="hu", index=str(tmp_path / "index")), out=tmp_path / "runs", console=QUIET)
    assert done.manifest["indexes"]["index"]["documents"] == 4
    build([Document("delivery", TEXTS["hu"]["delivery"], language="hu")], tmp_path / "small")
    with pytest.raises(RunError, match="2 documents that answer cases of suite shop are not in the index"):
        run(shop, Settings(cases="hu", index=str(tmp_path / "small")), out=tmp_path / "runs", console=QUIET)


def test_a_chosen_embedder_has_an_index_of_its_own(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "marks.py").write_text(MARKS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    first, second = (
        run(shop, Settings(cases="ta", embedder=f"langchain:marks:{name}"), out=tmp_path, name=name, console=QUIET)
        for name in ("Short", "Long")
    )
    assert not set(first.manifest["indexes"]) & set(second.manifest["indexes"])
    (index,) = second.manifest["indexes"].values()
    assert index["embedder"] == second.manifest["settings"]["embedder"] == "langchain:marks:Long"
    with pytest.raises(RunError, match="embedder"):
        run(shop, Settings(embedder="langchain:marks:Long", target="a:b"), out=tmp_path, console=QUIET)
    asked = [str(shop), "--cases", "hu", "--embedder", "langchain:marks:Short", "--out", str(tmp_path), "--name", "x"]
    assert CliRunner().invoke(cli, ["run", *asked]).exit_code == 0
    assert Run.open(tmp_path / "x").manifest["settings"]["embedder"] == "langchain:marks:Short"


def test_a_folder_of_files_can_be_the_knowledge(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "szállítás.md").write_text("# Szállítás\n\nA csomag két nap alatt megérkezik.\n", "utf-8")
    (tmp_path / "s" / "cases").mkdir(parents=True)
    (tmp_path / "s" / "suite.toml").write_text('name = "s"\nknowledge = "../files"', "utf-8")
    case = {"id": "1", "question": "Hány nap alatt érkezik meg a csomag?", "documents": ["szállítás.md"]}
    (tmp_path / "s" / "cases" / "hu.jsonl").write_text(json.dumps(case), "utf-8")
    done = run(tmp_path / "s", out=tmp_path / "runs", console=QUIET)
    assert done.outcomes[0].hits == ("szállítás.md",)
    (tmp_path / "s" / "cases" / "hu.jsonl").write_text(json.dumps({**case, "documents": ["fizetés.md"]}), "utf-8")
    with pytest.raises(RunError, match=r"case '1' \(hu\) names 'fizetés.md'"):
        run(tmp_path / "s", out=tmp_path / "runs", console=QUIET)


def test_says_why_there_is_nothing_to_ask(shop: Path, tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="no cases in 'th'; it has hu, ta"):
        run(shop, Settings(cases="th"), out=tmp_path / "runs", console=QUIET)
    (tmp_path / "replies.jsonl").write_text("", "utf-8")
    with pytest.raises(RunError, match="one language of questions"):
        run(shop, Settings(target=str(tmp_path / "replies.jsonl")), out=tmp_path / "runs", console=QUIET)
    for language in ("ta", "hu"):
        (shop / "documents" / f"{language}.jsonl").rename(tmp_path / f"{language}.jsonl")
        lines = (shop / "cases" / f"{language}.jsonl").read_text("utf-8").splitlines()
        records = [{**json.loads(line), "documents": []} for line in lines]
        (shop / "cases" / f"{language}.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    with pytest.raises(RunError, match="nothing to ask"):
        run(shop, out=tmp_path / "runs", console=QUIET)


def test_the_command_prints_json_and_stops_at_a_floor(shop: Path, tmp_path: Path) -> None:
    (tmp_path / "floors.toml").write_text('[ta]\n"recall@1" = 1.0\nanswer_hit = 1.01\n[ml]\ncrag = 0\n', "utf-8")
    done = command("run", shop, "--out", tmp_path / "runs", "--json", "--floors", tmp_path / "floors.toml")
    assert done.exit_code == 1
    assert set(json.loads(done.stdout)) >= {"overall", "languages"}
    said = done.stderr.splitlines()[-2:]
    assert said[0].startswith("ta: answer_hit is ")
    assert said[1] == "ml: crag was not measured, and its floor is 0."
    (tmp_path / "floors.toml").write_text('[ta]\n"recall@1" = 1.0\n', "utf-8")
    assert command("run", shop, "--out", tmp_path / "runs", "--floors", tmp_path / "floors.toml").exit_code == 0


def test_the_command_tells_an_error_in_its_own_sentence(tmp_path: Path) -> None:
    refused = command("run", tmp_path)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == f"{tmp_path} is not a suite: it needs a suite.toml with at least a name.\n"
    assert command("run").exit_code == 2


def test_the_table_fits_a_small_terminal(shop: Path, tmp_path: Path, asked: Path) -> None:
    screen = Console(width=80, record=True, file=io.StringIO())
    screen.print(table(run(shop, BOT, out=tmp_path / "runs", console=QUIET).metrics))
    shown = screen.export_text()
    assert "…" not in shown
    assert [line.split()[:2] for line in shown.splitlines() if line.startswith(("hu", "ta", "overall"))] == [
        ["hu", "3"],
        ["ta", "3"],
        ["overall", "6"],
    ]
    assert asked.read_text("utf-8").count("\n") == 6


def test_compares_and_reports_runs(shop: Path, tmp_path: Path, asked: Path) -> None:
    before, after = (run(shop, BOT, out=tmp_path / "runs", console=QUIET).folder for _ in range(2))
    same = command("compare", before, after, "--gate", "--json", "--junit", tmp_path / "new" / "junit.xml")
    assert same.exit_code == 0, same.stderr
    assert json.loads(same.stdout)["failed"] is False
    assert (tmp_path / "new" / "junit.xml").read_text("utf-8").startswith("<?xml")
    assert command("compare", before, after).stdout.startswith("PASSED")
    assert command("report", before, after).stdout.strip() == str(after / "report.html")
    page = (after / "report.html").read_text("utf-8")
    assert QUESTIONS["ta"]["card"] in page
    absent = command("compare", before, tmp_path)
    assert (absent.exit_code, absent.stdout) == (1, "")
    assert "is no finished run" in absent.stderr
    assert "does not exist" in command("compare", before, tmp_path / "none").stderr
    assert asked.read_text("utf-8").count("\n") == 12


def test_calibrate_says_how_many_cases_are_missing(shop: Path, tmp_path: Path) -> None:
    refused = command("calibrate", shop, "--runs", tmp_path / "runs", "--out", tmp_path / "confidence.toml")
    assert refused.exit_code == 1
    assert "Too few labelled cases" in refused.stderr
    assert not (tmp_path / "confidence.toml").exists()


@pytest.mark.parametrize(("bound", "shown"), [(0.5, ".50"), (1.0, "1"), (-1.0, "-1"), (-0.001, "0"), (-0.256, "-.26")])
def test_bounds_take_as_few_letters_as_they_need(bound: float, shown: str) -> None:
    metrics = {"overall": {name: {"value": 0.5, "low": bound, "high": 2.0} for name in SHOWN}, "languages": {}}
    screen = Console(width=80, record=True, file=io.StringIO())
    screen.print(table(metrics | {"counts": {"overall": {"cases": 1}, "languages": {}}}))
    assert screen.export_text().splitlines()[-1].split() == [f"{shown}–2"] * len(SHOWN)


def test_floors_are_ceilings_where_less_is_better(tmp_path: Path) -> None:
    file = tmp_path / "floors.toml"
    file.write_text("\ufeff[overall]\nece = 0.1\n", "utf-8")
    figures = {"overall": {"ece": {"value": 0.2}}, "languages": {}}
    assert missed(figures, load(file)) == ["overall: ece is 0.2, above its ceiling of 0.1."]
    assert missed({"overall": {"ece": {"value": 0.1}}, "languages": {}}, load(file)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[ta]\n"recall@2" = 0.5', "'recall@2' is no metric"),
        ('[ta]\ncrag = "high"', "crag must be a number"),
        ("ta = 0.5", "ta must be a table"),
        ("[ta", "no valid TOML"),
    ],
)
def test_refuses_floors_that_mean_nothing(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "floors.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(FloorsError, match=problem):
        load(file)
    with pytest.raises(FloorsError, match="cannot be read"):
        load(tmp_path / "absent.toml")


def test_thai_encyclopaedia_questions_find_their_paragraphs(tmp_path: Path, indexes: Path) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here: it holds suites that this project may not ship")
    done = run(SHARED / "xquad", Settings(cases="th", limit=200), out=sharing(indexes, tmp_path), console=QUIET)
    assert done.metrics["overall"]["recall@1"]["value"] >= 0.9
    assert done.manifest["counts"]["crashed"] == 0
