"""What every channel does with a customer's message: record it, answer it, record the answer, call a person.

Who waits for a person is not answered any more: the assistant tells them their place, and asks once for what the person
will need.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from time import perf_counter, sleep
from typing import Protocol

from assistant.asked import Asked
from assistant.channels import metrics
from assistant.collect import missing, request
from assistant.conversation import Conversation, File, Turn, now
from assistant.desk import Desk, Ticket, UnknownConversation
from assistant.handoff import hand_over
from assistant.heard import Heard
from assistant.mood import URGENT
from assistant.phrases import phrase
from assistant.reply import CERTAIN, Confidence, Reply, Shown, nowhere
from knowledge import Retriever, detect

log = logging.getLogger(__name__)


class Answerer(Protocol):
    """Who replies: the assistant, or what stands before it."""

    retriever: Retriever

    def reply(self, message: str, conversation: Conversation, shown: Shown, heard: Heard | None) -> Reply:
        """What to say to a customer's message, given what was said before it."""


SILENCE = timedelta(minutes=5)
"""What lies at least between two acknowledgements to a customer who waits."""
FRESH = timedelta(days=1)
"""For how long after the last word a talk goes on; then the customer begins a new one, unless a person has it."""
ABANDONED = timedelta(seconds=30)
"""Age of a message from which nobody is answering it any more: half as long again as a model may write."""


def say(
    assistant: Answerer,
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
    if ticket := desk.ticket(id):
        reply = acknowledgement(desk, ticket, earlier, text, language, collect)
        turn = reply and as_turn(reply, earlier)
        return reply if turn and desk.append(id, turn, if_status="open", if_free=True, key=answering) else None
    reply = asking(answer(assistant, text, earlier, shown, heard), texts(earlier, text), collect)
    turn = as_turn(reply, earlier)
    return reply if desk.append(id, turn, if_status="pending", handoff=reply.handoff, key=answering) else None


def receive(desk: Desk, id: str, file: File, language: str, knowledge: Retriever, key: str | None = None) -> bool:
    """Record the customer's file, and call a person to look at it where none is there; False where `key` came before.

    `language` is what the customer is answered in who has not written anything yet.
    """
    earlier = desk.conversation(id)
    language = language if earlier.language == "und" else earlier.language
    if not desk.append(id, Turn("customer", file.name, language, channel=earlier.channel, files=(file,)), key=key):
        return False
    said = Turn("assistant", phrase("handoff_needs_action", language), language, channel=earlier.channel)
    called = hand_over("needs_action", Asked(file.name, language, earlier, knowledge))
    if desk.append(id, said, if_status="pending", handoff=called):
        metrics.handed_over(called.reason)
    return True


def take_up(
    assistant: Answerer, desk: Desk, collect: Sequence[str] = (), wait: Callable[[float], object] = sleep
) -> None:
    """Answer those whom a server that died left without: what they wrote last is acknowledged, and nobody has it.

    Waits until a message is old enough that no other server can still be answering it; raises the desk's errors.
    """
    for id, at in desk.unanswered(now() - FRESH):
        wait(max(0.0, (at + ABANDONED - now()).total_seconds()))
        try:
            conversation = desk.conversation(id)
        except UnknownConversation:  # erased meanwhile
            continue
        last, earlier = conversation.turns[-1], replace(conversation, turns=conversation.turns[:-1])
        if last.speaker != "customer" or conversation.status != "pending":
            continue
        reply = asking(answer(assistant, last.text, earlier), texts(conversation), collect)
        number = len(conversation.turns)
        desk.append(id, as_turn(reply, earlier), if_status="pending", if_last=number, handoff=reply.handoff)


def as_turn(reply: Reply, conversation: Conversation) -> Turn:
    """The reply as a turn of the conversation."""
    given = (reply.citations, reply.choices)
    return Turn("assistant", reply.answer, reply.language, now(), conversation.channel, *given)


def asking(reply: Reply, said: Sequence[str], collect: Sequence[str]) -> Reply:
    """The reply; where it calls a person, with the request for what the customer has not said of what is collected."""
    lacking = missing(collect, said)
    if not reply.handoff or not lacking or reply.handoff.urgency >= URGENT:
        return reply
    return replace(reply, answer=f"{reply.answer}\n{request(lacking, reply.language)}")


def acknowledgement(
    desk: Desk, ticket: Ticket, conversation: Conversation, text: str, language: str, collect: Sequence[str]
) -> Reply | None:
    """What is said to a customer who waits: thanks for what was asked for, and their place; None while that was said a
    moment ago, or an agent is there.
    """
    if ticket.agent is not None:
        return None
    told = [turn.at for turn in conversation.turns if turn.speaker == "assistant" and turn.at > ticket.since]
    given = missing(collect, texts(conversation)) != missing(collect, texts(conversation, text))
    if told and not given and now() - told[-1] < SILENCE:
        return None
    if (place := desk.place(conversation.id)) is None:
        return None
    said = phrase("waiting", language, place=place)
    said = f"{phrase('collected', language)} {said}" if given else said
    return Reply("answer", said, language, CERTAIN)


def texts(conversation: Conversation, *more: str) -> list[str]:
    """What the customer has written, oldest first."""
    return [*(turn.text for turn in conversation.turns if turn.speaker == "customer"), *more]


def answer(
    assistant: Answerer,
    text: str,
    conversation: Conversation,
    shown: Shown = nowhere,
    heard: Heard | None = None,
) -> Reply:
    """The assistant's reply, counted; whatever fails on the way is logged, and becomes a call for a person."""
    began = perf_counter()
    reply = _made(assistant, text, conversation, shown, heard)
    metrics.count(reply, perf_counter() - began)
    return reply


def _made(assistant: Answerer, text: str, conversation: Conversation, shown: Shown, heard: Heard | None) -> Reply:
    try:
        return assistant.reply(text, conversation, shown, heard)
    except Exception:
        log.exception("The assistant failed; a person is called.")
        language = detect(text, conversation.language).tag
        asked = Asked(text, language, conversation, assistant.retriever, heard=heard)
        handoff = hand_over("model_failure", asked)
        return Reply("handoff", phrase("handoff_model_failure", language), language, Confidence(0.0), handoff=handoff)
