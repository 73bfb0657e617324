"""What a model is told: one file a prompt, `$name` where something is put in; what others wrote is data.

Personal data of customers is masked: a model needs none of it to answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from assistant.conversation import Turn
from assistant.privacy import masked
from knowledge import LANGUAGES, Passage, base

# Marks that could close a fence, open a role of a chat template (<|system|>, [INST]), or look like a citation.
_HARMLESS = str.maketrans("<>[]", "‹›()")


def writing(question: str, passages: Sequence[Passage], language: str) -> list[tuple[str, str]]:
    """The messages that ask for an answer from these passages, numbered from 1, in a language (a tag).

    Passages and question stand in fences of a random word made for this call, which nothing in them can hold.
    """
    blocks = [(f"PASSAGE {number}", _told(passage)) for number, passage in enumerate(passages, 1)]
    return _fenced("write", [*blocks, ("QUESTION", masked(question))], language=_named(language), last=len(passages))


def rewriting(question: str, turns: Sequence[Turn], language: str) -> list[tuple[str, str]]:
    """The messages that ask for a question that stands alone, in a language (a tag); the talk stands in fences."""
    blocks = [(turn.speaker.upper(), masked(turn.text)) for turn in turns]
    return _fenced("rewrite", [*blocks, ("MESSAGE", masked(question))], language=_named(language))


def briefing(turns: Sequence[Turn], reason: str, language: str) -> list[tuple[str, str]]:
    """The messages that ask what a talk that is handed over is about, in an agent's language (a tag)."""
    blocks = [(turn.speaker.upper(), masked(turn.text)) for turn in turns]
    return _fenced("brief", [*blocks, ("REASON", reason.replace("_", " "))], language=_named(language))


def translating(text: str, language: str) -> list[tuple[str, str]]:
    """The messages that ask for what a customer wrote in an agent's language (a tag)."""
    return _fenced("translate", [("MESSAGE", masked(text))], language=_named(language))


def _fenced(name: str, blocks: Sequence[tuple[str, str]], **fields: object) -> list[tuple[str, str]]:
    fence = secrets.token_hex(8)
    data = "\n\n".join(f"{fence} {title}\n{text.translate(_HARMLESS)}\n{fence} END" for title, text in blocks)
    return [("system", _template(name).substitute(fence=fence, **fields)), ("human", data)]


def _told(passage: Passage) -> str:
    return "\n".join(part for part in (passage.title, passage.heading, passage.text) if part)


def _named(language: str) -> str:
    known = LANGUAGES.get(base(language))
    if known is None:
        return "the language of the question"
    if language.endswith("-Latn"):
        return f"{known.english} in Latin letters, as it is written in chats, without a letter of another script"
    return f"{known.english} ({known.name})"


@cache
def _template(name: str) -> Template:
    return Template(Path(__file__).with_name(f"{name}.txt").read_text(encoding="utf-8"))
