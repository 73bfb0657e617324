"""The neutral JSON, which docs/transcripts.md describes: a transcript as it is, for recognisers of no other format."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, WordKeys, first_language, one_line
from assistant.transcript.transcript import Role, Transcript, Utterance

KEEPS = frozenset(
    {
        "role",
        "speaker",
        "channel",
        "start",
        "end",
        "words",
        "confidence",
        "alternatives",
        "language",
        "languages",
        "day",
    }
)
NAME = "sevai"
WORD = WordKeys(text=("text",))
ROLES: dict[str, Role] = {"customer": "customer", "agent": "agent", "unknown": "unknown"}


def recognises(content: Content) -> bool:
    """Whether it says so."""
    return any(isinstance(each, dict) and each.get("format") == NAME for each in content.documents)


def read(content: Content) -> Transcript:
    """The call."""
    nodes = content.nodes()
    said = [_said(each) for node in nodes for each in node.nodes("utterances")]
    day = next((day for node in nodes if (day := node.day("date"))), None)
    return content.transcript(said, NAME, first_language(nodes, "language"), day)


def write(transcript: Transcript) -> bytes:
    """The call, with nothing lost; what is not known is left out."""
    said = [_known(asdict(utterance)) for utterance in transcript.utterances]
    told = {"date": transcript.day.isoformat()} if transcript.day else {}
    document = {"format": NAME, "language": transcript.language, **told, "utterances": said}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _known(value: dict[str, Any]) -> dict[str, Any]:
    kept = {name: held for name, held in value.items() if held not in (None, "", (), "und", "unknown")}
    return kept | ({"words": [_known(word) for word in kept["words"]]} if "words" in kept else {})


def _said(node: Node) -> Utterance:
    role = node.text("role")
    if role and role not in ROLES:
        node.noted["roles that are neither customer, agent nor unknown"] += 1
    others = node.value.get("alternatives", [])
    valid = isinstance(others, list) and all(isinstance(other, str) for other in others)
    if not valid:
        node.noted["values of “alternatives” that are no lists of texts"] += 1
    return Utterance(
        node.text("text"),
        role=ROLES.get(role, "unknown"),
        speaker=node.label("speaker"),
        channel=node.label("channel"),
        start=node.seconds("start"),
        end=node.seconds("end"),
        words=node.words("words", WORD),
        alternatives=tuple(said for other in others if (said := one_line(other))) if valid else (),
        language=node.language("language"),
    )
