"""What a backend knows about a completion, carried inside the completion's text and taken off before anything reads it.

Of what a model returns only the text survives the host's response cache, its gather over ranks and its logs. So
evidence travels as one trailer behind the text; this module writes it and reads it, and nothing else does.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any, get_args

from lmms_faith.item import LETTERS
from lmms_faith.parsing import Finish
from lmms_faith.record import LetterSource
from lmms_faith.recording import Generation

MARK = "\n<|lmms_faith_evidence|>"
EVIDENCE_FORMAT = 2
"""To be counted up when a change of ours makes other evidence of the same generation, so that no old one is served."""
FAILURE_MARK = "[LMMS_EVAL_"
"""What the host's own API models put in the place of a completion when a request fails or the budget is spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What happened when one completion was generated.

    Attributes:
        model: Name or path of the model.
        continued: Whether a prefilled turn was continued and seen to be so on the prompt's token ids.
        letters: Log-probabilities of the letters A to L at the answer position; None where there are none.
        letter_source: See ``Record``.
        conclusion: Log-probabilities of the letters right after the thought; None where that is the answer position,
            and where there are none.
        letter_bounds, conclusion_bounds: Which of ``letters`` and of ``conclusion`` are only upper bounds; None where
            none is.
        values: Log-probabilities of the values asked about (gold, claimed) at the answer slot; None for a choice.
        finish: Why generation ended; None where the request failed.
    """

    model: str
    continued: bool
    letters: tuple[float, ...] | None
    letter_source: LetterSource | None
    conclusion: tuple[float, ...] | None
    values: tuple[float, ...] | None
    finish: Finish | None
    letter_bounds: tuple[bool, ...] | None = None
    conclusion_bounds: tuple[bool, ...] | None = None


def attach(text: str, evidence: Evidence) -> str:
    """The text with the evidence behind it."""
    return text + MARK + json.dumps(asdict(evidence))


def detach(text: str) -> tuple[str, Evidence | None]:
    """The clean text and the evidence; None where the text carries none.

    Never raises, since an exception would end the host's run after all is generated: a trailer that can't be read, as
    a cut log line leaves it, gives a failure in the completion's place.
    """
    clean, mark, trailer = text.rpartition(MARK)
    if not mark:
        return text, None
    try:
        return clean, _evidence(json.loads(trailer))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return f"{FAILURE_MARK}EVIDENCE_UNREADABLE] {trailer[:80]!r} ({error}); generate this completion again", None


def failure(text: str, evidence: Evidence | None) -> str | None:
    """Why there is no completion to score, or None where there is one.

    Without evidence an empty text is a failure too: the host's InternVL and LLaVA classes turn exceptions into it.
    """
    if text.startswith(FAILURE_MARK):
        return text[:200]
    if evidence is None and not text.strip():
        return "empty completion from a backend that gives no evidence"
    return None


def generation(text: str, evidence: Evidence | None) -> Generation:
    """What a record is made of: a clean text with its evidence, and why there is none to score; see ``failure``."""
    error = failure(text, evidence)
    if evidence is None:
        return Generation(completion=text, error=error)
    return Generation(
        completion=text,
        model=evidence.model,
        finish=evidence.finish,
        error=error,
        letter_logprobs=evidence.letters,
        letter_bounds=evidence.letter_bounds,
        letter_source=evidence.letter_source,
        conclusion_logprobs=evidence.conclusion,
        conclusion_bounds=evidence.conclusion_bounds,
        value_logprobs=evidence.values,
    )


def failed(reason: str, *, model: str, mark: str = "REQUEST_FAILED") -> str:
    """What stands in the place of a completion, evidence included, where a model's request failed."""
    nothing = Evidence(
        model=model, continued=False, letters=None, letter_source=None, conclusion=None, values=None, finish=None
    )
    return attach(f"{FAILURE_MARK}{mark}] {reason}", nothing)


def _evidence(data: dict[str, Any]) -> Evidence:
    numbers = {name: _numbers(data, name) for name in ("letters", "conclusion", "values")}
    flags = {name: _flags(data, name) for name in ("letter_bounds", "conclusion_bounds")}
    evidence = Evidence(**data | numbers | flags)
    for found in (numbers["letters"], numbers["conclusion"], *flags.values()):
        if found is not None and len(found) != len(LETTERS):
            raise ValueError(f"{found!r} for {len(LETTERS)} letters")
    if not isinstance(evidence.continued, bool) or evidence.finish not in (None, *get_args(Finish)):
        raise ValueError(f"continued {evidence.continued!r}, finish {evidence.finish!r}")
    if evidence.letter_source not in (None, *get_args(LetterSource)) or not isinstance(evidence.model, str):
        raise ValueError(f"model {evidence.model!r}, letter_source {evidence.letter_source!r}")
    return evidence


def _numbers(data: dict[str, Any], name: str) -> tuple[float, ...] | None:
    found = data[name]
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, float) and math.isfinite(one) for one in found):
        raise ValueError(f"{name} {found!r}")
    return tuple(found)


def _flags(data: dict[str, Any], name: str) -> tuple[bool, ...] | None:
    found = data.get(name)
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(one, bool) for one in found):
        raise ValueError(f"{name} {found!r}")
    return tuple(found)
