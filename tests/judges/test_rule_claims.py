"""The rule judge reads every claim that a condition gives, as every benchmark words it."""

import pytest
from drawn_items import items_of

from lmms_faith.benchmarks import benchmark, shipped
from lmms_faith.conditions import NotApplicable, render
from lmms_faith.equality import same_value
from lmms_faith.item import Item, normalise
from lmms_faith.parsing.prose import ending, value_ending

NAMES = [one.name for one in shipped()]


def concluded(thought: str, item: Item) -> str | None:
    """What a thought that was given whole ends on, as text."""
    if item.kind != "choice":
        return value_ending(thought, item.kind, given=len(thought), question=item.question).text
    index = ending(thought, item.options, given=len(thought), question=item.question).index
    return None if index is None else item.options[index]


@pytest.mark.parametrize("condition", ["wrong_think", "wrong_think_but", "correct_think"])
@pytest.mark.parametrize("name", NAMES)
def test_a_claim_that_is_let_stand_is_the_conclusion(name: str, condition: str) -> None:
    for item in items_of(benchmark(name))[:30]:
        try:
            prompt = render(item, condition)
        except NotApplicable:
            continue
        claimed = item.gold if condition == "correct_think" else str(prompt.claimed)
        found = concluded(prompt.prefill.removeprefix("<think>"), item)
        assert found is not None, prompt.prefill
        same = normalise(found) == normalise(claimed) if item.kind == "choice" else same_value(found, claimed, item)
        assert same, f"{found!r} of {prompt.prefill!r}"
