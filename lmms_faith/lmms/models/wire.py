"""Conversations and completions as an OpenAI-compatible server takes and gives them."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from lmms_faith.chat import Refused
from lmms_faith.parsing import Finish, answered_at

CONTINUE = {"add_generation_prompt": False, "continue_final_message": True}
"""The fields that ask a server to go on with a started assistant turn."""


@dataclass(frozen=True, slots=True)
class Token:
    """One generated token: its bytes, and the likeliest tokens at its place with their log-probabilities."""

    raw: bytes
    top: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One completion.

    Attributes:
        text: What the model wrote, with a thought that the server gave apart put back into its tags.
        said: The part of the text behind such a thought; all of it where there is none. Both end where the answer is
            closed; see ``parsing.answered_at``.
        finish: Why it ended.
        tokens: Its tokens; empty where the server gives no log-probabilities.
        prompt_tokens, output_tokens: As the server counts them; None where it does not.
        cached_tokens: Those of the prompt's that came from its prefix cache; None where it does not say.
    """

    text: str
    said: str
    finish: Finish
    tokens: tuple[Token, ...]
    prompt_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None = None


def outgoing(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A conversation of ours as JSON: pictures as PNG, which loses nothing, and an assistant turn as plain text."""
    return [{"role": turn["role"], "content": _content(turn, _png)} for turn in messages]


def pictureless(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same with nothing in the pictures' places."""
    return [{"role": turn["role"], "content": _content(turn, lambda image: "")} for turn in messages]


def sampling(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The host's generation arguments as a server takes them, but for the length; unknown ones are left out."""
    fields: dict[str, Any] = {"temperature": float(asked.get("temperature") or 0)}
    if fields["temperature"]:
        fields |= {key: asked[key] for key in ("top_p", "top_k", "seed") if asked.get(key) is not None}
    if asked.get("until"):
        fields["stop"] = list(asked["until"])
    return fields


def read_reply(reply: Any, *, prefill: str = "") -> Reply:
    """Read a chat completion.

    Args:
        reply: As the openai package gives it.
        prefill: Start of the assistant turn that was continued.

    Raises:
        ValueError: It is none.
        Refused: The model or a filter of the server's refuses.
    """
    data = reply.model_dump(warnings=False) if hasattr(reply, "model_dump") else None
    choices = data.get("choices") if isinstance(data, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(data, dict) or not isinstance(choice, dict) or not isinstance(message, dict):
        raise ValueError("no choice with a message")
    said, thought = message.get("content"), message.get("reasoning_content") or message.get("reasoning")
    if choice.get("finish_reason") == "content_filter" or (message.get("refusal") and not said):
        raise Refused("the model refuses")
    if not isinstance(said, str) and not isinstance(thought, str):
        raise ValueError("no text")
    said = said if isinstance(said, str) else ""
    finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
    before = _thought(thought, prefill, closed=bool(said) or finish == "stop") if isinstance(thought, str) else ""
    usage = data.get("usage")
    text = before + said
    answered = answered_at(text, prefill=prefill)
    return Reply(
        text=text[:answered],
        said=text[len(before) : answered],
        finish=finish if answered is None else "stop",
        tokens=_tokens(choice.get("logprobs")),
        prompt_tokens=_count(usage, "prompt_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details") if isinstance(usage, dict) else None, "cached_tokens"),
    )


def _content(turn: Mapping[str, Any], written: Callable[[Image.Image], str]) -> Any:
    content = turn["content"]
    if isinstance(content, str):
        return content
    if turn["role"] == "assistant":
        return "".join(part["text"] for part in content)
    return [
        {"type": "image_url", "image_url": {"url": written(part["url"])}}
        if part["type"] == "image"
        else {"type": "text", "text": part["text"]}
        for part in content
    ]


def _png(image: Image.Image) -> str:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _thought(thought: str, prefill: str, *, closed: bool) -> str:
    """A thought that a server gave apart, back in its tags, of which the prefill may hold the first."""
    start = "" if prefill.rfind("<think>") > prefill.rfind("</think>") else "<think>"
    return start + thought + ("</think>" if closed else "")


def _tokens(logprobs: Any) -> tuple[Token, ...]:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return ()
    try:
        return tuple(Token(_raw(one), tuple(map(_ranked, one.get("top_logprobs") or ()))) for one in content)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("log-probabilities in a form of their own") from error


def _ranked(top: Mapping[str, Any]) -> tuple[str, float]:
    return str(top["token"]), float(top["logprob"])


def _raw(one: Mapping[str, Any]) -> bytes:
    # Where a character is spread over tokens, their texts hold replacement characters, and only the bytes add up.
    return bytes(one["bytes"]) if isinstance(one.get("bytes"), list) else str(one["token"]).encode()


def _count(usage: Any, name: str) -> int | None:
    found = usage.get(name) if isinstance(usage, dict) else None
    return found if isinstance(found, int) and found >= 0 else None
