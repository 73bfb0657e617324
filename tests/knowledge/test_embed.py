"""The embedder: trained for real on a small corpus, read without torch, and the model that we ship."""

import importlib
import json
import lzma
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from knowledge.embed import SHIPPED, Embedder
from knowledge.embed.static import ModelBroken, Static

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
def training():
    pytest.importorskip("torch", reason="training needs torch: pip install .[train]")
    return importlib.import_module("knowledge.embed.train")


@pytest.fixture(scope="module")
def folder(training, corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "trained"
    result = CliRunner().invoke(training.app, [str(corpus), "--out", str(folder), "--quick"])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def shipped():
    return Static.open(SHIPPED)


@pytest.mark.parametrize("language", ["ta", "th", "hu"])
def test_training_brings_translations_together(folder, language):
    model = Static.open(folder)
    found = (model.encode(says(language)) @ model.encode(says("en")).T).argmax(axis=1)
    assert np.mean(found == np.arange(len(found))) >= 0.9


def test_a_stopped_training_goes_on_to_the_same_model(training, corpus, folder, tmp_path):
    def stop(what, done, total):
        if what.startswith("training") and done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(corpus, tmp_path / "m", training.QUICK, progress=stop)
    told = []
    training.train(corpus, tmp_path / "m", training.QUICK, progress=lambda *report: told.append(report[1]))
    assert told[0] > training.QUICK.steps // 3
    assert (tmp_path / "m" / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    assert (tmp_path / "m" / "tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()


def test_no_training_text_is_refused(training, tmp_path):
    result = CliRunner().invoke(training.app, [str(tmp_path), "--out", str(tmp_path / "m"), "--quick"])
    assert result.exit_code == 1
    assert "parallel" in result.output


@pytest.mark.parametrize("which", ["folder", "shipped"])
def test_sentence_transformers_gives_the_same_vectors(which, folder):
    judge = pytest.importorskip("sentence_transformers", reason="the judge is missing: pip install .[train]")
    place = {"folder": folder, "shipped": SHIPPED}[which]
    texts = [text for pair in SHARED for text in pair] + ["", "☃", "१२३ ௧௨ 12", says("th")[0] * 40]
    ours = Static.open(place).encode(texts)
    theirs = judge.SentenceTransformer(str(place), device="cpu").encode(texts).astype(np.float32)
    np.testing.assert_allclose(ours, np.nan_to_num(theirs), atol=1e-3)  # in half precision it divides 0 by 0


def test_vectors_have_length_one_or_zero(shipped: Embedder):
    rows = shipped.encode(["Hol van a csomagom?", "", "☃☃", "ᚠᚢᚦ"])
    assert rows.dtype == np.float32
    assert rows.shape == (4, shipped.dimension)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 0, 0], atol=1e-6)
    assert shipped.encode([]).shape == (0, shipped.dimension)


def test_a_text_is_the_sum_of_its_pieces(shipped):
    text = "எனது ஆர்டர் எங்கே உள்ளது?"
    total = shipped.vectors(shipped.pieces(text)).sum(axis=0)
    np.testing.assert_allclose(shipped.encode([text])[0], total / np.linalg.norm(total), atol=1e-6)


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
    assert shipped.pieces(one).tolist() == shipped.pieces(other).tolist()


def test_a_question_finds_its_translation(shipped):
    scores = shipped.encode([ask for ask, _ in SHARED]) @ shipped.encode([said for _, said in SHARED]).T
    assert scores.argmax(axis=1).tolist() == list(range(len(SHARED)))


def test_the_shipped_folder_is_small_and_in_half_precision(shipped):
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 38_000_000
    assert shipped.vectors(shipped.pieces("szia")).dtype == np.float32
    assert json.loads((SHIPPED / "modules.json").read_text(encoding="utf-8"))[0]["type"].endswith("StaticEmbedding")


def test_reading_needs_no_torch():
    code = (
        "import sys; from knowledge.embed import SHIPPED; from knowledge.embed.static import Static; "
        "Static.open(SHIPPED).encode(['வணக்கம்']); print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert loaded.split() == ["False", "False"]


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelBroken, match=tmp_path.name):
        Static.open(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"no table")
    with pytest.raises(ModelBroken):
        Static.open(tmp_path)
