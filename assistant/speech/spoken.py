"""Replies fit to be spoken: a sentence or two in plain words, one question at most, the source named by its title.

The rules hold whatever the reply says, as they are kept here and by nobody else: no marks of citations, no markup, no
links, figures in words, a long list begun and its rest offered, choices as one question.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import PurePath
from typing import Protocol
from xml.sax.saxutils import escape, quoteattr  # XML is written here, and none is read # nosec B406

import regex

from assistant.conversation import Citation
from assistant.phrases import holds, language_name, phrase
from assistant.speech.aloud import aloud
from knowledge import LANGUAGES, base, detect
from knowledge.documents import JOIN
from knowledge.text import UNSPACED, sentences

MOST = 2
"""Sentences of a spoken reply."""
LONG = 3
"""Lines from which a list is told point by point."""
CERTAIN = 40
"""Letters from which a text in the same script is believed to be in another language."""
NAMESPACE = "http://www.w3.org/2001/10/synthesis"
"""Of the Speech Synthesis Markup Language 1.1 (W3C Recommendation, 7 September 2010)."""
PAUSE = '<break strength="medium"/>'

_MARK = regex.compile(r"\s*\[\s*\p{N}{1,3}(?:\s*,\s*\p{N}{1,3})*\s*\]")
_LINK = regex.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = regex.compile(r"(?:https?://|www\.)[^\s<>)]*[^\s<>).,;:!?]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_BULLET = regex.compile(r"^\s*(?:[-*+•–]|#{1,6}|>)\s+")
_STEP = regex.compile(r"^\s*\p{N}{1,2}[.)]\s+(?=\D)")
_MARKUP = regex.compile(r"\*+|`+|~~|(?<!\w)_+|_+(?!\w)|\p{Emoji_Presentation}|[\ufe0f\u200d]|[#|<>\\^{}@]|[\"“”„‟«»]")
_PAUSED = regex.compile(r"\s*[()\[\]›→]\s*|\s+[–—-]\s+|\s*…\s*|\s*/\s+|\s+/\s*")
_DOUBLED = regex.compile(r"\s*,(?:\s*,)+|,\s*(?=[.;:!?।؟])|(?<=[:;])\s*,")
_LATIN = regex.compile(r"\p{Latin}\P{Common}*\p{Latin}{20}")
_FILE = regex.compile(r"\S+\.[a-z]\w{1,4}|\S+[_-]\S*\.\S+", regex.IGNORECASE)
_UNLETTERED = regex.compile(r"[^\p{L}\p{M}\p{N}]+")
_SPACES = regex.compile(r"\s+")
_CELL = regex.compile(r"(?P<label>[^:;]+):\s+(?P<value>.+)|(?P<alone>.+)")
_IN_LABEL = regex.compile(r"\s*\((?P<unit>[₹€$฿%]|Ft|บาท|Rs\.?)\)$")
ENDS = ".!?।؟۔…:;,،"
_QUESTION = ("?", "؟", "？")
_ASKED = regex.compile(f"[{''.join(_QUESTION)}]")
_SAID, _TITLE = "\ue000", "\ue001"
"""Stand for what is said and for the title while a phrase around them is put into words."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is said, plain and as SSML 1.1; `rest` is where it goes on if the customer wants to hear more, else None."""

    text: str
    ssml: str
    rest: int | None = None


class Speakable(Protocol):
    """What of a reply is spoken."""

    @property
    def answer(self) -> str:
        """What is shown."""

    @property
    def language(self) -> str:
        """The customer's language."""

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where the answer is from."""

    @property
    def choices(self) -> tuple[str, ...]:
        """What the customer may have meant."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a sentence in one language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One sentence of an answer, its language, and the line it is from; `step` where the lines are numbered."""

    text: str
    language: str
    line: int
    step: bool


Sentence = list[Part]


def spoken(reply: Speakable, begin: int = 0) -> Spoken:
    """A reply as it is said, from the sentence `begin` of its answer, which is `rest` of what was said before."""
    language = reply.language if reply.language != "und" else "en"
    if reply.choices:
        return _written_down([_choice(reply.choices, language)], language)
    lines, quoted = _lines(reply)
    units = list(_units(lines, language, quoted))
    told = _told(units[begin:])
    said = [[Part(unit.text, unit.language)] for unit in told]
    if said and not begin and reply.citations:
        said[0] = _introduced(said[0], units, reply, language, quoted)
    rest = begin + len(told) if reply.citations and begin + len(told) < len(units) else None
    if said and rest is not None:
        gap = " " if base(language) == "th" else "; "
        said[-1] = [*_unended(said[-1]), Part(gap + phrase("spoken_more", language), language)]
    return _written_down(said, language, rest)


