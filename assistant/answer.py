"""What is said to the customer: the sentences of the knowledge that answer, quoted with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from math import exp

import regex

from assistant.conversation import Citation
from knowledge import REGIMES, Block, Document, Hit, Passage, Retriever, foreign
from knowledge.text import UNSPACED, normalise, sentences, words

WORDS = 60
CHARACTERS = 300
"""What an answer may hold of a script with spaces, and of one without."""
SENTENCES = 5
"""Sentences of an answer at most: three of usual length fill it."""
LIST = 600
"""Characters up to which a list is quoted whole, however much an answer may hold."""
SHORT = 0.5
"""Of an answer's room, what a line is quoted whole up to."""
READ = 2
"""Passages that are read for sentences that answer."""
NAMED = 10
"""Passages among which those are read, too, that hold a code that the question names."""
CONSIDERED = 8
"""Sentences, the best, of which all sets are tried."""
FLOORS = 0.01, 0.1
"""What a sentence must be worth, against the best: one of the same document, and one of another."""
FOREIGN = 0.5
"""The same in another language than the question's, which the customer may not read well: a short quote does."""
WORTH = {
    "same": {"telling": 6.0, "fit": 4.5},
    "script": {"sounding": 2.5, "fit": 12.0},
    "other": {"sounding": 2.5, "fit": 12.0},
    "romanised": {"sounding": 6.0, "fit": 4.5},
}
"""How far each signal raises the log odds that a sentence answers, by regime; docs/answers.md says where it is from."""
AHEAD, DOUBT = 0.15, 7.0
"""What a point of the passage's score counts in them, and the log odds of a sentence without any evidence, negative."""

QUESTION = ("?", "？", "؟")
"""How a heading ends that is a question."""
LEADS = (":", "：", "ดังนี้", "ต่อไปนี้")
"""How a paragraph ends that leads to a list; Thai writes "as follows", and no colon."""

