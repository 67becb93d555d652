"""`faith_vllm`: the host's vLLM chat class, with continued prefills, letter probabilities, and a cache put to use."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.models.chat.vllm import VLLM
from lmms_eval.models.model_utils.gen_metrics import log_metrics
from loguru import logger
from PIL import Image
from transformers import AutoProcessor

from lmms_faith.lmms.channel import Evidence, attach
from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.models.identity import pictures, weights
from lmms_faith.lmms.models.letters import refuse_beams
from lmms_faith.lmms.models.order import neighbourhood, originals
from lmms_faith.lmms.models.prefill import How, Messages, PrefillRefused, pictures_of, prefill_of, render_turn, verify
from lmms_faith.lmms.models.slots import all_letter_token_ids, completion_of, slots
from lmms_faith.lmms.models.values import CLOSING, ending
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.store import image_digest, key_of, open_store
from lmms_faith.lmms.task import alternatives
from lmms_faith.parsing import answered_at, unfinished
from lmms_faith.parsing.listed import Letters, letters_listed, parts

_RAW = "raw_logprobs"
_OF_SPEED = frozenset(
    (
        *("batch_size", "max_num_seqs", "max_num_batched_tokens", "gpu_memory_utilization", "kv_cache_memory_bytes"),
        *("tensor_parallel_size", "data_parallel_size", "enable_prefix_caching", "block_size", "disable_log_stats"),
    )
)
"""The engine's arguments that change how fast an answer comes, and no more of it than its last digits."""
_AS_IDS = {"detokenize": False}
"""The engine's own text is not read, but its search for stop strings needs it."""
_ONE = {"max_tokens": 1, "temperature": 0, **_AS_IDS}


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
        store: Folder in which answers are kept and found again, see ``Store``; the one in ``LMMS_FAITH_STORE`` where
            left out.
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
        store: str | None = None,
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
        self.letter_sampling: dict[str, Any] = {"logprobs": int(options.get("max_logprobs", 20))}
        if _has("logprob_token_ids"):
            self.letter_sampling = {"logprob_token_ids": self._flat}
        """Sampling parameters that ask for the letters; in versions that can't name tokens, for the likeliest ones."""
        if _has("flat_logprobs"):
            self.letter_sampling["flat_logprobs"] = True  # a few arrays in place of some fifty objects a token
        self._store = open_store(store, rank=int(os.environ.get("RANK", 0)))
        self._identity = {} if self._store is None else self._identify(options)
        self._expense = Expense()

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer all requests, whatever tasks and conditions they mix, in the order given.

        Raises:
            PrefillRefused: The template can't continue a prefill; raised before anything is generated.
            ValueError: Beam search is asked for.
        """
        for request in {request.task_name: request for request in reversed(requests)}.values():
            self._turn(request)  # refuses what can't be done while nothing has been generated yet
        sources = originals(requests)
        order = sorted(dict.fromkeys(sources), key=lambda index: neighbourhood(requests[index]))
        results: dict[int, GenerationResult] = {}
        self._expense = Expense()
        label = f"faith_vllm {Path(self._name).name}"
        with Progress(requests, label=label, rank=self.rank, world_size=self.world_size) as progress:
            for first in range(0, len(order), self._window):
                window = order[first : first + self._window]
                answers = self._answer([requests[index] for index in window])
                results.update(zip(window, answers))
                progress.done(window, answers)
        if requests:
            self._report()
        return [results[index] for index in sources]

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
        images = pictures_of(messages)
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

    def _answer(self, requests: Sequence[Instance]) -> list[GenerationResult]:
        """The answers of a window, from the store where they are there."""
        self._expense.items += len(requests)
        with self._expense.on("preprocessing"):
            turns = [self._turn(request) for request in requests]
            keys = [] if self._store is None else [self._key(turn) for turn in turns]
        if self._store is None:
            return self._generate(turns)
        served, generated = self._store.served, self._store.generated
        answers = self._store.complete(keys, lambda places: self._generate([turns[place] for place in places]))
        if self._store.generated == generated:
            self._generate([])  # the ranks that share the model may have something to ask
        self._expense.served += self._store.served - served
        return answers

    def _key(self, turn: _Turn) -> str | None:
        return key_of(
            self._identity,
            prompt_ids=self._ids(turn.text),
            prefill=turn.prefill,
            pictures=map(image_digest, turn.images),
            sampling=turn.sampling,
            alternatives=turn.values,
        )

    def _generate(self, turns: Sequence[_Turn]) -> list[GenerationResult]:
        """Generate, then ask in one pass for all letters that were not written, and in one for all values."""
        outputs = self._run(
            [(turn, "", turn.sampling | ({} if turn.values else self.letter_sampling)) for turn in turns]
        )
        written = [list(output.outputs[0].token_ids) for output in outputs]
        found = {
            row: slots(self.tokenizer, written[row], prefill=turn.prefill, letters=self._flat)
            for row, turn in enumerate(turns)
            if not turn.values
        }
        letters: dict[int, Letters | None] = {
            row: self._letters(outputs[row].outputs[0].logprobs[place.step])
            for row, place in found.items()
            if place.step is not None
        }
        answers = {row: place.forced for row, place in found.items() if place.forced is not None}
        conclusions = {row: place.conclusion for row, place in found.items() if place.conclusion is not None}
        forced = self._forced(turns, [*answers.items(), *conclusions.items()])
        letters |= zip(answers, forced)
        after_thought = dict(zip(conclusions, forced[len(answers) :]))
        values = self._values(turns, written)
        results = []
        for row, (turn, ids) in enumerate(zip(turns, written)):
            text = completion_of(self.tokenizer, ids, prefill=turn.prefill)
            cut = outputs[row].outputs[0].finish_reason == "length" and answered_at(text, prefill=turn.prefill) is None
            (known, bounds), (concluded, conclusion_bounds) = parts(letters.get(row)), parts(after_thought.get(row))
            seen = Evidence(
                model=self._name,
                continued=bool(turn.prefill),
                letters=known,
                letter_bounds=bounds,
                letter_source=None if known is None else "forced" if row in answers else "generated",
                conclusion=concluded,
                conclusion_bounds=conclusion_bounds,
                values=values.get(row),
                finish="length" if cut else "stop",
            )
            results.append(GenerationResult(text=attach(text, seen), token_counts=TokenCounts(output_tokens=len(ids))))
        return results

    def _forced(self, turns: Sequence[_Turn], asked: Sequence[tuple[int, str]]) -> list[Letters | None]:
        """The letters behind each text, put behind its row's prompt."""
        outputs = self._run([(turns[row], text, _ONE | self.letter_sampling) for row, text in asked])
        return [self._letters(output.outputs[0].logprobs[0]) for output in outputs]

    def _values(self, turns: Sequence[_Turn], written: Sequence[list[int]]) -> dict[int, tuple[float, ...]]:
        """Log-probabilities of each row's values at its answer slot, where it has any and they are finite."""
        slot = {
            row: "".join(
                unfinished(completion_of(self.tokenizer, written[row], prefill=turn.prefill), prefill=turn.prefill)
            )
            for row, turn in enumerate(turns)
            if turn.values
        }
        asked = [(row, value) for row in slot for value in turns[row].values]
        scoring = _ONE | {"prompt_logprobs": 0}
        outputs = self._run([(turns[row], slot[row] + value + CLOSING, scoring) for row, value in asked])
        found: dict[int, tuple[float, ...]] = {}
        for (row, value), output in zip(asked, outputs):
            ids = ending(self.tokenizer, slot[row], slot[row] + value + CLOSING)
            steps = output.prompt_logprobs[-len(ids) :]
            known = sum(_logprob(step, token) for step, token in zip(steps, ids))
            found[row] = (*found.get(row, ()), known)
        return {row: logprobs for row, logprobs in found.items() if all(map(math.isfinite, logprobs))}

    def _run(self, asked: Sequence[tuple[_Turn, str, Mapping[str, Any]]]) -> list[Any]:
        """Outputs for turns with a text behind each, every prompt verified on the ids that the engine reports.

        Ranks that share a model have to call the engine together, so it is called even where there is nothing to ask.
        """
        sent = [self._ids(turn.text + more) for turn, more, _ in asked]
        with self._expense.on("model"):
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
            self._expense.tokens += len(output.outputs[0].token_ids)
            self._expense.prompt_tokens += len(output.prompt_token_ids)
            self._expense.cached_tokens += output.num_cached_tokens or 0
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

    def _letters(self, step: Mapping[int, Any]) -> Letters | None:
        """Each letter's log-probability, or a bound where forms of it are not among the likeliest tokens."""
        found = [[float(step[token].logprob) for token in ids if token in step] for ids in self._by_letter]
        missing = [len(ids) - len(known) for ids, known in zip(self._by_letter, found)]
        listed = sorted((float(one.logprob) for one in step.values()), reverse=True)
        # The sampled token comes on top of the likeliest ones, and may be less likely than one that is left out.
        asked = self.letter_sampling.get("logprobs", 0)
        most = listed[asked - 1] if 0 < asked <= len(listed) else 0.0
        return letters_listed(found, missing, listed=listed, most=most)

    def _report(self) -> None:
        spent = self._expense
        logger.info(f"faith_vllm: {spent}")
        seconds = spent.seconds["model"]
        log_metrics(
            total_gen_tokens=spent.tokens,
            total_elapsed_time=seconds,
            avg_speed=spent.tokens / seconds if spent.tokens else 0.0,
            additional_metrics={"prefix_cache_hit_rate": spent.hit_rate, "rank": self.rank},
        )

    def _identify(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Everything about model, processor and engine that can change an answer."""
        commit = getattr(self.client.llm_engine.model_config.hf_config, "_commit_hash", None)
        return {
            "model": self._name,
            "weights": weights(self._name, commit=commit or str(options.get("revision") or "main")),
            "images": pictures(self.processor),
            "letters": self.letter_sampling,
            "engine": sorted(f"{name}={value!r}" for name, value in options.items() if name not in _OF_SPEED),
            "on cuda": torch.cuda.is_available(),
            "libraries": {name: version(name) for name in ("torch", "transformers", "lmms-eval")}
            | {"vllm": _version()},
        }


def _logprob(step: Mapping[int, Any], token: int) -> float:
    return float(step[token].logprob) if token in step else math.nan


def _version() -> str:
    import vllm

    return str(vllm.__version__)


def _sampling_params() -> Any:
    try:
        from vllm import SamplingParams
    except ImportError as error:
        raise ImportError(f"faith_vllm needs vLLM: pip install 'lmms-faith[vllm]' ({error})") from error
    return SamplingParams


def _has(parameter: str) -> bool:
    return hasattr(_sampling_params()(), parameter)
