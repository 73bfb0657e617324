"""What indexing and searching cost as the knowledge grows, beside what others take on the same passages.

`python -m benchmarks.speed` writes the tables of docs/benchmarks.md and the plot in docs/pictures. Every figure comes
from a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.page import PAGE, fill, table
from benchmarks.stages import SAMPLE
from benchmarks.texts import passages, questions, suites

HOME = Path(__file__).parents[1]
OURS = ("index", "stages", "search")
PEERS = {"langchain": "LangChain ensemble, e5-small", "bm25s": "bm25s", "faiss": "FAISS flat, our table"}
PEERED = 100_000
"""Passages up to which others are measured: the memory of LangChain's BM25 ends there."""
SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
Figures = dict[str, Any]


def speed(folder: Path, sizes: Sequence[int], asked: int) -> list[Figures]:
    """The figures of each size, ours and the others', in seconds and megabytes; `ratios` are theirs over ours."""
    known = suites(folder)
    heard = questions(known, asked)
    found = []
    for size in sizes:
        with TemporaryDirectory() as name:
            work = Path(name)
            _write(work / "documents.jsonl", [asdict(document) for document in passages(known, size)])
            _write(work / "questions.jsonl", heard)
            figures: Figures = {"size": size} | {kind: measured(kind, work) for kind in OURS}
            figures["peers"] = {kind: measured(kind, work) for kind in PEERS if size <= PEERED}
        figures["ratios"] = {
            kind: {
                "search": theirs["p50"] / figures["search"]["p50"],
                "index": theirs["seconds"] / figures["index"]["seconds"],
            }
            for kind, theirs in figures["peers"].items()
        }
        found.append(figures)
    return found


def measured(kind: str, work: Path) -> Figures:
    """One kind of benchmarks.stages, in a fresh process. Raises CalledProcessError; what it said is on stderr."""
    with Console(stderr=True).status(f"{kind}, {work.name}"):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.stages", kind, str(work)], cwd=HOME, stdout=subprocess.PIPE, check=True
        )
    figures: Figures = json.loads(done.stdout)
    return figures


def markdown(found: Sequence[Figures]) -> str:
    """What each size costs, where the time goes, and the others beside it."""
    sizes = [f"{figures['size']:,}" for figures in found]
    costs = {
        "passages indexed a second": lambda each: f"{each['index']['passages'] / each['index']['seconds']:,.0f}",
        "indexing, s": lambda each: f"{each['index']['seconds']:.1f}",
        "peak memory of indexing, MB": lambda each: f"{each['index']['peak']:,.0f}",
        "index on disk, MB": lambda each: f"{each['index']['disk']:,.0f}",
        "search p50, ms": lambda each: _ms(each["search"]["p50"]),
        "search p95, ms": lambda each: _ms(each["search"]["p95"]),
        "memory of serving, MB": lambda each: f"{each['search']['memory']:,.0f}",
        "cold start with the first question, s": lambda each: f"{each['search']['cold']:.2f}",
    }
    parts = [table(["", *sizes], [[name, *map(cost, found)] for name, cost in costs.items()])]
    parts.append("Where the time goes: indexing in seconds, a search in milliseconds (medians).")
    indexing = [[f"index: {name}", *(f"{each['stages'][name]:.2f}" for each in found)] for name in found[0]["stages"]]
    finding = found[0]["search"]["stages"]
    searching = [[f"search: {name}", *(_ms(each["search"]["stages"][name]) for each in found)] for name in finding]
    parts.append(table(["", *sizes], indexing + searching))
    parts.append(
        "The same passages and questions with others, in the same run; *times ours* is their time over ours. e5-small "
        f"has random weights (speed only); its time to embed all passages is extrapolated from {SAMPLE}, and the rest "
        "of its vectors are random."
    )
    rows = [
        [
            f"{PEERS[kind]}, {each['size']:,}",
            _ms(peer["p50"]),
            _ms(peer["p95"]),
            f"{each['ratios'][kind]['search']:.1f}",
            f"{peer['seconds']:,.1f}",
            f"{each['ratios'][kind]['index']:.1f}",
            f"{peer['memory']:,.0f}",
        ]
        for each in found
        for kind, peer in each["peers"].items()
    ]
    head = ["", "search p50, ms", "p95, ms", "times ours", "indexing, s", "times ours", "memory, MB"]
    parts.append(table(head, rows))
    parts.append(f"Measured on {os.cpu_count()} cores, Python {sys.version.split()[0]}.")
    return "\n\n".join(parts)


def plot(found: Sequence[Figures], path: Path) -> None:
    """How search, indexing and memory grow, on logarithmic axes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    ways = {
        "search p50, ms": ("search", "p50", 1000),
        "indexing, s": ("index", "seconds", 1),
        "memory of serving, MB": ("search", "memory", 1),
    }
    for axis, (title, (part, name, times)) in zip(axes, ways.items(), strict=True):
        axis.loglog([each["size"] for each in found], [each[part][name] * times for each in found], "o-", label="Sevai")
        for kind, label in PEERS.items():
            theirs = [(each["size"], each["peers"][kind][name] * times) for each in found if kind in each["peers"]]
            if theirs:
                axis.loglog(*zip(*theirs, strict=True), "o--", label=label, alpha=0.7)
        axis.set(title=title, xlabel="passages")
        axis.grid(alpha=0.3)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2g}" if seconds < 0.01 else f"{seconds * 1000:.0f}"


def _write(path: Path, entries: Sequence[object]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def main(
    suites: Annotated[Path, typer.Argument(help="A folder of suites; our own golden one where it is missing.")] = Path(
        "../shared/suites"
    ),
    size: Annotated[list[int] | None, typer.Option(help="Passages; several times for several sizes.")] = None,
    million: Annotated[bool, typer.Option("--million", help="Also a million passages, ours alone.")] = False,
    asked: Annotated[int, typer.Option(help="Questions.")] = 200,
    page: Annotated[Path, typer.Option(help="The page that is filled in.")] = PAGE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure speed and memory and write them into docs/benchmarks.md, with a plot of how they grow."""
    found = speed(suites, [*(size or SIZES), *([MILLION] if million else [])], asked)
    picture = page.parent / "pictures" / "growth.svg"
    plot(found, picture)
    text = markdown(found) + "\n\n![How search, indexing and memory grow](pictures/growth.svg)"
    fill(page, "speed", text)
    if as_json:
        typer.echo(json.dumps(found))


if __name__ == "__main__":
    typer.run(main)
