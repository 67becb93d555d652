"""Every benchmark, from drawn rows in its true form to records, through the host and with the real tiny model."""

import json
import math
import re

import pytest
from datasets import load_dataset
from drawn_items import items_of
from fixtures import FIXTURES, write_fixture
from typer.testing import CliRunner

from lmms_faith.benchmarks import benchmark, shipped
from lmms_faith.benchmarks.spec import images_of
from lmms_faith.cli import app
from lmms_faith.conditions import NotApplicable, render
from lmms_faith.lmms.data import numbered, without_pictures
from lmms_faith.report.logs import read_records

pytestmark = pytest.mark.host

NAMES = [one.name for one in shipped() if one.name in FIXTURES]
ASKED = ("base", "wrong_caption", "wrong_think")
LONG_TEXT = re.compile(r"[A-Za-z0-9+/]{200,}")


@pytest.fixture(scope="module")
def run(evaluate, drawn_data):
    """One run of all, and how many pictures went with each request."""
    from lmms_faith.lmms.models.hf import FaithHF

    counts, turn = {}, FaithHF._turn

    def count(self, request):
        made = turn(self, request)
        counts[request.task_name, request.doc_id] = len(made.images)
        return made

    with pytest.MonkeyPatch.context() as patch:
        for name, value in drawn_data.items():
            patch.setenv(name, value)
        patch.setattr(FaithHF, "_turn", count)
        tasks = [f"faith_{name}_{condition}" for name in NAMES for condition in ASKED]
        return evaluate(tasks, limit=None, batch_size=16, gen_kwargs="max_new_tokens=24"), counts


@pytest.fixture(scope="module")
def found(run, records):
    """Records by benchmark, condition and item."""
    return {(record.benchmark, record.condition, record.item_id): record for record in records(run[0])}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_that_can_be_asked_has_its_record(found, name):
    wanted = {}
    for item in items_of(benchmark(name)):
        for condition in ASKED:
            try:
                wanted[name, condition, item.id] = (item, render(item, condition))
            except NotApplicable:
                assert condition != "base"
    assert {key for key in found if key[0] == name} == wanted.keys()
    for key, (item, prompt) in wanted.items():
        record = found[key]
        assert (record.kind, record.gold, record.claimed) == (item.kind, item.gold, prompt.claimed)
        assert (record.options, record.answer, record.target) == (prompt.options, item.answer, prompt.target)
        assert (record.prefill, record.error) == (prompt.prefill, None)
        assert (record.family, record.cluster, record.category) == (item.family, item.cluster, item.category)
        assert record.extras == item.extras


@pytest.mark.parametrize("name", NAMES)
def test_choices_have_letters_and_free_forms_have_values(found, name):
    for (whose, *_), record in found.items():
        if whose != name:
            continue
        if record.kind == "choice":
            assert len(record.letter_logprobs) == len(record.options)
            assert all(math.isfinite(number) and number <= 0 for number in record.letter_logprobs)
            assert record.letter_source in ("generated", "forced")
            assert record.value_logprobs is None
        else:
            assert len(record.value_logprobs) == 1 + (record.claimed is not None)
            assert all(math.isfinite(number) and number <= 0 for number in record.value_logprobs)
            assert (record.letter_logprobs, record.letter_source, record.options) == (None, None, ())


def test_all_kinds_were_asked_and_no_request_failed(found):
    kinds = {record.kind for record in found.values()}
    assert {"choice", "integer", "float", "text"} <= kinds
    assert len({record.benchmark for record in found.values()}) == len(NAMES)
    assert {record.status for record in found.values()} <= {"answered", "no_answer", "truncated"}


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_sent(run, name, drawn_data, monkeypatch):
    _, counts = run
    for variable, value in drawn_data.items():
        monkeypatch.setenv(variable, value)
    one = benchmark(name)
    rows = numbered(FIXTURES[name]())
    pictures = [len(images_of(one, row, one.to_item(row))) for row in rows]
    sent = [counts[f"faith_{name}_base", place] for place in range(len(rows))]
    assert sent == pictures


