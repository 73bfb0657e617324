from __future__ import annotations

import pytest

from knowledge.language import LANGUAGES, Detected, detect, direction, script


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("குளிர்சாதனப் பெட்டியை எப்படி சுத்தம் செய்வது?", "ta"),
        ("fridge-ல தண்ணி leak ஆகுது", "ta"),
        ("Samsung double door refrigerator-ல ice maker work ஆகல", "ta"),
        ("నా ఆర్డర్ ఎప్పుడు వస్తుంది?", "te"),
        ("Wi-Fi เชื่อมต่อไม่ได้", "th"),
        ("Mikor érkezik meg a csomagom?", "hu"),
        ("hűtő", "hu"),
        ("मेरा ऑर्डर कब आएगा?", "hi"),
        ("माझी ऑर्डर कधी येणार आहे?", "mr"),
        ("متى يصل طلبي؟", "ar"),
        ("فریج کام نہیں کر رہا", "ur"),
        ("گارانتی یخچال چند سال است؟", "fa"),
        ("আমার অর্ডার কবে আসবে?", "bn"),
        ("Kapan pesanan saya sampai?", "id"),
        ("Wie lange dauert die Lieferung?", "de"),
        ("How do I return my order?", "en"),
        ("холодильник не працює", "uk"),
        ("配送状況を確認したい", "ja"),
        ("fridge eppadi clean panrathu", "ta-Latn"),
        ("refund eppudu vastundi", "te-Latn"),
        ("mera order kab aayega", "hi-Latn"),
    ],
)
def test_a_question_is_told_by_its_script_and_words(text: str, tag: str) -> None:
    found = detect(text)
    assert found.tag == tag
    assert found.romanised is tag.endswith("-Latn")


@pytest.mark.parametrize("text", ["ok", "E4", "123", "??", "Samsung fridge E4", "EMI"])
def test_what_tells_nothing_leaves_the_talks_language(text: str) -> None:
    assert detect(text, "ta").tag == "ta"
    assert detect(text, "hi-Latn").tag == "hi-Latn"


def test_a_clear_sentence_overrules_the_talks_language() -> None:
    assert detect("Hol van a csomagom?", "en").tag == "hu"


def test_a_quoted_native_word_leaves_an_english_question_english() -> None:
    assert detect("What does வணக்கம் mean in English?").tag == "en"


@pytest.mark.parametrize(
    "text",
    ["Mengubah kata sandi akun Anda", "Kann ich meine PIN zurücksetzen?", "Hány óra van most?", "app settings", "¿Qué hora es?"],
)
def test_other_latin_sentences_are_not_taken_for_romanised(text: str) -> None:
    assert not detect(text).romanised


def test_a_long_document_is_not_judged_by_its_english_header() -> None:
    header = "Samsung Electronics Double Door Refrigerator User Manual Model RT28\n"
    assert detect(header + "குளிர்சாதனப் பெட்டியை மாதம் ஒரு முறை சுத்தம் செய்யுங்கள். " * 400).tag == "ta"
    assert detect(header + "A hűtőszekrényt havonta egyszer tisztítsa meg langyos vízzel. " * 400).tag == "hu"


def test_script_and_direction() -> None:
    assert script("தமிழ் ok") == "Taml"
    assert script("42") == "Zyyy"
    assert detect("42") == Detected("und", "Zyyy")
    assert [direction(tag) for tag in ("ar", "ur", "he", "ta", "xx")] == ["rtl", "rtl", "rtl", "ltr", "ltr"]
    assert all(tag == language.tag for tag, language in LANGUAGES.items())
