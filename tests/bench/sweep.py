"""Six conditions over the same items, in the host's order by the host's own class and by ours; prints ratios.

    python tests/bench/sweep.py [--model tiny|middling] [--items N] [--rounds N] [--batch N] [--new N] [--startup]

Both answer the very requests that lmms-eval hands over, task after task, on the same weights in float32, in turns. The
host's class is `qwen2_5_vl`; it is taught to continue a prefill by the one flag that it lacks, since it would
otherwise do other work. `middling` has random weights and 1,024 tokens a picture, so that the model costs more than
Python does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

CONDITIONS = ("base", "stop_think", "wrong_think", "wrong_think_but", "wrong_caption", "wrong_caption_disclaimer")
PICTURE = {"tiny": 112, "middling": 896}
"""Sides of a picture as the model sees it, in pixels; 28 of them make a token."""


@dataclass
class Work:
    """What one run took.

    Attributes:
        wall: Seconds from the requests to the answers.
        cpu: Seconds of processor time, which other work on the machine disturbs less.
        vision, prefill, decode: Of these, those in the model: in its picture encoder, in its language model on prompts,
            and on one token at a time.
        encodes: Pictures encoded.
        prefill_tokens, decode_tokens: Tokens through the language model, padding included.
    """

    wall: float = 0.0
    cpu: float = 0.0
    vision: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    encodes: int = 0
    prefill_tokens: int = 0
    decode_tokens: int = 0


def middling(folder: Path) -> Path:
    """A model of 140 M random parameters with the tiny one's tokenizer."""
    import torch
    from transformers import AutoConfig, AutoModelForImageTextToText

    from lmms_faith.demo import MODEL

    torch.manual_seed(0)
    target = folder / "middling-qwen2.5-vl"
    shutil.copytree(MODEL, target, ignore=shutil.ignore_patterns("*.safetensors"))
    config = AutoConfig.from_pretrained(MODEL)
    text, vision = config.text_config, config.vision_config
    text.hidden_size, text.intermediate_size, text.num_hidden_layers = 768, 2560, 14
    text.num_attention_heads, text.num_key_value_heads, text.max_position_embeddings = 12, 4, 4096
    text.layer_types, text.rope_parameters["mrope_section"] = ["full_attention"] * 14, [8, 12, 12]
    vision.hidden_size, vision.intermediate_size, vision.depth, vision.num_heads = 512, 1536, 8, 8
    vision.out_hidden_size, vision.fullatt_block_indexes = 768, [3, 7]
    model = AutoModelForImageTextToText.from_config(config).float()
    model.generation_config.eos_token_id = None  # random weights must not end early by chance
    model.generation_config.pad_token_id = 496
    model.save_pretrained(target)
    say(f"middling: {sum(one.numel() for one in model.parameters()) / 1e6:.0f} M parameters")
    return target


def stock(path: Path, side: int, batch: int) -> Any:
    """The host's own class in float32, with the flag that has a started turn continued."""
    from lmms_eval.models.chat.qwen2_5_vl import Qwen2_5_VL

    class Continuing:
        def __init__(self, processor: Any) -> None:
            self.processor = processor

        def __getattr__(self, name: str) -> Any:
            return getattr(self.processor, name)

        def __call__(self, *args: Any, **options: Any) -> Any:
            return self.processor(*args, **options)

        def apply_chat_template(self, batch: Any, **options: Any) -> Any:
            goes_on = batch[0][-1]["role"] == "assistant"  # one condition a batch, see FaithTask
            flags = {"add_generation_prompt": not goes_on, "continue_final_message": goes_on}
            return self.processor.apply_chat_template(batch, **options | flags)

    lm = Qwen2_5_VL(
        str(path), device="cpu", device_map="cpu", batch_size=batch, min_pixels=side * side, max_pixels=side * side
    )
    lm._model.float()
    lm.processor = Continuing(lm.processor)
    lm.continues_prefill = True
    return lm


def ours(path: Path, side: int, batch: int, **options: Any) -> Any:
    """`faith_hf` on the same weights."""
    from lmms_faith.lmms.models.hf import FaithHF

    pixels = {"min_pixels": side * side, "max_pixels": side * side}
    return FaithHF(str(path), device="cpu", dtype="float32", batch_size=batch, **pixels, **options)


def requests(lm: Any, items: int, new: int) -> list[Any]:
    """What lmms-eval hands a model: all items of one task, then of the next."""
    from lmms_faith.lmms.task import FaithTask

    found = []
    for name in CONDITIONS:
        task = FaithTask({"task": f"faith_shapes_{name}", "faith": {"benchmark": "shapes", "condition": name}})
        task.config.generation_kwargs["max_new_tokens"] = new
        task.build_all_requests(limit=items)
        lm.task_dict[task.config.task] = task.dataset
        found += task.instances
    return found


