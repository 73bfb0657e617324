"""Asking back: where passages about different things come near each other, the customer chooses between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

import regex

from assistant.conversation import Conversation
from assistant.doubt import asked_for, doubtful, picked, readings, reworded
from assistant.handoff import UNKNOWN
from assistant.heard import Heard
from assistant.reply import Confidence
from knowledge import Hit, Passage, Retriever, base
from knowledge.documents import JOIN

OFFERED = 3
"""Choices at most."""
SHORT = 30
"""Characters up to which a question may be too short to say what it means. Like NEAR, chosen on the golden suite's
Tamil and Thai cases."""
ABOUT = 0.7
"""Meaning and fit, added, of a passage that is about a short question; what the knowledge does not know has less."""
NEAR = 8.0
"""How far the fused score of a choice may lie behind the best one's."""
TRIED = 5
"""Readings of a doubtful word that are searched for."""
LOOKED_THROUGH = 60
"""Passages among which a choice is found again."""

_NUMBER = regex.compile(r"^[\p{Nd}.]*\p{Nd}[.)]\s+")
"""Of a section, not one that says something: "3. ", and not the days of "30 days"."""


def choices(question: str, hits: Sequence[Hit], confidence: Confidence, language: str) -> Mapping[str, Passage]:
    """What the customer may have meant, by its label, best first: two or three things; none where it is no help.

    What stands in another language is offered where nothing was found in the customer's, and of one language only. It
    helps where the knowledge says something near the question, or the question is too short to say what it means.
    """
    if not hits or (confidence.known < UNKNOWN and not (len(question) <= SHORT and _about(hits[0]))):
        return {}
    near = [hit.passage for hit in hits if hit.score >= hits[0].score - NEAR]
    tongue = base(language)
    if all(passage.language != tongue for passage in near):
        if any(hit.passage.language == tongue for hit in hits):
            return {}
        tongue = near[0].language
    things: dict[str, Passage] = {}
    for passage in near:
        if passage.language == tongue:
            things.setdefault(label(passage), passage)
    if len(things) == 1:  # what comes next, however far: who is asked chooses, and nobody is put off
        behind = (hit.passage for hit in hits if hit.passage.language == tongue)
        things |= dict(islice(((label(one), one) for one in behind if label(one) not in things), 1))
    return dict(islice(things.items(), OFFERED)) if len(things) > 1 else {}


def chosen(text: str, conversation: Conversation, retriever: Retriever) -> tuple[str, list[Hit]] | None:
    """The question that the customer was asked back about, and the passages of their choice; None where it is none."""
    choice = picked(text, conversation.choices)
    if choice is None:
        return None
    asked = next((turn.text for turn in reversed(conversation.turns) if turn.speaker == "customer"), text)
    found = _unflagged(f"{asked} {choice}", retriever)
    if hits := [hit for hit in found if label(hit.passage) == choice]:
        return asked, hits
    word = asked_for(asked, conversation.choices)
    said = reworded(asked, word, choice) if word else choice
    hits = _unflagged(said, retriever)
    return (said, hits) if word and hits else None


def deciding(
    question: str, heard: Heard, retriever: Retriever, answered: Callable[[str], str | None]
) -> tuple[str, ...]:
    """What a customer is asked to choose from: the readings of the one doubtful word that decides between answers.

    It decides where its readings have different answers, as `answered` tells them; none where no word does.
    """
    for word in doubtful(heard, question):
        led: dict[str, str] = {}
        for reading in readings(word, heard, retriever)[:TRIED]:
            if told := answered(reworded(question, word, reading)):
                led.setdefault(told, reading)
        if len(led) > 1:
            return tuple(led.values())[:OFFERED]
    return ()


def label(passage: Passage) -> str:
    """What a passage is about, as a choice: its heading behind the document's title, or a question that is long enough
    to be clear alone.
    """
    *above, last = passage.headings
    last = _NUMBER.sub("", last) or passage.title or passage.document
    return last if last.endswith(("?", "؟")) and len(last) > SHORT else JOIN.join([*above[:1], last])


def _unflagged(question: str, retriever: Retriever) -> list[Hit]:
    """What is found that may be quoted."""
    return [hit for hit in retriever.search(question, LOOKED_THROUGH) if not hit.passage.flags]


def _about(hit: Hit) -> bool:
    """Whether a passage is about what a short question is about, whatever it says of it."""
    return hit.signals["meaning"] + hit.signals.get("fit", hit.signals["meaning"]) >= ABOUT
