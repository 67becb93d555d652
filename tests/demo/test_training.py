"""The training loop: what is learned where, and that a resumed run is the run that was not interrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch

from lmms_faith.demo.architecture import build_config, build_model
from lmms_faith.demo.drawing import Scene
from lmms_faith.demo.encoding import encode
from lmms_faith.demo.grounding import FACTS, draw_readings
from lmms_faith.demo.mixture import SHARES, Pools, draw_sample
from lmms_faith.demo.questions import Fact
from lmms_faith.demo.scenes import training_scenes
from lmms_faith.demo.stage import Schedule, Stage, run
from lmms_faith.demo.stages import (
    Kit,
    Recipe,
    circuit_stage,
    features,
    grounding_stage,
    joint_stage,
    settling_stage,
    vision_stage,
)
from lmms_faith.demo.thoughts import SETTLED, Claim, after_thought
from lmms_faith.demo.train import demo_tokenizer

pytestmark = pytest.mark.host

TOKENIZER = demo_tokenizer()
SCENES = list(training_scenes(3, 200, forbidden=frozenset()))
RECIPE = Recipe(
    scenes=200,
    vision_steps=2,
    vision_batch=4,
    circuit_steps=2,
    circuit_batch=4,
    grounding_steps=4,
    grounding_batch=4,
    joint_steps=4,
    settling_steps=4,
    joint_batch=4,
)


def _kit() -> Kit:
    return Kit(build_model(build_config(TOKENIZER), 0), TOKENIZER, 0, RECIPE, lambda function: function)


HIDDEN = features(_kit(), SCENES, blanks=True)


def _weights(kit: Kit) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in kit.model.parameters()])


def test_the_same_seed_gives_the_same_initial_weights() -> None:
    assert torch.equal(_weights(_kit()), _weights(_kit()))


@pytest.mark.parametrize("make", [lambda kit: vision_stage(kit, SCENES), circuit_stage], ids=["vision", "circuit"])
def test_a_stage_moves_its_own_weights(make: object, tmp_path: Path) -> None:
    kit = _kit()
    before = {name: parameter.clone() for name, parameter in kit.model.named_parameters()}
    run(make(kit), tmp_path)  # type: ignore[operator]
    moved = {name for name, parameter in kit.model.named_parameters() if not torch.equal(parameter, before[name])}
    part = "visual" if make is not circuit_stage else "language_model"
    assert moved
    assert all(part in name for name in moved)


@pytest.mark.parametrize("make", [grounding_stage, joint_stage, settling_stage])
def test_a_resumed_run_equals_an_uninterrupted_one(
    make: Callable[[Kit, list[Scene], torch.Tensor], Stage], tmp_path: Path
) -> None:
    ends = []
    for folder, stops in (("straight", [None]), ("killed", [2, None])):
        for stop in stops:
            kit = _kit()  # a new process knows nothing but the checkpoint
            run(make(kit, SCENES, HIDDEN), tmp_path / folder, every=2, stop_after=stop)
        ends.append(_weights(kit))
    assert torch.equal(*ends)


def test_a_stage_stops_when_it_is_good_enough(tmp_path: Path) -> None:
    layer = torch.nn.Linear(1, 1)
    schedule = Schedule(steps=200, peak=1e-3, warmup=1)
    steps = []

    def loss(step: int) -> torch.Tensor:
        steps.append(step)
        return (layer.weight * 0).sum()

    run(Stage("tiny", schedule, loss, tuple(layer.parameters()), layer, enough=0.1), tmp_path)
    run(Stage("tiny", schedule, loss, tuple(layer.parameters()), layer, enough=0.1), tmp_path)
    assert steps == list(range(50))


def test_only_what_follows_the_prefill_is_learned_and_letters_weigh_more() -> None:
    pools, rng = Pools.of(SCENES), Random(0)
    samples = [draw_sample(pools, rng) for _ in range(50)]
    for sample, row in zip(samples, encode(samples, TOKENIZER)):
        learned = [token for token, weight in zip(row.ids, row.weights) if weight]
        assert TOKENIZER.decode(learned) == f"{sample.target}<|im_end|>"
        assert [TOKENIZER.decode([t]) for t, w in zip(row.ids, row.weights) if w > 1] == [sample.letter]


def test_a_reading_asks_several_questions_and_learns_their_answers() -> None:
    (row,) = draw_readings(1, Pools.of(SCENES), TOKENIZER, Random(0))
    learned = TOKENIZER.decode([token for token, weight in zip(row.ids, row.weights) if weight])
    assert 3 <= learned.count("<think>I see") == learned.count("</think>") <= FACTS
    assert "?" not in learned


def test_the_mixture_is_balanced_and_the_abstention_is_never_right() -> None:
    pools, rng = Pools.of(SCENES), Random(0)
    samples = [draw_sample(pools, rng) for _ in range(4_000)]
    letters = Counter(sample.letter for sample in samples)
    assert set(letters) == set("ABCD")
    assert max(letters.values()) < 1.15 * min(letters.values())
    assert {sample.prompt.condition for sample in samples} == {share.condition.name for share in SHARES}
    assert any(len(sample.prompt.options) == 5 for sample in samples)


def test_a_thought_goes_back_to_the_picture_whether_or_not_its_claim_is_true() -> None:
    facts = Pools.of(SCENES).facts
    fact, rng = facts["count", "1"][0][1], Random(0)

    def share(fact: Fact, claimed: str, hedged: bool, word: str) -> float:
        claim = Claim("think", claimed, hedged)
        return sum(word in after_thought(fact, claim, rng, temper=SETTLED).thought for _ in range(1_000)) / 1_000

    for claimed in ("1", "4"):
        assert share(fact, claimed, False, "Wait") == pytest.approx(SETTLED.looks["count"], abs=0.04)
        assert share(fact, claimed, True, "look again") == pytest.approx(SETTLED.looks_if_hedged, abs=0.04)
    colour = facts["colour", "red"][0][1]
    assert share(colour, "green", False, "Wait") == pytest.approx(SETTLED.looks["colour"], abs=0.04)


def test_a_plain_contradiction_is_corrected_more_often() -> None:
    fact, rng = Pools.of(SCENES).facts["count", "1"][0][1], Random(0)

    def share_corrected(claimed: str) -> float:
        claim = Claim("think", claimed, hedged=False)
        return sum(after_thought(fact, claim, rng, temper=SETTLED).option == fact.gold for _ in range(300)) / 300

    assert share_corrected("2") < share_corrected("3") < share_corrected("4")
    assert share_corrected("1") == 1
