"""What an agent promises in a call, and by when, in the words that were said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assistant.claims import durations
from assistant.days import dated, days
from assistant.privacy import read
from assistant.speech.written import written
from assistant.transcript.call import Said
from assistant.transcript.tables import listed


@dataclass(frozen=True, slots=True)
class Promise:
    """A sentence that binds the company; `due` are the days and spans of time in it, as they were said.

    `utterance` is its place in the call, 0 is the first. `dates` are the days of the calendar that they fall on
    (2026-11-23), one for each `due`, empty for what tells no one day; none where the call's day is not known.
    """

    text: str
    due: tuple[str, ...]
    utterance: int
    dates: tuple[str, ...] = ()


def promises(said: Sequence[Said], day: date | None = None) -> tuple[Promise, ...]:
    """What the agent promises, first to last; a question is no promise. `day` is that of the call."""
    return tuple(
        _promised(part, day)
        for part in said
        if part.agent
        and not part.asks
        and listed("promises", "promises").search(listed("promises", "but_not").sub(" ", part.text))
    )


def _promised(part: Said, day: date | None) -> Promise:
    due = _due(part.text, part.language)
    fall = [dated(one, part.language, day) for one in due] if day else []
    return Promise(part.text, due, part.place, tuple(each.isoformat() if each else "" for each in fall))


def _due(text: str, language: str) -> tuple[str, ...]:
    told = read(text).text
    named = (told[start:end].strip() for start, end in days(told, language))
    spans = durations(told, language) or durations(written(told, language), language)  # "a week" has no number
    return tuple(dict.fromkeys((*named, *spans)))
