import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from lmms_faith.record import Record
from lmms_faith.rescoring import reading
from lmms_faith.rescoring.answer import Answer, Given, Refused, record_of
from lmms_faith.rescoring.fields import Fields, Malformed, Place
from lmms_faith.rescoring.plain import FIELDS, answer_of, line_of, read
from tests.rescoring.answered import records

DOCS = Path(__file__).parents[2] / "docs" / "rescoring.md"
LINE = {
    "item_id": "7",
    "benchmark": "toys",
    "condition": "wrong_caption",
    "question": "What colour is it?",
    "options": ["red", "blue", "green"],
    "answer": "B",
    "target": "C",
    "completion": "<think>It is blue.</think><answer>B</answer>",
}


NOTHING = Given()


def told(given: Given = NOTHING, **changed: Any) -> Answer:
    data = {name: value for name, value in (LINE | changed).items() if value != "left out"}
    found = answer_of(Fields(Place(Path("a.jsonl"), "line 2"), data), given)
    assert isinstance(found, Answer)
    return found


def record(given: Given = NOTHING, **changed: Any) -> Record:
    return record_of(told(given, **changed))


@given(records())
def test_a_record_written_as_a_line_and_read_again_is_the_same(one: Record) -> None:
    line = json.loads(json.dumps(line_of(one)))
    again = answer_of(Fields(Place(Path("a.jsonl"), "line 1"), line), Given(benchmark="other", condition="other"))
    assert isinstance(again, Answer)
    assert record_of(again) == one


def test_a_line_is_a_record() -> None:
    found = record()
    assert (found.item_id, found.benchmark, found.condition, found.question) == (
        "7",
        "toys",
        "wrong_caption",
        "What colour is it?",
    )
    assert (found.answer, found.gold, found.target, found.claimed) == (1, "blue", 2, "green")
    assert (found.prediction, found.hit, found.status, found.think) == (1, "gold", "answered", "It is blue.")
    assert (found.model, found.cluster, found.family, found.finish, found.letter_logprobs) == (
        None,
        "7",
        "7",
        None,
        None,
    )
    assert found.versions["log"] == "plain"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"answer": 1}, {"answer": 1, "gold": "blue"}, id="gold by index"),
        pytest.param({"answer": "left out", "gold": "Blue."}, {"answer": 1, "gold": "blue"}, id="gold by text"),
        pytest.param({"answer": "B", "gold": "blue"}, {"answer": 1}, id="gold both ways"),
        pytest.param({"target": 0}, {"target": 0, "claimed": "red"}, id="claim by index"),
        pytest.param({"target": "left out", "claimed": "green"}, {"target": 2, "claimed": "green"}, id="claim by text"),
        pytest.param({"target": None}, {"target": None, "claimed": None, "misled": None}, id="nothing claimed"),
        pytest.param({"target": "left out"}, {"claimed": None}, id="a claim that is not told"),
        pytest.param({"condition": "base", "target": "left out"}, {"misled": False}, id="a reference under base"),
        pytest.param({"item_id": 12}, {"item_id": "12", "cluster": "12"}, id="an item named by number"),
        pytest.param({"cluster": 4, "family": "f"}, {"cluster": "4", "family": "f"}, id="image and copies"),
        pytest.param({"completion": "left out", "error": "timed out"}, {"status": "failed", "hit": None}, id="failed"),
        pytest.param(
            {"prefill": "<think>It is red", "completion": ".</think>A"}, {"think": "It is red."}, id="prefill"
        ),
        pytest.param({"finish": "length", "completion": "Well"}, {"status": "truncated"}, id="cut off"),
        pytest.param(
            {"letter_logprobs": [-1, -0.6, -4.5]}, {"letter_logprobs": (-1.0, -0.6, -4.5)}, id="letter probabilities"
        ),
        pytest.param(
            {
                "options": None,
                "answer": None,
                "target": "left out",
                "gold": "2.50",
                "completion": "<answer>5/2</answer>",
            },
            {"kind": "float", "gold": "2.50", "said": "5/2", "hit": "gold", "options": (), "answer": None},
            id="free-form",
        ),
        pytest.param(
            {"options": [], "answer": None, "target": "left out", "gold": "3", "kind": "float", "claimed": "4"},
            {"kind": "float", "claimed": "4", "target": None},
            id="free-form of a kind that is told, with a claim",
        ),
        pytest.param(
            {"condition": "base_abstain", "options": ["red", "blue", "I'm not sure"], "target": "A", "completion": "C"},
            {"options": ("red", "blue", "I'm not sure"), "said": "I'm not sure", "hit": "other", "claimed": "red"},
            id="an option to abstain",
        ),
    ],
)
def test_fields(changed: dict[str, Any], expected: dict[str, Any]) -> None:
    found = record(**changed)
    assert {name: getattr(found, name) for name in expected} == expected


