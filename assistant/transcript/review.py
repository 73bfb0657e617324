"""A call when it is over: what was asked, what the assistant says to it, and what the agent said, promised and got wrong.

Here stands the order of the steps; each of them is a file beside this one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assistant.assistant import Assistant
from assistant.conversation import Conversation, Speaker, Turn
from assistant.fields import Field, fields
from assistant.reply import Reply
from assistant.transcript.call import Question, Said, questions, said
from assistant.transcript.contradictions import Contradiction, contradictions
from assistant.transcript.promises import Promise, promises
from assistant.transcript.transcript import Transcript, Utterance
from knowledge import LANGUAGES, base


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question of the call, what was said `before` it, what the assistant would have said, and where the agent erred."""

    question: Question
    before: tuple[Turn, ...]
    reply: Reply
    contradictions: tuple[Contradiction, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether the assistant answers it."""
        return self.reply.action == "answer"

    def json(self) -> dict[str, Any]:
        """The question as `app.py transcript --json` writes it."""
        return {
            "question": self.question.text,
            "language": self.question.language,
            "utterances": list(self.question.utterances),
            "alternatives": list(self.question.heard.alternatives),
            "agent": self.question.answer,
            "reply": self.reply.json(),
            "contradictions": [asdict(each) for each in self.contradictions],
        }


@dataclass(frozen=True, slots=True)
class Review:
    """What became of a call; `name` is its file's. A field's `turn` is the utterance's number, 1 is the first."""

    name: str
    call: Transcript
    asked: tuple[Reviewed, ...]
    promises: tuple[Promise, ...]
    fields: tuple[Field, ...]

    @property
    def summary(self) -> str:
        """One paragraph in the quality team's language, put together from the call and from nothing else."""
        known = LANGUAGES.get(base(self.call.language))
        language = (known.english if known else "an unknown language") + " in Latin letters" * self.call.language.endswith("-Latn")
        answered = sum(each.answered for each in self.asked)
        wrong = sum(len(each.contradictions) for each in self.asked)
        parts = [
            f"A call in {language} of {_minutes(self.call)}{_count(len(self.call.utterances), 'utterance')}.",
            f"The customer asked {_count(len(self.asked), 'question')}; the knowledge answers {answered}.",
            f"The agent promised {_count(len(self.promises), 'thing')}." if self.promises else "",
            f"The agent contradicts the knowledge {_count(wrong, 'time')}." if wrong else "",
        ]
        return " ".join(part for part in parts if part)

    def json(self) -> dict[str, Any]:
        """The review as `app.py transcript --json` writes it."""
        return {
            "name": self.name,
            "language": self.call.language,
            "format": self.call.format,
            "summary": self.summary,
            "questions": [each.json() for each in self.asked],
            "promises": [asdict(promise) for promise in self.promises],
            "fields": [asdict(field) for field in self.fields],
            "skipped": list(self.call.skipped),
        }


def review(name: str, call: Transcript, assistant: Assistant) -> Review:
    """What a call holds, each of its questions answered or handed over as in a chat."""
    parts = said(call)
    asked = tuple(_reviewed(name, question, parts, assistant) for question in questions(call))
    told = [_turn([part for part in parts if part.place == place], each) for place, each in enumerate(call.utterances)]
    return Review(name, call, asked, promises(parts), fields(told))


def _reviewed(name: str, question: Question, parts: Sequence[Said], assistant: Assistant) -> Reviewed:
    before = _turns([part for part in parts if part.place < question.utterances[0]])
    reply = assistant.reply(question.text, Conversation(name, before, channel="voice"))
    against = contradictions(question.answer, question.text, reply, assistant.retriever)
    return Reviewed(question, before, reply, against)


def _turns(parts: Sequence[Said]) -> tuple[Turn, ...]:
    return tuple(Turn(_speaker(part.agent), part.text, part.language, channel="voice") for part in parts)


def _turn(parts: Sequence[Said], utterance: Utterance) -> Turn:
    """An utterance without what was taken back: a day that is not meant is not noted."""
    text = " ".join(part.text for part in parts)
    return Turn(_speaker(utterance.role == "agent"), text, utterance.language, channel="voice")


def _speaker(agent: bool) -> Speaker:
    return "agent" if agent else "customer"


def _minutes(call: Transcript) -> str:
    """How long it took, where the recogniser says so."""
    end = max((each.end for each in call.utterances if each.end is not None), default=None)
    return "" if end is None else f"{int(end // 60)}:{int(end % 60):02} minutes, "


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
