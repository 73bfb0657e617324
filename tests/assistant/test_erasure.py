"""An admin erases a person, and nothing in any file of the server's says that they were there."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import house
from assistant.accounts import Accounts
from assistant.assistant import Assistant
from assistant.channels.access import Access, secret
from assistant.conversation import Turn
from assistant.desk import Desk, DeskUnavailable, Sent
from assistant.privacy import MaskedFormatter
from assistant.uploads import Uploads
from knowledge import Document, Library, Retriever, build
from tests.conftest import PASSWORD

DOCUMENT = Document("w", "உத்தரவாதம்", "கம்ப்ரெசருக்குப் பத்து ஆண்டுகள் உத்தரவாதம்.", "ta", "w.txt")
TRACES = ("வேதநாயகி", "vedha.nayaki@example.in", "98765 43210", "9876543210", "குறிப்பு-நாயகி", "படம்-நாயகி")
"""What a person leaves: a name, an address, a number, an agent's note, a file."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("erasure")
    build([DOCUMENT], folder / "index")
    return folder


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[TestClient]:
    """A program of an admin's, at a server that logs into a file of the same folder."""
    desk = Desk(f"sqlite:///{folder / 'desk.db'}")
    accounts = Accounts(desk.engine)
    accounts.accept(accounts.first(), "மலர்", PASSWORD)
    secret(folder / "tokens.key")
    log = logging.FileHandler(folder / "server.log", encoding="utf-8")
    log.setFormatter(MaskedFormatter("%(message)s"))
    logging.getLogger().addHandler(log)
    retriever, uploads = Retriever.open(folder / "index"), Uploads(folder / "uploads")
    library = Library(retriever, folder / "index", folder / "documents")
    door = house(Assistant(retriever), desk, accounts, uploads, Access(), library)
    with TestClient(door, follow_redirects=False) as client:
        begun = client.post("/api/v1/session", json={"name": "மலர்", "password": PASSWORD}).json()
        client.headers["authorization"] = f"Bearer {begun['token']}"
        yield client
    logging.getLogger().removeHandler(log)


def talk(client: TestClient, folder: Path, said: str, customer: str) -> str:
    """A whole talk: said, a file sent, a person called, who answered and noted; its id."""
    desk = Desk(f"sqlite:///{folder / 'desk.db'}")
    id: str = client.post("/api/v1/conversations", json={"customer": f"{customer:>20}"}).json()["id"]
    for number, text in enumerate((f"நான் வேதநாயகி. {said}", "ஊழியரிடம் பேச வேண்டும்")):
        client.post(f"/api/v1/conversations/{id}/turns", json={"text": text, "id": str(number)})
    client.post(f"/api/v1/conversations/{id}/files?name=a.txt&key=f", content="படம்-நாயகி".encode())
    assert desk.claim(id, "Réka")
    reply = Turn("agent", "வணக்கம் வேதநாயகி", "ta", agent="Réka")
    desk.append(id, reply, agent="Réka", sent=Sent(1))
    desk.note(id, "Réka", "குறிப்பு-நாயகி")
    logging.getLogger("assistant").warning("Told by %s", said)
    return id


def traces(folder: Path) -> set[tuple[str, str]]:
    """Which traces stand in which files: as text, and as JSON writes it."""
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {
        (trace, path.name)
        for path, content in files.items()
        for trace in TRACES
        if trace.encode() in content or ascii(trace)[1:-1].encode() in content
    }


@pytest.mark.parametrize(
    ("said", "person"),
    [
        ("என் முகவரி vedha.nayaki@example.in", "Vedha.Nayaki@example.in"),
        ("என் எண் 98765 43210", "+91 9876543210"),
        ("என் எண் ௯௮௭௬௫ ௪௩௨௧௦", "98765 43210"),
        ("வணக்கம்", "the id"),
    ],
)
def test_nothing_of_a_person_is_left(client: TestClient, folder: Path, said: str, person: str) -> None:
    first = talk(client, folder, said, customer="vedha")
    second = talk(client, folder, "வணக்கம்", customer="vedha")
    left = talk(client, folder, "என் முகவரி raman@example.in", customer="raman")
    found = {path for _, path in traces(folder)}
    assert "desk.db" in found or "desk.db-wal" in found
    erased = client.post("/api/v1/erasures", json={"person": first if person == "the id" else person})
    assert set(erased.json()["erased"]) == {first, second}
    assert client.get(f"/api/v1/conversations/{left}").status_code == 200
    client.delete(f"/api/v1/conversations/{left}")  # the customer's own "Forget me"
    assert traces(folder) == set()
    assert not list((folder / "uploads").rglob("*.*"))
    assert (folder / "server.log").stat().st_size > 0


def test_the_page_shows_who_it_is_and_asks_before_it_erases(client: TestClient, folder: Path) -> None:
    id = talk(client, folder, "என் முகவரி vedha.nayaki@example.in <b>", customer="v")
    nobody = client.post("/erase", data={"do": "find", "person": "nobody@example.in"})
    assert (nobody.status_code, 'role="alert"' in nobody.text) == (404, True)
    shown = client.post("/erase", data={"do": "find", "person": "vedha.nayaki@example.in"})
    assert "1 conversation " in shown.text
    assert "[email]" in shown.text
    assert "<b>" not in shown.text.split("<h2")[1]
    assert client.get(f"/api/v1/conversations/{id}").status_code == 200
    assert "Erased: 1" in client.post("/erase", data={"do": "erase", "person": "vedha.nayaki@example.in"}).text
    assert client.get(f"/api/v1/conversations/{id}").status_code == 404


def test_a_company_that_is_named_by_an_agent_is_nobody(client: TestClient, folder: Path) -> None:
    id = talk(client, folder, "வணக்கம்", customer="w")
    desk = Desk(f"sqlite:///{folder / 'desk.db'}")
    desk.append(id, Turn("agent", "care@nila.example", "ta", agent="Réka"), agent="Réka")
    assert client.post("/api/v1/erasures", json={"person": "care@nila.example"}).json() == {"erased": []}


def test_files_are_gone_also_where_the_log_cannot_be_taken_in(
    client: TestClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_: Desk) -> None:
        raise DeskUnavailable("What was erased still stands in the database's log: restart the server.")

    id = talk(client, folder, "என் முகவரி vedha.nayaki@example.in", customer="vedha")
    with monkeypatch.context() as held:
        held.setattr(Desk, "wipe", busy)
        assert client.post("/api/v1/erasures", json={"person": id}).status_code == 503
    assert client.get(f"/api/v1/conversations/{id}").status_code == 404
    assert not list((folder / "uploads").rglob("*.*"))
