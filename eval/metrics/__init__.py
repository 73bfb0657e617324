"""The figures of a run, each with how many cases it rests on and a 95 % interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eval import statistics
from eval.metrics import actions, answers, citations, language, latency, ranking, selective
from eval.metrics.metric import Metric, Score, Texts
from eval.outcomes import Outcome

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for family in (ranking, answers, citations, actions, language, selective, latency)
    for metric in family.METRICS
}
"""Every metric by its name, in the order of a report. To add one, append it to its family's `METRICS`."""


def measure(outcomes: Sequence[Outcome], *, seed: int = 0, texts: Mapping[str, Texts] | None = None) -> dict[str, Any]:
    """All metrics, over all cases and for each language of the cases.

    `texts` are, for each language of cases, the documents by id, which `citation_span` looks quotes up in. Where a
    metric does not apply, its value and bounds are None and n is 0. Bounds are None too where the cases share one
    document and show no spread.
    """
    asked_of = texts or {}
    scores = [
        {name: metric.score(outcome, asked_of.get(outcome.case.language)) for name, metric in METRICS.items()}
        for outcome in outcomes
    ]
    tags = sorted({outcome.case.language for outcome in outcomes})
    slices = {tag: [i for i, outcome in enumerate(outcomes) if outcome.case.language == tag] for tag in tags}
    parts = {tag: [outcomes[i] for i in chosen] for tag, chosen in slices.items()}
    return {
        "overall": _figures(outcomes, scores, tuple(METRICS), seed),
        "languages": {
            tag: _figures(part, [scores[i] for i in slices[tag]], tuple(METRICS), seed) for tag, part in parts.items()
        },
        "counts": {"overall": _counts(outcomes), "languages": {tag: _counts(part) for tag, part in parts.items()}},
    }


def figures(names: Sequence[str], outcomes: Sequence[Outcome], *, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Some metrics over some outcomes: value, bounds and number of cases, as in `measure`."""
    scores = [{name: METRICS[name].score(outcome, None) for name in names} for outcome in outcomes]
    return _figures(outcomes, scores, names, seed)


def cluster(outcome: Outcome) -> tuple[str, str]:
    """What ties an outcome to others when chance is judged: its first gold document, or else its own id.

    The first, because with all of them a suite whose cases have many would be one cluster.
    """
    documents = outcome.case.documents
    return ("document", documents[0]) if documents else ("case", outcome.case.id)


def _figures(
    outcomes: Sequence[Outcome], scores: Sequence[Mapping[str, Score]], names: Sequence[str], seed: int
) -> dict[str, dict[str, Any]]:
    labels = statistics.clusters(map(cluster, outcomes))
    columns = {name: Column.of(METRICS[name], [each[name] for each in scores], labels) for name in names}
    drawn: dict[str, list[statistics.Floats]] = {name: [] for name in columns}
    for weights in statistics.resamples(labels, seed=seed):
        for name, column in columns.items():
            if column.varies:
                drawn[name].append(column.metric.summary(column.scores, weights[column.places]))
    return {name: column.figure(drawn[name]) for name, column in columns.items()}


@dataclass(frozen=True, slots=True)
class Column:
    """One metric's scores over some cases: `places` are the cases it applies to, in `documents` clusters."""

    metric: Metric
    scores: statistics.Floats
    places: statistics.Labels
    documents: int

    @classmethod
    def of(cls, metric: Metric, scores: Sequence[Score], labels: statistics.Labels) -> Column:
        """The column of all scores, those that do not apply (None) left out."""
        places = np.array([place for place, score in enumerate(scores) if score is not None], dtype=np.intp)
        known = [score if isinstance(score, tuple) else (score,) for score in scores if score is not None]
        rows = np.array(known, dtype=np.float64)
        return cls(metric, rows, places, len(np.unique(labels[places])))

    @property
    def constant(self) -> bool:
        """Whether all cases agree on 0 or on 1, so that resampling sees no spread."""
        return self.metric.paired and bool(np.all(self.scores == 0) or np.all(self.scores == 1))

    @property
    def varies(self) -> bool:
        """Whether resampling can tell something."""
        return self.documents > 1 and not self.constant

    def figure(self, drawn: Sequence[statistics.Floats]) -> dict[str, Any]:
        """The metric's value, its bounds under the resamples, and how many cases it rests on."""
        figure: dict[str, Any] = {"value": None, "low": None, "high": None, "n": len(self.places)}
        value = float(self.metric.summary(self.scores, np.ones((len(self.scores), 1)))[0]) if figure["n"] else np.nan
        if np.isnan(value):
            return figure
        figure["value"] = round(value, 6)
        if self.constant:
            low, high = statistics.exact(value, self.documents)
        elif self.varies:
            low, high = statistics.interval(value, np.concatenate(drawn))
        else:
            return figure
        return figure | {"low": round(low, 6), "high": round(high, 6)}


def _counts(part: Sequence[Outcome]) -> dict[str, int]:
    done = Counter(outcome.action for outcome in part if outcome.error is None)
    return {
        "cases": len(part),
        "answerable": sum(outcome.case.answerable for outcome in part),
        "answered": done["answer"],
        "clarified": done["clarify"],
        "handed_over": done["handoff"],
        "crashed": sum(outcome.error is not None for outcome in part),
    }
