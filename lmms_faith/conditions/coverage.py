"""Which wording each claim of a benchmark gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lmms_faith.conditions.overrides import NO_CLAIMS, Claims
from lmms_faith.conditions.targets import wrong_target
from lmms_faith.item import Item

NOTHING = "nothing to claim"
OVERRIDE = "override"
GENERIC = "generic"
FOREIGN = "generic-en"
"""An English wording of an item in another language."""
OWN = "own"
"""A wording that the item brings without naming it."""


def template_of(item: Item, answer: str | None, claims: Claims = NO_CLAIMS) -> str:
    """Name of the wording that claims an answer of an item.

    That is the item's template; ``generic`` where it brings none; ``generic-en`` for either of an item that is not in
    English, as templates are; ``override`` for a written sentence.
    """
    if answer is None:
        return NOTHING
    if claims.sentence(item, answer) is not None:
        return OVERRIDE
    if item.language != "en":
        return FOREIGN
    if item.claim is None:
        return GENERIC
    return OWN if item.template == GENERIC else item.template


def coverage(items: Iterable[Item], claims: Claims = NO_CLAIMS, *, seed: int = 0) -> dict[str, tuple[int, int]]:
    """How many wrong and how many correct claims get each wording, the most used first.

    >>> item = Item(id="1", benchmark="b", question="What?", options=("red", "blue"), answer=0)
    >>> coverage([item])
    {'generic': (1, 1)}
    """
    wrong: Counter[str] = Counter()
    correct: Counter[str] = Counter()
    for item in items:
        wrong[template_of(item, wrong_target(item, seed=seed), claims)] += 1
        correct[template_of(item, item.gold, claims)] += 1
    return {name: (wrong[name], correct[name]) for name, _ in (wrong + correct).most_common()}
