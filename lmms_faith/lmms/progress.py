"""How far a backend is: on a terminal a bar per benchmark and condition, in a log a line now and then."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from types import TracebackType
from typing import TextIO

from lmms_eval.api.instance import GenerationResult, Instance
from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import Progress as Clock

from lmms_faith.lmms.above import drawing_console, lines_above
from lmms_faith.lmms.bars import bars, percent
from lmms_faith.lmms.tally import Row, Tally

REFRESHES = 2
"""Times a second that the bars are drawn; a drawing of many rows takes some milliseconds from the backend."""
PAUSE = 30.0
"""Seconds between two lines in a log, at least."""
SILENT = "TQDM_DISABLE"
"""Set to anything but 0, nothing is shown, as of the host's own bars."""


class Progress:
    """Shows what a call of a backend has done while it does it; to be entered before the first answer.

    Args:
        requests: All of the call.
        label: The backend and its model.
        rank, world_size: Of this process; the first alone shows anything, which is its own share.
        stream: Where; the standard error where none is given.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        requests: Iterable[Instance],
        *,
        label: str,
        rank: int = 0,
        world_size: int = 1,
        stream: TextIO | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream, self._now, self._began = stream or sys.stderr, now, now()
        self._said_at = self._began
        self._shown = rank == 0 and os.environ.get(SILENT, "0") in ("", "0")
        self._tally = Tally(requests if self._shown else ())
        self._label = label if world_size == 1 else f"{label}, share of rank 0 of {world_size}"
        self._note = ""
        self._unsaid = list(self._tally.rows)
        clock = Clock(get_time=now, disable=True)  # is never drawn, but knows speeds
        self._clock, self._task = clock, clock.add_task("", total=None)
        self._console = drawing_console(self._stream) if self._shown and _redraws(self._stream) else None
        self._live: Live | None = None
        self._ended, self._drawing = False, ExitStack()

    def __enter__(self) -> Progress:
        if self._console is not None and self._tally.rows:
            self._live = Live(
                console=self._console,
                get_renderable=self._drawn,
                refresh_per_second=REFRESHES,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            terminals = [one for one in (sys.stdout, sys.stderr) if one.isatty()]  # what goes to a file stays there
            with ExitStack() as stack:
                stack.enter_context(lines_above(self._console, {self._stream, *terminals}))
                stack.callback(self._live.stop)
                self._live.start(refresh=True)
                self._drawing = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._ended = True
            self._drawing.close()
        elif self._tally.rows:
            self._say(self._unsaid)

    def done(
        self,
        places: Sequence[int],
        results: Sequence[GenerationResult],
        *,
        stored: Collection[int] = (),
        note: str = "",
    ) -> None:
        """Take answers in.

        Args:
            places: Of the requests that they answer, in the list of all.
            results: Completions with their evidence.
            stored: Those of the places whose answers came from a store; they are counted, and say nothing of the speed.
            note: What else is to be said of the run as it stands.
        """
        if not self._shown:
            return
        for place, result in zip(places, results, strict=True):
            self._tally.add(place, result.text, stored=place in stored)
        if self._tally.stored == self._tally.done:
            self._clock.reset(self._task)  # the first answer that is generated takes the time from here on
        self._clock.update(self._task, advance=len(places) - len(stored))
        self._note = note
        if self._live is None and self._now() - self._said_at >= PAUSE and self._tally.done < self._tally.total:
            self._say([row for row in self._unsaid if row.done == row.total])

    def _drawn(self) -> RenderableType:
        """The bars; once all is over with every row, since the terminal may scroll then."""
        width, height = (self._console or Console()).size
        return bars(
            self._tally, label=self._label, speed=self._speed(), width=width, height=None if self._ended else height
        )

    def _say(self, rows: Iterable[Row]) -> None:
        """Lines on some rows, which are not said again, and on all requests."""
        said = list(rows)
        self._said_at = self._now()
        self._unsaid = [row for row in self._unsaid if row not in said]
        lines = [
            ", ".join([f"{row.benchmark} {row.condition} {_count(row)}", *filter(None, percent(row))]) for row in said
        ]
        lines.append(f"{_count(self._tally)}, {self._speed()}")
        self._stream.write("".join(f"{self._label}: {' '.join(line.split())}\n" for line in lines))
        self._stream.flush()

    def _speed(self) -> str:
        """Items generated a second of late, time gone by, time left, and what took none."""
        task, tally = self._clock.tasks[0], self._tally
        since = task.elapsed or 0.0
        speed = task.speed or (task.completed / since if since else 0.0)
        said = [f"{speed:.1f} items/s" if speed else "" if tally.done else "no answer yet"]
        said.append(f"{_time(self._now() - self._began)} gone")
        said.append(f"{_time(tally.left / speed)} left" if speed and tally.left else "")
        said.append(f"{tally.stored} from the store" if tally.stored else "")
        return ", ".join(filter(None, [*said, self._note]))


def _redraws(stream: TextIO) -> bool:
    """Whether it is a terminal that a cursor moves in; a log that a CI system colours is none."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")


def _count(counted: Row | Tally) -> str:
    failed = f", {counted.failed} failed" if counted.failed else ""
    return f"{counted.done}/{counted.total}{failed}"


def _time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
