"""Answers copied by a language model out of completions in which the rules read none, each checked before use."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path

from lmms_faith import sidecar
from lmms_faith.chat import Ask, NoReply, Progress, for_each, plain
from lmms_faith.hits import hit
from lmms_faith.item import LETTERS, Kind
from lmms_faith.parsing import Parsed, parse
from lmms_faith.parsing.span import AFTER, BEFORE
from lmms_faith.record import Extraction, Key, Outcome, Record, from_json, to_json

PROMPT_VERSION = "extract-1"
"""Name of the prompt file; a changed prompt is a new file."""

Extractions = Mapping[tuple[Key, str], Extraction]
"""By the record's key and fingerprint."""

_NONE = "NONE"
_FORMS: Mapping[Kind, tuple[str, str]] = {
    "choice": ("one of these options.", "the option's letter or the option's text"),
    "integer": ("a whole number.", "the number, with its sign and its unit"),
    "float": ("a number.", "the number or formula, with its sign and its unit"),
    "list": ("a list of values.", "the whole list, with its brackets"),
    "text": ("a word, a short phrase or a formula.", "the word, phrase or formula"),
}
"""What is asked for, and what is to be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the answers of some records.

    Attributes:
        by_rule: Answers that the rules read.
        remainder: Completions that ended without an answer that the rules read.
        extracted: Those of the remainder out of which the model copied an answer.
        none: Those in which the model says that there is none.
        refused: Those for which the model's reply can't be used.
        unreached: Those for which no reply came; a later run asks again.
        kept: Those that were in the file before, and were not asked about.
    """

    by_rule: int
    remainder: int
    extracted: int
    none: int
    refused: int
    unreached: int
    kept: int


async def extract(
    records: Iterable[Record],
    *,
    ask: Ask,
    model: str,
    out: Path,
    today: date,
    concurrency: int = 8,
    progress: Progress = lambda done, total: None,
) -> Tally:
    """Have a model copy the answers out of the completions in which the rules read none.

    Every outcome is appended to a file as it comes, NONE and refusals included: to ask until something is accepted
    would bias what is. What the file holds is neither rewritten nor asked for again, so that a stopped run goes on.
    Truncated, failed and empty completions are left alone.

    Args:
        records: The records; they are not changed.
        ask: The model; see ``chat.endpoint``.
        model: Its name.
        out: The file; made where it is missing.
        today: Goes into the file.
        concurrency: Requests at a time.
        progress: Told after every completion.

    Raises:
        ValueError: The file holds something that is no extraction, or those of another model or prompt.
        EndpointUnusable: The model can't be asked at all; what was written stays.
    """
    found = list(records)
    remainder = {_place(record): record for record in found if _is_unread(record)}
    present = _resumed(out, model)
    outcomes: Counter[Outcome] = Counter(present[place].outcome for place in remainder.keys() & present.keys())
    kept, unreached = outcomes.total(), 0

    progress(kept, len(remainder))
    with out.open("ab") as file:

        async def work(record: Record) -> None:
            nonlocal unreached
            try:
                reply = await ask([{"role": "user", "content": prompt(record)}])
            except NoReply:
                unreached += 1
            else:
                extraction = _judged(record, plain(reply), judge=model, today=today)
                sidecar.append(file, json.dumps(to_json(extraction)) + "\n")
                outcomes[extraction.outcome] += 1
            progress(outcomes.total() + unreached, len(remainder))

        asked = [record for place, record in remainder.items() if place not in present]
        await for_each(asked, work, concurrency=concurrency)
    return Tally(
        by_rule=sum(record.status == "answered" for record in found),
        remainder=len(remainder),
        extracted=outcomes["extracted"],
        none=outcomes["none"],
        refused=outcomes["refused"],
        unreached=unreached,
        kept=kept,
    )


def prompt(record: Record) -> str:
    """What the model is asked. It sees options and completion: not gold, not the claim, nothing that was prefilled."""
    template = (files("lmms_faith.conditions") / "prompts" / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8")
    wanted, form = _FORMS[record.kind]
    options = "".join(f"{letter}. {option}\n" for letter, option in zip(LETTERS, record.options))
    return template.format(wanted=wanted, form=form, options=options, completion=record.completion)


def apply(records: Iterable[Record], extractions: Extractions) -> Iterator[Record]:
    """The records, those with an extracted answer as if the rules had read it.

    An extraction speaks for the completion that it was made of alone; one of an older run changes nothing.
    """
    for record in records:
        parsed = _answer(record, extractions)
        if parsed is None:
            yield record
        else:
            said = hit(parsed.said, record, record.claimed)
            yield replace(record, status="answered", prediction=parsed.prediction, said=parsed.said, hit=said)


def extracted(records: Iterable[Record], extractions: Extractions) -> frozenset[Key]:
    """Keys of the records that ``apply`` gives an answer."""
    return frozenset(record.key for record in records if _answer(record, extractions) is not None)


def read_extractions(path: Path) -> Extractions:
    """All extractions of a file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line that is no extraction, or a second one of the same completion; the message names file and
            line.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no extractions file {path}; write one with `lmms-faith extract RESULTS --out {path}`")
    found: dict[tuple[Key, str], Extraction] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                extraction = from_json(Extraction, json.loads(line))
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {number}: no extraction ({error}); repair or delete the line"
                ) from error
            place = extraction.key, extraction.fingerprint
            if place in found:
                raise ValueError(f"{path}, line {number}: item {extraction.item_id!r} comes twice; delete the line")
            found[place] = extraction
    return found


def _resumed(out: Path, model: str) -> Extractions:
    """What the file holds, once it is there and ends in a whole line."""
    sidecar.prepare(out, start='{"model": ')
    present = read_extractions(out)
    for judge in {(extraction.judge, extraction.prompt_version) for extraction in present.values()}:
        if judge != (model, PROMPT_VERSION):
            raise ValueError(
                f"{out} holds what {judge[0]!r} found by prompt {judge[1]!r}; name another file with --out"
            )
    return present


def _judged(record: Record, reply: str, *, judge: str, today: date) -> Extraction:
    none = reply.rstrip(".") == _NONE
    outcome: Outcome = "none" if none else "refused" if _read(record, reply) is None else "extracted"
    return Extraction(
        model=record.model,
        benchmark=record.benchmark,
        condition=record.condition,
        item_id=record.item_id,
        fingerprint=record.fingerprint,
        outcome=outcome,
        span=reply if outcome == "extracted" else None,
        judge=judge,
        prompt_version=PROMPT_VERSION,
        date=today.isoformat(),
    )


def _answer(record: Record, extractions: Extractions) -> Parsed | None:
    """The answer that was extracted for a record; None where there is none."""
    extraction = extractions.get(_place(record)) if _is_unread(record) else None
    return None if extraction is None or extraction.span is None else _read(record, extraction.span)


def _read(record: Record, span: str) -> Parsed | None:
    """What a span says; None unless it stands in the completion, as a whole, and is an answer of the item's kind."""
    # What was prefilled is no part of the completion.
    if not span or not re.search(BEFORE + re.escape(span) + AFTER, record.completion):
        return None
    parsed = parse(span, record.options, kind=record.kind)
    return parsed if parsed.status == "answered" else None


def _is_unread(record: Record) -> bool:
    return record.status == "no_answer" and bool(record.completion.strip())


def _place(record: Record) -> tuple[Key, str]:
    return record.key, record.fingerprint
