"""Each benchmark's own score, by hand; test_host_scores.py has the host's own functions beside it."""

from math import isnan, nan
from typing import Any

import pytest
from records import record

from lmms_faith.benchmarks import benchmark, official
from lmms_faith.benchmarks.spec import Headline
from lmms_faith.record import Record


def score_of(name: str) -> Headline:
    """A benchmark's own score."""
    headline = benchmark(name).headline
    assert headline is not None
    return headline


def answer(right: bool | None, **changed: Any) -> Record:
    """An answer that is right, wrong, or unknown because the request failed."""
    outcome = {"status": "failed", "hit": None} if right is None else {"hit": "gold" if right else "other"}
    return record(**outcome, **changed)


def cv(right: bool | None, source: str) -> Record:
    return answer(right, extras={"source": source})


def dsr(right: bool | None, qid: str, category: str = "height_higher") -> Record:
    base, *rest = qid.split("-")
    turn = next((part for part in rest if part.isdigit()), "0")
    family = f"{base}-flip" if "flip" in rest else base
    return answer(right, item_id=qid, category=category, cluster=base, family=family, extras={"turn": turn})


def caption(right: bool | None, group: str, axis: str) -> Record:
    return answer(right, extras={"set": group, "axis": axis})


def real(right: bool | None, ability: str, domain: str) -> Record:
    return answer(right, extras={"ability": ability, "domain": domain})


WORKED: tuple[tuple[str, Headline, list[Record], dict[str, float]], ...] = (
    ("right, wrong", official.accuracy, [answer(True), answer(False)], {"accuracy": 0.5}),
    ("a failed request", official.accuracy, [answer(True), answer(None)], {"accuracy": 1.0, "failed": 1.0}),
    ("nothing", official.accuracy, [], {"accuracy": nan}),
    (
        "categories of unlike size",
        official.category_mean,
        [
            answer(True, category="a"),
            answer(False, category="a"),
            answer(False, category="a"),
            answer(True, category="b"),
        ],
        {"category_mean": (1 / 3 + 1) / 2, "accuracy": 0.5, "a": 1 / 3, "b": 1.0},
    ),
    (
        "the same, micro first",
        official.category_accuracy,
        [answer(True, category="a"), answer(False, category="a"), answer(True, category="b")],
        {"accuracy": 2 / 3, "a": 0.5, "b": 1.0},
    ),
    (
        "ADE 1/2, COCO 1/1, Omni 1/4",
        score_of("cv_bench"),
        [cv(True, "ADE20K"), cv(False, "ADE20K"), cv(True, "COCO"), cv(True, "Omni3D"), *[cv(False, "Omni3D")] * 3],
        {"cv_bench": ((0.5 + 1) / 2 + 0.25) / 2, "accuracy": 3 / 7, "ADE20K": 0.5, "COCO": 1.0, "Omni3D": 0.25},
    ),
    (
        "ADE 1/2, COCO 1/1",
        score_of("cv_bench_2d"),
        [cv(True, "ADE20K"), cv(False, "ADE20K"), cv(True, "COCO")],
        {"cv_bench_2d": 0.75, "accuracy": 2 / 3, "ADE20K": 0.5, "COCO": 1.0},
    ),
    (
        "a question in both mirrors, another in one",
        score_of("3dsrbench"),
        [dsr(True, "AA"), dsr(False, "AA-flip"), dsr(True, "BB", "location_above")],
        {"vanilla": 2 / 3, "flip": 0.0, "height": 0.5, "location": 1.0, "orientation": nan, "multi_object": nan},
    ),
    (
        "AA: one of four copies wrong; BB: both right",
        score_of("3dsrbench_circular"),
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
        score_of("mmbench_en_dev"),
        [
            answer(right, family=base)
            for base, right in (("7", True), ("7", True), ("8", True), ("8", False), ("9", True), ("9", None))
        ],
        {"circular": 0.5, "vanilla": 4 / 5, "failed": 1.0},
    ),
    (
        "a whole set with one wrong, half a set",
        score_of("whatsup_a"),
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
        score_of("mme_realworld_lite"),
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
def test_scores_by_hand(score: Headline, records: list[Record], expected: dict[str, float]) -> None:
    assert score(records) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(("score", "expected"), {case[1]: next(iter(case[3])) for case in WORKED}.items())
def test_the_headline_comes_first(score: Headline, expected: str) -> None:
    records = next(case[2] for case in WORKED if case[1] is score)
    assert next(iter(score(records))) == expected


def test_a_cv_bench_source_that_is_missing_makes_the_headline_unknown() -> None:
    assert isnan(score_of("cv_bench")([cv(True, "ADE20K"), cv(True, "COCO")])["cv_bench"])
