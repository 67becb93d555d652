"""What every row of the registry has to keep to, whatever it measures."""

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from lmms_faith.measures import COLUMNS, MEASURES, SIDES, Measure
from lmms_faith.measures.measure import itself, together

NAN = math.nan
# What these tell from the sample as it is, without weights, they would tell otherwise from the repeated sample.
FIXED_ON_THE_SAMPLE = {"adaptive_ece", "template_rate"}
CONDITIONS = 3
"""Columns that a measure over conditions is given in these tests."""

Random = np.random.Generator
UNIT = ["p_correct", "p_target", "p_gold_value", "p_claimed_value", "margin", "max_p", "confidence", "off_letter_mass"]
DRAWN: dict[str, Callable[[Random, int], np.ndarray]] = {
    "prediction": lambda random, n: random.integers(0, 4, n),
    "letter_entropy": lambda random, n: random.uniform(0, math.log(4), n).round(1),
    "normalised_entropy": lambda random, n: random.random(n),
    "js_shift": lambda random, n: random.uniform(0, math.log(2), n),
    "brier_multi": lambda random, n: random.uniform(0, 2, n),
    "thought_length": lambda random, n: random.integers(0, 500, n),
    "template": lambda random, n: random.integers(0, 2 * n, n),
    **dict.fromkeys(UNIT, lambda random, n: random.random(n).round(2)),
}
every = pytest.mark.parametrize("measure", MEASURES.values(), ids=list(MEASURES))


def drawn(measure: Measure, seed: int, n: int) -> list[np.ndarray]:
    """Columns for the measure, a tenth of each unknown; of the answers claimed and right, none is both."""
    random = np.random.default_rng(seed)
    names = measure.columns * (CONDITIONS if measure.scope == "conditions" else 1)
    columns = []
    for name in names:
        draw = DRAWN.get(name.rpartition(".")[2], lambda random, n: random.integers(0, 2, n))
        columns.append(np.where(random.random(n) < 0.1, NAN, draw(random, n)))
    if measure.columns == ("misled", "correct"):
        columns[0] = np.where(columns[1] == 1, 0.0, columns[0])
    return columns


def samples(measure: Measure) -> list[list[np.ndarray]]:
    """Columns of 1 to 40 items."""
    return [drawn(measure, seed, n) for seed, n in enumerate((1, 2, 3, 10, 25, 40))]


@every
def test_a_row_is_complete(measure: Measure) -> None:
    assert re.fullmatch("[a-z_]+", measure.name)
    assert measure.low < measure.high
    assert measure.unit in {"share", "probability", "difference", "score", "nats", "words"}
    assert all((measure.title, measure.formula, measure.says, measure.does_not_say, measure.source, measure.columns))
    assert not measure.formula.startswith("$")
    assert measure.says.endswith((".", "?"))
    assert measure.does_not_say.endswith(".")
    assert measure.columns == ("correct",) if measure.scope == "conditions" else True


@every
def test_a_row_names_columns_that_there_are(measure: Measure) -> None:
    for name in measure.columns:
        side, _, column = name.rpartition(".")
        assert column in COLUMNS
        assert side in ("", *SIDES)


@every
def test_measures_that_a_row_speaks_of_exist(measure: Measure) -> None:
    spoken = re.findall(r"see ((?:`\w+`(?:, | and )?)+)", measure.says + " " + measure.does_not_say)
    named = [name for part in spoken for name in re.findall(r"`(\w+)`", part)]
    assert set(named) <= set(MEASURES) | {"blank_image", "swapped_image"}


@every
def test_the_number_is_in_its_range(measure: Measure) -> None:
    for columns in samples(measure):
        value = measure.function(*columns)
        assert isinstance(value, float)
        assert math.isnan(value) or measure.low - 1e-9 <= value <= measure.high + 1e-9


@every
def test_the_order_of_items_does_not_matter(measure: Measure) -> None:
    for columns in samples(measure):
        order = np.random.default_rng(0).permutation(len(columns[0]))
        moved = measure.function(*(column[order] for column in columns))
        assert moved == pytest.approx(measure.function(*columns), nan_ok=True)


@every
def test_whole_weights_are_repeats(measure: Measure) -> None:
    for columns in samples(measure):
        weights = np.random.default_rng(1).integers(0, 4, len(columns[0]))
        if measure.name in FIXED_ON_THE_SAMPLE:
            # Repeats that leave the middles of ranks as they are, and repeat what repeats.
            columns, weights = [np.tile(column, 2) for column in columns], np.full(2 * len(weights), 3)
        repeated = measure.function(*(np.repeat(column, weights) for column in columns))
        assert measure.function(*columns, weights=weights) == pytest.approx(repeated, nan_ok=True, abs=1e-9)


@every
def test_many_weightings_at_once_are_each_by_itself(measure: Measure) -> None:
    for columns in samples(measure):
        weights = np.random.default_rng(2).integers(0, 3, size=(4, len(columns[0])))
        weights[2], weights[3] = 1, 0
        at_once = measure.function(*columns, weights=weights)
        alone = [measure.function(*columns, weights=row) for row in weights]
        assert at_once == pytest.approx(np.array(alone), nan_ok=True, abs=1e-9)
        assert alone[2] == pytest.approx(measure.function(*columns), nan_ok=True, abs=1e-9)
        assert math.isnan(alone[3])


@every
def test_items_that_do_not_count_do_not_matter(measure: Measure) -> None:
    for columns in samples(measure):
        counted = ~np.isnan(measure.items(*columns))
        value = measure.function(*columns)
        assert counted.shape == columns[0].shape
        assert measure.function(*columns, weights=np.where(counted, 1.0, 7.0)) == pytest.approx(value, nan_ok=True)
        assert counted.any() or math.isnan(value)


@pytest.mark.parametrize("measure", [one for one in MEASURES.values() if one.mean], ids=lambda one: one.name)
def test_what_says_to_be_a_mean_is_the_mean_of_its_items(measure: Measure) -> None:
    for columns in samples(measure):
        items = measure.items(*columns)
        known = items[~np.isnan(items)]
        assert measure.function(*columns) == pytest.approx(known.mean() if known.size else NAN, nan_ok=True)


@pytest.mark.parametrize("measure", [one for one in MEASURES.values() if one.biased], ids=lambda one: one.name)
def test_what_says_to_be_biased_is_so_for_few_items_and_more_so_under_resampling(measure: Measure) -> None:
    random = np.random.default_rng(0)

    def sample(n: int) -> list[np.ndarray]:
        confidence = random.uniform(0.4, 1, n)
        return [confidence, (random.random(n) < confidence).astype(float)]

    truth = measure.function(*sample(20_000))
    small = [sample(60) for _ in range(200)]
    few = np.mean([measure.function(*columns) for columns in small])
    draws = random.multinomial(60, [1 / 60] * 60, size=200)
    resampled = np.mean([measure.function(*columns, weights=draw) for columns, draw in zip(small, draws)])
    assert truth < few < resampled if measure.biased == "high" else truth > few > resampled


def test_what_items_add_by_default_is_their_own_value() -> None:
    assert itself([1, 0, NAN]) == pytest.approx([1, 0, NAN], nan_ok=True)


def test_items_count_together_where_all_is_known() -> None:
    assert together([1, NAN, 0], [0.5, 0.5, NAN]) == pytest.approx([1, NAN, NAN], nan_ok=True)
