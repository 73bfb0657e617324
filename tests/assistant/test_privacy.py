"""Personal data is found in every script and in words, exactly where it stands, and leaves by none of the ways out."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn, verhoeff

from assistant import privacy
from assistant.conversation import Turn
from assistant.earlier import private
from assistant.privacy import KINDS, MaskedFormatter, found, masked
from assistant.prompts import rewriting, writing
from assistant.speech.numerals import figures, repeated
from knowledge import Passage
from knowledge.load import FORMATS, load
from tests.conftest import GROWN, growth

ROOT = Path(__file__).parents[2]
ZEROS = list("0٠०০௦౦೦๐０")
"""The zero of each script's digits."""

WRITTEN = [
    ("email", "ta", "என் மின்னஞ்சல் kumar.s@example.com, பதில் போடுங்க", "kumar.s@example.com"),
    ("email", "hu", "Írjanak ide: kovács.anna@példa.hu.", "kovács.anna@példa.hu"),
    ("upi", "hi", "रिफंड ravi.k@okaxis पर भेजिए", "ravi.k@okaxis"),
    ("phone", "ta", "என் எண் ௯௮௭௬௫ ௪௩௨௧௦ தான்", "9876543210"),
    ("phone", "te", "నా నంబర్ ౯౮౭౬౫౪౩౨౧౦", "9876543210"),
    ("phone", "th", "โทรกลับที่เบอร์๐๘๑-๒๓๔-๕๖๗๘ได้เลย", "0812345678"),
    ("phone", "hu", "A számom 06 30 123 4567, vagy írjon", "06301234567"),
    ("phone", "hu", "Hívjon: +36 (30) 123-4567!", "+36301234567"),
    ("phone", "hi", "मेरा नंबर +९१ ९८७६५ ४३२१० है", "+919876543210"),
    ("phone", "ar", "رقمي ٠٥٠١٢٣٤٥٦٧ اتصلوا بي", "0501234567"),
    ("phone", "ta-Latn", "en number 98765-43210 ku call pannunga", "9876543210"),
    ("phone", "hi-Latn", "mera number 09876543210 hai", "09876543210"),
    ("phone", "bn", "আমার নম্বর ০১৭১২৩৪৫৬৭৮", "01712345678"),
    ("card", "te", "కార్డ్ 4111 1111 1111 1111, గడువు 12/28", "4111111111111111"),
    ("card", "hi", "कार्ड ४१११-११११-११११-११११ से कटा", "4111111111111111"),
    ("aadhaar", "ta", "ஆதார் எண் ௨௩௪௫ ௬௭௮௯ ௦௧௨௪", "234567890124"),
    ("pan", "te", "పాన్ ABCPE1234F ఇచ్చాను", "abcpe1234f"),
    ("thai_id", "th", "เลขบัตรประชาชน ๑-๒๓๔๕-๔๕๖๗๘-๗๘-๑ ครับ", "1234545678781"),
    ("taj", "hu", "A TAJ-számom 123456788.", "123456788"),
    ("taj", "hu", "Tessék: 123 456 788", "123456788"),
    ("adoazonosito", "hu", "adóazonosító jelem 8071592153", "8071592153"),
    ("adoszam", "hu", "Adószámunk 12892312-2-42, arra kérem a számlát", "12892312242"),
    ("iban", "hu", "Ide utaljanak: HU42 1177 3016 1111 1018 0000 0000", "hu42117730161111101800000000"),
]
ALOUD = [
    ("phone", "ta", "நம்பர் ஒன்பது எட்டு டபுள் ஏழு ஆறு ஐந்து நான்கு மூன்று இரண்டு ஒன்று தான்", "9877654321"),
    ("phone", "ta", "நைன் எயிட் செவன் சிக்ஸ் ஃபைவ் ஃபோர் த்ரீ டூ ஒன் ஜீரோ", "9876543210"),
    ("phone", "te", "నా నంబర్ తొమ్మిది ఎనిమిది ఏడు ఆరు ఐదు నాలుగు మూడు రెండు ఒకటి సున్నా", "9876543210"),
    ("phone", "th", "โทรศูนย์แปดหนึ่งสองสามสี่ห้าหกเจ็ดแปดครับ", "0812345678"),
    ("phone", "hi", "मेरा नंबर नौ आठ डबल सात पाँच चार तीन दो एक शून्य है", "9877543210"),
    ("phone", "hu", "nulla hat három nulla egy kettő három négy öt hat hét", "06301234567"),
    ("phone", "ar", "رقمي صفر خمسة صفر واحد اثنين ثلاثة أربعة خمسة ستة سبعة", "0501234567"),
    ("phone", "ta-Latn", "en number onbadhu ettu ezhu aaru anju naalu moonu rendu onnu poojiyam", "9876543210"),
    ("phone", "te-Latn", "naa number tommidi enimidi edu aaru aidu naalugu moodu rendu okati sunna", "9876543210"),
    ("phone", "hi-Latn", "mera number nau aath saat chhah paanch char teen do ek shunya", "9876543210"),
    ("phone", "en", "it is nine eight double seven six five four three two one", "9877654321"),
    ("card", "en", "four one one one one one one one one one one one one one one one", "4111111111111111"),
    ("aadhaar", "hi", "दो तीन चार पांच छह सात आठ नौ शून्य एक दो चार", "234567890124"),
    ("email", "en", "ravi dot kumar at example dot com", "ravi.kumar@example.com"),
    ("email", "hu", "kovacs pont anna kukac example pont com", "kovacs.anna@example.com"),
    ("email", "hi", "ravi डॉट kumar एट example डॉट com पर", "ravi.kumar@example.com"),
    ("number", "te", "రెండు రెండు ఒకటి ఒకటి మూడు మూడు ఐదు ఐదు తొమ్మిది", "221133559"),
]
NOBODYS = [
    "விலை ₹1,00,000, ஆர்டர் எண் 447122, 12.03.2026 அன்று E4",
    "ధర రూ. 12,34,567; ఆర్డర్ నంబర్ 9876543210",
    "คำสั่งซื้อเลขที่ 1234567890 ราคา 12,500 บาท รุ่น NRF-340L ปี 2569",
    "A 447122-es rendelés 12 345 678 Ft volt, 2026. 03. 12-én; rendelésszám: 123456788",
    "123 456 788 Ft",
    "ऑर्डर नंबर 234567890124, कीमत ₹24,999, 10:30 से 18:00",
    "رقم الطلب 0501234567 بتاريخ 2026/03/12",
    "mera order number 9876543210 hai, Rs 12000",
    "call 1800 425 1234, model KX75A2100, 180 V - 255 V, 50 Hz, 7.5 kg",
    "เปิดเวลา 05.20 - 00.30 นาฬิกา",
    "Nyitva: 09:00–17:30",
    "one or two days, three or four, five six",
    "ഒന്ന് 4111111111111112 2345 6789 0123 ABCXE1234F",
    "@nila on the network, 5@100, a@b",
    "www.nila.example/returns?id=9876",
]


