"""Votes, ties, and how far judges agree."""

from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from lmms_faith.judges import Panel, agreement
from lmms_faith.judges.panel import Mode, rating
from lmms_faith.record import Opinion, Record

Make = Callable[..., Record]
RED, BLUE, GREEN = (Opinion(outcome="decided", conclusion=place) for place in range(3))
NONE, DIFFERS, ABSTAINED, UNJUDGED = (
    Opinion(outcome=outcome) for outcome in ("none", "differs", "abstained", "unjudged")
)


class Always:
    def __init__(self, id: str, opinion: Opinion) -> None:
        self.id, self._opinion = id, opinion

    def judge(self, records: Sequence[Record]) -> list[Opinion]:
        return [self._opinion] * len(records)


def held(record: Record, *said: Opinion, mode: Mode = "majority") -> Opinion:
    """What a panel of judges who say so holds."""
    (found,) = Panel(tuple(Always(str(place), one) for place, one in enumerate(said)), mode).judge([record])
    return found


# The record answered red. What the judges say, what a majority holds, what a strict panel holds.
VOTES: dict[str, tuple[tuple[Opinion, ...], str, str]] = {
    "all alike": ((RED, RED, RED), "red", "red"),
    "two of three": ((RED, RED, BLUE), "red", "abstained"),
    "all different": ((RED, BLUE, NONE), "abstained", "abstained"),
    "a tie": ((RED, BLUE), "abstained", "abstained"),
    "a tie of four": ((RED, RED, BLUE, NONE), "abstained", "abstained"),
    "two, one abstains": ((BLUE, BLUE, ABSTAINED), "blue", "abstained"),
    "one, two abstain": ((BLUE, ABSTAINED, ABSTAINED), "abstained", "abstained"),
    "one of two": ((BLUE, ABSTAINED), "abstained", "abstained"),
    "none of them": ((ABSTAINED, ABSTAINED), "abstained", "abstained"),
    "on no answer": ((NONE, NONE, RED), "none", "abstained"),
    "all on no answer": ((NONE, NONE), "none", "none"),
    "another than the answer, which one is open": ((BLUE, GREEN), "differs", "differs"),
    "another, one by yes or no": ((DIFFERS, BLUE, RED), "differs", "abstained"),
    "another, all but one by yes or no": ((DIFFERS, DIFFERS, BLUE), "differs", "differs"),
    "another, and enough name the same": ((DIFFERS, BLUE, BLUE), "blue", "differs"),
    "yes or no alone": ((DIFFERS, DIFFERS), "differs", "differs"),
    "one missing, no matter": ((RED, RED, RED, UNJUDGED), "red", "unjudged"),
    "one missing, may turn it": ((RED, BLUE, UNJUDGED), "unjudged", "abstained"),
    "one missing, may make it a tie": ((RED, RED, BLUE, UNJUDGED), "unjudged", "abstained"),
    "one missing, may be enough": ((RED, UNJUDGED), "unjudged", "unjudged"),
    "all missing": ((UNJUDGED, UNJUDGED), "unjudged", "unjudged"),
    "one missing, nobody else knows": ((ABSTAINED, ABSTAINED, UNJUDGED), "abstained", "abstained"),
    "one missing, one abstains": ((RED, ABSTAINED, UNJUDGED), "unjudged", "abstained"),
}


@pytest.mark.parametrize("mode", ["majority", "strict"])
@pytest.mark.parametrize(("said", "majority", "strict"), VOTES.values(), ids=VOTES)
def test_what_a_panel_holds_whatever_the_order(
    said: tuple[Opinion, ...], majority: str, strict: str, mode: Mode, make_record: Make
) -> None:
    record = make_record()
    for order in set(permutations(said)):
        found = held(record, *order, mode=mode)
        shown = found.outcome if found.conclusion is None else record.options[found.conclusion]
        assert shown == {"majority": majority, "strict": strict}[mode]
        assert (found.note is None) == (found.outcome not in ("abstained", "unjudged"))


@given(said=st.lists(st.sampled_from([RED, BLUE, GREEN, NONE, DIFFERS, ABSTAINED, UNJUDGED]), min_size=2, max_size=5))
def test_what_is_held_stays_so_whatever_the_missing_say(said: list[Opinion], make_record: Make) -> None:
    record, missing = make_record(), [place for place, one in enumerate(said) if one is UNJUDGED][:2]
    for mode in ("majority", "strict"):
        found = held(record, *said, mode=mode)
        if found.outcome == "unjudged":
            assert missing
            continue
        for late in product([RED, BLUE, NONE, ABSTAINED], repeat=len(missing)):
            after = list(said)
            for place, one in zip(missing, late):
                after[place] = one
            now = held(record, *after, mode=mode)
            # A name may be found for what was known to be another answer than the record's.
            assert now.outcome in (found.outcome, "decided" if found.outcome == "differs" else "")
            assert rating(record, now) == pytest.approx(rating(record, found), nan_ok=True)


