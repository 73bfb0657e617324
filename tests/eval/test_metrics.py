"""Every metric against an example worked out by hand, and the ranking ones against trec_eval."""

from __future__ import annotations

import math
import random
import time
from typing import Any

import numpy as np
import pytest
import pytrec_eval
from sklearn.metrics import roc_auc_score

from eval.metrics import METRICS, measure
from eval.metrics.actions import right
from eval.metrics.answers import fold, stands
from eval.metrics.numbers import facts, plain
from eval.metrics.selective import auroc, bins
from eval.outcomes import Outcome
from eval.suite import Case

GOLD = Case("q", "எத்தனை நாள்?", ("returns",), ("30 நாட்கள்",), language="ta")
UNKNOWN = Case("q", "எத்தனை நாள்?", (), language="ta")


def outcome(case: Case = GOLD, action: Any = "answer", **rest: Any) -> Outcome:
    return Outcome(case, action, **rest)


def cite(document: str, quote: str = "", start: int = 0, **rest: Any) -> dict[str, Any]:
    return {"document": document, "quote": quote, "start": start, "end": start + len(quote), **rest}


def value(name: str, *outcomes: Outcome, texts: dict[str, str] | None = None) -> float | None:
    found: float | None = measure(outcomes, texts=texts and {"ta": texts})["overall"][name]["value"]
    return found


def test_ranking_is_that_of_trec_eval() -> None:
    dice = random.Random(7)
    documents = [f"d{i}" for i in range(30)]
    run, gold, outcomes = {}, {}, []
    for i in range(200):
        ranking = dice.sample(documents, dice.randint(1, 20))
        wanted = tuple(dice.sample(documents, dice.randint(1, 12)))
        run[str(i)] = {document: 100.0 - place for place, document in enumerate(ranking[:10])}
        gold[str(i)] = dict.fromkeys(wanted, 1)
        outcomes.append(outcome(Case(str(i), "?", wanted), hits=tuple(ranking)))
    theirs = pytrec_eval.RelevanceEvaluator(gold, {"ndcg_cut.10", "success.1,10", "recip_rank"}).evaluate(run)
    pairs = {"ndcg@10": "ndcg_cut_10", "recall@1": "success_1", "recall@10": "success_10", "mrr@10": "recip_rank"}
    for ours, name in pairs.items():
        for each in outcomes:
            assert METRICS[ours].score(each, None) == pytest.approx(theirs[each.case.id][name], abs=1e-6)


def test_asking_back_is_right_where_a_choice_answers() -> None:
    good = outcome(action="clarify", offered=("repair", "returns"))
    wrong = outcome(action="clarify", offered=("repair", "delivery"))
    nothing = outcome(UNKNOWN, "clarify", offered=("repair", "returns"))
    assert value("choice_hit", good, wrong, nothing) == pytest.approx(1 / 3)
    assert value("choice_hit", outcome(), outcome(action="handoff"), outcome(action="clarify")) is None
    assert value("crag", good, wrong, nothing) == 0, "who is asked back has no answer yet, and no wrong one"
    assert value("answer_hit", good) == 0
    reply = {"action": "clarify", "answer": "?", "choices": ["அ", "ஆ"], "offered": ["repair", "returns"]}
    assert (
        Outcome.read(Outcome.of(GOLD, reply).json())
        == Outcome.of(GOLD, reply)
        == outcome(action="clarify", answer="?", offered=("repair", "returns"))
    )


def test_ranking_by_hand() -> None:
    found = outcome(hits=("other", "returns"))
    assert value("recall@1", found) == 0
    assert value("recall@10", found) == 1
    assert value("mrr@10", found) == 0.5
    assert value("ndcg@10", found) == pytest.approx(1 / math.log2(3), abs=1e-6)
    assert value("recall@10", outcome(hits=())) == 0, "a ranking that is empty found nothing"
    assert value("recall@10", outcome(hits=None)) is None, "a target without a ranking is not judged by it"
    assert value("recall@10", outcome(UNKNOWN, hits=("a",))) is None


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("30 நாட்கள்", "பொருளை ௩௦ நாட்கள் வரை திருப்பலாம்."),
        ("సికింద్రాబాద్", "మా కార్యాలయం సికింద్రాబాద్‌లో ఉంది"),
        ("7 วัน", "ขอคืนเงินได้ภายใน๗ วันนับจากวันที่รับสินค้า"),
        ("กรุงเทพ", "สำนักงานอยู่ที่กรุงเทพมหานคร"),
        ("1 190 Ft", "A díj 1190 Ft, azaz 1.190 Ft."),
        ("Budapest", "Budapesten és Szegeden"),
        ("१,००,००० रुपये", "सीमा 100000 रुपये है"),
        ("القاهرة", "مكتبنا بالقاهرة"),
        ("E4", "எண் Ｅ4 என்றால் வடிகால்"),
    ],
)
def test_a_gold_string_is_found_in_any_script(gold: str, answer: str) -> None:
    assert stands(fold(gold), fold(answer))


