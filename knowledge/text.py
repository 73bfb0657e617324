"""Text in any script: its encoding, normal form, words, character n-grams, and where sentences end.

Python's `\\w` drops the vowel signs of Tamil, Thai and their neighbours, so words are runs of letters, marks and
numbers by Unicode category (UAX #44), and scripts without spaces are reached through n-grams inside the run.
"""

from __future__ import annotations

import codecs
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

import regex

Heads = Mapping[str, Collection[str]]
"""What a word is about, by the heads of the thesaurus."""
WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
LETTER = r"[\p{L}\p{M}]"
"""The pattern of a letter or its mark."""
GRAM = 4
"""Length of the character n-grams; 3 to 5 find about equally well, and 4 keeps the index small."""
PAIR = 2
"""The same where a sign is a word or half of one: Chinese and Japanese."""
STEM = 3
"""Letters by which the beginning of a longer word is counted."""
CODE = 2.0
"""How much a token of a word with digits counts, against one of an ordinary word."""
FRAME = 0.3
"""How much a word that only frames a question (`question_words.toml`) counts, against the others."""
HEAD = 2.0
"""How much what a word is about (`thesaurus.toml`) counts in a question, against the word itself."""
EVEN, DAMPING = 4, 0.3
"""A token counts (EVEN / tokens of its word) ** DAMPING; chosen on questions of XQuAD, HeySQuAD and GNOME's help."""

