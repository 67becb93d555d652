"""What prompts of one picture share, computed once: its keys and values serve every condition asked about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

_POSITIONS = "_prepare_position_ids_for_generation"
"""The model's own way to number tokens, pictures' included; it has that name in transformers 5."""


class NotShared(RuntimeError):
    """A model or prompt whose beginning can't be computed apart from its end; the message says why."""


@dataclass(frozen=True, slots=True, eq=False)
class Prefix:
    """A prompt up to the end of its last picture.

    Attributes:
        ids: Its token ids, shape (tokens,), every picture's tokens in full.
        written: Its token ids as the tokenizer writes them, with one placeholder a picture.
        offset: What is added to a later token's place to get its position, shape (..., 1, 1) as the model numbers.
        layers: Keys and values of each layer, shape (1, heads, tokens, width).
    """

    ids: torch.Tensor
    written: tuple[int, ...]
    offset: torch.Tensor
    layers: tuple[tuple[torch.Tensor, torch.Tensor], ...]


class Prefixes:
    """Keeps the prefixes of the pictures at hand, and builds a model's inputs with them.

    A prefix is computed by itself, whatever it is going to be used with, so its numbers depend on nothing else. Ends of
    unlike length are padded on the left, between prefix and end, where the attention mask leaves the padding out.

    Args:
        model: A transformers image-text-to-text model.
        processed: Makes the model's inputs of prompts and all their pictures, on its device and in its dtype.

    Attributes:
        encoded: Pictures encoded so far.
        computed: Tokens of the prefixes computed so far.
    """

    def __init__(self, model: Any, processed: Callable[[list[str], list[Image.Image]], Mapping[str, Any]]) -> None:
        self._model, self._processed = model, processed
        self._kept: dict[tuple[str, ...], list[Prefix]] = {}
        self.encoded = self.computed = 0

    def keep(self, pictures: Iterable[tuple[str, ...]]) -> None:
        """Forget the prefixes of all pictures but these, given by their digests."""
        self._kept = {key: self._kept[key] for key in dict.fromkeys(pictures) if key in self._kept}

    def of(self, text: str, written: Sequence[int], images: list[Image.Image], digests: tuple[str, ...]) -> Prefix:
        """The prefix of a prompt, computed if it is not kept.

        Args:
            text: The prompt.
            written: Its token ids, with one placeholder a picture.
            images: Its pictures.
            digests: Theirs.

        Raises:
            NotShared: See there.
        """
        kept = self._kept.setdefault(digests, [])
        found = next((one for one in kept if tuple(written[: len(one.written)]) == one.written), None)
        if found is None:
            found = self._new(text, written, images)
            kept.append(found)
        return found

    def inputs(self, prefixes: Sequence[Prefix], written: Sequence[Sequence[int]], *, pad: int) -> dict[str, Any]:
        """Inputs for ``generate`` that go on from the prefixes.

        Args:
            prefixes: Each row's.
            written: Each row's token ids from the start on, with one placeholder a picture.
            pad: Id of the padding token.

        Returns:
            ``input_ids`` and ``attention_mask`` of shape (rows, tokens), padding within; ``position_ids``; and
            ``past_key_values``, filled with the prefixes.
        """
        device = prefixes[0].ids.device
        ends = [
            torch.tensor(ids[len(prefix.written) :], device=device)
            for prefix, ids in zip(prefixes, written, strict=True)
        ]
        most, longest = max(len(prefix.ids) for prefix in prefixes), max(map(len, ends))
        rows = len(ends)
        ids = torch.full((rows, most + longest), pad, device=device)
        mask = torch.zeros_like(ids)
        lead = prefixes[0].offset.shape[:-2]
        positions = torch.zeros((*lead, rows, most + longest), dtype=torch.long, device=device)
        for row, (prefix, end) in enumerate(zip(prefixes, ends)):
            for piece, stop in ((prefix.ids, most), (end, most + longest)):
                ids[row, stop - len(piece) : stop] = piece
                mask[row, stop - len(piece) : stop] = 1
            places = torch.arange(len(prefix.ids), len(prefix.ids) + len(end), device=device)
            positions[..., row, most + longest - len(end) :] = places + prefix.offset[..., 0, :]
        return {
            "input_ids": ids,
            "attention_mask": mask,
            "position_ids": positions,
            "past_key_values": _filled(prefixes, most),
        }

    def _new(self, text: str, written: Sequence[int], images: list[Image.Image]) -> Prefix:
        if not images:
            raise NotShared("a prompt without a picture")
        inputs = dict(self._processed([text], images))
        ids = inputs["input_ids"]
        end = self._end(ids[0], written)
        positions = self._positions(inputs)
        places = torch.arange(end, ids.shape[1], device=ids.device)
        offsets = positions[..., end:] - places
        if not bool((offsets == offsets[..., :1]).all()):
            raise NotShared("the tokens behind its pictures are not numbered one by one")
        shared = {
            name: value[:, :end] if value.shape == ids.shape else value
            for name, value in inputs.items()
            if isinstance(value, torch.Tensor)
        }
        keep = {"logits_to_keep": 1} if self._model._supports_logits_to_keep() else {}
        with torch.inference_mode():
            cache = self._model(**shared, position_ids=positions[..., :end], use_cache=True, **keep).past_key_values
        layers = getattr(cache, "layers", [])
        if not layers or any(type(layer) is not DynamicLayer for layer in layers):
            raise NotShared(f"its cache holds {sorted({type(layer).__name__ for layer in layers})}, not plain layers")
        self.encoded += len(images)
        self.computed += end
        return Prefix(
            ids=ids[0, :end],
            written=tuple(written[: len(written) - (ids.shape[1] - end)]),
            offset=offsets[..., :1],
            layers=tuple((layer.keys, layer.values) for layer in layers),
        )

    def _end(self, ids: torch.Tensor, written: Sequence[int]) -> int:
        """Where the prefix ends: behind the last picture's last token, and what the processor put there besides."""
        config = self._model.config
        picture = getattr(config, "image_token_id", None) or getattr(config, "image_token_index", None)
        at = (ids == picture).nonzero() if picture is not None else ids.new_zeros(0)
        if not len(at):
            raise NotShared("its pictures' tokens can't be told from its text")
        tail = ids[int(at[-1]) + 1 :].tolist()
        same = next((n for n, (one, other) in enumerate(zip(tail[::-1], written[::-1])) if one != other), len(tail))
        if same == 0 or same > len(written):
            raise NotShared("its processor ends a prompt in other tokens than its tokenizer")
        return len(ids) - same

    def _positions(self, inputs: Mapping[str, Any]) -> torch.Tensor:
        """Position of every token as ``generate`` would count it, shape (..., 1, tokens)."""
        number = getattr(self._model, _POSITIONS, None)
        if number is None:
            raise NotShared(f"this version of transformers has no {_POSITIONS}")
        positions: torch.Tensor = number(inputs["input_ids"], dict(inputs))
        return positions


