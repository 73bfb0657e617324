"""Learn which messages need the knowledge: logistic regression over assistant.needs.features.

From the lines of `turns.toml`, from suites' questions (all need it), and from what customers say before them in the
suites' conversations (`history`), which does not, unless it is all but one of the questions. A suite that says so
itself (`needs_knowledge` of its cases) teaches with one half of its messages, and the other half checks.
"""

from __future__ import annotations

import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.needs import FORM, Needs, features
from eval.suite import Case, Suite
from knowledge import open_embedder

TURNS = Path(__file__).with_name("turns.toml")
ALIKE = 0.8
"""Cosine from which a turn says the same as a question."""
PENALTY = 10.0
"""Inverse strength of the penalty on large weights."""
SCALES = (0.5, 1.0)
"""What form and meaning are multiplied by before the penalty."""
DRAWN = 300
"""Questions of a suite in one language, at most."""
RECALL = 0.992
"""Share of the questions that are held out which must still be searched for: the threshold is set by it."""
WRITTEN = {"knows": 2.0, "does": 1.5}
"""How much a line of `turns.toml` counts."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A message, whether it needs the knowledge, how much it counts, and whether it is kept for checking."""

    text: str
    needs: bool
    weight: float
    held_out: bool = False


def composed() -> list[Turn]:
    """The lines of the file of turns."""
    books = tomllib.loads(TURNS.read_text("utf-8"))
    return [
        Turn(text, kind == "knows", weight)
        for book in books.values()
        for kind, weight in WRITTEN.items()
        for text in book[kind]
    ]


def asked(suite: Suite, language: str) -> list[Turn]:
    """A suite's messages: of one that marks them both kinds, half of them held out; of others the questions."""
    cases = suite.cases(language)
    if any("needs_knowledge" in case.extra for case in cases):
        return [Turn(text, needs, 0.5 if needs else 1.0, _odd(text)) for text, needs in marked(cases).items()]
    if suite.knowledge is not None:  # our own: half of its questions check
        return [Turn(case.question, True, WRITTEN["knows"], _odd(case.id)) for case in cases if case.answerable]
    chosen = sorted({case.question for case in cases if case.answerable}, key=lambda text: zlib.crc32(text.encode()))
    return [Turn(text, True, 0.25) for text in chosen[:DRAWN]]


def marked(cases: Sequence[Case]) -> dict[str, bool]:
    """The messages of conversations: the cases' own as they are marked, the customers' earlier ones as needing nothing.

    An earlier one that was answered as a case is, or says the same as one that needs the knowledge, is left out.
    """
    own = {case.question: bool(case.extra["needs_knowledge"]) for case in cases}
    answers = {answer for case in cases for answer in case.answers}
    earlier = {
        turn.text: None
        for case in cases
        for turn, reply in zip(case.history, case.history[1:], strict=False)
        if turn.speaker == "customer" and turn.text not in own and reply.text not in answers
    }
    needing = [text for text, needs in own.items() if needs]
    embedder = open_embedder("static")
    likeness = (embedder.encode_query(list(earlier)) @ embedder.encode_query(needing).T).max(axis=1, initial=-1)
    return own | {text: False for text, like in zip(earlier, likeness, strict=True) if like < ALIKE}


def learn(turns: Sequence[Turn]) -> Needs:
    """Fit to the turns that are not held out; the threshold lets RECALL of the held out questions through."""
    taught = [turn for turn in turns if not turn.held_out]
    scale = np.repeat(SCALES, (len(FORM), open_embedder("static").dimension))
    model = LogisticRegression(C=PENALTY, max_iter=5000).fit(
        features([turn.text for turn in taught]) * scale,
        [turn.needs for turn in taught],
        [turn.weight for turn in taught],
    )
    form, meaning = np.split(model.coef_[0] * scale, [len(FORM)])
    fitted = Needs(open_embedder("static").name, 0.0, float(model.intercept_[0]), form, meaning)
    checking = [turn.text for turn in turns if turn.held_out and turn.needs and turn.weight == WRITTEN["knows"]]
    kept = fitted.evidence(checking)
    return Needs(fitted.embedder, float(np.quantile(kept, 1 - RECALL)), fitted.intercept, form, meaning)


def figures(model: Needs, turns: Iterable[Turn]) -> Mapping[str, float]:
    """How well the model tells the held out turns: f1, precision and recall of those that need the knowledge."""
    kept = [turn for turn in turns if turn.held_out]
    searched = model.evidence([turn.text for turn in kept]) > model.threshold
    needs = np.array([turn.needs for turn in kept])
    right, taken, wanted = int((searched & needs).sum()), int(searched.sum()), int(needs.sum())
    return {
        "n": len(kept),
        "f1": round(2 * right / (taken + wanted), 4),
        "precision": round(right / max(taken, 1), 4),
        "recall": round(right / wanted, 4),
    }


def write(model: Needs, count: int, path: Path) -> None:
    """Write the file that Needs.load reads."""
    weights = [f"{weight:.3f}" for weight in model.meaning]
    rows = [", ".join(weights[start : start + 10]) for start in range(0, len(weights), 10)]
    form = "\n".join(f"{name} = {weight:.3f}" for name, weight in zip(FORM, model.form, strict=True))
    path.write_text(
        "# Which messages need the knowledge: weights of a logistic model over how a message is written and what it\n"
        f"# means. Learned by `python -m eval needs` from {count} messages.\n"
        f'embedder = "{model.embedder}"\nthreshold = {model.threshold:.3f}\nintercept = {model.intercept:.3f}\n\n'
        f"[form]\n{form}\n\n[meaning]\nweights = [\n    " + ",\n    ".join(rows) + ",\n]\n",
        "utf-8",
    )


def _odd(text: str) -> bool:
    return zlib.crc32(text.encode()) % 2 == 1
