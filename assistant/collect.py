"""What a person will need from a customer who waits for one: asked for once, and seen when it is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import regex

from assistant.phrases import phrase
from knowledge.text import normalise

GIVEN: Mapping[str, regex.Pattern[str]] = {
    "email": regex.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "photo": regex.compile(r"https?://\S+"),
    "phone": regex.compile(r"(?<![\w-])\+?\d(?:[ ()-]{0,2}\d){7,14}(?![\w-])"),
    "order": regex.compile(r"(?<![\w-])(?=[\w-]*\d{4})[a-z\d-]{5,24}(?![\w-])"),
}
"""What can be asked for, by the name of its phrase, and how it looks; what one has taken is no other."""


def missing(wanted: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the wanted that stand in none of the texts, in the order in which they are wanted."""
    said = normalise("\n".join(texts))
    found = set()
    for name in [name for name in GIVEN if name in wanted]:
        said, count = GIVEN[name].subn(" ", said)
        found |= {name} if count else set()
    return tuple(name for name in wanted if name not in found)


def request(names: Sequence[str], language: str) -> str:
    """The sentence that asks for them."""
    return phrase("collect", language, wanted=", ".join(phrase(name, language) for name in names))