_CLAUSE = regex.compile(r"(?<=[,;:،؛、，；：])\s*|\s+(?=[–—(])|(?<=\))\s+")
_CODE = regex.compile(r"(?<![a-z\d])[a-z]{1,8}\d[a-z\d]{0,8}(?![a-z\d])")
_OPEN = " ,;:،؛、，；：–—"
"""Marks that a quote does not end with where the sentence goes on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A text for the customer, and where each part of it stands."""

    text: str
    language: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What can be quoted, and the probability that it answers; a clause is quoted only with its neighbours."""

    passage: Passage
    start: int
    end: int
    size: float
    clause: bool
    worth: float = 0.0


def compose(question: str, hits: Sequence[Hit], retriever: Retriever) -> Answer:
    """Quote what of the best passages answers, most probably, within the limits; in reading order."""
    language = hits[0].passage.language
    asked = codes(question)
    named = [hit for hit in hits[READ:NAMED] if asked and asked & codes(hit.passage.text)]
    read = [hit for hit in (*hits[:READ], *named) if hit.passage.language == language]
    parts = judged(question, read, hits[0].score, retriever)
    # Among the rows of E2 and E4, only that which was asked for.
    parts = [part for part in parts if asked and asked & codes(_text(part, retriever))] or parts
    best = max(parts, key=lambda part: part.worth)
    # One answer beside another question's reads as if it were to the same.
    answering = any(_question(hit.passage, retriever) for hit in read)
    parts = [part for part in parts if not answering or part.passage == best.passage]
    chosen = _choose(parts, (FOREIGN, FOREIGN) if foreign(hits[0]) else FLOORS)
    runs = [run for part in _runs(chosen, retriever) for run in _asked(question, part, retriever)]
    citations = tuple(_cite(retriever.document(run[0].passage.document), run) for run in runs)
    return Answer("\n".join(citation.quote for citation in citations), language, citations)


def judged(question: str, hits: Sequence[Hit], best: float, retriever: Retriever) -> list[Part]:
    """What of some passages can be quoted, in their order; `best` is the score of the first that was found."""
    return [part for hit in hits for part in _judged(question, hit, hit.score - best, retriever)]


def codes(text: str) -> set[str]:
    """The codes that a text names, of Latin letters and digits."""
    return set(_CODE.findall(normalise(text)))


def held_codes(passage: Passage) -> set[str]:
    """The codes that a passage names, in its headings or its text."""
    return codes(f"{passage.heading}\n{passage.text}")


def _text(part: Part, retriever: Retriever) -> str:
    """A part with what it stands under, which may be the question that it answers."""
    return f"{part.passage.heading}\n{retriever.document(part.passage.document).text[part.start : part.end]}"


def _question(passage: Passage, retriever: Retriever) -> Block | None:
    """The question that a passage answers, without which "Yes." or "15 days" may say what is not so."""
    document, heading = retriever.document(passage.document), passage.headings[-1].strip()
    asked = heading.endswith(QUESTION)
    for block in reversed(document.blocks):  # the nearest before the passage's end, where two are asked alike
        if block.end > passage.end or not (asked or block.kind == "question"):
            continue
        if document.text[block.start : block.end].strip() == heading:
            return block
    return None


def answered(passage: Passage, retriever: Retriever) -> str:
    """What a passage answers to the question that it stands under; empty where it stands under none."""
    block = _question(passage, retriever)
    text = retriever.document(passage.document).text
    return text[max(passage.start, block.end) : passage.end].strip() if block else ""


def replies(passage: Passage, retriever: Retriever) -> bool:
    """Whether a passage answers a question, which is the last of its headings."""
    return _question(passage, retriever) is not None


def _asked(question: str, run: list[Part], retriever: Retriever) -> Iterator[list[Part]]:
    """A run with the question that it answers in front of it, unless that is what the customer asked, word for word.

    Both stand in one quote where nothing stands between.
    """
    first, block = run[0], _question(run[0].passage, retriever)
    text = retriever.document(first.passage.document).text
    if block is None or block.start >= first.start or words(text[block.start : block.end]) == words(question):
        yield run
        return
    answered = replace(first, start=block.start, end=block.end, clause=False)
    if text[block.end : first.start].strip():
        yield [answered]
        yield run
    else:
        yield [answered, *run]


def _judged(question: str, hit: Hit, behind: float, retriever: Retriever) -> Iterator[Part]:
    """The parts of a passage and what each is worth; what the heading says is said of every one."""
    passage = hit.passage
    document = retriever.document(passage.document)
    parts = list(_parts(document, passage))
    texts = [f"{passage.heading}\n{document.text[part.start : part.end]}" for part in parts]
    weights = WORTH[REGIMES[int(hit.signals["regime"])]]
    for part, support in zip(parts, retriever.support(question, texts, tuple(weights)), strict=True):
        evidence = sum(weight * support[name] for name, weight in weights.items())
        yield replace(part, worth=1 / (1 + exp(DOUBT - evidence - AHEAD * behind)))


def _parts(document: Document, passage: Passage) -> Iterator[Part]:
    """The units of a passage, those sentences in clauses that are longer than an answer.

    Where no spaces part words, what looks like a sentence may be a clause.
    """
    for start, end, whole in _units(document, passage):
        text = document.text[start:end]
        if whole or _size(text) <= 1:
            yield Part(passage, start, end, _size(text), not whole and bool(UNSPACED.search(text)))
            continue
        borders = [0, *(mark.end() for mark in _CLAUSE.finditer(text)), len(text)]
        for first, last in pairwise(borders):
            if clause := text[first:last].strip():
                begin = start + text.index(clause, first)
                yield Part(passage, begin, begin + len(clause), _size(clause), True)


def _units(document: Document, passage: Passage) -> Iterator[tuple[int, int, bool]]:
    """What a passage is made of: sentences, and whole a short list with what leads to it, a table's row, a short line.

    A short line or paragraph tells one thing, as a fault and its remedy. A block that is longer than a passage lies in
    several, so that only its part of this one counts.
    """
    text = document.text
    last: tuple[int, int, bool] | None = None
    listed = False
    for block in document.blocks or (Block(passage.start, passage.end),):
        start, end = max(block.start, passage.start), min(block.end, passage.end)
        if start >= end:
            continue
        item = block.kind == "item"
        if item and last and end - last[0] <= LIST and (listed or text[: last[1]].endswith(LEADS)):
            last, listed = (last[0], end, True), True
            continue
        one = item or block.kind == "row"
        for begin, until in [(start, end)] if one else _lines(text, start, end):
            line = text[begin:until]
            whole = one or (bool(document.blocks) and _size(line) <= SHORT)
            # "The reasons for that:" says nothing without what stands before it.
            for first, behind in [(0, len(line))] if whole or line.endswith(LEADS) else sentences(line):
                if last:
                    yield last
                last = begin + first, begin + behind, whole
        listed = item
    if last:
        yield last


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a stretch of text begin and end, empty ones aside."""
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            yield start, start + len(line.rstrip())
        start += len(line)


