from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.chat import Message
from lmms_faith.judges.budget import Budget, BudgetSpent, Purse, estimated_tokens


def asked(length: int) -> list[Message]:
    return [{"role": "user", "content": "x" * length}]


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("a", 1), ("abcd", 1), ("abcde", 2), ("红色", 2), ("\ud800", 1)])
def test_tokens_are_estimated_by_bytes(text: str, tokens: int) -> None:
    assert estimated_tokens(text) == tokens


def test_requests_are_counted_up_to_the_limit() -> None:
    purse = Purse(Budget(requests=2))
    purse.admit(asked(4))
    purse.admit(asked(4))
    with pytest.raises(BudgetSpent, match="the budget of 2 requests is spent"):
        purse.admit(asked(4))
    assert (purse.requests, purse.tokens, purse.replies) == (2, 2, 0)


def test_tokens_are_counted_up_to_the_limit() -> None:
    purse = Purse(Budget(tokens=10))
    purse.admit(asked(16))
    purse.book("abcd", None)
    purse.book("abcd", 3)
    assert (purse.tokens, purse.replies) == (8, 2)
    with pytest.raises(BudgetSpent, match="the budget of 10 tokens is spent"):
        purse.admit(asked(12))
    purse.admit(asked(8))
    assert purse.tokens == 10


@given(st.integers(0, 50), st.integers(0, 50), st.lists(st.integers(0, 40)))
def test_no_limit_is_exceeded_by_requests(requests: int, tokens: int, lengths: list[int]) -> None:
    purse = Purse(Budget(requests=requests, tokens=tokens))
    for length in lengths:
        try:
            purse.admit(asked(length))
        except BudgetSpent:
            assert purse.requests == requests or purse.tokens + estimated_tokens("x" * length) > tokens
    assert purse.requests <= requests
    assert purse.tokens <= tokens


def test_no_budget_is_no_limit() -> None:
    purse = Purse(Budget())
    for _ in range(100):
        purse.admit(asked(1_000))
    assert (purse.requests, purse.tokens) == (100, 25_000)


@pytest.mark.parametrize("limit", ["requests", "tokens"])
def test_a_limit_below_zero_is_refused(limit: str) -> None:
    with pytest.raises(ValueError, match=f"budget of -1 {limit}: give 0 or more"):
        Budget(**{limit: -1})
