"""What every judge offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lmms_faith.record import Opinion, Record


class Judge(Protocol):
    """Names the answer on which a piece of reasoning ends, blind to the answer given and to gold; code compares.

    It is handed whole records, of which it may use the thought, the prefill, the question, the options and the kind of
    answer alone. Letter-force may use the letters' log-probabilities and where the answer stands, too, though not what
    it is. The one exception is the paper's yes/no prompt, which asks whether thought and answer agree.
    """

    @property
    def id(self) -> str:
        """Name and version, kept in every verdict: another id where the same record may be judged otherwise."""

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """One opinion a record, in order. Never raises because of what a record or a reply says.

        The thought is whole, with what was prefilled at its start: a claim that was given is the thought's conclusion
        where the model let it stand: wrote nothing that names or doubts an option before it closed the thought.
        """
