"""Files to calls: one format a file, recognised by what it holds, and by the file's suffix where that does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from assistant.transcript.formats import (
    assemblyai,
    aws,
    deepgram,
    google,
    openai,
    plain,
    sevai,
    srt,
    webvtt,
    whisper,
)
from assistant.transcript.formats.content import Content
from assistant.transcript.transcript import Transcript, TranscriptRefused


class Format(Protocol):
    """A way to write a call down, and to read it back.

    `KEEPS` names what it can hold, as the fields of Utterance and Word are named: `language` is the whole call's and
    `languages` each utterance's; `word start` and `word speaker` are held where there are words.
    """

    @property
    def KEEPS(self) -> frozenset[str]:  # noqa: N802
        """What the format can hold."""
        ...

    def recognises(self, content: Content) -> bool:
        """Whether the content is in this format."""
        ...

    def read(self, content: Content) -> Transcript:
        """The call that the content holds; what cannot be read is noted in the content."""
        ...

    def write(self, transcript: Transcript) -> bytes:
        """The call in this format."""
        ...


# The first that recognises a file reads it: those that are surer of themselves stand first.
FORMATS: Mapping[str, Format] = {
    "sevai": sevai,
    "aws": aws,
    "deepgram": deepgram,
    "google": google,
    "assemblyai": assemblyai,
    "openai": openai,
    "whisper": whisper,
    "webvtt": webvtt,
    "srt": srt,
    "plain": plain,
}


def recognised(content: Content) -> str:
    """The name of the content's format. Raises TranscriptRefused where none fits."""
    found = next((name for name, format in FORMATS.items() if format.recognises(content)), None)
    if found is None:
        raise TranscriptRefused(
            f"{content.name} is JSON of no recogniser that is known; known are {', '.join(FORMATS)}: "
            "export the call as one of these."
        )
    return found
