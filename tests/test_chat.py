"""The chat endpoint against a real server on loopback: what is tried again, what is given up, what ends a run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from lmms_faith.chat import TRIES, EndpointUnusable, NoReply, endpoint

Reply = tuple[int, dict[str, str], str]
BUSY: Reply = (500, {}, "{}")
LATER: Reply = (429, {"Retry-After": "0.3"}, "{}")
GARBAGE: Reply = (200, {}, "<html>")
PAGE: Reply = (200, {"Content-Type": "text/html"}, "<html>Bad gateway</html>")
EMPTY: Reply = (200, {}, '{"choices": []}')


def ask(url: str, **options: Any) -> str:
    async def go() -> str:
        async with endpoint(url, model="m", key="k", pause=0.01, **options) as send:
            return await send([{"role": "user", "content": "?"}])

    return asyncio.run(go())


@pytest.mark.parametrize("fault", [BUSY, LATER, GARBAGE, PAGE, EMPTY], ids=["500", "429", "garbage", "page", "empty"])
def test_a_passing_fault_is_tried_again(serve_chat: Any, completion: Callable[[str], str], fault: Reply) -> None:
    replies = iter([fault, fault, (200, {}, completion("hello"))])
    assert ask(serve_chat(lambda asked: next(replies))) == "hello"


def test_the_wait_that_a_server_asks_for_is_kept(serve_chat: Any, completion: Callable[[str], str]) -> None:
    replies, at = iter([LATER, (200, {}, completion("hello"))]), []

    def rule(asked: dict[str, Any]) -> Reply:
        at.append(time.monotonic())
        return next(replies)

    ask(serve_chat(rule))
    assert 0.3 <= at[1] - at[0] < 3


def test_a_request_is_tried_so_often_and_no_more(serve_chat: Any) -> None:
    asked = []
    with pytest.raises(NoReply, match="InternalServerError"):
        ask(serve_chat(lambda request: (asked.append(request), BUSY)[1]))
    assert len(asked) == TRIES


def test_a_request_that_the_server_finds_bad_is_not_tried_again(serve_chat: Any) -> None:
    asked = []
    with pytest.raises(NoReply, match="BadRequestError"):
        ask(serve_chat(lambda request: (asked.append(request), (400, {}, "{}"))[1]))
    assert len(asked) == 1


def test_a_slow_reply_is_cut_off(serve_chat: Any, completion: Callable[[str], str]) -> None:
    asked = []

    def rule(request: dict[str, Any]) -> Reply:
        asked.append(request)
        if len(asked) == 1:
            time.sleep(1)
        return 200, {}, completion("hello")

    assert ask(serve_chat(rule), timeout=0.3) == "hello"
    assert len(asked) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_key_or_model_ends_it_at_once(serve_chat: Any, status: int) -> None:
    body = '{"error": {"message": "Incorrect API key provided: k"}}'
    with pytest.raises(EndpointUnusable, match=f"status {status}") as caught:
        ask(serve_chat(lambda asked: (status, {}, body)))
    assert "Incorrect" not in str(caught.value)


def test_a_server_that_is_not_there_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    with pytest.raises(EndpointUnusable, match="can't be reached"):
        ask("http://127.0.0.1:9/v1")
