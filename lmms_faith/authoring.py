"""Claims written once by a language model, each checked before it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from lmms_faith import sidecar
from lmms_faith.chat import Ask, Message, NoReply, Progress, for_each, plain
from lmms_faith.conditions.acceptance import MAX_WORDS, problems
from lmms_faith.conditions.overrides import (
    Claims,
    Provenance,
    Side,
    WrittenClaim,
    read_claims,
    to_line,
)
from lmms_faith.conditions.targets import wrong_target
from lmms_faith.item import Item, normalise

PROMPT_VERSION = "claim-1"
"""Name of the prompt file; a changed prompt is a new file."""
ATTEMPTS = 3
"""Sentences that a model may offer for one claim."""

_Claimed = tuple[str, Side, str | None]
"""What is claimed, on which side, and what may not be said."""

_LANGUAGES = {"en": "English", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "fa": "Persian", "ar": "Arabic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the claims of a run.

    Attributes:
        written: Claims added to the file.
        kept: Claims that were in the file before; they were not asked for.
        left_out: Claims for which no sentence was accepted; a later run asks for them again.
        reasons: What was wrong with the last sentence offered for each of those, counted; one may have several.
    """

    written: int
    kept: int
    left_out: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """One sentence to write, for those copies of an item that lack it; ``sentence`` is that of a copy that has it."""

    answer: str
    stance: Side
    avoid: str | None
    copies: tuple[Item, ...]
    sentence: str | None


async def write_claims(
    items: Iterable[Item],
    *,
    ask: Ask,
    model: str,
    seed: int,
    out: Path,
    today: date,
    concurrency: int = 8,
    progress: Progress = lambda done, total: None,
) -> Tally:
    """Have a model word the wrong and the correct claim of every item, and append them to a file as they come.

    What the file holds is neither rewritten nor asked for again, so that a run that was interrupted goes on. Each
    sentence is on disk before the next is asked for by the same worker. Circular copies of an item share one sentence.

    Args:
        items: The items.
        ask: The model; see ``chat.endpoint``.
        model: Its name, for the provenance.
        seed: Chooses the claimed wrong answers, as in ``render``.
        out: The file; made where it is missing.
        today: For the provenance.
        concurrency: Requests at a time.
        progress: Told after every claim, of how many claims.

    Raises:
        ValueError: The file holds something that is no claim.
        EndpointUnusable: The model can't be asked at all; what was written stays.
    """
    sidecar.prepare(out, start='{"benchmark": ')
    orders, kept = _orders(items, read_claims(out), seed=seed)
    provenance = Provenance(model=model, prompt_version=PROMPT_VERSION, date=today.isoformat(), seed=seed)
    reasons: Counter[str] = Counter()
    total, written, left_out = sum(len(order.copies) for order in orders), 0, 0

    progress(0, total)
    with out.open("ab") as file:

        async def work(order: _Order) -> None:
            nonlocal written, left_out
            sentence, found = await _compose(order, ask, seed=seed)
            if sentence is None:
                reasons.update(found)
                left_out += len(order.copies)
            else:
                sidecar.append(file, _lines(order, sentence, provenance))
                written += len(order.copies)
            progress(written + left_out, total)

        await for_each(orders, work, concurrency=concurrency)
    return Tally(written=written, kept=kept, left_out=left_out, reasons=dict(reasons.most_common()))


def prompt(item: Item, *, answer: str, avoid: str | None) -> str:
    """What the model is asked: to state ``answer`` as a fact about the picture, and to keep ``avoid`` to itself."""
    template = (files("lmms_faith.conditions") / "prompts" / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8")
    polar = normalise(answer) in ("yes", "no", "true", "false")
    return template.format(
        context=f"{item.context}\n" if item.context else "",
        question=item.question,
        options="".join(f"- {option}\n" for option in item.options),
        language=_LANGUAGES.get(item.language, f"the language with ISO code {item.language}"),
        answer=f"{answer} {item.unit}" if item.unit else answer,
        polarity=f"Turn what is asked into a statement that is true if and only if the reply is {answer!r}; negate it "
        "where the reply denies it, and only there."
        if polar
        else f"Say {answer!r} word for word.",
        avoidance="" if avoid is None or polar else f"- Do not state or mention this, not even to deny it: {avoid}\n",
        words=MAX_WORDS,
    )


async def _compose(order: _Order, ask: Ask, *, seed: int) -> tuple[str | None, tuple[str, ...]]:
    """A sentence without problems, or None with the problems of the last one offered."""
    if order.sentence is not None:
        return order.sentence, ()
    item = order.copies[0]
    talk: list[Message] = [{"role": "user", "content": prompt(item, answer=order.answer, avoid=order.avoid)}]
    found: tuple[str, ...] = ()
    for _ in range(ATTEMPTS):
        try:
            offered = plain(await ask(talk))
        except NoReply as error:
            return None, (f"got no reply ({error})",)
        found = problems(offered, item=item, answer=order.answer, seed=seed)
        if not found:
            return offered, ()
        complaint = f"That can't be used: it {'; it '.join(found)}. Write the sentence anew, by all the rules above."
        talk += [{"role": "assistant", "content": offered}, {"role": "user", "content": complaint}]
    return None, found


def _orders(items: Iterable[Item], present: Claims, *, seed: int) -> tuple[list[_Order], int]:
    """Sentences to write, and the number of claims that are there already."""
    groups: dict[tuple[str, ...], dict[str, tuple[Item, _Claimed]]] = {}
    for item in items:
        for claimed in _claimed(item, seed=seed):
            answer, stance, _ = claimed
            alike = (item.benchmark, item.family, item.question, normalise(item.gold), stance, normalise(answer))
            groups.setdefault(alike, {})[item.id] = item, claimed
    orders, kept = [], 0
    for group in groups.values():
        answer, stance, avoid = next(iter(group.values()))[1]
        had = {item.id: sentence for item, _ in group.values() if (sentence := present.sentence(item, answer))}
        missing = tuple(item for item, _ in group.values() if item.id not in had)
        kept += len(had)
        if missing:
            sentence = next(iter(had.values()), None)
            orders.append(_Order(answer=answer, stance=stance, avoid=avoid, copies=missing, sentence=sentence))
    return orders, kept


def _claimed(item: Item, *, seed: int) -> Iterator[_Claimed]:
    wrong = wrong_target(item, seed=seed)
    if wrong is not None:
        yield wrong, "wrong", item.gold
    yield item.gold, "correct", wrong


def _lines(order: _Order, sentence: str, provenance: Provenance) -> str:
    claims = (
        WrittenClaim(
            benchmark=item.benchmark,
            item_id=item.id,
            answer=order.answer,
            stance=order.stance,
            sentence=sentence,
            language=item.language,
            provenance=provenance,
        )
        for item in order.copies
    )
    return "".join(map(to_line, claims))
