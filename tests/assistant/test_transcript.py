from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.heard import Word
from assistant.transcript import FORMATS, TranscriptRefused, read_transcript
from assistant.transcript.formats import recognised
from assistant.transcript.formats.captions import timed
from assistant.transcript.formats.content import open_content
from assistant.transcript.roles import role_named
from assistant.transcript.transcript import Transcript, Utterance

FILES = Path(__file__).parent / "transcripts"
PAGE = (Path(__file__).parents[2] / "docs" / "transcripts.md").read_text(encoding="utf-8")
# Of each file: format, language, what is left out, and every utterance as role, speaker, channel, start, end, text.
CALLS: dict[str, tuple[str, str, int, list[tuple[str, str, str, float | None, float | None, str]]]] = {
    "thai.vtt": (
        "webvtt",
        "th",
        1,
        [
            ("agent", "พนักงาน", "", 1.2, 4.8, "สวัสดีค่ะ บ้านสุขยินดีให้บริการ มีอะไรให้ช่วยคะ"),
            ("customer", "ลูกค้า", "", 4.5, 9.0, "ตู้เย็นที่บ้านไม่เย็นครับ ซื้อมาแค่สามเดือนเอง"),
            ("agent", "พนักงาน", "", 9.1, 10.0, "รับทราบค่ะ"),
            ("customer", "ลูกค้า", "", 9.1, 10.0, "ประกันยังอยู่ไหม & ต้องจ่ายเงินไหมครับ"),
            ("agent", "พนักงาน", "", 3612.0, 3614.5, "ยังอยู่ในประกันค่ะ ไม่มีค่าใช้จ่าย"),
        ],
    ),
    "rolling.vtt": (
        "webvtt",
        "hu",
        0,
        [
            ("customer", "", "", 0.0, 2.4, "jó napot kívánok"),
            ("customer", "", "", 2.41, 5.1, "a mosógépem nem indul"),
            ("customer", "", "", 5.11, 8.0, "és villog rajta az E4"),
        ],
    ),
    "telugu.srt": (
        "srt",
        "te",
        0,
        [
            ("agent", "ఏజెంట్", "", 0.5, 3.9, "నమస్కారం, మీకు ఎలా సహాయం చేయగలను?"),
            ("customer", "కస్టమర్", "", 4.0, 8.25, "మా వాషింగ్ మెషిన్ తిరగట్లేదండి, నీళ్లు కూడా బయటకు పోవట్లేదు"),
            ("agent", "ఏజెంట్", "", 8.3, 10.0, "మోడల్ నంబర్ చెప్పగలరా?"),
            ("customer", "కస్టమర్", "", 10.1, 13.0, "ఒక్క నిమిషం"),
            ("agent", "ఏజెంట్", "", 10.1, 13.0, "సరేనండి"),
            ("customer", "కస్టమర్", "", 13.0, 15.0, "WM 7205"),
        ],
    ),
    "tamil.txt": (
        "plain",
        "ta",
        1,
        [
            ("agent", "Agent", "", 2.0, None, "வணக்கம், உங்களுக்கு எப்படி உதவட்டும்?"),
            (
                "customer",
                "வாடிக்கையாளர்",
                "",
                6.0,
                None,
                "சார் என்னோட fridge cool ஆகல, EMI முடியறதுக்குள்ள இப்படி ஆயிடுச்சு கேஸ் போடணுமா?",
            ),
            ("agent", "Agent", "", 75.0, None, "டெக்னீஷியன் நாளைக்கு காலைல 10:30 மணிக்கு வருவார்"),
            ("customer", "வாடிக்கையாளர்", "", 80.0, None, "சரி: ரொம்ப நன்றி"),
        ],
    ),
    "hungarian.txt": (
        "plain",
        "hu",
        1,
        [
            ("agent", "Kovács Anna", "", 2.0, None, "Köszönjük a hívását, Kovács Anna vagyok, miben segíthetek?"),
            (
                "customer",
                "Szabó Péter",
                "",
                7.0,
                None,
                "Jó napot! A hűtőm nem hűt rendesen, és csak két hónapja vettem. Jár még hozzá garancia?",
            ),
            ("agent", "Kovács Anna", "", 18.0, None, "Igen, két évig díjmentesen javítjuk."),
        ],
    ),
    "whisper.json": (
        "whisper",
        "hi",
        0,
        [
            ("customer", "", "", 0.0, 3.84, "नमस्ते, मेरा फ्रिज ठंडा नहीं कर रहा है।"),
            ("customer", "", "", 4.1, 5.9, "वारंटी में है क्या?"),
        ],
    ),
    "whisperx.json": (
        "whisper",
        "ta",
        0,
        [
            ("agent", "SPEAKER_01", "", 0.31, 2.9, "வணக்கம், என்ன உதவி வேணும்?"),
            ("customer", "SPEAKER_00", "", 3.2, 6.7, "என் ஃப்ரிட்ஜ் 2 நாளா கூல் ஆகல"),
        ],
    ),
    "openai-verbose.json": (
        "openai",
        "te",
        0,
        [
            ("customer", "", "", 0.0, 2.6, "మా ఫ్రిజ్ చల్లబడట్లేదు."),
            ("customer", "", "", 2.9, 6.4, "టెక్నీషియన్ ఎప్పుడు వస్తారు?"),
        ],
    ),
    "openai-diarized.json": (
        "openai",
        "hi-Latn",
        0,
        [
            ("agent", "A", "", 0.0, 4.2, "BlueKart mein aapka swagat hai, kya help kar sakti hoon?"),
            ("customer", "B", "", 4.9, 8.0, "Mera AC thanda nahi kar raha."),
            ("customer", "B", "", 8.4, 11.8, "Kab tak aayega technician?"),
        ],
    ),
    "aws-speakers.json": (
        "aws",
        "ta",
        0,
        [
            ("agent", "spk_0", "", 0.2, 1.9, "எப்படி உதவ முடியும்?"),
            ("customer", "spk_1", "", 2.4, 5.35, "வாஷிங் மெஷின் ஓடல, ரிப்பேர் ஆயிடுச்சு."),
        ],
    ),
    "aws-channels.json": (
        "aws",
        "hi",
        1,
        [
            ("agent", "", "ch_1", 0.4, 2.3, "कैसे मदद कर सकता हूँ?"),
            ("customer", "", "ch_0", 3.1, 5.6, "मेरी वॉशिंग मशीन चल नहीं रही।"),
            ("agent", "", "ch_1", 7.0, 7.4, "जी"),
        ],
    ),
    "aws-analytics.json": (
        "aws",
        "th",
        0,
        [
            ("agent", "AGENT", "", 0.44, 2.1, "มีอะไรให้ช่วยคะ"),
            ("customer", "CUSTOMER", "", 2.6, 5.05, "เครื่องอบผ้าไม่ร้อนเลยค่ะ"),
        ],
    ),
    "whisper-cpp.json": (
        "whisper",
        "hu",
        0,
        [
            ("customer", "", "", 0.0, 3.2, "Jó napot, a mosógépem nem indul."),
            ("customer", "", "", 3.2, 5.48, "Mikor tudnak kijönni?"),
        ],
    ),
    "aws-stream.jsonl": (
        "aws",
        "en",
        1,
        [
            ("agent", "", "ch_0", 0.1, 2.6, "Thank you for calling."),
            ("customer", "", "ch_1", 3.0, 6.0, "My dryer shows E four"),
        ],
    ),
    "deepgram.json": (
        "deepgram",
        "hi",
        0,
        [
            ("agent", "0", "", 0.16, 2.5, "Welcome to HomeCare, क्या मदद कर सकता हूँ?"),
            ("customer", "1", "", 2.9, 4.5, "मेरा fridge चल नहीं रहा."),
        ],
    ),
    "deepgram-live.jsonl": (
        "deepgram",
        "ta",
        1,
        [
            ("agent", "", "0", 0.1, 1.8, "உங்களுக்கு எப்படி உதவட்டும்?"),
            ("customer", "", "1", 2.5, 4.5, "நாலு டோர் ஃப்ரிட்ஜ் கூல் ஆகல"),
        ],
    ),
    "google-v1.json": (
        "google",
        "te",
        0,
        [
            ("agent", "1", "", 0.0, 2.6, "స్వాగతం మీకు ఎలా సహాయం చేయాలి"),
            ("customer", "2", "", 3.0, 5.0, "మా ఫ్రిజ్ పని చేయట్లేదు"),
        ],
    ),
    "google-v2.json": (
        "google",
        "ta",
        0,
        [
            ("customer", "", "1", 0.0, 2.1, "என்னோட ஆர்டர் எப்ப வரும்"),
            ("agent", "", "2", None, 4.3, "உங்கள் ஆர்டர் எண் சொல்லுங்க"),
        ],
    ),
    "assemblyai.json": (
        "assemblyai",
        "hu",
        0,
        [
            ("agent", "A", "", 0.25, 2.21, "Üdvözlöm, miben segíthetek?"),
            ("customer", "B", "", 2.89, 4.655, "A mosógépem nem indul."),
        ],
    ),
    "assemblyai-stream.jsonl": (
        "assemblyai",
        "en",
        1,
        [("customer", "", "", 0.48, 2.1, "My dryer stopped working.")],
    ),
    "sevai.json": (
        "sevai",
        "th",
        0,
        [
            ("agent", "Nok", "0", 0.4, 2.6, "มีอะไรให้ช่วยคะ"),
            ("customer", "", "1", 3.0, 6.25, "เครื่องซักผ้าขึ้น E4 ครับ"),
            ("customer", "", "1", None, None, "OK"),
        ],
    ),
}
# Of each file with words: the number of an utterance, and some of its words with their confidence.
WORDS = {
    "whisper.json": (0, {"नमस्ते,": 0.91, "फ्रिज": 0.48}),
    "whisperx.json": (1, {"ஃப்ரிட்ஜ்": 0.52, "2": None}),
    "openai-verbose.json": (1, {"టెక్నీషియన్": None, "వస్తారు": None}),
    "aws-speakers.json": (1, {"ஓடல,": 0.412, "ஆயிடுச்சு.": 0.96}),
    "aws-channels.json": (1, {"मशीन": 0.96, "रही।": 0.98}),
    "aws-analytics.json": (1, {"เครื่องอบผ้า": 0.93, "ไม่ร้อน": 0.51}),
    "aws-stream.jsonl": (0, {"Thank": 0.98, "calling.": 0.99}),
    "deepgram.json": (1, {"fridge": 0.44, "रहा.": 0.98}),
    "deepgram-live.jsonl": (0, {"உங்களுக்கு": 0.92, "உதவட்டும்?": 0.88}),
    "google-v1.json": (0, {"స్వాగతం": None, "సహాయం": 0.83}),
    "google-v2.json": (0, {"ஆர்டர்": 0.47, "எப்ப": None, "வரும்": None}),
    "assemblyai.json": (1, {"mosógépem": 0.58, "indul.": 0.99}),
    "assemblyai-stream.jsonl": (0, {"dryer": 0.6, "working.": 0.99}),
    "sevai.json": (1, {"เครื่องซักผ้า": 0.91, "ขึ้น": None, "E4": 0.38}),
}
ALTERNATIVES = {
    "aws-speakers.json": (1, ("வாஷிங் மெஷின் கூடல, ரிப்பேர் ஆயிடுச்சு.",)),
    "aws-stream.jsonl": (1, ("My dryer shows A four",)),
    "deepgram-live.jsonl": (1, ("நாலு டோல் ஃப்ரிட்ஜ் கூல் ஆகல",)),
    "google-v2.json": (0, ("என்னோட ஆடர் எப்ப வரும்", "என்னோட ஆர்டர் எப்ப வருது")),
    "sevai.json": (1, ("เครื่องซักผ้าขึ้น A4 ครับ",)),
}


