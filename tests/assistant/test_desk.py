from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from assistant.conversation import Citation, Status, Turn
from assistant.desk import Desk, DeskUnavailable, NotYours, Past, UnknownConversation
from assistant.desk.tables import HANDOFFS
from assistant.fields import Field
from assistant.reply import Handoff, Suggestion, Tried

ROOT = Path(__file__).parents[2]

REFUND = Handoff(
    reason="unsure",
    summary="பணம் திரும்ப எப்போது வரும் என்று கேட்கிறார்",
    language="ta",
    question="எனக்கு பணம் எப்போது திரும்பக் கிடைக்கும்?",
    tried=(Tried("returns", "Visszaküldés", "A visszatérítés 5 munkanapot vesz igénybe.", 1.5),),
    suggestions=(
        Suggestion(
            "ஐந்து வேலை நாட்களில் வந்து சேரும்.",
            (Citation("returns", "Visszaküldés", "5 munkanapot", 19, 31, "returns.pdf", "returns#0", 2),),
            0.3,
            "quote",
            "hu",
        ),
    ),
    fields=(Field("order", "447122", 1), Field("amount", "499 INR", 3)),
    said=("பணம் 5 நாட்களில் வரும்.", "மன்னிக்கவும்"),
    wrote=("ஆர்டர் 447122",),
    answered=("டெலிவரி இலவசமா?",),
)
CALLED = Turn("assistant", "ஒரு நபரை அழைக்கிறேன்", "ta")
LATER = Handoff("asked_for_person", "ขอคุยกับเจ้าหน้าที่", "th", "ขอคุยกับคนได้ไหมคะ")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
def desk(url: str) -> Desk:
    return Desk(url)


def waiting(desk: Desk, handoff: Handoff = REFUND) -> str:
    id = desk.start().id
    desk.append(id, CALLED, handoff=handoff)
    return id


TEXTS = [
    "எனது ஆர்டர் இன்னும் வரவில்லை. ஶ்ரீ",
    "สินค้าที่สั่งไว้ยังไม่มาส่งเลยค่ะ",
    "لم يصلني الطلب بعد، هل يمكنكم المساعدة؟",
    "Hol tart a csomagom? Kérem, írják meg!",
    "मेरा ऑर्डर कहाँ है? क्‍या",
    "order innum varala bro 😭👩‍👩‍👧‍👦",
    "నా ఆర్డర్ ఎక్కడ ఉంది?\nరెండో వరుస",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_turn_comes_back_as_it_was_written(desk: Desk, url: str, text: str) -> None:
    at = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    cited = Citation("returns", text, text, 3, 9, "returns.pdf", "returns#1", page=2)
    turn = Turn("assistant", text, "ta-Latn", at, "voice", (cited, cited))
    id = desk.start("voice").id
    assert desk.append(id, turn)
    (read,) = Desk(url).conversation(id).turns
    assert read == turn
    assert read.at.tzinfo is UTC


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text())
def test_any_text_comes_back(desk: Desk, text: str) -> None:
    id = desk.start().id
    desk.append(id, Turn("customer", text))
    assert desk.conversation(id).turns[0].text == text


def test_what_was_offered_comes_back(desk: Desk) -> None:
    id = desk.start().id
    desk.append(id, Turn("assistant", "?", "ar", choices=("رسوم الإصلاح", "ค่ารับเครื่อง")))
    assert desk.conversation(id).choices == ("رسوم الإصلاح", "ค่ารับเครื่อง")


