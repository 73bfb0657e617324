"""Amazon Transcribe: jobs, Call Analytics and Contact Lens, and streams (https://docs.aws.amazon.com/transcribe)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.heard import Word
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, texts
from assistant.transcript.formats.turns import turns
from assistant.transcript.transcript import Transcript, Utterance

KEEPS = frozenset({"speaker", "channel", "start", "end", "words", "confidence", "language"})


def recognises(content: Content) -> bool:
    """Whether it holds a job's items or segments, the turns of an analysed call, or the results of a stream."""
    if content.holds("Transcript") and (content.holds("LanguageCode") or content.holds("Participants")):
        return True
    job = any(content.holds("results", name) for name in ("items", "transcripts", "audio_segments"))
    return job or any(content.holds(*path) for path in _STREAM)


def read(content: Content) -> Transcript:
    """The call; of a stream, what is not partial."""
    said: list[Utterance] = []
    language = "und"
    nodes = content.nodes()
    analysed = [node for node in nodes if "LanguageCode" in node or "Participants" in node]
    streamed = [result for node in nodes if node not in analysed for result in _events(node)]
    for node in analysed:
        said += [_analysed(turn) for turn in node.nodes("Transcript")]
        language = node.language("LanguageCode") if language == "und" else language
    for node in nodes:
        if "results" in node:
            results = node.node("results")
            said += _job(results)
            language = results.language("language_code") if language == "und" else language
    return content.transcript([*said, *_final(streamed, content)], "aws", language)


def write(transcript: Transcript) -> bytes:
    """The call as a job's audio segments and their items; numbers are text, as there."""
    items: list[dict[str, Any]] = []
    segments = []
    for number, each in enumerate(transcript.utterances):
        whose = {"speaker_label": each.speaker, "channel_label": each.channel}
        first = len(items)
        items += [
            {
                "id": first + place,
                "type": "pronunciation",
                "alternatives": [{"content": word.text, "confidence": _written(word.confidence)}],
                "start_time": _written(word.start),
                "end_time": _written(word.end),
                **whose,
            }
            for place, word in enumerate(each.words)
        ]
        segments.append(
            {
                "id": number,
                "transcript": each.text,
                "start_time": _written(each.start),
                "end_time": _written(each.end),
                **whose,
                "items": list(range(first, len(items))),
            }
        )
    results = {
        "language_code": transcript.language,
        "transcripts": [{"transcript": " ".join(each.text for each in transcript.utterances)}],
        "items": items,
        "audio_segments": segments,
    }
    return json.dumps({"status": "COMPLETED", "results": results}, ensure_ascii=False).encode()


_STREAM = (("TranscriptEvent", "Transcript", "Results"), ("Transcript", "Results"), ("Results",))


def _written(number: float | None) -> str | None:
    return None if number is None else str(number)


def _job(results: Node) -> list[Utterance]:
    items = results.nodes("items")
    segments = results.nodes("audio_segments")
    said = list(_segments(segments, items)) if segments else _channels(results, items)
    if not said:
        said = [Utterance(text) for text in texts(results.nodes("transcripts"), "transcript")]
    return list(_with_alternatives(said, results.nodes("segments")))


def _segments(segments: Sequence[Node], items: Sequence[Node]) -> Iterator[Utterance]:
    by_id = {item.label("id"): item for item in items}
    for segment in segments:
        listed = segment.value.get("items")
        known = [by_id[str(each)] for each in listed if str(each) in by_id] if isinstance(listed, list) else []
        if listed is not None and (not isinstance(listed, list) or len(known) < len(listed)):
            segment.noted["segments whose items are not all there"] += 1
        yield Utterance(
            segment.text("transcript"),
            speaker=segment.label("speaker_label"),
            channel=segment.label("channel_label"),
            start=segment.seconds("start_time"),
            end=segment.seconds("end_time"),
            words=tuple(word for _, word in _marked(known, {})),
        )


