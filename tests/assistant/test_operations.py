"""What those who run the server see: health, readiness, figures, and the API's reference without a network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from langchain_core.language_models import GenericFakeChatModel
from prometheus_client.parser import text_string_to_metric_families

from assistant.assistant import Assistant
from assistant.channels.api import create
from assistant.channels.chat import receive
from assistant.conversation import File, Turn
from assistant.desk import Desk
from assistant.reply import Handoff
from knowledge import Document, Retriever, build

ASKED = "கம்ப்ரெசருக்கு எத்தனை ஆண்டுகள் உத்தரவாதம்?"
NUMBER = "98765 43210"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = "கம்ப்ரெசருக்குப் பத்து ஆண்டுகள் உத்தரவாதம் உண்டு."
    build([Document("w", text, "உத்தரவாதம்", "ta", "w.txt")], folder := tmp_path_factory.mktemp("index"))
    return folder


@pytest.fixture(scope="module")
def retriever(index: Path) -> Retriever:
    return Retriever.open(index)


@pytest.fixture
def client(retriever: Retriever, desk: Desk) -> Iterator[TestClient]:
    with TestClient(create(Assistant(retriever), desk)) as client:
        yield client


def figures(client: TestClient) -> dict[tuple[str, ...], float]:
    """Each figure by its name and the values of its labels."""
    got = client.get("/metrics")
    assert got.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(got.text)
        for sample in family.samples
    }


def test_ready_while_the_index_is_open_and_the_desk_can_be_written(client: TestClient) -> None:
    assert client.get("/ready").json() == {"status": "ready"}


def test_not_ready_without_the_index(index: Path, desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(index, gone := tmp_path / "index")
    client = TestClient(create(Assistant(Retriever.open(gone)), desk))
    shutil.rmtree(gone)
    told = client.get("/ready")
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json")
    assert "index" in told.json()["detail"]
    assert client.get("/health").status_code == 200


def test_not_ready_while_the_database_can_only_be_read(client: TestClient, desk: Desk) -> None:
    with desk.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        connection.commit()
    told = client.get("/ready")
    assert (told.status_code, "database" in told.json()["detail"]) == (503, True)


def test_replies_and_handoffs_are_counted(client: TestClient, desk: Desk, retriever: Retriever) -> None:
    before = figures(client)
    client.post("/api/v1/ask", json={"question": ASKED})
    client.post("/api/v1/ask", json={"question": f"ஒரு மனிதரிடம் பேச வேண்டும், {NUMBER}"})
    client.post("/api/v1/ask", json={"question": "Ĉu vi parolas Esperanton? Mi volas paroli kun homo."})
    desk.append(desk.start().id, Turn("customer", NUMBER), handoff=Handoff("unsure", NUMBER, "th", NUMBER))
    receive(desk, desk.start().id, File("f", "படம்.png", "image/png", 9), "ta", retriever, "k")
    after = figures(client)

    def more(*name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert more("sevai_replies_total", "answer", "ta") == 1
    assert more("sevai_replies_total", "handoff", "ta") == 1
    assert more("sevai_handoffs_total", "asked_for_person") >= 1
    assert more("sevai_handoffs_total", "needs_action") >= 1
    assert more("sevai_reply_seconds_count") == 3
    assert more("sevai_queue", "unsure") == 1
    assert after["sevai_passages",] == 1
    assert after["sevai_model_failures_total",] == 0


def test_a_model_that_fails_is_counted(retriever: Retriever, desk: Desk) -> None:
    class Fails(GenericFakeChatModel):
        def _stream(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError("out of memory")

    assistant = Assistant(retriever, model=Fails(messages=iter(())), threshold=0.0)
    client = TestClient(create(assistant, desk))
    client.post("/api/v1/ask", json={"question": ASKED})
    assert figures(client)["sevai_model_failures_total",] == 1


def test_no_label_holds_anything_of_a_customer(client: TestClient) -> None:
    for question in (ASKED, f"எண் {NUMBER}", "kannamma@example.in", "qwrtz plmk"):
        client.post("/api/v1/ask", json={"question": question})
    labels = {value for name in figures(client) for value in name[1:]}
    assert all(re.fullmatch(r"[a-z_]+|[a-z]{2}-Latn|[\d.]+|\+Inf", value) for value in labels), labels
    assert len({name[2] for name in figures(client) if name[0] == "sevai_replies_total"}) <= 14


def test_the_reference_needs_no_network(client: TestClient) -> None:
    page = client.get("/docs")
    assert "https://" not in page.text
    assert "http://" not in page.text
    links = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(links) == 4
    for link in links:
        assert client.get(link).status_code == 200, link
    assert '"/openapi.json"' in client.get("/docs/open.js").text
    assert client.get("/docs/swagger-editor-bundle.js").status_code == 404


def test_every_body_that_is_sent_has_an_example_and_every_refusal_is_described(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    schemas, examples = described["components"]["schemas"], ""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            problem = operation["responses"]["4XX"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, (method, path)
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                named = schemas[body["schema"]["$ref"].rpartition("/")[2]]
                assert named["examples"], (method, path)
                examples += str(named["examples"])
            assert operation["description"], (method, path)
    assert "Problem" in schemas
    assert re.search("[஀-௿]", examples)  # Tamil
    assert re.search("[฀-๿]", examples)  # Thai
