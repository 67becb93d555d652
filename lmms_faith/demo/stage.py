"""One stage of training: a loss by step number, an optimiser with its schedule, and checkpoints to go on from."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up to `peak`, then a cosine down to a twentieth of it."""

    steps: int
    peak: float
    warmup: int

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0.

        >>> Schedule(steps=100, peak=1.0, warmup=10).rate(4)
        0.5
        """
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))


@dataclass(frozen=True, slots=True)
class Stage:
    """What is trained, on what, for how long.

    `loss` must depend on the step number alone (its data drawn from a generator keyed by it), so that a resumed run is
    the run that was not interrupted. `trained` are the weights that move, `kept` is all that a checkpoint has to hold.
    The stage ends early once the mean loss of fifty steps is below `enough`.
    """

    name: str
    schedule: Schedule
    loss: Callable[[int], Tensor]
    trained: tuple[nn.Parameter, ...]
    kept: nn.Module
    enough: float = 0.0


def run(stage: Stage, folder: Path, *, every: int = 500, stop_after: int | None = None) -> None:
    """Train a stage to its end, from its last checkpoint in `folder` if there is one.

    `stop_after` ends early, after that many steps in all, as a kill would just after a checkpoint.
    """
    optimizer = torch.optim.AdamW(stage.trained, lr=0.0, betas=(0.9, 0.98), weight_decay=0.01)
    path = folder / f"{stage.name}.pt"
    step, done = _resume(stage, optimizer, path)
    began = time.monotonic()
    losses: list[Tensor] = []
    end = stage.schedule.steps if stop_after is None else min(stop_after, stage.schedule.steps)
    learned = False
    while step < end and not done:
        for group in optimizer.param_groups:
            group["lr"] = stage.schedule.rate(step)
        loss = stage.loss(step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(stage.trained, 1.0)
        optimizer.step()
        losses.append(loss.detach())
        step += 1
        if step % 50 == 0:
            mean = torch.stack(losses).mean().item()
            log.info("%s step %d loss %.4f %.0f s", stage.name, step, mean, time.monotonic() - began)
            losses.clear()
            learned = mean < stage.enough
        done = learned or step == stage.schedule.steps
        if step % every == 0 or step == end or done:
            _save(
                path,
                {
                    "step": step,
                    "done": done,
                    "kept": stage.kept.state_dict(),
                    "optimizer": optimizer.state_dict(),
                },
            )


def _resume(stage: Stage, optimizer: torch.optim.Optimizer, path: Path) -> tuple[int, bool]:
    if not path.exists():
        return 0, False
    state = torch.load(path, weights_only=True)
    stage.kept.load_state_dict(state["kept"])
    optimizer.load_state_dict(state["optimizer"])
    log.info("%s goes on from step %d", stage.name, state["step"])
    return int(state["step"]), bool(state["done"])


def _save(path: Path, state: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(dict(state), part)
    part.replace(path)  # a kill leaves the old checkpoint or the new one, never half of one
