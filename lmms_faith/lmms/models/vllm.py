"""`faith_vllm`: the host's vLLM chat class, with continued prefills, letter probabilities, and a cache put to use."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.models.chat.vllm import VLLM
from lmms_eval.models.model_utils.gen_metrics import log_metrics
from loguru import logger
from PIL import Image
from transformers import AutoProcessor

from lmms_faith.lmms.channel import Evidence, attach
from lmms_faith.lmms.models.letters import refuse_beams
from lmms_faith.lmms.models.prefill import How, Messages, PrefillRefused, prefill_of, render_turn, verify
from lmms_faith.lmms.models.slots import all_letter_token_ids, decode, slots
from lmms_faith.lmms.models.values import CLOSING, ending
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.task import FaithTask, alternatives
from lmms_faith.parsing import unfinished

_RAW = "raw_logprobs"
_AS_IDS = {"detokenize": False}
"""The engine's own text is not read, but its search for stop strings needs it."""
_ONE = {"max_tokens": 1, "temperature": 0, **_AS_IDS}
_Letters = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One request made ready: its prompt text, prefill, pictures, values asked about and sampling parameters."""

    text: str
    prefill: str
    images: list[Image.Image]
    values: tuple[str, ...]
    sampling: dict[str, Any]


class FaithVLLM(VLLM):  # type: ignore[misc]
    """The host's ``vllm``; tensor and data parallel and all arguments of the engine are its own.

    Prompts are rendered as ``faith_hf`` renders them, and handed over as token ids with the pictures' pixels: nothing
    is encoded as JPEG, whatever ``LMMS_IMAGE_ENCODE_FORMAT`` says. All requests of one image follow each other, so that
    the prefix cache serves the image and what is shared of the text; so are the forced passes served.

    Args:
        model, pretrained: Hugging Face id or folder, under the host's name for it or under ``faith_hf``'s.
        prefill: See ``render_turn``.
        window: Requests handed to the engine at a time, at least; a larger ``batch_size`` counts. Within it the engine
            batches by itself.
        options: The host class's arguments, and those of vLLM's ``LLM``.

    Raises:
        ImportError: vLLM can't be imported.
        ValueError: An argument is out of range, or the model has no processor that transformers can load.
    """

    continues_prefill = True

    def __init__(
        self,
        model: str | None = None,
        *,
        pretrained: str | None = None,
        prefill: How = "template",
        window: int = 256,
        **options: Any,
    ) -> None:
        name = model or pretrained
        if name is None or (model and pretrained):
            raise ValueError(
                f"model {model!r}, pretrained {pretrained!r}: give one of them, model=ID or a model folder"
            )
        if prefill not in ("template", "append"):
            raise ValueError(f"prefill {prefill!r} is not 'template' or 'append'")
        if int(window) < 1:
            raise ValueError(f"window {window!r} is not a whole number from 1")
        if options.get("logprobs_mode", _RAW) != _RAW:
            raise ValueError(f"logprobs_mode {options['logprobs_mode']!r}: letters are read before sampling; drop it")
        _sampling_params()
        try:
            self.processor = AutoProcessor.from_pretrained(
                name,
                revision=options.get("revision") or "main",
                trust_remote_code=options.get("trust_remote_code", True),
            )
        except (OSError, ValueError, KeyError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ValueError(
                f"can't load the processor of model {name!r}: {reason}; give model=ID or a model folder"
            ) from error
        self.tokenizer = getattr(self.processor, "tokenizer", self.processor)
        self._by_letter = all_letter_token_ids(self.tokenizer, name=name)
        self._flat = sorted({token for ids in self._by_letter for token in ids})
        # Checked up to here, the engine, which takes minutes to load, is loaded.
        super().__init__(name, **options)
        if self.chat_template is not None:
            self.processor.chat_template = self.chat_template
        self._name, self._how, self._window = name, prefill, max(int(window), self.batch_size_per_gpu)
        likeliest = {"logprobs": int(options.get("max_logprobs", 20))}
        self.letter_sampling: dict[str, Any] = (
            {"logprob_token_ids": self._flat} if _has("logprob_token_ids") else likeliest
        )
        """Sampling parameters that ask for the letters; in versions that can't name tokens, for the likeliest ones."""
        if _has("flat_logprobs"):
            self.letter_sampling["flat_logprobs"] = True  # a few arrays in place of some fifty objects a token

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer all requests, whatever tasks and conditions they mix, in the order given.

        Raises:
            PrefillRefused: The template can't continue a prefill; raised before anything is generated.
            ValueError: Beam search is asked for.
        """
        for request in {request.task_name: request for request in reversed(requests)}.values():
            self._turn(request)  # refuses what can't be done while nothing has been generated yet
        order = sorted(range(len(requests)), key=lambda index: _neighbourhood(requests[index]))
        results: dict[int, GenerationResult] = {}
        usage, start = _Usage(), time.perf_counter()
        label = f"faith_vllm {Path(self._name).name}"
        with Progress(requests, label=label, rank=self.rank, world_size=self.world_size) as progress:
            for first in range(0, len(order), self._window):
                window = order[first : first + self._window]
                answers = self._answer([requests[index] for index in window], usage)
                results.update(zip(window, answers))
                progress.done(window, answers)
        if requests:
            self._report(usage, time.perf_counter() - start)
        return [results[index] for index in range(len(requests))]

    def rendered(self, messages: Messages) -> str:
        """The prompt text of a conversation, verified to end in its prefill."""
        text = render_turn(self.processor, messages, model=self._name, how=self._how)
        verify(self.tokenizer, self._ids(text), prefill_of(messages), model=self._name)
        return text

    def generate_until_multi_round(self, requests: list[Instance]) -> list[list[str]]:
        """Not offered: the host's rounds carry neither prefill nor evidence."""
        raise NotImplementedError("faith_vllm answers in one round; use output_type generate_until")

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not offered: the host loses its result."""
        raise NotImplementedError(
            "faith_vllm returns letter probabilities with the generation; use output_type generate_until"
        )

    # One request

    def _turn(self, request: Instance) -> _Turn:
        _, doc_to_messages, asked, doc_id, task, split = request.args
        refuse_beams(asked)
        messages = doc_to_messages(self.task_dict[task][split][doc_id])
        images = [part["url"] for turn in messages for part in turn["content"] if part["type"] == "image"]
        return _Turn(
            self.rendered(messages), prefill_of(messages), images, alternatives(request), self._resolve_sampling(asked)
        )

    def _resolve_sampling(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The task's generation arguments as vLLM takes them.

        The host's own would let its default of new tokens win over a smaller one of the task, and drop ``until``.
        """
        given = {key: value for key, value in asked.items() if value is not None}
        defaults = {"temperature": 0, "top_p": 1.0, "max_new_tokens": self.max_new_tokens}
        params: dict[str, Any] = self._build_sampling_params_dict(defaults | given)
        params["max_tokens"] = int(params["max_tokens"])
        until = given.get("until") or []
        stop = [until] if isinstance(until, str) else list(until)
        return params | ({"stop": stop, "include_stop_str_in_output": True} if stop else _AS_IDS)

    # One window

    def _answer(self, requests: Sequence[Instance], usage: _Usage) -> list[GenerationResult]:
        """Generate, then ask in one pass for all letters that were not written, and in one for all values."""
        turns = [self._turn(request) for request in requests]
        outputs = self._run(
            [(turn, "", turn.sampling | ({} if turn.values else self.letter_sampling)) for turn in turns], usage
        )
        written = [list(output.outputs[0].token_ids) for output in outputs]
        found = {
            row: slots(self.tokenizer, written[row], prefill=turn.prefill, letters=self._flat)
            for row, turn in enumerate(turns)
            if not turn.values
        }
        letters: dict[int, _Letters | None] = {
            row: self._letters(outputs[row].outputs[0].logprobs[place.step])
            for row, place in found.items()
            if place.step is not None
        }
        answers = {row: place.forced for row, place in found.items() if place.forced is not None}
        conclusions = {row: place.conclusion for row, place in found.items() if place.conclusion is not None}
        forced = self._forced(turns, [*answers.items(), *conclusions.items()], usage)
        letters |= zip(answers, forced)
        after_thought = dict(zip(conclusions, forced[len(answers) :]))
        values = self._values(turns, written, usage)
        results = []
        for row, (turn, ids) in enumerate(zip(turns, written)):
            known = letters.get(row)
            seen = Evidence(
                model=self._name,
                continued=bool(turn.prefill),
                letters=known,
                letter_source=None if known is None else "forced" if row in answers else "generated",
                conclusion=after_thought.get(row),
                values=values.get(row),
                finish="length" if outputs[row].outputs[0].finish_reason == "length" else "stop",
            )
            results.append(
                GenerationResult(
                    text=attach(decode(self.tokenizer, ids), seen), token_counts=TokenCounts(output_tokens=len(ids))
                )
            )
        return results

    def _forced(self, turns: Sequence[_Turn], asked: Sequence[tuple[int, str]], usage: _Usage) -> list[_Letters | None]:
        """The letters behind each text, put behind its row's prompt."""
        outputs = self._run([(turns[row], text, _ONE | self.letter_sampling) for row, text in asked], usage)
        return [self._letters(output.outputs[0].logprobs[0]) for output in outputs]

    def _values(
        self, turns: Sequence[_Turn], written: Sequence[list[int]], usage: _Usage
    ) -> dict[int, tuple[float, ...]]:
        """Log-probabilities of each row's values at its answer slot, where it has any and they are finite."""
        slot = {
            row: "".join(unfinished(decode(self.tokenizer, written[row]), prefill=turn.prefill))
            for row, turn in enumerate(turns)
            if turn.values
        }
        asked = [(row, value) for row in slot for value in turns[row].values]
        scoring = _ONE | {"prompt_logprobs": 0}
        outputs = self._run([(turns[row], slot[row] + value + CLOSING, scoring) for row, value in asked], usage)
        found: dict[int, tuple[float, ...]] = {}
        for (row, value), output in zip(asked, outputs):
            ids = ending(self.tokenizer, slot[row], slot[row] + value + CLOSING)
            steps = output.prompt_logprobs[-len(ids) :]
            known = sum(_logprob(step, token) for step, token in zip(steps, ids))
            found[row] = (*found.get(row, ()), known)
        return {row: logprobs for row, logprobs in found.items() if all(map(math.isfinite, logprobs))}

    def _run(self, asked: Sequence[tuple[_Turn, str, Mapping[str, Any]]], usage: _Usage) -> list[Any]:
        """Outputs for turns with a text behind each, every prompt verified on the ids that the engine reports.

        Ranks that share a model have to call the engine together, so it is called even where there is nothing to ask.
        """
        sent = [self._ids(turn.text + more) for turn, more, _ in asked]
        outputs = self._run_tp_synced(
            [
                ({"prompt_token_ids": ids, "images": turn.images}, dict(sampling))
                for ids, (turn, _, sampling) in zip(sent, asked)
            ],
            self._call,
        )
        for ids, (turn, more, _), output in zip(sent, asked, outputs, strict=True):
            got = list(output.prompt_token_ids)
            if not more:
                verify(self.tokenizer, got, turn.prefill, model=self._name)
            # What a model wrote need not come back letter by letter from its tokenizer, so its ids are compared.
            elif got[-len(self._ids(more)) :] != ids[-len(self._ids(more)) :]:
                raise PrefillRefused(f"model {self._name!r}: the engine's prompt does not end in {more[-60:]!r}")
            usage.add(output)
        return list(outputs)

    def _call(self, asked: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Any]:
        if not asked:
            return []
        params = _sampling_params()
        prompts = [
            {"prompt_token_ids": prompt["prompt_token_ids"]}
            | ({"multi_modal_data": {"image": prompt["images"]}} if prompt["images"] else {})
            for prompt, _ in asked
        ]
        return list(self.client.generate(prompts, [params(**sampling) for _, sampling in asked], use_tqdm=False))

    def _ids(self, text: str) -> list[int]:
        # The template writes its special tokens itself; a second start token would be one too many.
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _letters(self, step: Mapping[int, Any]) -> _Letters | None:
        """Each letter's log-probability; None where a form of a letter is missing from the step, or nothing finite."""
        found = tuple(_log_sum_exp(_logprob(step, token) for token in ids) for ids in self._by_letter)
        return found if all(map(math.isfinite, found)) else None

    def _report(self, usage: _Usage, seconds: float) -> None:
        logger.info(
            f"faith_vllm: {usage.written} tokens in {seconds:.1f} s, {usage.cached} of {usage.prompted} prompt tokens "
            "from the prefix cache"
        )
        log_metrics(
            total_gen_tokens=usage.written,
            total_elapsed_time=seconds,
            avg_speed=usage.written / seconds,
            additional_metrics={"prefix_cache_hit_rate": usage.cached / usage.prompted, "rank": self.rank},
        )


