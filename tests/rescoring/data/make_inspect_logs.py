"""Writes the inspect logs of this folder with the real inspect_ai, which asks a small server on loopback.

    python -m venv there && there/bin/pip install inspect_ai openai
    there/bin/python tests/rescoring/data/make_inspect_logs.py eval OUT              # one .eval file, three samples
    there/bin/python tests/rescoring/data/make_inspect_logs.py json OUT 3            # one .json file, this one

``inspect-0.3.90.eval`` was made likewise with inspect_ai 0.3.90, openai 1.78.0 and httpx below 0.28, and the samples
circle and 2. The server answers by rule, in the form of an OpenAI-compatible API with log-probabilities; everything
else is the tool's own.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

SAID = {
    "Where is the circle?": ("It is right of the star.", [("ANSWER", {}), (":", {}), (" B", {" A": -1.7, "B": -4.0})]),
    "What colour is it?": ("Red, I think.", [("ANSWER", {}), (":", {}), (" A", {" B": -2.3, " C": -3.1})]),
    "How many stars are there?": (None, [("Let", {}), (" me", {}), (" count", {})]),
}


def reply(asked):
    """A chat completion for the question in a request; the third one is cut off."""
    text = json.dumps(asked["messages"])
    question, (thought, tokens) = next((one, said) for one, said in SAID.items() if one in text)
    content = [
        {
            "token": token,
            "logprob": -0.25,
            "bytes": None,
            "top_logprobs": [
                {"token": one, "logprob": logprob, "bytes": None} for one, logprob in {token: -0.25, **top}.items()
            ],
        }
        for token, top in tokens
    ]
    message = {"role": "assistant", "content": "".join(token for token, _ in tokens)}
    if thought:
        message["reasoning_content"] = thought
    cut = question == "How many stars are there?"
    choice = {
        "index": 0,
        "finish_reason": "length" if cut else "stop",
        "message": message,
        "logprobs": {"content": content},
    }
    usage = {"prompt_tokens": 5, "completion_tokens": len(tokens), "total_tokens": 5 + len(tokens)}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "toy",
        "choices": [choice],
        "usage": usage,
    }


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def do_POST(self):
        """Reply."""
        body = reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


def main(form, folder, *wanted):
    """Run the evaluation."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    os.environ |= {"TOY_API_KEY": "none", "TOY_BASE_URL": f"http://127.0.0.1:{server.server_port}/v1"}
    from inspect_ai import Task, eval
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ChatMessageUser, ContentImage, ContentText
    from inspect_ai.scorer import choice
    from inspect_ai.solver import multiple_choice

    dot = (
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLv"
        "AAAAAElFTkSuQmCC"
    )
    samples = [
        Sample(
            id="circle",
            input=[ChatMessageUser(content=[ContentText(text="Where is the circle?"), ContentImage(image=dot)])],
            choices=["left of the star", "right of the star"],
            target="B",
            metadata={"category": "relation", "cluster": "image-1"},
        ),
        Sample(id=2, input="What colour is it?", choices=["red", "blue", "green"], target="A"),
        Sample(id=3, input="How many stars are there?", choices=["one", "two"], target="A"),
    ]
    samples = [one for one in samples if not wanted or str(one.id) in wanted]
    eval(
        Task(name="toys", dataset=samples, solver=multiple_choice(), scorer=choice(), fail_on_error=False),
        model="openai-api/toy/toy-vl",
        log_dir=folder,
        log_format=form,
        display="none",
        logprobs=True,
        top_logprobs=5,
        max_retries=0,
        log_model_api=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
