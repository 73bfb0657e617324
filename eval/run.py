"""A run: every case of a suite asked of a target, and what came of it, in one folder.

`manifest.json` says what was asked and of which build, `outcomes.jsonl` holds a line for each case as soon as it is
answered, and `metrics.json` the figures. A run that was killed goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shlex
import signal
import subprocess  # git alone is run, with fixed words # nosec B404
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from eval import EvaluationError
from eval.indexes import HOME, digest, index_of
from eval.metrics import measure
from eval.outcomes import Outcome
from eval.suite import Case, Suite, drop_gold, mix, sample
from eval.targets import ASSISTANT, Parts, Target, open_target
from knowledge import Retriever
from knowledge.embed import Embedder, open_embedder

COLUMNS = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


class RunError(EvaluationError):
    """A run cannot start, go on or be read; the text says why and what to do."""


class Stopped(EvaluationError):
    """Somebody pressed Ctrl-C in the middle of a run, which can go on; 130 is what a shell says then."""

    code = 130


@dataclass(frozen=True, slots=True)
class Settings:
    """What is asked of whom. `documents` and `cases` are languages; see `Suite.pairs` for what None means.

    `limit` is the number of cases in each language; `drop_gold` the share of answerable cases to make unanswerable;
    `mix` another suite's folder; `index` an index folder that stands in for the suite's documents; `calibration` a file
    that stands in for the shipped `confidence.toml`; `embedder` the name of one for the index that is built here;
    `model` the chat model that writes the answers of the assistant in this process.
    """

    target: str = ASSISTANT
    documents: str | None = None
    cases: str | None = None
    limit: int | None = None
    drop_gold: float | None = None
    mix: str | None = None
    index: str | None = None
    calibration: str | None = None
    seed: int = 0
    embedder: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A case and whom it is asked of; the assistant in this process needs its parts."""

    case: Case
    target: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, as its folder holds it."""

    folder: Path
    manifest: Mapping[str, Any]
    outcomes: tuple[Outcome, ...]
    metrics: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path | str) -> Run:
        """Read a run. Raises RunError where the folder holds none, or one that did not finish."""
        folder = Path(folder)
        if not folder.is_dir():
            raise RunError(f"{folder} does not exist: name a folder that `python -m eval run` printed.")
        for name in ("manifest.json", "metrics.json"):
            if not (folder / name).is_file():
                raise RunError(f"{folder} is no finished run: it has no {name}. Was it killed? Go on with --resume.")
        manifest, metrics = _read(folder / "manifest.json"), _read(folder / "metrics.json")
        return cls(folder, manifest, tuple(_outcomes(folder)), metrics)


def run(
    path: Path | str,
    settings: Settings = Settings(),
    *,
    out: Path = Path("runs"),
    name: str | None = None,
    resume: Path | None = None,
    workers: int = 1,
    console: Console | None = None,
) -> Run:
    """Ask a suite's questions and measure what comes back.

    `out` is where the run's folder is made and where built indexes are kept; `name` is the folder's, by default the
    time and the suite's name; `resume` is the folder of a run to go on with; `workers` are the processes that ask:
    more than one pays where a reply takes long, and spoils `milliseconds`.
    Raises SuiteError, RunError, TargetError and KnowledgeError; Stopped on Ctrl-C, when all that was answered is kept.
    """
    console = console or Console(stderr=True)
    suite = _prepared(Suite.open(path), settings)
    questions = _questions(suite, settings, out / ".indexes", console)
    manifest = _manifest(suite, settings, questions)
    folder = _reopened(resume, manifest) if resume else _created(out, name, manifest)
    try:
        _ask(folder, questions[len(list(_outcomes(folder))) :], workers, console)
    except KeyboardInterrupt:
        raise Stopped(f"Stopped: go on with --resume {shlex.quote(str(folder))}, or start anew.") from None
    outcomes = tuple(_outcomes(folder))
    metrics = measure(outcomes, seed=settings.seed, texts=_texts(outcomes, questions))
    _write(folder / "metrics.json", metrics)
    finished = _read(folder / "manifest.json") | {"finished": _now(), "counts": metrics["counts"]["overall"]}
    _write(folder / "manifest.json", finished)
    return Run(folder, finished, outcomes, metrics)


def _prepared(suite: Suite, settings: Settings) -> Suite:
    """The suite with strange questions mixed in and gold documents dropped, as the settings wish."""
    if settings.mix is not None:
        suite = mix(suite, Suite.open(settings.mix))
    if settings.drop_gold is None:
        return suite
    if settings.target != ASSISTANT or settings.index is not None:
        raise RunError("Documents can be dropped only where the index is built here: leave --target and --index away.")
    return drop_gold(suite, settings.drop_gold, settings.seed)


def _questions(suite: Suite, settings: Settings, folder: Path, console: Console) -> list[Question]:
    """Everything that is to be asked, in order, with indexes built where they are needed."""
    here = settings.target == ASSISTANT
    embedder = _embedder(settings)
    shared = _shared(suite, settings, folder, embedder) if here else None
    calibration = Path(settings.calibration) if settings.calibration else None
    if settings.model and not here:
        raise RunError("A chat model writes for the assistant in this process only: leave --model or --target away.")
    questions: list[Question] = []
    for documents, language in suite.pairs(settings.documents, settings.cases):
        if here and shared is None and documents is None:
            console.print(f"{suite.name} has no documents for its {language} cases: give --documents to ask them.")
            continue
        index = index_of(suite, documents, folder, embedder) if here and shared is None and documents else shared
        cases = sample(suite.cases_of(language, documents), settings.limit, settings.seed)
        parts = Parts(index, calibration, settings.model)
        questions += [Question(case, settings.target, parts) for case in cases]
    if not questions:
        raise RunError(f"There is nothing to ask: suite {suite.name} has no cases, or no documents that they go with.")
    if settings.target.endswith(".jsonl") and len({question.case.language for question in questions}) > 1:
        raise RunError("Replies recorded by id stand for one language of questions: give --cases.")
    return questions


def _embedder(settings: Settings) -> Embedder | None:
    if settings.embedder is None:
        return None
    if settings.target != ASSISTANT or settings.index is not None:
        raise RunError("An embedder can be chosen only where the index is built here: leave --target and --index away.")
    return open_embedder(settings.embedder)


def _shared(suite: Suite, settings: Settings, folder: Path, embedder: Embedder | None) -> Path | None:
    """The one index that questions in every language are asked of: a given one, or that of a folder of files."""
    if settings.index is None and suite.knowledge is None:
        return None
    index = Path(settings.index) if settings.index else index_of(suite, "", folder, embedder)
    retriever = Retriever.open(index)
    gold = {id: case for cases in suite.asked.values() for case in cases for id in case.documents}
    if unknown := [id for id in gold if not _holds(retriever, id)]:
        case = gold[unknown[0]]
        raise RunError(
            f"{len(unknown)} documents that answer cases of suite {suite.name} are not in the index {index}: "
            f"case {case.id!r} ({case.language}) names {unknown[0]!r}."
        )
    return index


def _holds(retriever: Retriever, id: str) -> bool:
    try:
        retriever.document(id)
    except KeyError:
        return False
    return True


def _ask(folder: Path, questions: Sequence[Question], workers: int, console: Console) -> None:
    """Ask, and write each outcome down before the next is looked at."""
    with (
        (folder / "outcomes.jsonl").open("a", encoding="utf-8", newline="") as lines,
        _answers(questions, workers) as answers,
        Progress(*COLUMNS, console=console) as bar,
    ):
        task = bar.add_task(folder.name, total=len(questions))
        for outcome in answers:
            lines.write(json.dumps(outcome.json(), ensure_ascii=False) + "\n")
            lines.flush()
            bar.advance(task)


@contextmanager
def _answers(questions: Sequence[Question], workers: int) -> Iterator[Iterator[Outcome]]:
    """The outcomes in the order of the questions, from one process or several."""
    if workers == 1:
        yield map(_answer, questions)
        return
    # Ctrl-C reaches every process of a terminal: only this one decides what it means.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
    try:
        yield pool.map(_answer, questions)
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(question: Question) -> Outcome:
    return _opened(question.target, question.parts).answer(question.case)


@lru_cache(maxsize=1)
def _opened(target: str, parts: Parts) -> Target:
    return open_target(target, parts)


def _texts(outcomes: Sequence[Outcome], questions: Sequence[Question]) -> dict[str, dict[str, str]]:
    """The texts of the cited documents by their ids, for each language of questions that an index answered."""
    indexes = {question.case.language: question.parts.index for question in questions if question.parts.index}
    cited: dict[str, set[str]] = {language: set() for language in indexes}
    for outcome in outcomes:
        cited.get(outcome.case.language, set()).update(citation["document"] for citation in outcome.citations)
    texts = {}
    for language, index in indexes.items():
        retriever = Retriever.open(index)
        texts[language] = {id: retriever.document(id).text for id in cited[language] if _holds(retriever, id)}
    return texts


def _manifest(suite: Suite, settings: Settings, questions: Sequence[Question]) -> dict[str, Any]:
    """What is asked, of which build, where: all that decides the outcomes."""
    indexes = sorted({question.parts.index for question in questions if question.parts.index is not None})
    files = [file for file in (settings.target, settings.calibration) if file and Path(file).is_file()]
    return {
        "suite": {"name": suite.name, "path": str(suite.path), "digest": suite.digest()},
        "settings": asdict(settings),
        "files": {file: hashlib.sha256(Path(file).read_bytes()).hexdigest()[:16] for file in files},
        "build": digest(HOME / "knowledge", HOME / "assistant")[:16],
        "commit": _commit(),
        "indexes": {index.name: _read(index / "manifest.json") for index in indexes},
        "languages": dict(Counter(question.case.language for question in questions)),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "started": _now(),
    }


def _created(out: Path, name: str | None, manifest: Mapping[str, Any]) -> Path:
    """A new folder for a run, by default of the time and the suite. Raises RunError where there is one of that name."""
    suite = re.sub(r'[\\/:*?"<>|]', "-", manifest["suite"]["name"])
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{suite}"
    names = [name] if name else [stem, *(f"{stem}-{count}" for count in range(2, 1000))]
    folder = next((folder for each in names if not (folder := out / each).exists()), None)
    if folder is None:
        raise RunError(f"There is a {out / names[0]} already: choose another --name, or go on with --resume.")
    folder.mkdir(parents=True)
    _write(folder / "manifest.json", manifest)
    return folder


def _reopened(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """The folder of a run to go on with, its half-written last line dropped. Raises RunError if it is another run's."""
    try:
        old = _read(folder / "manifest.json")
    except FileNotFoundError:
        raise RunError(f"{folder} is no run: it has no manifest.json; name a folder under runs/.") from None
    then, now = _flat(old), _flat(manifest)
    changed = [f"{name} was {then.get(name)!r} and is {now[name]!r}" for name in now if then.get(name) != now[name]]
    if changed:
        raise RunError(
            f"{folder} cannot go on, it is another run: {'; '.join(changed)}. Start a new one, or ask the same."
        )
    file = folder / "outcomes.jsonl"
    if file.exists():
        whole = file.read_bytes()
        os.truncate(file, whole.rfind(b"\n") + 1)
    return folder


def suites(folder: Path) -> dict[str, str]:
    """The finished runs in a folder, newest first, each with its suite's name."""
    finished = sorted(folder.glob("*/metrics.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return {file.parent.name: str(_read(file.parent / "manifest.json")["suite"]["name"]) for file in finished}


def _flat(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same for a run to go on."""
    same = {name: manifest.get(name) for name in ("build", "files")}
    indexes = {name: index.get("made") for name, index in manifest["indexes"].items()}
    return {"suite": manifest["suite"]["digest"][:16], "indexes": indexes, **same, **manifest["settings"]}


def _outcomes(folder: Path) -> Iterator[Outcome]:
    """The outcomes that a folder holds so far."""
    file = folder / "outcomes.jsonl"
    if file.exists():
        with file.open(encoding="utf-8", newline="\n") as lines:
            yield from (Outcome.read(json.loads(line)) for line in lines)


def _commit() -> str | None:
    """The commit that this program stands at, marked where files were changed since; None outside of git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--match="]
    try:
        described = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)  # as above # nosec B603
    except FileNotFoundError:
        return None
    return described.stdout.strip() or None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(file: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return record


def _write(file: Path, record: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")
