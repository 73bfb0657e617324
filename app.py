"""The command line: it wires knowledge, assistant and pages together.

What a command needs is imported inside it: `ask` must not wait for the libraries of `serve`.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.channels import terminal
from assistant.privacy import MaskedFormatter
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from rich.progress import Progress

    from assistant.accounts import Accounts
    from assistant.assistant import Assistant
    from assistant.channels.access import Access
    from assistant.channels.quality import Runs
    from assistant.channels.roles import Door
    from assistant.desk import Desk
    from assistant.reply import Reply
    from assistant.transcript.review import Review
    from assistant.uploads import Uploads
    from knowledge import Library

cli = typer.Typer(
    help="Sevai answers customers in their own language, with sources, or hands over to a person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

RUNS = Path("runs")
"""Where `python -m eval run` leaves its runs."""
Index = Annotated[Path, typer.Option("--index", help="The folder of the index.")]
Judged = Annotated[Path | None, typer.Option("--calibration", help="What `python -m eval calibrate` wrote.")]
Risk = Annotated[
    float | None, typer.Option("--risk", min=0, max=1, help="Of what is answered, so many may be wrong: 0.05.")
]
Model = Annotated[str | None, typer.Option("--model", help="Writes the answers: openai:NAME, ollama:NAME, local:NAME.")]
Collect = Annotated[
    list[str] | None, typer.Option(help="Asked of customers who wait for a person: order, phone, email, photo.")
]
Token = Annotated[
    str, typer.Option(envvar="TWILIO_AUTH_TOKEN", help="Signs the calls that are answered; rather set the variable.")
]
Monitor = Annotated[
    str, typer.Option(envvar="SEVAI_METRICS_TOKEN", help="Opens /metrics to a monitor; rather set the variable.")
]
Site = Annotated[
    list[str] | None, typer.Option("--site", help="KEY=ORIGIN: where the widget may stand, nila=https://shop.example.")
]
Proxy = Annotated[
    list[str] | None,
    typer.Option("--proxy", help="A proxy's address or network, whose X-Forwarded headers are believed."),
]
Room = Annotated[float, typer.Option("--uploads", min=0, help="Gigabytes that customers' files may take in all.")]
Database = Annotated[str, typer.Option("--desk", help="The desk's database URL; by default desk.db beside the index.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON.")]


# Without a token no call from elsewhere is answered, and no monitor reads figures: an empty one opens nothing.
@cli.command()
def serve(  # nosec B107
    index: Index = Path("index"),
    desk: Database = "",
    host: Annotated[str, typer.Option(help="127.0.0.1 is this machine only, 0.0.0.0 the network.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 7860,
    company: Annotated[str, typer.Option(help="The name above the customer's page.")] = "Sevai",
    collect: Collect = None,
    site: Site = None,
    calibration: Judged = None,
    risk: Risk = None,
    model: Model = None,
    voice_token: Token = "",
    metrics_token: Monitor = "",
    proxy: Proxy = None,
    room: Room = 20,
    runs: Annotated[Path, typer.Option(help="The runs of `python -m eval run`, for /quality.")] = RUNS,
    as_json: Json = False,
) -> None:
    """Serve the customer's page, the desk, the API, the widget, and calls at /api/v1/voice."""
    from assistant.accounts import Accounts
    from assistant.channels import server
    from assistant.channels.access import Access, secret
    from assistant.channels.chat import take_up
    from assistant.collect import GIVEN
    from assistant.desk import Desk, DeskError
    from assistant.uploads import Uploads
    from knowledge import Library

    server.few_heaps()
    wanted = tuple(collect or ())
    if unknown := set(wanted) - set(GIVEN):
        raise typer.BadParameter(f"--collect knows {', '.join(GIVEN)}; not {', '.join(sorted(unknown))}.")
    sites = named_sites(site or ())
    assistant, beside = opened(index, calibration, model, risk), index.resolve().parent
    with refusing(DeskError, OSError):
        store = Desk(desk or beside_index(index))
        people = Accounts(store.engine)
        access = Access(sites, secret(beside / "tokens.key"))
        door = server.listen(host, port)
    Thread(target=take_up, args=(assistant, store, wanted), daemon=True).start()
    spoken = {document.language for document in assistant.retriever.documents}
    Thread(target=assistant.warm, args=[spoken], kwargs={"heard": bool(voice_token)}, daemon=True).start()
    app = house(
        assistant,
        store,
        people,
        Uploads(beside / "uploads", int(room * 2**30)),
        access,
        Library(assistant.retriever, index, beside / "documents"),
        company=company,
        collect=wanted,
        token=voice_token,
        monitor=metrics_token,
        runs=runs,
    )
    url = f"http://{server.reached(host)}:{door.getsockname()[1]}"
    links = {"customer": f"{url}/", "desk": f"{url}/desk", "api": f"{url}/docs", "widget": f"{url}/widget.js"}
    if not people.any():
        links["first"] = f"{url}/welcome/{people.first()}"
    typer.echo(json.dumps(links) if as_json else terminal.addresses(links))
    server.run(app, door, proxy)


