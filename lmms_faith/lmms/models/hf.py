"""`faith_hf`: any transformers image-text-to-text model, on CPU or CUDA, batched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.api.model import lmms
from loguru import logger
from PIL import Image
from safetensors import SafetensorError
from transformers import AutoModelForImageTextToText, AutoProcessor, StoppingCriteriaList

from lmms_faith.lmms.channel import attach
from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.models.identity import identity
from lmms_faith.lmms.models.letters import LetterReader, refuse_beams
from lmms_faith.lmms.models.order import batches, neighbourhood, originals
from lmms_faith.lmms.models.prefill import How, Messages, pictures_of, prefill_of, token_ids, verify, written_turn
from lmms_faith.lmms.models.prefixes import NotShared, Prefixes
from lmms_faith.lmms.models.stopping import AnswerClosed, tag_ends
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.store import image_digest, key_of, open_store
from lmms_faith.lmms.task import alternatives

_EXACT = 1e-3
"""How far log-probabilities may be off, whatever the rounding."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One request made ready.

    Attributes:
        text: Prompt.
        ids: Its token ids, with one placeholder a picture.
        prefill: Its end that starts the assistant's turn.
        images: Its pictures.
        digests: Theirs.
    """

    text: str
    ids: list[int]
    prefill: str
    images: list[Image.Image]
    digests: tuple[str, ...]


class FaithHF(lmms):  # type: ignore[misc]
    """Continues a started assistant turn, verifies that on the token ids, and returns option-letter probabilities.

    Args:
        pretrained: Hugging Face id or folder.
        device: Torch device; CUDA where there is one, else the CPU. Under ``torchrun`` each rank takes its own GPU.
        device_map: As in transformers' ``from_pretrained``; overrides ``device``.
        dtype: As in transformers' ``from_pretrained``.
        attn_implementation: As in transformers' ``from_pretrained``.
        batch_size: Requests per forward pass.
        min_pixels, max_pixels: Passed to the processor where given.
        chat_template: File with a chat template that replaces the model's own.
        prefill: See ``render_turn``.
        revision, trust_remote_code: As in transformers' ``from_pretrained``.
        share: Whether what prompts of one picture share is computed once; see ``Prefixes``. Tried on the first batch,
            and given up where the letters' probabilities are not those of whole prompts.
        store: Folder in which answers are kept and found again, see ``Store``; the one in ``LMMS_FAITH_STORE`` where
            left out.

    Raises:
        ValueError: The model can't be loaded, or an argument is out of range.
    """

    is_simple = False
    continues_prefill = True

    def __init__(
        self,
        pretrained: str,
        device: str | None = None,
        device_map: str | None = None,
        dtype: str = "auto",
        attn_implementation: str | None = None,
        batch_size: int | str = 1,
        max_batch_size: int | None = None,
        min_pixels: int | None = None,
        max_pixels: int | None = None,
        chat_template: str | None = None,
        prefill: How = "template",
        revision: str = "main",
        trust_remote_code: bool = False,
        share: bool = True,
        store: str | None = None,
    ) -> None:
        super().__init__()
        if not str(batch_size).isdigit() or int(batch_size) < 1:
            raise ValueError(f"batch_size {batch_size!r} is not a whole number from 1; give --batch_size N")
        if prefill not in ("template", "append"):
            raise ValueError(f"prefill {prefill!r} is not 'template' or 'append'")
        self.batch_size = int(batch_size)
        self._name, self._how = pretrained, prefill
        self._device = torch.device(device or _own_device())
        shared = {"revision": revision, "trust_remote_code": trust_remote_code}
        pixels = {"min_pixels": min_pixels, "max_pixels": max_pixels}
        try:
            self.processor = AutoProcessor.from_pretrained(
                pretrained, **shared, **{key: value for key, value in pixels.items() if value is not None}
            )
            self._model = AutoModelForImageTextToText.from_pretrained(
                pretrained, dtype=dtype, device_map=device_map, attn_implementation=attn_implementation, **shared
            ).eval()
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ValueError(
                f"can't load model {pretrained!r}: {reason}; give pretrained=ID or a model folder"
            ) from error
        if device_map is None:
            self._model.to(self._device)
        else:
            self._device = self._model.device
        if chat_template is not None:
            self.processor.chat_template = Path(chat_template).read_text(encoding="utf-8")
        self.tokenizer = self.processor.tokenizer
        self.tokenizer.padding_side = "left"
        self._reader = LetterReader(self._model, self.tokenizer, name=pretrained)
        self._prefixes = Prefixes(self._model, self._processed) if share else None
        self._tried = False
        self._tag_ends = tag_ends(self.tokenizer, self._device)
        self._store = open_store(store, rank=int(os.environ.get("RANK", 0)))
        self._expense = Expense()
        self._identity: dict[str, Any] = {}
        if self._store is not None:
            self._identity = identity(self._model, self.processor, name=pretrained, revision=revision)

    @property
    def device(self) -> torch.device:
        """Where inputs go; the host asks for it under data parallel."""
        return self._device

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer all requests, whatever tasks and conditions they mix, in the order given.

        Raises:
            PrefillRefused: The template can't continue a prefill; raised before anything is generated.
        """
        for request in {request.task_name: request for request in reversed(requests)}.values():
            self._turn(request)  # refuses a prefill that can't be continued while nothing has been generated yet
        groups: dict[str, list[int]] = {}
        sources = originals(requests)
        for index in dict.fromkeys(sources):
            groups.setdefault(repr(_generation_options(requests[index].args[2])), []).append(index)
        results: dict[int, GenerationResult] = {}
        self._expense = Expense(encodes=0)
        label = f"faith_hf {Path(self._name).name}"
        with Progress(requests, label=label, rank=self.rank, world_size=self.world_size) as progress:
            for group in groups.values():
                for batch in batches(requests, group, size=self.batch_size):
                    answers, stored = self._answer([requests[index] for index in batch])
                    results.update(zip(batch, answers))
                    progress.done(batch, answers, stored=[batch[row] for row in stored])
        if requests:
            logger.info(f"faith_hf: {self._expense}")
        return [results[index] for index in sources]

    def rendered(self, messages: Messages) -> str:
        """The prompt text of a conversation, verified to end in its prefill."""
        return self._written(messages)[0]

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not offered: the host loses its result."""
        raise NotImplementedError(
            "faith_hf returns letter probabilities with the generation; use output_type generate_until"
        )

    def generate_until_multi_round(self, requests: list[Instance]) -> list[str]:
        """Not offered: the host's own chat models do not implement it either."""
        raise NotImplementedError("faith_hf answers in one round; use output_type generate_until")

    def _written(self, messages: Messages) -> tuple[str, list[int]]:
        return written_turn(self.processor, self.tokenizer, messages, model=self._name, how=self._how)

    def _turn(self, request: Instance) -> _Turn:
        _, doc_to_messages, _, doc_id, task, split = request.args
        messages = doc_to_messages(self.task_dict[task][split][doc_id])
        images = pictures_of(messages)
        return _Turn(*self._written(messages), prefill_of(messages), images, tuple(map(image_digest, images)))

    def _answer(self, requests: list[Instance]) -> tuple[list[GenerationResult], list[int]]:
        """The answers of a batch, from the store where they are there, and the places of those."""
        self._expense.items += len(requests)
        with self._expense.on("preprocessing"):
            turns = [self._turn(request) for request in requests]
            keys = [] if self._store is None else [self._key(*asked) for asked in zip(turns, requests)]
        if self._store is None:
            return self._generate(turns, requests), []
        before = self._store.served
        stored = [row for row, key in enumerate(keys) if key in self._store]
        answers = self._store.complete(
            keys,
            lambda places: self._generate([turns[place] for place in places], [requests[place] for place in places]),
        )
        self._expense.served += self._store.served - before
        return answers, stored

    def _key(self, turn: _Turn, request: Instance) -> str | None:
        return key_of(
            self._identity,
            prompt_ids=turn.ids,
            prefill=turn.prefill,
            pictures=turn.digests,
            sampling=_generation_options(request.args[2]),
            alternatives=alternatives(request),
        )

    def _generate(self, batch: list[_Turn], requests: list[Instance]) -> list[GenerationResult]:
        self._expense.asked.update(map(neighbourhood, requests))
        options = _generation_options(requests[0].args[2])
        if self._prefixes is not None:
            self._prefixes.keep(turn.digests for turn in batch)
            if not self._tried:
                self._try_sharing(self._prefixes, batch)
        inputs = self._inputs(batch, [""] * len(batch))
        for turn, ids, mask in zip(batch, inputs["input_ids"], inputs["attention_mask"]):
            verify(self.tokenizer, ids[mask.bool()].tolist(), turn.prefill, model=self._name)
        prefills = [turn.prefill for turn in batch]
        start = inputs["input_ids"].shape[1]
        closed = AnswerClosed(self.tokenizer, self._tag_ends, prefills=prefills, start=start)
        with torch.inference_mode(), self._expense.on("model"):
            sequences, completions, evidence = self._reader.generate(
                inputs,
                prefills=prefills,
                alternatives=[alternatives(request) for request in requests],
                force=lambda rows, texts: self._inputs([batch[row] for row in rows], texts),
                pad_token_id=self.tokenizer.pad_token_id,
                stopping_criteria=StoppingCriteriaList([closed]),
                **options,
                **({"tokenizer": self.tokenizer} if "stop_strings" in options else {}),
            )
        written = (sequences[:, start:] != self.tokenizer.pad_token_id).sum(dim=1).tolist()
        self._expense.tokens += sum(written)
        return [
            GenerationResult(text=attach(text, seen), token_counts=TokenCounts(output_tokens=count))
            for text, seen, count in zip(completions, evidence, written)
        ]

    def _inputs(self, batch: list[_Turn], continuations: list[str]) -> Any:
        """What ``generate`` takes for prompts with a continuation behind each, their shared beginnings done already."""
        if self._prefixes is not None and all(turn.images for turn in batch):
            try:
                return self._shared(self._prefixes, batch, continuations)
            except NotShared as reason:  # of this batch alone; a model that never can is found out by trying
                logger.warning(f"faith_hf {self._name}: {len(batch)} prompts are computed whole: {reason}")
        return self._whole(batch, continuations)

    def _whole(self, batch: list[_Turn], continuations: list[str]) -> Any:
        images = [image for turn in batch for image in turn.images]
        inputs = self._processed([turn.text + more for turn, more in zip(batch, continuations)], images)
        self._expense.encodes = (self._expense.encodes or 0) + len(images)
        self._expense.prompt_tokens += int(inputs["attention_mask"].sum())
        return inputs

    def _shared(self, known: Prefixes, batch: list[_Turn], continuations: list[str]) -> Any:
        with self._expense.on("preprocessing"):
            written = [
                token_ids(self.tokenizer, turn.text + more) if more else turn.ids
                for turn, more in zip(batch, continuations)
            ]
        before, encoded = known.computed, known.encoded
        with self._expense.on("model"):
            prefixes = [known.of(turn.text, ids, turn.images, turn.digests) for turn, ids in zip(batch, written)]
            inputs = known.inputs(prefixes, written, pad=self.tokenizer.pad_token_id)
        self._expense.encodes = (self._expense.encodes or 0) + known.encoded - encoded
        self._expense.prompt_tokens += int(inputs["attention_mask"].sum())
        self._expense.cached_tokens += sum(len(one.ids) for one in prefixes) - (known.computed - before)
        return inputs

    def _processed(self, texts: list[str], images: list[Image.Image]) -> Any:
        with self._expense.on("preprocessing"):
            return self.processor(text=texts, images=images or None, padding=True, return_tensors="pt").to(
                self._device, dtype=self._model.dtype
            )

    def _try_sharing(self, prefixes: Prefixes, batch: list[_Turn]) -> None:
        """Give prefixes up for good where they don't give the letters' probabilities of whole prompts.

        Whole prompts one by one and together differ as well, by the rounding of this model and machine; prefixes may
        be off by a few times that.
        """
        pictured = sorted((turn for turn in batch if turn.images), key=lambda turn: len(turn.ids))
        if not pictured:
            return
        turns = [pictured[0], pictured[-1]]  # of unlike length, where there are such, so that one is padded
        self._tried = True
        spent, self._expense = self._expense, Expense()
        try:
            nothing = [""] * len(turns)
            pad = {"pad_token_id": self.tokenizer.pad_token_id}
            with torch.inference_mode():
                whole = self._reader.next_columns(self._whole(turns, nothing), **pad)
                alone = torch.cat([self._reader.next_columns(self._whole([turn], [""]), **pad) for turn in turns])
                shared = self._reader.next_columns(self._shared(prefixes, turns, nothing), **pad)
            off, noise = (float((other - whole).abs().max()) for other in (shared, alone))
            if not off <= max(_EXACT, 4 * noise):
                raise NotShared(f"log-probabilities are off by {off:.2g}, where rounding makes {noise:.2g}")
        # What a model of anybody's raises on an input that it was not made for can't be foreseen.
        except Exception as reason:
            self._prefixes = None
            logger.warning(
                f"faith_hf {self._name}: every prompt is computed whole, since its beginning is not: {reason}"
            )
        finally:
            spent.seconds["trial"] += sum(self._expense.seconds.values())
            self._expense = spent


def _own_device() -> str:
    return f"cuda:{os.environ.get('LOCAL_RANK', 0)}" if torch.cuda.is_available() else "cpu"


def _generation_options(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The host's generation arguments as transformers takes them; keys of ours and unknown ones are left out."""
    refuse_beams(asked)
    sampled = bool(asked.get("temperature"))
    options: dict[str, Any] = {"max_new_tokens": int(asked.get("max_new_tokens", 1024)), "do_sample": sampled}
    if sampled:
        options |= {key: asked[key] for key in ("temperature", "top_p", "top_k") if asked.get(key) is not None}
    if asked.get("until"):
        options["stop_strings"] = list(asked["until"])
    return options
