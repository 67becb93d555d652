from collections.abc import Callable

import pytest
from statsmodels.stats.multitest import multipletests

from lmms_faith.metrics.power import detectable_drop
from lmms_faith.record import Record
from lmms_faith.summary.columns import Judged
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.row import Row
from lmms_faith.summary.significance import significance_rows

LOST = {"wrong_think": 8, "wrong_caption": 5, "stop_think": 3}


@pytest.fixture
def rows(make_record: Callable[..., Record]) -> dict[tuple[str, str], Row]:
    """20 items, two an image, all right under base; under each condition the first few are lost."""
    records = [
        make_record(item_id=str(i), cluster=str(i // 2), condition=condition, prediction=int(i < lost))
        for condition, lost in {"base": 0, **LOST}.items()
        for i in range(20)
    ]
    found = significance_rows(gather(map(Judged, records)), "m", "toys")
    return {(row.condition, row.metric): row for row in found}


def test_mcnemar_by_hand(rows: dict[tuple[str, str], Row]) -> None:
    for condition, lost in LOST.items():
        row = rows[condition, "mcnemar_p"]
        assert row.value == pytest.approx(2 * 0.5**lost)
        assert (row.n, row.method) == (20, f"exact McNemar: {lost} lost, 0 gained")


def test_holm_is_that_of_statsmodels_over_the_conditions(rows: dict[tuple[str, str], Row]) -> None:
    raw = [rows[condition, "mcnemar_p"].value for condition in LOST]
    expected = multipletests(raw, method="holm")[1]
    assert [rows[condition, "holm_p"].value for condition in LOST] == pytest.approx(expected.tolist())
    assert rows["wrong_think", "holm_p"].method == "Holm over 3 conditions"


def test_the_detectable_drop_takes_images_into_account(rows: dict[tuple[str, str], Row]) -> None:
    row = rows["wrong_think", "detectable_drop"]
    # Both items of an image are lost together, so that pairs of items are worth about one: 40 % changed.
    assert row.method == "exact McNemar, power 0.8; 40.0% changed, design effect 2.11"
    effect = (10 / 9 * 4 * (4 * 0.6**2 + 6 * 0.4**2)) / (20 / 19 * (8 * 0.6**2 + 12 * 0.4**2))
    assert effect == pytest.approx(2.11, abs=0.005)
    if row.value == row.value:
        assert row.value == pytest.approx(detectable_drop(20, discordance=0.4, design_effect=effect))


def test_a_baseline_is_not_tested_against_itself(rows: dict[tuple[str, str], Row]) -> None:
    assert not any(condition == "base" for condition, _ in rows)