_LINKED = regex.compile(r"(?<=\p{Tamil}{3})(?<![ா்அஆ])[கசதப]்$")
"""What Tamil doubles of the next word's first consonant at the end of this one (Tolkappiyam's punarchchi): "திருப்பித்
தருதல்" holds "திருப்பி". Only borrowed words end so by themselves, most of them behind the signs that are left out."""
_ACCENT = regex.compile(r"[\u0300-\u036f\u093c\u0b83\u0640\u064b-\u0655\u0670]+")
"""What people in a hurry leave away: accents, the dot of Devanagari's borrowed sounds, Tamil's aytham, Arabic's vowel
signs and hamzas, and the line by which it draws words out."""
_ENDED = regex.compile("(?<=[\u0621-\u064a]{2})(?:ه|ى)$")
"""What Arabic is ended with in a hurry: "الفاتوره" and "الفاتورة", "مستشفى" and "مستشفي"."""
_ARTICLE = regex.compile("^(?:[وف]?[بك]?ال|[وف]?لل)(?=[\u0621-\u064a]{3})")
"""Arabic's article, with "and", "by", "as" or "for" before it, all written as one with their word."""
_ALIKE = str.maketrans(
    "ँशषणीूশষণীূணநளழறஷஸீூேோశషణళీూేో",
    "ंससनिुসসনিুனனலலரசசிுெொససనలిుెొ",
)
"""What they confuse: letters of India that few speakers tell apart, and long vowels with short ones. What a misspelt
word is about is still known; to be found by its letters alone, it must be spelled as the knowledge spells it."""
_INVISIBLE = regex.compile(r"\p{Cf}+")
_NUMBER = regex.compile(r"\p{N}")
_IDEOGRAPHS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
UNSPACED = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}]")
"""A sign of a script that parts no words by spaces."""
_DIGIT = regex.compile(r"[^\P{Nd}0-9]")
JOINERS = "\u200c\u200d"
"""Signs that are not printed themselves, and that scripts of India and Persian are spelled with."""
# UTF-32 first, one of whose marks begins as one of UTF-16 does.
_BYTE_ORDER_MARKS: Mapping[bytes, str] = MappingProxyType(
    {
        codecs.BOM_UTF8: "utf-8-sig",
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
)


def encoding_of(data: bytes) -> str:
    """The encoding of a file that holds text: what its byte order mark says, else UTF-8."""
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS.items() if data.startswith(mark)), "utf-8")


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, nothing invisible, digits 0-9."""
    if text.isascii():
        return text.casefold()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0], digit[0])), text)


def words(text: str) -> list[str]:
    """The words of a text in normal form; in scripts without spaces, its phrases."""
    return WORD.findall(normalise(text))


def whole_words(words: Collection[str], ending: str = "") -> str:
    """A pattern of any of the patterns as whole words, which may have an `ending`; nothing, where there are none.

    Those of scripts without spaces may stand anywhere.
    """
    longest = sorted(words, key=len, reverse=True)
    dense = [word for word in longest if UNSPACED.search(word)]
    spaced = "|".join(word for word in longest if word not in dense)
    whole = rf"(?<!{LETTER})(?:{spaced}){ending}(?!{LETTER})"
    return f"(?:{'|'.join([*([whole] if spaced else []), *dense]) or '(?!)'})"


def fold(word: str) -> str:
    """The word as people in a hurry type it: without accents and what is as easily left away; other marks stay."""
    if word.isascii():
        return word
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", word)).replace("ँ", "ं")
    return unicodedata.normalize("NFC", _ENDED.sub(lambda end: "ة" if end[0] == "ه" else "ي", plain))


def grams(word: str, n: int = GRAM) -> list[str]:
    """The character n-grams inside a word: nothing for a word of n characters or fewer."""
    return [word[i : i + n] for i in range(len(word) - n + 1)] if len(word) > n else []


def tokens(text: str) -> list[str]:
    """What the lexical index counts: words as written and without accents, how they begin, the n-grams inside.

    Each kind carries a mark of its own, so that a word never meets an n-gram. The beginning stands for the stem,
    in languages that inflect at the end.
    """
    return [token for word in words(text) for token in parts(word)]


def weighed(text: str, sure: Mapping[str, float] = MappingProxyType({})) -> dict[str, float]:
    """The tokens of a question, and how much each counts; a word of which one is not `sure`, by how sure that is.

    A long word must not drown a short one by its many n-grams, and numbers and codes ("E4") say most. Where no spaces
    part words, a run is a whole phrase and its length is no word's. What only frames the question counts little, unless
    nothing else is asked.
    """
    every, (spaced, dense) = words(text), _frames()
    telling = [part for word in every if word not in spaced for part in WORD.findall(dense.sub(" ", word))]
    core = _weights(telling or every, sure)
    return {token: FRAME * whole + (1 - FRAME) * core.get(token, 0.0) for token, whole in _weights(every, sure).items()}


def framed(text: str) -> dict[str, float]:
    """How much each word that only frames a question counts; nothing where nothing else is asked."""
    every, (spaced, _) = words(text), _frames()
    found = dict.fromkeys((word for word in every if word in spaced), FRAME)
    return found if len(found) < len(set(every)) else {}


def _weights(words: Sequence[str], sure: Mapping[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for word in words:
        held = parts(word)
        size = sum(not token.startswith("=") for token in held)
        weight = CODE if _NUMBER.search(word) else 1.0 if UNSPACED.search(word) else (EVEN / size) ** DAMPING
        weight *= sure.get(word, 1.0)
        for token in held:
            found[token] = found.get(token, 0.0) + weight * (HEAD if token.startswith("=") else 1.0)
    return found


@cache
def _frames() -> tuple[frozenset[str], regex.Pattern[str]]:
    """The words that frame questions, and the pattern of those in scripts without spaces."""
    table = tomllib.loads(Path(__file__).with_name("question_words.toml").read_text(encoding="utf-8"))
    listed = {normalise(word) for line in table.values() for word in line.split()}
    dense = {word for word in listed if UNSPACED.search(word)}
    return frozenset(listed - dense), regex.compile(whole_words(dense))


@lru_cache(maxsize=1 << 16)
def parts(word: str) -> tuple[str, ...]:
    """The tokens of one word in normal form."""
    word = _LINKED.sub("", word) or word
    plain = fold(word) or word
    bare = _ARTICLE.sub("", plain)
    return (
        word,
        *([plain] if plain != word else []),
        *([bare] if bare != plain else []),
        *("#" + gram for gram in grams(plain, PAIR if _IDEOGRAPHS.search(plain) else GRAM)),
        *(["^" + bare[:STEM]] if len(bare) > STEM else []),
        *("=" + head for head in heads(plain)),
    )


@lru_cache(maxsize=1 << 13)  # a knowledge's headings come again and again
def about(text: str) -> frozenset[str]:
    """What a text is about, by the heads of `thesaurus.toml`."""
    return frozenset(head for word in words(text) for head in heads(fold(word)))


def heads(word: str) -> list[str]:
    """What a folded word is about, by the heads of `thesaurus.toml`; of a run without spaces, of any part of it."""
    whole, (begun, longest), dense = _thesaurus()
    word = _ARTICLE.sub("", word).translate(_ALIKE)
    if UNSPACED.search(word):
        found = [dense[0][part] for part in dense[1].findall(word, overlapped=True)]
    else:
        found = [whole.get(word, ()), *(begun.get(word[:size], ()) for size in range(2, min(longest, len(word)) + 1))]
    return list(dict.fromkeys(head for each in found for head in each))


@cache
def _thesaurus() -> tuple[Heads, tuple[Heads, int], tuple[Heads, regex.Pattern[str]]]:
    """The heads of whole words, of what words begin with (of so many letters at most), and of what stands anywhere.

    The last is for scripts without spaces.
    """
    table = tomllib.loads(Path(__file__).with_name("thesaurus.toml").read_text(encoding="utf-8"))
    whole, begun, dense = (defaultdict[str, set[str]](set) for _ in range(3))
    for head, listed in (pair for language in table.values() for pair in language.items()):
        for word in listed.split():
            plain = _ARTICLE.sub("", fold(normalise(word.rstrip("~")))).translate(_ALIKE)
            (dense if UNSPACED.search(plain) else begun if word.endswith("~") else whole)[plain].add(head)
    return whole, (begun, max(map(len, begun))), (dense, regex.compile(whole_words(dense)))


# A full stop ends a sentence only before white space and only if what follows does not go on in lower case;
# the other marks end one wherever they stand. From Unicode's Sentence_Terminal property, for living scripts. Rows of
# marks and of spaces are looked at from where they begin only: from each of their signs, long ones would take minutes.
_END = regex.compile(
    r"(?P<stop>(?<![.!?…])[.!?…]++)[\"'”’»)\]]*+(?=\s|$)"
    r"|[।॥؟۔။។៕።᙮՞։]+[\"'”’»)\]]*"
    r"|[。！？｡]+[」』”’）]*"
    r"|(?P<line>(?<!\s)\s*\n\s*)"
    r"|(?<=[\p{Thai}\p{Lao}])(?P<gap> +)(?=[\p{Thai}\p{Lao}])"
)
_ABBREVIATION = regex.compile(
    r"(?:^|[\s(])(?:rs|no|nos|dr|mr|mrs|ms|st|vs|e\.g|i\.e|approx|max|min|tel|ph|fig|"
    r"pl|kb|ill|ún|sz|nr|bzw|z\.b|ca|str|art|"
    r"ரூ|எண்|திரு|రూ|నం|శ్రీ|रु|रू|डॉ|नं|श्री|\p{L}|\d+)$",
    regex.IGNORECASE,
)
_ORDINAL = regex.compile(r"(?:^|\s)\d{1,2}$")
_ORDERED = regex.compile(
    r"Jahrhundert|Jh|Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
)
"""What German writes with a capital behind an ordinal number: 19. Jahrhundert, 3. März."""
_THAI_FINAL = ("ครับ", "ค่ะ", "คะ", "นะ", "แล้ว", "ด้วย", "เลย", "ได้", "ไหม", "หรือไม่")
_THAI_GOES_ON = (
    "และ",
    "หรือ",
    "แต่",
    "เพราะ",
    "โดย",
    "ซึ่ง",
    "ที่",
    "เพื่อ",
    "รวมถึง",
    "ได้แก่",
    "คือ",
    "จนถึง",
    "ของ",
    "ใน",
    "กับ",
    "ตาม",
    "ๆ",
)
_THAI_CLAUSE = 40
_WRAPPED_LINE = 50
_LAST = 20
"""Signs in front of a full stop in which an abbreviation or an ordinal number stands."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence starts and ends, in any script; together they hold every visible character.

    Thai has no full stop: a space ends a sentence behind a final particle, or behind a clause of some length
    unless the next word carries the clause on.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for end in _ends(text):
        if span := _strip(text, start, end):
            spans.append(span)
        start = end
    if span := _strip(text, start, len(text)):
        spans.append(span)
    return spans


