"""The command line of evaluation: `python -m eval run`, `compare`, `calibrate`, `rank`, `needs`, `report`, `page`.

What a command needs is imported inside it, so that `--help` is quick.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from eval import EvaluationError

cli = typer.Typer(
    help="Ask a suite's questions of a build, and see which language got worse.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SHOWN = ("recall@1", "answer_hit", "citation_precision", "crag", "auroc", "coverage@95", "language_match")
"""The metrics of the table after a run; all of them are in metrics.json."""
Json = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]


@cli.command()
def run(
    suite: Annotated[Path, typer.Argument(help="The suite's folder.")],
    documents: Annotated[str | None, typer.Option(help="Language of the documents; by default the cases' own.")] = None,
    cases: Annotated[str | None, typer.Option(help="Language of the cases; by default every one.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Cases in each language, drawn by the seed.")] = None,
    target: Annotated[str, typer.Option(help="http://HOST:PORT, MODULE:FUNCTION or FILE.jsonl.")] = "assistant",
    drop_gold: Annotated[float | None, typer.Option(min=0, max=1, help="Share of cases to make unanswerable.")] = None,
    mix: Annotated[Path | None, typer.Option(help="Another suite, whose questions nothing here answers.")] = None,
    index: Annotated[Path | None, typer.Option(help="An index in place of the suite's documents.")] = None,
    calibration: Annotated[Path | None, typer.Option(help="What calibrate wrote, in place of the shipped.")] = None,
    embedder: Annotated[str | None, typer.Option(help="Another model for the index that is built here.")] = None,
    model: Annotated[str | None, typer.Option(help="Writes the answers: openai:NAME, ollama:NAME, local:NAME.")] = None,
    seed: Annotated[int, typer.Option(help="Of the draws and the intervals.")] = 0,
    out: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = Path("runs"),
    name: Annotated[str | None, typer.Option(help="The folder's name; by default the time and the suite's.")] = None,
    resume: Annotated[Path | None, typer.Option(help="The folder of a run that was killed.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that ask; useful where replies are slow.")] = 1,
    floors: Annotated[Path | None, typer.Option(help="TOML of what must be reached; exit 1 below it.")] = None,
    as_json: Json = False,
) -> None:
    """Ask every case, and measure; prints the run's folder."""
    from eval.floors import load, missed
    from eval.run import Settings
    from eval.run import run as ask

    console = Console(stderr=True)
    mixed, searched, judged = (None if file is None else str(file) for file in (mix, index, calibration))
    settings = Settings(target, documents, cases, limit, drop_gold, mixed, searched, judged, seed, embedder, model)
    with refusing():
        limits = load(floors) if floors else {}
        finished = ask(suite, settings, out=out, name=name, resume=resume, workers=workers, console=console)
    console.print(table(finished.metrics))
    typer.echo(json.dumps(finished.metrics, ensure_ascii=False) if as_json else str(finished.folder))
    if errors := [outcome.error for outcome in finished.outcomes if outcome.error]:
        typer.echo(f"{len(errors)} of {len(finished.outcomes)} cases crashed, the first with {errors[0]}.", err=True)
    if below := missed(finished.metrics, limits):
        typer.echo("\n".join(below), err=True)
        raise typer.Exit(1)


@cli.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="The folder of the run before.")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="The folder of the run after.")],
    gate: Annotated[bool, typer.Option("--gate", help="Exit 1 where the second is worse beyond chance.")] = False,
    margin: Annotated[float, typer.Option(min=0, help="A drop that is nobody's concern.")] = 0.01,
    metric: Annotated[list[str] | None, typer.Option(help="What to compare, in place of the usual.")] = None,
    seed: Annotated[int, typer.Option(help="Of the resampling.")] = 0,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML for a build server here.")] = None,
    as_json: Json = False,
) -> None:
    """Say which language got worse, by how much, and whether that is chance."""
    from eval.compare import GATE
    from eval.compare import compare as hold
    from eval.run import Run

    with refusing():
        comparison = hold(Run.open(run_a), Run.open(run_b), margin=margin, metrics=metric or GATE, seed=seed)
    if junit:
        junit.parent.mkdir(parents=True, exist_ok=True)
        junit.write_text(comparison.junit(), "utf-8")
    typer.echo(json.dumps(comparison.json(), ensure_ascii=False) if as_json else comparison.verdict)
    if gate and comparison.failed:
        raise typer.Exit(1)


@cli.command()
def calibrate(
    sources: Annotated[list[Path], typer.Argument(metavar="SUITE...", help="Suites to ask, or runs made already.")],
    out: Annotated[Path, typer.Option(help="The file that is written.")] = Path("confidence.toml"),
    risk: Annotated[
        list[float] | None, typer.Option(min=0, max=1, help="In place of 0.01, 0.02, 0.05, 0.1, 0.2.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where the folders of the runs are made.")] = Path("runs"),
    seed: Annotated[int, typer.Option(help="Of the draws and the folds.")] = 0,
    as_json: Json = False,
) -> None:
    """Fit the confidence to a team's own labels."""
    from eval.calibrate import calibrate as fit
    from eval.risk import RISKS
    from eval.run import Run, Settings
    from eval.run import run as ask

    with refusing():
        made = [
            Run.open(source) if (source / "manifest.json").exists() else ask(source, Settings(seed=seed), out=runs)
            for source in sources
        ]
        asked = [outcome for each in made for outcome in each.outcomes]
        names = [str(each.manifest["suite"]["name"]) for each in made]
        fitted = fit(asked, out, suites=names, risks=risk or RISKS, seed=seed)
    typer.echo(json.dumps(fitted.json(), ensure_ascii=False) if as_json else fitted.sentence)


