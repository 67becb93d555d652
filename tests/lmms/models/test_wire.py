"""What is sent to an OpenAI-compatible server, and what is read out of its replies."""

import base64
import io
import json

import pytest
from PIL import Image

from lmms_faith.chat import Refused
from lmms_faith.lmms.models.wire import outgoing, pictureless, read_reply, sampling

pytestmark = pytest.mark.host


class Completion:
    def __init__(self, data):
        self.model_dump = lambda warnings: data


def reply(message, finish="stop", **more):
    return Completion({"choices": [{"message": message, "finish_reason": finish, **more}]})


def test_a_picture_is_sent_losslessly_and_first():
    image = Image.effect_noise((9, 7), 80).convert("RGB")
    content = [{"type": "image", "url": image}, {"type": "text", "text": "What?"}]
    [turn] = json.loads(json.dumps(outgoing([{"role": "user", "content": content}])))
    picture, text = turn["content"]
    kind, data = picture["image_url"]["url"].split(",")
    assert (kind, text) == ("data:image/png;base64", {"type": "text", "text": "What?"})
    assert Image.open(io.BytesIO(base64.b64decode(data))).tobytes() == image.tobytes()


def test_without_pictures_it_says_where_they_stand():
    image = Image.new("RGB", (2, 2))
    content = [{"type": "image", "url": image}, {"type": "text", "text": "What?"}]
    [turn] = pictureless([{"role": "user", "content": content}])
    assert turn["content"] == [{"type": "image_url", "image_url": {"url": ""}}, {"type": "text", "text": "What?"}]


@pytest.mark.parametrize(
    ("usage", "prompt", "cached"),
    [
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}, 9, 4),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 0}}, 9, 0),
        ({"prompt_tokens": 9, "prompt_tokens_details": None}, 9, None),
        ({"prompt_tokens": 9}, 9, None),
        (None, None, None),
    ],
)
def test_tokens_as_the_server_counts_them(usage, prompt, cached):
    data = {"choices": [{"message": {"content": "A"}, "finish_reason": "stop"}], "usage": usage}
    found = read_reply(Completion(data))
    assert (found.prompt_tokens, found.cached_tokens) == (prompt, cached)


def test_a_started_turn_is_sent_as_plain_text():
    started = {
        "role": "assistant",
        "content": [{"type": "text", "text": "<think>It is "}, {"type": "text", "text": "red"}],
    }
    assert outgoing([started]) == [{"role": "assistant", "content": "<think>It is red"}]


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        ({"max_new_tokens": 9, "do_sample": False, "faith_condition": "base", "until": []}, {"temperature": 0}),
        ({"temperature": 0, "top_p": 0.5}, {"temperature": 0}),
        ({"temperature": 0.7, "top_p": 0.5, "seed": 3}, {"temperature": 0.7, "top_p": 0.5, "seed": 3}),
        ({"until": ["</answer>"]}, {"temperature": 0, "stop": ["</answer>"]}),
    ],
)
def test_sampling(asked, fields):
    assert sampling(asked) == fields


OPEN, CLOSED = "<think>It is red", "<think>It is red.</think>"


@pytest.mark.parametrize(
    ("message", "finish", "prefill", "text", "end"),
    [
        ({"content": "<answer>A</answer>"}, "stop", "", "<answer>A</answer>", "stop"),
        ({"content": "<answer>A"}, "length", "", "<answer>A", "length"),
        ({"content": ""}, "stop", "", "", "stop"),
        ({"content": "A", "reasoning_content": "Red."}, "stop", "", "<think>Red.</think>A", "stop"),
        ({"content": "A", "reasoning": "Red."}, "stop", "", "<think>Red.</think>A", "stop"),
        ({"content": None, "reasoning_content": "Red"}, "length", "", "<think>Red", "length"),
        ({"content": "A", "reasoning_content": ", no."}, "stop", OPEN, ", no.</think>A", "stop"),
        ({"content": "A", "reasoning_content": "No."}, "stop", CLOSED, "<think>No.</think>A", "stop"),
        ({"content": "A", "reasoning_content": ""}, "tool_calls", "", "A", "stop"),
    ],
)
def test_text_and_end(message, finish, prefill, text, end):
    found = read_reply(reply(message, finish), prefill=prefill)
    assert (found.text, found.finish, found.tokens, found.prompt_tokens) == (text, end, (), None)
    assert found.said == (message["content"] or "")


def test_tokens_come_with_their_bytes_and_the_likeliest():
    tops = [{"token": "A", "logprob": -0.5}, {"token": "B", "logprob": -1}]
    content = [{"token": "A", "logprob": -0.5, "bytes": [65], "top_logprobs": tops}, {"token": "ï", "logprob": -1.0}]
    first, second = read_reply(reply({"content": "Aï"}, logprobs={"content": content})).tokens
    assert (first.raw, first.top) == (b"A", (("A", -0.5), ("B", -1.0)))
    assert (second.raw, second.top) == ("ï".encode(), ())


@pytest.mark.parametrize("said", [{"content": None, "refusal": "No."}, {"content": "", "refusal": "No."}])
def test_a_refusal_is_no_answer(said):
    with pytest.raises(Refused):
        read_reply(reply(said))


def test_what_a_filter_cut_is_no_answer():
    with pytest.raises(Refused):
        read_reply(reply({"content": "<answer>"}, "content_filter"))


MALFORMED = {
    "text": "<html>",
    "nothing": Completion(None),
    "no choices": Completion({"error": "x"}),
    "no choice": Completion({"choices": []}),
    "a choice of another form": Completion({"choices": ["A"]}),
    "no message": Completion({"choices": [{}]}),
    "no text": reply({"content": None}),
    "tokens of another form": reply({"content": "A"}, logprobs={"content": ["A"]}),
    "likeliest of another form": reply(
        {"content": "A"}, logprobs={"content": [{"token": "A", "top_logprobs": [{"token": "A", "logprob": None}]}]}
    ),
}


@pytest.mark.parametrize("got", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_completion_is_said_to_be_none(got):
    with pytest.raises(ValueError):  # noqa: PT011 - the reader's caller asks for no more
        read_reply(got)


def test_a_reply_ends_where_the_answer_is_closed():
    said = "</think><answer>B</answer> Or <answer>A</answer>, since"
    found = read_reply(reply({"content": said}, finish="length"), prefill="<think>Red.")
    assert (found.text, found.said, found.finish) == ("</think><answer>B</answer>",) * 2 + ("stop",)
    apart = read_reply(reply({"content": "<answer>B</answer>\nDone.", "reasoning_content": "Red."}))
    assert (apart.text, apart.said) == ("<think>Red.</think><answer>B</answer>", "<answer>B</answer>")
    open_thought = read_reply(reply({"content": "Is it <answer>B</answer>"}, finish="length"), prefill="<think>")
    assert (open_thought.text, open_thought.finish) == ("Is it <answer>B</answer>", "length")