def call(name: str) -> Transcript:
    return read_transcript((FILES / name).read_bytes(), name)


def test_every_format_and_every_file_is_held():
    assert {name for name, *_ in CALLS.values()} == set(FORMATS)
    assert set(CALLS) == {path.name for path in FILES.iterdir()}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_read_as_it_was_spoken(name):
    read = call(name)
    format, language, left_out, said = CALLS[name]
    assert (read.format, read.language, len(read.skipped)) == (format, language, left_out)
    assert [
        (each.role, each.speaker, each.channel, each.start, each.end, each.text) for each in read.utterances
    ] == said


@pytest.mark.parametrize("name", WORDS)
def test_words_keep_their_times_and_confidence(name):
    number, expected = WORDS[name]
    words = {word.text: word for word in call(name).utterances[number].words}
    assert {text: words[text].confidence for text in expected} == expected
    times = [(word.start, word.end) for word in words.values() if word.start is not None]
    assert times == sorted(times)
    assert all(start < end for start, end in times)


def test_words_stand_where_they_were_spoken():
    first, last = call("assemblyai.json").utterances[1].words[1::2]
    assert (first, last) == (Word("mosógépem", 3.0, 3.8, 0.58), Word("indul.", 4.1, 4.655, 0.99))
    assert call("google-v2.json").utterances[0].words[0] == Word("என்னோட", 0.0, 0.6, 0.9)
    assert call("whisperx.json").utterances[1].words[2] == Word("2")
    verbose = call("openai-verbose.json").utterances
    assert [word.text for word in verbose[0].words] == ["మా", "ఫ్రిజ్", "చల్లబడట్లేదు"]


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_further_hearings_are_kept(name):
    number, expected = ALTERNATIVES[name]
    assert call(name).utterances[number].alternatives == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", CALLS)
