"""Whether it was right to answer, and whether the answer was right."""

from __future__ import annotations

from eval.metrics.answers import answer_hit
from eval.metrics.metric import Metric, Texts, divide
from eval.outcomes import Outcome
from eval.statistics import Floats


def right(outcome: Outcome) -> bool | None:
    """Whether the answer is right, or would have been, had the assistant not handed over.

    It is where a cited document, or failing citations the first one found, is gold; no gold string has to match,
    because a true answer has many wordings. Only a target that shows neither sources nor ranking is judged by the
    gold strings. Where the knowledge cannot answer, any answer is wrong. None where nothing can be judged: no
    evidence at all, or small talk (no gold, and the suite expects an answer or a question back).
    """
    case = outcome.case
    if not case.answerable:
        return None if case.action in ("answer", "clarify") else False
    if outcome.citations:
        return any(citation["document"] in case.documents for citation in outcome.citations)
    if outcome.hits is not None:
        return outcome.hits[0] in case.documents if outcome.hits else None
    hit = answer_hit(outcome) if outcome.action == "answer" else None
    return None if hit is None else bool(hit)


def crag(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 for a right answer, 0 where a person was called or the customer asked back, -1 for a wrong answer.

    So that calling a person is better than being wrong (Yang et al. 2024, CRAG).
    """
    truth = right(outcome)
    if not outcome.answered:
        return 0.0 if outcome.case.answerable or truth is False else None
    return None if truth is None else 1.0 if truth else -1.0


def action_match(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 where the assistant did what the suite expects: answered, asked back, or called a person."""
    return None if outcome.case.action is None else float(outcome.action == outcome.case.action)


def choice_hit(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 where the customer was asked back and a choice answers; 0 where none does, or the knowledge holds no answer."""
    if outcome.action != "clarify" or outcome.offered is None:
        return None
    return float(any(document in outcome.case.documents for document in outcome.offered))


def needs_knowledge(outcome: Outcome, _: Texts | None = None) -> tuple[float, ...] | None:
    """Searched and needed, searched, needed: whether it was told which messages need the knowledge at all.

    What a case needs is its `needs_knowledge`; of one without, a question with gold documents needs it and small talk
    does not. None of others, and where the target does not tell its ranking. A crash is always the wrong choice.
    """
    case, searched = outcome.case, outcome.searched
    talk = False if "small-talk" in case.tags else None
    needed = case.extra.get("needs_knowledge", True if case.answerable else talk)
    if needed is None or searched is None:
        return None
    if outcome.error is not None:
        searched = not needed
    return float(searched and needed), float(searched), float(needed)


def f1(scores: Floats, weights: Floats) -> Floats:
    """F1 of the columns of hits, what was taken for one and what was one: 2 x 1 / (3 + 3) = 0.33 of (1, 3, 3)."""
    hits, taken, wanted = scores.T @ weights
    return divide(2 * hits, taken + wanted)


METRICS = (
    Metric("crag", "+1 for a right answer, 0 for calling a person, -1 for a wrong answer", crag, unit="points"),
    Metric("action_match", "Answered, asked back or called a person, as expected", action_match),
    Metric("choice_hit", "Where the customer was asked back, the right document was among the choices", choice_hit),
    Metric(
        "needs_knowledge_f1", "Searched for what needs the knowledge, and for nothing else", needs_knowledge, summary=f1
    ),
)
