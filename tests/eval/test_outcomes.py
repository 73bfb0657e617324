"""What an evaluation writes down holds nothing that is a customer's own."""

from __future__ import annotations

import json

import pytest

from assistant.conversation import Turn
from eval.outcomes import Outcome
from eval.suite import Case

OWN = {
    "ta": "என் எண் ௯௮௭௬௫ ௪௩௨௧௦, kumar@example.com",
    "th": "เบอร์ผม ๐๘๑-๒๓๔-๕๖๗๘",
    "hu": "a TAJ-számom 123456788",
    "hi": "नौ आठ सात छह पांच चार तीन दो एक शून्य",
}


@pytest.mark.parametrize("language", OWN)
def test_what_the_customer_told_is_masked_wherever_it_stands(language: str) -> None:
    own = OWN[language]
    case = Case("1", f"{own}?", ("d",), ("044 2345 6789",), history=(Turn("customer", own),), alternatives=(own,))
    said = Outcome(case, "answer", f"{own}: 044 2345 6789", citations=({"document": "d", "quote": "044 2345 6789"},))
    for outcome in (said, Outcome.crashed(case, f"ValueError: {own}")):
        line = json.dumps(outcome.json(), ensure_ascii=False)
        pieces = [piece for piece in own.replace(",", "").split() if any(map(str.isdigit, piece)) or "@" in piece]
        assert not any(piece in line for piece in (*pieces, own))
        assert "044 2345 6789" in line  # the company's own number is what is compared
        assert Outcome.read(json.loads(line)).case.answers == case.answers


def test_what_holds_nothing_of_the_kind_is_written_as_it_is() -> None:
    case = Case("1", "எத்தனை நாட்கள்?", ("d",), ("7 நாட்கள்",))
    outcome = Outcome(case, "answer", "7 நாட்கள்; care@nila.example", hits=("d",))
    assert Outcome.read(json.loads(json.dumps(outcome.json()))) == outcome
