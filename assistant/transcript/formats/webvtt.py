"""WebVTT (https://www.w3.org/TR/webvtt1/): captions with voice tags."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from assistant.transcript.formats import captions
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.labels import label, labelled
from assistant.transcript.formats.node import language
from assistant.transcript.transcript import Transcript

KEEPS = frozenset({"speaker", "start", "end", "language"})

_LANGUAGE = regex.compile(r"^Language:[ \t]*(\S+)", regex.MULTILINE | regex.IGNORECASE)


def recognises(content: Content) -> bool:
    """Whether it begins as WebVTT does, or is named so and has cues."""
    return content.text.lstrip().startswith("WEBVTT") or (
        content.suffix == ".vtt" and captions.TIMING.search(content.text) is not None
    )


def read(content: Content) -> Transcript:
    """The call; comments and styles are no part of it. The language is that of the header, as YouTube writes it."""
    header = regex.split(r"\n[ \t]*\n", content.text, maxsplit=1)[0]
    found = _LANGUAGE.search(header)
    return captions.read(content, "webvtt", language(found[1]) if found else "und", paragraphs=False)


def write(transcript: Transcript) -> bytes:
    """The call as captions. An utterance without times is shown for no time, where the one before it ends."""
    header = "WEBVTT" if transcript.language == "und" else f"WEBVTT\nLanguage: {transcript.language}"
    return "\n\n".join((header, *_cues(transcript))).encode() + b"\n"


def _cues(transcript: Transcript) -> Iterator[str]:
    tagged = any(utterance.speaker for utterance in transcript.utterances)
    needed = not tagged and any(label(utterance.text) for utterance in transcript.utterances)
    for utterance, start, end in captions.timed(transcript.utterances):
        voice = f"<v {captions.escaped(utterance.speaker)}>" if utterance.speaker else ""
        text = labelled("", captions.escaped(utterance.text), needed)
        yield f"{captions.clock(start)} --> {captions.clock(end)}\n{voice}{text}"
