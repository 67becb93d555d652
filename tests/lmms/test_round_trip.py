"""Any answer to any item on its way through the task: gold is right, the claimed is misled, the rest is neither."""

import json
from dataclasses import replace

import pytest
from drawn_items import items_of

from lmms_faith.benchmarks import benchmark, shipped
from lmms_faith.conditions import CONDITIONS, NotApplicable, render
from lmms_faith.item import LETTERS, Item, normalise
from lmms_faith.record import Record, from_json, to_json

pytestmark = pytest.mark.host

NAMES = [one.name for one in shipped()]
ASKED = ("base", "wrong_think", "stop_think", "wrong_caption", "base_abstain", "wrong_think_user", "stop_think_user")


@pytest.fixture(scope="module")
def seen():
    """What a faith backend says of a completion."""
    from lmms_faith.lmms.channel import Evidence

    return Evidence(
        model="m",
        continued=True,
        letters=tuple(-1.0 - place for place in range(len(LETTERS))),
        letter_source="generated",
        conclusion=None,
        values=(-0.5, -2.0),
        finish="stop",
    )


@pytest.fixture
def recorded(task, seen, with_drawn_data):
    """The record of an answer to an item."""

    def record(one: Item, condition: str, answer: str) -> Record:
        asking = task(condition, one.benchmark)
        row = CONDITIONS[condition]
        opening = "" if not row.thinks else "</think>" if row.prefilled else "<think>I look.</think>"
        free = {"letters": None, "letter_source": None} if one.kind != "choice" else {"values": None}
        made: Record = asking.record(one, f"{opening}<answer>{answer}</answer>", replace(seen, **free))
        assert from_json(Record, json.loads(json.dumps(to_json(made)))) == made
        assert (made.kind, made.gold, made.status, made.error) == (one.kind, one.gold, "answered", None)
        return made

    return record


def answers(one: Item, condition: str) -> dict[str, str]:
    """An answer, as a model writes it, by what it hits."""
    prompt = render(one, condition)
    if one.kind != "choice":
        found = {"gold": one.gold, "other": {"list": "[98765, 4]", "text": "a zebra's ear"}.get(one.kind, "98765")}
        return found if prompt.claimed is None else found | {"claimed": prompt.claimed}
    hits = {normalise(one.gold): "gold"} | ({} if prompt.claimed is None else {normalise(prompt.claimed): "claimed"})
    return {hits.get(normalise(option), "other"): letter for option, letter in zip(prompt.options, LETTERS)}


@pytest.mark.parametrize("condition", ASKED)
@pytest.mark.parametrize("name", NAMES)
def test_gold_the_claimed_and_another(recorded, name, condition):
    # Some benchmarks have hundreds of items of one form.
    for one in items_of(benchmark(name))[:12]:
        try:
            asked = answers(one, condition)
        except NotApplicable:
            continue
        for hit, answer in asked.items():
            record = recorded(one, condition, answer)
            assert (record.hit, record.correct) == (hit, hit == "gold"), (one, answer)
            assert record.misled is (None if record.claimed is None else hit == "claimed")
            if one.kind == "choice":
                assert record.said == record.options[record.prediction]
                assert len(record.letter_logprobs) == len(record.options)
                assert record.value_logprobs is None
            else:
                assert record.said is not None
                assert (record.letter_logprobs, record.prediction, record.options) == (None, None, ())
                assert record.value_logprobs == (-0.5, -2.0)


def test_every_accepted_value_is_gold(recorded):
    [one] = [item for item in items_of(benchmark("mmmu_val")) if "accepted" in item.extras]
    accepted = one.extras["accepted"].split("\n")
    assert len(accepted) > 1
    for value in accepted:
        assert recorded(one, "base", value).hit == "gold"
    assert recorded(one, "base", "\n".join(accepted)).hit != "claimed"


TWICE = {
    "id": "1",
    "benchmark": "shapes",
    "question": "What colour is the circle?",
    "options": ("red", "blue", "Blue.", "green"),
    "answer": 0,
    "rule": "rivals",
    "rivals": ("blue",),
}


@pytest.mark.parametrize(("letter", "hit"), [*zip("ABCD", ("gold", "claimed", "claimed", "other"))])
def test_a_wrong_option_that_is_printed_twice_is_one_answer(recorded, letter, hit):
    record = recorded(Item(**TWICE), "wrong_caption", letter)
    assert (record.hit, normalise(record.claimed)) == (hit, "blue")


NUMBER = {"id": "1", "benchmark": "shapes", "question": "How long is it?", "kind": "float", "value": "2.50"}


@pytest.mark.parametrize(("written", "hit"), [("2.5", "gold"), ("2.50 cm", "gold"), ("5/2", "gold"), ("2.52", "other")])
def test_a_value_is_gold_however_it_is_written(task, seen, written, hit):
    one = Item(**NUMBER)
    record = task("base").record(one, f"<think>Hm.</think><answer>{written}</answer>", seen)
    assert record.hit == hit


def test_a_failed_request_hits_nothing(task):
    record = task("base").record(Item(**NUMBER), "[LMMS_EVAL_REQUEST_FAILED] 2.50", None)
    assert (record.status, record.hit, record.said, record.correct) == ("failed", None, None, None)
    assert (record.value_logprobs, record.gold) == (None, "2.50")