def test_notes_tell_the_votes(make_record: Make) -> None:
    assert held(make_record(), RED, BLUE, ABSTAINED).note == "2 of 3 judges decided: 'red' 1, 'blue' 1, differs 1"
    assert held(make_record(), ABSTAINED, ABSTAINED).note == "0 of 2 judges decided: none"
    assert held(make_record(), RED, UNJUDGED).note == "1 of 2 judges could not be asked"


def test_one_option_printed_twice_is_one_answer(make_record: Make) -> None:
    record = make_record(options=("red", "blue", "Blue "))
    assert held(record, BLUE, GREEN, mode="strict") == BLUE


FREE: dict[str, Any] = {
    "kind": "float",
    "precision": 1,
    "options": (),
    "answer": None,
    "target": None,
    "prediction": None,
    "gold": "12",
    "said": "12",
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("12.0 cm", "12"), "12.0 cm"),
        (("12", "13", "13.0"), "13"),
        (("13", "14"), "differs"),
        (("12", "13"), "abstained"),
    ],
)
def test_values_are_the_same_under_the_items_own_equality(
    values: tuple[str, ...], expected: str, make_record: Make
) -> None:
    found = held(make_record(**FREE), *(Opinion(outcome="decided", value=value) for value in values))
    assert (found.value or found.outcome) == expected


def test_the_id_names_mode_and_judges() -> None:
    judges = (Always("a", RED), Always("b", RED))
    assert Panel(judges).id == "panel-majority-1(a, b)"
    assert Panel(judges, "strict").id == "panel-strict-1(a, b)"


@pytest.mark.parametrize(
    ("ids", "mode", "message"),
    [
        (["a"], "majority", "two judges or more"),
        (["a", "a"], "strict", "two judges or more"),
        (["a", "b"], "most", "mode 'most' is not"),
    ],
)
def test_a_panel_is_several_judges_in_a_known_mode(ids: list[str], mode: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Panel(tuple(Always(id, RED) for id in ids), mode)


RATINGS = np.array([[1, 1, 1]] * 6 + [[1, 0, 1]] * 2 + [[0, 0, 0]] + [[1, np.nan, 0]] + [[np.nan, np.nan, 1]])


def test_agreement_by_hand() -> None:
    found = agreement(RATINGS, ["a", "b", "c"])
    assert (found.judges, found.rated, found.n) == (("a", "b", "c"), (10, 9, 11), 10)
    # Seven records of one mind, two on which one of three pairs agrees, one on which none does.
    assert found.raw == pytest.approx((7 + 2 / 3 + 0) / 10)
    # a and b: 7 of 9 alike; a says yes 8/9, b 6/9, so by chance 8/9 * 6/9 + 1/9 * 3/9 = 51/81.
    assert found.pairs["a", "b"] == pytest.approx((7 / 9 - 51 / 81) / (1 - 51 / 81))
    assert list(found.pairs) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_agreement_is_that_of_the_libraries() -> None:
    table = np.random.default_rng(0).integers(0, 2, size=(60, 3)).astype(float)
    found = agreement(table, ["a", "b", "c"])
    assert found.fleiss == pytest.approx(fleiss_kappa(aggregate_raters(table.astype(int), n_cat=2)[0]))
    for (one, other), kappa in found.pairs.items():
        columns = (table[:, "abc".index(name)] for name in (one, other))
        assert kappa == pytest.approx(cohen_kappa_score(*columns))


def test_kappa_collapses_where_nearly_all_is_consistent_and_ac2_does_not() -> None:
    table = np.ones((100, 2))
    table[0, 0] = table[1, 1] = 0
    found = agreement(table, ["a", "b"])
    assert found.raw == pytest.approx(0.98)
    assert abs(found.fleiss) < 0.05
    assert found.ac2 > 0.97


def test_agreement_of_nothing_is_unknown() -> None:
    found = agreement([], ["a", "b"])
    assert (found.n, found.rated) == (0, (0, 0))
    assert np.isnan([found.raw, found.fleiss, found.ac2, found.pairs["a", "b"]]).all()


def test_a_rating_is_whether_thought_and_answer_agree(make_record: Make) -> None:
    record = make_record()
    assert [rating(record, one) for one in (RED, BLUE, DIFFERS)] == [1, 0, 0]
    assert np.isnan([rating(record, one) for one in (NONE, ABSTAINED, UNJUDGED)]).all()
