from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.outcomes import Outcome
from eval.suite import Case, Suite, SuiteError, drawn, drop_gold, mix, sample

SHARED = Path(__file__).resolve().parents[3] / "shared" / "suites"
LOADED = sorted(folder.name for folder in SHARED.glob("*/")) if SHARED.is_dir() else []

THAI = {"id": "return", "text": "คืนสินค้าได้ภายใน 7 วันหลังจากได้รับของ", "title": "การคืนสินค้า"}
TAMIL = {"id": "return", "text": "பொருள் கைக்கு வந்த 7 நாட்களுக்குள் திருப்பி அனுப்பலாம்.", "title": "திருப்பி அனுப்புதல்"}
TAMIL_PAY = {"id": "pay", "text": "கார்டு, யுபிஐ இரண்டிலும் பணம் கட்டலாம்.", "title": "பணம் செலுத்துதல்"}
ASKED = {"id": "q1", "question": "வாங்கியதை எத்தனை நாளுக்குள் திருப்பித் தரலாம்?", "documents": ["return"], "answers": ["7 நாட்கள்"]}
ASKED_PAY = {
    "id": "q2",
    "question": "UPI-la pay panna mudiyuma?",
    "documents": ["pay"],
    "tags": ["tanglish"],
    "channel": "voice",
}
ASKED_NOTHING = {"id": "q3", "question": "இன்று மழை பெய்யுமா?", "documents": []}


