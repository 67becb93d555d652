"""inspect's logs: one sample a question, in a zip of JSON members (``.eval``) or in one JSON file."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lmms_faith.benchmarks.fields import asked
from lmms_faith.benchmarks.rows import letter_index, split_options
from lmms_faith.item import LETTERS, Item, option_index
from lmms_faith.parsing import Finish, parse
from lmms_faith.parsing.listed import parts
from lmms_faith.recording import Generation
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Refused, written_by
from lmms_faith.rescoring.fields import Fields, Malformed, Place, json_object
from lmms_faith.rescoring.tokens import letter_logprobs, tokens_of

PREFILLED = "its input ends in an assistant turn, and the log does not say whether the model continued it"
IN_PARTS = "it is stored in parts, which are not read"
SEVERAL_GOLDS = "it has several right answers"
REDACTED = "a thought, which the provider kept to itself"

_FINISH: Mapping[str, Finish] = {"stop": "stop", "max_tokens": "length", "model_length": "length"}
_ATTACHMENT = "attachment://"
_DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises of damaged archives, by what is damaged and how it is packed."""
_ZSTANDARD = 93
"""Number of the compression method in the zip format; Python's zipfile reads it from 3.14 on."""


def read(path: Path, given: Given) -> Iterator[Answer | Refused]:
    """The answers of a log.

    Raises:
        Malformed: No log of inspect, or a sample that lacks what all have; the message names file, sample and field.
        ImportError: Members are compressed with zstandard, and neither Python nor a package reads it.
    """
    zipped = zipfile.is_zipfile(path)
    header = Fields(Place(path, "header"), _header(path) if zipped else _whole(path))
    spec = Fields(header.place, header.mapping("eval"))
    task = given.benchmark or spec.text("task").rpartition("/")[2]
    model = given.model or spec.text_or("model", None)
    for place, data in _members(path) if zipped else _listed(header):
        if data is None:
            yield Refused(place, IN_PARTS)
        else:
            yield _answer(Fields(place, _inlined(data)), task, model, given)


def _answer(sample: Fields, task: str, model: str | None, given: Given) -> Answer | Refused:
    about = Fields(sample.place, sample.mapping("metadata"))
    roles, question = _asked(sample)
    if roles[-1:] == ["assistant"]:
        return Refused(sample.place, PREFILLED)
    targets = sample.texts("target") if isinstance(sample.data.get("target"), list) else (sample.text("target"),)
    if len(targets) != 1:
        return Refused(sample.place, SEVERAL_GOLDS, ", ".join(targets))
    options = sample.texts("choices")
    try:
        question, options = (question, options) if options else split_options(question)
    except ValueError:
        options = ()
    key = sample.key("id")
    try:
        item = Item(
            id=key,
            benchmark=task,
            category=_named(about, "category"),
            cluster=_named(about, "cluster") or "",
            family=_named(about, "family") or "",
            **asked(question, options, _gold(targets[0], options)),
        )
    except ValueError as refusal:
        return Refused(sample.place, NO_ITEM, str(refusal))
    claimed = _named(about, "claimed")
    thought, text, redacted = _said(sample)
    output = Fields(sample.place, sample.mapping("output"))
    choice = Fields(sample.place, next(iter(output.rows("choices")), {}))
    finish = _FINISH.get(choice.text_or("stop_reason", None) or "")
    logprobs = Fields(sample.place, choice.mapping("logprobs"))
    letters, missing = None, None
    if logprobs.has("content") and options:
        at = parse(thought + text, options, finish=finish).letter_at
        inside = None if at is None or at < len(thought) else at - len(thought)
        letters, missing = letter_logprobs(tokens_of(logprobs, "content"), text, inside, len(options))
    known, bounds = parts(letters)
    return Answer(
        place=sample.place,
        item=item,
        condition=_named(about, "condition") or given.condition,
        options=options,
        claimed=claimed if not options or claimed is None else _option(about, claimed, options),
        claim_known=claimed is not None,
        generation=Generation(
            completion=thought + text,
            model=model,
            finish=finish,
            error=None if choice.data else _error(sample, output),
            letter_logprobs=known,
            letter_bounds=bounds,
            letter_source=None if letters is None else "generated",
        ),
        seed=given.seed,
        versions=written_by("inspect"),
        notes=tuple(note for note in (missing, REDACTED if redacted else None) if note),
    )


def _asked(sample: Fields) -> tuple[list[str], str]:
    """The roles of the input's turns, and the text of its last user turn, as it was before a solver put it in words."""
    if isinstance(sample.data.get("input"), str):
        return ["user"], sample.text("input")
    turns = [Fields(sample.place, turn) for turn in sample.rows("input")]
    if not turns:
        sample.place.fault("input", "is missing")
    texts = [_parts(turn)[1] for turn in turns if turn.text("role") == "user"]
    return [turn.text("role") for turn in turns], texts[-1] if texts else ""


def _said(sample: Fields) -> tuple[str, str, bool]:
    """The thought in tags, the text behind it, and whether a thought was kept back."""
    output = Fields(sample.place, sample.mapping("output"))
    for choice in output.rows("choices"):
        return _parts(Fields(sample.place, Fields(sample.place, choice).mapping("message")))
    return "", "", False


