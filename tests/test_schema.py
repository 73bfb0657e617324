"""A running server against its own description: whatever that allows is answered as it says, and nothing fails.

schemathesis takes seconds to import: it is where it is used.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.conftest import PASSWORD, ROOT, serving, signed_in

EXAMPLES = 4
"""Requests that are made up for each of the API's operations, half of them for what is there."""
NAME = "Réka"
PERSON = "ஒரு மனிதரிடம் பேச வேண்டும்"


@pytest.fixture(scope="module")
def own(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index that is written into."""
    return Path(shutil.copytree(index, tmp_path_factory.mktemp("schema") / "index"))


@pytest.fixture(scope="module")
def server(own: Path) -> Iterator[str]:
    with serving(own) as links:
        yield links["customer"].rstrip("/")


@pytest.fixture(scope="module")
def token(server: str, own: Path) -> str:
    """What an admin, who may all, sends."""
    token: str = signed_in(own, server, NAME, "admin")["value"]
    return token


def bearer(token: str) -> dict[str, str]:
    """The header that it is sent in."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def held(server: str, token: str) -> str:
    """A conversation that the agent holds."""
    with httpx.Client(base_url=f"{server}/api/v1", headers=bearer(token), timeout=30) as client:
        id: str = client.post("/conversations", json={}).json()["id"]
        client.post(f"/conversations/{id}/turns", json={"text": PERSON})
        assert client.post(f"/desk/conversations/{id}/claim").status_code == 200
    return id


def ask(operation: Any, held: str, token: str) -> None:
    """Make up requests for an operation, half of them for what is there, and check what they are answered."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    turns = count()
    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
        checks.unsupported_method,
        checks.allow_header_conformance,
    ]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        if "id" in case.path_parameters and next(turns) % 2 and operation.method != "delete":
            case.path_parameters["id"] = held if "/conversations" in operation.path else "ta/delivery-faq.csv"
        case.call_and_validate(headers=bearer(token), checks=wanted, timeout=10)

    each()


def test_the_server_is_as_it_says(server: str, held: str, token: str) -> None:
    import schemathesis

    schema = schemathesis.openapi.from_url(f"{server}/openapi.json")
    # Events do not end, and who signs out is asked for nothing else.
    operations = [found.ok() for found in schema.get_all_operations()]
    ending = [operation for operation in operations if not operation.path.endswith(("/events", "/session"))]
    for operation in ending:
        ask(operation, held, token)
    assert len(ending) > 25


def test_what_a_program_does_is_as_the_page_says(server: str, token: str) -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if " serve " not in line]
    script = "\n".join(lines).replace("http://127.0.0.1:7860", server)
    script = re.sub(r"^curl -sfN? -m \d+", r"! \g<0>", script, flags=re.MULTILINE)  # it does not end
    assert token  # there is the account that the page signs in with
    script = script.replace("four good words are enough", PASSWORD)
    done = subprocess.run(["bash", "-e"], input=script, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    for told in (
        "₹149",
        "event: turn\nid: 1",
        '"status":"ready"',
        "sevai_replies_total",
        '"uploaded":true',
        "event: done",
    ):
        assert told in done.stdout, told
