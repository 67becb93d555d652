"""Equality of mathematical expressions, LaTeX included, by sympy in a process of its own with a time limit."""

from __future__ import annotations

import atexit
import json
import os
import queue
import re
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

SECONDS = 3.0
"""Time that one comparison may take, sympy's start aside."""
_START_SECONDS = 120.0
_LONGEST = 200
_MATHS = re.compile(r"[\d\\=^_{}+*/()<>≤≥√π-]|^[a-zA-Z]$")
_FUNCTIONS = ("sqrt", "sin", "cos", "tan", "cot", "sec", "csc", "log", "exp")
_WORDS = re.compile(rf"(?<![\\a-zA-Z])(?!(?:{'|'.join(_FUNCTIONS)})(?![a-zA-Z]))[a-zA-Z]{{3,}}")
_DEGREES = re.compile(r"(?:\^\s*\{?\s*\\circ\s*\}?|°|\\degree)")
# sympy's parser ends in eval: nothing may reach it that could name an attribute, a string or a dunder.
_HARMLESS = re.compile(r"(?:[0-9a-zA-Z+*/^()=, -]|\.(?=[0-9])|(?<=[0-9])\.(?![a-zA-Z.]))*")
_LOCK = threading.Lock()


def looks_like_maths(text: str) -> bool:
    """Whether a text is short, has a sign of mathematics in it and no plain words."""
    return len(text) <= _LONGEST and bool(_MATHS.search(text)) and not _WORDS.search(text)


def same_expression(one: str, other: str) -> bool:
    """Whether two expressions are equal, by sympy; False where either can't be read or time runs out.

    Time is limited by a process that can be stopped, since sympy can't be interrupted in a scoring thread. It is a
    plain Python process rather than one of multiprocessing, which would run an unguarded main script again.
    """
    global _worker
    with _LOCK:
        # A forked process must not talk over its parent's pipes.
        if _worker is None or _worker.owner != os.getpid():
            _worker = _Worker()
        answer = _worker.ask([one, other], seconds=SECONDS)
        if answer is None:
            _worker.stop()
            _worker = None
        return bool(answer)


class _Worker:
    """A process that answers each line, a pair of expressions as JSON, with a line, ``true`` or ``false``."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import _serve; _serve()"
        command = [sys.executable, "-c", code]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.stop)
        # sympy's start is not counted against the first comparison.
        if self.ask(["1", "1"], seconds=_START_SECONDS) is not True:
            self.stop()
            raise ImportError("comparing mathematics needs sympy and lark: pip install sympy lark")

    def ask(self, pair: list[str], *, seconds: float) -> bool | None:
        """The answer; None where time ran out or the process is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(pair) + "\n")
            self._process.stdin.flush()
            answer = self._answers.get(timeout=seconds)
        except (OSError, ValueError, queue.Empty):
            return None
        return None if answer is None else answer == "true"

    def stop(self) -> None:
        """End the process, whatever it is at."""
        atexit.unregister(self.stop)
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._answers.put(line.strip())
        self._answers.put(None)


_worker: _Worker | None = None


def _serve() -> None:
    """Runs in the process."""
    for line in sys.stdin:
        sys.stdout.write("true\n" if _compare(*json.loads(line)) else "false\n")
        sys.stdout.flush()


def _compare(one: str, other: str) -> bool:
    """Parse both, compare exactly, then numerically."""
    import sympy

    try:
        first, second = _read(one), _read(other)
        if isinstance(first, sympy.Equality) and isinstance(second, sympy.Equality):
            return bool(first == second)
        if isinstance(first, (tuple, sympy.Tuple)) or isinstance(second, (tuple, sympy.Tuple)):
            return _same_tuple(first, second)
        return _is_zero(first - second)
    # A parser for everything that models write fails in every way there is; what can't be read is not equal.
    except Exception:
        return False


def _is_zero(difference: Any) -> bool:
    import sympy

    simple = sympy.simplify(difference)
    return bool(simple == 0 or (simple.is_number and abs(complex(simple.evalf())) < 1e-9))


def _same_tuple(first: Any, second: Any) -> bool:
    return len(first) == len(second) and all(_is_zero(mine - theirs) for mine, theirs in zip(first, second))


def _read(text: str) -> Any:
    import sympy
    from sympy.parsing.latex import parse_latex
    from sympy.parsing.sympy_parser import implicit_multiplication_application, parse_expr, standard_transformations

    plain = _DEGREES.sub("", text).strip().strip("$").replace("\\left", "").replace("\\right", "").replace("\\,", "")
    plain = plain.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").replace("π", "\\pi ").strip()
    plain = plain.replace("−", "-").replace("×", "*").replace("÷", "/").replace("·", "*")
    # "x = 4" answers a question for x with 4.
    plain = re.sub(r"^[a-zA-Z]\s*=\s*", "", plain)
    letters = {letter: sympy.Symbol(letter) for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    if "\\" in plain or "^{" in plain or "_" in plain:
        plain = re.sub(r"√\s*(\d+|\([^()]*\))", r"\\sqrt{\1}", plain)
        # The grammar lacks pi alone of the small Greek letters; no one writes upsilon.
        parsed = parse_latex(re.sub(r"\\pi(?![a-zA-Z])", r"\\upsilon", plain), backend="lark")
        found = parsed if not hasattr(parsed, "children") else parsed.children[0]
        return found.subs(sympy.Symbol("upsilon"), sympy.pi)
    plain = re.sub(r"√\s*(\d+|[a-zA-Z])", r"sqrt(\1)", plain).replace("√", "sqrt")
    if not _HARMLESS.fullmatch(plain):
        raise ValueError(f"no expression: {plain!r}")
    rules = (*standard_transformations, implicit_multiplication_application)
    functions = {name: getattr(sympy, name) for name in (*_FUNCTIONS, "pi", "ln")}
    makers = {name: getattr(sympy, name) for name in ("Integer", "Float", "Rational", "Symbol", "Function", "Tuple")}
    return parse_expr(
        plain.replace("^", "**"), transformations=rules, local_dict=letters | functions, global_dict=dict(makers)
    )
