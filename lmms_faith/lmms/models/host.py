"""The same two abilities, continued prefills and letter probabilities, for the host's own chat classes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts

from lmms_faith.lmms.channel import Evidence, attach
from lmms_faith.lmms.models.identity import identity
from lmms_faith.lmms.models.letters import LetterReader, refuse_beams
from lmms_faith.lmms.models.prefill import How, Messages, pictures_of, prefill_of, render_turn, verify, written_turn
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.store import image_digest, key_of, open_store
from lmms_faith.lmms.task import alternatives
from lmms_faith.parsing import until_answered

_HOSTS = "lmms_eval.models."
"""Start of the names of the modules that hold the host's own classes."""


class FaithChat:
    """Mixin, to stand before one of the host's transformers chat classes.

    Those classes do four things in the same order for each chunk: apply the chat template, call the processor,
    generate, decode. The mixin steps into each: it renders an open turn, checks the token ids, reads the letters off
    the generation, and hangs the evidence on the decoded text. Everything else stays the host's.

    Args:
        prefill: See ``render_turn``. All other arguments are the host class's.
        store: Folder in which answers are kept and found again, see ``Store``; the one in ``LMMS_FAITH_STORE`` where
            left out.
    """

    continues_prefill = True
    one_at_a_time = False
    """Whether the host class renders only the first conversation of a chunk, which asks for batch size 1."""
    _processor_attribute = "processor"

    def __init__(
        self, pretrained: str, *args: Any, prefill: How = "template", store: str | None = None, **options: Any
    ) -> None:
        super().__init__(pretrained, *args, **options)  # type: ignore[call-arg]
        if self.one_at_a_time and int(options.get("batch_size") or 1) != 1:
            raise ValueError(
                f"batch_size {options['batch_size']}: this host class mixes up a batch's prompts; give --batch_size 1"
            )
        host: Any = self
        steps = _Steps(
            host.model, host.tokenizer, getattr(self, self._processor_attribute), name=pretrained, how=prefill
        )
        self._steps = steps
        setattr(self, self._processor_attribute, steps)
        host._tokenizer = steps.tokenizer
        host.model.generate = steps.generate
        self._label = f"faith_{type(self).__module__.rpartition('.')[2]} {Path(pretrained).name}"
        self._store = open_store(store, rank=int(os.environ.get("RANK", 0)))
        self._identity: dict[str, Any] = {}
        if self._store is not None:
            self._identity = identity(host.model, steps, name=pretrained, revision="main") | {
                "class": type(self).__name__,
                "host": version("lmms-eval"),
                "options": [repr(args), *sorted(f"{name}={value!r}" for name, value in options.items())],
            }

    def generate_until(self, requests: list[Instance]) -> Any:
        """As the host's, after a check that every condition's prefill can be continued.

        Raises:
            PrefillRefused: The template can't continue a prefill; raised before anything is generated.
            ValueError: Beam search is asked for.
        """
        host: Any = self
        for request in {request.task_name: request for request in reversed(requests)}.values():
            _, doc_to_messages, arguments, doc_id, task, split = request.args
            refuse_beams(arguments)
            self.rendered(doc_to_messages(host.task_dict[task][split][doc_id]))
        generate = super().generate_until  # type: ignore[misc]
        if self._store is None:
            return generate([self._noting(request) for request in requests])
        results: dict[int, GenerationResult] = {}
        showing = Progress(requests, label=self._label, rank=host.rank, world_size=host.world_size)
        with showing as progress, _without_bar(type(self)):
            for places in self._chunks(requests):
                asked = [requests[place] for place in places]

                def make(missing: list[int], asked: list[Instance] = asked) -> list[GenerationResult]:
                    return [_result(one) for one in generate([self._noting(asked[place]) for place in missing])]

                keys = [self._key(request) for request in asked]
                stored = [place for place, key in zip(places, keys) if key in self._store]
                answers = self._store.complete(keys, make)
                results.update(zip(places, answers))
                progress.done(places, answers, stored=stored)
        return [results[place] for place in range(len(requests))]

    def _chunks(self, requests: list[Instance]) -> Iterator[list[int]]:
        """What the host class generates at a time: requests of the same arguments, the longest first."""
        groups: dict[str, list[int]] = {}
        for place, request in enumerate(requests):
            groups.setdefault(repr(request.args[2]), []).append(place)
        size = int(cast(Any, self).batch_size)
        for group in groups.values():
            group.sort(key=lambda place: -len(requests[place].args[0]))
            yield from (group[start : start + size] for start in range(0, len(group), size))

    def _key(self, request: Instance) -> str | None:
        _, doc_to_messages, arguments, doc_id, task, split = request.args
        messages = doc_to_messages(cast(Any, self).task_dict[task][split][doc_id])
        return key_of(
            self._identity,
            prompt_ids=self._steps.written(messages)[1],
            prefill=prefill_of(messages),
            pictures=map(image_digest, pictures_of(messages)),
            sampling=arguments,
            alternatives=alternatives(request),
        )

    def rendered(self, messages: Messages) -> str:
        """The prompt text of a conversation, verified to end in its prefill."""
        return self._steps.rendered(messages)

    def _noting(self, request: Instance) -> Instance:
        """The request, whose message builder notes the values to be asked about when its turn comes.

        A conversation alone does not say whose it is: many items of a benchmark share their question, hence their text.
        """
        text, doc_to_messages, *rest = request.args
        values = alternatives(request)

        def build(doc: Any) -> Any:
            self._steps.coming.append(values)
            return doc_to_messages(doc)

        noting = copy(request)
        noting.arguments = (text, build, *rest)
        return noting

    def _strip_thinking(self, answer: str) -> str:
        """Keep the thought, which the host's Qwen3 class would cut out of the answer beyond recovery."""
        return answer


