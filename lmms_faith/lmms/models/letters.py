"""Option-letter probabilities from the generation itself, and a forced pass only where it does not give them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from lmms_faith.lmms.channel import Evidence
from lmms_faith.lmms.models.slots import all_letter_token_ids, completion_of, slots
from lmms_faith.lmms.models.values import value_logprobs
from lmms_faith.parsing import Finish, answered_at, unfinished

_Letters = tuple[float, ...]
Force = Callable[[list[int], list[str]], Mapping[str, Any]]
"""Builds the inputs of chosen rows of the batch with a continuation written behind each prompt."""


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

    A hook keeps, at each step, the state that goes into the output embedding, which is small beside what comes out.
    After the generation the one state that wrote a row's letter is sent through once more, and of that the columns of
    the letter tokens are kept: never a table of sequence by vocabulary. They are raw: without temperature, penalties or
    top-k.

    Args:
        model: A transformers generation model with an output embedding.
        tokenizer: Its tokenizer.
        name: The model's name for the evidence.
    """

    def __init__(self, model: Any, tokenizer: Any, *, name: str) -> None:
        self._model, self._tokenizer, self._name = model, tokenizer, name
        self._by_letter = all_letter_token_ids(tokenizer, name=name)
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
        written = sequences[:, inputs["input_ids"].shape[1] :]
        completions = [
            completion_of(self._tokenizer, row, prefill=prefill) for row, prefill in zip(written, prefills, strict=True)
        ]
        wrote: dict[int, torch.Tensor] = {}
        answers: dict[int, str] = {}
        conclusions: dict[int, str] = {}
        for row in range(len(completions)):
            if alternatives[row]:
                continue
            found = slots(self._tokenizer, written[row], prefill=prefills[row], letters=self._flat)
            if found.step is not None:
                wrote[row] = steps[found.step][row]
            elif found.forced is not None:
                answers[row] = found.forced
            if found.conclusion is not None:
                conclusions[row] = found.conclusion
        letters: dict[int, _Letters | None] = {}
        if wrote:
            letters = dict(zip(wrote, self._letters(self._columns(torch.stack([*wrote.values()])))))
        asked = [*answers.items(), *conclusions.items()]
        forced = self._forced(asked, force, options, at_a_time=len(completions))
        letters |= zip(answers, forced)
        after_thought = dict(zip(conclusions, forced[len(answers) :]))
        values = self._values(completions, prefills, alternatives, force)
        evidence = [
            Evidence(
                model=self._name,
                continued=bool(prefills[row]),
                letters=known,
                letter_source=None if known is None else "forced" if row in answers else "generated",
                conclusion=after_thought.get(row),
                values=values.get(row),
                finish=self._finish(written[row].tolist(), options, completions[row], prefills[row]),
            )
            for row, known in ((row, letters.get(row)) for row in range(len(completions)))
        ]
        return sequences, completions, evidence

    def _forced(
        self, asked: Sequence[tuple[int, str]], force: Force, options: Mapping[str, Any], *, at_a_time: int
    ) -> list[_Letters | None]:
        """The letters behind each text, put behind its row's prompt; no pass where nothing is asked.

        A row may be asked about twice; what fitted in memory as a batch is not made larger.
        """
        one = {key: value for key, value in options.items() if key in ("eos_token_id", "pad_token_id")}
        found: list[_Letters | None] = []
        for start in range(0, len(asked), at_a_time):
            rows, texts = zip(*asked[start : start + at_a_time])
            found += self._letters(self.next_columns(force(list(rows), list(texts)), **one))
        return found

    def next_columns(self, inputs: Mapping[str, Any], **options: Any) -> torch.Tensor:
        """Log-probabilities of the letters' tokens as the next one, shape (rows, letter tokens)."""
        with self._tap() as steps:
            self._model.generate(**inputs, **options, max_new_tokens=1, do_sample=False)
        return self._columns(steps[0])

    def _columns(self, states: torch.Tensor) -> torch.Tensor:
        """The letter tokens' log-probabilities, shape (rows, letter tokens), of states of shape (rows, width)."""
        with torch.inference_mode():
            logits = self._model.get_output_embeddings()(states).float()
            return logits[:, self._flat] - torch.logsumexp(logits, dim=-1, keepdim=True)

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
        """Collect, per step, the state that goes into the output embedding, shape (rows, width)."""
        steps: list[torch.Tensor] = []

        def keep(_module: Any, args: tuple[torch.Tensor, ...]) -> None:
            steps.append(args[0][:, -1, :].clone())

        handle = self._model.get_output_embeddings().register_forward_pre_hook(keep)
        try:
            yield steps
        finally:
            handle.remove()

    def _letters(self, columns: torch.Tensor) -> list[_Letters | None]:
        """Each row's letters' log-probabilities; None where the logits overflowed, which makes no probabilities."""
        parts = torch.split(columns.cpu(), [len(ids) for ids in self._by_letter], dim=1)
        table = torch.stack([torch.logsumexp(part, dim=1) for part in parts], dim=1).tolist()
        return [tuple(row) if all(map(math.isfinite, row)) else None for row in table]

    def _finish(self, written: list[int], options: Mapping[str, Any], completion: str, prefill: str) -> Finish:
        if answered_at(completion, prefill=prefill) is not None:
            return "stop"
        # A stop string leaves no end token, only padding where it ended the row before others.
        cut = not self._ends(options) & set(written) and len(written) >= options.get("max_new_tokens", len(written))
        return "length" if cut else "stop"

    def _ends(self, options: Mapping[str, Any]) -> set[int]:
        end = options.get("eos_token_id")
        if end is None:
            end = self._model.generation_config.eos_token_id
        return {*(end if isinstance(end, (list, tuple)) else [end]), options.get("pad_token_id")}