def _parts(message: Fields) -> tuple[str, str, bool]:
    """A message's thought in tags, its text, and whether a thought was kept back."""
    if isinstance(message.data.get("content"), str):
        return "", message.text("content"), False
    parts = [Fields(message.place, part) for part in message.rows("content")]
    thoughts = [part for part in parts if part.text("type") == "reasoning"]
    redacted = [part for part in thoughts if part.data.get("redacted")]
    told = "\n".join(part.text("reasoning") for part in thoughts if part not in redacted)
    texts = [part.text("text") for part in parts if part.text("type") == "text"]
    return f"<think>{told}</think>" if told else "", "\n".join(texts), bool(redacted)


def _gold(target: str, options: tuple[str, ...]) -> str:
    """Gold as a letter where there are options, which a task may give as the option's text instead."""
    index = _index(target, options)
    return target if index is None else LETTERS[index]


def _option(about: Fields, claimed: str, options: tuple[str, ...]) -> str:
    """The claimed option as it is printed, from its letter or its text."""
    index = _index(claimed, options)
    if index is None:
        about.place.fault("metadata", f"claimed {claimed!r} is none of the options {', '.join(map(repr, options))}")
    return options[index]


def _index(text: str, options: tuple[str, ...]) -> int | None:
    """Index of the option that a letter names, or else a text; None where there is no such option."""
    try:
        index = letter_index(text)
    except ValueError:
        index = len(options)
    return index if index < len(options) else option_index(text, options)


def _named(about: Fields, name: str) -> str | None:
    """A text in a sample's metadata; what has another type there is not meant for us."""
    value = about.data.get(name)
    return value if isinstance(value, str) and value else None


def _error(sample: Fields, output: Fields) -> str:
    told = sample.data.get("error") or output.data.get("error")
    message = told.get("message") if isinstance(told, dict) else told
    return str(message or "the sample has no output")[:200]


def _inlined(sample: Mapping[str, Any]) -> Mapping[str, Any]:
    """The sample with the texts in place that are kept once, as attachments, and named elsewhere."""
    attachments = sample.get("attachments")
    if not isinstance(attachments, dict) or not attachments:
        return sample

    def inline(value: Any) -> Any:
        if isinstance(value, str) and value.startswith(_ATTACHMENT):
            return attachments.get(value.removeprefix(_ATTACHMENT), value)
        if isinstance(value, list):
            return [inline(one) for one in value]
        return {key: inline(one) for key, one in value.items()} if isinstance(value, dict) else value

    return {name: inline(value) for name, value in sample.items() if name in _READ}


_READ = ("id", "input", "choices", "target", "output", "metadata", "error")


def _listed(log: Fields) -> Iterator[tuple[Place, Mapping[str, Any] | None]]:
    for number, sample in enumerate(log.rows("samples"), start=1):
        yield Place(log.place.file, f"sample {number}"), sample


def _members(path: Path) -> Iterator[tuple[Place, Mapping[str, Any] | None]]:
    """The samples of a zip, None for one that is stored in parts."""
    with _archive(path) as archive:
        for info in archive.infolist():
            folder, _, rest = info.filename.partition("/")
            if folder != "samples" or not rest.endswith(".json"):
                continue
            place = Place(path, info.filename)
            if "/" not in rest:
                yield place, json_object(_content(path, archive, info), place)
            elif rest.endswith("/sample.json"):
                yield place, None


def _header(path: Path) -> Mapping[str, Any]:
    """What a zipped log says of its run; a run that was stopped has only what was written at its start."""
    with _archive(path) as archive:
        for name in ("header.json", "_journal/start.json"):
            if name in archive.namelist():
                return json_object(_content(path, archive, archive.getinfo(name)), Place(path, name))
    raise Malformed(f"{path}: has neither header.json nor _journal/start.json, so it is no log of inspect")


def _whole(path: Path) -> Mapping[str, Any]:
    return json_object(path.read_bytes(), Place(path, "line 1"))


def _archive(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise Malformed(f"{path}: is a damaged zip file ({error})") from error


def _content(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes."""
    place = Place(path, info.filename)
    try:
        if info.compress_type != _ZSTANDARD or hasattr(zipfile, "ZIP_ZSTANDARD"):
            return archive.read(info)
        return _zstandard(path, info)
    except _DAMAGED as error:
        raise Malformed(f"{place}: can't be unpacked ({type(error).__name__}: {error})") from error


def _zstandard(path: Path, info: zipfile.ZipInfo) -> bytes:
    try:
        import zstandard
    except ImportError as error:
        raise ImportError(f"{path}: its members need zstandard: pip install 'lmms-faith[report]'") from error
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        # Behind its fixed 30 bytes a member's header has a name and extras, whose lengths are its last two numbers.
        file.seek(sum(struct.unpack("<HH", file.read(4))), io.SEEK_CUR)
        packed = io.BytesIO(file.read(info.compress_size))
    try:
        content: bytes = zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True).read()
    except zstandard.ZstdError as error:
        raise Malformed(f"{Place(path, info.filename)}: can't be unpacked ({error})") from error
    return content
