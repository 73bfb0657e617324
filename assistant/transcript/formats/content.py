"""What a file holds before its format is known: text, and the JSON in it; and what is left out while it is read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import PurePath
from typing import Any, TypeVar

from assistant.heard import Word
from assistant.transcript.formats.node import Node
from assistant.transcript.transcript import Transcript, TranscriptRefused, Utterance
from knowledge.text import encoding_of

_Part = TypeVar("_Part", Word, Utterance)

MOST = 20_000
"""Utterances of a call that are read; a day of speaking without a pause has fewer."""
DAMAGED = 0.01
"""Share of a file's characters up to which it is read though they are damaged; more, and it is in another encoding."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file's text, and its JSON documents: one, or one a line, or the members of one list; none where it is no JSON.

    `noted` counts what is left out, each under the sentence that says so; a format adds to it while it reads.
    """

    name: str
    text: str
    documents: tuple[Any, ...] = ()
    noted: Counter[str] = field(default_factory=Counter)

    @property
    def suffix(self) -> str:
        """The suffix of the file's name in lower case, with its point."""
        return PurePath(self.name).suffix.lower()

    def holds(self, *path: str) -> bool:
        """Whether any document has this path of keys."""
        return any(_reaches(document, path) for document in self.documents)

    def nodes(self) -> list[Node]:
        """The documents, to be read with care."""
        objects = [document for document in self.documents if isinstance(document, dict)]
        if len(objects) < len(self.documents):
            self.noted["documents that are no objects"] += len(self.documents) - len(objects)
        return [Node(document, self.noted, "") for document in objects]

    def transcript(
        self, utterances: Iterable[Utterance], format: str, language: str = "und", day: date | None = None
    ) -> Transcript:
        """The utterances with text in the order of speaking, timed by their words where need be; what was noted."""
        timed: list[Utterance] = []
        for utterance in utterances:
            if len(timed) == MOST:
                self.noted["utterances beyond those that any call has"] += 1
            elif utterance.text:
                timed.append(self._timed(utterance))
            else:
                self.noted["utterances without text"] += 1
        order = _order(timed)
        said = [utterance for _, utterance in sorted(zip(order, timed, strict=True), key=lambda pair: pair[0])]
        return Transcript(tuple(said), format, language, tuple(self._skipped()), day)

    def _timed(self, utterance: Utterance) -> Utterance:
        words = tuple(self._forward(word) for word in utterance.words)
        start, end = utterance.start, utterance.end
        if start is None:
            start = next((word.start for word in words if word.start is not None), None)
        if end is None:
            end = next((word.end for word in reversed(words) if word.end is not None), None)
        return self._forward(replace(utterance, words=words, start=start, end=end))

    def _forward(self, part: _Part) -> _Part:
        if part.start is None or part.end is None or part.end >= part.start:
            return part
        self.noted["ends before their starts"] += 1
        return replace(part, end=None)

    def _skipped(self) -> Iterator[str]:
        for what, count in self.noted.items():
            yield f"Left out: {what} ({count})."


_NAMED = re.compile(r'"\s*:')
"""How JSON names a value, which nobody says."""


def open_content(data: bytes, name: str) -> Content:
    """The file's content. Raises TranscriptRefused where it is no text, or JSON that is damaged."""
    noted: Counter[str] = Counter()
    text = _decode(data, name, noted)
    return Content(name, text, _documents(text, name, noted), noted)


def _decode(data: bytes, name: str, noted: Counter[str]) -> str:
    """UTF-8, or what the byte order mark says, with a mark (U+FFFD) for each of a few damaged characters.

    Older encodings are refused, not guessed: a wrong guess would make words of what nobody said.
    """
    encoding = encoding_of(data)
    text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    if damaged > max(1, DAMAGED * len(text)):
        raise TranscriptRefused(
            f"{name} is not {encoding.removesuffix('-sig').upper()} text ({damaged} characters cannot be read); "
            "open it in the program that wrote it and save it as UTF-8."
        )
    if damaged:
        noted["damaged characters"] += damaged
    if "\0" in text:
        raise TranscriptRefused(f"{name} holds binary data where a transcript was expected; check what file it is.")
    if not text.strip():
        raise TranscriptRefused(f"{name} is empty; export the call's transcript again.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _documents(text: str, name: str, noted: Counter[str]) -> tuple[Any, ...]:
    if not text.lstrip().startswith(("{", "[")):
        return ()
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise TranscriptRefused(f"{name} is nested too deeply to be a transcript; check what file it is.") from error
    except ValueError as error:
        lines = _json_lines(text, noted)
        if not lines and text.lstrip().startswith("{") and _NAMED.search(text):
            raise TranscriptRefused(f"{name} is damaged JSON ({error}); export it again.") from error
        return lines
    return tuple(value) if isinstance(value, list) else (value,)


def _json_lines(text: str, noted: Counter[str]) -> tuple[Any, ...]:
    """The objects of a file that holds one a line; none where no line is one."""
    found, broken = [], 0
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            found.append(value)
        else:
            broken += 1
    if found and broken:
        noted["lines that are not JSON"] += broken
    return tuple(found)


def _reaches(document: object, path: Iterable[str]) -> bool:
    for key in path:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True


def _order(utterances: Iterable[Utterance]) -> Iterator[float]:
    """When each was said; one without a time goes with the one before it."""
    now = 0.0
    for utterance in utterances:
        now = now if utterance.start is None else utterance.start
        yield now
