"""Plain text: a line an utterance, with or without its time and its speaker in front.

Read are `Customer: ...`, `[00:12] Customer: ...`, `[00:12.000 --> 00:15.500] ...`, `Customer (00:12): ...`, and a line
`Customer 00:12` above what was said; under any of these, lines without a speaker or time go on with what was said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from assistant.transcript.formats.captions import clock, seconds
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.labels import LABEL, LONGEST, NAME, believed, label
from assistant.transcript.formats.node import one_line
from assistant.transcript.roles import role_named
from assistant.transcript.transcript import Transcript, Utterance

KEEPS = frozenset({"speaker", "start", "end"})

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
_SPAN = regex.compile(rf"[\[(]\s*{_TIME}(?:\s*(?:-->|[-–—])\s*{_TIME})?\s*[\])]\s*(?:[-–—]\s+)?")
_BARE = regex.compile(rf"{_TIME}(?:\s*(?:-->|[-–—])\s*{_TIME})?\s+(?:[-–—]\s+)?(?={LABEL.pattern})")
_AFTER = regex.compile(rf"(?P<label>[^:：\[(]{{1,{LONGEST}}}?)\s*[\[(]\s*{_TIME}\s*[\])]\s*[:：]\s*")
_ABOVE = regex.compile(rf"(?P<label>{NAME})\s+[\[(]?{_TIME}[\])]?\s*[:：]?$")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line's parts: `head` tells whether anything stands in front of the text, `label` whether that may be a name."""

    text: str
    head: bool = False
    speaker: str = ""
    start: float | None = None
    end: float | None = None


def recognises(content: Content) -> bool:
    """Whether it is text and no JSON; what is in no other format is read so."""
    return not content.documents and content.suffix != ".json"


def read(content: Content) -> Transcript:
    """The call."""
    shown = [line for line in map(one_line, content.text.splitlines()) if line]
    above = Counter(found["label"] for line in shown if (found := _ABOVE.match(line)))
    sure = any(count > 1 or role_named(name) for name, count in above.items())
    lines = [_timed(line, above if sure else ()) for line in shown]
    labels = believed([line.text for line in lines if not line.speaker])
    lines = [_named(line, labels) for line in lines]
    return content.transcript(_joined(lines, content), "plain")


def write(transcript: Transcript) -> bytes:
    """The call, a line an utterance; speakers are named everywhere if they are anywhere."""
    said = transcript.utterances
    needed = any(each.speaker or each.start is not None or _misleads(each.text) for each in said)
    lines = (f"{_span(each)}{f'{each.speaker}: ' if needed else ''}{each.text}" for each in said)
    return "\n".join(lines).encode() + b"\n"


def _span(utterance: Utterance) -> str:
    if utterance.start is None:
        return ""
    return f"[{clock(utterance.start)}{'' if utterance.end is None else f' --> {clock(utterance.end)}'}] "


def _misleads(text: str) -> bool:
    """Whether the text alone would be read as if it had a time or a speaker in front."""
    return any(pattern.match(text) for pattern in (_SPAN, _BARE, _AFTER, _ABOVE)) or label(text) is not None


def _timed(line: str, above: Container[str]) -> _Line:
    """A line, with the time in front of it, or behind who speaks: there `above` are the names to believe."""
    if found := _SPAN.match(line) or _BARE.match(line):
        times = found.groups()
        end = seconds(*times[4:8]) if times[5] else None
        return _Line(line[found.end() :], True, start=seconds(*times[:4]), end=end)
    found = _AFTER.match(line) or _ABOVE.match(line)
    if found and (found.re is _AFTER or found["label"] in above):
        return _Line(line[found.end() :], True, found["label"].strip(), seconds(*found.groups()[1:5]))
    return _Line(line)


def _named(line: _Line, labels: frozenset[str]) -> _Line:
    found = None if line.speaker else label(line.text)
    if found is None or (found["label"] or "") not in labels:
        return line
    return replace(line, text=line.text[found.end() :], head=True, speaker=found["label"] or "")


def _joined(lines: Sequence[_Line], content: Content) -> Iterator[Utterance]:
    """The utterances: each head begins one; where there are none, each line is one."""
    headed = any(line.head for line in lines)
    current: list[_Line] = []
    for line in lines:
        if headed and not line.head and not current:
            content.noted["lines before the first speaker"] += 1
        elif current and (line.head or not headed):
            yield _utterance(current)
            current = [line]
        else:
            current.append(line)
    if current:
        yield _utterance(current)


def _utterance(lines: Sequence[_Line]) -> Utterance:
    text = " ".join(line.text for line in lines if line.text)
    return Utterance(text, speaker=lines[0].speaker, start=lines[0].start, end=lines[0].end)