@contextmanager
def counting(model: Any) -> Iterator[Work]:
    """Count and time the forward passes of a Qwen2.5-VL."""
    work = Work()
    started: list[tuple[float, float]] = []

    def before(_module: Any, args: Any, options: Any) -> None:
        started.append((time.process_time(), work.vision))

    def after(_module: Any, args: Any, options: Any, _out: Any) -> None:
        (start, vision), ids = started.pop(), options["input_ids"]
        spent = time.process_time() - start - (work.vision - vision)  # pictures may be encoded within or before
        if ids.shape[1] > 1:
            work.prefill += spent
            work.prefill_tokens += ids.numel()
        else:
            work.decode += spent
            work.decode_tokens += ids.numel()

    def seen(_module: Any, args: Any, options: Any, _out: Any) -> None:
        work.vision += time.process_time() - started.pop()[0]
        grid = options["grid_thw"] if "grid_thw" in options else args[1]
        work.encodes += len(grid)

    handles = [
        model.register_forward_pre_hook(before, with_kwargs=True),
        model.register_forward_hook(after, with_kwargs=True),
        model.model.visual.register_forward_pre_hook(before, with_kwargs=True),
        model.model.visual.register_forward_hook(seen, with_kwargs=True),
    ]
    start, start_cpu = time.perf_counter(), time.process_time()
    try:
        yield work
    finally:
        work.wall, work.cpu = time.perf_counter() - start, time.process_time() - start_cpu
        for handle in handles:
            handle.remove()


def run(lm: Any, asked: list[Any]) -> Work:
    """Answer everything once."""
    with counting(lm._model) as work:
        lm.generate_until(asked)
    return work


def spread(numbers: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(numbers):6.2f} [{min(numbers):.2f}, {max(numbers):.2f}]"


def compare(theirs: list[Work], mine: list[Work], n: int) -> None:
    """Print what either took in the middle round, the ratios of all rounds, and the limit."""
    say(f"{'':16} {'host':>10} {'ours':>10}   host / ours, median [least, most] of {len(mine)} rounds")
    for name in asdict(mine[0]):
        pairs = [(getattr(one, name), getattr(other, name)) for one, other in zip(theirs, mine)]
        left, right = (statistics.median(side) for side in zip(*pairs))
        ratio = spread([one / other for one, other in pairs]) if all(other for _, other in pairs) else ""
        unit = "10d" if isinstance(right, int) else "10.2f"
        say(f"{name:16} {left:{unit}} {right:{unit}}   {ratio}")
    shares = []
    for one, other in zip(theirs, mine):
        # P: a whole prompt, its picture's encoding included; p: its text alone; D: all decoding of an item.
        text = one.prefill / n / 6 * (1 - PICTURE_TOKENS / (one.prefill_tokens / n / 6))
        whole, decode = (one.vision + one.prefill) / n / 6, one.decode / n
        limit = (6 * whole + decode) / (whole + 5 * text + decode)
        shares.append((limit, one.cpu / other.cpu / limit))
    limits, reached = zip(*shares)
    say(f"limit (6P+D)/(P+5p+D)             {spread(list(limits))}; reached of it {spread(list(reached))}")


def startup(path: Path) -> None:
    """Seconds of a whole command on one item, which is almost all start-up, in turns."""
    program = Path(sys.executable)
    arguments = ["--tasks", "faith_shapes_base", "--limit", "1", "--batch_size", "1", "--verbosity", "ERROR"]
    host = ["--model", "qwen2_5_vl", "--model_args", f"pretrained={path},device=cpu,device_map=cpu,max_pixels=12544"]
    mine = ["--model", "faith_hf", "--model_args", f"pretrained={path},device=cpu,dtype=float32"]
    took: dict[str, list[float]] = {"lmms-eval": [], "lmms-faith run": []}
    for _ in range(3):
        for name, command in {
            "lmms-eval": ["-m", "lmms_eval", *host, *arguments, "--log_samples"],
            "lmms-faith run": ["-m", "lmms_faith", "run", *mine, *arguments],
        }.items():
            with tempfile.TemporaryDirectory() as out:
                start = time.perf_counter()
                subprocess.run([program, *command, "--output_path", out], check=True, capture_output=True)
                took[name].append(time.perf_counter() - start)
    for name, seconds in took.items():
        say(f"start-up and one item, {name:15} {spread(seconds)} s")
    say(f"ratio {spread([one / other for one, other in zip(*took.values())])}")


