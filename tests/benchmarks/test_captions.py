"""Captions as text, for the eye: up to five per benchmark and category, of every fixture row.

After a change of wording: `WRITE_CAPTIONS=1 python -m pytest tests/benchmarks/test_captions.py`, then read the file.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

import page
from drawn_items import items_of
from fixtures import FIXTURES

from lmms_faith.benchmarks import shipped
from lmms_faith.benchmarks.spec import Benchmark
from lmms_faith.conditions import NotApplicable, assertion, render

SNAPSHOT = Path(__file__).with_name("captions.snapshot.txt")
MOST = 5


def written(one: Benchmark) -> str:
    lines = defaultdict(list)
    for item in items_of(one):
        try:
            claimed = render(item, "wrong_caption").claimed
        except NotApplicable:
            lines[item.category].append(f"  {item.id}: nothing wrong to claim; gold {item.gold!r}")
            continue
        assert claimed is not None
        lines[item.category].append(f"  wrong   {assertion(item, claimed)}\n  correct {assertion(item, item.gold)}")
    body = "\n".join(f" {category or '-'}\n" + "\n".join(found[:MOST]) for category, found in lines.items())
    return f"{one.name}\n{body}\n"


def test_captions_are_those_that_were_read() -> None:
    text = "\n".join(written(one) for one in shipped() if one.name in FIXTURES)
    if os.environ.get("WRITE_CAPTIONS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert SNAPSHOT.read_text(encoding="utf-8") == text, "captions changed; write the snapshot anew, and read it"


def test_the_page_of_benchmarks_is_current() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "docs/benchmarks.md has drifted; run `make generate`"
