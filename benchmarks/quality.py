"""How well is found, on every suite of a folder: each signal alone, and all together.

`python -m benchmarks.quality [SUITES]` writes the table of docs/benchmarks.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from benchmarks.page import PAGE, fill, table
from eval import EvaluationError
from eval.rank import Pairing
from eval.suite import Suite
from knowledge import base
from knowledge.rank import SHIPPED, SIGNALS, shipped

LOST = 0.01
"""How far all together may lie under the best single signal before the row says so."""
PARTS = (*SIGNALS, "fused")


def quality(folder: Path, work: Path, limit: int = 200, seed: int = 0) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """A row for each pairing of each suite in the folder, and why a suite has none. Indexes are kept in `work`."""
    rows, skipped = [], {}
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            suite = Suite.open(path)
            pairs = list(pairings(suite))
            if not pairs:
                raise EvaluationError("no questions with documents that answer them")
        except EvaluationError as error:
            skipped[path.name] = " ".join(str(error).split())
            continue
        for cases, documents in track(pairs, description=suite.name, transient=True):
            asked = Pairing.ask(f"{path}:{cases}:{documents}", limit, work, seed)
            rows.append(row(asked))
    return rows, skipped


def pairings(suite: Suite) -> Iterator[tuple[str, str]]:
    """Which questions are asked of which documents: those of their own language, and English or else the main ones."""
    if suite.knowledge is not None:
        yield from ((cases, "all") for cases in suite.asked if _answerable(suite, cases, None))
        return
    if not suite.documented:
        return
    main = "en" if "en" in suite.documented else max(suite.documented, key=lambda tag: len(suite.documented[tag]))
    for cases in suite.asked:
        own = [tag for tag in suite.documented if base(tag) == base(cases)]
        for documents in dict.fromkeys([*own, main]):
            if _answerable(suite, cases, documents):
                yield cases, documents


def row(pairing: Pairing) -> dict[str, Any]:
    """nDCG@10 of each signal and of all; `learned`: weights were fitted on it; `lost`: a single signal is better."""
    figures = pairing.figures(shipped())
    name = f"{pairing.name} {pairing.cases}>{pairing.documents}"
    return {
        "suite": pairing.name,
        "question": pairing.cases,
        "documents": pairing.documents,
        "n": len(pairing.questions),
        **figures,
        "learned": name in learned(SHIPPED.read_text(encoding="utf-8")),
        "lost": figures["fused"] < max(figures[signal] for signal in SIGNALS) - LOST,
    }


def learned(text: str) -> set[str]:
    """The pairings that the header of a file of weights names: `suite cases>documents`, with commas between."""
    head = " ".join(line.removeprefix("#") for line in text.splitlines() if line.startswith("#"))
    return {" ".join(name.split()[-2:]) for name in head.split(",") if ">" in name}


def markdown(rows: Sequence[dict[str, Any]], skipped: dict[str, str]) -> str:
    """The table, what its signs mean, and what it leaves out."""
    best = [max(line[name] for name in PARTS) for line in rows]
    body = [
        [
            f"{line['suite']} {line['question']} > {line['documents']}{' †' * line['learned']}{' ▼' * line['lost']}",
            str(line["n"]),
            *(f"**{line[name]:.2f}**" if line[name] == top else f"{line[name]:.2f}" for name in PARTS),
        ]
        for line, top in zip(rows, best, strict=True)
    ]
    taught, lost = sum(line["learned"] for line in rows), sum(line["lost"] for line in rows)
    mean = {name: sum(line[name] for line in rows) / max(len(rows), 1) for name in PARTS}
    notes = [
        f"nDCG@10, questions > documents, {len(rows)} pairings. † the weights of the fusion were learned on it "
        f"({taught}); ▼ a single signal is better than all together by more than {LOST} ({lost}).",
        *(f"Left out: {name} ({why})." for name, why in skipped.items()),
    ]
    body.append(["mean of the pairings", "", *(f"{mean[name]:.2f}" for name in PARTS)])
    return table(["", "n", *PARTS], body) + "\n\n" + "\n".join(f"- {note}" for note in notes)


def _answerable(suite: Suite, cases: str, documents: str | None) -> bool:
    return any(case.documents for case in suite.cases_of(cases, documents))


def main(
    suites: Annotated[Path, typer.Argument(help="A folder of suites.")] = Path("../shared/suites"),
    limit: Annotated[int, typer.Option(help="Questions of a pairing, at most.")] = 200,
    seed: Annotated[int, typer.Option(help="Draws them.")] = 0,
    work: Annotated[Path, typer.Option(help="Where indexes are kept.")] = Path("build/benchmarks/indexes"),
    page: Annotated[Path, typer.Option(help="The page that is filled in.")] = PAGE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON.")] = False,
) -> None:
    """Ask every suite's questions and write what each signal finds into docs/benchmarks.md."""
    if not suites.is_dir():
        typer.echo(f"{suites} is no folder: name one that holds suites, such as eval/suites.", err=True)
        raise typer.Exit(1)
    rows, skipped = quality(suites, work, limit, seed)
    fill(page, "quality", markdown(rows, skipped))
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))


if __name__ == "__main__":
    typer.run(main)
