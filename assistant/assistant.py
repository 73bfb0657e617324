"""The assistant: the one place where the order of the steps is written."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from assistant.answer import compose
from assistant.claims import known
from assistant.confidence import Calibration, judge
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Conversation
from assistant.handoff import hand_over, reason
from assistant.needs import needs_knowledge
from assistant.phrases import intent, language_name, phrase
from assistant.questions import split, together
from assistant.reply import Confidence, Found, Reason, Reply
from assistant.write import FellApart, whole, write
from knowledge import LANGUAGES, Hit, Retriever, base, detect

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)

NEW = Conversation(id="")
FOUND = 30
"""Passages that are looked for: ten documents, where a long one is found in several places."""
CERTAIN = Confidence(1.0)
"""Of replies that claim nothing about the knowledge."""
LIMIT = 20.0
"""Seconds that a customer waits at most for an answer that a model writes."""


class Assistant:
    """Answers questions from an index, or says that a person should. It stores nothing.

    With a chat model it writes its answers, within `limit` seconds and only what passes the check of each sentence;
    without one, and wherever the model fails, it quotes.
    """

    def __init__(
        self,
        retriever: Retriever,
        *,
        threshold: float | None = None,
        calibration: Calibration | None = None,
        model: BaseChatModel | None = None,
        limit: float = LIMIT,
    ) -> None:
        self.retriever = retriever
        self._connection = Connection(model) if model else None
        self._limit = limit
        self._calibration = calibration or Calibration.load()
        self._threshold = self._calibration.threshold if threshold is None else threshold

    def reply(self, question: str, conversation: Conversation = NEW) -> Reply:
        """What to say to a customer's message, given what was said before it."""
        start = perf_counter()
        language = detect(question, fallback=conversation.language).tag
        meant = intent(question)
        if meant == "person":
            return _handed_over("asked_for_person", question, language, conversation, CERTAIN)
        if meant is not None:
            return Reply("answer", phrase(meant, language), language, CERTAIN)
        if not needs_knowledge(question):
            return _handed_over("needs_action", question, language, conversation, CERTAIN)
        parts = split(question)
        replies = [self._searched(part, language, conversation, start) for part in parts]
        if len(parts) > 1 and any(reply.action != "handoff" for reply in replies):
            return together(parts, replies)
        return replies[0] if len(parts) == 1 else self._searched(question, language, conversation, start)

    def _searched(self, question: str, language: str, conversation: Conversation, start: float) -> Reply:
        """The reply to one question from what is found for it; `start` is when the customer began to wait."""
        began = perf_counter()
        knowledge = self.retriever.still()
        hits = knowledge.search(question, FOUND)
        searched = perf_counter()
        confidence = judge(hits, self._calibration)
        if not hits or confidence.value < self._threshold:
            reply = _handed_over(reason(confidence), question, language, conversation, confidence, hits)
        else:
            # A question too short to tell its language ("E4?") is taken to be in that of what answers it.
            spoken = hits[0].passage.language if language == "und" else language
            left = self._limit - (searched - start)
            reply = self._answered(question, spoken, conversation, confidence, hits, knowledge, left)
        return replace(
            reply,
            hits=tuple(Found(hit.passage.document, hit.passage.id, hit.score) for hit in hits),
            milliseconds={"search": 1e3 * (searched - began), "answer": 1e3 * (perf_counter() - searched)},
        )

    def _answered(
        self,
        question: str,
        language: str,
        conversation: Conversation,
        confidence: Confidence,
        hits: Sequence[Hit],
        knowledge: Retriever,
        seconds: float,
    ) -> Reply:
        """What the model writes, in a language whose denials can be checked; else the quote, or a person.

        An answer that fell apart speaks against the evidence, which must then be twice as sure.
        """
        if self._connection is not None and known(language):
            try:
                text, citations = whole(write(question, hits, knowledge, self._connection, language, seconds))
                return Reply("answer", text, language, confidence, citations)
            except ModelFailed as error:
                log.warning("The model's answer is not given: %s", error)
                if isinstance(error, FellApart) and confidence.value < (1 + self._threshold) / 2:
                    return _handed_over("model_failure", question, language, conversation, confidence, hits)
        return _quoted(question, language, confidence, hits, knowledge)


def _quoted(question: str, language: str, confidence: Confidence, hits: Sequence[Hit], knowledge: Retriever) -> Reply:
    answer = compose(question, hits, knowledge)
    text = answer.text
    if base(answer.language) != base(language) and base(answer.language) in LANGUAGES:
        source = language_name(answer.language, language)
        text = f"{phrase('other_language', language, language=source)}\n{text}"
    return Reply("answer", text, language, confidence, answer.citations)


def _handed_over(
    why: Reason,
    question: str,
    language: str,
    conversation: Conversation,
    confidence: Confidence,
    hits: Sequence[Hit] = (),
) -> Reply:
    handoff = hand_over(why, question, language, conversation, hits)
    return Reply("handoff", phrase(f"handoff_{why}", language), language, confidence, handoff=handoff)
