"""Writing an answer with a chat model: its words stream in, and each finished sentence is checked before it counts."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

from assistant.check import Claim, Evidence, Span, check, prove
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Citation
from assistant.prompts import writing
from knowledge import Hit, Passage, Retriever
from knowledge.text import UNSPACED, normalise, sentences

GIVEN = 5
"""Passages that a model is given: the best, among which the answer nearly always is."""
AHEAD = 12
"""Characters behind a sentence from which it is known that it has ended."""

_MARK = regex.compile(r"\[\s*(\p{Nd}{1,3}(?:\s*,\s*\p{Nd}{1,3})*)\s*\]")
_OPEN = regex.compile(r"\[[^\]]*$")
_GOES_ON = regex.compile(r"\s*(?:[\[。！？｡.,、]|$)")
_GAP = regex.compile(r"\s+(?=[.!?…,;:।॥؟۔。]|$)|(?<=\s)\s+")
_ENDED = regex.compile(r"[.!?…:।॥؟۔。！？][\"'”’»)\]]*$")


class FellApart(ModelFailed):
    """The model answered, and too little of it may be shown: that speaks against the passages, too."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A written sentence without its marks, and what it cites; one with a `problem` must not be shown."""

    text: str
    citations: tuple[Citation, ...]
    problem: str = ""


def write(
    question: str, hits: Sequence[Hit], retriever: Retriever, model: Connection, language: str, seconds: float
) -> Generator[Sentence]:
    """The sentences of an answer in a language (a tag), each as soon as it is finished and checked.

    Raises ModelFailed, also in the middle, and in any case within `seconds`. Closing it stops the model.
    """
    passages = [hit.passage for hit in hits[:GIVEN]]
    for text, numbers in cut(model.stream(writing(question, passages, language), seconds)):
        cited = [passages[number - 1] for number in numbers if 1 <= number <= len(passages)]
        yield checked(text, cited if len(cited) == len(numbers) else [], language, retriever)


def checked(text: str, cited: Sequence[Passage], language: str, retriever: Retriever) -> Sentence:
    """A written sentence, which must be in a language (a tag), held against the passages that it cites."""
    proofs = [prove(text, passage, language, retriever) for passage in cited]
    holding = [proof for proof in proofs if proof.worth >= 1] or proofs
    return Sentence(text, tuple(_citations(holding, retriever)), check(Claim(text, language, holding)))


def whole(
    written: Iterable[Sentence], shown: Callable[[str, tuple[Citation, ...]], None] = lambda *_: None
) -> tuple[str, tuple[Citation, ...]]:
    """The answer that the sentences make, those with a problem left out, marks numbered like its citations.

    What is `shown` on the way is how it begins. Raises FellApart where none passed, or the first failed and fewer than
    half passed, and ModelFailed where the last one breaks off.
    """
    told: list[Sentence] = []
    passed: list[Sentence] = []
    for sentence in written:
        told.append(sentence)
        if not sentence.problem:
            passed.append(sentence)
            shown(*_joined(passed))
    if not passed or (told[0].problem and 2 * len(passed) < len(told)):
        raise FellApart(f"Its answer fell apart: {', '.join(one.problem for one in told if one.problem) or 'empty'}.")
    if told[-1].problem == "citation" and not _ENDED.search(told[-1].text):
        raise ModelFailed("Its answer breaks off.")
    return _joined(passed)


def cut(pieces: Iterable[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The sentences of a text that comes in pieces, without their marks, and the numbers that the marks name.

    A mark belongs to the sentence that it stands in or behind. Where no full stop parts sentences, marks do.
    """
    text = ""
    for piece in pieces:
        text += piece
        *ended, rest = _parted(_OPEN.sub("", text))
        while ended and len(text) - rest[0] < AHEAD:
            rest = ended.pop()
        for start, end in ended:
            yield _unmarked(text[start:end])
        text = text[rest[0] :]
    yield from (_unmarked(text[start:end]) for start, end in _parted(text) if text[start:end].strip())


def _joined(passed: Sequence[Sentence]) -> tuple[str, tuple[Citation, ...]]:
    """One text, with a mark for each citation behind each sentence, and the citations in the order of their numbers."""
    citations = tuple(dict.fromkeys(citation for sentence in passed for citation in sentence.citations))
    lines = []
    for sentence in passed:
        marks = "".join(f"[{citations.index(citation) + 1}]" for citation in sentence.citations)
        lines.append(f"{sentence.text} {marks}")
    return " ".join(lines), citations


def _parted(text: str) -> list[Span]:
    """Where the sentences lie, each up to the next one, so that what stands between belongs to the one before."""
    line = "\n" if UNSPACED.search(text) else " "
    blank = _MARK.sub(lambda mark: (" " if _GOES_ON.match(text, mark.end()) else line) * len(mark[0]), text)
    starts = [0, *(start for start, _ in sentences(blank)[1:])]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _unmarked(text: str) -> tuple[str, tuple[int, ...]]:
    numbers = [int(number) for mark in _MARK.finditer(text) for number in normalise(mark[1]).split(",")]
    return _GAP.sub("", _MARK.sub(" ", text)).strip(), tuple(dict.fromkeys(numbers))


def _citations(proofs: Sequence[Evidence], retriever: Retriever) -> Iterator[Citation]:
    for evidence in proofs:
        passage, document = evidence.passage, retriever.document(evidence.passage.document)
        for start, end in sorted(evidence.spans):
            quote = document.text[start:end]
            yield Citation(document.id, document.title, quote, start, end, document.source, passage.id, passage.page)
