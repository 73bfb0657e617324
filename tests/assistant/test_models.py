from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from app import cli
from assistant.assistant import Assistant
from assistant.confidence import SHIPPED
from assistant.connection import Connection, ModelFailed
from assistant.models import PROVIDERS, ModelRefused, open_model
from knowledge import Document, build

ROOT = Path(__file__).parents[2]
TEXT = "கட்டணம் ₹249. பணம் 7 நாட்களில் உங்கள் வங்கிக் கணக்கில் வந்து சேரும்."
QUESTION = "பணம் எத்தனை நாட்களில் வந்து சேரும்?"
PACKAGES = {"openai": "langchain_openai", "ollama": "langchain_ollama", "local": "langchain_huggingface"}
TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"


@pytest.mark.parametrize("name", ["gpt", "openai", "openai:", "அறியாத:model", ""])
def test_a_name_that_is_none_is_refused_with_the_providers(name):
    with pytest.raises(ModelRefused, match="openai or ollama or local"):
        open_model(name)


@pytest.mark.parametrize("provider", list(PROVIDERS))
def test_a_missing_package_is_named_with_the_extra_that_brings_it(provider, monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGES[provider], None)
    with pytest.raises(ModelRefused, match=rf"not installed \(.*\): install it with `pip install \.\[{provider}\]`\.$"):
        open_model(f"{provider}:x")


def test_every_provider_has_its_extra():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    assert set(PROVIDERS) <= set(extras)


