"""Writes the lmms-eval logs of this folder with the real host: its own tasks over a few invented rows.

    python tests/rescoring/data/make_lmms_eval_logs.py OUT

The task files are the host's, but for where the data are. The model is the host's ``dummy``, which says one thing.
"""

import os
import sys
from pathlib import Path

SAYS = "Let me look. The answer is (B)."
TASKS = {
    "cv_bench": ("cv_bench/_default_template_yaml", "cv_bench", "test"),
    "mmbench_en_dev_static": ("mmbench/mmbench_en_dev_static.yaml", "mmbench_en_dev", "dev"),
    "vstar_bench": ("vstar_bench/vstar_bench.yaml", "vstar", "test"),
}
"""Task, the host's file that it is made of, our benchmark whose rows stand in for the data, their split."""


def write_tasks(folder, data):
    """Write the task files; over the parquet files of a folder."""
    import lmms_eval.tasks

    own = Path(lmms_eval.tasks.__file__).parent
    for task, (included, name, split) in TASKS.items():
        lines = [
            f"include: {own / included}",
            f"task: {task}",
            "dataset_path: parquet",
            "dataset_name: null",
            f"dataset_kwargs: {{data_files: {{{split}: {data / name}.parquet}}}}",
            f"test_split: {split}",
        ]
        (folder / f"{task}.yaml").write_text("\n".join(lines) + "\n")


def run(folder, data, out, model="dummy", **options):
    """Run the tasks, and write their logs as the command line would; the host's own results."""
    from lmms_eval.evaluator import simple_evaluate
    from lmms_eval.loggers import EvaluationTracker
    from lmms_eval.tasks import TaskManager

    write_tasks(folder, data)
    tracker = EvaluationTracker(output_path=str(out))
    manager = TaskManager(include_path=str(folder), include_defaults=False)
    results = simple_evaluate(
        model=model,
        tasks=list(TASKS),
        task_manager=manager,
        evaluation_tracker=tracker,
        bootstrap_iters=0,
        **{"model_args": f"response={SAYS}"} | options,
    )
    return results, tracker


def save(results, tracker):
    """Write results and samples, as the command line does."""
    samples = results.pop("samples")
    tracker.save_results_aggregated(results=results, samples=samples, datetime_str="20260101_000000")
    for task in samples:
        tracker.save_results_samples(task_name=task, samples=samples[task])


def write_data(folder):
    """Write the rows; CV-Bench's get the prompts of its own form, with the options in them."""
    from datasets import Dataset
    from fixtures import write_fixture

    for _, name, _ in TASKS.values():
        write_fixture(name, folder)
    path = str(folder / "cv_bench.parquet")

    def prompt(row):
        listed = "\n".join(f"({letter}) {choice}" for letter, choice in zip("ABCDEF", row["choices"]))
        return {"prompt": f"{row['question']} Select from the following choices.\n{listed}"}

    Dataset.from_parquet(path).map(prompt).to_parquet(path)


if __name__ == "__main__":
    import tempfile

    os.environ["HF_HUB_OFFLINE"] = "1"
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    with tempfile.TemporaryDirectory() as place:
        write_data(Path(place))
        results, tracker = run(Path(place), Path(place), Path(sys.argv[1]))
        save(results, tracker)
