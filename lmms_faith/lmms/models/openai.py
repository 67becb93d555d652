"""`faith_openai`: any OpenAI-compatible server, asked many requests at a time."""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

import torch
from lmms_eval.api.instance import GenerationResult, Instance
from lmms_eval.api.model import lmms
from loguru import logger

from lmms_faith.chat import TRIES, Connection, connection
from lmms_faith.lmms.models.abilities import Abilities, entry_of, probe, prompt_of
from lmms_faith.lmms.models.pace import AdaptivePace
from lmms_faith.lmms.models.prefill import Messages
from lmms_faith.lmms.models.session import Session
from lmms_faith.lmms.models.wire import outgoing
from lmms_faith.lmms.store import open_store

KEY = "OPENAI_API_KEY"
ADDRESS = "OPENAI_BASE_URL"


class FaithOpenAI(lmms):  # type: ignore[misc]
    """Asks a server that was tried first, and gives failed requests back as such.

    The key is read from ``OPENAI_API_KEY`` and goes into requests alone.

    Args:
        model: As the server names it.
        base_url: Such as ``http://localhost:8000/v1``; ``OPENAI_BASE_URL`` where it is not given.
        concurrency: The most requests at a time; halved while the server answers 429 or 503.
        timeout: Seconds for one request, start to end.
        tries: Requests for one completion before it is given up.
        pause: Seconds of the first back-off; the following ones double on average, up to 30.
        store: Folder in which answers are kept and found again, see ``Store``; the one in ``LMMS_FAITH_STORE`` where
            left out.
        batch_size, max_batch_size, device: Taken, since the host hands them to every model, and without effect.
        api_key: Refused, since the host writes a model's arguments into its logs.

    Raises:
        ValueError: An argument is out of range or missing, or holds a secret.
        EndpointUnusable: The server can't be reached, or refuses the key or the model.
        NoReply: It does not answer the plainest request.
    """

    is_simple = False

    def __init__(
        self,
        model: str,
        base_url: str | None = None,
        concurrency: int = 32,
        timeout: float = 300.0,
        tries: int = TRIES,
        pause: float = 1.0,
        store: str | None = None,
        batch_size: int | str = 1,
        max_batch_size: int | None = None,
        device: str | None = None,
        api_key: str | None = None,
    ) -> None:
        super().__init__()
        if api_key is not None:
            raise ValueError(f"faith_openai: the host logs model_args, so give the key in {KEY} and not in api_key")
        if base_url is not None and "@" in urlsplit(base_url).netloc:
            raise ValueError(f"faith_openai: the host logs model_args, so give a URL with a password in {ADDRESS}")
        address = base_url or os.environ.get(ADDRESS)
        if not address:
            raise ValueError(f"faith_openai: no server; give base_url=http://HOST:PORT/v1 or set {ADDRESS}")
        if tries < 1 or timeout <= 0:
            raise ValueError(f"faith_openai: tries {tries}, timeout {timeout}: give 1 or more, and more than 0 seconds")
        if concurrency < 1:
            raise ValueError(f"faith_openai: concurrency {concurrency}: give 1 or more")
        self.batch_size = batch_size
        self._address, self._name, self._concurrency = address, model, int(concurrency)
        self._timeout, self._tries, self._pause = float(timeout), int(tries), float(pause)
        self._store = open_store(store, rank=int(os.environ.get("RANK", 0)))
        self._identity: dict[str, Any] = {}
        self.abilities: Abilities = asyncio.run(self._probe())
        logger.info(f"faith_openai {model}: {self.abilities.described()}")

    @property
    def continues_prefill(self) -> bool:
        """Whether the server was seen to continue a started assistant turn."""
        return self.abilities.prefill is not None

    @property
    def no_prefill(self) -> str:
        """Why it was not."""
        return self.abilities.no_prefill

    @property
    def device(self) -> torch.device:
        """The host asks for it under data parallel."""
        return torch.device("cpu")

    def generate_until(self, requests: list[Instance]) -> list[GenerationResult]:
        """Answer all requests, in the order given; what gets no answer is a failure and no exception.

        Raises:
            PrefillRefused: The server does not continue a prefill; raised before anything is generated.
            ValueError: The server takes no pictures, or beam search is asked for.
            EndpointUnusable: None of the requests was answered, and none will be.
        """
        if not requests:
            return []
        session = Session(
            self._name,
            self.abilities,
            self._messages,
            rank=self.rank,
            world_size=self.world_size,
            store=self._store,
            identity=self._identity,
        )
        return asyncio.run(session.answer(requests, self._connection, concurrency=self._concurrency))

    def rendered(self, messages: Messages) -> str:
        """The prompt text that the server makes of a conversation; empty where it has no ``/tokenize``."""

        async def ask() -> str:
            async with self._connection(None) as server:
                found = await prompt_of(server, outgoing(messages))
                return "" if found is None else found[1]

        return asyncio.run(ask())

    def loglikelihood(self, requests: list[Instance]) -> list[tuple[float, bool]]:
        """Not offered: the host loses its result."""
        raise NotImplementedError("faith_openai returns letters with the generation; use output_type generate_until")

    def generate_until_multi_round(self, requests: list[Instance]) -> list[str]:
        """Not offered: the host's own chat models do not implement it either."""
        raise NotImplementedError("faith_openai answers in one round; use output_type generate_until")

    def _connection(
        self, pace: AdaptivePace | None, *, tries: int | None = None
    ) -> AbstractAsyncContextManager[Connection]:
        return connection(
            self._address,
            model=self._name,
            key=os.environ.get(KEY) or "none",
            timeout=self._timeout,
            pause=self._pause,
            tries=tries or self._tries,
            pace=pace,
        )

    async def _probe(self) -> Abilities:
        # A passing fault must not be taken for an inability, however few tries an item is worth.
        async with self._connection(None, tries=max(self._tries, TRIES)) as server:
            abilities = await probe(server)
            if self._store is not None:
                self._identity = {
                    "server": server.address.partition("?")[0],
                    "model": self._name,
                    "entry": await entry_of(server, self._name),
                    "abilities": asdict(abilities),
                }
            return abilities

    def _messages(self, request: Instance) -> Messages:
        _, doc_to_messages, _, doc_id, task, split = request.args
        messages: Messages = doc_to_messages(self.task_dict[task][split][doc_id])
        return messages