def plain(text: str, language: str) -> str:
    """A line without markup, marks of citations and addresses, figures left."""
    text = _LINK.sub(r"\1", _MARK.sub("", text))
    text = _ADDRESS.sub(lambda _: phrase("spoken_address", language), text)
    text = _MARKUP.sub("", _STEP.sub("", _BULLET.sub("", text)))
    text = _row(text)
    return _SPACES.sub(" ", _DOUBLED.sub(lambda mark: "," * (mark[0].count(",") > 1), _PAUSED.sub(", ", text))).strip(
        " ,"
    )


def _lines(reply: Speakable) -> tuple[list[str], bool]:
    """The lines that answer, and whether they are quoted: then without the questions that they answer.

    What stands above an answer from sources, such as the question of several that it answers, is not said.
    """
    lines = [line for line in dict.fromkeys(reply.answer.splitlines()) if line.strip()]
    quoted = [line for line in lines if any(line in citation.quote for citation in reply.citations)]
    answering = [line for number, line in enumerate(quoted) if not _asks(line, first=not number)]
    cited = [line for line in lines if line in answering or (reply.citations and _MARK.search(line))]
    return (cited or quoted or lines), bool(quoted)


def _asks(line: str, first: bool) -> bool:
    """Whether a line is a question; in Thai, which has no mark for it, by its words."""
    return line.rstrip().endswith(_QUESTION) or (first and bool(UNSPACED.search(line)) and holds("asking", line))


@lru_cache(maxsize=1 << 12)
def _tongue(text: str, language: str) -> str:
    """The language of a text that may be another than the customer's."""
    if language.endswith("-Latn") and not _LATIN.search(text):
        language = base(language)
    found = detect(text, fallback=language).tag
    known, own = LANGUAGES.get(base(found)), LANGUAGES.get(base(language))
    if base(found) == base(language) or known is None:
        return language
    return found if own is None or own.script != known.script or len(text) >= CERTAIN else language


def _units(lines: Sequence[str], language: str, quoted: bool) -> Iterator[Unit]:
    """The sentences of an answer; what ends in a colon goes on with the next line."""
    lead = ""
    for number, line in enumerate(lines):
        tongue = _tongue(line, language) if quoted else language
        text = plain(line, tongue)
        if text.endswith((":", "：")) and number + 1 < len(lines):
            lead = f"{lead}{text} "
            continue
        text, lead = lead + text, ""
        step = _STEP.match(line) is not None
        yield from (Unit(part, tongue, number, step) for part in _sentences(text, tongue))


def _sentences(text: str, language: str) -> list[str]:
    """The sentences of a text in words. Where a space may end one, figures become words after it is parted."""
    if UNSPACED.search(text):
        return [aloud(text[start:end], language) for start, end in sentences(text)]
    text = aloud(text, language)
    return [text[start:end] for start, end in sentences(text)]


def _told(units: Sequence[Unit]) -> Sequence[Unit]:
    """The next sentences; where many lines follow, only those of the first."""
    listed = len({unit.line for unit in units}) >= LONG
    return [unit for unit in units if not listed or unit.line == units[0].line][:MOST]


def _introduced(said: Sentence, units: Sequence[Unit], reply: Speakable, language: str, quoted: bool) -> Sentence:
    """The first sentence of an answer, with how long the list is that it begins, and whose it is."""
    lines, tongue = len({unit.line for unit in units}), units[0].language
    if lines >= LONG:
        said = _around("spoken_steps" if units[0].step else "spoken_points", said, language, count=lines)
    if not quoted and not _MARK.search(reply.answer):
        return said
    title = Part(_title(reply.citations[0].title, tongue), tongue) if _entitled(reply.citations[0]) else None
    if base(tongue) == base(language):
        return _around("spoken_source" if title else "spoken_unnamed", said, language, title)
    key = "spoken_foreign" if title else "spoken_foreign_unnamed"
    return _around(key, said, language, title, language=language_name(tongue, language))


def _around(key: str, said: Sentence, own: str, title: Part | None = None, **fields: object) -> Sentence:
    """One of the product's own phrases, in its language, around what is said."""
    text = aloud(phrase(key, own, said=_SAID, title=_TITLE, **fields), own)
    found: Sentence = []
    for part in regex.split(f"([{_SAID}{_TITLE}])", text):
        found += said if part == _SAID else [title] if part == _TITLE and title else [Part(part, own)]
    return [part for part in found if part.text]


