"""AssemblyAI's transcripts, and the turns of its streaming (https://www.assemblyai.com/docs)."""

from __future__ import annotations

import json
from typing import Any

from assistant.heard import Word
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, WordKeys, first_language
from assistant.transcript.formats.turns import turns
from assistant.transcript.transcript import Transcript, TranscriptRefused, Utterance

KEEPS = frozenset({"speaker", "channel", "start", "end", "words", "confidence", "language"})
WORD = WordKeys(text=("text",), per=1000)


def recognises(content: Content) -> bool:
    """Whether it is a job with a status, or holds turns of a stream."""
    job = content.holds("status") and any(content.holds(name) for name in ("utterances", "words", "audio_url"))
    return job or content.holds("turn_order")


def read(content: Content) -> Transcript:
    """The call. Raises TranscriptRefused where the job has failed or is not done."""
    nodes = content.nodes()
    said = _turns(nodes) if content.holds("turn_order") else [each for node in nodes for each in _job(node, content)]
    return content.transcript(said, "assemblyai", first_language(nodes, "language_code"))


def write(transcript: Transcript) -> bytes:
    """The call as a finished job."""
    utterances = [_spoken(each) for each in transcript.utterances]
    return json.dumps(
        {
            "status": "completed",
            "language_code": transcript.language,
            "text": " ".join(each.text for each in transcript.utterances),
            "words": [word for each in utterances for word in each["words"]],
            "utterances": utterances,
        },
        ensure_ascii=False,
    ).encode()


def _job(node: Node, content: Content) -> list[Utterance]:
    status = node.text("status")
    if status != "completed" and not node.nodes("utterances") and not node.nodes("words"):
        told = node.text("error") or status
        raise TranscriptRefused(f"{content.name} is a job without a result ({told}); transcribe the call again.")
    if said := [_utterance(each) for each in node.nodes("utterances")]:
        return said
    return turns(node.spoken("words", WORD), text=node.text("text"))


def _turns(nodes: list[Node]) -> list[Utterance]:
    """The finished turns; one that is sent again, formatted, counts as it was sent last."""
    last = {node.number("turn_order"): node for node in nodes if "turn_order" in node}
    ended = {node.number("turn_order"): node for node in nodes if node.flag("end_of_turn")}
    if unfinished := last.keys() - ended.keys():
        nodes[0].noted["turns that never ended"] += len(unfinished)
    return [_utterance(node) for node in ended.values()]


def _utterance(node: Node) -> Utterance:
    return Utterance(
        node.text("text", "transcript"),
        speaker=node.label("speaker"),
        channel=node.label("channel"),
        start=node.seconds("start", per=WORD.per),
        end=node.seconds("end", per=WORD.per),
        words=node.words("words", WORD),
    )


def _spoken(utterance: Utterance) -> dict[str, Any]:
    whose = {"speaker": utterance.speaker, "channel": utterance.channel}
    words = [{"text": word.text, **_span(word), "confidence": word.confidence, **whose} for word in utterance.words]
    return {"text": utterance.text, **_span(utterance), **whose, "words": words}


def _span(part: Utterance | Word) -> dict[str, int | None]:
    return {
        name: None if time is None else round(time * WORD.per)
        for name, time in (("start", part.start), ("end", part.end))
    }
