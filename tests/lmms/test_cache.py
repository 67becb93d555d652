"""The host's response cache: what it keeps is enough to score by, and it never serves an answer to another prompt."""

from dataclasses import replace
from importlib import import_module

import pytest

pytestmark = pytest.mark.host

TASKS = ["faith_shapes_base", "faith_shapes_wrong_think"]


def reword(monkeypatch):
    """Another version of the prefill's text, as an edit of the source would leave it."""
    monkeypatch.setattr(import_module("lmms_faith.conditions.render"), "OPENING", "I look at the picture.")


@pytest.fixture
def counted(monkeypatch):
    """How many requests reached the backend."""
    from lmms_faith.lmms.models.hf import FaithHF

    asked, generate = [], FaithHF.generate_until

    def count(self, requests):
        asked.append(len(requests))
        return generate(self, requests)

    monkeypatch.setattr(FaithHF, "generate_until", count)
    return lambda: sum(asked)


def test_a_second_run_generates_nothing_and_gives_the_same_records(evaluate, records, counted, tmp_path):
    first = records(evaluate(TASKS, use_cache=str(tmp_path)))
    assert counted() == 6
    second = records(evaluate(TASKS, use_cache=str(tmp_path)))
    assert counted() == 6
    assert second == first
    assert all(record.letter_logprobs and record.finish for record in second)


def test_a_changed_prefill_is_generated_anew(evaluate, records, counted, tmp_path, monkeypatch):
    before = records(evaluate(TASKS, use_cache=str(tmp_path)))
    reword(monkeypatch)
    after = records(evaluate(TASKS, use_cache=str(tmp_path)))
    assert counted() == 6 + 3  # those of wrong_think
    kept, changed = slice(0, 3), slice(3, 6)
    assert after[kept] == before[kept]
    assert all(record.prefill.startswith("<think>I look at the picture.") for record in after[changed])
    for old, new in zip(before[changed], after[changed]):
        assert old.letter_logprobs != new.letter_logprobs


def test_left_to_the_user_turn_alone_the_old_answer_would_be_served(evaluate, records, counted, tmp_path, monkeypatch):
    from lmms_faith.lmms.task import FaithTask

    monkeypatch.setattr(FaithTask, "doc_to_text", lambda self, doc, _=None: self.prompt(doc).text)
    before = records(evaluate(TASKS[1:], use_cache=str(tmp_path)))
    reword(monkeypatch)
    after = records(evaluate(TASKS[1:], use_cache=str(tmp_path)))
    assert counted() == 3
    assert [replace(record, prefill="", think="") for record in after] == [
        replace(record, prefill="", think="") for record in before
    ]


def test_values_of_another_claim_are_asked_for_anew(evaluate, records, with_drawn_data, tmp_path, monkeypatch):
    """Under base the prompt does not hold the claimed value, whose probability is asked for all the same."""

    def asked(**options):
        found = records(evaluate(["faith_mathvista_base"], limit=None, **options))
        return [record for record in found if record.kind in ("integer", "float")]

    before = asked(use_cache=str(tmp_path))
    # Another rule of targets, as an edit of the source would leave it.
    monkeypatch.setattr(import_module("lmms_faith.conditions.render"), "wrong_target", lambda item, *, seed: "987")
    after, uncached = asked(use_cache=str(tmp_path)), asked()
    assert len(after) == len(before) > 1
    for old, new, fresh in zip(before, after, uncached, strict=True):
        assert new.claimed == "987" != old.claimed
        assert new.value_logprobs == pytest.approx(fresh.value_logprobs, abs=1e-4)
        assert new.value_logprobs[0] == pytest.approx(old.value_logprobs[0], abs=1e-4)
        assert new.value_logprobs[1] != pytest.approx(old.value_logprobs[1], abs=1e-4)
