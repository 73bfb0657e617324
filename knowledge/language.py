"""Which language a text is in: its script first, then letters, words and statistics among the script's languages."""

from __future__ import annotations

import copy
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import regex

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Direction = Literal["ltr", "rtl"]

ENOUGH = 0.6
"""Probability from which a language is believed; below it the fallback stands."""
HABIT = 3.0
"""How many times likelier the fallback is (or else the script's commonest language): people rarely switch in a talk."""
EVIDENCE = 6.0
"""How many times likelier a language becomes by each of its signs, up to three."""
CLEAR = 2.5
"""How many times likelier than its near one a language must be to stand against it."""
WINDOW = 2000
"""Characters read at the beginning, in the middle and at the end of a long text."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language: BCP 47 tag, its own name, its English name, ISO 15924 script.

    `near` is the commoner language that its short sentences cannot be told from.
    """

    tag: str
    name: str
    english: str
    script: str = "Latn"
    near: str = ""

    @property
    def direction(self) -> Direction:
        """Which way its lines run."""
        return "rtl" if self.script in {"Arab", "Hebr"} else "ltr"


@dataclass(frozen=True, slots=True)
class Detected:
    """What a text is in: `tag` is BCP 47 (`ta`, `ta-Latn`, `und`), `script` ISO 15924 (`Zyyy` without letters)."""

    tag: str
    script: str
    romanised: bool = False


# Within a script the commonest comes first: it is assumed where nothing tells its languages apart.
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        language.tag: language
        for language in (
            Language("en", "English", "English"),
            Language("ta", "தமிழ்", "Tamil", "Taml"),
            Language("te", "తెలుగు", "Telugu", "Telu"),
            Language("th", "ไทย", "Thai", "Thai"),
            Language("hu", "magyar", "Hungarian"),
            Language("hi", "हिन्दी", "Hindi", "Deva"),
            Language("mr", "मराठी", "Marathi", "Deva"),
            Language("ne", "नेपाली", "Nepali", "Deva"),
            Language("ar", "العربية", "Arabic", "Arab"),
            Language("fa", "فارسی", "Persian", "Arab"),
            Language("ur", "اردو", "Urdu", "Arab"),
            Language("bn", "বাংলা", "Bengali", "Beng"),
            Language("as", "অসমীয়া", "Assamese", "Beng"),
            Language("kn", "ಕನ್ನಡ", "Kannada", "Knda"),
            Language("ml", "മലയാളം", "Malayalam", "Mlym"),
            Language("gu", "ગુજરાતી", "Gujarati", "Gujr"),
            Language("pa", "ਪੰਜਾਬੀ", "Punjabi", "Guru"),
            Language("or", "ଓଡ଼ିଆ", "Odia", "Orya"),
            Language("si", "සිංහල", "Sinhala", "Sinh"),
            Language("he", "עברית", "Hebrew", "Hebr"),
            Language("ru", "русский", "Russian", "Cyrl"),
            Language("uk", "українська", "Ukrainian", "Cyrl"),
            Language("bg", "български", "Bulgarian", "Cyrl"),
            Language("sr", "српски", "Serbian", "Cyrl"),
            Language("el", "Ελληνικά", "Greek", "Grek"),
            Language("ja", "日本語", "Japanese", "Jpan"),
            Language("ko", "한국어", "Korean", "Kore"),
            Language("zh", "中文", "Chinese", "Hani"),
            Language("km", "ខ្មែរ", "Khmer", "Khmr"),
            Language("my", "မြန်မာ", "Burmese", "Mymr"),
            Language("lo", "ລາວ", "Lao", "Laoo"),
            Language("ka", "ქართული", "Georgian", "Geor"),
            Language("am", "አማርኛ", "Amharic", "Ethi"),
            Language("id", "Bahasa Indonesia", "Indonesian"),
            Language("ms", "Bahasa Melayu", "Malay", near="id"),
            Language("de", "Deutsch", "German"),
            Language("tr", "Türkçe", "Turkish"),
            Language("ro", "română", "Romanian"),
            Language("pl", "polski", "Polish"),
            Language("cs", "čeština", "Czech"),
            Language("sk", "slovenčina", "Slovak", near="cs"),
            Language("hr", "hrvatski", "Croatian"),
            Language("es", "español", "Spanish"),
            Language("fr", "français", "French"),
            Language("it", "italiano", "Italian"),
            Language("pt", "português", "Portuguese"),
            Language("nl", "Nederlands", "Dutch"),
            Language("sv", "svenska", "Swedish"),
            Language("vi", "Tiếng Việt", "Vietnamese"),
            Language("tl", "Tagalog", "Tagalog"),
            Language("sw", "Kiswahili", "Swahili"),
        )
    }
)

