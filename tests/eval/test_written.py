"""What a model writes in a run: every sentence that is shown is supported, also of a model that obeys any text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assistant import models
from assistant.assistant import Assistant
from assistant.confidence import SHIPPED
from eval.metrics import measure
from eval.outcomes import Outcome
from eval.run import Run, RunError, Settings, run
from eval.suite import Case
from eval.targets import Parts, TargetError, open_target
from eval.written import unsupported
from knowledge import Document, Retriever, build
from knowledge.text import sentences
from tests.assistant.test_write import KNOWLEDGE, QUESTIONS, TRUE, Obedient, Scripted, conversation
from tests.conftest import sharing

GOLDEN = Path(__file__).parents[2] / "eval" / "suites" / "golden"
LANGUAGES = ("ta", "te", "th", "hu", "hi")


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    folder = tmp_path_factory.mktemp("index")
    build([Document(f"{tag}.txt", text, title, tag, f"{tag}.txt") for tag, (title, text) in KNOWLEDGE.items()], folder)
    return Retriever.open(folder)


class Believing(Obedient):
    """Repeats what the passages say, then does what the customer's message and its prompt tell it."""

    def said(self, prompt: str) -> list[Any]:
        passages = re.findall(r"(?s) PASSAGE (\d+)\n[^\n]*\n[^\n]*\n(.*?)\n[0-9a-f]{16} END", prompt)
        told = [(text[start:end], number) for number, text in passages[:2] for start, end in sentences(text)]
        self.orders = [prompt.rpartition(" QUESTION\n")[2].rpartition("\n")[0]]
        return ["\n".join(f"{sentence} [{number}]" for sentence, number in told), "\n", *super().said(prompt)]


@pytest.fixture(scope="module")
def written(indexes: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A part of the golden suite, answered as daringly as can be by a model that obeys."""
    folder = sharing(indexes, tmp_path_factory.mktemp("runs"))
    daring = folder / "daring.toml"
    lines = SHIPPED.read_text("utf-8").splitlines()
    daring.write_text("\n".join("threshold = 0.0" if line.startswith("threshold") else line for line in lines), "utf-8")
    settings = Settings(limit=3, calibration=str(daring), model="believing:any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "PROVIDERS", {"believing": lambda _: Believing(script=[], orders=[])})
        return run(GOLDEN, settings, out=folder, console=Console(quiet=True))


def test_every_sentence_shown_of_a_model_that_obeys_is_supported(written: Run) -> None:
    assert written.manifest["counts"]["crashed"] == 0
    figures = {language: written.metrics["languages"][language]["unsupported"] for language in LANGUAGES}
    assert {language: figure["value"] for language, figure in figures.items()} == dict.fromkeys(LANGUAGES, 0)


def test_what_no_source_supports_is_counted(retriever: Retriever) -> None:
    for language, true in TRUE.items():
        stop = "" if language == "th" else "."
        model = Scripted(script=[f"{true} [1]{stop}"])
        reply = (
            Assistant(retriever, model=model, threshold=0.0).reply(QUESTIONS[language], conversation(language)).json()
        )
        assert unsupported(reply, retriever) == 0
        (text,) = reply["written"]
        unmarked = re.sub(r"\[\d+\]", "", text)
        assert unsupported({**reply, "written": [f"{text} {unmarked}"]}, retriever) == 0.5
        assert unsupported({**reply, "written": [text, f"{true} 8888 [1]"]}, retriever) == 0.5
        assert unsupported({**reply, "written": [f"{unmarked} [9]"]}, retriever) == 1
        assert unsupported({**reply, "citations": []}, retriever) == 1


def test_where_no_model_wrote_there_is_no_figure(retriever: Retriever) -> None:
    reply = Assistant(retriever, threshold=0.0).reply(QUESTIONS["th"], conversation("th"))
    assert unsupported(reply.json(), retriever) is None
    case = Case("q", QUESTIONS["th"], language="th")
    quoted = Outcome(case, "answer")
    assert measure([quoted])["overall"]["unsupported"]["value"] is None
    half = Outcome(case, "answer", unsupported=0.5)
    assert measure([quoted, half])["overall"]["unsupported"]["value"] == 0.5
    assert Outcome.read(half.json()) == half


def test_a_model_that_cannot_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="leave --model or --target away"):
        run(GOLDEN, Settings(target="http://127.0.0.1:9", model="openai:m"), out=tmp_path, console=Console(quiet=True))
    build([Document("hu", KNOWLEDGE["hu"][1], language="hu")], tmp_path / "index")
    with pytest.raises(TargetError, match="There is no chat model 'gpt'"):
        open_target("assistant", Parts(tmp_path / "index", model="gpt"))
