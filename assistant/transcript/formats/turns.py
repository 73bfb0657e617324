"""Words to utterances, where a recogniser writes words only: at each change of speaker, and at each pause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.heard import Word
from assistant.transcript.transcript import Utterance
from knowledge.text import UNSPACED

PAUSE = 0.8
"""Seconds of silence that end an utterance, as Deepgram's `utt_split` has it."""


def turns(spoken: Iterable[tuple[str, Word]], channel: str = "", text: str | None = None) -> list[Utterance]:
    """The utterances of (speaker, word) in the order of speaking; `text` is what they say together, if it is known:
    without any words, it is one utterance.
    """
    groups: list[tuple[str, list[Word]]] = []
    for speaker, word in spoken:
        if not groups or groups[-1][0] != speaker or _pauses(groups[-1][1][-1], word):
            groups.append((speaker, []))
        groups[-1][1].append(word)
    if not groups and text is not None:
        return [Utterance(text, channel=channel)]
    whole = text if len(groups) == 1 else ""
    return [
        Utterance(whole or joined([word.text for word in words]), speaker=speaker, channel=channel, words=tuple(words))
        for speaker, words in groups
    ]


def joined(words: Sequence[str]) -> str:
    """The words as a sentence: no spaces between scripts that write none, none before a mark."""
    text = ""
    for word in filter(None, words):
        close = not text or (UNSPACED.match(word) and UNSPACED.match(text[-1])) or _is_mark(word)
        text += word if close else f" {word}"
    return text


def _is_mark(word: str) -> bool:
    return all(not character.isalnum() and character in ".,?!;:।॥؟،؛…" for character in word)


def _pauses(before: Word, after: Word) -> bool:
    return before.end is not None and after.start is not None and after.start - before.end > PAUSE
