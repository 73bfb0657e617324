"""What is noted for the person who takes over, from talks in every language."""

from __future__ import annotations

import pytest

from assistant.asked import Asked
from assistant.conversation import Conversation, Turn
from assistant.fields import Field, fields
from assistant.handoff import hand_over
from assistant.speech.written import written
from tests.conftest import GROWN, growth

TOLD = [
    (
        "ta",
        "என் ஆர்டர் எண் ௪௪௭௧௨௨, ₹ ௪௯௯ கட்டினேன், நேத்து வரணும். E4 காட்டுது. எண் ௯௮௭௬௫ ௪௩௨௧௦",
        {"order 447122", "amount 499 INR", "date நேத்து", "code E4", "phone 9876543210"},
    ),
    (
        "te",
        "నా ఆర్డర్ నంబర్ NL-2026-00123, 12 మార్చి 2026న ₹1.5 లక్షలు కట్టాను. ravi@example.com",
        {"order NL-2026-00123", "date 12 మార్చి 2026", "amount 1.5 లక్షలు INR", "email ravi@example.com"},
    ),
    (
        "th",
        "หมายเลขคำสั่งซื้อ ๑๒๓๔๕๖ ซื้อเมื่อวันที่ ๑๒ มีนาคม ๒๕๖๙ จ่าย ๕๐๐ บาท โทร ๐๘๑๒๓๔๕๖๗๘ เมื่อวานยังไม่มา",
        {"order 123456", "date 12 มีนาคม 2569", "amount 500 THB", "phone 0812345678", "date เมื่อวาน"},
    ),
    (
        "hu",
        "A 447122-es rendelésem 12 000 Ft volt, március 12-én fizettem, tegnap kellett volna jönnie. A gép F21-et ír.",
        {"order 447122", "amount 12000 HUF", "date március 12", "date tegnap", "code F21"},
    ),
    (
        "hi",
        "ऑर्डर नंबर ४४७१२२, ५०० रुपये दिए, १२ मार्च को आना था, कल 12/03/2026 लिखा था",
        {"order 447122", "amount 500 INR", "date 12 मार्च", "date कल", "date 12/03/2026"},
    ),
    (
        "ar",
        "رقم الطلب ١٢٣٤٥٦ بتاريخ 12 مارس 2026 دفعت ٥٠٠ درهم أمس",
        {"order 123456", "date 12 مارس 2026", "amount 500 AED", "date أمس"},
    ),
    (
        "hi-Latn",
        "mera order number 9876543210 kal aaya, Rs 12000 diye",
        {"order 9876543210", "date kal", "amount 12000 INR"},
    ),
    ("ta-Latn", "en order ABC1234567 nethu varala, 499 rupaa", {"order ABC1234567", "date nethu", "amount 499 INR"}),
    ("te-Latn", "naa bill number 55512, repu kavali, Wave WM-700", {"order 55512", "date repu", "code WM-700"}),
]


@pytest.mark.parametrize(("language", "text", "told"), TOLD)
def test_what_is_told_is_noted_in_digits_that_all_agents_read(language: str, text: str, told: set[str]) -> None:
    noted = fields([Turn("customer", text, language)])
    assert {f"{one.kind} {one.value}" for one in noted} == told


@pytest.mark.parametrize(
    "text", ["எத்தனை நாட்களில் பணம் வரும்?", "1-2 napon belül?", "รับประกันกี่ปี", "7.5 kg, 230 V", "2 दिन में 3 बार"]
)
def test_what_tells_nothing_leaves_nothing_to_note(text: str) -> None:
    assert fields([Turn("customer", text, "und")]) == ()


def test_a_thing_is_noted_once_where_the_customer_told_it_first() -> None:
    turns = (
        Turn("customer", "ஆர்டர் எண் 447122 எங்கே?", "ta"),
        Turn("assistant", "கட்டணம் ₹249, அழைக்க: 044 2345 6789", "ta"),
        Turn("customer", "ஆர்டர் எண் ௪௪௭௧௨௨, E4", "ta"),
    )
    assert fields(turns) == (Field("order", "447122", 1), Field("code", "E4", 3))


