"""The check of a written sentence against what it cites: nothing is shown that does not pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import regex

from assistant.claims import denials, figures, known
from knowledge import Passage, Retriever, base, detect
from knowledge.language import script_of
from knowledge.text import sentences

COVERED = 0.4
"""Share of the rarity of a sentence that evidence in its language must hold, parts of words included: of 100 sentences,
99 find less of themselves in a passage that says something else."""
FITTING = 0.4
"""Fit of evidence in another language: of 100 sentences, 99 fit a passage that says something else less than this."""
SOUNDING = 0.35
"""Share by sound that does as well where languages or scripts differ: names, or one language in two scripts."""
ADDS = 0.08
"""How much more of a claim its evidence must hold with one more sentence of the passage, for that to belong to it."""
MOST = 3
"""Sentences of a passage that are evidence for one that was written."""

NUMBER = regex.compile(r"\p{N}+(?:[.,]\p{N}+)*")
"""A figure as it is struck out of a sentence, to see what it is about."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of a passage that come nearest to saying what was written, the nearest first.

    `worth` is how much of it they hold; from 1 it is enough. `spans` are places in `Document.text`.
    """

    passage: Passage
    spans: tuple[Span, ...]
    worth: float

    @property
    def texts(self) -> list[str]:
        """The heading, the nearest sentence, the others."""
        start = self.passage.start
        return [self.passage.heading, *(self.passage.text[first - start : last - start] for first, last in self.spans)]


@dataclass(frozen=True, slots=True)
class Claim:
    """A written sentence without its marks, the language (a tag) that it must be in, and its evidence."""

    text: str
    language: str
    evidence: Sequence[Evidence]


def check(claim: Claim) -> str:
    """Why a claim must not be shown: the name of the first of CHECKS that it fails; empty where it passes all."""
    return next((name for name, passes in CHECKS.items() if not passes(claim)), "")


def prove(text: str, passage: Passage, language: str, retriever: Retriever) -> Evidence:
    """The evidence for a text of a language in a passage: its nearest sentence, then what adds most to it."""
    spans = sentences(passage.text)
    pieces = [passage.text[start:end] for start, end in spans]
    said = set(NUMBER.findall(text))
    chosen: list[int] = []
    worth = 0.0
    while len(chosen) < min(MOST, len(pieces)):
        rest = [number for number in range(len(pieces)) if number not in chosen]
        joined = ["\n".join(pieces[one] for one in (*chosen, number)) for number in rest]
        tried = dict(zip(rest, _support(text, joined, language_of(passage) == language, retriever), strict=True))
        # Rows of a table may differ by their figures only.
        best = max(rest, key=lambda number: (round(tried[number], 2), len(said & set(NUMBER.findall(pieces[number])))))
        if chosen and tried[best] < worth + ADDS:
            break
        chosen.append(best)
        worth = tried[best]
    moved = tuple((passage.start + spans[number][0], passage.start + spans[number][1]) for number in chosen)
    return Evidence(passage, moved, worth)


def language_of(passage: Passage) -> str:
    """The language (a tag) that a passage is in."""
    return detect(passage.text).tag if passage.language == "und" else passage.language


def _support(text: str, held: Sequence[str], same: bool, retriever: Retriever) -> list[float]:
    """How much of a text each evidence holds, figures aside, which have a check of their own; from 1 it is enough.

    `same` says that they are in one language, and a word is a word.
    """
    said = NUMBER.sub(" ", text)
    if same:
        return [share / COVERED for share in retriever.coverage(said, held)]
    return [max(support["fit"] / FITTING, support["sounding"] / SOUNDING) for support in retriever.support(said, held)]


def _cites(claim: Claim) -> bool:
    return bool(claim.evidence)


def _speaks(claim: Claim) -> bool:
    """In the right language and script; it and the evidence must be in languages whose denials we know."""
    said, wanted = detect(claim.text, claim.language), base(claim.language)
    right = base(said.tag) == wanted and said.script in (script_of(claim.language), "Zyyy")
    return right and all(map(known, (claim.language, *(language_of(evidence.passage) for evidence in claim.evidence))))


def _supported(claim: Claim) -> bool:
    return any(evidence.worth >= 1 for evidence in claim.evidence)


def _figures(claim: Claim) -> bool:
    """Every number, date, amount, code and address of it stands in its evidence."""
    held = [figures("\n".join(evidence.texts), language_of(evidence.passage)) for evidence in claim.evidence]
    return figures(claim.text, claim.language) <= frozenset().union(*held)


def _denials(claim: Claim) -> bool:
    """It denies as often as the sentence nearest to it and its heading, so that no "not" is lost beside another."""
    evidence = max(claim.evidence, key=lambda evidence: evidence.worth)
    return denials(claim.text, claim.language) == denials("\n".join(evidence.texts[:2]), language_of(evidence.passage))


CHECKS: Mapping[str, Callable[[Claim], bool]] = MappingProxyType(
    {"citation": _cites, "language": _speaks, "support": _supported, "figures": _figures, "negation": _denials}
)
"""What a claim must pass, in this order; the names are what logs and tests say."""
