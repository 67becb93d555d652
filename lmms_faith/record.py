"""One answer as an immutable record, one judgement of it as a verdict; both as JSON in either direction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

from lmms_faith.parsing import Finish, Status

SCHEMA = 1
"""Number of the record layout; a reader refuses a number that it does not know."""

LetterSource = Literal["generated", "forced"]
_Value = TypeVar("_Value", "Record", "Verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one model answered to one item under one condition, with all that analysis needs.

    Attributes:
        model: The model's name or path as given by the user; None where the backend did not say.
        benchmark, condition, item_id, category, cluster, family: See Item and Condition.
        options: Options as shown.
        answer: Index of gold.
        target: Index of the claimed wrong option.
        prefill: Start of the assistant turn that was given.
        completion: What the model wrote after it.
        status, think, prediction: See ``parsing.Parsed``.
        finish: Why generation ended; None where the backend did not say.
        letter_logprobs: Natural log of the probability, over the whole vocabulary, of each option's letter at the
            answer position, all single-token forms of the letter summed; None where the backend gave none.
        letter_source: ``generated`` (at the letter the model wrote) or ``forced`` (its thought was closed for it).
        error: Why the request failed; None if it did not.
        seed: Seed of targets, placebos and swaps.
        versions: Versions of package, host and conditions.
        schema: Layout number.
    """

    model: str | None
    benchmark: str
    condition: str
    item_id: str
    category: str | None
    cluster: str
    family: str
    options: tuple[str, ...]
    answer: int
    target: int | None
    prefill: str
    completion: str
    status: Status
    think: str | None
    prediction: int | None
    finish: Finish | None
    letter_logprobs: tuple[float, ...] | None
    letter_source: LetterSource | None
    error: str | None
    seed: int
    versions: Mapping[str, str]
    schema: int = SCHEMA

    @property
    def correct(self) -> bool | None:
        """Whether gold was answered. No answer and a truncated one are not; a failed request is unknown (None)."""
        return None if self.status == "failed" else self.prediction == self.answer

    @property
    def misled(self) -> bool | None:
        """Whether the claimed wrong option was answered; None where the request failed or nothing could be claimed."""
        return None if self.status == "failed" or self.target is None else self.prediction == self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """On which option a record's reasoning ends, according to one judge that saw neither the answer nor gold.

    Attributes:
        judge: The judge's id, version included.
        conclusion: Index of the option; None where the judge abstains.
    """

    model: str | None
    benchmark: str
    condition: str
    item_id: str
    judge: str
    conclusion: int | None
    schema: int = SCHEMA


def to_json(value: Record | Verdict) -> dict[str, Any]:
    """The value as plain JSON types; ``from_json`` gives an equal one back."""
    return {field.name: _plain(field.name, getattr(value, field.name)) for field in fields(value)}


def from_json(kind: type[_Value], data: Mapping[str, Any]) -> _Value:
    """Rebuild a record or verdict.

    Raises:
        ValueError: Another schema number, or fields that are missing or unknown; the message names them.
    """
    name = kind.__name__
    if not isinstance(data, Mapping):
        raise ValueError(f"{name} is a {type(data).__name__}, not a JSON object; read a file that this package wrote")
    if data.get("schema") != SCHEMA:
        raise ValueError(
            f"{name} has schema {data.get('schema')!r}, this version reads {SCHEMA}; use the one that wrote it"
        )
    known = {field.name for field in fields(kind)}
    if known != data.keys():
        raise ValueError(f"{name} lacks {sorted(known - data.keys())} and has unknown {sorted(data.keys() - known)}")
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return kind(**values)


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(name, part) for part in value]
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} holds {value!r}, which JSON can't carry; unknown is None")
    return value
