"""Where what an agent said is not what the knowledge says: another number, another amount, a "not" too many or too few.

Sentence by sentence, and only against what answers best of all that is found for the question with the sentence: the
same sentences, rows and lists that a reply would quote, judged alike (`assistant.answer`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.answer import QUESTION, Part, answered, judged
from assistant.check import NUMBER, language_of
from assistant.claims import Measure, affirms, denials, known, measures
from assistant.conversation import Citation
from assistant.transcript.call import lengthy
from knowledge import Retriever, base, detect
from knowledge.text import UNSPACED, sentences

FOUND = 10
"""Passages that are read."""
AS_GOOD = 0.2
"""Share of the best part's worth from which another part is as good: what that says is no contradiction."""
WORTH, FOREIGN, SHARE = 0.003, 0.03, 0.3
"""What the part that speaks of the same kind of figure must be worth at least, in another language than the question's,
where the signals say less, and as a share of the best of all."""
HELD = 0.5
"""Share of a sentence that must stand in the question and in what answers it, or the agent speaks of something else."""
SAME = 0.7
"""Share of a sentence of the knowledge that must stand in the question and the agent's sentence to say the same."""
ASKED = 0.4
"""The same of a question that the knowledge answers."""


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

    @property
    def kinds(self) -> set[str]:
        """What kinds of things it measures."""
        return {one.kind for one in self.measures}

    def allows(self, claim: Measure) -> bool:
        """Whether it measures what is claimed."""
        return any(one.allows(claim) for one in self.measures)

    def foreign(self, language: str) -> bool:
        """Whether it is in another language."""
        return base(language_of(self.part.passage)) != base(language)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A sentence of the agent in a language (a tag), and the question that it answers."""

    question: str
    sentence: str
    language: str

    @property
    def bare(self) -> str:
        """The sentence without its figures."""
        return NUMBER.sub(" ", self.sentence)

    @property
    def topic(self) -> str:
        """What it is about, to be looked for."""
        return f"{self.question} {self.bare}"


def contradictions(
    answer: str, question: str, knowledge: Retriever, cited: Sequence[Citation] = ()
) -> tuple[Contradiction, ...]:
    """What of an agent's answer is not what the knowledge says, where it speaks about the same.

    `cited` is what the assistant answers with: where only another language says so, it is shown for it.
    """
    told = (answer[start:end] for start, end in sentences(answer) if not answer[:end].rstrip().endswith(QUESTION))
    each = (_compared(sentence, question, knowledge, cited) for sentence in told)
    return tuple(one for one in each if one is not None)


def _compared(sentence: str, question: str, knowledge: Retriever, cited: Sequence[Citation]) -> Contradiction | None:
    spoken = detect(question).tag
    said = Assertion(question, sentence, detect(sentence, fallback=spoken).tag)
    claims = measures(sentence, said.language)
    if claims:
        asked = {one.figure for one in measures(question, spoken)}
        return _misfigured([claim for claim in claims if claim.figure not in asked], said, knowledge, cited)
    if known(said.language) and not NUMBER.search(sentence):
        return _misdenied(said, knowledge)
    return None


def _misfigured(
    claims: Sequence[Measure], said: Assertion, knowledge: Retriever, cited: Sequence[Citation]
) -> Contradiction | None:
    """What measures the same otherwise as one of the claims, and is what answers best."""
    readings = [_statements(text, knowledge) for text in (said.topic, said.question)] if claims else []
    spans = [one for one in claims if one.least < one.most]
    for claim in claims:
        best = _against(claim, spans, readings, said.language)
        if best and _speaks_of(best, said, knowledge):
            shown = _shown(best, claim, readings[1], cited, said.language)
            instead = dict.fromkeys(one.figure for one in shown.measures if one.kind == claim.kind)
            return _contradiction(said.sentence, shown, (claim.figure,), tuple(instead))
    return None


def _misdenied(said: Assertion, knowledge: Retriever) -> Contradiction | None:
    """What says the same but for a "not", in the same language, as words of denial differ."""
    statements = _statements(said.topic, knowledge)
    for best in statements[:1]:
        tongue = language_of(best.part.passage)
        if base(tongue) == base(said.language) and known(tongue) and _speaks_of(best, said, knowledge):
            held = _stances(best, said, tongue, knowledge)
            if held and _affirmed(said.sentence, said.language) not in held:
                return _contradiction(said.sentence, best)
    return None


def _stances(statement: Statement, said: Assertion, tongue: str, knowledge: Retriever) -> set[bool]:
    """Whether what is said is so, as the sentences of a passage that say the same have it, or its answer yes or no."""
    passage = statement.part.passage
    pieces = [piece for start, end in sentences(passage.text) for piece in _clauses(passage.text[start:end])]
    shares = [knowledge.coverage(piece, [said.topic])[0] for piece in pieces]
    held = {_affirmed(piece, tongue) for piece, share in zip(pieces, shares, strict=True) if share >= SAME}
    answer = answered(passage, knowledge)
    if answer and knowledge.coverage(passage.headings[-1], [said.topic])[0] >= ASKED:
        first = answer[slice(*sentences(answer)[0])]
        if affirms(first, tongue) or denials(first, tongue) or not (lengthy(first) or NUMBER.search(first)):
            held.add(_affirmed(first, tongue))
    return held


def _clauses(sentence: str) -> list[str]:
    """A sentence; where no spaces part words, what they part."""
    return sentence.split() if UNSPACED.search(sentence) else [sentence]


def _affirmed(text: str, language: str) -> bool:
    return affirms(text, language) or not denials(text, language)


def _statements(question: str, knowledge: Retriever) -> list[Statement]:
    """What the knowledge says to a question, the best first."""
    hits = [hit for hit in knowledge.search(question, FOUND) if not hit.passage.flags]
    found = []
    for part in judged(question, hits, hits[0].score, knowledge) if hits else ():
        text = knowledge.document(part.passage.document).text[part.start : part.end]
        found.append(Statement(part, text, measures(text, language_of(part.passage))))
    return sorted(found, key=lambda one: -one.part.worth)


def _against(
    claim: Measure, spans: Collection[Measure], readings: Sequence[Sequence[Statement]], language: str
) -> Statement | None:
    """The best statement of the first reading that measures the same, unless one that is as good allows the claim.

    One in another language is as good only where it is better. Who names the very span of a statement means that.
    """
    if any(span in one.measures for statements in readings for one in statements for span in spans):
        return None
    bests = [_best(claim, statements, language) for statements in readings]
    if any(
        best and any(_excuses(one, claim, best, language) for one in statements)
        for best, statements in zip(bests, readings, strict=True)
    ):
        return None
    best = bests[0]
    least = FOREIGN if best and best.foreign(language) else WORTH
    return best if best and best.part.worth >= max(least, SHARE * readings[0][0].part.worth) else None


def _excuses(statement: Statement, claim: Measure, best: Statement, language: str) -> bool:
    """Whether a statement that is as good as the best allows a claim."""
    share = AS_GOOD if best.foreign(language) or not statement.foreign(language) else 1.0
    return statement.part.worth >= share * best.part.worth and statement.allows(claim)


def _shown(
    best: Statement, claim: Measure, statements: Sequence[Statement], cited: Sequence[Citation], language: str
) -> Statement:
    """What is shown against a claim: where the best is in another language, what the assistant says in the caller's."""
    answering = (
        one
        for one in (statements if best.foreign(language) else ())
        if _cites(cited, one.part) and claim.kind in one.kinds and not (one.foreign(language) or one.allows(claim))
    )
    return next(answering, best)


