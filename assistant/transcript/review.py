"""A call when it is over: what was asked, what the assistant says to it, what the agent said, promised and got wrong.

Here stands the order of the steps; each of them is a file beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

import regex

from assistant.asked import Asked
from assistant.assistant import Assistant
from assistant.conversation import Conversation, Speaker, Turn
from assistant.days import dated, days
from assistant.fields import Field, fields
from assistant.handoff import hand_over
from assistant.phrases import phrase
from assistant.privacy import cue
from assistant.reply import Reply
from assistant.speech.written import written
from assistant.transcript.call import Question, Said, questions, said
from assistant.transcript.contradictions import Contradiction, contradictions
from assistant.transcript.promises import Promise, promises
from assistant.transcript.transcript import Transcript
from knowledge import detect, english_name

ALONE = 0.67
"""How sure an answer must be to the sentence that asks, without what was told before it."""

_ORDER = regex.compile(cue("order"), regex.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A question of the call, what was said `before` it, what the assistant says to it, and where the agent erred."""

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
        answered = sum(each.answered for each in self.asked)
        wrong = sum(len(each.contradictions) for each in self.asked)
        language = english_name(self.call.language)
        parts = [
            f"A call in {language}{_day(self.call)} of "
            f"{_minutes(self.call)}{_count(len(self.call.utterances), 'utterance')}.",
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
            "date": self.call.day.isoformat() if self.call.day else None,
            "summary": self.summary,
            "questions": [each.json() for each in self.asked],
            "promises": [asdict(promise) for promise in self.promises],
            "fields": [asdict(field) for field in self.fields],
            "skipped": list(self.call.skipped),
        }


def review(name: str, call: Transcript, assistant: Assistant) -> Review:
    """What a call holds, each of its questions answered or handed over as in a chat."""
    parts = said(call)
    found = questions(parts)
    asked = tuple(
        _reviewed(Conversation(name, _before(found[:place]), channel="voice"), question, assistant)
        for place, question in enumerate(found)
    )
    told = fields(tuple(_told(call, parts)), tuple(_asked_for_order(call, parts)))
    return Review(name, call, asked, promises(parts, call.day), told)


def _before(asked: Sequence[Question]) -> tuple[Turn, ...]:
    """What was asked before, and answered: numbers of the caller's and small talk tell nothing of a later question."""
    return tuple(
        Turn(_speaker(agent), written(text, question.language), question.language, channel="voice")
        for question in asked
        for agent, text in ((False, question.text), (True, question.answer))
        if text
    )


def _reviewed(talk: Conversation, question: Question, assistant: Assistant) -> Reviewed:
    asked, reply = _best(talk, question, assistant)
    granted = reply.citations and not _wished(question, reply)
    if reply.action == "answer" and not granted:  # it was asked for something, and no document does that
        package = hand_over("needs_action", Asked(asked, question.language, talk, assistant.retriever))
        said = phrase("handoff_needs_action", question.language)
        reply = replace(reply, action="handoff", answer=said, citations=(), handoff=package)
    told = written(question.answer, question.language)
    against = contradictions(told, reply.standalone or asked, assistant.retriever, reply.citations)
    return Reviewed(question, talk.turns, reply, against)


def _best(talk: Conversation, question: Question, assistant: Assistant) -> tuple[str, Reply]:
    """What is asked of the assistant, and what it says: the surest answer to any reading, else that to the whole."""
    replies: list[tuple[str, Reply]] = []
    answers: list[tuple[str, Reply]] = []
    for heard in question.readings:
        asked = written(heard.text, question.language)
        reply = assistant.reply(asked, talk, heard=replace(heard, text=asked))
        replies.append((asked, reply))
        alone = question.core is not None and heard is not question.heard and len(heard.text) <= len(question.core.text)
        if reply.action == "answer" and reply.citations and reply.confidence.value >= ALONE * alone:
            answers.append((asked, reply))
    return max(answers, key=lambda each: each[1].confidence.value, default=replies[0])


def _wished(question: Question, reply: Reply) -> bool:
    """Whether a day to come is named, and the answer tells of none: then it is wished for, whatever is near."""
    asked, today = (question.core or question.heard).text, date.today()
    named = (dated(asked[start:end], question.language, today) for start, end in days(asked, question.language))
    quotes = " ".join(citation.quote for citation in reply.citations)
    return any(day and day > today for day in named) and not days(quotes, detect(quotes).tag)


def _told(call: Transcript, parts: Sequence[Said]) -> Iterator[Turn]:
    """The call as fields are noted of it: a turn an utterance, without what was taken back."""
    told = {place: " ".join(part.text for part in turn) for place, turn in _utterances(parts)}
    for place, each in enumerate(call.utterances):
        text = written(told.get(place, ""), each.language)
        yield Turn(_speaker(each.role == "agent"), text, each.language, channel="voice")


def _asked_for_order(call: Transcript, parts: Sequence[Said]) -> Iterator[int]:
    """The utterances, 1 is the first, before which the agent has asked for an order's number."""
    wanted = False
    for place, turn in _utterances(parts):
        if wanted:
            yield place + 1
        wanted = call.utterances[place].role == "agent" and any(map(_wants_order, turn))


def _utterances(parts: Sequence[Said]) -> Iterator[tuple[int, Iterator[Said]]]:
    """What is said, by its utterance."""
    return groupby(parts, key=lambda part: part.place)


def _wants_order(part: Said) -> bool:
    return part.identifies and _ORDER.search(part.text) is not None


def _speaker(agent: bool) -> Speaker:
    return "agent" if agent else "customer"


def _day(call: Transcript) -> str:
    """When it was, where that is known."""
    return f" on {call.day.day} {call.day:%B %Y}" if call.day else ""


def _minutes(call: Transcript) -> str:
    """How long it took, where the recogniser says so."""
    end = max((each.end for each in call.utterances if each.end is not None), default=None)
    return "" if end is None else f"{int(end // 60)}:{int(end % 60):02} minutes, "


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
