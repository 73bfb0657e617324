"""Telephone calls as they happen, over a WebSocket: each is a conversation on the desk, answered as in a chat.

A call that cannot be helped, or heard, leaves with the package for the person who takes it on.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any

import phonenumbers
import regex
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from assistant.asked import Asked
from assistant.assistant import Assistant
from assistant.channels import metrics
from assistant.channels.ahead import Ahead
from assistant.channels.chat import say
from assistant.channels.problems import problem, shut
from assistant.channels.relay import Failed, Interrupt, Json, Key, Message, Prompt, Setup, end, read, refusal, text
from assistant.channels.shedding import Turns
from assistant.channels.streams import Places
from assistant.connection import ModelFailed
from assistant.conversation import LONGEST, Conversation, Turn
from assistant.desk import Desk
from assistant.handoff import hand_over
from assistant.heard import Heard
from assistant.phrases import intent, locale, phrase
from assistant.privacy import found, masked
from assistant.reply import CERTAIN, Reply, Shown
from assistant.speech.spoken import ENDS, Spoken, spoken
from knowledge import base

log = logging.getLogger(__name__)

QUIET = 10.0
"""Seconds that a caller may be silent before they are asked whether they are there."""
PACE = 12.0
"""Characters said in a second: a call must not leave before what was said last has been heard."""
TRIES = 3
"""Times in a row that a caller is silent or not understood, after which a person is called."""
HANG_UP = 5.0
"""Seconds that the other side has to close a connection whose call has left."""
SURE = 15
"""Letters from which an utterance tells that the caller has changed the language, and not only used a foreign word."""
WAITING = 64
"""Messages of a call that may wait while the assistant answers; then the network waits."""
CALL = (("calls", ""),)
"""What a call counts as, among the streams that are open."""
PERSON = "0"
"""The key that calls a person."""

_NOISE = regex.compile(r"\[[^\]]*\]|\([^)]*\)|<[^>]*>|\*[^*]*\*")
"""What recognisers write for what was no speech."""
_SIGN = regex.compile(r"[\p{L}\p{M}\p{N}]")


# Without a token no call from elsewhere is answered: an empty one opens nothing.
def mount(
    app: FastAPI, assistant: Assistant, desk: Desk, token: str = "", *, pace: float = PACE, turns: Turns | None = None
) -> FastAPI:  # nosec B107
    """The app with calls at /api/v1/voice; `token` is that of the Twilio account whose calls are answered.

    What is said in a call takes its turn among all messages; who calls while too many wait is told to call again.
    """
    calls: dict[str, Call] = {}
    places, turns = Places(), turns or Turns()

    @app.websocket("/api/v1/voice")
    async def voice(socket: WebSocket) -> None:
        if why := refusal(socket, token):
            await socket.send_denial_response(problem(HTTPStatus.FORBIDDEN, why))
            return
        if places.full(CALL) or turns.full:
            why = "Too many calls are being answered; call again in a moment."
            await shut(socket, HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, why))
            return
        await socket.accept()
        with places.taken(CALL), suppress(WebSocketDisconnect):
            await attend(socket, partial(Call, assistant, desk, token, pace, calls), turns)
            await left(socket)

    return app


async def attend(socket: WebSocket, begin: Callable[[Callable[[Json], None]], Call], turns: Turns) -> None:
    """Hear and answer until the call leaves. Raises WebSocketDisconnect where the caller hangs up.

    The newest of what is still being said is answered ahead, unless others wait for their turn; what a model writes is
    said while it does.
    """
    loop, messages = asyncio.get_running_loop(), asyncio.Queue[Message | None](WAITING)

    def tell(out: Json) -> None:
        try:
            asyncio.run_coroutine_threadsafe(socket.send_json(out), loop).result()
        except (RuntimeError, WebSocketDisconnect) as error:
            raise ModelFailed("The caller is gone.") from error

    call = begin(tell)
    newest: list[Message] = []
    early: asyncio.Future[None] | None = None
    hearing = asyncio.ensure_future(hear(socket, call, messages))
    try:
        while not call.over:
            step: Callable[[], Iterable[Json]] = call.wait
            with suppress(TimeoutError):
                async with asyncio.timeout(call.patience):
                    message = await messages.get()
                if message is None:
                    raise WebSocketDisconnect
                coming = isinstance(message, Setup) or (isinstance(message, Prompt) and not message.last)
                newest[:] = [message] if coming else []
                if newest and turns.free and (early is None or early.done()):
                    early = asyncio.ensure_future(foresee(call, newest))
                step = partial(call.take, message)
            async with turns.taken():
                told = await run_in_threadpool(call.surely, step)
            for out in told:
                await socket.send_json(out)
    finally:
        call.close()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)


async def hear(socket: WebSocket, call: Call, messages: asyncio.Queue[Message | None]) -> None:
    """Take in what comes, whatever the assistant is doing; None where the connection ends.

    Who interrupts, or hangs up, is not told any more of what is just being said.
    """
    with suppress(WebSocketDisconnect):
        while True:
            try:
                message = read(await received(socket))
            except ValueError as error:
                log.warning("A message of a call is left out: %s", str(error).partition("\n")[0])
                continue
            if isinstance(message, Interrupt):
                call.hush()
            await messages.put(message)
    call.hush()
    await messages.put(None)


async def foresee(call: Call, newest: list[Message]) -> None:
    """Think ahead, always from the newest message; those between are left out."""
    while newest:
        await run_in_threadpool(call.foresee, newest.pop())


async def received(socket: WebSocket) -> str | None:
    """The next message's text, None where it is bytes."""
    event = await socket.receive()
    if event["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(event.get("code", 1000))
    said: str | None = event.get("text")
    return said


async def left(socket: WebSocket) -> None:
    """Wait for the other side to close the connection, and close it where it does not."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HANG_UP):
            while True:
                await received(socket)
    await socket.close()


class Call:
    """One telephone call: messages are taken in, and messages come out.

    `over` tells that it has left. The conversation's id is made from the call's, so that a call whose connection was
    lost goes on where it was, and nobody who knows the call's can read it; of `calls`, by id, it takes the place of the
    one before it. `tell` sends a message at once, from any thread.
    """

    def __init__(
        self,
        assistant: Assistant,
        desk: Desk,
        token: str,
        pace: float,
        calls: MutableMapping[str, Call],
        tell: Callable[[Json], None],
    ) -> None:
        self._assistant, self._desk, self._token, self._pace = assistant, desk, token, pace
        self._ahead = Ahead(assistant)
        self._calls, self._tell = calls, tell
        self._id = ""
        self._languages: list[str] = []
        self._spoken = self._recognised = ""  # the tags that the other side speaks and hears in now
        self._answer: Reply | None = None
        self._told = self._words = ""  # what was said of it until now, and last
        self._begun = ""  # how it began to be said, while a model writes it
        self._rest: int | None = None  # where it goes on, if the caller wishes to hear more
        self._misses = 0
        self._leaving = self._hushed = self._asked = self.over = False
        self._until = monotonic()  # when what was said has been heard

    @property
    def patience(self) -> float:
        """Seconds until something must be done though nothing is heard."""
        return max(0.0, self._until - monotonic()) + (0 if self._leaving else QUIET)

    def surely(self, step: Callable[[], Iterable[Json]]) -> list[Json]:
        """What a step says; whatever fails in it is logged, said to the caller, and ends the call."""
        try:
            return list(step())
        except Exception:
            log.exception("A call failed; it leaves.")
            self.over = True
            why = f"{phrase('reason_model_failure', 'en')}."
            package = {"conversation": self._id, "reason": "model_failure", "summary": why}
            return [text(phrase("handoff_model_failure", self._language)), end(package)]

    def take(self, message: Message) -> Iterable[Json]:
        """What is said to a message."""
        if self._passed_on():
            return []
        if not isinstance(message, Failed) and isinstance(message, Setup) == bool(self._id):
            log.warning("A message came before its call began, or a second beginning; it is left out.")
            return []
        steps: Mapping[type[Message], Callable[[Any], Iterable[Json]]] = {
            Setup: self._begin,
            Prompt: self._heard,
            Interrupt: self._interrupted,
            Key: self._pressed,
            Failed: self._failed,
        }
        return steps[type(message)](message)

    def wait(self) -> Iterator[Json]:
        """What is done when nothing was heard for as long as `patience`."""
        if self._passed_on():
            return
        if self._leaving or not self._id:
            self.over = True
            yield end(self._package())
        else:
            yield from self._missed("still_there")

    def hush(self) -> None:
        """Say no more of what a model is writing, where something of it was said: the caller speaks."""
        self._hushed = bool(self._words)

    def foresee(self, message: Message) -> None:
        """Answer what may become the question, for when it does; read and compile what the call's languages need."""
        try:
            if isinstance(message, Setup):
                self._assistant.warm(offered(message), heard=True, enough=lambda: self._asked)
            elif isinstance(message, Prompt) and self._id and not self._leaving:
                said = message.text.strip()[-LONGEST:]
                heard = message.heard(said, "voice")
                if intelligible(said) and heard:
                    self._ahead.think(said, self._desk.conversation(self._id), heard)
        except Exception as error:  # it fails again, and is told, where it is asked
            log.warning("Thinking ahead failed: %s", error)

    def close(self) -> None:
        """The connection has ended."""
        if self._calls.get(self._id) is self:
            del self._calls[self._id]

    def _passed_on(self) -> bool:
        """Whether the call goes on over another connection: then this one is over, and says nothing."""
        self.over = bool(self._id) and self._calls.get(self._id) is not self
        return self.over

    @property
    def _language(self) -> str:
        return self._spoken or "en"

    def _begin(self, setup: Setup) -> Iterator[Json]:
        self._id = hmac.digest(self._token.encode(), setup.call.encode(), "sha256").hex()[:32]
        self._calls[self._id] = self
        talk = self._desk.start("voice", self._id, customer=number_of(setup.caller))
        self._languages = offered(setup)
        if self._languages:
            self._spoken = self._recognised = self._languages[0]
            if not talk.turns:
                yield from self._say(phrase("introduction", self._language))

    def _heard(self, prompt: Prompt) -> Iterator[Json]:
        if not prompt.last:
            return
        self._asked = True
        self._spoken = self._spoken or prompt.language
        self._recognised = prompt.language or self._recognised
        said = prompt.text.strip()[-LONGEST:]
        if self._answer and self._rest and intent(said) == "acknowledgement":
            yield from self._go_on(said, self._answer, self._rest)
        elif intelligible(said):
            meant = pointed(said, self._desk.conversation(self._id))
            yield from self._reply(meant, prompt.heard(said, "voice") if meant == said else None)
        else:
            yield from self._missed("not_understood")

    def _pressed(self, key: Key) -> Iterator[Json]:
        choices = self._desk.conversation(self._id).choices
        if key.digit == PERSON:
            yield from self._reply(phrase("talk_to_person", self._language))
        elif key.digit.isdecimal() and 0 < int(key.digit) <= len(choices):
            yield from self._reply(choices[int(key.digit) - 1])
        elif choices:
            yield from self._missed("not_understood")

    def _failed(self, failed: Failed) -> Iterable[Json]:
        log.warning("The other side of a call reports: %s", failed.description)
        return []

    def _interrupted(self, interrupt: Interrupt) -> Iterable[Json]:
        """Keep of the last answer only what was heard."""
        self._until = monotonic()
        if self._answer and _letters(interrupt.heard) < _letters(self._words):
            self._keep(self._answer, f"{self._told} {interrupt.heard}".strip())
        self._answer = None
        return []

    def _keep(self, answer: Reply, heard: str) -> None:
        """Of the last answer, keep only what was said and heard."""
        self._desk.cut(self._id, answer.answer, heard)
        self._answer = replace(answer, answer=heard)

    def _reply(self, said: str, heard: Heard | None = None) -> Iterator[Json]:
        """The assistant's reply, and the place in the queue of who waits for a person; then the call leaves."""
        self._misses, self._hushed = 0, False
        self._told = self._words = self._begun = ""
        self._until = monotonic()
        self._answer = say(self._ahead, self._desk, self._id, said, self._drafting(said), heard=heard)
        if self._leaving:
            return  # it is written down for the person, and the caller was told
        language = self._answer.language if self._answer else self._language
        begun = self._answer.spoken if self._answer else Spoken("", "")
        self._rest = begun.rest
        if (self._answer and self._answer.handoff) or self._desk.handoff(self._id):
            self._leaving = True
            placed = self._answer and not self._answer.handoff  # who has waited was just told their place
            queue = "" if placed else self._queue(language)
            yield from self._more(f"{begun.text} {queue}".strip(), language, said)
        elif self._answer and self._hushed:
            self._keep(self._answer, self._words)
        elif self._answer:
            self._leaving = intent(said) == "farewell"
            yield from self._more(begun.text, language, said)

    def _drafting(self, said: str) -> Shown:
        """Says each sentence that a model has written as soon as it has passed its check."""

        def shown(draft: Reply) -> None:
            if self._hushed:
                raise ModelFailed("The caller speaks.")
            for out in self._more(draft.spoken.text, draft.language, said, last=False):
                self._tell(out)

        return shown

    def _go_on(self, said: str, answer: Reply, rest: int) -> Iterator[Json]:
        """More of an answer that was too long to be said at once; it stands whole in the talk already."""
        self._misses = 0
        self._desk.append(self._id, Turn("customer", said, answer.language, channel="voice"))
        more = spoken(answer, rest)
        self._told, self._rest = f"{self._told} {self._words}".strip(), more.rest
        self._words = self._begun = ""
        yield from self._more(more.text, answer.language)

    def _missed(self, key: str) -> Iterator[Json]:
        """What is said to a caller who was not understood; a person, where that goes on."""
        self._misses += 1
        if self._misses < TRIES:
            yield from self._say(phrase(key, self._language))
            return
        talk = self._desk.conversation(self._id)
        asked = next((turn.text for turn in reversed(talk.turns) if turn.speaker == "customer"), "")
        language = base(self._language)
        said = Turn("assistant", phrase("handoff_unheard", language), language, channel="voice")
        handoff = hand_over("unheard", Asked(asked, language, talk, self._assistant.retriever))
        if self._desk.append(self._id, said, if_status="pending", handoff=handoff):
            metrics.handed_over(handoff.reason)
        self._leaving = True
        yield from self._say(f"{said.text} {self._queue(language)}")

    def _queue(self, language: str) -> str:
        """The caller's place among those who wait for a person."""
        place = self._desk.place(self._id)
        told = phrase("waiting", language, place=place) if place else phrase("waiting_no_place", language)
        return Reply("answer", told, language, CERTAIN).spoken.text

    def _more(self, words: str, language: str, said: str = "", last: bool = True) -> Iterator[Json]:
        """What of the words the caller was not told yet."""
        new, self._begun = beyond(self._begun, words), words
        self._words = f"{self._words} {new}".strip()
        if new or last:
            yield from self._say(new, language, said, last)

    def _say(self, words: str, language: str = "und", said: str = "", last: bool = True) -> Iterator[Json]:
        """The words, in a voice of their language; where the caller has changed theirs, it is listened to as well."""
        tag = voice_of(language, self._languages)
        if tag and base(tag) != base(self._spoken):
            change = {"ttsLanguage": tag}
            if base(self._recognised) != base(tag) and _letters(said) >= SURE:
                change["transcriptionLanguage"] = self._recognised = tag
            self._spoken = tag
            yield {"type": "language", **change}
        self._until = max(self._until, monotonic()) + len(words) / self._pace
        yield text(words, last)

    def _package(self) -> Json | None:
        """What whoever takes the call on gets: everything that the desk has, but no card's number."""
        handoff = self._desk.handoff(self._id) if self._id else None
        if handoff is None:
            return None
        package = {"conversation": self._id, "place": self._desk.place(self._id), **asdict(handoff)}
        return {key: uncarded(value) for key, value in package.items()}


def offered(setup: Setup) -> list[str]:
    """The tags that a call may be spoken in, as its TwiML names them, that of its beginning first."""
    return (setup.parameters or {}).get("languages", "").replace(",", " ").split()


def _letters(said: str) -> int:
    return len(_SIGN.findall(said))


def beyond(said: str, words: str) -> str:
    """What of the words was not said yet; all of them, where they do not go on from it."""
    begun = said.rstrip(ENDS)
    return words[len(begun) :].lstrip(f"{ENDS} ") if words.startswith(begun) else words


def intelligible(said: str) -> bool:
    """Whether a recogniser heard any word."""
    return bool(_SIGN.search(_NOISE.sub("", said)))


def pointed(said: str, talk: Conversation) -> str:
    """What was said; where it is the number of a choice, the choice."""
    number = regex.sub(r"[\p{P}\s]", "", said)
    place = unicodedata.decimal(number, 0) if len(number) == 1 else 0
    return talk.choices[place - 1] if 0 < place <= len(talk.choices) else said


def voice_of(language: str, tags: Sequence[str]) -> str:
    """The tag to speak a language in; where any are given, one of them. Empty where it cannot be spoken."""
    return next((tag for tag in tags if base(tag) == base(language)), "") if tags else locale(language)


def number_of(caller: str | None) -> str | None:
    """The caller's number, where it is one: networks invent others for who hides theirs."""
    try:
        valid = phonenumbers.is_valid_number(phonenumbers.parse(caller or ""))
    except phonenumbers.NumberParseException:
        return None
    return caller if valid else None


def uncarded(value: Any) -> Any:
    """A value of JSON without the numbers of cards, which must not travel with a call."""
    if isinstance(value, str):
        return masked(value, {one.value for one in found(value) if one.kind == "card"})
    if isinstance(value, dict):
        return {key: uncarded(each) for key, each in value.items()}
    return [uncarded(each) for each in value] if isinstance(value, list | tuple) else value
