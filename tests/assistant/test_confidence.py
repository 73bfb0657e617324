"""What the evidence of a search says: each signal as it is meant, and what the shipped numbers make of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.confidence import SHIPPED, SIGNALS, Calibration, CalibrationRefused, judge
from knowledge import REGIMES, Hit, Passage

CALIBRATION = Calibration.load()
QUIET = {"evenness": 1.0} | dict.fromkeys(
    ("words", "coverage", "sounding", "likeness", "meaning", "fit", "opening", "strong", "alike", "near", "regime"), 0.0
)


def hit(document: str, score: float, **signals: float) -> Hit:
    """A hit of a document, with nothing but these signals."""
    return Hit(Passage(f"{document}#0", document, "திருப்பி அனுப்ப 30 நாட்கள்", "", "ta", 0, 26), score, QUIET | signals)


def test_share_and_clear_part_the_odds_among_documents_and_clear_believes_scores_more() -> None:
    alone = judge([hit("returns", 9.0)], CALIBRATION).signals
    assert (alone["share"], alone["clear"]) == (1.0, 1.0)
    near = judge([hit("returns", 9.0), hit("warranty", 9.0)], CALIBRATION).signals
    assert (near["share"], near["clear"]) == (0.5, 0.5)
    far = judge([hit("returns", 9.0), hit("warranty", 4.0)], CALIBRATION).signals
    assert 0.5 < far["share"] < far["clear"] < 1
    own = judge([hit("returns", 9.0), hit("returns", 8.0), hit("warranty", 4.0)], CALIBRATION).signals
    assert own["share"] > far["share"]


def test_lead_is_how_much_better_it_fits_than_any_other_document() -> None:
    found = [
        hit("returns", 9.0, fit=0.7),
        hit("returns", 8.0, fit=0.9),
        hit("emi", 7.0, fit=0.3),
        hit("faq", 6.0, fit=0.4),
    ]
    assert judge(found, CALIBRATION).signals["lead"] == pytest.approx(0.3)
    assert judge([hit("returns", 9.0, fit=0.7)], CALIBRATION).signals["lead"] == pytest.approx(0.7)
    assert judge([hit("returns", 9.0, fit=0.2), hit("emi", 8.0, fit=0.6)], CALIBRATION).signals["lead"] < 0


def test_an_opening_counts_where_its_document_stands_out() -> None:
    said = {"fit": 0.7, "opening": 0.4}
    alone = judge([hit("returns", 9.0, **said)], CALIBRATION)
    assert (alone.signals["opening_share"], alone.signals["opening_lead"]) == pytest.approx((0.4, 0.28))
    among = judge([hit("returns", 9.0, **said), hit("emi", 9.0, fit=0.8)], CALIBRATION)
    assert (among.signals["opening_share"], among.signals["opening_lead"]) == pytest.approx((0.2, 0.0))
    assert among.known < alone.known


@pytest.mark.parametrize("regime", REGIMES)
def test_an_even_knowledge_is_believed_more_in_one_language(regime: str) -> None:
    held = {"regime": float(REGIMES.index(regime)), "likeness": 0.9, "meaning": 0.9, "sounding": 0.9, "words": 30.0}
    held |= {"fit": 0.9, "opening": 0.9, "strong": 4.0, "alike": 3.0, "near": 3.0, "coverage": 1.0}
    uneven, usual, even = (
        judge([hit("a", 9.0, **held | {"evenness": evenness})], CALIBRATION).value for evenness in (0.5, 1.0, 1.5)
    )
    assert uneven < usual < even if regime == "same" else uneven == usual == even > 0.5


@pytest.mark.parametrize("regime", ["script", "other"])
def test_translations_are_no_rivals_of_what_is_in_the_questions_language(regime: str) -> None:
    ours, rival = hit("ta/returns", 9.0), hit("ta/emi", 8.0)
    copy = hit("en/returns", 8.9, regime=float(REGIMES.index(regime)))
    copy = replace(copy, passage=replace(copy.passage, language="en"))
    assert judge([ours, copy, rival], CALIBRATION) == judge([ours, rival], CALIBRATION)
    assert judge([copy, ours], CALIBRATION).signals["share"] < 0.6


@pytest.mark.parametrize("regime", ["script", "other", "romanised"])
def test_across_languages_a_document_that_leads_is_believed_more(regime: str) -> None:
    known = {"regime": float(REGIMES.index(regime)), "likeness": 0.5, "meaning": 0.4, "sounding": 0.3, "words": 5.0}
    near = judge([hit("a", 9.0, fit=0.6, **known), hit("b", 8.9, fit=0.6)], CALIBRATION)
    leads = judge([hit("a", 9.0, fit=0.6, **known), hit("b", 1.0, fit=0.3)], CALIBRATION)
    assert leads.value > near.value + 0.1
    assert leads.signals["known"] == near.signals["known"]
    assert leads.value == pytest.approx(leads.signals["known"] * leads.signals["best"])


def test_what_sounds_like_the_question_counts_where_its_letters_are_not_those_of_the_passage() -> None:
    other = {"regime": float(REGIMES.index("other")), "likeness": 0.2, "meaning": 0.2}
    silent = judge([hit("a", 9.0, **other)], CALIBRATION)
    assert judge([hit("a", 9.0, sounding=0.8, **other)], CALIBRATION).value > 2 * silent.value


def test_every_weight_is_of_a_signal_that_a_reply_shows_and_nothing_found_is_nothing_known() -> None:
    shown = judge([hit("a", 9.0)], CALIBRATION).signals
    weighed = {name for models in CALIBRATION.regimes.values() for model in models.values() for name in model.weights}
    assert weighed == set(SIGNALS)
    assert weighed <= shown.keys()
    assert judge([], CALIBRATION).value == 0


@pytest.mark.parametrize("regime", range(len(REGIMES)))
def test_where_more_can_be_answered_what_is_known_has_the_odds_of_it(tmp_path: Path, regime: int) -> None:
    said = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "more.toml").write_text(said.replace("answerable = 0.5", "answerable = 0.8"), encoding="utf-8")
    signals = judge([hit("a", 9.0, regime=float(regime))], CALIBRATION).signals
    usual, more = (each.factors(signals) for each in (CALIBRATION, Calibration.load(tmp_path / "more.toml")))
    assert more["known"] / (1 - more["known"]) == pytest.approx(4 * usual["known"] / (1 - usual["known"]))
    assert more["best"] == usual["best"]


def test_a_share_that_is_none_is_refused(tmp_path: Path) -> None:
    said = SHIPPED.read_text(encoding="utf-8")
    (tmp_path / "all.toml").write_text(said.replace("answerable = 0.5", "answerable = 1"), encoding="utf-8")
    with pytest.raises(CalibrationRefused, match="answerable is 1"):
        Calibration.load(tmp_path / "all.toml")


def test_a_code_that_is_held_and_a_thing_that_nobody_tells_of_bound_what_is_known() -> None:
    weak = [hit("returns", 9.0, strong=-3.0, alike=-3.0, near=-3.0), hit("emi", 1.0)]
    plain, named, absent = (judge(weak, CALIBRATION, **told) for told in ({}, {"named": True}, {"absent": True}))
    assert plain.known < 0.1
    assert named.known == 0.5
    assert absent.known <= 0.01
    assert plain.value < named.value
    assert plain.signals["best"] == named.signals["best"] == absent.signals["best"]
