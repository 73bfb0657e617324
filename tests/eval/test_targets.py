from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.confidence import FACTORS
from assistant.conversation import Turn
from eval.suite import UNDATED, Case
from eval.targets import Parts, TargetError, open_target
from knowledge import REGIMES, build
from knowledge.documents import Document

CASE = Case(
    "q1",
    "எப்போது வரும்?",
    ("delivery",),
    history=(Turn("customer", "ஆர்டர் போட்டேன்", "ta", UNDATED), Turn("assistant", "நன்றி!", "ta", UNDATED)),
    language="ta",
)
HISTORY = [{"speaker": "customer", "text": "ஆர்டர் போட்டேன்"}, {"speaker": "assistant", "text": "நன்றி!"}]
REPLY: dict[str, Any] = {
    "action": "answer",
    "answer": "இரண்டு நாட்களில் வரும்.",
    "language": "ta",
    "confidence": 0.8,
    "citations": [{"document": "delivery", "quote": "இரண்டு நாட்கள்", "start": 0, "end": 14}],
    "hits": [{"document": "delivery"}, {"document": "returns"}],
    "milliseconds": {"search": 3.0, "answer": 1.5},
}


def spoken(question: str, history: list[dict[str, str]]) -> str:
    """A bot that says what it was given."""
    return f"{question} / {history[0]['speaker']}: {history[0]['text']}"


