"""The assistant: the one place where the order of the steps is written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import copy
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from assistant.answer import codes, compose
from assistant.asked import Asked
from assistant.brief import Brief, brief
from assistant.claims import known
from assistant.clarify import choices, chosen, deciding
from assistant.confidence import Calibration, judge
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Citation, Conversation, Turn
from assistant.doubt import factor, sure
from assistant.fields import fields
from assistant.handoff import UNKNOWN, hand_over, reason, summary
from assistant.heard import Heard
from assistant.mood import URGENT, mood
from assistant.needs import acts, needs_knowledge
from assistant.phrases import holds, intent, language_name, listed, phrase
from assistant.questions import behind, split, together
from assistant.repeated import TRIES, answers, others
from assistant.reply import (
    CERTAIN,
    Confidence,
    Feeling,
    Found,
    Handoff,
    Kind,
    Reason,
    Reply,
    Shown,
    Suggestion,
    nowhere,
)
from assistant.risk import POOLED
from assistant.sought import suited
from assistant.speech.aloud import aloud
from assistant.speech.written import either
from assistant.standalone import Standalone, remembered, rewritten
from assistant.suggest import KINDS, Means, question_of, suggest
from assistant.write import FellApart, whole, write
from knowledge import LANGUAGES, Hit, Passage, Retriever, base, detect, script_of, signs
from knowledge.text import about, words

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from assistant.earlier import Earlier

log = logging.getLogger(__name__)

NEW = Conversation(id="")
FOUND = 30
"""Passages that are looked for: ten documents, where a long one is found in several places."""
AT_ONCE: tuple[Kind, ...] = ("quote",)
"""What is suggested with a call for a person, which waits for no model."""
LIMIT = 20.0
"""Seconds that a customer waits at most for an answer that a model writes."""
SEVERAL = 2
"""Words in Latin letters that may be of a language that is written in others."""
WARMING = 80
"""Characters of a passage that is asked for to warm what quoting needs."""
FIGURES = "E4, 5 kg, ₹499"
"""What is said aloud to warm what spoken figures need."""
FIRST_WORDS: dict[Feeling, str] = {"danger": "danger", "bereavement": "bereavement"}
"""What is said to who feels so, whatever else is the reason for a person."""


class Assistant:
    """Answers questions from an index, or says that a person should. It stores nothing.

    With a chat model it writes its answers, within `limit` seconds and only what passes the check of each sentence;
    without one, and wherever the model fails, it quotes. It answers from the calibration's threshold on, or from
    `threshold`, or so that at most the share `risk` of its answers is wrong. Raises RiskRefused where nothing promises
    that.
    """

    def __init__(
        self,
        retriever: Retriever,
        *,
        threshold: float | None = None,
        risk: float | None = None,
        calibration: Calibration | None = None,
        model: BaseChatModel | None = None,
        limit: float = LIMIT,
    ) -> None:
        self.retriever = retriever
        self._connection = Connection(model) if model else None
        self._limit = limit
        self._warm: set[tuple[str, bool]] = set()
        self._calibration = calibration or Calibration.load()
        usual = self._calibration.threshold if threshold is None else threshold
        self.thresholds = {POOLED: usual} if risk is None else self._calibration.risks.thresholds(risk)

    @property
    def writes(self) -> bool:
        """Whether a model writes its answers."""
        return self._connection is not None

    def quoting(self) -> Assistant:
        """The same assistant without its model."""
        quoting = copy(self)
        quoting._connection = None
        return quoting

    def warm(
        self, languages: Iterable[str], *, heard: bool = False, enough: Callable[[], bool] = lambda: False
    ) -> None:
        """Read and compile, once, what the first question in each language (a tag) waits for. No model is asked.

        With `heard`, also what spoken questions wait for: in a knowledge of 100,000 passages the work of minutes. As
        soon as it is `enough`, the rest is left to who asks.
        """
        fresh = {(base(language), heard) for language in languages} - self._warm
        self._warm |= fresh
        quoting = self.quoting()
        for language, _ in fresh:
            asked = phrase("connection_lost", language)
            found = [hit.passage.text[:WARMING] for hit in self.retriever.search(asked, 1)]
            before = Conversation("", (Turn("customer", asked, language),))
            for text in (asked, *found, *([aloud(FIGURES, language)] if heard else [])):
                if enough():
                    return
                reply = quoting.reply(text, before, heard=Heard(text) if heard else None)
                log.debug("Warm: %s", reply.spoken.text)

    def reply(
        self,
        message: str,
        conversation: Conversation = NEW,
        shown: Shown = nowhere,
        heard: Heard | None = None,
    ) -> Reply:
        """What to say to a customer's message, given what was said before it; `heard` is how a recogniser heard it.

        While a model writes, `shown` is told the draft, of checked sentences only, in whose place the reply comes: it
        may say something else. Where `shown` raises ModelFailed, the model is stopped, and the reply is a quote.
        """
        end = perf_counter() + self._limit
        knowledge = self.retriever.snapshot()
        language = _spoken(message, conversation, knowledge)
        asked = Asked(message, language, conversation, knowledge, mood=mood(message), heard=heard)
        if asked.mood.urgency >= URGENT:
            began = perf_counter()
            asked = self._in_context(self._found(asked))
            searched = perf_counter()
            return _told(_handed_over("upset", asked), asked, began, searched)
        if picked := chosen(message, conversation, asked.knowledge):
            return self._picked(replace(asked, language=conversation.language), *picked, end, shown)
        if _cannot_read(asked):
            asked = replace(asked, language=conversation.language)
            return _handed_over("other_language_only", asked, self.suggest(conversation, kinds=AT_ONCE))
        meant = intent(message)
        if meant == "person" or (meant == "acknowledgement" and _person_offered(conversation)):
            return self._called(asked)
        if meant is not None:
            return Reply("answer", phrase(meant, language), language, CERTAIN)
        # Recognisers garble the words by which a question is told from a remark: there, what is found decides.
        if not (conversation.choices or needs_knowledge(message) or (heard and self._surer(self._found(asked)))):
            if signs(message):
                return _handed_over("hostile", asked)
            if asked.mood.urgency or acts(message):
                return _handed_over("upset" if asked.mood.urgency else "needs_action", asked)
            # "Nominee maathanum" names a thing of customer service, "breakfast free ah" one of the company's: no "all
            # right" is due to that.
            if conversation.turns or not (about(message) or self._found(asked).confidence.known >= UNKNOWN):
                return Reply("answer", phrase("acknowledgement", language), language, CERTAIN)
        parts = split(message)
        if len(parts) > 1 and (reply := self._several(parts, asked, end, shown)):
            return reply
        return self._one(replace(asked, question=parts[0] if len(parts) == 1 else message), end, shown)

    def suggest(
        self, conversation: Conversation, earlier: Earlier | None = None, kinds: Sequence[Kind] = KINDS
    ) -> Iterator[Suggestion]:
        """Up to three replies that an agent can send to what was asked last, each as soon as it is made.

        What a model writes comes last, and within `limit` seconds.
        """
        asked = self._waiting(conversation)
        if asked is None:
            return
        yield from suggest(asked, kinds, Means(earlier, self._connection, self._limit))

    @property
    def failures(self) -> int:
        """How often the chat model gave no answer, since the start; 0 without one."""
        return self._connection.failures if self._connection else 0

    def brief(self, package: Handoff, conversation: Conversation, language: str) -> Brief | None:
        """What the model tells an agent of a handoff, in the agent's language; None without one, and where it fails."""
        if self._connection is not None:
            try:
                return brief(package, conversation, language, self._connection, self._limit)
            except ModelFailed as error:
                log.warning("The model does not brief the agent: %s", error)
        return None

    def _several(self, parts: Sequence[str], asked: Asked, end: float, shown: Shown) -> Reply | None:
        """The reply to each question of a message, as one; None where the message is better taken for one question."""
        replies: list[Reply] = []
        for at, part in enumerate(parts):
            only = asked.heard and replace(asked.heard, text=part, alternatives=())  # which are of the whole message
            each = replace(asked, question=part, before=tuple(parts[:at]), heard=only)
            replies.append(self._one(each, end, behind(parts, replies, shown)))
        reply = together(parts, replies)
        return reply and _of_all(reply, asked)

    def _one(self, asked: Asked, end: float, shown: Shown) -> Reply:
        """The reply to one question, before the clock shows `end`."""
        began = perf_counter()
        asked = self._in_context(self._found(asked))
        searched = perf_counter()
        if readings := self._deciding(asked):
            reply = _asked_back(readings, asked)
        elif given := answers(asked):
            reply = self._again(asked, given, end, shown)
        else:
            reply = self._answered(asked, end, shown) if self._sure(asked) else _unsure(asked)
        return _told(reply, asked, began, searched)

    def _deciding(self, asked: Asked) -> tuple[str, ...]:
        """The readings of a doubtful word that decides between answers, unless the customer was asked a moment ago.

        A code that stands in what is found has an answer, however sure that is.
        """
        if asked.heard is None or asked.conversation.choices or asked.standalone or asked.mood.urgency:
            return ()

        def answered(question: str) -> str | None:
            one = self._found(replace(asked, question=question, heard=Heard(question)))
            if self._sure(one):
                return compose(question, one.hits, asked.knowledge).text
            named = codes(question)
            return next((" ".join(held) for hit in one.hits if (held := named & codes(hit.passage.text))), None)

        return deciding(asked.question, asked.heard, asked.knowledge, answered)

    def _sure(self, asked: Asked) -> bool:
        return bool(asked.hits) and asked.confidence.value >= self._threshold(asked)

    def _surer(self, asked: Asked) -> bool:
        """Whether it is sure although something speaks against it: half as far from certainty as it need be."""
        return bool(asked.hits) and asked.confidence.value >= (1 + self._threshold(asked)) / 2

    def _threshold(self, asked: Asked) -> float:
        return self.thresholds.get(asked.language, self.thresholds[POOLED])

    def _again(self, asked: Asked, given: Sequence[Turn], end: float, shown: Shown) -> Reply:
        """The reply to a question that was answered in vain: another answer, the offer of a person, a person."""
        if len(given) >= TRIES:
            return _handed_over("repeated_question", asked)
        found = others(asked.found, given)
        rest = replace(asked, found=found, confidence=judge(others(asked.hits, given), self._calibration))
        if self._sure(rest):
            reply = self._answered(rest, end, lambda draft: shown(_led("again", draft)))
            return _led("again", reply) if reply.citations else reply
        said = phrase("nothing_else", asked.spoken)
        return Reply("answer", said, asked.spoken, CERTAIN, given[-1].citations)

    def _picked(self, asked: Asked, question: str, hits: Sequence[Hit], end: float, shown: Shown) -> Reply:
        """The answer from what the customer chose, without asking how sure that is."""
        began = perf_counter()
        asked = replace(asked, question=question, found=hits, confidence=judge(hits, self._calibration))
        searched = perf_counter()
        return _told(self._answered(asked, end, shown), asked, began, searched)

    def _waiting(self, conversation: Conversation) -> Asked | None:
        """What was asked last, with what the knowledge holds for it; None where nothing was."""
        number = question_of(conversation)
        if not number:
            return None
        question = conversation.turns[number - 1].text
        knowledge = self.retriever.snapshot()
        language = _spoken(question, conversation, knowledge)
        before = replace(conversation, turns=conversation.turns[: number - 1])
        asked = self._in_context(self._found(Asked(question, language, before, knowledge)))
        return replace(asked, conversation=conversation)

    def _called(self, asked: Asked) -> Reply:
        """A person is asked for: what the customer asked before tells them what it is about."""
        waiting = self._waiting(asked.conversation)
        if waiting is None:
            return _handed_over("asked_for_person", asked, ())
        reply = _handed_over("asked_for_person", replace(asked, found=waiting.found), suggest(waiting, AT_ONCE))
        package = reply.handoff and replace(reply.handoff, question=waiting.question)
        return replace(reply, handoff=package and replace(package, summary=summary(package, "en")))

    def _found(self, asked: Asked) -> Asked:
        """The question with what the knowledge holds for it, and how sure that is."""
        heard, knowledge, tongue = asked.heard, asked.knowledge, asked.conversation.language
        tongue = asked.language if tongue == "und" else tongue
        if heard is None:
            found = knowledge.search(asked.search, FOUND, fallback=tongue)
        else:
            readings = [asked.search, *(() if asked.standalone else heard.alternatives)]
            text, *others = (either(reading, asked.language) for reading in readings)
            found = knowledge.search(text, FOUND, sure=sure(heard), alternatives=others, fallback=tongue)
        asked = replace(asked, found=suited(asked.meant, found, knowledge))
        named = not asked.foreign and asked.named
        confidence = judge(asked.hits, self._calibration, named=named, absent=asked.absent)
        if heard is not None:
            confidence = _doubted(confidence, factor(heard, asked.question, knowledge))
        return replace(asked, confidence=confidence)

    def _in_context(self, asked: Asked) -> Asked:
        """A question that points back, together with what it points to; a weak one, where that makes it stronger."""
        question, conversation = asked.question, asked.conversation
        pointing = remembered(question, conversation, asked.language)
        weak = asked.confidence.value < self._threshold(asked)
        fuller: Standalone | None = None
        if weak and asked.before:
            fuller = Standalone.behind(asked.before, question)
        elif pointing or (weak and conversation.turns):
            fuller = self._rewritten(asked) or pointing
        else:
            return asked
        found = self._found(replace(asked, standalone=fuller)) if fuller else asked
        return found if pointing else max(asked, found, key=lambda each: each.confidence.value)

    def _rewritten(self, asked: Asked) -> Standalone | None:
        """What a question that leans on the talk means, as the model says; None without one, and where it fails."""
        if self._connection is not None:
            try:
                return rewritten(asked.question, asked.conversation, asked.language, self._connection, self._limit)
            except ModelFailed as error:
                log.warning("The question is not rewritten: %s", error)
        return None

    def _answered(self, asked: Asked, end: float, shown: Shown) -> Reply:
        """What the model writes, in a language whose denials can be checked; else the quote, or a person.

        An answer that fell apart speaks against the evidence, which must then be twice as sure.
        """
        if self._connection is not None and known(asked.spoken):
            left = end - perf_counter()
            try:
                told = write(asked.meant, asked.hits, asked.knowledge, self._connection, asked.spoken, left)
                with closing(told):
                    return _written(asked, *whole(told, lambda *draft: shown(_written(asked, *draft))))
            except ModelFailed as error:
                log.warning("The model's answer is not given: %s", error)
                if isinstance(error, FellApart) and not self._surer(asked):
                    return _handed_over("model_failure", asked)
        return _soothed(asked, _quoted(asked))


