"""The assistant's reply: what it does, what it says, why, and how it is written as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from assistant.conversation import Citation
from assistant.fields import Field
from assistant.speech.spoken import Spoken, spoken

Action = Literal["answer", "clarify", "handoff"]
Reason = Literal[
    "asked_for_person",
    "needs_action",
    "not_in_knowledge",
    "unsure",
    "other_language_only",
    "hostile",
    "upset",
    "repeated_question",
    "unheard",
    "model_failure",
]
"""needs_action: something is to be done or noted (an order, a date, a number), which no document can; unheard: a caller
was silent or not understood, again and again."""
Feeling = Literal["calm", "upset", "bereavement", "legal", "danger"]
"""How a customer feels, as far as the words tell."""
Kind = Literal["quote", "earlier", "written"]
"""What a suggestion was made from: a passage, what an agent answered before, or passages by a chat model."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How probably the answer is right, 0 to 1, and the signals it was judged from."""

    value: float
    signals: Mapping[str, float] = field(default_factory=dict)

    @property
    def known(self) -> float:
        """How probably the knowledge says anything about the question, whatever answers it; at least its value."""
        return max(self.value, self.signals.get("known", 0.0))


CERTAIN = Confidence(1.0)
"""Of replies that claim nothing about the knowledge."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A passage that was looked at and not trusted; the person who takes over sees it, and its flags."""

    document: str
    title: str
    text: str
    score: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reply that a person may send, as it is or edited; nothing sends it by itself.

    `language` is that of what it says, which for a quote may be another than the customer's. `asked` is the question
    that an `earlier` reply was given to.
    """

    text: str
    citations: tuple[Citation, ...]
    confidence: float
    kind: Kind
    language: str = "und"
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Handoff:
    """Everything a person needs to take over. `language` is the customer's.

    `standalone` is what was searched for in place of a question that leans on what came before; else it is empty.
    `fields` are what the customer told that must be noted, `wrote` what they wrote before, `said` what the assistant
    answered then, `answered` the questions of the same message that it answered. `doubtful` are the words of the
    question that may have been misheard, the most doubtful first.
    The higher its `urgency` (0 to 3), the earlier it is taken from the queue.
    """

    reason: Reason
    summary: str
    language: str
    question: str
    tried: tuple[Tried, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    standalone: str = ""
    fields: tuple[Field, ...] = ()
    said: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    mood: Feeling = "calm"
    urgency: int = 0
    doubtful: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One place of the ranking behind a reply, so that any reply can be evaluated."""

    document: str
    passage: str
    score: float

    def json(self) -> dict[str, Any]:
        """The place as the reply writes it; there are too many for `asdict`, which copies what cannot change."""
        return {"document": self.document, "passage": self.passage, "score": self.score}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the customer gets. `answer` is always fit to be shown, whatever the action.

    `offered` are the documents that the choices are from, in their order. `standalone` is what was searched for where
    that is not the question as it was asked; else it is empty. `written` are the parts of the answer that a model
    wrote, with their marks.
    """

    action: Action
    answer: str
    language: str
    confidence: Confidence
    citations: tuple[Citation, ...] = ()
    choices: tuple[str, ...] = ()
    handoff: Handoff | None = None
    hits: tuple[Found, ...] = ()
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    standalone: str = ""
    offered: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @property
    def spoken(self) -> Spoken:
        """The reply as it is said on the telephone; worked out when it is asked for, so that chat does not wait."""
        return spoken(self)

    def json(self) -> dict[str, Any]:
        """The reply as the command line and the API write it."""
        return {
            "action": self.action,
            "answer": self.answer,
            "language": self.language,
            "confidence": round(self.confidence.value, 4),
            "signals": {name: round(value, 4) for name, value in self.confidence.signals.items()},
            "citations": [asdict(citation) for citation in self.citations],
            "choices": list(self.choices),
            "handoff": None if self.handoff is None else asdict(self.handoff),
            "spoken": {"text": (said := self.spoken).text, "ssml": said.ssml},
            "hits": [hit.json() for hit in self.hits],
            "milliseconds": {name: round(value, 2) for name, value in self.milliseconds.items()},
            **({"offered": list(self.offered)} if self.offered else {}),
            **({"standalone": self.standalone} if self.standalone else {}),
            **({"written": list(self.written)} if self.written else {}),
        }


Shown = Callable[[Reply], None]
"""Is told how a reply begins, marks included, whenever one more sentence of it has passed the check."""


def nowhere(_: Reply) -> None:
    """Shows a draft to nobody."""
