"""`faith_vllm`: the host's vLLM chat class, with continued prefills, letter probabilities, and a cache put to use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from lmms_eval.api.instance import GenerationResult, Instance
from lmms_eval.models.chat.vllm import VLLM
from lmms_eval.models.model_utils.gen_metrics import log_metrics
from loguru import logger
from transformers import AutoProcessor

from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.models.engine import Engine
from lmms_faith.lmms.models.identity import pictures, weights
from lmms_faith.lmms.models.inquiry import AS_IDS, Inquiry, Turn
from lmms_faith.lmms.models.letters import refuse_beams
from lmms_faith.lmms.models.order import in_a_row, originals
from lmms_faith.lmms.models.prefill import How, Messages, pictures_of, prefill_of, written_turn
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.store import image_digest, key_of, open_store
from lmms_faith.lmms.task import alternatives

_RAW = "raw_logprobs"
_OF_SPEED = frozenset(
    (
        *("batch_size", "max_num_seqs", "max_num_batched_tokens", "gpu_memory_utilization", "kv_cache_memory_bytes"),
        *("tensor_parallel_size", "data_parallel_size", "enable_prefix_caching", "block_size", "disable_log_stats"),
    )
)
"""The engine's arguments that change how fast an answer comes, and no more of it than its last digits."""


_Settle = Callable[[int, GenerationResult, bool], None]
"""Takes the answer to the request at a place, and whether it was stored already."""