def test_neither_encoding_nor_line_ends_nor_name_matter(name, encoding):
    text = open_content((FILES / name).read_bytes(), name).text
    for ends in ("\r\n", "\r"):
        data = text.replace("\n", ends).encode(encoding)
        assert read_transcript(data, "call") == call(name)


# Traps


def said(text: str, name: str = "call") -> list[tuple[str, str]]:
    return [(each.speaker, each.text) for each in read_transcript(text.encode(), name).utterances]


def test_a_cue_by_its_suffix_alone():
    assert read_transcript("00:01.000 --> 00:02.000\nवारंटी है?\n".encode(), "call.vtt").format == "webvtt"
    assert read_transcript("00:01,000 --> 00:02,000\nवारंटी है?\n".encode(), "call.srt").format == "srt"


def test_what_the_consoles_of_recognisers_print():
    read = read_transcript("[00:00.000 --> 01:07.500]  என் ஃப்ரிட்ஜ் ஓடல\n[01:07.500 --> 01:09.000]  சரி".encode(), "a.txt")
    assert [(each.start, each.end) for each in read.utterances] == [(0.0, 67.5), (67.5, 69.0)]
    assert said("ลูกค้า (0:04): เปิดไม่ติด\nพนักงาน (0:09): รอสักครู่ค่ะ") == [("ลูกค้า", "เปิดไม่ติด"), ("พนักงาน", "รอสักครู่ค่ะ")]
    assert said("00:04 Ügyfél: Nem indul.\n00:09 Ügyintéző: Értem.") == [
        ("Ügyfél", "Nem indul."),
        ("Ügyintéző", "Értem."),
    ]


