"""One word has one key in every script, and different words have different ones."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.sound import BRIEF, RUN, SHORTEST, key, keys, runs
from knowledge.text import normalise

PAIRS = Path(__file__).parents[3] / "shared" / "suites" / "romanised" / "pairs.jsonl"
AGREEING = 0.85
"""Share of the romanised pairs whose two spellings must have one key."""
ONE_WORD = [
    "Washington வாஷிங்டன் वाशिंगटन వాషింగ్టన్ วอชิงตัน Вашингтон",
    "fridge ஃப்ரிட்ஜ் பிரிட்ஜ் फ्रिज ఫ్రిజ్ фридж",
    "warranty வாரண்டி वारंटी వారంటీ waranti",
    "compressor கம்ப்ரெசர் कंप्रेसर కంప్రెసర్ คอมเพรสเซอร์ компрессор كمبروسر",
    "Samsung சாம்சங் सैमसंग సామ్‌సంగ్ ซัมซุง Самсунг",
    "filter ஃபில்டர் फ़िल्टर ఫిల్టర్ ฟิลเตอร์ фильтр فلتر",
    "service சர்வீஸ் सर्विस సర్వీస్ เซอร์วิส",
    "technician டெக்னீஷியன் टेक्नीशियन టెక్నీషియన్",
    "delivery டெலிவரி डिलीवरी డెలివరీ เดลิเวอรี",
    "motor மோட்டார் मोटर మోటార్ มอเตอร์ мотор موتور",
    "stabilizer ஸ்டெபிலைசர் स्टेबलाइज़र స్టెబిలైజర్",
    "microwave மைக்ரோவேவ் माइक्रोवेव మైక్రోవేవ్",
    "Hyderabad ஹைதராபாத் हैदराबाद హైదరాబాద్ ไฮเดอราบาด حيدراباد",
    "hotel ஹோட்டல் होटल హోటల్ โฮเต็ล هوتيل",
    "Nokia நோக்கியா नोकिया నోకియా โนเกีย Нокиа نوكيا",
    "phone ஃபோன் फ़ोन ఫోన్ fon",
    "Madurai மதுரை मदुरै మదురై",
    "thanneer தண்ணீர் tannir",
    "vishwas विश्वास విశ్వాస్ viswas",
    "Budapest புடாபெஸ்ட் बुडापेस्ट బుడాపెస్ట్ Будапешт",
    "szerelő szerelo SZERELŐ",
]
"""Each line: one word as different scripts, and hurried people, write it."""
MANY_WORDS = [
    "warranty",
    "delivery",
    "refund",
    "technician",
    "compressor",
    "fridge",
    "washing",
    "machine",
    "filter",
    "motor",
    "voltage",
    "invoice",
    "exchange",
    "repair",
    "pickup",
    "service",
    "installation",
    "stabilizer",
    "magnetron",
    "membrane",
    "gasket",
    "discount",
    "complaint",
    "privacy",
    "password",
    "serial",
]


@pytest.mark.parametrize("line", ONE_WORD, ids=lambda line: line.split()[0])
def test_a_word_has_one_key_in_every_script(line: str) -> None:
    found = {word: key(normalise(word)) for word in line.split()}
    assert len(set(found.values())) == 1, found
    assert "" not in found.values()


def test_different_words_keep_different_keys() -> None:
    found = {word: key(word) for word in MANY_WORDS}
    assert [pair for pair in itertools.combinations(found, 2) if found[pair[0]] == found[pair[1]]] == []
    native = ["வாரண்டி", "டெலிவரி", "பணம்", "தண்ணீர்", "கதவு", "சத்தம்", "திருப்பி", "தவணை", "மின்சாரம்", "பழுது"]
    assert len({key(word) for word in native}) == len(native)


def test_letters_that_latin_spelling_does_not_speak_are_not_heard() -> None:
    assert key("knight") == key("nait")
    assert key("wrong") == key("rong")
    assert key("installation") == key("instaleshan")


def test_words_that_sound_alike_meet_in_their_tokens() -> None:
    assert set(keys("வாரண்டி கார்டு")) & set(keys("warranty card")) >= {"vrnt", "#vrnt"}
    assert {"12", "30"} <= set(keys("௧௨ நாள், ३० दिन"))
    assert not any(len(token) < SHORTEST for token in keys("தண்ணி la oru கேள்வி") if not token.startswith("#"))
    assert keys("😀 … — ?!") == []


@settings(deadline=None)
@given(st.text(max_size=40))
def test_every_text_has_keys_of_plain_letters(text: str) -> None:
    assert all(token.removeprefix("#").removeprefix(BRIEF).isalnum() for token in keys(text))
    assert keys(text) == keys(normalise(text))


@pytest.mark.skipif(not PAIRS.exists(), reason="../shared/suites/romanised is not here")
def test_spellings_that_people_gave_agree_with_the_word() -> None:
    counts: Counter[str] = Counter()
    agreeing: Counter[str] = Counter()
    with PAIRS.open(encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            counts[pair["lang"]] += 1
            agreeing[pair["lang"]] += key(normalise(pair["native"])) == key(normalise(pair["roman"]))
    shares = {language: agreeing[language] / counts[language] for language in ("ta", "te", "hi")}
    assert min(shares.values()) >= AGREEING, shares


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("war saw", "Warsaw"),
        ("வாஷிங் டன்", "வாஷிங்டன்"),
        ("rain forest", "rainforest"),
        ("वा रंटी", "वारंटी"),
        ("mosó gép", "mosógép"),
    ],
)
def test_what_sounds_in_a_row_knows_no_spaces(heard: str, said: str) -> None:
    assert runs(heard) == runs(said)
    assert all(len(run) == RUN for run in runs(said))


def test_a_run_is_counted_once_and_figures_are_silent() -> None:
    assert runs("1499") == runs("") == []
    assert len(set(runs("జలజలజల జలజల"))) == len(runs("జలజలజల జలజల"))
