"""Does a message need the knowledge at all? (Knowledge-seeking turn detection, Kim et al. 2020, arXiv:2006.03533.)

A logistic model over what the message means, by the embedder that we ship, and how it is written. As one table holds
all languages, what is learned in one holds in the others. Its numbers stand in `needs.toml` (`python -m eval needs`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import regex
from numpy.typing import NDArray

from assistant.phrases import holds, languages
from knowledge import LANGUAGES, base, detect, open_embedder
from knowledge.text import about

Floats = NDArray[np.float64]
SHIPPED = Path(__file__).with_name("needs.toml")
FORM = ("mark", "asking", "acting", "code", "number", "length")
"""How a message is written: a question mark, a word that asks, one that orders or tells, a code such as E4, a bare
number, its length."""
OPENING = 2
"""Words at the beginning of a message; what begins by asking asks, even if it says "I need" further on."""
_MARK = regex.compile(r"[?？؟]")
_CODE = regex.compile(r"(?<![\p{L}\p{N}])\p{L}{1,3}-?\p{N}+(?![\p{L}\p{N}])")
_NUMBER = regex.compile(r"(?<![\p{L}\p{N}-])\p{N}")
_LENGTH = 4.0
"""What the logarithm of the number of characters is divided by, to be about 1."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The model's numbers: `meaning` weighs the dimensions of `embedder`, `form` what FORM lists."""

    embedder: str
    threshold: float
    intercept: float
    form: Floats
    meaning: Floats

    @classmethod
    def load(cls, path: Path = SHIPPED) -> Needs:
        """Read a file of numbers as `python -m eval needs` writes it."""
        numbers = tomllib.loads(path.read_text(encoding="utf-8"))
        form = np.array([numbers["form"][name] for name in FORM])
        meaning = np.array(numbers["meaning"]["weights"])
        return cls(numbers["embedder"], numbers["threshold"], numbers["intercept"], form, meaning)

    def evidence(self, messages: Sequence[str]) -> Floats:
        """For each message the logarithm of the odds that it needs the knowledge."""
        weighed: Floats = features(messages) @ np.concatenate([self.form, self.meaning]) + self.intercept
        return weighed


def needs_knowledge(message: str) -> bool:
    """Whether to search for a message. In doubt, and in scripts that the product does not write, yes: searching in vain
    costs less than passing a question over.
    """
    model = _shipped()
    written = {"Zyyy", *(LANGUAGES[base(tag)].script for tag in languages())}
    if detect(message).script not in written or holds("tell", message) or holds("price", message):
        return True
    # A short question of customer service says too little for the model.
    opens = holds("asking", " ".join(message.split()[:OPENING]))
    asks = holds("asking", message) and (opens or not holds("acting", message)) and bool(about(message))
    return asks or bool(model.evidence([message])[0] > model.threshold)


def acts(message: str) -> bool:
    """Whether a message that needs no knowledge wants something done or noted: it orders, or gives a number."""
    return holds("acting", message) or any(sign.isdigit() for sign in message)


def features(messages: Sequence[str]) -> Floats:
    """A row for each message: how it is written (FORM), then what it means."""
    form = [
        (
            bool(_MARK.search(message)),
            holds("asking", message),
            holds("acting", message),
            bool(_CODE.search(message)),
            bool(_NUMBER.search(message)),
            np.log1p(len(message)) / _LENGTH,
        )
        for message in messages
    ]
    meaning = open_embedder("static").encode_query(messages)
    return np.hstack([np.array(form, float).reshape(len(messages), len(FORM)), meaning])


@cache
def _shipped() -> Needs:
    return Needs.load()
