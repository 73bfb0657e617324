"""Suggestions while an agent has a conversation: made anew for what the customer asks, behind the page's back."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from time import sleep

from assistant.assistant import Assistant
from assistant.conversation import Conversation
from assistant.desk import Desk
from assistant.earlier import Earlier
from assistant.reply import Suggestion
from assistant.suggest import question_of

log = logging.getLogger(__name__)

AT_ONCE = 0.2
"""Seconds that a page waits for those that are made quickly; what a model writes comes when it is there."""
AGAIN = 10.0
"""Seconds after which suggestions that failed are made anew."""
REMEMBERED = 200
"""Conversations whose suggestions are kept."""


class Suggestions:
    """The suggestions to the last question of a conversation; each question's are made once."""

    def __init__(self, assistant: Assistant, desk: Desk) -> None:
        self._assistant = assistant
        self._earlier = Earlier(desk.answered)
        self._made: dict[tuple[str, int], tuple[Suggestion, ...]] = {}
        self._lock = Lock()

    def of(self, conversation: Conversation) -> tuple[Suggestion, ...]:
        """Those that are made until now; a later call may give more, behind these."""
        asked = (conversation.id, question_of(conversation))
        with self._lock:
            if asked in self._made:
                return self._made[asked]
            self._made[asked] = ()
            for old in list(self._made)[:-REMEMBERED]:
                del self._made[old]
        making = Thread(target=self._make, args=(asked, conversation), daemon=True)
        making.start()
        making.join(AT_ONCE)
        with self._lock:
            return self._made.get(asked, ())

    def _make(self, asked: tuple[str, int], conversation: Conversation) -> None:
        """What was made before something failed is kept, until a later look tries anew."""
        try:
            for suggestion in self._assistant.suggest(conversation, self._earlier):
                with self._lock:
                    self._made[asked] = (*self._made.get(asked, ()), suggestion)
        except Exception:
            log.exception("Suggesting failed; it is tried again in a while.")
            sleep(AGAIN)
            with self._lock:
                self._made.pop(asked, None)
