"""The tokenizer of the static embedder: unigram subwords, trained script by script so that each gets its share.

Unigram language model: Kudo 2018, https://aclanthology.org/P18-1007. A word never mixes scripts, so the pieces of
one script compete only with each other, and the vocabularies can be trained apart and joined.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

import regex
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE, Unigram
from tokenizers.trainers import BpeTrainer

UNKNOWN = "[UNK]"
"""Piece 0: what no vocabulary holds. Its vector is zero."""
PIECE = 16
"""Characters of the longest piece."""


@dataclass(frozen=True, slots=True)
class Script:
    """Letters that form words together: Unicode scripts, their share of the pieces, and whether spaces part words."""

    letters: str
    share: float
    spaced: bool = True


# Shares by speakers served first, by how many languages write with the script, and by how many words they build.
SCRIPTS: Mapping[str, Script] = MappingProxyType(
    {
        "latin": Script(r"\p{Latin}\p{Inherited}", 0.34),
        "devanagari": Script(r"\p{Devanagari}", 0.105),
        "tamil": Script(r"\p{Tamil}", 0.11),
        "telugu": Script(r"\p{Telugu}", 0.105),
        "thai": Script(r"\p{Thai}", 0.085, spaced=False),
        "arabic": Script(r"\p{Arabic}", 0.05),
        "cyrillic": Script(r"\p{Cyrillic}", 0.035),
        "bengali": Script(r"\p{Bengali}", 0.035),
        "malayalam": Script(r"\p{Malayalam}", 0.025),
        "kannada": Script(r"\p{Kannada}", 0.022),
        "gujarati": Script(r"\p{Gujarati}", 0.013),
        "gurmukhi": Script(r"\p{Gurmukhi}", 0.012),
        "sinhala": Script(r"\p{Sinhala}", 0.007),
        "khmer": Script(r"\p{Khmer}", 0.012, spaced=False),
        "burmese": Script(r"\p{Myanmar}", 0.012, spaced=False),
        "han": Script(r"\p{Han}\p{Hiragana}\p{Katakana}ー", 0.018, spaced=False),
        "hangul": Script(r"\p{Hangul}", 0.008),
        "number": Script(r"\p{N}", 0.006, spaced=False),
    }
)
# Zeros of the decimal digits beside 0-9: Arabic, Persian, Devanagari ... Burmese, Khmer.
_ZEROS = "٠۰०০੦૦୦௦౦೦൦෦๐໐၀០"


def train(texts: Iterable[str], size: int, progress: Callable[[str, int, int], None] = lambda *_: None) -> Tokenizer:
    """A tokenizer of about `size` pieces for the texts' scripts. Scripts that they do not hold get none."""
    normal = _normal()
    held = [normal.normalize_str(text) for text in texts]
    scores: dict[str, float] = {UNKNOWN: 0.0}
    for done, (name, script) in enumerate(SCRIPTS.items()):
        progress(f"subwords, {name}", done, len(SCRIPTS))
        pieces = _pieces(_within(held, script), int(size * script.share))
        scores |= {piece: round(score, 3) for piece, score in pieces if piece not in scores}
    tokenizer = _raw(Unigram(list(scores.items()), unk_id=0))
    tokenizer.normalizer = normal
    return tokenizer


def _pieces(texts: list[str], size: int) -> list[tuple[str, float]]:
    """Byte pairs propose twice the pieces; the likeliest segmentations then say which of them are needed."""
    if not texts:
        return []
    proposer = _raw(BPE())
    proposer.train_from_iterator(
        texts, BpeTrainer(vocab_size=2 * size, limit_alphabet=size // 2, max_token_length=PIECE, show_progress=False)
    )
    counts = _count(proposer, texts)
    letters = sorted(piece for piece in proposer.get_vocab() if len(piece) == 1)
    for keep in (1.4, 1.0, 1.0):
        longer = [piece for piece, _ in counts.most_common() if len(piece) > 1]
        best = longer[: max(0, int(size * keep) - len(letters))]
        total = math.log(counts.total())
        scores = [(piece, math.log(max(counts[piece], 0.5)) - total) for piece in (*best, *letters)]
        counts = _count(_raw(Unigram([(UNKNOWN, 0.0), *scores], unk_id=0)), texts)
    return sorted(scores, key=lambda scored: -scored[1])


def _count(tokenizer: Tokenizer, texts: list[str]) -> Counter[str]:
    counts = Counter(chain.from_iterable(encoding.ids for encoding in tokenizer.encode_batch_fast(texts)))
    return Counter({tokenizer.id_to_token(piece) or UNKNOWN: count for piece, count in counts.items()})


def _within(texts: Iterable[str], script: Script) -> list[str]:
    runs = regex.compile(rf"▁?[{script.letters}]+(?: ▁?[{script.letters}]+)*")
    return [" ".join(found) for text in texts if (found := runs.findall(text))]


def _raw(model: BPE | Unigram) -> Tokenizer:
    """A tokenizer of texts in normal form."""
    tokenizer = Tokenizer(model)
    words = [f"▁?[{script.letters}]+" for script in SCRIPTS.values()]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex("|".join(words)), "isolated")]
    )
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def _normal() -> normalizers.Normalizer:
    """NFKC, lower case, digits 0-9; no invisible characters, Arabic vowel points or punctuation; ▁ before a word."""
    digits = (
        normalizers.Replace(Regex(f"[{''.join(chr(ord(zero) + digit) for zero in _ZEROS)}]"), str(digit))
        for digit in range(10)
    )
    return normalizers.Sequence(
        [
            normalizers.Prepend(" "),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[\p{Cf}\x{64B}-\x{65F}\x{670}\x{640}]+"), ""),
            *digits,
            normalizers.Replace(Regex(r"[^\p{L}\p{M}\p{N}]+"), " "),
            normalizers.Replace(Regex(f" (?=[{_letters(True)}])"), " ▁"),
        ]
    )


def _letters(spaced: bool) -> str:
    return "".join(script.letters for script in SCRIPTS.values() if script.spaced is spaced)
