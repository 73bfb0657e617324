"""A question that leans on what came before it ("and for the other model?"), made one that stands alone.

It is searched for, and nothing else: what is shown and recorded are the customer's own words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import regex

from assistant.connection import Connection, ModelFailed
from assistant.conversation import Conversation, Turn
from assistant.phrases import intent, phrasebook
from assistant.prompts import rewriting
from knowledge import detect
from knowledge.language import script_of
from knowledge.text import LETTER, UNSPACED, normalise

SHORT = 40
"""Characters up to which words that point back are believed to; chosen on the golden suite's Tamil and Thai cases."""
BACK = 6
"""Turns that are looked back at most."""
WEIGHT = 2
"""How many times what is asked counts, against once what was said before."""
SECONDS = 5.0
"""What a model may take to rewrite a question."""
LONGER = 200
"""Characters by which a rewritten question may be longer: a name and a subject are put in, not a talk."""


@dataclass(frozen=True, slots=True)
class Standalone:
    """A question as it is looked for, and as it is answered."""

    search: str
    question: str

    @classmethod
    def behind(cls, before: Sequence[str], question: str) -> Standalone:
        """A question that is looked for with what was said before it."""
        return cls(" ".join([*before, *[question] * WEIGHT]), question)


def remembered(question: str, conversation: Conversation, language: str) -> Standalone | None:
    """The question with the terms of what it points back to; None where it points to nothing.

    A choice that was offered is pointed back to by any short message.
    """
    if len(question) > SHORT or not (conversation.choices or _points_back(question, language)):
        return None
    before = _recalled(conversation)
    return Standalone.behind(before, question) if before else None


def rewritten(
    question: str, conversation: Conversation, language: str, model: Connection, seconds: float
) -> Standalone | None:
    """The question as a model writes it for who has not read the talk; None where it is the same.

    Raises ModelFailed, also where what it writes is no such question: empty, much longer, or in another language.
    """
    turns = conversation.turns[-BACK:]
    pieces = model.stream(rewriting(question, turns, language), min(seconds, SECONDS))
    text = " ".join("".join(pieces).split())
    written = detect(text, fallback=language)
    strange = written.tag != language or written.script != script_of(language)
    if not text or len(text) > len(question) + LONGER or strange:
        raise ModelFailed(f"It rewrote the question as no question of that language: {text[:80]!r}.")
    return None if normalise(text) == normalise(question) else Standalone(text, text)


def _recalled(conversation: Conversation) -> list[str]:
    """What was said since the customer's last question that stood alone, small talk and our own phrases left out.

    Of a quote the titles of what it quotes: its words would find nothing but what was quoted already.
    """
    said: list[str] = []
    for turn in reversed(conversation.turns[-BACK:]):
        if turn.speaker == "customer" and intent(turn.text) is None:
            said.append(turn.text)
            if len(turn.text) > SHORT or not _points_back(turn.text, turn.language):
                break
        elif turn.speaker != "customer" and not _ours(turn):
            said.append(" ".join(dict.fromkeys(cited.title for cited in turn.citations)) or turn.text)
    return said[::-1]


def _ours(turn: Turn) -> bool:
    """Whether a turn is one of the product's own phrases, and so says nothing about a subject."""
    return turn.text in phrasebook(turn.language).values()


def _points_back(question: str, language: str) -> bool:
    return language in _tables() and _pattern(language).search(normalise(question)) is not None


@cache
def _tables() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@cache
def _pattern(language: str) -> regex.Pattern[str]:
    opens, points, closes = (_words(_tables()[language][kind]) for kind in ("opens", "points", "closes"))
    return regex.compile(rf"^\W*{opens}|{points}|{closes}\W*$")


def _words(listed: list[str]) -> str:
    words = "|".join(map(normalise, listed)).replace("~", f"{LETTER}*")
    if UNSPACED.search(words):
        return f"(?:{words})"
    return rf"(?<![\p{{L}}\p{{M}}\p{{N}}])(?:{words})(?![\p{{L}}\p{{M}}\p{{N}}])"
