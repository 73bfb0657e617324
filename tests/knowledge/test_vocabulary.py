"""The words of an index by their sound: the likest first, in any script, and what a passage holds of what was heard."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.index import Lexical, Vocabulary, echoes
from knowledge.index.lexical import Bags
from knowledge.text import tokens

PASSAGES = [
    "வாரண்டி இரண்டு ஆண்டுகள்",
    "వారంటీ రెండు సంవత్సరాలు",
    "a jótállás két év",
    "वारंटी दो साल की है",
    "the dishwasher rainforest Piketty E4",
    "A4 B12",
]


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("வாறண்டி", "வாரண்டி"),
        ("వారెంటి", "వారంటీ"),
        ("jótálás", "jótállás"),
        ("वारन्टी", "वारंटी"),
        ("pickety", "piketty"),
        ("dishvasher", "dishwasher"),
    ],
)
def test_a_misheard_word_is_near_the_one_that_was_said(heard: str, said: str) -> None:
    near = Vocabulary(PASSAGES).near(heard)
    assert said in near
    assert near[said] == max(near.values())


def test_an_empty_vocabulary_knows_nothing() -> None:
    vocabulary = Vocabulary([])
    assert vocabulary.near("warranty") == {}
    assert "warranty" not in vocabulary


def test_codes_of_the_same_digits_are_told() -> None:
    vocabulary = Vocabulary(PASSAGES)
    assert vocabulary.codes("e4") == ["a4"]
    assert vocabulary.codes("f4") == ["a4", "e4"]
    assert vocabulary.codes("f5") == []
    assert vocabulary.codes("rainforest") == []


def test_two_words_are_heard_as_one_and_a_doubted_one_counts_less() -> None:
    words = Lexical.build(Bags.of(map(tokens, PASSAGES)), ["und"] * len(PASSAGES))
    passages, vocabulary = np.arange(len(PASSAGES)), Vocabulary(PASSAGES)
    joined = echoes(["rain", "forest"], {}, vocabulary, words, passages)["joined"]
    assert joined.argmax() == 4
    assert joined[4] > 0
    surely, hardly = (echoes(["jótállás"], {"jótállás": p}, vocabulary, words, passages)["echo"] for p in (1.0, 0.9))
    assert surely.argmax() == 2
    assert surely[2] >= hardly[2] > 0
    strange = echoes(["jótálás", "két"], {}, vocabulary, words, passages)["strange"]
    assert strange[2] == pytest.approx(echoes(["jótálás"], {}, vocabulary, words, passages)["echo"][2])
