"""Calls, played by a scripted caller over a real socket to a real server."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import HTTPConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from assistant.assistant import Assistant
from assistant.channels import streams, voice
from assistant.channels.relay import LARGEST, Prompt, Setup, read, refusal, signature
from assistant.channels.server import LARGEST_FRAME
from assistant.channels.shedding import Turns
from assistant.channels.voice import Call, intelligible, number_of, pointed, uncarded, voice_of
from assistant.conversation import Citation, Conversation, Turn
from assistant.desk import Desk, DeskUnavailable
from assistant.phrases import languages, phrase
from assistant.reply import CERTAIN, Reply
from knowledge import Retriever, base, build
from tests.assistant.test_clarify import document
from tests.conftest import running

KNOWLEDGE = {
    "ta": {
        "டெலிவரி": "வாங்கிய பொருள் மூன்று வேலை நாட்களில் வீட்டுக்கு வந்து சேரும். டெலிவரிக் கட்டணம் ₹149.",
        "பொருளைத் திருப்பித் தருதல்": "வாங்கிய பொருளை 14 நாட்களுக்குள் திருப்பித் தரலாம். பிக்-அப் கட்டணம் ₹250.",
        "வீட்டில் பழுது பார்த்தல்": "பிக்-அப் கட்டணம் ₹400.",
    },
    "en": {
        "Delivery": "What you buy reaches your home within three working days. Delivery costs ₹149.",
        "Returning a product": "You can return a product within 14 days. The pick-up fee is ₹250.",
        "Repair at home": "The pick-up fee is ₹400.",
    },
}
FEE = "நூற்று நாற்பத்தொன்பது ரூபாய்"
"""₹149, as it is said."""
PACE = 1e6
"""Nobody listens: what is said has been heard at once."""


@dataclass(frozen=True)
class Script:
    """What a caller says in one language, and what they are told."""

    tag: str
    asked: str
    told: str
    again: str
    unclear: str
    chosen: str
    price: str
    unknown: str

    @property
    def language(self) -> str:
        return base(self.tag)


SCRIPTS = [
    Script(
        "ta-IN", "டெலிவரிக்குக் கட்டணம் உண்டா?", FEE, "வாங்கிய பொருளை எத்தனை நாட்களுக்குள் திருப்பித் தரலாம்?",
        "பிக்-அப் எவ்வளவு?", "வீட்டில் பழுது பார்த்தல்", "நானூறு ரூபாய்", "செவ்வாய் கிரகத்துக்கு எத்தனை நிலவுகள்?",
    ),
    Script(
        "en-IN", "How much is delivery?", "one hundred and forty-nine rupees", "Within how many days can I return a product?",
        "How much for a pick up?", "Repair at home", "four hundred rupees", "How many moons does Mars have?",
    ),
]  # fmt: skip
TALKS = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.tag)


DOCUMENTS = [document(language, *each) for language, texts in KNOWLEDGE.items() for each in texts.items()]


def said(key: str, language: str, **fields: object) -> str:
    """One of the product's own phrases as it is spoken."""
    return Reply("answer", phrase(key, language, **fields), language, CERTAIN).spoken.text


@contextmanager
def serving(
    assistant: Assistant, desk: Desk, token: str = "", pace: float = PACE, turns: Turns | None = None
) -> Iterator[str]:
    """The address of calls at a server that runs in a thread."""
    app = voice.mount(FastAPI(), assistant, desk, token, pace=pace, turns=turns)
    with running(uvicorn.Config(app, log_config=None, ws_max_size=LARGEST_FRAME)) as where:
        yield f"ws://{where}/api/v1/voice"


