"""Which items a small suite keeps."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import Item
from lmms_faith.lmms.sample import stratified

pytestmark = pytest.mark.host


def items(categories):
    return [
        Item(id=f"i{i}", benchmark="b", question="?", options=("1", "2"), answer=0, category=category)
        for i, category in enumerate(categories)
    ]


@given(st.lists(st.sampled_from(["a", "b", None])), st.integers(0, 40), st.integers(0, 3))
def test_as_many_as_asked_in_order_and_as_even_as_can_be(categories, n, seed):
    pool = items(categories)
    kept = stratified(pool, n, seed=seed)
    assert kept == sorted(set(kept))
    assert len(kept) == min(n, len(pool))
    had, got = Counter(categories), Counter(categories[i] for i in kept)
    # A category is behind the fullest by more than one only where it has no more to give.
    assert all(got[c] == had[c] or got[c] >= max(got.values(), default=0) - 1 for c in had)


def test_the_seed_chooses():
    pool = items(["a"] * 100)
    assert stratified(pool, 10, seed=0) == stratified(pool, 10, seed=0) != stratified(pool, 10, seed=1)


def test_a_grown_data_set_changes_little():
    small, grown = items(["a"] * 100), items(["a"] * 110)
    assert len(set(stratified(small, 50, seed=0)) & set(stratified(grown, 50, seed=0))) >= 40
