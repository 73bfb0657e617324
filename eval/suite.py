"""A suite: questions with what answers them, and the knowledge they are asked of.

A folder with `suite.toml` (name, licence, source, description), `documents/<language>.jsonl` and
`cases/<language>.jsonl`; in place of documents, `suite.toml` may name a folder of files as `knowledge`. Ids are the
same in every language, so that a question in one can be asked of documents in another.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from assistant.conversation import Channel, Turn
from eval import EvaluationError
from eval.schema import CASE, DOCUMENT, HEAD, Check, Expected, language_tag, wrong
from knowledge import Document, detect

UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""When the turns of a case were spoken: suites do not say, and a case read twice is the same case."""
Kind = TypeVar("Kind")
SHOWN = 10
"""How many of a suite's problems an error lists."""


class SuiteError(EvaluationError):
    """A suite cannot be read, or cannot be asked in the way that was wished; the text says what to mend."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question and its gold: `documents` answer it (any of them), and () means that the knowledge cannot.

    `language` is that of the cases file; `alternatives` are a recogniser's further hearings of a voice question, best
    first; `action` is what a good assistant does, where the suite says so; `extra` keeps the fields of no name here.
    """

    id: str
    question: str
    documents: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    channel: Channel = "chat"
    history: tuple[Turn, ...] = ()
    alternatives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "und"
    action: Expected | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answerable(self) -> bool:
        """Whether the knowledge holds an answer."""
        return bool(self.documents)

    def json(self) -> dict[str, Any]:
        """The case as a line of a cases file, with its language."""
        history = [{"speaker": turn.speaker, "text": turn.text, "language": turn.language} for turn in self.history]
        return {name: getattr(self, name) for name in CASE} | {"history": history} | dict(self.extra)

    @classmethod
    def read(cls, record: Mapping[str, Any], language: str = "und") -> Case:
        """The case of a checked line of a cases file; `language` is the file's, where the line names none."""
        told = {name: record[name] for name in CASE if record.get(name) is not None}
        lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list | tuple)}
        said = told.get("history", ())
        turns = (
            Turn(turn["speaker"], turn["text"], turn.get("language") or detect(turn["text"]).tag, UNDATED)
            for turn in said
        )
        extra = {name: value for name, value in record.items() if name not in CASE}
        return cls(**{"language": language, **told, **lists, "history": tuple(turns), "extra": extra})


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases by language and the documents by language that they are asked of.

    `knowledge` is the folder of files that stands in for documents, and then only an index knows the ids.
    """

    name: str
    licence: str = ""
    source: str = ""
    description: str = ""
    path: Path = Path()
    knowledge: Path | None = None
    documented: Mapping[str, tuple[Document, ...]] = field(default_factory=dict, repr=False)
    asked: Mapping[str, tuple[Case, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, path: Path | str) -> Suite:
        """Read and check the folder. Raises SuiteError, which names file, line and field of the first problems."""
        path = Path(path)
        problems: list[str] = []
        named = _toml(path)
        documents = {file.stem: _documents(file, problems) for file in _files(path / "documents", problems)}
        records = {file.stem: lines(file, CASE, problems) for file in _files(path / "cases", problems)}
        knowledge = path / named.pop("knowledge") if "knowledge" in named else None
        if knowledge is None:
            _resolve(records, documents, problems)
        elif not knowledge.is_dir():
            problems.append(f"suite.toml: knowledge: there is no folder {knowledge}")
        if problems:
            raise SuiteError(_listed(path, problems))
        cases = {tag: tuple(Case.read(record, tag) for _, record in read) for tag, read in records.items()}
        return cls(**named, path=path, knowledge=knowledge, documented=documents, asked=cases)

    def documents(self, language: str) -> tuple[Document, ...]:
        """The knowledge in one language. Raises SuiteError where there is none."""
        return self._of(self.documented, language, "documents")

    def cases(self, language: str) -> tuple[Case, ...]:
        """The questions in one language. Raises SuiteError where there are none."""
        return self._of(self.asked, language, "cases")

    def cases_of(self, language: str, documents: str | None) -> tuple[Case, ...]:
        """The questions in one language, asked of the documents in another.

        A document that is not written in that language answers nothing: its questions are then unanswerable.
        """
        if documents is None or self.knowledge is not None:
            return self.cases(language)
        present = {document.id for document in self.documents(documents)}
        return tuple(_keeping(case, present) for case in self.cases(language))

    def pairs(self, documents: str | None = None, cases: str | None = None) -> tuple[tuple[str | None, str], ...]:
        """Which documents each language of questions is asked of, as (documents, cases).

        Without a choice: those of its own language, else the only ones there are, else None.
        """
        if cases is not None:
            self.cases(cases)
        if documents is not None:
            self.documents(documents)
        only = next(iter(self.documented)) if len(self.documented) == 1 else None
        return tuple(
            (documents or (language if language in self.documented else only), language)
            for language in ([cases] if cases else self.asked)
        )

    def digest(self) -> str:
        """A hash of all that is asked and known, so that a run can tell whether the suite is still the same."""
        content = [
            {tag: [asdict(document) for document in documents] for tag, documents in self.documented.items()},
            {tag: [case.json() for case in cases] for tag, cases in self.asked.items()},
        ]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def _of(self, table: Mapping[str, tuple[Kind, ...]], language: str, what: str) -> tuple[Kind, ...]:
        if language not in table:
            there = ", ".join(table) or "none at all"
            raise SuiteError(f"Suite {self.name} has no {what} in {language!r}; it has {there}.")
        return table[language]


def drawn(ids: Iterable[str], seed: int | str) -> list[str]:
    """The ids in an order that looks random, and is the same on every machine and whatever else is drawn from."""
    return sorted(ids, key=lambda id: hashlib.sha256(f"{seed}:{id}".encode()).digest())


def sample(cases: tuple[Case, ...], limit: int | None, seed: int) -> tuple[Case, ...]:
    """At most `limit` of the cases, drawn by `seed`, in the order of the file.

    They are drawn in another order than that in which documents are dropped, which would leave those without an answer.
    """
    if limit is None:
        return cases
    chosen = set(drawn((case.id for case in cases), f"sample {seed}")[:limit])
    return tuple(case for case in cases if case.id in chosen)


def drop_gold(suite: Suite, share: float, seed: int) -> Suite:
    """Take documents away until `share` of the answerable cases has no answer left.

    A case whose documents are all gone becomes unanswerable, so cases that share a document go together; the same
    documents go in every language. Raises SuiteError where the suite's knowledge is a folder of files.
    """
    if suite.knowledge is not None:
        raise SuiteError(f"Suite {suite.name} keeps its knowledge in files, of which none can be dropped.")
    gold: dict[str, set[str]] = {}
    for case in (case for cases in suite.asked.values() for case in cases if case.answerable):
        gold.setdefault(case.id, set()).update(case.documents)
    dropped: set[str] = set()
    for id in drawn(gold, seed):
        if gold[id] <= dropped:
            continue
        if sum(documents <= dropped for documents in gold.values()) >= round(share * len(gold)):
            break
        dropped |= gold[id]
    kept = {
        tag: tuple(document for document in documents if document.id not in dropped)
        for tag, documents in suite.documented.items()
    }
    present = {id for documents in gold.values() for id in documents} - dropped
    asked = {tag: tuple(_keeping(case, present) for case in cases) for tag, cases in suite.asked.items()}
    return replace(suite, documented=kept, asked=asked)


def mix(suite: Suite, other: Suite) -> Suite:
    """Ask this knowledge the questions of another suite, too: it answers none of them; they are tagged `mixed`.

    Raises SuiteError where the two ask in no common language.
    """
    if not set(suite.asked) & set(other.asked):
        raise SuiteError(f"Suites {suite.name} and {other.name} ask in no common language, so nothing can be mixed.")
    strangers = {tag: tuple(_stranger(case, other.name) for case in cases) for tag, cases in other.asked.items()}
    return replace(suite, asked={tag: cases + strangers.get(tag, ()) for tag, cases in suite.asked.items()})


def _keeping(case: Case, present: set[str]) -> Case:
    """The case as a knowledge that holds only the `present` documents can answer it."""
    return replace(case, documents=tuple(id for id in case.documents if id in present))


def _stranger(case: Case, suite: str) -> Case:
    """A case of another suite, which this knowledge cannot answer."""
    return replace(case, id=f"{suite}/{case.id}", documents=(), answers=(), action=None, tags=(*case.tags, "mixed"))


def _toml(path: Path) -> dict[str, str]:
    """The checked fields of suite.toml."""
    file = path / "suite.toml"
    try:
        named = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise SuiteError(f"{path} is not a suite: it needs a suite.toml with at least a name.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SuiteError(f"{file} is no valid TOML: {error}.") from error
    if problems := [f"suite.toml: {problem}" for problem in wrong(named, HEAD)]:
        raise SuiteError(_listed(path, problems))
    return {name: named[name] for name in HEAD if name in named}


def _files(folder: Path, problems: list[str]) -> list[Path]:
    """A folder's files by language, those of unreadable names reported."""
    files = sorted(folder.glob("*.jsonl"))
    problems += [f"{_place(file)}: the name {problem}" for file in files if (problem := language_tag(file.stem))]
    return files


