"""Runs of the tiny model through the host's evaluator, killed at random moments; prints what was seen as JSON.

The host is imported once; each run is a fork that loads the model itself, so what it knows comes from the disk alone.
Arguments: a folder of its own, the model's folder, the number of kills, a seed.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
from lmms_eval.evaluator import simple_evaluate
from lmms_eval.tasks import TaskManager

from lmms_faith.lmms.models.hf import FaithHF
from lmms_faith.lmms.paths import task_dir

TASKS = ["faith_shapes_base", "faith_shapes_wrong_think", "faith_shapes_swapped_image"]
ITEMS, BATCH = 24, 4
torch.set_num_threads(1)


def run(folder: Path, model: Path, out: Path) -> None:
    """One run; every batch is noted before it is generated, and the records are written at the end."""
    generate = FaithHF._generate

    def noting(self, batch, requests):
        with (folder / "generated.txt").open("a") as file:
            file.write(" ".join(f"{one.task_name}/{one.doc_id}" for one in requests) + "\n")
        return generate(self, batch, requests)

    FaithHF._generate = noting
    results = simple_evaluate(
        model="faith_hf",
        model_args=f"pretrained={model},device=cpu,dtype=float32,store={folder / 'answers'}",
        tasks=TASKS,
        batch_size=BATCH,
        limit=ITEMS,
        gen_kwargs="max_new_tokens=96",
        task_manager=TaskManager(include_path=str(task_dir()), include_defaults=False),
        bootstrap_iters=0,
    )
    records = [json.dumps(one["faith"]) for samples in results["samples"].values() for one in samples]
    out.write_text("\n".join(sorted(records)))


def fork(*arguments: Path) -> int:
    """Start a run in a process of its own; its number."""
    child = os.fork()
    if child:
        return child
    try:
        run(*arguments)
        os._exit(0)
    finally:
        os._exit(1)


def batches(folder: Path) -> list[str]:
    """The batches that were generated, or begun."""
    noted = folder / "generated.txt"
    return noted.read_text().splitlines() if noted.exists() else []


def killed(child: int, folder: Path, chance: random.Random, took: float) -> bool:
    """Whether a run was killed before it ended: half of the time at any moment, half of the time while it generates."""
    known = len(batches(folder))
    waits, limit = chance.random() < 0.5, chance.uniform(0, took)
    start = time.monotonic()
    while time.monotonic() - start < limit:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        if waits and len(batches(folder)) > known:
            start, limit, waits = time.monotonic(), chance.uniform(0, took / 8), False
        elif waits:
            start = time.monotonic()
        time.sleep(0.003)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def main(root: Path, model: Path, kills: int, seed: int) -> None:
    """Kill until enough; every run that is left to finish is held against the one that nothing disturbed."""
    chance = random.Random(seed)
    start = time.monotonic()
    _, status = os.waitpid(fork(root, model, root / "records.txt"), 0)
    took = time.monotonic() - start
    assert status == 0
    whole, wanted = batches(root), (root / "records.txt").read_text()
    runs: list[dict[str, object]] = []
    done = 0
    while done < kills:
        folder = root / f"run{len(runs)}"
        folder.mkdir()
        begun = []
        while done + len(begun) < kills and killed(fork(folder, model, folder / "records.txt"), folder, chance, took):
            begun.append(len(batches(folder)))
        if done + len(begun) == kills:
            os.waitpid(fork(folder, model, folder / "records.txt"), 0)
        noted = batches(folder)
        runs.append(
            {
                "batches begun at each kill": begun,
                "generated again": len(noted) - len(set(noted)),
                "as planned": set(noted) == set(whole),
                "equal": (folder / "records.txt").read_text() == wanted,
            }
        )
        done += len(begun)
    sys.stdout.write(
        "SEEN " + json.dumps({"batches": len(whole), "records": wanted.count("\n") + 1, "runs": runs}) + "\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
