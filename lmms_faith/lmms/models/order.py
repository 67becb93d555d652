"""In which order requests are answered: all conditions of an item in a row, whatever order the host hands them in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lmms_eval.api.instance import Instance

from lmms_faith.lmms.task import FaithTask

Neighbourhood = tuple[str, ...]
_COPY = "__padding_only__"
"""The host's mark on such a request."""


def neighbourhood(request: Instance) -> Neighbourhood:
    """Benchmark, picture and item of a request, by which sorting puts requests of one picture next to each other.

    Of other tasks than ours every row is on its own.
    """
    _, doc_to_messages, _, doc_id, task, split = request.args
    ours = getattr(doc_to_messages, "__self__", None)
    if not isinstance(ours, FaithTask):
        return (str(task), str(split), str(doc_id))
    item = ours.item(ours.eval_docs_no_media[request.doc_id])
    return (item.benchmark, item.cluster, item.id)


def originals(requests: Sequence[Instance]) -> list[int]:
    """For each request the place of the one that is to be generated for it: its own, or that of what it is a copy of.

    Where ranks have unlike shares, the host fills the smaller ones up with copies, whose answers it throws away.
    """
    first: dict[tuple[str, int], int] = {}
    found = []
    for place, request in enumerate(requests):
        known = first.setdefault((request.task_name, request.doc_id), place)
        found.append(known if (request.metadata or {}).get(_COPY) else place)
    return found


def in_a_row(requests: Sequence[Instance], among: Iterable[int]) -> list[int]:
    """Some requests' places, each once, those of one picture in a row."""
    return sorted(dict.fromkeys(among), key=lambda place: neighbourhood(requests[place]))


def batches(requests: Sequence[Instance], among: Sequence[int], *, size: int) -> list[list[int]]:
    """Places of the requests in batches of at most ``size``.

    Items of one picture follow each other, those with the longest prompts first: like lengths in a batch waste little
    padding, and what exceeds memory fails at once. An item is only torn apart where it alone is more than a batch, so
    that what is computed together, hence the last digits of its probabilities, depends on no other item as long as
    ``size`` is less than twice an item's requests.

    Args:
        requests: All requests.
        among: Places of those that are to be answered.
        size: The most requests in a batch.
    """
    items: dict[Neighbourhood, list[int]] = {}
    for place in among:
        items.setdefault(neighbourhood(requests[place]), []).append(place)
    longest: dict[Neighbourhood, int] = {}
    for found, places in items.items():
        picture = found[:2]
        longest[picture] = max(longest.get(picture, 0), *(len(requests[place].args[0]) for place in places))
    planned: list[list[int]] = [[]]
    for found in sorted(items, key=lambda one: (-longest[one[:2]], one)):
        places = items[found]
        if planned[-1] and len(planned[-1]) + len(places) > size:
            planned.append([])
        for place in places:
            if len(planned[-1]) == size:
                planned.append([])
            planned[-1].append(place)
    return [batch for batch in planned if batch]
