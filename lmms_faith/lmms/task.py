"""The host's task class for one benchmark under one condition."""

from __future__ import annotations

import inspect
import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lmms_eval.api.instance import Instance
from lmms_eval.api.task import ConfigurableMessagesTask
from loguru import logger
from PIL import Image

import lmms_faith
from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import images_of
from lmms_faith.conditions import (
    CONDITIONS_VERSION,
    NO_CLAIMS,
    Claims,
    NotApplicable,
    condition,
    fallback_of,
    read_claims,
    render,
)
from lmms_faith.item import LETTERS, Item, Prompt
from lmms_faith.lmms import data
from lmms_faith.lmms.channel import Evidence, detach, generation
from lmms_faith.lmms.images import blank, partner
from lmms_faith.lmms.plugin import MODELS
from lmms_faith.lmms.sample import stratified
from lmms_faith.lmms.scores import METRICS, mean_known, scores
from lmms_faith.record import Record, to_json
from lmms_faith.recording import recorded

DEFAULT_MAX_NEW_TOKENS = 1024
CLAIMS_VARIABLE = "LMMS_FAITH_CLAIMS"
"""Names a file of written claims, or a folder with ``<benchmark>.jsonl`` in it, for task files that name none."""


class PrefillUnsupported(RuntimeError):
    """A backend that would close a started assistant turn was asked to continue one."""


