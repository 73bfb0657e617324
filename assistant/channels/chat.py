"""What every channel does with a customer's message: record it, answer it, record the answer, call a person.

Who waits for a person is not answered any more: the assistant tells them their place, and asks once for what the person
will need.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from assistant.assistant import Assistant
from assistant.collect import missing, request
from assistant.conversation import Conversation, File, Turn, now
from assistant.desk import Desk
from assistant.doubt import doubtful
from assistant.handoff import hand_over
from assistant.heard import Heard
from assistant.mood import URGENT
from assistant.phrases import phrase
from assistant.reply import CERTAIN, Confidence, Reply, Shown, nowhere
from knowledge import detect

log = logging.getLogger(__name__)

SILENCE = timedelta(minutes=5)
"""What lies at least between two acknowledgements to a customer who waits."""


def say(
    assistant: Assistant,
    desk: Desk,
    id: str,
    text: str,
    shown: Shown = nowhere,
    collect: Sequence[str] = (),
    heard: Heard | None = None,
    key: str | None = None,
) -> Reply | None:
    """The assistant's reply to the customer's message, both recorded; None where nothing is to be said.

    What the customer writes is recorded in any case, and so is the call for a person that a reply may hold; `collect`
    names what is asked for then (assistant.collect.GIVEN), `heard` is how a recogniser heard the message. What is
    `shown` before, of a reply that a model writes, is recorded nowhere. What comes again with the same `key` is neither
    recorded nor answered twice. Raises the desk's errors only.
    """
    text = text.encode(errors="replace").decode()  # half an emoji, cut off by a page, cannot be stored
    earlier = desk.conversation(id)
    # A choice may be the heading of a document in another language, which the customer does not write.
    language = earlier.language if text in earlier.choices else detect(text, earlier.language).tag
    if not desk.append(id, Turn("customer", text, language, channel=earlier.channel), key=key):
        earlier = desk.conversation(id)
        if (earlier.turns[-1].speaker, earlier.turns[-1].text) != ("customer", text):
            return None
        earlier = replace(earlier, turns=earlier.turns[:-1])  # recorded before, but whoever was to answer is gone
    answering = key and f"{key} answer"
    if desk.handoff(id):
        reply = acknowledgement(desk, earlier, text, language, collect)
        turn = reply and Turn("assistant", reply.answer, reply.language, channel=earlier.channel)
        return reply if turn and desk.append(id, turn, if_status="open", if_free=True, key=answering) else None
    reply = asking(answer(assistant, text, earlier, shown, heard), texts(earlier, text), collect)
    turn = Turn(
        "assistant",
        reply.answer,
        reply.language,
        channel=earlier.channel,
        citations=reply.citations,
        choices=reply.choices,
    )
    return reply if desk.append(id, turn, if_status="pending", handoff=reply.handoff, key=answering) else None


def receive(desk: Desk, id: str, file: File, language: str, key: str | None = None) -> bool:
    """Record the customer's file, and call a person to look at it where none is there; False where `key` came before.

    `language` is what the customer is answered in who has not written anything yet.
    """
    earlier = desk.conversation(id)
    language = language if earlier.language == "und" else earlier.language
    if not desk.append(id, Turn("customer", file.name, language, channel=earlier.channel, files=(file,)), key=key):
        return False
    said = Turn("assistant", phrase("handoff_needs_action", language), language, channel=earlier.channel)
    called = hand_over("needs_action", file.name, language, earlier)
    desk.append(id, said, if_status="pending", handoff=called)
    return True


def asking(reply: Reply, said: Sequence[str], collect: Sequence[str]) -> Reply:
    """The reply; where it calls a person, with the request for what the customer has not said of what is collected."""
    lacking = missing(collect, said)
    if not reply.handoff or not lacking or reply.handoff.urgency >= URGENT:
        return reply
    return replace(reply, answer=f"{reply.answer}\n{request(lacking, reply.language)}")


def acknowledgement(
    desk: Desk, conversation: Conversation, text: str, language: str, collect: Sequence[str]
) -> Reply | None:
    """What is said to a customer who waits: thanks for what was asked for, and their place; None while that was said a
    moment ago, or an agent is there.
    """
    waiting = desk.waiting()
    place = next((place for place, ticket in enumerate(waiting) if ticket.conversation == conversation.id), None)
    if place is None:
        return None
    told = [turn.at for turn in conversation.turns if turn.speaker == "assistant" and turn.at > waiting[place].since]
    given = missing(collect, texts(conversation)) != missing(collect, texts(conversation, text))
    if told and not given and now() - told[-1] < SILENCE:
        return None
    said = phrase("waiting", language, place=place + 1)
    said = f"{phrase('collected', language)} {said}" if given else said
    return Reply("answer", said, language, CERTAIN)


def texts(conversation: Conversation, *more: str) -> list[str]:
    """What the customer has written, oldest first."""
    return [*(turn.text for turn in conversation.turns if turn.speaker == "customer"), *more]


def answer(
    assistant: Assistant,
    text: str,
    conversation: Conversation,
    shown: Shown = nowhere,
    heard: Heard | None = None,
) -> Reply:
    """The assistant's reply; whatever fails on the way is logged, and becomes a call for a person."""
    try:
        return assistant.reply(text, conversation, shown, heard)
    except Exception:
        log.exception("The assistant failed; a person is called.")
        language = detect(text, conversation.language).tag
        handoff = hand_over("model_failure", text, language, conversation, doubtful=doubtful(heard, text))
        return Reply("handoff", phrase("handoff_model_failure", language), language, Confidence(0.0), handoff=handoff)
