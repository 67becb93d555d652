"""Our filters and metrics in a task file of somebody else's, by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import LETTERS
from lmms_faith.lmms.channel import Evidence, attach

pytestmark = pytest.mark.host

SEEN = Evidence(
    model="m",
    continued=False,
    letters=(-1.0,) * len(LETTERS),
    letter_source="forced",
    conclusion=None,
    values=None,
    finish="stop",
)
FAILED = "[LMMS_EVAL_REQUEST_FAILED after 3 retries] Bad request: the option is A"
TASK = """
task: third_party_shapes
dataset_path: parquet
dataset_kwargs:
  data_files:
    test: {parquet}
test_split: test
output_type: generate_until
doc_to_visual: !function third_party.visuals
doc_to_text: !function third_party.text
doc_to_target: !function third_party.target
generation_kwargs:
  until: []
  max_new_tokens: {max_new_tokens}
  temperature: 0
  do_sample: false
reasoning_tags: none
filter_list:
  - name: letter
    filter:
      - function: faith_clean
      - function: faith_answer
      - function: take_first
metric_list:
  - metric: faith_acc
    aggregation: faith_mean_known
    higher_is_better: true
  - metric: faith_answered
    aggregation: faith_mean_known
    higher_is_better: true
"""
FUNCTIONS = """
LETTERS = "ABCDEF"
def visuals(doc):
    return [doc["image"].convert("RGB")]
def text(doc):
    options = [f"{letter}. {option}" for letter, option in zip(LETTERS, doc["options"])]
    ending = "Think inside <think></think>, then give only the letter inside <answer></answer>."
    return "\\n".join([doc["question"], *options, ending])
def target(doc):
    return LETTERS[doc["answer"]]
"""


@pytest.fixture(scope="module")
def names():
    from lmms_faith.lmms import names

    return names


def test_a_third_partys_yaml(tmp_path, evaluate):
    from lmms_eval.tasks import TaskManager

    from lmms_faith.benchmarks import benchmark

    parquet = benchmark("shapes").dataset_kwargs["data_files"]["test"]
    (tmp_path / "third_party.py").write_text(FUNCTIONS)
    (tmp_path / "third_party_shapes.yaml").write_text(TASK.format(parquet=parquet, max_new_tokens=96))
    manager = TaskManager(include_path=str(tmp_path), include_defaults=False)
    results = evaluate(["third_party_shapes"], task_manager=manager, limit=4)
    base = evaluate(["faith_shapes_base"], limit=4)
    samples = results["samples"]["third_party_shapes"]
    own = results["results"]["third_party_shapes"]
    ours = base["results"]["faith_shapes_base"]
    assert (own["faith_acc,letter"], own["faith_answered,letter"]) == (ours["acc,none"], ours["answered,none"])
    predictions = [sample["faith"]["prediction"] for sample in base["samples"]["faith_shapes_base"]]
    letters = ["" if prediction is None else LETTERS[prediction] for prediction in predictions]
    assert [sample["filtered_resps"] for sample in samples] == [[letter] for letter in letters]


def test_the_host_finds_filters_metrics_and_aggregation(names):
    from lmms_eval.api.registry import get_aggregation, get_metric, is_higher_better
    from lmms_eval.filters import get_filter

    names.register()
    assert {name: get_filter(name) for name in names.FILTERS} == names.FILTERS
    assert {name: get_metric(name) for name in names.METRICS} == names.METRICS
    assert all(is_higher_better(name) for name in names.METRICS)
    assert get_aggregation(names.AGGREGATION)([1.0, None]) == 1.0


ANSWERS = {
    "<think>A B</think><answer>c</answer>": "C",
    "The answer is (B).": "B",
    "I can't tell.": "",
    "": "",
    attach("<answer>D</answer>", SEEN): "D",
    FAILED: FAILED,
}


@pytest.mark.parametrize(("text", "letter"), ANSWERS.items(), ids=["tags", "stated", "none", "empty", "seen", "failed"])
def test_answers(names, text, letter):
    clean = names.CleanFilter().apply([[text]], None)
    assert names.AnswerFilter().apply(clean, None) == names.AnswerFilter().apply([[text]], None) == [[letter]]


def test_a_failed_request_is_neither_right_nor_wrong(names):
    assert names.acc(["A"], [FAILED]) is None
    assert names.answered(["A"], [FAILED]) is None


CASES = [("A", "A", 1.0), ("(A)", "A", 1.0), ("a", "A", 1.0), ("A", "B", 0.0), ("A", "", 0.0)]


@pytest.mark.parametrize(("reference", "prediction", "value"), CASES)
def test_acc(names, reference, prediction, value):
    assert names.acc([reference], [prediction]) == value
    assert names.answered([reference], [prediction]) == float(bool(prediction))


@given(st.lists(st.lists(st.text(), min_size=1, max_size=2), max_size=3))
def test_filters_are_total(texts):
    from lmms_faith.lmms import names

    answers = names.AnswerFilter().apply(names.CleanFilter().apply(texts, None), None)
    assert [len(row) for row in answers] == [len(row) for row in texts]
    json.dumps(answers)
