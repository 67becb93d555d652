"""The plain JSONL: one answer a line, the form in which anybody's results can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from lmms_faith.benchmarks.rows import rule_for, value_kind
from lmms_faith.conditions import ABSTENTION, CONDITIONS
from lmms_faith.item import LETTERS, Item, Kind, normalise, option_index
from lmms_faith.parsing import Finish, parse
from lmms_faith.parsing.listed import Letters, parts
from lmms_faith.record import LetterSource, Record
from lmms_faith.recording import Generation
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Refused, written_by
from lmms_faith.rescoring.fields import Fields, json_lines
from lmms_faith.rescoring.tokens import letter_logprobs, tokens_of

FIELDS: Mapping[str, str] = {
    "item_id": "Text or whole number. What the item is called; the same under every condition.",
    "completion": "Text. What the model wrote, behind `prefill` where there is one; the reasoning included.",
    "benchmark": "Text. Taken from `--benchmark` where it is left out.",
    "condition": "Text. Taken from `--condition` (`base`) where it is left out.",
    "model": "Text. Taken from `--model`, which overrides it.",
    "question": "Text. The question alone; judges read it.",
    "options": "List of texts, in the order shown, without their letters. Left out or empty: a free-form item.",
    "answer": 'Letter (`"B"`) or index from 0 (`1`) of the right option.',
    "gold": "Text of the right option, or the value of a free-form item. One of `answer` and `gold` has to be there.",
    "target": "Letter or index of the wrong option that the prompt claims, or would; null where there is none.",
    "claimed": "The same as text; the value where the item is free-form.",
    "prefill": "Text. Start of the assistant turn that was given and that the model continued.",
    "category": "Text. The benchmark's category.",
    "cluster": "Text. The image; items that share it share their luck. Taken from `item_id` where it is left out.",
    "family": "Text. What circular copies of one item share. Taken from `item_id` where it is left out.",
    "kind": "What a free-form answer is: `integer`, `float`, `list`, `text`. Read off `gold` where it is left out.",
    "precision": "Whole number. Decimals to which a `float` is rounded before it is compared.",
    "extras": "Object of texts. What the benchmark's official score needs, or anything of your own.",
    "finish": "`stop`, or `length` where the completion was cut off.",
    "letter_logprobs": "List of numbers, one an option as shown: natural log of each letter's probability at the "
    "answer.",
    "letter_bounds": "List of `true` and `false`, one an option: which of `letter_logprobs` are only upper bounds.",
    "letter_source": "`generated` (at the letter that was written) or `forced`.",
    "token_logprobs": "List of `{token, logprob, top_logprobs: [{token, logprob}]}`, as OpenAI's API returns it, in "
    "place of `letter_logprobs`.",
    "conclusion_logprobs": "The same as `letter_logprobs`, right after the thought.",
    "conclusion_bounds": "The same as `letter_bounds`, of `conclusion_logprobs`.",
    "value_logprobs": "One or two numbers: natural log of the probability of gold and of the claimed value.",
    "error": "Text. Why the request failed; null where it did not.",
    "seed": "Whole number. Taken from `--seed` (0) where it is left out.",
    "versions": "Object of texts. What wrote the answer.",
}
"""Every field of a line, with what it holds; a line with another field is refused."""

_OF_RECORD = tuple(name for name in FIELDS if name not in ("gold", "target", "token_logprobs"))


def read(path: Path, given: Given) -> Iterator[Answer | Refused]:
    """The answers of a plain JSONL file.

    Raises:
        Malformed: A line that is no JSON object, or a field that is missing, unknown, of another type or contradicted
            by another one; the message names file, line and field.
    """
    for place, data in json_lines(path):
        yield answer_of(Fields(place, data), given)


def line_of(record: Record) -> dict[str, Any]:
    """The plain line of a record, as JSON types: ``answer_of`` gives an answer that makes an equal record."""
    values: dict[str, Any] = {name: getattr(record, name) for name in _OF_RECORD}
    if record.kind != "choice":
        values["gold"] = record.gold
    values |= {name: dict(values[name]) for name in ("extras", "versions")}
    line = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    # Nothing claimed is something to say; anything else that is None is left out.
    return {name: value for name, value in line.items() if value is not None or name == "claimed"}


def answer_of(line: Fields, given: Given) -> Answer | Refused:
    """The answer that a plain line tells.

    Raises:
        Malformed: See ``read``.
    """
    for name in line.data.keys() - FIELDS.keys():
        line.place.fault(name, "is no field of the plain JSONL; put what is yours into 'extras'")
    condition = line.text_or("condition", given.condition) or given.condition
    shown = line.texts("options")
    row = CONDITIONS.get(condition)
    own = shown[:-1] if row is not None and row.abstain and shown[-1:] == (ABSTENTION,) else shown
    error = line.text_or("error", None)
    completion = line.text("completion") if error is None else line.text_or("completion", "") or ""
    prefill = line.text_or("prefill", "") or ""
    benchmark = line.text_or("benchmark", given.benchmark)
    if benchmark is None:
        line.place.fault("benchmark", "is missing; add it, or give --benchmark NAME")
    asked = _gold(line, own) | {
        "id": line.key("item_id"),
        "question": line.text_or("question", ""),
        "precision": line.whole("precision"),
        "category": line.text_or("category", None),
        "cluster": line.key("cluster") if line.has("cluster") else "",
        "family": line.key("family") if line.has("family") else "",
        "extras": line.named_texts("extras"),
    }
    try:
        item = Item(benchmark=benchmark, **asked)
    except ValueError as refusal:
        return Refused(line.place, NO_ITEM, str(refusal))
    claimed = _claimed(line, item)
    finish: Finish | None = line.one_of("finish", get_args(Finish))
    letter_at = parse(completion, shown, kind=item.kind, prefill=prefill, finish=finish).letter_at
    letters, source, note = _letters(line, completion, letter_at, len(shown))
    (logprobs, bounds), conclusion = (
        parts(letters),
        parts(_given(line, "conclusion_logprobs", "conclusion_bounds", len(shown))),
    )
    seed = line.whole("seed")
    return Answer(
        place=line.place,
        item=item,
        condition=condition,
        options=shown,
        claimed=claimed,
        claim_known="claimed" in line.data or "target" in line.data,
        prefill=prefill,
        generation=Generation(
            completion=completion,
            model=given.model or line.text_or("model", None),
            finish=finish,
            error=error,
            letter_logprobs=logprobs,
            letter_bounds=bounds,
            letter_source=source,
            conclusion_logprobs=conclusion[0],
            conclusion_bounds=conclusion[1],
            value_logprobs=line.logprobs("value_logprobs", 1 if claimed is None else 2),
        ),
        seed=given.seed if seed is None else seed,
        versions=line.named_texts("versions") or written_by("plain"),
        notes=() if note is None else (note,),
    )


def _gold(line: Fields, options: tuple[str, ...]) -> dict[str, Any]:
    """The fields of an Item that say what is right."""
    if not options:
        if line.has("answer"):
            line.place.fault("answer", "names an option, and the row has no 'options'; give 'gold'")
        gold = line.text("gold")
        return {"value": gold, "kind": line.one_of("kind", get_args(Kind)[1:]) or value_kind(gold)}
    index, text = _index(line, "answer", options), line.text_or("gold", None)
    if line.one_of("kind", get_args(Kind)) not in (None, "choice"):
        line.place.fault(
            "kind", f"{line.data['kind']!r} is free-form, and the row has 'options'; leave one of them out"
        )
    if index is None:
        if text is None:
            line.place.fault("answer", "is missing, and so is 'gold'; give the letter or the text of the right option")
        index = _option(line, "gold", text, options)
    elif text is not None and normalise(text) != normalise(options[index]):
        line.place.fault("gold", f"{text!r} is not the option {options[index]!r} that 'answer' names")
    return {"options": options, "answer": index, "rule": rule_for(options)}


def _claimed(line: Fields, item: Item) -> str | None:
    """The claimed wrong answer as text, as the item prints it."""
    index, text = _index(line, "target", item.options), line.text_or("claimed", None)
    if index is not None:
        claimed = item.options[index]
        if text is not None and normalise(text) != normalise(claimed):
            line.place.fault("claimed", f"{text!r} is not the option {claimed!r} that 'target' names")
    elif text is not None and item.options:
        claimed = item.options[_option(line, "claimed", text, item.options)]
    else:
        return text
    if normalise(claimed) == normalise(item.gold):
        line.place.fault(
            "claimed" if index is None else "target", f"{claimed!r} is gold; what is claimed has to be wrong"
        )
    return claimed


def _index(line: Fields, name: str, options: tuple[str, ...]) -> int | None:
    """An option's index, given as such or as its letter; None where the field is not given."""
    if not line.has(name):
        return None
    value = line.data[name]
    found = LETTERS.find(value) if isinstance(value, str) and len(value) == 1 else None
    if not isinstance(value, str):
        found = line.whole(name)
    if found is None or not 0 <= found < len(options):
        line.place.fault(name, f"{value!r} is neither a letter nor an index, from 0, of one of {len(options)} options")
    return found