def _channels(results: Node, items: Sequence[Node]) -> list[Utterance]:
    """The items as utterances: by channel where the job told channels apart, else by speaker."""
    speakers = {
        (item.label("start_time"), item.label("end_time")): item.label("speaker_label")
        for segment in results.node("speaker_labels").nodes("segments")
        for item in segment.nodes("items")
    }
    channels = results.node("channel_labels").nodes("channels")
    parts: list[tuple[str, Sequence[Node]]] = [(each.label("channel_label"), each.nodes("items")) for each in channels]
    return [each for channel, part in parts or [("", items)] for each in turns(_marked(part, speakers), channel)]


def _marked(items: Sequence[Node], speakers: Mapping[tuple[str, str], str]) -> list[tuple[str, Word]]:
    """The items as words with their speakers; a mark, which has no time of its own, belongs to the word before it."""
    spoken: list[tuple[str, Word]] = []
    for item in items:
        best = item.nodes("alternatives")[:1]
        text = best[0].text("content") if best else item.text("Content")
        if item.text("type", "Type") == "punctuation" and spoken:
            speaker, word = spoken[-1]
            spoken[-1] = (speaker, replace(word, text=word.text + text))
        elif text:
            sure = best[0].confidence("confidence") if best else item.confidence("Confidence")
            start, end = item.seconds("start_time", "StartTime"), item.seconds("end_time", "EndTime")
            if "BeginOffsetMillis" in item:
                start, end = (item.seconds(name, per=1000) for name in ("BeginOffsetMillis", "EndOffsetMillis"))
            told = speakers.get((item.label("start_time"), item.label("end_time")), "") if speakers else ""
            spoken.append((item.label("speaker_label", "Speaker") or told, Word(text, start, end, sure)))
    return spoken


def _with_alternatives(said: Sequence[Utterance], segments: Sequence[Node]) -> Iterator[Utterance]:
    """The utterances, each with the further hearings of the segment that begins with it."""
    others = {
        segment.seconds("start_time"): texts(segment.nodes("alternatives")[1:], "transcript") for segment in segments
    }
    for utterance in said:
        start = utterance.words[0].start if utterance.start is None and utterance.words else utterance.start
        yield replace(utterance, alternatives=others.get(start, ()))


def _analysed(turn: Node) -> Utterance:
    """A turn of an analysed call, whose speaker is called by the role."""
    return Utterance(
        turn.text("Content"),
        speaker=turn.label("ParticipantRole", "ParticipantId"),
        start=turn.seconds("BeginOffsetMillis", per=1000),
        end=turn.seconds("EndOffsetMillis", per=1000),
        words=tuple(word for _, word in _marked(turn.nodes("Items"), {})),
    )


def _events(node: Node) -> list[Node]:
    for name in ("TranscriptEvent", "Transcript"):
        node = node.node(name) if name in node else node
    return node.nodes("Results")


def _final(results: Sequence[Node], content: Content) -> Iterator[Utterance]:
    partial: set[str] = set()
    for result in results:
        if result.flag("IsPartial"):
            partial.add(result.label("ResultId"))
            continue
        partial.discard(result.label("ResultId"))
        yield from _result(result)
    if partial:
        content.noted["last words that never became final"] += len(partial)


def _result(result: Node) -> list[Utterance]:
    alternatives = result.nodes("Alternatives")
    if not alternatives:
        result.noted["results without alternatives"] += 1
        return []
    text, channel = alternatives[0].text("Transcript"), result.label("ChannelId")
    said = turns(_marked(alternatives[0].nodes("Items"), {}), channel, text)
    tag = result.language("LanguageCode")
    if len(said) > 1:
        return [replace(each, language=tag) for each in said]
    others = texts(alternatives[1:], "Transcript")
    start, end = result.seconds("StartTime"), result.seconds("EndTime")
    return [replace(said[0], start=start, end=end, language=tag, alternatives=others)]
