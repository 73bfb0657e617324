"""Our parts in langchain's chains, langchain's models in our index, and the page that shows it."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import InMemoryVectorStore

from knowledge import Document, Retriever, build, ingest
from knowledge.embed import EMBEDDERS
from knowledge.langchain import KnowledgeEmbeddings, LangchainEmbedder, PassageRetriever

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "langchain.md").read_text(encoding="utf-8")


class Signs(Embeddings):
    """Questions and passages are told apart by the first number."""

    def embed_query(self, text: str) -> list[float]:
        return [4.0, 3.0 * len(text)]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [[0.0, 2.0 * len(text)] for text in texts]


@pytest.fixture
def signs():
    return LangchainEmbedder(Signs(), "signs")


def test_it_drops_into_a_chain(tmp_path, signs):
    build([Document("returns", "பொருளை 30 நாட்களுக்குள் திருப்பலாம்.", "திருப்புதல்", "ta", "returns.md")], tmp_path, signs)
    chain = PassageRetriever(retriever=Retriever.open(tmp_path, signs)) | RunnableLambda(lambda found: found[0])
    found = chain.invoke("எத்தனை நாட்களுக்குள் திருப்பலாம்?")
    assert found.page_content == "பொருளை 30 நாட்களுக்குள் திருப்பலாம்."
    assert (found.metadata["document"], found.metadata["language"], found.metadata["start"]) == ("returns", "ta", 0)
    assert found.metadata["signals"]["coverage"] > 0.4


def test_embeddings_become_an_embedder(signs):
    assert (signs.name, signs.dimension) == ("signs", 2)
    np.testing.assert_allclose(signs.encode_query(["ก", ""]), [[0.8, 0.6], [1, 0]], atol=1e-6)
    np.testing.assert_allclose(signs.encode_document(["เงิน", ""]), [[0, 1], [0, 0]], atol=1e-6)


def test_an_embedder_becomes_embeddings(signs):
    embeddings = KnowledgeEmbeddings(signs)
    assert isinstance(embeddings, Embeddings)
    assert embeddings.embed_query("ก") == pytest.approx([0.8, 0.6])
    assert embeddings.embed_documents(["เงิน", "பணம்"]) == [[0.0, 1.0], [0.0, 1.0]]
    assert embeddings.embed_documents([]) == []


def test_there_and_back_nothing_changes():
    own = LangchainEmbedder(DeterministicFakeEmbedding(size=12), "fake")
    again = LangchainEmbedder(KnowledgeEmbeddings(own), "again")
    texts = ["Hol van a pénzem?", "என் பணம் எங்கே?", "เงินของฉันอยู่ที่ไหน"]
    np.testing.assert_allclose(again.encode_query(texts), own.encode_query(texts), atol=1e-6)
    np.testing.assert_allclose(again.encode_document(texts), own.encode_document(texts), atol=1e-6)


def test_a_vector_store_finds_by_an_embedder_of_ours():
    store = InMemoryVectorStore(KnowledgeEmbeddings(LangchainEmbedder(DeterministicFakeEmbedding(size=12), "fake")))
    texts = ["பணம் வந்தது", "เงินมาแล้ว", "Megjött a pénz"]
    store.add_texts(texts)
    for text in texts:
        assert store.similarity_search(text, k=1)[0].page_content == text


def test_the_page_shows_what_it_says(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT / "sample" / "th", tmp_path / "sample" / "th")
    ingest([tmp_path / "sample"], tmp_path / "index")
    monkeypatch.chdir(tmp_path)
    shown = {}
    for file, code in re.findall(r"```python file=(\S+)\n(.*?)```", PAGE, re.DOTALL):
        exec(code, {})
        shown[file] = capsys.readouterr().out
    for said in ("[th/returns.html]", "30 วัน", "ขอเปลี่ยนสินค้าเป็นรุ่นเดิม"):
        assert said in shown["chain.py"]
    assert shown["notes.py"].startswith("வாஷிங் மெஷினில் தண்ணீர்")


def test_the_page_names_every_kind():
    assert {kind for kind in EMBEDDERS if f"| `{kind}" not in PAGE} == set()
