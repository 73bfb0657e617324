"""Handing over: why, and everything that the person who takes over needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from assistant.asked import Asked
from assistant.conversation import Conversation, Turn
from assistant.fields import KINDS, Field, fields
from assistant.phrases import language_name, listed, phrase
from assistant.reply import Handoff, Reason, Tried
from knowledge import LANGUAGES, base, detect, signs
from knowledge.language import direction

UNKNOWN = 0.1
"""The probability that the knowledge says anything about a question, below which it is taken to say nothing."""
LOOKED_AT = 3
"""Passages that the person is shown, of all that were found."""


def reason(asked: Asked) -> Reason:
    """Why a question that was not answered goes to a person."""
    if signs(asked.question):
        return "hostile"
    if asked.mood.urgency:
        return "upset"
    if asked.confidence.known < UNKNOWN:
        return "not_in_knowledge"
    return "other_language_only" if asked.unreadable else "unsure"


def hand_over(why: Reason, asked: Asked) -> Handoff:
    """The package for the person: what was asked, told and said before, and which passages were not trusted.

    Who asked in vain for the third time is as urgent as who is upset.
    """
    before = asked.conversation.turns
    tried = tuple(
        Tried(hit.passage.document, hit.passage.title, hit.passage.text, hit.score, hit.passage.flags)
        for hit in asked.found[:LOOKED_AT]
    )
    package = Handoff(
        why,
        "",
        asked.language,
        asked.question,
        tried,
        fields=fields((*before, Turn("customer", asked.question, asked.language))),
        said=tuple(turn.text for turn in before if turn.speaker == "assistant"),
        wrote=tuple(turn.text for turn in before if turn.speaker == "customer"),
        mood=asked.mood.feeling,
        urgency=max(asked.mood.urgency, why == "repeated_question"),
        doubtful=asked.doubtful,
    )
    return replace(package, summary=summary(package, "en"))


def up_to_date(package: Handoff, conversation: Conversation) -> Handoff:
    """The package with what the customer has told since: who waits is asked for what the person will need."""
    since = _noted(conversation.turns)
    known = {(field.kind, field.value) for field in package.fields}
    more = (field for field in since if (field.kind, field.value) not in known)
    ranked = sorted((*package.fields, *more), key=lambda field: list(KINDS).index(field.kind))
    return replace(package, fields=tuple(ranked))


@lru_cache(maxsize=256)
def _noted(turns: tuple[Turn, ...]) -> tuple[Field, ...]:
    """What a whole talk tells; the desk looks at it twice a second."""
    return fields(turns, tuple(_ordered(turns)))


def _ordered(turns: tuple[Turn, ...]) -> Iterator[int]:
    """The customer's turns, 1 is the first, from the one on before which the assistant asked for an order's number to
    the one that tells it.
    """
    wanted = False
    for number, turn in enumerate(turns, 1):
        if turn.speaker == "assistant":
            wanted = wanted or phrase("order", turn.language) in turn.text.rpartition("\n")[2]
        elif turn.speaker == "customer" and wanted:
            yield number
            wanted = not any(field.kind == "order" for field in fields((turn,), (1,)))


def summary(package: Handoff, language: str) -> str:
    """One paragraph in an agent's language, put together from the talk and from nothing else."""
    doubtful = [f"“{word}”" for word in package.doubtful]
    titles = dict.fromkeys(passage.title or passage.document for passage in package.tried)
    parts = [
        *([f"{phrase(f'mood_{package.mood}', language)}."] if package.mood != "calm" else []),
        f"{phrase(f'reason_{package.reason}', language)}.",
        background(package, language),
        *([phrase("asked_that", language, question=isolated(package.question, language))] if package.question else []),
        *([phrase("misheard", language, words=listed(doubtful, language))] if doubtful else []),
        *([phrase("looked_at", language, titles="; ".join(titles))] if titles else []),
    ]
    return " ".join(parts)


def background(package: Handoff, language: str) -> str:
    """What an agent must know beside the reason and the question: the customer's language, and what went before."""
    known = base(package.language) in LANGUAGES
    name = language_name(package.language, language) if known else phrase("unknown_language", language)
    parts = [phrase("writes", language, language=name)]
    if package.wrote:
        parts.append(
            phrase("wrote_before", language, count=len(package.wrote), last=isolated(package.wrote[-1], language))
        )
    if package.answered:
        parts.append(phrase("answered_already", language, questions="; ".join(package.answered)))
    return " ".join(parts)


def isolated(text: str, language: str) -> str:
    """A customer's words for a sentence in that language: where they run the other way, its marks keep their places."""
    turned = direction(detect(text, language).tag) != direction(language)
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}" if turned else text
