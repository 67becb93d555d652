"""Rendering a conversation whose assistant turn is already started, and the proof that it stays open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Messages = Sequence[Mapping[str, Any]]
How = Literal["template", "append"]
_OPEN = "<think>"


class PrefillRefused(RuntimeError):
    """A model or template that can't continue a started assistant turn; raised before anything is generated."""


def prefill_of(messages: Messages) -> str:
    """Text of the started assistant turn that a conversation ends in; empty where it ends in a user turn."""
    last = messages[-1]
    if last["role"] != "assistant":
        return ""
    content = last["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def pictures_of(messages: Messages) -> list[Any]:
    """The pictures of a conversation, in its order."""
    return [part["url"] for turn in messages for part in turn["content"] if part["type"] == "image"]


def render_turn(processor: Any, messages: Messages, *, model: str, how: How = "template", **template: Any) -> str:
    """Prompt text that ends in an open assistant turn, with its prefill where the conversation brings one.

    Args:
        processor: Anything with ``apply_chat_template``.
        messages: The conversation.
        model: The model's name, for errors.
        how: ``template`` asks the chat template to continue the final message; ``append`` writes the prefill behind the
            template's own generation prompt, for templates that rewrite or refuse a final assistant message.
        template: Further arguments of the chat template.

    Raises:
        PrefillRefused: The template can't be applied, or the prefill is not the end of an open assistant turn.
    """
    prefill = prefill_of(messages)
    asked = messages[:-1] if prefill else messages
    opening = _apply(processor, asked, model, add_generation_prompt=True, **template)
    if not prefill:
        return opening
    if how == "append":
        # Some templates open the thought themselves; a second <think> would not be what the model was trained on.
        return opening + (prefill.removeprefix(_OPEN) if opening.rstrip().endswith(_OPEN) else prefill)
    started = _apply(processor, messages, model, add_generation_prompt=False, continue_final_message=True, **template)
    if not started.endswith(prefill):
        raise _refused(model, f"renders {started[-60:]!r} in place of the open turn {prefill[-60:]!r}")
    if not opening.rstrip().startswith(started.removesuffix(prefill).rstrip()):
        raise _refused(model, f"puts the prefill behind {started.removesuffix(prefill)[-60:]!r}, not {opening[-60:]!r}")
    return started


def written_turn(processor: Any, tokenizer: Any, messages: Messages, *, model: str, how: How) -> tuple[str, list[int]]:
    """As ``render_turn``, with the prompt's token ids, on which it is verified to end in its prefill."""
    text = render_turn(processor, messages, model=model, how=how)
    ids = token_ids(tokenizer, text)
    verify(tokenizer, ids, prefill_of(messages), model=model)
    return text, ids


def token_ids(tokenizer: Any, text: str) -> list[int]:
    """Token ids of a rendered prompt, or of a part of one."""
    # The template writes its special tokens itself; a second start token would be one too many.
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def verify(tokenizer: Any, ids: Sequence[int], prefill: str, *, model: str) -> None:
    """Check on token ids that a prompt ends with its prefill, hence that no token closes the turn behind it.

    White space is not compared, since some tokenizers do not give theirs back. Without a prefill nothing is checked.

    Raises:
        PrefillRefused: The ids end in something else.
    """
    if not prefill:
        return
    text = tokenizer.decode(list(ids), skip_special_tokens=False)
    wanted = "".join(prefill.removeprefix(_OPEN).split())
    if not "".join(text.split()).endswith(wanted):
        raise _refused(model, f"tokenises to a prompt that ends in {text[-60:]!r}, not in {prefill[-60:]!r}")


def _apply(processor: Any, messages: Messages, model: str, **options: Any) -> str:
    try:
        return str(processor.apply_chat_template(messages, tokenize=False, **options))
    # Templates raise what they like: ValueError from transformers, TemplateError from jinja, TypeError from either.
    except Exception as error:
        raise _refused(model, f"fails: {error}") from error


def _refused(model: str, what: str) -> PrefillRefused:
    return PrefillRefused(
        f"model {model!r}: its chat template {what}. Give --model_args prefill=append to write the prefill behind the "
        "generation prompt, or a template that supports continue_final_message (model_args chat_template=FILE); or run "
        "the tasks of a group faith_*_closed, which quote the thought in the user's turn"
    )