@contextmanager
def _without_bar(kind: type) -> Iterator[None]:
    """Leave out the bar of the host's own class, which else makes one for each chunk."""
    module: Any = next(sys.modules[one.__module__] for one in kind.__mro__ if one.__module__.startswith(_HOSTS))
    bar = module.tqdm
    module.tqdm = lambda *args, **options: bar(*args, **options | {"disable": True})
    try:
        yield
    finally:
        module.tqdm = bar


class _Steps:
    """A processor (and tokenizer) that remembers, between template, call, generation and decoding, whose turn it is."""

    def __init__(self, model: Any, tokenizer: Any, processor: Any, *, name: str, how: How) -> None:
        self._processor, self._name, self._how = processor, name, how
        self._reader = LetterReader(_Plain(model), tokenizer, name=name)
        self.tokenizer = _Decoder(tokenizer, self)
        self._plain_tokenizer = tokenizer
        self.coming: list[tuple[str, ...]] = []
        self._alternatives: list[tuple[str, ...]] = []
        self._prefills: list[str] = []
        self._image_counts: list[int] = []
        self._called: dict[str, Any] = {}
        self._evidence: list[Evidence] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def rendered(self, messages: Messages) -> str:
        """Render one conversation and verify its tail, generating nothing."""
        return self.written(messages)[0]

    def written(self, messages: Messages) -> tuple[str, list[int]]:
        """The same, with its token ids."""
        return written_turn(self._processor, self._plain_tokenizer, _as_hf(messages), model=self._name, how=self._how)

    def apply_chat_template(
        self, conversations: Any, *, add_generation_prompt: bool = True, tokenize: bool = False, **options: Any
    ) -> Any:
        """Render each conversation as an open turn, with its prefill."""
        single = bool(conversations) and isinstance(conversations[0], dict)
        batch = [conversations] if single else list(conversations)
        self._prefills = [prefill_of(messages) for messages in batch]
        self._alternatives, self.coming = self.coming, []
        self._image_counts = [
            sum(part["type"] == "image" for turn in messages for part in turn["content"]) for messages in batch
        ]
        texts = [
            render_turn(self._processor, messages, model=self._name, how=self._how, **options) for messages in batch
        ]
        return texts[0] if single else texts

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Process, then verify every prompt's tail on its token ids."""
        inputs = self._processor(*args, **options)
        self._called = options
        for ids, mask, prefill in zip(inputs["input_ids"], inputs["attention_mask"], self._prefills, strict=True):
            verify(self._plain_tokenizer, ids[mask.bool()].tolist(), prefill, model=self._name)
        return inputs

    def generate(self, **options: Any) -> Any:
        """Generate with the letters read off; the host gets the sequences it expects."""
        arguments = (
            "max_new_tokens",
            "do_sample",
            "temperature",
            "top_p",
            "top_k",
            "num_beams",
            "use_cache",
            "eos_token_id",
            "pad_token_id",
        )
        chosen = {key: options.pop(key) for key in arguments if key in options}
        device, dtype = (
            options["input_ids"].device,
            next((v.dtype for v in options.values() if v.is_floating_point()), None),
        )

        def force(rows: list[int], texts: list[str]) -> Any:
            inputs = self._again(rows, texts).to(device)
            return inputs if dtype is None else inputs.to(dtype=dtype)

        sequences, _, self._evidence = self._reader.generate(
            options,
            prefills=self._prefills,
            alternatives=self._alternatives,
            force=force,
            **chosen,
        )
        return sequences

    def batch_decode(self, sequences: Any, **options: Any) -> list[str]:
        """Decode, and hang each row's evidence on its text."""
        whole = self._plain_tokenizer.batch_decode(sequences, **options)
        texts = [until_answered(text, prefill=prefill) for text, prefill in zip(whole, self._prefills, strict=True)]
        return [attach(text, seen) for text, seen in zip(texts, self._evidence, strict=True)]

    def _again(self, rows: Sequence[int], texts: Sequence[str]) -> Any:
        """Inputs of chosen rows of the last call, with a continuation behind each prompt."""
        options = dict(self._called)
        prompts = [options["text"]] if isinstance(options["text"], str) else list(options["text"])
        starts = [sum(self._image_counts[:row]) for row in rows]
        images = options.get("images")
        if images is not None:
            options["images"] = [
                image for row, at in zip(rows, starts) for image in images[at : at + self._image_counts[row]]
            ]
        options["text"] = [prompts[row] + text for row, text in zip(rows, texts)]
        return self._processor(**options | {"padding": True, "padding_side": "left"})


class _Decoder:
    """A tokenizer whose ``batch_decode`` hangs on the evidence; for host classes that decode with their tokenizer."""

    def __init__(self, tokenizer: Any, steps: _Steps) -> None:
        self._tokenizer, self._steps = tokenizer, steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._tokenizer(*args, **options)

    def batch_decode(self, sequences: Any, **options: Any) -> list[str]:
        """See ``_Steps.batch_decode``."""
        return self._steps.batch_decode(sequences, **options)


class _Plain:
    """A model whose ``generate`` is still its class's, whatever was set on the instance."""

    def __init__(self, model: Any) -> None:
        self._model, self.generate = model, model.generate

    def __call__(self, **inputs: Any) -> Any:
        return self._model(**inputs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


def _result(answer: Any) -> GenerationResult:
    """A host class's answer, which some give as a text alone."""
    return answer if isinstance(answer, GenerationResult) else GenerationResult(str(answer), TokenCounts())


def _as_hf(messages: Messages) -> list[dict[str, Any]]:
    return [
        {
            **turn,
            "content": [
                {"type": "image", "image": part["url"]} if part["type"] == "image" else part for part in turn["content"]
            ],
        }
        for turn in messages
    ]
