"""How many requests are under way at once: fewer as soon as a server is busy, slowly more while it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BUSY = frozenset({429, 503})
"""Status codes that ask for fewer requests."""


class AdaptivePace:
    """Additive increase, multiplicative decrease, between one request and a bound; a ``chat.Pace``.

    A busy server halves the limit, once for all the requests that were under way then; every reply raises it by the
    reciprocal of itself, so by one once as many replies came as were allowed at a time.

    Attributes:
        limit: Requests allowed at a time, with its fraction.

    Args:
        bound: The most requests at a time.

    Raises:
        ValueError: A bound below 1.
    """

    def __init__(self, bound: int) -> None:
        if bound < 1:
            raise ValueError(f"concurrency {bound}: give 1 or more")
        self._bound = bound
        self.limit = float(bound)
        self._under_way = 0
        self._halvings = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """See ``chat.Pace``."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._under_way < int(self.limit))
            self._under_way += 1
        halvings = self._halvings
        try:
            yield
        except Exception as error:
            if getattr(error, "status_code", None) in BUSY and halvings == self._halvings:
                self._halvings += 1
                self.limit = max(1.0, self.limit / 2)
            raise
        else:
            self.limit = min(float(self._bound), self.limit + 1 / self.limit)
        finally:
            self._under_way -= 1
            async with self._changed:
                self._changed.notify_all()
