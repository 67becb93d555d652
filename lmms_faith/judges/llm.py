"""A judge that is a language model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lmms_faith.chat import (
    Ask,
    EndpointUnreachable,
    Message,
    NoReply,
    Progress,
    Refused,
    check_url,
    endpoint,
    for_each,
    spoken,
)
from lmms_faith.judges.budget import Budget, BudgetSpent, Purse
from lmms_faith.judges.cache import ReplyCache, reply_key
from lmms_faith.judges.question import QUESTIONS, PromptName, Question
from lmms_faith.judges.reply import UnusableReply
from lmms_faith.record import Opinion, Record

SAMPLING: Mapping[str, Any] = MappingProxyType({"temperature": 0})
"""Fields that every request carries unless told otherwise."""
STREAK = 16
"""Questions in a row that may end without any reply before the judge asks no more."""


def llm_judge(
    url: str,
    model: str,
    *,
    prompt: PromptName = "blind-1",
    key: str | None = None,
    concurrency: int = 8,
    timeout: float = 60.0,
    budget: Budget | None = None,
    cache: Path | None = None,
    progress: Progress = lambda done, total: None,
    sampling: Mapping[str, Any] = SAMPLING,
    pause: float = 1.0,
) -> LLMJudge:
    """A language model judge.

    Args:
        url: Base of the API, such as ``http://localhost:8000/v1``.
        model: As the server names it.
        prompt: ``blind-1`` (on which option or value does the thought end?) or ``agree-1`` (do thought and answer
            agree?).
        key: The API key; the one in OPENAI_API_KEY if left out. It goes into requests alone.
        concurrency: Requests at a time.
        timeout: Seconds for one request.
        budget: How much may be asked for; without limit if left out.
        cache: File of the replies that came before; none is kept if left out.
        progress: Told how many of the records handed over at once have their opinion.
        sampling: Fields of every request. Give ``{}`` for a model that takes no temperature.
        pause: Seconds of the first back-off after a failure.

    Raises:
        EndpointUnusable: The URL is none.
        ValueError: There is no such prompt, or a number is out of range.
    """
    if prompt not in QUESTIONS:
        raise ValueError(f"no judge prompt {prompt!r}; there are {', '.join(QUESTIONS)}")
    if concurrency < 1 or not timeout > 0:
        raise ValueError(f"{concurrency} requests at a time, {timeout} s each: give at least one, and a time above 0")
    check_url(url)
    return LLMJudge(
        url=url,
        model=model,
        question=QUESTIONS[prompt],
        key=key or os.environ.get("OPENAI_API_KEY") or "none",
        concurrency=concurrency,
        timeout=timeout,
        purse=Purse(budget or Budget()),
        cache=cache,
        progress=progress,
        sampling=dict(sampling),
        pause=pause,
    )


@dataclass(slots=True)
class _Health:
    """How the endpoint does: questions in a row without a reply, and why it is given up, if it is."""

    streak: int = 0
    given_up: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMJudge:
    """Asks a model about each record's thought; made by ``llm_judge``.

    A judge that has given its endpoint up, since it went down or replied to nothing, leaves all further records
    unjudged, but for those in its cache; a new judge asks again.

    Attributes:
        purse: What was asked for so far, by all calls.
    """

    url: str = field(repr=False)
    model: str
    question: Question
    key: str = field(repr=False)
    concurrency: int
    timeout: float
    purse: Purse
    cache: Path | None
    progress: Progress = field(repr=False)
    sampling: Mapping[str, Any]
    pause: float
    health: _Health = field(default_factory=_Health, repr=False)

    @property
    def id(self) -> str:
        """Model and prompt, with a hash of the sampling where that is not the usual one."""
        plain = f"llm:{self.model}:{self.question.name}"
        if self.sampling == SAMPLING:
            return plain
        return f"{plain}:{hashlib.sha256(json.dumps(self.sampling, sort_keys=True).encode()).hexdigest()[:6]}"

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        """One opinion a record, in order; see ``Judge``. What can't be had for one record is unjudged, with a note.

        Records that come to the same question are asked about once. Must not be called by two threads at once.

        Raises:
            EndpointUnusable: The endpoint refuses the key, the account or the model, or could not be reached from the
                first request on.
            ImportError: openai or tenacity is missing.
            OSError: The cache can't be used.
        """
        with ExitStack() as opened:
            cache = None if self.cache is None else opened.enter_context(ReplyCache(self.cache))
            sitting = _Sitting(self, records, cache)
            if sitting.open and not self.health.given_up:
                _finish(sitting.ask())
            return sitting.opinions


@dataclass(frozen=True, slots=True)
class _Case:
    """One question, and the records that come to it, by their place."""

    key: str
    messages: list[Message]
    places: list[int] = field(default_factory=list)


class _Sitting:
    """The opinions on the records of one call, as they come in.

    Attributes:
        opinions: One a record; unjudged until more is known.
        open: Questions that the cache has no usable reply to.
    """

    def __init__(self, judge: LLMJudge, records: Sequence[Record], cache: ReplyCache | None) -> None:
        self._judge, self._records, self._cache = judge, records, cache
        self.opinions = [_unjudged(judge.health.given_up or "not asked")] * len(records)
        self._done = 0
        cases: dict[str, _Case] = {}
        for place, record in enumerate(records):
            asked = judge.question.put(record)
            if isinstance(asked, Opinion):
                self._settle([place], [asked])
                continue
            messages: list[Message] = [{"role": "user", "content": asked}]
            key = reply_key(judge.model, judge.question.name, messages, judge.sampling)
            cases.setdefault(key, _Case(key, messages)).places.append(place)
        kept = {} if cache is None else cache.get(list(cases))
        self.open = [case for case in cases.values() if not self._recall(case, kept.get(case.key))]

    async def ask(self) -> None:
        """Ask the model what is open."""
        judge = self._judge
        async with endpoint(
            judge.url,
            model=judge.model,
            key=judge.key,
            timeout=judge.timeout,
            pause=judge.pause,
            sampling=judge.sampling,
            meter=judge.purse,
        ) as ask:

            async def work(case: _Case) -> None:
                self._settle(case.places, await self._heard(case, ask))

            await for_each(self.open, work, concurrency=judge.concurrency)

    def _recall(self, case: _Case, reply: str | None) -> bool:
        """Take a reply from the cache, where it can be used."""
        opinions = [] if reply is None else self._read(case, reply)
        if not _usable(opinions):
            return False
        self._settle(case.places, opinions)
        return True

    async def _heard(self, case: _Case, ask: Ask) -> list[Opinion]:
        """The opinions on a question's records, by a reply of the model's or for want of one."""
        health = self._judge.health
        if health.given_up:
            return [_unjudged(health.given_up)] * len(case.places)
        try:
            reply = spoken(await ask(case.messages))
        except (BudgetSpent, NoReply, EndpointUnreachable) as error:
            return [_unjudged(self._missed(error))] * len(case.places)
        health.streak = 0
        opinions = self._read(case, reply)
        if self._cache is not None and _usable(opinions):
            self._cache.put(case.key, reply, model=self._judge.model, prompt=self._judge.question.name)
        return opinions

    def _missed(self, error: BudgetSpent | NoReply | EndpointUnreachable) -> str:
        """Why there is no reply, for a note; gives the endpoint up where there will be none."""
        health = self._judge.health
        if isinstance(error, EndpointUnreachable):
            # A URL that never led anywhere is a mistake; a server that has replied went down.
            if not self._judge.purse.replies:
                raise error
            health.given_up = "the endpoint can't be reached any more"
            return health.given_up
        if isinstance(error, BudgetSpent):
            return str(error)
        if not isinstance(error, Refused):
            health.streak += 1
            if health.streak == STREAK:
                health.given_up = f"not asked: {STREAK} questions in a row got no reply"
        return f"no reply ({error})"

    def _read(self, case: _Case, reply: str) -> list[Opinion]:
        return [self._opinion(reply, self._records[place]) for place in case.places]

    def _opinion(self, reply: str, record: Record) -> Opinion:
        try:
            return self._judge.question.read(reply, record)
        except UnusableReply as error:
            return _unjudged(f"the reply can't be used: {error}")

    def _settle(self, places: Sequence[int], opinions: Sequence[Opinion]) -> None:
        for place, opinion in zip(places, opinions, strict=True):
            self.opinions[place] = opinion
        self._done += len(places)
        self._judge.progress(self._done, len(self._records))


def _usable(opinions: Sequence[Opinion]) -> bool:
    return bool(opinions) and all(opinion.outcome != "unjudged" for opinion in opinions)


def _unjudged(note: str) -> Opinion:
    return Opinion(outcome="unjudged", note=note)


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end; in a thread where this one runs a loop already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, work).result()
