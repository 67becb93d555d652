"""How much a language model judge may ask for, and what it has asked for so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.chat import Message


class BudgetSpent(RuntimeError):
    """The next request would exceed the budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of one judge, over all that it is handed in its life; None is no limit.

    Attributes:
        requests: HTTP requests, repeated ones included.
        tokens: Tokens of prompts and replies, see ``Purse``. Replies under way when the limit is reached still count,
            so that it may be exceeded by one reply for each concurrent request.

    Raises:
        ValueError: A limit below 0.
    """

    requests: int | None = None
    tokens: int | None = None

    def __post_init__(self) -> None:
        for name, limit in (("requests", self.requests), ("tokens", self.tokens)):
            if limit is not None and limit < 0:
                raise ValueError(f"budget of {limit} {name}: give 0 or more, or none for no limit")


@dataclass(slots=True)
class Purse:
    """What was spent of a budget; a ``chat.Meter``.

    Attributes:
        budget: The limits.
        requests: Requests made.
        tokens: Those of prompts by ``estimated_tokens``, those of replies by the server's count, or estimated where it
            gives none.
        replies: Replies that came, usable or not.
    """

    budget: Budget
    requests: int = 0
    tokens: int = 0
    replies: int = 0

    def admit(self, messages: Sequence[Message]) -> None:
        """Pay for a request.

        Raises:
            BudgetSpent: It is beyond a limit; nothing is paid.
        """
        price = sum(estimated_tokens(message["content"]) for message in messages)
        if self.budget.requests is not None and self.requests >= self.budget.requests:
            raise BudgetSpent(f"the budget of {self.budget.requests} requests is spent")
        if self.budget.tokens is not None and self.tokens + price > self.budget.tokens:
            raise BudgetSpent(f"the budget of {self.budget.tokens} tokens is spent")
        self.requests += 1
        self.tokens += price

    def book(self, reply: str, tokens: int | None) -> None:
        """Pay for a reply."""
        self.replies += 1
        self.tokens += estimated_tokens(reply) if tokens is None else tokens


def estimated_tokens(text: str) -> int:
    """A rough number of tokens: one for every four bytes of UTF-8, which is about right for English prose.

    >>> estimated_tokens("The circle is red.")
    5
    """
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)
