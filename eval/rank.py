"""Learn how far each signal of the search is believed, from questions with known answers; and show what each can do.

For each regime (how question and passage are written) the weights of the standardised signals are fitted so that the
passages of a right document stand above the others (listwise softmax, Cao et al. 2007; L-BFGS). Every pairing of suite
and languages counts the same, however many questions it has.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.speech.written import either
from eval import EvaluationError
from eval.indexes import index_documents, index_of
from eval.metrics.ranking import ndcg
from eval.suite import Suite
from knowledge import Document, Retriever
from knowledge.language import Detected
from knowledge.rank import ECHOES, REGIMES, SIGNALS, WEIGHED, Candidates, Weight, Weights, fuse, largeness

Floats = NDArray[np.float64]
Bound = tuple[float | None, float | None]
Design = Callable[[Candidates], Floats]
"""What the numbers that are learned are multiplied by: a row for each candidate."""
NUMBERS = tuple(product(REGIMES, WEIGHED, ("small", "large")))
BOUNDS: Mapping[str, Bound] = {"length": (None, 0), "regime": (None, None)}
"""What weights may be; a signal's is never below 0."""
PENALTY = 1e-3
"""The weight of the penalty on large weights."""
TIED: Mapping[str, float] = {"other": 0.03}
"""The weight of the penalty on weights that differ between a small and a large knowledge, by regime: questions in
another script were asked of too few small ones to tell what is theirs alone."""
DOUBT = 0.3
"""The probability that is added before the logarithm."""
SPOKEN = (*SIGNALS, "length", "coverage", *ECHOES)
"""What is weighed of a question that was heard."""
HALVES = ("even", "odd")
HEARD_HEAD = """# What stands in the place of rank.toml's numbers where a recogniser wrote the question down.
# Learned by `python -m eval rank --heard` from {questions} questions:
# {pairings}
"""
HEAD = """# How far each signal is believed, by how question and passage are written: what a standard deviation counts
# [in a knowledge of 75 passages, in one of 3,500].
# Learned by `python -m eval rank` from {questions} questions:
# {pairings}
"""


class PairingError(EvaluationError):
    """A pairing is not written as SUITE:CASES:DOCUMENTS, or teaches nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the search found for a question: its candidates, the document of each, and the documents that answer."""

    candidates: Candidates
    documents: tuple[str, ...]
    gold: frozenset[str]

    def ndcg(self, scores: NDArray[np.float32], silent: float = -np.inf) -> float:
        """How well scores rank the documents; a candidate whose score is `silent` is not ranked at all."""
        order = np.argsort(-scores, kind="stable")
        ranked = dict.fromkeys(self.documents[place] for place in order if scores[place] != silent)
        return ndcg([document in self.gold for document in ranked], len(self.gold))


