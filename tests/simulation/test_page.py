from lmms_faith.simulation.coverage import Recovered
from lmms_faith.simulation.page import HEADINGS, footer, lines, one_each


def number(metric: str, condition: str = "wrong_caption", benchmark: str = "simulated", held: int = 95) -> Recovered:
    return Recovered(
        benchmark=benchmark,
        condition=condition,
        metric=metric,
        truth=0.25,
        mean=0.26,
        spread=0.02,
        held=held,
        replicates=100,
        p=1.0,
    )


def test_a_line_says_what_was_known_and_what_was_found() -> None:
    table = lines([number("acc"), number("ece"), number("p_gold_value", benchmark="simulated_values")])
    assert table == [
        list(HEADINGS),
        ["acc", "wrong_caption", "0.2500", "0.2600", "+0.50", "95.0"],
        ["ece*", "wrong_caption", "0.2500", "0.2600", "+0.50", "95.0"],
        ["p_gold_value", "wrong_caption (simulated_values)", "0.2500", "0.2600", "+0.50", "95.0"],
    ]


def test_of_each_measure_the_most_telling_number_is_chosen() -> None:
    found = [
        number("acc", "base"),
        number("acc"),
        number("acc", benchmark="simulated_values"),
        number("recovery", "wrong_caption_disclaimer"),
        number("failed", "base"),
    ]
    assert one_each(found) == [found[4], found[1], found[3]]


def test_the_footer_counts_and_names_faults() -> None:
    found = [number("acc", held=96), number("flip_rate", held=94), number("ece", held=100)]
    assert list(footer(found)) == [
        "2 numbers, 100 replicates: the intervals hold the truth in 95.0 % of the cases, number by number in 94.0 to "
        "96.0 %.",
        "Numbers marked * (1) are known to be biased in small samples: left out.",
    ]
    assert list(footer([number("acc", held=50)]))[-1].startswith("Fault: all measures")
