"""What a server can do, found by trying it: prefills, log-probabilities, pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

from lmms_faith.chat import Connection, EndpointUnreachable, EndpointUnusable, NoReply, Refused
from lmms_faith.item import LETTERS
from lmms_faith.lmms.models.wire import CONTINUE, Reply, Token, outgoing, read_reply
from lmms_faith.parsing.listed import FORMS

TOP = (20, 5)
"""How many of the likeliest tokens are asked for; servers differ in the most that they give."""
_Messages = list[dict[str, Any]]
_ASK: dict[str, Any] = {"role": "user", "content": "Which colour is the sky?"}
# One thought left open and one closed, each short and longer: some templates cut a closed thought out of the turn.
_THOUGHTS = (
    ("<think>The sky is blue", "<think>The sky is blue. It has always been blue, so the answer is clear"),
    ("<think>The sky is blue.</think>", "<think>The sky is blue. It has always been blue.</think>"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What was seen.

    Attributes:
        prefill: How a server was seen to continue a started assistant turn: ``ids`` on the prompt's token ids, which it
            gives under ``/tokenize``; ``count`` on the number of the prompt's tokens alone; None where it was not.
        no_prefill: Why not; empty where it was.
        top: How many of the likeliest tokens come with each token; 0 where none do.
        letter_ids: Token ids whose log-probabilities the server gives by ``logprob_token_ids``; empty where it can't.
        images: Whether it takes pictures.
        length: The name of the field that bounds a completion's length.
    """

    prefill: Literal["ids", "count"] | None
    no_prefill: str
    top: int
    letter_ids: tuple[int, ...]
    images: bool
    length: str

    @property
    def logprobs(self) -> dict[str, Any]:
        """The fields that ask for log-probabilities of letters; none where the server gives none."""
        if not self.top:
            return {}
        ids = {"logprob_token_ids": list(self.letter_ids)} if self.letter_ids else {}
        return {"logprobs": True, "top_logprobs": self.top, **ids}

    def described(self) -> str:
        """One line for logs."""
        prefill = f"prefill seen by token {self.prefill}" if self.prefill else f"no prefill ({self.no_prefill})"
        logprobs = "logprob_token_ids" if self.letter_ids else f"top_logprobs {self.top}" if self.top else "none"
        return f"{prefill}; log-probabilities: {logprobs}; images: {'yes' if self.images else 'no'}"


async def probe(server: Connection) -> Abilities:
    """Try a server, with a dozen requests of one token each.

    Raises:
        NoReply: It does not answer the plainest request.
        EndpointUnusable: See there.
    """
    length, plain = "max_tokens", await _asked(server, [_ASK], {"max_tokens": 1})
    if isinstance(plain, Refused):
        length = "max_completion_tokens"
        plain = await _asked(server, [_ASK], {length: 1})
    if not isinstance(plain, Reply):
        raise plain
    short = {length: 1, "temperature": 0}
    top = 0
    for asked in TOP:
        seen = _first(await _asked(server, [_ASK], short | {"logprobs": True, "top_logprobs": asked}))
        if seen is not None and seen.top:
            top = min(asked, len(seen.top))
            break
    how, why = await _prefill(server, short, plain)
    return Abilities(
        prefill=how,
        no_prefill=why,
        top=top,
        letter_ids=await _letter_ids(server, short, top) if top else (),
        images=await _images(server, short, plain),
        length=length,
    )


async def prompt_of(server: Connection, messages: _Messages) -> tuple[int, str] | None:
    """How many token ids a server makes of a conversation, and the text that they stand for.

    Returns:
        None where it has no ``/tokenize`` or ``/detokenize`` that takes a conversation.
    """
    more = CONTINUE if messages[-1]["role"] == "assistant" else {"add_generation_prompt": True}
    ids = await _ids(server, {"messages": messages, **more})
    if ids is None:
        return None
    try:
        text = await server.post("/detokenize", {"tokens": ids}, read=_field("prompt", str))
    except (NoReply, EndpointUnusable):
        return None
    return len(ids), text


async def entry_of(server: Connection, model: str) -> dict[str, Any] | None:
    """What a server's list of models says of one, such as where its weights are from and how long a prompt may be.

    Returns:
        Names and plain values, without the time at which it was started; None where it lists no such model.
    """

    def read(reply: Any) -> dict[str, Any] | None:
        listed = reply.get("data") if isinstance(reply, dict) else None
        if not isinstance(listed, list):
            raise ValueError("no list of models")
        entry = next((one for one in listed if isinstance(one, dict) and one.get("id") == model), None)
        plain = (str, int, float, type(None))
        return entry and {
            name: value for name, value in entry.items() if isinstance(value, plain) and name != "created"
        }

    try:
        return await server.get("/models", read=read)
    except EndpointUnreachable:
        raise
    except (NoReply, EndpointUnusable):
        return None