def _entitled(citation: Citation) -> bool:
    """Whether a title was written by people, and is no file's name, as that of a file without one is."""
    title, path = citation.title, PurePath(citation.source)
    files = {_bare(path.name), _bare(path.stem), _bare(path.name.split(".")[0])}
    return bool(_bare(title)) and _bare(title) not in files and not _FILE.fullmatch(title)


def _bare(name: str) -> str:
    return _UNLETTERED.sub("", unicodedata.normalize("NFC", name).casefold())


def _title(title: str, language: str) -> str:
    """A document's title as it is said; what shouts is said calmly."""
    title = regex.sub(r"\s*\([^)]*\)", "", title)
    return aloud(plain(title.capitalize() if title.isupper() else title, language), language).rstrip(ENDS)


def _choice(choices: Sequence[str], language: str) -> Sentence:
    """The choices as one question, each by its last heading where that tells them apart."""
    last = [choice.split(JOIN)[-1] for choice in choices]
    names = last if len(set(last)) == len(last) else choices
    tongues = [_tongue(name, language) for name in names]
    named = [
        Part(_statement(aloud(plain(name, tongue), tongue)), tongue)
        for name, tongue in zip(names, tongues, strict=True)
    ]
    said = [named[0]]
    for part in named[1:]:
        said += [Part(f" {phrase('spoken_or', language)} " if part is named[-1] else ", ", language), part]
    before, after = phrase("spoken_choice", language, choices=_SAID).split(_SAID)
    return [Part(before, language), *said, Part(after, language)]


def _statement(text: str) -> str:
    """A heading that may be a question, as it stands inside one."""
    return regex.sub(r"[.!?؟？।]+(?=\s+\S)", ",", text).rstrip(ENDS)


def _row(line: str) -> str:
    """A row of a table as it is read: the first cell, then each further one with its label."""
    cells = [_CELL.fullmatch(cell.strip()) for cell in line.split("; ")]
    if len(cells) < 2 or not all(cells) or sum(cell["label"] is not None for cell in cells if cell) < 2:
        return line
    return "; ".join(_cell(cell, first=not number) for number, cell in enumerate(cells) if cell)


def _cell(cell: regex.Match[str], first: bool) -> str:
    if cell["label"] is None:
        return str(cell["alone"])
    label, value = cell["label"].strip().rstrip("".join(_QUESTION)), cell["value"]
    if (unit := _IN_LABEL.search(label)) and regex.fullmatch(r"[\d., ]+", value):
        label, value = label[: unit.start()], f"{value} {unit['unit']}"
    return f"{label} {value}" if first else f"{label}: {value}"


def _unended(said: Sentence) -> Sentence:
    """A sentence without its mark at the end."""
    return [*said[:-1], Part(said[-1].text.rstrip(ENDS + " "), said[-1].language)]


def _ended(said: Sentence) -> Sentence:
    """A sentence with a mark at its end, where its language has one."""
    last = said[-1]
    if (last.text.endswith(tuple(ENDS)) and last.text[-1] not in ":;,،") or base(last.language) == "th":
        return said
    mark = "।" if base(last.language) in ("hi", "bn") and not last.language.endswith("-Latn") else "."
    return [*_unended(said), Part(mark, last.language)]


def _asking_once(said: Sequence[Sentence]) -> list[Sentence]:
    """The sentences with no question but the last."""
    left = sum(part.text.count(mark) for sentence in said for part in sentence for mark in _QUESTION)

    def once(mark: regex.Match[str]) -> str:
        nonlocal left
        left -= 1
        return "." if left else str(mark[0])

    return [[Part(_ASKED.sub(once, part.text), part.language) for part in sentence] for sentence in said]


def _written_down(said: Sequence[Sentence], language: str, rest: int | None = None) -> Spoken:
    """The sentences as text and as SSML, in which each stretch of another language is marked."""
    told = _asking_once([_ended(sentence) for sentence in said])
    text = " ".join("".join(part.text for part in sentence) for sentence in told)
    marked = PAUSE.join(f"<s>{''.join(_marked(sentence, language))}</s>" for sentence in told)
    ssml = f'<speak version="1.1" xmlns="{NAMESPACE}" xml:lang={quoteattr(language)}>{marked}</speak>'
    return Spoken(_SPACES.sub(" ", text), ssml, rest)


def _marked(sentence: Sentence, language: str) -> Iterator[str]:
    for tongue, parts in groupby(sentence, key=lambda part: part.language):
        text = escape("".join(part.text for part in parts))
        yield text if tongue == language else f"<lang xml:lang={quoteattr(tongue)}>{text}</lang>"
