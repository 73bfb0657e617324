"""What is made for an agent who has a conversation, behind the page's back: suggestions, and a model's brief."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from threading import Lock, Thread
from time import sleep
from typing import Any

from assistant.assistant import Assistant
from assistant.brief import Brief
from assistant.conversation import Conversation
from assistant.desk import Desk
from assistant.earlier import Earlier
from assistant.reply import Handoff, Suggestion
from assistant.suggest import question_of

log = logging.getLogger(__name__)

AT_ONCE = 0.2
"""Seconds that a page waits for those that are made quickly; what a model writes comes when it is there."""
AGAIN = 10.0
"""Seconds after which suggestions that failed are made anew."""
REMEMBERED = 400
"""Questions and handoffs for which what was made is kept."""

Key = tuple[str, ...]
"""A conversation, and what of it something was made for."""


class Suggestions:
    """The suggestions to the last question of a conversation, and what it is about; each is made once."""

    def __init__(self, assistant: Assistant, desk: Desk) -> None:
        self._assistant = assistant
        self._earlier = Earlier(desk.answered, known=desk.knows)
        self._made: dict[Key, tuple[Any, ...]] = {}
        self._lock = Lock()

    def of(self, conversation: Conversation) -> tuple[Suggestion, ...]:
        """Those that are made until now; a later call may give more, behind these."""
        key = (conversation.id, str(question_of(conversation)))
        return self._begun(key, lambda: self._assistant.suggest(conversation, self._earlier))

    def brief(self, conversation: Conversation, package: Handoff, language: str) -> Brief | None:
        """What the model tells of the talk in an agent's language, once it has; of later turns it knows nothing."""
        key = (conversation.id, package.question, language)
        told = self._begun(key, lambda: [self._assistant.brief(package, conversation, language)])
        return next(iter(told), None)

    def _begun(self, key: Key, make: Callable[[], Iterable[Any]]) -> tuple[Any, ...]:
        with self._lock:
            if key in self._made:
                return self._made[key]
            self._made[key] = ()
            for old in list(self._made)[:-REMEMBERED]:
                del self._made[old]
        making = Thread(target=self._make, args=(key, make), daemon=True)
        making.start()
        making.join(AT_ONCE)
        with self._lock:
            return self._made.get(key, ())

    def _make(self, key: Key, make: Callable[[], Iterable[Any]]) -> None:
        """What was made before something failed is kept, until a later look tries anew."""
        try:
            for one in make():
                with self._lock:
                    self._made[key] = (*self._made.get(key, ()), one)
        except Exception:
            log.exception("Nothing can be suggested to the agent; it is tried again in a while.")
            sleep(AGAIN)
            with self._lock:
                self._made.pop(key, None)
