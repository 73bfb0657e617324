"""Whether the answer says what the gold answer says, letter by letter and in any script.

Both metrics are over the answerable cases that have gold strings, and over all of them: a case that was handed over,
asked back or crashed scores 0, because the customer has no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import regex

from eval.metrics.metric import Metric, Texts
from eval.metrics.numbers import plain
from eval.outcomes import Outcome

GRAM = 3
"""Length of the character n-grams: the one at which BERGEN's multilingual recall is measured."""

_WORD = regex.compile(r"\d+(?:\.\d+)+|[\p{L}\p{M}\p{N}]+")
# In these scripts a word may begin in the middle of a run of letters: no spaces, or prefixed articles.
_RUNS_ON = regex.compile(
    r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Han}\p{Hiragana}\p{Katakana}\p{Arabic}\p{Hebrew}\p{Tibetan}]"
)


def fold(text: str) -> str:
    """The text in normal form, numbers in one form, punctuation and white space as single spaces."""
    return " ".join(_WORD.findall(plain(text)))


def stands(gold: str, answer: str) -> bool:
    """Whether a folded gold string stands in a folded answer: not inside a longer number, nor late in a word.

    Endings may follow (Budapest in Budapesten, சென்னை in சென்னையில்); where words run on, anything may precede.
    """
    if not gold:
        return False
    before = r"(?<![\d.])" if gold[0].isdecimal() else "" if _RUNS_ON.match(gold) else r"(?<![\p{L}\p{M}])"
    behind = r"(?!\.?\d)" if gold[-1].isdecimal() else ""
    return regex.search(before + regex.escape(gold, literal_spaces=True) + behind, answer) is not None


def overlap(gold: str, answer: str) -> float:
    """F1 of the character trigrams of two folded texts, spaces aside; of shorter n-grams where one text is shorter."""
    ours, theirs = gold.replace(" ", ""), answer.replace(" ", "")
    size = min(GRAM, len(ours), len(theirs))
    if not size:
        return 0.0
    shared = (_grams(ours, size) & _grams(theirs, size)).total()
    return 2 * shared / (len(ours) + len(theirs) - 2 * size + 2)


def answer_hit(outcome: Outcome, _: Texts | None = None) -> float | None:
    """1 where a gold string stands in the answer."""
    return _best(outcome, stands)


def answer_f1(outcome: Outcome, _: Texts | None = None) -> float | None:
    """Overlap with the nearest gold string."""
    return _best(outcome, overlap)


def _best(outcome: Outcome, judge: Callable[[str, str], float]) -> float | None:
    if not (outcome.case.answerable and outcome.case.answers):
        return None
    answer = fold(outcome.answer) if outcome.answered else ""
    return float(max(judge(fold(gold), answer) for gold in outcome.case.answers))


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[start : start + size] for start in range(len(text) - size + 1))


METRICS = (
    Metric("answer_hit", "The expected words stand in the answer", answer_hit),
    Metric("answer_f1", "How far the answer's letters are those of the expected answer", answer_f1),
)
