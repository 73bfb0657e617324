"""What a signal is by chance: measured in the knowledge itself, and what is told above it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge import Document, Retriever, build
from knowledge.chance import BELIEVED, LEAST, LONGEST, TYPICAL, above, drawn, usual
from knowledge.index import read

SALT = "ஒரு கிலோ உப்பு வாங்கினால் {} ரூபாய், வீட்டுக்கே கொண்டு வந்து தருவோம், பணம் பிறகு."
APART = (
    "நிலவு பூமியைச் சுற்றி வர இருபத்தேழு நாட்கள் ஆகும் என்று வானியல் கூறுகிறது.",
    "குளிர்சாதனப் பெட்டியின் கதவு சரியாக மூடாவிட்டால் ரப்பரை மாற்ற வேண்டும்.",
    "மழைக்காலத்தில் வயலில் நெல் நடவு செய்வது விவசாயிகளின் வழக்கம்.",
    "வங்கிக் கணக்கு தொடங்க முகவரிச் சான்றும் புகைப்படமும் தேவை.",
    "கடற்கரையில் மாலை நேரத்தில் குழந்தைகள் பட்டம் விடுகிறார்கள்.",
    "மருத்துவர் காலையிலும் இரவிலும் ஒரு மாத்திரை எடுக்கச் சொன்னார்.",
)


def test_few_sentences_leave_the_typical_and_many_replace_it() -> None:
    assert usual({}) == {name: pytest.approx(pair) for name, pair in TYPICAL.items()}
    mean, spread = usual({"alike": [0.9] * BELIEVED})["alike"]
    assert mean == pytest.approx((0.9 + TYPICAL["alike"][0]) / 2)
    assert spread > TYPICAL["alike"][1]
    seen = np.random.default_rng(0).normal(0.9, 0.05, 20_000).tolist()
    assert usual({"alike": seen})["alike"] == pytest.approx((0.9, 0.05), abs=0.005)


def test_levels_are_told_in_spreads_above_the_chance_of_their_language() -> None:
    told = {name: np.array([0.8, 0.8], np.float32) for name in TYPICAL}
    chances = {"th": dict.fromkeys(TYPICAL, (0.6, 0.1))}
    found = above(told, ["th", "hu"], np.array([0, 1]), chances)
    assert found["alike"] == pytest.approx([2.0, (0.8 - TYPICAL["alike"][0]) / TYPICAL["alike"][1]], abs=1e-5)
    assert found["evenness"] == pytest.approx([TYPICAL["alike"][1] / 0.1, 1.0])


def test_sentences_of_every_language_are_drawn_and_always_the_same(index: Path) -> None:
    passages = read(index).passages
    asked = list(drawn(passages))
    assert asked == list(drawn(passages))
    assert {passage.language for passage, _ in asked} == {passage.language for passage in passages}
    assert all(text in passage.text and len(text) <= LONGEST for passage, text in asked)
    assert len(asked) <= LEAST * len({passage.language for passage, _ in asked})


def test_pages_that_are_alike_are_alike_by_chance(tmp_path: Path) -> None:
    kinds = {"like": [SALT.format(price) for price in range(10, 16)], "apart": APART}
    found = {}
    for kind, texts in kinds.items():
        build([Document(str(number), text, language="ta") for number, text in enumerate(texts)], tmp_path / kind)
        found[kind] = Retriever.open(tmp_path / kind).chances()["ta"]["alike"][0]
    assert found["like"] > TYPICAL["alike"][0] > found["apart"]


def test_an_index_keeps_what_was_measured_and_an_answer_stands_above_it(tmp_path: Path) -> None:
    build([Document(str(number), text, language="ta") for number, text in enumerate(APART)], tmp_path)
    retriever = Retriever.open(tmp_path)
    assert read(tmp_path).chances == retriever.chances()
    known = retriever.search("வங்கிக் கணக்கு தொடங்க என்ன சான்று தேவை?", 1)[0].signals
    strange = retriever.search("விமானம் எத்தனை மணிக்குப் புறப்படும்?", 1)[0].signals
    assert known["alike"] > 1 > strange["alike"]
    assert all(known[name] > strange[name] for name in TYPICAL)
