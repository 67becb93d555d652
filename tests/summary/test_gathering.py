import math
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmms_faith.record import Opinion, Record
from lmms_faith.summary.columns import COLUMNS, Judged, numbers
from lmms_faith.summary.gathering import arity_of, gather, label_of

Make = Callable[..., Record]


def test_every_column_comes_back_by_item_in_whatever_order_records_come(make_record: Make) -> None:
    half = (math.log(0.5), math.log(0.3), math.log(0.2))
    records = [
        make_record(item_id="3", letter_logprobs=half, letter_source="generated"),
        make_record(item_id="1", prediction=None, status="failed"),
        make_record(item_id="2", prediction=1),
    ]
    opinion = Opinion(outcome="decided", conclusion=0, by="rule-1")
    judged = [Judged(record, opinion) for record in records]
    gathered = gather(
        [Judged(replace(record, condition="wrong_think"), opinion) for record in reversed(records)] + judged
    )
    cell = gathered.cells["m", "toys", "base"]
    ids = [gathered.items["toys"].ids[place] for place in cell.places]
    assert sorted(ids) == ["1", "2", "3"]
    expected = numbers(sorted(judged, key=lambda one: ids.index(one.record.item_id)))
    for name in COLUMNS:
        np.testing.assert_array_equal(cell.column(name), expected[name])
    np.testing.assert_allclose(np.nansum(cell.letters, axis=1), [1.0 if one == "3" else 0.0 for one in ids], rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "arity"),
    [
        ((), "free"),
        (("a", "b"), "2"),
        (("a", "b", "I'm not sure"), "2"),
        (("a", "b", "c"), "3"),
        (("a", "b", "c", "d"), "4+"),
        (tuple("abcdefghij"), "4+"),
    ],
)
def test_arity(options: tuple[str, ...], arity: str, make_record: Make) -> None:
    assert arity_of(make_record(options=options, answer=None, target=None, prediction=None)) == arity


@pytest.mark.parametrize(
    ("opinion", "changed", "label"),
    [
        pytest.param(None, {}, "unjudged", id="not asked"),
        pytest.param(Opinion(outcome="unjudged", by="llm-1"), {}, "unjudged", id="could not be asked"),
        pytest.param(Opinion(outcome="abstained", by="rule-1"), {}, "undecided", id="can't tell"),
        pytest.param(Opinion(outcome="none", by="rule-1"), {}, "ends_on_none", id="none"),
        pytest.param(Opinion(outcome="decided", conclusion=0, by="rule-12"), {}, "decided_by_rule", id="rule"),
        pytest.param(
            Opinion(outcome="decided", conclusion=0, by="letter-force-1"), {}, "decided_by_letter_force", id="letters"
        ),
        pytest.param(
            Opinion(outcome="differs", by="llm-1(Qwen/Qwen3-32B, agree-1)"), {}, "decided_by_llm", id="a model"
        ),
        pytest.param(Opinion(outcome="decided", conclusion=0), {"prediction": None}, "", id="nothing to compare"),
    ],
)
def test_labels(opinion: Opinion | None, changed: dict[str, Any], label: str, make_record: Make) -> None:
    assert label_of(Judged(make_record(**changed), opinion)) == label


def test_an_item_that_comes_twice_is_refused_by_name(make_record: Make) -> None:
    with pytest.raises(ValueError, match="item '1' under 'base' of 'm' comes twice; read one run at a time"):
        gather([Judged(make_record()), Judged(make_record(prediction=1))])


def test_items_keep_image_category_and_number_of_options(make_record: Make) -> None:
    records = [
        make_record(item_id="a", cluster="x", category="count"),
        make_record(item_id="b", cluster="y"),
        make_record(item_id="c", cluster="x", category="colour", options=("red", "blue")),
    ]
    items = gather(map(Judged, records)).items["toys"]
    assert [items.categories[code] if code >= 0 else None for code in items.category] == ["count", None, "colour"]
    assert [items.arities[code] for code in items.arity] == ["3", "3", "2"]
    assert items.cluster[0] == items.cluster[2] != items.cluster[1]


def test_what_the_records_were_made_with_is_kept(make_record: Make) -> None:
    records = [make_record(item_id="1", seed=3), make_record(item_id="2", seed=1, versions={"lmms_faith": "1"})]
    gathered = gather(map(Judged, records))
    assert gathered.seeds == (1, 3)
    assert gathered.versions == {"lmms_faith": ("0", "1")}


def test_texts_are_not_kept(make_record: Make) -> None:
    long = "x" * 20_000

    def records() -> Any:
        for item in range(3_000):
            yield Judged(make_record(item_id=str(item), completion=long + str(item), think=None, question=long))

    tracemalloc.start()
    gathered = gather(records())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(gathered.cells["m", "toys", "base"].places) == 3_000
    assert kept < 3_000 * 600  # 120 MB of text went by
