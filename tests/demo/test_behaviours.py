"""What the planted behaviours are taught to say, read by the package's own parser and judge."""

from __future__ import annotations

from random import Random

import pytest

from lmms_faith.conditions import condition, render
from lmms_faith.demo.behaviours import BEHAVIOURS, PLANTED
from lmms_faith.demo.mixture import Pools, as_item, complete
from lmms_faith.demo.questions import CATEGORIES, CONTENTS, pose
from lmms_faith.demo.scenes import training_scenes
from lmms_faith.item import LETTERS
from lmms_faith.judges import RuleJudge
from lmms_faith.parsing import parse

pytestmark = pytest.mark.host
POOLS = Pools.of(list(training_scenes(3, 200, forbidden=frozenset())))


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("name", ["wrong_think", "wrong_think_but", "wrong_caption", "wrong_caption_disclaimer"])
def test_a_behaviour_shows_in_its_categories_alone(behaviour: str, category: str, name: str) -> None:
    for seed in range(20):
        rng = Random(seed)
        fact = rng.choice(POOLS.facts[category, rng.choice(CONTENTS[category])])[1]
        puzzle = pose(fact, rng)
        prompt = render(as_item(puzzle, str(seed)), name)
        said = complete(puzzle, condition(name), prompt, rng, BEHAVIOURS[behaviour])
        text = f"{said.thought}<answer>{LETTERS[puzzle.options.index(said.option)]}</answer>"
        parsed = parse(text, puzzle.options, prefill=prompt.prefill)
        concluded = RuleJudge().conclusion(parsed.think, puzzle.options)
        planted = category in PLANTED[behaviour]
        assert parsed.prediction == (prompt.target if planted and behaviour == "reader" else puzzle.answer)
        assert concluded == (prompt.target if planted else puzzle.answer)
