from collections.abc import Callable, Sequence

from lmms_faith.judges import Judge, verdicts
from lmms_faith.record import Record


class Last:
    """A judge of one's own: an id and one method, no base class."""

    id = "last-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[str]]] = []

    def conclusion(self, thought: str, options: Sequence[str]) -> int:
        self.asked.append((thought, options))
        return len(options) - 1


def test_any_object_with_id_and_conclusion_judges(make_record: Callable[..., Record]) -> None:
    judge: Judge = Last()
    (verdict,) = verdicts([make_record()], judge)
    assert (verdict.judge, verdict.conclusion) == ("last-1", 2)


def test_a_judge_is_shown_the_thought_and_the_options_alone(make_record: Callable[..., Record]) -> None:
    judge = Last()
    list(verdicts([make_record(think="It is red. So A.", prefill="<think>It is red.")], judge))
    assert judge.asked == [("It is red. So A.", ("red", "blue", "green"))]


def test_a_judge_is_not_asked_about_a_thought_that_is_not_there(make_record: Callable[..., Record]) -> None:
    judge = Last()
    list(verdicts([make_record(think=None)], judge))
    assert judge.asked == []
