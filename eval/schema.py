"""What a suite's files and a target's replies may hold: fields, their checks, and what is said of a wrong one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from assistant.conversation import Channel, Speaker
from assistant.reply import Action

Expected = Literal["answer", "clarify", "handoff"]
"""What a good assistant does with a case."""
TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z\d]{5,8}|\d[a-z\d]{3}))*", re.IGNORECASE)
"""A BCP 47 tag of language, script, region and variants (RFC 5646, section 2.1)."""
SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character, which JSON can spell and no file can hold."""

Check = Callable[[Any], str | None]
"""What is wrong with a field's value, or None."""


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return f"must be text, and is {value!r}"
    if not value.strip():
        return "is empty"
    return "is no valid Unicode" if SURROGATE.search(value) else None


def _any_text(value: Any) -> str | None:
    return None if value == "" else _text(value)


def _texts(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"must be a list of texts, and is {value!r}"
    return next((f"holds one that {problem}" for problem in map(_text, value) if problem), None)


def _one_of(*known: str) -> Check:
    return lambda value: None if value in known else f"must be {' or '.join(known)}, and is {value!r}"


def language_tag(value: Any) -> str | None:
    """What is wrong with a language's name, or None."""
    valid = isinstance(value, str) and TAG.fullmatch(value)
    return None if valid else f"must be a BCP 47 tag such as ta or ta-Latn, and is {value!r}"


def _turns(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        return f"must be a list of turns with speaker and text, and is {value!r}"
    problems = (f"turn {place}: {problem}" for place, turn in enumerate(value, 1) for problem in wrong(turn, TURN))
    return next(problems, None)


def _confidence(value: Any) -> str | None:
    valid = isinstance(value, int | float) and 0 <= value <= 1
    return None if valid else f"must be a number from 0 to 1, and is {value!r}"


def _citations(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(citation, dict) for citation in value):
        return f"must be a list of objects with document and quote, and is {value!r}"
    problems = (
        f"citation {place}: {each}" for place, citation in enumerate(value, 1) for each in wrong(citation, CITED)
    )
    return next(problems, None)


def _hits(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"must be a list of documents, best first, and is {value!r}"
    return _texts([hit.get("document") if isinstance(hit, dict) else hit for hit in value])


def _optional(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


@dataclass(frozen=True, slots=True)
class Field:
    """How a field of a line is checked, and whether the line may lack it."""

    check: Check
    needed: bool = False


TURN = {
    "speaker": Field(_one_of(*get_args(Speaker)), needed=True),
    "text": Field(_text, needed=True),
    "language": Field(language_tag),
}
CASE = {
    "id": Field(_text, needed=True),
    "question": Field(_text, needed=True),
    "documents": Field(_texts),
    "answers": Field(_texts),
    "channel": Field(_one_of(*get_args(Channel))),
    "history": Field(_turns),
    "alternatives": Field(_texts),
    "tags": Field(_texts),
    "language": Field(language_tag),
    "action": Field(_optional(_one_of(*get_args(Expected)))),
}
DOCUMENT = {
    "id": Field(_text, needed=True),
    "text": Field(_text, needed=True),
    "title": Field(_any_text),
    "language": Field(language_tag),
    "source": Field(_any_text),
}
CITED = {
    "document": Field(_text, needed=True),
    "quote": Field(_text),
}
REPLY = {
    "answer": Field(_any_text, needed=True),
    "action": Field(_one_of(*get_args(Action))),
    "language": Field(_optional(language_tag)),
    "confidence": Field(_optional(_confidence)),
    "citations": Field(_optional(_citations)),
    "hits": Field(_optional(_hits)),
}
HEAD = {
    "name": Field(_text, needed=True),
    "licence": Field(_any_text),
    "source": Field(_any_text),
    "description": Field(_any_text),
    "knowledge": Field(_text),
}


def wrong(record: Any, fields: Mapping[str, Field]) -> Iterator[str]:
    """Everything that is wrong with a record, field by field."""
    if not isinstance(record, Mapping):
        yield f"must be a JSON object, and is {record!r:.80}"
        return
    for name, field in fields.items():
        if name in record:
            if problem := field.check(record[name]):
                yield f"{name} {problem}"
        elif field.needed:
            yield f"{name} is missing"
