"""Finding: a question in, the passages that may answer it out, best first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.chance import Chances, above, drawn, levels, usual
from knowledge.documents import Document, Hit, Passage
from knowledge.embed import Embedder, Subwords
from knowledge.embed.vectors import unit
from knowledge.index import Index, Lexical, Vocabulary, current, echoes, read
from knowledge.language import Detected, detect, script_of
from knowledge.rank import FOREIGN, Candidates, Floats, doubted, fuse, regime, standard
from knowledge.sound import BRIEF, keys, runs, sounds
from knowledge.text import HEAD, about, framed, tokens, weighed, words

PROPOSED = 60
"""Passages that each signal proposes."""
LAPS = 64
"""Stretches of all passages, laid over each other, of which the peaks are seen."""
Ranking = dict[int, tuple[float, dict[str, float]]]
"""Passages by number: fused score and signals."""
SUPPORT = ("coverage", "sounding", "fit")
"""By what a text is held against a sentence, where nothing else is asked for."""
STRANGE = 4
"""Pieces of a word that is looked for by its sound as much as can be."""
SECOND = 0.5
"""How much a second reading of what was heard counts, against the first."""


class Retriever:
    """Searches an index, and follows it: what was indexed a moment ago is found at the next question."""

    def __init__(self, folder: Path | None, index: Index, embedder: Embedder) -> None:
        self._folder = folder
        self._opened = (index, embedder)  # changed as one, as others search meanwhile
        self._reading = Lock()

    @classmethod
    def open(cls, folder: Path, embedder: Embedder | None = None) -> Retriever:
        """The retriever over an index folder. Raises IndexMissing, IndexBroken and EmbedderMismatch."""
        index = read(folder)
        return cls(folder, index, index.manifest.open_embedder(embedder))

    @property
    def _index(self) -> Index:
        return self._opened[0]

    @property
    def _embedder(self) -> Embedder:
        return self._opened[1]

    def __len__(self) -> int:
        """The number of passages."""
        return len(self._index.passages)

    def snapshot(self) -> Retriever:
        """A retriever that stays with the newest state: what one reply finds and quotes must be of one state."""
        return Retriever(None, *self._fresh())

    def document(self, id: str) -> Document:
        """The document of that id. Raises KeyError."""
        return self._index.documents[id]

    @property
    def documents(self) -> Sequence[Document]:
        """All documents, in the order of the index."""
        return tuple(self._fresh()[0].documents.values())

    @property
    def passages(self) -> Sequence[Passage]:
        """All passages, in the order of the index."""
        return self._fresh()[0].passages

    @property
    def files(self) -> Mapping[str, tuple[str, ...]]:
        """The files that were indexed, by their paths, and the documents of each."""
        return {path: file.documents for path, file in self._fresh()[0].files.items()}

    def tongue(self, script: str | None = None) -> str:
        """The language (a tag) of all passages, or of those in languages of a script (ISO 15924); `und` where they are
        several.
        """
        tags = [tag for tag in self._fresh()[0].tongues[0] if script is None or script_of(tag) == script]
        return tags[0] if len(tags) == 1 else "und"

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the passages hold."""
        return self._fresh()[0].vocabulary

    def candidates(
        self, question: str, language: Detected | None = None, sure: Mapping[str, float] | None = None
    ) -> Candidates:
        """The passages that any signal proposes, with the evidence of all signals for each.

        `language` is the question's, where the caller knows better than its words tell; `sure` makes it one that was
        heard, see `search`.
        """
        index, embedder = self._fresh()
        asked: Mapping[str, float] = weighed(question, sure or {})
        spoken = language or detect(question)
        counted: Mapping[str, float] = sure or {}
        if sure is None and spoken.romanised:
            counted = framed(question)
        elif sure is None and isinstance(embedder, Subwords):
            counted = _strangeness(question, embedder)
        heard = _sounding(question, counted, brief=spoken.romanised)
        named = _named(question) if spoken.romanised else {}
        scores = {"words": index.words.scores(asked), "sound": index.sound.scores(heard) + index.words.scores(named)}
        vector = embedder.encode_query([question])[0]
        near = index.vectors.nearest(vector, PROPOSED)
        proposed = np.unique(np.concatenate([near, *(_top(found) for found in scores.values())]))
        tags, tongues = index.tongues
        own = tongues[proposed]
        regimes = np.array([regime(spoken, tag) for tag in tags], dtype=np.int_)[own]
        abroad = np.isin(regimes, FOREIGN)
        standings = {name: standard(found, proposed) for name, found in scores.items()}
        scores = {name: found[proposed] for name, found in scores.items()}
        scores["meaning"], standings["meaning"] = index.vectors.standing(vector, proposed)
        held = {"coverage": _held(proposed, (index.words, asked))}
        held["sounding"] = _held(proposed, (index.sound, heard), (index.words, named))
        held["likeness"] = held["opening"] = scores["meaning"]
        if isinstance(embedder, Subwords):
            pieces = embedder.pieces([question])[0]
            scores["fit"], held["likeness"], held["opening"] = index.vectors.fit(pieces, proposed, embedder)
            standings["fit"] = standard(scores["fit"])
            standings["opening"] = np.zeros(len(proposed), dtype=np.float32)
            if not spoken.romanised:  # which the table was never taught to read
                standings["opening"][abroad] = standard(held["opening"][abroad])
        if sure is not None:
            echoed = echoes(words(question), sure, index.vocabulary, index.words, proposed)
            echoed["run"] = _held(proposed, (index.runs, dict.fromkeys(runs(question), 1.0)))
            scores |= echoed
            standings |= {name: standard(found) for name, found in echoed.items()}
            standings["coverage"] = standard(held["coverage"])
        held |= above(levels(scores["words"], held["likeness"], scores["meaning"]), tags, own, index.chances)
        standings["length"] = index.lengths[proposed]
        standings["regime"] = np.ones(len(proposed), dtype=np.float32)
        standings["sound"] = np.where(abroad, doubted(standings["sound"], held["sounding"]), standings["sound"])
        return Candidates(len(index.passages), proposed, scores, standings, regimes, held)

    def chances(self) -> Chances:
        """What the signals of the best passage are by chance, in each language; as many searches as `drawn` has
        sentences.
        """
        passages = self._index.passages
        seen: dict[str, dict[str, list[float]]] = {}
        for source, sentence in drawn(passages):
            found = self.candidates(sentence)
            others = [
                place
                for place, other in enumerate(passages[number] for number in found.passages)
                if other.language == source.language and other.document != source.document
            ]
            if others:
                best = max(others, key=fuse(found).__getitem__)
                told = levels(found.scores["words"], found.held["likeness"], found.scores["meaning"])
                for name, values in told.items():
                    seen.setdefault(source.language, {}).setdefault(name, []).append(float(values[best]))
        return {language: usual(signals) for language, signals in seen.items()}

    def documents_of(self, passages: NDArray[np.int_]) -> tuple[str, ...]:
        """The document of each of the passages, which are given by their numbers."""
        return tuple(self._index.passages[number].document for number in passages)

    def search(
        self,
        question: str,
        k: int = 10,
        *,
        sure: Mapping[str, float] | None = None,
        alternatives: Sequence[str] = (),
        fallback: str = "und",
    ) -> list[Hit]:
        """The k passages that fit the question best; none where it says nothing that any signal knows.

        `sure` says of a question that was heard, not written, how probably each word (in normal form) is right; of a
        word that it does not name nothing is known. Such a question is also looked for by words that sound like it.
        `alternatives` are what it may have been as well, best first: each counts half of the one before it. `fallback`
        is its language (a tag) where its words do not tell.

        Signals of a hit: the raw scores of `words`, `sound`, `meaning` and `fit`; `coverage` and `sounding`, the shares
        of the question's inverse document frequency that it holds, by word and by sound; `likeness`, how well the
        question's pieces find their like in it, and `opening`, how much of what it begins with they say (both the
        cosine for an embedder that knows no pieces); `strong`, `alike` and `near`, how many standard deviations words,
        likeness and meaning are above chance, and `evenness`, how little chance varies here, 1 as in most knowledge;
        `regime`, its place in REGIMES.
        """
        here = self.snapshot()
        passages = here._index.passages
        found = here.candidates(question, detect(question, fallback), sure)
        ranked = _ranking(found, None if alternatives else k)
        if alternatives:
            known = {} if sure is None else sure
            others = (here.candidates(reading, detect(reading, fallback), known) for reading in alternatives)
            ranked = _together([ranked, *map(_ranking, others)])
        best = sorted(ranked, key=lambda number: -ranked[number][0])[:k]
        return [Hit(passages[number], *ranked[number]) for number in best]

    def coverage(self, question: str, texts: Sequence[str]) -> list[float]:
        """For each text, the share of the question's inverse document frequency that stands in it."""
        distinct = list(dict.fromkeys(tokens(question)))
        return _share(_standing(distinct, map(_tokens, texts)), self._index.words.mass(distinct))

    def holds(self, head: str) -> bool:
        """Whether any passage is about what a head of the thesaurus names."""
        return f"={head}" in self._fresh()[0].words

    def rarity(self, asked: Sequence[str]) -> list[float]:
        """How rare each word (in normal form) is in the knowledge; what nobody wrote is rarest."""
        return [float(mass) for mass in self._index.words.mass(asked)]

    def support(
        self, sentence: str, texts: Sequence[str], signals: Sequence[str] = SUPPORT
    ) -> list[Mapping[str, float]]:
        """How much of what a sentence says stands in each text, 0 to 1, by the signals that are asked for.

        `coverage` and `sounding` are the shares of the sentence's rarity that the text holds, by word and by sound;
        `telling` is its coverage where what stands in all of the texts hardly counts: it tells none from another;
        `fit` is how well its pieces find their like anywhere in the text; for an embedder that knows no subwords, the
        cosine of the two.
        """
        told = {"coverage": self.coverage, "sounding": self._sounding, "telling": self._telling, "fit": self._likeness}
        columns = [told[signal](sentence, texts) for signal in signals]
        return [dict(zip(signals, row, strict=True)) for row in zip(*columns, strict=True)]

    def _telling(self, question: str, texts: Sequence[str]) -> list[float]:
        """A token weighs by its rarity in the knowledge times its rarity among the texts."""
        asked = weighed(question)
        held = _standing(list(asked), map(_tokens, texts))
        among = held.sum(axis=0)
        rare = np.log1p((len(texts) - among + 0.5) / (among + 0.5))
        return _share(held, self._index.words.mass(asked) * np.fromiter(asked.values(), np.float32) * rare)

    def _sounding(self, sentence: str, texts: Sequence[str]) -> list[float]:
        romanised = detect(sentence).romanised
        heard = list(_sounding(sentence, {}, brief=romanised))
        named = list(_named(sentence)) if romanised else []
        held = [_standing(heard, map(_keys, texts)), _standing(named, map(_tokens, texts))]
        return _share(np.hstack(held), np.concatenate([self._index.sound.mass(heard), self._index.words.mass(named)]))

    def _likeness(self, sentence: str, texts: Sequence[str]) -> list[float]:
        embedder = self._embedder
        if not isinstance(embedder, Subwords):
            cosines: list[float] = (embedder.encode_document(texts) @ embedder.encode_query([sentence])[0]).tolist()
            return cosines
        asked, *given = (np.unique(pieces) for pieces in embedder.pieces([sentence, *texts]))
        ours = embedder.vectors(asked)
        weights = np.linalg.norm(ours, axis=1)
        if not texts or not weights.sum():
            return [0.0] * len(texts)
        likes = unit(ours) @ unit(embedder.vectors(np.concatenate(given))).T
        parts = np.split(likes, np.cumsum([len(pieces) for pieces in given])[:-1], axis=1)
        return [float(weights @ like.max(axis=1) / weights.sum()) if like.size else 0.0 for like in parts]

    def _fresh(self) -> tuple[Index, Embedder]:
        opened, folder = self._opened, self._folder
        if folder is not None and current(folder) != opened[0].manifest and self._reading.acquire(blocking=False):
            try:  # one reads; all others go on with the state that they have
                index, embedder = read(folder), opened[1]
                if index.manifest.embedder != embedder.name:
                    embedder = index.manifest.open_embedder()
                self._opened = opened = (index, embedder)
            finally:
                self._reading.release()
        return opened


