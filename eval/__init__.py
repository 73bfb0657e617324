"""Evaluation: suites of questions, runs of them, their figures, and what changed between two."""

from __future__ import annotations


class EvaluationError(Exception):
    """Something cannot be evaluated; the text says why and what to do. `code` is the command's exit code."""

    code = 1
