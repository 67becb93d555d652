"""`mathvista`: mathematics in figures, charts, tables and photographs; 540 multiple choice, 460 free-form."""

from __future__ import annotations

from lmms_faith.benchmarks.fields import asked, form_hint
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.rows import known, text_index
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import MATHVISTA, TIMES
from lmms_faith.item import Item

_LANGUAGES = {"english": "en", "chinese": "zh", "persian": "fa"}


def _to_item(row: Row) -> Item:
    choices, unit, facts = row["choices"] or (), known(row["unit"]), row["metadata"]
    precision = int(row["precision"]) if known(row["precision"]) else None
    answer = text_index(row["answer"], choices) if choices else row["answer"]
    asks = asked(row["question"], choices, answer, MATHVISTA, kind=row["answer_type"], rivals=TIMES)
    if unit and "(Unit:" not in asks["question"]:
        asks["question"] += f" (Unit: {unit})"
    return Item(
        id=str(row["pid"]),
        benchmark="mathvista",
        unit=unit,
        precision=precision,
        context=None if choices else form_hint(row["answer_type"], precision),
        category=facts["task"],
        language=_LANGUAGES.get(facts["language"].lower(), facts["language"]),
        cluster=row["image"],
        extras={"source": facts["source"], "grade": facts["grade"]},
        **asks,
    )


_TEXTS = ("pid", "question", "image", "unit", "answer", "answer_type")
BENCHMARKS = (
    Benchmark(
        name="mathvista",
        title="MathVista testmini",
        columns=contract(
            string=_TEXTS, image="decoded_image", strings="choices", number="precision", struct="metadata"
        ),
        rows=1000,
        options=(2, 8),
        free=0.46,
        to_item=_to_item,
        dataset_path="AI4Math/MathVista",
        split="testmini",
        licence="CC-BY-SA-4.0",
        headline=accuracy,
        core=True,
    ),
)
