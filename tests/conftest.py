"""What the core tests share: one toy item, records made from a few words, quick and repeatable properties."""

import json
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from hypothesis import settings
from records import record

from lmms_faith.item import Item
from lmms_faith.record import Record

# Started in the background of a script a process ignores Ctrl-C, and so would all that the tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def toy() -> Item:
    """The item of the committed prompts."""
    return Item(
        id="toy-1",
        benchmark="toys",
        question="Where is the circle?",
        options=("left of the star", "right of the star", "above the star", "below the star"),
        answer=1,
        category="relation",
        claim="The circle is {option}.",
        cluster="image-1",
    )


@pytest.fixture(scope="session")
def make_record() -> Callable[..., Record]:
    """A record of a right answer, with the named fields replaced, and what follows from options and indices."""
    return record


Rule = Callable[[dict[str, Any]], tuple[int, dict[str, str], str | Iterable[str]] | None]


@pytest.fixture
def serve_chat() -> Iterator[Callable[[Rule], str]]:
    """An OpenAI-compatible server on loopback: takes a rule from request to (status, headers, body), gives its URL.

    Where the rule gives None, the connection is cut; where it gives a Content-Length beyond the body, it is cut there.
    A body may come in pieces, as slowly as they are made.
    """
    servers: list[ThreadingHTTPServer] = []

    def serve(rule: Rule) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                reply = rule(asked | {"path": self.path, "key": self.headers["Authorization"]})
                if reply is None:
                    return
                status, headers, body = reply
                usual = {"Content-Type": "application/json"}
                if isinstance(body, str):
                    body, usual["Content-Length"] = [body], str(len(body.encode()))
                self.send_response(status)
                for name, value in (usual | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                # A client that has gone is the client's affair.
                with suppress(ConnectionError):
                    for piece in body:
                        self.wfile.write(piece.encode())

            def log_message(self, *_: Any) -> None: ...

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/v1"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def completion() -> Callable[[str], str]:
    """The body of a chat completion with some text."""

    def body(text: str) -> str:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]})

    return body