def full(_question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    return REPLY


def broken(_question: str, _history: list[dict[str, str]]) -> str:
    raise ZeroDivisionError("எதையோ பூஜ்ஜியத்தால் வகுத்தது")


def wordless(_question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    return {"text": "kötelező mező nélkül"}


def boastful(_question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    return {**REPLY, "confidence": 97}


def this(function: str) -> str:
    return f"{__name__}:{function}"


class Bot(BaseHTTPRequestHandler):
    """An assistant on another machine: it keeps what it was asked."""

    asked: list[tuple[str, Any]]
    status: int
    body = json.dumps(REPLY)
    seconds = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append((self.path, body))
        time.sleep(type(self).seconds)
        self.send_response(type(self).status)
        self.end_headers()
        self.wfile.write(type(self).body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def bot() -> Iterator[tuple[str, type[Bot]]]:
    kind = type("Bot", (Bot,), {"asked": [], "status": 200})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", kind
    server.shutdown()
    server.server_close()


def test_a_function_that_says_text_gives_an_answer_without_a_ranking() -> None:
    outcome = open_target(this("spoken")).answer(CASE)
    assert outcome.answer == "எப்போது வரும்? / customer: ஆர்டர் போட்டேன்"
    assert (outcome.action, outcome.hits, outcome.confidence, outcome.error) == ("answer", None, None, None)
    assert outcome.milliseconds is not None
    assert 0 <= outcome.milliseconds < 1000


def modest(_question: str, _history: list[dict[str, str]]) -> dict[str, Any]:
    nothing = dict.fromkeys(["action", "language", "confidence", "signals", "hits"])
    return {"answer": "Igen.", "citations": [{"document": "delivery", "quote": None, "start": None}], **nothing}


def test_null_in_a_reply_is_as_good_as_nothing() -> None:
    outcome = open_target(this("modest")).answer(CASE)
    assert (outcome.error, outcome.action, outcome.hits, outcome.language) == (None, "answer", None, "und")


def test_a_function_can_give_a_whole_reply() -> None:
    outcome = open_target(this("full")).answer(CASE)
    assert (outcome.case, outcome.hits, outcome.confidence) == (CASE, ("delivery", "returns"), 0.8)
    assert outcome.citations[0]["quote"] == "இரண்டு நாட்கள்"


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("broken", "ZeroDivisionError: எதையோ பூஜ்ஜியத்தால் வகுத்தது"),
        ("wordless", "its reply is refused: answer is missing"),
        ("boastful", "its reply is refused: confidence must be a number from 0 to 1, and is 97"),
    ],
)
def test_a_crash_is_an_outcome(function: str, error: str) -> None:
    outcome = open_target(this(function)).answer(CASE)
    assert (outcome.action, outcome.answer, outcome.error) == ("handoff", "", error)


@pytest.mark.parametrize("spec", ["nowhere_at_all:answer", f"{__name__}:absent", "Sevai", "ftp://example.org"])
def test_refuses_what_cannot_be_asked(spec: str) -> None:
    with pytest.raises(TargetError):
        open_target(spec)


def test_asks_over_http_as_the_api_is_written(bot: tuple[str, type[Bot]]) -> None:
    url, kind = bot
    outcome = open_target(url).answer(CASE)
    assert outcome.answer == REPLY["answer"]
    assert kind.asked == [
        ("/api/v1/ask", {"question": CASE.question, "history": HISTORY, "channel": "chat"}),
    ]
    open_target(f"{url}/bots/7").answer(CASE)
    assert kind.asked[1][0] == "/bots/7"


def test_a_server_error_is_an_outcome(bot: tuple[str, type[Bot]]) -> None:
    url, kind = bot
    kind.status = 500
    outcome = open_target(url).answer(CASE)
    assert outcome.error is not None
    assert "500" in outcome.error


@pytest.mark.parametrize("body", ["<!doctype html><p>உள்நுழைக</p>", '{"answer": "', '["Igen."]', '"\\ud83d"'])
def test_what_is_no_reply_is_an_outcome_that_shows_it(bot: tuple[str, type[Bot]], body: str) -> None:
    url, kind = bot
    kind.body = body
    outcome = open_target(url).answer(CASE)
    assert (outcome.error or "").startswith("its reply is refused: must be a JSON object, and is ")


def test_an_assistant_that_hangs_is_an_outcome(bot: tuple[str, type[Bot]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.targets.PATIENCE", 0.2)
    url, kind = bot
    kind.seconds = 1.0
    assert open_target(url).answer(CASE).error == "ReadTimeout: timed out"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(TargetError, match="Nothing answers at"):
        open_target("http://127.0.0.1:port")


def test_says_that_nothing_answers() -> None:
    with pytest.raises(TargetError, match="Nothing answers at"):
        open_target("http://127.0.0.1:9")


def test_recorded_replies_are_found_by_id_with_the_time_they_took(tmp_path: Path) -> None:
    file = tmp_path / "replies.jsonl"
    file.write_text(json.dumps({"id": "q1", **REPLY}) + "\n\n" + json.dumps({"id": "q2", "answer": "Igen."}), "utf-8")
    target = open_target(str(file))
    assert target.answer(CASE).milliseconds == 4.5
    assert target.answer(CASE).answer == REPLY["answer"]
    assert target.answer(Case("q2", "Van?")).milliseconds is None
    assert target.answer(Case("q3", "Nincs?")).error == "LookupError: no reply is recorded for this case"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('{"id": "a", "answer": ""}\n{"answer": ""}', "line 2: id is missing"),
        ("ஒன்றுமில்லை", "line 1: no valid JSON"),
        ('{"id": "a", "answer": ""}\n\n{"id": "a", "answer": "x"}', "line 3: id 'a' is already that of line 1"),
        ('{"id": ["a"], "answer": ""}', "line 1: id must be text"),
        ('{"id": "a", "answer": "\udcff"}', "line 1: no valid JSON in UTF-8"),
    ],
)
def test_names_the_line_of_a_record_that_is_no_reply(tmp_path: Path, lines: str, problem: str) -> None:
    file = tmp_path / "replies.jsonl"
    file.write_bytes(lines.encode("utf-8", "surrogateescape"))
    with pytest.raises(TargetError, match=problem):
        open_target(str(file))
    with pytest.raises(TargetError, match="cannot be read"):
        open_target(str(tmp_path / "absent.jsonl"))


def test_the_assistant_answers_from_its_index(tmp_path: Path) -> None:
    documents = [
        Document("delivery", "ஆர்டர் செய்த இரண்டு நாட்களில் பொருள் வீட்டுக்கு வரும்.", "டெலிவரி", "ta"),
        Document("returns", "பிடிக்காத பொருளை பத்து நாட்களுக்குள் திருப்பி அனுப்பலாம்.", "ரிட்டர்ன்", "ta"),
        Document("card", "கார்டு மூலம் பணம் செலுத்தினால் கட்டணம் இல்லை.", "பணம்", "ta"),
    ]
    build(documents, tmp_path)
    outcome = open_target("assistant", Parts(tmp_path)).answer(
        Case("q", "பிடிக்காத பொருளை திருப்பி அனுப்பலாமா?", ("returns",))
    )
    assert outcome.error is None
    assert outcome.hits is not None
    assert outcome.hits[0] == "returns"
    assert outcome.confidence is not None
    assert outcome.language == "ta"
    sure = tmp_path / "confidence.toml"
    numbers = "".join(f"[{regime}.{factor}]\nintercept = 0.0\n" for regime in REGIMES for factor in FACTORS)
    sure.write_text(f"threshold = 0.5\n{numbers}", "utf-8")
    judged = open_target("assistant", Parts(tmp_path, sure)).answer(CASE)
    assert judged.signals is not None
    assert (judged.signals["known"], judged.signals["best"]) == (0.5, 0.5)
    odds = (0.25 / 0.75) ** judged.signals["evenness"]
    assert judged.confidence == pytest.approx(odds / (1 + odds), abs=1e-4)
    with pytest.raises(TargetError, match="is no calibration"):
        open_target("assistant", Parts(tmp_path, tmp_path / "manifest.json"))
    with pytest.raises(TargetError, match="no documents to answer from"):
        open_target("assistant")
