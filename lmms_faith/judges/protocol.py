"""What every judge offers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Judge(Protocol):
    """Names the option on which a piece of reasoning ends. It sees neither the answer nor gold; code compares."""

    @property
    def id(self) -> str:
        """Name and version, kept in every verdict."""

    def conclusion(self, own: str, options: Sequence[str]) -> int | None:
        """Index of the option that the model's own reasoning ends on; None where it ends on none or it can't be
        told."""