class Caller:
    """The telephone network's side of a call."""

    def __init__(self, socket: ClientConnection, call: str = "CA1", **parameters: str) -> None:
        self.socket = socket
        self.send(type="setup", sessionId="VX1", callSid=call, **{"from": "+919876543210"}, customParameters=parameters)

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message, ensure_ascii=False))

    def hears(self) -> dict[str, Any]:
        heard: dict[str, Any] = json.loads(self.socket.recv(timeout=20))
        return heard

    def says(self, text: str, tag: str = "ta-IN", last: bool = True, **more: Any) -> None:
        self.send(type="prompt", voicePrompt=text, lang=tag, last=last, **more)

    def asks(self, text: str, tag: str = "ta-IN") -> str:
        self.says(text, tag)
        heard = self.hears()
        assert heard["type"] == "text", heard
        assert heard["last"] is True
        return str(heard["token"])


def only(desk: Desk) -> Conversation:
    """The one call that waits for a person."""
    (ticket,) = desk.waiting()
    assert ticket.channel == "voice"
    return desk.conversation(ticket.conversation)


@TALKS
def test_a_call_is_answered_interrupted_asked_back_and_handed_over(
    retriever: Retriever, desk: Desk, script: Script
) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages=f"{script.tag} th-TH")
        assert caller.hears()["token"] == phrase("introduction", script.language)
        caller.says(script.asked[:12], script.tag, last=False)
        caller.says(script.asked[:20], script.tag, last=False)
        answer = caller.asks(script.asked, script.tag)
        assert script.told in answer
        assert caller.asks(script.again, script.tag)
        rest = caller.asks(script.asked, script.tag)  # the same question, whose answer is interrupted this time
        heard = " ".join(rest.split()[:3])
        caller.send(type="interrupt", utteranceUntilInterrupt=heard, durationUntilInterruptMs="460")
        offered = caller.asks(script.unclear, script.tag)
        titles = sorted((title for title in KNOWLEDGE[script.language] if title in offered), key=offered.index)
        caller.send(type="dtmf", digit=str(titles.index(script.chosen) + 1))
        assert script.price in caller.hears()["token"]
        told = caller.asks(script.unknown, script.tag)
        assert told.startswith(said("handoff_not_in_knowledge", script.language))
        assert told.endswith(said("waiting", script.language, place=1))
        end = caller.hears()
        assert end["type"] == "end"
        package = json.loads(end["handoffData"])
    talk = only(desk)
    assert (package["reason"], package["question"], package["place"]) == ("not_in_knowledge", script.unknown, 1)
    assert package["conversation"] == talk.id
    assert package["said"]
    texts = [turn.text for turn in talk.turns]
    assert texts[0::2] == [script.asked, script.again, script.asked, script.unclear, script.chosen, script.unknown]
    assert texts[5] == heard
    assert talk.turns[5].citations == ()
    assert all(turn.channel == "voice" for turn in talk.turns)
    assert all(turn.language == script.language for turn in talk.turns[1::2])


def test_beyond_so_many_calls_the_next_is_told_to_come_again(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(streams.MOST, "calls", 1)  # type: ignore[arg-type]
    with serving(Assistant(retriever), desk) as address:
        with connect(address) as first:
            caller = Caller(first, languages="ta-IN")
            assert caller.hears()["token"] == phrase("introduction", "ta")
            with connect(address) as second, pytest.raises(ConnectionClosed) as closed:
                second.recv(timeout=20)
            assert closed.value.rcvd
            assert (closed.value.rcvd.code, closed.value.rcvd.reason[-23:]) == (1013, "call again in a moment.")
        with connect(address) as third:
            assert Caller(third, "CA2", languages="ta-IN").hears()["token"]


def test_a_call_takes_its_turn_among_all_messages(retriever: Retriever, desk: Desk) -> None:
    taken = []

    class Counted(Turns):
        def taken(self) -> Any:
            taken.append(self.full)
            return super().taken()

    turns = Counted(1, 0)
    with serving(Assistant(retriever), desk, turns=turns) as address:
        with connect(address) as socket:
            caller = Caller(socket, languages="ta-IN")
            caller.hears()
            assert FEE in caller.asks(SCRIPTS[0].asked)
        assert len(taken) >= 2
        turns._left = 0  # others have all of them
        with connect(address) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=20)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1013


