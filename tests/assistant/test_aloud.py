from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.speech.aloud import aloud, letters, table
from assistant.speech.numerals import cardinal, listed, spoken_in, tables
from assistant.speech.written import written

SIX = ("ta", "te", "th", "hu", "hi", "en")
AMOUNTS = {"ta": "₹{}", "te": "₹{}", "th": "{} บาท", "hu": "{} Ft", "hi": "₹{}", "en": "${}"}


def test_the_six_languages_can_be_said() -> None:
    assert set(spoken_in()) == set(SIX)
    for tag in SIX:
        assert len(listed(tables()[tag]["small"])) == 100 == len(set(listed(tables()[tag]["small"])))
        assert len(letters(tag)) == 26
        assert set(table()[tag]["money"]) == set(table()["money"]) == set(table()["written"])
        assert set(table()[tag]["signs"]) == set(table()["en"]["signs"])


@pytest.mark.parametrize(
    ("number", "language", "said"),
    [
        (525, "ta", "ஐந்நூற்று இருபத்தைந்து"), (2500, "ta", "இரண்டாயிரத்து ஐந்நூறு"), (11000, "ta", "பதினோராயிரம்"),
        (23000, "ta", "இருபத்து மூன்றாயிரம்"), (150000, "ta", "ஒரு லட்சத்து ஐம்பதாயிரம்"),
        (900, "ta", "தொள்ளாயிரம்"), (999, "ta", "தொள்ளாயிரத்து தொண்ணூற்றொன்பது"), (21, "ta", "இருபத்தொன்று"),
        (101, "te", "నూట ఒకటి"), (525, "te", "ఐదు వందల ఇరవై ఐదు"), (2500, "te", "రెండు వేల ఐదు వందలు"), (150000, "te", "లక్షా యాభై వేలు"),
        (11, "th", "สิบเอ็ด"), (21, "th", "ยี่สิบเอ็ด"), (101, "th", "หนึ่งร้อยเอ็ด"), (12525, "th", "หนึ่งหมื่นสองพันห้าร้อยยี่สิบห้า"),
        (2500, "hu", "kétezer-ötszáz"), (1999, "hu", "ezerkilencszázkilencvenkilenc"), (12000, "hu", "tizenkétezer"),
        (39, "hi", "उनतालीस"), (79, "hi", "उन्यासी"), (99, "hi", "निन्यानवे"), (1234567, "hi", "बारह लाख चौंतीस हज़ार पाँच सौ सड़सठ"),
        (525, "en", "five hundred and twenty-five"), (1001, "en", "one thousand and one"), (10**7, "hi", "एक करोड़"),
    ],
)  # fmt: skip
def test_numbers_are_said_as_natives_say_them(number: int, language: str, said: str) -> None:
    assert cardinal(number, language) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ta", "₹500-க்கு", "ஐந்நூறு ரூபாய்க்கு"), ("ta", "1 மணி 40 நிமிடம்", "ஒரு மணி நாற்பது நிமிடம்"),
        ("ta", "5-ஆம் தேதி", "ஐந்தாம் தேதி"), ("ta", "60 °C-இல்", "அறுபது டிகிரி செல்சியஸில்"), ("ta", "டிசம்பர் 1 முதல்", "டிசம்பர் ஒன்று முதல்"),
        ("ta", "70 மி.லி. லிக்விட்", "எழுபது மில்லிலிட்டர் லிக்விட்"), ("ta", "NF-260S", "என் எஃப் இரண்டு ஆறு பூஜ்ஜியம் எஸ்"),
        ("ta", "8–10 நாட்கள்", "எட்டு முதல் பத்து நாட்கள்"), ("ta", "₹1,50,000", "ஒரு லட்சத்து ஐம்பதாயிரம் ரூபாய்"),
        ("ta", "20-வது", "இருபதாவது"), ("ta", "2-வதாக", "இரண்டாவதாக"), ("ta", "5-ம் தேதி", "ஐந்தாம் தேதி"), ("ta", "₹500-ம் ₹99-க்கும்", "ஐந்நூறு ரூபாயும் தொண்ணூற்றொன்பது ரூபாய்க்கும்"),
        ("ta", "2 GB/மாதம்", "மாதத்துக்கு இரண்டு ஜிகாபைட்"), ("te", "399 రూపాయలు/నెల", "నెలకు మూడు వందల తొంభై తొమ్మిది రూపాయలు"),
        ("th", "399 บาท/เดือน", "สามร้อยเก้าสิบเก้าบาทต่อเดือน"), ("hi", "2 GB/महीना", "दो गीगाबाइट प्रति महीना"), ("hu", "2 GB/hó", "két gigabájt per hó"), ("en", "220 V/50 Hz", "two hundred and twenty volts or fifty hertz"),
        ("ta", "30 செ.மீ.-க்கு", "முப்பது சென்டிமீட்டருக்கு"), ("ta", "20 g-க்கு", "இருபது கிராமுக்கு"), ("ta", "5 kg-க்கு", "ஐந்து கிலோவுக்கு"),
        ("ta", "10%-க்கு", "பத்து சதவீதத்துக்கு"), ("ta", "150 mg/L", "லிட்டருக்கு நூற்று ஐம்பது மில்லிகிராம்"), ("ta", "₹500/மாதம்", "மாதத்துக்கு ஐந்நூறு ரூபாய்"),
        ("te", "₹500కి", "ఐదు వందల రూపాయలకి"), ("te", "11వ రోజున", "పదకొండవ రోజున"), ("te", "160 V నుంచి", "నూట అరవై వోల్టుల నుంచి"),
        ("te", "₹0.25", "ఇరవై ఐదు పైసలు"), ("te", "1 సంవత్సరం", "ఒక సంవత్సరం"),
        ("te", "20వ", "ఇరవయ్యవ"), ("te", "30వ", "ముప్పయ్యవ"), ("te", "25వ", "ఇరవై ఐదవ"), ("te", "10%కి", "పది శాతానికి"),
        ("te", "150–200 mg/L", "లీటరుకు నూట యాభై నుంచి రెండు వందల మిల్లీగ్రాములు"), ("te", "10 L/min", "నిమిషానికి పది లీటర్లు"), ("te", "₹20/km", "కిలోమీటరుకు ఇరవై రూపాయలు"),
        ("te", "1 kg", "ఒక కిలో"), ("te", "1 h", "ఒక గంట"), ("te", "1 min", "ఒక నిమిషం"), ("te", "1 V", "ఒక వోల్టు"), ("te", "1 °C", "ఒక డిగ్రీ సెల్సియస్"),
        ("th", "฿99.50", "เก้าสิบเก้าบาทห้าสิบสตางค์"), ("th", "10.30 น.", "สิบนาฬิกาสามสิบนาที"), ("th", "๑๕%", "สิบห้าเปอร์เซ็นต์"),
        ("th", "02-123-4567", "ศูนย์ สอง, หนึ่ง สอง สาม, สี่ ห้า หก เจ็ด"), ("th", "2–3 วัน", "สองถึงสาม วัน"),
        ("hu", "1500 Ft-ért", "ezerötszáz forintért"), ("hu", "2–3 nap", "két-három nap"), ("hu", "december 6-án", "december hatodikán"),
        ("hu", "2026. december 1.", "kétezer-huszonhat december elseje"), ("hu", "20. napon", "huszadik napon"),
        ("hu", "2,5 kg", "kettő egész öt tized kilogramm"), ("hu", "5%-os kedvezmény", "öt százalékos kedvezmény"), ("hu", "E4-es hiba", "E négyes hiba"),
        ("hu", "2 500 Ft", "kétezer-ötszáz forint"), ("hu", "10:30", "tíz óra harminc"),
        ("hu", "július 1-jétől", "július elsejétől"), ("hu", "december 6-ától", "december hatodikától"), ("hu", "május 5-éért", "május ötödikéért"),
        ("hu", "minden hónap 10-én", "minden hónap tizedikén"), ("hu", "a 15-i nap", "a tizenötödikei nap"), ("hu", "1-je és 6-a", "elseje és hatodika"),
        ("hu", "10-ért", "tízért"), ("hu", "40-én", "negyvenén"), ("hu", "1400 fordulat/perc", "ezernégyszáz fordulat per perc"), ("hu", "490 Ft/hó", "négyszázkilencven forint per hó"),
        ("hi", "₹1,499", "एक हज़ार चार सौ निन्यानवे रुपये"), ("hi", "6 दिसंबर 2026", "छह दिसंबर दो हज़ार छब्बीस"), ("hi", "₹5 लाख", "पाँच लाख रुपये"),
        ("hi", "-9 °C", "माइनस नौ डिग्री सेल्सियस"), ("hi", "१५% छूट", "पंद्रह प्रतिशत छूट"),
        ("hi", "1 h", "एक घंटा"), ("hi", "1 h में", "एक घंटे में"), ("hi", "60 km/h", "साठ किलोमीटर प्रति घंटा"), ("th", "5 mg/L", "ห้ามิลลิกรัมต่อลิตร"),
        ("en", "6 December 2026", "the sixth of December twenty twenty-six"), ("en", "₹1,50,000", "one lakh fifty thousand rupees"),
        ("en", "1800-000-6452", "one eight zero zero, zero zero zero, six four five two"), ("en", "E4", "E four"), ("en", "24/7", "twenty-four seven"),
        ("en", "158 × 56 cm", "one hundred and fifty-eight by fifty-six centimetres"), ("en", "1 °C", "one degree Celsius"), ("en", "5 mg/L", "five milligrams per litre"),
        ("en", "$5/month", "five dollars per month"), ("en", "Rs 5/Rs 6", "five rupees or six rupees"), ("en", "₹500/class", "five hundred rupees per class"), ("en", "kumar.raja1@gmail.com", "kumar dot raja one at gmail dot com"),
        ("ar", "50 °C", "50 °C"), ("ta-Latn", "5 naal", "5 naal"),
    ],
)  # fmt: skip
def test_figures_are_read_with_what_they_count(language: str, text: str, said: str) -> None:
    assert aloud(text, language) == said


@pytest.mark.parametrize("language", SIX)
@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, 99_999))
def test_what_is_read_aloud_can_be_written_down_again(language: str, number: int) -> None:
    assert written(aloud(str(number), language), language) == str(number)
    amount = AMOUNTS[language].format(number)
    assert written(aloud(amount, language), language) == amount


@pytest.mark.parametrize("language", SIX)
@settings(max_examples=60, deadline=None)
@given(text=st.text("0123456789.,:-–/ %₹€Ft×°CE@+บาท", max_size=24))
def test_no_figure_stays_unread(language: str, text: str) -> None:
    assert not any(sign.isdecimal() for sign in aloud(text, language))
