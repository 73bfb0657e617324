"""Which language a call is in: what the recogniser says, unless the script of what was said contradicts it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from assistant.transcript.transcript import Transcript, Utterance
from knowledge.language import detect, script, script_of


def settled(transcript: Transcript) -> Transcript:
    """The call with a language for each utterance, and the one that most of it is in for the whole."""
    whole = _believed(transcript.language, " ".join(each.text for each in transcript.utterances), "und")
    said = tuple(_settled(each, whole) for each in transcript.utterances)
    letters: Counter[str] = Counter()
    for each in said:
        letters[each.language] += len(each.text)
    return replace(transcript, utterances=said, language=max(letters, key=letters.__getitem__, default=whole))


def _settled(utterance: Utterance, whole: str) -> Utterance:
    claimed = whole if utterance.language == "und" else utterance.language
    return replace(utterance, language=_believed(claimed, utterance.text, whole))


def _believed(claimed: str, text: str, fallback: str) -> str:
    """The language that is claimed, where the text is in its script; else the one that the text is in."""
    if claimed != "und" and script(text) in (script_of(claimed), "Zyyy"):
        return claimed
    return detect(text, fallback if claimed == "und" else claimed).tag
