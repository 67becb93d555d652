"""How many requests are under way: halved when the server is busy, slowly more when it is not, within bounds."""

import asyncio
from types import SimpleNamespace

import pytest

from lmms_faith.lmms.models.pace import AdaptivePace

pytestmark = pytest.mark.host


class Answered(Exception):
    def __init__(self, status):
        self.status_code = status


async def ask(pace, status=200):
    try:
        async with pace.turn():
            if status != 200:
                raise Answered(status)
    except Answered:
        pass


def limits(bound, *statuses):
    async def go():
        pace = AdaptivePace(bound)
        found = []
        for status in statuses:
            await ask(pace, status)
            found.append(round(pace.limit, 3))
        return found

    return asyncio.run(go())


@pytest.mark.parametrize(
    ("bound", "statuses", "after"),
    [
        (8, [200, 429, 503, 500, 400], [8, 4, 2, 2, 2]),
        (8, [429, 429, 429, 429, 429], [4, 2, 1, 1, 1]),
        (4, [429, 200, 200, 200], [2, 2.5, 2.9, 3.245]),
        (2, [429, 200, 200], [1, 2, 2]),
        (1, [200, 429, 200], [1, 1, 1]),
    ],
)
def test_the_limit_after_each_answer(bound, statuses, after):
    assert limits(bound, *statuses) == after


def crowd(bound, n, *, status=lambda index: 200):
    """How many requests were under way at most, and the limit in the end."""

    async def go():
        pace, seen = AdaptivePace(bound), SimpleNamespace(now=0, most=0)

        async def one(index):
            try:
                async with pace.turn():
                    seen.now += 1
                    seen.most = max(seen.most, seen.now)
                    await asyncio.sleep(0.001)
                    seen.now -= 1
                    if status(index) != 200:
                        raise Answered(status(index))
            except Answered:
                pass

        await asyncio.gather(*map(one, range(n)))
        assert seen.now == 0
        return seen.most, pace.limit

    return asyncio.run(go())


def test_no_more_than_the_bound_are_under_way():
    assert crowd(5, 40) == (5, 5)


def test_those_that_were_under_way_together_halve_the_limit_once():
    assert crowd(8, 8, status=lambda index: 429) == (8, 4)


def test_who_gives_up_waiting_or_working_leaves_the_place_to_others():
    async def go():
        pace = AdaptivePace(1)
        working, waiting = (asyncio.ensure_future(hold(pace)) for _ in range(2))
        await asyncio.sleep(0.01)
        for one in (waiting, working):
            one.cancel()
        await asyncio.gather(waiting, working, return_exceptions=True)
        await asyncio.wait_for(ask(pace), 1)
        return pace.limit

    async def hold(pace):
        async with pace.turn():
            await asyncio.sleep(60)

    assert asyncio.run(go()) == 1


def test_a_bound_below_one_is_refused():
    with pytest.raises(ValueError, match="concurrency 0"):
        AdaptivePace(0)