class Server(BaseHTTPRequestHandler):
    """Speaks the languages of OpenAI's and of Ollama's servers, in pieces."""

    status = 200
    pieces = ("பணம் 7 நாட்களில் ", "வங்கிக் கணக்கில் வந்து", " சேரும் [1].")
    asked: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.status)
        openai = self.path.endswith("/chat/completions")
        self.send_header("content-type", "text/event-stream" if openai else "application/x-ndjson")
        self.end_headers()
        for piece in self.pieces if self.status == 200 else ():
            self.wfile.write(self.openai(piece) if openai else self.ollama(piece))
        if self.status == 200:
            self.wfile.write(b"data: [DONE]\n\n" if openai else self.ollama("", done=True))

    def openai(self, piece: str) -> bytes:
        choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
        return f"data: {json.dumps(event)}\n\n".encode()

    def ollama(self, piece: str, done: bool = False) -> bytes:
        told = {
            "model": "m",
            "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": piece},
            "done": done,
        }
        return (json.dumps(told | ({"done_reason": "stop"} if done else {})) + "\n").encode()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Server]]:
    class Own(Server):
        asked: ClassVar[list[dict[str, Any]]] = []

    with ThreadingHTTPServer(("127.0.0.1", 0), Own) as served:
        Thread(target=served.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{served.server_port}"
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        monkeypatch.setenv("OLLAMA_HOST", url)
        yield Own
        served.shutdown()


def opened(name: str) -> Any:
    package = PACKAGES[name.partition(":")[0]]
    pytest.importorskip(package, reason=f"{package} is not installed: it comes with `pip install .[dev]`")
    return open_model(name)


DOCUMENTS = [Document("d", TEXT, "பணம்", "ta", "d.txt")]


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_a_served_model_answers(server, retriever, provider):
    reply = Assistant(retriever, model=opened(f"{provider}:m"), threshold=0.0).reply(QUESTION)
    assert reply.answer == "பணம் 7 நாட்களில் வங்கிக் கணக்கில் வந்து சேரும். [1]"
    assert [citation.quote for citation in reply.citations] == [TEXT[TEXT.index("பணம்") :]]
    (asked,) = server.asked
    assert asked["stream"] is True
    assert QUESTION in asked["messages"][1]["content"]


def test_the_command_line_writes_with_a_model_or_says_in_a_sentence_why_not(server, tmp_path):
    pytest.importorskip("langchain_openai", reason="it comes with `pip install .[dev]`")
    index = str(tmp_path / "index")
    build([Document("d", TEXT, "பணம்", "ta", "d.txt")], Path(index))
    daring = tmp_path / "daring.toml"
    daring.write_text(
        re.sub(r"(?m)^threshold = .*", "threshold = 0.0", SHIPPED.read_text(encoding="utf-8")), encoding="utf-8"
    )
    told = CliRunner().invoke(
        cli, ["ask", QUESTION, "--index", index, "--model", "openai:m", "--calibration", str(daring), "--json"]
    )
    assert json.loads(told.stdout)["answer"] == "பணம் 7 நாட்களில் வங்கிக் கணக்கில் வந்து சேரும். [1]"
    assert len(server.asked) == 1
    refused = CliRunner().invoke(cli, ["ask", QUESTION, "--index", index, "--model", "gpt"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("There is no chat model 'gpt'")


@pytest.mark.usefixtures("server")
def test_a_terminal_is_shown_a_written_answer_once(tmp_path):
    pytest.importorskip("langchain_openai", reason="it comes with `pip install .[dev]`")
    pty = pytest.importorskip("pty", reason="this system has no terminals of that kind")
    index, daring = tmp_path / "index", tmp_path / "daring.toml"
    build([Document("d", TEXT, "பணம்", "ta", "d.txt")], index)
    daring.write_text(re.sub(r"(?m)^threshold = .*", "threshold = 0.0", SHIPPED.read_text("utf-8")), "utf-8")
    ours, theirs = pty.openpty()
    options = ["--index", str(index), "--model", "openai:m", "--calibration", str(daring)]
    done = subprocess.run([sys.executable, "app.py", "ask", QUESTION, *options], cwd=ROOT, stdout=theirs, check=True)
    told = os.read(ours, 10_000).decode()
    assert done.returncode == 0
    assert told == "பணம் 7 நாட்களில் வங்கிக் கணக்கில் வந்து சேரும். [1]\r\n[1] பணம் (d.txt)\r\n"


@pytest.mark.parametrize("provider", ["openai", "ollama"])
@pytest.mark.parametrize(("status", "times"), [(500, 1), (400, 1), (429, 3)])
def test_a_server_that_fails_is_asked_again_only_where_it_did_not_begin(server, provider, status, times):
    server.status = status
    with pytest.raises(ModelFailed):
        list(Connection(opened(f"{provider}:m")).stream([("human", QUESTION)], 10.0))
    assert len(server.asked) == times


@pytest.mark.parametrize("provider", ["openai", "ollama"])
def test_a_server_that_is_not_there_fails_in_time(monkeypatch, provider):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")
    with pytest.raises(ModelFailed):
        list(Connection(opened(f"{provider}:m")).stream([("human", QUESTION)], 10.0))


def test_a_key_that_is_missing_is_said(monkeypatch):
    pytest.importorskip("langchain_openai", reason="it comes with `pip install .[dev]`")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ModelRefused, match="OPENAI_API_KEY"):
        open_model("openai:m")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model with random weights, its tokenizer trained on one sentence, as a folder that transformers opens."""
    pytest.importorskip("langchain_huggingface", reason="it comes with `pip install .[dev]`")
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    learned = ByteLevelBPETokenizer()
    learned.train_from_iterator([TEXT, QUESTION], vocab_size=400, special_tokens=["<|end|>"])
    learned.save(str(folder / "raw.json"))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "raw.json"), eos_token="<|end|>", pad_token="<|end|>", chat_template=TEMPLATE
    )
    tokenizer.save_pretrained(folder)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=8192,
        n_embd=16,
        n_layer=1,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
        pad_token_id=0,
    )
    GPT2LMHeadModel(config).save_pretrained(folder)
    return folder


def test_a_model_in_this_process_streams_and_what_it_babbles_is_not_shown(tiny, retriever):
    model = opened(f"local:{tiny}")
    pieces = [chunk.text for chunk in model.stream([("system", "?"), ("human", QUESTION)])]
    assert len(pieces) > 3
    assert "human" not in "".join(pieces)
    expected = Assistant(retriever, threshold=0.0).reply(QUESTION)
    for limit in (0.05, 30.0):
        reply = Assistant(retriever, model=model, threshold=0.0, limit=limit).reply(QUESTION)
        assert reply.answer == expected.answer or (reply.handoff and reply.handoff.reason == "model_failure")


def test_a_folder_without_a_model_is_refused(tmp_path):
    pytest.importorskip("langchain_huggingface", reason="it comes with `pip install .[dev]`")
    with pytest.raises(ModelRefused, match="cannot be opened"):
        open_model(f"local:{tmp_path}")