@pytest.mark.parametrize(("kind", "language", "text", "value"), WRITTEN + ALOUD)
def test_each_kind_is_found_in_each_script(kind: str, language: str, text: str, value: str) -> None:
    (one,) = found(text)
    assert (one.kind, one.value) == (kind, value), language
    assert masked(text) == f"{text[: one.start]}[{kind}]{text[one.end :]}"
    assert not any(value[-4:] in privacy.read(piece).text for piece in (text[: one.start], text[one.end :]))


def test_every_kind_has_its_example() -> None:
    assert {kind for kind, *_ in WRITTEN + ALOUD} == set(KINDS)


@pytest.mark.parametrize("text", NOBODYS)
def test_prices_days_orders_and_models_are_nobodys(text: str) -> None:
    assert found(text) == ()
    assert masked(text) == text


def test_all_that_the_sample_holds_are_the_companys_own_addresses() -> None:
    """No price, day, fee, model or code of some 140 000 characters in six languages is taken for a person's."""
    files = [file for file in sorted((ROOT / "sample").rglob("*")) if file.suffix in FORMATS]
    personal = [one for file in files for document in load(file) for one in found(document.text)]
    assert {one.kind for one in personal} <= {"email", "phone"}
    assert {one.value.partition("@")[2] for one in personal if one.kind == "email"} == {"nila.example"}
    assert {one.value[:4] for one in personal if one.kind == "phone"} <= {"0610"}


def native(number: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(sign)) if sign.isdecimal() else sign for sign in number)


@given(st.text("0123456789", min_size=14, max_size=14), st.sampled_from(ZEROS), st.sampled_from(["", " ", "-"]))
@settings(deadline=None, max_examples=60)
def test_a_card_is_one_where_its_checksum_holds(body: str, zero: str, gap: str) -> None:
    right = luhn.calc_check_digit(f"4{body}")
    for last in "0123456789":
        number = f"4{body}{last}"
        text = f"வணக்கம், {native(gap.join(number[at : at + 4] for at in range(0, 16, 4)), zero)}।"
        assert ([one.kind for one in found(text)] == ["card"]) == (last == right)


@given(st.integers(20_000_000_000, 99_999_999_999).map(str), st.sampled_from(ZEROS))
@settings(deadline=None, max_examples=60)
def test_an_aadhaar_number_is_one_where_its_checksum_holds(body: str, zero: str) -> None:
    right = verhoeff.calc_check_digit(body)
    number = f"{body[:4]} {body[4:8]} {body[8:]}{right}"
    if len(set(body)) > 1 and body + right != (body + right)[::-1]:  # the authority issues no palindromes
        assert [one.kind for one in found(f"ఆధార్ {native(number, zero)} ఇదే")] == ["aadhaar"]
    wrong = str((int(right) + 1) % 10)
    assert "aadhaar" not in {one.kind for one in found(f"{number[:-1]}{wrong}")}