def test_a_database_of_an_earlier_version_is_taken_over(desk: Desk, url: str) -> None:
    id = waiting(desk)
    desk.append(id, Turn("customer", TEXTS[0], "ta"))
    desk.engine.dispose()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("ALTER TABLE turns DROP COLUMN choices")
        for column in ("standalone", "fields", "said", "wrote", "answered", "mood", "urgency"):
            database.execute(f"ALTER TABLE handoffs DROP COLUMN {column}")
    for _ in range(2):
        later = Desk(url)
        *_, turn = later.conversation(id).turns
        assert (turn.text, turn.choices) == (TEXTS[0], ())
        assert later.handoff(id) == replace(REFUND, fields=(), said=(), wrote=(), answered=())
    other = later.start().id
    later.append(other, Turn("assistant", "?", "th", choices=("การคืนสินค้า", "ซ่อม")), handoff=LATER)
    assert later.conversation(other).choices == ("การคืนสินค้า", "ซ่อม")


def test_a_database_without_customers_notes_and_outcomes_is_taken_over(desk: Desk, url: str) -> None:
    id = waiting(desk)
    desk.engine.dispose()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("DROP INDEX ix_conversations_customer")
        database.execute("ALTER TABLE conversations DROP COLUMN customer")
        database.execute("ALTER TABLE handoffs DROP COLUMN outcome")
        database.execute("ALTER TABLE handoffs DROP COLUMN resolver")
        database.execute("DROP TABLE notes")
    for _ in range(2):
        later = Desk(url)
        assert (later.notes(id), later.earlier(id)) == ([], [])
        assert [ticket.conversation for ticket in later.waiting()] == [id]
    later.claim(id, "Réka")
    later.note(id, "Réka", "később")
    later.resolve(id, "Réka", "other")
    later.reopen(id, "Réka")
    assert [note.text for note in later.notes(id)] == ["később"]


def test_the_queue_is_filtered_by_language_reason_and_waiting_time(desk: Desk) -> None:
    tamil, thai = waiting(desk), waiting(desk, LATER)
    latin = waiting(desk, replace(LATER, language="ta-Latn"))
    held = waiting(desk)
    desk.claim(held, "Réka")
    with desk.engine.begin() as connection:
        old = datetime.now(UTC) - timedelta(minutes=7)
        connection.execute(update(HANDOFFS).where(HANDOFFS.c.conversation == thai).values(since=old))

    def found(**filters: Any) -> list[str]:
        return [ticket.conversation for ticket in desk.waiting(**filters)]

    assert found() == [tamil, thai, latin]
    assert found(language="ta") == [tamil, latin]
    assert found(language="t") == found(language="%") == []
    assert found(reason="asked_for_person") == [thai, latin]
    assert found(language="ta", reason="asked_for_person") == [latin]
    assert found(longer=timedelta(minutes=5)) == [thai]
    assert found(limit=2) == [tamil, thai]
    assert desk.counts() == {("ta", "unsure"): 1, ("th", "asked_for_person"): 1, ("ta-Latn", "asked_for_person"): 1}
    assert desk.counts(timedelta(minutes=5)) == {("th", "asked_for_person"): 1}


def test_notes_are_for_agents_alone(desk: Desk) -> None:
    id = waiting(desk)
    before = (desk.conversation(id), desk.handoff(id))
    desk.note(id, "மீனா", "நாளை அழைக்கவும்")
    desk.note(id, "Réka", "Megrendelés: 4471-22")
    assert [(note.agent, note.text) for note in desk.notes(id)] == [
        ("மீனா", "நாளை அழைக்கவும்"),
        ("Réka", "Megrendelés: 4471-22"),
    ]
    assert (desk.conversation(id), desk.handoff(id)) == before
    with pytest.raises(NotYours, match="with a name"):
        desk.note(id, " ", "?")


