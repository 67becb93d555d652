"""What a simulated model does, in known shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from lmms_faith.conditions import CONDITIONS, Condition, condition
from lmms_faith.metrics.calibration import BINS

Claim = Literal["base", "plain", "hedged"]
"""What a condition claims: nothing, a wrong answer, or a wrong answer with a hedge."""

CONDITIONS_SIMULATED: Final = ("base", "wrong_caption", "wrong_caption_disclaimer", "base_abstain")
"""Under which conditions items are asked unless others are wanted."""

FEWEST_WORDS: Final = 30
"""Words that a thought needs at least, so that its last sentence fits in."""

_CLOSE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A kind of items that the model answers alike.

    Attributes:
        share: Of all items.
        accuracy: Chance that the answer is gold where nothing is claimed.
        adopts: Chance that a claim is adopted.
        runner_up: Share of the letters' probability beside the answered one that is on the runner-up, which is gold
            behind a wrong answer and the claimed option behind gold. It sets the entropy apart from the confidence.
    """

    share: float
    accuracy: float
    adopts: float
    runner_up: float


LEVELS: Final = (
    Level(share=0.2, accuracy=0.92, adopts=0.05, runner_up=0.5),
    Level(share=0.2, accuracy=0.86, adopts=0.12, runner_up=0.9),
    Level(share=0.2, accuracy=0.78, adopts=0.20, runner_up=0.35),
    Level(share=0.2, accuracy=0.745, adopts=0.18, runner_up=0.95),
    Level(share=0.2, accuracy=0.55, adopts=0.45, runner_up=0.5),
)
"""Five levels; the surer the model, the seldomer it follows the text. The third and the fourth share a bin of ``ece``,
so that confidence differs within bins, and the surer of the two has the higher entropy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """A simulated model and the items that it is asked; every share is in [0, 1].

    Attributes:
        images: Number of images.
        each: Items per image.
        options: Options per item, 3 to 8.
        levels: The kinds of items; their shares sum to one.
        confused: Share of answers that a claim moves to an option that is neither gold nor claimed.
        found: Share of answers that a claim moves to gold: the model looks anew.
        returns: Share of the adopted and the confused answers that stay as under ``base`` where the claim is hedged.
        overconfidence: What the confidence is above the chance to be right, where nothing is claimed and where
            something is: ``P(right | confidence c) = c - overconfidence``. Negative is underconfident.
        overconfidence_claimed: The same where something wrong is claimed.
        inconsistent: Share of thoughts that end on another option than the answer.
        inconsistent_misled: The same where the answer is the claimed one.
        open: Share of thoughts of which it can't be told on what they end.
        by_letters: Share of thoughts of which only the letters right after them tell. On free-form items, which have no
            letters, their words do.
        truncated: Share of completions that the token limit cuts off.
        unanswered: Share of completions that end without an answer.
        failed: Share of requests that give no completion; the other shares are of those that do.
        unread: Share of answers that are worded so that only an extraction finds them.
        unsure: Share of answers that are "I'm not sure", where that is offered.
        off_letters: Mean probability on tokens that are no option letter, at most one half.
        template: Share of thoughts that repeat one and the same wording.
        words: Mean length of the thoughts, in words; 30 or more.
        correlation: Intra-class correlation of the items of an image, the same for every quantity: each item shares
            the fate of its image with chance ``sqrt(correlation)``, under all conditions together, and otherwise has
            one of its own.

    Raises:
        ValueError: A share outside its range, shares that do not leave room for each other, or a confidence that is
            not that of a likeliest letter or that is on the edge of two bins of ``ece``.
    """

    images: int = 100
    each: int = 3
    options: int = 4
    levels: tuple[Level, ...] = LEVELS
    confused: float = 0.06
    found: float = 0.03
    returns: float = 0.4
    overconfidence: float = 0.06
    overconfidence_claimed: float = 0.12
    inconsistent: float = 0.1
    inconsistent_misled: float = 0.3
    open: float = 0.08
    by_letters: float = 0.05
    truncated: float = 0.04
    unanswered: float = 0.04
    failed: float = 0.04
    unread: float = 0.06
    unsure: float = 0.15
    off_letters: float = 0.05
    template: float = 0.3
    words: int = 40
    correlation: float = 0.3

    def __post_init__(self) -> None:
        for name, least, most in _RANGES:
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"{name} is {value}; give a number from {least} to {most}")
        for together in (("open", "by_letters"), ("truncated", "unanswered")):
            total = sum(getattr(self, name) for name in together)
            if total > 1:
                raise ValueError(f"{' and '.join(together)} are {total} together; they are parts of one whole")
        if not math.isclose(sum(level.share for level in self.levels), 1):
            raise ValueError(f"the levels' shares sum to {sum(level.share for level in self.levels)}; make them one")
        for level in self.levels:
            self._check(level)

    @property
    def items(self) -> int:
        """Number of items."""
        return self.images * self.each

    @property
    def answered(self) -> float:
        """Share of completions that hold an answer, unread ones included."""
        return 1 - self.truncated - self.unanswered

    def moved(self, level: Level, claim: Claim) -> tuple[float, float, float]:
        """Chances that a claim is adopted, that it confuses, that it makes the model look anew; else nothing moves."""
        if claim == "base":
            return 0.0, 0.0, 0.0
        kept = 1 - self.returns if claim == "hedged" else 1.0
        return level.adopts * kept, self.confused * kept, self.found

    def right(self, level: Level, claim: Claim) -> float:
        """Chance that an item's answer is gold."""
        moved = self.moved(level, claim)
        return (1 - sum(moved)) * level.accuracy + moved[-1]

    def confidence(self, level: Level, claim: Claim) -> float:
        """Probability of the answered letter among the letters."""
        return self.right(level, claim) + (self.overconfidence if claim == "base" else self.overconfidence_claimed)

    def _check(self, level: Level) -> None:
        for name, least in (("share", 0.0), ("accuracy", 0.0), ("adopts", 0.0), ("runner_up", 1 / (self.options - 1))):
            value = getattr(level, name)
            if not least - _CLOSE <= value <= 1:
                raise ValueError(f"{name} of {level} is {value}; give a number from {least:.3g} to 1")
        if level.adopts + self.confused + self.found > 1:
            raise ValueError(f"adopts, confused and found of {level} are more than all answers; lower one of them")
        for claim in CLAIMS:
            sure = self.confidence(level, claim)
            if not level.runner_up * (1 - sure) < sure < 1:
                raise ValueError(
                    f"{level} has a confidence of {sure:.3f} where the claim is {claim!r}, which is not that of the "
                    "likeliest letter; change the overconfidence or the level"
                )
            if abs(sure * BINS - round(sure * BINS)) < BINS * _CLOSE:
                raise ValueError(
                    f"confidence {sure:.6f} of {level} is on the edge of two bins of ece; move it a little"
                )


