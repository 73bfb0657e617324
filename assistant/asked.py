"""What stands behind a reply: the question, and what was found for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from assistant.answer import codes, held_codes
from assistant.conversation import Conversation
from assistant.doubt import doubtful
from assistant.heard import Heard
from assistant.mood import CALM, Mood
from assistant.reply import CERTAIN, Confidence
from assistant.speech.written import either
from assistant.standalone import Standalone
from knowledge import Hit, Retriever, base
from knowledge.text import about

THINGS = frozenset({"fridge", "washer", "microwave", "purifier", "aircon", "television"})
"""Heads of the thesaurus that name what a company sells or does not sell, whatever is asked about it."""
NEAREST = 3
"""Passages that come near a question."""
LISTED = 2
"""Codes of one series that make a list of them, in which another could stand."""
_SERIES = regex.compile(r"[a-z]{1,3}(?=\d{1,2}$)")
"""The letters of a code as errors have them; the number of an order has more digits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what was found for it, and how probably the first of that answers it.

    `language` is the customer's (a tag), `before` what the same message asked before it, `standalone` what a question
    means that leans on what came before, `heard` how a recogniser understood it. `found` is everything, also passages
    that speak to a machine, for a person to see.
    """

    question: str
    language: str
    conversation: Conversation
    knowledge: Retriever
    found: Sequence[Hit] = ()
    confidence: Confidence = CERTAIN
    before: tuple[str, ...] = ()
    standalone: Standalone | None = None
    mood: Mood = CALM
    heard: Heard | None = None

    @property
    def hits(self) -> list[Hit]:
        """What was found and may be quoted, best first."""
        return [hit for hit in self.found if not hit.passage.flags]

    @property
    def meant(self) -> str:
        """The question to answer; one that was heard with its spoken numbers and codes as they are written, too."""
        question = self.standalone.question if self.standalone else self.question
        return either(question, self.language) if self.heard else question

    @property
    def search(self) -> str:
        """What to look for."""
        return self.standalone.search if self.standalone else self.question

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The words of the question that may have been misheard, the most doubtful first."""
        return doubtful(self.heard, self.question)

    @property
    def spoken(self) -> str:
        """The language to reply in: a question too short to tell its own ("E4?") is in that of what answers it."""
        hits = self.hits if self.language == "und" else []
        return hits[0].passage.language if hits else self.language

    @property
    def named(self) -> bool:
        """Whether what was found first holds a code that the question names."""
        asked = codes(self.meant)
        return bool(asked) and any(asked & held_codes(hit.passage) for hit in self.hits[:1])

    @property
    def absent(self) -> bool:
        """Whether it names things of which no passage says anything, in a knowledge that does name its things; or a
        code that is not among those of its series.
        """
        if self._unlisted:
            return True
        named = about(self.meant) & THINGS
        if not named or self.named:
            return False
        held = set(filter(self.knowledge.holds, THINGS))
        return bool(held) and not named & held

    @property
    def _unlisted(self) -> bool:
        """Whether it names a code, as E9, where what was found, best in its language, names E1 and E2 and not that."""
        asked = {code: series[0] for code in codes(self.meant) if (series := _SERIES.match(code))}
        if not asked or self.heard:  # what was heard may have been another code
            return False
        own = [hit for hit in self.hits if base(hit.passage.language) == base(self.spoken)]
        held = {code for hit in own or self.hits for code in held_codes(hit.passage)}
        listed = Counter(series[0] for code in held if (series := _SERIES.match(code)))
        return any(code not in held and listed[letters] >= LISTED for code, letters in asked.items())

    @property
    def foreign(self) -> bool:
        """Whether what was found first is in another language than the customer's."""
        hits = self.hits
        return bool(hits) and base(hits[0].passage.language) != base(self.language)

    @property
    def unreadable(self) -> bool:
        """Whether all that comes near the question is in other languages than the customer's."""
        near = self.hits[:NEAREST]
        return bool(near) and all(base(hit.passage.language) != base(self.spoken) for hit in near)