def test_a_colon_alone_makes_no_speaker():
    lines = ["सुनिए, एक बात है", "नोट: बिल साथ लाना है", "10:30 बजे आना", "https://example.com/x देखिए", "ठीक है"]
    assert said("\n".join(lines)) == [("", line) for line in lines]
    assert said("Ügyfél: Jó napot!\n10:30-ra jönnek?") == [("Ügyfél", "Jó napot! 10:30-ra jönnek?")]


def test_two_dashes_are_two_speakers():
    cue = "1\n00:00:01,000 --> 00:00:03,000\n- Nem indul.\n- Értem.\n"
    assert said(cue) == [("", "Nem indul."), ("", "Értem.")]


def test_a_caption_that_grows_is_said_once():
    cues = [
        "00:01.000 --> 00:03.000\nமெஷின்",
        "00:01.500 --> 00:04.000\nமெஷின் ஓட",
        "00:02.000 --> 00:05.000\nமெஷின் ஓட மாட்டேங்குது",
    ]
    [only] = read_transcript(("WEBVTT\n\n" + "\n\n".join(cues)).encode(), "call.vtt").utterances
    assert (only.text, only.start, only.end) == ("மெஷின் ஓட மாட்டேங்குது", 1.0, 5.0)


def test_both_sides_may_say_the_same_when_it_is_short():
    cue = {"channel": "0", "start": 1.0, "end": 2.0, "text": "హలో"}
    both = {"format": "sevai", "utterances": [cue, {**cue, "channel": "1"}]}
    assert len(read_transcript(json.dumps(both).encode(), "call").utterances) == 2


@pytest.mark.parametrize(
    ("claimed", "text", "language"),
    [
        ("en-US", "என் ஃப்ரிட்ஜ் கூல் ஆகல", "ta"),
        ("ta-IN", "fridge cool aagala, enna pannanum", "ta-Latn"),
        ("hi", "mera fridge thanda nahi ho raha hai", "hi-Latn"),
        ("english", "ตู้เย็นไม่เย็นครับ", "th"),
        ("te", "ఫ్రిజ్ చల్లబడట్లేదు", "te"),
        ("mr-IN", "माझा फ्रिज चालत नाही", "mr"),
        ("hu", "OK", "hu"),
        ("nonsense!", "A mosógépem nem indul el, mit tegyek?", "hu"),
    ],
)
def test_a_script_contradicts_a_tag(claimed, text, language):
    one = {"format": "sevai", "language": claimed, "utterances": [{"text": text}]}
    read = read_transcript(json.dumps(one).encode(), "call")
    assert (read.language, read.utterances[0].language) == (language, language)


