"""An OpenAI-compatible chat endpoint, asked with a time limit and repeated with back-off."""

from __future__ import annotations

import asyncio
import base64
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal, Protocol, TypedDict, TypeVar, cast
from urllib.parse import unquote, urlsplit, urlunsplit

TRIES = 8
"""Requests for one reply before it is given up."""
LONGEST_WAIT = 120.0
"""Seconds; a server's Retry-After is honoured up to this."""
_THINKING = re.compile(r"^.*</think>", re.DOTALL)
_NO_CONNECTION = frozenset({"ConnectError", "LocalProtocolError", "ProxyError", "UnsupportedProtocol"})
"""The transport's names for a connection that was never made; under any other it stood, and broke."""
_Job = TypeVar("_Job")
_Read = TypeVar("_Read")


class Message(TypedDict):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


Ask = Callable[[Sequence[Message]], Awaitable[str]]
"""Conversation in, reply out; raises ``NoReply`` or ``EndpointUnusable``."""
Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


class Meter(Protocol):
    """Is told of what is asked and answered, and may forbid more."""

    def admit(self, messages: Sequence[Message]) -> None:
        """Called before every request, repeated ones too; what it raises ends the asking for this reply."""

    def book(self, reply: str, tokens: int | None) -> None:
        """Called after every reply, with the tokens that the server counted for it; None where it did not."""


class Pace(Protocol):
    """Says when a request may be sent."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Stands around one request: waits for its turn, and sees how it ends."""


class NoReply(RuntimeError):
    """One request got no reply, for all its tries; others may."""


class Refused(NoReply):
    """The server or the model refuses this one request, so that it was not tried again."""


class EndpointUnusable(RuntimeError):
    """The endpoint refuses the key or the account, or does not know the model; no request will get a reply."""


class EndpointUnreachable(EndpointUnusable):
    """No connection can be made, for all tries."""


class _Malformed(RuntimeError):
    """What came back is no chat completion."""


class Connection:
    """An open connection to an API; made by ``connection``."""

    def __init__(self, client: Any, *, timeout: float, pause: float, tries: int, pace: Pace | None, model: str) -> None:
        self._client, self._timeout, self._pause, self._tries = client, timeout, pause, tries
        self._pace, self._model = pace, model

    async def complete(
        self,
        messages: Sequence[Mapping[str, Any]],
        fields: Mapping[str, Any],
        *,
        read: Callable[[Any], _Read],
        admit: Callable[[], None] | None = None,
    ) -> _Read:
        """Ask for a chat completion.

        Args:
            messages: The conversation.
            fields: Further fields of the request.
            read: Makes of the reply what is wanted; the request is made again where it raises ``ValueError``.
            admit: Called before every request, repeated ones too; what it raises ends the asking for this reply.

        Raises:
            NoReply: See there.
            EndpointUnusable: See there.
        """

        async def request() -> Any:
            return await self._client.chat.completions.create(
                model=self._model, messages=cast(Any, list(messages)), extra_body=dict(fields)
            )

        return await self._tried(request, read, admit)

    @property
    def address(self) -> str:
        """Base of the API, without name and password."""
        return str(self._client.base_url)

    async def get(self, path: str, *, read: Callable[[Any], _Read]) -> _Read:
        """Ask for a path under the API's base, such as ``/models``.

        Raises:
            NoReply: See there.
            EndpointUnusable: See there; a server without that path is among them.
        """

        async def request() -> Any:
            return await self._client.get(path, cast_to=object)

        return await self._tried(request, read, None)

    async def post(self, path: str, body: Mapping[str, Any], *, read: Callable[[Any], _Read]) -> _Read:
        """Ask what is no chat completion: a path from the server's root on, such as ``/tokenize``.

        Raises:
            NoReply: See there.
            EndpointUnusable: See there; a server without that path is among them.
        """
        parts = urlsplit(self.address)
        url = urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/").removesuffix("/v1") + path, "", ""))

        async def request() -> Any:
            return await self._client.post(url, cast_to=object, body={"model": self._model, **body})

        return await self._tried(request, read, None)

    async def _tried(
        self, request: Callable[[], Awaitable[Any]], read: Callable[[Any], _Read], admit: Callable[[], None] | None
    ) -> _Read:
        import anyio
        import openai
        import tenacity

        back_off = tenacity.wait_random_exponential(multiplier=self._pause, max=30)

        def wait(state: Any) -> float:
            return _retry_after(state.outcome.exception()) or float(back_off(state))

        async def once() -> _Read:
            async with nullcontext() if self._pace is None else self._pace.turn():
                if admit is not None:
                    admit()
                try:
                    # Not asyncio.wait_for: before Python 3.12 it loses a Ctrl-C that comes together with the reply.
                    with anyio.fail_after(self._timeout):
                        reply = await request()
                    return read(reply)
                except (ValueError, RecursionError) as error:
                    raise _Malformed(type(error).__name__) from None

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(_passes),
            stop=tenacity.stop_after_attempt(self._tries),
            wait=wait,
            reraise=True,
        )
        try:
            return cast(_Read, await retrying(once))
        except (openai.APIError, TimeoutError, _Malformed) as error:
            # Nothing is chained: a server's message may quote the key.
            raise _explained(error, self._model) from None


