"""What one request asks of vLLM's engine, step by step, and the answer with its evidence that comes of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lmms_eval.api.instance import GenerationResult, TokenCounts
from PIL import Image

from lmms_faith.lmms.channel import Evidence, attach, failed
from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.models.engine import Ask, Job, Refused
from lmms_faith.lmms.models.prefill import PrefillRefused, token_ids, verify
from lmms_faith.lmms.models.slots import all_letter_token_ids, completion_of, slots
from lmms_faith.lmms.models.values import CLOSING, ending
from lmms_faith.parsing import answered_at, unfinished
from lmms_faith.parsing.listed import Letters, letters_listed, parts
from lmms_faith.record import LetterSource

AS_IDS = {"detokenize": False}
"""The engine's own text is not read, but its search for stop strings needs it."""
_ONE = {"max_tokens": 1, "temperature": 0, **AS_IDS}


@dataclass(frozen=True, slots=True)
class Turn:
    """One request made ready: its prompt as text and ids, prefill, pictures, values asked about and sampling."""

    text: str
    ids: list[int]
    prefill: str
    images: list[Image.Image]
    values: tuple[str, ...]
    sampling: dict[str, Any]


class Inquiry:
    """Makes jobs of turns.

    Args:
        tokenizer: The model's.
        name: The model's, for evidence and messages.
        most: The most log-probabilities a step that the engine gives, for versions that can't name tokens; -1 for all.

    Attributes:
        letter_sampling: Sampling parameters that ask for the letters; in versions that can't name tokens, for the
            likeliest ones.

    Raises:
        ValueError: A letter is no single token.
    """

    def __init__(self, tokenizer: Any, *, name: str, most: int) -> None:
        self._tokenizer, self._name = tokenizer, name
        self._by_letter = all_letter_token_ids(tokenizer, name=name)
        self._flat = sorted({token for ids in self._by_letter for token in ids})
        named = _has("logprob_token_ids")
        self.letter_sampling: dict[str, Any] = {"logprob_token_ids": self._flat} if named else {"logprobs": most}
        if _has("flat_logprobs"):
            self.letter_sampling["flat_logprobs"] = True  # a few arrays in place of some fifty objects a token

    def job(self, turn: Turn, spent: Expense) -> Job[GenerationResult]:
        """Generate, then ask for the letters that were not written, or for the values.

        Args:
            turn: What is asked.
            spent: Where tokens are counted, and a refusal of the engine's with its reason.

        Raises:
            PrefillRefused: A prompt of the engine's does not end in the prefill, or in what was put behind it.
        """
        (output,) = yield [Ask(turn.ids, turn.images, turn.sampling | ({} if turn.values else self.letter_sampling))]
        if isinstance(output, Refused):
            spent.failed[output.reason] += 1
            return GenerationResult(text=failed(output.reason, model=self._name), token_counts=TokenCounts())
        _count(spent, output)
        verify(self._tokenizer, list(output.prompt_token_ids), turn.prefill, model=self._name)
        ids = list(output.outputs[0].token_ids)
        text = completion_of(self._tokenizer, ids, prefill=turn.prefill)
        letters, source, concluded, values = None, None, None, None
        if turn.values:
            values = yield from self._values(turn, "".join(unfinished(text, prefill=turn.prefill)), spent)
        else:
            letters, source, concluded = yield from self._read(turn, output.outputs[0], spent)
        (known, bounds), (conclusion, conclusion_bounds) = parts(letters), parts(concluded)
        cut = output.outputs[0].finish_reason == "length" and answered_at(text, prefill=turn.prefill) is None
        seen = Evidence(
            model=self._name,
            continued=bool(turn.prefill),
            letters=known,
            letter_bounds=bounds,
            letter_source=source,
            conclusion=conclusion,
            conclusion_bounds=conclusion_bounds,
            values=values,
            finish="length" if cut else "stop",
        )
        return GenerationResult(text=attach(text, seen), token_counts=TokenCounts(output_tokens=len(ids)))

    def _read(
        self, turn: Turn, written: Any, spent: Expense
    ) -> Job[tuple[Letters | None, LetterSource | None, Letters | None]]:
        """The letters at the answer, written or forced, and those right after the thought; None where unknown."""
        found = slots(self._tokenizer, written.token_ids, prefill=turn.prefill, letters=self._flat)
        texts = [text for text in (found.forced, found.conclusion) if text is not None]
        asked = [token_ids(self._tokenizer, turn.text + text) for text in texts]
        outputs = yield [Ask(ids, turn.images, _ONE | self.letter_sampling) for ids in asked]
        forced: dict[str | None, Letters | None] = {
            text: self._letters(output.outputs[0].logprobs[0])
            for text, ids, output in zip(texts, asked, outputs, strict=True)
            if self._ends_in(output, ids, text, spent)
        }
        conclusion = forced.get(found.conclusion)
        if found.step is not None:
            return self._letters(written.logprobs[found.step]), "generated", conclusion
        letters = forced.get(found.forced)
        return letters, None if letters is None else "forced", conclusion

    def _values(self, turn: Turn, slot: str, spent: Expense) -> Job[tuple[float, ...] | None]:
        """Log-probabilities of the turn's values at its answer slot; None where one can't be had or is not finite."""
        texts = [slot + value + CLOSING for value in turn.values]
        asked = [token_ids(self._tokenizer, turn.text + text) for text in texts]
        outputs = yield [Ask(ids, turn.images, _ONE | {"prompt_logprobs": 0}) for ids in asked]
        found = []
        for text, ids, output in zip(texts, asked, outputs, strict=True):
            if not self._ends_in(output, ids, text, spent):
                return None
            scored = ending(self._tokenizer, slot, text)
            found.append(sum(_logprob(*one) for one in zip(output.prompt_logprobs[-len(scored) :], scored)))
        return tuple(found) if all(map(math.isfinite, found)) else None

    def _ends_in(self, output: Any, ids: Sequence[int], text: str, spent: Expense) -> bool:
        """Whether there is an output, whose prompt is seen to end in a text.

        What a model wrote need not come back letter by letter from its tokenizer, so its ids are compared.

        Raises:
            PrefillRefused: The prompt ends in something else.
        """
        if isinstance(output, Refused):
            return False
        _count(spent, output)
        n = len(token_ids(self._tokenizer, text))
        if list(output.prompt_token_ids)[-n:] != list(ids)[-n:]:
            raise PrefillRefused(f"model {self._name!r}: the engine's prompt does not end in {text[-60:]!r}")
        return True

    def _letters(self, step: Mapping[int, Any]) -> Letters | None:
        """Each letter's log-probability, or a bound where forms of it are not among the likeliest tokens."""
        found = [[float(step[token].logprob) for token in ids if token in step] for ids in self._by_letter]
        missing = [len(ids) - len(known) for ids, known in zip(self._by_letter, found)]
        listed = sorted((float(one.logprob) for one in step.values()), reverse=True)
        # The sampled token comes on top of the likeliest ones, and may be less likely than one that is left out.
        asked = self.letter_sampling.get("logprobs", 0)
        most = listed[asked - 1] if 0 < asked <= len(listed) else 0.0
        return letters_listed(found, missing, listed=listed, most=most)


def _count(spent: Expense, output: Any) -> None:
    spent.tokens += len(output.outputs[0].token_ids)
    spent.prompt_tokens += len(output.prompt_token_ids)
    spent.cached_tokens += output.num_cached_tokens or 0


def _logprob(step: Mapping[int, Any], token: int) -> float:
    return float(step[token].logprob) if token in step else math.nan


def _has(parameter: str) -> bool:
    """Whether this version of vLLM has a sampling parameter."""
    from vllm import SamplingParams

    return hasattr(SamplingParams(), parameter)
