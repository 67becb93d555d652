"""lmms-eval's sample logs: ours, which hold records, and those of its own tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lmms_faith.benchmarks import benchmarks
from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.rows import letter_index, split_options
from lmms_faith.item import LETTERS, Item, option_index
from lmms_faith.record import Record, from_json
from lmms_faith.recording import Generation
from lmms_faith.rescoring.adapted import adapted, lacking
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Logged, Refused, Told, written_by
from lmms_faith.rescoring.fields import Fields, Malformed, Place, json_lines
from lmms_faith.rescoring.plain import answer_of, line_of

TASKS: Mapping[str, str] = {
    "mathverse_testmini": "mathverse",
    "mathvision_reason_test": "mathvision",
    "mathvision_reason_testmini": "mathvision_testmini",
    "mathvision_test": "mathvision",
    "mathvista_testmini_cot": "mathvista",
    "mathvista_testmini_format": "mathvista",
    "mathvista_testmini_solution": "mathvista",
    "mmbench_en_dev_static": "mmbench_en_dev",
    "mmerealworld_lite": "mme_realworld_lite",
    "mmmu_pro_composite_cot": "mmmu_pro_4",
    "mmmu_pro_standard": "mmmu_pro",
    "mmmu_pro_standard_cot": "mmmu_pro",
    "mmmu_pro_vision_cot": "mmmu_pro_vision",
    "mmmu_val_qwen": "mmmu_val",
    "mmstar_qwen": "mmstar",
    "vstar_bench": "vstar",
}
"""The host's tasks over data of a benchmark of ours that has another name; a closing ``_reasoning`` is left off."""

FROM_PROMPT = "category, image and claim, since the item was read off the prompt (--data takes it from the data)"
FURTHER = "further completions of the row"
NO_COMPLETION = "it holds no completion (log-likelihoods are not scored)"
NO_OPTIONS = "neither the data's row nor options in the prompt; --data takes the item from the data"
OTHER_ROW = "the data's row of that number is not what was asked"
NO_ROW = "the data have no usable row of that number"
_NAME = re.compile(r"(?P<stamp>\d{8}_\d{6})_samples_(?P<task>.+)\.jsonl")

Items = Callable[[str], Mapping[int, Item]]
"""A benchmark's items by row number, for logs that name their rows by number alone."""


Unpack = Callable[[str], Generation]


def as_logged(text: str) -> Generation:
    """A completion that nothing was hung on."""
    return Generation(completion=text)


def task_of(path: Path) -> str | None:
    """The task whose samples a file has, by the name that the host gives it; None where it has another name."""
    match = _NAME.fullmatch(path.name)
    return None if match is None else match["task"]


def benchmark_of(task: str) -> str | None:
    """The benchmark of ours over whose data a task of the host's runs; None where there is none.

    >>> benchmark_of("vstar_bench"), benchmark_of("cv_bench_reasoning"), benchmark_of("gsm8k")
    ('vstar', 'cv_bench', None)
    """
    for name in (task, task.removesuffix("_reasoning")):
        found = TASKS.get(name, name)
        if found in benchmarks():
            return found
    return None


def read(path: Path, given: Given, *, unpack: Unpack = as_logged, items: Items | None = None) -> Iterator[Told]:
    """The rows of a sample log: records where it has them, else answers.

    The item of a row is made by our adapter where the log keeps the data's row (older hosts do, and some tasks' own
    results), taken from ``items`` where those are given, and otherwise read off the prompt: then it has neither
    category nor image, and goes under a benchmark of its own, ``NAME (prompt)``, so that it is paired with nothing and
    given no official score by mistake.

    Args:
        path: The log.
        given: What the caller says of it.
        unpack: Takes a logged completion apart.
        items: The items of a benchmark by row number; None reads no data.

    Raises:
        Malformed: A line that is no sample; the message names file, line and field.
    """
    task = task_of(path)
    name = given.benchmark or (task and (benchmark_of(task) or task))
    model = given.model or _model(path)
    for place, data in json_lines(path):
        row = Fields(place, data)
        if row.has("faith"):
            yield Logged(place, _record(row, given))
            continue
        if name is None:
            place.fault("task", "can't be told from the file's name; give --benchmark NAME")
        yield _answer(row, name, model, given, unpack, items)


def _record(row: Fields, given: Given) -> Record:
    try:
        record = from_json(Record, row.mapping("faith"))
    except ValueError as error:
        row.place.fault("faith", f"is no record ({error})")
    # The types are checked where plain lines are: from_json knows the fields' names alone.
    checked = answer_of(Fields(row.place, line_of(record)), given)
    if isinstance(checked, Refused):
        row.place.fault("faith", f"is no record ({checked.detail})")
    return record if given.model is None else replace(record, model=given.model)


