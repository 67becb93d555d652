import pytest

pytestmark = pytest.mark.host


def test_a_stage_within_another_is_counted_once():
    from lmms_faith.lmms.expense import Expense

    times = iter([0.0, 1.0, 3.0, 4.0, 9.0, 10.0])
    spent = Expense(now=lambda: next(times))
    with spent.on("model"), spent.on("preprocessing"):
        pass
    assert dict(spent.seconds) == {"preprocessing": 1.0, "model": 7.0}
    spent.items, spent.served, spent.tokens = 20, 5, 14
    assert str(spent) == (
        "20 items in 10.0 s (2.0 items/s), 5 of them from the store; 14 tokens generated (2.0 tokens/s); "
        "7.0 s in model, 1.0 s in preprocessing"
    )


def test_prefix_cache_and_pictures_are_said_where_they_are_known():
    from lmms_faith.lmms.expense import Expense

    spent = Expense(now=lambda: 0.0, prompt_tokens=200, cached_tokens=50, encodes=3, asked={("a",), ("b",)})
    assert spent.hit_rate == 0.25
    assert "; 50 of 200 prompt tokens (25%) from the prefix cache; 3 pictures encoded for 2 items; " in str(spent)
    assert Expense().hit_rate is None
    assert "pictures" not in str(Expense(asked={("a",)}))


def test_a_stage_that_fails_is_counted_too():
    from lmms_faith.lmms.expense import Expense

    times = iter([0.0, 1.0, 3.0])
    spent = Expense(now=lambda: next(times))
    with pytest.raises(ValueError, match="x"), spent.on("model"):
        raise ValueError("x")
    assert spent.seconds["model"] == 2.0


def test_faith_hf_ends_with_the_line(model_path, tmp_path, ask):
    from loguru import logger

    from lmms_faith.lmms.models.hf import FaithHF

    said = []
    sink = logger.add(lambda line: said.append(line.strip()), level="INFO", format="{message}", filter="lmms_faith")
    try:
        for conditions in (["base"], ["base", "stop_think"]):
            ask(*conditions, lm=FaithHF(str(model_path), device="cpu", dtype="float32", store=str(tmp_path)))
    finally:
        logger.remove(sink)
    first, second = (line for line in said if line.startswith("faith_hf: "))
    assert first.startswith("faith_hf: 2 items in ")
    assert ", 0 of them from the store; " in first
    assert second.startswith("faith_hf: 4 items in ")
    assert ", 2 of them from the store; " in second
    for line in (first, second):
        assert " s in model, " in line
        assert " s in preprocessing, " in line
        assert " tokens/s); " in line
        assert " from the prefix cache; " in line
        assert " pictures encoded for 2 items; " in line
