"""Embedders: what all of them hold to, the table's training and reading, and the model that we ship.

torch and what is built on it are imported where they are used: of all processes of the tests, only one need wait for it.
"""

import json
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordPiece
from tokenizers.trainers import WordPieceTrainer
from typer.testing import CliRunner

import app
from knowledge import Retriever
from knowledge.embed import EMBEDDERS, SHIPPED, Subwords, open_embedder
from knowledge.embed.static import TABLE, Static
from knowledge.errors import EmbedderRefused

ROOT = Path(__file__).parents[2]
THINGS = {
    "ta": ["பணம்", "பெட்டி", "செருப்பு", "புத்தகம்", "விளக்கு", "கடிகாரம்"],
    "th": ["เงิน", "กล่อง", "รองเท้า", "หนังสือ", "โคมไฟ", "นาฬิกา"],
    "hu": ["pénz", "doboz", "cipő", "könyv", "lámpa", "óra"],
    "en": ["money", "box", "shoe", "book", "lamp", "clock"],
}
SENTENCES = {
    "ta": ["{} எங்கே இருக்கிறது?", "{} உடைந்து விட்டது.", "எனக்கு {} இன்னும் வரவில்லை.", "இந்த {} திருப்பித் தர வேண்டும்."],
    "th": ["{}อยู่ที่ไหน", "{}แตกแล้ว", "ฉันยังไม่ได้รับ{}", "อยากคืน{}นี้"],
    "hu": ["Hol van a {}?", "Eltört a {}.", "Még nem kaptam meg: {}.", "Ezt szeretném visszaküldeni: {}."],
    "en": ["Where is the {}?", "The {} is broken.", "I have not received the {} yet.", "I want to return this {}."],
}
SHARED = [
    ("என் பணத்தை எப்போது திரும்பப் பெறுவேன்?", "When will I get my money back?"),
    ("จะเปลี่ยนรหัสผ่านได้อย่างไร", "How do I change my password?"),
    ("Hol tudom letölteni a számlát?", "Where can I download the invoice?"),
    ("मेरा पार्सल अभी तक नहीं आया", "My parcel has not arrived yet."),
    ("నా ఖాతాను ఎలా తొలగించాలి?", "How do I delete my account?"),
]


PROMPTS = {"query": "கேள்வி: ", "document": "பதில்: "}
LETTERS = """
from langchain_core.embeddings import Embeddings

class Letters(Embeddings):
    def embed_query(self, text):
        return [1.0, *(float(text.count(letter)) for letter in "கบéक")]

    def embed_documents(self, texts):
        return [self.embed_query(text) for text in texts]

def nothing():
    return 5
"""


def says(language):
    return [sentence.format(thing) for thing in THINGS[language] for sentence in SENTENCES[language]]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for kind in ("parallel", "pairs"):
        (folder / kind).mkdir()
    for language in ("ta", "th", "hu"):
        rows = zip(says("en"), says(language), strict=True)
        write(folder / "parallel" / f"{language}.tsv.xz", rows)
    write(folder / "pairs" / "en.tsv.xz", ((said, f"Please help: {said.lower()}") for said in says("en")))
    return folder


