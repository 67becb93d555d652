"""What the doctor says of a model that can, of one that can't, and of one that is not there."""

import pytest
from typer.testing import CliRunner

from lmms_faith.cli import app
from lmms_faith.measures import MEASURES

pytestmark = pytest.mark.host

ABILITIES = ("picture", "answer", "end", "prefill", "thought", "letters", "values", "resume")
ALL = dict.fromkeys(ABILITIES, "yes")
STOCK = ALL | dict.fromkeys(("end", "prefill", "letters", "values", "resume"), "no")
MODELS = {
    "faith_hf": ALL,
    "qwen2_5_vl": STOCK,
    # It says A to whatever is asked.
    "dummy": STOCK | {"picture": "part", "answer": "part", "thought": "no"},
}


@pytest.fixture(scope="module")
def examined(model_args):
    """Findings by model and ability, each model examined once."""
    from lmms_faith.lmms.doctor import examine

    known = {}

    def call(model):
        if model not in known:
            known[model] = {finding.ability: finding for finding in examine(model, model_args[model])}
        return known[model]

    return call


@pytest.mark.parametrize("model", MODELS)
def test_what_a_model_can_do_is_found_by_trying_it(examined, model):
    found = examined(model)
    assert tuple(found) == ABILITIES
    assert {ability: finding.level for ability, finding in found.items()} == MODELS[model]


SAID = {
    ("faith_hf", "prefill", "seen"): "The number of blue objects is",
    ("faith_hf", "letters", "seen"): "off-letter mass 0.",
    ("faith_hf", "end", "seen"): "truncated",
    ("faith_hf", "resume", "follows"): "goes on by the same command",
    ("qwen2_5_vl", "prefill", "seen"): "closes a started turn and answers anew",
    ("qwen2_5_vl", "prefill", "follows"): "wrong_think_but",
    ("qwen2_5_vl", "letters", "follows"): "unknown: ",
    ("qwen2_5_vl", "end", "seen"): "no answer",
    ("qwen2_5_vl", "end", "follows"): "one without an answer",
    ("dummy", "picture", "follows"): "blank_image",
    ("dummy", "thought", "follows"): "not observable: 9 measures of agreement",
}


@pytest.mark.parametrize(("model", "ability", "field"), SAID)
def test_each_finding_says_what_was_seen_and_what_follows(examined, model, ability, field):
    assert SAID[model, ability, field] in getattr(examined(model)[ability], field)


def test_what_a_model_covers_is_counted(examined):
    from lmms_faith.lmms.doctor import scope

    assert scope(tuple(examined("faith_hf").values())) == ("all 18", f"all {len(MEASURES)}")
    assert scope(tuple(examined("dummy").values())) == ("10 of 18 and 5 stand-ins", f"14 of {len(MEASURES)}")


def test_the_tasks_to_run_next_exist(examined):
    from lmms_faith.lmms.doctor import next_tasks
    from lmms_faith.lmms.paths import task_dir

    for model, tasks in (("faith_hf", "faith_shapes"), ("dummy", "faith_shapes_closed")):
        assert next_tasks(tuple(examined(model).values())) == tasks
        assert (task_dir() / f"{tasks}.yaml").exists()


@pytest.mark.parametrize(("model", "code"), [("faith_hf", 0), ("qwen2_5_vl", 1)])
@pytest.mark.parametrize("columns", ["80", "120"])
def test_the_exit_code_is_0_only_if_all_holds(model_args, model, code, columns):
    result = CliRunner(env={"COLUMNS": columns}).invoke(
        app, ["doctor", "--model", model, "--model_args", model_args[model]]
    )
    assert result.exit_code == code, result.output
    assert ("no: " in result.output) == bool(code)
    assert ("--model faith_qwen2_5_vl" in result.output) == bool(code)
    # The host's logger may have a line of its own behind it, where an earlier test closed its stream.
    [last] = [line for line in result.output.splitlines() if line.startswith("Next: ")]
    assert last.startswith(
        f"Next: lmms-faith run --model {model} --model_args {model_args[model]} --tasks faith_shapes"
    )


def test_a_template_that_refuses_is_a_finding_with_its_remedy(model_args, tmp_path):
    from lmms_faith.lmms.doctor import examine

    template = tmp_path / "users_only.jinja"
    picture = "<|vision_start|><|image_pad|><|vision_end|>"
    template.write_text(
        "{% for m in messages %}{% if m.role == 'user' %}user: " + picture + "{% endif %}{% endfor %}assistant:"
    )
    found = {one.ability: one for one in examine("faith_hf", f"{model_args['faith_hf']},chat_template={template}")}
    assert found["prefill"].level == "no"
    assert "prefill=append" in found["prefill"].seen
    assert found["letters"].level == "yes"


@pytest.mark.parametrize(
    ("model", "arguments", "said"),
    [("no_such_model", "", "no_such_model"), ("faith_hf", "pretrained=/nowhere/at/all", "/nowhere/at/all")],
)
def test_a_model_that_does_not_load_is_one_line_and_exit_code_2(model, arguments, said):
    result = CliRunner().invoke(app, ["doctor", "--model", model, "--model_args", arguments])
    assert result.exit_code == 2
    # The host's logger may complain as well: the stream that an earlier test gave it is closed.
    [line] = [line for line in result.stderr.splitlines() if line.startswith("lmms-faith:")]
    assert said in line


@pytest.mark.parametrize("secret", ["api_key=sk-planted", "url=http://me:sk-planted@localhost/v1"])
def test_arguments_that_may_hold_a_secret_are_not_repeated(secret):
    result = CliRunner().invoke(app, ["doctor", "--model", "dummy", "--model_args", f"response=A,{secret}"])
    assert "Next: lmms-faith run --model dummy --model_args '…' --tasks" in result.output
    assert "sk-planted" not in result.output
