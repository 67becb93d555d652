"""The pages that say what every measure is: formula, unit, range, what it says and what it does not."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from lmms_faith.measures import COLUMNS, FAMILIES, MEASURES, SIDES, Measure

INDEX = "README.md"

_HEADER = "<!-- Generated from `lmms_faith/measures/`; run `make generate` after a change. -->\n"
_INTRO = """# Measures

Every number of the tidy table, a page each. What holds for all of them (statuses, unknowns, notation, weights) is in
[metrics](../metrics.md).
"""
_BETTER = {"higher": "higher", "lower": "lower", None: "neither as such"}
_SIDES = {
    "base": "under the condition's baseline",
    "plain": "under the condition that makes the same claim without a hedge",
}
_PAGE = """# `{name}`

{title}.

$$
{formula}
$$

| unit | range | better |
| --- | --- | --- |
| {unit} | {range} | {better} |

**Says:** {says}

**Does not say:** {does_not_say}

**Source:** {source}.

**Rests on{scope}:**

{columns}

{notes}

[All measures](README.md)
"""


def measures_pages() -> dict[str, str]:
    """Markdown by file name: a page per measure, and the index."""
    pages = {f"{measure.name}.md": _page(measure) for measure in MEASURES.values()}
    return {INDEX: _index(FAMILIES), **pages}


def write_pages(folder: Path) -> None:
    """Write all pages into a folder, and take away Markdown there that belongs to no measure any more."""
    pages = measures_pages()
    folder.mkdir(parents=True, exist_ok=True)
    for stale in set(folder.glob("*.md")) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def _index(families: Mapping[str, tuple[Measure, ...]]) -> str:
    parts = [_HEADER + _INTRO]
    for title, family in families.items():
        rows = "\n".join(
            f"| [`{one.name}`]({one.name}.md) | {one.title} | {one.unit} | {_range(one)} | {_BETTER[one.better]} |"
            for one in family
        )
        parts.append(
            f"\n## {title}\n\n| measure | is | unit | range | better |\n| --- | --- | --- | --- | --- |\n{rows}\n"
        )
    return "".join(parts)


def _page(one: Measure) -> str:
    return _HEADER + _PAGE.format(
        name=one.name,
        title=one.title,
        formula=one.formula,
        unit=one.unit,
        range=_range(one),
        better=_BETTER[one.better],
        says=_linked(one.says, one),
        does_not_say=_linked(one.does_not_say, one),
        source=_sourced(one.source),
        scope="" if one.scope == "condition" else ", over all conditions that are compared",
        columns="\n".join(map(_column, one.columns)),
        notes=_notes(one),
    )


def _column(name: str) -> str:
    side, _, column = name.rpartition(".")
    under = f" of the same item {_SIDES[side]}" if side in SIDES else ""
    return f"- `{column}`{under}: {COLUMNS[column]}"


def _notes(one: Measure) -> str:
    counted = (
        "It is a mean over items; `n` counts those that it is the mean of."
        if one.mean
        else "It is no mean over items; `n` counts those for which all that it rests on is known."
    )
    return counted + (f" Small samples put it too {one.biased}, and their resamples once more." if one.biased else "")


def _range(one: Measure) -> str:
    return f"{_end(one.low)} to {_end(one.high)}"


def _end(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.2g}".replace("-", "−")


def _linked(text: str, one: Measure) -> str:
    """The text with names of other measures as links to their pages."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        return f"[`{name}`]({name}.md)" if name in MEASURES and name != one.name else found[0]

    return re.sub(r"`(\w+)`", link, text)


def _sourced(text: str) -> str:
    """The text with arXiv numbers as links."""
    return re.sub(r"arXiv (\d{4}\.\d{5})", r"[arXiv \1](https://arxiv.org/abs/\1)", text)


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
