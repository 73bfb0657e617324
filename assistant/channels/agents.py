"""What every channel does with an agent's deed at the desk: write it down, and tell the customer who is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import get_args

from assistant.conversation import Turn
from assistant.desk import Desk, NotYours, Outcome, Sent
from assistant.phrases import phrase
from assistant.reply import Kind
from assistant.suggest import kept, question_of
from knowledge import detect

LEAVE: Mapping[str, tuple[Callable[[Desk, str, str], None], str]] = {
    **{outcome: (partial(Desk.resolve, outcome=outcome), "resolved") for outcome in get_args(Outcome)},
    "hand_back": (Desk.hand_back, "handed_back"),
    "release": (Desk.release, ""),
}
"""How an agent leaves a conversation, and the phrase that the customer is told."""


def claim(desk: Desk, id: str, agent: str) -> None:
    """Take the conversation; the customer is told once who is there. NotYours where another agent was faster."""
    waited = desk.place(id) is not None
    if not desk.claim(id, agent):
        raise NotYours("Another agent has this conversation now; choose one that is still waiting.")
    if waited:
        tell(desk, id, agent, "joined")


def reply(desk: Desk, id: str, agent: str, text: str, taken: tuple[Kind, str] | None = None) -> None:
    """Send the text to the customer; what it answers is recorded, and how much of a taken suggestion it holds."""
    conversation = desk.conversation(id)
    language, asked = detect(text, conversation.language).tag, question_of(conversation)
    kind, share = (taken[0], kept(taken[1], text)) if taken else (None, None)
    sent = Sent(asked, kind, share) if asked else None
    desk.append(id, Turn("agent", text.strip(), language, agent=agent), agent=agent, sent=sent)


def note(desk: Desk, id: str, agent: str, text: str) -> None:
    """Write a note for the other agents. NotYours where the agent does not hold the conversation."""
    hold(desk, id, agent)
    desk.note(id, agent, text)


def hold(desk: Desk, id: str, agent: str) -> None:
    """Raise NotYours unless the agent holds the conversation."""
    if desk.standing(id).agent != agent:
        raise NotYours(f"The conversation {id!r} is not held by {agent!r}; claim it first.")


def leave(desk: Desk, id: str, agent: str, how: str) -> None:
    """Leave the conversation, as LEAVE says; the customer is told who goes on."""
    go, key = LEAVE[how]
    if key:
        tell(desk, id, agent, key)
    go(desk, id, agent)


def reopen(desk: Desk, id: str, agent: str) -> None:
    """Take back that the agent resolved it; the customer, who was told that it is over, is told who is there."""
    desk.reopen(id, agent)
    tell(desk, id, agent, "joined")


def tell(desk: Desk, id: str, agent: str, key: str) -> None:
    """One of the product's own phrases, to the customer, in the customer's language."""
    language = desk.conversation(id).language
    desk.append(id, Turn("agent", phrase(key, language, agent=agent), language, agent=agent), agent=agent)
