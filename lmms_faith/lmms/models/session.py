"""Many requests answered by one server: each completion with its evidence, or a failure in its place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from types import MappingProxyType
from typing import Any

from lmms_eval.api.instance import GenerationResult, Instance, TokenCounts
from lmms_eval.models.model_utils.usage_metrics import is_budget_exceeded, log_usage
from loguru import logger

from lmms_faith.chat import Connection, EndpointUnusable, NoReply, Refused, for_each
from lmms_faith.judges.aftermath import conclusion_slot
from lmms_faith.lmms.channel import Evidence, attach, failed
from lmms_faith.lmms.expense import Expense
from lmms_faith.lmms.models.abilities import Abilities, continues, prompt_of
from lmms_faith.lmms.models.letters import refuse_beams
from lmms_faith.lmms.models.order import in_a_row, originals
from lmms_faith.lmms.models.pace import AdaptivePace
from lmms_faith.lmms.models.prefill import Messages, PrefillRefused, pictures_of, prefill_of
from lmms_faith.lmms.models.top_letters import letters_of, token_at, writes_letter
from lmms_faith.lmms.models.wire import CONTINUE, Reply, outgoing, pictureless, read_reply, sampling
from lmms_faith.lmms.progress import Progress
from lmms_faith.lmms.store import Store, image_digest, key_of
from lmms_faith.lmms.task import shown_options
from lmms_faith.parsing import parse, unfinished
from lmms_faith.parsing.listed import Letters, parts
from lmms_faith.record import LetterSource

_DEFAULT_LENGTH = 1024


class _BudgetSpent(RuntimeError):
    """The host's ``--max_tokens`` is used up."""