class FaithTask(ConfigurableMessagesTask):  # type: ignore[misc]
    """One benchmark under one condition; knows its condition both when it asks and when it scores.

    Args:
        config: A task file's content: ``task``, ``faith`` (``benchmark``, ``condition``, optionally ``seed`` and
            ``sample``, the number of items in a stratified subset) and any key of the host's TaskConfig that is to
            differ from ours; ``generation_kwargs`` are merged into ours.

    Raises:
        ValueError: Unknown benchmark or condition.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        asked = {key: value for key, value in config.items() if key not in ("class", "faith", "generation_kwargs")}
        faith = config["faith"]
        self.benchmark = benchmark(faith["benchmark"])
        self.condition = condition(faith["condition"])
        self.seed = int(faith.get("seed", 0))
        self.claims = _claims(faith.get("claims") or os.environ.get(CLAIMS_VARIABLE), self.benchmark.name)
        self.sample = int(faith["sample"]) if "sample" in faith else None
        self._simple = False
        self._evidence: dict[str, list[Evidence | None]] = {}
        host = self._host_config() | asked | {"metadata": self._metadata()}
        host["generation_kwargs"] |= config.get("generation_kwargs") or {}
        super().__init__(config=host)

    def _metadata(self) -> dict[str, Any]:
        return {
            "version": CONDITIONS_VERSION,
            "benchmark": self.benchmark.name,
            "condition": self.condition.name,
            "seed": self.seed,
            "claims": self.claims.version,
        }

    def _host_config(self) -> dict[str, Any]:
        local = data.override(self.benchmark.name)
        stored = {
            "dataset_path": self.benchmark.dataset_path,
            "dataset_name": self.benchmark.dataset_name,
            "dataset_kwargs": dict(self.benchmark.dataset_kwargs),
            "test_split": self.benchmark.split,
        }
        return {
            **(local or stored),
            "output_type": "generate_until",
            # The host strips <think> before scoring unless told "none"; a YAML null would not do.
            "reasoning_tags": "none",
            "generation_kwargs": {
                "max_new_tokens": DEFAULT_MAX_NEW_TOKENS,
                "temperature": 0,
                "do_sample": False,
                # Left out, the host cuts simple models at the first blank line.
                "until": [],
                # Backends that use one message builder for a whole chunk group by these arguments: one condition a
                # chunk.
                "faith_benchmark": self.benchmark.name,
                "faith_condition": self.condition.name,
            },
            "metric_list": [
                {"metric": name, "aggregation": mean_known, "higher_is_better": better}
                for name, better in METRICS.items()
            ],
            # A callable here tells the host that the metrics come from the task.
            "process_results": scores,
            "doc_to_visual": self._visuals,
            "score_key": "score",
        }

    def download(self, dataset_kwargs: Any = None) -> None:
        """Load the data, hold them to the benchmark's contract, and keep the rows that can be asked.

        Rows that make no item, and items that this condition can't be applied to, are left out and counted in a
        warning. Of a ``sample`` task a seeded, stratified subset is kept, the same for every condition.

        Raises:
            ValueError: A missing or changed column, no usable row, or none that this condition can be applied to.
            FileNotFoundError: A local data file is not there, such as one that has to be put there by hand. The host
                alone would retry for ten seconds and hide the path.
        """
        name = self.benchmark.name
        for files in (dataset_kwargs or {}).get("data_files", {}).values():
            for file in [files] if isinstance(files, str) else files:
                if not Path(file).exists():
                    way_out = self.benchmark.by_hand or "reinstall the package"
                    raise FileNotFoundError(f"benchmark {name}: no data file {file}; {way_out}")
        super().download(dataset_kwargs)
        split = self.config.test_split
        rows = data.numbered(self.dataset[split])
        data.check(self.benchmark, rows.features, len(rows))
        usable, refused = data.usable(self.benchmark, rows)
        if not usable:
            first = ": ".join(refused[0])
            raise ValueError(f"benchmark {name}: none of {len(rows)} rows makes an item; the first: {first}")
        self._whole = rows.select(list(usable))
        self._whole_no_image = data.without_pictures(self.benchmark, self._whole)
        items = list(usable.values())
        asked = [place for place, item in enumerate(items) if self._can_ask(item)]
        if not asked:
            raise ValueError(
                f"benchmark {name}: condition {self.condition.name} applies to none of its {len(rows)} rows; leave "
                f"{self.config.task} out"
            )
        if len(asked) < len(rows):
            first = f"; the first left out: {': '.join(refused[0])}" if refused else ""
            logger.warning(f"{self.config.task}: {len(asked)} of {len(rows)} rows are asked{first}")
        if self.sample is not None:
            chosen = stratified([items[place] for place in asked], self.sample, seed=self.seed)
            asked = [asked[place] for place in chosen]
        self.dataset[split] = self._whole.select(asked)
        self.dataset_no_image[split] = self._whole_no_image.select(asked)

    def _can_ask(self, item: Item) -> bool:
        try:
            render(item, self.condition, seed=self.seed, claims=self.claims)
        except NotApplicable:
            return False
        return True

    # What is asked

    def item(self, doc: Mapping[str, Any]) -> Item:
        """The Item of a dataset row, whether or not it still has its image."""
        return self.benchmark.to_item(doc)

    def prompt(self, doc: Mapping[str, Any]) -> Prompt:
        """The prompt of a dataset row under this task's condition."""
        return self.rendered(self.item(doc))

    def rendered(self, item: Item) -> Prompt:
        """The prompt of an item under this task's condition."""
        return render(item, self.condition, seed=self.seed, claims=self.claims)

    def alternatives(self, doc: Mapping[str, Any]) -> tuple[str, ...]:
        """The values whose probability is asked for: gold and what is claimed; none of an item with options."""
        item = self.item(doc)
        if item.options:
            return ()
        return tuple(value for value in (item.gold, self.rendered(item).claimed) if value is not None)

    def doc_to_text(self, doc: Mapping[str, Any], doc_to_text: Any = None) -> str:
        """Everything the model is shown, as the host logs and caches it.

        The host's response cache keys on this text. So it holds prefill, image source and the values whose probability
        is asked for as well: an edited prefill, a different swap partner, a new wording or claim can never be served
        an old answer. Simple models get the user turn alone.
        """
        prompt = self.prompt(doc)
        if self._simple:
            return prompt.text
        source = (
            f" of {self._partner_id(doc)}" if prompt.image == "swapped" else {"blank": " blank"}.get(prompt.image, "")
        )
        values = self.alternatives(doc)
        scored = f"[values {' | '.join(values)}]" if values else ""
        return f"[image{source}]{scored}\n{prompt.text}\n[assistant]{prompt.prefill}"

    def doc_to_target(self, doc: Mapping[str, Any]) -> str:
        """Gold as text, for the host's logs."""
        return self.item(doc).gold

    def doc_to_messages(self, doc: Mapping[str, Any], **_rounds: Any) -> list[dict[str, Any]]:
        """User turn with picture and text, and the started assistant turn where there is one; fresh lists every
        time."""
        prompt = self.prompt(doc)
        pictures = [{"type": "image", "url": image} for image in self._visuals(doc)]
        messages = [{"role": "user", "content": [*pictures, {"type": "text", "text": prompt.text}]}]
        if prompt.prefill:
            messages.append({"role": "assistant", "content": [{"type": "text", "text": prompt.prefill}]})
        return messages

    def _visuals(self, doc: Mapping[str, Any]) -> list[Image.Image]:
        if self.condition.image == "swapped":
            doc = self._whole[self._partner(self.item(doc).id)]
        images = [image.convert("RGB") for image in images_of(self.benchmark, doc, self.item(doc))]
        return [blank(image) for image in images] if self.condition.image == "blank" else images

    def _partner_id(self, doc: Mapping[str, Any]) -> str:
        return self.item(self._whole_no_image[self._partner(self.item(doc).id)]).id

    @cache  # noqa: B019 - a task lives as long as its run
    def _partner(self, item_id: str) -> int:
        return partner(item_id, self._clusters, seed=self.seed, pictures=self._pictures)

    @cached_property
    def _clusters(self) -> dict[str, str]:
        return {item.id: item.cluster for item in map(self.item, self._whole_no_image)}

    @cached_property
    def _pictures(self) -> dict[str, int]:
        return dict(zip(self._clusters, data.picture_counts(self.benchmark, self._whole)))

    # Who may answer

    def build_all_requests(self, **options: Any) -> None:
        """Build the requests, after a look at the model that is to answer them.

        Raises:
            PrefillUnsupported: This condition starts the assistant turn and the model does not continue one. The host
                hands a task no model, so it is read from the caller's frame; a contract test holds the host to that.
        """
        frame = inspect.currentframe()
        caller = frame.f_back if frame else None
        model = caller.f_locals.get("lm") if caller else None
        if self.condition.prefilled and not getattr(model, "continues_prefill", False):
            reason = getattr(model, "no_prefill", "")
            why = f" ({reason})" if reason else ""
            raise PrefillUnsupported(
                f"task {self.config.task!r} starts the assistant turn, which model {type(model).__name__!r} would "
                f"close and answer anew{why}: choose a --model that continues it, one of {', '.join(MODELS)}"
                f"{self._or_else}"
            )
        self._simple = bool(getattr(model, "is_simple", False))
        super().build_all_requests(**options)

    @property
    def _or_else(self) -> str:
        """What a model that can't continue a started turn can be asked in place of this task."""
        standing, own, name = fallback_of(self.condition.name), self.condition.name, str(self.config.task)
        stem = name.removesuffix(own) if name.endswith(own) else f"faith_{self.benchmark.name}_"
        why = "which quotes the thought in the user's turn and is counted apart"
        return f"; or run {stem}{standing}, {why} (all such: faith_{self.benchmark.name}_closed)" if standing else ""

    def construct_requests(self, doc_id: int, ctx: str, **options: Any) -> Instance:
        """One request, in the shape that the model's kind (chat or simple) takes."""
        instance = super().construct_requests(doc_id, ctx, **options)
        if self._simple:
            ctx, _, arguments, *rest = instance.arguments
            instance.arguments = (ctx, arguments, self._visuals, *rest)
        return instance

    # What is made of the answers

    def apply_filters(self) -> Any:
        """Take the evidence off every completion before a filter, a score or a log sees it."""
        found: defaultdict[str, list[Evidence | None]] = defaultdict(list)
        for instance in self._instances:
            item = self.item(self.eval_docs_no_media[instance.doc_id])
            texts = []
            for response in instance.resps:
                text, evidence = detach(response)
                texts.append(text)
                found[item.id].append(evidence)
            instance.resps = texts
        self._evidence = dict(found)
        return super().apply_filters()

    def process_results(self, doc: Mapping[str, Any], results: list[Any], full_docs: Any = None) -> dict[str, Any]:
        """Score one row. Never raises on a completion: the host would retry five times, then end the whole run.

        Returns:
            The metrics by name (None where unknown), ``score`` for the host's ``--baseline``, the record as ``faith``.
        """
        text = results[0][0] if isinstance(results[0], list) else results[0]
        item = self.item(doc)
        record = self.record(item, text, self.evidence(item.id))
        return {**scores(record), "faith": to_json(record)}

    def evidence(self, item_id: str) -> Evidence | None:
        """What came with an item's first completion; to be had once the filters have run."""
        return self._evidence[item_id][0]

    def record(self, item: Item, text: str, evidence: Evidence | None) -> Record:
        """The record of one completion."""
        prompt = self.rendered(item)
        made = generation(text, evidence)
        if made.error is None and prompt.prefill and not (evidence and evidence.continued):
            made = replace(
                made, error="the backend gives no evidence that it continued the prefill; use a faith_* model"
            )
        return recorded(
            item,
            made,
            condition=self.condition.name,
            options=prompt.options,
            claimed=prompt.claimed,
            prefill=prompt.prefill,
            seed=self.seed,
            versions=_versions(self.claims.version),
        )


