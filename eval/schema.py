"""What a suite's files and a target's replies may hold: fields, their checks, and what is said of a wrong one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
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


def _list_of(kind: str, fields: Mapping[str, Check]) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return f"must be a list of {kind}s, and is {value!r}"
        problems = (f"{kind} {place}: {each}" for place, item in enumerate(value, 1) for each in wrong(item, fields))
        return next(problems, None)

    return check


def _confidence(value: Any) -> str | None:
    valid = isinstance(value, int | float) and 0 <= value <= 1
    return None if valid else f"must be a number from 0 to 1, and is {value!r}"


def _signals(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else f"must be a JSON object of numbers, and is {value!r}"


def _hits(value: Any) -> str | None:
    if not isinstance(value, list):
        return f"must be a list of documents, best first, and is {value!r}"
    return _texts([hit.get("document") if isinstance(hit, Mapping) else hit for hit in value])


NEEDED = ("id", "question", "text", "speaker", "document", "answer", "name")
"""The fields that no record may lack; every other may be missing, or null."""
TURN: Mapping[str, Check] = {"speaker": _one_of(*get_args(Speaker)), "text": _text, "language": language_tag}
CASE: Mapping[str, Check] = {
    "id": _text,
    "question": _text,
    "documents": _texts,
    "answers": _texts,
    "channel": _one_of(*get_args(Channel)),
    "history": _list_of("turn", TURN),
    "alternatives": _texts,
    "tags": _texts,
    "language": language_tag,
    "action": _one_of(*get_args(Expected)),
}
DOCUMENT: Mapping[str, Check] = {
    "id": _text,
    "text": _text,
    "title": _any_text,
    "language": language_tag,
    "source": _any_text,
}
REPLY: Mapping[str, Check] = {
    "answer": _any_text,
    "action": _one_of(*get_args(Action)),
    "language": language_tag,
    "confidence": _confidence,
    "citations": _list_of("citation", {"document": _text, "quote": _text}),
    "hits": _hits,
    "signals": _signals,
    "offered": _texts,
}
RECORDED: Mapping[str, Check] = {"id": _text}
HEAD: Mapping[str, Check] = {
    "name": _text,
    "licence": _any_text,
    "source": _any_text,
    "description": _any_text,
    "knowledge": _text,
}


def wrong(record: Any, fields: Mapping[str, Check]) -> Iterator[str]:
    """Everything that is wrong with a record, field by field."""
    if not isinstance(record, Mapping):
        yield f"must be a JSON object, and is {record!r:.80}"
        return
    for name, check in fields.items():
        if name in NEEDED and name not in record:
            yield f"{name} is missing"
        elif (name in NEEDED or record.get(name) is not None) and (problem := check(record[name])):
            yield f"{name} {problem}"