def test_what_the_same_customer_said_before(desk: Desk) -> None:
    def talk(customer: str | None, *said: Turn) -> str:
        id = desk.start(customer=customer).id
        for turn in said:
            desk.append(id, turn)
        return id

    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    first = talk(
        "வாடிக்கையாளர்", Turn("assistant", "வணக்கம்", "ta", at), Turn("customer", TEXTS[0], "ta", at), Turn("customer", "?")
    )
    second = talk("வாடிக்கையாளர்", Turn("customer", TEXTS[6], "te", at + timedelta(days=1)))
    talk("வாடிக்கையாளர்")
    talk("somebody else", Turn("customer", TEXTS[1], "th"))
    talk(None, Turn("customer", TEXTS[2], "ar"))
    for outcome in ("wrong", "missing"):
        desk.append(first, CALLED, handoff=REFUND)
        desk.claim(first, "Réka")
        desk.resolve(first, "Réka", outcome)  # type: ignore[arg-type]
    now = talk("வாடிக்கையாளர்", Turn("customer", "இப்போது"))
    assert desk.earlier(now) == [
        Past(second, at + timedelta(days=1), TEXTS[6], "te", None),
        Past(first, at, TEXTS[0], "ta", "missing"),
    ]
    assert [past.conversation for past in desk.earlier(now, limit=1)] == [second]
    assert desk.earlier(talk(None, Turn("customer", "?"))) == []


def test_starting_with_a_known_id_takes_the_conversation_up_again(desk: Desk) -> None:
    desk.start(id="வாடிக்கையாளர்-7")
    desk.append("வாடிக்கையாளர்-7", Turn("customer", "வணக்கம்"))
    assert [turn.text for turn in desk.start(id="வாடிக்கையாளர்-7").turns] == ["வணக்கம்"]


def test_the_channel_is_known_without_the_turns(desk: Desk) -> None:
    assert desk.channel(desk.start("voice").id) == "voice"
    with pytest.raises(UnknownConversation):
        desk.channel("இல்லை")


def test_who_has_no_name_writes_as_no_agent(desk: Desk) -> None:
    id = waiting(desk)
    for nobody in ("", " "):
        with pytest.raises(NotYours):
            desk.append(id, Turn("agent", "வணக்கம்"), agent=nobody)
    assert desk.append(id, Turn("assistant", "ఒక్క నిమిషం"), if_free=True)
    desk.claim(id, "กนกวรรณ")
    assert not desk.append(id, Turn("assistant", "ఒక్క నిమిషం"), if_free=True)
    assert desk.append(id, Turn("agent", "สวัสดีค่ะ"), agent="กนกวรรณ")


def test_a_handoff_comes_back_whole(desk: Desk) -> None:
    id = waiting(desk)
    assert desk.conversation(id).status == "open"
    assert desk.handoff(id) == REFUND


def test_the_longest_waiting_is_next(desk: Desk) -> None:
    first, second = waiting(desk), waiting(desk, LATER)
    assert [(ticket.conversation, ticket.reason) for ticket in desk.waiting()] == [
        (first, "unsure"),
        (second, "asked_for_person"),
    ]
    assert (desk.place(first), desk.place(second), desk.place(desk.start().id)) == (1, 2, None)
    assert desk.claim(first, "மீனா")
    assert (desk.place(first), desk.place(second)) == (None, 1)
    assert [ticket.conversation for ticket in desk.mine("மீனா")] == [first]
    assert desk.mine("Somchai") == []


def test_an_agent_is_told_how_much_was_written_since_they_wrote(desk: Desk) -> None:
    first, second = waiting(desk), waiting(desk, LATER)
    for id in (first, second):
        desk.claim(id, "மீனா")
        desk.append(id, Turn("agent", "வணக்கம்", agent="மீனா"), agent="மீனா")
    for _ in range(9):  # how long another talk is says nothing of this one
        desk.append(second, Turn("agent", "சரி", agent="மீனா"), agent="மீனா")
    for text in ("எப்போது வரும்?", "சொல்லுங்கள்"):
        desk.append(first, Turn("customer", text, "ta"))
    assert [(ticket.conversation, ticket.unanswered) for ticket in desk.mine("மீனா")] == [(first, 2), (second, 0)]
    desk.append(first, Turn("agent", "நாளை", agent="மீனா"), agent="மீனா")
    assert [ticket.unanswered for ticket in desk.mine("மீனா")] == [0, 0]


