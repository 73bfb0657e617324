"""OpenAI's `verbose_json` and `diarized_json` (https://platform.openai.com/docs/api-reference/audio)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.heard import Word
from assistant.transcript.formats import whisper
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import first_language
from assistant.transcript.formats.turns import turns
from assistant.transcript.transcript import Transcript, Utterance
from knowledge.language import LANGUAGES

KEEPS = frozenset({"speaker", "start", "end", "words", "language"})


def recognises(content: Content) -> bool:
    """Whether it names its task, or what it cost, or has its words beside the text."""
    whole = content.holds("text") and not content.holds("status")
    return whole and any(content.holds(name) for name in ("task", "usage", "words"))


def read(content: Content) -> Transcript:
    """The call. The words, which stand beside the segments, are shared out among them by their times."""
    said: list[Utterance] = []
    nodes = content.nodes()
    for node in nodes:
        words = node.words("words", whisper.WORD)
        segments = [whisper.utterance(segment) for segment in node.nodes("segments")]
        if segments:
            said += _shared(segments, words)
        elif words:
            said += turns((("", word) for word in words), text=node.text("text"))
        else:
            said.append(Utterance(node.text("text"), end=node.seconds("duration")))
    return content.transcript(said, "openai", first_language(nodes, "language"))


def write(transcript: Transcript) -> bytes:
    """The call as `verbose_json`, with speakers as in `diarized_json`; words without times would belong nowhere."""
    said = transcript.utterances
    known = LANGUAGES.get(transcript.language)
    return json.dumps(
        {
            "task": "transcribe",
            "language": known.english.lower() if known else transcript.language,
            "duration": max((each.end or 0.0 for each in said), default=0.0),
            "text": " ".join(each.text for each in said),
            "segments": [
                {"id": number, "start": each.start, "end": each.end, "text": each.text, "speaker": each.speaker}
                for number, each in enumerate(said)
            ],
            "words": [
                {"word": word.text, "start": word.start, "end": word.end}
                for each in said
                for word in each.words
                if word.start is not None
            ],
        },
        ensure_ascii=False,
    ).encode()


def _shared(segments: Sequence[Utterance], words: Sequence[Word]) -> Iterator[Utterance]:
    """The segments, each with the words whose middle comes before the next one begins."""
    place = 0
    for number, segment in enumerate(segments):
        following = next((each.start for each in segments[number + 1 :] if each.start is not None), math.inf)
        first = place
        while place < len(words) and _middle(words[place]) < following:
            place += 1
        yield replace(segment, words=segment.words or tuple(words[first:place]))


def _middle(word: Word) -> float:
    start = word.start or 0.0
    return (start + (start if word.end is None else word.end)) / 2
