"""How finished logs come in: record by record, with extracted answers applied and each thought judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lmms_faith.record import Record
    from lmms_faith.summary import Judged

VerdictsFile = Annotated[
    Path | None, typer.Option("--verdicts", help="File of `lmms-faith judge`; judged anew by rule if left out.")
]
JudgeId = Annotated[
    str | None, typer.Option("--judge", help="Whose verdicts, where the file has several judges'; the id or its start.")
]
Extractions = Annotated[Path | None, typer.Option(help="File of `lmms-faith extract`, to be applied.")]


@dataclass(frozen=True, slots=True)
class Reading:
    """Judged records as they come, and the id of who judged them."""

    judged: Iterator[Judged]
    judge: str | None


def read(
    results: Path,
    *,
    verdicts: Path | None = None,
    judge: str | None = None,
    extractions: Path | None = None,
    keep: Callable[[Record], bool] = lambda record: True,
) -> Reading:
    """The judged records of a results folder that are to be kept, read one at a time.

    Raises:
        FileNotFoundError: No logs, or a file that is not there.
        ValueError: A file that can't be read; the message names it.
    """
    from lmms_faith.extraction import apply, read_extractions
    from lmms_faith.judges import default_judge
    from lmms_faith.judging import each_verdict
    from lmms_faith.report.logs import read_records
    from lmms_faith.summary import Judged, Verdicts, judged_now, match

    found = read_extractions(extractions) if extractions else None

    def records() -> Iterator[Judged]:
        for record in read_records(results):
            if keep(record):
                (answered,) = apply([record], found) if found else (record,)
                yield Judged(answered, extracted=None if found is None else answered is not record)

    if verdicts is not None:
        said = Verdicts(each_verdict(verdicts, judge))
        return Reading(match(records(), said), said.judge)
    asked = default_judge()
    return Reading(judged_now(records(), asked), asked.id)
