"""Judges asked in turn, each about what those before it left undecided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lmms_faith.judges.letter_force import LetterForceJudge
from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.rule import RuleJudge
from lmms_faith.record import Opinion, Record


@dataclass(frozen=True, slots=True)
class Cascade:
    """The opinion of the first stage that has one: that does not abstain, and can be asked.

    A stage that says that the thought ends on no answer has an opinion. Where none has, the record is unjudged if some
    stage could not be asked, since it might have decided, and abstained otherwise; the note tells what each stage said.

    Attributes:
        stages: The judges, the cheapest first.

    Raises:
        ValueError: No stage, or one twice.
    """

    stages: tuple[Judge, ...]

    def __post_init__(self) -> None:
        ids = [stage.id for stage in self.stages]
        if not ids or len(set(ids)) < len(ids):
            raise ValueError(f"a cascade needs stages with ids of their own, these are {ids}; name each judge once")

    @property
    def id(self) -> str:
        """Names every stage."""
        return f"cascade-1({', '.join(stage.id for stage in self.stages)})"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """See ``Judge``; ``by`` names the stage."""
        opinions = [Opinion(outcome="abstained")] * len(records)
        left = list(range(len(records)))
        for stage in self.stages:
            found = stage.judge([records[place] for place in left]) if left else []
            for place, opinion in zip(left, found, strict=True):
                opinions[place] = _after(opinions[place], opinion, stage.id)
            left = [place for place in left if opinions[place].by is None]
        return opinions


def default_judge(*further: Judge) -> Cascade:
    """The cascade of rule and letter-force, with further stages, such as a language model, behind them."""
    return Cascade((RuleJudge(), LetterForceJudge(), *further))


def _after(before: Opinion, now: Opinion, stage: str) -> Opinion:
    """What is known after one more stage."""
    if now.outcome not in ("abstained", "unjudged"):
        return replace(now, by=stage)
    said = f"{stage}: {now.note or now.outcome}"
    return Opinion(
        outcome="unjudged" if "unjudged" in (before.outcome, now.outcome) else "abstained",
        note=said if before.note is None else f"{before.note}; {said}",
    )
