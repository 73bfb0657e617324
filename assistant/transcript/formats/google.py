"""Google Cloud Speech-to-Text, v1 and v2: answers, files of batches, lines of streams (https://cloud.google.com/speech-to-text).

In Google's JSON a confidence of 0.0 says that none was given, and a first word at zero seconds has no start.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.heard import Word
from assistant.transcript.formats.content import Content
from assistant.transcript.formats.node import Node, WordKeys, numeral, texts
from assistant.transcript.formats.turns import turns
from assistant.transcript.transcript import Transcript, Utterance

KEEPS = frozenset({"word speaker", "channel", "word start", "end", "words", "confidence", "alternatives", "languages"})
WORD = WordKeys(
    start=("startOffset", "startTime"), end=("endOffset", "endTime"), speaker=("speakerLabel", "speakerTag")
)


def recognises(content: Content) -> bool:
    """Whether it holds results, in an operation's response or not, which are no other recogniser's."""
    return content.holds("results") or content.holds("response", "results")


def read(content: Content) -> Transcript:
    """The call; of a stream, what is final."""
    nodes = content.nodes()
    results = [result for node in nodes for result in _results(node)]
    # What is false is left out of Google's JSON: a result of a stream without the mark is partial.
    streamed = any("isFinal" in result or "stability" in result for result in results)
    final = [result for result in results if not streamed or result.flag("isFinal")]
    if results and results[-1:] != final[-1:]:
        content.noted["last words that never became final"] += 1
    begun = (node.node("metadata").day("startTime") for node in nodes if "metadata" in node)
    return content.transcript(_said(final), "google", day=next(filter(None, begun), None))


def write(transcript: Transcript) -> bytes:
    """The call as v2 writes it."""
    results = [
        {
            "alternatives": [
                {"transcript": each.text, "words": [_word(word, each.speaker) for word in each.words]},
                *({"transcript": other} for other in each.alternatives),
            ],
            "channelTag": numeral(each.channel),
            "resultEndOffset": _offset(each.end),
            "languageCode": each.language,
        }
        for each in transcript.utterances
    ]
    return json.dumps({"results": results}, ensure_ascii=False).encode()


def _word(word: Word, speaker: str) -> dict[str, object]:
    return {
        "word": word.text,
        "startOffset": _offset(word.start),
        "endOffset": _offset(word.end),
        "confidence": word.confidence or 0.0,
        "speakerLabel": speaker,
    }


def _offset(time: float | None) -> str | None:
    return None if time is None else f"{time:.3f}s"


def _results(node: Node) -> list[Node]:
    """The results of one document, wherever they stand in it."""
    answer = node.node("response") if "response" in node else node
    held = answer.value.get("results") if isinstance(answer.value, dict) else None
    if isinstance(held, dict):
        files = [answer.node("results").node(name) for name in held]
        inner = [each.node("inlineResult") if "inlineResult" in each else each for each in files]
        return [result for each in inner for result in each.node("transcript").nodes("results")]
    return answer.nodes("results")


def _said(results: Sequence[Node]) -> Iterator[Utterance]:
    """The utterances. v1 tells speakers apart only in a last result, which repeats all words: then it alone counts."""
    heard = [(result, result.nodes("alternatives")) for result in results]
    spoken = [[_known(pair) for pair in nodes[0].spoken("words", WORD)] if nodes else [] for _, nodes in heard]
    if _repeats(spoken):
        heard, spoken = heard[-1:], spoken[-1:]
    for (result, alternatives), words in zip(heard, spoken, strict=True):
        yield from _utterances(result, alternatives, words)


def _utterances(result: Node, alternatives: Sequence[Node], words: Sequence[tuple[str, Word]]) -> list[Utterance]:
    if not alternatives:
        result.noted["results without alternatives"] += 1
        return []
    channel, text = result.label("channelTag"), alternatives[0].text("transcript")
    tag = result.language("languageCode")
    said = [replace(each, language=tag) for each in turns(words, channel, text)]
    if len(said) > 1:
        return said
    end = result.seconds("resultEndOffset", "resultEndTime")
    return [replace(said[0], end=end, alternatives=texts(alternatives[1:], "transcript"))]


def _known(pair: tuple[str, Word]) -> tuple[str, Word]:
    speaker, word = pair
    start = 0.0 if word.start is None and word.end is not None else word.start
    return ("" if speaker == "0" else speaker), replace(word, start=start, confidence=word.confidence or None)


def _repeats(spoken: Sequence[Sequence[tuple[str, Word]]]) -> bool:
    """Whether the last result tells who said the words of the others, which do not tell it."""
    *before, last = spoken or [[]]
    starts = {word.start for words in before for _, word in words} - {None}
    told = any(speaker for words in before for speaker, _ in words)
    return bool(starts) and not told and any(speaker for speaker, _ in last) and starts <= {w.start for _, w in last}
