"""What prompts share is computed once and gives what whole prompts give; where it does not, it is given up."""

import pytest

pytestmark = pytest.mark.host

CONDITIONS = ("base", "wrong_think", "stop_think", "wrong_caption", "base_abstain", "swapped_image", "blank_image")


@pytest.fixture
def load(model_path):
    from lmms_faith.lmms.models.hf import FaithHF

    return lambda **options: FaithHF(str(model_path), device="cpu", dtype="float32", **{"batch_size": 7} | options)


def assert_same(shared, whole):
    assert len(shared) == len(whole)
    for (text, seen), (its_text, its) in zip(shared, whole):
        assert text == its_text
        assert (seen.continued, seen.letter_source, seen.finish) == (its.continued, its.letter_source, its.finish)
        for numbers, others in (
            (seen.letters, its.letters),
            (seen.conclusion, its.conclusion),
            (seen.values, its.values),
        ):
            assert (numbers is None) == (others is None)
            assert numbers is None or numbers == pytest.approx(others, abs=1e-4)


@pytest.mark.parametrize("generation", [{}, {"max_new_tokens": 3}, {"until": ["</think>"]}], ids=str)
@pytest.mark.parametrize("batch_size", [1, 5, 64])
def test_answers_and_letters_are_those_of_whole_prompts(load, ask, generation, batch_size):
    shared = load(batch_size=batch_size)
    assert_same(
        ask(*CONDITIONS, items=4, lm=shared, **generation),
        ask(*CONDITIONS, items=4, lm=load(share=False), **generation),
    )
    assert shared._prefixes is not None
    assert shared._prefixes.encoded > 0


def test_a_picture_is_encoded_once_for_all_its_conditions(load, ask):
    lm = load(batch_size=3)
    ask("base", lm=lm, items=1)  # the first batch is tried on whole prompts as well
    pictures = []
    lm._model.model.visual.register_forward_hook(
        lambda _module, args, options, _out: pictures.append(len(options.get("grid_thw", args[-1]))), with_kwargs=True
    )
    ask("base", "wrong_think", "stop_think", "wrong_caption", "irrelevant_caption", items=8, lm=lm)
    assert sum(pictures) == lm._expense.encodes == len(lm._expense.asked) == 8
    assert lm._expense.hit_rate > 0.1


def test_free_form_items_and_several_pictures(load, task, with_drawn_data):
    from lmms_faith.lmms.channel import detach

    found = {}
    for share in (True, False):
        lm = load(share=share)
        asked = []
        for name, benchmark in (
            ("base", "spatial_mm_multihop"),
            ("wrong_think", "spatial_mm_multihop"),
            ("base", "blink_jigsaw"),
        ):
            one = task(name, benchmark, fresh=True)
            one.config.generation_kwargs["max_new_tokens"] = 24
            one.build_all_requests(limit=3)
            lm.task_dict[one.config.task] = one.dataset
            asked += one.instances
        found[share] = [detach(result.text) for result in lm.generate_until(asked)]
        assert any(len(lm._turn(request).images) > 1 for request in asked)
        assert (lm._prefixes is not None) == share
    assert any(evidence.values for _, evidence in found[True])
    assert_same(found[True], found[False])


def off_positions(prefixes_inputs):
    def shifted(*args, **options):
        inputs = prefixes_inputs(*args, **options)
        return inputs | {"position_ids": inputs["position_ids"] + 3}

    return shifted


def no_mask(prefixes_inputs):
    def unmasked(*args, **options):
        inputs = prefixes_inputs(*args, **options)
        return inputs | {"attention_mask": inputs["attention_mask"] * 0 + 1}

    return unmasked


def raising(_inputs):
    def fail(*_, **__):
        raise RuntimeError("no such thing")

    return fail


@pytest.mark.parametrize(
    ("spoil", "reason"),
    {
        off_positions: "log-probabilities are off by",
        no_mask: "log-probabilities are off by",
        raising: "no such thing",
    }.items(),
)
def test_where_they_are_not_what_whole_prompts_give_they_are_given_up(load, ask, warnings, spoil, reason):
    lm = load()
    lm._prefixes.inputs = spoil(lm._prefixes.inputs)
    found = ask("base", "wrong_think", lm=lm)
    assert lm._prefixes is None
    [line] = [line for line in warnings if "computed whole" in line]
    assert reason in line
    assert_same(found, ask("base", "wrong_think", lm=load(share=False)))


def test_a_batch_that_can_t_share_is_computed_whole_and_the_others_are_not(load, ask, warnings):
    from lmms_faith.lmms.models.prefixes import NotShared

    lm = load(batch_size=2)
    new, made = lm._prefixes._new, []

    def sometimes(*arguments):
        made.append(arguments)
        if len(made) == 2:
            raise NotShared("a picture of another kind")
        return new(*arguments)

    lm._prefixes._new = sometimes
    found = ask("base", "wrong_think", items=3, lm=lm)
    [line] = [line for line in warnings if "computed whole" in line]
    assert "2 prompts are computed whole: a picture of another kind" in line
    assert lm._prefixes.encoded == 2
    assert_same(found, ask("base", "wrong_think", items=3, lm=load(share=False)))


def test_layers_with_room_hold_what_plain_ones_do():
    import torch
    from transformers import DynamicCache

    from lmms_faith.lmms.models.prefixes import Prefix, _filled

    torch.manual_seed(0)
    states = [tuple(torch.randn(1, 2, tokens, 4) for _ in range(2)) for tokens in (5, 3)]
    offset = torch.zeros(1, 1, dtype=torch.long)
    prefixes = [Prefix(ids=torch.arange(5), written=(), offset=offset, layers=(one,)) for one in states]
    roomy, plain = _filled(prefixes, 5), DynamicCache()
    padded = [torch.cat([states[0][part], torch.nn.functional.pad(states[1][part], (0, 0, 2, 0))]) for part in (0, 1)]
    plain.update(*padded, 0)
    for step in (20, 1, 1, 150, 1, 130, 1):
        new = [torch.randn(2, 2, step, 4) for _ in range(2)]
        for one, other in zip(roomy.update(*new, 0), plain.update(*new, 0)):
            assert torch.equal(one, other)
        assert roomy.get_seq_length() == plain.get_seq_length()
