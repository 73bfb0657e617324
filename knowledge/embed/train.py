"""The recipe of the shipped model: `python -m knowledge.embed.train DATA --out FOLDER`.

DATA holds `parallel/<tag>.tsv.xz` (source, English, text in that language) and may hold `pairs/<tag>.tsv.xz`
(source, question, answer). In each batch, of one language, every text must find its partner among all the others
(InfoNCE, van den Oord et al. 2018, https://arxiv.org/abs/1807.03748): by the sum of its pieces in both directions, and
piece by piece in one, as search compares a question with a passage. What is done lies in FOLDER.part: a run that was
stopped goes on from there, to the same model.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812, the name that everyone knows it by
import typer
from numpy.typing import NDArray
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from knowledge.embed import corpus, subwords
from knowledge.embed.corpus import WEIGHTS, Pairs, Texts
from knowledge.embed.static import TABLE, UNKNOWN
from knowledge.errors import KnowledgeError

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""

TEMPERATURE = 0.05
RATE = 0.02
WARM_UP = 100
"""Steps over which the learning rate rises; it then falls to nothing by the last step."""
DROPPED = 0.4
"""Share of the pieces left out, others each time, so that no piece can leave the meaning to its neighbours."""
START = 0.05
"""Standard deviation of the vectors at the start: small, so that pieces hardly ever seen weigh little."""
MATCHED = 0.5
"""How much comparing piece by piece weighs, against 1 for the sums."""
MEAN, SQUARE, TINY = 0.9, 0.999, 1e-8
"""Adam's decay rates and epsilon."""
MODULES = (("", "models.StaticEmbedding"), ("1_Normalize", "models.Normalize"))


class NoText(KnowledgeError):
    """There is nothing to train on."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a model costs: `batch` pairs a step, `matched` of them piece by piece over at most `width` pieces of a text;
    `first` and `other` pairs are read of a language, `sample` characters of it are for subwords."""

    pieces: int = 92_000
    dimension: int = 200
    steps: int = 50_000
    batch: int = 1024
    matched: int = 64
    width: int = 20
    first: int = 250_000
    other: int = 70_000
    sample: int = 300_000
    every: int = 500
    seed: int = 7


QUICK = Recipe(pieces=1500, dimension=32, steps=150, batch=32, matched=16, sample=20_000, every=50)


class Table:
    """The vectors, and Adam's two moments of each: only the rows of a batch are touched."""

    def __init__(self, rows: int, dimension: int, seed: int) -> None:
        start = torch.randn(rows, dimension, generator=torch.Generator().manual_seed(seed)) * START
        self.step = 0
        self.vectors, self._mean, self._square = start, torch.zeros_like(start), torch.zeros_like(start)

    def update(self, rows: torch.Tensor, gradient: torch.Tensor, rate: float) -> None:
        """One step of Adam (Kingma and Ba 2015) on some rows."""
        self.step += 1
        mean = self._mean[rows].lerp_(gradient, 1 - MEAN)
        square = self._square[rows].mul_(SQUARE).addcmul_(gradient, gradient, value=1 - SQUARE)
        self._mean[rows], self._square[rows] = mean, square
        size = (square / (1 - SQUARE**self.step)).sqrt_().add_(TINY)
        self.vectors[rows] -= mean.mul_(rate / (1 - MEAN**self.step)).div_(size)

    def save(self, path: Path) -> None:
        """The state as one file; it is there whole or not at all."""
        part = path.with_suffix(".new")
        state = {"vectors": self.vectors, "mean": self._mean, "square": self._square, "step": torch.tensor(self.step)}
        save_file(state, part)
        part.replace(path)

    def load(self, path: Path) -> None:
        """What `save` wrote."""
        state = load_file(path)
        self.vectors, self._mean, self._square = state["vectors"], state["mean"], state["square"]
        self.step = int(state["step"])


