"""A suite's questions in Latin letters: `python benchmarks/romanise.py SUITE LANGUAGE DATA --out FOLDER`.

DATA holds `<language>.tsv.xz` (source, native word, Latin spelling). A word that it does not hold is spelled by its
letters' Unicode names, an inherent `a` after each consonant that no vowel sign or virama follows.
"""

from __future__ import annotations

import json
import lzma
import random
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import regex
import typer
from anyascii import anyascii

WORD = regex.compile(r"[\p{L}\p{M}]+")
NAME = regex.compile(r"\w+ (VOWEL SIGN|SIGN|LETTER) (.+)")
VOWELS = {"AA": "a", "II": "i", "UU": "u", "EE": "e", "OO": "o", "VOCALIC R": "ri", "CANDRA E": "e", "CANDRA O": "o"}
CONSONANTS = {"c": "ch", "ch": "chh", "tt": "t", "tth": "th", "dd": "d", "ddh": "dh", "nn": "n", "ll": "l", "lll": "zh",
              "rr": "r", "nnn": "n", "ss": "sh", "ny": "n", "ng": "n"}  # fmt: skip


def main(
    suite: Annotated[Path, typer.Argument(help="The suite's folder.")],
    language: Annotated[str, typer.Argument(help="Of the cases.")],
    data: Annotated[Path, typer.Argument(help="The folder of spellings.")],
    out: Annotated[Path, typer.Option(help="The suite that is written; its documents are linked.")],
) -> None:
    (out / "cases").mkdir(parents=True, exist_ok=True)
    for name in ("suite.toml", "documents"):
        if not (out / name).exists():
            (out / name).symlink_to((suite / name).resolve())
    spellings, dice = read(data / f"{language}.tsv.xz"), random.Random(3)
    with (suite / "cases" / f"{language}.jsonl").open(encoding="utf-8") as lines:
        cases = [json.loads(line) for line in lines]
    with (out / "cases" / f"{language}-Latn.jsonl").open("w", encoding="utf-8") as lines:
        for case in cases:
            question = romanise(case["question"], language, spellings, dice)
            lines.write(json.dumps({**case, "question": question}, ensure_ascii=False) + "\n")


def read(path: Path) -> Mapping[str, Sequence[str]]:
    found = defaultdict(list)
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for _, word, spelling in (line.rstrip("\n").split("\t") for line in lines):
            found[word].append(spelling.lower())
    return found


def romanise(text: str, language: str, spellings: Mapping[str, Sequence[str]], dice: random.Random) -> str:
    def spelled(word: regex.Match[str]) -> str:
        return (
            word[0].lower() if word[0].isascii() else dice.choice(spellings.get(word[0]) or [spell(word[0], language)])
        )

    return WORD.sub(spelled, text).rstrip(" ?।")


def spell(word: str, language: str) -> str:
    letters, open_consonant = "", False
    for character in unicodedata.normalize("NFC", word):
        named = NAME.fullmatch(unicodedata.name(character, ""))
        if not named:
            letters, open_consonant = letters + anyascii(character).lower(), False
            continue
        kind, name = named.groups()
        vowel = VOWELS.get(name, name.lower())
        if name == "VIRAMA":
            open_consonant = False
        elif kind == "VOWEL SIGN":
            letters, open_consonant = letters + vowel, False
        elif name in ("ANUSVARA", "CANDRABINDU"):
            letters, open_consonant = letters + "a" * open_consonant + "n", False
        elif len(name) > 1 and name.endswith("A") and name != "AA":
            letters += "a" * open_consonant + CONSONANTS.get(name[:-1].lower(), name[:-1].lower())
            open_consonant = True
        elif name and name != "NUKTA":
            letters, open_consonant = letters + "a" * open_consonant + vowel, False
    return letters + "a" * (open_consonant and language != "hi")


if __name__ == "__main__":
    typer.run(main)
