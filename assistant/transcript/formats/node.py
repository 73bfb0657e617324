"""Reading JSON whose shape nobody vouches for: what is missing is empty, what is wrong is left out and counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import regex

from assistant.heard import Word
from knowledge.language import LANGUAGES, base

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\uFEFF]+")
_TAG = regex.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
_NAMES = {language.english.lower(): tag for tag, language in LANGUAGES.items()}
_OTHER_TAGS = {"cmn": "zh", "fil": "tl", "iw": "he", "in": "id", "mul": "und"}


@dataclass(frozen=True, slots=True)
class WordKeys:
    """How a format names the parts of a word; `per` is how many of its units of time make a second."""

    text: tuple[str, ...] = ("word",)
    start: tuple[str, ...] = ("start",)
    end: tuple[str, ...] = ("end",)
    confidence: tuple[str, ...] = ("confidence",)
    speaker: tuple[str, ...] = ("speaker",)
    per: float = 1.0


@dataclass(frozen=True, slots=True)
class Node:
    """A value of JSON. Where a getter takes several names, the first that holds something counts."""

    value: Any
    noted: Counter[str]
    name: str

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, dict) and self.value.get(name) is not None

    def node(self, *names: str) -> Node:
        """The object under a name."""
        name, value = self._first(names)
        if value is not None and not isinstance(value, dict):
            self._note(name, "that are no objects")
        return Node(value, self.noted, name)

    def nodes(self, *names: str) -> list[Node]:
        """The objects of the list under a name."""
        name, value = self._first(names)
        if value is not None and not isinstance(value, list):
            self._note(name, "that are no lists")
        listed = value if isinstance(value, list) else []
        for _ in range(sum(not isinstance(each, dict) for each in listed)):
            self._note(name, "that are no objects")
        return [Node(each, self.noted, name) for each in listed if isinstance(each, dict)]

    def text(self, *names: str) -> str:
        """What is said, without white space around it, in one line."""
        name, value = self._first(names)
        if value is not None and not isinstance(value, str):
            self._note(name, "that are no text")
        return one_line(value) if isinstance(value, str) else ""

    def label(self, *names: str) -> str:
        """A name, or a number that stands for one."""
        name, value = self._first(names)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and not isinstance(value, str):
            self._note(name, "that are no names")
        return one_line(value) if isinstance(value, str) else ""

    def number(self, *names: str) -> float | None:
        """A number of zero or more, as such or as text ("1.2", "1,2", "1.2s")."""
        name, value = self._first(names)
        number = _number(value)
        if value is not None and number is None:
            self._note(name, "that are no numbers")
        return number

    def place(self, name: str) -> str:
        """The first of a list of numbers, as a label: which of how many."""
        _, value = self._first((name,))
        if value is None:
            return ""
        if not isinstance(value, list) or not value or not isinstance(value[0], int):
            self._note(name, "that are no lists of numbers")
            return ""
        return str(value[0])

    def flag(self, name: str) -> bool:
        """Whether it is so; what is missing is not."""
        _, value = self._first((name,))
        if value is not None and not isinstance(value, bool):
            self._note(name, "that are neither true nor false")
        return value is True

    def seconds(self, *names: str, per: float = 1.0) -> float | None:
        """A time to the millisecond, of a number that counts `per` of its units a second."""
        number = self.number(*names)
        return None if number is None else round(number / per, 3)

    def confidence(self, *names: str) -> float | None:
        """How sure the recogniser is, 0 to 1."""
        number = self.number(*names)
        if number is not None and number > 1:
            self._note(self._first(names)[0], "above 1")
            return None
        return number

    def language(self, *names: str) -> str:
        """A language's tag as the product writes it; `und` where there is none."""
        return language(self.text(*names))

    def day(self, *names: str) -> date | None:
        """The day of a moment ("2026-11-20T09:12:44Z"), as it is written there."""
        name, value = self._first(names)
        try:
            return None if value is None else date.fromisoformat(str(value)[:10])
        except ValueError:
            self._note(name, "that are no days")
            return None

    def spoken(self, name: str, keys: WordKeys) -> list[tuple[str, Word]]:
        """The words of the list under a name, each with its speaker; those without text are left out."""
        heard = [(node.label(*keys.speaker), _word(node, keys)) for node in self.nodes(name)]
        spoken = [(speaker, word) for speaker, word in heard if word.text]
        if len(spoken) < len(heard):
            self.noted["words without text"] += len(heard) - len(spoken)
        return spoken

    def words(self, name: str, keys: WordKeys) -> tuple[Word, ...]:
        """The words of the list under a name."""
        return tuple(word for _, word in self.spoken(name, keys))

    def _first(self, names: tuple[str, ...]) -> tuple[str, Any]:
        held = self.value if isinstance(self.value, dict) else {}
        return next(((name, held[name]) for name in names if held.get(name) not in (None, "")), (names[0], None))

    def _note(self, name: str, what: str) -> None:
        self.noted[f"values of “{name}” {what}"] += 1


def _word(node: Node, keys: WordKeys) -> Word:
    start, end = (node.seconds(*names, per=keys.per) for names in (keys.start, keys.end))
    return Word(node.text(*keys.text), start, end, node.confidence(*keys.confidence))


def one_line(text: str) -> str:
    """The text in one line, without what cannot be seen or written."""
    return " ".join(_CONTROL.sub(" ", text).split())


def language(name: str) -> str:
    """The tag of a language under any of its names: `ta` of "ta-IN", "ta_in", "Tamil"; `und` where it is none."""
    tag = name.strip().lower().replace("_", "-")
    if tag in _NAMES:
        return _NAMES[tag]
    if not _TAG.fullmatch(tag):
        return "und"
    found = _OTHER_TAGS.get(base(tag), base(tag))
    return f"{found}-Latn" if "latn" in tag.split("-") and f"{found}-Latn" != "en-Latn" else found


def numeral(label: str) -> int | str:
    """A label as formats with numbered speakers and channels write it."""
    return int(label) if label.isascii() and label.isdigit() and str(int(label)) == label else label


def first_language(nodes: Iterable[Node], name: str) -> str:
    """The first language that a node has under a name; `und` where none has one."""
    return next((tag for node in nodes if (tag := node.language(name)) != "und"), "und")


def texts(nodes: Iterable[Node], *names: str) -> tuple[str, ...]:
    """What each node says, each once."""
    return tuple(dict.fromkeys(said for node in nodes if (said := node.text(*names))))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.strip().removesuffix("s").replace(",", ".") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None
