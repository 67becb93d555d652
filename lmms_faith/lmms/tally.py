"""How many requests of each benchmark and condition are answered, and how many of them rightly."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lmms_eval.api.instance import Instance
from loguru import logger

from lmms_faith.conditions import CONDITIONS
from lmms_faith.lmms.channel import detach, failure
from lmms_faith.lmms.task import task_of

_ORDER = {name: place for place, name in enumerate(CONDITIONS)}


@dataclass(slots=True)
class Row:
    """The requests of one benchmark under one condition; of a task that is none of ours, under its name alone.

    Attributes:
        total, done, failed: Requests there are, answered in any way, and failed.
        known, correct: Answers of which it is known whether they are right, and right ones.
        claims, misled: Answers to a wrong claim, and those that gave what was claimed.
        stored: Answers that came from a store.
        storing: Whether the latest one did.
    """

    benchmark: str
    condition: str
    total: int = 0
    done: int = 0
    failed: int = 0
    known: int = 0
    correct: int = 0
    claims: int = 0
    misled: int = 0
    stored: int = 0
    storing: bool = False

    @property
    def left(self) -> int:
        """Requests still to be generated, as far as one can tell: what a store holds of a row, it holds in one go."""
        return 0 if self.storing else self.total - self.done

    @property
    def acc(self) -> float | None:
        """Accuracy so far; None where nothing is known."""
        return self.correct / self.known if self.known else None

    @property
    def misled_rate(self) -> float | None:
        """Share of answers so far that gave the claimed wrong one; None where nothing wrong was claimed."""
        return self.misled / self.claims if self.claims else None


class Tally:
    """Counts answers as they come, scored by their own tasks.

    Args:
        requests: All requests of one call of a backend.

    Attributes:
        rows: By benchmark in the order of the requests, and by condition in the order of the table of conditions.
    """

    def __init__(self, requests: Iterable[Instance]) -> None:
        self._requests = list(requests)
        names = [_names(request) for request in self._requests]
        benchmarks = list(dict.fromkeys(benchmark for benchmark, _ in names))
        order = sorted(set(names), key=lambda name: (benchmarks.index(name[0]), _ORDER.get(name[1], len(_ORDER)), name))
        by_name = {name: Row(*name) for name in order}
        self.rows = list(by_name.values())
        self._row_of = [by_name[name] for name in names]
        for row in self._row_of:
            row.total += 1
        self._warned = False

    @property
    def total(self) -> int:
        """Requests there are."""
        return len(self._requests)

    @property
    def done(self) -> int:
        """Requests answered in any way."""
        return sum(row.done for row in self.rows)

    @property
    def failed(self) -> int:
        """Requests that failed."""
        return sum(row.failed for row in self.rows)

    @property
    def stored(self) -> int:
        """Answers that came from a store."""
        return sum(row.stored for row in self.rows)

    @property
    def left(self) -> int:
        """Requests still to be generated, as far as one can tell."""
        return sum(row.left for row in self.rows)

    def add(self, place: int, text: str, *, stored: bool = False) -> Row:
        """Count the answer, evidence included, to the request at a place; the row that it belongs to.

        Args:
            place: Of the request, in the list of all.
            text: The answer.
            stored: Whether it came from a store.
        """
        row = self._row_of[place]
        row.done += 1
        row.stored += stored
        row.storing = stored
        try:
            self._score(row, self._requests[place], text)
        # The host scores every answer again at the end, and says what is wrong; a count must not end a run.
        except Exception as error:
            if not self._warned:
                logger.warning(f"an answer of {row.benchmark} {row.condition} is not in the accuracy so far: {error}")
            self._warned = True
        return row

    def _score(self, row: Row, request: Instance, text: str) -> None:
        clean, evidence = detach(text)
        task = task_of(request)
        if task is None:
            row.failed += failure(clean, evidence) is not None
            return
        record = task.record(task.item(task.eval_docs_no_media[request.doc_id]), clean, evidence)
        row.failed += record.status == "failed"
        if record.correct is not None:
            row.known += 1
            row.correct += record.correct
        if record.misled is not None:
            row.claims += 1
            row.misled += record.misled


def _names(request: Instance) -> tuple[str, str]:
    task = task_of(request)
    return (request.task_name, "") if task is None else (task.benchmark.name, task.condition.name)
