"""Where the documents that answer the case stand in the ranking; as trec_eval defines these measures.

Any document of a case answers it, so one of them in the first k is enough for `recall@k` (trec_eval's success, and the
recall@k of open-domain question answering: Karpukhin et al. 2020); the others weigh in `ndcg@10`.

They apply where the case has gold and the target tells its ranking; an empty ranking found nothing and scores 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log2

from eval.metrics.metric import Metric, Score, Texts
from eval.outcomes import Outcome

DEPTH = 10


def recall(k: int) -> Callable[[Sequence[bool], int], float]:
    """1 where one of the first k documents answers the case."""
    return lambda found, _: float(any(found[:k]))


def ndcg(found: Sequence[bool], gold: int) -> float:
    """Discounted gain of the first 10, over that of the best ranking there is (Järvelin and Kekäläinen 2002)."""
    best = sum(1 / log2(place + 2) for place in range(min(gold, DEPTH)))
    return sum(1 / log2(place + 2) for place, hit in enumerate(found[:DEPTH]) if hit) / best


def mrr(found: Sequence[bool], _: int) -> float:
    """One over the place of the first gold document; 0 behind place 10."""
    return next((1 / place for place, hit in enumerate(found[:DEPTH], 1) if hit), 0.0)


def _ranked(measure: Callable[[Sequence[bool], int], float]) -> Callable[[Outcome, Texts | None], Score]:
    def score(outcome: Outcome, _: Texts | None) -> Score:
        gold = set(outcome.case.documents)
        if not gold or outcome.hits is None:
            return None
        return measure([document in gold for document in outcome.hits], len(gold))

    return score


METRICS = (
    Metric("recall@1", "The right document was found first", _ranked(recall(1))),
    Metric("recall@10", "The right document was among the first ten", _ranked(recall(10))),
    Metric("ndcg@10", "How high the right document stood among the first ten", _ranked(ndcg)),
    Metric("mrr@10", "One over the place of the right document", _ranked(mrr)),
)
