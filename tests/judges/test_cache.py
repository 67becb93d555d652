from __future__ import annotations

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.chat import Message
from lmms_faith.judges.cache import ReplyCache, reply_key

pytestmark = pytest.mark.slow

ASKED: dict[str, Any] = {
    "model": "m",
    "prompt": "p-1",
    "messages": [{"role": "user", "content": "?"}],
    "sampling": {"temperature": 0, "top_p": 1},
}


def key_of(**changed: Any) -> str:
    values = ASKED | changed
    return reply_key(values["model"], values["prompt"], values["messages"], values["sampling"])


def put(cache: ReplyCache, key: str, reply: str) -> None:
    cache.put(key, reply, model="m", prompt="p-1")


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "n"},
        {"prompt": "p-2"},
        {"messages": [{"role": "user", "content": "? "}]},
        {"messages": [{"role": "system", "content": "?"}]},
        {"messages": [*ASKED["messages"], {"role": "user", "content": ""}]},
        {"sampling": {"temperature": 1, "top_p": 1}},
        {"sampling": {}},
        {"model": "m\0p-1", "prompt": ""},
    ],
)
def test_a_key_depends_on_all_that_was_asked(changed: dict[str, Any]) -> None:
    assert key_of(**changed) != key_of()


def test_a_key_stays_the_same() -> None:
    asked = '["m", "p-1", [{"content": "?", "role": "user"}], {"temperature": 0, "top_p": 1}]'
    assert key_of() == hashlib.sha256(asked.encode()).hexdigest()
    assert key_of(sampling={"top_p": 1, "temperature": 0}) == key_of()


@given(st.lists(st.text(), min_size=2, max_size=2, unique=True))
def test_different_texts_have_different_keys(texts: list[str]) -> None:
    one, other = (key_of(messages=[Message(role="user", content=text)]) for text in texts)
    assert one != other


def test_replies_come_back_as_they_were(tmp_path: Path) -> None:
    replies = {"a": '{"conclusion": null}', "b": "", "c": "红\ud800\0\r\n", "d": "x" * 1_000_000}
    with ReplyCache(tmp_path / "new" / "c.sqlite") as cache:
        for key, reply in replies.items():
            put(cache, key, reply)
        assert cache.get([*replies, "e"]) == replies
        assert cache.get([]) == {}
    with ReplyCache(tmp_path / "new" / "c.sqlite") as cache:
        assert cache.get(list(replies)) == replies


def test_a_later_reply_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    with ReplyCache(tmp_path / "c.sqlite") as cache:
        put(cache, "a", "1")
        put(cache, "a", "2")
        assert cache.get(["a"]) == {"a": "2"}


def test_more_keys_than_one_statement_takes_are_found(tmp_path: Path) -> None:
    keys = [str(number) for number in range(1_200)]
    with ReplyCache(tmp_path / "c.sqlite") as cache:
        for key in keys[::100]:
            put(cache, key, key)
        assert sorted(cache.get(keys)) == sorted(keys[::100])


def test_a_reply_is_there_for_others_before_the_file_is_closed(tmp_path: Path) -> None:
    with ReplyCache(tmp_path / "c.sqlite") as one, ReplyCache(tmp_path / "c.sqlite") as other:
        put(one, "a", "1")
        assert other.get(["a"]) == {"a": "1"}
        put(other, "b", "2")
        assert one.get(["a", "b"]) == {"a": "1", "b": "2"}


def test_many_may_open_and_write_a_new_file_at_once(tmp_path: Path) -> None:
    def write(number: int) -> None:
        with ReplyCache(tmp_path / "c.sqlite") as cache:
            for turn in range(10):
                put(cache, f"{number}-{turn}", "r")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    with ReplyCache(tmp_path / "c.sqlite") as cache:
        assert len(cache.get([f"{number}-{turn}" for number in range(8) for turn in range(10)])) == 80


def test_who_opens_a_file_waits_for_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    ReplyCache(path).close()
    reader = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    assert reader.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM replies").fetchone()
    Timer(0.2, reader.close).start()
    with ReplyCache(path) as cache:
        put(cache, "a", "1")
        assert cache.get(["a"]) == {"a": "1"}


def text(path: Path) -> None:
    path.write_text("no database\n" * 200)


def other_database(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE notes (note TEXT)")
    file.close()


def later_layout(path: Path) -> None:
    ReplyCache(path).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 2")
    file.close()


@pytest.mark.parametrize("make", [text, other_database, later_layout, Path.mkdir])
def test_what_is_no_cache_is_refused_and_left_alone(make: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(OSError, match=r"cache .*c\.sqlite can't be used \(.*\); name another file"):
        ReplyCache(path)
    assert before == (None if path.is_dir() else path.read_bytes())
