"""The chat endpoint against a real server on loopback: what is tried again, what is given up, what ends a run."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lmms_faith.chat import (
    LONGEST_WAIT,
    TRIES,
    Connection,
    EndpointUnusable,
    NoReply,
    Refused,
    _retry_after,
    check_url,
    connection,
    endpoint,
    for_each,
)

pytestmark = pytest.mark.slow

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
    assert len(asked) > 1


def test_a_reply_that_drips_in_is_cut_off(serve_chat: Any, completion: Callable[[str], str]) -> None:
    asked = []

    def drip() -> Iterator[str]:
        for letter in completion("late")[:100]:
            time.sleep(0.05)
            yield letter

    def rule(request: dict[str, Any]) -> Any:
        asked.append(request)
        return 200, {}, completion("hello") if len(asked) > 1 else drip()

    start = time.monotonic()
    assert ask(serve_chat(rule), timeout=0.3) == "hello"
    assert time.monotonic() - start < 4


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


@pytest.mark.parametrize(
    "fault", [None, (200, {"Content-Length": "999"}, "{"), (408, {}, "{}")], ids=["cut", "body", "408"]
)
def test_a_broken_connection_is_tried_again(serve_chat: Any, completion: Callable[[str], str], fault: Any) -> None:
    replies = iter([fault, fault, (200, {}, completion("hello"))])
    assert ask(serve_chat(lambda asked: next(replies))) == "hello"


def test_a_connection_that_breaks_every_time_is_one_request_s_fault(
    serve_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 3)
    with pytest.raises(NoReply, match="APIConnectionError"):
        ask(serve_chat(lambda asked: None))


@pytest.mark.parametrize(
    ("seconds", "least"), [(60, 59), (0, 0), (-60, 0), (10_000, LONGEST_WAIT)], ids=["date", "now", "past", "far"]
)
def test_a_date_to_wait_for_is_seconds_from_now(seconds: int, least: float) -> None:

    date = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=seconds + 0.9), usegmt=True)
    assert least <= wait_of(date) <= min(max(seconds, 0) + 1, LONGEST_WAIT)


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7), ("0.5", 0.5), ("-1", 0), ("1e9", LONGEST_WAIT), ("inf", LONGEST_WAIT)]
)
def test_a_number_to_wait_for_is_kept_within_bounds(header: str, wait: float) -> None:
    assert wait_of(header) == wait


@pytest.mark.parametrize("header", ["", "soon", "nan", "Wed, 99 Foo 2026 00:00:00 GMT"])
def test_what_does_not_say_how_long_leaves_the_wait_to_us(header: str) -> None:
    assert wait_of(header) is None


def wait_of(header: str) -> Any:
    error = RuntimeError()
    error.response = SimpleNamespace(headers={"retry-after": header})  # type: ignore[attr-defined]
    return _retry_after(error)


def test_a_spent_account_ends_it_at_once(serve_chat: Any) -> None:
    asked = []
    body = '{"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}'
    with pytest.raises(EndpointUnusable, match="nothing left to spend"):
        ask(serve_chat(lambda request: (asked.append(request), (429, {}, body))[1]))
    assert len(asked) == 1


def test_a_model_that_refuses_is_not_asked_again(serve_chat: Any, completion: Callable[[str], str]) -> None:
    asked = []
    body = completion("").replace('"content": ""', '"content": null, "refusal": "I will not."')
    with pytest.raises(Refused, match="the model refuses"):
        ask(serve_chat(lambda request: (asked.append(request), (200, {}, body))[1]))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        *("null", "[]", '"x"', "1", "{}", "\ufeff{}", "[" * 100_000, '{"choices": null}', '{"choices": "abc"}'),
        *('{"choices": [[]]}', '{"choices": [{"message": "x"}]}', '{"choices": [{"message": {"content": 1}}]}'),
    ],
)
def test_whatever_a_server_says_is_one_request_s_fault(
    serve_chat: Any, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    with pytest.raises(NoReply):
        ask(serve_chat(lambda asked: (200, {}, body)))


@pytest.mark.parametrize("fault", [(401, {}), (400, {}), (500, {})], ids=["401", "400", "500"])
def test_an_error_quotes_nothing_of_the_server_s(serve_chat: Any, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 1)
    body = '{"error": {"message": "Incorrect API key provided: sk-planted"}}'
    with pytest.raises(RuntimeError) as caught:
        ask(serve_chat(lambda asked: (*fault, body)))
    assert "planted" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("credentials", "header"),
    [
        ("", "Bearer k"),
        ("me:secret@", "Basic bWU6c2VjcmV0"),
        ("m%40e:s%3Ac@", "Basic bUBlOnM6Yw=="),
        ("me@", "Basic bWU6"),
    ],
)
def test_credentials_in_a_url_go_into_the_header(
    serve_chat: Any, completion: Callable[[str], str], credentials: str, header: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    keys = []
    url = serve_chat(lambda asked: (keys.append(asked["key"]), (200, {}, completion("hello")))[1])
    assert ask(url.replace("://", f"://{credentials}")) == "hello"
    assert keys == [header]
    assert "secret" not in caplog.text


def test_a_key_may_have_been_copied_with_its_line_end(serve_chat: Any, completion: Callable[[str], str]) -> None:
    keys = []
    url = serve_chat(lambda asked: (keys.append(asked["key"]), (200, {}, completion("hello")))[1])

    async def go() -> str:
        async with endpoint(url, model="m", key="k\n") as send:
            return await send([{"role": "user", "content": "?"}])

    assert asyncio.run(go()) == "hello"
    assert keys == ["Bearer k"]


class Counting:
    """A meter that forbids the third request."""

    def __init__(self) -> None:
        self.admitted, self.booked = 0, list[tuple[str, int | None]]()

    def admit(self, messages: Any) -> None:
        if self.admitted == 2:
            raise PermissionError("enough")
        self.admitted += 1

    def book(self, reply: str, tokens: int | None) -> None:
        self.booked.append((reply, tokens))


def test_a_meter_is_told_of_every_request_and_may_forbid_one(serve_chat: Any, completion: Callable[[str], str]) -> None:
    counted = completion("hello").removesuffix("}") + ', "usage": {"completion_tokens": 7, "prompt_tokens": 9}}'
    replies, meter = iter([BUSY, (200, {}, counted), (200, {}, completion("hello"))]), Counting()
    url = serve_chat(lambda asked: next(replies))
    assert ask(url, meter=meter) == "hello"
    assert (meter.admitted, meter.booked) == (2, [("hello", 7)])
    with pytest.raises(PermissionError, match="enough"):
        ask(url, meter=meter)
    meter.admitted = 0
    assert ask(url, meter=meter) == "hello"
    assert meter.booked[-1] == ("hello", None)


def test_sampling_goes_into_the_request(serve_chat: Any, completion: Callable[[str], str]) -> None:
    asked = []
    url = serve_chat(lambda request: (asked.append(request), (200, {}, completion("hello")))[1])
    ask(url)
    ask(url, sampling={"temperature": 0, "chat_template_kwargs": {"enable_thinking": False}})
    assert "temperature" not in asked[0]
    assert (asked[1]["temperature"], asked[1]["chat_template_kwargs"]) == (0, {"enable_thinking": False})


@pytest.mark.parametrize("url", ["", "localhost:8000/v1", "http://", "http://[::1/v1", "http://me:planted@host:x/v1"])
def test_a_url_that_is_none_is_said_without_its_secrets(url: str) -> None:
    with pytest.raises(EndpointUnusable, match="no address of an API") as caught:
        check_url(url)
    assert "planted" not in "".join(traceback.format_exception(caught.value))


def test_a_path_beside_the_chat_is_asked_from_the_servers_root(serve_chat: Any) -> None:
    asked: list[dict[str, Any]] = []

    def rule(request: dict[str, Any]) -> Reply:
        asked.append(request)
        return BUSY if len(asked) == 1 else (200, {}, '{"tokens": [1, 2]}')

    async def go() -> Any:
        async with connection(serve_chat(rule), model="m", key="k", pause=0.01) as server:
            return await server.post("/tokenize", {"prompt": "?"}, read=lambda reply: reply["tokens"])

    assert asyncio.run(go()) == [1, 2]
    seen = {name: asked[-1][name] for name in ("path", "key", "model", "prompt")}
    assert seen == {"path": "/tokenize", "key": "Bearer k", "model": "m", "prompt": "?"}
    assert len(asked) == 2


def test_a_method_that_a_server_has_not_is_not_asked_for_twice(serve_chat: Any) -> None:
    async def go() -> Any:
        async with connection(serve_chat(lambda request: BUSY), model="m", key="k", pause=60) as server:
            return await server.get("/models", read=lambda reply: reply)  # the test server knows no GET: status 501

    with pytest.raises(Refused):
        asyncio.run(asyncio.wait_for(go(), 20))


def test_what_its_reader_finds_malformed_is_asked_for_again(serve_chat: Any, completion: Callable[[str], str]) -> None:
    replies = iter(["no number", "5"])

    async def go() -> int:
        url = serve_chat(lambda asked: (200, {}, completion(next(replies))))
        async with connection(url, model="m", key="k", pause=0.01) as server:
            return await server.complete([], {}, read=lambda reply: int(reply.choices[0].message.content))

    assert asyncio.run(go()) == 5


def test_every_request_waits_for_its_turn(serve_chat: Any, completion: Callable[[str], str]) -> None:
    replies, turns = iter([LATER, BUSY, (200, {}, completion("hello"))]), []

    class Turns:
        @asynccontextmanager
        async def turn(self) -> AsyncIterator[None]:
            try:
                yield
            except Exception as error:
                turns.append(getattr(error, "status_code", None))
                raise
            turns.append(200)

    async def go() -> str:
        url = serve_chat(lambda asked: next(replies))
        async with connection(url, model="m", key="k", pause=0.01, pace=Turns()) as server:
            return await server.complete([], {}, read=lambda reply: reply.choices[0].message.content)

    assert asyncio.run(go()) == "hello"
    assert turns == [429, 500, 200]


def test_a_stop_that_comes_together_with_a_reply_is_a_stop() -> None:
    asked: list[int] = []

    async def get(path: str, **_: Any) -> str:
        asked.append(len(asked))
        await asyncio.sleep(0)
        # The stop is due in the turn of the loop in which this reply is handed on.
        if len(asked) == 2:
            asyncio.get_running_loop().call_soon(running.cancel)
        return path

    server = Connection(SimpleNamespace(get=get), timeout=60, pause=0, tries=1, pace=None, model="m")

    async def work(job: int) -> None:
        await server.get("/", read=str)

    async def go() -> None:
        nonlocal running
        running = asyncio.ensure_future(for_each(range(9), work, concurrency=1))
        await running

    running: asyncio.Future[None]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(go())
    assert len(asked) <= 3