@pytest.mark.parametrize(
    ("gold", "answer"),
    [("30", "130 நாட்கள்"), ("5", "3,5 kg"), ("art", "A smart party"), ("", "бүх"), ("15 วัน", "ภายใน 7 วัน")],
)
def test_a_gold_string_is_not_found_inside_another(gold: str, answer: str) -> None:
    assert not stands(fold(gold), fold(answer))


def test_answers_by_hand() -> None:
    said = outcome(answer="30 நாட்கள் வரை")
    assert value("answer_hit", said) == 1
    assert value("answer_hit", outcome(action="handoff", answer="30 நாட்கள்")) == 0, "nobody was answered"
    assert value("answer_hit", outcome(UNKNOWN, answer="30")) is None
    latin = Case("q", "?", ("d",), ("abcd", "zzz"))
    # abc bcd against bcd cde: one of two each way
    assert value("answer_f1", outcome(latin, answer="B.C d,e")) == 0.5
    assert value("answer_f1", outcome(latin, answer="abcd")) == 1
    assert value("answer_f1", outcome(latin, answer="")) == 0
    # 30 against 30, 0d, da, ay, ys
    assert value("answer_f1", outcome(Case("q", "?", ("d",), ("30",)), answer="30 days")) == pytest.approx(
        1 / 3, abs=1e-6
    )


def test_citations_by_hand() -> None:
    texts = {"returns": "வணக்கம். 30 நாட்கள் வரை.", "other": "x"}
    quote = "30 நாட்கள்"
    start = texts["returns"].index(quote)
    good, moved = cite("returns", quote, start), cite("returns", quote, start + 1)
    assert value("citation_precision", outcome(citations=(good, cite("other")))) == 0.5
    assert value("citation_precision", outcome()) is None
    assert value("citation_precision", outcome(UNKNOWN, citations=(good,))) == 0
    assert value("citation_span", outcome(citations=(good, moved)), texts=texts) == 0.5
    assert value("citation_span", outcome(citations=(cite("gone", "x"),)), texts=texts) == 0
    assert value("citation_span", outcome(citations=({"document": "returns"},)), texts=texts) == 0
    assert value("citation_span", outcome(citations=(good,))) is None, "nothing to look the quote up in"


def test_numbers_take_one_form() -> None:
    assert plain("௧,௧௯௦.௫ · 1 190,5 · 1.190,5 · 1'190.5") == "1190.5 · 1190.5 · 1190.5 · 1190.5"
    assert facts("Order 4471-22, code SM-A515F, ۱۲/۰۵/۲۰۲۴, ภายใน๓๐วัน, 12.50 €, 2024-ben, 10kg") == {
        *("4471", "22", "a515f", "12", "5", "2024", "30", "12.5", "10")
    }


@pytest.mark.parametrize(
    ("answer", "quote", "expected"),
    [
        ("30 நாட்களுக்குள் ₹1,500", "௩௦ நாட்கள், 1500 ரூபாய்", 1.0),
        ("35 நாட்களுக்குள்", "30 நாட்கள்", 0.0),
        ("Az E4 hiba", "E5: szivattyú", 0.0),
        ("A 4-es", "E4", 0.0),
        ("ภายใน 7 วัน", "๗วัน", 1.0),
        ("விரைவில்", "30 நாட்கள்", None),
    ],
)
def test_numbers_must_stand_in_the_quotes(answer: str, quote: str, expected: float | None) -> None:
    assert value("number_match", outcome(answer=answer, citations=(cite("returns", quote),))) == expected


def test_numbers_of_the_source_itself_are_no_inventions() -> None:
    source = cite("returns", "30 நாட்கள்", source="policy-2024.pdf", page=2)
    assert value("number_match", outcome(answer="30 நாட்கள் (policy-2024.pdf, பக். 2)", citations=(source,))) == 1
    assert value("number_match", outcome(answer="30 நாட்கள்")) is None, "a target without quotes is not judged by them"