def _option(line: Fields, name: str, text: str, options: tuple[str, ...]) -> int:
    found = option_index(text, options)
    if found is None:
        line.place.fault(name, f"{text!r} is none of the options {', '.join(map(repr, options))}")
    return found


def _letters(
    line: Fields, completion: str, letter_at: int | None, n: int
) -> tuple[Letters | None, LetterSource | None, str | None]:
    """The letters' log-probabilities, where they were read, and why there are none although tokens are given."""
    source: LetterSource | None = line.one_of("letter_source", get_args(LetterSource))
    if not line.has("token_logprobs"):
        return _given(line, "letter_logprobs", "letter_bounds", n), source, None
    if line.has("letter_logprobs"):
        line.place.fault("token_logprobs", "is given together with 'letter_logprobs'; leave one of them out")
    letters, missing = letter_logprobs(tokens_of(line, "token_logprobs"), completion, letter_at, n)
    return letters, None if letters is None else "generated", missing


def _given(line: Fields, name: str, bounds: str, n: int) -> Letters | None:
    """Letters that a line gives as such."""
    bounded = line.flags(bounds, n)
    logprobs = line.logprobs(name, n, bounds=bounded)
    if logprobs is None and bounded is not None:
        line.place.fault(bounds, f"is given without {name!r}; leave it out")
    return None if logprobs is None else Letters(logprobs, bounded)