def test_what_the_caller_gives_is_for_lines_that_do_not_say_it() -> None:
    given = Given(benchmark="others", condition="base", model="named", seed=3)
    bare = record(given, benchmark="left out", condition="left out", target="left out", model="logged")
    assert (bare.benchmark, bare.condition, bare.model, bare.seed) == ("others", "base", "named", 3)
    full = record(given, model="logged", seed=5)
    assert (full.benchmark, full.condition, full.model, full.seed) == ("toys", "wrong_caption", "named", 5)
    assert record(model="logged").model == "logged"


def tokens(*listed: str) -> list[dict[str, Any]]:
    more = [{"token": one, "logprob": -1.5} for one in listed]
    last = {"token": "B", "logprob": -0.5, "top_logprobs": more}
    return [{"token": "Answer: ", "logprob": -0.1}, last]


def test_token_log_probabilities_give_the_letters() -> None:
    found = told(completion="Answer: B", token_logprobs=tokens("A", "C"))
    assert (found.generation.letter_logprobs, found.generation.letter_source) == ((-1.5, -0.5, -1.5), "generated")
    assert found.notes == ()


def test_a_letter_that_is_not_listed_is_bounded() -> None:
    found = told(completion="Answer: B", token_logprobs=tokens("A"))
    assert (found.generation.letter_bounds, found.generation.letter_source) == ((True, True, True), "generated")
    assert found.notes == ()


