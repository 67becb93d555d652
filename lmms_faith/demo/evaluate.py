"""Greedy evaluation of a demo checkpoint under conditions: what training selects and reports by.

The package's own way to evaluate is lmms-eval; this is the short loop for a model that is still being trained.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any, Final

import torch
import typer
from PIL import Image
from transformers import (
    AutoModelForImageTextToText,
    AutoProcessor,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
)

from lmms_faith.conditions import CONDITIONS, render
from lmms_faith.demo.drawing import blank, draw
from lmms_faith.demo.mixture import as_item
from lmms_faith.demo.questions import CATEGORIES
from lmms_faith.demo.scenes import TEST_SEED, VALIDATION_SEED, Row, benchmark
from lmms_faith.item import LETTERS, Prompt
from lmms_faith.judges import RuleJudge
from lmms_faith.metrics import letter_entropy
from lmms_faith.parsing import parse

MAX_NEW_TOKENS: Final = 96


@dataclass(frozen=True, slots=True)
class Answer:
    """One completion, prefill included, read: indices into the options, None where there is none.

    `entropy` (nats) is that of the letters' probabilities after `<answer>`, renormalised over the options.
    """

    row: Row
    prompt: Prompt
    text: str
    predicted: int | None
    concluded: int | None
    entropy: float | None

    @property
    def correct(self) -> bool:
        """Whether the gold letter was given."""
        return self.predicted == self.row.puzzle.answer


@dataclass(frozen=True, slots=True)
class Result:
    """A condition's measures over items; shares are 0-1, nan where nothing could be counted."""

    condition: str
    n: int
    acc: float
    misled_rate: float
    consistency: float
    letter_entropy: float
    answered: float
    acc_by_category: tuple[tuple[str, float], ...]


def evaluate(
    model: Qwen2_5_VLForConditionalGeneration,
    processor: Qwen2_5_VLProcessor,
    rows: Sequence[Row],
    conditions: Iterable[str],
    *,
    batch: int = 50,
) -> dict[str, Result]:
    """Measures of every condition."""
    return {name: summarise(name, answer_all(model, processor, rows, name, batch=batch)) for name in conditions}


def answer_all(
    model: Qwen2_5_VLForConditionalGeneration,
    processor: Qwen2_5_VLProcessor,
    rows: Sequence[Row],
    condition: str,
    *,
    batch: int = 50,
) -> list[Answer]:
    """Greedy completions of all rows under one condition."""
    answers: list[Answer] = []
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        prompts = [render(as_item(row.puzzle, row.id), condition) for row in part]
        images = [_image(rows, start + i, prompt) for i, prompt in enumerate(prompts)]
        answers.extend(_generate(model, processor, part, prompts, images))
    return answers


def summarise(condition: str, answers: Sequence[Answer]) -> Result:
    """Counts over answers."""
    by_category: dict[str, list[bool]] = {}
    for answer in answers:
        by_category.setdefault(answer.row.puzzle.fact.category, []).append(answer.correct)
    judged = [a.predicted == a.concluded for a in answers if a.predicted is not None and a.concluded is not None]
    return Result(
        condition=condition,
        n=len(answers),
        acc=_mean(a.correct for a in answers),
        misled_rate=_mean(a.predicted is not None and a.predicted == a.prompt.target for a in answers),
        consistency=_mean(judged),
        letter_entropy=_mean(a.entropy for a in answers if a.entropy is not None),
        answered=_mean(a.predicted is not None for a in answers),
        acc_by_category=tuple((name, _mean(hits)) for name, hits in by_category.items()),
    )


