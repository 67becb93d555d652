"""Runs against a server that are stopped and run again: what was answered is not asked again, what failed is."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lmms_faith.lmms.channel import failure
from tests.lmms.edits import edited_image, edited_prefill, edited_wording

pytestmark = pytest.mark.host

CONDITIONS = ("base", "wrong_think")
TASKS = [f"faith_shapes_{name}" for name in CONDITIONS]
SECRET = "sk-planted-secret"


@pytest.fixture
def server(tiny_server):
    return tiny_server()


@pytest.fixture
def asked(server):
    """How many completions were asked of the server since the last look."""
    before = 0

    def count():
        nonlocal before
        now = server.generations()
        before, new = now, now - before
        return new

    return count


@pytest.fixture
def backend(server, tmp_path):
    from lmms_faith.lmms.models.openai import FaithOpenAI

    def make(**options):
        settings = {"base_url": server.url, "pause": 0.01, "timeout": 60, "store": str(tmp_path / "answers")}
        return FaithOpenAI("tiny", **settings | options)

    return make


def lines(tmp_path):
    return [line for path in (tmp_path / "answers").glob("*.jsonl") for line in path.read_text().splitlines()]


def test_asked_again_everything_comes_from_the_store_as_it_was(backend, ask, asked, tmp_path):
    first = ask(*CONDITIONS, lm=backend())
    assert asked() == 4
    assert ask(*CONDITIONS, lm=backend()) == first
    assert asked() == 0
    assert len(lines(tmp_path)) == 4  # one a line
    assert ask(*CONDITIONS, "stop_think", lm=backend())[:4] == first
    assert asked() == 2
    ask(*CONDITIONS, lm=backend(store=None))
    assert asked() == 4


def test_all_of_one_picture_is_asked_in_a_row_so_that_a_run_that_ends_early_has_whole_items(backend, ask, server):
    server.lasts = 4
    found = ask(*CONDITIONS, lm=backend(concurrency=1), items=3)
    assert [failure(*one) is None for one in found] == [True, True, False] * 2


def test_the_bars_tell_what_came_from_the_store(backend, ask, monkeypatch, capsys):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    ask(*CONDITIONS, lm=backend())
    assert re.search(r": 4/4, [\d.]+ items/s, \S+ gone, \d+ at a time\n", capsys.readouterr().err)
    ask(*CONDITIONS, "stop_think", lm=backend())
    assert re.search(r": 6/6, [\d.]+ items/s, \S+ gone, 4 from the store, \d+ at a time\n", capsys.readouterr().err)


def test_sampled_answers_are_never_served(backend, ask, asked, tmp_path):
    for _ in range(2):
        ask("base", lm=backend(), temperature=0.7)
        assert asked() == 2
    assert lines(tmp_path) == []


def other_weights(server, patch):
    server.root = "tiny-2"
    return {}


EDITS = {
    "prefill": (edited_prefill, 2),
    "wording": (edited_wording, 4),
    "a pixel": (edited_image, 4),
    "length": (lambda *_: {"max_new_tokens": 95}, 4),
    "stop string": (lambda *_: {"until": ["</answer>"]}, 4),
    "what the server says of its weights": (other_weights, 4),
}


@pytest.mark.parametrize(("edit", "anew"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_never_served_an_old_answer(backend, ask, asked, server, monkeypatch, edit, anew):
    ask(*CONDITIONS, lm=backend())
    asked()
    generation = edit(server, monkeypatch)
    ask(*CONDITIONS, lm=backend(), **generation)
    assert asked() == anew


def test_answers_of_a_server_that_lists_no_models_are_kept_as_well(backend, ask, asked, server):
    server.root = ""
    first = ask(*CONDITIONS, lm=backend())
    assert asked() == 4
    assert ask(*CONDITIONS, lm=backend()) == first
    assert asked() == 0


def test_what_failed_is_asked_again_and_nothing_else(server, asked, faulty, evaluate, records, tmp_path):
    share = [0.0]
    url, did = faulty(server.url, share=lambda: share[0])
    command = f"model=tiny,base_url={url},pause=0.01,timeout=60,tries=1,store={tmp_path / 'answers'}"

    def run():
        return records(evaluate(TASKS, model="faith_openai", model_args=command, limit=8))

    share[0] = 0.4  # finding out what the server can do is tried more often than an item
    first = run()
    failed = {one.key for one in first if one.status == "failed"}
    assert 2 < len(failed) < len(first) - 2, did
    assert len(lines(tmp_path)) == len(first) - len(failed)
    asked()
    share[0] = 0.0
    second = run()
    assert asked() == len(failed)
    assert all(one.status != "failed" for one in second)
    assert [one for one in second if one.key not in failed] == [one for one in first if one.status != "failed"]
    assert run() == second
    assert asked() == 0


@pytest.mark.slow
def test_killed_it_asks_again_for_no_more_than_was_under_way(server, asked, tmp_path):
    out, at_a_time = tmp_path / "out", 3
    command = [str(Path(sys.executable).with_name("lmms-faith")), "run", "--model", "faith_openai", "--tasks"]
    command += [",".join(TASKS), "--limit", "20", "--gen_kwargs", "max_new_tokens=96", "--output_path", str(out)]
    command += ["--model_args", f"model=tiny,concurrency={at_a_time},store={tmp_path / 'answers'}"]
    address = server.url.replace("//", f"//me:{SECRET}-password@")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": address}

    kept = 0
    for _ in range(2):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 200
        while len(lines(tmp_path)) < kept + 6 and time.monotonic() < limit and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        now = len(lines(tmp_path))
        assert kept < now < 40
        kept = now
    assert asked() <= kept + 2 * at_a_time

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert asked() == 40 - kept
    assert sum(len(json.loads(line)["answers"]) for line in lines(tmp_path)) == 40
    whole = subprocess.run(
        [*command[:-1], command[-1].replace("answers", "others"), "--fresh"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert whole.returncode == 0, whole.stderr[-2000:]
    assert asked() == 40
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    assert len(texts) > 4
    for text in (*texts, ran.stdout, ran.stderr):
        assert SECRET not in text
    one, other = (sorted(found) for found in _answers(tmp_path))
    assert one == other


def _answers(tmp_path):
    for name in ("answers", "others"):
        kept = [line for path in (tmp_path / name).glob("*.jsonl") for line in path.read_text().splitlines()]
        yield [(one["key"], one["text"]) for line in kept for one in json.loads(line)["answers"]]
