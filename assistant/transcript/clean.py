"""What was said, as it is searched for: without fillers, stutters, repetitions and what the speaker took back.

The record keeps what was said: nothing here changes an Utterance. What people say between their words stands in
`clean.toml`; the kinds are those of Shriberg, Preliminaries to a Theory of Speech Disfluencies (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType

import regex

from assistant.claims import numbers
from assistant.days import days
from assistant.heard import Heard, Word
from assistant.privacy import Span, read_out
from assistant.transcript.tables import listed, table
from knowledge import LANGUAGES, base, detect
from knowledge.text import LETTER, UNSPACED

LONGEST = 6
"""Words of a phrase that is found to be repeated."""
BEGUN = 4
"""Words that a speaker gives up, or goes back over, at most."""
WORD = 15
"""Letters up to which what stands between two spaces is one word, where words are not parted."""

_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’]*")
_BREAK = r"(?:\s*(?:\.{2,}|…|--)|[–—]|-(?=\s|$))"
_CUT = regex.compile(rf"(?<!\S)(?P<cut>{LETTER}+){_BREAK}+[\s,]*(?=(?P=cut))", regex.IGNORECASE)
_BACK = regex.compile(
    rf"(?<!\S)(?P<first>{LETTER}+)(?:\s+{LETTER}+){{1,{BEGUN}}}{_BREAK}+\s*(?=(?P=first)\s)", regex.IGNORECASE
)
_GIVEN_UP = regex.compile(rf"^\s*{LETTER}+(?:\s+{LETTER}+){{1,{BEGUN - 1}}}(?:--|[–—])\s+(?=\S+\s+\S+\s+\S)")
_UNSPACED = regex.compile(r"(?P<said>\p{Thai}{4,})[\s,…]+(?=(?P=said))")
_WORD = regex.compile(rf"{LETTER}{{2}}|^[ia]$")
_AGAIN = regex.compile(r"[\s,،…]+|\s*\.{2,}\s*")
_BESIDE = regex.compile(rf"{LETTER}{{0,6}}[\s\p{{P}}]*(?:{LETTER}{{1,5}}[\s\p{{P}}]+)?")
_HANG = regex.compile(r"[\s,،…–—-]*|\s*\.{2,}\s*")
_HUNG = regex.compile(r"\s*(?:\.{2,}|…)[\s,]*")
_COMMA = regex.compile(r"\s*[,،]\s*")
_SPACE = regex.compile(r"\s+")
_LEADING = regex.compile(r"^[\s,،;:.…–—-]+")


def clean(heard: Heard, language: str = "und") -> Heard:
    """What was heard as it is searched for, with those of its words that are left, so that their confidences follow.

    `language` (a tag) is the talk's, where the text does not tell its own. What holds nothing else is empty.
    """
    places = _kept(heard.text, language)
    text = _written(heard.text, places)
    hearings = (_written(each, _kept(each, language)) for each in heard.alternatives)
    others = tuple(other for other in dict.fromkeys(hearings) if other and other != text)
    return Heard(text, _left(heard, frozenset(places)), others)


def nods(text: str) -> bool:
    """Whether who says it listens, and says nothing: it is empty but for sounds and words such as "yes, go on"."""
    return not _TOKEN.search(listed("clean", "sounds").sub(" ", listed("clean", "nods").sub(" ", text)))


def _kept(text: str, language: str) -> list[int]:
    """The places of a text that stay, one step after the other."""
    tags = _spoken(text, language)
    places = list(range(len(text)))
    for step in STEPS.values():
        gone = {
            place for start, end in step("".join(text[place] for place in places), tags) for place in range(start, end)
        }
        places = [place for number, place in enumerate(places) if number not in gone]
    return places


def _written(text: str, places: Sequence[int]) -> str:
    """The text of some places; where nothing went, as it was."""
    if len(places) == len(text):
        return text
    return _LEADING.sub("", _SPACE.sub(" ", "".join(text[place] for place in places))).strip()


def _left(heard: Heard, places: Collection[int]) -> tuple[Word, ...]:
    """The words that have a letter left; one that the text does not hold stays."""
    left: list[Word] = []
    at = 0
    for word in heard.words:
        letters = _TOKEN.search(word.text)
        start = heard.text.find(letters[0], at) if letters else -1
        if letters is None or start < 0:
            left += [word] * (letters is not None)
            continue
        at = start + len(letters[0])
        if any(place in places for place in range(start, at)):
            left.append(word)
    return tuple(left)


def _sounds(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    """Sounds that are no words, with the pause behind them."""
    for sound in listed("clean", "sounds", tags).finditer(text):
        # The AAA, the UM, 5 mm.
        if not (sound[0].isupper() and len(sound[0]) > 1) and not text[: sound.start()].rstrip()[-1:].isdecimal():
            behind = _HANG.match(text, sound.end())
            yield sound.start(), (behind or sound).end()


def _openings(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    """Words that open an utterance, as long as it goes on."""
    opening = _opening(tags).match(text)
    if opening and _TOKEN.search(text, opening.end()):
        yield opening.span()


def _pauses(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    """Words that a speaker hangs on to while looking for the next."""
    for pause in listed("clean", "pauses", tags).finditer(text):
        begins = not text[: pause.start()].strip() or text[: pause.start()].rstrip()[-1] in ",،…."
        hangs = _HUNG.match(text, pause.end())
        parted = _COMMA.match(text, pause.end()) if begins and pause.start() else None
        if behind := hangs or parted:
            yield pause.start(), behind.end()


def _cuts(text: str, _: tuple[str, ...]) -> Iterator[Span]:
    """Words that were begun, and begun again: "fri- fridge"."""
    return (match.span() for match in _CUT.finditer(text))


def _begun(text: str, _: tuple[str, ...]) -> Iterator[Span]:
    """Sentences that were begun, and begun again or given up."""
    return (match.span() for pattern in (_BACK, _GIVEN_UP) for match in pattern.finditer(text))


def _repeats(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    """What is said again at once, all but the last time; numbers are read out, and words doubled, on purpose."""
    yield from (match.span() for match in _UNSPACED.finditer(text))
    tokens = list(_TOKEN.finditer(text))
    said = [token[0].casefold() for token in tokens]
    counts = {place for span in numbers(text, tags[0] if tags else "und") for place in range(*span)}
    for length in range(min(LONGEST, len(said) // 2), 0, -1):
        for at in range(len(said) - 2 * length + 1):
            phrase, again = said[at : at + length], said[at + length : at + 2 * length]
            between = text[tokens[at + length - 1].end() : tokens[at + length].start()]
            counted = read_out(phrase[0]) or tokens[at].start() in counts or not any(map(_WORD.search, phrase))
            if phrase != again or counted or not _AGAIN.fullmatch(between):
                continue
            if (
                length > 1
                or said[at + 2 : at + 3] == phrase
                or said[max(0, at - 1) : at] == phrase
                or _stutters(phrase[0], tags)
            ):
                yield tokens[at].start(), tokens[at + length].start()


def _stutters(word: str, tags: tuple[str, ...]) -> bool:
    return listed("clean", "stuttered", tags).fullmatch(word) is not None


def _taken_back(text: str, tags: tuple[str, ...]) -> Iterator[Span]:
    """What was put right: the day, the number or the words before "no, I mean", up to those that stand for them."""
    told = [finder(text, tags[0] if tags else "und") for finder in (days, numbers)]
    for edit in listed("clean", "not_so", tags).finditer(text):
        yield from _of_one_kind(text, edit.span(), told)
    for edit in listed("clean", "taken_back", tags).finditer(text):
        corrected = list(_of_one_kind(text, edit.span(), told)) or list(_gone_over(text, edit.span()))
        yield from corrected


def _of_one_kind(text: str, edit: Span, told: Sequence[Sequence[Span]]) -> Iterator[Span]:
    for spans in told:
        before = max((span for span in spans if span[1] <= edit[0]), default=None)
        behind = min((span for span in spans if span[0] >= edit[1]), default=None)
        if (
            before
            and behind
            and all(_BESIDE.fullmatch(text, *between) for between in ((before[1], edit[0]), (edit[1], behind[0])))
        ):
            yield before[0], behind[0]


def _gone_over(text: str, edit: Span) -> Iterator[Span]:
    """From the word with which the speaker begins again; else the one word before."""
    before, behind = list(_TOKEN.finditer(text, 0, edit[0]))[-BEGUN:], _TOKEN.search(text, edit[1])
    if not before or behind is None:
        return
    again = [token for token in before if token[0].casefold() == behind[0].casefold()]
    begin = (again or before)[-1]
    if len(begin[0]) <= WORD or not UNSPACED.search(begin[0]):
        yield begin.start(), behind.start()


STEPS: Mapping[str, Callable[[str, tuple[str, ...]], Iterator[Span]]] = MappingProxyType(
    {
        "sounds": _sounds,
        "cuts": _cuts,
        "begun": _begun,
        "pauses": _pauses,
        "openings": _openings,
        "repeats": _repeats,
        "taken_back": _taken_back,
    }
)
"""What goes, in this order; each step reads what the one before it left."""


def _spoken(text: str, language: str) -> tuple[str, ...]:
    """Whose words are heard in a text: its language's, and English and romanised ones, which people mix in.

    Latin letters of another language hold none: "um" is a word in German.
    """
    tag = detect(text, fallback=language).tag
    tags = table("clean")
    own = [each for each in (tag, base(tag)) if each in tags][:1]
    known = LANGUAGES.get(base(tag))
    if own and known and (tag == "en" or tag.endswith("-Latn") or known.script != "Latn"):
        latin = [each for each in tags if each.endswith("-Latn")] if known.script == "Latn" else [f"{tag}-Latn"]
        own += [each for each in (*latin, "en") if each in tags]
    return tuple(dict.fromkeys(own))


@cache
def _opening(tags: tuple[str, ...]) -> regex.Pattern[str]:
    return regex.compile(
        rf"\s*(?:{listed('clean', 'openings', tags).pattern}(?:[\s,،…–—-]+|(?<=\p{{Thai}})))+", regex.IGNORECASE
    )
