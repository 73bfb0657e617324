"""Where what an agent said is not what the knowledge says: another number, another amount, a "not" too many or too few.

Sentence by sentence, and only against what answers best of all that is found for the question with the sentence: the
same sentences, rows and lists that a reply would quote, judged alike (`assistant.answer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import regex

from assistant.answer import Part, judged
from assistant.check import language_of
from assistant.claims import Measure, measures
from assistant.transcript.call import lengthy
from knowledge import Retriever, detect
from knowledge.text import sentences

FOUND = 10
"""Passages that are read."""
AS_GOOD = 0.2
"""Share of the best part's worth from which another part is as good: what that says is no contradiction."""
WORTH = 0.003, 0.3
"""What the part that speaks of the same kind of figure must be worth at least, and as a share of the best of all."""
HELD = 0.5
"""Share of a sentence that must stand in the question and in what answers it, or the agent speaks of something else."""

_NUMBER = regex.compile(r"\p{N}+(?:[.,]\p{N}+)*")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A sentence of the agent, what of it the knowledge does not say (`30 day`), and what that says instead.

    Both are empty for a negation. `quote` stands in the document.
    """

    said: str
    kind: Literal["figures", "negation"]
    claimed: tuple[str, ...]
    known: tuple[str, ...]
    quote: str
    document: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A part of the knowledge that may answer, its text, and what that measures."""

    part: Part
    text: str
    measures: tuple[Measure, ...]


def contradictions(answer: str, question: str, knowledge: Retriever) -> tuple[Contradiction, ...]:
    """What of an agent's answer is not what the knowledge says, where it speaks about the same."""
    told = (answer[start:end] for start, end in sentences(answer))
    each = (_compared(sentence, question, knowledge) for sentence in told)
    return tuple(one for one in each if one is not None)


def _compared(sentence: str, question: str, knowledge: Retriever) -> Contradiction | None:
    language = detect(sentence, fallback=detect(question).tag).tag
    asked = {one.figure for one in measures(question, detect(question).tag)}
    claims = [one for one in measures(sentence, language) if one.figure not in asked]
    if not claims:
        return None
    bare = _NUMBER.sub(" ", sentence)
    readings = [_statements(text, knowledge) for text in (f"{question} {bare}", question)]
    for claim in claims:
        best = _against(claim, readings)
        if best and _speaks_of(best, question, bare, knowledge):
            return _contradiction(sentence, claim, best, knowledge)
    return None


def _statements(question: str, knowledge: Retriever) -> list[Statement]:
    """What the knowledge says to a question, the best first."""
    hits = [hit for hit in knowledge.search(question, FOUND) if not hit.passage.flags]
    found = []
    for part in judged(question, hits, hits[0].score, knowledge) if hits else ():
        text = knowledge.document(part.passage.document).text[part.start : part.end]
        found.append(Statement(part, text, measures(text, language_of(part.passage))))
    return sorted(found, key=lambda one: -one.part.worth)


def _against(claim: Measure, readings: Sequence[Sequence[Statement]]) -> Statement | None:
    """The best statement of the first reading that measures the same, unless one that is as good allows the claim."""
    for statements in readings:
        alike = [one for one in statements if any(each.kind == claim.kind for each in one.measures)]
        allowing = [one for one in alike if any(each.allows(claim) for each in one.measures)]
        if allowing and allowing[0].part.worth >= AS_GOOD * alike[0].part.worth:
            return None
    best = next((one for one in readings[0] if any(each.kind == claim.kind for each in one.measures)), None)
    least, share = WORTH
    return best if best and best.part.worth >= max(least, share * readings[0][0].part.worth) else None


def _speaks_of(statement: Statement, question: str, bare: str, knowledge: Retriever) -> bool:
    """Whether a sentence without its figures is about the same as a statement; too short a one says nothing else."""
    if not lengthy(bare):
        return True
    (support,) = knowledge.support(bare, [f"{question}\n{statement.part.passage.heading}\n{statement.text}"])
    return max(support["coverage"], support["fit"]) >= HELD


def _contradiction(sentence: str, claim: Measure, against: Statement, knowledge: Retriever) -> Contradiction:
    passage = against.part.passage
    instead = tuple(dict.fromkeys(one.figure for one in against.measures if one.kind == claim.kind))
    return Contradiction(
        sentence, "figures", (claim.figure,), instead, against.text, passage.document, passage.title, passage.source
    )
