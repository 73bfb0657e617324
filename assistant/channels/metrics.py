"""What is counted while the server runs, for Prometheus; nothing of a customer ever stands in a label."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from assistant.assistant import Assistant
from assistant.desk import Desk
from assistant.phrases import languages
from assistant.reply import Reason, Reply

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each was first counted: nobody asks
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)
"""Seconds; a model has twenty."""

REPLIES = Counter(
    "sevai_replies", "Replies, by what was done and in which language.", ["action", "language"], registry=None
)
HANDOFFS = Counter("sevai_handoffs", "Calls for a person, by their reason.", ["reason"], registry=None)
SECONDS = Histogram("sevai_reply_seconds", "Seconds until a reply was made.", buckets=BUCKETS, registry=None)


def count(reply: Reply, seconds: float) -> None:
    """Count a reply that took so long."""
    language = reply.language if reply.language in languages() else "other"
    REPLIES.labels(reply.action, language).inc()
    SECONDS.observe(seconds)
    if reply.handoff:
        handed_over(reply.handoff.reason)


def handed_over(reason: Reason) -> None:
    """Count a call for a person."""
    HANDOFFS.labels(reason).inc()


class Gauges(Collector):
    """What is looked up when it is asked for: who waits, what is known, and how often the model failed."""

    def __init__(self, assistant: Assistant, desk: Desk) -> None:
        self._assistant, self._desk = assistant, desk

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """The present figures."""
        waiting = GaugeMetricFamily("sevai_queue", "Conversations that wait for a person.", labels=["reason"])
        for reason, number in self._waiting().items():
            waiting.add_metric([reason], number)
        yield waiting
        yield GaugeMetricFamily("sevai_passages", "Passages that are known.", value=len(self._assistant.retriever))
        failures = self._assistant.failures
        yield CounterMetricFamily("sevai_model_failures", "Times that the chat model gave no answer.", value=failures)

    def _waiting(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for (_, reason), number in self._desk.counts().items():
            counted[reason] = counted.get(reason, 0) + number
        return counted


def exposed(assistant: Assistant, desk: Desk) -> CollectorRegistry:
    """All that is counted, of one server."""
    registry = CollectorRegistry()
    for each in (REPLIES, HANDOFFS, SECONDS, Gauges(assistant, desk)):
        registry.register(each)
    return registry
