"""How often parsing and the rule judge are right on hand-labelled completions; -s prints the table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich import print as show

from lmms_faith.item import LETTERS
from lmms_faith.parsing import parse
from tests.oracle.oracle import STYLES, Case, Found, cases, found, table

PAGE = Path(__file__).parents[2] / "docs" / "rule-judge.md"


@pytest.fixture(scope="module")
def labelled() -> list[Case]:
    return list(cases())


@pytest.fixture(scope="module")
def results(labelled: Sequence[Case]) -> list[Found]:
    return [found(case) for case in labelled]


def test_the_set_is_large_nasty_and_of_every_style(labelled: Sequence[Case]) -> None:
    assert len(labelled) >= 320
    assert len({case.id for case in labelled}) == len(labelled)
    assert 2 * sum(case.nasty for case in labelled) >= len(labelled)
    assert min(Counter(case.style for case in labelled)[style] for style in STYLES) >= 40
    assert {case.kind for case in labelled} == {"choice", "integer", "float", "list", "text"}
    assert sum(bool(case.prefill) for case in labelled) >= 60


def test_every_third_case_is_held_out(labelled: Sequence[Case]) -> None:
    assert {case.id for case in labelled if case.split == "held"} == {
        case.id for case in labelled if int(case.id.rpartition("-")[2]) % 3 == 0
    }


def test_labels_fit_together(labelled: Sequence[Case]) -> None:
    for case in labelled:
        answers = [case.prediction] if case.kind == "choice" else [case.said]
        assert (case.status == "answered") == (answers != [None]), case.id
        assert (case.status == "truncated") <= (case.finish == "length"), case.id
        assert (case.kind == "choice") == (len(case.options) > 1), case.id
        assert len(case.options) <= len(LETTERS), case.id
        if case.kind == "choice":
            assert {case.prediction, case.conclusion} <= {None, *range(len(case.options))}, case.id
        assert case.plain <= (case.conclusion is not None), case.id
        if case.conclusion is not None:
            think = parse(case.completion, case.options or None, kind=case.kind, prefill=case.prefill).think
            assert think is not None, case.id


def test_answers_are_parsed_right(results: Sequence[Found]) -> None:
    show(f"\n{table(results)}")
    wrong = [f"{one.case.id}: {one.parsed.status}, {one.parsed.said}" for one in results if not one.parsed_right]
    assert len(wrong) <= 0.01 * len(results), "\n".join(wrong)


def test_the_rule_judge_is_right_where_it_decides(results: Sequence[Found]) -> None:
    decided = [one for one in results if one.decided]
    wrong = [f"{one.case.id}: {one.opinion}, not {one.case.conclusion}" for one in decided if not one.decided_right]
    assert len(wrong) <= 0.03 * len(decided), "\n".join(wrong)


def test_the_rule_judge_decides_most_plain_conclusions(results: Sequence[Found]) -> None:
    plain = [one for one in results if one.opinion is not None and one.case.plain]
    missed = [f"{one.case.id}: {one.opinion.note}" for one in plain if one.opinion and not one.decided]
    assert len(missed) <= 0.2 * len(plain), "\n".join(missed)


def test_the_rule_judge_says_why_it_abstains(results: Sequence[Found]) -> None:
    for one in results:
        if one.opinion is not None:
            assert (one.opinion.note is None) == one.decided, one.case.id


def test_the_page_shows_the_figures(results: Sequence[Found]) -> None:
    assert table(results) in PAGE.read_text(encoding="utf-8"), f"put this into {PAGE.name}:\n{table(results)}"
