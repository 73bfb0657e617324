"""What a terminal shows: replies, reviews of calls and what indexing did, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what a command does not need is not loaded for it
    from assistant.reply import Reply
    from assistant.transcript.promises import Promise
    from assistant.transcript.review import Review
    from knowledge import Indexed

NAMED = 8
"""Files of a kind that are named after indexing; `--json` names all."""


def addresses(links: Mapping[str, str]) -> str:
    """The server's addresses as a person reads them; the link that makes the first admin last."""
    lines = [f"{name:10}{link}" for name, link in links.items() if name != "first"]
    if "first" in links:
        lines += ["", "Nobody can sign in yet. This link, good for once and two days, makes the admin:", links["first"]]
    return "\n".join(lines)


def indexing(indexed: Indexed) -> str:
    """What indexing did, a line a kind."""
    kinds = {"indexed": indexed.added, "unchanged": indexed.unchanged, "removed": indexed.removed}
    lines = [f"{kind:10}{len(names):5}  {named(names)}".rstrip() for kind, names in kinds.items()]
    counts = {"refused": len(indexed.refused), "passages": indexed.passages}
    return "\n".join([*lines, *(f"{kind:10}{count:5}" for kind, count in counts.items()), *warned(indexed)])


def warned(indexed: Indexed) -> Iterator[str]:
    """What somebody has to look at: a line for passages that are quoted to nobody, and one for hidden text."""
    flagged = [f"{each.source}: “{each.excerpt}” ({', '.join(each.flags)})" for each in indexed.hostile if each.flags]
    hidden = [f"{each.source}: “{each.excerpt}”" for each in indexed.hostile if not each.flags]
    if flagged:
        yield f"Speaks to a machine or holds unseen signs, quoted to nobody ({len(flagged)}): {named(flagged)}"
    if hidden:
        yield f"Hidden from readers, left out ({len(hidden)}): {named(hidden)}"


def named(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def rest(said: str, text: str) -> str:
    """What to print behind what was said so far, so that the text stands there: its rest, or else all of it anew."""
    return text[len(said) :] if text.startswith(said) else f"\n\n{text}"


def reply(given: Reply) -> str:
    """A reply as a person reads it: the answer, its choices, its sources, and why a person was called."""
    lines = [given.answer, *(f"  • {choice}" for choice in given.choices)]
    for number, citation in enumerate(given.citations, 1):
        page = f", p. {citation.page}" if citation.page else ""
        lines.append(f"[{number}] {citation.title or citation.document} ({citation.source}{page})")
    if given.handoff:
        lines.append(f"→ {given.handoff.reason}: {given.handoff.summary}")
    return "\n".join(lines)


def review(made: Review) -> str:
    """A call's review as a person reads it."""
    lines = [made.summary]
    for number, each in enumerate(made.asked, 1):
        lines += [
            "",
            f"{number}. {each.question.text}",
            *([f"   agent: {each.question.answer}"] * bool(each.question.answer)),
        ]
        lines += [f"   {line}" for line in reply(each.reply).splitlines() if line.strip()]
        lines.append(f"   confidence {each.reply.confidence.value:.2f}")
        for wrong in each.contradictions:
            lines.append(f"   ! the agent said “{wrong.said}”; {wrong.title or wrong.document} says “{wrong.quote}”")
    kinds = {
        "promised": [" ".join([each.text, *_by_when(each)]) for each in made.promises],
        "noted": [f"{each.kind} {each.value}" for each in made.fields],
        "skipped": list(made.call.skipped),
    }
    return "\n".join(
        [*lines, *([""] * any(kinds.values())), *(f"{kind:10}{one}" for kind, told in kinds.items() for one in told)]
    )


def _by_when(promise: Promise) -> list[str]:
    """By when it was promised, in brackets: as it was said, with the day that it is."""
    told = zip_longest(promise.due, promise.dates, fillvalue="")
    due = ", ".join(f"{said}: {day}" if day else said for said, day in told)
    return [f"({due})"] if due else []


def calls(figures: Mapping[str, Any]) -> str:
    """What a folder of calls amounts to, a line a kind."""
    counts = {
        "calls": figures["calls"],
        "questions": figures["questions"],
        "answered": figures["actions"].get("answer", 0),
        "contradictions": len(figures["contradictions"]),
        "promises": len(figures["promises"]),
    }
    places = {name: figures[name] for name in ("report", "suite") if name in figures}
    return "\n".join(f"{name:16}{value}" for name, value in (counts | places).items())
