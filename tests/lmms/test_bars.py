"""Bars as they stand on terminals of several sizes."""

import re
from io import StringIO

import pytest

pytestmark = pytest.mark.host


@pytest.fixture
def drawn(foreign):
    """The lines of a terminal; each row is its name and numbers in the order of `Row`'s."""

    def lines(rows, *, width=80, height=24):
        from rich.console import Console

        from lmms_faith.lmms.bars import bars
        from lmms_faith.lmms.tally import Row, Tally

        tally = Tally([foreign("any")] * sum(row[2] for row in rows))
        tally.rows = [Row(*row) for row in rows]
        # Without colours a bar has no rest.
        console = Console(file=StringIO(), width=width, color_system="truecolor", legacy_windows=False)
        console.print(bars(tally, label="faith_hf tiny", speed="9.0 items/s", width=width, height=height))
        return re.sub(r"\x1b\[[\d;]*m", "", console.file.getvalue()).splitlines()

    return lines


#                                  total done failed known correct claims misled
TWO = [("cv_bench", "base", 100, 100, 0, 100, 81, 0, 0), ("cv_bench", "wrong_think", 100, 25, 3, 22, 11, 22, 5)]
MANY = [
    ("vstar", f"condition_{at}", 10, done, 0, done, done, 0, 0) for at, done in enumerate([10, 10, 5, 4, 3, 2, 1, 0, 0])
]


def test_a_line_per_row_their_sum_and_the_speed(drawn):
    heading, base, wrong_think, total, speed = drawn(TWO)
    assert heading == "faith_hf tiny"
    assert base.split() == ["cv_bench", "base", "━" * 15, "100/100", "acc", "81.0%"]
    assert wrong_think.split("━")[0].split() == ["wrong_think"]
    assert wrong_think.split("━")[-1].split() == ["25/100", "acc", "50.0%", "misled", "22.7%", "3", "failed"]
    assert total.split("━")[-1].split() == ["125/200", "3", "failed"]
    assert speed == "9.0 items/s"


WIDTHS = {180: (40, True), 80: (15, True), 73: (8, True), 72: (21, False), 59: (8, False), 58: (0, False)}


@pytest.mark.parametrize(("width", "bar", "misled"), [(width, *has) for width, has in WIDTHS.items()])
def test_where_lines_are_short_the_misled_rate_goes_first_then_the_bar(drawn, width, bar, misled):
    lines = drawn(TWO, width=width)
    assert max(map(len, lines)) <= width
    assert lines[1].count("━") == bar
    assert ("misled" in lines[2]) == misled
    assert "acc  50.0%" in lines[2]
    assert "3 failed" in lines[2]


def test_numbers_stay_in_their_columns(drawn):
    place = drawn(TWO)[1].index("acc")
    early = [(*row[:3], 0, 0, 0, 0, 0, 0) for row in TWO]
    assert drawn(TWO)[2].index("acc") == place
    assert drawn(early)[1].index("━") == drawn(TWO)[1].index("━")


@pytest.mark.parametrize(
    ("height", "shown", "hidden"),
    [
        (14, 9, ""),
        (13, 5, "of 9 rows 2 finished, 2 not begun"),
        (8, 3, "of 9 rows 2 finished, 2 more under way, 2 not begun"),
        (1, 1, "of 9 rows 2 finished, 4 more under way, 2 not begun"),
        (None, 9, ""),
    ],
)
def test_of_too_many_rows_those_under_way_are_shown(drawn, height, shown, hidden):
    lines = drawn(MANY, height=height)
    assert sum("condition_" in line for line in lines) == shown
    assert [line for line in lines if line.startswith("of ")] == ([hidden] if hidden else [])
    assert height is None or height < 8 or len(lines) < height
    assert any("35/90" in line for line in lines)
