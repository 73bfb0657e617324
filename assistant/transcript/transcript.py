"""A call as it was written down: who said what, when, and how sure the recogniser was of each word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.heard import Word

Role = Literal["customer", "agent", "unknown"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one speaker said at once, times in seconds. `speaker` and `channel` are the recogniser's labels.

    `alternatives` are its further hearings of all of it, best first, without `text` itself; `language` is a BCP 47 tag.
    """

    text: str
    role: Role = "unknown"
    speaker: str = ""
    channel: str = ""
    start: float | None = None
    end: float | None = None
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()
    language: str = "und"


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole call in the order of speaking. `skipped` says, a sentence each, what could not be read.

    `day` is the day of the call, where the file, its name or who asks tells it.
    """

    utterances: tuple[Utterance, ...]
    format: str
    language: str = "und"
    skipped: tuple[str, ...] = ()
    day: date | None = None


class TranscriptRefused(Exception):
    """A file that no call can be read from; its text is one sentence, fit to be shown to a person."""
