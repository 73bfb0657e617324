"""Whether what a model wrote is supported by what it cites, judged by the check that it must pass to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import regex

from assistant.write import checked, cut
from knowledge import Passage, Retriever
from knowledge.split import split

_MARKED = regex.compile(r"(?s).+?(?:\[\d+\]\s*)+|.+$")


def unsupported(reply: Mapping[str, Any], retriever: Retriever) -> float | None:
    """The share of the sentences that a model wrote in a reply (`Reply.json()`) that nothing they cite supports.

    None where no model wrote any of it.
    """
    told = [sentence for text in reply.get("written") or () for sentence in _sentences(text)]
    if not told:
        return None
    cited = [_passage(citation, retriever) for citation in reply["citations"]]
    return sum(_problem(text, numbers, reply["language"], cited, retriever) for text, numbers in told) / len(told)


def _problem(text: str, numbers: Sequence[int], language: str, cited: Sequence[Passage], retriever: Retriever) -> bool:
    named = [cited[number - 1] for number in numbers if 1 <= number <= len(cited)]
    own = {passage.id: passage for passage in named}
    return bool(checked(text, list(own.values()), language, retriever).problem)


def _sentences(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sentences of a shown text and the numbers of their marks, behind which each of them ends."""
    for part in _MARKED.findall(text):
        yield from cut([part])


def _passage(citation: Mapping[str, Any], retriever: Retriever) -> Passage:
    return next(
        passage for passage in split(retriever.document(citation["document"])) if passage.id == citation["passage"]
    )
