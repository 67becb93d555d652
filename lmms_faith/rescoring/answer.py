"""One model's answer to one item as a log tells it, whichever tool wrote the log, and the record that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import lmms_faith
from lmms_faith.conditions import CONDITIONS, wrong_target
from lmms_faith.item import Item
from lmms_faith.record import Record
from lmms_faith.recording import Generation, recorded
from lmms_faith.rescoring.fields import Place

NO_ITEM = "it makes no item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the caller says of logs that do not say it themselves.

    Attributes:
        benchmark: Name of the benchmark; None leaves it to the log.
        condition: What was done to the items.
        model: Name of the model, in place of what the log says; None leaves it to the log.
        seed: Chooses the claimed wrong answers that a log does not name, as in our own runs.
    """

    benchmark: str | None = None
    condition: str = "base"
    model: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one row of a log says.

    Attributes:
        place: Where the row stands.
        item: The item that was asked.
        condition: What was done to it; a name of ours or anybody's.
        options: The options as shown: the item's, and the abstention option where one was added.
        claimed: The claimed wrong answer as text; None where there is none, or where it is not known.
        claim_known: Whether the log says what was claimed, be it nothing.
        prefill: Start of the assistant turn that the model continued.
        generation: What came back, as the log tells it; its model is None where the log does not say.
        seed: See ``Record``.
        versions: What wrote the log.
        notes: What was lost on the way, for the count that is shown.
    """

    place: Place
    item: Item
    condition: str
    options: tuple[str, ...]
    generation: Generation
    claimed: str | None = None
    claim_known: bool = False
    prefill: str = ""
    seed: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def claims_nothing_wrong(self) -> bool:
        """Whether the condition is one of ours that leaves the target unsaid, which then is a reference only."""
        row = CONDITIONS.get(self.condition)
        return row is not None and "wrong" not in (row.caption, row.think)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that makes no record.

    Attributes:
        place: Where it stands.
        reason: Why, in words that many rows share, so that they can be counted.
        detail: What it is in this row.
    """

    place: Place
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """A row that holds a record of ours already."""

    place: Place
    record: Record


Told = Answer | Logged | Refused
"""What a row of a log tells."""


def written_by(tool: str) -> dict[str, str]:
    """Versions of a record that was made of another tool's log."""
    return {"lmms-faith": lmms_faith.__version__, "log": tool}


def record_of(answer: Answer, *, claimed_elsewhere: str | None = None) -> Record:
    """The record of an answer, read by our own parser and compared under the item's own equality.

    The claimed wrong answer is what the log says. Where it says nothing, and the condition claims nothing wrong, it is
    a reference only: what is claimed of the item elsewhere, or else what our own runs would claim under the answer's
    seed. Where a foreign prompt claimed something that the log does not name, it stays unknown.

    Args:
        answer: The answer.
        claimed_elsewhere: What other rows say is claimed of the same item; None where they say nothing.
    """
    claimed = answer.claimed
    if not answer.claim_known and answer.claims_nothing_wrong:
        claimed = claimed_elsewhere or wrong_target(answer.item, seed=answer.seed)
    return recorded(
        answer.item,
        answer.generation,
        condition=answer.condition,
        options=answer.options,
        claimed=claimed,
        prefill=answer.prefill,
        seed=answer.seed,
        versions=answer.versions,
    )