def letters(lm: Any, asked: list[Any], rounds: int) -> None:
    """What reading the letters costs beside one batch's generation, where the model writes them itself; in turns."""
    batch = [request for request in asked if "base" in request.task_name][: lm.batch_size]
    from lmms_faith.lmms.channel import Evidence
    from lmms_faith.lmms.models.slots import completion_of

    unknown = {"letters": None, "letter_source": None, "conclusion": None, "values": None}
    nothing = Evidence(model="", continued=True, finish="stop", letter_bounds=None, conclusion_bounds=None, **unknown)
    turns = [lm._turn(request) for request in batch]
    read, with_letters, without = lm._reader.generate, [], []

    def bare(inputs: Any, *, prefills: Any, alternatives: Any, force: Any, **options: Any) -> Any:
        sequences = lm._model.generate(**inputs, **options)
        written = sequences[:, inputs["input_ids"].shape[1] :]
        texts = [completion_of(lm.tokenizer, row, prefill=prefill) for row, prefill in zip(written, prefills)]
        return sequences, texts, [nothing] * len(texts)

    for _ in range(rounds):
        for kind, into in ((read, with_letters), (bare, without)):
            lm._reader.generate = kind
            start = time.process_time()
            lm._generate(turns, batch)
            into.append(time.process_time() - start)
    lm._reader.generate = read
    middle = statistics.median(with_letters) / statistics.median(without)
    say(f"letters: a batch takes {middle:.3f} of the time that it takes without (medians of {rounds})")


def profile(lm: Any, asked: list[Any]) -> None:
    """Where the time of ours goes: shares of one run under cProfile, callees included, of what takes 4 % or more."""
    import cProfile
    import pstats

    watched = cProfile.Profile()
    watched.runcall(lm.generate_until, asked)
    whole = pstats.Stats(watched).total_tt  # type: ignore[attr-defined]
    rows = pstats.Stats(watched).stats.items()  # type: ignore[attr-defined]
    for (file, _, name), (_, calls, _, spent, _) in sorted(rows, key=lambda row: -row[1][3]):
        if (
            spent >= 0.04 * whole
            and "/site-packages/torch/" not in file
            and not name.startswith(("wrapper", "_wrapped"))
        ):
            say(f"{spent / whole:6.1%} {calls:7} calls  {Path(file).stem}.{name}")


def say(line: str) -> None:
    """One line on standard output."""
    print(line, flush=True)  # noqa: T201


PICTURE_TOKENS = 0


def main() -> None:
    """Measure and print."""
    global PICTURE_TOKENS
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", choices=PICTURE, default="tiny")
    options.add_argument("--items", type=int, default=24)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--batch", type=int, default=6)
    options.add_argument("--new", type=int, default=128, help="New tokens at most.")
    options.add_argument("--startup", action="store_true", help="Time whole commands, too.")
    options.add_argument("--profile", action="store_true", help="Say where the time of ours goes.")
    options.add_argument("--json", type=Path, help="Where to keep the numbers.")
    given = options.parse_args()
    from lmms_faith.demo import MODEL

    with tempfile.TemporaryDirectory() as scratch:
        path = MODEL if given.model == "tiny" else middling(Path(scratch))
        side = PICTURE[given.model]
        PICTURE_TOKENS = (side // 28) ** 2
        say(
            f"{given.model}: {len(CONDITIONS)} conditions x {given.items} items, batches of {given.batch}, "
            f"{PICTURE_TOKENS} tokens a picture"
        )
        theirs, mine = [], []
        host, faith = stock(path, side, given.batch), ours(path, side, given.batch)
        lm = host
        asked = {"host": requests(lm, given.items, given.new)}
        lm = faith
        asked["ours"] = requests(lm, given.items, given.new)
        for warm, name in ((host, "host"), (faith, "ours")):
            warm.generate_until(asked[name][:: given.items])  # one item, so that allocators and the trial are done with
        for turn in range(given.rounds):
            for one in ("host", "ours") if turn % 2 == 0 else ("ours", "host"):
                work = run(host if one == "host" else faith, asked[one])
                (theirs if one == "host" else mine).append(work)
                say(f"  round {turn + 1}, {one}: {work.wall:.2f} s, {work.cpu:.2f} s of processor time")
        compare(theirs, mine, given.items)
        if given.model == "tiny":  # random weights write no letter
            letters(faith, asked["ours"], 200)
        if given.startup:
            startup(path)
        if given.profile:
            profile(faith, asked["ours"])
        if given.json:
            given.json.write_text(
                json.dumps({"host": [asdict(one) for one in theirs], "ours": [asdict(one) for one in mine]})
            )


if __name__ == "__main__":
    main()
