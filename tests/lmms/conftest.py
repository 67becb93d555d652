"""The real host and the real tiny model, loaded once; nothing is imported before a test here asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

Evaluate = Callable[..., dict[str, Any]]
MAX_NEW_TOKENS = 96
HOST_PIXELS = "min_pixels=12544,max_pixels=12544"


@pytest.fixture(scope="session")
def model_path() -> Path:
    """Folder of the shipped model."""
    from lmms_faith.demo import MODEL

    if not (MODEL / "config.json").exists():
        pytest.fail(f"no model at {MODEL}; it ships with the repository")
    return MODEL


@pytest.fixture(scope="session")
def model_args(model_path: Path) -> dict[str, str]:
    """Arguments of the tiny model by the host's model name."""
    host = f"pretrained={model_path},device=cpu,device_map=cpu,{HOST_PIXELS}"
    return {
        "faith_hf": f"pretrained={model_path},device=cpu,dtype=float32",
        "faith_qwen2_5_vl": host,
        "qwen2_5_vl": host,
        "dummy": "response=A",
    }


@pytest.fixture(scope="session")
def manager() -> Any:
    """The host's index of our task files alone."""
    from lmms_eval.tasks import TaskManager

    from lmms_faith.lmms.paths import task_dir

    return TaskManager(include_path=str(task_dir()), include_defaults=False)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a few drawn rows of every benchmark, for `LMMS_FAITH_DATA`."""
    from fixtures import FIXTURES, write_fixture

    folder: Path = tmp_path_factory.mktemp("drawn")
    for name in FIXTURES:
        write_fixture(name, folder)
    return folder


@pytest.fixture(scope="session")
def drawn_data(drawn: Path) -> dict[str, str]:
    """The variables that name that folder."""
    return {"LMMS_FAITH_DATA": str(drawn), "FAITH_SPATIALMM_ROOT": str(drawn)}


@pytest.fixture
def with_drawn_data(drawn_data: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every benchmark's data are at hand."""
    for name, value in drawn_data.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session", autouse=True)
def cache_of_datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What `datasets` makes of files of ours goes to a folder of the tests' own, in other processes as well."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("datasets")
        patch.setenv("HF_DATASETS_CACHE", str(folder))
        if "datasets" in sys.modules:
            patch.setattr("datasets.config.HF_DATASETS_CACHE", folder)
        yield


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """Our own warnings, as they come."""
    from loguru import logger

    said: list[str] = []
    sink = logger.add(lambda line: said.append(line.strip()), level="WARNING", format="{message}", filter="lmms_faith")
    yield said
    logger.remove(sink)


@pytest.fixture(scope="session")
def cli_defaults() -> Namespace:
    """What `lmms-eval` without any flag hands to its evaluator; the default think-stripping is in it."""
    from lmms_eval.__main__ import parse_eval_args

    given, sys.argv = sys.argv, ["lmms-eval"]
    try:
        return parse_eval_args()[1]
    finally:
        sys.argv = given


@pytest.fixture(scope="session")
def evaluate(model_args: dict[str, str], manager: Any, cli_defaults: Namespace) -> Evaluate:
    """The host's evaluator on the real tiny model, as its command line would call it."""
    from lmms_eval.evaluator import simple_evaluate

    def call(tasks: list[Any], *, model: Any = "faith_hf", **options: Any) -> dict[str, Any]:
        settings = {
            "model_args": model_args.get(model) if isinstance(model, str) else None,
            "batch_size": 4,
            "limit": 3,
            "gen_kwargs": f"max_new_tokens={MAX_NEW_TOKENS}",
            "task_manager": manager,
            "cli_args": cli_defaults,
            "bootstrap_iters": 0,
        }
        results: dict[str, Any] = simple_evaluate(model=model, tasks=tasks, **settings | options)
        return results

    return call


@pytest.fixture(scope="session")
def records() -> Callable[..., list[Any]]:
    """The records in a run's samples, of all its tasks, by condition and item."""
    from lmms_faith.record import Record, from_json

    def read(results: dict[str, Any]) -> list[Any]:
        samples = [sample for samples in results["samples"].values() for sample in samples]
        found = [from_json(Record, sample["faith"]) for sample in samples]
        return sorted(found, key=lambda record: (record.condition, record.item_id))

    return read


