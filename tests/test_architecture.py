"""The arrows of the house: who may import whom, and where a foreign library may be touched."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"knowledge": set(), "assistant": {"knowledge"}, "eval": {"assistant", "knowledge"}}
LEAVES = {
    "knowledge/documents.py",
    "knowledge/errors.py",
    "knowledge/language.py",
    "knowledge/text.py",
    "assistant/conversation.py",
    "assistant/heard.py",
}
ONLY_IN = {
    "gradio": {"assistant/channels/pages.py", "eval/page.py"},
    "faiss": {"knowledge/index/vectors.py"},
    "bm25s": set(),
    "sentence_transformers": {"knowledge/embed/hub.py"},
    "torch": {"knowledge/embed/train.py"},
    "tokenizers": {
        "knowledge/embed/static.py",
        "knowledge/embed/subwords.py",
        "knowledge/embed/corpus.py",
        "knowledge/embed/train.py",
    },
    "anyascii": {"knowledge/sound.py"},
    "sqlalchemy": {
        "assistant/desk/store.py",
        "assistant/desk/tables.py",
        "assistant/accounts/store.py",
        "assistant/accounts/tables.py",
    },
    "argon2": {"assistant/accounts/passwords.py"},
    "langchain_core": {
        "knowledge/langchain.py",
        "knowledge/embed/langchain.py",
        "assistant/assistant.py",
        "assistant/connection.py",
        "assistant/models.py",
        "eval/targets.py",
    },
    "langchain_openai": {"assistant/models.py"},
    "langchain_ollama": {"assistant/models.py"},
    "langchain_huggingface": {"assistant/models.py"},
    "tenacity": {"assistant/connection.py"},
}
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}


def imported(path: Path) -> set[str]:
    """The modules that a file imports, wherever in the file."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES
            names.update(inside or {node.module or ""})
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_arrows(path):
    here = path.relative_to(ROOT).as_posix()
    package = here.split("/")[0]
    modules = imported(path)
    ours = {name.split(".")[0] for name in modules} & ({*PACKAGES, "app"})
    assert ours <= PACKAGES[package] | {package}
    for library, places in ONLY_IN.items():
        if here not in places:
            assert library not in {name.split(".")[0] for name in modules}
    if here in LEAVES:
        assert not ours
    if not here.startswith("assistant/channels/"):
        assert not any(name.startswith("assistant.channels") for name in modules)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_cycles(package):
    graph = {}
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name.split(".")[0] == package:
            graph[name] = {module for module in imported(path) if module.split(".")[0] == package and module != package}

    def walk(name, above):
        assert name not in above, " -> ".join([*above, name])
        for module in graph.get(name, ()):
            walk(module, [*above, name])

    for name in graph:
        if name != package:
            walk(name, [])


def test_names_say_what_is_inside():
    junk = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "handler", "handlers"}
    assert not [path for path in FILES if path.stem in junk]


def test_answering_loads_no_heavy_library():
    code = "import sys, assistant.assistant; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {
        "torch",
        "transformers",
        "sentence_transformers",
        "gradio",
        "sqlalchemy",
        "sklearn",
        "pandas",
        "langchain_core",
    } & set(loaded.split())
