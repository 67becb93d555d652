"""What the core tests share: one toy item, records made from a few words, quick and repeatable properties."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from hypothesis import settings

from lmms_faith.item import Item
from lmms_faith.record import Record

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

    def make(**changed: Any) -> Record:
        values: dict[str, Any] = {
            "model": "m",
            "benchmark": "toys",
            "condition": "base",
            "item_id": "1",
            "category": None,
            "cluster": "1",
            "family": "1",
            "question": "What colour is it?",
            "kind": "choice",
            "precision": None,
            "extras": {},
            "options": ("red", "blue", "green"),
            "answer": 0,
            "target": 1,
            "prefill": "",
            "completion": "<think>It is red.</think><answer>A</answer>",
            "status": "answered",
            "think": "It is red.",
            "prediction": 0,
            "finish": "stop",
            "letter_logprobs": None,
            "letter_source": None,
            "conclusion_logprobs": None,
            "value_logprobs": None,
            "error": None,
            "seed": 0,
            "versions": {"lmms_faith": "0"},
        } | changed

        def text(index: str) -> str | None:
            place, options = values[index], values["options"]
            return options[place] if place is not None and place < len(options) else None

        follows: dict[str, Any] = {"gold": text("answer"), "claimed": text("target"), "said": text("prediction")}
        values = follows | values
        hits = {values["claimed"]: "claimed", values["gold"]: "gold"}
        hit = None if values["said"] is None else hits.get(values["said"], "other")
        return Record(**({"hit": hit} | values))

    return make


Rule = Callable[[dict[str, Any]], tuple[int, dict[str, str], str]]


@pytest.fixture
def serve_chat() -> Iterator[Callable[[Rule], str]]:
    """An OpenAI-compatible server on loopback: takes a rule from request to (status, headers, body), gives its URL."""
    servers: list[ThreadingHTTPServer] = []

    def serve(rule: Rule) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers, body = rule(asked | {"path": self.path, "key": self.headers["Authorization"]})
                content = body.encode()
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None: ...

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, daemon=True).start()
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
