"""What an operator may set in place of a threshold: of what is answered, so many may be wrong at most.

Each language has a threshold of its own where its questions were tested; the others have that of all together. They
stand in the calibration file, and docs/confidence.md says how they are found and what they promise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

POOLED = "pooled"
"""All languages together: what holds of a language that was not tested by itself."""
NEVER = math.inf
"""The threshold of a language in which nothing can be promised, so that nothing is answered at once."""


class RiskRefused(Exception):
    """Nothing that the calibration promises is so safe; the text says what it does promise."""


@dataclass(frozen=True, slots=True)
class Risks:
    """What was tested: language (or POOLED) -> risk -> the threshold that keeps it, none where none does."""

    tested: Mapping[str, Mapping[float, float]] = field(default_factory=dict)

    def thresholds(self, risk: float) -> dict[str, float]:
        """The threshold of each language for a risk (0 to 1), or for the nearest below it that was tested.

        Raises RiskRefused where no language has any.
        """
        held = {
            language: min((threshold for tested, threshold in kept.items() if tested <= risk), default=NEVER)
            for language, kept in {POOLED: {}, **self.tested}.items()
        }
        if min(held.values()) == NEVER:
            least = min((tested for kept in self.tested.values() for tested in kept), default=None)
            known = (
                "it promises nothing"
                if least is None
                else f"the least it promises is {100 * least:g} %: --risk {least}"
            )
            raise RiskRefused(
                f"This calibration cannot promise that at most {100 * risk:g} % of the answers are wrong ({known}). "
                "Calibrate on more of your own questions with `python -m eval calibrate`."
            )
        return held


def unpromised(thresholds: Mapping[str, float]) -> str:
    """A sentence about the languages in which nothing is answered; empty where there are none."""
    silent = [tag for tag, threshold in thresholds.items() if threshold == NEVER and tag != POOLED]
    others = ["every language that is not in the calibration"] if thresholds[POOLED] == NEVER else []
    if not (named := [*silent, *others]):
        return ""
    return f"This cannot be promised in {', '.join(named)}: there, the assistant only asks back or calls a person."
