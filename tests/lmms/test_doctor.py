"""What the doctor says of a model that can and of one that can't."""

import pytest
from typer.testing import CliRunner

from lmms_faith.cli import app

pytestmark = pytest.mark.host


@pytest.fixture(scope="module")
def examine():
    from lmms_faith.lmms.doctor import examine

    return examine


@pytest.mark.parametrize("model", ["faith_hf", "faith_qwen2_5_vl"])
def test_a_faith_model_holds_all(examine, model_args, model):
    prefill, letters, form = examine(model, model_args[model])
    assert prefill.holds, prefill.seen
    assert "Let me look at the image." in prefill.seen
    assert letters.holds, letters.seen
    assert "A -" in letters.seen
    assert "off-letter mass 0." in letters.seen
    assert form.holds, form.seen


@pytest.mark.parametrize("model", ["qwen2_5_vl", "dummy"])
def test_a_stock_model_continues_nothing_and_shows_no_letters(examine, model_args, model):
    prefill, letters, _ = examine(model, model_args[model])
    assert not prefill.holds
    assert "faith_hf" in prefill.seen
    assert not letters.holds
    assert "faith_*" in letters.seen


@pytest.mark.parametrize(("model", "code"), [("faith_hf", 0), ("qwen2_5_vl", 1)])
def test_the_exit_code_is_0_only_if_all_holds(model_args, model, code):
    result = CliRunner().invoke(app, ["doctor", "--model", model, "--model_args", model_args[model]])
    assert result.exit_code == code, result.output
    assert ("NO" in result.output) == bool(code)


def test_a_template_that_refuses_is_a_finding_with_its_remedy(examine, model_args, tmp_path):
    template = tmp_path / "users_only.jinja"
    picture = "<|vision_start|><|image_pad|><|vision_end|>"
    template.write_text(
        "{% for m in messages %}{% if m.role == 'user' %}user: " + picture + "{% endif %}{% endfor %}assistant:"
    )
    prefill, letters, _ = examine("faith_hf", f"{model_args['faith_hf']},chat_template={template}")
    assert not prefill.holds
    assert "prefill=append" in prefill.seen
    assert letters.holds


@pytest.mark.parametrize(
    ("model", "arguments", "said"),
    [("no_such_model", "", "no_such_model"), ("faith_hf", "pretrained=/nowhere/at/all", "/nowhere/at/all")],
)
def test_a_model_that_does_not_load_is_one_line_and_exit_code_1(model, arguments, said):
    result = CliRunner().invoke(app, ["doctor", "--model", model, "--model_args", arguments])
    assert result.exit_code == 1
    # The host's logger may complain as well: the stream that an earlier test gave it is closed.
    [line] = [line for line in result.stderr.splitlines() if line.startswith("lmms-faith:")]
    assert said in line
