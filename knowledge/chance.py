"""What a signal is by chance: how well the passages of this knowledge fit what they do not answer.

A likeness of 0.7 is nothing in a manual whose pages are alike, and much in an encyclopedia. So sentences of the
knowledge itself are asked, their own documents aside, and a signal is told in standard deviations above what it was for
them, as the voices of impostors are used to tell a speaker (Z-norm, Auckenthaler et al. 2000).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from random import Random

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Passage
from knowledge.text import sentences

Floats = NDArray[np.float32]
Chances = Mapping[str, Mapping[str, tuple[float, float]]]
"""Language -> signal -> its mean and its spread by chance."""
TYPICAL: Mapping[str, tuple[float, float]] = {"strong": (2.65, 0.5), "alike": (0.62, 0.15), "near": (0.39, 0.14)}
"""What they are in most knowledge: in the middle of the suites that taught."""
BELIEVED = 20
"""How many sentences the typical counts for, where there are few."""
ASKED, LEAST = 120, 30
"""Sentences that are asked, of all languages alike, and of a language at least."""
SHORTEST, LONGEST = 25, 110
"""Characters of a sentence that is asked, drawn anew each time: as long as questions are."""
WORTH = 20
"""Characters of a sentence that says something."""


def levels(words: Floats, likeness: Floats, meaning: Floats) -> dict[str, Floats]:
    """What is compared with chance: the logarithm of the BM25 score, the likeness, the cosine."""
    return {"strong": np.log1p(words), "alike": likeness, "near": meaning}


def above(
    told: Mapping[str, Floats], tags: Sequence[str], languages: NDArray[np.int_], chances: Chances
) -> dict[str, Floats]:
    """The levels of passages in standard deviations above chance; `languages` are the places of theirs in `tags`.

    To them comes `evenness`: how many times narrower than in most knowledge likeness is spread by chance. Where it is
    wide, some passages have twins and others have none, so that what is above chance tells less.
    """
    found = {}
    for name, values in told.items():
        of_each = np.array([chances.get(tag, TYPICAL)[name] for tag in tags], np.float32).reshape(-1, 2)
        means, spreads = of_each[languages].T
        found[name] = (values - means) / spreads
        if name == "alike":
            found["evenness"] = TYPICAL[name][1] / spreads
    return found


def usual(seen: Mapping[str, Sequence[float]]) -> dict[str, tuple[float, float]]:
    """The mean and the spread of what was seen of each signal, and of the typical."""
    found = {}
    for name, (mean, spread) in TYPICAL.items():
        values = np.array(seen.get(name, ()))
        count = len(values) + BELIEVED
        middle = (values.sum() + BELIEVED * mean) / count
        square = ((values - middle) ** 2).sum() + BELIEVED * (spread**2 + (middle - mean) ** 2)
        found[name] = float(middle), float(np.sqrt(square / count))
    return found


def drawn(passages: Sequence[Passage]) -> Iterator[tuple[Passage, str]]:
    """Sentences of passages in each language, cut to the length of a question; the same for the same passages."""
    chosen = Random(7)  # always the same, so that an index is the same however often it is built # nosec B311
    tongues = groupby(sorted(passages, key=lambda passage: passage.language), key=lambda passage: passage.language)
    spoken = {tag: list(group) for tag, group in tongues}
    for group in spoken.values():
        for passage in chosen.sample(group, min(len(group), max(LEAST, ASKED // len(spoken)))):
            said = [text for start, end in sentences(passage.text) if len(text := passage.text[start:end]) >= WORTH]
            if said:
                yield passage, _cut(chosen.choice(said), chosen.randint(SHORTEST, LONGEST))


def _cut(text: str, length: int) -> str:
    """The beginning of a text, up to a space where there is one."""
    if len(text) <= length:
        return text
    space = text.rfind(" ", SHORTEST // 2, length)
    return text[: space if space > 0 else length]