def house(
    assistant: Assistant,
    desk: Desk,
    registered: Accounts,
    uploads: Uploads,
    access: Access,
    library: Library,
    *,
    company: str = "Sevai",
    collect: Sequence[str] = (),
    token: str = "",
    monitor: str = "",
    runs: Path = RUNS,
) -> Door:
    """All that is served, behind the one door."""
    from assistant.channels import accounts, api, editors, erasure, pages, people, quality, sign_in, voice, widget
    from assistant.channels.jobs import Jobs
    from assistant.channels.presence import Presence
    from assistant.channels.roles import Door
    from assistant.channels.shedding import WRITTEN, Turns
    from assistant.channels.suggestions import Suggestions

    presence, forms = Presence(), accounts.Pages(registered, desk, company)
    suggestions = Suggestions(assistant, desk)
    turns, jobs = Turns(WRITTEN if assistant.writes else 0), Jobs()
    app = api.create(
        assistant,
        desk,
        collect,
        access,
        uploads=uploads,
        library=library,
        presence=presence,
        suggestions=suggestions,
        turns=turns,
        jobs=jobs,
    )
    widget.mount(app, company=company)
    voice.mount(app, assistant, desk, token, turns=turns)
    accounts.mount(app, forms)
    sign_in.mount(app, forms)
    people.mount(app, forms)
    erasure.mount(app, forms, uploads)
    editors.mount(app, forms, library, jobs)
    quality.mount(app, forms, runs_of(runs))
    pages.mount(
        app,
        assistant,
        desk,
        company=company,
        collect=collect,
        presence=presence,
        suggestions=suggestions,
        access=access,
        turns=turns,
    )
    return Door(app, registered, [pages.SCRIPT], monitor)


def runs_of(folder: Path) -> Runs:
    """The runs of evaluation in a folder."""
    from assistant.channels.quality import RunRefused, Runs
    from eval.run import suites

    def report(names: list[str]) -> str:
        from eval import EvaluationError
        from eval.report import render
        from eval.run import Run

        try:
            shown, *others = (Run.open(folder / name) for name in names)
            return render(shown, others, home="/quality")
        except EvaluationError as error:
            raise RunRefused(str(error)) from error

    return Runs(lambda: suites(folder), report)


@cli.command()
def admin(
    index: Index = Path("index"),
    desk: Database = "",
    name: Annotated[str, typer.Option(help="Whose password is set anew; without it, a new admin is made.")] = "",
    url: Annotated[str, typer.Option(help="Where the server is reached.")] = "http://127.0.0.1:7860",
) -> None:
    """Print a link, good for once and two days, that makes an admin or sets somebody's password anew."""
    from assistant.accounts import AccountError, Accounts
    from assistant.desk import Desk, DeskError

    with refusing(DeskError, AccountError, OSError):
        people = Accounts(Desk(desk or beside_index(index)).engine)
        token = people.reset(name) if name else people.first()
    typer.echo(f"{url.rstrip('/')}/welcome/{token}")


def beside_index(index: Path) -> str:
    """The URL of the desk's database where none is given."""
    return f"sqlite:///{index.resolve().parent / 'desk.db'}"


@cli.command("index")
def learn(
    sources: Annotated[list[Path], typer.Argument(metavar="SOURCE...", help="Files, folders, .jsonl documents.")],
    index: Index = Path("index"),
    embedder: Annotated[str | None, typer.Option(help="Another model: hub:intfloat/multilingual-e5-small.")] = None,
    as_json: Json = False,
) -> None:
    """Index files and folders; again, and only what changed is read. What came from elsewhere stays."""
    from knowledge import ingest
    from knowledge.embed import open_embedder

    with refusing(KnowledgeError), progress() as bar:
        task = bar.add_task("", total=None)
        indexed = ingest(
            sources,
            index,
            progress=lambda done, total, name: bar.update(task, completed=done, total=total, description=name),
            embedder=open_embedder(embedder) if embedder else None,
        )
    for sentence in indexed.refused:
        typer.echo(sentence, err=True)
    typer.echo(json.dumps(asdict(indexed), ensure_ascii=False) if as_json else terminal.indexing(indexed))
    if not (indexed.added or indexed.unchanged):
        typer.echo("Nothing is indexed: name files, or folders of files, that can be read.", err=True)
        raise typer.Exit(1)


