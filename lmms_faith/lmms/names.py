"""Our filters, metrics and aggregation under names that anybody's task YAML can use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lmms_eval import filters
from lmms_eval.api.filter import Filter
from lmms_eval.api.registry import (
    AGGREGATION_REGISTRY,
    HIGHER_IS_BETTER_REGISTRY,
    METRIC_AGGREGATION_REGISTRY,
    METRIC_REGISTRY,
)

from lmms_faith.item import LETTERS
from lmms_faith.lmms.channel import FAILURE_MARK, detach
from lmms_faith.lmms.scores import mean_known
from lmms_faith.parsing import parse


class CleanFilter(Filter):  # type: ignore[misc]
    """``faith_clean``: takes a faith backend's evidence off each completion."""

    def apply(self, resps: Iterable[Sequence[str]], docs: object) -> list[list[str]]:
        """One list of texts per request, cleaned."""
        return [[detach(text)[0] for text in texts] for texts in resps]


class AnswerFilter(Filter):  # type: ignore[misc]
    """``faith_answer``: the answered letter, an empty text where there is none, a failed request's message as it is."""

    def apply(self, resps: Iterable[Sequence[str]], docs: object) -> list[list[str]]:
        """One list of letters per request."""
        return [[_letter(text) for text in texts] for texts in resps]


def answered(references: Sequence[str], predictions: Sequence[str]) -> float | None:
    """``faith_answered``: 1 where ``faith_answer`` found a letter; None where the request failed."""
    return None if predictions[0].startswith(FAILURE_MARK) else float(bool(predictions[0]))


def acc(references: Sequence[str], predictions: Sequence[str]) -> float | None:
    """``faith_acc``: 1 where the answered letter is the reference's; None where the request failed."""
    if predictions[0].startswith(FAILURE_MARK):
        return None
    return float(predictions[0].strip("()") == str(references[0]).strip("()").upper())


FILTERS = {"faith_clean": CleanFilter, "faith_answer": AnswerFilter}
METRICS: dict[str, Callable[..., float | None]] = {"faith_acc": acc, "faith_answered": answered}
AGGREGATION = "faith_mean_known"


def register() -> None:
    """Put them into the host's registries; the filters' own dictionary included, which its decorator misses."""
    filters.FILTER_REGISTRY.update(FILTERS)
    AGGREGATION_REGISTRY[AGGREGATION] = mean_known
    for name, function in METRICS.items():
        METRIC_REGISTRY[name] = function
        HIGHER_IS_BETTER_REGISTRY[name] = True
        METRIC_AGGREGATION_REGISTRY[name] = mean_known


def _letter(text: str) -> str:
    clean = detach(text)[0]
    if clean.startswith(FAILURE_MARK):
        return clean
    prediction = parse(clean, None).prediction
    return "" if prediction is None else LETTERS[prediction]
