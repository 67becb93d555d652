"""What follows from an ability is derived from the tables of conditions and measures, and covers both."""

from lmms_faith.conditions import CONDITIONS
from lmms_faith.lmms.measurable import (
    COLUMNS_OF,
    counted,
    measures_of,
    measures_without,
    stand_ins,
    started,
    unstarted,
)
from lmms_faith.measures import COLUMNS, MEASURES


def test_every_column_belongs_to_one_ability():
    named = [column for columns in COLUMNS_OF.values() for column in columns]
    assert sorted(named) == sorted(COLUMNS)


def test_every_measure_needs_an_ability():
    assert measures_without(COLUMNS_OF) == set(MEASURES)


LOST = {
    "letters": ({"letter_entropy", "ece", "brier_multi", "forced"}, {"acc", "consistency", "thought_length"}),
    "thought": ({"consistency", "thought_length"}, {"acc", "misled_rate", "ece"}),
    "values": ({"p_gold_value"}, {"p_correct"}),
    "end": ({"truncated"}, {"answered"}),
    "picture": (set(), {"acc"}),
}


def test_what_is_lost_without_an_ability():
    for ability, (lost, kept) in LOST.items():
        unknown = measures_without([ability])
        assert lost <= unknown, ability
        assert not kept & unknown, ability


def test_few_measures_are_named_and_many_are_counted():
    assert counted("values") == "p_gold_value, p_claimed_value"
    assert f"{len(measures_of('letters')['Calibration'])} measures of calibration" in counted("letters")


def test_every_condition_is_in_one_of_three_groups():
    assert sorted([*started(), *unstarted(), *stand_ins()]) == sorted(CONDITIONS)
    assert {"base", "wrong_caption", "blank_image"} <= set(unstarted())
    assert {"stop_think", "wrong_think", "wrong_think_but"} <= set(started())
