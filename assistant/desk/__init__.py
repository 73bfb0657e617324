"""The desk: conversations, the queue of those that wait for a person, and who holds them."""

from assistant.desk.records import (
    Answered,
    DeskError,
    DeskUnavailable,
    Kept,
    Note,
    NotYours,
    Outcome,
    Past,
    Rating,
    Sent,
    Standing,
    Ticket,
    UnknownConversation,
)
from assistant.desk.store import Desk

__all__ = [
    "Answered",
    "Desk",
    "DeskError",
    "DeskUnavailable",
    "Kept",
    "NotYours",
    "Note",
    "Outcome",
    "Past",
    "Rating",
    "Sent",
    "Standing",
    "Ticket",
    "UnknownConversation",
]
