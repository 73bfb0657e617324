"""Thinking ahead: what is answered while a caller still speaks, and said while a model still writes.

Recognisers send what they have heard so far before the speaker has ended. The newest of it is answered as if it were
all, and when the end brings nothing new, the answer is there. Until then nobody hears of it, and nothing is stored.
"""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace

from assistant.assistant import NEW, Assistant
from assistant.conversation import Conversation
from assistant.heard import Heard
from assistant.reply import Reply, Shown, nowhere
from knowledge.text import sentences, words


@dataclass(frozen=True, slots=True)
class Thought:
    """What was heard, and the reply to it, which may still be on its way."""

    message: str
    conversation: Conversation
    heard: Heard
    reply: Future[Reply] = field(default_factory=Future)

    def answers(self, message: str, conversation: Conversation, heard: Heard | None) -> bool:
        """Whether it is the same that is asked now: the same words in the same sentences, and as sure."""
        return (
            heard is not None
            and (self.heard.words, self.heard.alternatives) == (heard.words, heard.alternatives)
            and self.conversation == conversation
            and (self.message == message or _said(self.message) == _said(message))
        )


class Ahead:
    """The assistant of one call, which may have thought of the reply before it is asked; safe for two threads."""

    def __init__(self, assistant: Assistant) -> None:
        self.retriever = assistant.retriever
        self._assistant = assistant
        self._thought: Thought | None = None

    def think(self, message: str, conversation: Conversation, heard: Heard) -> None:
        """Answer what may become the message; for an assistant that writes only warm the search: no model is asked."""
        if self._assistant.writes:
            self._assistant.quoting().reply(message, conversation, heard=heard)
            return
        before = self._thought
        if before and before.message == message and before.answers(message, conversation, heard):
            return
        thought = self._thought = Thought(message, conversation, heard)
        try:
            thought.reply.set_result(self._assistant.reply(message, conversation, heard=heard))
        except Exception:
            thought.reply.cancel()
            raise

    def reply(
        self,
        message: str,
        conversation: Conversation = NEW,
        shown: Shown = nowhere,
        heard: Heard | None = None,
    ) -> Reply:
        """The assistant's reply. What was shown of it has been said, and stands before one that does not go on so.

        One that was thought of before and calls a person is taken only if the message is the same to the letter, as it
        goes into the package.
        """
        thought = self._thought
        if thought and thought.answers(message, conversation, heard):
            ready = _waited(thought)
            if ready and (ready.handoff is None or thought.message == message):
                return ready
        drafts: list[Reply] = []

        def telling(draft: Reply) -> None:
            shown(draft)
            drafts.append(draft)

        reply = self._assistant.reply(message, conversation, telling, heard)
        if drafts and not reply.answer.startswith(drafts[-1].answer):
            reply = replace(reply, answer=f"{drafts[-1].spoken.text}\n{reply.answer}")
        return reply


def _waited(thought: Thought) -> Reply | None:
    """The reply that was thought of, as soon as it is there; None where thinking failed."""
    try:
        return thought.reply.result()
    except CancelledError:
        return None


def _said(text: str) -> list[list[str]]:
    """The words of each sentence; punctuation within, and case, aside."""
    return [words(text[start:end]) for start, end in sentences(text)]
