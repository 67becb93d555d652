"""On logs that lmms-eval itself wrote; ``data/make_lmms_eval_logs.py`` says how."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.benchmarks import benchmarks
from lmms_faith.item import Item
from lmms_faith.record import Record, to_json
from lmms_faith.recording import Generation
from lmms_faith.rescoring.adapted import adapted
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Logged, Refused, record_of
from lmms_faith.rescoring.fields import Malformed
from lmms_faith.rescoring.stock import (
    FROM_PROMPT,
    FURTHER,
    NO_COMPLETION,
    NO_OPTIONS,
    NO_ROW,
    OTHER_ROW,
    TASKS,
    benchmark_of,
    read,
    task_of,
)

DATA = Path(__file__).parent / "data" / "lmms-eval-0.7.3"
CV_BENCH, MMBENCH, VSTAR = (
    DATA / f"20260101_000000_samples_{task}.jsonl" for task in ("cv_bench", "mmbench_en_dev_static", "vstar_bench")
)
NOTHING = Given()
Make = Callable[..., Record]

ROW = {
    "idx": 0,
    "type": "2D",
    "task": "Count",
    "question": "How many lamps are in the image?",
    "choices": ["1", "0", "3", "2"],
    "answer": "(D)",
    "source": "ADE20K",
}
LINE: dict[str, Any] = {
    "doc_id": 0,
    "target": "(D)",
    "filtered_resps": "<answer>D</answer>",
    "input": "How many lamps are in the image? Select from the following choices.\n(A) 1\n(B) 0\n(C) 3\n(D) 2",
}


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """A log of `cv_bench` with lines of the host's form."""

    def write(*lines: Mapping[str, Any], task: str = "cv_bench") -> Path:
        path = tmp_path / f"20260101_000000_samples_{task}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return path

    return write


def answers(path: Path, given: Given = NOTHING, **edges: Any) -> list[Answer]:
    return [one for one in read(path, given, **edges) if isinstance(one, Answer)]


def records(path: Path, given: Given = NOTHING, **edges: Any) -> list[Record]:
    return [record_of(one) for one in answers(path, given, **edges)]


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("20260101_000000_samples_cv_bench.jsonl", "cv_bench"),
        ("20260101_000000_samples_faith_shapes_base.jsonl", "faith_shapes_base"),
        ("samples_cv_bench.jsonl", None),
        ("20260101_000000_results.json", None),
    ],
)
def test_the_task_is_in_the_hosts_file_name(name: str, task: str | None) -> None:
    assert task_of(Path("x") / name) == task


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("cv_bench_2d", "cv_bench_2d"),
        ("vstar_bench", "vstar"),
        ("mmerealworld_lite", "mme_realworld_lite"),
        ("mmbench_en_dev_reasoning", "mmbench_en_dev"),
        ("blink_counting", "blink_counting"),
        ("vqav2", None),
    ],
)
def test_the_benchmark_of_a_task_of_the_hosts(task: str, name: str | None) -> None:
    assert benchmark_of(task) == name


def test_every_task_in_the_table_has_a_benchmark_of_another_name() -> None:
    assert set(TASKS.values()) <= benchmarks().keys()
    assert all(task != name for task, name in TASKS.items())


def test_a_tasks_own_result_may_hold_the_row() -> None:
    found = records(MMBENCH, Given(model="m"))
    assert [one.item_id for one in found] == ["0", "1000000", "1", "1000001", "2000001", "2"][: len(found)] or len(
        found
    )
    assert {one.benchmark for one in found} == {"mmbench_en_dev"}
    assert [(one.family, one.extras["turn"]) for one in found[:2]] == [("0", "0"), ("0", "1")]
    assert found[0].claimed == found[1].claimed
    assert {one.completion for one in found} == {"Let me look. The answer is (B)."}
    assert [one.hit for one in found[:2]] == ["claimed", "gold"]
    assert (found[0].letter_logprobs, found[0].finish) == (None, None)