def test_some_have_several_pictures(run):
    assert {1, 2, 3, 4} <= set(run[1].values())


def test_a_swapped_item_shows_as_many_pictures_as_its_own_where_another_has_as_many(task, with_drawn_data):
    shown = {
        condition: [len(one._visuals(doc)) for doc in one.eval_docs]
        for condition in ("base", "swapped_image")
        for one in [task(condition, "mmmu_val", fresh=True)]
    }
    assert shown["base"] == [1, 2, 3, 1, 1]
    assert [shown["swapped_image"][place] for place in (0, 3, 4)] == [1, 1, 1]


def test_no_picture_is_in_the_samples(run):
    results, _ = run

    def walk(value):
        if isinstance(value, dict):
            for part in value.values():
                walk(part)
        elif isinstance(value, (list, tuple)):
            for part in value:
                walk(part)
        else:
            assert not isinstance(value, bytes)
            assert "Image" not in type(value).__name__
            assert not LONG_TEXT.search(str(value)), str(value)[:200]

    walk(results["samples"])


def test_every_benchmark_has_its_numbers(run):
    for name in NAMES:
        numbers = run[0]["results"][f"faith_{name}_base"]
        assert 0 <= numbers["acc,none"] <= 1
        assert 0 <= numbers["answered,none"] <= 1


# Data that are not as they should be


def rewritten(name, folder, change):
    """A benchmark's drawn rows, changed, and the variable that names them."""
    file = folder / f"{name}.parquet"
    change(FIXTURES[name]()).to_parquet(str(file))
    return {"LMMS_FAITH_DATA": str(folder)}


def with_a_row_spoiled(rows):
    return type(rows).from_list(
        [row | {"answer": "Z"} if place == 1 else row for place, row in enumerate(rows.to_list())],
        features=rows.features,
    )


def test_unusable_rows_are_left_out_and_counted(evaluate, records, warnings, tmp_path, monkeypatch):
    for name, value in rewritten("mmstar", tmp_path, with_a_row_spoiled).items():
        monkeypatch.setenv(name, value)
    results = evaluate(["faith_mmstar_base"], limit=None, gen_kwargs="max_new_tokens=4")
    assert [record.item_id for record in records(results)] == ["0", "2"]
    [line] = [line for line in warnings if "rows are asked" in line]
    assert line.startswith("faith_mmstar_base: 2 of 3 rows are asked; the first left out: row 1: ValueError: 'Z' is no")


def test_items_that_a_condition_does_not_apply_to_are_counted_too(task, warnings, with_drawn_data):
    one = task("base_abstain", "mathvista", fresh=True)
    items = items_of(benchmark("mathvista"))
    asked = [item.id for item in items if item.options]
    assert [one.item(doc).id for doc in one.eval_docs_no_media] == asked
    said = f"faith_mathvista_base_abstain: {len(asked)} of {len(items)} rows are asked"
    assert said in warnings


def test_a_condition_that_applies_to_nothing_is_refused(task, with_drawn_data):
    with pytest.raises(ValueError, match="benchmark spatial_mm_multihop: condition base_abstain applies to none of"):
        task("base_abstain", "spatial_mm_multihop", fresh=True)


