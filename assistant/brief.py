"""What a chat model tells an agent of a handoff, in the agent's language: what it is about, and the question."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from time import monotonic

from assistant.claims import figures
from assistant.connection import Connection, ModelFailed
from assistant.conversation import Conversation
from assistant.privacy import masked
from assistant.prompts import briefing, translating
from assistant.reply import Handoff
from knowledge import base, detect
from knowledge.language import script_of

LONGEST = 900
"""Characters of a summary: one paragraph."""
WORDIER = 3
"""How many times as long as a question its translation may be, a few words aside."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A summary of the talk, and the question translated: empty where the customer writes the agent's language."""

    summary: str
    question: str = ""


def brief(package: Handoff, conversation: Conversation, language: str, model: Connection, seconds: float) -> Brief:
    """Both in a language (a tag), within `seconds`, personal data masked.

    Raises ModelFailed, also where what it writes is in another language, is too long, or tells a figure that was not
    told: so far it is checked, and no further.
    """
    end = monotonic() + seconds
    told = [(turn.text, turn.language) for turn in conversation.turns]
    messages = briefing(conversation.turns, package.reason, language)
    text = _checked("".join(model.stream(messages, seconds)), told, language, LONGEST)
    if base(package.language) == base(language):
        return Brief(text)
    asked, longest = [(package.question, package.language)], 100 + WORDIER * len(package.question)
    messages = translating(package.question, language)
    return Brief(text, _checked("".join(model.stream(messages, end - monotonic())), asked, language, longest))


def _checked(text: str, told: list[tuple[str, str]], language: str, longest: int) -> str:
    """The text; its numbers, codes and addresses must stand, in digits or words, in what was told."""
    text = " ".join(text.split())
    written = detect(text, fallback=language)
    if not text or len(text) > longest:
        raise ModelFailed(f"It wrote {len(text)} characters; 1 to {longest} were expected.")
    if base(written.tag) != base(language) or written.script not in (script_of(language), "Zyyy"):
        raise ModelFailed(f"It wrote {written.tag} in {written.script}; {language} was expected.")
    known = _numbers(figures(masked(said), tag) | figures(masked(said), "und") for said, tag in told)
    if invented := _numbers([figures(text, "und")]) - known:
        raise ModelFailed(f"It tells figures that nobody told: {', '.join(sorted(invented))}.")
    return text


def _numbers(told: Iterable[Set[str]]) -> set[str]:
    """Figures without their units, whose words differ from language to language."""
    return {figure.split()[0] for figures in told for figure in figures}
