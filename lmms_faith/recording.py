"""The record of one answer, made of the item, what was asked of it and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lmms_faith.hits import hit
from lmms_faith.item import Item, option_index
from lmms_faith.parsing import Finish, parse
from lmms_faith.parsing.listed import first_bounds
from lmms_faith.record import LetterSource, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """What came back for one prompt: the text, and what is known of how it came about.

    Attributes:
        completion: What the model wrote, behind the prefill where there is one; whatever text a failed request left.
        model, finish, error, letter_source, value_logprobs: See ``Record``.
        letter_logprobs, letter_bounds, conclusion_logprobs, conclusion_bounds: See ``Record``; from A on, for as many
            letters as are known, whether or not that many options were shown.
    """

    completion: str
    model: str | None = None
    finish: Finish | None = None
    error: str | None = None
    letter_logprobs: tuple[float, ...] | None = None
    letter_bounds: tuple[bool, ...] | None = None
    letter_source: LetterSource | None = None
    conclusion_logprobs: tuple[float, ...] | None = None
    conclusion_bounds: tuple[bool, ...] | None = None
    value_logprobs: tuple[float, ...] | None = None


def recorded(
    item: Item,
    generation: Generation,
    *,
    condition: str,
    options: tuple[str, ...],
    claimed: str | None,
    prefill: str,
    seed: int,
    versions: Mapping[str, str],
) -> Record:
    """The record of one answer, read by our own parser and compared under the item's own equality.

    Of a failed request text and error are kept, and no probability. Letters are kept of the options that were shown.

    Args:
        item: What was asked about.
        generation: What came back.
        condition: What was done to the item; a name of ours or anybody's.
        options: The options as shown: the item's, and the abstention option where one was added.
        claimed: The claimed wrong answer as text; None where there is none, or where it is not known.
        prefill: Start of the assistant turn that was given.
        seed, versions: See ``Record``.
    """
    failed, finish = generation.error is not None, generation.finish
    parsed = parse(generation.completion, options, kind=item.kind, prefill=prefill, finish=finish, failed=failed)
    measured = Generation(completion=generation.completion) if failed else generation
    return Record(
        model=generation.model,
        benchmark=item.benchmark,
        condition=condition,
        item_id=item.id,
        category=item.category,
        cluster=item.cluster,
        family=item.family,
        question=item.question,
        kind=item.kind,
        precision=item.precision,
        extras=dict(item.extras),
        options=options,
        gold=item.gold,
        claimed=claimed,
        answer=item.answer,
        target=None if claimed is None else option_index(claimed, item.options),
        prefill=prefill,
        completion=generation.completion,
        status=parsed.status,
        think=parsed.think,
        prediction=parsed.prediction,
        said=parsed.said,
        hit=hit(parsed.said, item, claimed),
        finish=finish,
        letter_logprobs=_shown(measured.letter_logprobs, options),
        letter_bounds=first_bounds(measured.letter_bounds, len(options)),
        letter_source=measured.letter_source,
        conclusion_logprobs=_shown(measured.conclusion_logprobs, options),
        conclusion_bounds=first_bounds(measured.conclusion_bounds, len(options)),
        value_logprobs=measured.value_logprobs,
        error=generation.error,
        seed=seed,
        versions=dict(versions),
    )


def _shown(letters: tuple[float, ...] | None, options: tuple[str, ...]) -> tuple[float, ...] | None:
    """The letters of the options that were shown."""
    return letters[: len(options)] if letters and options else None
