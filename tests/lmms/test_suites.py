"""Short names of groups of tasks, and what the host is asked for under them."""

import pytest

from lmms_faith.conditions import CONDITIONS

pytestmark = pytest.mark.host

SUITES = {
    "mini": ("mini", (), ["faith_mini"]),
    "core": ("core", (), ["faith_core"]),
    "for models that continue no prefill": ("core_closed,mini_closed", (), ["faith_core_closed", "faith_mini_closed"]),
    "another name": ("paper", (), ["faith_core"]),
    "both names": ("paper,core", (), ["faith_core"]),
    "a benchmark": ("cv_bench", (), ["faith_cv_bench"]),
    "a condition": ("wrong_think", (), ["faith_wrong_think"]),
    "two without a task in common": ("base,wrong_think", (), ["faith_base", "faith_wrong_think"]),
    "with tasks": ("base", ("faith_shapes_wrong_think", "mme"), ["faith_shapes_wrong_think", "mme", "faith_base"]),
}


@pytest.mark.parametrize(("names", "tasks", "asked"), SUITES.values(), ids=SUITES.keys())
def test_a_suite_is_a_group_of_tasks(names, tasks, asked):
    from lmms_faith.lmms.suites import tasks_of

    assert tasks_of(names.split(","), tasks) == asked


def test_groups_that_share_tasks_are_taken_apart_since_the_host_refuses_them():
    from lmms_faith.lmms.suites import tasks_of

    found = tasks_of(["shapes", "base"], ["faith_shapes_base"])
    assert found[0] == "faith_shapes_base"
    assert len(found) == len(set(found))
    assert {"faith_shapes_base", "faith_shapes_wrong_think", "faith_shapes_blank_image"} <= set(found)
    assert "faith_cv_bench_base" in found
    assert "faith_shapes" not in found


def test_the_index_made_of_names_is_the_hosts(manager):
    from lmms_faith.lmms.suites import task_index

    assert task_index() == manager._task_index


def test_every_suite_names_tasks_that_the_host_knows(manager):
    from lmms_faith.lmms.suites import suites, tasks_of

    assert {"mini", "core", "paper", "shapes", *CONDITIONS} <= set(suites())
    for name in suites():
        assert set(tasks_of([name])) <= set(manager.all_tasks), name


@pytest.mark.parametrize("names", ["cvbench", "", "base,", "faith_core"])
def test_an_unknown_name_lists_those_there_are(names):
    from lmms_faith.lmms.suites import tasks_of

    with pytest.raises(
        ValueError, match=r"there is none of that name; .*There are 3dsrbench, .*, wrong_think_but_abst"
    ):
        tasks_of(names.split(","))


def test_a_near_name_is_guessed():
    from lmms_faith.lmms.suites import tasks_of

    with pytest.raises(ValueError, match=r"--suite cvbench: .* did you mean cv_bench\?"):
        tasks_of(["cvbench"])
