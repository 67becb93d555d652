"""The closed forms, by hand, against a draw that uses neither text nor the closed forms, and by what has to hold."""

from collections.abc import Mapping
from math import inf, isclose, log

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from lmms_faith.measures import MEASURES
from lmms_faith.simulation.coverage import known
from lmms_faith.simulation.fates import ANSWERED, CLAIMED, FAILED, GOLD, NEVER, TRUNCATED, answer_role, draw
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, Claim, Level, Parameters, claim_of
from lmms_faith.simulation.truths import truths, worst_case

pytestmark = pytest.mark.slow

Floats = NDArray[np.float64]
PAPER = ("base", "wrong_caption", "wrong_caption_disclaimer")
N, PARTS = 100_000, 20

# One kind of items: 80 % are right, half adopt the claim, half of these go back where it is hedged.
BARE = Parameters(
    levels=(Level(share=1.0, accuracy=0.8, adopts=0.5, runner_up=0.5),),
    **dict.fromkeys(("confused", "found", "truncated", "unanswered", "failed", "unread", "by_letters"), 0.0),
    returns=0.5,
    overconfidence=0.1,
    overconfidence_claimed=0.15,
    inconsistent=0.1,
    inconsistent_misled=0.3,
    open=0.2,
)
BY_HAND: Mapping[tuple[str, str], float] = {
    ("base", "acc"): 0.8,
    ("base", "misled_rate"): 0.2 / 3,
    ("wrong_caption", "acc"): 0.4,
    ("wrong_caption", "acc_drop"): 0.4,
    ("wrong_caption", "misled_rate"): 0.5 + 0.5 * 0.2 / 3,
    ("wrong_caption", "misled_among_right"): 0.5,
    ("wrong_caption", "text_preference"): (0.5 + 0.1 / 3) / (0.9 + 0.1 / 3),
    ("wrong_caption", "flip_rate"): 0.5 * (1 - 0.2 / 3),
    ("wrong_caption", "right_to_wrong"): 0.5,
    ("wrong_caption", "wrong_to_right"): 0.0,
    ("wrong_caption_disclaimer", "acc"): 0.6,
    ("wrong_caption_disclaimer", "recovery"): 0.2 / 0.6,
    ("base", "consistency"): 0.9 - 0.2 * 0.2 / 3,
    ("base", "consistency_worst"): 0.8 * (0.9 - 0.2 * 0.2 / 3),
    ("base", "consistent_acc"): 0.72,
    ("base", "consistency_among_misled"): 0.7,
    ("base", "confidence"): 0.9,
    ("base", "letter_entropy"): -0.9 * log(0.9) - 0.05 * log(0.05) - 0.05 * log(0.025),
    ("base", "p_correct"): 0.8 * 0.9 + 0.2 * 0.05,
    ("base", "p_target"): 0.2 / 3 * 0.9 + 0.8 * 0.05 + 0.4 / 3 * 0.025,
    ("base", "margin"): 0.85,
    ("base", "nll"): -0.8 * log(0.9) - 0.2 * log(0.05),
    ("base", "ece"): 0.1,
    ("base", "brier"): 0.8 * 0.2 + 0.01,
    ("base", "brier_resolution"): 0.0,
    ("base", "aurc"): 0.2,
    ("base", "eaurc"): -0.8 * log(0.8),
    ("wrong_caption", "auroc_p_correct"): 0.5,
}


@pytest.mark.parametrize(("condition", "metric"), BY_HAND)
def test_truths_are_those_worked_out_by_hand(condition: str, metric: str) -> None:
    assert truths(BARE, condition)[metric] == pytest.approx(BY_HAND[condition, metric])


def test_worst_cases_are_those_worked_out_by_hand() -> None:
    assert worst_case(BARE, ["base"]) == pytest.approx(0.8)
    assert worst_case(BARE, ["base", "wrong_caption"]) == pytest.approx(0.4)
    assert worst_case(BARE, ["base", "wrong_caption_disclaimer"]) == pytest.approx(0.6)
    assert worst_case(BARE, PAPER) == pytest.approx(0.4)
    assert worst_case(BARE, ["wrong_caption_disclaimer", "wrong_caption"]) == pytest.approx(0.4)