class Session:
    """One call of the host's.

    Args:
        name: The model's name, for evidence and messages.
        abilities: What the server was seen to do.
        messages: Builds a request's conversation.
        rank, world_size: Of this process; the first alone shows progress.
        store: Where answers are kept and found again; None keeps none.
        identity: Everything that is known of server and model and can change an answer.
    """

    def __init__(
        self,
        name: str,
        abilities: Abilities,
        messages: Callable[[Instance], Messages],
        *,
        rank: int = 0,
        world_size: int = 1,
        store: Store | None = None,
        identity: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._name, self._abilities, self._messages = name, abilities, messages
        self._rank, self._world_size = rank, world_size
        self._store, self._identity, self._writing = store, dict(identity), asyncio.Lock()
        self._expense = Expense()
        self._results: dict[int, GenerationResult] = {}
        self._bounded = 0
        self._unusable: EndpointUnusable | None = None

    async def answer(
        self,
        requests: list[Instance],
        connect: Callable[[AdaptivePace | None], AbstractAsyncContextManager[Connection]],
        *,
        concurrency: int,
    ) -> list[GenerationResult]:
        """See ``FaithOpenAI.generate_until``."""
        async with connect(None) as server:
            for request in {request.task_name: request for request in reversed(requests)}.values():
                await self._check(server, request)
        sources, pace = originals(requests), AdaptivePace(concurrency)
        order = in_a_row(requests, sources)
        label = f"faith_openai {self._name}"
        with Progress(requests, label=label, rank=self._rank, world_size=self._world_size) as progress:
            async with connect(pace) as server:

                async def work(index: int) -> None:
                    self._results[index], stored = await self._result(server, requests[index])
                    progress.done(
                        [index],
                        [self._results[index]],
                        stored=[index] if stored else (),
                        note=f"{int(pace.limit)} at a time",
                    )

                with self._expense.on("model"):
                    await for_each(order, work, concurrency=concurrency)
        self._say(len(order))
        return [self._results[index] for index in sources]

    async def _check(self, server: Connection, request: Instance) -> None:
        """See to it that a task's conversations can be had, before anything is generated."""
        refuse_beams(request.args[2])
        messages = self._messages(request)
        if pictures_of(messages) and not self._abilities.images:
            raise ValueError(f"model {self._name!r}: its server takes no images, which {request.task_name!r} shows")
        prefill = prefill_of(messages)
        if not prefill:
            return
        if self._abilities.prefill is None:
            raise PrefillRefused(f"model {self._name!r}: its server continues no prefill: {self._abilities.no_prefill}")
        prompt = await prompt_of(server, outgoing(messages)) if self._abilities.prefill == "ids" else None
        if prompt is not None and not continues(prompt[1], prefill):
            raise PrefillRefused(
                f"model {self._name!r}: its server makes a prompt that ends in {prompt[1][-60:]!r}, not in "
                f"{prefill[-60:]!r}; serve it with a chat template that keeps the final turn"
            )

    async def _result(self, server: Connection, request: Instance) -> tuple[GenerationResult, bool]:
        """The answer, and whether it came from the store."""
        self._expense.items += 1
        with self._expense.on("preprocessing"):
            messages = self._messages(request)
            key = None if self._store is None else self._key(request, messages)
        known = None if self._store is None else self._store.known(key)
        if known is not None:
            self._expense.served += 1
            return known, True
        return await self._made(server, request, messages, key), False

    async def _made(
        self, server: Connection, request: Instance, messages: Messages, key: str | None
    ) -> GenerationResult:
        """The server's answer, once it is kept, or what stands for a failed one."""
        try:
            if self._unusable is not None:
                raise self._unusable
            answer = await self._answered(server, request, messages)
        except _BudgetSpent:
            return self._failed("the token budget is spent", mark="BUDGET_EXCEEDED")
        except EndpointUnusable as error:
            self._unusable = error
            return self._failed(str(error))
        except NoReply as error:
            return self._failed(str(error))
        if self._store is not None:
            async with self._writing:  # one line after another, without a halt of the requests under way
                await asyncio.to_thread(self._store.keep, key, answer)
        return answer

    def _key(self, request: Instance, messages: Messages) -> str | None:
        """Of the request as it would be sent, and of how many letters are read off the reply."""
        return key_of(
            self._identity,
            turns=[*pictureless(messages), shown_options(request)],
            prefill=prefill_of(messages),
            pictures=map(image_digest, pictures_of(messages)),
            sampling=self._fields(request),
            alternatives=(),
        )

    def _fields(self, request: Instance) -> dict[str, Any]:
        asked: Mapping[str, Any] = request.args[2]
        return sampling(asked) | {self._abilities.length: int(asked.get("max_new_tokens") or _DEFAULT_LENGTH)}

    async def _answered(self, server: Connection, request: Instance, built: Messages) -> GenerationResult:
        with self._expense.on("preprocessing"):
            messages = outgoing(built)
        prefill: str = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        options = shown_options(request)
        reply = await self._ask(server, request, messages, self._fields(request), logprobs=options > 0)
        letters, source, conclusion = await self._letters(server, request, messages, prefill, reply, options)
        self._bounded += letters is not None and any((letters.bounds or ())[:options])
        (logprobs, bounds), (concluded, conclusion_bounds) = parts(letters), parts(conclusion)
        evidence = Evidence(
            model=self._name,
            continued=bool(prefill),
            letters=logprobs,
            letter_bounds=bounds,
            letter_source=source if letters else None,
            conclusion=concluded,
            conclusion_bounds=conclusion_bounds,
            values=None,
            finish=reply.finish,
        )
        return GenerationResult(
            text=attach(reply.text, evidence), token_counts=TokenCounts(output_tokens=reply.output_tokens or 0)
        )

    async def _letters(
        self,
        server: Connection,
        request: Instance,
        messages: list[dict[str, Any]],
        prefill: str,
        reply: Reply,
        options: int,
    ) -> tuple[Letters | None, LetterSource, Letters | None]:
        """The letters at the answer, generated or forced, and those right after the thought; None where unknown."""
        if not options or not self._abilities.top:
            return None, "generated", None
        complete = bool(self._abilities.letter_ids)

        async def forced(text: str) -> Letters | None:
            if self._abilities.prefill is None:
                return None
            turn = {"role": "assistant", "content": prefill + text}
            led = [*messages[:-1], turn] if prefill else [*messages, turn]
            fields = {"temperature": 0, self._abilities.length: 1}
            try:
                one = await self._ask(server, request, led, fields, logprobs=True)
            except Refused:  # such as a prompt that has grown too long
                return None
            return letters_of(one.tokens[0], options, complete=complete) if one.tokens else None

        at = parse(reply.text, None, prefill=prefill).letter_at
        behind = len(reply.text) - len(reply.said)
        token = None if at is None else token_at(reply.tokens, reply.said, at - behind)
        slot = conclusion_slot(reply.text, prefill=prefill, letter_at=at)
        conclusion = None if slot is None else await forced(slot)
        if token is not None and writes_letter(token):
            return letters_of(token, options, complete=complete), "generated", conclusion
        return await forced("".join(unfinished(reply.text, prefill=prefill))), "forced", conclusion

    async def _ask(
        self,
        server: Connection,
        request: Instance,
        messages: list[dict[str, Any]],
        fields: dict[str, Any],
        *,
        logprobs: bool,
    ) -> Reply:
        started = messages[-1]["role"] == "assistant"
        prefill = messages[-1]["content"] if started else ""
        more = {**(CONTINUE if started else {}), **(self._abilities.logprobs if logprobs else {})}
        reply = await server.complete(
            messages, fields | more, read=lambda got: read_reply(got, prefill=prefill), admit=_admit
        )
        log_usage(
            model_name=self._name,
            task_name=request.task_name,
            input_tokens=reply.prompt_tokens or 0,
            output_tokens=reply.output_tokens or 0,
        )
        self._expense.tokens += reply.output_tokens or 0
        if reply.cached_tokens is not None and reply.prompt_tokens is not None:
            self._expense.cached_tokens += reply.cached_tokens
            self._expense.prompt_tokens += reply.prompt_tokens
        return reply

    def _failed(self, reason: str, **mark: str) -> GenerationResult:
        self._expense.failed[reason] += 1
        return GenerationResult(text=failed(reason, model=self._name, **mark), token_counts=TokenCounts())

    def _say(self, n: int) -> None:
        """Tell what failed and what is unknown.

        Raises:
            EndpointUnusable: Nothing was answered, and nothing will be.
        """
        logger.info(f"faith_openai: {self._expense}")
        if self._unusable is not None and sum(self._expense.failed.values()) == n:
            raise self._unusable
        for said in self._expense.failures(n):
            logger.warning(f"faith_openai {self._name}: {said}")
        if self._bounded:
            logger.info(
                f"faith_openai {self._name}: in {self._bounded} of {n} answers some letters are only bounded, since "
                f"the {self._abilities.top} likeliest tokens do not hold every option's letter"
            )


def _admit() -> None:
    """Raises ``_BudgetSpent`` before a request that the host's budget does not cover."""
    if is_budget_exceeded():
        raise _BudgetSpent