def _place(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def lines(file: Path, fields: Mapping[str, Check], problems: list[str]) -> list[tuple[int, dict[str, Any]]]:
    """The sound lines of a file with their numbers; what is wrong with the others goes to `problems`."""
    sound: dict[str, tuple[int, dict[str, Any]]] = {}
    for number, line in enumerate(file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        where = f"{_place(file)} line {number}"
        try:
            record = json.loads(line.decode("utf-8"))
        except ValueError as error:
            problems.append(f"{where}: no valid JSON in UTF-8 ({error})")
            continue
        faults = list(wrong(record, fields))
        if not faults and record["id"] in sound:
            faults = [f"id {record['id']!r} is already that of line {sound[record['id']][0]}"]
        problems += [f"{where}: {problem}" for problem in faults]
        if not faults:
            sound[record["id"]] = (number, record)
    return list(sound.values())


def _documents(file: Path, problems: list[str]) -> tuple[Document, ...]:
    """The documents of one file."""
    return tuple(
        Document(
            id=record["id"],
            text=record["text"],
            title=record.get("title") or "",
            language=record.get("language") or file.stem,
            source=record.get("source") or file.name,
        )
        for _, record in lines(file, DOCUMENT, problems)
    )


def _resolve(
    records: Mapping[str, list[tuple[int, dict[str, Any]]]],
    documents: Mapping[str, tuple[Document, ...]],
    problems: list[str],
) -> None:
    """Check that every gold document exists; an `intent` in place of documents means all that have it as title."""
    known: set[str] = set()
    titled: dict[str, list[str]] = {}
    for document in (document for each in documents.values() for document in each):
        if document.id not in known:
            titled.setdefault(document.title, []).append(document.id)
        known.add(document.id)
    for language, read in records.items():
        for number, record in read:
            where = f"cases/{language}.jsonl line {number}"
            unknown = [id for id in record.get("documents") or () if id not in known]
            problems += [f"{where}: documents: {id!r} is in no documents file" for id in unknown]
            intent = record.get("intent")
            if isinstance(intent, str) and not record.get("documents"):
                record["documents"] = titled.get(intent, [])
                if intent not in titled:
                    problems.append(f"{where}: intent {intent!r} is no document's title")


def _listed(path: Path, problems: list[str]) -> str:
    """The first problems, one a line."""
    count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
    more = [f"... and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    return "\n".join([f"{path} has {count}:", *(f"  {problem}" for problem in problems[:SHOWN]), *more])