def _spoken(message: str, conversation: Conversation, knowledge: Retriever) -> str:
    """The language (a tag) of a message, as far as it tells; what was spoken before, or else is the only language of
    the knowledge, or of its passages in the message's script, is the likelier.

    Marathi has short sentences that might be Hindi: who asks of Marathi documents is not answered in Hindi. Several
    words in Latin letters may be a language of the knowledge that others write in its own; a bare code says nothing.
    """
    if conversation.language != "und":
        return detect(message, fallback=conversation.language).tag
    told, only = detect(message), knowledge.tongue()
    if told.tag == only == "und":
        return "und"
    tongue = knowledge.tongue(told.script)
    if tongue == "und" and told.script == "Latn" and sum(map(str.isalpha, words(message))) >= SEVERAL:
        tongue = f"{only}-Latn" if script_of(only) not in ("Latn", "Zyyy") else "und"
    return detect(message, fallback=tongue).tag


def _doubted(confidence: Confidence, heard: float) -> Confidence:
    """The confidence in an answer to what was heard rightly only so probably."""
    return Confidence(confidence.value * heard, {**confidence.signals, "heard": heard})


def _cannot_read(asked: Asked) -> bool:
    """Whether the customer says so of what was quoted a moment ago in another language than theirs."""
    said = asked.conversation.turns[-1:]
    quotes = " ".join(citation.quote for turn in said for citation in turn.citations)
    spoken, quoted = base(asked.conversation.language), base(detect(quotes).tag)
    return spoken != quoted and "und" not in (spoken, quoted) and holds("unread", asked.question)


