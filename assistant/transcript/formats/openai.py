"""OpenAI's `verbose_json` and `diarized_json` (https://platform.openai.com/docs/api-reference/audio)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.transcript.formats import whisper
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.turns import turns
from assistant.transcript.transcript import Transcript, Utterance, Word
from knowledge.language import LANGUAGES

KEEPS = frozenset({"speaker", "start", "end", "words", "language"})


def recognises(content: Content) -> bool:
    """Whether it names its task, or what it cost, or has its words beside the text."""
    whole = content.holds("text") and not content.holds("status")
    return whole and any(content.holds(name) for name in ("task", "usage", "words"))


def read(content: Content) -> Transcript:
    """The call. The words, which stand beside the segments, are shared out among them by their times."""
    said: list[Utterance] = []
    language = "und"
    for node in content.nodes():
        words = node.words("words", whisper.WORD)
        segments = [whisper.utterance(segment) for segment in node.nodes("segments")]
        if segments:
            said += _shared(segments, words)
        elif words:
            said += turns((("", word) for word in words), text=node.text("text"))
        else:
            said.append(Utterance(node.text("text"), end=node.seconds("duration")))
        language = node.language("language") if language == "und" else language
    return content.transcript(said, "openai", language)


def write(transcript: Transcript) -> bytes:
    """The call as `verbose_json`, with speakers as in `diarized_json`."""
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
                {"word": word.text, "start": word.start, "end": word.end} for each in said for word in each.words
            ],
        },
        ensure_ascii=False,
    ).encode()


def _shared(segments: Sequence[Utterance], words: Sequence[Word]) -> Iterator[Utterance]:
    """The segments with the words that each holds, in order: a word belongs where its middle lies, or just before."""
    left = list(words)
    for number, segment in enumerate(segments):
        last = number + 1 == len(segments)
        count = next((n for n, word in enumerate(left) if not last and not _within(word, segment)), len(left))
        yield replace(segment, words=segment.words or tuple(left[:count]))
        left = left[count:]


def _within(word: Word, segment: Utterance) -> bool:
    if word.start is None or segment.end is None:
        return True
    return (word.start + (word.start if word.end is None else word.end)) / 2 <= segment.end
