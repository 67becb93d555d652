"""The seams of the host that we rely on; a failure here says which of them moved in a new release."""

import ast
import inspect
import subprocess
import sys

import pytest

pytestmark = pytest.mark.host


def test_evaluate_holds_the_model_as_lm_where_it_builds_requests():
    from lmms_eval import evaluator

    assert "lm" in inspect.signature(evaluator.evaluate).parameters
    body = ast.parse(inspect.getsource(evaluator.evaluate))
    calls = [node for node in ast.walk(body) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    assert [call.func.attr for call in calls].count("build_all_requests") == 1
    # Called in evaluate's own frame, not in a nested function, where the caller's locals would lack it.
    nested = [node for node in ast.walk(body) if isinstance(node, ast.FunctionDef | ast.Lambda)][1:]
    inner = [sub for node in nested for sub in ast.walk(node) if isinstance(sub, ast.Attribute)]
    assert "build_all_requests" not in {node.attr for node in inner}


def test_the_index_of_tasks_is_made_by_the_method_that_we_wrap():
    from lmms_eval.tasks import TaskManager

    inside = inspect.getclosurevars(TaskManager.initialize_tasks).nonlocals
    original = inside.get("original", TaskManager.initialize_tasks)
    assert list(inspect.signature(original).parameters) == ["self", "include_path", "include_defaults"]
    assert "self.initialize_tasks(include_path=include_path, include_defaults=include_defaults)" in inspect.getsource(
        TaskManager.__init__
    )


def test_generated_text_passes_unchanged():
    from lmms_eval.api.instance import GenerationResult, unwrap_generation_output

    text = " <think>a\n\nb</think>\n<|lmms_faith_evidence|>{}"
    assert unwrap_generation_output(text) == (text, None)
    assert unwrap_generation_output(GenerationResult(text=text)) == (text, None)


def test_the_filters_dictionary_is_the_one_that_is_read():
    from lmms_eval import filters

    assert "FILTER_REGISTRY" in inspect.getsource(filters.get_filter)
    assert filters.get_filter("faith_answer") is filters.FILTER_REGISTRY["faith_answer"]


def test_manifest_fields():
    from lmms_eval.models.registry_v2 import ModelManifest

    assert {"model_id", "chat_class_path"} <= set(inspect.signature(ModelManifest).parameters)


def test_importing_the_hosts_models_does_not_import_its_tasks():
    """Else our finder would come too late, or cost seconds where no task is asked for."""
    code = "import lmms_eval.models, sys; sys.exit('lmms_eval.tasks' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0


def test_the_command_line_has_the_parts_that_run_replaces():
    import lmms_eval.__main__ as host

    assert {"cli_evaluate", "cli_evaluate_single", "TaskManager"} <= vars(host).keys()
    source = inspect.getsource(host.cli_evaluate_single)
    assert "TaskManager(args.verbosity, include_path=args.include_path, model_name=args.model)" in source
    assert "cli_evaluate_single(args)" in inspect.getsource(host.cli_evaluate)


def test_the_chat_class_steps_that_the_mixin_steps_into():
    from lmms_eval.models.chat.qwen2_5_vl import Qwen2_5_VL

    source = inspect.getsource(Qwen2_5_VL.generate_until)
    steps = [
        "self.processor.apply_chat_template(",
        "self.processor(",
        "self.model.generate(",
        "processor.batch_decode(",
    ]
    places = [source.index(step) for step in steps]
    assert places == sorted(places)


def test_a_task_is_stripped_of_its_images_before_it_scores(cli_defaults):
    assert cli_defaults.process_with_media is False
    assert "think" in cli_defaults.reasoning_tags
