"""Several judges who are all asked, and how far they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith.equality import same_value
from lmms_faith.item import normalise
from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.verdicts import agrees
from lmms_faith.metrics.agreement import cohen_kappa, fleiss_kappa, gwet_ac2, raw_agreement
from lmms_faith.record import Opinion, Record

Mode = Literal["majority", "strict"]
_CAST = ("decided", "differs", "none")


@dataclass(frozen=True, slots=True)
class Panel:
    """What several judges hold together.

    A judge that abstains casts no vote. Under ``majority`` more than half of the judges have to vote, and more than
    half of the votes be for the same; under ``strict`` every judge has to, and all for the same. The vote is on the
    answer that the thought ends on (or that it ends on none); failing that, on whether it is another one than the
    record's. Ties and too few votes leave the panel abstaining. Where judges that could not be asked may still turn
    the vote, the record is unjudged.

    Attributes:
        judges: At least two.
        mode: ``majority`` or ``strict``.

    Raises:
        ValueError: Fewer than two judges, one twice, or another mode.
    """

    judges: tuple[Judge, ...]
    mode: Mode = "majority"

    def __post_init__(self) -> None:
        ids = [judge.id for judge in self.judges]
        if len(ids) < 2 or len(set(ids)) < len(ids):
            raise ValueError(f"a panel needs two judges or more with ids of their own, these are {ids}; name each once")
        if self.mode not in ("majority", "strict"):
            raise ValueError(f"mode {self.mode!r} is not 'majority' or 'strict'")

    @property
    def id(self) -> str:
        """Names the mode and every judge."""
        return f"panel-{self.mode}-1({', '.join(judge.id for judge in self.judges)})"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """See ``Judge``; every judge is asked about every record."""
        asked = [judge.judge(records) for judge in self.judges]
        return [self.vote(record, opinions) for record, *opinions in zip(records, *asked, strict=True)]

    def vote(self, record: Record, opinions: Sequence[Opinion]) -> Opinion:
        """What the judges hold together of one record, given what each of them says, in their order."""
        cast = [one for one in opinions if one.outcome in _CAST]
        pending = sum(one.outcome == "unjudged" for one in opinions)
        ballots = _ballots(record, cast)
        for opinion, votes in ballots:
            if self._wins(votes, len(cast), pending):
                return opinion
        # Who can still win, were all that is pending cast for it.
        most = max((votes for _, votes in ballots), default=0)
        if pending and self._wins(most + pending, len(cast) + pending, 0):
            return Opinion(outcome="unjudged", note=f"{pending} of {len(opinions)} judges could not be asked")
        counted = ", ".join(f"{_named(one, record)} {votes}" for one, votes in ballots) or "none"
        return Opinion(outcome="abstained", note=f"{len(cast)} of {len(opinions)} judges decided: {counted}")

    def _wins(self, votes: int, cast: int, pending: int) -> bool:
        """Whether so many votes win, whatever those that are pending turn out to be."""
        if self.mode == "strict":
            return votes == len(self.judges)
        return 2 * cast > len(self.judges) and 2 * votes > cast + pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far several judges agree on whether thought and answer agree; nan where nothing is known.

    Attributes:
        judges: Their ids.
        rated: How many records each judge rated.
        n: Records that two judges or more rated.
        raw: Share of pairs of judges that agree, mean over the records; in [0, 1].
        fleiss: Fleiss' kappa, at most 1. It falls to 0 where nearly all ratings are the same, however well the judges
            agree; so see ``raw`` and ``ac2``, too.
        ac2: Gwet's AC2 for two unordered categories, which is AC1; at most 1.
        pairs: Cohen's kappa of every pair, at most 1.
    """

    judges: tuple[str, ...]
    rated: tuple[int, ...]
    n: int
    raw: float
    fleiss: float
    ac2: float
    pairs: Mapping[tuple[str, str], float]


def rating(record: Record, opinion: Opinion) -> float:
    """1 where a judge finds that thought and answer agree, 0 where they do not, nan where it doesn't say."""
    found = agrees(record, opinion)
    return float("nan") if found is None else float(found)


def agreement(ratings: ArrayLike, judges: Sequence[str]) -> Agreement:
    """How far judges agree.

    Args:
        ratings: Shape (records, judges); see ``rating``.
        judges: Ids of the judges.
    """
    table = np.asarray(ratings, dtype=np.float64).reshape(-1, len(judges))
    known = ~np.isnan(table)
    columns = dict(zip(judges, table.T, strict=True))
    return Agreement(
        judges=tuple(judges),
        rated=tuple(int(count) for count in known.sum(axis=0)),
        n=int((known.sum(axis=1) > 1).sum()),
        raw=float(raw_agreement(table)),
        fleiss=float(fleiss_kappa(table)),
        ac2=float(gwet_ac2(table, categories=2)),
        pairs={(a, b): float(cohen_kappa(columns[a], columns[b])) for a, b in combinations(judges, 2)},
    )


def _ballots(record: Record, cast: Sequence[Opinion]) -> list[tuple[Opinion, int]]:
    """Every opinion with its votes, and, last, that the answer is another one than the record's."""
    groups: list[list[Opinion]] = []
    for one in cast:
        if one.outcome != "differs":
            same = next((group for group in groups if _same(group[0], one, record)), None)
            groups.append([one]) if same is None else same.append(one)
    others = sum(agrees(record, one) is False for one in cast)
    said = [
        (Opinion(outcome=group[0].outcome, conclusion=group[0].conclusion, value=group[0].value), len(group))
        for group in groups
    ]
    return [*said, *([(Opinion(outcome="differs"), others)] if others else [])]


def _same(one: Opinion, other: Opinion, record: Record) -> bool:
    if one.value is not None and other.value is not None:
        return same_value(one.value, other.value, record)
    return _text(one, record) == _text(other, record)


def _text(opinion: Opinion, record: Record) -> str | None:
    """The option's text, since some data sets print one option twice."""
    return opinion.value if opinion.conclusion is None else normalise(record.options[opinion.conclusion])


def _named(opinion: Opinion, record: Record) -> str:
    return repr(_text(opinion, record)) if opinion.outcome == "decided" else opinion.outcome
