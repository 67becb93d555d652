"""Runs that are stopped and run again: nothing is lost, nothing is wrong, and no old answer meets a new question."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lmms.edits import edited_image, edited_prefill, edited_wording

pytestmark = pytest.mark.host

CONDITIONS = ("base", "wrong_think")
KILLS = 20


@pytest.fixture
def generated(monkeypatch):
    """How many answers were generated."""
    from lmms_faith.lmms.models.hf import FaithHF

    seen, generate = [], FaithHF._generate

    def count(self, batch, requests):
        seen.extend(requests)
        return generate(self, batch, requests)

    monkeypatch.setattr(FaithHF, "_generate", count)

    def taken():
        number = len(seen)
        seen.clear()
        return number

    return taken


@pytest.fixture
def folder(model_path, tmp_path):
    """A copy of the tiny model that may be edited."""
    return Path(shutil.copytree(model_path, tmp_path / "model"))


@pytest.fixture
def answers(folder, tmp_path, ask):
    """Load the model anew with a store, and ask."""
    from lmms_faith.lmms.models.hf import FaithHF

    def call(*, conditions=CONDITIONS, generation=None, **options):
        settings = {"device": "cpu", "dtype": "float32", "batch_size": 4, "store": str(tmp_path / "answers")}
        return ask(*conditions, lm=FaithHF(str(folder), **settings | options), **generation or {})

    return call


def test_asked_again_everything_comes_from_the_store_as_it_was(answers, generated, folder):
    first = answers()
    assert generated() == 4
    assert answers() == first
    assert generated() == 0
    assert answers(store=None) == first  # byte for byte what no store gives
    assert generated() == 4


def test_one_more_condition_is_all_that_is_generated(answers, generated):
    first = answers()
    generated()
    assert answers(conditions=(*CONDITIONS, "stop_think"))[:4] == first
    assert generated() == 2


def test_the_bars_tell_what_came_from_the_store(answers, monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    answers()
    assert re.search(r": 4/4, [\d.]+ items/s, \S+ gone\n", capsys.readouterr().err)
    answers(conditions=(*CONDITIONS, "stop_think"))
    assert re.search(r": 6/6, [\d.]+ items/s, \S+ gone, 4 from the store\n", capsys.readouterr().err)


def test_sampled_answers_are_never_served(answers, generated):
    for _ in range(2):
        answers(generation={"temperature": 0.7})
        assert generated() == 4


def edited_template(folder, _):
    path = folder / "chat_template.jinja"
    path.write_text(path.read_text().replace("system", "System", 1) + "{# #}")
    return {}


def edited_weights(folder, _):
    path = folder / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    return {}


def edited_generation(folder, _):
    path = folder / "generation_config.json"
    settings = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(settings | {"repetition_penalty": 1.5}))
    return {}


EDITS = {
    "template in the model's folder": (edited_template, 4),
    "weights in place": (edited_weights, 4),
    "generation config": (edited_generation, 4),
    "prefill": (edited_prefill, 2),  # those of wrong_think
    "wording": (edited_wording, 4),
    "a pixel": (edited_image, 4),
    "dtype": (lambda *_: {"dtype": "bfloat16"}, 4),
    "attention": (lambda *_: {"attn_implementation": "eager"}, 4),
    "image sizes": (lambda *_: {"min_pixels": 12544, "max_pixels": 50176}, 4),
    "length": (lambda *_: {"generation": {"max_new_tokens": 95}}, 4),
    "stop string": (lambda *_: {"generation": {"until": ["</answer>"]}}, 4),
}


@pytest.mark.parametrize(("edit", "anew"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_never_served_an_old_answer(answers, generated, folder, monkeypatch, edit, anew):
    answers()
    generated()
    changed = edit(folder, monkeypatch)
    after = answers(**changed)
    assert generated() == anew
    # Where some of a batch is served, the rest is generated in another company, which moves the last digits.
    for (text, seen), (other, fresh) in zip(after, answers(**changed | {"store": None}), strict=True):
        assert text == other
        assert seen.letters == pytest.approx(fresh.letters, abs=1e-4)


def test_a_template_given_as_a_file_is_part_of_the_prompt(answers, generated, folder, tmp_path):
    answers()
    generated()
    template = tmp_path / "other.jinja"
    template.write_text((folder / "chat_template.jinja").read_text().replace("<|im_start|>", "<|im_start|> "))
    answers(chat_template=str(template))
    assert generated() == 4


@pytest.mark.slow
def test_killed_at_random_moments_a_run_ends_with_the_records_of_one_left_alone(model_path, tmp_path):
    script = Path(__file__).with_name("killed_run.py")
    quiet = {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"}
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(model_path), str(KILLS), "0"],
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    [line] = [line for line in ran.stdout.splitlines() if line.startswith("SEEN ")]
    seen = json.loads(line.removeprefix("SEEN "))
    assert seen["records"] == 72
    begun = [number for run in seen["runs"] for number in run["batches begun at each kill"]]
    assert len(begun) == KILLS
    assert sum(0 < number < seen["batches"] for number in begun) >= KILLS / 4, begun
    for run in seen["runs"]:
        assert run["equal"], seen
        assert run["as planned"], seen
        assert run["generated again"] <= len(run["batches begun at each kill"]), seen


@pytest.mark.slow
def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(model_args, tmp_path):
    program = str(Path(sys.executable).with_name("lmms-faith"))
    out = tmp_path / "out"
    command = [program, "run", "--model", "faith_hf", "--model_args", model_args["faith_hf"], "--output_path", str(out)]
    command += ["--tasks", "faith_shapes_base,faith_shapes_wrong_think", "--limit", "100", "--batch_size", "4"]
    command += ["--gen_kwargs", "max_new_tokens=96", "--verbosity", "INFO"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}

    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 200
    while not lines(out) and time.monotonic() < limit and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said[-2000:]
    kept = sum(len(json.loads(line)["answers"]) for line in lines(out))
    assert 0 < kept < 200
    wrapped = " ".join(said.split())
    assert f"stopped: {kept} answers are kept in {out / 'answers'}, and the same command goes on from there" in wrapped
    assert list(out.rglob("*_results.json")) == []

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert f"{kept} answers are kept in" in ran.stdout
    assert sum(len(json.loads(line)["answers"]) for line in lines(out)) == 200
    assert len(list(out.rglob("*_results.json"))) == 1


def lines(out):
    return [line for path in (out / "answers").glob("*.jsonl") for line in path.read_text().splitlines()]


def test_a_second_run_is_served_and_a_fresh_one_is_not(model_args, tmp_path, generated, monkeypatch):
    from lmms_faith.lmms.run import run
    from lmms_faith.lmms.store import VARIABLE

    monkeypatch.delenv(VARIABLE, raising=False)

    def go(**more):
        arguments = ["--model", "faith_hf", "--model_args", model_args["faith_hf"], "--tasks", "faith_shapes_base"]
        run([*arguments, "--limit", "2", "--gen_kwargs", "max_new_tokens=96", "--output_path", str(tmp_path)], **more)
        return generated()

    assert [go(), go(), go(fresh=True), go()] == [2, 0, 2, 0]
    assert VARIABLE not in os.environ
    monkeypatch.setenv(VARIABLE, str(tmp_path / "elsewhere"))
    assert [go(), go()] == [2, 0]
    assert os.environ[VARIABLE] == str(tmp_path / "elsewhere")
