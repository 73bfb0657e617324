"""What a person will need from a customer who waits for one: asked for once, and seen when it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import regex

from assistant.phrases import listed, phrase
from assistant.privacy import Personal, found, hidden
from knowledge.text import normalise

_LINK = regex.compile(r"https?://\S+")
_PICTURE = regex.compile(r"\S\.(?:jpe?g|png|gif|webp)$", regex.M | regex.I)
"""What a file that was sent is called by its content, on a line of its own."""
_ORDER = regex.compile(r"(?<![\w-])(?=[\w-]*\d{4})[a-z\d-]{5,24}(?![\w-])")

GIVEN: Mapping[str, Callable[[str, Sequence[Personal]], bool]] = {
    "email": lambda _, told: _any("email", told),
    "photo": lambda said, _: any(pattern.search(said) for pattern in (_LINK, _PICTURE)),
    "phone": lambda _, told: _any("phone", told),
    "order": lambda said, told: _ORDER.search(_LINK.sub(" ", hidden(said, told))) is not None,
}
"""What can be asked for, by the name of its phrase, and how it is seen; a number that is personal is no order's."""


def missing(wanted: Sequence[str], texts: Iterable[str]) -> tuple[str, ...]:
    """Those of the wanted that stand in none of the texts, in the order in which they are wanted."""
    said = normalise("\n".join(texts))
    told = found(said) if wanted else ()
    return tuple(name for name in wanted if not GIVEN[name](said, told))


def request(names: Sequence[str], language: str) -> str:
    """The sentence that asks for them."""
    return phrase("collect", language, wanted=listed([phrase(name, language) for name in names], language))


def _any(kind: str, told: Sequence[Personal]) -> bool:
    return any(one.kind == kind for one in told)
