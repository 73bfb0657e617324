"""What every channel does with a customer's message: record it, answer it, record the answer, call a person."""

from __future__ import annotations

import logging

from assistant.assistant import Assistant
from assistant.conversation import Conversation, Turn
from assistant.desk import Desk
from assistant.handoff import hand_over
from assistant.phrases import phrase
from assistant.reply import Confidence, Reply, Shown, nowhere
from knowledge import detect

log = logging.getLogger(__name__)


def say(assistant: Assistant, desk: Desk, id: str, text: str, shown: Shown = nowhere) -> Reply | None:
    """The assistant's reply to the customer's message, both recorded; None where a person has the conversation.

    What the customer writes is recorded in any case, and so is the call for a person that a reply may hold. What is
    `shown` before, of a reply that a model writes, is recorded nowhere.
    Raises the desk's errors only.
    """
    text = text.encode(errors="replace").decode()  # half an emoji, cut off by a page, cannot be stored
    earlier = desk.conversation(id)
    # A choice may be the heading of a document in another language, which the customer does not write.
    language = earlier.language if text in earlier.choices else detect(text, earlier.language).tag
    desk.append(id, Turn("customer", text, language, channel=earlier.channel))
    if desk.handoff(id):
        return None
    reply = answer(assistant, text, earlier, shown)
    turn = Turn(
        "assistant",
        reply.answer,
        reply.language,
        channel=earlier.channel,
        citations=reply.citations,
        choices=reply.choices,
    )
    return reply if desk.append(id, turn, if_status="pending", handoff=reply.handoff) else None


def answer(assistant: Assistant, text: str, conversation: Conversation, shown: Shown = nowhere) -> Reply:
    """The assistant's reply; whatever fails on the way is logged, and becomes a call for a person."""
    try:
        return assistant.reply(text, conversation, shown)
    except Exception:
        log.exception("The assistant failed; a person is called.")
        language = detect(text, conversation.language).tag
        handoff = hand_over("model_failure", text, language, conversation)
        return Reply("handoff", phrase("handoff_model_failure", language), language, Confidence(0.0), handoff=handoff)
