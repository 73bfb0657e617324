import itertools
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import knowledge.text
from knowledge import detect
from knowledge.load.lines import ANSWER
from knowledge.load.pdf import SENTENCE
from knowledge.text import FRAME, HEAD, framed, grams, heads, normalise, sentences, tokens, weighed, words
from tests.conftest import GROWN, growth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("வாஷிங் மெஷின் E4", ["வாஷிங்", "மெஷின்", "e4"]),
        ("మరమ్మత్తు పైన EMI ఉందా?", ["మరమ్మత్తు", "పైన", "emi", "ఉందా"]),
        ("हिन्दी में सेवा", ["हिन्दी", "में", "सेवा"]),
        ("Őszi szerelő-díj", ["őszi", "szerelő", "díj"]),
        ("ضمان ٣٠ يومًا", ["ضمان", "30", "يومًا"]),
        ("๓๐ วัน", ["30", "วัน"]),
    ],
)
def test_words_keep_vowel_signs_and_read_native_digits(text, expected):
    assert words(text) == expected


def test_normal_form_forgets_what_the_eye_does_not_see():
    assert normalise("வா\u200cஷிங்\u200b") == normalise("வாஷிங்")
    assert normalise("न\u093cई ＷＩＦＩ") == normalise("ऩई wifi")


@pytest.mark.parametrize(
    ("typed", "written"),
    [("फ्रिज", "फ़्रिज"), ("खराब", "ख़राब"), ("பில்டர்", "ஃபில்டர்"), ("dij", "díj")],
)
def test_letters_that_are_left_away_in_a_hurry_are_not_missed(typed, written):
    assert typed in tokens(written) or set(tokens(typed)) & set(tokens(written))


@pytest.mark.parametrize(
    ("asked", "written", "head"),
    [
        ("garancia", "jótállás", "warranty"),
        ("கேரண்டி", "வாரண்டி", "warranty"),
        ("మెకానిక్", "టెక్నీషియన్", "technician"),
        ("मिस्त्री", "टेक्नीशियन", "technician"),
        ("ตังค์คืนเมื่อไหร่", "ระยะเวลาคืนเงิน", "money"),
        ("thavanai", "instalments", "instalment"),
        ("kist", "किस्तों", "instalment"),
        ("رجوع الفلوس", "استرداد المبلغ", "money"),
    ],
)
def test_words_that_mean_the_same_meet_in_what_they_are_about(asked, written, head):
    assert f"={head}" in set(tokens(asked)) & set(tokens(written))


def test_the_thesaurus_has_every_head_in_every_language():
    table = tomllib.loads(Path(knowledge.text.__file__).with_name("thesaurus.toml").read_text(encoding="utf-8"))
    assert {frozenset(listed) for listed in table.values()} == {frozenset(table["en"])}
    assert all(words.strip("~ ") for listed in table.values() for words in listed.values())
    assert len(table) == 16


def test_a_word_is_about_what_its_own_language_says():
    assert [heads(word) for word in ("der", "bar", "turn", "region", "washington")] == [[]] * 5


def test_grams_reach_inside_thai_phrases():
    asked, written = set(tokens("คืนสินค้าได้ไหม")), set(tokens("ลูกค้าคืนสินค้าภายในสามสิบวัน"))
    assert {"#คืนส", "#สินค"} <= asked & written
    assert grams("நாள்") == []
    assert grams("fridge") == ["frid", "ridg", "idge"]


@pytest.mark.parametrize(
    ("asked", "written", "shared"),
    [("可以退货吗", "三十天内退货免费", "#退货"), ("保証はありますか", "一年間の保証が付きます", "#保証")],
)
def test_chinese_and_japanese_are_found_by_pairs_of_signs(asked, written, shared):
    assert shared in set(tokens(asked)) & set(tokens(written))


