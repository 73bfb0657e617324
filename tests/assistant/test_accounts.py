"""Who may sign in: links that open once, passwords that are kept as hashes, sessions that end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from assistant.accounts import Accounts, LastAdmin, LinkSpent, NameRefused, PasswordRefused, UnknownAccount, passwords
from assistant.accounts import store as accounting
from assistant.accounts.tables import LINKS, SESSIONS
from assistant.conversation import now
from assistant.desk import Desk
from tests.conftest import PASSWORD

OTHER = "négy egyszerű magyar szó"


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    accounts = Accounts(Desk(f"sqlite:///{tmp_path_factory.mktemp('accounts') / 'desk.db'}").engine)
    assert not accounts.any()
    accounts.accept(accounts.first(), "மலர்", PASSWORD)
    return accounts


def joined(accounts: Accounts, name: str) -> str:
    """The name of a new agent."""
    return accounts.accept(accounts.invite("agent", name, accounts.account("மலர்")), name, PASSWORD).name


def test_a_link_opens_once_also_for_two_at_once(accounts: Accounts) -> None:
    token = accounts.invite("editor", "Réka", accounts.account("மலர்"))
    assert (accounts.invitation(token).role, accounts.invitation(token).name) == ("editor", "Réka")

    def accept(name: str) -> bool:
        try:
            return accounts.accept(token, name, PASSWORD).role == "editor"
        except LinkSpent:
            return False

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(accept, ["Réka", "Ilona"])) == [False, True]
    with pytest.raises(LinkSpent):
        accounts.invitation(token)


def test_what_is_refused_leaves_the_link_open(accounts: Accounts) -> None:
    joined(accounts, "อรทัย")
    token = accounts.invite("agent", "ดาว", accounts.account("மலர்"))
    for password in ("short", "aaaaaaaaaaaaaaaaaaaa", "ดาวดาวดาวดาวดาวดาว123", "x" * 300):
        with pytest.raises(PasswordRefused):
            accounts.accept(token, "ดาว", password)
    for name in ("", "  ", "ன" * 61, "a\x00b"):
        with pytest.raises(NameRefused):
            accounts.accept(token, name, PASSWORD)
    with pytest.raises(NameRefused, match="already"):
        accounts.accept(token, "อร\u200dทัย ", PASSWORD)  # as it is read, so it is taken
    assert accounts.accept(token, "ดาว", PASSWORD).name == "ดาว"


def test_links_and_sessions_expire(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    name = joined(accounts, "Expiry")
    token = accounts.reset(name)
    session = accounts.sign_in(name, PASSWORD)
    assert session
    assert accounts.session(session.token)
    with monkeypatch.context() as later:
        later.setattr(accounting, "now", lambda: now() + accounting.IDLE)
        assert accounts.session(session.token) is None  # idle
        later.setattr(accounting, "now", lambda: now() + accounting.LINK)
        with pytest.raises(LinkSpent):
            accounts.accept(token, name, OTHER)
    assert accounts.session(session.token)
    with accounts.engine.begin() as connection:  # there all the time, and yet
        connection.execute(update(SESSIONS).values(expires=now()))
    assert accounts.session(session.token) is None


def test_being_there_is_noted_and_keeps_a_session(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    session = accounts.sign_in(joined(accounts, "Present"), PASSWORD)
    assert session
    for minutes in (50, 100, 150):
        monkeypatch.setattr(accounting, "now", lambda minutes=minutes: now() + timedelta(minutes=minutes))
        assert accounts.session(session.token), minutes
    assert accounts.account("Present").seen


def test_who_signs_in(accounts: Accounts) -> None:
    name = joined(accounts, "Kovács Réka")
    assert accounts.sign_in("kovács  réka", PASSWORD)  # as somebody types it
    for wrong in ((name, OTHER), (name, ""), ("Nobody", PASSWORD), ("", "")):
        assert accounts.sign_in(*wrong) is None
    accounts.disable(name)
    assert accounts.sign_in(name, PASSWORD) is None
    accounts.enable(name)
    assert accounts.sign_in(name, PASSWORD)


def test_a_name_that_nobody_has_takes_as_long(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    name = joined(accounts, "Slow")

    def took(who: str) -> float:
        began = perf_counter()
        assert accounts.sign_in(who, OTHER) is None
        return perf_counter() - began

    with monkeypatch.context() as slowly:
        slowly.setattr(passwords, "_HASHER", PasswordHasher())  # as it is outside of tests
        passwords.nobodys.cache_clear()
        token = accounts.reset(name)
        accounts.accept(token, name, PASSWORD)
        took("Nobody")
        # The quickest of three: a busy machine only ever adds.
        assert min(took("Nobody") for _ in range(3)) > 0.2 * min(took(name) for _ in range(3))
    passwords.nobodys.cache_clear()


def test_a_new_password_and_a_disabled_account_end_every_session(accounts: Accounts) -> None:
    name = joined(accounts, "நிலா")

    def session() -> str:
        begun = accounts.sign_in(name, PASSWORD)
        assert begun
        assert accounts.session(begun.token)
        return begun.token

    tokens = [session(), session()]
    with pytest.raises(PasswordRefused):
        accounts.change(name, OTHER, PASSWORD)
    accounts.change(name, PASSWORD, OTHER)
    assert not any(accounts.session(token) for token in tokens)
    assert accounts.accept(accounts.reset(name), "somebody else", PASSWORD).name == name
    assert accounts.sign_in(name, OTHER) is None
    token, mine = session(), accounts.invite("agent", "Friend", accounts.account(name))
    accounts.disable(name)
    assert accounts.session(token) is None
    with pytest.raises(LinkSpent):  # nor do their invitations open
        accounts.invitation(mine)


def test_there_is_always_an_admin(accounts: Accounts) -> None:
    name = joined(accounts, "Second")
    for deed in (lambda: accounts.disable("மலர்"), lambda: accounts.assign("மலர்", "agent")):
        with pytest.raises(LastAdmin):
            deed()
    accounts.assign(name, "admin")
    accounts.assign("மலர்", "agent")
    assert accounts.account("மலர்").role == "agent"
    accounts.assign("மலர்", "admin")
    accounts.assign(name, "agent")
    with pytest.raises(UnknownAccount):
        accounts.disable("Nobody")


def test_only_the_last_first_link_opens(accounts: Accounts) -> None:
    lost, found = accounts.first(), accounts.first()
    with pytest.raises(LinkSpent):
        accounts.invitation(lost)
    assert accounts.invitation(found).role == "admin"
    (listed,) = [each for each in accounts.invitations() if each.name == ""]
    accounts.withdraw(listed.id)
    with pytest.raises(LinkSpent):
        accounts.invitation(found)


def test_nothing_that_opens_anything_is_kept(tmp_path: Path) -> None:
    accounts = Accounts(Desk(f"sqlite:///{tmp_path / 'desk.db'}").engine)
    link = accounts.first()
    accounts.accept(link, "மலர்", PASSWORD)
    session, again = accounts.sign_in("மலர்", PASSWORD), accounts.reset("மலர்")
    assert session
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"$argon2id$" in kept
    for secret in (link, again, session.token, PASSWORD):
        assert secret.encode() not in kept
    assert {column.name for column in LINKS.columns} & {"token", "password"} == set()
