from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.speech.written import either, written
from tests.conftest import GROWN, growth


@pytest.mark.parametrize(
    ("language", "heard", "meant"),
    [
        ("ta", "E நாலு வருது", "E4 வருது"), ("ta", "எரர் கோடு ஈ நாலு", "எரர் கோடு E4"), ("ta", "ஆறு ஏழு எட்டு", "678"),
        ("ta", "ஐநூறு ரூபாய் கட்டினேன்", "₹500 கட்டினேன்"), ("ta", "ரெண்டாயிரத்து அஞ்சூறு ரூபாய்", "₹2500"),
        ("ta", "டபுள் நைன் எட்டு ஏழு ஆறு", "99876"), ("ta", "ரெண்டு மூணு நாள்", "2-3 நாள்"), ("ta", "இருபத்தஞ்சாயிரம் ரூபாய்", "₹25000"),
        ("ta", "காலை பத்து முப்பது மணிக்கு", "காலை 10:30 மணிக்கு"), ("ta", "குமார் டாட் ராஜா அட் ஜிமெயில் டாட் காம்", "kumar.raja@gmail.com"),
        ("ta-Latn", "aaru ezhu ettu onbadhu", "6789"), ("ta-Latn", "error code E naalu", "error code E4"), ("ta-Latn", "ainooru rooba", "₹500"),
        ("te", "రెండు వేల ఐదు వందల రూపాయలు", "₹2500"), ("te", "ఎర్రర్ కోడ్ ఈ నాలుగు", "ఎర్రర్ కోడ్ E4"), ("te", "డబుల్ నైన్ ఎనిమిది నాలుగు", "9984"),
        ("te-Latn", "rendu vela aidu vandala rupayalu", "₹2500"),
        ("hi", "दो हजार पांच सौ रुपये", "₹2500"), ("hi", "डेढ़ सौ रुपये", "₹150"), ("hi", "साढ़े तीन सौ रुपये", "₹350"), ("hi", "साढ़े तीन घंटे", "3.5 घंटे"),
        ("hi", "कुमार डॉट राजा एट जीमेल डॉट कॉम", "kumar.raja@gmail.com"), ("hi-Latn", "do hazaar paanch sau", "2500"),
        ("th", "ห้าร้อยบาท", "500 บาท"), ("th", "รหัสอี สี่", "รหัสE4"), ("th", "โทรศูนย์แปดเก้าดับเบิ้ลเก้าหนึ่งสองสาม", "โทร08999123"),
        ("hu", "kettőezer-ötszáz forint", "2500 Ft"), ("hu", "E négy hiba", "E4 hiba"), ("hu", "dupla kilenc nulla öt", "9905"),
        ("hu", "két egész öt tized kilogramm", "2,5 kilogramm"), ("hu", "kovács pont péter kukac gmail pont com", "kovacs.peter@gmail.com"),
        ("en", "double nine eight seven six", "99876"), ("en", "oh four four triple six", "044666"), ("en", "twelve dollars fifty cents", "$12.50"),
        ("en", "twenty twenty six", "2026"), ("en", "N F two six zero S", "NF260S"), ("en", "a hundred and twenty thousand", "120000"),
        ("th", "ติดต่อ สมชาย จุด ดี แอท จีเมล จุด คอม ครับ", "ติดต่อ smchay.di@gmail.com ครับ"), ("th", "somchai ขีด แอดมิน หนึ่ง แอท gmail จุด com", "somchai-@min1@gmail.com"),
        ("hi", "कुमार वन एट जीमेल डॉट कॉम", "kumar1@gmail.com"),
        ("en", "my email is raja one two three at gmail dot com", "my email is raja123@gmail.com"), ("en", "the sixth of december", "6 december"),
        ("de", "fünfhundertfünfundzwanzig Euro", "€525"), ("id", "dua ratus lima puluh ribu", "250000"), ("bn", "পাঁচশো টাকা", "500 টাকা"), ("ar", "ستة سبعة ثمانية", "678"),
    ],
)  # fmt: skip
def test_spoken_figures_are_written(language: str, heard: str, meant: str) -> None:
    assert written(heard, language) == meant


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ta", "ஆறு வற்றிடுச்சு"), ("ta", "ஒரு பிரச்சனை"), ("ta", "என் நாலு பிள்ளைகள்"), ("te", "ఒక సమస్య"), ("hi", "एक समस्या है"),
        ("hi-Latn", "ek baat batao"), ("hi-Latn", "kitne paise do"), ("th", "สามารถเปลี่ยนได้ไหม"), ("th", "ห้ามใช้"),
        ("th", "เก้าอี้ตัวที่สอง"), ("th", "ศูนย์บริการ"), ("hu", "egy kérdésem van"), ("hu", "a négy fal"), ("en", "one moment please"),
        ("en", "a five star rating"), ("en", "no one came"), ("en", "I want two"), ("en", "meet me at the shop dot")
    ],
)  # fmt: skip
def test_small_words_that_may_be_no_numbers_stay(language: str, said: str) -> None:
    assert written(said, language) == said


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["ta", "te", "th", "hu", "hi", "en", "ar", "ta-Latn", "und"]))
def test_any_text_can_be_written(text: str, language: str) -> None:
    assert isinstance(written(text, language), str)


@pytest.mark.parametrize(
    ("language", "heard", "sought"),
    [
        ("ta", "மூவாயிரத்து இருநூறு ரூபாய்க்கு மிக்சி", "மூவாயிரத்து இருநூறு ரூபாய்க்கு மிக்சி 3200"),
        ("th", "ห้าร้อยบาท", "ห้าร้อยบาท 500"),
        ("hu", "ezerkétszáz pontom van", "ezerkétszáz pontom van 1200"),
        ("en", "what was built in two thousand and six", "what was built in two thousand and six 2006"),
        ("te", "వారంటీ ఎంత", "వారంటీ ఎంత"),
        ("hi", "एएमसी कितने का है", "एएमसी कितने का है amc"),
        ("ta", "யூபிஐல கட்டினேன்", "யூபிஐல கட்டினேன் upi"),
        ("te", "జీఎస్టీ బిల్లు", "జీఎస్టీ బిల్లు gst"),
        ("th", "ส่งเอสเอ็มเอสไหม", "ส่งเอสเอ็มเอสไหม"),
        ("hi", "टीवी और फ्रिज", "टीवी और फ्रिज"),
    ],
)
def test_what_was_heard_is_sought_in_both_spellings(language: str, heard: str, sought: str) -> None:
    assert either(heard, language) == sought


@pytest.mark.parametrize("language", ["ta", "th", "hu"])
def test_thousands_of_figures_stay_as_they_are(language: str) -> None:
    assert written("9" * 5000, language) == "9" * 5000


@pytest.mark.parametrize("language", ["ta", "th", "hu", "hi", "de"])
@pytest.mark.parametrize(
    "unit",
    ["จุด", "จุด ", "แอท", "ก จุด แอท ", "หนึ่ง ", "அட் ", "அ டாட் ", "ஓ ", "kukac ", "a pont ", "एट ", "harmincegy", "dreizehn", "สิบเอ็ด", "a ", "AB 1 ", "o ", "4", "1.", "12 "],
)  # fmt: skip
def test_rows_of_the_same_take_no_longer_than_other_text(unit: str, language: str) -> None:
    either("ஒன்று", language)
    assert growth(lambda text: either(text, language), unit, 4000) < GROWN