@pytest.mark.parametrize(
    ("question", "telling", "framing"),
    [
        ("வாரண்டி எத்தனை வருஷம்?", "வாரண்டி", "எத்தனை"),
        ("वारंटी कितने साल की है?", "वारंटी", "कितने"),
        ("వారంటీ ఎంత కాలం ఉంటుంది?", "వారంటీ", "ఎంత"),
        ("คืนสินค้าได้ภายในกี่วัน", "#คืนส", "#ยในก"),
        ("Mennyi a kiszállás díja?", "díja", "mennyi"),
        ("warranty evlo varusham?", "warranty", "evlo"),
    ],
)
def test_what_only_frames_a_question_counts_little(question, telling, framing):
    asked = weighed(question)
    assert 0 < asked[framing] < asked[telling] / 2


@pytest.mark.parametrize(
    ("question", "framing"),
    [("port karne me kitne din", {"karne", "me", "kitne"}), ("bill eppadi kattuvadhu", {"eppadi"}), ("ela?", set())],
)
def test_of_a_romanised_question_what_frames_it_sounds_less(question, framing):
    assert framed(question) == dict.fromkeys(framing, FRAME)


def test_a_question_of_nothing_but_its_frame_asks_for_it_whole():
    assert weighed("எப்படி?")["எப்படி"] > 2 * weighed("எப்படி திருப்புவது?")["எப்படி"]


def test_tamil_words_meet_whatever_word_follows_them():
    asked = tokens("திருப்பி அனுப்பலாமா")
    assert set(tokens("திருப்பித்")) == set(tokens("திருப்பி")) <= set(asked)
    assert tokens("பொருளைத்") == tokens("பொருளை")
    assert tokens("வாட்ஸ்அப்")[0] == "வாட்ஸ்அப்"


def test_accents_may_be_left_out():
    assert "szerelo" in tokens("szerelő")
    assert set(tokens("szerelo")) - {"szerelo"} <= set(tokens("szerelő"))
    assert not any(token.startswith("~") for token in tokens("வாஷிங் คืน हिन्दी"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "A díj kb. 5.000 Ft. A 2. emeletig ingyenes! Biztos?",
            ["A díj kb. 5.000 Ft.", "A 2. emeletig ingyenes!", "Biztos?"],
        ),
        ("கட்டணம் ரூ. 500 ஆகும். திரு. குமார் வருவார்.", ["கட்டணம் ரூ. 500 ஆகும்.", "திரு. குமார் வருவார்."]),
        ("రుసుము రూ. 250. ఇది సరిపోతుందా?", ["రుసుము రూ. 250.", "ఇది సరిపోతుందా?"]),
        ("शुल्क रु. 250 है। क्या यह ठीक है? हाँ।", ["शुल्क रु. 250 है।", "क्या यह ठीक है?", "हाँ।"]),
        (
            "ลูกค้าเปลี่ยนสินค้าได้ภายใน 30 วันนับจากวันที่ได้รับสินค้าครับ กรุณาเก็บใบเสร็จและกล่องเดิมไว้ด้วยค่ะ แล้วโทรหาเรา",
            ["ลูกค้าเปลี่ยนสินค้าได้ภายใน 30 วันนับจากวันที่ได้รับสินค้าครับ", "กรุณาเก็บใบเสร็จและกล่องเดิมไว้ด้วยค่ะ", "แล้วโทรหาเรา"],
        ),
        ("يمكنك الإرجاع خلال ٣٠ يومًا. هل تريد؟ نعم", ["يمكنك الإرجاع خلال ٣٠ يومًا.", "هل تريد؟", "نعم"]),
        ("我们提供退货。可以吗？好的", ["我们提供退货。", "可以吗？", "好的"]),
        ("សូមទាក់ទង។ អរគុណ។", ["សូមទាក់ទង។", "អរគុណ។"]),
        ("ကျေးဇူးတင်ပါသည်။ ဖုန်းဆက်ပါ။", ["ကျေးဇူးတင်ပါသည်။", "ဖုန်းဆက်ပါ။"]),
        ("1. Unplug it. 2) Wait", ["1. Unplug it.", "2) Wait"]),
    ],
)
def test_sentences_end_where_a_reader_stops(text, expected):
    assert [text[start:end] for start, end in sentences(text)] == expected