@pytest.mark.parametrize(
    ("language", "answer", "expected"),
    [
        ("ta", "பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம்.", 1.0),
        ("ta", "You can return the item within 30 days of purchase.", 0.0),
        ("ta", "xxxx", 0.0),
        ("te", "మీరు 30 రోజుల్లో వస్తువును తిరిగి ఇవ్వవచ్చు.", 1.0),
        ("th", "ส่งคืนสินค้าได้ภายใน 30 วัน", 1.0),
        ("hu", "A terméket 30 napon belül visszaküldheti.", 1.0),
        ("hu", "Anda dapat mengembalikan barang dalam 30 hari.", 0.0),
        ("hi", "आप 30 दिनों के भीतर सामान लौटा सकते हैं।", 1.0),
        ("ar", "يمكنك إرجاع المنتج خلال ثلاثين يومًا.", 1.0),
        ("ta", "neenga 30 naalukkulla thirumba kudukkalam", 1.0),
        ("ta", "30", None),
        ("ta", "", 0.0),
        ("und", "30 days", None),
    ],
)
def test_language_is_that_of_the_customer(language: str, answer: str, expected: float | None) -> None:
    assert value("language_match", outcome(Case("q", "?", ("d",), language=language), answer=answer)) == expected


def test_right_is_judged_by_sources_then_ranking_then_words() -> None:
    assert right(outcome(citations=(cite("returns"),), hits=("other",))) is True
    assert right(outcome(citations=(cite("other"),), hits=("returns",))) is False
    assert right(outcome(action="handoff", hits=("returns", "other"))) is True
    assert right(outcome(answer="௩௦ நாட்கள்")) is True, "a target that shows nothing else is taken at its word"
    assert right(outcome(answer="7 நாட்கள்")) is False
    assert right(outcome(action="handoff")) is None
    assert right(outcome(UNKNOWN, answer="30")) is False
    assert right(outcome(Case("q", "வணக்கம்", action="answer"), answer="வணக்கம்!")) is None


def test_calling_a_person_is_better_than_being_wrong() -> None:
    good, bad = outcome(hits=("returns",)), outcome(hits=("other",))
    assert value("crag", good, bad, outcome(action="handoff")) == 0
    assert value("crag", outcome(UNKNOWN, answer="30")) == -1
    assert value("crag", outcome(UNKNOWN, action="handoff")) == 0
    assert value("crag", good, outcome(action="clarify")) == 0.5
    assert value("crag", good, outcome(action="handoff", error="timeout")) == 0.5


def test_actions_by_hand() -> None:
    person = Case("q", "ஒரு ஆளிடம் பேச வேண்டும்", action="handoff", language="ta")
    assert value("action_match", outcome(person, action="handoff"), outcome(person)) == 0.5
    assert value("action_match", outcome()) is None


def confident(*pairs: tuple[float, bool], case: Case = GOLD) -> list[Outcome]:
    """Outcomes of these confidences; the first document found is right or not."""
    return [
        outcome(case, confidence=sure, hits=("returns",) if good else ("other",), action="handoff")
        for sure, good in pairs
    ]


def test_selective_by_hand() -> None:
    four = confident((0.9, True), (0.8, False), (0.6, True), (0.2, False))
    assert value("auroc", *four) == 0.75  # of the four pairs, only 0.6 against 0.8 is the wrong way round
    # risks at 1..4 answered: 0, 1/2, 1/3, 1/2
    assert value("aurc", *four) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4, abs=1e-6)
    assert value("coverage@95", *four) == 0.25
    # one case a bin: .1, .8, .4, .2 away
    assert value("ece", *four) == pytest.approx((0.1 + 0.8 + 0.4 + 0.2) / 4, abs=1e-6)
    assert value("auroc", *confident((0.5, True), (0.5, False))) == 0.5
    assert value("aurc", *confident((0.5, True), (0.5, False))) == 0.5, "a tie is answered whole or not at all"
    assert value("auroc", *confident((0.9, True))) is None, "one kind only"
    assert value("auroc", outcome(hits=("returns",))) is None, "a target without confidence"
    called = outcome(UNKNOWN, action="handoff", confidence=1.0, hits=())
    assert value("auroc", *four, called) == 0.75, "sure that a person was asked for, not of an answer"


