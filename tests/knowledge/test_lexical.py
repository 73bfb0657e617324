"""The index of tokens: BM25 as the formula has it, and the same index however it came about."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.index.lexical import Bags, Lexical
from knowledge.text import parts, tokens, weighed, words

K1, B = 1.5, 0.75
SHOP = [
    ("ta", "வாரண்டி அட்டையைப் பத்திரமாக வைத்துக்கொள்ளுங்கள். வாரண்டி ஓர் ஆண்டு."),
    ("ta", "டெலிவரிக்குக் கட்டணம் 149 ரூபாய்."),
    ("ta", "வாரண்டி முடிந்த பின் கட்டணம் உண்டு."),
    ("th", "ลูกค้าคืนสินค้าได้ภายในสามสิบวัน"),
    ("th", "รับประกันสินค้าหนึ่งปีเต็ม"),
    ("hu", "A szerelő kiszállási díja 9900 forint."),
    ("hu", "A jótállás egy év; a számlát őrizze meg."),
    ("hi", "वारंटी ख़त्म होने के बाद ₹399 लगते हैं।"),
    ("en", ""),
]
SYLLABLES = ["வா", "ரண்", "டி", "คืน", "เงิน", "szer", "ő", "वा", "x7", "ing"]
passages = st.lists(
    st.tuples(st.sampled_from(["ta", "th", "hu"]), st.lists(st.sampled_from(SYLLABLES), max_size=12)), max_size=9
)
Passages = Sequence[tuple[str, Sequence[str]]]


def index(written: Passages, old: Lexical | None = None, kept: Sequence[int] = (), stay: Passages = ()) -> Lexical:
    languages = [language for language, _ in [*stay, *written]]
    return Lexical.build(Bags.of(own for _, own in written), languages, old, kept)


def bm25(asked: dict[str, float], written: Passages) -> list[float]:
    """Lucene's BM25, word for word; a token's rarity is that in the language which uses it most."""
    held = [Counter(own) for _, own in written]
    mean = max(sum(own.total() for own in held) / len(held), 1)  # not 0 where all passages are empty
    scores = [0.0] * len(written)
    for token, weight in asked.items():
        users = Counter(language for (language, _), own in zip(written, held, strict=True) if own[token])
        if not users:
            continue
        most = max(users.values())
        sizes = Counter(language for language, _ in written)
        rarities = [math.log1p((sizes[tag] - most + 0.5) / (most + 0.5)) for tag in users if users[tag] == most]
        for number, own in enumerate(held):
            slow = K1 * (1 - B + B * own.total() / mean)
            scores[number] += weight * max(rarities) * own[token] / (own[token] + slow) if own[token] else 0.0
    return scores


@pytest.mark.parametrize("question", ["வாரண்டி கட்டணம் எவ்வளவு?", "คืนสินค้าได้กี่วัน", "mennyi a szerelo dija", "वारंटी 399", ""])
def test_scores_are_those_of_the_formula(question: str) -> None:
    written = [(language, tokens(text)) for language, text in SHOP]
    asked = weighed(question)
    # Where two languages use a token equally often, which of their sizes counts is nowhere promised: all have one here.
    written = [*written, ("hi", []), ("ta", []), ("th", []), ("th", []), ("hu", []), ("hu", []), *[("hi", [])] * 2]
    assert index(written).scores(asked) == pytest.approx(bm25(asked, written), rel=1e-5)


@given(passages.filter(bool), st.dictionaries(st.sampled_from([*SYLLABLES, "unwritten"]), st.floats(0.1, 4)))
@settings(max_examples=40, deadline=None)
def test_scores_of_any_corpus_are_those_of_the_formula(written: Passages, asked: dict[str, float]) -> None:
    alike = [("ta", own) for _, own in written]
    mine = index(alike).scores(asked)
    assert len(mine) == len(alike)
    assert mine == pytest.approx(bm25(asked, alike), rel=1e-4, abs=1e-6)


def same(one: Lexical, other: Lexical, size: int) -> None:
    everyone = np.arange(size)
    for token in [*SYLLABLES, "unwritten"]:
        np.testing.assert_array_equal(one.scores({token: 1.0}), other.scores({token: 1.0}))
        np.testing.assert_array_equal(one.holds([token], everyone), other.holds([token], everyone))
        np.testing.assert_array_equal(one.mass([token]), other.mass([token]))


@given(passages, passages, st.data())
@settings(max_examples=60, deadline=None)
def test_passages_that_come_and_go_leave_no_trace(before: Passages, fresh: Passages, data: st.DataObject) -> None:
    kept = sorted(data.draw(st.sets(st.sampled_from(range(len(before)))) if before else st.just(set())))
    stay = [before[number] for number in kept]
    after = index(fresh, index(before), kept, stay)
    same(after, index([*stay, *fresh]), len(stay) + len(fresh))


@pytest.mark.parametrize("written", [SHOP, []], ids=["shop", "nothing"])
def test_what_was_saved_is_opened(written: list[tuple[str, str]], tmp_path: Path) -> None:
    made = index([(language, tokens(text)) for language, text in written])
    made.save(tmp_path / "words")
    opened = Lexical.load(tmp_path / "words", len(written))
    for question in ("வாரண்டி கட்டணம்", "สินค้า"):
        np.testing.assert_array_equal(opened.scores(weighed(question)), made.scores(weighed(question)))
    with pytest.raises(ValueError, match=f"{len(written) + 1} passages"):
        Lexical.load(tmp_path / "words", len(written) + 1)
    once = Lexical.build(Bags.of([]), [language for language, _ in written], opened, range(len(written)))
    np.testing.assert_array_equal(once.scores(weighed("வாரண்டி")), made.scores(weighed("வாரண்டி")))


def test_words_put_in_place_of_texts_and_parts_in_place_of_words_are_the_tokens_of_the_texts() -> None:
    texts = [text for _, text in SHOP]
    bags = Bags.of(text.split() for text in texts).into(words).into(parts)
    for text, counts in zip(texts, bags.counts.toarray(), strict=True):
        assert Counter(dict(zip(bags.tokens, counts.tolist(), strict=True))) == Counter(tokens(text))


def test_what_nobody_wrote_scores_nothing_and_is_rarest() -> None:
    made = index([(language, tokens(text)) for language, text in SHOP])
    assert not made.scores(weighed("กขฃคฅ zzqqy")).any()
    unwritten, common = made.mass(["zzqqy", "வாரண்டி"])
    assert unwritten > common > 0
    assert not made.holds(["zzqqy"], np.arange(len(SHOP))).any()


def test_a_common_word_of_a_rare_language_is_no_rare_word() -> None:
    written = [("ta", ["உள்ள", f"பக்கம்{number}"]) for number in range(40)] + [
        ("hu", ["a", f"oldal{n}"]) for n in range(4)
    ]
    common, rare = index(written).mass(["a", "oldal1"])
    assert common < rare / 4


def test_a_count_that_no_byte_holds_is_cut() -> None:
    made = index([("th", ["คืน"] * 1000), ("th", ["คืน"]), ("th", ["เงิน"])])
    often, once, never = made.scores({"คืน": 1.0})
    assert often > once > never == 0
