"""Written claims: read, refused, found by item and answer, and rendered in captions and thoughts alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.conditions import CONDITIONS, NO_CLAIMS, Claims, read_claims, render, wrong_target
from lmms_faith.conditions.overrides import faults, parse_claim, to_line
from lmms_faith.item import Item

LINE: dict[str, Any] = {
    "benchmark": "toys",
    "item_id": "toy-1",
    "answer": "left of the star",
    "stance": "wrong",
    "sentence": "A circle sits left of the star.",
    "language": "en",
    "provenance": {"model": "m", "prompt_version": "claim-1", "date": "2026-01-31", "seed": 0},
}


def written(path: Path, *lines: Any) -> Path:
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in LINE.items() if key != name}


def from_whom(**changed: Any) -> dict[str, Any]:
    return LINE | {"provenance": LINE["provenance"] | changed}


def test_a_line_survives_both_ways() -> None:
    assert json.loads(to_line(parse_claim(json.dumps(LINE)))) == LINE


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{torn\n", "is no JSON object"),
        ("[1]\n", "line is a list; write a JSON object"),
        (without("answer"), "field 'answer' is missing; add it"),
        (LINE | {"extra": 1}, "field 'extra' is unknown; delete it"),
        (LINE | {"item_id": 7}, "field 'item_id' is 7; write a text"),
        (LINE | {"sentence": " "}, "field 'sentence' is ' '; write a text"),
        (LINE | {"stance": "gold"}, "field 'stance' is 'gold'; write one of: wrong, correct"),
        (LINE | {"provenance": "me"}, "field 'provenance' is 'me'; write an object"),
        (from_whom(seed="0"), "field 'provenance.seed' is '0'; write a whole number"),
        (from_whom(seed=True), "field 'provenance.seed' is True; write a whole number"),
        (from_whom(date="31.1."), "field 'provenance.date' is '31.1.'; write it as 2026-01-31"),
        (LINE | {"answer": "Left of  the star."}, "field 'answer' repeats line 1"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_way_out(tmp_path: Path, line: Any, said: str) -> None:
    first = LINE if "repeats" in said else LINE | {"item_id": "another"}
    path = written(tmp_path / "claims.jsonl", first, "\n", line)
    with pytest.raises(ValueError, match=r"claims\.jsonl, line 3: ") as caught:
        read_claims(path)
    assert said in str(caught.value)
    assert [number for number, _ in faults(path)] == [3]


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_bytes(b'{"benchmark": "\xff"}\n')
    with pytest.raises(ValueError, match="line 1: "):
        read_claims(path)


def test_a_missing_file_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="lmms-faith claims write"):
        read_claims(tmp_path / "none.jsonl")


def test_the_version_is_of_the_content_alone(tmp_path: Path) -> None:
    other = LINE | {"item_id": "toy-2"}
    one = read_claims(written(tmp_path / "1", LINE, other))
    same = read_claims(written(tmp_path / "2", other, from_whom(model="another")))
    changed = read_claims(written(tmp_path / "3", LINE, other | {"sentence": "It is left of the star."}))
    assert one.version == same.version != changed.version
    assert (len(one.version), NO_CLAIMS.version) == (12, "none")


@pytest.fixture(scope="module")
def claims(toy: Item) -> Claims:
    target = wrong_target(toy)
    assert target is not None
    return Claims({("toys", "toy-1", target): "WRONG.", ("toys", "toy-1", "right of the star"): "CORRECT."})


@pytest.mark.parametrize("name", CONDITIONS)
def test_captions_and_thoughts_use_the_written_sentence(toy: Item, claims: Claims, name: str) -> None:
    row = CONDITIONS[name]
    template, shown = render(toy, name), render(toy, name, claims=claims)
    caption, _, quoted = shown.text.partition("\nYour reasoning so far")
    for stance, text in ((row.caption, caption), (row.think, shown.prefill or quoted)):
        assert [word for word in ("WRONG", "CORRECT") if word + row.tail in text] == (
            [stance.upper()] if stance in ("wrong", "correct") else []
        )
    if not {row.caption, row.think} & {"wrong", "correct"}:
        assert shown == template


def test_other_items_and_answers_keep_the_template(toy: Item) -> None:
    other = Claims({("toys", "toy-2", "left of the star"): "X.", ("others", "toy-1", "left of the star"): "X."})
    assert all(render(toy, name, claims=other) == render(toy, name) for name in CONDITIONS)


def test_a_sentence_in_another_script_keeps_its_full_stop() -> None:
    item = Item(id="1", benchmark="b", question="圆是什么颜色？", options=("红色", "蓝色"), answer=0, language="zh")
    claims = Claims({("b", "1", "蓝色"): "圆是蓝色的。"})
    assert render(item, "wrong_caption", claims=claims).text.startswith("圆是蓝色的。\n")
    assert render(item, "wrong_caption_disclaimer", claims=claims).text.startswith("圆是蓝色的, but I could be wrong.")


def test_faults_with_items_look_at_side_item_and_the_other_side(tmp_path: Path, toy: Item) -> None:
    path = written(
        tmp_path / "claims.jsonl",
        LINE,
        LINE | {"item_id": "toy-9"},
        LINE | {"answer": "right of the star", "sentence": "A circle sits right of the star."},
        LINE | {"answer": "above the star", "sentence": "It is above the star, not right of the star."},
        LINE | {"benchmark": "others", "sentence": "A circle sits left of the star!"},
    )
    found = dict(faults(path, {("toys", "toy-1"): toy}))
    assert sorted(found) == [2, 3, 4, 5]
    assert "'toy-9', which toys has not" in found[2]
    assert "field 'stance' is 'wrong', but 'right of the star' is correct" in found[3]
    assert "keep to itself" in found[4]
    assert "exactly one sentence" in found[5]