@cli.command()
def rank(
    pairings: Annotated[list[str], typer.Argument(metavar="SUITE:CASES:DOCUMENTS...", help="What to learn from.")],
    check: Annotated[list[str] | None, typer.Option(help="A pairing to check on; may be given again.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Questions of a pairing, drawn by the seed.")] = 200,
    out: Annotated[Path, typer.Option(help="The file that is written.")] = Path("rank.toml"),
    runs: Annotated[Path, typer.Option(help="Where indexes of suites are kept.")] = Path("runs"),
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    heard: Annotated[bool, typer.Option("--heard", help="A recogniser wrote the questions: learn heard.toml.")] = False,
    as_json: Json = False,
) -> None:
    """Learn how far each signal of the search is believed; shows nDCG@10 of each alone and of all together."""
    from eval.rank import Pairing, learn, learn_heard, table, write
    from knowledge.rank import load_heard

    with refusing():
        places = runs / ".indexes"
        asked = {text: Pairing.ask(text, limit, places, seed, heard) for text in [*pairings, *(check or ())]}
        learned = [asked[text] for text in pairings]
        weights = (learn_heard if heard else learn)(learned)
        write(weights, learned, out)
        weights = load_heard(out) if heard else weights
    rows = table(asked.values(), weights)
    if as_json:
        typer.echo(json.dumps({"weights": str(out), "pairings": rows}, ensure_ascii=False))
        return
    shown = Table("", *list(rows[0])[3:])
    for text, row in zip(asked, rows, strict=True):
        figures = [str(row["n"]), *(f"{value:.3f}" for value in list(row.values())[4:])]
        shown.add_row(f"{row['suite']} {row['question']} > {row['documents']}{' *' * (text not in pairings)}", *figures)
    Console(stderr=True).print(shown, "* not learned from", highlight=False)
    typer.echo(str(out))


@cli.command()
def needs(
    suites: Annotated[list[str], typer.Argument(metavar="SUITE:CASES...", help="What to learn from; half may check.")],
    out: Annotated[Path, typer.Option(help="The file that is written.")] = Path("needs.toml"),
    as_json: Json = False,
) -> None:
    """Learn which messages need the knowledge at all; shows how the messages that were held out are told."""
    from eval.needs import asked, composed, figures, learn, write
    from eval.suite import Suite

    with refusing():
        told = {text: asked(Suite.open(Path(text.rpartition(":")[0])), text.rpartition(":")[2]) for text in suites}
        turns = [*composed(), *(turn for each in told.values() for turn in each)]
        model = learn(turns)
        write(model, sum(not turn.held_out for turn in turns), out)
    rows = {text: figures(model, each) for text, each in told.items() if any(turn.held_out for turn in each)}
    typer.echo(
        json.dumps({"out": str(out), "held_out": rows}) if as_json else "\n".join(map(str, [*rows.items(), out]))
    )


@cli.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Runs; the last is shown, held against others.")],
    out: Annotated[Path | None, typer.Option(help="The file; by default report.html in the last run's folder.")] = None,
    as_json: Json = False,
) -> None:
    """Write one HTML file that opens anywhere; prints where it is."""
    from eval.report import report as write

    with refusing():
        written = write(runs, out or runs[-1] / "report.html")
    typer.echo(json.dumps({"report": str(written)}) if as_json else str(written))


@cli.command()
def page(
    runs: Annotated[Path, typer.Option(help="The folder of the runs.")] = Path("runs"),
    port: Annotated[int, typer.Option(help="On this machine.")] = 7861,
) -> None:
    """Serve the runs as a page: one of them, or two side by side."""
    from eval.page import page as over

    typer.echo(f"http://127.0.0.1:{port}")
    over(runs).launch(server_port=port, quiet=True, footer_links=[])


@contextmanager
def refusing() -> Iterator[None]:
    """Tell an error in its own sentence and end with its exit code."""
    from knowledge import KnowledgeError

    try:
        yield
    except (EvaluationError, KnowledgeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(getattr(error, "code", 1)) from error


def table(metrics: Mapping[str, Any]) -> Table:
    """The main figures of a run over their intervals, a row for each language; it fits 80 columns."""
    shown = Table(
        "", "cases", *(name.replace("_", " ").replace("@", " @") for name in SHOWN), box=None, padding=(0, 1, 0, 0)
    )
    rows = {**metrics["languages"], "overall": metrics["overall"]}
    counts = {**metrics["counts"]["languages"], "overall": metrics["counts"]["overall"]}
    for language, figures in rows.items():
        shown.add_row(language, str(counts[language]["cases"]), *(_figure(figures[name]) for name in SHOWN))
    return shown


def _figure(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return "–"
    bounds = "" if figure["low"] is None else f"\n[dim]{_short(figure['low'])}–{_short(figure['high'])}[/dim]"
    return f"{figure['value']:.3f}{bounds}"


def _short(bound: float) -> str:
    """Two decimals, without the noughts that say nothing: .5 is .50, and 1.00 is 1."""
    return f"{round(bound, 2) + 0.0:.2f}".removesuffix(".00").replace("0.", ".")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # also where the terminal's locale cannot write Tamil
    cli()