def write(folder: Path, head: str = 'name = "shop"', **files: list[object]) -> Path:
    """A suite's folder; `cases_ta=[...]` is cases/ta.jsonl, and a text in place of a record stands there as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "suite.toml").write_text(head, "utf-8")
    for name, records in files.items():
        kind, _, language = name.partition("_")
        file = folder / kind / f"{language.replace('_', '-')}.jsonl"
        file.parent.mkdir(exist_ok=True)
        lines = [record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) for record in records]
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Suite:
    return Suite.open(
        write(
            tmp_path / "shop",
            'name = "shop"\nlicence = "CC0-1.0"\nsource = "us"\ndescription = "a shop"',
            documents_ta=[TAMIL, TAMIL_PAY],
            documents_th=[THAI],
            cases_ta=[ASKED, ASKED_PAY, ASKED_NOTHING],
        )
    )


def refusal(path: Path) -> str:
    with pytest.raises(SuiteError) as refused:
        Suite.open(path)
    return str(refused.value)


def test_reads_documents_cases_and_head(shop: Suite) -> None:
    assert (shop.name, shop.licence, tuple(shop.asked)) == ("shop", "CC0-1.0", ("ta",))
    assert [(document.id, document.language) for document in shop.documents("th")] == [("return", "th")]
    first, second, third = shop.cases("ta")
    assert (first.question, first.documents, first.answers) == (ASKED["question"], ("return",), ("7 நாட்கள்",))
    assert (second.channel, second.tags, second.language) == ("voice", ("tanglish",), "ta")
    assert [case.answerable for case in (first, second, third)] == [True, True, False]


def test_keeps_history_alternatives_and_fields_of_no_name_here(tmp_path: Path) -> None:
    turn = {"speaker": "agent", "text": "Miben segíthetek?", "language": "hu"}
    case = {
        **ASKED_NOTHING,
        "history": [turn],
        "alternatives": ["mikor jön"],
        "needs_knowledge": False,
        "action": "handoff",
    }
    (read,) = Suite.open(write(tmp_path, cases_hu=[case])).cases("hu")
    assert (read.history[0].speaker, read.history[0].text, read.history[0].language) == ("agent", turn["text"], "hu")
    assert (read.alternatives, read.action, read.extra) == (("mikor jön",), "handoff", {"needs_knowledge": False})
    assert Case.read(json.loads(json.dumps(read.json()))) == read


def test_a_turn_that_names_no_language_is_in_that_of_its_words() -> None:
    said = [{"speaker": "customer", "text": "பில் தொலைந்துவிட்டது"}, {"speaker": "assistant", "text": "Melyik számla?"}]
    read = Case.read({**ASKED_NOTHING, "history": said})
    assert [turn.language for turn in read.history] == ["ta", "hu"]


def test_a_tag_with_a_script_is_a_language(tmp_path: Path) -> None:
    assert Suite.open(write(tmp_path, cases_ta_Latn=[ASKED_NOTHING])).asked.keys() == {"ta-Latn"}


def test_an_intent_means_the_documents_of_that_title(tmp_path: Path) -> None:
    documents = [
        {"id": "a", "text": "kab aayega order", "title": "STATUS"},
        {"id": "b", "text": "order kahan hai", "title": "STATUS"},
    ]
    cases = [
        {"id": "1", "question": "mera parcel", "documents": [], "intent": "STATUS"},
        {"id": "2", "question": "hmm", "intent": None},
    ]
    suite = Suite.open(write(tmp_path, documents_hi=documents, cases_hi=cases))
    assert [case.documents for case in suite.cases("hi")] == [("a", "b"), ()]
    cases[0]["intent"] = "REFUND"
    assert "cases/hi.jsonl line 1: intent 'REFUND' is no document's title" in refusal(write(tmp_path, cases_hi=cases))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"id": None}, "id must be text, and is None"),
        ({"question": "  "}, "question is empty"),
        ({"question": "\ud83d"}, "question is no valid Unicode"),
        ({"documents": "return"}, "documents must be a list of texts, and is 'return'"),
        ({"documents": ["refund"]}, "documents: 'refund' is in no documents file"),
        ({"answers": [7]}, "answers holds one that must be text, and is 7"),
        ({"channel": "fax"}, "channel must be chat or voice, and is 'fax'"),
        ({"language": "tamil"}, "language must be a BCP 47 tag such as ta or ta-Latn, and is 'tamil'"),
        (
            {"history": [{"speaker": "bot", "text": "வணக்கம்"}]},
            "history turn 1: speaker must be customer or assistant or agent",
        ),
        ({"history": [{"speaker": "agent"}]}, "history turn 1: text is missing"),
        ({"history": "வணக்கம்"}, "history must be a list of turns"),
        ({"action": "ignore"}, "action must be answer or clarify or handoff, and is 'ignore'"),
    ],
)
def test_names_line_and_field_of_a_wrong_case(tmp_path: Path, change: dict[str, object], problem: str) -> None:
    lines: list[object] = [ASKED_NOTHING, json.dumps({**ASKED, **change})]
    said = refusal(write(tmp_path, documents_ta=[TAMIL], cases_ta=lines))
    assert "cases/ta.jsonl line 2: " in said
    assert problem in said


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"id": "d"}', "text is missing"),
        ('{"id": "return", "text": "ซ้ำ"}', "id 'return' is already that of line 1"),
        ('{"id": ', "no valid JSON in UTF-8"),
        ('["return"]', "must be a JSON object"),
    ],
)
def test_names_the_line_of_a_wrong_document(tmp_path: Path, line: str, problem: str) -> None:
    said = refusal(write(tmp_path, documents_th=[THAI, "", line]))
    assert "documents/th.jsonl line 3: " in said
    assert problem in said


def test_lists_only_the_first_of_many_problems(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, cases_te=[{"id": str(number)} for number in range(25)]))
    assert "has 25 problems" in said
    assert "line 10:" in said
    assert "line 11:" not in said
    assert said.endswith("... and 15 more")


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        '\ufeffname = "bolt"\r\n',
        cases_hu=["\ufeff" + json.dumps({"id": "1", "question": "Mikor nyitnak?"}) + "\r", "\r"],
    )
    assert Suite.open(folder).cases("hu")[0].question == "Mikor nyitnak?"


def test_refuses_what_is_no_suite(tmp_path: Path) -> None:
    assert "needs a suite.toml" in refusal(tmp_path)
    assert "no valid TOML" in refusal(write(tmp_path, "name = "))
    assert "suite.toml: name is missing" in refusal(write(tmp_path, 'licence = "CC0-1.0"'))
    assert "cases/tamil.jsonl: the name must be a BCP 47 tag" in refusal(write(tmp_path, cases_tamil=[ASKED_NOTHING]))
    assert "suite.toml: knowledge: there is no folder" in refusal(
        write(tmp_path / "k", 'name = "k"\nknowledge = "files"')
    )


def test_a_folder_of_files_can_be_the_knowledge(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    suite = Suite.open(write(tmp_path / "k", 'name = "k"\nknowledge = "../files"', cases_ta=[ASKED]))
    assert suite.knowledge is not None
    assert suite.knowledge.samefile(tmp_path / "files")
    assert suite.cases_of("ta", None)[0].documents == ("return",)
    with pytest.raises(SuiteError, match="keeps its knowledge in files"):
        drop_gold(suite, 0.5, 0)


def test_says_which_languages_there_are(shop: Suite) -> None:
    with pytest.raises(SuiteError, match="no documents in 'hu'; it has ta, th"):
        shop.documents("hu")
    with pytest.raises(SuiteError, match="no cases in 'th'; it has ta"):
        shop.pairs(cases="th")


def test_pairs_questions_with_documents(shop: Suite) -> None:
    assert shop.pairs() == (("ta", "ta"),)
    assert shop.pairs(documents="th") == (("th", "ta"),)
    assert Suite("x", documented={"en": ()}, asked={"ta": (), "en": ()}).pairs() == (("en", "ta"), ("en", "en"))
    assert Suite("x", documented={"hu": (), "id": ()}, asked={"en": (), "hu": ()}).pairs() == (
        (None, "en"),
        ("hu", "hu"),
    )


def test_a_document_not_written_in_the_language_answers_nothing(shop: Suite) -> None:
    assert [case.documents for case in shop.cases_of("ta", "th")] == [("return",), (), ()]


def test_dropping_gold_takes_the_documents_and_every_case_that_needs_them(tmp_path: Path) -> None:
    documents = [{"id": f"d{number}", "text": f"సమాధానం {number}"} for number in range(10)]
    cases = [
        {"id": f"c{number}", "question": f"ప్రశ్న {number}", "documents": [f"d{number // 2}"]} for number in range(20)
    ]
    suite = Suite.open(write(tmp_path, documents_te=documents, documents_hi=documents, cases_te=cases))
    half = drop_gold(suite, 0.5, seed=3)
    left = {document.id for document in half.documents("te")}
    assert len(left) == 5
    assert {document.id for document in half.documents("hi")} == left
    for before, after in zip(suite.cases("te"), half.cases("te"), strict=True):
        assert after.documents == (before.documents if before.documents[0] in left else ())
    assert drop_gold(suite, 0.5, seed=3) == half
    assert drop_gold(suite, 0.5, seed=4) != half
    assert drop_gold(suite, 0, seed=3) == suite
    assert drop_gold(suite, 1, seed=3).documents("te") == ()


def test_a_case_keeps_the_documents_that_stay() -> None:
    both, one = Case("both", "ยกเลิกได้ไหม", ("a", "b")), Case("one", "คืนเงินเมื่อไร", ("a",))
    seed = next(seed for seed in range(99) if drawn(["both", "one"], seed)[0] == "one")
    dropped = drop_gold(Suite("s", asked={"th": (both, one)}), 0.5, seed)
    assert [case.documents for case in dropped.cases("th")] == [("b",), ()]


def test_a_sample_after_dropping_holds_questions_with_and_without_an_answer() -> None:
    cases = tuple(Case(f"c{number}", "ส่งของกี่วัน", (f"d{number}",)) for number in range(200))
    dropped = drop_gold(Suite("s", asked={"th": cases}), 0.5, seed=0)
    answerable = sum(case.answerable for case in sample(dropped.cases("th"), 60, seed=0))
    assert 15 <= answerable <= 45


def test_mixing_asks_strange_questions_of_this_knowledge(shop: Suite) -> None:
    other = Suite(
        "zoo",
        asked={
            "ta": (Case("q1", "யானை எவ்வளவு சாப்பிடும்?", ("elephant",), ("200 கிலோ",), tags=("animals",), action="answer"),)
        },
    )
    (*own, strange) = mix(shop, other).cases("ta")
    assert tuple(own) == shop.cases("ta")
    assert (strange.id, strange.documents, strange.answers) == ("zoo/q1", (), ())
    assert (strange.tags, strange.action) == (("animals", "mixed"), None)
    with pytest.raises(SuiteError, match="no common language"):
        mix(shop, Suite("zoo", asked={"hu": ()}))


def test_a_sample_is_drawn_by_seed_and_keeps_its_order() -> None:
    cases = tuple(Case(str(number), "?") for number in range(50))
    some = sample(cases, 10, seed=1)
    assert [int(case.id) for case in some] == sorted(int(case.id) for case in some)
    assert len(some) == 10
    assert sample(cases, 10, seed=1) == some
    assert sample(cases, 10, seed=2) != some
    assert sample(cases, None, seed=1) == cases


def test_the_digest_changes_with_a_question_or_a_document(shop: Suite) -> None:
    assert shop.digest() == Suite.open(shop.path).digest()
    digests = {
        shop.digest(),
        drop_gold(shop, 0.5, 0).digest(),
        mix(shop, Suite("o", asked={"ta": shop.cases("ta")})).digest(),
    }
    assert len(digests) == 3


def test_an_outcome_is_what_its_line_says() -> None:
    case = Case("q1", "Mennyi idő alatt ér ide?", ("posta",), language="hu", extra={"intent": None})
    citation = {"document": "posta", "quote": "két nap", "start": 4, "end": 11}
    reply = {
        "action": "answer", "answer": "Két nap alatt.", "language": "hu", "confidence": 0.9, "signals": {"words": 3.5},
        "citations": [citation], "hits": [{"document": "posta"}, {"document": "posta"}, {"document": "csomag"}],
    }  # fmt: skip
    outcome = Outcome.of(case, reply, milliseconds=12.5)
    assert outcome.hits == ("posta", "csomag")
    assert outcome.signals == {"words": 3.5}
    assert Outcome.read(json.loads(json.dumps(outcome.json()))) == outcome
    plain = Outcome.of(case, {"answer": "Két nap."})
    assert (plain.action, plain.hits, plain.confidence) == ("answer", None, None)
    assert Outcome.read(plain.json()) == plain


@pytest.mark.parametrize("name", LOADED or ["none"])
def test_every_suite_at_hand_loads(name: str) -> None:
    if not LOADED:
        pytest.skip(f"{SHARED} is not here: it holds suites that this project may not ship")
    suite = Suite.open(SHARED / name)
    assert suite.name
    for documents, cases in suite.pairs():
        assert suite.cases_of(cases, documents)