@dataclass(slots=True)
class _Usage:
    """Tokens of a run: generated, of prompts, and of prompts served from the prefix cache."""

    written: int = 0
    prompted: int = 0
    cached: int = 0

    def add(self, output: Any) -> None:
        """Count one request in."""
        self.written += len(output.outputs[0].token_ids)
        self.prompted += len(output.prompt_token_ids)
        self.cached += output.num_cached_tokens or 0


def _neighbourhood(request: Instance) -> tuple[str, ...]:
    """What sorts requests of one image next to each other; within it they stay in the host's order."""
    _, doc_to_messages, _, doc_id, task, split = request.args
    ours = getattr(doc_to_messages, "__self__", None)
    if not isinstance(ours, FaithTask):
        return (str(task), str(split), str(doc_id))
    item = ours.item(ours.eval_docs_no_media[request.doc_id])
    return (item.benchmark, item.cluster, item.id)


def _logprob(step: Mapping[int, Any], token: int) -> float:
    return float(step[token].logprob) if token in step else math.nan


def _log_sum_exp(numbers: Iterable[float]) -> float:
    known = list(numbers)
    top = max(known)
    return top if not math.isfinite(top) else top + math.log(sum(math.exp(number - top) for number in known))


def _sampling_params() -> Any:
    try:
        from vllm import SamplingParams
    except ImportError as error:
        raise ImportError(f"faith_vllm needs vLLM: pip install 'lmms-faith[vllm]' ({error})") from error
    return SamplingParams


def _has(parameter: str) -> bool:
    return hasattr(_sampling_params()(), parameter)
