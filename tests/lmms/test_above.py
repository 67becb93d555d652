"""Lines that others write while something is drawn, as a terminal shows them in the end."""

import logging
import os

import pytest
from loguru import logger
from rich.live import Live

from lmms_faith.lmms.above import drawing_console, lines_above
from tests.lmms.screen import screen

pytestmark = pytest.mark.host

WIDTH = 60
DRAWN = ["bars", "of several", "lines"]
LONG = "a long line " * 12


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("LINES", "30")


@pytest.fixture
def shown(terminal):
    """What the terminal shows once something was done while three lines were drawn on it."""
    stream, sent = terminal

    def draw(act):
        console = drawing_console(stream)
        live = Live("\n".join(DRAWN), console=console, redirect_stdout=False, redirect_stderr=False)
        with lines_above(console, [stream]), live:
            live.refresh()
            act(stream)
            live.refresh()
        return screen(sent(), width=WIDTH)

    return draw


def by_loguru(stream):
    sink = logger.add(stream, format="{message}", colorize=True)
    logger.warning("first\nsecond")
    logger.remove(sink)


def by_logging(stream):
    handler = logging.StreamHandler(stream)
    handler.emit(logging.makeLogRecord({"msg": "first\r\nsecond"}))


def by_print(stream):
    print("fir", end="", file=stream)
    print("st", "second", sep="\n", file=stream, flush=True)


def by_lines(stream):
    stream.writelines(["first\n", "[b]not[/b] yet\rsecond\n"])


WRITERS = [by_loguru, by_logging, by_print, by_lines]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_line_stands_above_the_drawing_which_stands_there_once(shown, write):
    assert shown(write) == ["first", "second", *DRAWN, ""]


def test_without_it_a_copy_of_the_drawing_stays(terminal):
    """So the test above can fail."""
    stream, sent = terminal
    live = Live("\n".join(DRAWN), console=drawing_console(stream), redirect_stdout=False, redirect_stderr=False)
    with live:
        live.refresh()
        by_loguru(stream)
    stream.flush()
    assert screen(sent(), width=WIDTH).count(DRAWN[0]) == 2


def test_a_line_longer_than_the_terminal_is_left_in_one_piece(shown):
    found = shown(lambda stream: stream.write(f"{LONG}\n"))
    assert "".join(line.ljust(WIDTH) for line in found[:3]).rstrip() == LONG.rstrip()
    assert found[3:] == [*DRAWN, ""]


def test_half_a_line_is_written_in_the_end(shown):
    assert shown(lambda stream: stream.write("half\na line")) == ["half", *DRAWN, "a line"]


def test_the_stream_is_as_it_was_even_after_an_exception(terminal):
    stream, sent = terminal
    before = dict(vars(stream))
    console = drawing_console(stream)

    def fails():
        with lines_above(console, [stream]), Live("bars", console=console):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fails()
    assert vars(stream) == before
    stream.write("after\n")
    stream.flush()
    assert screen(sent(), width=WIDTH) == ["bars", "after", ""]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_fork_draws_nothing(shown):
    def write(stream):
        child = os.fork()
        if not child:
            stream.write("from the child\n")
            stream.flush()
            os._exit(0)
        os.waitpid(child, 0)

    assert sum(line.startswith(DRAWN[0]) for line in shown(write)) == 2  # its line went right behind the drawing
