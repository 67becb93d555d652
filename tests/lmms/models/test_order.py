"""Requests in an order for the picture's sake: items whole, pictures together, nothing lost."""

from copy import copy

import pytest

pytestmark = pytest.mark.host

CONDITIONS = ("base", "wrong_think", "stop_think")


@pytest.fixture
def requests(task):
    """Requests of the first items of some conditions, condition by condition, as the host hands them over."""

    class Model:
        is_simple, continues_prefill = False, True

    def build(*conditions, items=5):
        lm, found = Model(), []  # the task finds `lm` here, as in the host's evaluator
        for name in conditions:
            one = task(name, fresh=True)
            one.build_all_requests(limit=items)
            found += one.instances
        assert lm.continues_prefill
        return found

    return build


def items_of(requests, batch):
    return [requests[place].doc_id for place in batch]


@pytest.mark.parametrize(
    ("size", "sizes"),
    {1: [1] * 15, 2: [2, 1] * 5, 3: [3] * 5, 5: [3] * 5, 6: [6, 6, 3], 8: [6, 6, 3], 100: [15]}.items(),
)
def test_an_item_is_torn_apart_only_where_it_alone_is_more_than_a_batch(requests, size, sizes):
    from lmms_faith.lmms.models.order import batches

    asked = requests(*CONDITIONS)
    planned = batches(asked, range(len(asked)), size=size)
    assert [len(batch) for batch in planned] == sizes
    assert sorted(place for batch in planned for place in batch) == list(range(15))
    in_a_row = [one for batch in planned for one in items_of(asked, batch)]
    assert in_a_row == [one for one in dict.fromkeys(in_a_row) for _ in CONDITIONS]


def test_the_host_order_makes_no_difference(requests):
    from lmms_faith.lmms.models.order import batches

    asked = requests(*CONDITIONS)
    turned = asked[::-1]
    first, second = (batches(one, range(15), size=3) for one in (asked, turned))
    assert [items_of(asked, batch) for batch in first] == [items_of(turned, batch) for batch in second]


def test_pictures_stand_in_a_row_each_request_once(requests):
    from lmms_faith.lmms.models.order import in_a_row

    asked = requests(*CONDITIONS)
    order = in_a_row(asked, [*range(15), 3, 7])
    assert sorted(order) == list(range(15))
    row = items_of(asked, order)
    assert row == [one for one in dict.fromkeys(row) for _ in CONDITIONS]


def test_a_subset_is_all_that_is_planned(requests):
    from lmms_faith.lmms.models.order import batches

    asked = requests("base")
    assert sorted(place for batch in batches(asked, [1, 3], size=4) for place in batch) == [1, 3]
    assert batches(asked, [], size=4) == []


def test_pictures_stand_together_longest_first(requests):
    from lmms_faith.lmms.models.order import batches, neighbourhood

    asked = requests(*CONDITIONS, items=40)
    order = [place for batch in batches(asked, range(len(asked)), size=7) for place in batch]
    pictures = [neighbourhood(asked[place])[:2] for place in order]
    runs = [one for at, one in enumerate(pictures) if at == 0 or one != pictures[at - 1]]
    assert len(runs) == len(set(pictures))
    longest = [max(len(asked[p].args[0]) for p, one in zip(order, pictures) if one == picture) for picture in runs]
    assert longest == sorted(longest, reverse=True)


def test_what_the_host_fills_a_rank_up_with_is_answered_by_its_original(requests):
    from lmms_faith.lmms.models.order import originals

    asked = requests("base", "wrong_think", items=2)
    padding = copy(asked[3])
    padding.metadata = dict(padding.metadata) | {"__padding_only__": True}
    assert originals([*asked, padding]) == [0, 1, 2, 3, 3]
    assert originals([padding]) == [0]  # with nothing to copy it is asked
    assert originals([asked[0], copy(asked[0])]) == [0, 1]  # the host's repeats are asked, each
