"""Learning how far each signal is believed: it finds out which one tells the truth, and where."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eval.__main__ import cli
from eval.metrics.ranking import METRICS
from eval.outcomes import Outcome
from eval.rank import HALVES, SPOKEN, Pairing, PairingError, Question, learn, learn_heard, write
from eval.suite import Case
from knowledge.embed import SHIPPED
from knowledge.rank import LARGE, REGIMES, SIGNALS, SMALL, WEIGHED, Candidates, fuse, heard, load, load_heard, shipped
from tests.conftest import sharing

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "eval" / "suites" / "golden"
TRUTHS = dict(zip(REGIMES, ("words", "meaning", "fit", "sound"), strict=True))


def candidates(regimes: list[int], standings: Mapping[str, object], size: int = SMALL) -> Candidates:
    arrays = {name: np.array(values, np.float32) for name, values in standings.items()}
    scores = {name: arrays[name] for name in SIGNALS}
    return Candidates(size, np.arange(len(regimes)), scores, arrays, np.array(regimes))


def asked(truth: str, regime: str, size: int, draw: np.random.Generator, count: int = 25) -> Question:
    """A question whose right document one signal tells, mostly; the others guess."""
    standings = {name: draw.normal(size=count) for name in WEIGHED}
    gold = int(np.argmax(standings[truth] + 0.3 * draw.normal(size=count)))
    found = candidates([REGIMES.index(regime)] * count, standings, size)
    return Question(found, tuple(map(str, range(count))), frozenset([str(gold)]))


def pairing(truth: str, regime: str, size: int = SMALL, questions: int = 120, seed: int = 0) -> Pairing:
    draw = np.random.default_rng([seed, REGIMES.index(regime), size])
    return Pairing("made up", "ta", "th", tuple(asked(truth, regime, size, draw) for _ in range(questions)))


def test_the_signal_that_tells_the_truth_is_believed_in_its_regime() -> None:
    weights = learn([pairing(truth, regime) for regime, truth in TRUTHS.items()])
    for regime, truth in TRUTHS.items():
        believed = {name: weights[regime][name].at(SMALL) for name in SIGNALS}
        assert believed.pop(truth) > 5 * max(believed.values()), regime
        fresh = pairing(truth, regime, seed=1).figures(weights)
        assert fresh["fused"] >= max(fresh[name] for name in SIGNALS) - 0.02


@pytest.mark.parametrize("truth", ["echo", "run"])
def test_the_signal_that_hears_best_is_believed_of_what_was_heard(truth: str) -> None:
    draw, questions = np.random.default_rng(7), []
    for _ in range(120):
        standings = {name: draw.normal(size=25) for name in SPOKEN}
        gold = int(np.argmax(standings[truth] + 0.3 * draw.normal(size=25)))
        found = candidates([0] * 25, standings)
        questions.append(Question(found, tuple(map(str, range(25))), frozenset([str(gold)])))
    believed = {
        name: weight.at(LARGE)
        for name, weight in learn_heard([Pairing("x", "te", "te", tuple(questions))])["same"].items()
    }
    assert believed.pop(truth) > 5 * max(believed.values())
    assert believed["length"] <= 0


def test_what_is_true_of_small_knowledge_need_not_be_of_large() -> None:
    weights = learn([pairing("words", "same", SMALL), pairing("meaning", "same", LARGE)])["same"]
    assert weights["words"].at(SMALL) > 5 * weights["words"].at(LARGE)
    assert weights["meaning"].at(LARGE) > 5 * weights["meaning"].at(SMALL)


def test_a_long_passage_is_never_believed_for_its_length() -> None:
    weights = learn([pairing("length", "same"), pairing("words", "other")])
    assert all(believed["length"].at(size) <= 0 for believed in weights.values() for size in (SMALL, LARGE))


def test_questions_without_a_right_candidate_teach_nothing() -> None:
    plain = pairing("fit", "script", questions=40)
    lost = tuple(Question(each.candidates, each.documents, frozenset(["elsewhere"])) for each in plain.questions)
    assert learn([Pairing("made up", "ta", "th", plain.questions + lost)]) == learn([plain])
    with pytest.raises(PairingError, match="nothing can be learned"):
        learn([Pairing("made up", "ta", "th", lost)])


def test_weights_are_written_as_search_reads_them(tmp_path: Path) -> None:
    pairings = [pairing("fit", "other", questions=30)]
    weights = learn(pairings)
    write(weights, pairings, tmp_path / "new" / "rank.toml")
    assert load(tmp_path / "new" / "rank.toml") == weights
    text = (tmp_path / "new" / "rank.toml").read_text(encoding="utf-8")
    assert "30 questions" in text
    assert "made up ta>th" in text


def test_ndcg_is_that_of_the_metrics() -> None:
    draw = np.random.default_rng(4)
    measure = next(metric for metric in METRICS if metric.name == "ndcg@10")
    for _ in range(50):
        documents = tuple(f"d{number}" for number in draw.integers(0, 20, size=40))
        gold = frozenset(f"d{number}" for number in draw.integers(0, 24, size=3))
        scores = draw.normal(size=40).astype(np.float32)
        ranked = tuple(dict.fromkeys(documents[place] for place in np.argsort(-scores)))
        outcome = Outcome(Case("1", "?", documents=tuple(gold)), "answer", "", "ta", None, (), ranked, None, None)
        question = Question(candidates([0] * 40, dict.fromkeys(WEIGHED, scores)), documents, gold)
        assert question.ndcg(scores) == pytest.approx(measure.score(outcome, None))


def test_a_signal_that_says_nothing_ranks_nothing() -> None:
    silent = np.zeros(3, np.float32)
    standings = dict.fromkeys(WEIGHED, silent) | {"words": np.array([0, 0, 2], np.float32)}
    question = Question(candidates([0, 0, 0], standings), ("a", "b", "c"), frozenset("a"))
    figures = Pairing("made up", "ta", "ta", (question,)).figures(shipped())
    assert [figures[name] for name in SIGNALS] == [0.0] * len(SIGNALS)
    assert question.ndcg(silent, silent=0.0) == 0.0
    assert fuse(question.candidates)[2] > 0


def rank(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["rank", *map(str, words)], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture(scope="module")
def runs(indexes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sharing(indexes, tmp_path_factory.mktemp("runs"))


@pytest.mark.skipif(not SHIPPED.exists(), reason="knowledge/embed/model is not here")
def test_the_command_learns_from_the_golden_suite(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "rank.toml"
    places = ["--limit", "6", "--runs", runs, "--out", out]
    code, printed, shown = rank(
        f"{GOLDEN}:ta:all", f"{GOLDEN}:te:all", "--check", f"{GOLDEN}:th:all", *places, "--json"
    )
    assert (code, shown) == (0, "")
    told = json.loads(printed)
    assert tuple(load(Path(told["weights"]))) == REGIMES
    assert [(row["question"], row["n"]) for row in told["pairings"]] == [("ta", 6), ("te", 6), ("th", 6)]
    assert all(0 <= row[name] <= 1 for row in told["pairings"] for name in (*SIGNALS, "fused"))
    assert all(row["fused"] > 0 for row in told["pairings"])
    assert "12 questions" in out.read_text(encoding="utf-8")  # what is only checked on teaches nothing


@pytest.mark.skipif(not SHIPPED.exists(), reason="knowledge/embed/model is not here")
def test_the_command_learns_from_questions_that_were_heard(runs: Path, tmp_path: Path) -> None:
    out = tmp_path / "heard.toml"
    code, printed, shown = rank(
        f"{GOLDEN}:ta:all#odd", f"{GOLDEN}:te:all", "--check", f"{GOLDEN}:ta:all#even", "--heard", "--limit", "6",
        "--runs", runs, "--out", out, "--json",
    )  # fmt: skip
    assert (code, shown) == (0, "")
    rows = json.loads(printed)["pairings"]
    assert [(row["suite"], row["n"]) for row in rows] == [("golden#odd", 6), ("golden", 6), ("golden#even", 6)]
    assert "12 questions" in out.read_text(encoding="utf-8")
    learned = load_heard(out)
    assert set(heard()["same"]) == set(learned["same"]) >= set(SPOKEN)
    assert learned["other"] == shipped()["other"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([f"{GOLDEN}:ta"], "SUITE:CASES:DOCUMENTS"),
        (["ta"], "SUITE:CASES:DOCUMENTS"),
        ([f"{GOLDEN}:ta:all#third"], "SUITE:CASES:DOCUMENTS"),
        (["nowhere:ta:en"], "suite.toml"),
        ([f"{GOLDEN}:xx:all"], "no cases in 'xx'"),
    ],
)
def test_a_pairing_that_cannot_be_asked_is_refused_in_a_sentence(words: list[str], told: str, tmp_path: Path) -> None:
    code, printed, shown = rank(
        *words[:1], *words[1:], "--limit", "1", "--runs", tmp_path, "--out", tmp_path / "rank.toml"
    )
    assert (code, printed) == (1, "")
    assert told in shown
    assert shown.count("\n") == 1
    assert not (tmp_path / "rank.toml").exists()


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Two languages of questions, of which one is answered in Thai and none in Hungarian."""
    lines = {
        "suite.toml": 'name = "ร้าน"',
        "cases/ta.jsonl": '{"id": "1", "question": "கட்டணம் 149 ரூபாயா?", "documents": ["ค่าส่ง"]}',
        "cases/th.jsonl": '{"id": "1", "question": "ค่าส่งเท่าไหร่", "documents": ["ค่าส่ง"]}',
        "documents/th.jsonl": '{"id": "ค่าส่ง", "text": "ค่าส่ง 149 บาท"}',
        "documents/hu.jsonl": '{"id": "ár", "text": "Az ára 149 forint."}',
    }
    for name, line in lines.items():
        (tmp_path / "suite" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "suite" / name).write_text(line, encoding="utf-8")
    return tmp_path / "suite"


