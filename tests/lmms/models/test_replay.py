"""`faith_replay`: a run played back is that run, byte for byte; what the logs lack is refused before it is scored."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lmms_faith.record import to_json
from lmms_faith.report.logs import read_records
from lmms_faith.rescoring.storing import write
from tests.rescoring.data.make_lmms_eval_logs import save

pytestmark = pytest.mark.host

CONDITIONS = ("base", "wrong_caption", "wrong_think", "stop_think", "base_abstain", "swapped_image")
TASKS = [*(f"faith_shapes_{name}" for name in CONDITIONS), "faith_mathvista_base", "faith_mathvista_wrong_think"]


@pytest.fixture(scope="module")
def run(evaluate, drawn_data, tmp_path_factory):
    """A real run of the tiny model, and the folder with its logs as the host writes them."""
    from lmms_eval.loggers import EvaluationTracker

    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in drawn_data.items():
            patch.setenv(name, value)
        tracker = EvaluationTracker(output_path=str(folder))
        results = evaluate(TASKS, evaluation_tracker=tracker)
        save(dict(results), tracker)
    return results, folder


@pytest.fixture
def replay(evaluate, with_drawn_data):
    """Play logs back through the host."""
    return lambda logs, tasks=TASKS, **options: evaluate(
        tasks, model="faith_replay", model_args=f"logs={logs}", gen_kwargs=None, **options
    )


def faith(results):
    """Every record of a run, as the text that a log holds."""
    return {
        (task, place): json.dumps(sample["faith"])
        for task, samples in results["samples"].items()
        for place, sample in enumerate(samples)
    }


def numbers(results):
    return {
        task: {name: found for name, found in row.items() if name != "alias"}
        for task, row in results["results"].items()
    }


def test_a_run_played_back_is_the_run(run, replay):
    results, folder = run
    again = replay(folder)
    assert len(faith(again)) == 3 * len(TASKS)
    assert faith(again) == faith(results)
    assert numbers(again) == numbers(results)


def test_it_has_what_a_generation_left_behind(run, replay):
    again = replay(run[1], tasks=["faith_shapes_wrong_think", "faith_mathvista_base"])
    choices, values = (
        [sample["faith"] for sample in again["samples"][task]]
        for task in ("faith_shapes_wrong_think", "faith_mathvista_base")
    )
    assert all(one["letter_logprobs"] and one["prefill"] and one["error"] is None for one in choices)
    assert any(one["value_logprobs"] for one in values)


@pytest.fixture
def edited(run, tmp_path):
    """The logs of one condition with the records changed."""

    def edit(condition, **changed):
        these = [one for one in read_records(run[1]) if (one.benchmark, one.condition) == ("shapes", condition)]
        write([replace(one, **changed) for one in these], tmp_path, stamp="20260101_000000")
        return tmp_path

    return edit


@pytest.mark.parametrize(
    ("condition", "changed", "problem"),
    [
        pytest.param("base", {"question": "Which?"}, "another question: 'Which?', not 'How", id="question"),
        pytest.param("base", {"options": ("1", "2")}, "another list of options: ('1', '2'), not", id="options"),
        pytest.param("wrong_caption", {"claimed": "a horse"}, "another claim: 'a horse', not", id="claim"),
        pytest.param(
            "wrong_think", {"prefill": "<think>Hm"}, "another prefill: '<think>Hm', not '<think>Let", id="prefill"
        ),
        pytest.param("base", {"seed": 1}, "another seed: 1, not 0", id="seed"),
        pytest.param(
            "base",
            {"versions": {"claims": "none"}},
            "another version of the conditions: None, not",
            id="another tool's",
        ),
        pytest.param(
            "base",
            {"versions": {"conditions": "1", "claims": "abc"}},
            "another version of the written claims: 'abc', not 'none'",
            id="written claims",
        ),
    ],
)
def test_what_was_asked_otherwise_is_refused(edited, replay, condition, changed, problem):
    from lmms_faith.lmms.models.replay import ReplayRefused

    with pytest.raises(ReplayRefused) as caught:
        replay(edited(condition, **changed), tasks=[f"faith_shapes_{condition}"])
    message = str(caught.value)
    assert message.startswith("faith_replay: the logs can't answer 3 of 3 requests: item 'shapes-0")
    assert problem in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("task", "limit", "problem"),
    [
        (
            "faith_shapes_stop_think",
            3,
            "3 of 3 requests: item 'shapes-000000' under 'stop_think' of 'shapes' is not in",
        ),
        ("faith_shapes_base", 5, "2 of 5 requests: item 'shapes-000003' under 'base' of 'shapes' is not in them"),
    ],
)
def test_what_the_logs_lack_is_refused_before_anything_is_scored(edited, replay, task, limit, problem, monkeypatch):
    from lmms_faith.lmms.models.replay import ReplayRefused
    from lmms_faith.lmms.task import FaithTask

    monkeypatch.setattr(FaithTask, "process_results", lambda *_, **__: pytest.fail("a row was scored"))
    with pytest.raises(ReplayRefused, match=problem):
        replay(edited("base"), tasks=[task], limit=limit)


def test_failures_come_back_as_failures(task, replay, tmp_path):
    asked, prefilled = task("base"), task("wrong_think")
    items = [asked.item(row) for row in asked.eval_docs_no_media.select(range(2))]
    records = [
        asked.record(items[0], "[LMMS_EVAL_REQUEST_FAILED after 5 retries] timed out", None),
        asked.record(items[1], "", None),
        *(prefilled.record(one, "<answer>A</answer>", None) for one in items),
    ]
    assert [record.status for record in records] == ["failed"] * 4
    write(records, tmp_path, stamp="20260101_000000")
    again = replay(tmp_path, tasks=["faith_shapes_base", "faith_shapes_wrong_think"], limit=2)
    assert sorted(faith(again).values()) == sorted(json.dumps(to_json(record)) for record in records)


def test_tasks_of_others_are_refused(run):
    from lmms_eval.api.instance import Instance

    from lmms_faith.lmms.models.replay import FaithReplay, ReplayRefused

    request = Instance(
        request_type="generate_until",
        arguments=("", lambda doc: [], {}, 0, "mmstar", "val"),
        idx=0,
        metadata={"task": "mmstar", "doc_id": 0, "repeats": 1},
    )
    with pytest.raises(ReplayRefused, match=r"task 'mmstar' is none of faith_\*"):
        FaithReplay(str(run[1])).generate_until([request])


def test_one_of_several_models_is_chosen_by_name(run, tmp_path):
    from lmms_faith.lmms.models.replay import FaithReplay

    these = list(read_records(run[1]))
    write([*these, *(replace(one, model="other") for one in these)], tmp_path, stamp="20260101_000000")
    with pytest.raises(ValueError, match=r"holds records of .*other; choose one model with model_args model=NAME"):
        FaithReplay(str(tmp_path))
    with pytest.raises(ValueError, match="holds no record of 'none such'"):
        FaithReplay(str(tmp_path), model="none such")
    assert FaithReplay(str(tmp_path), model="other").generate_until([]) == []


def test_an_item_with_two_answers_is_refused(run, tmp_path):
    from lmms_faith.lmms.models.replay import FaithReplay

    [one, *_] = read_records(run[1])
    for folder, completion in (("a", "A"), ("b", "B")):
        write([replace(one, completion=completion)], tmp_path / folder, stamp="20260101_000000")
    with pytest.raises(ValueError, match=rf"holds item '{one.item_id}' under '{one.condition}' twice"):
        FaithReplay(str(tmp_path))


def test_a_folder_without_logs_is_named(tmp_path):
    from lmms_faith.lmms.models.replay import FaithReplay

    with pytest.raises(ValueError, match=r"faith_replay: no \*_samples_faith_\*\.jsonl under "):
        FaithReplay(str(tmp_path / "nowhere"))


def test_what_is_not_offered_says_what_is(run):
    from lmms_faith.lmms.models.replay import FaithReplay

    model = FaithReplay(str(run[1]))
    assert str(model.device) == "cpu"
    for method in (model.loglikelihood, model.generate_until_multi_round):
        with pytest.raises(NotImplementedError, match="generate_until"):
            method([])


def test_the_hosts_command_plays_logs_back(run, shell, tmp_path):
    arguments = ["--model_args", f"logs={run[1]}", "--tasks", "faith_shapes_wrong_think", "--limit", "3"]
    done = shell("lmms-faith", "run", "--model", "faith_replay", *arguments, "--output_path", str(tmp_path / "again"))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    before = {one.key: one for one in read_records(run[1])}
    again = list(read_records(Path(tmp_path / "again")))
    assert len(again) == 3
    assert all(before[one.key] == one for one in again)