def test_a_handoff_holds_what_was_told_and_what_was_said() -> None:
    before = (Turn("customer", "rendelésszám: 447122", "hu"), Turn("assistant", "Köszönöm, nézem.", "hu"))
    package = hand_over("unsure", Asked("tegnap 9 900 Ft ment le", "hu", Conversation("c", before), None))  # type: ignore[arg-type]
    assert package.fields == (Field("order", "447122", 1), Field("date", "tegnap", 3), Field("amount", "9900 HUF", 3))
    assert package.said == ("Köszönöm, nézem.",)
    assert package.wrote == ("rendelésszám: 447122",)


@pytest.mark.parametrize(
    ("language", "said", "number"),
    [
        ("hu", "A rendelésszámom hatszáztizenkettő négyszázötvenhat.", "612456"),
        ("hu", "a rendelésszámom kettő-négy-hat-nyolc-egy", "24681"),
        ("hu", "kettő négy hat nyolc egy a rendelésszámom", "24681"),
        ("hu", "rendelésszám huszonnégy hatvannyolc tizenkettő", "246812"),
        ("hu", "a rendelésszám NH negyvenöt kilencvenkilenc huszonegy", "NH459921"),
        ("hu", "a rendelési számom en há négy öt kilenc kilenc kettő egy", "NH459921"),
        ("th", "เลขที่คำสั่งซื้อ สองสี่หกแปดหนึ่งครับ", "24681"),
        ("th", "เลขออเดอร์ยี่สิบสี่ หกสิบแปด สิบสอง", "246812"),
        ("th", "เลขคำสั่งซื้อ NH สี่ห้าเก้าเก้าสองหนึ่ง", "NH459921"),
        ("th", "ออเดอร์เลขที่ เอ็น เอช สี่ห้าเก้าเก้าสองหนึ่ง", "NH459921"),
        ("ta", "ஆர்டர் நம்பர் ரெண்டு நாலு ஆறு எட்டு ஒன்னு", "24681"),
        ("te", "ఆర్డర్ నంబర్ రెండు నాలుగు ఆరు ఎనిమిది ఒకటి", "24681"),
        ("hi", "ऑर्डर नंबर चौबीस अड़सठ बारह", "246812"),
        ("en", "my order number is N H four five double nine two one", "NH459921"),
    ],
)
def test_a_number_that_is_read_out_is_noted(language: str, said: str, number: str) -> None:
    assert fields((Turn("customer", written(said, language), language),)) == (Field("order", number, 1),)


@pytest.mark.parametrize(
    ("language", "said", "number"),
    [
        ("hu", "hatszáztizenkettő négyszázötvenhat", "612456"),
        ("hu", "kettő-négy-hat-nyolc-egy", "24681"),
        ("th", "สองสี่หกแปดหนึ่งครับ", "24681"),
        ("te", "రెండు నాలుగు ఆరు ఎనిమిది ఒకటి అండి", "24681"),
    ],
)
def test_a_number_that_was_asked_for_is_the_orders(language: str, said: str, number: str) -> None:
    turns = (Turn("customer", written(said, language), language),)
    assert fields(turns, asked=(1,)) == (Field("order", number, 1),)
    assert not [one for one in fields(turns) if one.kind == "order"]


@pytest.mark.parametrize(
    ("language", "said"), [("hu", "hatszázötven forint vagy hétszázötven forint"), ("th", "อีสอง E2")]
)
def test_amounts_and_codes_said_twice_are_no_long_numbers(language: str, said: str) -> None:
    assert {one.value for one in fields((Turn("customer", written(said, language), language),))} in (
        {"650 HUF", "750 HUF"},
        {"E2"},
    )


@pytest.mark.parametrize(("language", "unit"), [("ta", "நாளை ௪ "), ("th", "เมื่อวาน ๔ "), ("hu", "tegnap 4 ")])
def test_rows_of_the_same_take_no_longer_than_other_text(language: str, unit: str) -> None:
    fields([Turn("customer", unit, language)])
    assert growth(lambda text: fields([Turn("customer", text, language)]), unit, 40_000) < GROWN
