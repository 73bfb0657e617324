"""The evaluation page: the runs of a folder, one of them, or two side by side. `python -m eval page` serves it."""

from __future__ import annotations

from html import escape
from pathlib import Path

import gradio as gr

from eval.compare import CompareError
from eval.report import render
from eval.run import Run, RunError

HEIGHT = "85vh"


def page(folder: Path) -> gr.Blocks:
    """The page over the runs in `folder`; ones that are finished while it is open appear on reloading."""
    blocks: gr.Blocks
    with gr.Blocks(title="Sevai evaluation", analytics_enabled=False) as blocks:
        gr.Markdown("# Evaluation")
        with gr.Row():
            shown = gr.Dropdown(names(folder), label="Run")
            other = gr.Dropdown(names(folder), label="Held against")
        report = gr.HTML(_empty(folder))
        for chosen in (shown, other):
            chosen.change(lambda run, before: show(folder, run, before), [shown, other], report)
        blocks.load(lambda: (gr.Dropdown(names(folder)), gr.Dropdown(names(folder))), None, [shown, other])
    return blocks


def names(folder: Path) -> list[str]:
    """The finished runs in a folder, newest first."""
    return sorted((path.parent.name for path in folder.glob("*/metrics.json")), reverse=True)


def show(folder: Path, run: str | None, before: str | None) -> str:
    """The report of a run, with what changed since another if one is chosen, in a frame that reaches nothing else."""
    if run is None:
        return _empty(folder)
    if unknown := {run, before or run} - set(names(folder)):
        raise gr.Error(f"{folder} holds no finished run {', '.join(sorted(unknown))}: reload the page.")
    others = [before] if before not in (None, run) else []
    try:
        html = render(Run.open(folder / run), [Run.open(folder / name) for name in others if name])
    except (RunError, CompareError) as error:
        raise gr.Error(str(error)) from error
    frame = f"width: 100%; height: {HEIGHT}; border: 0; border-radius: 12px"
    return f'<iframe title="Report" sandbox="allow-scripts" style="{frame}" srcdoc="{escape(html)}"></iframe>'


def _empty(folder: Path) -> str:
    if names(folder):
        return "<p>Choose a run. Choose a second one to see what changed since.</p>"
    make = "<code>python -m eval run SUITE</code>"
    return f"<p>There are no finished runs in {escape(str(folder))}. Make one with {make}.</p>"
