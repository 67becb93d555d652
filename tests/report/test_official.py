"""Official scores as lines, on made records."""

from __future__ import annotations

from collections.abc import Callable

from lmms_faith.record import Record
from lmms_faith.report.official import official_lines, scored


def test_a_benchmark_with_a_score_of_its_own_has_a_line(make_record: Callable[..., Record]) -> None:
    right = make_record(benchmark="ai2d", item_id="1", hit="gold")
    wrong = make_record(benchmark="ai2d", item_id="2", hit="other")
    misled = make_record(benchmark="ai2d", item_id="1", condition="wrong_caption", hit="claimed")
    assert list(official_lines([right, wrong, misled])) == ["AI2D · m: official score under base: accuracy 50.0"]


def test_parts_of_a_whole_are_averaged_and_counted(make_record: Callable[..., Record]) -> None:
    counting = make_record(benchmark="blink_counting", hit="gold")
    jigsaw = make_record(benchmark="blink_jigsaw", hit="other")
    *_, last = official_lines([counting, jigsaw])
    assert last == "BLINK · m: official score under base: mean of 2 of 14 parts 50.0"


def test_without_such_a_score_or_base_records_there_is_none(make_record: Callable[..., Record]) -> None:
    assert list(official_lines([make_record(benchmark="shapes")])) == []
    assert list(official_lines([make_record(benchmark="toys")])) == []
    assert list(official_lines([make_record(benchmark="ai2d", condition="wrong_think")])) == []


def test_records_that_lack_what_the_score_goes_by_get_a_line_that_says_so(make_record: Callable[..., Record]) -> None:
    [line] = official_lines([make_record(benchmark="cv_bench")])
    assert line == "CV-Bench · m: no official score: the records' extras lack 'source'"


def test_only_what_a_score_needs_is_kept_for_it(make_record: Callable[..., Record]) -> None:
    assert scored(make_record(benchmark="ai2d"))
    assert not scored(make_record(benchmark="ai2d", condition="wrong_think"))
    assert not scored(make_record(benchmark="shapes"))
    assert not scored(make_record(benchmark="toys"))
