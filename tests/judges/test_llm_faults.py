"""The language model judge against servers that fail, hang, cut off, talk nonsense and quote the key."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lmms_faith.chat import EndpointUnusable
from lmms_faith.judges import LLMJudge, agrees, llm_judge, verdicts
from lmms_faith.judges.llm import STREAK
from lmms_faith.record import Opinion, Record, to_json

pytestmark = pytest.mark.slow

Make = Callable[..., Record]
KEY, USER, PASSWORD = "sk-planted-0123456789", "planted-user", "planted-password"
SECRETS = (KEY, USER, PASSWORD, "cGxhbnRlZC11c2VyOnBsYW50ZWQtcGFzc3dvcmQ=")
"""The last one is name and password as a header carries them."""


def judge_of(url: str, **options: Any) -> LLMJudge:
    return llm_judge(url, "m", **{"pause": 0.01, "key": KEY} | options)


def many(make_record: Make, n: int) -> list[Record]:
    colours = ("red", "blue", "green")
    return [make_record(item_id=str(i), think=f"Item {i}: it is {colours[i % 3]}.") for i in range(n)]


def three_in_ten(reasoning: str, before: int) -> bool:
    """Fails three requests in ten: the same ones in every run, whatever their order."""
    return hashlib.sha256(f"{reasoning} {before}".encode()).digest()[0] < 0.3 * 256


def test_three_failures_in_ten_leave_every_record_judged(
    url: str, respondent: Any, make_record: Make, tmp_path: Path
) -> None:
    respondent.fault = lambda reasoning, before: (500, {}, "{}") if three_in_ten(reasoning, before) else None
    records, cache = many(make_record, 60), tmp_path / "c.sqlite"
    opinions = judge_of(url, cache=cache).judge(records)
    assert [opinion.conclusion for opinion in opinions] == [i % 3 for i in range(60)]
    assert set(respondent.answered.values()) == {1}
    failed = 1 - respondent.answered.total() / respondent.sent.total()
    assert 0.2 < failed < 0.4
    asked = respondent.sent.total()
    assert judge_of(url, cache=cache).judge(records) == opinions
    assert respondent.sent.total() == asked


BODY = json.dumps(
    {"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "A"}}]}
)
CUT = (0, {}, "")


@pytest.mark.parametrize(
    ("fault", "note"),
    [
        pytest.param((500, {}, "{}"), "no reply (InternalServerError)", id="500"),
        pytest.param((429, {"Retry-After": "0.01"}, "{}"), "no reply (RateLimitError)", id="429"),
        pytest.param((408, {}, "{}"), "no reply (APIStatusError)", id="408"),
        pytest.param((200, {}, "<html>"), "no reply (Malformed)", id="garbage"),
        pytest.param((200, {}, BODY[:60]), "no reply (Malformed)", id="truncated body"),
        pytest.param((200, {}, "[" * 100_000), "no reply (Malformed)", id="nested body"),
        pytest.param((200, {}, '{"choices": [null]}'), "no reply (Malformed)", id="no message"),
        pytest.param((200, {}, '{"choices": {"a": 1}}'), "no reply (Malformed)", id="no choices"),
        pytest.param((200, {"Content-Length": "9999"}, BODY), "no reply (APIConnectionError)", id="cut in the body"),
        pytest.param(CUT, "no reply (APIConnectionError)", id="cut before the body"),
        pytest.param((400, {}, "{}"), "no reply (BadRequestError)", id="refused"),
        pytest.param("It ends on A.", "the reply can't be used: it is no JSON", id="prose"),
        pytest.param('{"conclusion": "A"', "the reply can't be used: it is no JSON", id="truncated JSON"),
        pytest.param("<think>Hm, {}", "the reply can't be used: it is no JSON", id="thinks for ever"),
        pytest.param("", "the reply can't be used: it is no JSON", id="silence"),
        pytest.param('{"conclusion": "D"}', "the reply can't be used: its conclusion is no letter", id="no option"),
    ],
)
def test_what_fails_for_good_is_unjudged(
    fault: Any, note: str, url: str, respondent: Any, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 3)
    respondent.fault = lambda reasoning, before: fault if "Item 1:" in reasoning else None
    records = many(make_record, 3)
    opinions = judge_of(url).judge(records)
    assert [opinion.outcome for opinion in opinions] == ["decided", "unjudged", "decided"]
    assert opinions[1].note is not None
    assert opinions[1].note.startswith(note)
    assert agrees(records[1], opinions[1]) is None


def test_a_server_that_hangs_is_left_after_its_time(
    url: str, respondent: Any, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine a reply may be late without having been held back.
    monkeypatch.setattr("lmms_faith.chat.TRIES", 4)

    def fault(reasoning: str, before: int) -> None:
        if "Item 1:" in reasoning or ("Item 2:" in reasoning and before == 0):
            time.sleep(1)

    respondent.fault = fault
    opinions = judge_of(url, timeout=0.5).judge(many(make_record, 3))
    assert [opinion.outcome for opinion in opinions] == ["decided", "unjudged", "decided"]
    assert opinions[1].note in ("no reply (APITimeoutError)", "no reply (TimeoutError)")
    assert respondent.sent["Item 1: it is blue."] == 4
    assert respondent.sent["Item 2: it is green."] > 1


def test_a_client_that_was_told_to_wait_does(url: str, respondent: Any, make_record: Make) -> None:
    at: list[float] = []

    def fault(reasoning: str, before: int) -> Any:
        at.append(time.monotonic())
        return (429, {"Retry-After": "0.5"}, "{}") if before == 0 else None

    respondent.fault = fault
    assert judge_of(url).judge([make_record()])[0].outcome == "decided"
    assert len(at) == 2
    assert at[1] - at[0] >= 0.5


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ((401, {}, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}})), "status 401"),
        ((404, {}, json.dumps({"error": {"message": "no model m"}})), "refuses model 'm'"),
        ((429, {}, json.dumps({"error": {"code": "insufficient_quota"}})), "nothing left to spend"),
        ((402, {}, "{}"), "nothing left to spend"),
    ],
    ids=["key", "model", "quota", "balance"],
)
def test_an_endpoint_of_no_use_ends_it_at_once(
    reply: Any, message: str, url: str, respondent: Any, make_record: Make
) -> None:
    respondent.fault = lambda reasoning, before: reply
    with pytest.raises(EndpointUnusable, match=message):
        judge_of(url, concurrency=2).judge(many(make_record, 30))
    assert respondent.sent.total() <= 2


def test_a_server_that_was_never_there_ends_it(make_record: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    with pytest.raises(EndpointUnusable, match="can't be reached"):
        judge_of("http://127.0.0.1:9/v1").judge([make_record()])


def test_a_server_that_went_down_leaves_the_rest_unjudged(
    url: str, respondent: Any, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    judge, records = judge_of(url), many(make_record, 30)
    assert judge.judge(records[:1])[0].outcome == "decided"
    # The same judge, whose server is no longer there.
    object.__setattr__(judge, "url", "http://127.0.0.1:9/v1")
    opinions = judge.judge(records)
    assert {opinion.outcome for opinion in opinions} == {"unjudged"}
    assert {opinion.note for opinion in opinions} == {"the endpoint can't be reached any more"}
    # Eight were asked at once, twice each; then no more, not even by the next call.
    asked = judge.purse.requests
    assert asked <= 1 + 8 * 2
    assert judge.judge(records) == opinions
    assert judge.purse.requests == asked


def test_a_server_that_gives_no_reply_to_anything_is_given_up(
    url: str, respondent: Any, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    respondent.fault = lambda reasoning, before: (503, {}, "{}")
    judge, records = judge_of(url, concurrency=4), many(make_record, 60)
    # A streak goes on from call to call.
    opinions = [opinion for start in range(0, 60, 10) for opinion in judge.judge(records[start : start + 10])]
    assert {opinion.outcome for opinion in opinions} == {"unjudged"}
    assert opinions[-1].note == f"not asked: {STREAK} questions in a row got no reply"
    assert STREAK * 2 <= respondent.sent.total() <= (STREAK + 4) * 2


def test_requests_that_are_refused_stop_no_others(url: str, respondent: Any, make_record: Make) -> None:
    refused = {f"Item {i}:" for i in range(2 * STREAK)}
    respondent.fault = lambda reasoning, before: (400, {}, "{}") if reasoning[:8].rstrip(" it") in refused else None
    opinions = judge_of(url).judge(many(make_record, 2 * STREAK + 5))
    assert [opinion.outcome for opinion in opinions] == ["unjudged"] * 2 * STREAK + ["decided"] * 5


def test_replies_in_between_keep_a_judge_going(
    url: str, respondent: Any, make_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 1)
    respondent.fault = lambda reasoning, before: None if "green" in reasoning else (500, {}, "{}")
    opinions = judge_of(url, concurrency=1).judge(many(make_record, 3 * STREAK))
    assert [opinion.outcome for opinion in opinions] == ["unjudged", "unjudged", "decided"] * STREAK


def quote(request: dict[str, Any]) -> str:
    """What a careless server says."""
    return f"{request['key']} {KEY} {USER}:{PASSWORD}"


@pytest.mark.parametrize("status", [200, 400, 401, 500])
@pytest.mark.parametrize("credentials", ["", f"{USER}:{PASSWORD}@"], ids=["key", "credentials"])
def test_no_secret_is_written_anywhere(
    status: int,
    credentials: str,
    serve_chat: Any,
    completion: Callable[[str], str],
    make_record: Make,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lmms_faith.chat.TRIES", 2)
    caplog.set_level(logging.DEBUG)
    keys: list[str] = []

    def rule(request: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        keys.append(request["key"])
        if status != 200:
            return status, {}, json.dumps({"error": {"message": quote(request)}})
        good = '{"conclusion": "A"}' if len(keys) % 2 else json.dumps({"conclusion": quote(request)})
        return 200, {}, completion(f"<think>{quote(request)}</think>\n{good}")

    url = serve_chat(rule).replace("://", f"://{credentials}")
    judge = judge_of(url, cache=tmp_path / "c.sqlite", concurrency=1)
    written = [repr(judge), judge.id]
    try:
        written += [json.dumps(to_json(verdict)) for verdict in verdicts(many(make_record, 4), judge)]
    except EndpointUnusable as error:
        assert status == 401
        written.append("".join(traceback.format_exception(error)))
    written += [record.getMessage() + str(record.args) for record in caplog.records] + list(capfd.readouterr())
    written += [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir()]
    assert len(written) > 6
    assert [secret for secret in SECRETS if any(secret in text for text in written)] == []
    # It did go where it belongs.
    assert set(keys) == {f"Basic {SECRETS[3]}" if credentials else f"Bearer {KEY}"}


def test_a_secret_that_the_reasoning_holds_itself_is_left_to_the_reasoning(
    url: str, respondent: Any, make_record: Make
) -> None:
    respondent.fault = lambda reasoning, before: json.dumps({"value": KEY})
    record = make_record(kind="text", options=(), answer=None, target=None, said="x", gold="x", hit="gold", claimed="y")
    assert judge_of(url).judge([record]) == [
        Opinion(outcome="unjudged", note="the reply can't be used: its value does not stand in the reasoning")
    ]