# Unicode's name of a script -> ISO 15924. Kana and Hangul count for the mixed scripts that hold them.
_SCRIPTS = {"Hira": "Jpan", "Kana": "Jpan", "Hang": "Kore", "Hani": "Hani"} | {
    language.script: language.script for language in LANGUAGES.values() if language.script not in {"Jpan", "Kore"}
}
_SCRIPT = regex.compile("|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in _SCRIPTS))
# What says nothing about the language: addresses, and words with a digit or in capitals (E4, EMI, LG) among others.
_NOISE = regex.compile(r"(?<!\S)\S+@\S+|https?://\S+|www\.\S+|(?<!\S)\S*\d\S*|\b\p{Lu}{2,}\b")
_WORD = regex.compile(r"[\p{L}\p{M}']+")


@lru_cache(maxsize=65536)
def _script_of(character: str) -> str:
    found = _SCRIPT.match(character)
    return _SCRIPTS[found.lastgroup] if found and found.lastgroup else ""


def _scripts(text: str) -> Counter[str]:
    counts = Counter(map(_script_of, text))
    del counts[""]
    if counts["Jpan"]:
        counts["Jpan"] += counts.pop("Hani", 0)
    return counts


def script(text: str) -> str:
    """The ISO 15924 script that most letters and marks of `text` belong to; `Zyyy` where there are none."""
    counts = _scripts(text)
    return max(counts, key=counts.__getitem__) if +counts else "Zyyy"


def english_name(tag: str) -> str:
    """What a language is called in English, told apart where it is written in Latin letters that are not its own."""
    known = LANGUAGES.get(base(tag))
    if known is None:
        return "an unknown language" if tag == "und" else tag
    return known.english + " in Latin letters" * tag.endswith("-Latn")


def base(tag: str) -> str:
    """The language of a tag without its script: `ta` of `ta-Latn`."""
    return tag.partition("-")[0]


def direction(tag: str) -> Direction:
    """Which way a language's lines run; left to right for tags that are not known, and in Latin letters."""
    known = None if tag.endswith("-Latn") else LANGUAGES.get(base(tag))
    return known.direction if known else "ltr"


def script_of(tag: str) -> str:
    """The script (ISO 15924) that a language is written in; Latin for tags that are not known, and in Latin letters."""
    known = None if tag.endswith("-Latn") else LANGUAGES.get(base(tag))
    return known.script if known else "Latn"


def detect(text: str, fallback: str = "und") -> Detected:
    """The language of a question or a document; `fallback` (a tag) where the text does not tell.

    A native script decides even where brand names make most letters Latin, unless the Latin rest is a sentence.
    """
    return _detected(_sample(text), fallback)


# A message is asked for its language at every step, a passage at every question that it is found for.
@lru_cache(maxsize=2048)
def _detected(text: str, fallback: str) -> Detected:
    counts = _scripts(text)
    total = counts.total()
    if not total:
        return Detected(fallback, "Zyyy", fallback.endswith("-Latn"))
    latin = counts.pop("Latn", 0)
    native = max(counts, key=counts.__getitem__) if +counts else "Latn"
    quoted = latin > 2 * counts[native] and any(seen >= 2 for seen in _seen(text, "Latn").values())
    if native == "Latn" or counts[native] < total / 20 or quoted:
        return _latin(text, fallback)
    return Detected(_among(text, native, fallback), native)


def _sample(text: str) -> str:
    if len(text) <= 3 * WINDOW:
        return text
    middle = len(text) // 2
    return "\n".join((text[:WINDOW], text[middle : middle + WINDOW], text[-WINDOW:]))


def _latin(text: str, fallback: str) -> Detected:
    tag = _romanised(text, fallback)
    if tag == "und":
        tag = _among(text, "Latn", fallback)
    return Detected(tag, "Latn", tag.endswith("-Latn"))


def _among(text: str, name: str, fallback: str) -> str:
    """Which of a script's languages: letters that only one of them uses, what was spoken before, statistics."""
    tags = _spoken_in(name)
    if len(tags) == 1:
        return tags[0]
    default = fallback if fallback in tags or name == "Latn" else tags[0]
    usual = fallback if fallback in tags else tags[0]
    cleaned = _NOISE.sub(" ", text)
    seen = _seen(cleaned, name)
    (first, most), (_, next_most) = [*seen.most_common(2), ("", 0), ("", 0)][:2]
    if most >= next_most + 3:
        return first
    if not _SCRIPT.search(cleaned):
        return default
    chances = dict(_identifier(name).rank(cleaned))
    for tag in tags:
        chances[tag] *= EVIDENCE ** min(seen[tag], 3) * (HABIT if tag == usual else 1)
    for tag in tags:
        near = LANGUAGES[tag].near
        if near and chances[tag] < CLEAR * chances[near]:
            chances[near] += chances.pop(tag)
    best = max(chances, key=chances.__getitem__)
    believed = chances[best] >= ENOUGH * sum(chances.values())
    # Statistics know nothing written in the letters of others: to them, Bengali is Tagalog then.
    if default.endswith("-Latn") and best != tags[0] and not seen[best]:
        return default
    return best if believed else default


@cache
def _spoken_in(name: str) -> tuple[str, ...]:
    return tuple(language.tag for language in LANGUAGES.values() if language.script == name)


def _seen(text: str, name: str) -> Counter[str]:
    pattern, owners = _signs(name)
    return Counter(tag for sign in set(pattern.findall(text.lower())) for tag in owners[sign])


@cache
def _signs(name: str) -> tuple[regex.Pattern[str], Mapping[str, list[str]]]:
    """What finds the signs of a script's languages, and whose each sign is."""
    owners: dict[str, list[str]] = {}
    for tag in _spoken_in(name):
        for sign in _table()["signs"].get(tag, "").split():
            owners.setdefault(sign, []).append(tag)
    words = "|".join(sign for sign in owners if len(sign) > 1) or "(?!)"
    letters = "|".join(sign for sign in owners if len(sign) == 1) or "(?!)"
    return regex.compile(rf"(?<![\p{{L}}\p{{M}}])(?:{words})(?![\p{{L}}\p{{M}}])|{letters}"), owners


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("signs.toml").read_text(encoding="utf-8"))