@cli.command()
def ask(
    question: Annotated[str, typer.Argument(help="In quotes, in any language.")],
    index: Index = Path("index"),
    calibration: Judged = None,
    risk: Risk = None,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Answer one question."""
    from assistant.conversation import LONGEST
    from assistant.reply import nowhere

    if not question.strip() or len(question) > LONGEST:
        raise typer.BadParameter(f"A question has 1 to {LONGEST} characters; this one has {len(question.strip())}.")
    said = ""

    def shown(draft: Reply) -> None:
        nonlocal said
        typer.echo(terminal.rest(said, draft.answer), nl=False)
        said = draft.answer

    watched = sys.stdout.isatty() and not as_json
    with refusing(KnowledgeError):
        reply = opened(index, calibration, model, risk).reply(question, shown=shown if watched else nowhere)
    typer.echo(json.dumps(reply.json(), ensure_ascii=False) if as_json else terminal.rest(said, terminal.reply(reply)))


@cli.command()
def transcript(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A call's transcript, or a folder of them.")],
    index: Index = Path("index"),
    customer: Annotated[str, typer.Option(help="The label of the speaker or channel that the customer is.")] = "",
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day of the call, where its file tells none.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="The HTML file on a folder of calls; beside it by default.")
    ] = None,
    suite: Annotated[Path | None, typer.Option(help="A new folder: the calls' questions as a suite for eval.")] = None,
    calibration: Judged = None,
    risk: Risk = None,
    model: Model = None,
    as_json: Json = False,
) -> None:
    """Review a call that is over, or a folder of calls: questions, promises, what contradicts the knowledge."""
    from eval import calls

    assistant = opened(index, calibration, model, risk)
    reviews, refused = reviews_of(source, customer, date and date.date(), assistant)
    for sentence in refused:
        typer.echo(sentence, err=True)
    if not reviews:
        raise typer.Exit(1)
    made: dict[str, object] = {}
    if suite:
        with refusing(calls.CallsRefused):
            made["cases"] = calls.suite(reviews, assistant.retriever.documents, suite, suite.resolve().name)
            made["suite"] = str(suite)
    if source.is_dir():
        out = report or source.resolve().parent / f"{source.resolve().name}.html"
        figures = calls.figures(reviews)
        figures |= {"refused": refused, "report": str(calls.report(reviews, figures, out))} | made
        typer.echo(json.dumps(figures, ensure_ascii=False) if as_json else terminal.calls(figures))
    else:
        typer.echo(json.dumps(reviews[0].json() | made, ensure_ascii=False) if as_json else terminal.review(reviews[0]))


def reviews_of(source: Path, customer: str, day: date | None, assistant: Assistant) -> tuple[list[Review], list[str]]:
    """The reviews of a call or of a folder of calls, and a sentence for each file that none could be made of."""
    from assistant.transcript import TranscriptRefused, read_transcript
    from assistant.transcript.review import review

    files = [source]
    if source.is_dir():
        files = sorted(each for each in source.iterdir() if each.is_file() and not each.name.startswith("."))
    reviews, refused = [], []
    with progress() as bar:
        task = bar.add_task("", total=len(files))
        for done, file in enumerate(files, 1):
            try:
                call = read_transcript(file.read_bytes(), file.name, customer, day)
                reviews.append(review(file.name, call, assistant))
            except TranscriptRefused as error:
                refused.append(str(error))
            except OSError as error:
                refused.append(f"{file} cannot be read ({error.strerror}): name a transcript, or a folder of them.")
            bar.update(task, completed=done, description=file.name)
    return reviews, refused if files else [f"{source} holds no file: put the transcripts of calls there."]


def progress() -> Progress:
    """A bar with what is done and its name, on stderr; none where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def opened(index: Path, calibration: Path | None, model: str | None, risk: float | None) -> Assistant:
    """The assistant over an index; with exit code 1 where it, the calibration or the model cannot be opened.

    Where the risk cannot be kept in a language, that is said; where it can in none, this is exit code 1, too.
    """
    from assistant.assistant import Assistant
    from assistant.confidence import Calibration, CalibrationRefused
    from assistant.risk import RiskRefused, unpromised
    from knowledge import Retriever

    with refusing(KnowledgeError, CalibrationRefused):
        retriever = Retriever.open(index)
        judged = Calibration.load(calibration) if calibration else None
    writer = None
    if model is not None:
        from assistant.models import ModelRefused, open_model  # here, as they load langchain

        with refusing(ModelRefused):
            writer = open_model(model)
    with refusing(RiskRefused):
        assistant = Assistant(retriever, calibration=judged, model=writer, risk=risk)
    if sentence := unpromised(assistant.thresholds):
        typer.echo(sentence, err=True)
    return assistant


def named_sites(given: Sequence[str]) -> dict[str, frozenset[str]]:
    """The sites by their keys, each with the origins that were given for it."""
    sites: dict[str, frozenset[str]] = {}
    for each in given:
        key, _, origin = each.partition("=")
        scheme, _, host = origin.partition("://")
        if not key or scheme not in ("http", "https") or not host or "/" in host:
            raise typer.BadParameter(f"--site takes KEY=ORIGIN, as in nila=https://shop.example; not {each!r}.")
        sites[key] = sites.get(key, frozenset()) | {origin}
    return sites


@contextmanager
def refusing(*kinds: type[Exception]) -> Iterator[None]:
    """Tell such an error in its own sentence and end with exit code 1."""
    try:
        yield
    except kinds as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Also where the terminal's locale cannot write Tamil; what was typed may be bytes that are no text.
            stream.reconfigure(encoding="utf-8", errors="replace")
    records = logging.StreamHandler()
    records.setFormatter(MaskedFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[records])
    cli()
