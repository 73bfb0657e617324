"""What an agent promises in a call, and by when, in the words that were said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.claims import durations
from assistant.fields import days
from assistant.privacy import read
from assistant.transcript.call import Said
from assistant.transcript.tables import listed


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that binds the company; `due` are the days and spans of time in it, as they were said.

    `utterance` is its place in the call, 0 is the first.
    """

    text: str
    due: tuple[str, ...]
    utterance: int


def promises(said: Sequence[Said]) -> tuple[Promise, ...]:
    """What the agent promises, first to last; a question is no promise."""
    return tuple(
        Promise(part.text, _due(part.text, part.language), part.place)
        for part in said
        if part.agent
        and not part.asks
        and listed("promises", "promises").search(listed("promises", "but_not").sub(" ", part.text))
    )


def _due(text: str, language: str) -> tuple[str, ...]:
    told = read(text).text
    named = (told[start:end].strip() for start, end in days(told, language))
    return tuple(dict.fromkeys((*named, *durations(told, language))))
