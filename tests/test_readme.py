"""What README and CONTRIBUTING promise: their commands run, their files exist."""

import json
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path

import pytest

from tests.conftest import sharing

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands(text: str) -> list[str]:
    """The lines of the shell blocks, comments cut off."""
    blocks = re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL)
    lines = [line.removeprefix("$ ").split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


def files(text: str) -> dict[str, str]:
    """The blocks that a reader saves as a file: their names (```toml file=build/suite.toml) and contents."""
    return dict(re.findall(r"```\w+ file=(\S+)\n(.*?)```", text, re.DOTALL))


@pytest.fixture(scope="module")
def clone(tmp_path_factory, index, indexes):
    """The project as a newcomer has it after `make run` and a run: with an index of the sample company."""
    folder = tmp_path_factory.mktemp("clone")
    for path in ROOT.iterdir():
        if path.name not in {"index", "build", "runs"}:
            (folder / path.name).symlink_to(path)
    shutil.copytree(index, folder / "index")
    for runs in ("runs", "build/runs"):
        sharing(indexes, folder / runs)
    return folder


def run(words, folder):
    """Run a command as it stands."""
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def run_here(words, folder):
    """Run a Python command in this process: to start another and to import is most of what it takes."""
    start = (
        partial(runpy.run_module, words[2], alter_sys=True) if words[1] == "-m" else partial(runpy.run_path, words[1])
    )
    code, out, err = 0, StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", words[2:] if words[1] == "-m" else words[1:])
        try:
            start(run_name="__main__")
        except SystemExit as end:
            code = end.code or 0
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def test_the_two_promises_are_targets():
    for line in commands(README):
        if line.startswith("make "):
            subprocess.run(["make", "-n", *shlex.split(line)[1:]], cwd=ROOT, check=True, capture_output=True)
    assert {"make run", "make test"} <= set(commands(README))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_run(page, clone):
    text = page.read_text(encoding="utf-8")
    for name, content in files(text).items():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text(content, encoding="utf-8")
    for line in commands(text):
        first = line.split()[0]
        if first not in {".venv/bin/python", "cp", "perl"} or " serve" in line:
            continue
        rest = shlex.split(line)[1:]
        words = [sys.executable if first == ".venv/bin/python" else first, *rest]
        done = (run_here if first == ".venv/bin/python" and page.parent != ROOT else run)(words, clone)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
        assert first in {"cp", "perl"} or done.stdout.strip(), line


def test_the_tamil_example_is_answered_from_the_tamil_policy(clone):
    line = next(line for line in commands(README) if " ask " in line)
    reply = json.loads(run_here([sys.executable, *shlex.split(line)[1:], "--json"], clone).stdout)
    assert (reply["action"], reply["language"]) == ("answer", "ta")
    assert reply["citations"][0]["document"].startswith("ta/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


def test_contributing_names_what_exists():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:knowledge|assistant|eval|tests)/[\w/.]+)`", text):
        assert (ROOT / name).exists(), name
