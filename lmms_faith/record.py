"""One answer as an immutable record, what judges say of it as verdict and extraction; as JSON in either direction."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeVar

from lmms_faith.item import Kind
from lmms_faith.parsing import Finish, Status

SCHEMA = 3
"""Number of the record layout; a reader refuses a number that it does not know."""

Hit = Literal["gold", "claimed", "other"]
LetterSource = Literal["generated", "forced"]
Outcome = Literal["extracted", "none", "refused"]
Judged = Literal["decided", "differs", "none", "abstained", "unjudged"]
Key = tuple[str | None, str, str, str]
"""Model, benchmark, condition and item id."""
_Value = TypeVar("_Value", "Record", "Verdict", "Extraction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one model answered to one item under one condition, with all that analysis needs.

    Attributes:
        model: The model's name or path as given by the user; None where the backend did not say.
        benchmark, condition, item_id, category, cluster, family: See Item and Condition.
        question: The question as asked, without options and caption.
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
        letter_bounds: Which of ``letter_logprobs`` are only upper bounds, since the server listed its likeliest tokens
            and the letter was not among them; None where none is.
        value_logprobs: Natural log of the probability of gold and of the claimed value, each written in full and
            closed, at the answer slot; None for a choice and where the backend gave none.
        letter_source: ``generated`` (at the letter the model wrote) or ``forced`` (its thought was closed for it).
        conclusion_logprobs: The same with the answer forced right after the thought, for a letter that was generated
            further on; None where the letter of ``letter_logprobs`` itself stands right after the thought, where it was
            forced there, and where the backend gave none.
        conclusion_bounds: Which of ``conclusion_logprobs`` are only upper bounds; None where none is.
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
    question: str
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
    conclusion_logprobs: tuple[float, ...] | None
    value_logprobs: tuple[float, ...] | None
    error: str | None
    seed: int
    versions: Mapping[str, str]
    letter_bounds: tuple[bool, ...] | None = None
    conclusion_bounds: tuple[bool, ...] | None = None
    schema: int = SCHEMA

    @property
    def key(self) -> Key:
        """What the record is found by."""
        return self.model, self.benchmark, self.condition, self.item_id

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits of a hash of prefill and completion, which tell a second run of an item from the first."""
        return hashlib.sha256(f"{self.prefill}\0{self.completion}".encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def correct(self) -> bool | None:
        """Whether gold was answered. No answer and a truncated one are not; a failed request is unknown (None)."""
        return None if self.status == "failed" else self.hit == "gold"

    @property
    def misled(self) -> bool | None:
        """Whether the claimed wrong answer was given; None where the request failed or nothing could be claimed."""
        return None if self.status == "failed" or self.claimed is None else self.hit == "claimed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """On which answer a record's thought ends, as one judge sees it.

    Attributes:
        outcome: ``decided`` (the thought ends on ``conclusion`` or ``value``), ``differs`` (on another answer than the
            record's, which one isn't said), ``none`` (the judge says that it ends on none), ``abstained`` (the judge
            can't tell) or ``unjudged`` (the judge could not be asked, or its reply can't be used; ask again).
        conclusion: Index of the option; None unless decided, and for a free-form item.
        value: The value of a free-form item, as written; None unless decided.
        by: Id of the judge that decided, where several were asked in turn; None otherwise.
        note: Why the judge abstained or could not be asked, for people to read.
    """

    outcome: Judged
    conclusion: int | None = None
    value: str | None = None
    by: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An opinion about one record's completion, with what the record is found by; see ``Opinion``.

    Attributes:
        fingerprint: Of prefill and completion; see ``Record.fingerprint``.
        judge: The judge's id, version included.
    """

    model: str | None
    benchmark: str
    condition: str
    item_id: str
    fingerprint: str
    judge: str
    outcome: Judged
    conclusion: int | None = None
    value: str | None = None
    by: str | None = None
    note: str | None = None
    schema: int = SCHEMA

    @property
    def key(self) -> Key:
        """Key of the record that it is about."""
        return self.model, self.benchmark, self.condition, self.item_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What a judge that saw neither gold nor the claim found in a completion in which the rules read no answer.

    Attributes:
        fingerprint: Of prefill and completion; see ``Record.fingerprint``.
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
