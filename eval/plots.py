"""The report's two plots, as SVG that is set in the page's own fonts; matplotlib escapes what stands in it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from scipy.stats import binomtest

from eval.metrics.selective import bins, judged, risk_coverage
from eval.outcomes import Outcome
from eval.statistics import Floats
from knowledge import english_name

ACCENT = "#0f766e"
OTHERS = ("#b45309", "#1d4ed8", "#be185d", "#4d7c0f", "#7c3aed", "#0ea5e9", "#a16207", "#64748b")
"""A colour for each further line; languages beyond them are left to the table."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sevai",
    "font.family": "sans-serif",
    "font.size": 11,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9ca3af",
    "axes.labelcolor": "#374151",
    "xtick.color": "#6b7280",
    "ytick.color": "#6b7280",
}


def risk(outcomes: Sequence[Outcome]) -> str | None:
    """Share of wrong answers against share of questions answered, surest first: overall, and for each language."""
    every = _rows(outcomes)
    if not len(every):
        return None
    tags = sorted({outcome.case.language for outcome in outcomes})
    name = "All" if len(tags) > 1 else english_name(tags[0])
    with mpl.rc_context(_STYLE):
        figure, axes = _axes("Questions answered, surest first", "Of these answered wrong")
        for tag, colour in zip(tags if len(tags) > 1 else (), OTHERS, strict=False):
            if len(rows := _rows([each for each in outcomes if each.case.language == tag])):
                axes.plot(*risk_coverage(rows), color=colour, linewidth=1.2, label=english_name(tag))
        axes.plot(*risk_coverage(every), color=ACCENT, linewidth=2.6, label=name)
        axes.axhline(0.05, color="#b91c1c", linewidth=0.8, linestyle=(0, (4, 4)), label="5 in 100 wrong")
        figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=4)
        return _svg(figure)


def reliability(outcomes: Sequence[Outcome]) -> str | None:
    """Share of right answers against stated confidence, in bins of equal number, with 95 % intervals."""
    rows = _rows(outcomes)
    if not len(rows):
        return None
    member = bins(rows[:, 0])
    with mpl.rc_context(_STYLE):
        figure, axes = _axes("Confidence", "Right")
        axes.plot([0, 1], [0, 1], color="#9ca3af", linewidth=1, linestyle=(0, (4, 4)))
        for each in range(int(member.max()) + 1):
            inside = rows[member == each]
            right = binomtest(int(inside[:, 1].sum()), len(inside))
            place, bounds = inside[:, 0].mean(), right.proportion_ci(0.95, "wilson")
            axes.plot([place, place], [bounds.low, bounds.high], color=ACCENT, linewidth=1.5)
            axes.plot([place], [right.statistic], "o", color=ACCENT, markersize=6)
        return _svg(figure)


def _rows(outcomes: Sequence[Outcome]) -> Floats:
    known = [score for outcome in outcomes if (score := judged(outcome)) is not None]
    return np.array(known, dtype=np.float64)


def _axes(across: str, up: str) -> tuple[Figure, Any]:
    figure = Figure(figsize=(5.6, 3.9), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot(xlabel=across, ylabel=up, xlim=(0, 1), ylim=(0, 1))
    axes.grid(color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(mpl.ticker.PercentFormatter(1, decimals=0))
    return figure, axes


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()[text.getvalue().index("<svg") :]