async def _prefill(
    server: Connection, short: Mapping[str, Any], plain: Reply
) -> tuple[Literal["ids", "count"] | None, str]:
    """How a prefill is seen to be continued, or None and why not."""
    if plain.prompt_tokens is None:
        return None, "it does not count the tokens of prompts, so that a continued turn can't be told"
    by_ids = True
    for brief, longer in _THOUGHTS:
        counts: list[int] = []
        for thought in (brief, longer):
            messages = [_ASK, {"role": "assistant", "content": thought}]
            reply = await _asked(server, messages, {**short, **CONTINUE})
            if not isinstance(reply, Reply):
                return None, f"it refuses continue_final_message ({reply})"
            if reply.prompt_tokens is None:
                return (
                    None,
                    "it does not count the tokens of a started turn, so that it can't be told from a closed one",
                )
            counts.append(reply.prompt_tokens)
            prompt = await prompt_of(server, messages)
            if prompt is not None and prompt[0] == reply.prompt_tokens and not continues(prompt[1], thought):
                return None, f"its prompt ends in {prompt[1][-60:]!r} in place of the started turn"
            by_ids = by_ids and prompt is not None and prompt[0] == reply.prompt_tokens
        # Closed and opened anew, a turn has more tokens than one that stays open.
        closed = await _asked(server, [_ASK, {"role": "assistant", "content": brief}], short)
        ends_open = isinstance(closed, Reply) and counts[0] < (closed.prompt_tokens or 0)
        if not plain.prompt_tokens < counts[0] < counts[1]:
            return None, "the started turn is missing from its prompt"
        if not ends_open and not by_ids:
            return None, "it ignores continue_final_message: the prompt is as long as that of a closed turn"
    return ("ids" if by_ids else "count"), ""


def continues(prompt: str, prefill: str) -> bool:
    """Whether a prompt's text ends with a prefill; white space is not compared."""
    return "".join(prompt.split()).endswith("".join(prefill.removeprefix("<think>").split()))


async def _letter_ids(server: Connection, short: Mapping[str, Any], top: int) -> tuple[int, ...]:
    """Ids of the single-token forms of all letters, where the server gives the log-probability of each of them."""
    forms = [form.format(letter) for letter in LETTERS for form in FORMS]
    encoded = []
    for form in forms:
        ids = await _ids(server, {"prompt": form, "add_special_tokens": False})
        if ids is None:
            return ()
        encoded.append(ids)
    single = {ids[0]: form for form, ids in zip(forms, encoded) if len(ids) == 1}
    fields = {**short, "logprobs": True, "top_logprobs": top, "logprob_token_ids": sorted(single)}
    seen = _first(await _asked(server, [_ASK], fields))
    given = {text for text, _ in seen.top} if seen else set()
    return tuple(sorted(single)) if single and set(single.values()) <= given else ()


async def _images(server: Connection, short: Mapping[str, Any], plain: Reply) -> bool:
    """Whether a picture is taken, and makes the prompt longer where that is counted."""
    picture = Image.new("RGB", (112, 112), (90, 140, 220))
    content = [{"type": "image", "url": picture}, {"type": "text", "text": _ASK["content"]}]
    reply = await _asked(server, outgoing([{"role": "user", "content": content}]), short)
    if not isinstance(reply, Reply):
        return False
    return reply.prompt_tokens is None or plain.prompt_tokens is None or reply.prompt_tokens > plain.prompt_tokens


async def _asked(
    server: Connection, messages: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]
) -> Reply | NoReply:
    """The reply, or why there is none."""
    try:
        return await server.complete(messages, fields, read=read_reply)
    except NoReply as error:
        return error


async def _ids(server: Connection, body: Mapping[str, Any]) -> list[int] | None:
    try:
        return await server.post("/tokenize", body, read=_field("tokens", list))
    except EndpointUnreachable:
        raise
    except (NoReply, EndpointUnusable):
        return None


def _field(name: str, kind: type) -> Any:
    """Reads one field of a reply; raises ValueError where it is not there."""

    def read(reply: Any) -> Any:
        found = reply.get(name) if isinstance(reply, dict) else None
        if not isinstance(found, kind):
            raise ValueError(f"no {name}")
        return found

    return read


def _first(reply: Reply | NoReply) -> Token | None:
    return reply.tokens[0] if isinstance(reply, Reply) and reply.tokens else None
