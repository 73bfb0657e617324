"""What a customer asks in a call: the questions in the order of asking, and what the agent said to each.

Greetings, who is calling, and talk about the line are no questions. A question may be told in several utterances, and
what the customer answers to the agent's own questions belongs to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

import regex

from assistant.heard import Heard
from assistant.needs import needs_knowledge
from assistant.phrases import holds, intent
from assistant.privacy import read
from assistant.questions import MARK, split
from assistant.speech.written import written
from assistant.transcript.clean import clean, nods
from assistant.transcript.tables import listed
from assistant.transcript.transcript import Transcript, Utterance
from knowledge import detect
from knowledge.text import LETTER, UNSPACED, WORD, sentences

LISTENED = 3
"""Words up to which what an agent says to what was told and not asked is no answer: "oh I'm sorry"."""
TOLD = 2
"""Words up to which what is asked is no question of its own ("really?"), and what is told when the agent asks for a
name is one."""
DENSE = 12
"""The same in letters, where words are not parted."""

_STOP = regex.compile(r"[.।]\s*$")
_EDGE = regex.compile(r"^[\s,،;:.–—-]+|[\s,،;:–—-]+$")
_NUMBER = regex.compile(r"\p{N}+")
_GIVEN = regex.compile(r"[^\p{N}]{1,40}\p{N}[\p{N}\s-]{3,}[\p{L}\p{M}]{0,6}\W*")
"""A number and little else."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer wants to know, as it is searched for.

    `utterances` are the places in the call (0 is the first) where it was said, `replies` those of what the agent said
    to it, `answer` the sentences there that are no questions; `language` is a BCP 47 tag. `core` is the sentence that
    asks, where more was told.
    """

    heard: Heard
    language: str
    utterances: tuple[int, ...]
    replies: tuple[int, ...] = ()
    answer: str = ""
    core: Heard | None = None

    @property
    def text(self) -> str:
        """The question in words."""
        return self.heard.text

    @property
    def readings(self) -> tuple[Heard, ...]:
        """What may be looked for: the question, and it and its core without the words that only join and greet."""
        wholes = [self.heard, *([self.core] if self.core else [])]
        bare = (_part(each, text) for each in wholes if (text := _bare(each.text)))
        return tuple({each.text: each for each in (self.heard, *bare)}.values())


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence, or all of an utterance, that says something, cleaned; `place` is the utterance's in the call."""

    place: int
    agent: bool
    heard: Heard
    language: str

    @property
    def text(self) -> str:
        """The part in words."""
        return self.heard.text

    @property
    def asks(self) -> bool:
        """Whether it is a question: by its mark; where it has none, by its words."""
        if MARK.search(self.text) or _STOP.search(self.text):
            return MARK.search(self.text) is not None
        if listed("call", "unfinished").search(self.text):
            return False
        return holds("asking", _bare(self.text)) or listed("call", "asking").search(self.text) is not None

    @property
    def wishes(self) -> bool:
        """Whether it wants something done."""
        return holds("acting", self.text) and not _wanted("identity").search(self.text)

    @property
    def identifies(self) -> bool:
        """Whether it wants to know who is calling, as agents do."""
        return bool(_wanted("identity").search(self.text) and (self.asks or _wanted("wanted").search(self.text)))


def said(call: Transcript) -> tuple[Said, ...]:
    """What the two of a call say, sentence by sentence, without what only shows that they listen or wait.

    Who is not known to be the agent is taken for the customer.
    """
    return tuple(
        Said(place, each.role == "agent", part, _language(part.text, each, call))
        for place, each in enumerate(call.utterances)
        if not nods(each.text)
        for part in _sentences(clean(Heard(each.text, each.words, each.alternatives), _tongue(each, call)))
        if not (_line(part.text) or nods(part.text))
    )


def questions(parts: Sequence[Said]) -> tuple[Question, ...]:
    """The customer's questions in what is said in a call, first to last, each with what the agent said to it.

    What is told, and not answered, belongs to the question that follows.
    """
    asked: list[Question] = []
    story: list[Said] = []
    wanted = False
    for agent, spoken in groupby(parts, key=lambda part: part.agent):
        turn = list(spoken)
        if agent:
            wanted = any(part.identifies for part in turn)
            if asked and not (story and _listens(turn)):
                asked[-1] = _replied(asked[-1], turn)
                story = [] if asked[-1].answer else story
            continue
        told = [rest for part in turn if (rest := _unnamed(part, wanted)) is not None]
        wanted = False
        asks = any(part.asks for part in told)
        if (
            told
            and asked
            and not asked[-1].answer
            and asked[-1].replies
            and not any(part.asks or part.wishes for part in told)
        ):
            more = [part for part in told if needs_knowledge(part.text)]
            asked[-1], story = _longer(asked[-1], more), [*story, *more] if story else []
            continue
        if story and asks:
            asked.pop()
            told = [*story, *told]
        new = list(_asked(told))
        asked += new
        story = told if new and not any(part.asks or part.wishes or intent(part.text) for part in told) else []
    return tuple(asked)


