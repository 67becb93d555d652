"""One answer as an immutable record, what judges say of it as verdict and extraction; as JSON in either direction."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

from lmms_faith.item import Kind
from lmms_faith.parsing import Finish, Status

SCHEMA = 1
"""Number of the record layout; a reader refuses a number that it does not know."""

Hit = Literal["gold", "claimed", "other"]
LetterSource = Literal["generated", "forced"]
Outcome = Literal["extracted", "none", "refused"]
Key = tuple[str | None, str, str, str]
"""Model, benchmark, condition and item id."""
_Value = TypeVar("_Value", "Record", "Verdict", "Extraction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one model answered to one item under one condition, with all that analysis needs.

    Attributes:
        model: The model's name or path as given by the user; None where the backend did not say.
        benchmark, condition, item_id, category, cluster, family: See Item and Condition.
        kind, precision: What kind of answer the item takes; see Item.
        extras: What the benchmark's official score needs to know of the item; see Item.
        options: Options as shown; none for a free-form item.
        gold: Gold as text.
        claimed: The claimed wrong answer as text; None where there is none to claim.
        answer: Index of gold; None for a free-form item.
        target: Index of the claimed wrong option; None for a free-form item and where there is none to claim.
        prefill: Start of the assistant turn that was given.
        completion: What the model wrote after it.
        status, think, prediction: See ``parsing.Parsed``.
        said: The answer as text: the option's, or the value as written; None unless answered.
        hit: Whether the answer is ``gold``, the ``claimed`` wrong one or ``other``, under the item's own equality; None
            unless answered.
        finish: Why generation ended; None where the backend did not say.
        letter_logprobs: Natural log of the probability, over the whole vocabulary, of each option's letter at the
            answer position, all single-token forms of the letter summed; None where the backend gave none.
        value_logprobs: Natural log of the probability of gold and of the claimed value, each written in full and
            closed, at the answer slot; None for a choice and where the backend gave none.
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
    kind: Kind
    precision: int | None
    extras: Mapping[str, str]
    options: tuple[str, ...]
    gold: str
    claimed: str | None
    answer: int | None
    target: int | None
    prefill: str
    completion: str
    status: Status
    think: str | None
    prediction: int | None
    said: str | None
    hit: Hit | None
    finish: Finish | None
    letter_logprobs: tuple[float, ...] | None
    letter_source: LetterSource | None
    value_logprobs: tuple[float, ...] | None
    error: str | None
    seed: int
    versions: Mapping[str, str]
    schema: int = SCHEMA

    @property
    def key(self) -> Key:
        """What the record is found by."""
        return self.model, self.benchmark, self.condition, self.item_id

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of a hash of the completion, by which a second run of an item is told from the first."""
        return hashlib.sha256(self.completion.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def correct(self) -> bool | None:
        """Whether gold was answered. No answer and a truncated one are not; a failed request is unknown (None)."""
        return None if self.status == "failed" else self.hit == "gold"

    @property
    def misled(self) -> bool | None:
        """Whether the claimed wrong answer was given; None where the request failed or nothing could be claimed."""
        return None if self.status == "failed" or self.claimed is None else self.hit == "claimed"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a judge that saw neither gold nor the claim found in a completion in which the rules read no answer.

    Attributes:
        fingerprint: Of the completion; see ``Record.fingerprint``.
        outcome: ``extracted`` (an answer), ``none`` (the judge says that there is none) or ``refused`` (its reply can't
            be used).
        span: The answer as it stands in the completion; None unless extracted.
        judge: The judge's model.
        prompt_version: Name of the prompt file.
        date: The day, in ISO 8601.
    """

    model: str | None
    benchmark: str
    condition: str
    item_id: str
    fingerprint: str
    outcome: Outcome
    span: str | None
    judge: str
    prompt_version: str
    date: str
    schema: int = SCHEMA

    @property
    def key(self) -> Key:
        """Key of the record that it is about."""
        return self.model, self.benchmark, self.condition, self.item_id


def to_json(value: Record | Verdict | Extraction) -> dict[str, Any]:
    """The value as plain JSON types; ``from_json`` gives an equal one back."""
    return {field.name: _plain(field.name, getattr(value, field.name)) for field in fields(value)}


def from_json(kind: type[_Value], data: Mapping[str, Any]) -> _Value:
    """Rebuild a record, verdict or extraction.

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
