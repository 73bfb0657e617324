"""The page that the figures are written to: what stands between a part's marks is made anew, the rest stays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def fill(page: Path, part: str, text: str) -> None:
    """Put the text between `<!-- part -->` and `<!-- /part -->`, at the end of the page where there are none."""
    before = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
    block = f"<!-- {part} -->\n\n{text.strip()}\n\n<!-- /{part} -->"
    marked = re.compile(f"<!-- {part} -->.*<!-- /{part} -->", re.DOTALL)
    after = marked.sub(lambda _: block, before) if marked.search(before) else f"{before}\n{block}\n"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(after, encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are set flush right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
