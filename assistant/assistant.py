"""The assistant: the one place where the order of the steps is written."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from assistant.answer import compose
from assistant.claims import known
from assistant.clarify import choices, chosen
from assistant.confidence import Calibration, judge
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Conversation
from assistant.handoff import hand_over, reason
from assistant.needs import needs_knowledge
from assistant.phrases import intent, language_name, phrase
from assistant.questions import split, together
from assistant.reply import Confidence, Found, Reason, Reply
from assistant.standalone import Standalone, remembered, rewritten
from assistant.write import FellApart, whole, write
from knowledge import LANGUAGES, Hit, Retriever, base, detect

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.earlier import Earlier

log = logging.getLogger(__name__)

NEW = Conversation(id="")
FOUND = 30
"""Passages that are looked for: ten documents, where a long one is found in several places."""
CERTAIN = Confidence(1.0)
"""Of replies that claim nothing about the knowledge."""
AT_ONCE: tuple[Kind, ...] = ("quote",)
"""What is suggested with a call for a person, which waits for no model."""
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
        knowledge = self.retriever.still()
        if picked := chosen(question, conversation, knowledge):
            return self._picked(*picked, conversation, knowledge, start)
        language = detect(question, fallback=conversation.language).tag
        meant = intent(question)
        if meant == "person":
            reply = _handed_over("asked_for_person", question, language, conversation, CERTAIN)
            return _suggesting(reply, tuple(self.suggest(conversation, kinds=AT_ONCE)))
        if meant is not None:
            return Reply("answer", phrase(meant, language), language, CERTAIN)
        asked = Standalone(question, question)
        hits: Sequence[Hit] = knowledge.search(question, FOUND)
        confidence = judge(hits, self._calibration)
        if confidence.value < self._threshold:
            asked, hits, confidence = self._in_context(asked, hits, confidence, conversation, language, knowledge)
        searched = perf_counter()
        if not hits or confidence.value < self._threshold:
            reply = _unsure(question, language, conversation, confidence, hits, knowledge)
        else:
            # A question too short to tell its language ("E4?") is taken to be in that of what answers it.
            spoken = quotable[0].passage.language if language == "und" else language
            left = self._limit - (searched - start)
            reply = self._answered(asked.question, spoken, conversation, confidence, hits, knowledge, left)
        return _told(reply, hits, start, searched, "" if asked.search == question else asked.search)

    def _picked(
        self, asked: str, hits: Sequence[Hit], conversation: Conversation, knowledge: Retriever, start: float
    ) -> Reply:
        """The answer from what the customer chose, without asking how sure that is."""
        searched = perf_counter()
        confidence, left = judge(hits, self._calibration), self._limit - (searched - start)
        reply = self._answered(asked, conversation.language, conversation, confidence, hits, knowledge, left)
        return _told(reply, hits, start, searched)

    def _in_context(
        self,
        asked: Standalone,
        hits: Sequence[Hit],
        confidence: Confidence,
        conversation: Conversation,
        language: str,
        knowledge: Retriever,
    ) -> tuple[Standalone, Sequence[Hit], Confidence]:
        """A weak question together with what came before, where that makes the evidence better; else as it is."""
        fuller = self._standalone(asked.question, conversation, language)
        if fuller is not None:
            found = knowledge.search(fuller.search, FOUND)
            surer = judge(found, self._calibration)
            if surer.value > confidence.value:
                return fuller, found, surer
        return asked, hits, confidence

    def _standalone(self, question: str, conversation: Conversation, language: str) -> Standalone | None:
        """What a question that leans on the talk means: as the model says; without one, by its terms."""
        if self._connection is not None and conversation.turns:
            try:
                return rewritten(question, conversation, language, self._connection, self._limit)
            except ModelFailed as error:
                log.warning("The question is not rewritten: %s", error)
        return remembered(question, conversation, language)

    def suggest(
        self, conversation: Conversation, earlier: Earlier | None = None, kinds: Sequence[Kind] = KINDS
    ) -> Iterator[Suggestion]:
        """Up to three replies that an agent can send to what was asked last, each as soon as it is made.

        What a model writes comes last, and within `limit` seconds.
        """
        number = question_of(conversation)
        if not number:
            return
        question = conversation.turns[number - 1].text
        knowledge = self.retriever.still()
        hits = [hit for hit in knowledge.search(question, FOUND) if not hit.passage.flags]
        confidence = judge(hits, self._calibration)
        language = detect(question, fallback=conversation.language).tag
        spoken = hits[0].passage.language if hits and language == "und" else language
        yield from suggest(
            Asked(question, spoken, conversation, hits, confidence, knowledge, earlier, self._connection, self._limit),
            kinds,
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


def _suggesting(reply: Reply, suggestions: tuple[Suggestion, ...]) -> Reply:
    return replace(reply, handoff=reply.handoff and replace(reply.handoff, suggestions=suggestions))


def _quoted(question: str, language: str, confidence: Confidence, hits: Sequence[Hit], knowledge: Retriever) -> Reply:
    answer = compose(question, hits, knowledge)
    text = answer.text
    if base(answer.language) != base(language) and base(answer.language) in LANGUAGES:
        source = language_name(answer.language, language)
        text = f"{phrase('other_language', language, language=source)}\n{text}"
    return Reply("answer", text, language, confidence, answer.citations)


def _unsure(
    question: str,
    language: str,
    conversation: Conversation,
    confidence: Confidence,
    hits: Sequence[Hit],
    knowledge: Retriever,
) -> Reply:
    """A question back where that may help, and was not asked a moment ago; else a person."""
    offered = {} if conversation.choices else choices(question, hits, confidence, language, knowledge)
    if offered:
        spoken = hits[0].passage.language if language == "und" else language
        documents = tuple(passage.document for passage in offered.values())
        said = phrase("did_you_mean", spoken)
        return Reply("clarify", said, spoken, confidence, choices=tuple(offered), offered=documents)
    return _handed_over(reason(confidence), question, language, conversation, confidence, hits)


def _told(reply: Reply, hits: Sequence[Hit], start: float, searched: float, standalone: str = "") -> Reply:
    """The reply with what was looked for and found, and how long that took and what followed."""
    return replace(
        reply,
        handoff=reply.handoff and replace(reply.handoff, standalone=standalone),
        hits=tuple(Found(hit.passage.document, hit.passage.id, hit.score) for hit in hits),
        milliseconds={"search": 1e3 * (searched - start), "answer": 1e3 * (perf_counter() - searched)},
        standalone=standalone,
    )


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