CLAIMS: Final[tuple[Claim, ...]] = ("base", "plain", "hedged")
_SHARES: Final = (
    *("confused", "found", "returns", "inconsistent", "inconsistent_misled", "open", "by_letters", "truncated"),
    *("unanswered", "failed", "unread", "unsure", "template", "correlation"),
)
_RANGES: Final = (
    ("images", 1, 10**9),
    ("each", 1, 10**6),
    ("options", 3, 8),
    ("words", FEWEST_WORDS, 10**4),
    ("overconfidence", -1, 1),
    ("overconfidence_claimed", -1, 1),
    ("off_letters", 0, 0.5),
    *((name, 0, 1) for name in _SHARES),
)


def claim_of(name: str) -> Claim:
    """What a condition claims.

    Raises:
        ValueError: A condition that can't be simulated: unknown, claiming gold, or closing the thought.

    >>> claim_of("wrong_think"), claim_of("wrong_caption_disclaimer_abstain"), claim_of("base")
    ('plain', 'hedged', 'base')
    """
    row = condition(name)
    if not _simulated(row):
        known = ", ".join(one.name for one in CONDITIONS.values() if _simulated(one))
        raise ValueError(f"condition {name!r} can't be simulated; choose from: {known}")
    return "base" if row.caption == row.think else "plain" if row.tail == "." else "hedged"


def _simulated(row: Condition) -> bool:
    """Whether a condition claims something wrong or nothing, and leaves image and thought to the model."""
    return {row.caption, row.think} <= {None, "wrong"} and row.image == "own"
