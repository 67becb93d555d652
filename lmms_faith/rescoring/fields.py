"""The fields of one row of a foreign file, asked for by type, with errors that name file, line and field."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

Rows = Iterator[tuple["Place", Mapping[str, Any]]]


class Malformed(ValueError):
    """A file that can't be read as what it is; the message names file, line and field."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file, and what of it (``line 3``, ``row 7``, a sample)."""

    file: Path
    where: str

    def __str__(self) -> str:
        return f"{self.file}, {self.where}"

    def fault(self, field: str, problem: str) -> NoReturn:
        """Say what is wrong with a field.

        Raises:
            Malformed: Always.
        """
        raise Malformed(f"{self}, field {field!r}: {problem}")


@dataclass(frozen=True, slots=True)
class Fields:
    """A row's fields. A field that is missing and one that is null are the same: not given.

    Every method raises ``Malformed`` for a field of another type than it is asked for.
    """

    place: Place
    data: Mapping[str, Any]

    def has(self, name: str) -> bool:
        """Whether the field is given."""
        return self.data.get(name) is not None

    def text(self, name: str) -> str:
        """A text that has to be there."""
        if not self.has(name):
            self.place.fault(name, f"is missing; the row has {', '.join(map(repr, self.data)) or 'no fields'}")
        return self._of(name, str, "a text")  # type: ignore[no-any-return]

    def text_or(self, name: str, default: str | None) -> str | None:
        """A text, or the default."""
        return self._of(name, str, "a text") if self.has(name) else default

    def key(self, name: str) -> str:
        """A text or a whole number, as text; what items are named by."""
        value = self.data.get(name)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text(name)

    def whole(self, name: str) -> int | None:
        """A whole number."""
        if isinstance(self.data.get(name), bool):
            self.place.fault(name, f"{self.data[name]!r} is not a whole number")
        return self._of(name, int, "a whole number") if self.has(name) else None

    def number(self, name: str) -> float:
        """A finite number that has to be there."""
        if not _is_number(self.data.get(name)):
            self.place.fault(name, f"{_shown(self.data.get(name))} is not a finite number")
        return float(self.data[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty where it is not given."""
        return tuple(self._list(name, str, "texts")) if self.has(name) else ()

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """A list of objects; empty where it is not given."""
        return self._list(name, dict, "objects") if self.has(name) else []

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object; empty where it is not given."""
        return self._of(name, dict, "an object") if self.has(name) else {}

    def named_texts(self, name: str) -> dict[str, str]:
        """An object of texts; empty where it is not given."""
        found = self.mapping(name)
        for key, value in found.items():
            if not isinstance(value, str):
                self.place.fault(name, f"{key!r} is {_shown(value)}, not a text")
        return dict(found)

    def one_of(self, name: str, choices: Sequence[str]) -> Any:
        """One of a closed set of texts; None where it is not given."""
        found = self.text_or(name, None)
        if found is not None and found not in choices:
            self.place.fault(name, f"{found!r} is not one of {', '.join(choices)}")
        return found

    def flags(self, name: str, count: int) -> tuple[bool, ...] | None:
        """A list of ``count`` truth values; None where it is not given, and where none is true."""
        if not self.has(name):
            return None
        found = self.data[name]
        if not isinstance(found, list) or len(found) != count or not all(isinstance(one, bool) for one in found):
            self.place.fault(name, f"{_shown(found)} is not a list of {count} truth values")
        return tuple(found) if any(found) else None

    def logprobs(self, name: str, count: int, *, bounds: tuple[bool, ...] | None = None) -> tuple[float, ...] | None:
        """Log-probabilities of ``count`` events that exclude one another; None where they are not given.

        Args:
            name: The field.
            count: How many.
            bounds: Which of them are upper bounds, and may add to more than 1 with the others; None where none is.
        """
        if not self.has(name):
            return None
        found = self.data[name]
        if not isinstance(found, list) or len(found) != count or not all(map(_is_number, found)):
            self.place.fault(name, f"{_shown(found)} is not a list of {count} finite numbers")
        measured = [one for one, bound in zip(found, bounds or (False,) * count) if not bound]
        if math.fsum(math.exp(min(one, 1.0)) for one in measured) > 1.01 or max(found, default=0.0) > 0.01:
            self.place.fault(name, f"{_shown(found)} are no natural logarithms of probabilities: they add to over 1")
        return tuple(map(float, found))

    def _of(self, name: str, kind: type, called: str) -> Any:
        if not isinstance(self.data[name], kind):
            self.place.fault(name, f"{_shown(self.data[name])} is not {called}")
        return self.data[name]

    def _list(self, name: str, kind: type, called: str) -> Any:
        found = self._of(name, list, f"a list of {called}")
        if not all(isinstance(one, kind) for one in found):
            self.place.fault(name, f"{_shown(found)} is not a list of {called}")
        return found


def json_lines(path: Path) -> Rows:
    """The objects of a JSONL file, each with its place; blank lines are passed over.

    Raises:
        Malformed: A line that is no JSON object, or no UTF-8.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            place = Place(path, f"line {number}")
            yield place, json_object(line, place)


def json_object(text: bytes, place: Place) -> Mapping[str, Any]:
    """A JSON object.

    Raises:
        Malformed: It is none.
    """
    try:
        found = json.loads(text.decode("utf-8-sig"))
    # UnicodeDecodeError and JSONDecodeError are ValueErrors; RecursionError comes of brackets nested thousands deep.
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{place}: is no JSON ({error})") from error
    if not isinstance(found, dict):
        raise Malformed(f"{place}: is {_shown(found)}, not a JSON object")
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
