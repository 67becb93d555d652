"""Seconds to load a task, on drawn rows in real number or on LMMS_FAITH_DATA: python tests/bench/load.py [TASK ...]."""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

import datasets

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

TASKS = (
    "faith_cv_bench_base",
    "faith_mathvista_wrong_think",
    "faith_mmbench_en_dev_swapped_image",
    "faith_mmmu_pro_wrong_caption",
    "faith_mini_mme_realworld_lite_base",
    "faith_3dsrbench_circular_base",
)
IDS = ("id", "idx", "index", "pid", "qid", "question_id", "sample_index", "problem_index")


def main(tasks: list[str]) -> None:
    started = time.perf_counter()
    from lmms_eval.tasks import TaskManager, get_task_dict

    from lmms_faith.lmms.paths import task_dir

    print(f"{'import the host':40} {time.perf_counter() - started:6.2f} s")  # noqa: T201
    started = time.perf_counter()
    manager = TaskManager("ERROR", include_path=str(task_dir()), include_defaults=False)
    print(f"{f'index of {len(manager.all_tasks)} names':40} {time.perf_counter() - started:6.2f} s")  # noqa: T201
    for task in tasks:
        for what in ("first", "again"):
            started = time.perf_counter()
            loaded = get_task_dict([task], manager, "chat")[task]
            spent = time.perf_counter() - started
            print(f"{task:40} {spent:6.2f} s {what}, {len(loaded.task_docs):,} items")  # noqa: T201
    print(f"{platform.machine()}, Python {platform.python_version()}")  # noqa: T201


def grown(rows: datasets.Dataset, n: int) -> datasets.Dataset:
    """The rows over and over, under new ids, ``n`` in all."""
    table = rows.with_format("arrow")[:]
    copies = -(-n // len(rows))
    taken = table.take([place % len(rows) for place in range(copies * len(rows))]).slice(0, n)
    large = datasets.Dataset(taken, info=rows.info)
    for name in set(IDS) & set(rows.column_names):
        number = not isinstance(rows[0][name], str)
        values = [
            value + 10**8 * (place // len(rows)) if number else f"{value}-{place // len(rows)}"
            for place, value in enumerate(large[name])
        ]
        large = large.remove_columns(name).add_column(name, values)
    return large.cast(datasets.Features({name: rows.features[name] for name in large.column_names}))


def write(folder: Path) -> None:
    """Every benchmark's drawn rows, as many as the real data are known to have."""
    from fixtures import FIXTURES, write_fixture

    from lmms_faith.benchmarks import benchmark

    write_fixture("spatial_mm_multihop", folder)  # with the pictures that Spatial-MM's rows name
    for name, rows in FIXTURES.items():
        grown(rows(), benchmark(name).rows or 1000).to_parquet(str(folder / f"{name}.parquet"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        if "LMMS_FAITH_DATA" not in os.environ:
            write(Path(folder))
            os.environ |= {"LMMS_FAITH_DATA": folder, "FAITH_SPATIALMM_ROOT": folder}
            datasets.config.HF_DATASETS_CACHE = Path(folder)
        main(sys.argv[1:] or list(TASKS))
