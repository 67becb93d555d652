from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.rescoring.fields import Fields, Malformed, Place, json_lines

Ask = Callable[[Fields], Any]


def row(**data: Any) -> Fields:
    return Fields(Place(Path("results.jsonl"), "line 3"), data)


@pytest.mark.parametrize(
    ("ask", "data", "found"),
    [
        pytest.param(lambda f: f.text("x"), {"x": ""}, "", id="an empty text is a text"),
        pytest.param(lambda f: f.text_or("x", "d"), {}, "d", id="missing"),
        pytest.param(lambda f: f.text_or("x", "d"), {"x": None}, "d", id="null is missing"),
        pytest.param(lambda f: f.key("x"), {"x": 7}, "7", id="a number names an item"),
        pytest.param(lambda f: f.key("x"), {"x": "a"}, "a", id="so does a text"),
        pytest.param(lambda f: f.whole("x"), {"x": 0}, 0, id="zero"),
        pytest.param(lambda f: f.whole("x"), {}, None, id="no number"),
        pytest.param(lambda f: f.texts("x"), {"x": ["a", "b"]}, ("a", "b"), id="texts"),
        pytest.param(lambda f: f.texts("x"), {}, (), id="no texts"),
        pytest.param(lambda f: f.named_texts("x"), {"x": {"a": "b"}}, {"a": "b"}, id="named texts"),
        pytest.param(lambda f: f.one_of("x", ("a", "b")), {"x": "b"}, "b", id="one of a set"),
        pytest.param(lambda f: f.one_of("x", ("a", "b")), {}, None, id="none of a set"),
        pytest.param(lambda f: f.logprobs("x", 2), {"x": [-1, -0.5]}, (-1.0, -0.5), id="log-probabilities"),
        pytest.param(lambda f: f.logprobs("x", 2), {}, None, id="no log-probabilities"),
    ],
)
def test_what_is_there_comes_as_what_it_is_asked_for(ask: Ask, data: dict[str, Any], found: Any) -> None:
    assert ask(row(**data)) == found


@pytest.mark.parametrize(
    ("ask", "value", "problem"),
    [
        pytest.param(lambda f: f.text("x"), None, "is missing; the row has 'x'", id="no text"),
        pytest.param(lambda f: f.text("x"), 3, "3 is not a text", id="a number for a text"),
        pytest.param(lambda f: f.text_or("x", None), ["a"], r"\['a'\] is not a text", id="a list for a text"),
        pytest.param(lambda f: f.key("x"), True, "True is not a text", id="a truth value names nothing"),
        pytest.param(lambda f: f.key("x"), 1.5, "1.5 is not a text", id="a fraction names nothing"),
        pytest.param(lambda f: f.whole("x"), "3", "'3' is not a whole number", id="a text for a number"),
        pytest.param(lambda f: f.whole("x"), True, "True is not a whole number", id="a truth value for a number"),
        pytest.param(lambda f: f.number("x"), float("nan"), "nan is not a finite number", id="nan"),
        pytest.param(lambda f: f.number("x"), None, "None is not a finite number", id="no number"),
        pytest.param(lambda f: f.texts("x"), "ab", "'ab' is not a list of texts", id="a text for a list"),
        pytest.param(lambda f: f.texts("x"), ["a", 1], r"\['a', 1\] is not a list of texts", id="a mixed list"),
        pytest.param(lambda f: f.rows("x"), [1], r"\[1\] is not a list of objects", id="numbers for objects"),
        pytest.param(lambda f: f.mapping("x"), [], r"\[\] is not an object", id="a list for an object"),
        pytest.param(lambda f: f.named_texts("x"), {"a": 1}, "'a' is 1, not a text", id="a named number"),
        pytest.param(lambda f: f.one_of("x", ("a", "b")), "c", "'c' is not one of a, b", id="not in the set"),
        pytest.param(lambda f: f.logprobs("x", 2), [-1.0], "is not a list of 2 finite numbers", id="too few"),
        pytest.param(lambda f: f.logprobs("x", 2), [-1.0, None], "is not a list of 2 finite", id="one unknown"),
        pytest.param(lambda f: f.logprobs("x", 2), [0.6, 0.3], "they add to over 1", id="probabilities themselves"),
        pytest.param(lambda f: f.logprobs("x", 1), [float("-inf")], "finite numbers", id="a zero probability"),
    ],
)
def test_an_error_names_file_line_and_field(ask: Ask, value: Any, problem: str) -> None:
    with pytest.raises(Malformed, match=rf"^results\.jsonl, line 3, field 'x': .*{problem}"):
        ask(row(x=value))


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(Malformed) as caught:
        row(x=["a" * 10_000]).text("x")
    assert len(str(caught.value)) < 200


def test_lines_come_with_their_numbers_and_blank_ones_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n  \r\n{"b": 2}')
    assert [(place.where, dict(data)) for place, data in json_lines(path)] == [
        ("line 1", {"a": 1}),
        ("line 4", {"b": 2}),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b'{"a": 1', id="cut off"),
        pytest.param(b"[1]", id="a list"),
        pytest.param(b'"a"', id="a text"),
        pytest.param(b"\xff\xfe", id="no UTF-8"),
        pytest.param(b"{'a': 1}", id="Python, not JSON"),
        pytest.param(b'{"a":' + b"[" * 100_000, id="nested beyond reason"),
        pytest.param(b'{"a": ' + b"9" * 5_000 + b"}", id="a number beyond reason"),
    ],
)
def test_a_line_that_is_no_object_is_named(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n' + line + b"\n")
    with pytest.raises(Malformed, match=r"a\.jsonl, line 2: is "):
        list(json_lines(path))