_UNPACKING = Lock()
"""Without it, as many customers as write first to a new server would each unpack the model."""


@cache
def _model() -> LanguageIdentifier:
    # Imported here: its model takes half a second to unpack, and most scripts never need it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _identifier(name: str) -> LanguageIdentifier:
    with _UNPACKING:
        identifier = copy.copy(_model())
    identifier.set_languages(_spoken_in(name))
    return identifier


@dataclass(frozen=True, slots=True)
class _Romanised:
    words: frozenset[str]
    weak: frozenset[str]
    asks: frozenset[str]
    endings: tuple[str, ...]


@cache
def _lexicons() -> Mapping[str, _Romanised]:
    return {
        tag: _Romanised(
            frozenset(map(_fold, table["words"].split())),
            frozenset(map(_fold, table["weak"].split())),
            frozenset(map(_fold, table["asks"].split())),
            tuple(map(_fold, table["endings"].split())),
        )
        for tag, table in _table()["romanised"].items()
    }


def _fold(word: str) -> str:
    """A spelling for many: people type `kk` or `k`, `th` or `t`, `ee` or `i`, `w` or `v` as they please."""
    word = regex.sub(r"(?<=[tdkgbpj])h", "", word).replace("ee", "i").replace("oo", "u").replace("w", "v")
    return regex.sub(r"(.)\1+", r"\1", word)


@lru_cache(maxsize=65536)
def _marks(word: str) -> tuple[tuple[str, int], ...]:
    """How much a word speaks for each romanised language: 3 a long word of its own, 2 a short one, 1 a weak sign.

    A word that asks is as good as a long one: beside it, customers name what they ask for in English.
    """
    folded = _fold(word)
    return tuple(
        (tag, (3 if len(folded) > 4 or folded in lexicon.asks else 2) if folded in lexicon.words else 1)
        for tag, lexicon in _lexicons().items()
        if folded in lexicon.words or folded in lexicon.weak or (len(folded) > 4 and folded.endswith(lexicon.endings))
    )


def _romanised(text: str, fallback: str) -> str:
    """`ta-Latn`, `te-Latn`, `hi-Latn`, or `und`: enough signs, one of them strong, on a fair share of the words."""
    words = _WORD.findall(text.lower())
    weights: Counter[str] = Counter()
    strong: set[str] = set()
    for word in set(words):
        for tag, weight in _marks(word):
            weights[tag] += weight
            if weight > 1:
                strong.add(tag)
    if not strong:
        return "und"
    best = max(strong, key=weights.__getitem__)
    clear = weights[best] >= 3 or len(words) <= 2 or best == base(fallback)
    return f"{best}-Latn" if clear and weights[best] >= len(words) / 2 else "und"
