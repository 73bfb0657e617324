"""The layout of plain text: blocks found by its lines, while the text stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from knowledge.documents import Block, Kind
from knowledge.load.faq import ANSWERS, QUESTIONS, labels

MARGIN = "\ufeff\u200b\u00a0\u3000\u2028\u2029\x85\x1c\x1d\x1e\x1f \t\v\f\r\n"
LINE = regex.compile(r"[^\r\n]+|\r\n|\r|\n")
RULE = regex.compile(r"([=\-_*~#])\1{2,}")
MARKED = regex.compile(r"(#{1,6})\s+(?=\S)")
BULLET = regex.compile(r"[-*+•‣▪●○◦·–—]\s+(?=\S)")
NUMBER = regex.compile(r"\(?(\p{Nd}{1,2})[.)]\s+(?=\S)")
QUESTION = regex.compile(labels(QUESTIONS))
ANSWER = regex.compile(labels(ANSWERS))
ASKS = regex.compile(r"[?？؟]")
QUERY = regex.compile(r"^.{3,150}[?？؟][\"'”’»)\]]*$")
# What ends a sentence or leaves it open; a line that ends so is no heading. Thai ends with a polite particle instead.
CLOSED = regex.compile(r"(?:[.!?…।॥።။។؟۔؛،:;,，。！？：；]|ครับ|ค่ะ|คะ)[\"'”’»)\]]*$")
HEADING_LETTERS, HEADING_WORDS = 60, 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its indent: where its words begin and end, and whether an empty line stands before it."""

    text: str
    start: int
    apart: bool

    @property
    def end(self) -> int:
        """Where the words end."""
        return self.start + len(self.text)


def outline(text: str) -> tuple[Block, ...]:
    """The text's blocks: headings, paragraphs, items, and questions with labels; labels and bullets lie outside."""
    lines = list(split(text))
    blocks: list[Block] = []
    number = 0
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else None
        if RULE.fullmatch(line.text):
            continue
        if mark := MARKED.match(line.text):
            blocks.append(Block(line.start + mark.end(), line.end, "heading", len(mark[1])))
        elif following and (level := underlined(line, following)):
            blocks.append(Block(line.start, line.end, "heading", level))
        elif (found := labelled(line, following, blocks)) or (found := listed(line, number)):
            number = value(line.text)
            blocks.append(Block(line.start + found[1], line.end, found[0]))
        elif asks(line, following):
            blocks.append(Block(line.start, line.end, "question"))
        elif heads(line, lines[at + 1 : at + 3], first=at == 0):
            blocks.append(Block(line.start, line.end, "heading", 1 if at == 0 else 2))
        elif line.apart or not blocks or complete(blocks[-1], text) or RULE.fullmatch(lines[at - 1].text):
            blocks.append(Block(line.start, line.end))
        else:
            blocks[-1] = replace(blocks[-1], end=line.end)
    return tuple(block for block in blocks if block.start < block.end)


def split(text: str) -> Iterator[Line]:
    """The lines that hold something."""
    empty = 2
    for match in LINE.finditer(text):
        words = match[0].strip(MARGIN)
        if words:
            yield Line(words, match.start() + match[0].index(words), empty > 1)
            empty = 0
        elif match[0] in ("\r\n", "\r", "\n"):
            empty += 1


def labelled(line: Line, following: Line | None, blocks: Sequence[Block]) -> tuple[Kind, int] | None:
    """A question with its label, or the answer behind a question: its kind, and the label's length.

    A label of one letter is believed only where the line asks something or an answer's label follows.
    """
    if mark := QUESTION.match(line.text):
        answered = following is not None and ANSWER.match(following.text) is not None
        if len(mark[0].rstrip(" :：")) > 2 or ASKS.search(line.text) or answered:
            return "question", mark.end()
    if (mark := ANSWER.match(line.text)) and blocks and blocks[-1].kind == "question":
        return "paragraph", mark.end()
    return None


def listed(line: Line, number: int) -> tuple[Kind, int] | None:
    """An item, and how much of it is a bullet. A number begins one at 1, after the number before it, or apart:
    `15. napon` in the middle of a Hungarian sentence is no item."""
    if bullet := BULLET.match(line.text):
        return "item", bullet.end()
    found = value(line.text)
    return ("item", 0) if found and (found in (1, number + 1) or line.apart) else None


def value(text: str) -> int:
    """The number in front of an item, in any script's digits; 0 where there is none."""
    mark = NUMBER.match(text)
    return int(mark[1]) if mark else 0


def asks(line: Line, following: Line | None) -> bool:
    """Whether a line that begins a paragraph is a question as a whole, and what follows is no further question."""
    return bool(following and line.apart and QUERY.match(line.text) and not QUERY.match(following.text))


def complete(block: Block, text: str) -> bool:
    """Whether the next line cannot belong to a block: it is a heading, or a question that has been asked."""
    asked = block.kind == "question" and QUERY.match(text[block.start : block.end]) is not None
    return block.kind == "heading" or asked


def underlined(line: Line, following: Line) -> int:
    """The level of a heading that has a rule of `=` or `-` under it, else 0."""
    mark = RULE.fullmatch(following.text)
    return {"=": 1, "-": 2}.get(mark[1], 0) if mark and not following.apart and short(line.text) else 0


def short(text: str) -> bool:
    """Whether a line is as short as a heading and does not end as a sentence."""
    return len(text) <= HEADING_LETTERS and len(text.split()) <= HEADING_WORDS and not CLOSED.search(text)


def heads(line: Line, behind: Sequence[Line], *, first: bool) -> bool:
    """Whether a line is a heading for sure: short, open, and longer text or a list behind it."""
    if not behind or not line.apart or not short(line.text):
        return False
    below = behind[0]
    starts = BULLET.match(below.text) or value(below.text) == 1 or QUESTION.match(below.text)
    if below.apart:
        title = first and len(behind) > 1 and behind[1].apart and short(below.text)
        return bool(starts) or title or (len(below.text) > len(line.text) and not short(below.text))
    return bool(starts) or (len(line.text) < 0.6 * len(below.text) and not short(below.text))