def _claims(path: str | None, benchmark: str) -> Claims:
    """Written claims from a file, or from a folder that may hold some for this benchmark."""
    if not path:
        return NO_CLAIMS
    file = Path(path) / f"{benchmark}.jsonl" if Path(path).is_dir() else Path(path)
    return read_claims(file) if file.exists() or not Path(path).is_dir() else NO_CLAIMS


def task_of(request: Instance) -> FaithTask | None:
    """The task of ours that a chat model's request belongs to; None of another's."""
    task = getattr(request.args[1], "__self__", None)
    return task if isinstance(task, FaithTask) else None


def alternatives(request: Instance) -> tuple[str, ...]:
    """What a request's task wants the probability of in place of letters; of other tasks than ours, nothing."""
    task = task_of(request)
    return () if task is None else task.alternatives(task.eval_docs_no_media[request.doc_id])


def shown_options(request: Instance) -> int:
    """How many options a request's item shows; of other tasks than ours, as many as there are letters."""
    task = task_of(request)
    return len(LETTERS) if task is None else len(task.prompt(task.eval_docs_no_media[request.doc_id]).options)


@cache
def _versions(claims: str) -> dict[str, str]:
    return {
        "lmms-faith": lmms_faith.__version__,
        "lmms-eval": version("lmms-eval"),
        "conditions": CONDITIONS_VERSION,
        "claims": claims,
    }