def test_bounds_may_add_to_more_than_1_with_the_measured_letters() -> None:
    found = record(completion="Answer: B", letter_logprobs=[-0.5, -0.2, -0.5], letter_bounds=[True, False, True])
    assert (found.letter_logprobs, found.letter_bounds) == ((-0.5, -0.2, -0.5), (True, False, True))
    none = record(completion="Answer: B", letter_logprobs=[-3, -0.2, -3], letter_bounds=[False, False, False])
    assert none.letter_bounds is None


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        pytest.param({"item_id": None}, "item_id", "is missing", id="no item"),
        pytest.param({"completion": None}, "completion", "is missing", id="no completion"),
        pytest.param({"benchmark": None}, "benchmark", "add it, or give --benchmark NAME", id="no benchmark"),
        pytest.param({"answer": None}, "answer", "is missing, and so is 'gold'", id="no gold"),
        pytest.param(
            {"answer": "D"}, "answer", "'D' is neither a letter nor an index, from 0, of one of 3", id="beyond"
        ),
        pytest.param({"answer": -1}, "answer", "-1 is neither", id="a negative index"),
        pytest.param({"answer": "blue"}, "answer", "'blue' is neither", id="a text where a letter is due"),
        pytest.param({"answer": True}, "answer", "True is not a whole number", id="a truth value"),
        pytest.param({"answer": ""}, "answer", "'' is neither", id="an empty letter"),
        pytest.param({"answer": "AB"}, "answer", "'AB' is neither", id="two letters"),
        pytest.param({"gold": "red"}, "gold", "'red' is not the option 'blue' that 'answer' names", id="two golds"),
        pytest.param(
            {"answer": None, "gold": "pink"}, "gold", "'pink' is none of the options 'red'", id="no such gold"
        ),
        pytest.param({"target": "B"}, "target", "'blue' is gold", id="gold is claimed"),
        pytest.param({"claimed": "red"}, "claimed", "'red' is not the option 'green'", id="two claims"),
        pytest.param({"target": None, "claimed": "pink"}, "claimed", "'pink' is none of", id="no such claim"),
        pytest.param({"options": None}, "answer", "names an option, and the row has no 'options'", id="no options"),
        pytest.param({"options": "red"}, "options", "'red' is not a list of texts", id="options as text"),
        pytest.param(
            {"kind": "float"}, "kind", "'float' is free-form, and the row has 'options'", id="kind and options"
        ),
        pytest.param({"kind": "colour"}, "kind", "'colour' is not one of", id="no such kind"),
        pytest.param({"finish": "end"}, "finish", "'end' is not one of stop, length", id="no such finish"),
        pytest.param({"letter_source": "x"}, "letter_source", "is not one of generated, forced", id="no such source"),
        pytest.param({"letter_logprobs": [-1, -2]}, "letter_logprobs", "not a list of 3 finite", id="too few letters"),
        pytest.param({"letter_bounds": [True, False]}, "letter_bounds", "not a list of 3 truth", id="too few bounds"),
        pytest.param({"letter_bounds": [1, 0, 0]}, "letter_bounds", "not a list of 3 truth", id="bounds as numbers"),
        pytest.param(
            {"letter_bounds": [True, False, False]}, "letter_bounds", "without 'letter_logprobs'", id="bounds alone"
        ),
        pytest.param({"letter_logprobs": [0.1, 0.8, 0.1]}, "letter_logprobs", "over 1", id="probabilities"),
        pytest.param(
            {"letter_logprobs": [-1, -2, -3], "token_logprobs": tokens()},
            "token_logprobs",
            "is given together with 'letter_logprobs'",
            id="letters and tokens",
        ),
        pytest.param({"tagret": "C"}, "tagret", "is no field of the plain JSONL", id="a misspelt field"),
        pytest.param({"seed": "0"}, "seed", "'0' is not a whole number", id="a seed as text"),
        pytest.param({"extras": {"a": 1}}, "extras", "'a' is 1, not a text", id="extras of another type"),
    ],
)
def test_an_error_names_file_line_and_field(changed: dict[str, Any], field: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + json.dumps(LINE | changed) + "\n")
    with pytest.raises(Malformed, match=rf"mine\.jsonl, line 2, field '{field}': .*{problem}"):
        list(read(path, Given()))


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        pytest.param({"options": ["red", "blue", "Blue"], "target": "A"}, "both equal the gold", id="gold twice"),
        pytest.param({"options": ["blue"], "answer": "A", "target": "left out"}, "has 1 options", id="one option"),
    ],
)
def test_a_row_that_is_no_question_is_counted_not_fatal(changed: dict[str, Any], detail: str) -> None:
    data = {name: value for name, value in (LINE | changed).items() if value != "left out"}
    found = answer_of(Fields(Place(Path("a.jsonl"), "line 2"), data), Given())
    assert isinstance(found, Refused)
    assert detail in found.detail


def test_every_field_is_in_the_docs() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert all(f"| `{name}` | {says} |" in page for name, says in FIELDS.items())


def test_the_example_in_the_docs_is_read(tmp_path: Path) -> None:
    block = DOCS.read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    path = tmp_path / "example.jsonl"
    path.write_text(block, encoding="utf-8")
    found = reading.read([path], Given()).records
    assert [(one.condition, one.hit, one.misled) for one in found] == [
        ("base", "gold", False),
        ("wrong_caption", "claimed", True),
    ]
    assert found[0].claimed == found[1].claimed


Make = Callable[..., Record]


def test_the_fixture_record_survives_as_well(make_record: Make) -> None:
    one = make_record(letter_logprobs=(-0.1, -3.0, -4.0), letter_source="generated", extras={"source": "drawn"})
    again = answer_of(Fields(Place(Path("a.jsonl"), "line 1"), line_of(one)), Given())
    assert isinstance(again, Answer)
    assert record_of(again) == one
