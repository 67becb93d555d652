"""What a run of a backend took: items, tokens, pictures, seconds by stage."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
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
        prompt_tokens: Tokens of all prompts that were generated for, forced passes included.
        cached_tokens: Those of them whose keys and values were there already, from another prompt.
        asked: Items, whatever the number of conditions, that were generated for.
        failed: Requests that failed, by reason.
        encodes: Pictures encoded; None where the engine does not say.
        seconds: Seconds by stage; a stage within another is not counted in the outer one.
        now: The clock, in seconds.
    """

    items: int = 0
    served: int = 0
    tokens: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    asked: set[tuple[str, ...]] = field(default_factory=set)
    failed: Counter[str] = field(default_factory=Counter)
    encodes: int | None = None
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

    @property
    def hit_rate(self) -> float | None:
        """Share of the prompts' tokens whose keys and values were there already; None before the first prompt."""
        return self.cached_tokens / self.prompt_tokens if self.prompt_tokens else None

    def failures(self, n: int) -> list[str]:
        """A sentence for each reason why some of ``n`` requests failed."""
        return [f"{count} of {n} requests failed and are not scored: {reason}" for reason, count in self.failed.items()]

    def __str__(self) -> str:
        whole = self.now() - self.start
        model = self.seconds["model"]
        speed = f" ({self.tokens / model:.1f} tokens/s)" if model else ""
        stages = ", ".join(f"{spent:.1f} s in {stage}" for stage, spent in sorted(self.seconds.items()) if spent)
        parts = [
            f"{self.items} items in {whole:.1f} s ({self.items / (whole or 1e-9):.1f} items/s), {self.served} of them "
            f"from the store",
            f"{self.tokens} tokens generated{speed}",
        ]
        if self.hit_rate is not None:
            cached = f"{self.cached_tokens} of {self.prompt_tokens} prompt tokens ({self.hit_rate:.0%})"
            parts.append(f"{cached} from the prefix cache")
        if self.encodes is not None and self.asked:
            parts.append(f"{self.encodes} pictures encoded for {len(self.asked)} items")
        return "; ".join([*parts, stages or "no time in any stage"])
