"""A run as one HTML file: opens anywhere, asks nothing of the network, prints, and needs no statistician."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from eval import plots
from eval.compare import Comparison, compare
from eval.faults import SAID, badness, faults, unsaid
from eval.metrics import METRICS
from eval.metrics.actions import right
from eval.metrics.metric import Unit, written
from eval.outcomes import Outcome
from eval.run import Run
from knowledge import english_name
from knowledge.language import LANGUAGES

WORST = 50
"""Cases shown at once, and kept of each language for the filters."""
FATES = {
    "right": "answered right",
    "unsaid": "right source, not the expected words",
    "unknown": "answered, not judged",
    "wrong": "answered wrong",
    "back": "asked back",
    "person": "handed to a person",
    "crashed": "crashed",
}
"""What can become of a question, in the order of the bars."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def report(runs: Sequence[Path], out: Path) -> Path:
    """Write the report of the last run, held against each of the others, and return where it is.

    Raises RunError where a folder holds no finished run, and CompareError where two runs share no case.
    """
    *others, shown = (Run.open(folder) for folder in runs)
    page = render(shown, others)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page, encoding="utf-8")
    return out


def render(run: Run, others: Sequence[Run] = (), home: str = "") -> str:
    """The report's HTML: `run`, and what changed in it since each of `others`; `home` is where all runs are listed."""
    worst = _worst(run.outcomes)
    return TEMPLATES.get_template("report.html").render(
        run=run,
        home=home,
        rows=[_row(run, tag) for tag in (*run.metrics["languages"], None)],
        metrics=METRICS,
        applicable=[each for each in METRICS if run.metrics["overall"][each]["value"] is not None],
        fates=FATES,
        risk=plots.risk(run.outcomes),
        reliability=plots.reliability(run.outcomes),
        comparisons=[(comparison := compare(other, run), _broken(comparison, other, run)) for other in others],
        worst=worst,
        limit=WORST,
        tags=sorted({tag for case in worst for tag in case["tags"]}),
        actions=SAID,
        name=english_name,
    )


def fate(outcome: Outcome) -> str:
    """What became of a question: a key of FATES."""
    if outcome.error is not None:
        return "crashed"
    if outcome.action != "answer":
        return "person" if outcome.action == "handoff" else "back"
    return "unsaid" if unsaid(outcome) else {True: "right", False: "wrong", None: "unknown"}[right(outcome)]


def _row(run: Run, tag: str | None) -> dict[str, Any]:
    """One language of the overview, or all of them together (None)."""
    part = [outcome for outcome in run.outcomes if tag in (None, outcome.case.language)]
    counted = Counter(map(fate, part))
    return {
        "tag": tag,
        "name": "All languages" if tag is None else english_name(tag),
        "cases": len(part),
        "answerable": sum(outcome.case.answerable for outcome in part),
        "fates": {each: counted[each] for each in FATES if counted[each]},
        "figures": run.metrics["overall"] if tag is None else run.metrics["languages"][tag],
    }


def _worst(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """The worst cases of each language, worst of all first."""
    bad = sorted((outcome for outcome in outcomes if faults(outcome)), key=badness, reverse=True)
    kept: Counter[str] = Counter()
    shown = []
    for outcome in bad:
        kept[outcome.case.language] += 1
        if kept[outcome.case.language] <= WORST:
            shown.append(_case(outcome))
    return shown


def _broken(comparison: Comparison, before: Run, now: Run) -> list[dict[str, Any]]:
    """The cases behind a failure, with what was said before and what is said now."""
    old, new = ({(each.case.language, each.case.id): each for each in run.outcomes} for run in (before, now))
    return [_case(new[key]) | {"before": old[key]} for key in comparison.broken[:WORST]]


def _case(outcome: Outcome) -> dict[str, Any]:
    language = LANGUAGES.get(outcome.case.language)
    return {
        "outcome": outcome,
        "case": outcome.case,
        "tags": outcome.case.tags,
        "dir": language.direction if language else "auto",
        "why": [fault.sentence for fault in faults(outcome)],
        "said": "crashed" if outcome.error is not None else SAID[outcome.action],
        "cited": list(dict.fromkeys(citation.get("title") or citation["document"] for citation in outcome.citations)),
    }


def bounds(figure: Mapping[str, Any], unit: Unit, sign: str = "") -> str:
    """The 95 % interval of a figure, or nothing where there is none."""
    low, high = figure["low"], figure["high"]
    return "" if low is None else f"{written(low, unit, sign)} – {written(high, unit, sign)}"


TEMPLATES.filters |= {"written": written, "bounds": bounds}