def test_what_was_cut_off_is_answered_anew_and_not_taken_for_answered(retriever: Retriever, desk: Desk) -> None:
    script = SCRIPTS[0]
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket)
        answer = caller.asks(script.asked)
        caller.send(type="interrupt", utteranceUntilInterrupt="")
        assert caller.asks(script.asked) == answer
        caller.send(type="interrupt", utteranceUntilInterrupt=answer + " ")  # it was heard to its end
        assert caller.asks(script.asked) != answer
        caller.send(type="interrupt", utteranceUntilInterrupt="வணக்கம்")
        caller.send(type="interrupt", utteranceUntilInterrupt="")  # of an answer, only what was heard first counts
        assert caller.asks("நன்றி") == said("thanks", "ta")
        talk = desk.conversation(desk.start("voice", identity(desk)).id)
    texts = [turn.text for turn in talk.turns]
    assert "₹149" in texts[3]
    assert texts[1::2][:3] == ["", texts[3], "வணக்கம்"]


def identity(desk: Desk) -> str:
    """The id of the only conversation that there is."""
    from sqlalchemy import text

    with desk.engine.connect() as connection:
        return str(connection.execute(text("select id from conversations")).scalar_one())


CODES = {
    "ta": ("காட்சியில் A4 வருகிறது, என்ன செய்வது?", {"E4": "E4 வந்தால் கதவைச் சரியாக மூடுங்கள்.", "A4": "A4 வந்தால் தண்ணீர்க் குழாயைத் திறங்கள்."}),
    "en": ("The display shows A4, what shall I do?", {"E4": "When the display shows E4, close the door well.", "A4": "When the display shows A4, open the water tap."}),
}  # fmt: skip


@pytest.mark.parametrize("language", CODES)
def test_a_doubtful_word_is_asked_back_and_then_answered(tmp_path: Path, desk: Desk, language: str) -> None:
    question, texts = CODES[language]
    build([document(language, code, text) for code, text in texts.items()], tmp_path / "index")
    words = [{"text": word, "confidence": 0.3 if word.startswith("A4") else 0.95} for word in question.split()]
    tag = f"{language}-IN"
    with (
        serving(Assistant(Retriever.open(tmp_path / "index"), threshold=0.0), desk) as address,
        connect(address) as socket,
    ):
        caller = Caller(socket)
        caller.says(question, tag, words=words, alternatives=[question.replace("A4", "E4")])
        asked = caller.hears()["token"]
        choices = desk.conversation(identity(desk)).choices
        assert set(choices) == set(texts), asked
        caller.send(type="dtmf", digit=str(choices.index("E4") + 1))
        caller.hears()
    last = desk.conversation(identity(desk)).turns[-1].text
    assert texts["E4"] in last
    assert texts["A4"] not in last


@pytest.mark.parametrize("tag", ["te-IN", "th-TH", "hu-HU", "hi-IN", "ar-EG", "ta-IN"])
def test_three_times_nothing_leads_to_a_person(retriever: Retriever, desk: Desk, tag: str) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages=tag)
        caller.hears()
        for noise in ("", " [noise] <unk> ..."):
            assert caller.asks(noise, tag) == phrase("not_understood", tag)
        told = caller.asks("…", tag)
        assert told == f"{phrase('handoff_unheard', tag)} {said('waiting', base(tag), place=1)}"
        assert json.loads(caller.hears()["handoffData"])["reason"] == "unheard"
    talk = only(desk)
    assert [turn.text for turn in talk.turns] == [phrase("handoff_unheard", tag)]


def test_what_is_understood_starts_the_count_anew(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket)
        for _ in range(2):
            assert caller.asks("") == phrase("not_understood", "ta")
        assert FEE in caller.asks(SCRIPTS[0].asked)
        for _ in range(2):
            assert caller.asks("") == phrase("not_understood", "ta")
    assert desk.waiting() == []


