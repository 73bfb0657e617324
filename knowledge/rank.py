"""The signals of a candidate and their fusion: a sum of standardised scores, weighed by regime.

No signal filters another: each proposes passages, and every proposed passage is judged by all. Reciprocal rank fusion
loses to the sum. Which weights are right depends on how question and passage are written, so there is a set of them for
each regime, learned from questions with known answers (`python -m eval rank`) and kept in `rank.toml`.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Hit
from knowledge.language import LANGUAGES, Detected, base

Floats = NDArray[np.float32]
SIGNALS = ("words", "sound", "meaning", "fit")
REGIMES = ("same", "script", "other", "romanised")
"""Question and passage are in one language and script; in two languages of one script; in two scripts; in one language
that the question writes in Latin letters, the passage in its own."""
FOREIGN = tuple(map(REGIMES.index, ("script", "other")))
"""Those in which a passage is in another language than the question."""
WEIGHED = (*SIGNALS, "opening", "length", "regime")
"""What is weighed: the signals; of passages in another language, how much of what they begin with the question says; a
passage's length, because a long one holds something like anything by chance; and the regime itself (1 for every
passage), because where a question finds its own language, that is what should be quoted."""
SMALL, LARGE = 75, 3500
"""Passages of the smallest and the largest knowledge that weights were learned on; beyond they do not change."""
SHIPPED = Path(__file__).with_name("rank.toml")
ECHOES = ("echo", "strange", "joined", "run")
"""The signals of a question that was heard, see `echoes` and `runs`; where they are, it is weighed as such."""
HEARD = Path(__file__).with_name("heard.toml")


@dataclass(frozen=True, slots=True)
class Weight:
    """What a standard deviation counts in a knowledge of SMALL passages, and in one of LARGE."""

    small: float
    large: float

    def at(self, size: int) -> float:
        """The weight in a knowledge of so many passages."""
        return self.small + (self.large - self.small) * largeness(size)


NOTHING = Weight(0.0, 0.0)
Weights = Mapping[str, Mapping[str, Weight]]
"""Regime -> signal -> weight."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The proposed passages (numbers) of a knowledge of `size`, with the evidence for each.

    `scores` are by signal, `standings` (in standard deviations) by what is weighed; `regimes` are places in REGIMES.
    `held` is how much of the question a passage holds: `coverage` and `sounding`, the shares of its rarity by word and
    by sound, `likeness`, how well its pieces find their like, `opening`, how much of what it begins with they say, and
    what `chance.above` tells.
    """

    size: int
    passages: NDArray[np.int_]
    scores: Mapping[str, Floats]
    standings: Mapping[str, Floats]
    regimes: NDArray[np.int_]
    held: Mapping[str, Floats] = field(default_factory=dict)


def regime(question: Detected, language: str) -> int:
    """How a question and a passage in `language` (a tag) are related in writing: a place in REGIMES.

    A question without letters, such as a number, is written alike in all languages.
    """
    script = LANGUAGES[language].script if language in LANGUAGES else question.script
    same = base(language) == base(question.tag)
    if question.script not in (script, "Zyyy"):
        return REGIMES.index("romanised" if same and question.romanised else "other")
    return REGIMES.index("same" if same or "und" in (language, question.tag) else "script")


def foreign(hit: Hit) -> bool:
    """Whether what was found is in another language than the question."""
    return int(hit.signals["regime"]) in FOREIGN


def largeness(size: int) -> float:
    """Where a knowledge stands between SMALL (0) and LARGE (1), on a logarithmic scale."""
    return math.log(min(max(size, SMALL), LARGE) / SMALL) / math.log(LARGE / SMALL)


def standard(scores: Floats, chosen: NDArray[np.int_] | None = None) -> Floats:
    """The scores, or the chosen ones, in standard deviations from the mean of all; zeros where all are alike."""
    wanted = scores if chosen is None else scores[chosen]
    mean, square = (float(scores.mean()), float(scores @ scores) / len(scores)) if len(scores) else (0.0, 0.0)
    spread = max(square - mean**2, 0.0) ** 0.5
    return (wanted - mean) / spread if spread > 1e-6 else np.zeros_like(wanted)


def doubted(standing: Floats, share: Floats) -> Floats:
    """The standing of what may be met by chance: the geometric mean of it, twice, and of the share of the question met.

    One word of another language may sound like any of ours, and stands high where it is rare.
    """
    return np.cbrt(np.maximum(standing, 0) ** 2 * share)


def fuse(candidates: Candidates, weights: Weights | None = None) -> Floats:
    """One score for each candidate. A signal that does not exist in this knowledge adds nothing."""
    weights = weights or (heard() if ECHOES[0] in candidates.standings else shipped())
    fused = np.zeros(len(candidates.passages), dtype=np.float32)
    for signal, standing in candidates.standings.items():
        believed = [weights[name].get(signal, NOTHING).at(candidates.size) for name in REGIMES]
        fused += np.array(believed, dtype=np.float32)[candidates.regimes] * standing
    return fused


@cache
def shipped() -> Weights:
    """The weights that we ship."""
    return load(SHIPPED)


@cache
def heard() -> Weights:
    """The weights that we ship, for questions that a recogniser wrote down."""
    return load_heard(HEARD)


def load_heard(path: Path) -> Weights:
    """The weights that we ship, with those of a TOML file in their place."""
    spoken = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: {**weights, **{signal: Weight(*pair) for signal, pair in spoken.get(name, {}).items()}}
        for name, weights in shipped().items()
    }


def load(path: Path) -> Weights:
    """The weights in a TOML file: [regime], signal = [small, large]."""
    numbers = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: {signal: Weight(*numbers[name][signal]) for signal in WEIGHED} for name in REGIMES}
