"""Option-letter probabilities from the generation itself, and a forced pass only where no letter was written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from lmms_faith.item import LETTERS
from lmms_faith.lmms.channel import Evidence
from lmms_faith.lmms.models.values import value_logprobs
from lmms_faith.parsing import Finish, parse, unfinished
from lmms_faith.record import LetterSource

_FORMS = ("{}", " {}", "({}", " ({}")
Force = Callable[[list[int], list[str]], Mapping[str, Any]]
"""Builds the inputs of chosen rows of the batch with a continuation written behind each prompt."""


def letter_token_ids(tokenizer: Any) -> list[list[int]]:
    """Ids of every single-token form of each letter ("A", " A", "(A", " (A"), letter by letter.

    `A` and ` A` are different tokens, and which of them follows ``<answer>`` is the model's habit; their probabilities
    add.
    """
    table = []
    for letter in LETTERS:
        encoded = (tokenizer.encode(form.format(letter), add_special_tokens=False) for form in _FORMS)
        table.append(sorted({ids[0] for ids in encoded if len(ids) == 1}))
    return table


def refuse_beams(arguments: Mapping[str, Any]) -> None:
    """Check generation arguments for what letters can't be read under.

    Raises:
        ValueError: Beam search, whose rows are no longer the batch's.
    """
    if int(arguments.get("num_beams") or 1) != 1:
        raise ValueError(
            f"num_beams {arguments['num_beams']!r}: letter probabilities need num_beams=1; drop it from gen_kwargs"
        )


class LetterReader:
    """Runs a model's generation and reads the letters' log-probabilities off it.

    A hook on the output embedding keeps, at each step, the columns of the letter tokens alone: never a table of
    sequence by vocabulary. They are raw: taken before temperature, penalties or top-k.

    Args:
        model: A transformers generation model with an output embedding.
        tokenizer: Its tokenizer.
        name: The model's name for the evidence.
    """

    def __init__(self, model: Any, tokenizer: Any, *, name: str) -> None:
        self._model, self._tokenizer, self._name = model, tokenizer, name
        self._by_letter = letter_token_ids(tokenizer)
        missing = [letter for letter, ids in zip(LETTERS, self._by_letter) if not ids]
        if missing:
            raise ValueError(
                f"model {name!r}: letters {missing} are no single token, so they have no probability; check its "
                "tokenizer files"
            )
        self._flat = [token for ids in self._by_letter for token in ids]

    def generate(
        self,
        inputs: Mapping[str, Any],
        *,
        prefills: Sequence[str],
        alternatives: Sequence[tuple[str, ...]],
        force: Force,
        **options: Any,
    ) -> tuple[torch.Tensor, list[str], list[Evidence]]:
        """Generate and read.

        Args:
            inputs: Model inputs with ``input_ids`` of shape (rows, prompt length).
            prefills: Prefill of each row, empty where there is none.
            alternatives: Values whose probability is asked for, row by row; empty where the letters' is.
            force: See ``Force``.
            options: Further arguments of the model's ``generate``.

        Returns:
            The sequences as the model returns them, each row's completion, each row's evidence.
        """
        with self._tap() as steps:
            sequences = self._model.generate(**inputs, **options)
        prompt = inputs["input_ids"].shape[1]
        completions = [self._decode(row) for row in sequences[:, prompt:]]
        found: list[tuple[tuple[float, ...], LetterSource] | None] = []
        for row, text in enumerate(completions):
            step = self._answer_step(sequences[row, prompt:], text, prefills[row])
            found.append(None if step is None else (self._letters(steps[step][row]), "generated"))
        absent = [row for row, letters in enumerate(found) if letters is None and not alternatives[row]]
        if absent:
            kept = ["".join(unfinished(completions[row], prefill=prefills[row])) for row in absent]
            with self._tap() as forced:
                one = {key: value for key, value in options.items() if key in ("eos_token_id", "pad_token_id")}
                self._model.generate(**force(absent, kept), **one, max_new_tokens=1, do_sample=False)
            for place, row in enumerate(absent):
                found[row] = (self._letters(forced[0][place]), "forced")
        values = self._values(completions, prefills, alternatives, force)
        ends = self._ends(options)
        evidence = []
        for row, letters in enumerate(found):
            written = sequences[row, prompt:].tolist()
            # A stop string leaves no end token, only padding where it ended the row before others.
            cut = not ends & set(written) and len(written) >= options.get("max_new_tokens", len(written))
            finish: Finish = "length" if cut else "stop"
            # Logits that overflowed make no probabilities; an item without options has no letters.
            known = letters if letters and not alternatives[row] and all(map(math.isfinite, letters[0])) else None
            evidence.append(
                Evidence(
                    model=self._name,
                    continued=bool(prefills[row]),
                    letters=known[0] if known else None,
                    letter_source=known[1] if known else None,
                    values=values.get(row),
                    finish=finish,
                )
            )
        return sequences, completions, evidence

    def _values(
        self, completions: list[str], prefills: Sequence[str], alternatives: Sequence[tuple[str, ...]], force: Force
    ) -> dict[int, tuple[float, ...]]:
        """Log-probabilities of each row's alternatives at its answer slot, where it has any and they are finite."""
        asked = [(row, value) for row, values in enumerate(alternatives) for value in values]
        if not asked:
            return {}
        scored = value_logprobs(
            self._model,
            self._tokenizer,
            inputs_for=lambda texts: force([row for row, _ in asked], texts),
            slots=["".join(unfinished(completions[row], prefill=prefills[row])) for row, _ in asked],
            values=[value for _, value in asked],
        )
        found: dict[int, tuple[float, ...]] = {}
        for (row, _), logprob in zip(asked, scored):
            found[row] = (*found.get(row, ()), logprob)
        return {row: logprobs for row, logprobs in found.items() if all(map(math.isfinite, logprobs))}

    @contextmanager
    def _tap(self) -> Iterator[list[torch.Tensor]]:
        """Collect, per step, the letter tokens' log-probabilities, shape (rows, letter tokens)."""
        steps: list[torch.Tensor] = []

        def keep(_module: Any, _args: Any, output: torch.Tensor) -> None:
            logits = output[:, -1, :].float()
            steps.append(logits[:, self._flat] - torch.logsumexp(logits, dim=-1, keepdim=True))

        handle = self._model.get_output_embeddings().register_forward_hook(keep)
        try:
            yield steps
        finally:
            handle.remove()

    def _letters(self, columns: torch.Tensor) -> tuple[float, ...]:
        parts = torch.split(columns.cpu(), [len(ids) for ids in self._by_letter])
        return tuple(float(torch.logsumexp(part, dim=0)) for part in parts)

    def _decode(self, ids: torch.Tensor) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))

    def _answer_step(self, ids: torch.Tensor, text: str, prefill: str) -> int | None:
        """Step that wrote the answer's letter; None where there is none or its token is no letter form."""
        at = parse(text, None, prefill=prefill).letter_at
        if at is None:
            return None
        low, high = 0, len(ids) - 1
        while low < high:
            middle = (low + high) // 2
            if len(self._decode(ids[: middle + 1])) > at:
                high = middle
            else:
                low = middle + 1
        return low if int(ids[low]) in self._flat else None

    def _ends(self, options: Mapping[str, Any]) -> set[int]:
        end = options.get("eos_token_id")
        if end is None:
            end = self._model.generation_config.eos_token_id
        return {*(end if isinstance(end, (list, tuple)) else [end]), options.get("pad_token_id")}