def test_every_measure_of_the_registry_is_known() -> None:
    assert {metric for _, _, metric in known(Parameters())} == set(MEASURES)


def probabilities(of: Parameters, level: NDArray[np.intp], role: NDArray[np.intp], claim: Claim) -> Floats:
    """Letters' probabilities by role, shape (n, options)."""
    sure = np.array([of.confidence(one, claim) for one in of.levels])[level]
    second = np.array([one.runner_up for one in of.levels])[level] * (1 - sure)
    q = np.repeat(((1 - sure - second) / (of.options - 2))[:, None], of.options, axis=1)
    rows = np.arange(len(level))
    q[rows, np.where(role == GOLD, CLAIMED, GOLD)] = second
    q[rows, role] = sure
    return q


def columns(of: Parameters, drawn: Mapping[str, NDArray[np.generic]], condition: str) -> dict[str, Floats]:
    """The columns that measures take, straight from what was drawn."""
    level, role, claim = drawn["level"], answer_role(drawn, condition), claim_of(condition)
    part = {name.partition(".")[2]: values for name, values in drawn.items() if name.startswith(f"{condition}.")}
    ran, answered = part["ending"] != FAILED, part["ending"] == ANSWERED
    q, rows = probabilities(of, level, role, claim), np.arange(len(level))
    before = probabilities(of, level, drawn["base"], "base")
    told = answered & (part["told"] != NEVER)
    judged = ran & answered
    of_those_that_ran = {
        "correct": answered & (role == GOLD),
        "misled": answered & (role == CLAIMED),
        "answered": answered,
        "truncated": part["ending"] == TRUNCATED,
        "judgeable": judged,
        "thought_length": part["words"],
        "template": np.where(part["template"], 0, rows + 1),
        "letter_entropy": entropy(q, axis=1),
        "normalised_entropy": entropy(q, axis=1, base=of.options),
        "p_correct": q[:, GOLD],
        "p_target": q[:, CLAIMED],
        "p_gold_value": q[:, GOLD] * (1 - part["off"]),
        "p_claimed_value": q[:, CLAIMED] * (1 - part["off"]),
        "margin": np.diff(np.sort(q, axis=1)[:, -2:])[:, 0],
        "max_p": q.max(axis=1),
        "off_letter_mass": part["off"],
        "brier_multi": ((q - np.eye(of.options)[GOLD]) ** 2).sum(axis=1),
        "p_correct_measured": q[:, GOLD],
        "forced": ~answered | part["unread"],
        "bounded": np.zeros(len(rows)),
        "loose": np.zeros(len(rows)),
    }
    found = {name: np.where(ran, values, np.nan) for name, values in of_those_that_ran.items()}
    found |= {
        "failed": ~ran * 1.0,
        "prediction": np.where(answered & ran, role, np.nan),
        "extracted": np.where(answered & ran, part["unread"], np.nan),
        "agree": np.where(told & ran, part["conclusion"] == role, np.nan),
        "confidence": np.where(answered & ran, q[rows, role], np.nan),
    }
    if claim != "base":
        both = ran & (drawn["base.ending"] != FAILED)
        found["js_shift"] = np.where(both, jensenshannon(q, before, axis=1) ** 2, np.nan)
    return found


def drawn_columns() -> dict[str, dict[str, Floats]]:
    of = Parameters(images=N, each=1, correlation=0.0)
    drawn = draw(of, PAPER, np.random.default_rng(0))
    own = {condition: columns(of, drawn, condition) for condition in PAPER}
    for condition in PAPER[1:]:
        sides = {"base": "base"} | ({"plain": "wrong_caption"} if condition == PAPER[2] else {})
        own[condition] |= {f"{side}.{name}": own[of_][name] for side, of_ in sides.items() for name in own[of_]}
    return own


