"""Replies of a model on disk, found by a hash of all that was asked."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lmms_faith.chat import Message

_LAYOUT = 1
_PATIENCE = 60.0
"""Seconds to wait for another process that writes."""
_CHUNK = 500
"""Keys looked up at a time; SQLite takes at most 999 parameters in its older builds."""


def reply_key(model: str, prompt: str, messages: Sequence[Message], sampling: Mapping[str, Any]) -> str:
    """Hash, in hex digits, of all that a reply depends on: model, prompt version, messages and sampling."""
    asked = json.dumps([model, prompt, list(messages), dict(sampling)], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


class ReplyCache:
    """One SQLite file of replies by key. Several processes may read and write it at once.

    A reply is on disk once ``put`` returns: a process that is killed loses none, and breaks nothing. The file has to
    be on a local disk, since SQLite's write-ahead log needs memory that processes share.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which is made, with its folders, where it is missing.

        Raises:
            OSError: The file can't be opened or is no cache of ours; the message names it.
        """
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._named():
            self._open()

    def get(self, keys: Sequence[str]) -> dict[str, str]:
        """The replies that are there, by key.

        Raises:
            OSError: The file can't be read; the message names it.
        """
        found: dict[str, str] = {}
        with self._named():
            for start in range(0, len(keys), _CHUNK):
                chunk = keys[start : start + _CHUNK]
                marks = ",".join("?" * len(chunk))
                rows = self._file.execute(f"SELECT key, reply FROM replies WHERE key IN ({marks})", chunk)
                found.update((key, reply.decode("utf-8", "surrogatepass")) for key, reply in rows)
        return found

    def put(self, key: str, reply: str, *, model: str, prompt: str) -> None:
        """Keep a reply, in place of an earlier one; model and prompt version are there for people to see.

        Raises:
            OSError: The file can't be written; the message names it.
        """
        row = key, reply.encode("utf-8", "surrogatepass"), model, prompt
        with self._named():
            self._file.execute("INSERT OR REPLACE INTO replies (key, reply, model, prompt) VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> ReplyCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        # Every statement commits by itself. One thread uses it at a time, but not always the one that opened it.
        self._file = sqlite3.connect(self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            self._check()
            self._use_write_ahead_log()
            self._file.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            self._file.close()
            raise

    def _check(self) -> None:
        """Lay out an empty file, and refuse one that is laid out otherwise."""
        self._file.execute("BEGIN IMMEDIATE")
        (layout,) = self._file.execute("PRAGMA user_version").fetchone()
        (tables,) = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if layout == 0 and tables == 0:
            self._file.execute(
                "CREATE TABLE replies (key TEXT PRIMARY KEY, reply BLOB NOT NULL, model TEXT NOT NULL, "
                "prompt TEXT NOT NULL) WITHOUT ROWID"
            )
            self._file.execute(f"PRAGMA user_version = {_LAYOUT}")
        elif layout != _LAYOUT:
            raise sqlite3.DatabaseError(f"layout {layout}, this version reads {_LAYOUT}")
        self._file.execute("COMMIT")

    def _use_write_ahead_log(self) -> None:
        # Where several connections turn to the log at the same moment, SQLite refuses some at once, time-out or not.
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._file.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > until:
                    raise
                time.sleep(0.01)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OSError(f"cache {self._path} can't be used ({error}); name another file") from error
