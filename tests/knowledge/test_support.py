import pytest

from knowledge import Document, Retriever, build

PASSAGES = {
    "en": "The money arrives in your bank account within seven days of the return.",
    "ta": "பணம் 7 நாட்களில் உங்கள் வங்கிக் கணக்கில் வந்து சேரும்.",
    "th": "ค่าบริการนอกประกันครั้งละ 500 บาทต่อการเข้าตรวจหนึ่งครั้งของช่าง",
    "hu": "A szerelő kiszállási díja 9 900 Ft.",
}


@pytest.fixture(scope="module")
def retriever(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    build([Document(tag, text, language=tag) for tag, text in PASSAGES.items()], folder)
    return Retriever.open(folder)


@pytest.mark.parametrize("language", list(PASSAGES))
def test_a_text_holds_itself_wholly_and_another_hardly(retriever, language):
    text = PASSAGES[language]
    (support,) = retriever.support(text, [text])
    assert support == pytest.approx({"coverage": 1.0, "sounding": 1.0, "fit": 1.0}, abs=1e-3)
    for other in PASSAGES.keys() - {language}:
        assert retriever.support(text, [PASSAGES[other]])[0]["coverage"] < 0.2


def test_more_text_never_holds_less(retriever):
    one, two = retriever.support("panam vangi kanakkil varum", [PASSAGES["ta"], PASSAGES["ta"] + PASSAGES["hu"]])
    assert all(one[signal] <= two[signal] + 1e-6 for signal in ("coverage", "sounding", "fit"))


def test_the_same_in_latin_letters_sounds_alike(retriever):
    supports = retriever.support("panam naatkalil ungal vangi kanakkil vandhu serum", list(PASSAGES.values()))
    sounding = dict(zip(PASSAGES, (support["sounding"] for support in supports), strict=True))
    assert max(sounding, key=sounding.__getitem__) == "ta"
    assert sounding["ta"] > 0.35


@pytest.mark.parametrize("text", ["", "…", "7"])
def test_nothing_is_held_by_nothing(retriever, text):
    (support,) = retriever.support("பணம் வரும்", [text])
    assert support == pytest.approx({"coverage": 0.0, "sounding": 0.0, "fit": 0.0}, abs=0.35)
    assert retriever.support("", [PASSAGES["ta"]]) == [{"coverage": 0.0, "sounding": 0.0, "fit": 0.0}]
    assert retriever.support("பணம்", []) == []
