"""A customer's message as a recogniser heard it (a leaf)."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.transcript.transcript import Word


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood, word for word with how sure each is, and what else it may have been, best first.

    `alternatives` are whole messages without `text` itself.
    """

    text: str
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()