@dataclass(frozen=True, slots=True)
class Pairing:
    """Questions in one language, asked of documents in another or the same."""

    name: str
    cases: str
    documents: str
    questions: tuple[Question, ...]

    @classmethod
    def ask(cls, text: str, limit: int | None, folder: Path, seed: int = 0, heard: bool = False) -> Pairing:
        """Search for the answerable questions of SUITE:CASES:DOCUMENTS. Raises EvaluationError and KnowledgeError.

        Of SUITE:CASES:DOCUMENTS#odd only those are asked whose document's id has an odd CRC-32; #even is the other
        half. `heard` questions are those that a recogniser wrote down.

        DOCUMENTS may be two languages, as in ta+en: a third of the documents is then known in both, a third in each
        alone, and the right one is that in the question's language, where there is one.
        """
        whole, _, half = text.partition("#")
        parts = whole.rsplit(":", 2)
        if len(parts) != 3 or half not in ("", *HALVES):
            raise PairingError(f"{text!r} is no pairing: write SUITE:CASES:DOCUMENTS, such as suites/shop:ta:en#odd.")
        suite = Suite.open(Path(parts[0]))
        languages = parts[2].split("+")
        alike = zip(*(suite.cases_of(parts[1], language) for language in languages), strict=True)
        cases = [same[0] for same in alike if all(case.documents for case in same)]
        cases = [case for case in cases if half in ("", HALVES[zlib.crc32(case.documents[0].encode()) % 2])]
        if not cases:
            raise PairingError(f"{text} has no question that its documents answer, so nothing can be learned from it.")
        if limit and len(cases) > limit:
            cases = random.Random(seed).sample(cases, limit)  # repeated by its seed, and no secret # nosec B311
        written = Detected(parts[1], "Latn", True) if parts[1].endswith("-Latn") else None
        index = (
            index_documents(_mixed(suite, languages), folder) if languages[1:] else index_of(suite, parts[2], folder)
        )
        retriever = Retriever.open(index).snapshot()
        questions = tuple(
            Question(found, retriever.documents_of(found.passages), _gold(case.documents, languages))
            for case in cases
            for found in [
                retriever.candidates(either(case.question, parts[1]), written, {})
                if heard
                else retriever.candidates(case.question, written)
            ]
        )
        return cls(suite.name + f"#{half}" * bool(half), parts[1], parts[2], questions)

    def figures(self, weights: Weights) -> dict[str, float]:
        """nDCG@10 of each signal alone, and of all fused. What a signal scores 0 it does not rank."""
        alone = {
            signal: float(
                np.mean([asked.ndcg(asked.candidates.scores[signal], silent=0.0) for asked in self.questions])
            )
            for signal in SIGNALS
        }
        return alone | {
            "fused": float(np.mean([asked.ndcg(fuse(asked.candidates, weights)) for asked in self.questions]))
        }


def learn(pairings: Sequence[Pairing]) -> Weights:
    """The weights of each regime under which right documents stand highest. Raises PairingError.

    What a signal counts is learned where all documents are in one language; what the regime itself counts, where they
    are in several, with everything else as it was learned.
    """
    free = [BOUNDS.get(name, (0, None)) for _, name, _ in NUMBERS]
    alone = [(0, 0) if name == "regime" else bound for (_, name, _), bound in zip(NUMBERS, free, strict=True)]
    plain = [pairing for pairing in pairings if "+" not in pairing.documents]
    mixed = [pairing for pairing in pairings if "+" in pairing.documents]
    ties = np.array([TIED.get(regime, 0.0) for regime, _ in product(REGIMES, WEIGHED)])
    best = _fit(plain, np.zeros(len(NUMBERS)), alone, doubt=0.0, ties=ties)
    best = _fit(plain, best, alone, DOUBT, ties=ties)
    held = [
        bound if name == "regime" and regime != "same" else (value, value)
        for (regime, name, _), bound, value in zip(NUMBERS, free, best.tolist(), strict=True)
    ]
    if mixed:
        best = _fit(mixed, best, held, DOUBT, ties=ties)
    rounded = best.round(3).reshape(len(REGIMES), len(WEIGHED), 2).tolist()
    return {
        regime: {name: Weight(*pair) for name, pair in zip(WEIGHED, numbers, strict=True)}
        for regime, numbers in zip(REGIMES, rounded, strict=True)
    }


def learn_heard(pairings: Sequence[Pairing]) -> Weights:
    """The weights of questions that were heard, in their own language. Raises PairingError.

    Small and large knowledge are not told apart: too few suites are spoken.
    """
    bounds, best = [BOUNDS.get(name, (0, None)) for name in SPOKEN], np.zeros(len(SPOKEN))
    for doubt in (0.0, DOUBT):
        best = _fit(pairings, best, bounds, doubt, _spoken)
    return {REGIMES[0]: {name: Weight(value, value) for name, value in zip(SPOKEN, best.round(3), strict=True)}}


