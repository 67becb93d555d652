from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from importlib import import_module
from math import isnan, nan
from random import Random
from typing import Any

import pytest

from lmms_faith.benchmarks import official
from lmms_faith.record import Record

Score = Callable[[Sequence[Record]], dict[str, float]]


def record(right: bool | None, **changed: Any) -> Record:
    """An answer that is right, wrong, or unknown because the request failed."""
    values: dict[str, Any] = {field.name: None for field in fields(Record) if field.default is MISSING}
    values |= {"benchmark": "b", "condition": "base", "item_id": "1", "extras": {}, "options": ("x", "y"), "gold": "x"}
    values |= {"status": "failed"} if right is None else {"status": "answered", "hit": "gold" if right else "other"}
    return Record(**(values | changed))


def cv(right: bool | None, source: str) -> Record:
    return record(right, extras={"source": source})


def dsr(right: bool | None, qid: str, category: str = "height_higher") -> Record:
    base, *rest = qid.split("-")
    turn = next((part for part in rest if part.isdigit()), "0")
    return record(
        right,
        item_id=qid,
        category=category,
        extras={"base": base, "mirrored": "yes" if "flip" in rest else "no", "turn": turn},
    )


def caption(right: bool | None, group: str, axis: str) -> Record:
    return record(right, extras={"set": group, "axis": axis})


def real(right: bool | None, ability: str, domain: str) -> Record:
    return record(right, extras={"ability": ability, "domain": domain})


WORKED: tuple[tuple[str, Score, list[Record], dict[str, float]], ...] = (
    ("right, wrong", official.accuracy, [record(True), record(False)], {"accuracy": 0.5}),
    ("a failed request", official.accuracy, [record(True), record(None)], {"accuracy": 1.0, "failed": 1.0}),
    ("nothing", official.accuracy, [], {"accuracy": nan}),
    (
        "categories of unlike size",
        official.category_mean,
        [
            record(True, category="a"),
            record(False, category="a"),
            record(False, category="a"),
            record(True, category="b"),
        ],
        {"category_mean": (1 / 3 + 1) / 2, "accuracy": 0.5, "a": 1 / 3, "b": 1.0},
    ),
    (
        "the same, micro first",
        official.category_accuracy,
        [record(True, category="a"), record(False, category="a"), record(True, category="b")],
        {"accuracy": 2 / 3, "a": 0.5, "b": 1.0},
    ),
    (
        "ADE 1/2, COCO 1/1, Omni 1/4",
        official.cv_bench,
        [cv(True, "ADE20K"), cv(False, "ADE20K"), cv(True, "COCO"), cv(True, "Omni3D"), *[cv(False, "Omni3D")] * 3],
        {"cv_bench": ((0.5 + 1) / 2 + 0.25) / 2, "accuracy": 3 / 7, "ADE20K": 0.5, "COCO": 1.0, "Omni3D": 0.25},
    ),
    (
        "ADE 1/2, COCO 1/1",
        official.cv_bench_2d,
        [cv(True, "ADE20K"), cv(False, "ADE20K"), cv(True, "COCO")],
        {"cv_bench_2d": 0.75, "accuracy": 2 / 3, "ADE20K": 0.5, "COCO": 1.0},
    ),
    (
        "a question in both mirrors, another in one",
        official.three_dsr,
        [dsr(True, "AA"), dsr(False, "AA-flip"), dsr(True, "BB", "location_above")],
        {"vanilla": 2 / 3, "flip": 0.0, "height": 0.5, "location": 1.0, "orientation": nan, "multi_object": nan},
    ),
    (
        "AA: one of four copies wrong; BB: both right",
        official.three_dsr_circular,
        [
            dsr(True, "AA"),
            dsr(True, "AA-1"),
            dsr(True, "AA-flip"),
            dsr(False, "AA-flip-1"),
            dsr(True, "BB"),
            dsr(True, "BB-1"),
        ],
        {
            "flip_circular": 0.5,  # BB of AA, BB
            "circular": 2 / 3,  # AA and BB of AA, AA-flip, BB
            "flip": 3 / 4,  # all but AA-1 with AA-flip-1, of AA, AA-1, BB, BB-1
            "vanilla": 5 / 6,
            "height": 5 / 6,
            "location": nan,
            "orientation": nan,
            "multi_object": nan,
        },
    ),
    (
        "7 right in both turns, 8 in one, 9 failed in one",
        official.mmbench,
        [
            record(right, family=base)
            for base, right in (("7", True), ("7", True), ("8", True), ("8", False), ("9", True), ("9", None))
        ],
        {"circular": 0.5, "vanilla": 4 / 5, "failed": 1.0},
    ),
    (
        "a whole set with one wrong, half a set",
        official.whatsup,
        [
            *(caption(True, "mug | table", "side"), caption(True, "mug | table", "side")),
            *(caption(True, "mug | table", "height"), caption(False, "mug | table", "height")),
            *(caption(True, "cup | chair", "side"), caption(True, "cup | chair", "side")),
            caption(True, "dog | rug", "side"),
        ],
        {"individual": 6 / 7, "pair": 2 / 3, "set": 0.0},
    ),
    (
        "abilities and domains",
        official.mme_realworld,
        [
            real(True, "perception", "Remote Sensing"),
            real(False, "perception", "Monitoring"),
            real(True, "reasoning", "Monitoring"),
        ],
        {
            "accuracy": 2 / 3,
            "perception": 0.5,
            "reasoning": 1.0,
            "perception/Monitoring": 0.0,
            "perception/Remote Sensing": 1.0,
            "reasoning/Monitoring": 1.0,
        },
    ),
)


