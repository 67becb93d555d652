"""What every judge offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Judge(Protocol):
    """Names the option on which a piece of reasoning ends. It sees neither the answer nor gold; code compares."""

    @property
    def id(self) -> str:
        """Name and version, kept in every verdict."""

    def conclusion(self, thought: str, options: Sequence[str]) -> int | None:
        """Index of the option that the thought ends on; None where it ends on none or it can't be told.

        The thought is whole, with what was prefilled at its start: a claim that was given is the thought's conclusion
        where the model let it stand: wrote nothing that names or doubts an option before it closed the thought.
        """
