"""A judge that reads on which option or value a thought ends, by rules, and abstains where that is not plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lmms_faith.parsing.prose import ending, value_ending
from lmms_faith.parsing.tags import OPEN
from lmms_faith.record import Opinion, Record


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """The last option or value that the thought asserts, as long as nothing behind that takes it back.

    What is denied, asked, held possible or only supposed is not asserted; where a thought denies all options but one,
    that one is its conclusion. A claim that was given at the thought's start counts where the model adopts it or lets
    it stand. The judge abstains, with a note that says why, where none or several are asserted, and where what is
    asserted last is doubted, denied or asked about afterwards; see docs/rule-judge.md.
    """

    id: str = "rule-2"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """See ``Judge``. Of a record it uses thought, prefill, question, options and kind."""
        return [_opinion(record) for record in records]

    def conclusion(self, thought: str, options: Sequence[str]) -> int | None:
        """Index of the option that a thought ends on; None where that can't be told.

        It knows no question, by which ``judge`` tells "closer than" from "further than", what yes and no stand for, and
        what is said of something else than what was asked about.

        >>> RuleJudge().conclusion("I count two. The number of objects is 3.", ["1", "2", "3"])
        2
        >>> RuleJudge().conclusion("It is red or blue.", ["red", "blue"]) is None
        True
        """
        return ending(thought, options).index


def _opinion(record: Record) -> Opinion:
    thought = record.think
    if thought is None or not thought.strip():
        return Opinion(outcome="abstained", note="there is no thought")
    given = _given(thought, record.prefill)
    if record.kind == "choice":
        found = ending(thought, record.options, given=given, question=record.question)
        if found.index is not None:
            return Opinion(outcome="decided", conclusion=found.index)
        return Opinion(outcome="abstained", note=found.note)
    value = value_ending(thought, record.kind, given=given, question=record.question)
    if value.text is not None:
        return Opinion(outcome="decided", value=value.text)
    return Opinion(outcome="abstained", note=value.note)


def _given(thought: str, prefill: str) -> int:
    """How many characters at the start of a thought were given rather than written by the model."""
    _, opened, head = prefill.partition(OPEN)
    if not opened:
        return 0
    if thought.startswith(head):
        return len(head)
    return len(thought) if head.startswith(thought) else 0
