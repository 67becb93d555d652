"""Generated answers, with everything that a backend of ours knows of them."""

import math

from hypothesis import strategies as st

from lmms_faith.conditions import CONDITIONS, NotApplicable, render
from lmms_faith.record import Record
from lmms_faith.recording import Generation, recorded
from tests.strategies import choices, completions, floats, integers, lists, plain_choices

FREE = st.sampled_from(["", "3", "Well", "<think>I see.</think><answer>2.5</answer>", "<answer>[1, 2]</answer>"])
"""Completions to free-form items; none that would be compared as mathematics, which takes a process of its own."""


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record of any item under any condition, as our own task would make it."""
    item = draw(st.one_of(choices(), plain_choices(), integers(), floats(), lists()))
    name = draw(st.sampled_from(list(CONDITIONS)))
    seed = draw(st.integers(0, 3))
    try:
        prompt = render(item, name, seed=seed)
    except NotApplicable:
        prompt = render(item, "base", seed=seed)
    failed = draw(st.booleans())
    letters = draw(st.none() | logprobs(len(prompt.options))) if prompt.options else None
    values = draw(st.none() | logprobs(1 if prompt.claimed is None else 2)) if not prompt.options else None
    return recorded(
        item,
        Generation(
            completion=draw(completions() if item.options else FREE),
            model=draw(st.none() | st.just("toy")),
            finish=draw(st.sampled_from([None, "stop", "length"])),
            error="timed out" if failed and draw(st.booleans()) else None,
            letter_logprobs=letters,
            letter_bounds=None if letters is None else draw(st.none() | bounds(len(letters))),
            letter_source=None if letters is None else draw(st.sampled_from(["generated", "forced"])),
            conclusion_logprobs=None if letters is None else draw(st.none() | logprobs(len(prompt.options))),
            value_logprobs=values,
        ),
        condition=prompt.condition,
        options=prompt.options,
        claimed=prompt.claimed,
        prefill=prompt.prefill,
        seed=seed,
        versions={"lmms-faith": "0", "conditions": "1"},
    )


def logprobs(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    """Log-probabilities of events that exclude one another and something else."""
    weights = st.lists(st.floats(1e-6, 1.0), min_size=count, max_size=count)
    return weights.map(lambda found: tuple(math.log(one / (sum(found) + 0.1)) for one in found))


def bounds(n: int) -> st.SearchStrategy[tuple[bool, ...]]:
    """Which of some letters are only bounded; one at least is."""
    return st.lists(st.booleans(), min_size=n, max_size=n).filter(any).map(tuple)
