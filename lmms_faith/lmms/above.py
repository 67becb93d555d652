"""What is written to a terminal while something is drawn on it: whole lines, above the drawing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import TextIO

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.text import Text


def drawing_console(stream: TextIO) -> Console:
    """A console on the terminal that a stream writes to, for drawings; it does not write through the stream itself."""
    return Console(file=open(stream.fileno(), "w", encoding=stream.encoding, errors=stream.errors, closefd=False))


@contextmanager
def lines_above(console: Console, streams: Iterable[TextIO]) -> Iterator[None]:
    """What this process writes to the streams within goes above what is live on the console, line by line.

    A logger's sink and a library's handler hold the stream that they once were given, so that another ``sys.stderr``
    would not reach them. The streams themselves are turned, and turned back in the end, when what is left of a line is
    written as it is.

    Args:
        console: One of ``drawing_console``; another one would write through the streams.
        streams: Terminals; the console's is to be among them.
    """
    with ExitStack() as stack:
        for stream in streams:
            stack.enter_context(_turned(stream, console))
        yield


@contextmanager
def _turned(stream: TextIO, console: Console) -> Iterator[None]:
    process, plain, lock, decoder = os.getpid(), stream.write, RLock(), AnsiDecoder()
    rest = ""

    def write(text: str) -> int:
        nonlocal rest
        if os.getpid() != process:  # a fork draws nothing
            return plain(text)
        with lock:
            *lines, rest = (rest + text).split("\n")
            if lines:
                console.print(Text("\n").join(decoder.decode_line(line.rstrip("\r")) for line in lines), soft_wrap=True)
        return len(text)

    stream.flush()
    vars(stream)["write"] = write
    try:
        yield
    finally:
        del vars(stream)["write"]
        plain(rest)
        stream.flush()