def _asked(told: Sequence[Said]) -> Iterator[Question]:
    """The questions of one turn: each with what is told before it; what is told behind the last belongs to that."""
    groups: list[list[Said]] = []
    before: list[Said] = []
    for part in told:
        before.append(part)
        if part.asks or intent(part.text) == "person":
            groups.append(before)
            before = []
    if groups and groups[-1][-1].asks:
        groups[-1] += before
    elif before:
        groups.append(before)
    for group in groups:
        words = tuple(word for part in group for word in part.heard.words)
        others = group[0].heard.alternatives if len(group) == 1 else ()
        # Cleaned as a whole: who goes on begins with the last word again.
        heard = clean(Heard(" ".join(part.text for part in group), words, others), group[-1].language)
        texts = split(heard.text)
        core = next((part.heard for part in group if part.asks), None) if len(group) > 1 == len(texts) else None
        for text in texts:
            text = _EDGE.sub("", text)
            if _seeks(text, group[-1]):
                whole = heard if text == heard.text else _part(heard, text)
                yield Question(whole, group[-1].language, _places(group), core=core)


def _seeks(text: str, last: Said) -> bool:
    """Whether it is a question or a wish; `last` is what the speaker ends with."""
    if small := intent(text):
        return small == "person"
    return needs_knowledge(text) or (lengthy(text) and (last.asks or last.wishes))


def _listens(turn: Sequence[Said]) -> bool:
    """Whether what the agent says asks nothing back, and is too little to answer what was told."""
    said = " ".join(part.text for part in turn)
    return not (any(part.asks for part in turn) or lengthy(said, LISTENED) or _NUMBER.search(said))


def _longer(question: Question, told: Sequence[Said]) -> Question:
    """The question with what the customer answered when the agent asked back."""
    heard = question.heard
    text = " ".join([heard.text, *(part.text for part in told)])
    words = (*heard.words, *(word for part in told for word in part.heard.words))
    return replace(question, heard=Heard(text, words), utterances=(*question.utterances, *_places(told)))


def _replied(question: Question, turn: Sequence[Said]) -> Question:
    """The question with what the agent says to it."""
    stated = [part.text for part in turn if not (part.asks or part.identifies or intent(part.text))]
    return replace(
        question,
        replies=(*question.replies, *_places(turn)),
        answer=" ".join([question.answer, *stated] if question.answer else stated),
    )


def _places(parts: Sequence[Said]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(part.place for part in parts))


def _unnamed(part: Said, wanted: bool) -> Said | None:
    """A part without who is calling; None where it is small talk, or says nothing but that.

    `wanted` says that the agent has asked for it.
    """
    text = _EDGE.sub("", listed("call", "naming").sub("", part.text))
    if intent(text) not in (None, "person") or not WORD.search(text):
        return None
    if text != _EDGE.sub("", part.text) and not (part.asks or lengthy(text)):
        return None
    if not part.asks and ((wanted and _tells(text, part)) or _gives(text, part.language)):
        return None
    return part if text == part.text else replace(part, heard=replace(part.heard, text=text))


def _tells(text: str, part: Said) -> bool:
    """Whether an answer to the question who they are is that: numbers aside it is short, or no matter of knowledge."""
    return not lengthy(_NUMBER.sub(" ", read(text).text)) or not (part.wishes or needs_knowledge(text))


def _gives(text: str, language: str) -> bool:
    """Whether it tells a number of the caller's, as that of the order, unasked."""
    return bool(_wanted("identity").search(text) and _GIVEN.fullmatch(written(text, language)))


def lengthy(text: str, most: int = TOLD) -> bool:
    """Whether it has more words, or letters where words are not parted, than a name or a short answer."""
    return len(text) > DENSE if UNSPACED.search(text) else len(WORD.findall(text)) > most


def _bare(text: str) -> str:
    """A question without the words that join it to what was said before, and those of courtesy."""
    text = _joined().sub("", listed("call", "courtesy").sub("", text))
    return _EDGE.sub("", text)


@cache
def _joined() -> regex.Pattern[str]:
    return regex.compile(rf"^(?:\s*{listed('call', 'joining').pattern}[\s,،.]*)+", regex.IGNORECASE)


def _sentences(heard: Heard) -> Iterator[Heard]:
    """The sentences of what was heard; of one with alternatives, all together."""
    spans = sentences(heard.text)
    if len(spans) < 2:
        yield from [heard] if heard.text else []
        return
    for start, end in spans:
        yield _part(heard, heard.text[start:end])


def _part(heard: Heard, text: str) -> Heard:
    """A part of what was heard, with the words that it holds; hearings of the whole are none of it."""
    return Heard(text, tuple(word for word in heard.words if word.text.strip(" ,.?!") in text))


def _line(text: str) -> bool:
    """Whether it is talk about the line, the waiting or the talk itself."""
    return not WORD.search(listed("call", "line").sub(" ", text))


def _tongue(utterance: Utterance, call: Transcript) -> str:
    return call.language if utterance.language == "und" else utterance.language


def _language(text: str, utterance: Utterance, call: Transcript) -> str:
    return detect(text, fallback=_tongue(utterance, call)).tag


def _wanted(name: str) -> regex.Pattern[str]:
    """What finds words that are asked for, or with which they are: they may have an ending."""
    return listed("call", name, ending=rf"{LETTER}{{0,6}}")
