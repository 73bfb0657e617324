"""What most tests of the assistant begin with: a desk of their own, and the documents of their file as knowledge."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.desk import Desk
from knowledge import Retriever, build


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(f"sqlite:///{tmp_path / 'desk.db'}")


@pytest.fixture(scope="module")
def retriever(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    """Over what the tests' file names DOCUMENTS."""
    build(request.module.DOCUMENTS, folder := tmp_path_factory.mktemp("index"))
    return Retriever.open(folder)
