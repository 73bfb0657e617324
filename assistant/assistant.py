"""The assistant: the one place where the order of the steps is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from assistant.answer import compose
from assistant.confidence import Calibration, judge
from assistant.conversation import Conversation
from assistant.handoff import hand_over, reason
from assistant.phrases import intent, language_name, phrase
from assistant.reply import Confidence, Found, Reason, Reply
from knowledge import LANGUAGES, Hit, Retriever, base, detect

NEW = Conversation(id="")
FOUND = 30
"""Passages that are looked for: ten documents, where a long one is found in several places."""
CERTAIN = Confidence(1.0)
"""Of replies that claim nothing about the knowledge."""


class Assistant:
    """Answers questions from an index, or says that a person should. It stores nothing."""

    def __init__(
        self, retriever: Retriever, *, threshold: float | None = None, calibration: Calibration | None = None
    ) -> None:
        self.retriever = retriever
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
        knowledge = self.retriever.still()
        hits = knowledge.search(question, FOUND)
        searched = perf_counter()
        confidence = judge(hits, self._calibration)
        if not hits or confidence.value < self._threshold:
            reply = _handed_over(reason(confidence), question, language, conversation, confidence, hits)
        else:
            # A question too short to tell its language ("E4?") is taken to be in that of what answers it.
            spoken = hits[0].passage.language if language == "und" else language
            reply = _answered(question, spoken, confidence, hits, knowledge)
        return replace(
            reply,
            hits=tuple(Found(hit.passage.document, hit.passage.id, hit.score) for hit in hits),
            milliseconds={"search": 1e3 * (searched - start), "answer": 1e3 * (perf_counter() - searched)},
        )


def _answered(question: str, language: str, confidence: Confidence, hits: Sequence[Hit], knowledge: Retriever) -> Reply:
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
