"""JSON of Whisper and of what is built on it: openai/whisper, faster-whisper, whisperX (with speakers), whisper.cpp.

Of a segment's own doubts (`avg_logprob`, `no_speech_prob`, `compression_ratio`) only the words' probabilities are kept.
"""

from __future__ import annotations

import json

from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, WordKeys
from assistant.transcript.transcript import Transcript, Utterance

KEEPS = frozenset({"speaker", "start", "end", "words", "confidence", "language"})
WORD = WordKeys(confidence=("probability", "score", "confidence"))


def recognises(content: Content) -> bool:
    """Whether it holds segments, or is a list or lines of them, as faster-whisper users dump them."""
    known = content.holds("segments") or content.holds("transcription")
    return known or (content.holds("text") and content.holds("start"))


def read(content: Content) -> Transcript:
    """The call."""
    said, language = [], "und"
    for node in content.nodes():
        if "transcription" in node:
            said += [_of_cpp(segment) for segment in node.nodes("transcription")]
            language = node.node("result").language("language")
        else:
            said += [utterance(segment) for segment in (node.nodes("segments") if "segments" in node else [node])]
            language = node.language("language") if language == "und" else language
    return content.transcript(said, "whisper", language)


def utterance(segment: Node) -> Utterance:
    """What one segment says."""
    return Utterance(
        segment.text("text"),
        speaker=segment.label("speaker"),
        start=segment.seconds("start"),
        end=segment.seconds("end"),
        words=segment.words("words", WORD),
    )


def _of_cpp(segment: Node) -> Utterance:
    """What one segment of whisper.cpp says, which counts milliseconds."""
    offsets = segment.node("offsets")
    start, end = (offsets.seconds(name, per=1000) for name in ("from", "to"))
    return Utterance(segment.text("text"), start=start, end=end)


def write(transcript: Transcript) -> bytes:
    """The call with a segment an utterance."""
    segments = [
        {
            "id": number,
            "start": each.start,
            "end": each.end,
            "text": f" {each.text}",
            "speaker": each.speaker,
            "words": [
                {"word": f" {word.text}", "start": word.start, "end": word.end, "probability": word.confidence}
                for word in each.words
            ],
        }
        for number, each in enumerate(transcript.utterances)
    ]
    whole = "".join(f" {each.text}" for each in transcript.utterances)
    return json.dumps(
        {"text": whole, "segments": segments, "language": transcript.language}, ensure_ascii=False
    ).encode()
