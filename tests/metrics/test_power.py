import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm
from statsmodels.api import OLS
from statsmodels.stats.power import normal_power_het

from lmms_faith.metrics import (
    carries,
    design_effect,
    detectable_difference_of_drops,
    detectable_drop,
    detectable_share,
    items_needed,
    mcnemar,
    mcnemar_power,
)

NAN = math.nan


# ---- design effect


@pytest.mark.parametrize(
    ("values", "clusters", "expected"),
    [
        # deviations ±1/2: clusters sum to ±1, so 2/1 · 2 over 4/3 · 1
        pytest.param([1, 1, 0, 0], "aabb", 3.0, id="images all alike inside"),
        # every cluster sums to 0
        pytest.param([1, 0, 1, 0], "aabb", 0.0, id="images balanced inside"),
        pytest.param([1, 1, 0, 0, NAN], "aabbc", 3.0, id="unknown left out"),
        pytest.param([1, 0, 1, 1], "abcd", 1.0, id="every item an image"),
        pytest.param([1, 0], "aa", NAN, id="one image"),
        pytest.param([1, 1], "ab", NAN, id="nothing varies"),
    ],
)
def test_a_design_effect_by_hand(values: list[float], clusters: str, expected: float) -> None:
    assert design_effect(values, list(clusters)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", range(3))
def test_a_design_effect_against_statsmodels(seed: int) -> None:
    random = np.random.default_rng(seed)
    clusters = random.integers(0, 30, 120)
    values = (random.normal(size=30)[clusters] + random.normal(size=120) > 0).astype(float)
    model = OLS(values, np.ones(120))
    together = model.fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}).bse[0] ** 2
    count = np.unique(clusters).size
    alone = model.fit().bse[0] ** 2
    assert design_effect(values, clusters) == pytest.approx(together * count / (count - 1) / alone)