def train(data: Path, folder: Path, recipe: Recipe, progress: Report = lambda *_: None) -> None:
    """Train a model on the text in `data` and write it to `folder`. Raises NoText."""
    files = {f"{path.parent.name}-{path.name.split('.')[0]}": path for path in sorted(data.glob("p*/*.tsv.xz"))}
    if not any(name.startswith("parallel") for name in files):
        raise NoText(f"{str(data)!r} holds no parallel/<language>.tsv.xz to train on; name the folder that does.")
    work = folder.with_name(folder.name + ".part")
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(files, work, recipe, progress)
    languages = _arrays(files, tokenizer, work, recipe, progress)
    table = _learn(languages, tokenizer.get_vocab_size(), work, recipe, progress)
    _write(folder, tokenizer, table)
    shutil.rmtree(work)


def _tokenizer(files: Mapping[str, Path], work: Path, recipe: Recipe, progress: Report) -> Tokenizer:
    path = work / "tokenizer.json"
    if not path.exists():
        texts: list[str] = []
        for done, (name, file) in enumerate(files.items()):
            progress(f"reading {name}", done, len(files))
            if name.startswith("parallel"):
                texts += corpus.texts(file, int(recipe.sample * corpus.weight(name) ** 0.5))
        tokenizer = subwords.train(texts, recipe.pieces, progress)
        tokenizer.save(str(path), pretty=False)
    return Tokenizer.from_file(str(path))


def _arrays(
    files: Mapping[str, Path], tokenizer: Tokenizer, work: Path, recipe: Recipe, progress: Report
) -> dict[str, Pairs]:
    for done, (name, file) in enumerate(files.items()):
        path = work / f"{name}.npz"
        if not path.exists():
            progress(f"splitting {name}", done, len(files))
            size = recipe.first if corpus.weight(name) == max(WEIGHTS.values()) else recipe.other
            pairs = corpus.sample(corpus.read(file), size, np.random.default_rng(recipe.seed))
            Pairs.encode(tokenizer, pairs).save(path)
    return {name: Pairs.load(work / f"{name}.npz") for name in files}


def _learn(languages: Mapping[str, Pairs], rows: int, work: Path, recipe: Recipe, progress: Report) -> Table:
    table = Table(rows, recipe.dimension, recipe.seed)
    path = work / "state.safetensors"
    if path.exists():
        table.load(path)
    names = list(languages)
    often = np.array([corpus.weight(name) for name in names])
    while table.step < recipe.steps:
        rng = np.random.default_rng((recipe.seed, table.step))
        name = names[rng.choice(len(names), p=often / often.sum())]
        rate = RATE * min(1.0, (table.step + 1) / WARM_UP) * (1 - table.step / recipe.steps)
        loss = _step(table, languages[name].draw(recipe.batch, rng), recipe, rate, rng)
        progress(f"training, loss {loss:.2f}", table.step, recipe.steps)
        if table.step % recipe.every == 0:
            table.save(path)
    return table


def _step(table: Table, sides: tuple[Texts, Texts], recipe: Recipe, rate: float, rng: np.random.Generator) -> float:
    """Bring each text nearer to its partner than to the others of the batch; returns the mean loss of the sums."""
    rows, places = np.unique(np.concatenate([side.pieces for side in sides]), return_inverse=True)
    starts = np.cumsum(np.concatenate([[0], *(side.lengths for side in sides)]))[:-1]
    vectors = table.vectors[torch.from_numpy(rows)].requires_grad_()
    kept = torch.from_numpy((rng.random(len(places)) >= DROPPED).astype(np.float32))
    sums = F.embedding_bag(
        torch.from_numpy(places), vectors, torch.from_numpy(starts), mode="sum", per_sample_weights=kept
    )
    texts, lengths = F.normalize(sums), vectors.norm(dim=1)
    units = vectors / lengths.clamp_min(TINY)[:, None]
    loss, pull = _contrast(*texts.detach().chunk(2))
    first = len(sides[0].pieces)
    asked, given = (
        (Texts(places[start:end].astype(np.int32), side.starts)).first(recipe.matched, recipe.width)
        for side, start, end in ((sides[0], 0, first), (sides[1], first, len(places)))
    )
    if rng.random() < 0.5:
        asked, given = given, asked
    torch.autograd.backward([texts, units, lengths], [pull, *_match(units.detach(), lengths.detach(), asked, given)])
    assert vectors.grad is not None  # for the type checker # nosec B101
    table.update(torch.from_numpy(rows), vectors.grad, rate)
    return loss


