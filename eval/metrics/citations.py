"""Whether the sources hold what the answer says."""

from __future__ import annotations

from eval.metrics.metric import Metric, Texts
from eval.metrics.numbers import facts
from eval.outcomes import Outcome


def citation_precision(outcome: Outcome, _: Texts | None = None) -> float | None:
    """The share of the cited documents that answer the case; 0 for a case that nothing answers."""
    cited = {citation["document"] for citation in outcome.citations}
    return len(cited & set(outcome.case.documents)) / len(cited) if cited else None


def citation_span(outcome: Outcome, texts: Texts | None = None) -> float | None:
    """The share of the quotes that stand, letter by letter, where the citation says; None without the texts."""
    if texts is None or not outcome.citations:
        return None
    true: list[bool] = [
        texts.get(citation["document"], "")[citation["start"] : citation["end"]] == citation["quote"]
        for citation in outcome.citations
        if citation.get("quote") and citation.get("start") is not None and citation.get("end") is not None
    ]
    return sum(true) / len(outcome.citations)


def number_match(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 where every number, date, amount and code of the answer stands in what it cites (quote, title, file, page).

    None where the answer holds none; those of the question may be repeated. Numbers written as words are not seen.
    """
    said = facts(outcome.answer)
    quotes = [citation for citation in outcome.citations if citation.get("quote")]
    if not outcome.answered or not said or not quotes:
        return None
    cited = "\n".join(str(quote.get(name) or "") for quote in quotes for name in ("quote", "title", "source", "page"))
    return float(said <= facts(cited) | facts(outcome.case.question))


def unsupported(outcome: Outcome, _: Texts | None = None) -> float | None:
    """The share of the sentences that a model wrote that nothing they cite supports; None where none was written."""
    return outcome.unsupported


METRICS = (
    Metric("citation_precision", "The cited documents are the right ones", citation_precision),
    Metric("citation_span", "The quotes stand word for word in the sources", citation_span),
    Metric("number_match", "Every number and code in the answer stands in its sources", number_match),
    Metric("unsupported", "Written sentences that their sources do not support", unsupported, better="lower"),
)