@pytest.fixture(scope="session")
def task() -> Callable[..., Any]:
    """A task under a condition, by that condition's name; of `shapes` unless another benchmark is named."""
    from lmms_faith.lmms.task import FaithTask

    made: dict[str, Any] = {}

    def make(condition: str, benchmark: str = "shapes", *, fresh: bool = False, **config: Any) -> Any:
        faith = {"benchmark": benchmark, "condition": condition} | config.pop("faith", {})
        name = f"faith_{benchmark}_{condition}"
        if fresh or config or len(faith) > 2:
            return FaithTask({"task": name, "faith": faith} | config)
        if name not in made:
            made[name] = FaithTask({"task": name, "faith": faith})
        return made[name]

    return make


@pytest.fixture(scope="session")
def model(model_path: Path) -> Any:
    """The tiny model behind `faith_hf`, in float32; for tests that leave it as it is."""
    from lmms_faith.lmms.models.hf import FaithHF

    return FaithHF(str(model_path), device="cpu", dtype="float32", batch_size=4)


@pytest.fixture(scope="session")
def ask(model: Any, task: Callable[..., Any]) -> Callable[..., list[tuple[str, Any]]]:
    """Clean texts and evidence of the first items of some conditions, straight from the backend."""
    from lmms_faith.lmms.channel import detach

    def answers(*conditions: str, items: int = 2, lm: Any = None, **generation: Any) -> list[tuple[str, Any]]:
        asked = lm or model
        requests = []
        for name in conditions:
            one = task(name, fresh=True)
            one.config.generation_kwargs.update({"max_new_tokens": MAX_NEW_TOKENS} | generation)
            build(one, asked, limit=items)
            asked.task_dict[one.config.task] = one.dataset
            requests += one.instances
        return [detach(result.text) for result in asked.generate_until(requests)]

    def build(one: Any, lm: Any, *, limit: int) -> None:  # the task finds `lm` here, as in the host's evaluator
        one.build_all_requests(limit=limit)

    return answers


@pytest.fixture(scope="session")
def asked(model: Any, task: Callable[..., Any]) -> list[Any]:
    """The requests of three items under `base`, then under `wrong_think`."""
    requests: list[Any] = []
    for name in ("base", "wrong_think"):
        one = task(name, fresh=True)
        one.config.generation_kwargs["max_new_tokens"] = MAX_NEW_TOKENS
        lm = model  # the task finds it in its caller's frame, as in the host's evaluator
        one.build_all_requests(limit=3)
        lm.task_dict[one.config.task] = one.dataset
        requests += one.instances
    return requests


@pytest.fixture(scope="session")
def answers(model: Any, asked: list[Any]) -> list[Any]:
    """The tiny model's answers to them, with evidence."""
    found: list[Any] = model.generate_until(asked)
    return found


@pytest.fixture(scope="session")
def foreign() -> Callable[[str], Any]:
    """A request of a task that is none of ours, by the task's name."""
    from lmms_eval.api.instance import Instance

    def make(name: str) -> Any:
        arguments = ("text", lambda doc: [], {}, 0, name, "test")
        metadata = {"task": name, "doc_id": 0, "repeats": 1}
        return Instance(request_type="generate_until", arguments=arguments, idx=0, metadata=metadata)

    return make


@pytest.fixture
def terminal() -> Iterator[tuple[Any, Callable[[], str]]]:
    """A pseudo-terminal: the stream to write to, and what was sent to it so far."""
    pytest.importorskip("termios")
    leader, follower = os.openpty()
    stream = os.fdopen(follower, "w")

    def sent() -> str:
        stream.flush()
        os.set_blocking(leader, False)
        found = b""
        while True:
            try:
                found += os.read(leader, 65536)
            except (BlockingIOError, OSError):
                return found.decode()

    yield stream, sent
    stream.close()
    os.close(leader)


@pytest.fixture(scope="session")
def shell() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command of this environment in its own process."""

    def call(command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name(command)
        # One process's output is long and only its tail is of interest when a test fails.
        return subprocess.run(
            [str(program), *arguments],
            env=os.environ | {"OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1"} | environment,
            capture_output=True,
            text=True,
            timeout=280,
        )

    return call
