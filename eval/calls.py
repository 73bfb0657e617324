"""Calls for a quality team: a report in one HTML file, and a suite of what was asked, for a person to confirm.

Personal data that the words tell is masked in both (`assistant.privacy`); a caller's name is not known as one.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from babel.numbers import is_currency

from assistant.privacy import masked
from assistant.transcript.review import Review, Reviewed
from eval import EvaluationError
from eval.report import TEMPLATES
from knowledge import Document, base, english_name, open_embedder
from knowledge.language import direction

LIKE = 0.75
"""Cosine of two questions' meanings from which they are counted as one; what is like may still differ,
so that all of them are shown."""
TOP = 20
"""Unanswered questions that the report begins with."""
FATES = {"answer": "answered", "clarify": "asked back", "handoff": "handed to a person"}
"""What becomes of a question, in the order of the bars, by the reply's action."""
CONFIRM = "to-confirm"
"""The tag of cases that nobody has confirmed."""


class CallsRefused(EvaluationError):
    """A suite cannot be written; the text says what to do."""


def report(reviews: Sequence[Review], counted: Mapping[str, Any], out: Path) -> Path:
    """Write the report of some calls, whose `figures` were counted, and return where it is."""
    page = TEMPLATES.get_template("calls.html").render(
        reviews=reviews, figures=counted, fates=FATES, name=english_name, dir=direction
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    return out


def figures(reviews: Sequence[Review]) -> dict[str, Any]:
    """What the report says first, as `--json` writes it: counts by language, and what is to be looked at."""
    asked = [each for review in reviews for each in review.asked]
    by_language: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in asked:
        by_language[each.question.language][each.reply.action] += 1
    return {
        "calls": len(reviews),
        "questions": len(asked),
        "actions": dict(Counter(each.reply.action for each in asked)),
        "languages": {tag: dict(counts) for tag, counts in sorted(by_language.items())},
        "unanswered": unanswered(asked)[:TOP],
        "contradictions": [
            {"call": masked(review.name), "question": masked(each.question.text), "language": each.question.language}
            | {name: _masked(getattr(one, name)) for name in one.__slots__}
            for review in reviews
            for each in review.asked
            for one in each.contradictions
        ],
        "promises": [
            {
                "call": masked(review.name),
                "language": review.call.language,
                "text": masked(one.text),
                "due": list(one.due),
                "dates": list(one.dates),
            }
            for review in reviews
            for one in review.promises
        ],
    }


def unanswered(asked: Iterable[Reviewed]) -> list[dict[str, Any]]:
    """The questions that were not answered, those like each other as one, commonest first; each with its `count`."""
    missed = [each for each in asked if each.reply.action != "answer"]
    if not missed:
        return []
    vectors = open_embedder("static").encode_query([each.question.text for each in missed])
    groups: list[list[int]] = []
    for place, vector in enumerate(vectors):
        like = next(
            (group for group in groups if vectors[group[0]] @ vector >= LIKE and _alike(missed, group[0], place)), None
        )
        if like is None:
            groups.append([place])
        else:
            like.append(place)
    return [
        {
            "count": len(group),
            "language": missed[group[0]].question.language,
            "questions": list(dict.fromkeys(masked(missed[place].question.text) for place in group)),
            "agent": next(
                (masked(missed[place].question.answer) for place in group if missed[place].question.answer), ""
            ),
        }
        for group in sorted(groups, key=len, reverse=True)
    ]


def _alike(missed: Sequence[Reviewed], one: int, other: int) -> bool:
    return base(missed[one].question.language) == base(missed[other].question.language)


def suite(reviews: Sequence[Review], documents: Sequence[Document], folder: Path, name: str) -> int:
    """Write the calls' questions as a suite over the documents of an index, and return how many cases it has.

    What the agent said is the reference answer, what the assistant cites the gold document, and each case is tagged
    CONFIRM until a person has looked at it. Raises CallsRefused where the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CallsRefused(f"{folder} is not empty; name a new folder, so that no confirmed case is lost.")
    cases: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, each in ((number, one) for review in reviews for number, one in enumerate(_cases(review), 1)):
        cases[each["language"]].append({"id": f"{each.pop('call')}#{number}", **each})
    for tag, told in cases.items():
        _lines(folder / "cases" / f"{tag}.jsonl", told)
    known = (
        {"id": each.id, "title": each.title, "text": each.text, "language": each.language, "source": each.source}
        for each in documents
    )
    _lines(folder / "knowledge" / "documents.jsonl", known)
    (folder / "suite.toml").write_text(
        f"name = {json.dumps(name, ensure_ascii=False)}\n"
        'description = "Questions of calls; the answers are what agents said, and nobody has confirmed them."\n'
        'knowledge = "knowledge"\n',
        encoding="utf-8",
    )
    return sum(map(len, cases.values()))


def _cases(review: Review) -> Iterable[dict[str, Any]]:
    for each in review.asked:
        cited = dict.fromkeys(citation.document for citation in each.reply.citations)
        history = [
            {"speaker": turn.speaker, "text": masked(turn.text), "language": turn.language} for turn in each.before
        ]
        yield {
            "call": masked(review.name),
            "question": masked(each.question.text),
            "language": each.question.language,
            "documents": list(cited),
            "answers": [masked(each.question.answer)] if each.question.answer else [],
            "channel": "voice",
            "history": history,
            "alternatives": [masked(text) for text in each.question.heard.alternatives],
            "tags": [CONFIRM],
        }


def _lines(file: Path, records: Iterable[Mapping[str, Any]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records), encoding="utf-8")


def _masked(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else list(value)


def figure(claimed: str) -> str:
    """A figure as people read it: `499 inr` is 499 INR, `7 day` stays."""
    number, _, unit = claimed.rpartition(" ")
    return f"{number} {unit.upper()}" if is_currency(unit.upper()) else claimed


def by_when(due: Sequence[str], dates: Sequence[str]) -> list[tuple[str, str]]:
    """What was said of when, and the day that it is; empty where that is not known."""
    return list(zip_longest(due, dates, fillvalue=""))


TEMPLATES.filters |= {"masked": masked, "figure": figure, "by_when": by_when}
