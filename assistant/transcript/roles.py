"""Who the customer is: told, or by the names of speakers and channels, or by what each says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import regex

from assistant.phrases import holds
from assistant.transcript.tables import table
from assistant.transcript.transcript import Role, Transcript, TranscriptRefused, Utterance
from knowledge.text import LETTER, whole_words, words

OPENING = 0.25
"""How much it speaks for an agent to have the first word; a phrase of the table speaks with 1, once an utterance."""
ASKING = 0.5
"""How much a question speaks for the customer: agents ask too, for names and numbers."""
BEGINNING = 200
"""Utterances by which two sides are told apart: they show who they are early."""
ENOUGH = 1000
"""Characters of an utterance that are looked at."""
CLEAR = 0.5
"""By how much one of two must speak more like an agent than the other to be taken for one."""


def assigned(transcript: Transcript, customer: str = "") -> Transcript:
    """The call with everyone's role; roles that the file itself gives stand, unless the customer is told.

    Raises TranscriptRefused where `customer` names no speaker or channel of the call.
    """
    said = transcript.utterances
    if customer:
        return replace(transcript, utterances=_told(said, customer))
    if any(each.role != "unknown" for each in said):
        return transcript
    roles = _by_labels(said) or _by_speech(said)
    if roles:
        return replace(transcript, utterances=tuple(replace(each, role=roles[_party(each)]) for each in said))
    return replace(transcript, utterances=_alone(said)) if len(set(map(_party, said))) == 1 else transcript


def role_named(label: str) -> Role | None:
    """The role that a speaker's or channel's name tells, in any language: "Agent 2", "வாடிக்கையாளர்"."""
    return next((role for role in _ROLES if _pattern(f"{role}_names").search(_plain(label))), None)


_ROLES: tuple[Role, ...] = ("agent", "customer")
_Party = tuple[str, str]


def _party(utterance: Utterance) -> _Party:
    """Who said it: two speakers on two channels may have one label."""
    return utterance.speaker, utterance.channel


def _told(said: Sequence[Utterance], customer: str) -> tuple[Utterance, ...]:
    labels = sorted({label for each in said for label in _party(each) if label})
    if customer not in labels:
        known = f"they are {', '.join(labels)}" if labels else "the transcript names none"
        raise TranscriptRefused(f"No speaker or channel is called {customer}; {known}.")
    return tuple(replace(each, role="customer" if customer in _party(each) else _other(each)) for each in said)


def _other(utterance: Utterance) -> Role:
    return "agent" if any(_party(utterance)) else "unknown"


def _by_labels(said: Sequence[Utterance]) -> Mapping[_Party, Role]:
    """The roles that names tell; where they tell all but one party's, that one is the other side."""
    parties = dict.fromkeys(map(_party, said))
    roles = {party: role for party in parties for label in party if label and (role := role_named(label))}
    rest = [party for party in parties if party not in roles and any(party)]
    if not roles:
        return {}
    other: Role = "customer" if "agent" in roles.values() else "agent"
    open_role: Role = other if len(rest) == 1 and len(set(roles.values())) == 1 else "unknown"
    return {party: roles.get(party, open_role if party in rest else "unknown") for party in parties}


def _by_speech(said: Sequence[Utterance]) -> Mapping[_Party, Role]:
    """The roles of those who speak, where one clearly speaks most like an agent; the others are customers."""
    parties = dict.fromkeys(map(_party, said), 0.0)
    if len(parties) < 2:
        return {}
    parties[_party(said[0])] += OPENING
    for each in said[:BEGINNING]:
        parties[_party(each)] += _leaning(each)
    agent = max(parties, key=parties.__getitem__)
    most, second, *_ = sorted(parties.values(), reverse=True)
    if most - second < CLEAR:
        return {}
    return {party: "agent" if party == agent else "customer" if any(party) else "unknown" for party in parties}


def _alone(said: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Utterances whose speakers are not told apart, each as it is clear by itself.

    Where some sound like a customer and none like an agent, it is a message that a customer left.
    """
    leanings = [_leaning(each) for each in said]
    message = min(leanings) < 0 and max(leanings) < CLEAR
    return tuple(
        replace(each, role="agent" if leaning >= CLEAR else "customer" if leaning < 0 or message else "unknown")
        for each, leaning in zip(said, leanings, strict=True)
    )


def _leaning(utterance: Utterance) -> float:
    """How much it sounds like an agent; below zero like a customer."""
    said = utterance.text[:ENOUGH]
    text = _plain(said)
    agent, customer = (bool(_pattern(f"{role}_says").search(text)) for role in _ROLES)
    asks = not agent and holds("asking", said)
    return agent - customer - ASKING * asks


@cache
def _pattern(name: str) -> regex.Pattern[str]:
    """What finds any language's words under a name in plain text: names as whole words, the others with any ending."""
    listed = sorted({_plain(each) for table in table("roles").values() for each in table.get(name, ())})
    return regex.compile(whole_words(listed, "" if name.endswith("_names") else f"{LETTER}*"))


def _plain(text: str) -> str:
    """The words of a text alone: recognisers write marks and capitals as they please."""
    return " ".join(words(text))