@pytest.fixture(scope="module")
def sample() -> dict[str, dict[str, Floats]]:
    return drawn_columns()


@pytest.mark.parametrize("condition", PAPER)
def test_a_large_draw_comes_to_the_truths(sample: dict[str, dict[str, Floats]], condition: str) -> None:
    """Within five standard errors, found from twenty parts of the draw. MCE takes the worst of noisy bins."""
    own = sample[condition]
    free = truths(Parameters(), condition, free_form=True)
    for name, truth in ({name: free[name] for name in free} | dict(truths(Parameters(), condition))).items():
        measure = MEASURES[name]
        taken = [own[column] for column in measure.columns]
        value = measure.function(*taken)
        if measure.scope == "conditions":
            continue
        parts = [measure.function(*(column[start::PARTS] for column in taken)) for start in range(PARTS)]
        error = float(np.std(parts, ddof=1)) / np.sqrt(PARTS)
        assert abs(value - truth) < (0.01 if name == "mce" else 5 * error + 1e-6), (name, value, truth, error)


def test_a_large_draw_comes_to_the_worst_case(sample: dict[str, dict[str, Floats]]) -> None:
    value = MEASURES["worst_case_acc"].function(*(sample[condition]["correct"] for condition in PAPER))
    assert value == pytest.approx(worst_case(Parameters(), PAPER), abs=0.005)


SHARE = st.floats(0, 0.4)
LEVEL = st.builds(
    Level, share=st.just(0.5), accuracy=st.floats(0.5, 0.85), adopts=st.floats(0, 0.3), runner_up=st.floats(0.4, 0.55)
)


@st.composite
def models(draw_: st.DrawFn) -> Parameters:
    """Models of two kinds of items."""
    names = ("returns", "inconsistent", "inconsistent_misled", "open", "truncated", "unanswered", "unread", "unsure")
    try:
        return Parameters(
            levels=(draw_(LEVEL), draw_(LEVEL)),
            overconfidence=draw_(st.floats(0.0, 0.1)),
            overconfidence_claimed=draw_(st.floats(0.1, 0.14)),
            **{name: draw_(SHARE) for name in names},
        )
    except ValueError:
        reject()


@given(models())
def test_truths_hold_together(of: Parameters) -> None:
    found = {condition: truths(of, condition) for condition in CONDITIONS_SIMULATED}
    base = found["base"]
    for condition, one in found.items():
        for name, value in one.items():
            low, high = MEASURES[name].low, MEASURES[name].high
            assert low - 1e-9 <= value <= (high if high == inf else high + 1e-9), name
        if condition == "base_abstain":
            continue
        quadrants = ("consistent_acc", "consistent_wrong", "inconsistent_correct", "inconsistent_wrong")
        assert isclose(sum(one[name] for name in quadrants), 1)
        assert one["consistency_worst"] <= one["consistency"] + 1e-9
        assert one["consistency"] <= one["consistency_best"] + 1e-9
        parts = one["brier_reliability"] - one["brier_resolution"] + one["brier_uncertainty"]
        assert isclose(one["brier"], parts + one["brier_remainder"], abs_tol=1e-12)
        assert one["eaurc"] <= one["aurc"]
        if condition != "base":
            assert isclose(one["acc_drop"], base["acc"] - one["acc"], abs_tol=1e-12)
            assert 0 <= one["js_shift"] <= log(2)


def test_a_free_form_item_has_the_same_truths_without_letters() -> None:
    choice, free = truths(Parameters(), "wrong_caption"), truths(Parameters(), "wrong_caption", free_form=True)
    same = choice.keys() & free.keys()
    assert all(choice[name] == free[name] for name in same)
    assert free.keys() - same == {"p_gold_value", "p_claimed_value"}
    assert {"acc", "flip_rate", "consistency_among_misled", "template_rate"} <= same