# An answer's sentences are all held against the same few texts.
@lru_cache(maxsize=512)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


@lru_cache(maxsize=512)
def _keys(text: str) -> frozenset[str]:
    return frozenset(keys(text))


def _ranking(found: Candidates, most: int | None = None) -> Ranking:
    """The candidates by their numbers, or the best of them, each with its fused score and its signals."""
    fused = fuse(found)
    best = np.argsort(-fused, kind="stable")[:most]
    signals: dict[str, NDArray[Any]] = {**found.scores, **found.held, "regime": found.regimes}
    names, columns = list(signals), zip(*(values[best].tolist() for values in signals.values()), strict=True)
    told = (dict(zip(names, map(float, values), strict=True)) for values in columns)
    return dict(zip(found.passages[best].tolist(), zip(fused[best].tolist(), told, strict=True), strict=True))


def _together(rankings: Sequence[Ranking]) -> Ranking:
    """The rankings of several readings of one question as one; signals are those of the reading that fits best.

    What a reading does not propose, it puts last.
    """
    shares = [SECOND**place for place in range(len(rankings))]
    last = [min((score for score, _ in ranking.values()), default=0.0) for ranking in rankings]
    merged = {}
    for number in dict.fromkeys(number for ranking in rankings for number in ranking):
        found = [ranking.get(number) for ranking in rankings]
        scores = [each[0] if each else least for each, least in zip(found, last, strict=True)]
        total = sum(share * score for share, score in zip(shares, scores, strict=True)) / sum(shares)
        merged[number] = (total, max((each for each in found if each), key=lambda each: each[0])[1])
    return merged


