"""What went wrong with a case, in words, worst first."""

from __future__ import annotations

from dataclasses import dataclass

from eval.metrics.actions import action_match, right
from eval.metrics.answers import answer_hit
from eval.metrics.citations import number_match
from eval.metrics.language import language_match
from eval.outcomes import Outcome
from knowledge import english_name

SAID = {"answer": "answered", "clarify": "asked back", "handoff": "handed over"}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that went wrong. `weight` orders cases: 4 misleads a customer, 3 fails one, 2 and 1 annoy one."""

    weight: float
    sentence: str


def faults(outcome: Outcome) -> tuple[Fault, ...]:
    """Everything that went wrong with a case, worst first; () where nothing did."""
    found = [fault for check in CHECKS if (fault := check(outcome)) is not None]
    return tuple(sorted(found, key=lambda fault: -fault.weight))


def badness(outcome: Outcome) -> float:
    """How bad a case is: its worst fault, and among equals the surest one."""
    return max((fault.weight for fault in faults(outcome)), default=0.0) + 0.5 * (outcome.confidence or 0.0)


def crashed(outcome: Outcome) -> Fault | None:
    """The target gave no reply."""
    return Fault(3.5, f"Crashed: {outcome.error}") if outcome.error is not None else None


def misled(outcome: Outcome) -> Fault | None:
    """The customer got an answer that is not true of this question."""
    if outcome.action != "answer" or right(outcome) is not False:
        return None
    if not outcome.case.answerable:
        return Fault(4, "Answered, although the knowledge does not say.")
    return Fault(4, f"Answered from the wrong document; {_place(outcome)}.")


def unsaid(outcome: Outcome) -> Fault | None:
    """The right source, and yet not the answer."""
    if outcome.action != "answer" or not right(outcome) or answer_hit(outcome) != 0:
        return None
    return Fault(3, "The right document, but the expected words are not in the answer.")


def timid(outcome: Outcome) -> Fault | None:
    """A person was called, or the customer asked back, where the knowledge has the answer."""
    wished = outcome.action in ("answer", outcome.case.action)
    if not outcome.case.answerable or wished or outcome.error is not None:
        return None
    return Fault(2 if right(outcome) else 1.5, f"Not answered ({SAID[outcome.action]}); {_place(outcome)}.")


def unbacked(outcome: Outcome) -> Fault | None:
    """A number that nobody can check."""
    return Fault(3.2, "A number or code in the answer stands in no source.") if number_match(outcome) == 0 else None


def foreign(outcome: Outcome) -> Fault | None:
    """The wrong language."""
    if outcome.error is not None or language_match(outcome) != 0:
        return None
    return Fault(2.5, f"The reply is not in {english_name(outcome.case.language)}.")


def unexpected(outcome: Outcome) -> Fault | None:
    """Another action than the suite wants."""
    if outcome.error is not None or action_match(outcome) != 0 or outcome.case.action is None:
        return None
    return Fault(2.2, f"Should have been {SAID[outcome.case.action]}, but was {SAID[outcome.action]}.")


CHECKS = (crashed, misled, unsaid, timid, unbacked, foreign, unexpected)


def _place(outcome: Outcome) -> str:
    """Where the right document stood."""
    if not outcome.hits:
        return "nothing is known of what it found"
    place = next((i for i, found in enumerate(outcome.hits, 1) if found in outcome.case.documents), None)
    if place is None:
        return f"the right one was not among the {len(outcome.hits)} found"
    return "the right one was found first" if place == 1 else f"the right one was found at place {place}"