def test_silence_is_asked_about_and_then_leads_to_a_person(
    retriever: Retriever, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voice, "QUIET", 0.1)
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages="hu-HU")
        told = [caller.hears().get("token") for _ in range(4)]
        assert told[:3] == [phrase("introduction", "hu"), *[phrase("still_there", "hu")] * 2]
        assert str(told[3]).startswith(phrase("handoff_unheard", "hu"))
        assert caller.hears()["type"] == "end"
    assert desk.waiting()[0].reason == "unheard"


def test_a_call_leaves_only_when_what_was_said_has_been_heard(retriever: Retriever, desk: Desk) -> None:
    call = Call(Assistant(retriever), desk, "", 10, {}, [].append)
    list(call.take(Setup(type="setup", callSid="CA1")))
    list(call.take(Prompt(type="prompt", voicePrompt=SCRIPTS[0].asked, lang="ta-IN")))
    assert call.patience > voice.QUIET
    (told,) = call.take(Prompt(type="prompt", voicePrompt=SCRIPTS[0].unknown, lang="ta-IN"))
    assert len(told["token"]) / 10 - 1 < call.patience <= len(told["token"]) / 10
    more = "என் ஆர்டர் எண் 4471"
    assert list(call.take(Prompt(type="prompt", voicePrompt=more, lang="ta-IN"))) == []
    assert more in [turn.text for turn in only(desk).turns]
    assert not call.over
    (end,) = call.wait()
    assert (end["type"], call.over) == ("end", True)


@pytest.mark.parametrize("language", [tag for tag in languages() if tag == base(tag)])
def test_the_key_0_calls_a_person(retriever: Retriever, desk: Desk, language: str) -> None:
    call = Call(Assistant(retriever), desk, "", PACE, {}, [].append)
    list(call.take(Setup(type="setup", callSid="CA1", customParameters={"languages": language})))
    (told,) = call.take(read('{"type": "dtmf", "digit": "0"}'))
    assert told["token"].startswith(said("handoff_asked_for_person", language))
    assert desk.waiting()[0].reason == "asked_for_person"


def test_a_number_that_is_said_is_a_choice(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket)
        offered = caller.asks(SCRIPTS[0].unclear)
        caller.send(type="dtmf", digit="9")
        assert caller.hears()["token"] == phrase("not_understood", "ta")
        first = offered.index("வீட்டில்") < offered.index("பொருளை")
        assert SCRIPTS[0].price in caller.asks("௧." if first else "௨.")


def test_a_farewell_ends_the_call_without_a_person(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket)
        assert caller.asks("Viszlát!", "hu-HU") == said("farewell", "hu")
        assert caller.hears() == {"type": "end"}
        assert caller.socket.close_code is None  # it is the other side that hangs up
    assert desk.waiting() == []


def test_who_changes_the_language_is_answered_and_heard_in_it(retriever: Retriever, desk: Desk) -> None:
    english = SCRIPTS[1]
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket)
        caller.asks(SCRIPTS[0].asked, "ta-IN")
        caller.says(english.asked, "ta-IN")  # what a recogniser for Tamil made of it
        assert caller.hears() == {"type": "language", "ttsLanguage": "en-US", "transcriptionLanguage": "en-US"}
        assert english.told in caller.hears()["token"]
        caller.says(SCRIPTS[0].again, "ta")  # from one that tells languages apart by itself
        assert caller.hears() == {"type": "language", "ttsLanguage": "ta-IN"}


def test_a_foreign_word_changes_the_voice_alone_and_only_to_what_is_offered(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages="ta-IN, en-IN")
        caller.hears()
        caller.says("thank you", "ta-IN")
        assert caller.hears() == {"type": "language", "ttsLanguage": "en-IN"}
        assert caller.hears()["token"] == said("thanks", "en")
        assert caller.asks("köszönöm szépen", "ta-IN") == said("thanks", "hu")


BROKEN = ["", "{", "[]", "நன்றி", '{"type": "dance"}', '{"type": "prompt"}', '{"type": "setup", "callSid": 7}', '{"type":"dtmf"}', "null", "x" * (LARGEST + 1), b"\x00\xff"]  # fmt: skip


