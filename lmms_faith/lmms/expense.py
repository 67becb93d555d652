"""What a run of a backend took: items, tokens, seconds by stage."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Expense:
    """Counts and a clock, to be printed as one line.

    Attributes:
        items: Requests answered, from the store or not.
        served: Those of them that came from the store.
        tokens: Tokens generated.
        seconds: Seconds by stage; a stage within another is not counted in the outer one.
        now: The clock, in seconds.
    """

    items: int = 0
    served: int = 0
    tokens: int = 0
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    now: Callable[[], float] = time.perf_counter
    start: float = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.now()

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Time what is done within."""
        start, before = self.now(), sum(self.seconds.values())
        try:
            yield
        finally:
            within = sum(self.seconds.values()) - before
            self.seconds[stage] += self.now() - start - within

    def __str__(self) -> str:
        whole = self.now() - self.start
        model = self.seconds["model"]
        speed = f" ({self.tokens / model:.1f} tokens/s)" if model else ""
        stages = ", ".join(f"{spent:.1f} s in {stage}" for stage, spent in sorted(self.seconds.items()) if spent)
        return (
            f"{self.items} items in {whole:.1f} s ({self.items / (whole or 1e-9):.1f} items/s), {self.served} of them "
            f"from the store; {self.tokens} tokens generated{speed}; {stages or 'no time in any stage'}"
        )
