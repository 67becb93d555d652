import re
from pathlib import Path

import pytest

from lmms_faith.measures import COLUMNS, MEASURES
from lmms_faith.report.measures_page import INDEX, measures_pages, write_pages

PAGES = measures_pages()


def test_there_is_an_index_and_a_page_per_measure() -> None:
    assert set(PAGES) == {INDEX, *(f"{name}.md" for name in MEASURES)}


@pytest.mark.parametrize("name", MEASURES)
def test_the_index_has_a_row_for_a_measure(name: str) -> None:
    assert f"\n| [`{name}`]({name}.md) | {MEASURES[name].title} |" in PAGES[INDEX]


@pytest.mark.parametrize("name", MEASURES)
def test_a_page_has_what_the_registry_knows(name: str) -> None:
    page, measure = PAGES[f"{name}.md"], MEASURES[name]
    plain = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", page)
    assert f"# `{name}`\n\n{measure.title}.\n\n$$\n{measure.formula}\n$$" in page
    assert f"**Says:** {measure.says}\n" in plain
    assert f"**Does not say:** {measure.does_not_say}\n" in plain
    assert f"**Source:** {measure.source}.\n" in plain
    assert f"| {measure.unit} | " in page
    for column in measure.columns:
        assert COLUMNS[column.rpartition(".")[2]] in page


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param("acc", "| share | 0 to 1 | higher |", id="share"),
        pytest.param("acc_drop", "| difference | −1 to 1 | lower |", id="negative end"),
        pytest.param("nll", "| nats | 0 to ∞ | lower |", id="no upper end"),
        pytest.param("js_shift", "| nats | 0 to 0.69 | neither as such |", id="rounded, neither better"),
        pytest.param("acc_drop", "- `correct` of the same item under the condition's baseline: 1 where", id="baseline"),
        pytest.param("recovery", "under the condition that makes the same claim without a hedge: 1 where", id="plain"),
        pytest.param("worst_case_acc", "**Rests on, over all conditions that are compared:**", id="over conditions"),
        pytest.param("ece", "Small samples put it too high, and their resamples once more.", id="biased"),
        pytest.param("aurc", "It is no mean over items;", id="no mean"),
        pytest.param("acc_drop", "see [`misled_rate`](misled_rate.md).", id="link to another measure"),
        pytest.param("ece", "[arXiv 1706.04599](https://arxiv.org/abs/1706.04599)", id="link to a source"),
    ],
)
def test_how_a_page_puts_it(name: str, line: str) -> None:
    assert line in PAGES[f"{name}.md"]


@pytest.mark.parametrize("name", PAGES)
def test_no_page_links_to_itself(name: str) -> None:
    assert f"]({name})" not in PAGES[name]


def test_writing_takes_away_pages_of_measures_that_are_no_more(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("x")
    (tmp_path / "picture.svg").write_text("x")
    write_pages(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*PAGES, "picture.svg"}
    assert (tmp_path / "ece.md").read_text(encoding="utf-8") == PAGES["ece.md"]
