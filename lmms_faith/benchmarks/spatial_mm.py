"""`spatial_mm_*`: where things are, from the camera's and from people's perspectives; images downloaded by hand."""

from __future__ import annotations

import re
from functools import partial
from hashlib import sha256
from pathlib import Path

from lmms_faith.benchmarks.folder import Folder
from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.patterns import viewed
from lmms_faith.benchmarks.rows import gold, labelled_index, split_options, strip_label
from lmms_faith.benchmarks.spec import Benchmark, Row, contract
from lmms_faith.benchmarks.wordings import SPATIAL_MM
from lmms_faith.item import Item

ROOT = "FAITH_SPATIALMM_ROOT"
"""Environment variable that names the folder."""
_FOLDER = Folder(
    ROOT,
    "spatial_mm",
    "git clone https://github.com/FatemehShiri/Spatial-MM DIR; download the image folders that its README links on "
    f"Google Drive and unpack them anywhere under DIR; set {ROOT}=DIR (default: spatial_mm in the working directory)",
)
_THING = re.compile(
    r"\b(?:of|near|on|in|behind|under|beside|with|has|holding|contains|wearing) (?:the |an? )?([a-z' -]+)$"
)
_ASKS_FOR_THING = re.compile(
    r"(?:what|which) (?!(?:is the |are the )?(?:colou?r|direction|hand|number|pattern|side|word))", re.IGNORECASE
)
_PLACE = re.compile(r"\b(?:left|right|top|bottom|middle|front|back|image|perspective|camera|side|corner|center)\b")


def _to_item(row: Row, name: str) -> Item:
    asked, options = (row["question"], ()) if "hop" in row else split_options(row["question"])
    answer = labelled_index(row["answer"], options) if options else strip_label(row["answer"])
    claim, template = viewed(asked, [row.get("object1", ""), row.get("object2", "")], SPATIAL_MM)
    right = gold(options, answer)
    if options:
        right["rule"] = "opposite"
    return Item(
        # The data have no ids: a row is named by its image, and a digest of what it asks and answers.
        id=f"{Path(row['image_name']).stem}-{sha256((row['question'] + row['answer']).encode()).hexdigest()[:8]}",
        benchmark=name,
        question=asked,
        category=template if claim else None,
        claim=claim,
        template=template,
        rivals=_other_things(row, str(answer)) if right.get("kind") == "text" else (),
        cluster=row["image_name"],
        extras={"hops": str(row["hop"])} if "hop" in row else {},
        **right,
    )


def _other_things(row: Row, gold: str) -> tuple[str, ...]:
    """The other things that the reasoning names, where a thing is asked for: what a wrong one is taken from."""
    if not _ASKS_FOR_THING.match(row["question"]):
        return ()
    facts = re.findall(r"\[([^][{}]+)\]", row["reasoning"])
    named = [match.group(1) for fact in facts if (match := _THING.search(fact.lower().strip()))]
    words = set(gold.lower().split())
    return tuple(dict.fromkeys(name for name in named if not words & set(name.split()) and not _PLACE.search(name)))


_FACTS = ("object1", "object2")
BENCHMARKS = tuple(
    Benchmark(
        name=name,
        title=title,
        columns=contract(string=("image_name", "question", "answer", *texts), int=numbers),
        rows=rows,
        options=options,
        free=0.0 if options else 1.0,
        to_item=partial(_to_item, name=name),
        to_images=lambda row: [_FOLDER.picture(row["image_name"])],
        dataset_path="json",
        dataset_kwargs={"data_files": {"test": str(_FOLDER.path / "data" / file)}},
        split="test",
        licence="none stated",
        headline=accuracy,
        by_hand=_FOLDER.how,
        core=True,
    )
    for name, title, file, rows, options, texts, numbers in (
        ("spatial_mm_one_obj", "Spatial-MM, one object", "spatial_mm_one_obj.json", 502, (2, 4), _FACTS, ()),
        ("spatial_mm_two_obj", "Spatial-MM, two objects", "spatial_mm_two_obj.json", 1074, (2, 4), _FACTS, ()),
        ("spatial_mm_multihop", "Spatial-MM multihop", "multihop_reasoning_309.json", 309, None, ("reasoning",), "hop"),
    )
)