def test_what_is_not_understood_is_left_out_and_the_call_goes_on(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address, connect(address) as socket:
        socket.send(json.dumps({"type": "prompt", "voicePrompt": "வணக்கம்", "last": True}))  # before the call began
        caller = Caller(socket)
        for message in BROKEN:
            socket.send(message)
        chance = random.Random(7)
        whole = json.dumps({"type": "prompt", "voicePrompt": SCRIPTS[0].asked, "lang": "ta-IN", "last": False})
        for _ in range(300):
            letters = list(whole)
            for _ in range(chance.randint(1, 4)):
                letters[chance.randrange(len(letters))] = chance.choice('{}":,[]\\x0é')
            socket.send("".join(letters).replace("true", "false"))
        caller.send(type="error", description="Invalid message received")
        caller.send(type="info", name="tokensPlayed", value="வ")
        assert FEE in caller.asks(SCRIPTS[0].asked)


def test_a_frame_that_is_too_large_closes_only_its_own_call(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address:
        with connect(address) as socket:
            socket.send("x" * (LARGEST_FRAME + 1))
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(timeout=20)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1009
        with connect(address) as socket:
            assert FEE in Caller(socket).asks(SCRIPTS[0].asked)


def test_a_call_whose_connection_was_lost_goes_on(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk) as address:
        with connect(address) as socket:
            caller = Caller(socket, languages="ta-IN")
            assert caller.hears()["token"] == phrase("introduction", "ta")
            assert FEE in caller.asks(SCRIPTS[0].asked)
        with connect(address) as socket:  # who is known is not greeted again
            assert Caller(socket, languages="ta-IN").asks("நன்றி") == said("thanks", "ta")
        with connect(address) as socket:
            caller = Caller(socket)
            assert caller.asks(SCRIPTS[0].unknown).endswith(said("waiting", "ta", place=1))
        with connect(address) as socket:  # before the call had left
            caller = Caller(socket)
            assert caller.asks("ஹலோ?") == said("waiting", "ta", place=1)
            assert caller.hears()["type"] == "end"
    assert [turn.text for turn in only(desk).turns][0::2][:3] == [SCRIPTS[0].asked, "நன்றி", SCRIPTS[0].unknown]


class Failing(Assistant):
    """An assistant that cannot search."""

    def reply(self, *_: Any, **__: Any) -> Reply:
        raise RuntimeError("the index is gone")


SECRET = "postgresql+psycopg://sevai@db.nila.example/desk"
"""Where a desk's database lies, which is nobody's business whom a call is passed on to."""


class Lost(Desk):
    """A desk whose database fails in the middle of a call."""

    def append(self, *_: Any, **__: Any) -> bool:
        raise DeskUnavailable(f"The desk's database {SECRET} cannot be used: disk I/O error.")


LINES = "1. Kapcsolja ki.\n2. Húzza ki.\n3. Várjon egy percet.\n4. Dugja vissza.\n5. Kapcsolja be."


class Long(Assistant):
    """An assistant whose answers are too long to be said at once."""

    def reply(self, *_: Any, **__: Any) -> Reply:
        source = Citation("hu", "Kézikönyv", LINES, 0, len(LINES), "hu.txt", "hu#0")
        return Reply("answer", LINES, "hu", CERTAIN, (source,))


def test_a_long_answer_goes_on_while_the_caller_wishes(retriever: Retriever, desk: Desk) -> None:
    with serving(Long(retriever), desk) as address, connect(address) as socket:
        caller = Caller(socket, languages="hu-HU")
        caller.hears()
        first = caller.asks("Nem indul a gép.", "hu-HU")
        assert "Kapcsolja ki" in first
        assert first.endswith(phrase("spoken_more", "hu"))
        second = caller.asks("igen", "hu-HU")
        assert "Húzza ki" in second
        assert "Kapcsolja ki" not in second
        caller.send(type="interrupt", utteranceUntilInterrupt="Húzza")
        assert "Kapcsolja ki" in caller.asks("Nem indul a gép.", "hu-HU")
        talk = desk.conversation(identity(desk))
    assert [turn.text for turn in talk.turns][1:3] == [f"{first} Húzza", "igen"]


@pytest.mark.parametrize("lost", [False, True], ids=["assistant", "desk"])
def test_who_calls_hears_of_a_failure_and_goes_to_a_person(retriever: Retriever, tmp_path: Path, lost: bool) -> None:
    store = (Lost if lost else Desk)(f"sqlite:///{tmp_path / 'desk.db'}")
    with serving(Failing(retriever), store) as address, connect(address) as socket:
        caller = Caller(socket)
        assert caller.asks(SCRIPTS[0].asked).startswith(said("handoff_model_failure", "ta"))
        package = json.loads(caller.hears()["handoffData"])
    assert package["reason"] == "model_failure"
    assert package["conversation"]
    assert package["summary"].startswith(phrase("reason_model_failure", "en"))
    assert SECRET not in json.dumps(package)


def test_a_search_that_fails_early_does_not_end_the_call(retriever: Retriever, desk: Desk) -> None:
    class Early(Retriever):
        def __init__(self) -> None:
            pass

        def search(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("the index is gone")

        def snapshot(self) -> Retriever:
            return retriever

    assistant = Assistant(retriever)
    assistant.retriever = Early()
    with serving(assistant, desk) as address, connect(address) as socket:
        caller = Caller(socket)
        caller.says("டெலிவரி", last=False)
        caller.says("டெலிவரிக்கு", last=False)
        assert FEE in caller.asks(SCRIPTS[0].asked)


def test_only_signed_calls_are_answered_where_there_is_a_token(retriever: Retriever, desk: Desk) -> None:
    with serving(Assistant(retriever), desk, token="s3cret") as address:
        signed = signature("s3cret", address.replace("ws://", "wss://"))
        for wrong in ({}, {"X-Twilio-Signature": signature("other", address)}, {"X-Twilio-Signature": signed[:-2]}):
            with pytest.raises(InvalidStatus) as refused, connect(address, additional_headers=wrong):
                pass
            assert refused.value.response.status_code == 403
            body = refused.value.response.body
            assert body
            assert "signed" in json.loads(body)["detail"]
        with connect(address, additional_headers={"X-Twilio-Signature": signed}) as socket:
            assert FEE in Caller(socket).asks(SCRIPTS[0].asked)


def test_the_signature_is_that_of_the_published_algorithm() -> None:
    # RFC 2202, case 2 of HMAC-SHA1, and the worked example of Twilio's page.
    jefe = signature("Jefe", "what do ya want for nothing?")
    assert base64.b64decode(jefe).hex() == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    posted = "CallSidCA1234567890ABCDECaller+14158675309Digits1234From+14158675309To+18005551212"
    assert signature("12345", f"https://mycompany.com/myapp.php?foo=1&bar=2{posted}") == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def connection(client: str | None, **headers: str) -> HTTPConnection:
    listed = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": "/api/v1/voice", "headers": listed, "server": ("desk", 80), "scheme": "ws"}
    return HTTPConnection({**scope, "query_string": b"", "client": (client, 5) if client else None})


@pytest.mark.parametrize(
    ("refused", "host", "headers"),
    [
        (False, "127.0.0.1", {}),
        (False, "::1", {}),
        (True, "192.168.1.7", {}),
        (True, None, {}),
        (True, "127.0.0.1", {"origin": "https://evil.example"}),
        (True, "127.0.0.1", {"x_forwarded_for": "8.8.8.8"}),
        (True, "unknown", {"forwarded": "for=8.8.8.8"}),
    ],
)
def test_without_a_token_only_this_machine_calls(refused: bool, host: str | None, headers: dict[str, str]) -> None:
    assert bool(refusal(connection(host, **headers), "")) is refused


def test_a_signed_address_may_be_written_with_its_port_or_without() -> None:
    for url in ("wss://desk.example/api/v1/voice", "wss://desk.example:8443/api/v1/voice"):
        headers = {"host": "desk.example:8443", "x_twilio_signature": signature("s3cret", url)}
        assert refusal(connection("54.1.2.3", **headers), "s3cret") == ""
    assert refusal(connection("54.1.2.3", host="desk.example", x_twilio_signature="é"), "s3cret")


def test_a_page_of_another_site_does_not_call_through_its_visitors_browser(retriever: Retriever, desk: Desk) -> None:
    with (
        serving(Assistant(retriever), desk) as address,
        pytest.raises(InvalidStatus),
        connect(address, additional_headers={"Origin": "https://evil.example"}),
    ):
        pass


def test_a_call_is_found_again_by_its_number_and_not_by_its_calls_name(retriever: Retriever, desk: Desk) -> None:
    for number in ("CA1", "CA2"):
        call = Call(Assistant(retriever), desk, "s3cret", PACE, {}, [].append)
        list(call.take(Setup.model_validate({"type": "setup", "callSid": number, "from": "+919876543210"})))
        list(call.take(Prompt(type="prompt", voicePrompt=SCRIPTS[0].unknown, lang="ta-IN")))
    first, second = (ticket.conversation for ticket in desk.waiting())
    assert [past.conversation for past in desk.earlier(second)] == [first]
    assert "CA1" not in first


@pytest.mark.parametrize(
    ("number", "caller"),
    [("+919876543210", True), ("+266696687", False), ("+86282452253", False), ("anonymous", False), (None, False), ("", False)],
)  # fmt: skip
def test_who_hides_their_number_is_nobody_known(number: str | None, caller: bool) -> None:
    assert number_of(number) == (number if caller else None)


def test_no_card_travels_with_a_call() -> None:
    package = {
        "said": ["அட்டை 4111 1111 1111 1111, எண் 9876543210"],
        "score": 0.4111111111111111,
        "fields": ({"value": "x"},),
    }
    assert uncarded(package) == {
        "said": ["அட்டை [card], எண் 9876543210"], "score": 0.4111111111111111, "fields": [{"value": "x"}]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "understood"),
    [("ஆமா", True), ("E4", True), ("๔", True), ("", False), ("[noise]", False), ("<unk> (inaudible)", False), ("…?!", False), ("*cough*", False)],
)  # fmt: skip
def test_what_a_recogniser_understood(said: str, understood: bool) -> None:
    assert intelligible(said) is understood


def test_a_number_alone_points_at_a_choice() -> None:
    talk = Conversation("c", (Turn("assistant", "?", choices=("முதல்", "இரண்டாவது")),))
    assert [pointed(said, talk) for said in ("1", "๒.", " 2 ", "3", "0", "12", "ஒன்று")] == [
        "முதல்", "இரண்டாவது", "இரண்டாவது", "3", "0", "12", "ஒன்று"
    ]  # fmt: skip


def test_tags_as_telephone_networks_write_them() -> None:
    assert [voice_of(tag, []) for tag in ("ta", "ta-Latn", "th", "hu", "hi", "und", "sw")] == [
        "ta-IN", "ta-IN", "th-TH", "hu-HU", "hi-IN", "", ""
    ]  # fmt: skip
    assert [voice_of(tag, ["en-IN", "ta-LK"]) for tag in ("ta", "en", "hu")] == ["ta-LK", "en-IN", ""]


@pytest.mark.parametrize("cut", [True, False])
def test_the_desk_cuts_the_last_answer_and_no_other(desk: Desk, cut: bool) -> None:
    id = desk.start("voice").id
    for said in ("ஒன்று", "இரண்டு"):
        desk.append(id, Turn("assistant", said, "ta"))
    desk.append(id, Turn("customer", "சரி", "ta"))
    assert desk.cut(id, "இரண்டு" if cut else "ஒன்று", "இர") is cut
    assert [turn.text for turn in desk.conversation(id).turns] == ["ஒன்று", "இர" if cut else "இரண்டு", "சரி"]
