"""What a model can and can't do for these tasks, found by trying it on one drawn image."""

from __future__ import annotations

from dataclasses import dataclass

from lmms_eval.models import get_model

from lmms_faith.item import LETTERS
from lmms_faith.lmms.models.prefill import PrefillRefused
from lmms_faith.lmms.task import FaithTask, PrefillUnsupported
from lmms_faith.metrics import off_letter_mass
from lmms_faith.record import Record

BENCHMARK = "shapes"
_MAX_NEW_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Finding:
    """One question, whether it holds, and what was seen."""

    question: str
    holds: bool
    seen: str


def examine(model: str, model_args: str) -> list[Finding]:
    """Load a model as the host would and try it.

    Args:
        model: As for ``lmms-eval --model``.
        model_args: As for ``lmms-eval --model_args``.
    """
    lm = get_model(model).create_from_arg_string(model_args)
    base, _ = _try(lm, "base")
    try:
        prefilled, tail = _try(lm, "wrong_think")
        continued = Finding("continues a prefilled assistant turn", prefilled.error is None, f"prompt ends in {tail!r}")
    except (PrefillRefused, PrefillUnsupported) as refusal:
        continued = Finding("continues a prefilled assistant turn", False, str(refusal))
    return [continued, _letters(base), _format(base)]


def _try(lm: object, condition: str) -> tuple[Record, str]:
    """One record of the first item, and the tail of the prompt that was sent."""
    task = FaithTask(
        {"task": f"faith_{BENCHMARK}_{condition}", "faith": {"benchmark": BENCHMARK, "condition": condition}}
    )
    task.config.generation_kwargs["max_new_tokens"] = _MAX_NEW_TOKENS
    task.build_all_requests(limit=1)
    lm.task_dict[task.config.task] = task.dataset  # type: ignore[attr-defined]
    doc = task.task_docs[0]
    output = lm.generate_until(task.instances)[0]  # type: ignore[attr-defined]
    task.instances[0].resps.append(getattr(output, "text", output))
    task.apply_filters()
    record = task.record(task.item(doc), task.instances[0].resps[0], task.evidence(task.item(doc).id))
    rendered = lm.rendered(task.doc_to_messages(doc)) if hasattr(lm, "rendered") else ""
    return record, rendered[-160:]


def _letters(record: Record) -> Finding:
    question = "returns option-letter probabilities"
    if record.letter_logprobs is None:
        return Finding(
            question, False, f"none came with the completion {record.completion[-80:]!r}; use a faith_* model"
        )
    mass = off_letter_mass(record.letter_logprobs)
    bounds = record.letter_bounds or (False,) * len(record.letter_logprobs)
    shown = ", ".join(
        f"{letter} {'<= ' if bound else ''}{value:.2f}"
        for letter, value, bound in zip(LETTERS, record.letter_logprobs, bounds)
    )
    how = "at the letter that it wrote" if record.letter_source == "generated" else "with the answer forced"
    return Finding(question, True, f"log-probabilities {how}: {shown}; off-letter mass {mass:.3f}")


def _format(record: Record) -> Finding:
    holds = record.status == "answered" and record.think is not None and "<answer>" in record.completion
    return Finding("thinks in <think> and answers in <answer>", holds, f"{record.status}: {record.completion[-160:]!r}")
