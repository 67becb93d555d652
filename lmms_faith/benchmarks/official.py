"""Each benchmark's own headline, from its records under ``base``.

Every function returns shares between 0 and 1, the headline first. Failed requests are unknown: they are left out, and
counted under ``failed`` where there are any. A group of copies that lacks a known record is left out likewise. A share
of nothing is nan.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import nan
from typing import TypeVar

from lmms_faith.record import Record

Scores = dict[str, float]
_Key = TypeVar("_Key", bound=Hashable)
_WHATSUP_SIZES = {"pair": 2, "set": 4}
_3DSR_ABILITIES = ("height", "location", "orientation", "multi_object")


def accuracy(records: Sequence[Record]) -> Scores:
    """Share of right answers."""
    return {"accuracy": _share(records)} | _failed(records)


def category_mean(records: Sequence[Record]) -> Scores:
    """Mean over categories of the accuracy in each (MMMU, BLINK, MMStar), the micro-average, each category."""
    each = _by(records, lambda record: record.category or "none")
    return {"category_mean": _mean(list(each.values())), "accuracy": _share(records)} | each | _failed(records)


def category_accuracy(records: Sequence[Record]) -> Scores:
    """Share of right answers, over all and by category (V*Bench)."""
    return {"accuracy": _share(records)} | _by(records, lambda record: record.category or "none") | _failed(records)


def cv_bench(records: Sequence[Record]) -> Scores:
    """((ADE20K + COCO) / 2 + Omni3D) / 2 (Cambrian-1, arXiv 2406.16860), the micro-average, each source."""
    source = _sources(records)
    flat = (source["ADE20K"] + source["COCO"]) / 2
    return {"cv_bench": (flat + source["Omni3D"]) / 2, "accuracy": _share(records)} | source | _failed(records)


def cv_bench_2d(records: Sequence[Record]) -> Scores:
    """(ADE20K + COCO) / 2, the micro-average, either source."""
    source = _sources(records)
    del source["Omni3D"]
    return {"cv_bench_2d": _mean(list(source.values())), "accuracy": _share(records)} | source | _failed(records)


def three_dsr(records: Sequence[Record]) -> Scores:
    """Share of right answers (vanilla), of questions right in both mirrors (flip, of those that have both), accuracy by
    ability."""
    return {
        "vanilla": _share(records),
        "flip": _all_right(records, lambda r: (r.extras["base"], r.extras["turn"]), size=2),
        **_abilities(records),
        **_failed(records),
    }


def three_dsr_circular(records: Sequence[Record]) -> Scores:
    """Share of questions right in all copies: rotations and mirrors (flip_circular, 3DSRBench's strictest), rotations
    (circular), mirrors (flip); share of right answers (vanilla), and that by ability."""
    return {
        "flip_circular": _all_right(records, lambda r: r.extras["base"]),
        "circular": _all_right(records, lambda r: (r.extras["base"], r.extras["mirrored"])),
        "flip": _all_right(records, lambda r: (r.extras["base"], r.extras["turn"])),
        "vanilla": _share(records),
        **_abilities(records),
        **_failed(records),
    }


def mmbench(records: Sequence[Record]) -> Scores:
    """Share of questions right in every rotation (CircularEval, arXiv 2307.06281), and share of right answers."""
    return {"circular": _all_right(records, lambda r: r.family), "vanilla": _share(records)} | _failed(records)


def whatsup(records: Sequence[Record]) -> Scores:
    """Share of right answers, of opposites both right, of whole sets of four right (arXiv 2310.19785).

    Pairs and sets of which a record is missing, as in a subset of the data, are left out.
    """
    keys: dict[str, Callable[[Record], Hashable]] = {
        "pair": lambda r: (r.extras["set"], r.extras["axis"]),
        "set": lambda r: r.extras["set"],
    }
    groups = {name: _all_right(records, key, size=_WHATSUP_SIZES[name]) for name, key in keys.items()}
    return {"individual": _share(records)} | groups | _failed(records)


def mme_realworld(records: Sequence[Record]) -> Scores:
    """Share of right answers over all, by ability, and by ability and domain."""
    return {
        "accuracy": _share(records),
        **_by(records, lambda r: r.extras["ability"]),
        **_by(records, lambda r: f"{r.extras['ability']}/{r.extras['domain']}"),
        **_failed(records),
    }


def _share(records: Sequence[Record]) -> float:
    return _mean([record.correct for record in records if record.correct is not None])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else nan


def _by(records: Sequence[Record], key: Callable[[Record], str]) -> Scores:
    return {name: _share(group) for name, group in sorted(_groups(records, key).items())}


def _all_right(records: Sequence[Record], key: Callable[[Record], Hashable], *, size: int = 1) -> float:
    """Share of the groups in which every answer is right, among those of full size and known throughout."""
    answers = ([record.correct for record in group] for group in _groups(records, key).values())
    return _mean([all(group) for group in answers if len(group) >= size and None not in group])


def _groups(records: Sequence[Record], key: Callable[[Record], _Key]) -> dict[_Key, list[Record]]:
    groups: dict[_Key, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return groups


def _sources(records: Sequence[Record]) -> Scores:
    return {name: _share([r for r in records if r.extras["source"] == name]) for name in ("ADE20K", "COCO", "Omni3D")}


def _abilities(records: Sequence[Record]) -> Scores:
    return {name: _share([r for r in records if (r.category or "").startswith(name)]) for name in _3DSR_ABILITIES}


def _failed(records: Sequence[Record]) -> Scores:
    failed = sum(record.correct is None for record in records)
    return {"failed": float(failed)} if failed else {}
