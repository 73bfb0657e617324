"""One thing measured in a process of its own, so that memory and cold start are its own: `... stages KIND FOLDER`.

The folder holds documents.jsonl and questions.jsonl; ours keeps its index in it. Figures are printed as JSON: seconds,
megabytes.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

BEGUN = perf_counter()
FOUND = 10
"""Passages that a search is asked for."""
SAMPLE = 48
"""Passages that the transformer embeds; the time for all is extrapolated from them."""
SLOW = 40
"""Questions that slow competitors are asked."""
Figures = dict[str, Any]


class Clock(dict[str, list[float]]):
    """Name -> how long each run of that name took, in seconds."""

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        begun = perf_counter()
        yield
        self.setdefault(name, []).append(perf_counter() - begun)

    def total(self) -> Figures:
        return {name: sum(times) for name, times in self.items()}

    def median(self) -> Figures:
        return {name: sorted(times)[len(times) // 2] for name, times in self.items()}


def memory(kind: str) -> float:
    """Megabytes of this process: VmRSS, now; VmHWM, at most."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith(kind)).split()[1]) / 1024


def read(folder: Path, name: str) -> list[Any]:
    """The lines of a file."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def asked(search: Callable[[str], object], questions: Sequence[str]) -> Figures:
    """The median and the 95th percentile of a search; the first ones warm up."""
    for question in questions[:3]:
        search(question)
    clock = Clock()
    for question in questions:
        with clock("search"):
            search(question)
    times = sorted(clock["search"])
    return {"p50": times[len(times) // 2], "p95": times[int(len(times) * 0.95)], "memory": memory("VmRSS")}


def index(folder: Path) -> Figures:
    """Index everything, as the product does."""
    from knowledge import Document, build

    documents = [Document(**entry) for entry in read(folder, "documents")]
    begun = perf_counter()
    passages = build(documents, folder / "index")
    seconds = perf_counter() - begun
    size = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file()) / 1e6
    return {"seconds": seconds, "passages": passages, "peak": memory("VmHWM"), "disk": size}


def stages(folder: Path) -> Figures:
    """How long each stage of indexing takes."""
    from knowledge import Document
    from knowledge.embed import open_embedder
    from knowledge.index.lexical import Bags, Lexical
    from knowledge.index.store import searchable
    from knowledge.index.vectors import Vectors
    from knowledge.sound import sounds
    from knowledge.split import split
    from knowledge.text import parts, words

    documents, clock = [Document(**entry) for entry in read(folder, "documents")], Clock()
    out = folder / "stages"
    out.mkdir()
    with clock("split"):
        passages = [passage for document in documents for passage in split(document)]
    texts, languages = [searchable(passage) for passage in passages], [passage.language for passage in passages]
    with clock("words"):
        bags = Bags.of(text.split() for text in texts).into(words)
        lexical = Lexical.build(bags.into(parts), languages)
    with clock("write"):
        lexical.save(out / "words")
    with clock("sound"):
        lexical = Lexical.build(bags.into(sounds), languages)
    with clock("write"):
        lexical.save(out / "sound")
    del lexical, bags
    with clock("vectors"):
        vectors = Vectors.build(texts, open_embedder("static"))
    with clock("write"):
        vectors.save(out / "vectors")
    return clock.total()


def search(folder: Path) -> Figures:
    """A cold start, then every question; then each stage of a search by itself."""
    from knowledge import Retriever

    questions = read(folder, "questions")
    retriever = Retriever.open(folder / "index")
    retriever.search(questions[0], FOUND)
    cold = perf_counter() - BEGUN
    return (
        {"cold": cold}
        | asked(lambda question: retriever.search(question, FOUND), questions)
        | _parts(folder / "index", questions)
    )


def _parts(folder: Path, questions: Sequence[str]) -> Figures:
    from knowledge import Retriever
    from knowledge.index import read as read_index
    from knowledge.rank import fuse
    from knowledge.retriever import PROPOSED
    from knowledge.sound import keys
    from knowledge.text import weighed

    known, retriever, clock = read_index(folder), Retriever.open(folder), Clock()
    embedder: Any = known.manifest.open_embedder()
    for question in questions:
        with clock("tokens"):
            tokens, heard = weighed(question), Counter(keys(question))
            vector, pieces = embedder.encode_query([question])[0], embedder.pieces([question])[0]
        with clock("words"):
            known.words.scores(tokens)
        with clock("sound"):
            known.sound.scores(heard)
        with clock("meaning"):
            known.vectors.nearest(vector, PROPOSED)
        found = retriever.candidates(question)
        with clock("fit"):
            known.vectors.fit(pieces, found.passages, embedder)
        with clock("fuse"):
            fuse(found)
    return {"stages": clock.median()}


def langchain(folder: Path) -> Figures:
    """LangChain's ensemble of BM25 and FAISS over a transformer of e5-small's shape, whose weights are random."""
    texts, clock = bodies(folder), Clock()
    find = ensemble(texts, clock)
    took = clock.total()
    embedding = took["embed"] * len(texts) / min(SAMPLE, len(texts))
    return {"seconds": took["index"] + embedding, "embedding": embedding} | asked(
        find, read(folder, "questions")[:SLOW]
    )


def ensemble(texts: list[str], clock: Clock) -> Callable[[str], Sequence[Any]]:
    """The search of LangChain's ensemble; only a sample is embedded, the other vectors are random."""
    import numpy as np
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS

    from benchmarks.transformer import DIMENSION, Transformer

    model = Transformer()
    with clock("embed"):
        model.embed_documents(texts[:SAMPLE])
    with clock("index"):
        words = BM25Retriever.from_texts(texts, k=FOUND)
        rows = np.random.default_rng(0).standard_normal((len(texts), DIMENSION), np.float32)
        near = FAISS.from_embeddings(zip(texts, rows.tolist(), strict=True), model)
    retrievers = [words, near.as_retriever(search_kwargs={"k": FOUND})]
    return EnsembleRetriever(retrievers=retrievers, weights=[0.5, 0.5]).invoke


