"""Answers kept on disk as they come, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from lmms_eval.api.instance import GenerationResult, TokenCounts
from loguru import logger
from PIL import Image

import lmms_faith
from lmms_faith import sidecar
from lmms_faith.lmms.channel import EVIDENCE_FORMAT, detach, failure

VARIABLE = "LMMS_FAITH_STORE"
"""Names the folder of the store for backends that were given none."""
_FILES = "answers-*.jsonl"
_READ_AT_STARTUP = (".json", ".jinja", ".txt", ".model", ".py", ".safetensors", ".bin")
"""Endings of the files that `from_pretrained` reads; a training folder holds others, such as optimizer states."""


class Store:
    """Answers by key: those that were in the folder at the start, and those added since.

    Every process writes a file of its own and never touches another's. A line holds a whole batch with a checksum, so
    a batch is either kept or not, and a line that was cut off or spoilt is left out, counted and generated anew.

    Args:
        folder: Where the files are; made when the first answer is added.
        rank: Rank of this process, for its file's name.

    Attributes:
        served: Number of answers that were given without generating them.
        generated: Number of answers that were generated.
        unreadable: Number of lines that were left out.
    """

    def __init__(self, folder: Path, *, rank: int = 0) -> None:
        self.folder, self._rank = folder, rank
        self._file: BinaryIO | None = None
        self._known: dict[str, GenerationResult] = {}
        self.served = self.generated = self.unreadable = 0
        for path in sorted(folder.glob(_FILES)):
            for line in path.read_bytes().splitlines():
                found = _read(line)
                self.unreadable += found is None
                self._known |= found or {}

    @property
    def kept(self) -> int:
        """Number of answers that can be served."""
        return len(self._known)

    def __contains__(self, key: str | None) -> bool:
        return key in self._known

    def known(self, key: str | None) -> GenerationResult | None:
        """The answer that is kept under a key; None where there is none."""
        found = None if key is None else self._known.get(key)
        self.served += found is not None
        return found

    def keep(self, key: str | None, answer: GenerationResult) -> None:
        """Keep one answer, on the disk once this returns, unless it is a failure or must not be served."""
        self.generated += 1
        self._add({} if key is None else {key: answer})

    def complete(
        self, keys: Sequence[str | None], generate: Callable[[list[int]], Sequence[GenerationResult]]
    ) -> list[GenerationResult]:
        """The answers of a batch: known ones as they were, the others generated together and kept.

        Requests with the same key are generated once, now and on resuming alike; so what is generated together does
        not depend on where a run was stopped, and neither do the last digits of its probabilities.

        Args:
            keys: Key of each request; None where an old answer must not be served.
            generate: Generates the requests at the given places.
        """
        first: dict[str, int] = {}
        missing = [
            place
            for place, key in enumerate(keys)
            if key is None or (key not in self._known and first.setdefault(key, place) == place)
        ]
        made = dict(zip(missing, generate(missing), strict=True)) if missing else {}
        self._add({key: made[place] for key, place in first.items()})
        self.generated += len(made)
        self.served += len(keys) - len(made)
        return [
            made[place] if place in made else made[first[key]] if key in first else self._known[key]
            for place, key in ((place, key or "") for place, key in enumerate(keys))
        ]

    def _add(self, answers: Mapping[str, GenerationResult]) -> None:
        """Keep a batch, on the disk once this returns. Failures are not kept, so they are asked again."""
        good = {key: answer for key, answer in answers.items() if failure(*detach(answer.text)) is None}
        if not good:
            return
        if self._file is None:
            self._file = self._new_file()
        sidecar.append(self._file, _line(good))
        self._known |= good

    def _new_file(self) -> BinaryIO:
        """A file that no other process has; the token is there because processes of two machines can share a number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = _FILES.replace("*", f"rank{self._rank}-{os.getpid()}-{secrets.token_hex(4)}")
        file = (self.folder / name).open("xb")
        if os.name == "posix":  # elsewhere a folder can't be opened, and its entries need no flush of their own
            folder = os.open(self.folder, os.O_RDONLY)
            os.fsync(folder)
            os.close(folder)
        return file


def open_store(folder: str | None, *, rank: int = 0) -> Store | None:
    """The store in a folder, or in the one that `LMMS_FAITH_STORE` names; None where neither is given."""
    named = folder or os.environ.get(VARIABLE)
    if not named:
        return None
    store = Store(Path(named), rank=rank)
    if store.kept or store.unreadable:
        spoilt = f", {store.unreadable} unreadable lines left out" if store.unreadable else ""
        logger.info(f"{store.kept} answers are kept in {store.folder}{spoilt}")
    return store


def clear(folder: Path) -> None:
    """Take away every answer that is kept in a folder, and nothing else."""
    for path in folder.glob(_FILES):
        path.unlink(missing_ok=True)  # other ranks clear the same folder


def key_of(
    identity: Mapping[str, Any],
    *,
    prompt_ids: Iterable[int] = (),
    turns: Iterable[Any] = (),
    prefill: str,
    pictures: Iterable[str],
    sampling: Mapping[str, Any],
    alternatives: Iterable[str],
) -> str | None:
    """What an answer depends on, hashed; None where the answer is drawn by chance.

    Args:
        identity: Everything about the model and its settings that can change an answer; JSON types.
        prompt_ids: Token ids of the rendered prompt, prefill included; none where a server renders it.
        turns: The conversation as such a server gets it, but for its pictures; JSON types.
        prefill: The prefill; the evidence says whether one was continued.
        pictures: ``image_digest`` of the pictures as they are handed to the processor.
        sampling: Arguments of the generation.
        alternatives: Values whose probability is asked for.
    """
    if sampling.get("do_sample") or sampling.get("temperature"):
        return None
    content = {
        "identity": identity,
        "evidence": [lmms_faith.__version__, EVIDENCE_FORMAT],
        "prompt_ids": list(prompt_ids),
        "turns": list(turns),
        "prefill": prefill,
        "images": list(pictures),
        "sampling": sampling,
        "alternatives": list(alternatives),
    }
    return _json_digest(content)


def fingerprint(folder: Path) -> str:
    """Hash of a model folder: name and whole content of every file that loading reads.

    Size and header of a weights file don't change from one checkpoint of a training to the next, so all of it is read,
    several files at a time.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in _READ_AT_STARTUP and path.is_file())
    with ThreadPoolExecutor() as pool:
        return _json_digest([*zip([file.name for file in files], pool.map(_file_digest, files))])


def _line(answers: Mapping[str, GenerationResult]) -> str:
    content = [
        {"key": key, "text": answer.text, "tokens": asdict(answer.token_counts or TokenCounts())}
        for key, answer in answers.items()
    ]
    return json.dumps({"checksum": _json_digest(content), "answers": content}) + "\n"


def _read(line: bytes) -> dict[str, GenerationResult] | None:
    """The answers in a line by key; None where it is not a whole line of ours."""
    try:
        data = json.loads(line)
        if data["checksum"] != _json_digest(data["answers"]):
            return None
        return {one["key"]: GenerationResult(one["text"], TokenCounts(**one["tokens"])) for one in data["answers"]}
    # UnicodeDecodeError and JSONDecodeError are ValueErrors.
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def image_digest(image: Image.Image) -> str:
    """Hash of a picture's mode, size and pixels."""
    return _digest(f"{image.mode} {image.size} ".encode() + image.tobytes())


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def _json_digest(content: Any) -> str:
    return _digest(json.dumps(content, sort_keys=True).encode())


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