@pytest.mark.skipif(not SHIPPED.exists(), reason="knowledge/embed/model is not here")
def test_a_person_reads_a_table(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "rank.toml"
    code, printed, shown = rank(f"{suite}:th:th", "--check", f"{suite}:ta:th", "--runs", tmp_path, "--out", out)
    assert (code, printed.strip()) == (0, str(out))
    assert "ร้าน th > th" in shown
    assert "ร้าน ta > th *" in shown
    assert "1.000" in shown


@pytest.mark.skipif(not SHIPPED.exists(), reason="knowledge/embed/model is not here")
def test_a_document_is_in_one_half_of_its_suite(suite: Path, tmp_path: Path) -> None:
    other, own = sorted(HALVES, key=lambda half: half == HALVES[zlib.crc32("ค่าส่ง".encode()) % 2])
    assert len(Pairing.ask(f"{suite}:ta:th#{own}", None, tmp_path).questions) == 1
    with pytest.raises(PairingError, match="no question that its documents answer"):
        Pairing.ask(f"{suite}:ta:th#{other}", None, tmp_path)


def test_a_suite_that_answers_nothing_teaches_nothing(suite: Path, tmp_path: Path) -> None:
    code, _, shown = rank(f"{suite}:ta:hu", "--runs", tmp_path, "--out", tmp_path / "rank.toml")
    assert code == 1
    assert "no question that its documents answer" in shown