# Roles


@pytest.mark.parametrize(
    "label",
    ["Customer", "Caller 1", "வாடிக்கையாளர்", "ลูกค้า", "Ügyfél", "ग्राहक", "కస్టమర్", "العميل", "গ্রাহক", "Kundin", "Pelanggan"],
)
def test_customers_have_names_in_every_language(label):
    assert role_named(label) == "customer"


@pytest.mark.parametrize(
    "label",
    ["AGENT", "Agent (Priya)", "முகவர்", "พนักงาน", "ügyintéző", "एजेंट", "ఏజెంట్", "الموظف", "এজেন্ট", "Berater", "Petugas"],
)
def test_agents_have_names_in_every_language(label):
    assert role_named(label) == "agent"


def test_names_of_people_tell_no_role():
    assert not any(
        map(
            role_named,
            ["Priya", "Kovács Anna", "spk_0", "SPEAKER_01", "สมชาย", "ch_1", "A", "Agentha", "Kunder", "Repaka"],
        )
    )


@pytest.mark.parametrize(
    ("agent", "customer"),
    [
        ("வணக்கம், என்ன உதவி வேணும்?", "எங்க வீட்டு ஏசி திடீர்னு நின்னுடுச்சு"),
        ("నమస్కారం, ఎలా సహాయం చేయగలను?", "టీవీ ఆన్ అవ్వట్లేదండి"),
        ("สวัสดีค่ะ ขอบคุณที่โทรเข้ามาค่ะ", "แอร์มีน้ำหยดครับ"),
        ("Köszönöm, hogy hívott minket!", "A szárítógép hangosan búg."),
        ("नमस्ते, मैं आपकी क्या मदद कर सकती हूँ?", "गीज़र से पानी टपक रहा है"),
        ("Namaste, kya help kar sakta hoon?", "geyser se paani tapak raha hai"),
        ("مرحبا بك في بيت الأجهزة", "المكيف يسرب الماء"),
        ("Welcome to HomeCare", "water drips from it"),
    ],
)
def test_who_offers_help_is_the_agent(agent, customer):
    text = f"Kiran: {customer}\nMeena: {agent}\nKiran: {customer}\nMeena: OK"
    roles = [each.role for each in read_transcript(text.encode(), "a.txt").utterances]
    assert roles == ["customer", "agent", "customer", "agent"]


def test_nobody_is_guessed():
    text = "A: Jó napot.\nB: Jó napot.\nA: Igen.\nB: Jó."
    assert {each.role for each in read_transcript(text.encode(), "a.txt").utterances} == {"unknown"}


def test_one_name_tells_the_other_side():
    text = "Priya: சரிங்க\nவாடிக்கையாளர்: ம்ம்\nPriya: சரி"
    assert [each.role for each in read_transcript(text.encode(), "a.txt").utterances] == ["agent", "customer", "agent"]


def test_the_customer_can_be_told():
    data = (FILES / "aws-channels.json").read_bytes()
    told = read_transcript(data, "aws-channels.json", customer="ch_1")
    assert [each.role for each in told.utterances] == ["customer", "agent", "customer"]
    with pytest.raises(TranscriptRefused, match="No speaker or channel is called Ravi; they are ch_0, ch_1"):
        read_transcript(data, "aws-channels.json", customer="Ravi")


# Refusals


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b" \n ", "is empty"),
        (b"%PDF-1.7\0\1", "binary data"),
        ("Ügyfél: nem hűt".encode("cp1250"), "not UTF-8 text"),
        (b'{"results": {"items": [', "damaged JSON"),
        (b'{"hello": "world"}', "no recogniser that is known"),
        (b"[1, 2]", "no recogniser that is known"),
        (b"[" * 100_000, "nested too deeply"),
        (b"WEBVTT\n\nNOTE nothing\n", "holds nothing that was said"),
        (b'{"status": "error", "error": "no audio", "audio_url": "x"}', "without a result .no audio."),
        (b'{"status": "queued", "audio_url": "x"}', "without a result .queued."),
    ],
)
def test_what_is_no_transcript_is_refused_in_one_sentence(data, told):
    with pytest.raises(TranscriptRefused, match=told) as refused:
        read_transcript(data, "call")
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