def _choose(parts: Sequence[Part], floors: tuple[float, float]) -> Sequence[Part]:
    """Of the sets around the best part that fit into an answer, the one that the answer most probably is in."""
    place = max(range(len(parts)), key=lambda number: parts[number].worth)
    best = parts[place]
    worthy = [
        number
        for number, part in enumerate(parts)
        if part.clause or part.worth >= floors[part.passage.document != best.passage.document] * best.worth
    ]
    sets = [*_stretches(parts, place, worthy), *_sentences(parts, place, worthy)]
    return max(sets, key=lambda chosen: sum(part.worth for part in chosen), default=[best])


def _stretches(parts: Sequence[Part], place: int, worthy: Sequence[int]) -> Iterator[Sequence[Part]]:
    """Neighbours of one passage, the best part among them; the first and the last are worth their room."""
    begins, ends = ([number for number in worthy if number * way <= place * way] for way in (1, -1))
    for first, last in product(begins, ends):
        chosen = parts[first : last + 1]
        if chosen[0].passage is chosen[-1].passage and _fits(chosen):
            yield chosen


def _sentences(parts: Sequence[Part], place: int, worthy: Sequence[int]) -> Iterator[Sequence[Part]]:
    """Any whole sentences that are worth their room, with the best part if it is one."""
    whole = [parts[number] for number in worthy if number != place and not parts[number].clause]
    whole = sorted(whole, key=lambda part: -part.worth)[: 0 if parts[place].clause else CONSIDERED]
    for number in range(SENTENCES):
        yield from (chosen for more in combinations(whole, number) if _fits(chosen := [parts[place], *more]))


def _fits(parts: Sequence[Part]) -> bool:
    return sum(part.size for part in parts) <= 1 and sum(not part.clause for part in parts) <= SENTENCES


def _size(text: str) -> float:
    """How much of an answer's room a text takes with the space behind it; 1 is all of it."""
    return (len(text) + 1) / CHARACTERS if UNSPACED.search(text) else len(text.split()) / WORDS


def _runs(parts: Sequence[Part], retriever: Retriever) -> Iterator[list[Part]]:
    """The parts in reading order, document by document; with nothing but white space between them they are one run."""
    documents = list(dict.fromkeys(part.passage.document for part in parts))
    run: list[Part] = []
    for part in sorted(parts, key=lambda part: (documents.index(part.passage.document), part.start)):
        if run and run[-1].passage == part.passage:
            between = retriever.document(part.passage.document).text[run[-1].end : part.start]
            if not between.strip():
                run.append(part)
                continue
        if run:
            yield run
        run = [part]
    yield run


def _cite(document: Document, run: Sequence[Part]) -> Citation:
    quote = document.text[run[0].start : run[-1].end]
    if run[-1].clause:
        quote = quote.rstrip(_OPEN)
    passage, start = run[0].passage, run[0].start
    return Citation(
        document=document.id,
        title=document.title,
        quote=quote,
        start=start,
        end=start + len(quote),
        source=document.source,
        passage=passage.id,
        page=passage.page,
    )
