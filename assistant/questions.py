"""Several questions in one message, told apart, so that each is answered by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, chain, islice, zip_longest

import regex

from assistant.phrases import heard, holds, intent
from assistant.reply import Found, Reply, Shown
from knowledge.text import sentences

MOST = 4
"""Questions that are told apart; who asks more tells a story, which is searched for as a whole."""
SHORTEST = 8
"""Letters that a question of its own has at least, in two words or more: "Why?" belongs to what stands before it."""
JOINTS = 50
"""Places of a sentence at which it may be parted: each is looked at with all that stands around it."""
GREETING = 3
"""Words that a greeting in front of a question has at most."""

MARK = regex.compile(r"(?r)[?？؟][\s\p{P}\p{S}]*$")
"""How a sentence ends that is a question; read from its end, lest every mark of a row of them begins anew."""
_CITED = regex.compile(r"\[(\d+)\]")
_LETTER = regex.compile(r"[\p{L}\p{M}\p{N}]")
_THAI = regex.compile(r"\p{Thai}")
# Where verbs come last, a comma parts two clauses; elsewhere it may as well begin a relative one.
_VERB_LAST = regex.compile(r"[\p{Tamil}\p{Telugu}]\P{L}*$")


def split(message: str) -> tuple[str, ...]:
    """The questions of a message, in order, each with what is told before it; greetings and thanks aside.

    A message that asks one thing, or nothing, is one part.
    """
    asked = _without_greeting(message.strip())
    marked = any(MARK.search(sentence) for sentence in _sentences(asked))
    parts: list[str] = []
    told = ""
    for sentence in _sentences(asked):
        for clause in _clauses(sentence):
            if MARK.search(sentence) if marked else holds("asking", clause):
                if parts and not _long(clause):
                    parts[-1] = f"{parts[-1]} {clause}"
                else:
                    parts.append(f"{told} {clause}".strip())
                    told = ""
            else:
                told = f"{told} {clause}".strip()
    if parts and told:
        parts[-1] = f"{parts[-1]} {told}"
    return tuple(parts) if 1 < len(parts) <= MOST else (asked,)


def together(parts: Sequence[str], replies: Sequence[Reply]) -> Reply | None:
    """One reply of the replies to each part: what is known, and a person for what is not.

    It is as sure as the least sure of its answers. None where no part is answered, or one is asked back about: then the
    message is one question.
    """
    answered = [each for each in replies if each.action == "answer"]
    open_parts = [(part, each.handoff) for part, each in zip(parts, replies, strict=True) if each.handoff]
    if not answered or len(answered) + len(open_parts) < len(replies):
        return None
    texts = _numbered(replies)
    reply = replace(
        min(answered, key=lambda each: each.confidence.value),
        answer=_joined(parts, texts),
        citations=tuple(chain.from_iterable(each.citations for each in replies)),
        written=tuple(text for text, each in zip(texts, replies, strict=True) if each.written),
        hits=_in_turn([each.hits for each in replies]),
        milliseconds={step: sum(each.milliseconds.get(step, 0.0) for each in replies) for step in ("search", "answer")},
    )
    if not open_parts:
        return reply
    handoff = open_parts[0][1]
    package = replace(
        handoff,
        question="\n".join(part for part, _ in open_parts),
        answered=tuple(part for part, each in zip(parts, replies, strict=True) if not each.handoff),
        tried=tuple(chain.from_iterable(package.tried for _, package in open_parts)),
        suggestions=tuple(chain.from_iterable(package.suggestions for _, package in open_parts)),
    )
    return replace(reply, action="handoff", handoff=package)


def behind(parts: Sequence[str], replies: Sequence[Reply], shown: Shown) -> Shown:
    """Shows a draft for the next part behind what the replies to those before it say."""
    if len(parts) == 1:
        return shown
    said = _numbered(replies)
    before = tuple(chain.from_iterable(each.citations for each in replies))
    return lambda draft: shown(
        replace(
            draft,
            answer=_joined(parts, [*said, _renumbered(draft.answer, len(before))]),
            citations=(*before, *draft.citations),
        )
    )


def _joined(parts: Sequence[str], texts: Sequence[str]) -> str:
    """Each text under the question that it answers; the last questions may have none yet."""
    return "\n\n".join(f"{part}\n{text}" for part, text in zip(parts, texts, strict=False))


def _numbered(replies: Sequence[Reply]) -> list[str]:
    """What each reply says, marks of one that was written numbered as the citations of all of them are."""
    before = accumulate((len(each.citations) for each in replies), initial=0)
    return [
        _renumbered(each.answer, count) if each.written else each.answer
        for each, count in zip(replies, before, strict=False)
    ]


def _renumbered(text: str, by: int) -> str:
    """A written text with its marks moved on: as many citations stand before its own."""
    return _CITED.sub(lambda mark: f"[{int(mark[1]) + by}]", text)


def _in_turn(rankings: Sequence[Sequence[Found]]) -> tuple[Found, ...]:
    """The rankings as one: the first of each, the second of each; every passage once."""
    found: dict[str, Found] = {}
    for hit in chain.from_iterable(zip_longest(*rankings)):
        if hit is not None:
            found.setdefault(hit.passage, hit)
    return tuple(found.values())


def _without_greeting(message: str) -> str:
    words = message.split()
    for count in range(1, min(GREETING + 1, len(words))):
        if intent(" ".join(words[:count])) in ("greeting", "thanks"):
            return message.split(maxsplit=count)[count]
    return message


def _sentences(message: str) -> Iterator[str]:
    """The sentences of a message but for small talk, unless it is nothing else."""
    said = [message[start:end] for start, end in sentences(message)]
    yield from [sentence for sentence in said if intent(sentence) in (None, "person")] or said


def _clauses(sentence: str) -> Iterator[str]:
    """A sentence, parted where a second question is joined to the first."""
    start = 0
    for joint in islice(_joint().finditer(sentence), JOINTS):
        left, right = sentence[start : joint.start()], sentence[joint.end() :]
        if _parts(left, right, joint):
            yield left.strip()
            start = joint.end()
    yield sentence[start:].strip()


def _parts(left: str, right: str, joint: regex.Match[str]) -> bool:
    if not all(_long(text) and holds("asking", text) for text in (left, right)):
        return False
    if joint["comma"]:
        return bool(joint["word"] or _VERB_LAST.search(left))
    return bool(_THAI.match(right) or holds("asking", " ".join(right.split()[:2])))


def _long(text: str) -> bool:
    """Whether it can be a question of its own."""
    return len(_LETTER.findall(text)) >= SHORTEST and (len(text.split()) > 1 or bool(_THAI.search(text)))


@cache
def _joint() -> regex.Pattern[str]:
    """What may stand between two questions: a comma, a word that joins, or both. Arabic joins without a space."""
    words = heard("joining")
    spaced = "|".join(word for word in words if not _THAI.search(word))
    thai = "|".join(word for word in words if _THAI.search(word))
    word = rf"(?P<word>(?:{spaced})\s+|و(?=\p{{Arabic}})|(?:{thai}))"
    return regex.compile(rf"(?:(?<!\s)\s++)?(?P<comma>[,;،؛])\s*+{word}?|(?<!\s)\s++{word}", regex.IGNORECASE)
