"""Days that people tell, as days of the calendar: the calls were on Friday, 20 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.days import dated, days
from assistant.transcript import read_transcript
from assistant.transcript.call import said
from assistant.transcript.promises import promises
from assistant.transcript.transcript import Transcript, Utterance

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("language", "line", "due"),
    [
        ("en", "I will call you back by Monday.", "2026-11-23"),
        ("en", "I will send it within four working days.", "2026-11-26"),
        ("en", "We will refund you by the 5th of January.", "2027-01-05"),
        ("en", "Our technician will call you in 2 hours.", "2026-11-20"),
        ("en", "Our technician will call you within 48 hours.", "2026-11-22"),
        ("ta", "டெக்னீஷியன் நாளைக்குள்ள வருவாரு.", "2026-11-21"),
        ("ta", "திங்கக்கிழமைக்குள்ள அனுப்புறேன்.", "2026-11-23"),
        ("ta", "மூணு வேலை நாள்ல பணம் வந்துடும்.", "2026-11-25"),
        ("ta", "ஒரு வாரத்துல பணம் வந்துடும்.", "2026-11-27"),
        ("te", "నాలుగు రోజుల్లో పంపిస్తాము.", "2026-11-24"),
        ("te", "టెక్నీషియన్ ఎల్లుండి వస్తారు.", "2026-11-22"),
        ("te", "మూడు పని రోజుల్లో డబ్బు వస్తుంది.", "2026-11-25"),
        ("th", "ดิฉันจะโทรกลับพรุ่งนี้ค่ะ", "2026-11-21"),
        ("th", "เงินจะเข้าภายในสามวันทำการค่ะ", "2026-11-25"),
        ("th", "ช่างจะไปวันจันทร์ค่ะ", "2026-11-23"),
        ("hu", "Holnapután visszahívom.", "2026-11-22"),
        ("hu", "Szerdáig visszahívom Önt.", "2026-11-25"),
        ("hu", "Három munkanapon belül visszautaljuk.", "2026-11-25"),
        ("hi", "मैं परसों तक आपको कॉल करूँगा।", "2026-11-22"),
        ("hi", "टेक्नीशियन सोमवार को आएगा।", "2026-11-23"),
        ("hi", "तीन कार्य दिवस में पैसे आ जाएंगे।", "2026-11-25"),
        ("ta-Latn", "technician naalaikku varuvaar.", "2026-11-21"),
        ("ta-Latn", "rendu naal la anuppuren.", "2026-11-22"),
        ("te-Latn", "technician repu vastaru.", "2026-11-21"),
        ("te-Latn", "shukravaram call chestanu.", "2026-11-27"),
        ("hi-Latn", "main parso tak call karunga.", "2026-11-22"),
        ("hi-Latn", "teen din mein paise aa jayenge.", "2026-11-23"),
    ],
)  # fmt: skip
def test_a_promise_falls_on_a_day(language: str, line: str, due: str) -> None:
    call = Transcript((Utterance(line, "agent", language=language),), "plain", language)
    (one,) = promises(said(call), FRIDAY)
    assert due in one.dates
    assert len(one.dates) == len(one.due)
    (undated,) = promises(said(call))
    assert (undated.due, undated.dates) == (one.due, ()), "as it was said, where the call's day is not known"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "next week"),
        ("ta", "10 மணிக்கு"),
        ("hu", "31/31/2026"),
        ("hu", "február 31"),
        ("th", "เดี๋ยว"),
        ("ta", "999999999 நாட்களில்"),
        ("hu", "999999999 munkanapon belül"),
        ("en", f"{'9' * 400} days"),
    ],
)
def test_what_is_no_one_day_has_no_date(language: str, told: str) -> None:
    assert dated(told, language, FRIDAY) is None


@pytest.mark.parametrize(
    ("language", "told", "day"),
    [
        ("en", "today is Friday: Friday", "2026-11-20"),
        ("hu", "péntek", "2026-11-27"),
        ("th", "5 ธันวาคม 2569", "2026-12-05"),
        ("hi", "5 दिसंबर", "2026-12-05"),
        ("te", "20/11/26", "2026-11-20"),
        ("en", "3 months", "2027-02-20"),
    ],
)
def test_days_are_those_of_the_calendar(language: str, told: str, day: str) -> None:
    assert str(dated(told, language, FRIDAY)) == day


def test_every_word_for_a_day_is_found_where_it_stands() -> None:
    (span,) = days("டெக்னீஷியன் நாளை மறுநாள் வருவார்", "ta")
    assert "டெக்னீஷியன் நாளை மறுநாள் வருவார்"[slice(*span)] == "நாளை மறுநாள்"


PLAIN = b"Customer: hello\nAgent: hello, how can I help?\n"


@pytest.mark.parametrize(
    ("data", "name", "day"),
    [
        (PLAIN, "2026-11-20-anita.txt", FRIDAY),
        (PLAIN, "call_20261120_0917.txt", FRIDAY),
        (PLAIN, "call-98765.txt", None),
        (PLAIN, "2026-02-31.txt", None),
        (b'{"format": "sevai", "date": "2026-11-20", "utterances": [{"text": "hello"}]}', "call.json", FRIDAY),
        (
            b'{"metadata": {"created": "2026-11-20T03:04:05Z"}, "results": {"utterances": [{"transcript": "hello"}]}}',
            "call.json",
            FRIDAY,
        ),
        (
            b'{"metadata": {"startTime": "2026-11-20T03:04:05Z"}, "response": {"results": [{"alternatives": '
            b'[{"transcript": "hello"}]}]}}',
            "call.json",
            FRIDAY,
        ),
    ],
)
def test_the_day_of_a_call_is_in_its_name_or_its_file(data: bytes, name: str, day: date | None) -> None:
    assert read_transcript(data, name).day == day
    assert read_transcript(data, name, day=date(2026, 1, 2)).day == date(2026, 1, 2)