def forward_inputs(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs for ``generate`` as one forward pass takes them, which wants what stands behind a filled cache alone."""
    cache = inputs.get("past_key_values")
    if cache is None:
        return {**inputs, "use_cache": False}
    done = cache.get_seq_length()
    return {
        **inputs,
        "input_ids": inputs["input_ids"][:, done:],
        "position_ids": inputs["position_ids"][..., done:],
    }


class _Roomy(DynamicLayer):  # type: ignore[misc]
    """A cache layer with room behind what it holds: a step writes its token there, where the plain one copies all."""

    _ROOM = 128
    """Tokens by which it grows."""

    def __init__(self, rows: Sequence[tuple[torch.Tensor, torch.Tensor]], tokens: int) -> None:
        super().__init__()
        self._buffers = tuple(_stacked([row[part] for row in rows], tokens, self._ROOM) for part in (0, 1))
        self.dtype, self.device = self._buffers[0].dtype, self._buffers[0].device
        self.is_initialized = True
        self._show(tokens)

    def update(self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any) -> Any:
        """See ``DynamicLayer``."""
        start = self.keys.shape[-2]
        end = start + key_states.shape[-2]
        if end > self._buffers[0].shape[-2]:
            more = (0, 0, 0, end + self._ROOM - start)
            self._buffers = tuple(torch.nn.functional.pad(held, more) for held in (self.keys, self.values))
        for buffer, states in zip(self._buffers, (key_states, value_states)):
            buffer[..., start:end, :] = states
        self._show(end)
        return self.keys, self.values

    def _show(self, tokens: int) -> None:
        self.keys, self.values = (buffer[..., :tokens, :] for buffer in self._buffers)


def _filled(prefixes: Sequence[Prefix], tokens: int) -> DynamicCache:
    """A cache with one row a prefix, padded on the left."""
    cache = DynamicCache()
    cache.layers = [
        _Roomy([prefix.layers[layer] for prefix in prefixes], tokens) for layer in range(len(prefixes[0].layers))
    ]
    return cache


def _stacked(rows: Sequence[torch.Tensor], tokens: int, room: int) -> torch.Tensor:
    """Rows of unlike length in one tensor, at the right of its first ``tokens``, with room behind."""
    _, heads, _, width = rows[0].shape
    whole = rows[0].new_zeros(len(rows), heads, tokens + room, width)
    for place, states in enumerate(rows):
        whole[place, :, tokens - states.shape[-2] : tokens] = states[0]
    return whole