def bm25s(folder: Path) -> Figures:
    """bm25s alone: words only, split as it splits them."""
    import bm25s as library

    texts, clock = bodies(folder), Clock()
    with clock("index"):
        ranking = library.BM25()
        ranking.index(library.tokenize(texts, show_progress=False), show_progress=False)

    def find(question: str) -> object:
        tokens = library.tokenize([question], show_progress=False)
        return ranking.retrieve(tokens, k=min(FOUND, len(texts)), show_progress=False)

    return {"seconds": clock.total()["index"]} | asked(find, read(folder, "questions"))


def faiss(folder: Path) -> Figures:
    """FAISS alone, all vectors compared: meaning only, by our table."""
    import faiss as library

    from knowledge.embed import open_embedder

    texts, clock, embedder = bodies(folder), Clock(), open_embedder("static")
    with clock("index"):
        nearest = library.IndexFlatIP(embedder.dimension)
        for start in range(0, len(texts), 4096):
            nearest.add(embedder.encode_document(texts[start : start + 4096]))
    return {"seconds": clock.total()["index"]} | asked(
        lambda question: nearest.search(embedder.encode_query([question]), FOUND), read(folder, "questions")
    )


def bodies(folder: Path) -> list[str]:
    """What the documents say, under their titles."""
    return [f"{entry['title']}\n{entry['text']}" for entry in read(folder, "documents")]


KINDS: Mapping[str, Callable[[Path], Figures]] = {
    measured.__name__: measured for measured in (index, stages, search, langchain, bm25s, faiss)
}

if __name__ == "__main__":
    print(json.dumps(KINDS[sys.argv[1]](Path(sys.argv[2]))))