def test_a_file_without_end_is_read_as_far_as_a_call_can_go():
    content = open_content("ग्राहक: हाँ\n".encode() * 20_003, "call")
    read = FORMATS["plain"].read(content)
    assert len(read.utterances) == 20_000
    assert read.skipped == ("Left out: utterances beyond those that any call has (3).",)


# Writing and reading back

LETTERS = "abcéűठंडाకూల్சூடுเย็นثلاجة E4-5:.,&<>{}[]()\"'%/?!।"
TEXTS = st.text(LETTERS, min_size=1, max_size=24).map(lambda text: " ".join(text.split()))
TEXTS = TEXTS.filter(lambda text: text and not re.search(r'"\s*:', text))  # as JSON names a value
LABELS = st.sampled_from(["", "A", "spk_0", "Customer", "வாடிக்கையாளர்", "Kovács Anna", "0", "พนักงาน 2"])
TIMES = st.integers(0, 4_000_000).map(lambda count: count / 1000)
SURE = st.none() | st.integers(0, 1000).map(lambda count: count / 1000)
TAGS = st.sampled_from(["und", "ta", "te", "th", "hu", "hi", "hi-Latn", "en", "ar"])


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    """Calls as they can be: in the order of speaking, nobody talks over himself, words within what is said."""
    clock, made = 0.0, []
    for _ in range(draw(st.integers(1, 6))):
        timed_at_all = draw(st.booleans())
        start, length = round(clock + 0.001 + draw(TIMES) / 100, 3), round(0.1 + draw(TIMES) / 1000, 3)
        end = round(start + length, 3)
        texts = draw(st.lists(TEXTS, max_size=4))
        steps = [round(start + length * step / (len(texts) or 1), 3) for step in range(len(texts))] + [end]
        spans = [(one, other) if timed_at_all else (None, None) for one, other in pairwise(steps)]
        words = tuple(Word(text.replace(" ", ""), *span, draw(SURE)) for text, span in zip(texts, spans, strict=True))
        made.append(
            Utterance(
                draw(TEXTS),
                role=draw(st.sampled_from(["customer", "agent", "unknown"])),
                speaker=draw(LABELS),
                channel=draw(st.sampled_from(["", "0", "1", "ch_1"])),
                start=start if timed_at_all else None,
                end=end if timed_at_all else None,
                words=words,
                alternatives=tuple(dict.fromkeys(draw(st.lists(TEXTS, max_size=2)))),
                language=draw(TAGS),
            )
        )
        clock = end if timed_at_all else clock
    return Transcript(tuple(made), "", draw(TAGS))


def held(transcript: Transcript, name: str) -> tuple[Utterance, ...]:
    """What a format can hold of a call."""
    keeps = FORMATS[name].KEEPS
    filled = (
        timed(transcript.utterances)
        if name in ("webvtt", "srt")
        else ((u, u.start, u.end) for u in transcript.utterances)
    )
    return tuple(_held(replace(each, start=start, end=end), keeps, name) for each, start, end in filled)


def _held(each: Utterance, keeps: frozenset[str], name: str) -> Utterance:
    words = tuple(
        replace(
            word,
            confidence=(word.confidence or (None if name == "google" else word.confidence))
            if "confidence" in keeps
            else None,
        )
        for word in each.words
        if "words" in keeps and (word.start is not None or name != "openai")
    )
    first = words[0].start if words else None
    return Utterance(
        each.text,
        role=each.role if "role" in keeps else "unknown",
        speaker=each.speaker
        if "speaker" in keeps or ("word speaker" in keeps and words and each.speaker != "0")
        else "",
        channel=each.channel if "channel" in keeps else "",
        start=each.start if "start" in keeps else first if "word start" in keeps else None,
        end=each.end if "end" in keeps else None,
        words=words,
        alternatives=each.alternatives if "alternatives" in keeps else (),
        language=each.language if "languages" in keeps else "und",
    )


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(transcripts())
def test_what_is_written_is_read_back(transcript):
    for name, format in FORMATS.items():
        content = open_content(format.write(transcript), "call")
        assert recognised(content) == name
        read = format.read(content)
        assert read.utterances == held(transcript, name), name
        assert read.language == (transcript.language if "language" in format.KEEPS else "und"), name
        assert not read.skipped, name


