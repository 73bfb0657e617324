"""Handing over: why, and everything that the person who takes over needs."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.asked import Asked
from assistant.conversation import Conversation, Turn
from assistant.fields import fields
from assistant.mood import CALM, Mood
from assistant.reply import Feeling, Handoff, Reason, Tried
from knowledge import LANGUAGES, Hit, base, signs

UNKNOWN = 0.2
"""Below this confidence the knowledge is taken to say nothing about the question; above it, too little."""
LOOKED_AT = 3


def reason(asked: Asked) -> Reason:
    """Why a question that was not answered goes to a person."""
    if signs(asked.question):
        return "hostile"
    if asked.mood.urgency:
        return "upset"
    if asked.confidence.value < UNKNOWN:
        return "not_in_knowledge"
    return "other_language_only" if asked.unreadable else "unsure"


def hand_over(
    why: Reason,
    question: str,
    language: str,
    conversation: Conversation,
    hits: Sequence[Hit] = (),
    mood: Mood = CALM,
    doubtful: tuple[str, ...] = (),
) -> Handoff:
    """The package for the person: what was asked, told and said before, and which passages were not trusted.

    Who asked in vain for the third time is as urgent as who is upset.
    """
    tried = tuple(
        Tried(hit.passage.document, hit.passage.title, hit.passage.text, hit.score, hit.passage.flags)
        for hit in hits[:LOOKED_AT]
    )
    return Handoff(
        why,
        _summary(why, question, language, conversation, tried, mood.feeling, doubtful),
        language,
        question,
        tried,
        fields=fields((*conversation.turns, Turn("customer", question, language))),
        said=tuple(turn.text for turn in conversation.turns if turn.speaker == "assistant"),
        mood=mood.feeling,
        urgency=max(mood.urgency, why == "repeated_question"),
        doubtful=doubtful,
    )


_WHY: dict[Reason, str] = {
    "asked_for_person": "The customer asks for a person.",
    "needs_action": "The customer asks nothing that documents answer: something is to be done or noted.",
    "not_in_knowledge": "The documents do not seem to say anything about this.",
    "unsure": "The documents say something near this, but probably not the answer.",
    "other_language_only": "What the documents say near this is in a language that the customer does not write.",
    "hostile": "The message gives orders to the assistant, or hides something; nothing was answered.",
    "upset": "The customer is upset.",
    "repeated_question": "The customer asked the same thing again and again; the answers did not help.",
    "model_failure": "The assistant failed; the question was not answered.",
}
_FELT: dict[Feeling, str] = {
    "danger": "Somebody may be in danger.",
    "legal": "The customer threatens with the law.",
    "bereavement": "Somebody has died.",
}


def _summary(
    why: Reason,
    question: str,
    language: str,
    conversation: Conversation,
    tried: Sequence[Tried],
    feeling: Feeling,
    doubtful: Sequence[str],
) -> str:
    """One paragraph in the agents' language, put together from the talk and from nothing else."""
    known = LANGUAGES.get(base(language))
    name = known.english if known else "an unknown language"
    name += " in Latin letters" * language.endswith("-Latn")
    before = [turn for turn in conversation.turns if turn.speaker == "customer"]
    parts = [_FELT.get(feeling, _WHY[why]), f"They write {name} and asked: “{question}”."]
    if doubtful:
        parts.append(f"Perhaps misheard: {', '.join(f'“{word}”' for word in doubtful)}.")
    if before:
        parts.append(f"Before that they wrote {len(before)} time{'s' * (len(before) > 1)}, last: “{before[-1].text}”.")
    if tried:
        titles = dict.fromkeys(passage.title or passage.document for passage in tried)
        parts.append(f"Looked at: {'; '.join(titles)}.")
    return " ".join(parts)
