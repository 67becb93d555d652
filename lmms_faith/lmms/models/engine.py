"""vLLM's engine with many jobs under way at a time, each of which may ask it for more once it has what it asked for."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from PIL import Image

_Name = TypeVar("_Name")
_Done = TypeVar("_Done")
_SLACK = 16
"""Requests that wait at the engine, at least, so that it never waits for one."""
_WHOLE = ("stop", "length")
"""Finish reasons of an answer."""
_ERROR = "error"
"""Finish reason of a request that may do better when it is sent again: vLLM no longer has a picture that it took for
sent, as after it refused another request with it."""
_TRIES = 3
"""Times that such a request is sent."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to the engine: token ids of the prompt, its pictures, and sampling parameters."""

    ids: Sequence[int]
    images: Sequence[Image.Image]
    sampling: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """What stands in the place of an output where the engine takes a request not at all, or breaks it off."""

    reason: str


Job = Generator[Sequence[Ask], Sequence[Any], _Done]
"""Yields what it asks, gets an output of vLLM's or a refusal for each, and returns its result."""


@dataclass(slots=True)
class _UnderWay(Generic[_Name, _Done]):
    """A job with what it asks for, of which it lacks ``missing`` outputs."""

    name: _Name
    job: Job[_Done]
    asks: Sequence[Ask] = ()
    outputs: list[Any] = field(default_factory=list)
    missing: int = 0


@dataclass(frozen=True, slots=True)
class _Request(Generic[_Name, _Done]):
    """One request under way: whose it is, which of its job's asks, and how often it was sent."""

    of: _UnderWay[_Name, _Done]
    place: int
    tries: int = 1


class Engine:
    """Runs jobs on vLLM's ``LLM``, and takes a new one up whenever there is room.

    Handed over in batches, a batch would end with a few long answers that have the engine to themselves. What a job
    asks for second joins the others, while its prompt is still in the prefix cache. Jobs are made ready several at a
    time, which takes half the time of making them ready one by one between the engine's steps.

    Args:
        llm: vLLM's ``LLM``.
        room: Requests under way at a time, at least; as many as the engine runs at a time and a quarter more, where
            that is larger. Their pictures are in memory.

    Attributes:
        room, slack: Jobs are taken until ``room`` requests are under way, once there are ``slack`` fewer, or none.
    """

    def __init__(self, llm: Any, *, room: int) -> None:
        runs = int(llm.llm_engine.vllm_config.scheduler_config.max_num_seqs)
        self._llm, self.slack = llm, max(_SLACK, runs // 4)
        self.room = max(room, runs + self.slack)
        self._refusals = _refusals()

    def run(
        self, jobs: Iterable[tuple[_Name, Job[_Done]]], *, on: Callable[[str], AbstractContextManager[None]]
    ) -> Iterator[tuple[_Name, _Done]]:
        """Results by their job's name, as they come.

        Ranks that are replicas of each other have to call this together, be there anything to ask or not: vLLM has them
        step together until the last has nothing left.

        Args:
            jobs: Named jobs; each is taken when there is room for it.
            on: Times what is done within, by stage: ``preprocessing`` and ``model``.
        """
        engine, waiting = self._llm.llm_engine, iter(jobs)
        asked: dict[str, _Request[_Name, _Done]] = {}
        exhausted = False
        try:
            while True:
                full = len(asked) > max(self.room - self.slack, 0)
                while not full and not exhausted:
                    with on("preprocessing"):
                        one = next(waiting, None)
                        exhausted = one is None
                        ended = [] if one is None else self._go_on(_UnderWay(*one), asked)
                    yield from ended
                    full = len(asked) >= self.room
                with on("model"):
                    if not engine.has_unfinished_requests():
                        return
                    outputs = [output for output in engine.step() if output.finished]
                for output in outputs:
                    with on("preprocessing"):
                        ended = self._take(output, asked)
                    yield from ended
        finally:
            if asked:
                self._drop(list(asked))

    def _take(self, output: Any, asked: dict[str, _Request[_Name, _Done]]) -> list[tuple[_Name, _Done]]:
        """Take an output in; its job's result where that is over."""
        request, reason = asked.pop(output.request_id), output.outputs[0].finish_reason
        of, place = request.of, request.place
        if reason == _ERROR and request.tries < _TRIES:
            sent = self._add(of.asks[place])
            if isinstance(sent, str):
                asked[sent] = replace(request, tries=request.tries + 1)
                return []
        of.outputs[place] = output if reason in _WHOLE else Refused(f"the engine ended the request: {reason}")
        of.missing -= 1
        return [] if of.missing else self._go_on(of, asked, of.outputs)

    def _go_on(
        self,
        of: _UnderWay[_Name, _Done],
        asked: dict[str, _Request[_Name, _Done]],
        outputs: Any = None,
    ) -> list[tuple[_Name, _Done]]:
        """Give a job its outputs, none at its start, and ask what it asks next; its result where it is over."""
        try:
            while True:
                of.asks = of.job.send(outputs)
                outputs = of.outputs = [self._add(ask) for ask in of.asks]
                sent = {name: _Request(of, place) for place, name in enumerate(outputs) if isinstance(name, str)}
                asked.update(sent)
                of.missing = len(sent)
                if sent:
                    return []
        except StopIteration as end:
            return [(of.name, end.value)]

    def _add(self, ask: Ask) -> str | Refused:
        """Hand a request over; the name under which its output will come."""
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        prompt: dict[str, Any] = {"prompt_token_ids": list(ask.ids)}
        if ask.images:
            prompt["multi_modal_data"] = {"image": list(ask.images)}
        params = SamplingParams(**ask.sampling)
        try:
            if hasattr(self._llm, "enqueue"):
                (name,) = self._llm.enqueue([prompt], params, use_tqdm=False)
                # The engine puts a random end behind a name, which the output does not have.
                return str(name).partition("-")[0]
            name = str(next(self._llm.request_counter))
            params.output_kind = RequestOutputKind.FINAL_ONLY
            self._llm.llm_engine.add_request(name, prompt, params)
        except self._refusals as error:  # such as a prompt longer than the model's context
            return Refused(" ".join(str(error).split()))
        return name

    def _drop(self, names: list[str]) -> None:
        from vllm.v1.engine.exceptions import EngineDeadError

        with suppress(EngineDeadError):  # a Ctrl-C reaches its process, too, and must not end as another error
            self._llm.llm_engine.abort_request(names)


def _refusals() -> tuple[type[Exception], ...]:
    """What vLLM raises of a request that it does not take: older versions a ValueError, newer ones one of their own."""
    try:
        from vllm.exceptions import VLLMClientError
    except ImportError:
        return (ValueError,)
    return (ValueError, VLLMClientError)
