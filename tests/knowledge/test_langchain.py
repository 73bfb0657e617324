from langchain_core.runnables import RunnableLambda

from knowledge import Document, Retriever, build
from knowledge.langchain import PassageRetriever


def test_it_drops_into_a_chain(tmp_path):
    build([Document("returns", "பொருளை 30 நாட்களுக்குள் திருப்பலாம்.", "திருப்புதல்", "ta", "returns.md")], tmp_path)
    chain = PassageRetriever(retriever=Retriever.open(tmp_path)) | RunnableLambda(lambda found: found[0])
    found = chain.invoke("எத்தனை நாட்களுக்குள் திருப்பலாம்?")
    assert found.page_content == "பொருளை 30 நாட்களுக்குள் திருப்பலாம்."
    assert (found.metadata["document"], found.metadata["language"], found.metadata["start"]) == ("returns", "ta", 0)
    assert found.metadata["signals"]["coverage"] > 0.4
