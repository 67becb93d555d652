"""The call of the host's entry point: what is put in its way and taken out again."""

import gc
import sys

import pytest

pytestmark = pytest.mark.host


def test_what_the_first_call_imports_is_never_collected(monkeypatch):
    from lmms_faith.lmms.entry import _HOST, _uncollected

    monkeypatch.delitem(sys.modules, _HOST, raising=False)
    try:
        with _uncollected():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_later_calls_leave_collection_alone():
    import lmms_eval.__main__  # noqa: F401

    from lmms_faith.lmms.entry import _uncollected

    gc.unfreeze()
    with _uncollected():
        assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_the_host_is_as_it_was_after_a_call(tmp_path):
    import lmms_eval.__main__ as host
    from lmms_eval import models

    from lmms_faith.lmms.entry import call_host

    before = sys.argv, host.cli_evaluate_single, host.TaskManager, models.get_model
    arguments = ["--model", "dummy", "--model_args", "response=A", "--tasks", "faith_shapes_base", "--limit", "2"]
    called = call_host([*arguments, "--log_samples", "--output_path", str(tmp_path)], ours_alone=True)
    assert before == (sys.argv, host.cli_evaluate_single, host.TaskManager, models.get_model)
    assert (called.records, called.reasons, called.failures, called.code) == (2, {}, [], None)
    assert set(called.clock.seconds) == {"imports", "loading the model", "the backend", "the host"}


def test_what_ends_a_call_is_told_and_not_raised(tmp_path):
    from lmms_faith.lmms.entry import call_host

    called = call_host(["--model", "dummy", "--tasks", "faith_none", "--output_path", str(tmp_path)], ours_alone=True)
    assert "Tasks not found: faith_none" in str(called.failures[0])
    assert called.records == 0