def test_without_the_row_the_item_is_read_off_the_prompt() -> None:
    found = answers(VSTAR)
    first = record_of(found[0])
    assert (first.benchmark, first.item_id) == ("vstar (prompt)", "0")
    assert (first.question, first.options) == (
        "What is the color of the small flag?",
        ("red", "blue", "green", "yellow"),
    )
    assert (first.gold, first.said, first.hit) == ("green", "blue", "other")
    assert (first.category, first.claimed, first.target, first.misled) == (None, None, None, None)
    assert {one.notes for one in found} == {(FROM_PROMPT,)}


def test_the_prompts_own_words_around_the_options_stay_out_of_them() -> None:
    found = records(CV_BENCH)
    assert [one.options[-1] for one in found][:2] == ["2", "1"]
    assert all(len(one.options) in (2, 4, 6) for one in found)


def test_a_logged_row_goes_through_the_adapter(log: Callable[..., Path]) -> None:
    [found] = records(log(LINE | {"doc": ROW}))
    assert (found.benchmark, found.item_id, found.category, found.extras) == (
        "cv_bench",
        "0",
        "Count",
        {"source": "ADE20K"},
    )
    assert (found.gold, found.hit, found.claimed in ("1", "3"), found.misled) == ("2", "gold", True, False)


def test_items_of_the_data_serve_rows_that_the_log_lacks() -> None:
    asked: list[str] = []

    def items(name: str) -> Mapping[int, Item]:
        asked.append(name)
        return {0: adapted("cv_bench", ROW, 0), 1: adapted("cv_bench", ROW | {"idx": 1}, 1)}

    told = list(read(CV_BENCH, NOTHING, items=items))
    assert isinstance(told[0], Answer)
    assert record_of(told[0]).claimed is not None
    assert (told[0].item.benchmark, told[0].item.category, told[0].notes) == ("cv_bench", "Count", ())
    assert [one.reason for one in told[1:] if isinstance(one, Refused)] == [OTHER_ROW, *[NO_ROW] * 4]
    assert set(asked) == {"cv_bench"}


@pytest.mark.parametrize(
    ("logged", "completion", "notes"),
    [
        pytest.param({"filtered_resps": "D"}, "D", 0, id="a text"),
        pytest.param({"filtered_resps": ["D"]}, "D", 0, id="a list"),
        pytest.param({"filtered_resps": "D", "resps": [["<think>It.</think>D"]]}, "<think>It.</think>D", 0, id="raw"),
        pytest.param({"filtered_resps": "D", "resps": "<think>It.</think>D"}, "<think>It.</think>D", 0, id="raw text"),
        pytest.param({"filtered_resps": "D", "resps": ["D", "A"]}, "D", 1, id="several"),
    ],
)
def test_the_raw_completion_counts(
    logged: Mapping[str, Any], completion: str, notes: int, log: Callable[..., Path]
) -> None:
    [found] = answers(log(LINE | {"doc": ROW} | logged))
    assert found.generation.completion == completion
    assert found.notes == (FURTHER,) * notes


def test_what_a_backend_hung_on_the_text_is_taken_off(log: Callable[..., Path]) -> None:
    def unpack(text: str) -> Generation:
        letters = tuple(-1.0 - place for place in range(12))
        return Generation(
            completion=text.upper(),
            model="tiny",
            letter_logprobs=letters,
            letter_source="generated",
            conclusion_logprobs=letters,
            finish="stop",
        )

    path = log(LINE | {"doc": ROW})
    [found] = records(path, unpack=unpack)
    assert (found.completion, found.model, found.finish) == ("<ANSWER>D</ANSWER>", "tiny", "stop")
    assert (found.letter_logprobs, found.letter_source) == ((-1.0, -2.0, -3.0, -4.0), "generated")
    assert found.conclusion_logprobs == (-1.0, -2.0, -3.0, -4.0)
    assert [one.model for one in records(path, Given(model="named"), unpack=unpack)] == ["named"]


def test_a_request_that_failed_is_unknown_not_wrong(log: Callable[..., Path]) -> None:
    [found] = records(log(LINE | {"doc": ROW}), unpack=lambda text: Generation(completion=text, error="timed out"))
    assert (found.status, found.correct, found.error) == ("failed", None, "timed out")


