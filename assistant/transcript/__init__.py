"""Transcripts of calls: read from what recognisers write, cleaned, understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import regex

from assistant.transcript.echo import without_echo
from assistant.transcript.formats import FORMATS, recognised
from assistant.transcript.formats.content import open_content
from assistant.transcript.language import settled
from assistant.transcript.roles import assigned
from assistant.transcript.transcript import Transcript, TranscriptRefused

__all__ = ["FORMATS", "Transcript", "TranscriptRefused", "read_transcript"]


_DAY = regex.compile(r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")


def read_transcript(data: bytes, name: str, customer: str = "", day: date | None = None) -> Transcript:
    """The call that a file holds, whatever recogniser wrote it; `name` is the file's, to be recognised and told by.

    `customer` is the label of the speaker or channel that the customer is, where that is known; `day` is that of the
    call: without it the day in the file's name (2026-11-20) or else in the file is believed. Raises
    TranscriptRefused where no call can be read from it; what alone could not be read stands in `skipped`.
    """
    content = open_content(data, name)
    transcript = FORMATS[recognised(content)].read(content)
    if not transcript.utterances:
        raise TranscriptRefused(f"{name} holds nothing that was said; transcribe the call again.")
    known = day or _named(name) or transcript.day
    return replace(assigned(settled(without_echo(transcript)), customer), day=known)


def _named(name: str) -> date | None:
    match = _DAY.search(name)
    try:
        return date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:
        return None