def _person_offered(conversation: Conversation) -> bool:
    """Whether the assistant has said a moment ago that it knows nothing else, and offered a person."""
    last = conversation.turns[-1:]
    return any(turn.text == phrase("nothing_else", turn.language) for turn in last)


def _soothed(asked: Asked, reply: Reply) -> Reply:
    """An answer to who is upset begins with a word about that, and offers a person."""
    return _led("sorry", reply) if asked.mood.urgency and reply.citations else reply


def _written(asked: Asked, text: str, citations: tuple[Citation, ...]) -> Reply:
    """What a model wrote, or how it begins."""
    return _soothed(asked, Reply("answer", text, asked.spoken, asked.confidence, citations, written=(text,)))


def _led(key: str, reply: Reply) -> Reply:
    """The reply with one of the product's own phrases before it."""
    return replace(reply, answer=f"{phrase(key, reply.language)}\n{reply.answer}")


def _quoted(asked: Asked) -> Reply:
    """What answers, word for word; said so where it is in another language than the customer's."""
    answer = compose(asked.meant, asked.hits, asked.knowledge)
    text = answer.text
    if base(answer.language) != base(asked.spoken) and base(answer.language) in LANGUAGES:
        source = language_name(answer.language, asked.spoken)
        text = f"{phrase('other_language', asked.spoken, language=source)}\n{text}"
    return Reply("answer", text, asked.spoken, asked.confidence, answer.citations)


