"""Floors: what a build must reach, language by language, before it may go out.

A TOML file of languages (or `overall`), metrics and values; for a metric of which less is better, a ceiling:

    [ta]
    "recall@1" = 0.8
    milliseconds_p95 = 400
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval import EvaluationError
from eval.metrics import METRICS

Floors = Mapping[str, Mapping[str, float]]


class FloorsError(EvaluationError):
    """A file of floors cannot be read; the text says what to mend."""


def load(file: Path) -> Floors:
    """Read and check a file of floors. Raises FloorsError."""
    try:
        floors = tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        raise FloorsError(f"{file} cannot be read ({error.strerror}): name a TOML file of floors.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FloorsError(f"{file} is no valid TOML: {error}.") from error
    for language, limits in floors.items():
        if not isinstance(limits, dict):
            raise FloorsError(f"{file}: {language} must be a table such as [{language}] with metrics in it.")
        for name, limit in limits.items():
            if name not in METRICS:
                raise FloorsError(f"{file}: [{language}] {name!r} is no metric; known are {', '.join(METRICS)}.")
            if isinstance(limit, bool) or not isinstance(limit, int | float):
                raise FloorsError(f"{file}: [{language}] {name} must be a number, and is {limit!r}.")
    return floors


def missed(metrics: Mapping[str, Any], floors: Floors) -> list[str]:
    """A sentence for each floor that a run did not reach; a figure that the run does not have is not reached."""
    figures = {"overall": metrics["overall"], **metrics["languages"]}
    sentences = []
    for language, name, limit in ((tag, *each) for tag, limits in floors.items() for each in limits.items()):
        value = figures.get(language, {}).get(name, {}).get("value")
        if value is None:
            sentences.append(f"{language}: {name} was not measured, and its floor is {limit:g}.")
        elif METRICS[name].better == "higher" and value < limit:
            sentences.append(f"{language}: {name} is {value:.4g}, below its floor of {limit:g}.")
        elif METRICS[name].better == "lower" and value > limit:
            sentences.append(f"{language}: {name} is {value:.4g}, above its ceiling of {limit:g}.")
    return sentences
