"""Transcripts of calls: read from what recognisers write, cleaned, understood."""

from __future__ import annotations

from assistant.transcript.echo import without_echo
from assistant.transcript.formats import FORMATS, recognised
from assistant.transcript.formats.content import open_content
from assistant.transcript.roles import assigned
from assistant.transcript.tongue import settled
from assistant.transcript.transcript import Transcript, TranscriptRefused

__all__ = ["FORMATS", "Transcript", "TranscriptRefused", "read_transcript"]


def read_transcript(data: bytes, name: str, customer: str = "") -> Transcript:
    """The call that a file holds, whatever recogniser wrote it; `name` is the file's, to be recognised and told by.

    `customer` is the label of the speaker or channel that the customer is, where that is known. Raises
    TranscriptRefused where no call can be read from it; what alone could not be read stands in `skipped`.
    """
    content = open_content(data, name)
    transcript = FORMATS[recognised(content)].read(content)
    if not transcript.utterances:
        raise TranscriptRefused(f"{name} holds nothing that was said; transcribe the call again.")
    return assigned(settled(without_echo(transcript)), customer)
