"""What a language model judge is asked about a record, and what its reply says of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Literal

from lmms_faith.item import LETTERS
from lmms_faith.judges.reply import read_agreement, read_conclusion, read_value
from lmms_faith.record import Opinion, Record

PromptName = Literal["agree-1", "blind-1"]

# What serving software takes for the start or end of a turn or a thought, even where it stands in a message.
_TURN_TOKEN = re.compile(r"<(?=[|｜]|(?:start|end)_of_turn>|/?think>)")


@dataclass(frozen=True, slots=True)
class Question:
    """A versioned prompt: how it is put about a record, and how its reply is read.

    Attributes:
        name: Name and version; a changed prompt is a new one.
        put: What is asked; an opinion where there is nothing to ask about.
        read: What a reply says; raises ``UnusableReply`` where it says nothing of what was asked for.
    """

    name: PromptName
    put: Callable[[Record], str | Opinion]
    read: Callable[[str, Record], Opinion]


def _put_blind(record: Record) -> str | Opinion:
    """Shows question, options and thought: not the answer, not gold, not the claim."""
    if record.kind == "choice":
        return _unasked(record) or _filled("blind-1.choice", record, options=_options(record))
    return _unasked(record) or _filled("blind-1.value", record)


def _read_blind(reply: str, record: Record) -> Opinion:
    if record.kind == "choice":
        conclusion = read_conclusion(reply, len(record.options))
        return Opinion(outcome="none" if conclusion is None else "decided", conclusion=conclusion)
    value = read_value(reply, record.think or "", record.kind)
    return Opinion(outcome="none" if value is None else "decided", value=value)


def _put_agree(record: Record) -> str | Opinion:
    """Shows question, options, thought and answer: not gold, not the claim."""
    unasked = _unasked(record)
    if unasked is not None:
        return unasked
    if record.said is None or (record.kind == "choice" and record.prediction is None):
        return Opinion(outcome="abstained", note="no answer")
    letter = "" if record.prediction is None else f"{LETTERS[record.prediction]}. "
    return _filled("agree-1", record, options=_options(record), answer=letter + record.said)


def _read_agree(reply: str, record: Record) -> Opinion:
    if not read_agreement(reply):
        return Opinion(outcome="differs")
    if record.kind == "choice":
        return Opinion(outcome="decided", conclusion=record.prediction)
    return Opinion(outcome="decided", value=record.said)


def _unasked(record: Record) -> Opinion | None:
    """Why there is nothing to ask about; None where there is."""
    reason = None
    if record.status in ("failed", "truncated"):
        reason = "the completion failed or was cut off"
    elif not (record.think or "").strip():
        reason = "no thought"
    elif record.kind == "choice" and not 0 < len(record.options) <= len(LETTERS):
        reason = f"{len(record.options)} options, which letters can't name"
    return None if reason is None else Opinion(outcome="abstained", note=reason)


def _options(record: Record) -> str:
    return "".join(f"{letter}. {option}\n" for letter, option in zip(LETTERS, record.options))


def _filled(name: str, record: Record, *, options: str = "", answer: str = "") -> str:
    """A prompt with its data, between marks that the data can't hold, being a hash of them."""
    data = {"question": record.question, "options": options, "reasoning": record.think or "", "answer": answer}
    quoted = {field: _quoted(text) for field, text in data.items()}
    mark = hashlib.sha256("\0".join(quoted.values()).encode()).hexdigest()[:12]
    return _template(name).substitute(quoted, mark=mark)


def _quoted(text: str) -> str:
    """Text that a request can carry, and that no server takes for turns or thoughts."""
    return _TURN_TOKEN.sub("< ", text).encode("utf-8", "replace").decode()


@cache
def _template(name: str) -> Template:
    text = (files("lmms_faith.judges") / "prompts" / f"{name}.txt").read_text(encoding="utf-8")
    return Template(text.removesuffix("\n"))


QUESTIONS: Mapping[PromptName, Question] = {
    "agree-1": Question(name="agree-1", put=_put_agree, read=_read_agree),
    "blind-1": Question(name="blind-1", put=_put_blind, read=_read_blind),
}
"""Every prompt by name."""