def test_coverage_counts_the_unanswerable_against_the_answered() -> None:
    nineteen = confident(*[(0.9 - i / 100, True) for i in range(19)])
    assert value("coverage@95", *nineteen, *confident((0.5, False), case=UNKNOWN), *confident((0.4, False))) == 0.95
    assert value("coverage@95", *nineteen, *confident((0.95, False), case=UNKNOWN)) == 1.0
    assert value("coverage@95", *nineteen, *confident((0.95, False), (0.94, False), case=UNKNOWN)) == 0.0


def test_auroc_is_that_of_scikit_learn_under_weights() -> None:
    dice = np.random.default_rng(3)
    truth, weights = dice.integers(0, 2, 300), dice.integers(0, 4, (5, 300)).astype(float)
    sure = np.round(truth * 0.3 + dice.random(300), 1)
    rows = np.column_stack([sure, truth, truth]).astype(float)
    theirs = [roc_auc_score(truth, sure, sample_weight=row) for row in weights]
    assert auroc(rows, weights.T) == pytest.approx(theirs)


def test_bins_hold_equal_numbers_and_keep_ties_together() -> None:
    assert np.bincount(bins(np.linspace(0, 1, 200))).tolist() == [20] * 10
    assert bins(np.array([0.3] * 50)).max() == 0


def test_latency_by_hand() -> None:
    times = [outcome(milliseconds=float(ms)) for ms in range(1, 101)]
    assert value("milliseconds_p50", *times) == 50
    assert value("milliseconds_p95", *times) == 95
    assert value("milliseconds_p50", outcome()) is None


def test_each_language_has_its_figures() -> None:
    tamil = outcome(hits=("returns",), answer="30 நாட்கள்")
    thai = outcome(Case("q", "กี่วัน", ("returns",), ("30 วัน",), language="th"), hits=("other",), answer="7 วัน")
    measured = measure([tamil, thai])
    assert measured["languages"]["ta"]["answer_hit"]["value"] == 1
    assert measured["languages"]["th"]["answer_hit"]["value"] == 0
    assert measured["overall"]["answer_hit"] == {"value": 0.5, "low": None, "high": None, "n": 2}
    assert measured["counts"]["languages"]["th"]["cases"] == 1
    assert set(measured["overall"]) == set(METRICS)


def test_nothing_at_all_is_no_failure() -> None:
    assert measure([])["overall"]["crag"] == {"value": None, "low": None, "high": None, "n": 0}


def test_intervals_say_how_little_a_perfect_score_on_few_cases_means() -> None:
    few = [outcome(Case(str(i), "?", (str(i),), language="ta"), hits=(str(i),)) for i in range(5)]
    figure = measure(few)["overall"]["recall@1"]
    assert figure["value"] == figure["high"] == 1
    assert figure["low"] == pytest.approx(0.025 ** (1 / 5), abs=1e-6)


def test_a_large_run_is_measured_in_seconds_and_always_the_same() -> None:
    dice = random.Random(1)
    outcomes = [
        outcome(
            Case(f"{i}", "?", (f"d{i % 240}",), ("30",), language=language),
            hits=tuple(dice.sample([f"d{i % 240}", "a", "b"], 2)),
            confidence=dice.random(),
            milliseconds=dice.random(),
            answer="30",
        )
        for language in ("ta", "te", "th", "hu")
        for i in range(1190)
    ]
    start = time.process_time()
    first = measure(outcomes)
    assert time.process_time() - start < 30
    assert first["overall"]["recall@1"]["low"]
    some = measure(outcomes[::20])
    assert some == measure(outcomes[::20])
    assert some["overall"]["recall@1"]["low"] != measure(outcomes[::20], seed=1)["overall"]["recall@1"]["low"]


def test_what_needs_the_knowledge_is_told_by_what_was_searched() -> None:
    """Three need it, of which two were searched; one does not and was: 2 x 2 / (3 + 3)."""
    needing, talk = (Case("q", "?", extra={"needs_knowledge": needs}) for needs in (True, False))
    found, nothing = [{"document": "a"}], []
    told = [(needing, found), (needing, found), (needing, nothing), (talk, found), (talk, nothing)]
    outcomes = [Outcome.of(case, {"answer": "", "hits": hits}) for case, hits in told]
    assert measure(outcomes)["overall"]["needs_knowledge_f1"]["value"] == pytest.approx(4 / 6, abs=1e-5)
    assert measure([Outcome.of(talk, {"answer": ""})])["overall"]["needs_knowledge_f1"]["n"] == 0