class FaithVLLM(VLLM):  # type: ignore[misc]
    """The host's ``vllm``; tensor and data parallel and all arguments of the engine are its own.

    Prompts are rendered as ``faith_hf`` renders them, and handed over as token ids with the pictures' pixels: nothing
    is encoded as JPEG, whatever ``LMMS_IMAGE_ENCODE_FORMAT`` says. All requests of one image follow each other, so that
    the prefix cache serves the image and what is shared of the text; so are the forced passes served.

    Args:
        model, pretrained: Hugging Face id or folder, under the host's name for it or under ``faith_hf``'s.
        prefill: See ``render_turn``.
        window: Requests under way at a time, at least; a larger ``batch_size`` counts, and so does what the engine can
            run, see ``Engine``.
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
        window: int = 1,
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
        _see_vllm()
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
        self._inquiry = Inquiry(self.tokenizer, name=name, most=int(options.get("max_logprobs", 20)))
        # Checked up to here, the engine, which takes minutes to load, is loaded.
        super().__init__(name, **options)
        if self.chat_template is not None:
            self.processor.chat_template = self.chat_template
        self._name, self._how = name, prefill
        self._engine = Engine(self.client, room=max(int(window), self.batch_size_per_gpu))
        self._store = open_store(store, rank=int(os.environ.get("RANK", 0)))
        self._identity = {} if self._store is None else self._identify(options)
        self._expense = Expense()

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer all requests, whatever tasks and conditions they mix, in the order given.

        A request that the engine refuses, such as one with too long a prompt, is a failed one.

        Raises:
            PrefillRefused: The template can't continue a prefill; raised before anything is generated.
            ValueError: Beam search is asked for, or the engine refuses every request.
        """
        for request in {request.task_name: request for request in reversed(requests)}.values():
            self._turn(request)  # refuses what can't be done while nothing has been generated yet
        sources = originals(requests)
        order = in_a_row(requests, sources)
        results: dict[int, GenerationResult] = {}
        self._expense = Expense()
        label = f"faith_vllm {Path(self._name).name}"
        with Progress(requests, label=label, rank=self.rank, world_size=self.world_size) as progress:

            def settle(index: int, answer: GenerationResult, stored: bool) -> None:
                results[index] = answer
                progress.done([index], [answer], stored=[index] if stored else ())

            self._answer(requests, order, settle)
        if requests:
            self._report(len(order))
        return [results[index] for index in sources]

    @property
    def letter_sampling(self) -> dict[str, Any]:
        """Sampling parameters that ask for the letters; see ``Inquiry``."""
        return self._inquiry.letter_sampling

    def rendered(self, messages: Messages) -> str:
        """The prompt text of a conversation, verified to end in its prefill."""
        return self._written(messages)[0]

    def generate_until_multi_round(self, requests: list[Instance]) -> list[list[str]]:
        """Not offered: the host's rounds carry neither prefill nor evidence."""
        raise NotImplementedError("faith_vllm answers in one round; use output_type generate_until")

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not offered: the host loses its result."""
        raise NotImplementedError(
            "faith_vllm returns letter probabilities with the generation; use output_type generate_until"
        )

    # One request

    def _written(self, messages: Messages) -> tuple[str, list[int]]:
        return written_turn(self.processor, self.tokenizer, messages, model=self._name, how=self._how)

    def _turn(self, request: Instance) -> Turn:
        _, doc_to_messages, asked, doc_id, task, split = request.args
        refuse_beams(asked)
        messages = doc_to_messages(self.task_dict[task][split][doc_id])
        images, values = pictures_of(messages), alternatives(request)
        return Turn(*self._written(messages), prefill_of(messages), images, values, self._resolve_sampling(asked))

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
        return params | ({"stop": stop, "include_stop_str_in_output": True} if stop else AS_IDS)

    # All requests

    def _answer(self, requests: Sequence[Instance], order: Sequence[int], settle: _Settle) -> None:
        """Answer the requests at some places, and settle each as soon as its answer is there and kept.

        Ranks that share a model have to ask the engine for the same. So each is handed what all of them ask, in parts
        of which all ranks have equally many, since the host gives them equally many requests.
        """
        if self._tp_world_size <= 1 or self._tp_group_cpu is None:
            self._answer_part(requests, order, settle, self._run)
            return
        parts = -(-len(requests) // self._engine.room)
        for part in range(parts):
            self._answer_part(
                requests, order[part * len(order) // parts : (part + 1) * len(order) // parts], settle, self._run_shared
            )

    def _answer_part(
        self,
        requests: Sequence[Instance],
        order: Sequence[int],
        settle: _Settle,
        run: Callable[[Iterator[Turn]], Iterator[tuple[int, GenerationResult]]],
    ) -> None:
        """Settle what the store knows, and what ``run`` makes of the turns that are left, by their number."""
        asked: list[tuple[int, str | None]] = []

        def missing() -> Iterator[Turn]:
            for index in order:
                self._expense.items += 1
                turn = self._turn(requests[index])
                key = None if self._store is None else self._key(turn)
                known = None if self._store is None else self._store.known(key)
                if known is None:
                    asked.append((index, key))
                    yield turn
                else:
                    self._expense.served += 1
                    settle(index, known, True)

        for place, answer in run(missing()):
            index, key = asked[place]
            if self._store is not None:
                self._store.keep(key, answer)
            settle(index, answer, False)

    def _run(self, turns: Iterable[Turn | None]) -> Iterator[tuple[int, GenerationResult]]:
        jobs = ((place, self._inquiry.job(turn, self._expense)) for place, turn in enumerate(turns) if turn is not None)
        return self._engine.run(jobs, on=self._expense.on)

    def _run_shared(self, turns: Iterable[Turn]) -> Iterator[tuple[int, GenerationResult]]:
        """The answers to this rank's turns; all ranks that share its model compute them with their own."""

        def run(merged: list[Turn | None]) -> list[GenerationResult | None]:
            found = dict(self._run(merged))
            return [found.get(place) for place in range(len(merged))]

        # The host leaves the engine alone where nobody asks anything, yet other replicas may wait for it to step.
        yield from enumerate(self._run_tp_synced([None, *turns], run)[1:])

    def _key(self, turn: Turn) -> str | None:
        return key_of(
            self._identity,
            prompt_ids=turn.ids,
            prefill=turn.prefill,
            pictures=map(image_digest, turn.images),
            sampling=turn.sampling,
            alternatives=turn.values,
        )

    def _report(self, n: int) -> None:
        """Tell what the run took, and what failed.

        Raises:
            ValueError: Everything failed.
        """
        spent = self._expense
        logger.info(f"faith_vllm: {spent}")
        if sum(spent.failed.values()) == n:
            raise ValueError(f"faith_vllm {self._name}: the engine refuses every request: {next(iter(spent.failed))}")
        for said in spent.failures(n):
            logger.warning(f"faith_vllm {self._name}: {said}")
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


def _version() -> str:
    import vllm

    return str(vllm.__version__)


def _see_vllm() -> None:
    try:
        import vllm  # noqa: F401 - missing, it is to be said now
    except ImportError as error:
        raise ImportError(f"faith_vllm needs vLLM: pip install 'lmms-faith[vllm]' ({error})") from error
