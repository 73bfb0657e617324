"""SubRip (.srt): numbered captions, whose speakers stand in front of what they say."""

from __future__ import annotations

from assistant.transcript.formats import captions
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.labels import label, labelled
from assistant.transcript.transcript import Transcript

KEEPS = frozenset({"speaker", "start", "end"})


def recognises(content: Content) -> bool:
    """Whether a line gives the times of a cue."""
    return captions.TIMING.search(content.text) is not None


def read(content: Content) -> Transcript:
    """The call."""
    return captions.read(content, "srt", paragraphs=True)


def write(transcript: Transcript) -> bytes:
    """The call as captions. An utterance without times is shown for no time, where the one before it ends."""
    needed = any(utterance.speaker or label(utterance.text) for utterance in transcript.utterances)
    cues = (
        f"{number}\n{captions.clock(start, ',')} --> {captions.clock(end, ',')}\n"
        + captions.escaped(labelled(utterance.speaker, utterance.text, needed))
        for number, (utterance, start, end) in enumerate(captions.timed(transcript.utterances), start=1)
    )
    return "\n\n".join(cues).encode() + b"\n"
