from dataclasses import replace

import pytest

from lmms_faith.conditions import CONDITIONS
from lmms_faith.simulation.parameters import LEVELS, Level, Parameters, claim_of

ONE = Level(share=1.0, accuracy=0.8, adopts=0.5, runner_up=0.5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"failed": 1.5}, r"failed is 1.5; give a number from 0 to 1"),
        ({"options": 2}, r"options is 2; give a number from 3 to 8"),
        ({"words": 5}, r"words is 5; give a number from 30"),
        ({"truncated": 0.6, "unanswered": 0.6}, r"truncated and unanswered are 1.2 together"),
        ({"open": 0.6, "by_letters": 0.6}, r"open and by_letters are 1.2 together"),
        ({"levels": LEVELS[:2]}, r"the levels' shares sum to 0.4; make them one"),
        ({"levels": (replace(ONE, accuracy=1.2),)}, r"accuracy of .* is 1.2"),
        ({"levels": (replace(ONE, runner_up=0.2),)}, r"runner_up of .* is 0.2; give a number from 0.333 to 1"),
        ({"levels": (replace(ONE, adopts=0.95),)}, r"adopts, confused and found of .* are more than all answers"),
        ({"levels": (ONE,), "overconfidence": 0.3}, r"confidence of 1.100 where the claim is 'base'"),
        ({"levels": (ONE,), "overconfidence_claimed": -0.2}, r"not that of the likeliest letter"),
        ({"levels": (ONE,), "overconfidence": 0.0}, r"confidence 0.800000 of .* is on the edge of two bins of ece"),
    ],
)
def test_what_makes_no_model_is_refused(changed: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Parameters(**changed)  # type: ignore[arg-type]


def test_what_a_claim_moves_is_worked_out_by_level() -> None:
    """Half adopt, a tenth is confused, a fifth looks anew; what is left stays with the 80 % that were right."""
    of = Parameters(levels=(ONE,), confused=0.1, found=0.2, returns=0.5, overconfidence_claimed=0.13)
    assert of.moved(ONE, "base") == (0, 0, 0)
    assert of.moved(ONE, "plain") == (0.5, 0.1, 0.2)
    assert of.moved(ONE, "hedged") == (0.25, 0.05, 0.2)
    assert of.right(ONE, "base") == 0.8
    assert of.right(ONE, "plain") == pytest.approx(0.2 * 0.8 + 0.2)
    assert of.right(ONE, "hedged") == pytest.approx(0.5 * 0.8 + 0.2)
    assert of.confidence(ONE, "plain") == pytest.approx(0.36 + 0.13)


@pytest.mark.parametrize("name", CONDITIONS)
def test_every_condition_claims_one_thing_or_is_refused(name: str) -> None:
    row = CONDITIONS[name]
    wrong = "wrong" in (row.caption, row.think)
    if name in ("base", "base_abstain"):
        assert claim_of(name) == "base"
    elif wrong:
        assert claim_of(name) == ("plain" if row.tail == "." else "hedged")
    else:
        with pytest.raises(ValueError, match=r"can't be simulated; choose from: base, wrong_think, wrong_think_but"):
            claim_of(name)
