"""A judging model's stand-in: a real server on loopback that answers by rule.

It reads the reasoning as a model would find it, between the marks, and so tests the client's side alone: what is sent,
and what is made of the reply. How well a model judges, or withstands what a reasoning says to it, it can't show.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest

Reply = tuple[int, dict[str, str], str]
Fault = Callable[[str, int], Reply | str | None]
"""From a reasoning, and how often it was sent before, to what is replied instead: a response, the model's text, or None
to answer by rule."""

CUT = (0, {}, "")
"""Stands for a connection that is cut."""


class Respondent:
    """Ends every reasoning on the option whose text, or on the value in digits that, stands last in it."""

    def __init__(self, completion: Callable[[str], str]) -> None:
        self._completion, self._lock = completion, Lock()
        self.fault: Fault = lambda reasoning, before: None
        self.sent: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: dict[str, Any]) -> Reply | None:
        prompt = request["messages"][-1]["content"]
        reasoning = between("reasoning", prompt)
        with self._lock:
            self.requests.append(request)
            before = self.sent[reasoning]
            self.sent[reasoning] += 1
        reply = self.fault(reasoning, before)
        if reply == CUT:
            return None
        if isinstance(reply, tuple):
            return reply
        with self._lock:
            self.answered[reasoning] += 1
        return 200, {}, self._completion(by_rule(prompt, reasoning) if reply is None else reply)


def between(name: str, prompt: str) -> str:
    """What stands between the two marks of which a prompt tells first."""
    mark = re.findall(rf"<{name}-([0-9a-f]{{12}})>", prompt)[0]
    parts = re.split(rf"^</?{name}-{mark}>$", prompt, flags=re.MULTILINE)
    assert len(parts) == 3
    return parts[1][1:-1]


def by_rule(prompt: str, reasoning: str) -> str:
    if '{"agree"' in prompt:
        return json.dumps({"agree": between("answer", prompt).split(". ")[-1] in reasoning})
    if '{"value"' in prompt:
        values = re.findall(r"\d+(?: cm)?", reasoning)
        return json.dumps({"value": values[-1] if values else None})
    options = dict(re.findall(r"^([A-L])\. (.+)$", prompt.split("The reasoning stands")[0], re.MULTILINE))
    places = {reasoning.rfind(text): letter for letter, text in options.items() if text in reasoning}
    return json.dumps({"conclusion": places[max(places)] if places else None})


@pytest.fixture
def respondent(completion: Callable[[str], str]) -> Respondent:
    return Respondent(completion)


@pytest.fixture
def url(serve_chat: Callable[..., str], respondent: Respondent) -> str:
    return serve_chat(respondent)


@pytest.fixture(scope="session")
def cut() -> Reply:
    return CUT
