"""What is indexed and asked here: real documents of many languages, and, where they run out, copies with noise."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from eval import EvaluationError
from eval.suite import Suite
from knowledge import Document
from knowledge.split import split

REPLACED, NEW = 0.15, 0.02
"""Shares of a copy's words that come from other texts of its language, and that no text holds yet: names, codes."""
OURS = Path(__file__).parents[1] / "eval" / "suites"


def suites(folder: Path) -> list[Suite]:
    """The suites in a folder that can be read; our own golden ones where there is none."""
    found = []
    for path in sorted((folder if folder.is_dir() else OURS).glob("*/suite.toml")):
        try:
            found.append(Suite.open(path.parent))
        except EvaluationError:
            continue  # other collections lie beside suites
    return found


def passages(known: Sequence[Suite], size: int) -> list[Document]:
    """So many documents of one passage each, of all languages alike mixed, under ids 0, 1, 2 ..."""
    found = (
        replace(document, text=passage.text, blocks=())
        for suite in known
        for document in _documents(suite)
        for passage in split(document)
    )
    real = list({(text.language, text.text): text for text in found}.values())  # two suites may ask of the same files
    random.Random(0).shuffle(real)
    return [replace(text, id=str(place)) for place, text in enumerate(islice(_endless(real), size))]


def questions(known: Sequence[Suite], count: int) -> list[str]:
    """So many questions, of all languages, as people ask them."""
    asked = sorted({case.question for suite in known for cases in suite.asked.values() for case in cases})
    return random.Random(0).sample(asked, min(count, len(asked)))


def _documents(suite: Suite) -> Iterator[Document]:
    if suite.knowledge is None:
        for documents in suite.documented.values():
            yield from documents
        return
    from knowledge.load import load

    for path in sorted(path for path in suite.knowledge.rglob("*") if path.is_file()):
        yield from (replace(found, language=path.parent.name, source=path.name) for found in load(path))


def _endless(real: Sequence[Document]) -> Iterator[Document]:
    """The real texts, then copies of them in which words were replaced and new ones were made of old ones."""
    yield from real
    chance = random.Random(0)
    words: dict[str, list[str]] = {}
    for text in real:
        words.setdefault(text.language, []).extend(text.text.split())
    while True:
        for text in real:
            yield replace(text, text=_noisy(text.text.split(), words[text.language], chance))


def _noisy(text: list[str], others: Sequence[str], chance: random.Random) -> str:
    for place in chance.sample(range(len(text)), int(len(text) * (REPLACED + NEW))):
        text[place] = other = others[int(chance.random() * len(others))]
        if chance.random() < NEW / (REPLACED + NEW):
            before = others[int(chance.random() * len(others))]
            text[place] = before[: (len(before) + 1) // 2] + other[len(other) // 2 :]
    return " ".join(text)