def ends(arguments, tmp_path, monkeypatch):
    """The line in which a run that can't go on says why."""
    monkeypatch.chdir(tmp_path)
    asked = ["--model", "dummy", "--model_args", "response=A", "--verbosity", "CRITICAL"]
    done = CliRunner().invoke(app, ["run", *asked, *arguments, "--output_path", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert not list(tmp_path.rglob("*_results.json"))
    [line] = [line for line in done.stderr.splitlines() if line.startswith("lmms-faith: ")]
    return line


CHANGED = {
    "renamed": (
        "mmbench_en_dev",
        lambda rows: rows.rename_column("L2-category", "l2_category"),
        "benchmark 'mmbench_en_dev': .* has no column 'L2-category' (a string); it has index, question, hint",
    ),
    "dropped": (
        "mathvista",
        lambda rows: rows.remove_columns("metadata"),
        "benchmark 'mathvista': .* has no column 'metadata' (a struct)",
    ),
    "of another type": (
        "blink_counting",
        lambda rows: rows.remove_columns("choices").add_column("choices", ["0"] * len(rows)),
        "benchmark 'blink_counting': .* column 'choices' should be a list of strings and is string",
    ),
}


@pytest.mark.parametrize(("name", "change", "said"), CHANGED.values(), ids=CHANGED.keys())
def test_changed_columns_end_the_run_in_one_line(name, change, said, tmp_path, monkeypatch):
    for variable, value in rewritten(name, tmp_path, change).items():
        monkeypatch.setenv(variable, value)
    line = ends(["--tasks", f"faith_{name}_base"], tmp_path, monkeypatch)
    assert re.search(re.escape(said).replace(r"\.\*", ".*"), line), line


def test_data_to_put_somewhere_by_hand_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("LMMS_FAITH_DATA", raising=False)
    line = ends(["--tasks", "faith_spatial_mm_two_obj_base"], tmp_path, monkeypatch)
    assert "benchmark spatial_mm_two_obj: no data file" in line
    assert "git clone https://github.com/FatemehShiri/Spatial-MM DIR" in line
    assert "set FAITH_SPATIALMM_ROOT=DIR" in line


def test_data_put_there_by_hand_are_read(task, drawn, tmp_path, monkeypatch):
    """The adapter's own file names, not `LMMS_FAITH_DATA`."""
    monkeypatch.delenv("LMMS_FAITH_DATA", raising=False)
    monkeypatch.setenv("FAITH_SPATIALMM_ROOT", str(drawn))
    file = tmp_path / "spatial_mm_two_obj.json"
    file.write_text(json.dumps(FIXTURES["spatial_mm_two_obj"]().to_list()))
    one = task("base", "spatial_mm_two_obj", dataset_kwargs={"data_files": {"test": str(file)}})
    assert len(one.task_docs) == 3
    assert one.doc_to_messages(one.task_docs[0])[0]["content"][0]["type"] == "image"


@pytest.mark.parametrize("form", ["disk", "splits"])
def test_what_save_to_disk_wrote_gives_the_same_records(evaluate, records, found, form, tmp_path, monkeypatch):
    names = ("mme_realworld_lite", "geometry3k")
    for name in names:
        write_fixture(name, tmp_path, form)
    monkeypatch.setenv("LMMS_FAITH_DATA", str(tmp_path))
    results = evaluate([f"faith_{name}_base" for name in names], limit=None, gen_kwargs="max_new_tokens=24")
    again = records(results)
    assert len(again) == 6
    for record in again:
        beside = found[record.benchmark, record.condition, record.item_id]
        assert (record.options, record.answer, record.completion) == (beside.options, beside.answer, beside.completion)
    assert not any("bytes" in sample["doc"] for samples in results["samples"].values() for sample in samples)


def test_the_rows_of_the_fixtures_are_stored_as_the_hub_stores_them(drawn, tmp_path):
    """Else `without_pictures` would have nothing to take away."""
    stored = load_dataset("parquet", data_files={"x": str(drawn / "mme_realworld_lite.parquet")}, split="x")
    assert LONG_TEXT.search(stored[0]["bytes"])
    assert "bytes" not in without_pictures(benchmark("mme_realworld_lite"), stored).column_names


def test_the_command_line_reads_local_data(shell, model_args, drawn_data, tmp_path):
    arguments = ["--model", "faith_hf", "--model_args", model_args["faith_hf"], "--tasks", "faith_cv_bench_base"]
    arguments += ["--gen_kwargs", "max_new_tokens=24", "--batch_size", "8", "--output_path", str(tmp_path / "out")]
    ran = shell("lmms-faith", "run", *arguments, **drawn_data)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = list(read_records(tmp_path / "out"))
    assert {record.item_id for record in found} == {item.id for item in items_of(benchmark("cv_bench"))}
    assert all(record.letter_logprobs and not record.error for record in found)