def _answer(
    row: Fields, name: str, model: str | None, given: Given, unpack: Unpack, items: Items | None
) -> Answer | Refused:
    number = row.whole("doc_id")
    if number is None:
        row.place.fault("doc_id", "is missing; it numbers the data's rows")
    texts = _completions(row.data.get("resps", row.data.get("filtered_resps")))
    if not texts:
        return Refused(row.place, NO_COMPLETION)
    found = _item(row, name, number, items)
    if isinstance(found, Refused):
        return found
    item, note = found
    notes = [note] if note else []
    if len(texts) > 1:
        notes.append(FURTHER)
    made = unpack(texts[0])
    return Answer(
        place=row.place,
        item=item,
        condition=given.condition,
        options=item.options,
        claim_known=note == FROM_PROMPT,
        generation=replace(
            made,
            model=model if given.model or made.model is None else made.model,
            letter_source=made.letter_source if item.options else None,
            value_logprobs=None if item.options else made.value_logprobs,
        ),
        seed=given.seed,
        versions=written_by("lmms-eval"),
        notes=tuple(notes),
    )


def _completions(logged: Any) -> list[str]:
    """The completions of a row, whichever of the host's wrappings they are in; none where they are no texts."""
    while isinstance(logged, list) and len(logged) == 1 and isinstance(logged[0], list):
        logged = logged[0]
    texts = logged if isinstance(logged, list) else [logged]
    return texts if all(isinstance(text, str) for text in texts) else []


def _item(row: Fields, name: str, number: int, items: Items | None) -> tuple[Item, str | None] | Refused:
    """A row's item, and what is to be said of it."""
    known = name in benchmarks()
    if known and (kept := _kept(row, name)) is not None:
        try:
            return adapted(name, kept, number), None
        except ValueError as refusal:
            return Refused(row.place, NO_ITEM, str(refusal))
    target, prompt = row.text_or("target", "") or "", row.text_or("input", "") or ""
    if known and items is not None:
        item = items(name).get(number)
        if item is None:
            return Refused(row.place, NO_ROW, f"row {number}")
        agrees = _is_asked(item, prompt, target)
        return (item, None) if agrees else Refused(row.place, OTHER_ROW, f"row {number}: {item.question[:60]!r}")
    return _from_prompt(row, name, number, prompt, target)


def _kept(row: Fields, name: str) -> Mapping[str, Any] | None:
    """The data's row, as the log keeps it itself or in a task's own result; None where it is not there in full."""
    candidates = [value for value in row.data.values() if isinstance(value, dict)]
    return next((one for one in candidates if not lacking(name, one)), None)


def _is_asked(item: Item, prompt: str, target: str) -> bool:
    """Whether a prompt offers an item's options, or asks its question, and the logged gold is the item's."""
    inside = " ".join(prompt.split())
    if not item.options:
        return " ".join(item.question.split()) in inside and target.strip() == item.gold.strip()
    index = _gold_index(target, item.options)
    return index == item.answer and all(" ".join(option.split()) in inside for option in item.options)


def _gold_index(target: str, options: tuple[str, ...]) -> int | None:
    """Index of gold, which the host's tasks give as a letter, an option's text or an index."""
    try:
        return letter_index(target)
    except ValueError:
        index = option_index(target, options)
        return int(target) if index is None and target.isdecimal() and int(target) < len(options) else index


def _from_prompt(row: Fields, name: str, number: int, prompt: str, target: str) -> tuple[Item, str] | Refused:
    try:
        question, options = split_options(prompt)
    except ValueError:
        return Refused(row.place, NO_OPTIONS)
    if not any("\n" in option for option in options[:-1]):
        # Whatever a prompt says behind its last option stands on a line of its own.
        options = (*options[:-1], options[-1].split("\n", 1)[0].rstrip())
    index = _gold_index(target, options)
    if index is None:
        return Refused(row.place, NO_ITEM, f"the logged gold {target!r} is no letter and none of {options}")
    try:
        item = Item(id=str(number), benchmark=f"{name} (prompt)", **asked(question, options, LETTERS[index]))
    except (LookupError, ValueError) as refusal:
        return Refused(row.place, NO_ITEM, str(refusal))
    return item, FROM_PROMPT


def _model(path: Path) -> str | None:
    """The model's name from the results that the host wrote beside a log; None where they are not there."""
    match = _NAME.fullmatch(path.name)
    results = path.with_name(f"{match['stamp']}_results.json") if match else None
    if results is None or not results.is_file():
        return None
    try:
        data = json.loads(results.read_bytes())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{Place(results, 'line 1')}: is no JSON ({error})") from error
    name = data.get("model_name") if isinstance(data, dict) else None
    return name if isinstance(name, str) and name else None
