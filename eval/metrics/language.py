"""Whether the customer was answered in the customer's language."""

from __future__ import annotations

import regex

from eval.metrics.metric import Metric, Texts
from eval.outcomes import Outcome
from knowledge.language import LANGUAGES, base, detect, script

_LETTER = regex.compile(r"\p{L}")


def language_match(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 where the text that the customer has to read is in the language of the cases file, in its own script or Latin.

    Quotes count as text: an English quote does not serve a Tamil customer, whatever sentence leads to it. What the
    reply says of its own language is not believed. None where the answer has no letters; 0 where it is empty.
    """
    wanted, answer = outcome.case.language, outcome.answer.strip()
    if wanted == "und" or (answer and not _LETTER.search(answer)):
        return None
    return float(base(_language(answer, wanted)) == base(wanted))


def _language(answer: str, wanted: str) -> str:
    """Neighbours such as Hindi and Marathi look alike, so within the script of the wanted language doubt is for it."""
    own = LANGUAGES.get(base(wanted))
    doubt = wanted if own is not None and script(answer) == own.script else "und"
    return detect(answer, doubt).tag


METRICS = (Metric("language_match", "The reply is in the customer's language", language_match),)
