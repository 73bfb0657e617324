"""The same speech on two channels: one side's loudspeaker in the other side's microphone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from statistics import fmean

from assistant.transcript.transcript import Transcript, Utterance
from knowledge.text import normalise

ALIKE = 0.85
"""Share of the letters of both that are the same in the same order, from which one is the other's echo."""
LONG = 12
"""Characters from which two texts are alike by more than chance: both sides may say hello at once."""
NEAR = 20
"""Utterances after one among which its echo is looked for: more do not begin within a second in any real call."""
LATE = 1.0
"""Seconds by which an echo may begin before or after what it repeats; recognisers disagree about the beginning."""


def without_echo(transcript: Transcript) -> Transcript:
    """The call without what another channel has too; of the two, that of which the recogniser was less sure goes."""
    echoes = set(_echoes(transcript.utterances))
    if not echoes:
        return transcript
    kept = tuple(each for number, each in enumerate(transcript.utterances) if number not in echoes)
    told = f"Left out: utterances that another channel has at the same time ({len(echoes)})."
    return replace(transcript, utterances=kept, skipped=(*transcript.skipped, told))


def _echoes(said: Sequence[Utterance]) -> Iterator[int]:
    gone: set[int] = set()
    for number, each in enumerate(said):
        for other in range(number + 1, min(number + 1 + NEAR, len(said))):
            if (said[other].start or 0.0) > (each.start or 0.0) + LATE or number in gone:
                break
            if other not in gone and _same(each, said[other]):
                gone.add(number if _sure(each) < _sure(said[other]) else other)
    yield from gone


def _same(one: Utterance, other: Utterance) -> bool:
    if one.channel == other.channel or one.start is None or other.start is None:
        return False
    first, second = normalise(one.text), normalise(other.text)
    if min(len(first), len(second)) < LONG:
        return False
    match = SequenceMatcher(None, first, second, autojunk=False)
    return match.real_quick_ratio() >= ALIKE and match.quick_ratio() >= ALIKE and match.ratio() >= ALIKE


def _sure(utterance: Utterance) -> float:
    known = [word.confidence for word in utterance.words if word.confidence is not None]
    return fmean(known) if known else 0.0
