"""A customer's message as a recogniser heard it (a leaf)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the recogniser heard it: times in seconds, confidence 0 to 1, None where nothing is said of it."""

    text: str
    start: float | None = None
    end: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood, word for word with how sure each is, and what else it may have been, best first.

    `alternatives` are whole messages without `text` itself.
    """

    text: str
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()
