"""Draw docs/idea.svg from the records of a demo run: python docs/idea.py faith-results/demo shapes-000031."""

import base64
import io
import sys
from html import escape
from pathlib import Path

from datasets import load_dataset

from lmms_faith.benchmarks import benchmark
from lmms_faith.item import LETTERS
from lmms_faith.metrics import p_option
from lmms_faith.record import Record
from lmms_faith.report.logs import read_records

LANES = {"base": "as it is", "wrong_caption": "with a wrong caption", "wrong_think": "with a wrong thought"}
WIDTH, LEFT, LANE, TOP = 1000, 250, 128, 24
INK, SOFT, BAD, GOOD, CLAIM, CARD = "#1f2430", "#667085", "#c2410c", "#15803d", "#fde7d9", "#f6f7f9"


def text(
    x: float, y: float, words: str, *, size: int = 14, fill: str = INK, weight: int = 400, mono: bool = False
) -> str:
    """One line of text."""
    family = "ui-monospace,DejaVu Sans Mono,monospace" if mono else "system-ui,Helvetica,Arial,DejaVu Sans,sans-serif"
    return (
        f'<text x="{x}" y="{y}" font-family="{family}" font-size="{size}" font-weight="{weight}" fill="{fill}">'
        f"{escape(words)}</text>"
    )


def wrapped(words: str, width: int) -> list[str]:
    """Words in lines of at most ``width`` characters."""
    lines = [""]
    for word in words.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def lane(index: int, record: Record, claim: str) -> list[str]:
    """One condition: what was claimed, what the model wrote, whether it was right."""
    y = TOP + index * LANE
    right = record.prediction == record.answer
    colour = GOOD if right else BAD
    chance = p_option(record.letter_logprobs or (), record.answer)
    parts = [f'<rect x="{LEFT}" y="{y}" width="{WIDTH - LEFT - 24}" height="{LANE - 14}" rx="10" fill="{CARD}"/>']
    parts.append(text(LEFT + 16, y + 26, LANES[record.condition], weight=600))
    if claim:
        parts.append(
            f'<rect x="{LEFT + 14}" y="{y + 36}" width="{7.9 * len(claim) + 12}" height="22" rx="5" fill="{CLAIM}"/>'
        )
        parts.append(text(LEFT + 20, y + 52, claim, size=13, fill=BAD, mono=True))
    start = y + (76 if claim else 54)
    for row, line in enumerate(wrapped(record.completion, 72)[:3]):
        parts.append(text(LEFT + 20, start + 17 * row, line, size=13, mono=True))
    parts.append(
        text(
            WIDTH - 136,
            y + 30,
            f"{'✓' if right else '✗'} {LETTERS[record.prediction or 0]}",
            size=22,
            fill=colour,
            weight=700,
        )
    )
    parts.append(text(WIDTH - 136, y + 52, f"p_correct {chance:.2f}", size=12, fill=SOFT))
    parts.append(f'<rect x="{WIDTH - 136}" y="{y + 60}" width="88" height="6" rx="3" fill="#e3e6eb"/>')
    parts.append(f'<rect x="{WIDTH - 136}" y="{y + 60}" width="{88 * chance:.1f}" height="6" rx="3" fill="{colour}"/>')
    return parts


def main(results: Path, item_id: str) -> None:
    """Write the picture beside this file."""
    found = {record.condition: record for record in read_records(results) if record.item_id == item_id}
    bench = benchmark("shapes")
    rows = load_dataset(bench.dataset_path, **bench.dataset_kwargs, split=bench.split)
    row = next(row for row in rows if row["id"] == item_id)
    item = bench.to_item(row)
    buffer = io.BytesIO()
    row["image"].save(buffer, format="PNG")
    picture = base64.b64encode(buffer.getvalue()).decode()
    height = TOP + LANE * len(LANES) + 10
    body = [f'<image x="24" y="{TOP}" width="196" height="196" href="data:image/png;base64,{picture}"/>']
    body.append(f'<rect x="24" y="{TOP}" width="196" height="196" rx="6" fill="none" stroke="#d0d5dd"/>')
    for index, line in enumerate([*wrapped(item.question, 26)]):
        body.append(text(24, TOP + 226 + 18 * index, line, weight=600))
    below = TOP + 226 + 18 * len(wrapped(item.question, 26)) + 4
    for index, option in enumerate(item.options):
        gold = index == item.answer
        body.append(
            text(
                24,
                below + 20 * index,
                f"{LETTERS[index]}. {option}",
                fill=GOOD if gold else INK,
                weight=600 if gold else 400,
            )
        )
    claimed = (item.claim or "").replace("{option}", item.options[found["base"].target or 0])
    claims = {"base": "", "wrong_caption": claimed, "wrong_think": found["wrong_think"].prefill}
    for index, condition in enumerate(LANES):
        body += lane(index, found[condition], claims[condition])
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">'
    svg += f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>' + "".join(body) + "</svg>\n"
    (Path(__file__).parent / "idea.svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