def test_the_place_is_counted_behind_who_is_more_urgent(desk: Desk) -> None:
    ids = [waiting(desk, replace(LATER, urgency=number % 4)) for number in range(12)]
    desk.claim(ids[3], "Réka")
    queue = [ticket.conversation for ticket in desk.waiting()]
    assert [desk.place(id) for id in queue] == list(range(1, 12))
    assert desk.place(ids[3]) is None
    held, nobodys = desk.ticket(ids[3]), desk.ticket(desk.start().id)
    assert held
    assert (held.agent, nobodys) == ("Réka", None)


def test_whom_nobody_answered_is_known(desk: Desk) -> None:
    begun = datetime.now(UTC)

    def talk(*speakers: Any) -> str:
        id = desk.start().id
        for speaker in speakers:
            desk.append(id, Turn(speaker, TEXTS[1], "th"))
        return id

    left, _, again = talk("customer"), talk("customer", "assistant"), talk("customer", "assistant", "customer")
    desk.append(talk("customer"), CALLED, handoff=LATER)
    desk.append(desk.start().id, Turn("customer", TEXTS[0], "ta", begun - timedelta(days=2)))
    assert [id for id, _ in desk.unanswered(begun - timedelta(days=1))] == [left, again]
    assert not desk.append(again, Turn("assistant", "ค่ะ"), if_last=2)
    assert desk.append(again, Turn("assistant", "ค่ะ"), if_last=3)
    assert [id for id, _ in desk.unanswered(begun)] == [left]


def test_opening_twice_keeps_the_first_waiting_time_and_reason(desk: Desk) -> None:
    id = waiting(desk)
    since = desk.waiting()[0].since
    desk.append(id, CALLED, handoff=LATER)
    assert [ticket.since for ticket in desk.waiting()] == [since]
    assert desk.handoff(id) == REFUND


def test_a_released_conversation_keeps_its_place(desk: Desk) -> None:
    first, second = waiting(desk), waiting(desk)
    desk.claim(first, "Réka")
    desk.release(first, "Réka")
    assert [ticket.conversation for ticket in desk.waiting()] == [first, second]


def test_a_claimed_conversation_belongs_to_one_agent(desk: Desk) -> None:
    id = waiting(desk)
    assert desk.claim(id, "Réka")
    assert desk.claim(id, "Réka")
    assert not desk.claim(id, "Somchai")
    for leave in (desk.release, desk.hand_back, partial(desk.resolve, outcome="wrong")):
        with pytest.raises(NotYours, match="not held by 'Somchai'"):
            leave(id, "Somchai")
    assert [ticket.agent for ticket in desk.mine("Réka")] == ["Réka"]


def test_nothing_to_claim_where_the_assistant_has_it(desk: Desk) -> None:
    id = desk.start().id
    assert not desk.claim(id, "Réka")
    with pytest.raises(NotYours, match="with a name"):
        desk.claim(waiting(desk), " ")


def test_only_the_agent_who_holds_it_writes(desk: Desk) -> None:
    id = waiting(desk)
    turn = Turn("agent", "வணக்கம், நான் மீனா.")
    for agent in ("மீனா", ""):
        with pytest.raises(NotYours):
            desk.append(id, turn, agent=agent)
    desk.claim(id, "மீனா")
    with pytest.raises(NotYours):
        desk.append(id, turn, agent="Somchai")
    assert desk.append(id, turn, agent="மீனா")
    assert desk.conversation(id).turns == (CALLED, turn)


def test_the_assistant_is_silent_while_a_person_has_it(desk: Desk) -> None:
    id = desk.start().id
    assert desk.append(id, CALLED, if_status="pending", handoff=REFUND)
    assert not desk.append(id, Turn("assistant", "இல்லை"), if_status="pending")
    desk.claim(id, "மீனா")
    assert not desk.append(id, Turn("assistant", "இல்லை"), if_status="pending", handoff=LATER)
    assert desk.conversation(id).turns == (CALLED,)
    desk.hand_back(id, "மீனா")
    assert desk.append(id, Turn("assistant", "மீண்டும் நான்"), if_status="pending")
    assert desk.handoff(id) is None


