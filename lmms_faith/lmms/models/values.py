"""Probabilities of whole values at the answer slot, for items without option letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from lmms_faith.lmms.models.prefill import token_ids
from lmms_faith.lmms.models.prefixes import forward_inputs

CLOSING = "</answer>"
"""Scored with the value, so that "1" is not credited with every number that begins with it."""


def value_logprobs(
    model: Any,
    tokenizer: Any,
    *,
    inputs_for: Callable[[list[str]], Mapping[str, Any]],
    slots: Sequence[str],
    values: Sequence[str],
) -> list[float]:
    """Natural log of the probability that a model writes each value, and closes the answer, at its answer slot.

    Args:
        model: A transformers generation model with an output embedding.
        tokenizer: Its tokenizer.
        inputs_for: Builds padded inputs, on the left, with a continuation behind each row's prompt.
        slots: Each row's text between prompt and value, such as ``"It is 3.</think><answer>"``.
        values: Each row's value.

    Returns:
        One number a row, over the whole vocabulary.
    """
    endings = [ending(tokenizer, slot, slot + value + CLOSING) for slot, value in zip(slots, values, strict=True)]
    longest = max(map(len, endings)) + 1
    inputs = forward_inputs(inputs_for([slot + value + CLOSING for slot, value in zip(slots, values)]))
    with _last_positions(model, longest), torch.inference_mode():
        logits = model(**inputs).logits.float()
    logprobs = torch.log_softmax(logits[:, :-1, :], dim=-1)
    found = []
    for row, scored in enumerate(endings):
        places = torch.arange(logprobs.shape[1] - len(scored), logprobs.shape[1], device=logprobs.device)
        found.append(float(logprobs[row, places, torch.tensor(scored, device=logprobs.device)].sum()))
    return found


def ending(tokenizer: Any, slot: str, whole: str) -> list[int]:
    """Tokens of ``whole`` from the first on that are not those of ``slot``."""
    ids, start = token_ids(tokenizer, whole), token_ids(tokenizer, slot)
    shared = next(
        (place for place, (one, other) in enumerate(zip(ids, start)) if one != other), min(len(ids), len(start))
    )
    return ids[shared:]


@contextmanager
def _last_positions(model: Any, n: int) -> Iterator[None]:
    """Let the output embedding see the last positions alone: logits of a whole prompt would take gigabytes."""

    def keep(_module: Any, args: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (args[0][:, -n:, :], *args[1:])

    handle = model.get_output_embeddings().register_forward_pre_hook(keep)
    try:
        yield
    finally:
        handle.remove()
