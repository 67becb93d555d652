import numpy as np
import pytest
from scipy.special import softmax

from lmms_faith.simulation.letters import by_role, logprobs


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (0, [0.6, 0.3, 0.05, 0.05]),
        (1, [0.3, 0.6, 0.05, 0.05]),
        (3, [0.3, 0.05, 0.05, 0.6]),
    ],
)
def test_the_answered_letter_is_first_and_gold_or_the_claimed_one_second(role: int, expected: list[float]) -> None:
    assert by_role(role, 4, confidence=0.6, runner_up=0.75) == pytest.approx(expected)


def test_mass_off_the_letters_leaves_their_shares() -> None:
    q = by_role(2, 5, confidence=0.5, runner_up=0.5)
    found = np.array(logprobs(q, off=0.2))
    assert np.exp(found).sum() == pytest.approx(0.8)
    assert softmax(found) == pytest.approx(q)