def _strangeness(question: str, table: Subwords) -> dict[str, float]:
    """How much the sound of each word (in normal form) tells, 0 to 1: what falls into many pieces is a name.

    What is a piece or two has a meaning, which finds its like in another language better.
    """
    asked = words(question)
    held = map(len, table.pieces(asked))
    return {word: min(1.0, (count or STRANGE) / STRANGE) for word, count in zip(asked, held, strict=True)}


def _sounding(question: str, counted: Mapping[str, float], *, brief: bool) -> dict[str, float]:
    """The tokens of sound, `brief` ones too, and how much each counts; 1 in a word of which nothing is said."""
    found: dict[str, float] = {}
    for word in words(question):
        for token in sounds(word):
            if token.startswith(BRIEF) and not brief:
                continue
            found[token] = found.get(token, 0.0) + counted.get(word, 1.0)
    return found


def _named(question: str) -> dict[str, float]:
    """The tokens of what a question is about, which are the same in every script: "tholanju" meets தொலைந்த by them."""
    return {f"={head}": HEAD for head in sorted(about(question))}


def _top(scores: Floats) -> NDArray[np.int_]:
    """The passages that a signal proposes: its best, none without a score."""
    lap = len(scores) // LAPS
    # At least as many passages as are proposed reach the last of so many peaks: what is below it need not be sorted.
    peaks = scores[: lap * LAPS].reshape(LAPS, lap).max(axis=0)
    floor = np.partition(peaks, -PROPOSED)[-PROPOSED] if lap >= PROPOSED else 0.0
    best = np.flatnonzero((scores > 0) & (scores >= floor))
    return best[np.argpartition(-scores[best], PROPOSED)[:PROPOSED]] if len(best) > PROPOSED else best


def _standing(asked: Sequence[str], texts: Iterable[Iterable[str]]) -> NDArray[np.bool_]:
    """Which of what was asked (columns) stands in which text (rows)."""
    given = list(texts)
    return np.array([[token in own for token in asked] for own in given], np.bool_).reshape(len(given), len(asked))


def _share(held: NDArray[np.bool_], mass: Floats) -> list[float]:
    """The share of the mass that each text holds."""
    shares: list[float] = (held @ mass / (mass.sum() or 1.0)).tolist()
    return shares


def _held(passages: NDArray[np.int_], *asked: tuple[Lexical, Mapping[str, float]]) -> Floats:
    """For each passage, the share of the rarity of what was asked, of each index, that it holds."""
    masses = [lexical.mass(tokens) for lexical, tokens in asked]
    held = [mass @ lexical.holds(tokens, passages) for mass, (lexical, tokens) in zip(masses, asked, strict=True)]
    share: Floats = np.sum(held, axis=0) / (sum(float(mass.sum()) for mass in masses) or 1.0)
    return share
