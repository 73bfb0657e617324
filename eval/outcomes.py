"""What a target did with a case, and how that is written as one line of `outcomes.jsonl`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from assistant.privacy import found, masked
from assistant.reply import Action
from eval.suite import Case


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case and what came of it.

    `hits` are the ids of the documents found, best first and without repeats, or None where the target does not tell
    its ranking; `citations` are mappings with `document`, `quote`, `start` and `end`; `milliseconds` is the time the
    customer waited; `error` says why the case crashed: see `crashed`; `offered` are the documents behind the choices of
    a question back, None where the target does not tell them; `unsupported` is the share of the sentences that a model
    wrote that nothing they cite supports, None where none was written, or the texts are not here.
    """

    case: Case
    action: Action
    answer: str = ""
    language: str = "und"
    confidence: float | None = None
    citations: tuple[Mapping[str, Any], ...] = ()
    hits: tuple[str, ...] | None = None
    milliseconds: float | None = None
    error: str | None = None
    signals: Mapping[str, float] = field(default_factory=dict)
    offered: tuple[str, ...] | None = None
    unsupported: float | None = None

    @classmethod
    def of(cls, case: Case, reply: Mapping[str, Any], milliseconds: float | None = None) -> Outcome:
        """The outcome of a reply as JSON (`Reply.json()`); a reply needs nothing but its `answer`."""
        hits = reply.get("hits")
        return cls(
            case=case,
            action=reply.get("action") or "answer",
            answer=reply["answer"],
            language=reply.get("language") or "und",
            confidence=reply.get("confidence"),
            citations=tuple(reply.get("citations") or ()),
            hits=None if hits is None else _documents(hits),
            milliseconds=milliseconds,
            signals=reply.get("signals") or {},
            offered=tuple(reply["offered"]) if reply.get("offered") else None,
        )

    @classmethod
    def crashed(cls, case: Case, error: str, milliseconds: float | None = None) -> Outcome:
        """The outcome of a crash: a person is called and nothing was found, so that it counts against the target."""
        return cls(case, "handoff", hits=(), milliseconds=milliseconds, error=error)

    @property
    def answered(self) -> bool:
        """Whether anything was answered: all that was asked, or a part, with its sources, a person the rest."""
        return self.action == "answer" or (self.action == "handoff" and bool(self.citations))

    @property
    def searched(self) -> bool | None:
        """Whether the knowledge was searched for it; None where the target does not tell its ranking."""
        return None if self.hits is None else bool(self.hits)

    def json(self) -> dict[str, Any]:
        """The outcome as one line of `outcomes.jsonl` holds it, its case included.

        What the customer told that is personal is masked, wherever in it that stands.
        """
        record = {each.name: getattr(self, each.name) for each in fields(self)} | {"case": self.case.json()}
        case = self.case
        told = [turn.text for turn in case.history if turn.speaker != "assistant"]
        own = {one.value for text in (case.question, *case.alternatives, *told) for one in found(text)}
        return _without(record, own) if own else record

    @classmethod
    def read(cls, record: Mapping[str, Any]) -> Outcome:
        """The outcome that `json` wrote."""
        hits = None if record["hits"] is None else tuple(record["hits"])
        offered = tuple(record["offered"]) if record.get("offered") else None
        read = {
            "case": Case.read(record["case"]),
            "citations": tuple(record["citations"]),
            "hits": hits,
            "offered": offered,
        }
        return cls(**{**record, **read})


def _without(record: Any, own: Collection[str]) -> Any:
    """A record as JSON has them, with these pieces of personal data masked in all its texts."""
    if isinstance(record, str):
        return masked(record, own)
    if isinstance(record, Mapping):
        return {name: _without(value, own) for name, value in record.items()}
    return [_without(value, own) for value in record] if isinstance(record, list | tuple) else record


def _documents(hits: Iterable[Any]) -> tuple[str, ...]:
    """The documents of a ranking of passages (or plain ids), each once, at its best place."""
    return tuple(dict.fromkeys(hit["document"] if isinstance(hit, Mapping) else str(hit) for hit in hits))
