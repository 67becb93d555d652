"""An OpenAI-compatible chat endpoint, asked with a time limit and repeated with back-off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal, TypedDict, TypeVar, cast

TRIES = 8
"""Requests for one reply before it is given up."""
LONGEST_WAIT = 120.0
"""Seconds; a server's Retry-After is honoured up to this."""
_THINKING = re.compile(r"^.*</think>", re.DOTALL)
_Job = TypeVar("_Job")


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Ask = Callable[[Sequence[Message]], Awaitable[str]]
"""Conversation in, reply out; raises ``NoReply`` or ``EndpointUnusable``."""
Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


class NoReply(RuntimeError):
    """One request got no reply, for all its tries; others may."""


class EndpointUnusable(RuntimeError):
    """The endpoint can't be reached, refuses the key or does not know the model; no request will get a reply."""


class _Malformed(RuntimeError):
    """What came back is no chat completion."""


@asynccontextmanager
async def endpoint(url: str, *, model: str, key: str, timeout: float = 60.0, pause: float = 1.0) -> AsyncIterator[Ask]:
    """A model behind an endpoint.

    Args:
        url: Base of the API, such as ``http://localhost:8000/v1``.
        model: As the server names it.
        key: The API key; any text where the server asks for none. It goes into requests alone.
        timeout: Seconds for one request, start to end.
        pause: Seconds of the first back-off; the following ones double on average, up to 30.

    Raises:
        ImportError: openai or tenacity is missing.
    """
    try:
        import openai
        import tenacity
    except ImportError as error:
        raise ImportError(f"asking a model needs openai: pip install 'lmms-faith[judge]' ({error})") from error

    hopeless = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)
    passing = (
        openai.APIConnectionError,
        openai.APIResponseValidationError,
        openai.RateLimitError,
        openai.InternalServerError,
        openai.ConflictError,
        asyncio.TimeoutError,
        _Malformed,
    )
    back_off = tenacity.wait_random_exponential(multiplier=pause, max=30)

    def wait(state: Any) -> float:
        return _retry_after(state.outcome.exception()) or float(back_off(state))

    # The library's own retries are off: one policy, ours.
    async with openai.AsyncOpenAI(base_url=url, api_key=key, timeout=timeout, max_retries=0) as client:

        async def once(messages: Sequence[Message]) -> str:
            request = client.chat.completions.create(model=model, messages=cast(Any, list(messages)))
            try:
                return _text(await asyncio.wait_for(request, timeout))
            except ValueError as error:
                raise _Malformed(str(error)) from error

        async def ask(messages: Sequence[Message]) -> str:
            retrying = tenacity.AsyncRetrying(
                retry=tenacity.retry_if_exception_type(passing),
                stop=tenacity.stop_after_attempt(TRIES),
                wait=wait,
                reraise=True,
            )
            try:
                return cast(str, await retrying(once, messages))
            except hopeless as error:
                raise EndpointUnusable(
                    f"the endpoint refuses model {model!r} ({type(error).__name__}, status {error.status_code}); "
                    "check the model's name, the URL and OPENAI_API_KEY"
                ) from error
            except openai.APITimeoutError as error:
                raise NoReply(type(error).__name__) from error
            except openai.APIConnectionError as error:
                raise EndpointUnusable("the endpoint can't be reached; check the URL, and that it serves") from error
            except (openai.APIError, *passing) as error:
                raise NoReply(type(error).__name__.lstrip("_")) from error

        yield ask


def plain(reply: str) -> str:
    """A reply without reasoning, surrounding space and quotation marks.

    >>> plain('<think>Hm.</think> "A dog."')
    'A dog.'
    """
    text = _THINKING.sub("", reply).strip()
    for opening, closing in ('""', "“”", "''"):
        if len(text) > 1 and text[0] == opening and text[-1] == closing:
            text = text[1:-1].strip()
    return text


async def for_each(jobs: Iterable[_Job], work: Callable[[_Job], Awaitable[None]], *, concurrency: int) -> None:
    """Work on every job, some at a time; an error or a stop cancels what is under way, and is raised."""
    waiting = iter(jobs)

    async def worker() -> None:
        for job in waiting:
            await work(job)

    workers = [asyncio.ensure_future(worker()) for _ in range(concurrency)]
    try:
        await asyncio.gather(*workers)
    finally:
        for one in workers:
            one.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


def _text(reply: Any) -> str:
    """The text of a completion, which some servers' error pages pass for."""
    choices = getattr(reply, "choices", None)
    text = choices[0].message.content if choices else None
    if not isinstance(text, str):
        raise _Malformed("no choices with a text in the reply")
    return text


def _retry_after(error: BaseException | None) -> float | None:
    """Seconds that the server asks to wait; None where it does not say, or gives a date."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    try:
        return min(max(float(response.headers.get("retry-after", "")), 0.0), LONGEST_WAIT)
    except ValueError:
        return None