def test_the_page_tells_what_each_format_keeps():
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `") and line.count(" | ") == 2]
    assert {row[0][3:-1]: set(row[2].removesuffix(" |").split(", ")) for row in rows} == {
        name: set(format.KEEPS) for name, format in FORMATS.items()
    }


def test_the_neutral_example_of_the_page_is_read():
    example = PAGE.split("```json\n")[1].split("```")[0]
    read = read_transcript(example.encode(), "call.json")
    assert [(each.role, each.text) for each in read.utterances] == [
        ("agent", "வணக்கம், என்ன உதவி வேணும்?"),
        ("customer", "மெஷின் E4 காட்டுது"),
    ]
    assert read.utterances[1].words[1] == Word("E4", 4.2, 5.0, 0.38)
    assert read.utterances[1].alternatives == ("மெஷின் A4 காட்டுது",)


@pytest.mark.parametrize("name", CALLS)
def test_a_real_call_survives_the_neutral_format(name):
    read = call(name)
    again = read_transcript(FORMATS["sevai"].write(read), "call.json")
    assert replace(again, format=read.format, skipped=read.skipped) == read


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("webvtt", "srt", "plain")])
def test_what_is_no_document_is_counted_once(name):
    document = json.loads(FORMATS[name].write(call("telugu.srt")))
    skipped = read_transcript(json.dumps([document, 7]).encode(), "call").skipped
    assert skipped == ("Left out: documents that are no objects (1).",)


# Damage

WRONG: tuple[Any, ...] = (None, [[]], {"x": {}}, -1, 1e400, True, "\ud800", "9" * 400, "", [None], "NaN", 7)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every node of a JSON value but its root."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from paths(child, (*path, key))


def parsed(name: str) -> list[Any]:
    text = (FILES / name).read_text("utf-8")
    return (
        [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        if name.endswith("l")
        else [json.loads(text)]
    )


def changed(documents: list[Any], path: tuple[Any, ...], value: Any) -> bytes:
    node: Any = documents
    for key in path[:-1]:
        node = node[key]
    kept, node[path[-1]] = node[path[-1]], value
    data = "\n".join(json.dumps(each) for each in documents).encode()
    node[path[-1]] = kept
    return data


JSON_CALLS = [name for name in CALLS if name.endswith(("json", "jsonl"))]


@pytest.mark.parametrize("name", JSON_CALLS)
def test_what_is_lost_is_told(name):
    documents = parsed(name)
    whole = call(name)
    told = read_transcript("\n".join(map(json.dumps, documents)).encode(), "call").skipped
    for path in list(paths(documents)):
        if len(path) > 1:
            try:
                read = read_transcript(changed(documents, path, [[]]), "call")
            except TranscriptRefused:
                continue
            assert read.utterances == whole.utterances or read.skipped != told, path


def mutated(data: bytes, documents: list[Any], nodes: list[tuple[Any, ...]], chance: random.Random) -> bytes:
    kind = chance.randrange(3 if documents else 2)
    if kind == 0:
        flipped = bytearray(data)
        for _ in range(chance.randint(1, 8)):
            flipped[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(flipped)
    if kind == 1:
        first, last = sorted(chance.choices(range(len(data)), k=2))
        return data[:last] if chance.random() < 0.5 else data[:first] + data[last:]
    return changed(documents, chance.choice(nodes), chance.choice(WRONG))


def test_ten_thousand_damaged_files():
    chance = random.Random(20260318)
    trees = {name: parsed(name) if name in JSON_CALLS else [] for name in CALLS}
    files = [((FILES / name).read_bytes(), tree, list(paths(tree))) for name, tree in trees.items()]
    refused, slowest, refusals = 0, 0.0, set()
    for number in range(10_000):
        damaged = mutated(*files[number % len(files)], chance)
        began = time.process_time()
        try:
            read = read_transcript(damaged, "call")
        except TranscriptRefused as error:
            refusals.add(str(error))
            refused += 1
        else:
            assert read.utterances
            assert all(each.text.encode().strip() for each in read.utterances)
        slowest = max(slowest, time.process_time() - began)
    assert 1_000 < refused < 9_000
    assert all(told.endswith(".") and "\n" not in told for told in refusals)
    assert slowest < 2
