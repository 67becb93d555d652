"""What a backend shows of its progress on a terminal, in a log, and to nobody."""

import re
from io import StringIO

import pytest
from loguru import logger

from tests.lmms.screen import screen

pytestmark = pytest.mark.host


@pytest.fixture(autouse=True)
def _not_silent(monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    time = [100.0]

    def now():
        return time[0]

    now.move = lambda seconds: time.__setitem__(0, time[0] + seconds)
    return now


@pytest.fixture
def shown(asked, answers, clock):
    """Half of the requests answered in some seconds, then the rest; what is said of them."""

    def say(stream, *, seconds=10, **options):
        from lmms_faith.lmms.progress import Progress

        with Progress(asked, label="faith_hf tiny", stream=stream, now=clock, **options) as progress:
            for places in ([0, 3], [1, 2, 4], [5]):
                clock.move(seconds)
                progress.done(places, [answers[place] for place in places], note="8 at a time")

    return say


def test_in_a_log_every_row_is_said_once_at_the_end(shown):
    log = StringIO()
    shown(log)
    base, wrong, last = log.getvalue().splitlines()
    assert re.fullmatch(r"faith_hf tiny: shapes base 3/3, acc [\d.]+%, misled [\d.]+%", base)
    assert re.fullmatch(r"faith_hf tiny: shapes wrong_think 3/3, acc [\d.]+%, misled [\d.]+%", wrong)
    assert last == "faith_hf tiny: 6/6, 0.2 items/s, 0:00:30 gone, 8 at a time"


def test_in_a_log_a_line_comes_every_half_minute_and_rows_when_they_are_finished(shown):
    log = StringIO()
    shown(log, seconds=31)
    lines = [line.removeprefix("faith_hf tiny: ").split(",")[0] for line in log.getvalue().splitlines()]
    assert lines == ["2/6", "shapes base 3/3", "5/6", "shapes wrong_think 3/3", "6/6"]
    assert "\r" not in log.getvalue()
    assert "0:00:31 gone, 0:01:02 left" in log.getvalue()


def test_a_run_that_is_stopped_says_how_far_it_came(asked, answers, clock):
    from lmms_faith.lmms.progress import Progress

    log = StringIO()

    def stopped():
        with Progress(asked, label="faith_hf", stream=log, now=clock) as progress:
            progress.done([0], answers[:1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert [line.split(",")[0] for line in log.getvalue().splitlines()] == [
        "faith_hf: shapes base 1/3",
        "faith_hf: shapes wrong_think 0/3",
        "faith_hf: 1/6",
    ]


SILENT = {"another rank": ({"rank": 1, "world_size": 2}, {}), "told so": ({}, {"TQDM_DISABLE": "1"})}


@pytest.mark.parametrize(("options", "variables"), SILENT.values(), ids=SILENT.keys())
def test_nothing_is_said_or_scored(shown, monkeypatch, options, variables):
    from lmms_faith.lmms.task import FaithTask

    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(FaithTask, "record", None)
    log = StringIO()
    shown(log, **options)
    assert log.getvalue() == ""


def test_the_first_of_several_ranks_says_that_it_shows_its_share(shown):
    log = StringIO()
    shown(log, world_size=4)
    assert log.getvalue().splitlines()[-1].startswith("faith_hf tiny, share of rank 0 of 4: 6/6")


# Six requests, three of each condition: calls with seconds before them, places, and which came from the store.
RESUMED = {
    "the first answers of every condition": (
        [(1, [0, 3], [0, 3]), (4, [1, 4], [])],
        "4/6, 0.5 items/s, 0:00:05 gone, 0:00:04 left, 2 from the store",
    ),
    "a condition": (
        [(4, [0, 3], [0]), (4, [1, 4], [1])],
        "4/6, 0.2 items/s, 0:00:08 gone, 0:00:04 left, 2 from the store",
    ),
    "nothing": ([(4, [0, 3], []), (4, [1, 4], [])], "4/6, 0.5 items/s, 0:00:08 gone, 0:00:04 left"),
    "all so far": ([(1, [0, 3], [0, 3]), (1, [1, 4], [1, 4])], "4/6, 0:00:02 gone, 4 from the store"),
}


@pytest.mark.parametrize(("calls", "said"), RESUMED.values(), ids=RESUMED.keys())
def test_what_the_store_held_is_counted_and_says_nothing_of_the_speed(asked, answers, clock, monkeypatch, calls, said):
    from lmms_faith.lmms.progress import Progress

    monkeypatch.setattr("lmms_faith.lmms.progress.PAUSE", 0.0)
    log = StringIO()
    with Progress(asked, label="faith_hf", stream=log, now=clock) as progress:
        for seconds, places, stored in calls:
            clock.move(seconds)
            progress.done(places, [answers[place] for place in places], stored=stored)
        assert log.getvalue().splitlines()[-1] == f"faith_hf: {said}"


def test_on_a_terminal_bars_with_the_accuracy_so_far(shown, terminal, monkeypatch):
    stream, sent = terminal
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    shown(stream)
    last = "\n".join(screen(sent(), width=100))
    assert re.search(r"shapes base +━+ +3/3 acc +[\d.]+% misled +[\d.]+%", last)
    assert re.search(r" +wrong_think +━+ +3/3 acc +[\d.]+% misled +[\d.]+%", last)
    assert re.search(r"all +━+ +6/6", last)
    assert "0:00:30 gone, 8 at a time" in last


def test_a_terminal_that_moves_no_cursor_gets_the_lines_of_a_log(shown, terminal, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    stream, sent = terminal
    shown(stream)
    assert len(sent().splitlines()) == 3


def test_on_a_terminal_what_is_logged_stands_above_the_bars(asked, answers, clock, terminal, monkeypatch):
    from lmms_faith.lmms.progress import Progress

    stream, sent = terminal
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "30")
    sink = logger.add(stream, format="{message}", level="WARNING")
    with Progress(asked, label="faith_hf", stream=stream, now=clock) as progress:
        progress.done([0], answers[:1])
        logger.warning("something odd")
        progress.done([1], answers[1:2])
    logger.remove(sink)
    found = screen(sent(), width=100)
    assert found[:2] == ["something odd", "faith_hf"]
    assert len(found) == 7  # the line, the heading, two rows, their sum, the speed, the cursor