def test_the_models_name_comes_from_the_results_beside_the_log(log: Callable[..., Path]) -> None:
    path = log(LINE | {"doc": ROW})
    assert [one.generation.model for one in answers(path)] == [None]
    path.with_name("20260101_000000_results.json").write_text('{"model_name": "Qwen/Qwen2.5-VL"}')
    assert [one.generation.model for one in answers(path)] == ["Qwen/Qwen2.5-VL"]
    assert [one.generation.model for one in answers(path, Given(model="me"))] == ["me"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(LINE | {"filtered_resps": [[-1.2, True]]}, NO_COMPLETION, id="log-likelihoods"),
        pytest.param({"doc_id": 0, "target": "A"}, NO_COMPLETION, id="no response"),
        pytest.param(LINE | {"input": "How many lamps are there?"}, NO_OPTIONS, id="no options in the prompt"),
        pytest.param(LINE | {"target": "nine"}, NO_ITEM, id="gold that is none of the options"),
        pytest.param(LINE | {"target": "(F)"}, NO_ITEM, id="gold beyond the options"),
        pytest.param(LINE | {"doc": ROW | {"answer": "(Z)"}}, NO_ITEM, id="a row that makes no item"),
    ],
)
def test_rows_that_make_no_record(line: Mapping[str, Any], reason: str, log: Callable[..., Path]) -> None:
    [found] = read(log(line), NOTHING)
    assert isinstance(found, Refused)
    assert found.reason == reason


def test_a_task_without_an_adapter_is_read_off_its_prompts(log: Callable[..., Path]) -> None:
    [found] = records(log(LINE, task="my_task"))
    assert (found.benchmark, found.hit) == ("my_task (prompt)", "gold")


def test_a_file_whose_name_tells_no_task_asks_for_the_benchmark(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(LINE))
    with pytest.raises(Malformed, match=r"log\.jsonl, line 1, field 'task': .* give --benchmark NAME"):
        list(read(path, NOTHING))
    assert [one.benchmark for one in records(path, Given(benchmark="mine"))] == ["mine (prompt)"]


@pytest.mark.parametrize("line", [{"target": "A", "filtered_resps": "A"}, LINE | {"doc_id": "0"}, LINE | {"target": 3}])
def test_an_error_names_file_line_and_field(line: Mapping[str, Any], log: Callable[..., Path]) -> None:
    with pytest.raises(Malformed, match=r"samples_cv_bench\.jsonl, line 2, field '(doc_id|target)': "):
        list(read(log(LINE, line), NOTHING))


def test_our_own_records_are_taken_as_they_are(log: Callable[..., Path], make_record: Make) -> None:
    these = [make_record(item_id=str(n), condition="wrong_think", prefill="<think>It is blue") for n in range(2)]
    path = log(*({"doc_id": n, "faith": to_json(one)} for n, one in enumerate(these)))
    told = list(read(path, Given(benchmark="other", condition="other", seed=9)))
    assert [one.record for one in told if isinstance(one, Logged)] == these
    renamed = list(read(path, Given(model="me")))
    assert [one.record.model for one in renamed if isinstance(one, Logged)] == ["me", "me"]


@pytest.mark.parametrize(
    "changed",
    [{"schema": 1}, {"options": 5}, {"completion": None}, {"letter_logprobs": "x"}, {"answer": 7}, {"colour": 1}],
)
def test_a_record_that_is_none_is_named(changed: dict[str, Any], log: Callable[..., Path], make_record: Make) -> None:
    data = to_json(make_record()) | changed
    with pytest.raises(Malformed, match=r"samples_cv_bench\.jsonl, line 1, field '\w+': "):
        list(read(log({"faith": data}), NOTHING))


def test_what_is_right_is_what_the_hosts_own_static_scorer_finds_right() -> None:
    """The host's scorer of CV-Bench takes the first letter of a reply; of V*Bench, the letter that it states."""
    logged = [json.loads(line)["vstar_overall_acc"]["score"] for line in VSTAR.read_text(encoding="utf-8").splitlines()]
    assert [float(one.hit == "gold") for one in records(VSTAR)] == logged