@given(st.text(alphabet="ab .!?\nகா।คืน สินค้า؟。", max_size=200))
def test_sentences_lose_nothing(text):
    spans = sentences(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


@given(st.text(alphabet="ab 7=#ஃச்க\u0301\u093c\u0900\u200dकขé", max_size=12))
@example("ஃ")
@example("\u0301 \u093c")
def test_whatever_is_asked_no_token_is_empty(text):
    assert all(tokens(text))
    assert list(weighed(text)) == list(dict.fromkeys(tokens(text)))


@pytest.mark.parametrize(
    "question", ["வாரண்டி எவ்வளவு?", "mennyi a szerelő díja", "เปลี่ยนสินค้าได้กี่วัน", "E4 वॉशिंग मशीन", "", "?! 😀"]
)
def test_a_question_asks_for_its_tokens(question):
    assert list(weighed(question)) == list(dict.fromkeys(tokens(question)))
    assert all(weight > 0 for weight in weighed(question).values())


def test_a_long_word_does_not_drown_a_short_one():
    asked = weighed("வாடிக்கையாளர்களுக்கான கட்டணம்")
    assert asked["வாடிக்கையாளர்களுக்கான"] < asked["கட்டணம்"]
    masses = {word: sum(weighed(word).values()) for word in ("கட்டணம்", "வாடிக்கையாளர்களுக்கான")}
    assert masses["வாடிக்கையாளர்களுக்கான"] / masses["கட்டணம்"] < len(tokens("வாடிக்கையாளர்களுக்கான")) / len(tokens("கட்டணம்"))


def test_codes_and_numbers_say_most():
    asked = weighed("машина E4 1200 வருது")
    of_numbers = {*tokens("E4"), *tokens("1200")}
    assert min(asked[token] for token in of_numbers) > max(asked[token] for token in asked.keys() - of_numbers)
    assert weighed("௧௨ நாள்")["12"] == weighed("12 நாள்")["12"]


def test_what_is_asked_twice_counts_twice():
    once, twice = weighed("கட்டணம் díj"), weighed("கட்டணம் díj கட்டணம்")
    assert twice["கட்டணம்"] == pytest.approx(2 * once["கட்டணம்"])
    assert twice["díj"] == once["díj"]


def test_the_length_of_a_phrase_without_spaces_is_no_words():
    asked = weighed("ขอเปลี่ยนสินค้าเป็นรุ่นเดิมเครื่องใหม่")
    assert asked.pop("=exchange") == asked.pop("=new") == HEAD
    assert set(asked.values()) == {1.0}
    assert set(weighed("អាចប្តូរទំនិញបានទេ").values()) == {1.0}


@pytest.mark.parametrize(
    "work",
    [sentences, detect, tokens, SENTENCE.search, ANSWER.match],
    ids=["sentences", "detect", "tokens", "pdf", "label"],
)
@pytest.mark.parametrize(
    "unit",
    [".", ".)", " ", "\t \u2003", "a.", "a@", "Rs. 1 ", "எண். அ ", "3. Januar ", "~", "க", "ก", "\u0301", "http:", "0"],
)
def test_rows_of_the_same_take_no_longer_than_other_text(work, unit):
    work("வணக்கம் 1.")
    assert growth(work, unit) < GROWN


def test_a_row_of_marks_ends_one_sentence():
    text = "நல்லது...) சரி?!! Jó… A...b  \n\n  வேறு"
    assert [text[start:end] for start, end in sentences(text)] == ["நல்லது...)", "சரி?!!", "Jó…", "A...b", "வேறு"]
