"""Suggesting: replies that an agent can send to a customer, each with its sources; none is sent by itself."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import regex

from assistant.answer import compose
from assistant.asked import Asked
from assistant.claims import known
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Conversation
from assistant.earlier import Earlier
from assistant.phrases import intent, phrase
from assistant.reply import Kind, Suggestion
from assistant.write import whole, write
from knowledge.text import normalise

FLOOR = 0.15
"""Confidence below which the knowledge suggests nothing. Of questions that were not answered (half of them had none,
XQuAD hi and th), one in four quotes above it was right, one in twenty below; GNOME's help ta te hu, alike."""
FOREIGN = 0.2
"""The same for a quote in another language than the customer's, whose confidence is less sharp: above it two in five
were right (XQuAD hi>en; GNOME's help ta>en one in five, Mozilla's hu>en one in four), below it one in seven."""
SAME = 0.8
"""Share of a suggestion that stands in another, or was said already, from which it is not offered again."""

KINDS: tuple[Kind, ...] = ("quote", "earlier", "written")
"""In the order in which they are made and shown, the slowest last, so that none changes its place."""

_MARKS = regex.compile(r" (?:\[\d+\])+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What a suggestion can be made from beside what was found: earlier replies, and a model with `seconds` to write.

    What does not exist makes none.
    """

    earlier: Earlier | None = None
    connection: Connection | None = None
    seconds: float = 0.0


def suggest(asked: Asked, kinds: Sequence[Kind], means: Means = Means()) -> Iterator[Suggestion]:
    """The replies that can be made, each as soon as it is, without what was said already or another one says."""
    said = [turn.text for turn in asked.conversation.turns if turn.speaker != "customer"]
    for suggestion in filter(None, (MAKERS[kind](asked, means) for kind in kinds)):
        told = "\n".join(citation.quote for citation in suggestion.citations)
        core = told if suggestion.kind == "quote" else suggestion.text
        if all(kept(core, text) < SAME for text in said):
            said.append(suggestion.text)
            yield suggestion


def question_of(conversation: Conversation) -> int:
    """The number of the customer's turn that waits for an answer, small talk aside, 1 is the first; 0 without one."""
    turns = reversed(list(enumerate(conversation.turns, 1)))
    return next((number for number, turn in turns if turn.speaker == "customer" and intent(turn.text) is None), 0)


def kept(text: str, sent: str) -> float:
    """The share of a text, by its character trigrams, that stands in what was sent: 0 to 1."""
    ours, theirs = _trigrams(text), _trigrams(sent)
    return (ours & theirs).total() / max(ours.total(), 1)


def _trigrams(text: str) -> Counter[str]:
    text = " ".join(normalise(text).split())
    return Counter(text[start : start + 3] for start in range(max(len(text) - 2, 1)))


def _quote(asked: Asked, _: Means) -> Suggestion | None:
    if not asked.hits or asked.confidence.value < (FOREIGN if asked.foreign else FLOOR):
        return None
    answer = compose(asked.meant, asked.hits, asked.knowledge)
    named = answer.citations[0].title or answer.citations[0].source
    text = phrase("suggestion", asked.spoken, document=named, quote=answer.text)
    return Suggestion(text, answer.citations, asked.confidence.value, "quote", answer.language)


def _earlier(asked: Asked, means: Means) -> Suggestion | None:
    if means.earlier is None:
        return None
    found = means.earlier.nearest(asked.question, asked.spoken, asked.conversation.id, asked.knowledge)
    if found is None:
        return None
    pair, likeness = found
    return Suggestion(pair.reply, (), likeness, "earlier", pair.language, pair.question)


def _written(asked: Asked, means: Means) -> Suggestion | None:
    if means.connection is None or not known(asked.spoken) or asked.confidence.value < FLOOR:
        return None
    told = write(asked.meant, asked.hits, asked.knowledge, means.connection, asked.spoken, means.seconds)
    try:
        text, citations = whole(told)
    except ModelFailed as error:
        log.warning("The model suggests nothing: %s", error)
        return None
    return Suggestion(_MARKS.sub("", text), citations, asked.confidence.value, "written", asked.spoken)


MAKERS: Mapping[Kind, Callable[[Asked, Means], Suggestion | None]] = MappingProxyType(
    {"quote": _quote, "earlier": _earlier, "written": _written}
)
"""How a suggestion of each kind is made; None where there is nothing to make it from."""
