"""Claims written one by one, kept in a JSONL file, that stand in for a template's wording."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from lmms_faith.conditions.acceptance import form_problems, problems
from lmms_faith.item import Item, normalise

Side = Literal["wrong", "correct"]
Key = tuple[str, str, str]
"""Benchmark, item id, normalised text of what is claimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Who wrote a claim, with which prompt, on which day (ISO 8601), for the targets of which seed."""

    model: str
    prompt_version: str
    date: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenClaim:
    """One line of a claims file: the sentence that claims one answer of one item.

    Attributes:
        benchmark, item_id: Whose claim it is.
        answer: The claimed option's text, or the value.
        stance: ``wrong`` or ``correct``.
        sentence: The claim, full stop included.
        language: Language of the sentence, as an ISO 639-1 code.
        provenance: Where it came from.
    """

    benchmark: str
    item_id: str
    answer: str
    stance: Side
    sentence: str
    language: str
    provenance: Provenance

    @property
    def key(self) -> Key:
        """What the claim is found by."""
        return self.benchmark, self.item_id, normalise(self.answer)


@dataclass(frozen=True, slots=True)
class Claims:
    """Written sentences by benchmark, item id and normalised answer.

    Attributes:
        sentences: The sentences.
        version: Twelve hex digits of a hash of keys and sentences, whatever their order and provenance; ``none`` where
            there are no sentences.
    """

    sentences: Mapping[Key, str] = field(default_factory=dict)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        content = json.dumps(sorted((*key, sentence) for key, sentence in self.sentences.items())).encode()
        object.__setattr__(self, "version", hashlib.sha256(content).hexdigest()[:12] if self.sentences else "none")

    def sentence(self, item: Item, answer: str) -> str | None:
        """The written claim of an answer; None where there is none, so that the template serves."""
        return self.sentences.get((item.benchmark, item.id, normalise(answer)))


NO_CLAIMS = Claims()
"""Templates alone."""


def read_claims(path: Path) -> Claims:
    """All claims of a file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line that is no claim, or a second claim of the same answer; the message names file, line, field.
    """
    sentences: dict[Key, str] = {}
    for number, claim in _read(path):
        if isinstance(claim, ValueError):
            raise ValueError(f"{path}, line {number}: {claim}") from claim
        sentences[claim.key] = claim.sentence
    return Claims(sentences)


def faults(path: Path, items: Mapping[tuple[str, str], Item] | None = None) -> Iterator[tuple[int, str]]:
    """Line number and fault, for everything that is wrong with a claims file.

    Without items, what a line alone can tell is checked. For the benchmarks whose items are given (by benchmark and
    id), so are that the item exists, that the claim is on the side it says, and that it keeps the other side to itself.

    Raises:
        FileNotFoundError: There is no such file.
    """
    known = {benchmark for benchmark, _ in items or {}}
    for number, claim in _read(path):
        if isinstance(claim, ValueError):
            yield number, str(claim)
        elif items is None or claim.benchmark not in known:
            for problem in form_problems(claim.sentence, answer=claim.answer, language=claim.language):
                yield number, _unfit(claim, problem)
        elif (claim.benchmark, claim.item_id) not in items:
            yield number, f"field 'item_id' is {claim.item_id!r}, which {claim.benchmark} has not; delete the line"
        else:
            for fault in _misfits(claim, items[claim.benchmark, claim.item_id]):
                yield number, fault


def _misfits(claim: WrittenClaim, item: Item) -> Iterator[str]:
    side: Side = "correct" if normalise(claim.answer) == normalise(item.gold) else "wrong"
    if claim.stance != side:
        yield f"field 'stance' is {claim.stance!r}, but {claim.answer!r} is {side}; delete the line"
    for problem in problems(claim.sentence, item=item, answer=claim.answer, seed=claim.provenance.seed):
        yield _unfit(claim, problem)


def _unfit(claim: WrittenClaim, problem: str) -> str:
    return f"field 'sentence' {problem}: {claim.sentence!r}; rewrite it, or delete the line"


def to_line(claim: WrittenClaim) -> str:
    """A claim as one line of a file, newline included; ``parse_claim`` gives an equal one back."""
    return json.dumps(asdict(claim), ensure_ascii=False) + "\n"


def parse_claim(line: str) -> WrittenClaim:
    """A line of a claims file.

    Raises:
        ValueError: No JSON object, or a field that is missing, unknown or of the wrong kind; the message names it.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON object ({error}); repair or delete the line") from error
    values = _fields(WrittenClaim, data, within="")
    values["provenance"] = Provenance(**_fields(Provenance, values["provenance"], within="provenance."))
    if values["stance"] not in get_args(Side):
        raise ValueError(f"field 'stance' is {values['stance']!r}; write one of: {', '.join(get_args(Side))}")
    _check_date(values["provenance"].date)
    return WrittenClaim(**values)


def _read(path: Path) -> Iterator[tuple[int, WrittenClaim | ValueError]]:
    """Numbered claims; in the place of a bad or repeated one the error."""
    if not path.is_file():
        raise FileNotFoundError(f"no claims file {path}; write one with `lmms-faith claims write --out {path}`")
    lines: dict[Key, int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                claim = parse_claim(line.decode("utf-8"))
                first = lines.setdefault(claim.key, number)
                if first != number:
                    raise ValueError(
                        f"field 'answer' repeats line {first} ({', '.join(claim.key)}); delete one of the two"
                    )
            # UnicodeDecodeError is a ValueError.
            except ValueError as error:
                yield number, error
            else:
                yield number, claim


def _fields(kind: type[WrittenClaim] | type[Provenance], data: Any, *, within: str) -> dict[str, Any]:
    """The values for a dataclass of texts, whole numbers and provenance, each checked."""
    if not isinstance(data, dict):
        where = f"field {within[:-1]!r}" if within else "line"
        raise ValueError(f"{where} is a {type(data).__name__}; write a JSON object")
    expected: dict[str, type] = {
        entry.name: {"seed": int, "provenance": dict}.get(entry.name, str) for entry in fields(kind)
    }
    for name in sorted(data.keys() - expected.keys()):
        raise ValueError(f"field {within + name!r} is unknown; delete it, or write one of: {', '.join(expected)}")
    for name, wanted in expected.items():
        if name not in data:
            raise ValueError(f"field {within + name!r} is missing; add it")
        value = data[name]
        if not isinstance(value, wanted) or isinstance(value, bool) or not str(value).strip():
            meant = {str: "a text", int: "a whole number", dict: "an object"}[wanted]
            raise ValueError(f"field {within + name!r} is {value!r}; write {meant}")
    return data


def _check_date(text: str) -> None:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"field 'provenance.date' is {text!r}; write it as 2026-01-31") from error
