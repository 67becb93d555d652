import math
from dataclasses import replace

from lmms_faith.metrics.paired import Paired
from lmms_faith.report.contrast import HEADER, contrast_tables
from lmms_faith.report.table import UNKNOWN
from lmms_faith.summary import HIDDEN, Contrast

BETTER = Paired(value=0.1, low=-0.05, high=0.25, method="x", p=0.0456, n=40, left_out=2, clusters=20)
FALLS = replace(BETTER, value=-0.2, low=-0.3, high=-0.1, p=0.0001)
THINK = Contrast(
    benchmark="toys", condition="wrong_think", metric="acc", a=0.5, b=0.6, difference=BETTER, falls=FALLS, holm=0.0002
)


def test_lines_by_hand() -> None:
    base = replace(THINK, condition="base", falls=None, holm=math.nan)
    ((title, lines),) = contrast_tables([base, THINK])
    assert title == "toys · acc"
    assert lines == [
        list(HEADER),
        ["base", "40", "2", "50.0", "60.0", "+10.0 [-5.0, +25.0]", "0.0456", UNKNOWN, UNKNOWN, UNKNOWN],
        [
            *("wrong_think", "40", "2", "50.0", "60.0", "+10.0 [-5.0, +25.0]", "0.0456"),
            *("-20.0 [-30.0, -10.0]", "<0.001", "<0.001"),
        ],
    ]


def test_what_is_no_share_is_not_in_percent() -> None:
    ((_, lines),) = contrast_tables([replace(THINK, metric="letter_entropy")])
    assert lines[1][3:6] == ["0.500", "0.600", "+0.100 [-0.050, +0.250]"]


def test_benchmarks_have_tables_of_their_own_and_the_unknown_is_said() -> None:
    nothing = replace(BETTER, value=math.nan, low=math.nan, high=math.nan, p=math.nan, n=0)
    other = replace(THINK, benchmark="games", a=math.nan, b=math.nan, difference=nothing)
    tables = dict(contrast_tables([THINK, other]))
    assert list(tables) == ["toys · acc", "games · acc"]
    assert tables["games · acc"][1][3:7] == [UNKNOWN] * 4


def test_a_side_that_is_not_observable_says_so_and_the_other_is_unknown() -> None:
    nothing = replace(BETTER, value=math.nan, low=math.nan, high=math.nan, p=math.nan, n=0)
    hidden = replace(THINK, metric="consistency", a=math.nan, b=math.nan, difference=nothing, hidden_b=True)
    tables = list(contrast_tables([hidden, replace(hidden, hidden_a=True)]))
    assert [line[3:6] for line in tables[0][1][1:]] == [[UNKNOWN, HIDDEN, UNKNOWN], [HIDDEN, HIDDEN, UNKNOWN]]
