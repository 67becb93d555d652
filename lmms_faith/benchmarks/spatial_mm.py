"""`spatial_mm_*`: where things are, from the camera's and from people's perspectives; images downloaded by hand."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from lmms_faith.benchmarks.official import accuracy
from lmms_faith.benchmarks.patterns import claim_by, whether
from lmms_faith.benchmarks.rows import Gold, letter_index, split_options, strip_label, value_kind
from lmms_faith.benchmarks.spec import Benchmark, ColumnKind, Row
from lmms_faith.item import Item, normalise

ROOT = "FAITH_SPATIALMM_ROOT"
"""Environment variable that names the folder."""
_BY_HAND = (
    "git clone https://github.com/FatemehShiri/Spatial-MM DIR; download the image folders that its README links on "
    f"Google Drive and unpack them anywhere under DIR; set {ROOT}=DIR (default: spatial_mm in the working directory)"
)
_SEEN_FROM = (
    re.compile(
        r",?\s*from (?:the )?(?P<who>[^?,]+?)(?:'s|’s|') (?:perspective|viewpoint|point of view),?", re.IGNORECASE
    ),
    re.compile(r",?\s*from the (?:perspective|viewpoint|point of view) of (?:the )?(?P<who>[^?,]+)", re.IGNORECASE),
)
_FROM_FIRST = re.compile(r"(from [^,]+), (.+?)\??", re.IGNORECASE)
_THING = re.compile(
    r"\b(?:of|near|on|in|behind|under|beside|with|has|holding|contains|wearing) (?:the |an? )?([a-z' -]+)$"
)
_OBJECT = re.compile(
    r"(?:what|which) (?!(?:is the |are the )?(?:colou?r|direction|hand|number|pattern|side|word))", re.IGNORECASE
)
_SIDE = re.compile(r"\b(?:left|right|top|bottom|middle|front|back|image|perspective|camera|side|corner|center)\b")
_PLACED = r"(?: (?:located|placed|positioned|standing|sitting|situated))?"
_RELATED = r" (?:in (?:the )?relation to|relative to|with respect to) "
_WORDINGS = (
    ("colour", r"^(?:what|which) (?:is|are) (?P<the_x>the colou?rs? of [^?]+?)\s*\??$", "{the_x} is {option}."),
    ("colour", r"^(?:what|which) colou?r (?:is|are) (?P<the_x>[^?]+?)\s*\??$", "The colour of {the_x} is {option}."),
    (
        "direction",
        r"^(?:(?:which|what) direction|where) (?P<v>is|are) (?P<the_x>(?![^?]* and )[^?]+?) "
        r"(?P<y>facing|looking|moving|pointing|flying)(?: at| to| towards?| in)?\s*\??$",
        "The direction in which {the_x} {v} {y} is {option}.",
    ),
    (
        "reading",
        r"^what (?:is|are) (?P<the_x>the (?:number|word|text|pattern|design|shape) [^?]*\bon [^?]+?)\s*\??$",
        "{the_x} is {option}.",
    ),
    (
        "together",
        r"^what is the relationship between (?P<the_x>[^?]+?) and (?P<the_y>[^?]+?)\s*\??$",
        "{the_x} and {the_y} are {option}.",
    ),
    (
        "viewpoint",
        r"^from which viewpoint (?P<v>is|are) (?P<the_x>[^?]+?) (?P<y>shown|seen|taken)\s*\??$",
        "The viewpoint from which {the_x} {v} {y} is {option}.",
    ),
    (
        "relation",
        rf"^where (?:is|are) (?P<the_x>[^?]+?){_PLACED}{_RELATED}(?P<the_y>[^?]+?)\s*\??$",
        "The position of {the_x} in relation to {the_y} is {option}.",
    ),
    ("position", rf"^where (?:is|are) (?P<the_x>[^?]+?){_PLACED}\s*\??$", "The position of {the_x} is {option}."),
    (
        "hand",
        r"^in which (?P<z>hand|arm) (?P<v>is|are) (?P<the_x>[^?]+?) (?P<y>holding|carrying) (?P<the_o>[^?]+?)\s*\??$",
        "{the_x} {v} {y} {the_o} in the {option} {z}.",
    ),
    (
        "hand",
        r"^(?:which|what) (?P<z>hand|arm|foot|leg) (?P<v>is|are) (?P<the_x>[^?]+?) using to (?P<y>[^?]+?)\s*\??$",
        "{the_x} {v} using the {option} {z} to {y}.",
    ),
    (
        "hand",
        r"^which of (?P<the_x>[^?]+?)['’]s (?P<y>hands|arms|feet|legs) is (?P<z>[^?]+?)\s*\??$",
        "The {option} one of {the_x}'s {y} is {z}.",
    ),
)


def _choice_item(benchmark: str, row: Row) -> Item:
    question, options = split_options(row["question"])
    letter, _, text = row["answer"].partition(".")
    answer = letter_index(letter)
    if answer >= len(options) or normalise(text) != normalise(options[answer]):
        raise ValueError(
            f"item {_key(row)!r}: answer {row['answer']!r} contradicts its options {options}; skip the row"
        )
    return _item(
        benchmark,
        row,
        question,
        [row["object1"], row["object2"]],
        Gold(options=options, answer=answer, rule="opposite"),
    )


def _value_item(benchmark: str, row: Row) -> Item:
    kind, value = value_kind(row["answer"]), strip_label(row["answer"])
    rivals = _things(row["reasoning"], value) if kind == "text" and _OBJECT.match(row["question"]) else ()
    return _item(benchmark, row, row["question"], [], Gold(kind=kind, value=value), rivals)


def _things(reasoning: str, gold: str) -> tuple[str, ...]:
    """The other things that the reasoning names: what a wrong object is taken from."""
    facts = re.findall(r"\[([^][{}]+)\]", reasoning)
    named = [match.group(1) for fact in facts if (match := _THING.search(fact.lower().strip()))]
    words = set(gold.lower().split())
    return tuple(dict.fromkeys(name for name in named if not words & set(name.split()) and not _SIDE.search(name)))


def _item(
    benchmark: str, row: Row, question: str, nouns: Sequence[str], gold: Gold, rivals: tuple[str, ...] = ()
) -> Item:
    first = _FROM_FIRST.fullmatch(question.strip())
    asked = f"{first[2]} {first[1]}?" if first else question
    claim, template = whether(asked, nouns)
    if claim is None:
        claim, template = _claim(asked)
    return Item(
        id=_key(row),
        benchmark=benchmark,
        question=question,
        category=template if claim else None,
        claim=claim,
        template=template,
        rivals=rivals,
        cluster=row["image_name"],
        extras={"hops": str(row["hop"])} if "hop" in row else {},
        **gold,
    )


def _claim(question: str) -> tuple[str | None, str]:
    """The claim, opened by the perspective that the question names."""
    for pattern in _SEEN_FROM:
        match = pattern.search(question)
        if match:
            rest = (question[: match.start()] + question[match.end() :]).strip()
            claim, template = claim_by(_WORDINGS, rest)
            who = re.sub(r"s's$", "s'", f"{match['who'].strip()}'s")
            return claim and f"From the {who} perspective, {claim[:1].lower()}{claim[1:]}", template
    return claim_by(_WORDINGS, question)


def _key(row: Row) -> str:
    """The data have no ids; a row is named by its image, and a digest of what it asks and answers."""
    return f"{Path(row['image_name']).stem}-{sha256((row['question'] + row['answer']).encode()).hexdigest()[:8]}"


def _root() -> Path:
    return Path(os.environ.get(ROOT, "spatial_mm")).expanduser()


@cache
def _pictures(root: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(root.rglob("*.jp*g"))}


def _to_images(row: Row) -> Sequence[Any]:
    from PIL import Image

    path = _pictures(_root()).get(row["image_name"])
    if path is None:
        raise FileNotFoundError(f"image {row['image_name']} is nowhere under {_root()}; {_BY_HAND}")
    return [Image.open(path)]


def _benchmark(name: str, title: str, file: str, rows: int) -> Benchmark:
    multihop = name == "spatial_mm_multihop"
    kinds: dict[str, ColumnKind] = (
        {"reasoning": "string", "hop": "int"} if multihop else {"object1": "string", "object2": "string"}
    )
    return Benchmark(
        name=name,
        title=title,
        columns={"image_name": "string", "question": "string", "answer": "string", **kinds},
        rows=rows,
        to_item=partial(_value_item if multihop else _choice_item, name),
        to_images=_to_images,
        dataset_path="json",
        dataset_kwargs={"data_files": {"test": str(_root() / "data" / file)}},
        split="test",
        licence="none stated",
        headline=accuracy,
        by_hand=_BY_HAND,
        core=True,
        free_form=multihop,
    )


BENCHMARKS = (
    _benchmark("spatial_mm_one_obj", "Spatial-MM, one object", "spatial_mm_one_obj.json", 502),
    _benchmark("spatial_mm_two_obj", "Spatial-MM, two objects", "spatial_mm_two_obj.json", 1074),
    _benchmark("spatial_mm_multihop", "Spatial-MM multihop", "multihop_reasoning_309.json", 309),
)