def _ends(text: str) -> Iterator[int]:
    start = 0
    for mark in _END.finditer(text):
        before, after = text[start : mark.start()], text[mark.end() : mark.end() + 12].lstrip()
        if mark["stop"] is not None and not _stops(before.lstrip(), mark["stop"], after):
            continue
        if mark["line"] is not None and _wraps(before.lstrip(), mark["line"], after):
            continue
        if mark["gap"] is not None and not _thai_ends(before.strip(), after):
            continue
        start = mark.end()
        yield mark.end()


def _stops(before: str, mark: str, after: str) -> bool:
    if after[:1].islower() and mark[-1] != "?" and mark[-1] != "!":
        return False
    last = before[-_LAST:]
    if mark == "." and _ORDERED.match(after) and _ORDINAL.search(last):
        return False
    listed = before.isdecimal()  # "1." in front of a step
    return mark != "." or not after or not (listed or (_ABBREVIATION.search(last) and not last[-1:].isdecimal()))


def _wraps(before: str, mark: str, after: str) -> bool:
    return mark.count("\n") == 1 and len(before) >= _WRAPPED_LINE and after[:1].islower()


def _thai_ends(clause: str, after: str) -> bool:
    if after.startswith(_THAI_GOES_ON):
        return False
    return len(clause) >= _THAI_CLAUSE or (clause.endswith(_THAI_FINAL) and len(clause) >= _THAI_CLAUSE // 4)


def _strip(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    return (start + left, start + right) if right > left else None
