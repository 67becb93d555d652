"""When a generation has said all that is read of it: once its answer is closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import StoppingCriteria

from lmms_faith.lmms.models.slots import decode
from lmms_faith.parsing import answered_at


class AnswerClosed(StoppingCriteria):  # type: ignore[misc]
    """Ends a row once its answer block is closed behind its thought; see ``parsing.answered_at``.

    Only rows whose last token holds the end of a tag are looked at, so a step costs next to nothing.

    Args:
        tokenizer: The model's tokenizer.
        ends: See ``tag_ends``.
        prefills: Prefill of each row.
        start: Length of the prompts, padding included.
    """

    def __init__(self, tokenizer: Any, ends: torch.Tensor, *, prefills: Sequence[str], start: int) -> None:
        self._tokenizer, self._ends, self._prefills, self._start = tokenizer, ends, prefills, start
        self._done: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        """Which rows have ended, shape (rows,)."""
        if self._done is None:
            self._done = torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)
        may = self._ends[input_ids[:, -1]] & ~self._done
        for row in may.nonzero()[:, 0].tolist():
            written = decode(self._tokenizer, input_ids[row, self._start :])
            self._done[row] = answered_at(written, prefill=self._prefills[row]) is not None
        return self._done.clone()


def tag_ends(tokenizer: Any, device: torch.device) -> torch.Tensor:
    """Which token ids hold a ``>``, shape (vocabulary,); every alphabet of bytes writes it as itself."""
    words = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    held = torch.tensor([">" in (word or "") for word in words])
    # Models may have more columns than their tokenizer has tokens; such an id holds nothing.
    return torch.cat([held, torch.zeros(1 << 16, dtype=torch.bool)]).to(device)
