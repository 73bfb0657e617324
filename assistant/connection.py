"""The connection to a chat model: its words as they come, and every way of failing made one, in time."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from itertools import chain
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

from tenacity import (
    Retrying,
    retry_if_exception,
    sleep_using_event,
    stop_after_attempt,
    stop_when_event_set,
    wait_random_exponential,
)

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk

Message = tuple[str, str]
"""A role (system, human) and what it says."""

ATTEMPTS = 3
"""Times that a model is asked where it surely was not reached."""
TRIPS = 3
"""Failures in a row after which a model is left alone."""
PAUSE = 30.0
"""Seconds for which it is left alone; then one question tries it."""
LONGEST = 6000
"""Characters of an answer; what writes more does not end."""

_BUSY = 429
"""The HTTP status of a server that did not take a request."""
_CUT = {"length", "max_tokens", "content_filter"}
"""Reasons for which a model stops before its answer ends."""


class ModelFailed(Exception):
    """The model gave no whole answer; the text says how."""


class Circuit:
    """Open after TRIPS failures in a row; then one trial in every `pause` seconds, until one succeeds."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        self._failures = 0
        self._since = 0.0
        self._lock = Lock()

    def lets_through(self) -> bool:
        """Whether the model may be asked now; of many who ask while it is open, one may try."""
        with self._lock:
            if self._failures < TRIPS:
                return True
            if monotonic() - self._since < self._pause:
                return False
            self._since = monotonic()
            return True

    def record(self, success: bool) -> None:
        """What became of a question that was let through."""
        with self._lock:
            self._failures = 0 if success else self._failures + 1
            self._since = monotonic()


class Connection:
    """A chat model that answers in time or fails with ModelFailed; safe for many threads.

    `failures` is how often it failed since it was opened.
    """

    def __init__(self, model: BaseChatModel, circuit: Circuit | None = None) -> None:
        self._model = model
        self._circuit = circuit or Circuit()
        self.failures = 0

    def stream(self, messages: Sequence[Message], seconds: float) -> Iterator[str]:
        """The answer's pieces as they come, all of them within `seconds`. Raises ModelFailed, also in the middle.

        It is asked again only where it surely was not reached: what may be on its way is never asked for twice.
        """
        if not self._circuit.lets_through():
            raise ModelFailed(f"It failed {TRIPS} times in a row and is left alone for a while.")
        try:
            yield from self._read(messages, monotonic() + seconds)
        except ModelFailed:
            self.failures += 1
            self._circuit.record(success=False)
            raise
        self._circuit.record(success=True)

    def _read(self, messages: Sequence[Message], deadline: float) -> Iterator[str]:
        """What a thread hears; it is left behind where it hears nothing, as no library's call can be broken off."""
        heard: SimpleQueue[str | Exception | None] = SimpleQueue()
        gone = Event()
        Thread(target=self._listen, args=(messages, heard, gone), daemon=True).start()
        length = 0
        try:
            while (piece := _next(heard, deadline)) is not None:
                length += len(piece)
                if length > LONGEST:
                    raise ModelFailed("It does not end.")
                yield piece
        finally:
            gone.set()

    def _listen(self, messages: Sequence[Message], heard: SimpleQueue[str | Exception | None], gone: Event) -> None:
        try:
            for chunk in self._asked(messages, gone):
                heard.put(str(chunk.text))
                if gone.is_set():
                    return
                if _CUT & {chunk.response_metadata.get(key) for key in ("finish_reason", "done_reason")}:
                    raise ModelFailed("It stopped before its answer ended.")
            heard.put(None)
        except Exception as error:  # a model is another's code, and may fail in any way
            heard.put(error)

    def _asked(self, messages: Sequence[Message], gone: Event) -> Iterator[AIMessageChunk]:
        asking = Retrying(
            retry=retry_if_exception(_not_reached),
            stop=stop_after_attempt(ATTEMPTS) | stop_when_event_set(gone),
            wait=wait_random_exponential(multiplier=0.2, max=2.0),
            sleep=sleep_using_event(gone),
            reraise=True,
        )
        return asking(self._begun, messages)

    def _begun(self, messages: Sequence[Message]) -> Iterator[AIMessageChunk]:
        """The answer, once its first piece is here: what fails later is not asked for again."""
        chunks = iter(self._model.stream(list(messages)))
        return chain([piece for piece in [next(chunks, None)] if piece is not None], chunks)


def _next(heard: SimpleQueue[str | Exception | None], deadline: float) -> str | None:
    left = deadline - monotonic()
    try:
        piece = heard.get(timeout=max(left, 0.0)) if left > 0 else None
    except Empty:
        left = 0.0
    if left <= 0:
        raise ModelFailed("It took too long.")
    if isinstance(piece, ModelFailed):
        raise piece
    if isinstance(piece, Exception):
        raise ModelFailed(f"{type(piece).__name__}: {piece}") from piece
    return piece


def _not_reached(error: BaseException) -> bool:
    """Whether a request was surely not carried out: nobody was there, or the server said that it is too busy."""
    if getattr(error, "status_code", None) == _BUSY:
        return True
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ConnectionRefusedError | socket.gaierror):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