def test_a_turn_and_its_handoff_are_one_change(desk: Desk) -> None:
    id = desk.start().id
    assert desk.append(id, Turn("assistant", "ஒரு நபரை அழைக்கிறேன்"), if_status="pending", handoff=REFUND)
    assert desk.conversation(id).status == "open"
    assert desk.place(id) == 1


def test_a_customer_who_comes_back_has_the_assistant_again(desk: Desk) -> None:
    id = waiting(desk)
    desk.claim(id, "Réka")
    desk.resolve(id, "Réka", "missing")
    assert desk.conversation(id).status == "resolved"
    assert (desk.waiting(), desk.mine("Réka"), desk.handoff(id)) == ([], [], None)
    desk.append(id, Turn("customer", "Még egy kérdésem lenne."))
    assert desk.conversation(id).status == "pending"
    assert (desk.waiting(), desk.handoff(id)) == ([], None)
    desk.append(id, CALLED, handoff=LATER)
    assert desk.handoff(id) == LATER


def test_who_resolved_by_mistake_has_it_again_until_the_customer_goes_on(desk: Desk) -> None:
    id = desk.start(customer="வாடிக்கையாளர்").id
    desk.append(id, Turn("customer", "?"))
    desk.append(id, CALLED, handoff=REFUND)
    desk.claim(id, "Réka")
    desk.resolve(id, "Réka", "missing")
    said = desk.conversation(id).turns
    with pytest.raises(NotYours, match="not resolved by 'Somchai'"):
        desk.reopen(id, "Somchai")
    desk.reopen(id, "Réka")
    assert (desk.conversation(id).status, desk.conversation(id).turns) == ("open", said)
    assert [ticket.agent for ticket in desk.mine("Réka")] == ["Réka"]
    assert (desk.waiting(), desk.handoff(id)) == ([], REFUND)
    other = desk.start(customer="வாடிக்கையாளர்").id
    assert [past.outcome for past in desk.earlier(other)] == [None]
    with pytest.raises(NotYours):
        desk.reopen(id, "Réka")  # it is theirs already
    desk.hand_back(id, "Réka")
    with pytest.raises(NotYours):
        desk.reopen(id, "Réka")  # nobody resolved it
    desk.append(id, CALLED, handoff=LATER)
    desk.claim(id, "Réka")
    desk.resolve(id, "Réka", "other")
    desk.append(id, Turn("customer", "Még egy kérdésem lenne."))
    with pytest.raises(NotYours, match="gone on since"):
        desk.reopen(id, "Réka")
    assert [past.outcome for past in desk.earlier(other)] == ["other"]


def test_a_customer_who_writes_while_waiting_stays_in_the_queue(desk: Desk) -> None:
    id = waiting(desk)
    desk.append(id, Turn("customer", "ยังรออยู่นะคะ"))
    assert (desk.conversation(id).status, desk.place(id)) == ("open", 1)


CALLS: list[Callable[[Desk], object]] = [
    lambda desk: desk.conversation("அறியாதது"),
    lambda desk: desk.handoff("அறியாதது"),
    lambda desk: desk.place("அறியாதது"),
    lambda desk: desk.note("அறியாதது", "மீனா", "?"),
    lambda desk: desk.claim("அறியாதது", "மீனா"),
    lambda desk: desk.resolve("அறியாதது", "மீனா", "other"),
    lambda desk: desk.append("அறியாதது", Turn("customer", "?"), if_status="pending"),
    lambda desk: desk.append("அறியாதது", Turn("agent", "?"), agent="மீனா"),
]


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_conversation_is_named(desk: Desk, call: Callable[[Desk], object]) -> None:
    with pytest.raises(UnknownConversation, match="There is no conversation 'அறியாதது'"):
        call(desk)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("desk.db", "not understood"),
        ("sqlite://", "forget everything"),
        ("sqlite:////no/such/folder/desk.db", "cannot be used"),
        (f"sqlite:///{__file__}", "not a database"),
        ("nobase://user:secret@host/desk", "not understood"),
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(url: str, says: str) -> None:
    with pytest.raises(DeskUnavailable, match=says) as caught:
        Desk(url)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