@asynccontextmanager
async def connection(
    url: str,
    *,
    model: str,
    key: str,
    timeout: float = 60.0,
    pause: float = 1.0,
    tries: int | None = None,
    pace: Pace | None = None,
) -> AsyncIterator[Connection]:
    """A connection to an API.

    Args:
        url: Base of the API, such as ``http://localhost:8000/v1``. A name and password in it go into requests alone,
            in place of the key.
        model: As the server names it.
        key: The API key; any text where the server asks for none. It goes into requests alone.
        timeout: Seconds for one request, start to end.
        pause: Seconds of the first back-off; the following ones double on average, up to 30.
        tries: Requests for one reply before it is given up; ``TRIES`` where left out.
        pace: Says when a request may be sent, and is told how it ended.

    Raises:
        EndpointUnusable: The URL is none.
        ImportError: openai or tenacity is missing.
    """
    address, credentials = _address(url)
    try:
        import openai
        import tenacity  # noqa: F401 - missing, it is to be said now
    except ImportError as error:
        raise ImportError(f"asking a model needs openai: pip install 'lmms-faith[judge]' ({error})") from error
    # The library's own retries are off: one policy, ours.
    client = openai.AsyncOpenAI(
        base_url=address, api_key=key.strip(), timeout=timeout, max_retries=0, default_headers=credentials
    )
    async with client:
        yield Connection(client, timeout=timeout, pause=pause, tries=tries or TRIES, pace=pace, model=model)


@asynccontextmanager
async def endpoint(
    url: str,
    *,
    model: str,
    key: str,
    timeout: float = 60.0,
    pause: float = 1.0,
    sampling: Mapping[str, Any] | None = None,
    meter: Meter | None = None,
) -> AsyncIterator[Ask]:
    """A model behind an endpoint that is asked for texts.

    Args:
        url, model, key, timeout, pause: See ``connection``.
        sampling: Further fields of every request, such as ``{"temperature": 0}``.
        meter: Is told of every request and reply.

    Raises:
        EndpointUnusable: The URL is none.
        ImportError: openai or tenacity is missing.
    """
    async with connection(url, model=model, key=key, timeout=timeout, pause=pause) as server:

        async def ask(messages: Sequence[Message]) -> str:
            def admit() -> None:
                if meter is not None:
                    meter.admit(messages)

            text, tokens = await server.complete(
                messages, sampling or {}, read=lambda got: (_text(got), _tokens(got)), admit=admit
            )
            if meter is not None:
                meter.book(text, tokens)
            return text

        yield ask


def check_url(url: str) -> None:
    """See to it that a URL may be one of an API.

    Raises:
        EndpointUnusable: It is none.
    """
    _address(url)


def spoken(reply: str) -> str:
    """A reply without the reasoning before it and the space around it.

    >>> spoken("<think>Hm.</think> A dog.")
    'A dog.'
    """
    return _THINKING.sub("", reply).strip()


def plain(reply: str) -> str:
    """A reply without reasoning, surrounding space and quotation marks.

    >>> plain('<think>Hm.</think> "A dog."')
    'A dog.'
    """
    text = spoken(reply)
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


def _address(url: str) -> tuple[str, dict[str, str]]:
    """A URL without name and password, which would get into the transport's logs, and the header that carries them."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise EndpointUnusable("the URL is no address of an API; give one such as http://localhost:8000/v1")
    if parts.username is None:
        return url, {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return bare, {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _text(reply: Any) -> str:
    """The text of a completion, which some servers' error pages pass for."""
    choices = getattr(reply, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    text = getattr(message, "content", None)
    if getattr(message, "refusal", None) and not text:
        raise Refused("the model refuses")
    if not isinstance(text, str):
        raise _Malformed("no choices with a text in the reply")
    return text


def _tokens(reply: Any) -> int | None:
    """Tokens of a reply as the server counts them, hidden reasoning included; None where it does not."""
    count = getattr(getattr(reply, "usage", None), "completion_tokens", None)
    return count if isinstance(count, int) and count >= 0 else None


def _passes(error: BaseException) -> bool:
    """Whether a request that failed may do better when it is repeated."""
    import openai

    passing = (
        openai.APIConnectionError,
        openai.APIResponseValidationError,
        openai.RateLimitError,
        openai.InternalServerError,
        openai.ConflictError,
        TimeoutError,
        _Malformed,
    )
    status = getattr(error, "status_code", None)
    # 501: the server has no such method, and will have none a second later.
    return (isinstance(error, passing) or status == 408) and status != 501 and not _out_of_quota(error)


def _explained(error: Exception, model: str) -> RuntimeError:
    """What is raised for the last error of a request, without a word of the server's."""
    import openai

    name = type(error).__name__.lstrip("_")
    hopeless = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)
    if isinstance(error, hopeless):
        return EndpointUnusable(
            f"the endpoint refuses model {model!r} ({name}, status {error.status_code}); "
            "check the model's name, the URL and OPENAI_API_KEY"
        )
    if _out_of_quota(error):
        return EndpointUnusable("the account behind the key has nothing left to spend; add to it, or use another key")
    # A time-out is a connection error by class, and may come where no connection was made.
    unmade = not isinstance(error, openai.APITimeoutError) and type(error.__cause__).__name__ in _NO_CONNECTION
    if isinstance(error, openai.APIConnectionError) and unmade:
        return EndpointUnreachable("the endpoint can't be reached; check the URL, and that it serves")
    return NoReply(name) if _passes(error) else Refused(name)


def _out_of_quota(error: BaseException) -> bool:
    """Whether an error tells of a spent account, which one API gives the status of too many requests."""
    return getattr(error, "code", None) == "insufficient_quota" or getattr(error, "status_code", None) == 402


def _retry_after(error: BaseException | None) -> float | None:
    """Seconds that the server asks to wait, as a number or until a date; None where it does not say."""
    response = getattr(error, "response", None)
    if response is None:
        return None
    asked = response.headers.get("retry-after", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(timezone.utc)).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if not math.isnan(seconds) else None
