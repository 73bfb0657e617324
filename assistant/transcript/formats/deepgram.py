"""Deepgram's recordings, and the messages of its live calls (https://developers.deepgram.com/docs)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.heard import Word
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, WordKeys, first_language, numeral, texts
from assistant.transcript.formats.turns import joined, turns
from assistant.transcript.transcript import Transcript, Utterance

KEEPS = frozenset({"speaker", "channel", "start", "end", "words", "confidence", "language"})
WORD = WordKeys(text=("punctuated_word", "word"))


def recognises(content: Content) -> bool:
    """Whether it holds results by channel, or messages of a live call."""
    recorded = content.holds("results", "channels") or content.holds("results", "utterances")
    return recorded or content.holds("channel", "alternatives")


def read(content: Content) -> Transcript:
    """The call; of a live one, what is final, cut where the speaker stopped."""
    nodes = content.nodes()
    live = [node for node in nodes if "is_final" in node]
    said = [*_live(live, content), *(each for node in nodes if "results" in node for each in _recorded(node))]
    channels = [channel for node in nodes if "results" in node for channel in node.node("results").nodes("channels")]
    made = (node.node("metadata").day("created") for node in nodes if "metadata" in node)
    language = first_language(channels, "detected_language")
    return content.transcript(said, "deepgram", language, next(filter(None, made), None))


def write(transcript: Transcript) -> bytes:
    """The call as a recording's utterances."""
    utterances = [
        {
            "id": str(number),
            "start": each.start,
            "end": each.end,
            "transcript": each.text,
            "channel": numeral(each.channel),
            "speaker": numeral(each.speaker),
            "words": [
                {"word": word.text, "start": word.start, "end": word.end, "confidence": word.confidence}
                for word in each.words
            ],
        }
        for number, each in enumerate(transcript.utterances)
    ]
    channels = [{"alternatives": [], "detected_language": transcript.language}]
    return json.dumps({"results": {"channels": channels, "utterances": utterances}}, ensure_ascii=False).encode()


def _recorded(node: Node) -> Iterator[Utterance]:
    results = node.node("results")
    if utterances := results.nodes("utterances"):
        for each in utterances:
            yield Utterance(
                each.text("transcript"),
                speaker=each.label("speaker"),
                channel=each.label("channel"),
                start=each.seconds("start"),
                end=each.seconds("end"),
                words=each.words("words", WORD),
            )
        return
    channels = results.nodes("channels")
    for number, channel in enumerate(channels):
        for best in channel.nodes("alternatives")[:1]:
            name = str(number) if len(channels) > 1 else ""
            yield from turns(best.spoken("words", WORD), name, best.text("transcript"))


def _live(messages: Sequence[Node], content: Content) -> Iterator[Utterance]:
    """What was said until the speaker stopped, channel by channel; partial hearings only lead to the final ones."""
    heard: dict[str, list[Node]] = {}
    partial: set[str] = set()
    for message in messages:
        channel = message.place("channel_index")
        if not message.flag("is_final"):
            partial.add(channel)
            continue
        partial.discard(channel)
        heard.setdefault(channel, []).append(message)
        if message.flag("speech_final"):
            yield from _stopped(heard.pop(channel), channel)
    for channel, rest in heard.items():
        yield from _stopped(rest, channel)
    if partial:
        content.noted["last words that never became final"] += len(partial)


def _stopped(messages: Sequence[Node], channel: str) -> list[Utterance]:
    """The utterances of several messages that follow each other; what else they may be only where it is one message."""
    hearings = [message.node("channel").nodes("alternatives") for message in messages]
    best = [alternatives[0] for alternatives in hearings if alternatives]
    spoken: list[tuple[str, Word]] = [pair for each in best for pair in each.spoken("words", WORD)]
    text = joined([each.text("transcript") for each in best])
    if best and not text and not spoken:
        return []
    others = texts(hearings[0][1:], "transcript") if len(hearings) == 1 else ()
    start, last, lasts = messages[0].seconds("start"), messages[-1].seconds("start"), messages[-1].seconds("duration")
    end = None if last is None or lasts is None else round(last + lasts, 3)
    said = turns(spoken, channel, text) if spoken else [Utterance(text, channel=channel, start=start, end=end)]
    return [replace(each, alternatives=others) for each in said] if len(said) == 1 else said