def _unsure(asked: Asked) -> Reply:
    """A question back where that may help, and was not asked a moment ago; else a person."""
    offered: Mapping[str, Passage] = {}
    if not asked.conversation.choices and not asked.mood.urgency and not asked.absent:
        offered = choices(asked.question, asked.hits, asked.confidence, asked.language)
    if not offered:
        return _handed_over(reason(asked), asked)
    documents = tuple(passage.document for passage in offered.values())
    said = phrase("did_you_mean", asked.spoken)
    return Reply("clarify", said, asked.spoken, asked.confidence, choices=tuple(offered), offered=documents)


def _asked_back(readings: Sequence[str], asked: Asked) -> Reply:
    """The question which of the readings of a doubtful word was said."""
    said = phrase("did_you_say", asked.language, first=listed(readings[:-1], asked.language), last=readings[-1])
    return Reply("clarify", said, asked.language, asked.confidence, choices=tuple(readings))


def _handed_over(why: Reason, asked: Asked, suggestions: Iterable[Suggestion] | None = None) -> Reply:
    """A call for a person, with what can be suggested to them at once."""
    handoff = hand_over(why, asked)
    handoff = replace(handoff, suggestions=tuple(suggest(asked, AT_ONCE) if suggestions is None else suggestions))
    said = phrase(f"handoff_{FIRST_WORDS.get(asked.mood.feeling, why)}", asked.language)
    return Reply("handoff", said, asked.language, asked.confidence, handoff=handoff)


def _of_all(reply: Reply, asked: Asked) -> Reply:
    """A reply to a message of several questions; what it calls a person with tells of the message as it was sent."""
    if reply.handoff is None:
        return reply
    noted = fields((*asked.conversation.turns, Turn("customer", asked.question, asked.language)))
    package = replace(reply.handoff, fields=noted)
    return replace(reply, handoff=replace(package, summary=summary(package, "en")))


def _told(reply: Reply, asked: Asked, began: float, searched: float) -> Reply:
    """The reply with what was looked for and found, and how long that took and what followed (clock readings)."""
    looked_for = "" if asked.search == asked.question else asked.search
    return replace(
        reply,
        handoff=reply.handoff and replace(reply.handoff, standalone=looked_for),
        hits=tuple(Found(hit.passage.document, hit.passage.id, hit.score) for hit in asked.found),
        milliseconds={"search": 1e3 * (searched - began), "answer": 1e3 * (perf_counter() - searched)},
        standalone=looked_for,
    )
