"""A risk in place of a threshold: each language answers from its own on, and what nothing promises is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.assistant import Assistant
from assistant.confidence import Calibration
from assistant.risk import NEVER, POOLED, RiskRefused, Risks, unpromised
from knowledge import Document, Retriever

RISKS = Risks({POOLED: {0.05: 0.9, 0.1: 0.0001}, "th": {0.05: 0.0001}, "hu": {0.2: 0.0001}})
TOLD = {
    "th": ("คืนสินค้าได้ภายใน 30 วันหลังจากได้รับของ", "คืนสินค้าได้ภายในกี่วัน"),
    "hu": ("A mosógép visszaszállítása 9900 forintba kerül.", "Mennyibe kerül a mosógép visszaszállítása?"),
    "ta": ("பொருளை 30 நாட்களுக்குள் திருப்பித் தரலாம்.", "பொருளை எத்தனை நாட்களுக்குள் திருப்பித் தரலாம்?"),
}


DOCUMENTS = [Document(tag, text, language=tag) for tag, (text, _) in TOLD.items()]


def test_a_language_has_its_own_threshold_or_none_and_the_others_the_pooled_one() -> None:
    assert RISKS.thresholds(0.05) == {POOLED: 0.9, "th": 0.0001, "hu": NEVER}
    assert RISKS.thresholds(0.2) == {POOLED: 0.0001, "th": 0.0001, "hu": 0.0001}


def test_between_two_risks_the_safer_one_holds() -> None:
    assert RISKS.thresholds(0.07) == RISKS.thresholds(0.05)


def test_what_nothing_promises_is_refused_and_the_least_that_is_promised_is_said() -> None:
    with pytest.raises(RiskRefused, match=r"at most 1 % of .*the least it promises is 5 %: --risk 0\.05"):
        RISKS.thresholds(0.01)
    with pytest.raises(RiskRefused, match="it promises nothing"):
        Risks().thresholds(0.5)


def test_the_languages_that_are_always_handed_over_are_said() -> None:
    assert unpromised(RISKS.thresholds(0.05)).startswith(
        "This cannot be promised in hu: there, the assistant only asks back"
    )
    assert unpromised(RISKS.thresholds(0.2)) == ""
    assert "every language that is not in the calibration" in unpromised({POOLED: NEVER, "ta": 0.5})


def test_the_assistant_answers_in_the_languages_that_keep_the_risk(retriever: Retriever) -> None:
    calibration = replace(Calibration.load(), risks=RISKS)
    safe, bold = (Assistant(retriever, risk=risk, calibration=calibration) for risk in (0.05, 0.2))
    asked = {tag: question for tag, (_, question) in TOLD.items()}
    assert {tag: bold.reply(question).action for tag, question in asked.items()} == dict.fromkeys(asked, "answer")
    assert safe.reply(asked["th"]).action == "answer"
    assert safe.reply(asked["hu"]).action != "answer"
    confidence = bold.reply(asked["ta"]).confidence.value
    assert (safe.reply(asked["ta"]).action == "answer") == (confidence >= RISKS.tested[POOLED][0.05])
    with pytest.raises(RiskRefused):
        Assistant(retriever, risk=0.01, calibration=calibration)


def test_without_a_risk_the_calibrations_threshold_holds(retriever: Retriever) -> None:
    assert Assistant(retriever).thresholds == {POOLED: Calibration.load().threshold}
