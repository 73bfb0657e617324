"""The evaluation page: the runs of a folder, one of them, or two side by side. `python -m eval page` serves it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import gradio as gr

from eval.compare import CompareError
from eval.report import render
from eval.run import Run, RunError, suites

HEIGHT = "85vh"


def page(folder: Path) -> gr.Blocks:
    """The page over the runs in `folder`: it opens with the newest; what is finished since appears on reloading."""
    blocks: gr.Blocks
    with gr.Blocks(title="Sevai evaluation", analytics_enabled=False) as blocks:
        gr.Markdown("# Evaluation")
        with gr.Row():
            shown = gr.Dropdown(label="Run")
            other = gr.Dropdown(label="Held against")
        report = gr.HTML()
        blocks.load(lambda: _choice(names(folder), newest=True), None, shown)
        shown.change(lambda run: _choice(names(folder, like=run)), shown, other)
        for chosen in (shown, other):
            chosen.change(lambda run, before: show(folder, run, before), [shown, other], report)
    return blocks


def names(folder: Path, like: str | None = None) -> list[str]:
    """The finished runs in a folder, newest first; where they are to be `like` one, only the others of its suite."""
    finished = suites(folder)
    return [run for run in finished if like not in finished or (run != like and finished[run] == finished[like])]


def _choice(runs: Sequence[str], newest: bool = False) -> gr.Dropdown:
    """A choice among runs, and of none."""
    return gr.Dropdown([("none", ""), *runs], value=runs[0] if runs and newest else "")


def show(folder: Path, run: str | None, before: str | None) -> str:
    """The report of a run, with what changed since another if one is chosen, in a frame that reaches nothing else."""
    if not run:
        return _empty(folder)
    chosen = [run, before] if before and before != run else [run]
    if unknown := set(chosen) - set(names(folder)):
        raise gr.Error(f"{folder} holds no finished run {', '.join(sorted(unknown))}: reload the page.")
    try:
        opened = [Run.open(folder / name) for name in chosen]
        html = render(opened[0], opened[1:])
    except (RunError, CompareError) as error:
        raise gr.Error(str(error)) from error
    frame = f"width: 100%; height: {HEIGHT}; border: 0; border-radius: 12px"
    return f'<iframe title="Report" sandbox="allow-scripts" style="{frame}" srcdoc="{escape(html)}"></iframe>'


def _empty(folder: Path) -> str:
    if names(folder):
        return "<p>Choose a run. Choose a second one to see what changed since.</p>"
    make = "<code>python -m eval run SUITE</code>"
    return f"<p>There are no finished runs in {escape(str(folder))}. Make one with {make}.</p>"
