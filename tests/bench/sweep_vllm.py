"""Six conditions over the same items on one vLLM engine, in the host's order and in ours; prints ratios.

    python tests/bench/sweep_vllm.py [--model tiny|middling] [--items N] [--rounds N] [--new N] [--seqs N] [--cache MIB]
        [--letters]

One engine answers both: the host's own loop, whose `chat` calls are given the flag that has a prefill continued, and
`faith_vllm`'s, with letters. Its caches are emptied before each run. The one of prefixes is kept as small beside the
items as it is in practice, where a few hundred pictures fill a GPU's; what fits is served in any order.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sweep import CONDITIONS, PICTURE, middling, requests, say, spread

os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_NO_USAGE_STATS": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


@dataclass
class Work:
    """What one run took: seconds, pictures encoded, tokens of prompts, of those computed and written, engine steps."""

    wall: float = 0.0
    cpu: float = 0.0
    encodes: int = 0
    prompt_tokens: int = 0
    prefill_tokens: int = 0
    decode_tokens: int = 0
    steps: int = 0


def watch(llm: Any) -> Callable[[Work], None]:
    """Count what vLLM's ``LLM`` does, and have it continue a started turn where the host does not ask it to.

    Returns:
        Takes where to count from now on.
    """
    counted, chat, step = [Work()], llm.chat, llm.llm_engine.step
    scheduler = llm.llm_engine.engine_core.engine_core.scheduler  # there in the engine's own process alone
    schedule = scheduler.schedule

    def continuing(*, messages: Sequence[Any], sampling_params: Sequence[Any], **options: Any) -> Any:
        goes_on = messages[0][-1]["role"] == "assistant"  # batches are cut so that all of one are alike
        flags = {"add_generation_prompt": not goes_on, "continue_final_message": goes_on, "use_tqdm": False}
        return chat(messages=messages, sampling_params=sampling_params, **options, **flags)

    def counting() -> Any:
        (work,), outputs = counted, step()
        work.steps += 1
        for one in outputs:
            work.prompt_tokens += len(one.prompt_token_ids)
            work.prefill_tokens += len(one.prompt_token_ids) - (one.num_cached_tokens or 0)
            work.decode_tokens += len(one.outputs[0].token_ids)
        return outputs

    def scheduling(*args: Any, **options: Any) -> Any:
        planned = schedule(*args, **options)
        counted[0].encodes += sum(map(len, planned.scheduled_encoder_inputs.values()))
        return planned

    def count(work: Work) -> None:
        counted[:] = [work]

    llm.chat, llm.llm_engine.step, scheduler.schedule = continuing, counting, scheduling
    return count


def run(lm: Any, asked: list[Any], count: Callable[[Work], None], *, host: bool) -> Work:
    """Answer everything once, with the engine's caches empty at the start."""
    from lmms_eval.models.chat.vllm import VLLM

    lm.client.reset_prefix_cache()
    lm.client.llm_engine.reset_mm_cache()
    lm.client.llm_engine.reset_encoder_cache()
    work = Work()
    count(work)
    start, start_cpu = time.perf_counter(), time.process_time()
    VLLM.generate_until(lm, asked) if host else lm.generate_until(asked)
    work.wall, work.cpu = time.perf_counter() - start, time.process_time() - start_cpu
    return work


def letters(lm: Any, asked: list[Any], count: Callable[[Work], None], *, rounds: int) -> None:
    """What the letters cost: ours with them, with none asked for where none was written, and without any."""
    from lmms_faith.lmms.models.inquiry import Inquiry

    class WrittenAlone(Inquiry):
        def _read(self, turn: Any, written: Any, spent: Any) -> Any:
            return None, None, None
            yield  # makes it the generator that a job goes through

    whole = lm._inquiry
    written, none = (WrittenAlone(lm.tokenizer, name="", most=20) for _ in range(2))
    none.letter_sampling = {}
    took: dict[Any, list[float]] = {whole: [], written: [], none: []}
    for turn in range(rounds):
        for inquiry in list(took)[:: 1 if turn % 2 else -1]:
            lm._inquiry = inquiry
            took[inquiry].append(run(lm, asked, count, host=False).cpu)
    lm._inquiry = whole
    for inquiry, what in ((written, "read where they are written"), (whole, "read, and asked for where they are not")):
        say(f"letters {what}: {spread([a / b for a, b in zip(took[inquiry], took[none])])} of the time without")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", choices=PICTURE, default="tiny")
    options.add_argument("--items", type=int, default=48)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--new", type=int, default=96, help="New tokens at most.")
    options.add_argument("--seqs", type=int, default=6, help="Requests that the engine runs at a time.")
    options.add_argument("--cache", type=int, default=8, help="Size of the key-value cache, MiB.")
    options.add_argument("--letters", action="store_true", help="Measure what the letters cost, and nothing else.")
    given = options.parse_args()
    from lmms_faith.demo import MODEL
    from lmms_faith.lmms.models.vllm import FaithVLLM

    with tempfile.TemporaryDirectory() as scratch:
        path = MODEL if given.model == "tiny" else middling(Path(scratch))
        pixels = PICTURE[given.model] ** 2
        lm = FaithVLLM(
            str(path),
            batch_size=given.items,  # the host's batch is then one condition, so that its flag is one a call
            max_new_tokens=given.new,
            dtype="float32",
            enforce_eager=True,
            max_model_len=2048,
            max_num_seqs=given.seqs,
            kv_cache_memory_bytes=given.cache << 20,
            block_size=32,
            mm_processor_kwargs={"min_pixels": pixels, "max_pixels": pixels},
        )
        count = watch(lm.client)
        asked = requests(lm, given.items, given.new)
        say(
            f"{given.model}: {len(CONDITIONS)} conditions x {given.items} items, {given.seqs} at a time, cache "
            f"of {given.cache} MiB"
        )
        run(lm, asked[:: given.items], count, host=False)
        if given.letters:
            letters(lm, asked, count, rounds=given.rounds)
            return
        took: dict[bool, list[Work]] = {True: [], False: []}
        for turn in range(given.rounds):
            for host in (True, False) if turn % 2 == 0 else (False, True):
                took[host].append(run(lm, asked, count, host=host))
        say(f"{'':16} {'host':>10} {'ours':>10}   host / ours, median [least, most] of {given.rounds} rounds")
        for name in (field.name for field in fields(Work)):
            left, right = ([getattr(one, name) for one in took[host]] for host in (True, False))
            say(f"{name:16} {left[-1]:10.1f} {right[-1]:10.1f}   {spread([a / b for a, b in zip(left, right)])}")
        for host, name in ((True, "host"), (False, "ours")):
            last = took[host][-1]
            say(f"prefix-cache hit rate, {name}: {1 - last.prefill_tokens / last.prompt_tokens:.1%}")


if __name__ == "__main__":
    main()
