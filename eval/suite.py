"""A suite: questions with what answers them, and the knowledge they are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from assistant.conversation import Channel, Turn

Expected = Literal["answer", "clarify", "handoff"]
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""When the turns of a case were spoken: suites do not say, and a case read twice is the same case."""


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
        lists = {name: list(getattr(self, name)) for name in ("documents", "answers", "alternatives", "tags")}
        history = [{"speaker": turn.speaker, "text": turn.text, "language": turn.language} for turn in self.history]
        return {
            "id": self.id,
            "question": self.question,
            **lists,
            "channel": self.channel,
            "history": history,
            "language": self.language,
            "action": self.action,
            **self.extra,
        }

    @classmethod
    def read(cls, record: Mapping[str, Any], language: str = "und") -> Case:
        """The case of a checked line of a cases file; `language` is the file's, where the line names none."""
        named = {name: record[name] for name in ("id", "question", "channel", "action") if name in record}
        lists = {name: tuple(record.get(name) or ()) for name in ("documents", "answers", "alternatives", "tags")}
        turns = tuple(
            Turn(turn["speaker"], turn["text"], turn.get("language", "und"), UNDATED)
            for turn in record.get("history") or ()
        )
        extra = {name: value for name, value in record.items() if name not in cls.__slots__}
        return cls(**named, **lists, history=turns, language=record.get("language", language), extra=extra)