def write(path, rows):
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(f"test\t{left}\t{right}\n" for left, right in rows)


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory):
    """A table trained by the quick recipe."""
    from knowledge.embed import train

    folder = tmp_path_factory.mktemp("model") / "trained"
    result = CliRunner().invoke(train.app, [str(corpus), "--out", str(folder), "--quick"])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A transformer with weights by chance, as models were published before they told their prompts."""
    import torch
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("bare")
    words = Tokenizer(WordPiece(unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    texts = [text for language in SENTENCES for text in says(language)] + [*PROMPTS.values(), "query: passage:"] * 9
    words.train_from_iterator(texts, WordPieceTrainer(vocab_size=400, special_tokens=["[UNK]", "[PAD]"]))
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", pad_token="[PAD]").save_pretrained(folder)
    torch.manual_seed(3)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=words.get_vocab_size(), **size)).save_pretrained(folder)
    return folder


def saved(bare, folder, prompts):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    body = Transformer(str(bare))
    head = Pooling(body.get_embedding_dimension(), pooling_mode="mean")
    SentenceTransformer(modules=[body, head], prompts=prompts, device="cpu").save(str(folder))
    return folder


@pytest.fixture(scope="module")
def transformer(bare, tmp_path_factory):
    return saved(bare, tmp_path_factory.mktemp("hub") / "tiny", PROMPTS)


@pytest.fixture(scope="module")
def places(folder, transformer, tmp_path_factory):
    """A name for each kind of embedder."""
    modules = tmp_path_factory.mktemp("modules")
    (modules / "letters.py").write_text(LETTERS, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(modules)
        yield {"static": f"static:{folder}", "hub": f"hub:{transformer}", "langchain": "langchain:letters:Letters"}


@pytest.fixture(scope="module")
def shipped():
    return Static.open(SHIPPED)


@pytest.mark.parametrize("kind", EMBEDDERS)
class TestEveryEmbedder:
    """The contract; a new kind needs a name in `places`."""

    def test_rows_are_of_length_one(self, kind, places):
        embedder = open_embedder(places[kind])
        for encode in (embedder.encode_query, embedder.encode_document):
            rows = encode(says("ta"))
            assert (rows.shape, rows.dtype) == ((24, embedder.dimension), np.float32)
            np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
            assert encode([]).shape == (0, embedder.dimension)

    def test_a_text_has_one_vector_in_whatever_company(self, kind, places):
        embedder = open_embedder(places[kind])
        texts = [*says("th"), *says("hu"), "", "नमस्ते", "😀", says("ta")[0] * 30]
        for encode in (embedder.encode_query, embedder.encode_document):
            alone = np.concatenate([encode([text]) for text in texts])
            np.testing.assert_allclose(encode(texts), alone, atol=1e-5)

    def test_the_name_opens_it_again(self, kind, places):
        embedder = open_embedder(places[kind])
        again = open_embedder(embedder.name)
        assert embedder.name.startswith(places[kind])
        assert (again.name, again.dimension) == (embedder.name, embedder.dimension)
        np.testing.assert_array_equal(again.encode_query(says("th")), embedder.encode_query(says("th")))

    def test_bytes_that_are_no_text_are_encoded(self, kind, places):
        embedder = open_embedder(places[kind])
        rows = embedder.encode_query(["எங்கே \udcff?"])
        np.testing.assert_allclose(rows, embedder.encode_query(["எங்கே ??"]), atol=1e-5)

    def test_an_index_remembers_it(self, kind, places, tmp_path):
        (tmp_path / "கேள்விகள்.md").write_text("# பணம்\n\nபணம் எங்கே இருக்கிறது?\n", encoding="utf-8")
        made = ["index", str(tmp_path / "கேள்விகள்.md"), "--index", str(tmp_path / "index"), "--embedder", places[kind]]
        result = CliRunner().invoke(app.cli, made)
        assert result.exit_code == 0, result.output
        name = json.loads((tmp_path / "index" / "manifest.json").read_text(encoding="utf-8"))["embedder"]
        assert name == open_embedder(places[kind]).name
        (found,) = Retriever.open(tmp_path / "index").search("என் பணம் எங்கே?")
        assert found.passage.document == "கேள்விகள்.md"


@pytest.mark.parametrize("name", ["e5", "", "word2vec:x", "static-5", ":", "Hub:x"])
def test_an_unknown_kind_is_told_the_kinds(name):
    with pytest.raises(EmbedderRefused, match="static or hub or langchain"):
        open_embedder(name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("langchain:no.such.module:Factory", "no.such"),
        ("langchain:letters:Missing", "Missing"),
        ("langchain:letters:nothing", "makes a int"),
        ("langchain:letters", "package.module:Factory"),
        ("langchain:", "package.module:Factory"),
        ("hub:", "name a folder"),
        ("hub:/no/such/folder", "/no/such/folder"),
        ("hub:nobody-at-all/nothing", "network"),
        ("static:/no/such/folder", "/no/such/folder"),
    ],
)
@pytest.mark.usefixtures("places")
def test_what_cannot_be_opened_is_said_in_a_sentence(name, said, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EmbedderRefused, match=said) as refused:
        open_embedder(name)
    assert "\n" not in str(refused.value)
    result = CliRunner().invoke(app.cli, ["index", "sample", "--index", "/nowhere", "--embedder", name])
    assert (result.exit_code, result.stderr) == (1, f"{refused.value}\n")


def test_a_hub_model_gets_the_prompts_of_its_config(transformer):
    from sentence_transformers import SentenceTransformer

    ours, judge = open_embedder(f"hub:{transformer}"), SentenceTransformer(str(transformer), device="cpu")
    texts = says("ta") + says("th") + says("hu")
    asked, given = ours.encode_query(texts), ours.encode_document(texts)
    assert np.abs(asked - given).max(axis=1).min() > 1e-3
    for rows, prompt in ((asked, PROMPTS["query"]), (given, PROMPTS["document"])):
        by_hand = judge.encode([prompt + text for text in texts], prompt="", normalize_embeddings=True)
        np.testing.assert_allclose(rows, by_hand, atol=1e-5)
    np.testing.assert_allclose(asked, judge.encode_query(texts, normalize_embeddings=True), atol=1e-6)
    np.testing.assert_allclose(given, judge.encode_document(texts, normalize_embeddings=True), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "prompts"),
    [
        ("multilingual-e5-tiny", ("query: ", "passage: ")),
        ("multilingual-e5-tiny-instruct", ("", "")),
        ("some5-model", ("", "")),
    ],
)
def test_old_e5_models_get_the_prompts_of_their_model_cards(name, prompts, bare, tmp_path):
    from sentence_transformers import SentenceTransformer

    from knowledge.embed.hub import Hub

    ours, judge = Hub.open(str(saved(bare, tmp_path / name, {}))), SentenceTransformer(str(bare), device="cpu")
    texts = says("hu")
    for rows, prompt in zip((ours.encode_query(texts), ours.encode_document(texts)), prompts, strict=True):
        by_hand = judge.encode([prompt + text for text in texts], normalize_embeddings=True)
        np.testing.assert_allclose(rows, by_hand, atol=1e-5)


def test_other_weights_or_prompts_are_another_model(bare, tmp_path):
    from transformers import BertModel

    from knowledge.embed.hub import Hub

    place = tmp_path / "model"
    names = [Hub.open(str(saved(bare, place, prompts))).name for prompts in ({}, PROMPTS, {})]
    weights = BertModel.from_pretrained(place)
    weights.encoder.layer[1].output.dense.bias.data += 0.1
    weights.save_pretrained(place)
    names.append(Hub.open(str(place)).name)
    assert names[0] == names[2]
    assert len(set(names)) == 3


def test_other_vectors_are_another_table(folder, tmp_path):
    shape = (1500, 32)
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    names = set()
    for place in (None, 0, -1):
        table = np.ones(shape, np.float16)
        if place is not None:
            table[place, place] = 2
        save_file({TABLE: table}, tmp_path / "model.safetensors")
        names.add(Static.open(tmp_path).name)
    assert len(names) == 3


@pytest.mark.parametrize("language", ["ta", "th", "hu"])
def test_training_brings_translations_together(folder, language):
    model = Static.open(folder)
    found = (model.encode_query(says(language)) @ model.encode_document(says("en")).T).argmax(axis=1)
    assert np.mean(found == np.arange(len(found))) >= 0.9


def test_a_stopped_training_goes_on_to_the_same_model(corpus, folder, tmp_path):
    from knowledge.embed import train

    def stop(what, done, total):
        if what.startswith("training") and done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train.train(corpus, tmp_path / "m", train.QUICK, progress=stop)
    told = []
    train.train(corpus, tmp_path / "m", train.QUICK, progress=lambda *report: told.append(report[1]))
    assert told[0] > train.QUICK.steps // 3
    assert (tmp_path / "m" / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    assert (tmp_path / "m" / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()


def test_a_row_is_the_same_however_often_it_is_read(folder):
    model, pieces = Static.open(folder), np.array([3, 1, 3, 2], np.int32)
    first = model.vectors(pieces)
    first[:] = 0  # what is handed out is the reader's own
    assert np.array_equal(model.vectors(pieces), Static.open(folder).vectors(pieces))
    assert model.vectors(pieces).any()


def test_no_training_text_is_refused(tmp_path):
    from knowledge.embed import train

    result = CliRunner().invoke(train.app, [str(tmp_path), "--out", str(tmp_path / "m"), "--quick"])
    assert result.exit_code == 1
    assert "parallel" in result.output


def test_the_gradient_of_the_sums_is_that_of_autograd():
    import torch
    import torch.nn.functional as F  # noqa: N812

    from knowledge.embed import train

    left, right = (F.normalize(torch.randn(6, 8, generator=torch.Generator().manual_seed(n))) for n in (0, 1))
    loss, pull = train._contrast(left, right)
    left.requires_grad_(), right.requires_grad_()
    scores, own = left @ right.T / train.TEMPERATURE, torch.arange(6)
    direct = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
    direct.backward()
    assert loss == pytest.approx(direct.item(), rel=1e-5)
    # Each direction has its weight whole in the gradient, and the loss that is shown is their mean.
    torch.testing.assert_close(pull, 2 * torch.cat([left.grad, right.grad]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_of_comparing_pieces_is_that_of_autograd(seed):
    import torch
    import torch.nn.functional as F  # noqa: N812

    from knowledge.embed import train

    rng, draw = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    vectors = torch.randn(30, 8, generator=draw)
    asked, given = np.full((2, 5, 6), -1)
    for row in (*asked, *given):
        length = rng.integers(1, 7)
        row[:length] = rng.integers(0, 30, length)
    units, lengths = F.normalize(vectors), vectors.norm(dim=1)
    turn, stretch = train._match(units, lengths, asked, given)

    units.requires_grad_(), lengths.requires_grad_()

    def fit(question, passage):
        ours, theirs = (torch.from_numpy(row[row >= 0]) for row in (question, passage))
        best = (units[ours] @ units[theirs].T).amax(dim=1)
        return (best * lengths[ours]).sum() / lengths[ours].sum()

    scores = torch.stack([torch.stack([fit(question, passage) for passage in given]) for question in asked])
    loss = train.MATCHED * F.cross_entropy(scores / train.TEMPERATURE, torch.arange(5))
    loss.backward()
    assert turn.abs().max() > 0.01
    torch.testing.assert_close(turn, units.grad, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(stretch, lengths.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("which", ["folder", "shipped"])
def test_sentence_transformers_gives_the_same_vectors(which, folder):
    from sentence_transformers import SentenceTransformer

    place = {"folder": folder, "shipped": SHIPPED}[which]
    texts = [text for pair in SHARED for text in pair] + ["", "☃", "१२३ ௧௨ 12", says("th")[0] * 40]
    ours = Static.open(place)
    theirs = SentenceTransformer(str(place), device="cpu").encode(texts).astype(np.float32)
    for rows in (ours.encode_query(texts), ours.encode_document(texts)):
        np.testing.assert_allclose(rows, np.nan_to_num(theirs), atol=1e-3)  # in half precision it divides 0 by 0


def test_a_text_of_unknown_signs_is_zero(folder):
    rows = Static.open(folder).encode_query(["Hol van a doboz?", "", "☃☃", "ᚠᚢᚦ"])
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 0], atol=1e-6)


def test_a_text_is_the_sum_of_its_pieces(folder):
    model = Static.open(folder)
    assert isinstance(model, Subwords)
    texts = ["புத்தகம் எங்கே?", "☃ หนังสืออยู่ที่ไหน", "☃"]
    pieces = model.pieces(texts)
    assert [found.dtype for found in pieces] == [np.int32] * 3
    assert [0 in found for found in pieces] == [False] * 3
    assert [len(found) > 0 for found in pieces] == [True, True, False]
    for row, found in zip(model.encode_document(texts)[:2], pieces, strict=False):
        total = model.vectors(found).sum(axis=0)
        np.testing.assert_allclose(row, total / np.linalg.norm(total), atol=1e-6)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ऑर्डर १२३", "ऑर्डर 123"),
        ("WiFi เสีย", "wifi เสีย"),
        ("ＷＩＦＩ", "wifi"),
        ("كِتَاب ٤٥", "كتاب 45"),
        ("csomag-szám", "csomag szám"),
    ],
)
def test_spellings_of_one_text_are_one(shipped, one, other):
    left, right = shipped.pieces([one, other])
    assert len(left)
    assert left.tolist() == right.tolist()


def test_a_question_finds_its_translation(shipped):
    scores = shipped.encode_query([ask for ask, _ in SHARED]) @ shipped.encode_document([said for _, said in SHARED]).T
    assert scores.argmax(axis=1).tolist() == list(range(len(SHARED)))


def test_the_shipped_folder_is_small_and_in_half_precision(shipped):
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 40_000_000
    assert open_embedder("static").name == shipped.name
    assert shipped.name.startswith("static@")
    assert json.loads((SHIPPED / "modules.json").read_text(encoding="utf-8"))[0]["type"].endswith("StaticEmbedding")


def test_reading_needs_no_torch(folder):
    code = (
        f"import sys; from knowledge.embed import open_embedder; open_embedder('static:{folder}').encode_query(['வணக்கம்'])"
        "; print('torch' in sys.modules, 'transformers' in sys.modules, 'langchain_core' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert loaded.split() == ["False", "False", "False"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b""),
        ("model.safetensors", b"no table"),
        ("model.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
        ("model.safetensors", b"\x02\0\0\0\0\0\0\0[]"),
        ("tokenizer.json", b"no tokenizer"),
        ("tokenizer.json", b"{}"),
    ],
)
def test_a_folder_without_a_model_is_refused(name, content, folder, tmp_path):
    for file in ("model.safetensors", "tokenizer.json"):
        (tmp_path / file).write_bytes((folder / file).read_bytes())
    Static.open(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EmbedderRefused, match=tmp_path.name):
        Static.open(tmp_path)


def test_a_table_cut_off_too_short_or_in_another_precision_is_refused(folder, tmp_path):
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    table = tmp_path / "model.safetensors"
    table.write_bytes((folder / "model.safetensors").read_bytes()[:-2])
    with pytest.raises(EmbedderRefused):
        Static.open(tmp_path)
    for shape, precision in (((3000, 32), np.float32), ((100, 32), np.float16), ((3000,), np.float16)):
        save_file({TABLE: np.ones(shape, precision)}, table)
        with pytest.raises(EmbedderRefused):
            Static.open(tmp_path)
    save_file({TABLE: np.ones((3000, 32), np.float16)}, table)
    assert Static.open(tmp_path).dimension == 32