def _contrast(left: torch.Tensor, right: torch.Tensor) -> tuple[float, torch.Tensor]:
    """InfoNCE in both directions, and its gradient by hand: one exponential of the scores serves both.

    Cosines are at most 1, so that no exponential overflows.
    """
    count = len(left)
    scores = (left @ right.T).div_(TEMPERATURE).exp_()
    across, down = scores.sum(dim=1), scores.sum(dim=0)
    own = scores.diagonal()
    loss = float(((across / own).log() + (down / own).log()).mean()) / 2
    scores.mul_(across.reciprocal()[:, None] + down.reciprocal())
    scores.diagonal().sub_(2)
    scores.div_(TEMPERATURE * count)
    return loss, torch.cat([scores @ right, scores.T @ left])


def _match(
    units: torch.Tensor, lengths: torch.Tensor, asked: NDArray[np.int64], given: NDArray[np.int64]
) -> tuple[torch.Tensor, torch.Tensor]:
    """The gradients, of `units` and of `lengths`, of finding the given text by late interaction.

    Khattab and Zaharia 2020, https://arxiv.org/abs/2004.12832. Texts are rows of numbers of pieces, filled up with -1.
    Each asked piece takes its best cosine with a given text's, and pieces weigh by their length. By hand, because only
    the best matches have a gradient.
    """
    count, width = given.shape
    text, place = map(torch.from_numpy, np.nonzero(asked >= 0))
    ours, theirs = torch.from_numpy(asked)[text, place], torch.from_numpy(given).flatten()
    left, right = units[ours], units[theirs]
    cosines = left @ right.T
    cosines[:, theirs < 0] = -1
    best, where = cosines.view(len(ours), count, width).max(dim=-1)
    weights = lengths[ours]
    whole = torch.zeros(count).index_add_(0, text, weights)
    scores = torch.zeros(count, count).index_add_(0, text, best * weights[:, None]) / whole[:, None]
    slope = (F.softmax(scores / TEMPERATURE, dim=1) - torch.eye(count)) * (MATCHED / TEMPERATURE / count)
    slope = slope[text] / whole[text, None]
    back = cosines.zero_()
    back.view(len(ours), count, width).scatter_(2, where[..., None], (slope * weights[:, None])[..., None])
    turn = torch.zeros_like(units).index_add_(0, ours, back @ right).index_add_(0, theirs.clamp_min(0), back.T @ left)
    stretch = torch.zeros_like(lengths).index_add_(0, ours, (slope * (best - scores[text])).sum(dim=1))
    return turn, stretch


def _write(folder: Path, tokenizer: Tokenizer, table: Table) -> None:
    """The layout of sentence-transformers: the table, its tokenizer, and that vectors are normalised."""
    folder.mkdir(parents=True, exist_ok=True)
    vectors = table.vectors.clone()
    vectors[UNKNOWN] = 0
    part = folder / "model.part"
    save_file({TABLE: vectors.half()}, part)
    part.replace(folder / "model.safetensors")  # never written into: who serves with the old table has it mapped
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.{kind}"}
        for number, (path, kind) in enumerate(MODULES)
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2) + "\n", encoding="utf-8")
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"similarity_fn_name": "cosine"}, indent=2) + "\n", encoding="utf-8"
    )


app = typer.Typer(add_completion=False)


@app.command()
def main(
    data: Annotated[Path, typer.Argument(help="The folder with parallel/ and pairs/.")],
    out: Annotated[Path, typer.Option(help="The folder that the model is written to.")],
    quick: Annotated[bool, typer.Option("--quick", help="A tiny model, to see that all works.")] = False,
) -> None:
    """Train the static embedder from parallel text; a run that was stopped goes on."""
    torch.set_num_threads(1)  # a step is many small operations: waiting for a second thread costs more than it brings
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True
    ) as bar:
        task = bar.add_task("reading")
        try:
            train(
                data,
                out,
                QUICK if quick else Recipe(),
                lambda what, done, total: bar.update(task, description=what, completed=done, total=total),
            )
        except KnowledgeError as error:
            typer.echo(error, err=True)
            raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
