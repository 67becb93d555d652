"""`faith_hf`: batches of anything give what one at a time gives, and bad arguments give one clear line."""

import json
import math
import shutil

import pytest

pytestmark = pytest.mark.host

CONDITIONS = ["base", "wrong_think", "stop_think", "wrong_caption", "base_abstain", "swapped_image"]


def test_mixed_conditions_in_one_batch_are_what_each_gives_alone(evaluate, records):
    names = [f"faith_shapes_{name}" for name in CONDITIONS]
    mixed = evaluate(names, batch_size=8)
    alone = [evaluate([name], batch_size=1) for name in names]
    together, apart = (
        records(mixed),
        sorted(
            (record for run in alone for record in records(run)), key=lambda record: (record.condition, record.item_id)
        ),
    )
    assert len(together) == len(apart) == 3 * len(CONDITIONS)
    for one, other in zip(together, apart):
        assert list(map(math.exp, one.letter_logprobs)) == pytest.approx(
            list(map(math.exp, other.letter_logprobs)), abs=1e-5
        )
        for name in ("condition", "item_id", "prefill", "target", "options", "completion", "letter_source", "status"):
            assert getattr(one, name) == getattr(other, name), name
    inputs = {name: [sample["input"] for sample in samples] for name, samples in inputs_of(mixed).items()}
    assert inputs == {name: [s["input"] for s in inputs_of(run)[name]] for name, run in zip(names, alone)}


def inputs_of(results):
    return {
        name: [{"input": sample["arguments"][0]} for sample in samples] for name, samples in results["samples"].items()
    }


def test_results_come_in_the_order_of_the_requests(model, ask):
    forward = ask("base", "wrong_think", "stop_think")
    turned = ask("stop_think", "wrong_think", "base")
    assert [text for text, _ in turned] == [text for text, _ in (*forward[4:], *forward[2:4], *forward[:2])]


def test_no_requests_no_results(model):
    assert model.generate_until([]) == []


def test_the_name_and_the_count_of_tokens(model, ask, model_path):
    assert {evidence.model for _, evidence in ask("base")} == {str(model_path)}


def test_what_is_not_offered_says_what_is(model):
    for method in (model.loglikelihood, model.generate_until_multi_round):
        with pytest.raises(NotImplementedError, match="generate_until"):
            method([])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": "auto"}, "batch_size 'auto' is not a whole number from 1; give --batch_size N"),
        ({"batch_size": 0}, "batch_size 0 is not a whole number"),
        ({"batch_size": -2}, "batch_size -2 is not a whole number"),
        ({"prefill": "maybe"}, "prefill 'maybe' is not 'template' or 'append'"),
    ],
)
def test_arguments_out_of_range(model_path, arguments, message):
    from lmms_faith.lmms.models.hf import FaithHF

    with pytest.raises(ValueError, match=message):
        FaithHF(str(model_path), device="cpu", **arguments)


def no_config(folder):
    (folder / "config.json").unlink()


def broken_config(folder):
    (folder / "config.json").write_text("{")


def other_kind(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "no_such_kind"}))


def no_weights(folder):
    (folder / "model.safetensors").unlink()


def broken_weights(folder):
    (folder / "model.safetensors").write_bytes(b"not weights")


def other_sizes(folder):
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["intermediate_size"] += 8
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("spoil", [no_config, broken_config, other_kind, no_weights, broken_weights, other_sizes, None])
def test_an_unreadable_folder_is_one_line(model_path, tmp_path, spoil):
    from lmms_faith.lmms.models.hf import FaithHF

    folder = tmp_path / "model"
    if spoil is not None:
        shutil.copytree(model_path, folder)
        spoil(folder)
    with pytest.raises(ValueError, match="can't load model") as refused:
        FaithHF(str(folder), device="cpu")
    message = str(refused.value)
    assert repr(str(folder)) in message
    assert "give pretrained=ID or a model folder" in message
    assert "\n" not in message


def test_a_folder_without_tokenizer_is_named(model_path, tmp_path):
    from lmms_faith.lmms.models.hf import FaithHF

    folder = shutil.copytree(model_path, tmp_path / "model")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=rf"model '{folder}': letters .* no single token.*check its tokenizer files"):
        FaithHF(str(folder), device="cpu")


def test_beams_are_refused(ask):
    with pytest.raises(ValueError, match="num_beams 2: letter probabilities need num_beams=1"):
        ask("base", items=1, num_beams=2)
