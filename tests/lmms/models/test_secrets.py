"""No key and no password gets out: every byte that the commands write, to files and to the terminal, is searched."""

import base64
import gzip
import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from random import Random
from threading import Lock

import pytest

from lmms_faith.report.logs import read_records

pytestmark = [pytest.mark.host, pytest.mark.slow]

KEY, USER, PASSWORD = "sk-planted-1234567890abcdef", "planted-user", "planted-pass%2Fword"
PAIR = base64.b64encode(f"{USER}:planted-pass/word".encode()).decode()
SECRETS = {
    "a key": {"OPENAI_API_KEY": KEY},
    "a password in the URL": {"OPENAI_BASE_URL": f"http://{USER}:{PASSWORD}@", "OPENAI_API_KEY": KEY},
}
PLANTED = [text.encode() for text in (KEY, USER, PASSWORD, "planted-pass/word", PAIR)]
TASKS = ",".join(f"faith_shapes_{name}" for name in ("base", "wrong_think", "wrong_caption"))


@pytest.fixture(scope="module")
def behind(tiny_server):
    """The server behind those of all cases, which says once more what it was asked before."""
    return tiny_server()


@pytest.fixture
def leaky(behind, listening, completion):
    """A server that fails in three of ten requests, with messages and headers that quote what it was sent.

    It wants to be asked again at once. As a judge it names the first option, but for one record that it never judges.
    """
    chance, lock = Random(0), Lock()
    seen, never = set(), []

    def rule(path, body, headers):
        sent = headers["Authorization"]
        judges = path.endswith("/completions") and "max_tokens" not in body  # all others say how long a reply may be
        with lock:
            seen.add(sent)
            never[:] = never or [body] * judges
            fails = chance.random() < 0.3 or body in never
        if fails:
            bare = base64.b64decode(sent[6:]).decode() if sent.startswith("Basic ") else sent
            said = {"error": {"message": f"{sent} {bare} {KEY} is not welcome", "code": sent, "type": sent}}
            return 500, {"X-Echo": sent, "Retry-After": "0.01"}, json.dumps(said).encode()
        if judges:
            return 200, {}, completion('{"conclusion": "A"}').encode()
        asked = urllib.request.Request(
            behind.url.removesuffix("/v1") + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": sent},
        )
        with urllib.request.urlopen(asked) as reply:
            return reply.status, {}, reply.read()

    with listening(rule) as url:
        yield url, seen


@pytest.fixture
def command(tmp_path):
    """Runs `lmms-faith` in a process whose home, caches and working folder are all under one folder."""
    places = ("home", "hf", "cache", "tmp")
    for name in places:
        (tmp_path / name).mkdir()
    home, hub, cache, temporary = (str(tmp_path / name) for name in places)
    own = {"HOME": home, "HF_HOME": hub, "XDG_CACHE_HOME": cache, "TMPDIR": temporary, "HF_DATASETS_CACHE": hub}

    def call(*arguments, **environment):
        done = subprocess.run(
            [str(Path(sys.executable).with_name("lmms-faith")), *arguments],
            env=os.environ | own | {"OMP_NUM_THREADS": "1", "OPENAI_LOG": "debug"} | environment,
            cwd=tmp_path,
            capture_output=True,
            timeout=280,
        )
        (tmp_path / f"terminal-{arguments[0]}").write_bytes(done.stdout + done.stderr)
        return done

    return call


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_written_anywhere(secret, leaky, command, tmp_path):
    url, seen = leaky
    given = dict(SECRETS[secret])
    where = given.setdefault("OPENAI_BASE_URL", "http://") + url.removeprefix("http://")
    given["OPENAI_BASE_URL"] = where
    asked = ["--model", "faith_openai", "--model_args", "model=tiny,pause=0.01,tries=1,timeout=60"]
    short = ["--limit", "4", "--gen_kwargs", "max_new_tokens=96", "--batch_size", "1", "--verbosity", "DEBUG"]
    kept = {"LMMS_FAITH_STORE": str(tmp_path / "answers")}
    output = ["--output_path", "out", "--use_cache", "host-cache"]
    ran = command("run", *asked, "--tasks", TASKS, *short, *output, **given, **kept)
    found = list(read_records(tmp_path / "out"))
    assert {"failed", "answered"} <= {one.status for one in found}, ran.stderr[-2000:]
    judge = ["out", "--judge", "llm", "--judge-url", where, "--model", "tiny"]
    judged = command("judge", *judge, **given)
    assert judged.returncode == 3, judged.stderr[-2000:]
    assert b"500" in judged.stderr
    assert command("doctor", *asked, **given).returncode in (0, 1)
    assert command("table", "out").returncode == 0
    assert command("summary", "out", "--out", "tidy.parquet").returncode == 0
    assert seen == ({f"Basic {PAIR}"} if "@" in where else {f"Bearer {KEY}"})
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"verdicts.jsonl", "judge-replies.sqlite", "tidy.parquet", "terminal-doctor"} <= names
    assert any(name.startswith("answers-") for name in names)
    leaks = [
        (path.relative_to(tmp_path), planted)
        for path in tmp_path.rglob("*")
        if path.is_file()
        for planted in PLANTED
        if planted in content(path)
    ]
    assert leaks == []


def content(path):
    """A file's bytes, and what they say once unpacked."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        import pyarrow.parquet

        return raw + repr(pyarrow.parquet.read_table(path).to_pylist()).encode()
    return raw + gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw


@pytest.mark.parametrize("suffix", [".parquet", ".gz", ".txt"])
def test_the_search_would_find_it(tmp_path, suffix):
    path = tmp_path / f"file{suffix}"
    if suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        table = pyarrow.table({"text": [KEY] * 100})
        pyarrow.parquet.write_table(table, path, compression="zstd", use_dictionary=False)
    else:
        path.write_bytes(gzip.compress(KEY.encode()) if suffix == ".gz" else KEY.encode())
    assert KEY.encode() in content(path)
