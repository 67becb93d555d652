"""Write the table of docs/backends.md from what every backend is found to do; `make capabilities` calls this."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from servers import ENGINE, VLLM_NAME, serving, transformers_command, vllm_command

from lmms_faith.demo import MODEL
from lmms_faith.lmms.doctor import Finding, examine, scope

PAGE = Path(__file__).parents[2] / "docs" / "backends.md"
TABLE = re.compile(r"(?<=<!-- capabilities -->\n).*?(?=<!-- /capabilities -->)", re.DOTALL)
Findings = Mapping[str, Sequence[Finding]]
ENGINE_ARGS = ",".join([f"model={MODEL}", *(f"{name}={value}" for name, value in ENGINE.items())])


def examined(*, vllm_server: str, transformers_server: str) -> Findings:
    """What is found of every backend with the model that ships here, by the backend's heading.

    Args:
        vllm_server, transformers_server: Base URLs.
    """
    on_cpu = f"pretrained={MODEL},device=cpu"
    small = "min_pixels=12544,max_pixels=12544"
    tried = {
        "`faith_hf`": ("faith_hf", f"{on_cpu},dtype=float32"),
        "`faith_qwen2_5_vl`": ("faith_qwen2_5_vl", f"{on_cpu},device_map=cpu,{small}"),
        "`faith_vllm`": ("faith_vllm", ENGINE_ARGS),
        "`faith_openai`, vLLM's server": ("faith_openai", f"model={VLLM_NAME},base_url={vllm_server}"),
        "`faith_openai`, `transformers serve`": ("faith_openai", f"model={MODEL},base_url={transformers_server}"),
        "stock `qwen2_5_vl`": ("qwen2_5_vl", f"{on_cpu},device_map=cpu,{small}"),
    }
    return {heading: examine(*asked) for heading, asked in tried.items()}


def table(found: Findings) -> str:
    """The table: a row per ability, a column per backend."""
    rows = [["", *found], ["---"] * (len(found) + 1)]
    for findings in zip(*found.values(), strict=True):
        rows.append([findings[0].ability, *(finding.word for finding in findings)])
    for heading, cells in zip(("conditions", "measures"), zip(*map(scope, found.values()))):
        rows.append([f"**{heading}**", *cells])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def page(text: str, found: Findings) -> str:
    """The page with its table as found."""
    return TABLE.sub(lambda _: table(found), text)


if __name__ == "__main__":
    os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "VLLM_LOGGING_LEVEL": "ERROR", "HF_HUB_OFFLINE": "1"}
    with ExitStack() as stack:
        urls = {
            "vllm_server": stack.enter_context(serving(vllm_command(str(MODEL)))),
            "transformers_server": stack.enter_context(serving(transformers_command(str(MODEL)))),
        }
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), examined(**urls)), encoding="utf-8")
