"""One condition's answers beside those to the same items under its baseline, as columns for the measures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lmms_faith.conditions import CONDITIONS
from lmms_faith.measures import Measure
from lmms_faith.summary.cells import Cell, Codes, Gathered
from lmms_faith.summary.columns import Floats
from lmms_faith.summary.letters import shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A cell with what it is compared with; None where there is no such condition, or nothing was read of it.

    Attributes:
        now: The condition's answers. All columns follow the order of its items.
        base: Those under its baseline; the cell itself for a baseline.
        plain: Those under the condition that makes the same claim without a hedge.
    """

    now: Cell
    base: Cell | None
    plain: Cell | None

    @property
    def compared(self) -> bool:
        """Whether there is a baseline, other than the condition itself."""
        return self.base is not None and self.base.condition != self.now.condition


def frame(gathered: Gathered, model: str, benchmark: str, condition: str) -> Frame:
    """The cell of a condition, with its baseline and plain version as far as they were read."""
    cells = gathered.cells
    return Frame(
        now=cells[model, benchmark, condition],
        base=cells.get((model, benchmark, baseline_of(condition) or "")),
        plain=cells.get((model, benchmark, plain_of(condition) or "")),
    )


def frames(gathered: Gathered, model: str, benchmark: str) -> list[Frame]:
    """Every condition's frame, in the order of the table of conditions, others behind in alphabetical order."""
    there = [key[2] for key in gathered.cells if key[:2] == (model, benchmark)]
    names = list(CONDITIONS)
    order = sorted(there, key=lambda name: (names.index(name) if name in names else len(names), name))
    return [frame(gathered, model, benchmark, name) for name in order]


def baseline_of(condition: str) -> str | None:
    """What a condition's drops are counted against; None for one outside of the table."""
    return CONDITIONS[condition].baseline if condition in CONDITIONS else None


def plain_of(condition: str) -> str | None:
    """The condition that makes the same claim without a hedge; None where there is none.

    >>> plain_of("wrong_caption_disclaimer"), plain_of("wrong_caption")
    ('wrong_caption', None)
    """
    row = CONDITIONS.get(condition)
    if row is None or row.tail == ".":
        return None
    like = replace(row, tail=".", name="", says="")
    return next((one.name for one in CONDITIONS.values() if replace(one, name="", says="") == like), None)


def applies(measure: Measure, condition: str) -> bool:
    """Whether a measure is one of a condition at all: those against the plain version are of hedged ones alone."""
    return measure.scope == "condition" and ("plain" not in sides(measure) or plain_of(condition) is not None)


def side_of(name: str) -> str:
    """The other condition that a column needs: ``base``, ``plain`` or an empty text for none.

    >>> side_of("base.correct"), side_of("js_shift"), side_of("correct")
    ('base', 'base', '')
    """
    return "base" if name == "js_shift" else name.rpartition(".")[0]


def sides(measure: Measure) -> set[str]:
    """What a measure compares its condition with: ``base``, ``plain``, both or nothing."""
    return {side_of(name) for name in measure.columns} - {""}


def columns(of: Frame, measure: Measure) -> tuple[Floats, ...]:
    """What a measure takes, shape (n,) each; nan for what is unknown, and for items missing on the other side."""
    return tuple(column(of, name) for name in measure.columns)


def papers(frames: Sequence[Frame]) -> list[Frame]:
    """Those of the paper's conditions, which a measure over several conditions is taken over."""
    return [of for of in frames if (row := CONDITIONS.get(of.now.condition)) is not None and row.kind == "paper"]


def across(frames: Sequence[Frame], measure: Measure, places: Codes) -> tuple[Floats, ...]:
    """The one column of a measure over several conditions, once per condition, of the items at some places."""
    (name,) = measure.columns
    return tuple(onto(places, of.now.places, column(of, name)) for of in frames)


def column(of: Frame, name: str) -> Floats:
    """One column, with the side in front of its name where it is not the condition's own; see ``measures.SIDES``."""
    if name == "js_shift":
        return _js_shift(of)
    side, _, own = name.rpartition(".")
    if not side:
        return of.now.column(own)
    cell = {"base": of.base, "plain": of.plain}[side]
    if cell is None:
        return np.full(len(of.now.places), math.nan)
    return onto(of.now.places, cell.places, cell.column(own))


def onto(places: Codes, from_: Codes, values: NDArray[np.floating]) -> Floats:
    """Values of some items in the order of others; nan for items that are not among them.

    Args:
        places: Shape (n,), rising; the items wanted.
        from_: Shape (m,), rising; the items that there are values of.
        values: Shape (m,) or (m, k).

    >>> onto(np.array([1, 5]), np.array([0, 1]), np.array([0.5, 0.25])).tolist()
    [0.25, nan]
    """
    out = np.full((len(places), *values.shape[1:]), math.nan)
    if len(from_):
        at = np.minimum(np.searchsorted(from_, places), len(from_) - 1)
        there = from_[at] == places
        out[there] = values[at[there]]
    return out


def unpaired(of: Frame) -> tuple[Codes, Codes]:
    """Places of items asked under the condition alone, and under its baseline alone; none without a baseline."""
    if of.base is None:
        return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32)
    now, base = of.now.places, of.base.places
    return np.setdiff1d(now, base, assume_unique=True), np.setdiff1d(base, now, assume_unique=True)


def _js_shift(of: Frame) -> Floats:
    if of.base is None:
        return np.full(len(of.now.places), math.nan)
    width = max(of.now.letters.shape[1], of.base.letters.shape[1])
    now, base = (_wide(cell.letters, width) for cell in (of.now, of.base))
    return shift(now, onto(of.now.places, of.base.places, base))


def _wide(letters: NDArray[np.float32], width: int) -> Floats:
    out = np.full((len(letters), width), math.nan)
    out[:, : letters.shape[1]] = letters
    return out
