"""What holds of every benchmark that ships, shown on its fixture rows."""

import re
from functools import cache
from pathlib import Path

import pytest
from datasets import Dataset
from fixtures import FIXTURES, write_fixture

from lmms_faith.benchmarks import benchmark, shipped
from lmms_faith.benchmarks.spec import images_of
from lmms_faith.conditions import CONDITIONS, NotApplicable, assertion, render, wrong_target
from lmms_faith.equality import same_value
from lmms_faith.item import Item, normalise
from lmms_faith.lmms.data import check, numbered, usable, without_pictures

NAMES = [one.name for one in shipped() if one.name != "shapes"]
META = re.compile(r"\b(?:answers?|options?|letters?|choices?)\b", re.IGNORECASE)


@cache
def rows(name: str) -> Dataset:
    return numbered(FIXTURES[name]())


@cache
def items(name: str) -> tuple[Item, ...]:
    return tuple(map(benchmark(name).to_item, without_pictures(benchmark(name), rows(name))))


def test_every_benchmark_has_a_fixture() -> None:
    assert list(FIXTURES.keys() ^ set(NAMES)) == []


@pytest.mark.parametrize("name", NAMES)
def test_fixture_rows_keep_the_contract(name: str) -> None:
    check(benchmark(name), rows(name).features, len(rows(name)))


@pytest.mark.parametrize("name", NAMES)
def test_every_row_makes_an_item_of_the_benchmark(name: str) -> None:
    kept, refused = usable(benchmark(name), rows(name))
    assert refused == []
    assert len(kept) == len(rows(name))
    assert {item.benchmark for item in items(name)} == {name}


@pytest.mark.parametrize("name", NAMES)
def test_items_have_as_many_options_as_the_benchmark_says(name: str) -> None:
    one, counts = benchmark(name), {len(item.options) for item in items(name)}
    fewest, most = one.options or (0, 0)
    assert all(fewest <= count <= most for count in counts - {0})
    assert (counts == {0}, 0 in counts) == (one.free == 1, one.free != 0)
    assert one.options is not None or one.free == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_item_has_its_pictures(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAITH_SPATIALMM_ROOT", str(tmp_path))
    if "image_name" in rows(name).column_names:
        write_fixture(name, tmp_path)
    for row, item in zip(rows(name), items(name), strict=True):
        assert all(image.size[0] > 1 for image in images_of(benchmark(name), row, item))


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_renders_and_no_target_is_gold(name: str) -> None:
    for item in items(name):
        target = wrong_target(item)
        assert target is None or not is_gold(item, target)
        for condition in CONDITIONS.values():
            try:
                prompt = render(item, condition)
            except NotApplicable:
                claims = "wrong" in (condition.caption, condition.think)
                assert (condition.abstain and not item.options) or (claims and target is None)
                continue
            assert prompt.claimed == target
            assert item.question in prompt.text


def is_gold(item: Item, text: str) -> bool:
    return normalise(text) == normalise(item.gold) if item.options else same_value(text, item.gold, item)


@pytest.mark.parametrize("name", NAMES)
def test_captions_are_one_sentence_about_the_claimed_thing(name: str) -> None:
    for item in items(name):
        for claimed, kept_back in ((wrong_target(item), item.gold), (item.gold, wrong_target(item))):
            if claimed is None:
                continue
            caption = assertion(item, claimed)
            assert caption.endswith(".")
            assert not caption.endswith("..")
            said = words(caption.replace(f'"{item.question}"', ""))
            assert words(claimed) in said
            if kept_back is not None and words(kept_back) not in words(claimed):
                assert words(kept_back) not in said.replace(words(claimed), " ")
            assert not META.search(said)


def words(text: str) -> str:
    """The words of a text between spaces, so that one is in another only as whole words."""
    return " ".join(["", *re.findall(r"[^\W_]+|[^\w ]", normalise(text)), ""])
