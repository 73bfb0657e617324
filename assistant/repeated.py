"""A question that is asked again: the answer before did not help, so the same one must not come twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import regex

from assistant.asked import Asked
from assistant.conversation import Conversation, Turn
from knowledge import Hit, open_embedder
from knowledge.text import normalise

ALIKE = 0.7
"""Cosine from which two questions that the same place answers are one question; docs/conversation.md says why."""
TRIES = 2
"""Answers to one question after which a person takes over."""

_CODE = regex.compile(r"(?<![\p{L}\p{N}-])[\p{L}-]*+\p{N}[\p{L}\p{N}-]*")


def answers(asked: Asked) -> tuple[Turn, ...]:
    """What the assistant answered to the same question until now, since an agent last had the conversation."""
    given = [answer for question, answer in _answered(asked.conversation) if _alike(question.text, asked.question)]
    shown = {citation.document for answer in given for citation in answer.citations}
    return tuple(given) if asked.hits and asked.hits[0].passage.document in shown else ()


def others(hits: Sequence[Hit], given: Sequence[Turn]) -> list[Hit]:
    """What was found, without the passages that those answers quoted."""
    shown = {citation.passage for answer in given for citation in answer.citations}
    return [hit for hit in hits if hit.passage.id not in shown]


def _answered(conversation: Conversation) -> list[tuple[Turn, Turn]]:
    """The customer's questions that were answered with a source, and the answers."""
    turns = conversation.turns
    begin = max((place for place, turn in enumerate(turns) if turn.speaker == "agent"), default=-1) + 1
    return [(said, reply) for said, reply in pairwise(turns[begin:]) if said.speaker == "customer" and reply.citations]


def _alike(one: str, other: str) -> bool:
    """Whether two questions mean the same, and name the same codes and numbers."""
    if _CODE.findall(normalise(one)) != _CODE.findall(normalise(other)):
        return False
    ours, theirs = open_embedder("static").encode_query([one, other])
    return bool(ours @ theirs >= ALIKE)
