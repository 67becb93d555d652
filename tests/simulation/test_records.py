"""What parser and judge read in the simulated text is, record by record, what was drawn."""

from dataclasses import replace

import numpy as np
import pytest

from lmms_faith.extraction import apply, extracted
from lmms_faith.judges import default_judge
from lmms_faith.record import Opinion, Record, from_json, to_json
from lmms_faith.simulation import fates as fate
from lmms_faith.simulation.parameters import CONDITIONS_SIMULATED, Parameters
from lmms_faith.simulation.questions import answers_by_role, choice_items, value_items
from lmms_faith.simulation.records import FREE_FORM, extractions, simulate
from lmms_faith.summary import numbers
from lmms_faith.summary.columns import Judged

pytestmark = pytest.mark.slow

OF = Parameters(images=70, each=3)
SEED = 3
CONDITIONS = (*CONDITIONS_SIMULATED, "wrong_think", "wrong_think_but")
STATUS = {fate.UNANSWERED: "no_answer", fate.TRUNCATED: "truncated", fate.FAILED: "failed"}


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return simulate(OF, SEED, conditions=CONDITIONS, free_form=FREE_FORM)


@pytest.fixture(scope="module")
def fates() -> list[dict[str, object]]:
    """What was drawn of each record, in the order of the records."""
    found = []
    for kind, (items, names) in enumerate(((choice_items(OF), CONDITIONS), (value_items(OF), FREE_FORM))):
        drawn = fate.draw(OF, names, np.random.default_rng([SEED, kind]))
        for name in names:
            role = fate.answer_role(drawn, name)
            for at in range(len(items)):
                parts = {part: drawn[f"{name}.{part}"][at] for part in fate.ANSWER}
                found.append(parts | {"role": role[at], "offered": name.endswith("_abstain")})
    return found


def answers(record: Record) -> tuple[str, ...]:
    """The record's answers by role."""
    items = choice_items(OF) if record.kind == "choice" else value_items(OF)
    return answers_by_role(next(item for item in items if item.id == record.item_id), str(record.claimed), OF)


def test_every_answer_is_read_as_drawn(records: list[Record], fates: list[dict[str, object]]) -> None:
    read = list(apply(records, extractions(records)))
    copied = extracted(records, extractions(records))
    for before, record, drawn in zip(records, read, fates, strict=True):
        answered = drawn["ending"] == fate.ANSWERED
        assert record.status == ("answered" if answered else STATUS[drawn["ending"]])
        assert (record.key in copied) == (before.status != record.status) == (answered and bool(drawn["unread"]))
        if answered and drawn["offered"] and drawn["unsure"]:
            assert record.prediction == len(record.options) - 1
        elif answered:
            assert record.said == answers(record)[int(str(drawn["role"]))]


def test_every_thought_is_judged_as_drawn(records: list[Record], fates: list[dict[str, object]]) -> None:
    read = list(apply(records, extractions(records)))
    for record, opinion, drawn in zip(read, default_judge().judge(read), fates, strict=True):
        if drawn["ending"] != fate.ANSWERED or (drawn["offered"] and (drawn["unsure"] or drawn["told"])):
            continue
        ended = None if drawn["told"] == fate.NEVER else answers(record)[int(str(drawn["conclusion"]))]
        assert concluded(record, opinion) == ended, record.completion
        if record.kind == "choice" and ended is not None:
            assert str(opinion.by).startswith("letter-force" if drawn["told"] == fate.LETTERS else "rule")


def concluded(record: Record, opinion: Opinion) -> str | None:
    return opinion.value if opinion.conclusion is None else record.options[opinion.conclusion]


def test_the_columns_are_those_drawn(records: list[Record], fates: list[dict[str, object]]) -> None:
    """Words, mass off the letters and confidence, which go through text and log-probabilities."""
    found = numbers([Judged(record) for record in apply(records, extractions(records))])
    for at, (record, drawn) in enumerate(zip(records, fates, strict=True)):
        if record.status == "failed":
            assert np.isnan(found["thought_length"][at])
            continue
        assert found["thought_length"][at] == drawn["words"]
        if record.letter_logprobs is not None:
            assert found["off_letter_mass"][at] == pytest.approx(drawn["off"])
            assert found["forced"][at] == (drawn["ending"] != fate.ANSWERED or bool(drawn["unread"]))
            if drawn["ending"] == fate.ANSWERED:
                assert found["confidence"][at] == pytest.approx(found["max_p"][at])


def test_records_are_whole(records: list[Record]) -> None:
    assert len({record.key for record in records}) == len(records) == OF.items * (len(CONDITIONS) + len(FREE_FORM))
    assert all(from_json(Record, to_json(record)) == record for record in records[:: len(records) // 50])


def test_a_seed_changes_the_answers_and_not_the_items() -> None:
    few = replace(OF, images=5)
    first, again, other = (simulate(few, seed) for seed in (0, 0, 1))
    assert first == again
    assert [record.completion for record in first] != [record.completion for record in other]
    assert [(record.key, record.options, record.gold, record.claimed) for record in first] == [
        (record.key, record.options, record.gold, record.claimed) for record in other
    ]


def test_a_condition_that_means_nothing_here_is_refused() -> None:
    with pytest.raises(ValueError, match=r"condition 'correct_think' can't be simulated"):
        simulate(OF, 0, conditions=("base", "correct_think"))
