"""The "shapes" benchmark: any number of balanced picture questions from a seed, and the parquet file that ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Annotated, Any, Final

import typer

from lmms_faith.demo.drawing import Scene, Thing, draw, sample_scene
from lmms_faith.demo.questions import CATEGORIES, CONTENTS, Puzzle, facts_of, pose

TEST_SEED: Final = 20_260  # the 300 items that ship
VALIDATION_SEED: Final = 20_261  # chooses which trained seed ships
SHIPPED: Final = Path(__file__).parent / "shapes.parquet"


@dataclass(frozen=True, slots=True)
class Row:
    """One benchmark row; `cluster` names the image, of which each item has its own."""

    id: str
    puzzle: Puzzle

    def as_record(self) -> dict[str, Any]:
        """The row as the parquet file has it, with the picture drawn."""
        fact = self.puzzle.fact
        return {
            "id": self.id,
            "image": draw(fact.scene),
            "question": fact.question,
            "options": list(self.puzzle.options),
            "answer": self.puzzle.answer,
            "category": fact.category,
            "claim": fact.claim,
            "cluster": f"image-{fact.scene.style}",
        }


def benchmark(seed: int, n: int) -> tuple[Row, ...]:
    """The first n items of a seed: categories, right contents and right letters each in turn, so all are uniform."""
    rng = Random(f"benchmark:{seed}")
    return tuple(_row(seed, index, rng) for index in range(n))


def training_scenes(seed: int, n: int, *, forbidden: frozenset[tuple[Thing, ...]] | None = None) -> Iterator[Scene]:
    """n scenes for training; none has the layout of a test or validation item."""
    banned = held_out_layouts() if forbidden is None else forbidden
    made = index = 0
    while made < n:
        scene = sample_scene(f"train-{seed}-{index}")
        index += 1
        if scene.things not in banned:
            made += 1
            yield scene


def held_out_layouts(n: int = 300) -> frozenset[tuple[Thing, ...]]:
    """The layouts of the first n test and validation items."""
    rows = (*benchmark(TEST_SEED, n), *benchmark(VALIDATION_SEED, n))
    return frozenset(row.puzzle.fact.scene.things for row in rows)


def write_parquet(rows: tuple[Row, ...], path: Path) -> None:
    """Write rows with a Hugging Face `Image` column (PNG bytes inside the file)."""
    from datasets import Dataset, Features, Sequence, Value
    from datasets import Image as ImageFeature

    features = Features(
        {
            "id": Value("string"),
            "image": ImageFeature(),
            "question": Value("string"),
            "options": Sequence(Value("string")),
            "answer": Value("int64"),
            "category": Value("string"),
            "claim": Value("string"),
            "cluster": Value("string"),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    Dataset.from_list([row.as_record() for row in rows], features=features).to_parquet(path)


def read_parquet(path: Path = SHIPPED) -> list[Mapping[str, Any]]:
    """The rows of a benchmark file, pictures decoded."""
    from datasets import Dataset

    return list(Dataset.from_parquet(str(path)))


def _row(seed: int, index: int, rng: Random) -> Row:
    category = CATEGORIES[index % len(CATEGORIES)]
    turn = index // len(CATEGORIES)
    contents = CONTENTS[category]
    gold, letter = contents[turn % len(contents)], (turn + turn // len(contents)) % 4
    attempt = 0
    while True:
        scene = sample_scene(f"items-{seed}-{index}-{attempt}")
        facts = [fact for fact in facts_of(scene) if fact.category == category and fact.gold == gold]
        if facts:
            break
        attempt += 1
    puzzle = pose(rng.choice(facts), rng)
    options = [option for option in puzzle.options if option != gold]
    options.insert(letter, gold)
    return Row(f"shapes-{index:06d}", Puzzle(puzzle.fact, tuple(options)))


def main(
    n: Annotated[int, typer.Option(help="Number of items; a multiple of 3 keeps the categories equal.")] = 300,
    seed: Annotated[int, typer.Option(help="Seed of the items.")] = TEST_SEED,
    out: Annotated[Path, typer.Option(help="Parquet file to write.")] = SHIPPED,
) -> None:
    """Write n items of a seed as a parquet file."""
    write_parquet(benchmark(seed, n), out)


if __name__ == "__main__":
    typer.run(main)