def test_a_design_effect_grows_with_the_size_of_clusters_and_their_correlation() -> None:
    """About 1 + (m - 1) r, by Kish."""
    random = np.random.default_rng(0)
    for each, correlation in [(4, 0.5), (10, 0.2), (2, 0.0)]:
        shared = np.sqrt(correlation) * np.repeat(random.normal(size=20_000 // each), each)
        values = shared + np.sqrt(1 - correlation) * random.normal(size=20_000)
        found = design_effect(values, np.repeat(np.arange(20_000 // each), each))
        assert found == pytest.approx(1 + (each - 1) * correlation, rel=0.06)


# ---- power of McNemar's test


def test_the_power_of_few_pairs_by_hand() -> None:
    """Six pairs that all change: only 0 or 6 losses reject, and with drop 2/3 a loss has probability 5/6."""
    assert mcnemar_power(6, drop=2 / 3, discordance=1.0) == pytest.approx((5 / 6) ** 6 + (1 / 6) ** 6)
    assert mcnemar_power(5, drop=1.0, discordance=1.0) == 0


@pytest.mark.parametrize(("n", "drop", "discordance"), [(30, 0.2, 0.3), (25, 0.4, 0.5), (20, 0.0, 0.4)])
def test_the_power_counted_over_all_outcomes(n: int, drop: float, discordance: float) -> None:
    """Sums the probabilities of losses and gains that our own test finds significant."""
    worse, total = 0.5 + drop / discordance / 2, 0.0
    for changed in range(n + 1):
        found = [
            mcnemar([1] * lost + [0] * (changed - lost), [0] * lost + [1] * (changed - lost))
            for lost in range(changed + 1)
        ]
        chance = binom.pmf(changed, n, discordance) * binom.pmf(np.arange(changed + 1), changed, worse)
        total += chance[[test.p <= 0.05 for test in found]].sum()
    assert mcnemar_power(n, drop=drop, discordance=discordance) == pytest.approx(total, abs=1e-6)


@given(n=st.integers(20, 2000), discordance=st.floats(0.02, 0.9))
def test_an_exact_test_keeps_its_level(n: int, discordance: float) -> None:
    assert mcnemar_power(n, drop=0.0, discordance=discordance) <= 0.05


@pytest.mark.parametrize(("n", "discordance"), [(2000, 0.2), (5000, 0.1), (20_000, 0.05)])
def test_the_detectable_drop_of_many_items_against_statsmodels(n: int, discordance: float) -> None:
    """A paired difference has variance discordance without a drop, discordance - drop² with one."""
    drop = detectable_drop(n, discordance=discordance)
    expected = normal_power_het(
        drop,
        n,
        0.05,
        std_null=discordance**0.5,
        std_alternative=(discordance - drop**2) ** 0.5,
        alternative="two-sided",
    )
    assert expected == pytest.approx(0.8, abs=0.015)


@settings(max_examples=10)
@given(n=st.integers(30, 3000), discordance=st.floats(0.05, 0.9))
def test_the_detectable_drop_is_detected_and_needs_the_items(n: int, discordance: float) -> None:
    drop = detectable_drop(n, discordance=discordance)
    if math.isnan(drop):
        assert mcnemar_power(n, drop=discordance, discordance=discordance) < 0.8
        return
    assert mcnemar_power(n, drop=drop, discordance=discordance) == pytest.approx(0.8, abs=1e-3)
    assert items_needed(drop, discordance=discordance) <= n + 1


def test_clusters_cost_items() -> None:
    assert detectable_drop(400, discordance=0.2, design_effect=2) == detectable_drop(200, discordance=0.2)
    assert items_needed(0.05, discordance=0.2, design_effect=2) == 2 * items_needed(0.05, discordance=0.2)


def test_too_few_changes_show_nothing() -> None:
    """Five of five lost has p = 1/16."""
    assert math.isnan(detectable_drop(50, discordance=0.05))
    assert math.isnan(detectable_drop(50, discordance=0.0))


# ---- a share, and a difference of drops


@pytest.mark.parametrize(("n", "reference"), [(100, 0.5), (200, 0.25), (1000, 0.05)])
def test_the_detectable_share_against_statsmodels(n: int, reference: float) -> None:
    excess = detectable_share(n, reference=reference)
    share = reference + excess
    found = normal_power_het(
        excess,
        n,
        0.05,
        std_null=math.sqrt(reference * (1 - reference)),
        std_alternative=math.sqrt(share * (1 - share)),
        alternative="two-sided",
    )
    assert found == pytest.approx(0.8, abs=1e-4)


def test_the_detectable_share_in_binomial_counts() -> None:
    """At 1,000 items a share of 0.5 + d passes the upper 2.5 % of a binomial with a half in 80 % of draws."""
    share = 0.5 + detectable_share(1000, reference=0.5)
    assert binom.sf(binom.isf(0.025, 1000, 0.5), 1000, share) == pytest.approx(0.8, abs=0.02)
    assert math.isnan(detectable_share(3, reference=0.9))


def test_the_detectable_difference_of_drops_by_hand() -> None:
    """(1.96 + 0.8416) √(0.4 / 1000)"""
    found = detectable_difference_of_drops(1000, discordance_a=0.1, discordance_b=0.3)
    assert found == pytest.approx(2.8016 * math.sqrt(0.4 / 1000), abs=1e-5)
    halved = detectable_difference_of_drops(1000, discordance_a=0.2, discordance_b=0.2, correlation=0.5)
    assert halved == pytest.approx(2.8016 * math.sqrt(0.2 / 1000), abs=1e-5)


def test_the_detectable_difference_of_drops_is_found_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    n, times = 500, 4000
    gap = detectable_difference_of_drops(n, discordance_a=0.1, discordance_b=0.3)
    a = random.choice([1, -1, 0], p=[0.05, 0.05, 0.9], size=(times, n))
    b = random.choice([1, -1, 0], p=[0.15 + gap / 2, 0.15 - gap / 2, 0.7], size=(times, n))
    apart = b - a
    z = apart.mean(axis=1) / (apart.std(axis=1, ddof=1) / math.sqrt(n))
    assert (z > norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.03)


def test_the_table_of_the_docs_is_what_the_functions_give() -> None:
    page = (Path(__file__).parents[2] / "docs" / "inference.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| [\d,]+ \|", line) and line.count("|") == 7]
    assert len(rows) == 5
    for row in rows:
        items, *points = (float(cell.replace(",", "")) for cell in row.strip("| ").split("|"))
        found = [
            detectable_drop(items, discordance=0.1),
            detectable_drop(items, discordance=0.2),
            detectable_drop(items, discordance=0.2, design_effect=2),
            detectable_drop(items, discordance=0.4),
            detectable_difference_of_drops(items, discordance_a=0.2, discordance_b=0.2),
        ]
        assert points == pytest.approx([100 * drop for drop in found], abs=0.051)


# ---- warnings


@pytest.mark.parametrize(
    ("n", "drop", "discordance", "expected"),
    [
        pytest.param(1000, 0.05, 0.2, None, id="carried"),
        pytest.param(1000, -0.05, 0.2, None, id="a gain is as good"),
        pytest.param(
            100, 0.05, 0.2, r"^100 items .* 5\.0 points: it takes 12\.8 points .* about 658 items\.$", id="too few"
        ),
        pytest.param(
            100, 0.0, 0.2, r"a drop of 0\.0 points: it takes 12\.8 points to show with power 0\.8\.$", id="no drop"
        ),
        pytest.param(
            40, 0.02, 0.05, r"where 5\.0 % of them change, they show no drop with power 0\.8\.$", id="nothing shows"
        ),
    ],
)
def test_a_claim_that_is_not_carried_is_warned_of(
    n: int, drop: float, discordance: float, expected: str | None
) -> None:
    found = carries(n, drop=drop, discordance=discordance)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(expected, found), found


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mcnemar_power(10, drop=0.3, discordance=0.2), "takes a discordance of at least 0.3"),
        (lambda: detectable_drop(0, discordance=0.2), "n is 0"),
        (lambda: detectable_drop(10, discordance=0.2, design_effect=0), "design_effect 0"),
        (lambda: detectable_share(10, reference=0.2, power=1.0), "0 < alpha < power < 1"),
        (lambda: items_needed(0.0, discordance=0.2), "no number of items"),
    ],
)
def test_what_cannot_be_is_refused(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
