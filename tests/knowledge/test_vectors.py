"""The index of vectors: the same however it came about, and its figures those of a direct computation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.embed import SHIPPED, Subwords, open_embedder
from knowledge.embed.vectors import unit
from knowledge.index import vectors
from knowledge.index.vectors import Vectors

Floats = NDArray[np.float32]
NEAR = 0.99
"""Share of the truly nearest that a clustered index must find."""
WORDS = ["வாரண்டி", "பணம்", "டெலிவரி", "คืนสินค้า", "เงิน", "ประกัน", "jótállás", "szerelő", "díj", "वारंटी", "पैसे", "मरम्मत"]
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), max_size=8)


class Table:
    """A table of one vector a word; `pagel` says nothing."""

    name, dimension = "table", 16

    def __init__(self) -> None:
        rows = np.random.default_rng(3).normal(size=(len(WORDS), self.dimension))
        self._rows = (rows * np.linspace(0.2, 2, len(WORDS))[:, None]).astype(np.float32)

    def encode_query(self, texts: Sequence[str]) -> Floats:
        return self.encode_pieces(self.pieces(texts))

    encode_document = encode_query

    def encode_pieces(self, pieces: Sequence[NDArray[np.int32]]) -> Floats:
        sums = [self._rows[own].sum(axis=0) for own in pieces]
        return unit(np.array(sums).reshape(len(pieces), self.dimension))

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        return [np.array([WORDS.index(word) for word in text.split() if word in WORDS], np.int32) for text in texts]

    def vectors(self, pieces: NDArray[np.int32]) -> Floats:
        return self._rows[pieces]


class Given:
    """Vectors that the test gives: a text is the number of its row. It has no pieces."""

    name = "given"

    def __init__(self, rows: Floats) -> None:
        self._rows = rows
        self.dimension = rows.shape[1]

    def encode_query(self, texts: Sequence[str]) -> Floats:
        return self._rows[[int(text) for text in texts]]

    encode_document = encode_query


TABLE = Table()
QUESTIONS = ["வாரண்டி பணம்", "คืนสินค้า เงิน", "szerelő díj", "मरम्मत पैसे वारंटी", "zzz"]


def same(one: Vectors, other: Vectors, size: int) -> None:
    everyone = np.arange(size)
    for question in QUESTIONS:
        vector, pieces = TABLE.encode_query([question])[0], TABLE.pieces([question])[0]
        for mine, theirs in zip(one.standing(vector, everyone), other.standing(vector, everyone), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-5)
        np.testing.assert_allclose(one.fit(pieces, everyone, TABLE), other.fit(pieces, everyone, TABLE), atol=1e-6)
        np.testing.assert_array_equal(sorted(one.nearest(vector, size)), sorted(other.nearest(vector, size)))
        first = one.standing(vector, one.nearest(vector, 3))[0]
        np.testing.assert_allclose(first, other.standing(vector, other.nearest(vector, 3))[0], atol=1e-6)


@given(texts, texts, texts, st.data())
@settings(max_examples=40, deadline=None)
def test_passages_that_come_and_go_leave_no_trace(
    first: list[str], second: list[str], third: list[str], data: st.DataObject
) -> None:
    index, held = Vectors.build(first, TABLE), first
    for fresh in (second, third):
        kept = sorted(data.draw(st.sets(st.sampled_from(range(len(held)))) if held else st.just(set())))
        index = Vectors.build(fresh, TABLE, index, kept)
        held = [held[number] for number in kept] + fresh
        same(index, Vectors.build(held, TABLE), len(held))


def test_the_nearest_are_those_of_comparing_all() -> None:
    rows = unit(np.random.default_rng(5).normal(size=(700, 24)))
    index = Vectors.build([str(number) for number in range(600)], Given(rows))
    for question in rows[600:]:
        best = np.argsort(-(rows[:600].astype(np.float16).astype(np.float32) @ question), kind="stable")[:20]
        assert set(index.nearest(question, 20)) == set(best)
    assert len(index.nearest(rows[0], 1000)) == 600


def test_nothing_is_near_to_a_question_that_means_nothing() -> None:
    index = Vectors.build([*WORDS, ""], TABLE)
    nothing = np.zeros(TABLE.dimension, np.float32)
    assert len(index.nearest(nothing, 5)) == 0
    assert not np.concatenate(index.standing(nothing, np.arange(len(WORDS)))).any()
    assert not np.any(index.fit(np.zeros(0, np.int32), np.arange(len(WORDS)), TABLE))
    assert len(Vectors.build([], TABLE).nearest(TABLE.encode_query(QUESTIONS)[0], 5)) == 0


def topics(count: int, seed: int) -> Floats:
    """Vectors as a knowledge has them: many topics of very different sizes, all leaning the same way."""
    draw = np.random.default_rng(seed)
    middles = draw.normal(size=(150, 48)) + 0.6 * draw.normal(size=48)
    sizes = 1 / np.arange(1, 151)
    chosen = draw.choice(150, size=count, p=sizes / sizes.sum())
    return unit(middles[chosen] + 0.7 * draw.normal(size=(count, 48)))


def recall(index: Vectors, rows: Floats, asked: Floats, count: int = 10) -> float:
    stored = rows.astype(np.float16).astype(np.float32)
    best = np.argsort(-(asked @ stored.T), axis=1)[:, :count]
    found = [set(index.nearest(question, count)) for question in asked]
    return float(np.mean([len(near & set(truly)) / count for near, truly in zip(found, best, strict=True)]))


def test_of_many_passages_nearly_all_of_the_nearest_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "LARGE", 3000)
    monkeypatch.setattr(vectors, "CLUSTER", 16)  # as many clusters as knowledge of 50,000 passages has
    rows = topics(6200, seed=11)
    table = Given(rows)
    rows, asked = rows[:6000], rows[6000:]
    index = Vectors.build([str(number) for number in range(6000)], table)
    assert recall(index, rows, asked) >= NEAR
    kept = sorted(set(range(6000)) - set(range(0, 6000, 3)))
    index = Vectors.build([str(number) for number in range(0, 6000, 3)], table, index, kept)
    assert recall(index, rows[[*kept, *range(0, 6000, 3)]], asked) >= NEAR


def test_knowledge_that_grows_large_and_shrinks_again_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "LARGE", 1000)
    monkeypatch.setattr(vectors, "CLUSTER", 8)
    rows = topics(1700, seed=2)
    table = Given(rows)
    small = Vectors.build([str(number) for number in range(900)], table)
    large = Vectors.build([str(number) for number in range(900, 1600)], table, small, range(900))
    assert recall(large, rows[:1600], rows[1600:]) >= NEAR
    again = Vectors.build([], table, large, range(0, 1600, 4))
    assert recall(again, rows[:1600:4], rows[1600:]) == 1.0


def test_standing_is_held_against_the_whole_knowledge() -> None:
    rows = topics(520, seed=7)
    index = Vectors.build([str(number) for number in range(500)], Given(rows))
    some = np.array([3, 77, 431])
    stored = rows[:500].astype(np.float16).astype(np.float32)
    for question in rows[500:]:
        cosines = stored @ question
        found, standing = index.standing(question, some)
        np.testing.assert_allclose(found, cosines[some], atol=1e-6)
        np.testing.assert_allclose(standing, ((cosines - cosines.mean()) / cosines.std())[some], rtol=1e-3, atol=1e-3)


def directly(asked: NDArray[np.int32], passages: list[NDArray[np.int32]], table: Subwords) -> list[float]:
    """Late interaction piece by piece: what all passages meet counts less, then the best stretch and all stretches."""

    def cosine(one: int, other: int) -> float:
        ours, theirs = table.vectors(np.array([one, other]))
        spread = float(np.linalg.norm(ours) * np.linalg.norm(theirs))
        return float(ours @ theirs) / spread if spread else 0.0

    pieces = sorted(set(asked.tolist()))
    met = []  # passage -> stretch -> piece -> its best cosine there
    for held in passages:
        stretches = [held[start : start + 2 * vectors.STEP].tolist() for start in range(0, len(held), vectors.STEP)]
        met.append(
            [{piece: max(cosine(piece, other) for other in stretch) for piece in pieces} for stretch in stretches]
        )
    filled = [stretches for stretches in met if stretches]
    weights = {}
    for piece in pieces:
        usual = sum(max(stretch[piece] for stretch in stretches) for stretches in filled) / (len(filled) + vectors.FEW)
        weights[piece] = float(np.linalg.norm(table.vectors(np.array([piece])))) * max(1 - usual, vectors.TINY)
    fits = []
    for stretches in met:
        sums = [
            sum(weights[piece] * stretch[piece] for piece in pieces) / sum(weights.values()) for stretch in stretches
        ]
        whole = sum(sums) / len(sums) if sums else 0.0
        fits.append((max(sums, default=0.0) + vectors.WHOLE * whole) / (1 + vectors.WHOLE))
    return fits


@pytest.mark.parametrize(
    "name",
    ["table", pytest.param("static", marks=pytest.mark.skipif(not SHIPPED.exists(), reason="the model is not here"))],
)
def test_fit_is_that_of_two_loops(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "STEP", 4)
    table = TABLE if name == "table" else open_embedder(name)
    assert isinstance(table, Subwords)
    held = ["வாரண்டி பணம் டெலிவரி", "", "คืนสินค้า เงิน เงิน", " ".join([*WORDS, *reversed(WORDS)] * 4), "मरम्मत"]
    index = Vectors.build(held, table)
    for question in QUESTIONS[:4]:
        asked = table.pieces([question])[0]
        pieces = table.pieces(held)
        for some in (np.arange(5), np.array([4, 1]), np.array([1])):
            expected = directly(asked, [pieces[number] for number in some], table)
            assert index.fit(asked, some, table)[0] == pytest.approx(expected, abs=1e-5)


def begun(asked: NDArray[np.int32], passages: list[NDArray[np.int32]], table: Subwords) -> list[float]:
    """Piece by piece: what a passage begins with, early and rare ones most, and its likest in the question."""
    ours = unit(table.vectors(asked))
    openings = [held[: 3 * vectors.OPENING].tolist() for held in passages]
    shares, filled = [], sum(map(bool, openings))
    for opening in openings:
        met = whole = 0.0
        for place, piece in enumerate(opening):
            holders = sum(piece in other for other in openings)
            vector = table.vectors(np.array([piece]))
            weight = float(np.linalg.norm(vector)) * np.exp(-place / vectors.OPENING)
            weight *= np.log1p((filled - holders + 0.5) / (holders + 0.5))
            met += weight * max(float(unit(vector)[0] @ own) for own in ours)
            whole += weight
        shares.append(met / whole if whole else 0.0)
    return shares


def test_an_opening_is_that_of_two_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "OPENING", 2)
    held = ["வாரண்டி பணம் டெலிவரி", "", "เงิน เงิน คืนสินค้า", " ".join([*WORDS, *reversed(WORDS)]), "मरम्मत"]
    index, pieces = Vectors.build(held, TABLE), TABLE.pieces(held)
    for question in QUESTIONS[:4]:
        asked = TABLE.pieces([question])[0]
        for some in (np.arange(5), np.array([4, 1]), np.array([1])):
            expected = begun(asked, [pieces[number] for number in some], TABLE) if len(asked) else [0.0] * len(some)
            assert index.fit(asked, some, TABLE)[2] == pytest.approx(expected, abs=1e-5)
    first, *_, late = index.fit(TABLE.pieces(["เงิน"])[0], np.array([2, 0, 3]), TABLE)[2]
    assert first > late > 0


def test_what_was_saved_is_opened(tmp_path: Path) -> None:
    made = Vectors.build(WORDS, TABLE)
    made.save(tmp_path / "vectors")
    same(Vectors.load(tmp_path / "vectors", len(WORDS)), made, len(WORDS))
    with pytest.raises(ValueError, match="13 passages"):
        Vectors.load(tmp_path / "vectors", 13)
    (tmp_path / "vectors" / "faiss").write_bytes(b"no index")
    with pytest.raises(ValueError, match="FAISS"):
        Vectors.load(tmp_path / "vectors", len(WORDS))


def test_an_embedder_without_pieces_has_vectors_all_the_same(tmp_path: Path) -> None:
    rows = topics(30, seed=1)
    Vectors.build([str(number) for number in range(20)], Given(rows)).save(tmp_path / "vectors")
    opened = Vectors.load(tmp_path / "vectors", 20)
    grown = Vectors.build([str(number) for number in range(20, 30)], Given(rows), opened, [1, 5, 19])
    assert grown.nearest(rows[19], 1).tolist() == [2]
    assert grown.nearest(rows[25], 1).tolist() == [8]
    assert Vectors.build([], Given(rows), grown, [8]).nearest(rows[25], 1).tolist() == [0]
