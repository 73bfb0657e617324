"""What a question asks for, and whether a passage can answer it: "กี่วัน" wants a time, "how much" an amount of money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal

import regex

from assistant.answer import codes, held_codes, replies
from assistant.claims import KINDS, figures, known, measures
from assistant.days import days
from assistant.phrases import holds
from knowledge import Hit, Retriever, base, foreign
from knowledge.text import about, normalise

Sought = Literal["when", "price"]
"""What `[hear]` of the phrase books lists the words of those under who ask for it."""
SPANS = frozenset(kind for kind, _ in KINDS.values()) - {"percent"}
"""The kinds of what is measured that are times; percents aside, all others are money."""
LACKING, UNNAMED, OTHER, FOREIGN, UNREAD = 10.0, 10.0, 4.0, 8.0, 4.0
"""Points by which a passage falls behind that says no such thing, holds no code that was named, answers a question that
is about something else (for each head of the thesaurus, and for numbers that the customer names none of), is in another
language than the question, and in one that is not English either, which most people read who read a second one. The
last was chosen on a few German, Bengali and Indonesian questions, the others on the golden suite and the half of the
everyday one that is tagged `seen`."""
HEADED = 4.0
"""Points by which a passage comes forward for each thing that its heading names of those that the question is about;
chosen likewise."""
_NUMBER = regex.compile(r"\p{Nd}+")
_CLOCK = regex.compile(
    r"(?<!\p{N})(?:\p{Nd}{1,2}[:.]\p{Nd}{2}|[12]\p{Nd}{3}|\d{1,2}(?:st|nd|rd|th|-j?[áé]n|-[ei]g|-a))(?![\p{N}\p{L}])"
    r"|يوم \d"
)
"""An hour, a year, a day of the month ("8-án")."""
_DAY = regex.compile(r"(?<!\p{N})(?:[12]?\d|3[01])(?!\p{N}|[.,:]\p{N})")
"""What may be a day of the month, beside a word for dates: "by the 18th", "18-ஆம் தேதி", "วันที่ 20"."""
_DATE = "month-"
"""How `figures` begins the unit of a day of a month."""


def sought(question: str) -> Sought | None:
    """What a question asks for; None where it asks for neither. What asks how many days it takes, asks for no price."""
    return next((kind for kind in ("when", "price") if holds(kind, question)), None)


@lru_cache(maxsize=1 << 13)
def given(kind: Sought, text: str, language: str) -> bool:
    """Whether a text says such a thing: a time, or an amount of money, or that it costs nothing.

    True, too, in languages whose units we do not know.
    """
    if not known(language):
        return True
    kinds = {measure.kind for measure in measures(text, language)}
    if kind == "when":
        plain = normalise(text)
        dated = _CLOCK.search(plain) or ("date" in about(plain) and _DAY.search(plain)) or days(text, language)
        if kinds & SPANS or dated or holds("at_once", text):
            return True
        return any(_DATE in figure for figure in figures(text, language))
    return bool(kinds - SPANS - {"percent"}) or holds("free", text)


def suited(question: str, hits: Sequence[Hit], retriever: Retriever) -> list[Hit]:
    """The hits, best first: forward by what their headings name, back by what they cannot answer."""
    kind, named, numbers = sought(question), codes(question), _numbers(question)
    subject = about(question) | ({"price"} if kind == "price" else set())

    def behind(hit: Hit) -> float:
        passage = hit.passage
        lacks = kind is not None and not given(kind, passage.text, passage.language)
        unnamed = bool(named) and not named & held_codes(passage)
        heading = passage.headings[-1]
        told = about(heading)
        strange = len(told - subject) + bool(_numbers(heading) - numbers)
        other = strange if strange and replies(passage, retriever) else 0
        unread = FOREIGN + UNREAD * (base(passage.language) != "en") if foreign(hit) else 0.0
        return LACKING * lacks + UNNAMED * unnamed + OTHER * other + unread - HEADED * len(told & subject)

    fallen = (replace(hit, score=hit.score - points) if (points := behind(hit)) else hit for hit in hits)
    return sorted(fallen, key=lambda hit: -hit.score)


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(normalise(text)))
