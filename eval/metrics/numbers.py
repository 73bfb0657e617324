"""Numbers, dates, amounts and codes in running text of any script, in one form."""

from __future__ import annotations

import regex

from knowledge.text import normalise

# 1,190 · 1,00,000 · 1.190 · 1 190 · 1'190: separators between groups of digits, which say nothing.
_GROUPED = regex.compile(r"(?<![\d.,])\d{1,3}(?:(?:,\d{2})*,\d{3}|(?:,\d{3})+|(?:\.\d{3})+|(?:[ '’]\d{3})+)(?!\d)")
_DECIMAL_COMMA = regex.compile(r"(?<=\d),(?=\d)")
# A code is Latin letters with a digit behind (E4, A515F); letters behind a number are its unit or its ending.
_FACT = regex.compile(r"(?P<code>(?<![\p{L}\p{N}])[a-z]+\d[a-z0-9]*)|(?P<number>\d+(?:\.\d+)*)")


def plain(text: str) -> str:
    """The text in normal form with numbers written one way: 1190.5 for 1,190.5 and 1 190,5, and ASCII for ௧௧௯௦."""
    joined = _GROUPED.sub(lambda number: regex.sub(r"\D", "", number[0]), normalise(text))
    return _DECIMAL_COMMA.sub(".", joined)


def facts(text: str) -> set[str]:
    """The numbers and codes of a text. A date or a hyphenated code counts by its parts, whatever stands between."""
    return {fact for found in _FACT.finditer(plain(text)) for fact in _values(found)}


def _values(found: regex.Match[str]) -> list[str]:
    if found["code"]:
        return [found["code"]]
    parts = found["number"].split(".")
    if len(parts) != 2:
        return [part.lstrip("0") or "0" for part in parts]
    whole, fraction = parts[0].lstrip("0") or "0", parts[1].rstrip("0")
    return [f"{whole}.{fraction}" if fraction else whole]