def _cites(cited: Sequence[Citation], part: Part) -> bool:
    """Whether what is cited holds a part."""
    document = part.passage.document
    return any(one.document == document and one.start <= part.start and part.end <= one.end for one in cited)


def _best(claim: Measure, statements: Sequence[Statement], language: str) -> Statement | None:
    """The statement that measures the same and answers best; one in the same language, if it is as good."""
    alike = [one for one in statements if claim.kind in one.kinds]
    own = [one for one in alike if not one.foreign(language) and one.part.worth >= AS_GOOD * alike[0].part.worth]
    return next(iter(own or alike), None)


def _speaks_of(statement: Statement, said: Assertion, knowledge: Retriever) -> bool:
    """Whether a sentence without its figures is about the same as a statement; too short a one says nothing else."""
    if not lengthy(said.bare):
        return True
    text = f"{said.question}\n{statement.part.passage.heading}\n{statement.text}"
    (support,) = knowledge.support(said.bare, [text])
    return max(support["coverage"], support["fit"]) >= HELD


def _contradiction(
    sentence: str, against: Statement, claimed: tuple[str, ...] = (), instead: tuple[str, ...] = ()
) -> Contradiction:
    passage = against.part.passage
    return Contradiction(
        sentence,
        "figures" if claimed else "negation",
        claimed,
        instead,
        against.text,
        passage.document,
        passage.title,
        passage.source,
    )