WRITER = """
import sys
from itertools import count
from assistant.conversation import Turn
from assistant.desk import Desk
desk = Desk(sys.argv[1])
desk.start(id="c")
for number in count():
    desk.append("c", Turn("customer", f"செய்தி {number}"))
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 60])
def test_no_acknowledged_turn_is_lost_by_a_kill(url: str, acknowledged: int) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        heard = [int(writer.stdout.readline()) for _ in range(acknowledged)]
        os.kill(writer.pid, signal.SIGKILL)
        heard += [int(line) for line in writer.stdout]
    kept = [turn.text for turn in Desk(url).conversation("c").turns]
    assert len(kept) - len(heard) in (0, 1)  # the one that was written and not yet acknowledged
    assert kept == [f"செய்தி {number}" for number in range(len(kept))]


def test_a_commit_waits_for_the_disk(desk: Desk) -> None:
    """What a power cut would take, and a killed process does not."""
    with desk.engine.connect() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]


def claims(url: str, agent: str, ids: list[str]) -> list[str]:
    desk = Desk(url)
    return [id for id in ids if desk.claim(id, agent)]


def test_eight_processes_share_a_queue(url: str) -> None:
    desk = Desk(url)
    ids = [waiting(desk) for _ in range(50)]
    agents = [f"agent {number}" for number in range(8)]
    with ProcessPoolExecutor(8) as processes:
        taken = list(processes.map(claims, [url] * 8, agents, [ids] * 8))
    assert sorted(id for one in taken for id in one) == sorted(ids)
    assert {agent: len(desk.mine(agent)) for agent in agents} == dict(zip(agents, map(len, taken), strict=True))


def test_eight_threads_race_for_each_conversation(desk: Desk) -> None:
    ids = [waiting(desk) for _ in range(50)]
    barrier = Barrier(8)

    def race(agent: str) -> list[str]:
        won = []
        for id in ids:
            barrier.wait()
            won += [id] * desk.claim(id, agent)
        return won

    with ThreadPoolExecutor(8) as threads:
        won = [id for one in threads.map(race, map(str, range(8))) for id in one]
    assert sorted(won) == sorted(ids)


def test_threads_that_write_in_one_conversation_lose_nothing(desk: Desk) -> None:
    id = desk.start().id
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: desk.append(id, Turn("customer", str(number))), range(80)))
    assert sorted(int(turn.text) for turn in desk.conversation(id).turns) == list(range(80))


def test_the_assistant_never_speaks_after_a_claim(desk: Desk) -> None:
    """The agent opens and claims while the assistant composes: its turn stands before the claim, or not at all."""
    for _ in range(40):
        id = desk.start().id
        barrier = Barrier(2)

        def compose(id: str = id, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            return desk.append(id, Turn("assistant", "பதில்"), if_status="pending")

        def take(id: str = id, barrier: Barrier = barrier) -> int:
            barrier.wait()
            desk.append(id, CALLED, handoff=REFUND)
            desk.claim(id, "மீனா")
            return len(desk.conversation(id).turns)

        with ThreadPoolExecutor(2) as threads:
            spoke, seen = threads.submit(compose), threads.submit(take)
        assert len(desk.conversation(id).turns) == seen.result() == 1 + spoke.result()


def opened(url: str) -> str:
    return Desk(url).start().id


def test_a_new_database_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    for number in range(3):
        url = f"sqlite:///{tmp_path / f'{number}.db'}"
        with ProcessPoolExecutor(8) as processes:
            ids = list(processes.map(opened, [url] * 8))
        assert {Desk(url).conversation(id).status for id in ids} == {"pending"}


AGENTS = st.sampled_from(["மீனா", "Somchai"])
WAYS: dict[str, Callable[[Desk, str, str], None]] = {
    "release": Desk.release,
    "hand_back": Desk.hand_back,
    "resolve": partial(Desk.resolve, outcome="missing"),
}
LEADS_TO: dict[str, Status] = {"release": "open", "hand_back": "pending", "resolve": "resolved"}
IDS = st.integers(0, 2).map(str)


class AnyOrder(RuleBasedStateMachine):
    """Whatever is called in whatever order, the desk does what a dictionary would."""

    folder: Path

    @initialize()
    def begin(self) -> None:
        name = f"{len(list(self.folder.iterdir()))}.db"
        self.desk = Desk(f"sqlite:///{self.folder / name}")
        self.status: dict[str, Status] = {id: self.desk.start(id=id).status for id in ("0", "1", "2")}
        self.holder: dict[str, str | None] = dict.fromkeys(self.status)
        self.queue: list[str] = []
        self.resolved: dict[str, str] = {}
        self.number = dict.fromkeys(self.status, 0)

    def teardown(self) -> None:
        self.desk.engine.dispose()

    @rule(id=IDS)
    def call(self, id: str) -> None:
        self.desk.append(id, CALLED, handoff=REFUND)
        if self.status[id] != "open":
            self.status[id] = "open"
            self.queue.append(id)
            self.number[id] = max(self.number.values()) + 1
            self.resolved.pop(id, None)

    @rule(id=IDS, agent=AGENTS)
    def claim(self, id: str, agent: str) -> None:
        free = self.status[id] == "open" and self.holder[id] in (None, agent)
        assert self.desk.claim(id, agent) == free
        if free:
            self.holder[id] = agent

    @rule(id=IDS, agent=AGENTS, way=st.sampled_from(sorted(LEADS_TO)))
    def leave(self, id: str, agent: str, way: str) -> None:
        if self.holder[id] != agent:
            with pytest.raises(NotYours):
                WAYS[way](self.desk, id, agent)
            return
        WAYS[way](self.desk, id, agent)
        self.holder[id] = None
        self.status[id] = LEADS_TO[way]
        if way != "release":
            self.queue.remove(id)
        if way == "resolve":
            self.resolved[id] = agent

    @rule(id=IDS, agent=AGENTS)
    def reopen(self, id: str, agent: str) -> None:
        if self.resolved.get(id) != agent:
            with pytest.raises(NotYours):
                self.desk.reopen(id, agent)
            return
        self.desk.reopen(id, agent)
        del self.resolved[id]
        self.status[id], self.holder[id] = "open", agent
        self.queue = sorted([*self.queue, id], key=self.number.__getitem__)

    @rule(id=IDS)
    def customer(self, id: str) -> None:
        self.desk.append(id, Turn("customer", "?"))
        if self.status[id] == "resolved":
            self.status[id] = "pending"
            self.resolved.pop(id)

    @rule(id=IDS)
    def assistant(self, id: str) -> None:
        assert self.desk.append(id, Turn("assistant", "!"), if_status="pending") == (self.status[id] == "pending")

    @invariant()
    def same(self) -> None:
        assert {id: self.desk.conversation(id).status for id in self.status} == self.status
        assert [ticket.conversation for ticket in self.desk.waiting()] == [
            id for id in self.queue if self.holder[id] is None
        ]
        for id in self.status:
            assert (self.desk.handoff(id) is None) == (id not in self.queue)


def test_any_order_of_calls(tmp_path_factory: pytest.TempPathFactory) -> None:
    AnyOrder.folder = tmp_path_factory.mktemp("desks")
    run_state_machine_as_test(AnyOrder, settings=settings(max_examples=12, stateful_step_count=25, deadline=None))