def _fit(
    pairings: Sequence[Pairing],
    start: Floats,
    bounds: Sequence[Bound],
    doubt: float,
    design: Design | None = None,
    ties: Floats | None = None,
) -> Floats:
    """Numbers within bounds that make -log(p + doubt) least, p the part that right passages have of all odds.

    A little doubt keeps questions that no numbers can save from bending them. `ties`, one for each two numbers, keep
    the two together.
    """
    rows, right, starts, counts = [], [], [0], []
    for pairing in pairings:
        useful = [
            (asked, held)
            for asked in pairing.questions
            if (held := np.array([document in asked.gold for document in asked.documents])).any()
        ]
        for asked, held in useful:
            rows.append((design or _design)(asked.candidates))
            right.append(held)
            starts.append(starts[-1] + len(held))
            counts.append(1 / len(useful))
    if not rows:
        raise PairingError("Of no question was an answering document found, so nothing can be learned: add pairings.")
    numbers_of, gold, shares = np.concatenate(rows), np.concatenate(right), np.array(counts)
    question = np.repeat(np.arange(len(shares)), np.diff(starts))

    def loss(numbers: Floats) -> tuple[float, Floats]:
        scores = numbers_of @ numbers
        odds = np.exp(scores - np.maximum.reduceat(scores, starts[:-1])[question])
        everything = np.add.reduceat(odds, starts[:-1])
        found = np.add.reduceat(odds * gold, starts[:-1])
        part = found / everything
        pull = (shares * part / (part + doubt))[question]
        slope = pull * (odds / everything[question] - odds * gold / found[question])
        moved = numbers - start
        value = -shares @ np.log(part + doubt) + PENALTY * moved @ moved
        pulled = numbers_of.T @ slope + 2 * PENALTY * moved
        if ties is not None:
            apart = numbers[::2] - numbers[1::2]
            value += ties @ apart**2
            pulled += np.stack([2 * ties * apart, -2 * ties * apart], axis=1).ravel()
        return float(value), pulled

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def write(weights: Weights, pairings: Sequence[Pairing], path: Path) -> None:
    """The weights as a TOML file that a person can read."""
    text = (HEAD if REGIMES[-1] in weights else HEARD_HEAD).format(
        questions=sum(len(pairing.questions) for pairing in pairings),
        pairings=", ".join(f"{pairing.name} {pairing.cases}>{pairing.documents}" for pairing in pairings),
    )
    for regime, believed in weights.items():
        text += f"\n[{regime}]\n" + "".join(
            f"{signal} = [{weight.small}, {weight.large}]\n" for signal, weight in believed.items()
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def table(pairings: Iterable[Pairing], weights: Weights) -> list[dict[str, Any]]:
    """A row for each pairing: its suite and languages, the questions, nDCG@10 of each signal and of all."""
    return [
        {"suite": each.name, "question": each.cases, "documents": each.documents, "n": len(each.questions)}
        | each.figures(weights)
        for each in pairings
    ]


def _mixed(suite: Suite, languages: Sequence[str]) -> list[Document]:
    return [
        replace(document, id=f"{language}/{document.id}")
        for language in languages
        for document in suite.documents(language)
        if language in _known(document.id, languages)
    ]


def _known(document: str, languages: Sequence[str]) -> Sequence[str]:
    """The languages that a document is known in: all of them, or one."""
    choice = zlib.crc32(document.encode()) % (len(languages) + 1)
    return [languages[choice]] if choice < len(languages) else languages


def _gold(documents: Sequence[str], languages: Sequence[str]) -> frozenset[str]:
    if not languages[1:]:
        return frozenset(documents)
    return frozenset(f"{_known(document, languages)[0]}/{document}" for document in documents)


def _design(candidates: Candidates) -> NDArray[np.float64]:
    """Columns by regime, what is weighed, and Weight's two numbers: what each is multiplied by; 0 in other regimes."""
    standings = np.stack([candidates.standings[name] for name in WEIGHED], axis=1)
    large = largeness(candidates.size)
    design = np.zeros((len(standings), len(REGIMES), len(WEIGHED), 2))
    design[np.arange(len(standings)), candidates.regimes] = standings[..., None] * [1 - large, large]
    return design.reshape(len(standings), -1)


def _spoken(candidates: Candidates) -> NDArray[np.float64]:
    """Columns by SPOKEN; 0 for passages in other languages."""
    standings = np.stack([candidates.standings[name] for name in SPOKEN], axis=1, dtype=np.float64)
    return np.where((candidates.regimes == 0)[:, None], standings, 0.0)