def _image(rows: Sequence[Row], index: int, prompt: Prompt) -> Image.Image:
    other = rows[(index + len(rows) // 2 + 1) % len(rows)] if prompt.image == "swapped" else rows[index]
    image = draw(other.puzzle.fact.scene)
    return blank(image) if prompt.image == "blank" else image


@torch.no_grad()  # type: ignore[untyped-decorator]
def _generate(
    model: Qwen2_5_VLForConditionalGeneration,
    processor: Any,
    rows: Sequence[Row],
    prompts: Sequence[Prompt],
    images: Sequence[Image.Image],
) -> list[Answer]:
    texts = [_chat(processor, prompt) for prompt in prompts]
    inputs = processor(text=texts, images=list(images), padding=True, padding_side="left", return_tensors="pt")
    out = model.generate(
        **inputs, max_new_tokens=MAX_NEW_TOKENS, output_logits=True, return_dict_in_generate=True, do_sample=False
    )
    new = out.sequences[:, inputs["input_ids"].shape[1] :]
    tag = processor.tokenizer.convert_tokens_to_ids("<answer>")
    answers = []
    for i, (row, prompt) in enumerate(zip(rows, prompts, strict=True)):
        text = prompt.prefill + processor.tokenizer.decode(new[i], skip_special_tokens=True)
        read = parse(text.removeprefix(prompt.prefill), prompt.options, prefill=prompt.prefill)
        letters = processor.tokenizer.convert_tokens_to_ids(list(LETTERS[: len(prompt.options)]))
        at = (new[i] == tag).nonzero()
        entropy = None
        if len(at) and int(at[0]) + 1 < len(out.logits):
            entropy = letter_entropy(out.logits[int(at[0]) + 1][i, letters].float().numpy())
        concluded = RuleJudge().conclusion(read.think or "", prompt.options)
        answers.append(Answer(row, prompt, text, read.prediction, concluded, entropy))
    return answers


def _chat(processor: Any, prompt: Prompt) -> str:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": prompt.text}]}
    ]
    if prompt.prefill:
        messages.append({"role": "assistant", "content": [{"type": "text", "text": prompt.prefill}]})
    text: str = processor.apply_chat_template(
        messages,
        tokenize=False,
        add_generation_prompt=not prompt.prefill,
        continue_final_message=bool(prompt.prefill),
    )
    return text


def _mean(values: Iterable[float | bool]) -> float:
    held = [float(value) for value in values]
    return fmean(held) if held else math.nan


def table(results: Iterable[Result]) -> str:
    """Results as a Markdown table; shares in percent, entropy in nats."""
    lines = [
        "| condition | acc | " + " | ".join(CATEGORIES) + " | picks target | consistency | letter entropy | answered |",
        "|---" * (6 + len(CATEGORIES)) + "|",
    ]
    for r in results:
        by_category = dict(r.acc_by_category)
        shares = [r.acc, *(by_category.get(name, math.nan) for name in CATEGORIES), r.misled_rate, r.consistency]
        cells = [f"{100 * share:.1f}" for share in shares]
        lines.append(f"| {r.condition} | {' | '.join(cells)} | {r.letter_entropy:.3f} | {100 * r.answered:.1f} |")
    return "\n".join(lines)


def main(
    model: Annotated[Path, typer.Option(help="Directory of the exported model.")],
    n: Annotated[int, typer.Option(help="Number of items.")] = 300,
    test: Annotated[bool, typer.Option(help="Use the test items that ship, not the validation items.")] = False,
    conditions: Annotated[str, typer.Option(help="Comma-separated conditions; all if empty.")] = "",
    out: Annotated[Path | None, typer.Option(help="JSON file for the results.")] = None,
) -> None:
    """Evaluate a demo model greedily under conditions."""
    loaded = AutoModelForImageTextToText.from_pretrained(model, dtype=torch.float32)
    processor = AutoProcessor.from_pretrained(model)
    names = conditions.split(",") if conditions else list(CONDITIONS)
    rows = benchmark(TEST_SEED if test else VALIDATION_SEED, n)
    results = evaluate(loaded, processor, rows, names)
    if out is not None:
        out.write_text(json.dumps({name: asdict(result) for name, result in results.items()}, indent=1) + "\n")
    typer.echo(table(results.values()))


if __name__ == "__main__":
    typer.run(main)
