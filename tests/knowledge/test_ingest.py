import pytest

from knowledge import Retriever, ingest
from knowledge.errors import IndexBroken, IndexBusy, IndexMissing
from knowledge.index import writing


@pytest.fixture
def shop(tmp_path):
    """A folder of a company's files, in three languages."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "returns.md").write_text("# திருப்புதல்\n\nபொருளை 30 நாட்களுக்குள் திருப்பலாம்.\n", encoding="utf-8")
    (folder / "warranty.txt").write_text("รับประกันคอมเพรสเซอร์ 10 ปีนับจากวันที่ซื้อ", encoding="utf-8")
    (folder / "faq.csv").write_text("kérdés,válasz\nMennyi a kiszállási díj?,4990 forint.\n", encoding="utf-8")
    return folder


def test_files_become_findable_documents(shop, tmp_path):
    indexed = ingest([shop], tmp_path / "index")
    assert set(indexed.added) == {"returns.md", "warranty.txt", "faq.csv"}
    retriever = Retriever.open(tmp_path / "index")
    for question, document, language in [
        ("எத்தனை நாட்களில் திருப்பித் தரலாம்?", "returns.md", "ta"),
        ("คอมเพรสเซอร์ประกันกี่ปี", "warranty.txt", "th"),
        ("mennyi a kiszallasi dij", "faq.csv", "hu"),
    ]:
        passage = retriever.search(question)[0].passage
        assert (passage.document, passage.language) == (document, language)
        assert retriever.document(document).text[passage.start : passage.end] == passage.text


def test_only_what_changed_is_read_again(shop, tmp_path):
    index = tmp_path / "index"
    ingest([shop], index)
    retriever = Retriever.open(index)
    (shop / "returns.md").write_text("# திருப்புதல்\n\nபொருளை 45 நாட்களுக்குள் திருப்பலாம்.\n", encoding="utf-8")
    (shop / "warranty.txt").unlink()
    indexed = ingest([shop], index)
    assert (indexed.added, indexed.unchanged, indexed.removed) == (("returns.md",), ("faq.csv",), ("warranty.txt",))
    assert "45" in retriever.search("திருப்பலாம்")[0].passage.text
    assert {hit.passage.document for hit in retriever.search("คอมเพรสเซอร์")} <= {"faq.csv", "returns.md"}
    assert not any(hit.signals["words"] for hit in retriever.search("คอมเพรสเซอร์"))


def test_other_sources_stay(shop, tmp_path):
    index, other = tmp_path / "index", tmp_path / "notice.txt"
    other.write_text("दुकान रविवार को बंद रहेगी।", encoding="utf-8")
    ingest([shop], index)
    assert ingest([other], index).removed == ()
    found = {hit.passage.document for hit in Retriever.open(index).search("दुकान रविवार திருப்பலாம்")[:2]}
    assert found == {"notice.txt", "returns.md"}


def test_a_bad_file_is_named_and_the_rest_indexed(shop, tmp_path):
    (shop / "broken.pdf").write_bytes(b"%PDF-1.7 nothing")
    (shop / "empty.docx").write_bytes(b"")
    (shop / "photo.heic").write_bytes(b"\x00")
    (shop / "~$returns.docx").write_bytes(b"lock")
    indexed = ingest([shop, tmp_path / "nowhere"], tmp_path / "index")
    assert len(indexed.added) == 3
    assert sorted(
        name
        for name in ("broken.pdf", "empty.docx", "photo.heic", "nowhere")
        for line in indexed.refused
        if name in line
    ) == [
        "broken.pdf",
        "empty.docx",
        "nowhere",
        "photo.heic",
    ]
    assert len(indexed.refused) == 4
    assert all(line.count("\n") == 0 for line in indexed.refused)


def test_a_moved_folder_is_the_same_knowledge(shop, tmp_path):
    index = tmp_path / "index"
    ingest([shop], index)
    shop.rename(tmp_path / "moved")
    ingest([tmp_path / "moved"], index)
    assert len(Retriever.open(index).search("திருப்பலாம் คอมเพรสเซอร์ forint")) == 3


def test_twins_do_not_hide_each_other(shop, tmp_path):
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / "returns.md").write_text("# Return\n\nAnother policy.", encoding="utf-8")
    ingest([shop], tmp_path / "index")
    indexed = ingest([twin], tmp_path / "index")
    assert not indexed.added
    assert "returns.md" in indexed.refused[0]
    assert Retriever.open(tmp_path / "index").search("திருப்பலாம்")


def test_what_is_no_index_is_said_to_be_none(tmp_path):
    with pytest.raises(IndexMissing, match=r"app\.py index"):
        Retriever.open(tmp_path / "none")
    (tmp_path / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(IndexBroken, match="index again"):
        Retriever.open(tmp_path)


def test_one_writer_at_a_time(shop, tmp_path):
    with writing(tmp_path / "index"), pytest.raises(IndexBusy, match="another process"):
        ingest([shop], tmp_path / "index")


def test_an_index_inside_its_own_source_is_no_source(shop):
    first = ingest([shop], shop / "index")
    assert (len(first.added), first.refused) == (3, ())
    again = ingest([shop], shop / "index")
    assert (len(again.unchanged), again.added, again.refused) == (3, (), ())


def test_a_link_is_what_it_is_called(shop, tmp_path):
    new, link = tmp_path / "new", tmp_path / "current"
    new.mkdir()
    (new / "returns.md").write_text("# திருப்புதல்\n\nபொருளை 60 நாட்களுக்குள் திருப்பலாம்.\n", encoding="utf-8")
    link.symlink_to(shop)
    ingest([link], tmp_path / "index")
    link.unlink()
    link.symlink_to(new)
    indexed = ingest([link], tmp_path / "index")
    assert (indexed.added, len(indexed.removed), indexed.refused) == (("returns.md",), 2, ())
    (tmp_path / "நிபந்தனைகள்.txt").symlink_to(shop / "warranty.txt")
    assert ingest([tmp_path / "நிபந்தனைகள்.txt"], tmp_path / "other").added == ("நிபந்தனைகள்.txt",)


@pytest.mark.parametrize("name", ["விலை\n.txt", "ราคา\u202etxt.txt", "\x1b[31mdíj.txt", "d\udcedj.txt"])
def test_a_name_that_cannot_be_shown_is_refused_in_letters_that_can(shop, tmp_path, name):
    (shop / name).write_text("A kiszállás díja 9900 forint.", encoding="utf-8")
    indexed = ingest([shop], tmp_path / "index")
    assert len(indexed.added) == 3
    (refusal,) = indexed.refused
    assert "rename" in refusal
    assert refusal.isprintable()


def test_what_is_removed_is_called_as_it_was_when_added(shop, tmp_path):
    (shop / "2026").mkdir()
    (shop / "2026" / "árak.txt").write_text("A kiszállás díja 9900 forint.", encoding="utf-8")
    assert "2026/árak.txt" in ingest([shop], tmp_path / "index").added
    (shop / "2026" / "árak.txt").unlink()
    assert ingest([shop], tmp_path / "index").removed == ("2026/árak.txt",)


def test_two_documents_of_one_id_are_told_apart_by_their_files(tmp_path):
    for name in ("விதிகள்.jsonl", "กฎ.jsonl"):
        (tmp_path / name).write_text('{"id": "7", "text": "பொருளை 30 நாட்களுக்குள் திருப்பலாம்."}', encoding="utf-8")
    (refusal,) = ingest([tmp_path], tmp_path / "index").refused
    assert all(part in refusal for part in ("விதிகள்.jsonl", "กฎ.jsonl", "'7'"))


@pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<b>"])
def test_a_page_without_bottom_does_not_stop_the_others(shop, tmp_path, tag):
    (shop / "அடுக்கு.html").write_text(f"{tag * 10_000}விலை", encoding="utf-8")
    indexed = ingest([shop], tmp_path / "index")
    assert len(indexed.added) == 3
    assert "அடுக்கு.html" in indexed.refused[0]


def test_what_was_found_in_one_state_is_quoted_from_it(shop, tmp_path):
    ingest([shop], tmp_path / "index")
    following = Retriever.open(tmp_path / "index")
    snapshot = following.snapshot()
    passage = snapshot.search("திருப்பலாம்")[0].passage
    (shop / "returns.md").write_text("# புதியது\n\nஇனி திருப்ப முடியாது.\n", encoding="utf-8")
    ingest([shop], tmp_path / "index")
    assert "முடியாது" in following.search("திருப்ப")[0].passage.text
    assert snapshot.search("திருப்பலாம்")[0].passage == passage
    assert snapshot.document(passage.document).text[passage.start : passage.end] == passage.text
