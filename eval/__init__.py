"""Evaluation: suites of questions, runs of them, their figures, and what changed between two."""
