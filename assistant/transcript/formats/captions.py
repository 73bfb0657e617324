"""Captions: what WebVTT and SubRip share. Cues with times, lines that roll, several speakers in one cue."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import regex

from assistant.transcript.formats.content import Content
from assistant.transcript.formats.labels import believed, label
from assistant.transcript.formats.node import one_line
from assistant.transcript.transcript import Transcript, Utterance

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
TIMING = regex.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?!\d).*$", regex.MULTILINE)
"""The line of a cue's times; hours may be missing, and the fraction stand behind a comma."""
_ARROW = regex.compile(r"^.*-->.*$", regex.MULTILINE)
_VOICE = regex.compile(r"<v(?:\.[^\s>]*)?[ \t]+(?P<name>[^<>\n]*)>|(?P<over></v>)")
_MARKUP = regex.compile(r"</?[A-Za-z\d][^<>\n]*>|\{\\[^{}\n]*\}")
_DASH = regex.compile(r"[-–—]\s*(?=\S)")
_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("{"): "&#123;"}
SOON = 0.5
"""Seconds between two cues within which the second may go on showing a line of the first."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a cue; `speaker` is None where no tag names one."""

    text: str
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown from `start` to `end`, in seconds."""

    start: float
    end: float
    lines: tuple[Line, ...]


def read(content: Content, format: str, language: str = "und", *, paragraphs: bool) -> Transcript:
    """The transcript that a file of captions holds; `paragraphs` where blank lines may stand inside a cue."""
    cues = list(_unrolled(list(_cues(content, paragraphs))))
    lines = [line.text for cue in cues for line in cue.lines]
    tagged = any(line.speaker is not None for cue in cues for line in cue.lines)
    labels = frozenset() if tagged else believed(lines)
    said = [utterance for cue in cues for utterance in _said(cue, labels)]
    return content.transcript(_grown(said), format, language)


def escaped(text: str) -> str:
    """The text so that nothing in it reads as markup."""
    return text.translate(_ESCAPES)


def clock(seconds: float, point: str = ".") -> str:
    """A time as `HH:MM:SS.mmm`."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{thousandths:03}"


def timed(utterances: Iterable[Utterance]) -> Iterator[tuple[Utterance, float, float]]:
    """Each utterance with its times; where it has none, those of the moment when the one before it ended."""
    now = 0.0
    for utterance in utterances:
        start = now if utterance.start is None else utterance.start
        now = start if utterance.end is None else utterance.end
        yield utterance, start, now


def seconds(hours: str | None, minutes: str, whole: str, fraction: str | None) -> float:
    """The seconds of a clock's parts; the fraction's digits are as many as there are."""
    return round(int(hours or 0) * 3600 + int(minutes) * 60 + int(whole) + float(f"0.{fraction or 0}"), 3)


def _cues(content: Content, paragraphs: bool) -> Iterator[Cue]:
    timings = list(TIMING.finditer(content.text))
    broken = len(_ARROW.findall(content.text)) - len(timings)
    if broken > 0:
        content.noted["cues without times that can be read"] += broken
    ends = [*(timing.start() for timing in timings[1:]), len(content.text)][: len(timings)]
    for timing, end in zip(timings, ends, strict=True):
        lines = _ARROW.sub("", content.text[timing.end() : end]).splitlines()[1:]
        if end < len(content.text):
            lines = _without_name(lines)
        times = timing.groups()
        shown = tuple(_lines(_shown(lines, paragraphs)))
        yield Cue(seconds(*times[:4]), seconds(*times[4:]), shown)


def _without_name(lines: list[str]) -> list[str]:
    """The lines between two times without the number or name of the second cue."""
    named = bool(lines and lines[-1]) and (lines[-1].strip().isdecimal() or (len(lines) > 1 and not lines[-2]))
    return lines[:-1] if named else lines


def _shown(lines: list[str], paragraphs: bool) -> list[str]:
    """The lines that belong to a cue: in WebVTT those before an empty one; one of spaces is not empty."""
    if not paragraphs and "" in lines:
        lines = lines[: lines.index("")]
    return lines


def _lines(shown: Sequence[str]) -> Iterator[Line]:
    """The lines without markup; one with several voices is several."""
    speaker: str | None = None
    for line in shown:
        start = 0
        for voice in _VOICE.finditer(line):
            yield from _line(line[start : voice.start()], speaker)
            speaker = None if voice["over"] else _plain(voice["name"])
            start = voice.end()
        yield from _line(line[start:], speaker)


def _line(text: str, speaker: str | None) -> Iterator[Line]:
    if text := _plain(text):
        yield Line(text, speaker)


def _plain(text: str) -> str:
    return one_line(html.unescape(_MARKUP.sub("", text)))


def _unrolled(cues: Sequence[Cue]) -> Iterator[Cue]:
    """The cues without the lines that rolling captions repeat from the cue before."""
    rolls = any(0 < _repeated(before, cue) < len(cue.lines) for before, cue in pairwise(cues))
    for number, cue in enumerate(cues):
        repeated = _repeated(cues[number - 1], cue) if rolls and number else 0
        yield Cue(cue.start, cue.end, cue.lines[repeated:])


def _repeated(before: Cue, cue: Cue) -> int:
    """How many lines of a cue stood at the end of the one before."""
    if cue.start > before.end + SOON:
        return 0
    most = min(len(before.lines), len(cue.lines))
    return next((size for size in range(most, 0, -1) if before.lines[-size:] == cue.lines[:size]), 0)


def _said(cue: Cue, labels: frozenset[str]) -> Iterator[Utterance]:
    """What each speaker says in a cue: a tag, a label or one dash of several begins what the next one says."""
    dashes = sum(bool(_DASH.match(line.text)) for line in cue.lines) > 1
    parts: list[tuple[str | None, list[str]]] = []
    voice: str | None = None
    for line in cue.lines:
        dash = _DASH.match(line.text) if dashes else None
        text = line.text[dash.end() :] if dash else line.text
        found = label(text)
        if found and (found["label"] or "") in labels:
            parts.append((found["label"] or "", [text[found.end() :]]))
        elif dash or not parts or line.speaker != voice:
            parts.append((line.speaker, [text]))
        else:
            parts[-1][1].append(text)
        voice = line.speaker
    for speaker, texts in parts:
        yield Utterance(" ".join(filter(None, texts)), speaker=speaker or "", start=cue.start, end=cue.end)


def _grown(utterances: Iterable[Utterance]) -> list[Utterance]:
    """The utterances, each that its speaker's next one, begun before its end, repeats and goes on as one with it."""
    grown: list[Utterance] = []
    for each in utterances:
        before = grown[-1] if grown else Utterance("", speaker=each.speaker)
        overlaps = before.end is not None and each.start is not None and each.start < before.end
        if overlaps and each.speaker == before.speaker and each.text.startswith(before.text):
            grown[-1] = replace(each, start=before.start)
        else:
            grown.append(each)
    return grown