@given(st.text("வணக் สวัสดีő0123456789௧๒३٤@. +-abné\u200b\u0301", max_size=60))
@settings(deadline=None, max_examples=200)
def test_offsets_are_those_of_the_text_and_masking_leaves_nothing(text: str) -> None:
    spans = found(text)
    assert all(0 <= one.start < one.end <= len(text) for one in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert not {one.value for one in found(masked(text))} & {one.value for one in spans}


@given(st.integers(0, 9_999_999), st.sampled_from(["₹{:,}", "{:,} Ft", "฿{:,}", "{} บาท", "Rs. {}", "{} రూపాయలు"]))
@settings(deadline=None, max_examples=100)
def test_no_price_is_personal(amount: int, written: str) -> None:
    assert found(written.format(amount)) == ()


@given(
    st.dates(date(1950, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y. %m. %d.", "%d-%m-%y"]),
)
@settings(deadline=None, max_examples=100)
def test_no_day_is_personal(day: date, written: str) -> None:
    assert found(f"வாங்கிய நாள் {day.strftime(written)} காலை 10:30") == ()


def test_only_what_is_asked_for_is_masked() -> None:
    text = "என் எண் 98765 43210; கம்பெனி எண் 98765 43211"
    assert masked(text, {"9876543210"}) == "என் எண் [phone]; கம்பெனி எண் 98765 43211"


PLANTED = "\n".join(text for _, _, text, _ in WRITTEN + ALOUD)
SECRETS = [text[one.start : one.end] for _, _, text, _ in WRITTEN + ALOUD for one in found(text)]


def holds_none(shown: str) -> bool:
    return not any(secret in shown for secret in SECRETS)


def test_no_prompt_holds_personal_data() -> None:
    passages = [Passage("d#0", "d", "கட்டணம் ₹499; care@nila.example", "", "ta", 0, 31)]
    for text in PLANTED.split("\n"):
        turns = [Turn(speaker, text) for speaker in ("customer", "assistant", "agent")]
        for messages in (writing(text, passages, "ta"), rewriting(text, turns, "ta")):
            told = "\n".join(said for _, said in messages)
            assert holds_none(told)
    assert "care@nila.example" in writing("?", passages, "ta")[1][1]  # the company's own stays


def test_no_log_holds_personal_data() -> None:
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(MaskedFormatter("%(message)s"))
    log = logging.Logger("planted")
    log.addHandler(handler)
    for text in PLANTED.split("\n"):
        log.warning("It said: %s", text)
        try:
            raise ValueError(text)
        except ValueError:
            log.exception("failed")
    assert holds_none(written.getvalue())
    assert "ValueError: " in written.getvalue()


def test_the_program_logs_without_personal_data() -> None:
    code = (
        "import runpy, sys, logging\nsys.argv = ['app.py', '--help']\n"
        "try: runpy.run_path('app.py', run_name='__main__')\nexcept SystemExit: pass\n"
        "logging.getLogger('uvicorn.error').error('called by %s', 'kumar@example.com 98765 43210')"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stderr
    assert told.strip().endswith("ERROR uvicorn.error: called by [email] [phone]")


@pytest.mark.parametrize("text", [text for _, _, text, _ in WRITTEN + ALOUD])
def test_no_earlier_reply_that_holds_personal_data_is_suggested(text: str) -> None:
    assert private(text, "und")


def test_words_have_one_meaning() -> None:
    for named in (figures(), repeated()):
        meanings = {(word, value) for value, words in named.items() for word in words}
        assert len(meanings) == len({word for word, _ in meanings}) > 20


@pytest.mark.parametrize("own", ["4111 1111 1111 1111", "meena@okbank", "2345 6789 0124", "ravi@example.com"])
def test_what_stands_side_by_side_is_found_each(own: str) -> None:
    for text in (f"{own} 98765 43210", f"98765 43210 {own}", f"{own} 98765 43210 {own}"):
        assert not any(part in masked(text) for part in ("43210", own.split()[0])), text


@pytest.mark.parametrize(
    "unit", ["1234567 x ", "1/2/3/4/5/6/7 ", "(12) 34-5; ", "௧௨௩ ௪௫௬ ௭ க ", "12.03.2026 10:30 ", "+1"]
)
def test_nothing_is_left_behind_however_many_numbers_stand_before(unit: str) -> None:
    """A thousand rows of digits that are nobody's hide no telephone number behind them."""
    told = [(text, value) for kind, _, text, value in WRITTEN if kind == "phone"]
    for before in (unit * 1000, f"{unit} x " * 90):
        left = masked("\n".join([before, *(text for text, _ in told)])).rsplit("\n", len(told))[1:]
        assert not [text for text, (_, value) in zip(left, told, strict=True) if value[-4:] in privacy.read(text).text]


@pytest.mark.parametrize("unit", ["1", "1 ", "4-", "98765 43210, ", "1234567 x ", "a@b.co "])
def test_masking_takes_time_in_proportion(unit: str) -> None:
    masked(unit)
    assert growth(masked, unit) < GROWN
