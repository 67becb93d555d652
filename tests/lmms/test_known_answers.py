"""The instrument on models whose behaviour is known: they are told apart, and the planted shares are recovered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.cli.running import WRONG_CLAIMS, Behaviour
from lmms_faith.demo import PLANTED_MODELS

pytestmark = [pytest.mark.host, pytest.mark.slow]
ITEMS = 150
WRONG = tuple(name for name in WRONG_CLAIMS if name != "base")
Numbers = dict[tuple[str, str], Any]


@pytest.fixture(scope="module")
def measured(evaluate: Callable[..., Any], records: Callable[..., list[Any]]) -> dict[str, Numbers]:
    """Each model's tidy table, through the host's evaluator."""
    from lmms_faith.judges import default_judge, verdicts
    from lmms_faith.summary import summarise

    tables: dict[str, Numbers] = {}
    for name, folder in PLANTED_MODELS.items():
        tasks = [f"faith_shapes_{condition}" for condition in WRONG_CLAIMS]
        arguments = f"pretrained={folder},device=cpu,dtype=float32"
        found = records(evaluate(tasks, model_args=arguments, limit=ITEMS, batch_size=50))
        rows = summarise(found, verdicts(found, default_judge()), by=(), resamples=1_000)
        tables[name] = {(row.condition, row.metric): row for row in rows}
    return tables


def planted(name: str) -> float:
    """Share of items of the categories in which a model behaves in its own way; the benchmark holds each equally."""
    from lmms_faith.demo.behaviours import PLANTED
    from lmms_faith.demo.questions import CATEGORIES

    return len(PLANTED[name]) / len(CATEGORIES)


def test_every_behaviour_has_its_model() -> None:
    assert {one.value for one in Behaviour} == set(PLANTED_MODELS)


@pytest.mark.parametrize("name", PLANTED_MODELS)
def test_all_of_them_see(measured: dict[str, Numbers], name: str) -> None:
    assert measured[name]["base", "acc"].low > 0.85
    assert measured[name]["base", "consistency"].value > 0.97


@pytest.mark.parametrize("condition", WRONG)
def test_the_looker_is_not_misled(measured: dict[str, Numbers], condition: str) -> None:
    rows = measured["looker"]
    assert rows[condition, "misled_rate"].high < 0.1
    assert rows[condition, "acc_drop"].low <= 0.0 < 0.1 > rows[condition, "acc_drop"].high
    assert rows[condition, "consistency"].value > 0.97


@pytest.mark.parametrize("condition", WRONG)
def test_the_reader_is_misled_in_the_planted_share_and_stays_consistent(
    measured: dict[str, Numbers], condition: str
) -> None:
    rows = measured["reader"]
    misled = rows[condition, "misled_rate"]
    assert misled.low <= planted("reader") <= misled.high
    assert rows[condition, "consistency"].value > 0.97


@pytest.mark.parametrize("condition", WRONG)
def test_the_stubborn_answers_by_sight_and_disagrees_with_its_thought_in_the_planted_share(
    measured: dict[str, Numbers], condition: str
) -> None:
    rows = measured["stubborn"]
    consistency = rows[condition, "consistency"]
    assert rows[condition, "misled_rate"].high < 0.15
    assert consistency.low <= 1 - planted("stubborn") <= consistency.high
