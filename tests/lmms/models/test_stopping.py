"""A row ends where its answer is closed, and rows that have not answered go on."""

import pytest

pytestmark = pytest.mark.host

ENDS = {
    "an answer behind the thought": ("<think>", "Red.</think><answer>B</answer>", True),
    "no thought": ("", "<answer>B</answer>", True),
    "a thought that was closed for it": ("<think>x</think>", "<answer>B</answer>", True),
    "an answer within the thought": ("<think>", "Is it <answer>B</answer>", False),
    "an empty answer": ("", "<think></think><answer></answer>", False),
    "an open answer": ("<think>", "Red.</think><answer>B", False),
    "another tag": ("<think>", "Red.</think>", False),
    "a closing tag alone": ("", "B</answer>", False),
}


@pytest.mark.parametrize(("prefill", "written", "ends"), ENDS.values(), ids=ENDS.keys())
def test_a_row_ends_with_its_answer(model, prefill, written, ends):
    import torch

    from lmms_faith.lmms.models.stopping import AnswerClosed, tag_ends

    tokenizer = model.tokenizer
    tags = tag_ends(tokenizer, torch.device("cpu"))
    ids = tokenizer(written, add_special_tokens=False)["input_ids"]
    closed = AnswerClosed(tokenizer, tags, prefills=[prefill, prefill], start=3)
    rows = torch.tensor([[0, 0, 0, *ids], [0, 0, 0, *ids[:-1], ids[0]]])
    assert closed(rows, None).tolist() == [ends, False]
    # An ended row stays ended, whatever the padding behind it.
    after = torch.cat([rows, torch.full((2, 1), tokenizer.pad_token_id)], dim=1)
    assert closed(after, None).tolist() == [ends, False]


def test_nothing_is_generated_behind_the_answer(model, ask):
    texts = [text for text, _ in ask("base", "wrong_think", "stop_think", items=4)]
    assert all(text.endswith("</answer>") for text in texts)
    assert {evidence.finish for _, evidence in ask("base", items=4)} == {"stop"}