@pytest.mark.parametrize(
    ("score", "records", "expected"), [case[1:] for case in WORKED], ids=[case[0] for case in WORKED]
)
def test_scores_by_hand(score: Score, records: list[Record], expected: dict[str, float]) -> None:
    assert score(records) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("score", "expected"), {case[1]: next(iter(case[3])) for case in WORKED}.items())
def test_the_headline_comes_first(score: Score, expected: str) -> None:
    records = next(case[2] for case in WORKED if case[1] is score)
    assert next(iter(score(records))) == expected


def test_a_cv_bench_source_that_is_missing_makes_the_headline_unknown() -> None:
    assert isnan(official.cv_bench([cv(True, "ADE20K"), cv(True, "COCO")])["cv_bench"])


@pytest.mark.host
def test_cv_bench_equals_the_hosts_aggregate() -> None:
    host = import_module("lmms_eval.tasks.cv_bench.utils")
    rng = Random(0)
    answers = [(rng.random() < 0.6, rng.choice(("ADE20K", "COCO", "Omni3D"))) for _ in range(60)]
    theirs = [{"is_correct": right, "source": source} for right, source in answers]
    ours = official.cv_bench([cv(*answer) for answer in answers])
    assert ours["cv_bench"] == pytest.approx(host.cv_bench_default_aggregate_results(theirs))
    assert ours["accuracy"] == pytest.approx(host.cv_bench_aggregate_results(theirs))


@pytest.mark.host
def test_3dsrbench_equals_the_hosts_aggregates() -> None:
    host = import_module("lmms_eval.tasks.3dsrbench.utils")
    rng = Random(1)
    categories = list(host.CATEGORY_MAPPING)
    theirs, records = [], []
    for number in range(40):
        category = rng.choice(categories)
        for copy in ("", "-1", "-flip", "-flip-1")[: rng.choice((1, 2, 4))]:
            right, qid = rng.random() < 0.8, f"QID{number:05}{copy}"
            main = host.get_main_category(category)
            theirs.append({"qid": qid, "score": float(right), "category": category, "main_category": main})
            records.append(dsr(right, qid, category))
    ours = official.three_dsr_circular(records)
    for name in ("vanilla", "flip", "circular", "flip_circular", *host.MAIN_CATEGORIES):
        assert ours[name] == pytest.approx(getattr(host, f"aggregate_{name}_accuracy")(theirs)), name


@pytest.mark.host
@pytest.mark.filterwarnings("ignore")
def test_mmbench_equals_the_hosts_circular_evaluation() -> None:
    host = import_module("lmms_eval.tasks.mmbench.mmbench_evals")
    rng = Random(2)
    theirs, records = [], []
    for base in range(30):
        for turn in range(3):
            right, gold = rng.random() < 0.85, "ABC"[turn]
            said = gold if right else "ABC"[(turn + 1) % 3]
            row = {
                "index": base + turn * 10**6,
                "answer": gold,
                "prediction": said,
                "category": "c",
                "L2-category": "l",
            }
            theirs.append(row | {"A": "red", "B": "blue", "C": "green", "D": "nan"})
            records.append(record(right, family=str(base)))
    overall, _, _ = host.MMBench_Evaluator().eval_result(theirs, eval_method="static")
    assert official.mmbench(records)["circular"] == pytest.approx(overall)
