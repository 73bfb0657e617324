"""How a customer feels, and how urgent that makes it: who is in danger must not wait behind who asks for a price.

What each mood is told by stands in the phrase books (`[hear]`), in the words that customers write.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

from assistant.phrases import holds
from assistant.reply import Feeling

URGENCY: dict[Feeling, int] = {"danger": 3, "legal": 2, "bereavement": 2, "upset": 1, "calm": 0}
"""How far ahead of the queue each one goes."""
URGENT = 2
"""Urgency from which a person answers, and no document, and nothing is asked of the customer."""
SHOUTED = 12
"""Letters from which a message in capitals, in three words or more, is shouted."""

_FACE = regex.compile(r"[😠😡🤬👿💢🤯😤]")
_MARKS = regex.compile(r"[!！]{3,}|[?!？！؟]{4,}")
_CASED = regex.compile(r"[\p{Lu}\p{Ll}]")
_CAPITAL = regex.compile(r"\p{Lu}")


@dataclass(frozen=True, slots=True)
class Mood:
    """What a customer feels, as far as the words tell."""

    feeling: Feeling = "calm"

    @property
    def urgency(self) -> int:
        """0 for calm, 1 for upset, 2 for a death or the law, 3 for danger."""
        return URGENCY[self.feeling]


CALM = Mood()


def mood(message: str) -> Mood:
    """The most urgent of what the message shows, in any language of the phrase books."""
    told = (feeling for feeling in URGENCY if feeling != "calm" and holds(feeling, message))
    return Mood(next(told, "upset" if _loud(message) else "calm"))


def _loud(message: str) -> bool:
    """Whether a message is upset by its form: an angry face, or shouting about something that is wrong."""
    letters, capitals = len(_CASED.findall(message)), len(_CAPITAL.findall(message))
    shouted = letters >= SHOUTED and capitals > 0.8 * letters and len(message.split()) > 2
    marked = _MARKS.search(message) is not None
    return bool(_FACE.search(message)) or (shouted and marked) or ((shouted or marked) and holds("annoyed", message))
