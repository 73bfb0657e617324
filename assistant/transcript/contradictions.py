"""Where what an agent said is not what the knowledge says: another number, another amount, a "not" too many or too few.

Sentence by sentence, as a model's sentences are compared with what they cite (`assistant.claims`, `assistant.check`),
and only with passages that come first both for the question and for the question with the sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.check import Evidence, language_of, prove
from assistant.claims import WORKING, denials, figures, known
from assistant.reply import Reply
from knowledge import Retriever, base, detect
from knowledge.text import sentences

FOUND = 10
"""Passages that are looked at: what any of them says is no contradiction."""
ABOUT = 5
"""Passages, of those found for the question, that an agent's sentence is held against."""
NEAR = 0.75
"""Worth (`Evidence.worth`) from which a passage's sentences are about the same as the agent's."""
SAME = 0.6
"""Share of the rarity of each of two sentences that the other holds, from which they say the same but for a "not"."""


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


def contradictions(answer: str, question: str, reply: Reply, knowledge: Retriever) -> tuple[Contradiction, ...]:
    """What of an agent's answer is not what the knowledge says, where it speaks about the same."""
    asked = [found.passage for found in reply.hits[:ABOUT]]
    told = (answer[start:end] for start, end in sentences(answer))
    each = (_compared(sentence, question, asked, knowledge) for sentence in told)
    return tuple(one for one in each if one is not None)


def _compared(sentence: str, question: str, asked: Sequence[str], knowledge: Retriever) -> Contradiction | None:
    language = detect(sentence, fallback=detect(question).tag).tag
    hits = [hit.passage for hit in knowledge.search(f"{question} {sentence}", FOUND) if not hit.passage.flags]
    about = [passage for passage in hits if passage.id in asked]
    if not known(language) or not about or about[0].document != hits[0].document:
        return None
    evidence = max((prove(sentence, passage, language, knowledge) for passage in about), key=lambda one: one.worth)
    said = _measured(_figures(sentence, language))
    held = _measured(_figures("\n".join(evidence.texts), language_of(evidence.passage)))
    anywhere = frozenset().union(*(_figures(f"{each.heading}\n{each.text}", language_of(each)) for each in hits))
    claimed = {one for one in said - anywhere if any(_unit(one) == _unit(other) for other in held)}
    if evidence.worth >= NEAR and claimed:
        units = {_unit(one) for one in claimed}
        instead = sorted(one for one in held if _unit(one) in units)
        return _contradiction(sentence, "figures", sorted(claimed), instead, evidence, knowledge)
    if evidence.worth >= NEAR and _denied(sentence, language, evidence, knowledge):
        return _contradiction(sentence, "negation", (), (), evidence, knowledge)
    return None


def _figures(text: str, language: str) -> frozenset[str]:
    """The figures of a text; working days are days, since who speaks leaves that out."""
    return figures(WORKING.sub("", text), language)


def _measured(claimed: frozenset[str]) -> frozenset[str]:
    """Those that have a unit: a bare number may count anything."""
    return frozenset(one for one in claimed if " " in one and "month-" not in one)


def _unit(figure: str) -> str:
    return figure.rpartition(" ")[2]


def _denied(sentence: str, language: str, evidence: Evidence, knowledge: Retriever) -> bool:
    """Whether one of two sentences that say the same denies it; in one language, as words of denial differ."""
    tongue, nearest = language_of(evidence.passage), evidence.texts[1]
    if base(tongue) != base(language) or not known(tongue):
        return False
    both = knowledge.coverage(sentence, [nearest])[0], knowledge.coverage(nearest, [sentence])[0]
    return min(both) >= SAME and (denials(sentence, language) == 0) != (denials(nearest, tongue) == 0)


def _contradiction(
    sentence: str,
    kind: Literal["figures", "negation"],
    claimed: Sequence[str],
    instead: Sequence[str],
    evidence: Evidence,
    knowledge: Retriever,
) -> Contradiction:
    passage = evidence.passage
    text = knowledge.document(passage.document).text
    quote = " ".join(text[start:end] for start, end in sorted(evidence.spans))
    return Contradiction(
        sentence, kind, tuple(claimed), tuple(instead), quote, passage.document, passage.title, passage.source
    )
