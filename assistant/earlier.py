"""What agents answered before, found by the likeness of questions; what is another customer's own is never found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.claims import figures
from assistant.privacy import found
from knowledge import Embedder, Retriever, base, open_embedder

if TYPE_CHECKING:
    from assistant.desk import Answered

ALIKE = 0.7
"""Likeness from which a question was asked before: mean of the cosine and of the share of words that each holds of the
other. From there 3 in 5 nearest questions have the same answer (GNOME's help ta te hu id; HINT3's mattress shop: 62 of
100); of 500 on the same few paragraphs that never have (XQuAD th hi ar), one in eight is taken for another."""
NEAREST = 5
"""Questions that are compared word by word."""
SUBSTANCE = 20
"""Characters that an answer has at least; shorter ones are thanks, or a request to wait."""
LONG = 4
"""Digits from which a number that counts nothing is one of an order, a bill, a customer."""

Floats = NDArray[np.float32]


class Earlier:
    """The questions that were answered, in memory; `read` gives the replies behind a number. Safe for many threads.

    Without an embedder the shipped one is opened, once there is something to compare. What is no longer `known`, as the
    customer had it erased, is not found.
    """

    def __init__(
        self,
        read: Callable[[int], Sequence[Answered]],
        embedder: Embedder | None = None,
        known: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._read = read
        self._known = known
        self._embedder = embedder
        self._last = 0
        self._pairs: defaultdict[str, dict[tuple[str, int], Answered]] = defaultdict(dict)
        self._vectors: dict[str, Floats] = {}
        self._lock = Lock()

    def nearest(
        self, question: str, language: str, conversation: str, knowledge: Retriever
    ) -> tuple[Answered, float] | None:
        """The reply to the likest question of another conversation, in the same language, and their likeness, 0 to 1.

        None where none was like it, or where what was said holds what is only that customer's.
        """
        with self._lock:
            self._learn()
            pairs = list(self._pairs[base(language)].values())
            if not pairs:
                return None
            cosines = self._vectors[base(language)] @ self._encoded([question])[0]
        near = [place for place in np.argsort(-cosines)[:NEAREST] if pairs[place].conversation != conversation]
        shares = knowledge.coverage(question, [pairs[place].question for place in near])
        backs = [knowledge.coverage(pairs[place].question, [question])[0] for place in near]
        compared = [
            (pairs[place], (float(cosines[place]) + (share + back) / 2) / 2)
            for place, share, back in zip(near, shares, backs, strict=True)
        ]
        likest = sorted((one for one in compared if one[1] >= ALIKE), key=lambda one: -one[1])
        shareable = (one for one in likest if not private(f"{one[0].question}\n{one[0].reply}", language))
        return next((one for one in shareable if self._known(one[0].conversation)), None)

    def _learn(self) -> None:
        """Take in what was answered since; of several replies to one question the longest, which says most."""
        fresh: defaultdict[str, list[str]] = defaultdict(list)
        for pair in self._read(self._last):
            self._last = pair.number
            language, key = base(pair.language), (pair.conversation, pair.asked)
            known = self._pairs[language].get(key)
            if len(pair.reply) >= max(SUBSTANCE, len(known.reply) if known else 0):
                self._pairs[language][key] = pair
                fresh[language] += [] if known else [pair.question]
        for language, questions in fresh.items():
            vectors = [self._vectors[language]] if language in self._vectors else []
            self._vectors[language] = np.concatenate([*vectors, self._encoded(questions)])

    def _encoded(self, questions: Sequence[str]) -> Floats:
        self._embedder = self._embedder or open_embedder("static")
        return self._embedder.encode_query(questions)


def private(text: str, language: str) -> bool:
    """Whether a text seems to hold personal data, or the number of an order or the like.

    Times of day are everybody's, and numbers that count something (days, rupees).
    """
    told = figures(text, language)
    counted = {one.split()[0] for one in told if " " in one}
    numbers = (one for one in told - counted if not {" ", ":"} & set(one))
    return bool(found(text)) or any(sum(map(str.isdigit, one)) >= LONG for one in numbers)
