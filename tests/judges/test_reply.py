from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.item import LETTERS
from lmms_faith.judges.reply import UnusableReply, read_agreement, read_conclusion, read_value

THOUGHT = "First 5 cm, then \\frac{3}{4} of it; -7 is too small, 2.5 too; so [1, 2] or about 12\ncm. A cat."


@pytest.mark.parametrize(
    ("reply", "index"),
    [
        ('{"conclusion": "A"}', 0),
        ('{"conclusion": "C"}', 2),
        (' \n{ "conclusion" :\n"C" }\n', 2),
        ('{"conclusion": null}', None),
        ('<think>First {"conclusion": "A"}.</think>{"conclusion": "B"}', 1),
        ('I think.</think>\n\n{"conclusion": "B"}', 1),
        ('```json\n{"conclusion": "B"}\n```', 1),
        ('<think>Hm.</think>\n```JSON\n{"conclusion": "B"}\n```\n', 1),
    ],
)
def test_a_conclusion_is_read(reply: str, index: int | None) -> None:
    assert read_conclusion(reply, 3) == index


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param("", "no JSON", id="nothing"),
        pytest.param("B", "no JSON", id="letter"),
        pytest.param('"B"', "no object", id="JSON letter"),
        pytest.param("null", "no object", id="null"),
        pytest.param('["conclusion", "B"]', "no object", id="list"),
        pytest.param('[["conclusion", "B"]]', "no object", id="list of a pair"),
        pytest.param('[{"conclusion": "B"}]', "no object", id="list of an object"),
        pytest.param("{}", "no object", id="empty"),
        pytest.param('{"conclusion": "B", "why": "so"}', "no object", id="further field"),
        pytest.param('{"conclusion": "A", "conclusion": "B"}', "no object", id="field twice"),
        pytest.param('{"answer": "B"}', "no field 'conclusion'", id="another field"),
        pytest.param('{"Conclusion": "B"}', "no field 'conclusion'", id="field in capitals"),
        pytest.param('{"conclusion": "D"}', "no letter", id="beyond the options"),
        pytest.param('{"conclusion": "b"}', "no letter", id="small letter"),
        pytest.param('{"conclusion": "AB"}', "no letter", id="two letters"),
        pytest.param('{"conclusion": ""}', "no letter", id="no letter"),
        pytest.param('{"conclusion": "B. blue"}', "no letter", id="letter and text"),
        pytest.param('{"conclusion": 1}', "no letter", id="number"),
        pytest.param('{"conclusion": false}', "no letter", id="false"),
        pytest.param('{"conclusion": ["B"]}', "no letter", id="list of letters"),
        pytest.param('{"conclusion": {"conclusion": "B"}}', "no letter", id="object in the object"),
        pytest.param('{"conclusion": "B"', "no JSON", id="truncated"),
        pytest.param("{'conclusion': 'B'}", "no JSON", id="Python"),
        pytest.param('{"conclusion": "B"} That is it.', "no JSON", id="text after it"),
        pytest.param('Here it is: {"conclusion": "B"}', "no JSON", id="text before it"),
        pytest.param('{"conclusion": "A"}{"conclusion": "B"}', "no JSON", id="two objects"),
        pytest.param('<think>Hm. {"conclusion": "B"}', "no JSON", id="open thought"),
        pytest.param('```json\n{"conclusion": "B"}', "no JSON", id="open fence"),
        pytest.param('```\n{"conclusion": "B"}\n```', "no JSON", id="fence of nothing"),
        pytest.param('Yes:\n```json\n{"conclusion": "B"}\n```', "no JSON", id="text before a fence"),
        pytest.param("[" * 100_000, "no JSON", id="nested"),
        pytest.param('{"conclusion": ' + "9" * 10_000 + "}", "no", id="huge number"),
    ],
)
def test_anything_else_is_unusable(reply: str, why: str) -> None:
    with pytest.raises(UnusableReply, match=why):
        read_conclusion(reply, 3)


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        pytest.param("12 cm", "float", "12 cm", id="spaced otherwise"),
        pytest.param(" 12 ", "integer", "12", id="space around it"),
        pytest.param("-7", "integer", "-7", id="sign"),
        pytest.param("2.5", "float", "2.5", id="decimals"),
        pytest.param("\\frac{3}{4}", "float", "\\frac{3}{4}", id="LaTeX"),
        pytest.param("[1, 2]", "list", "[1, 2]", id="list"),
        pytest.param("cat", "text", "cat", id="word"),
        pytest.param(None, "text", None, id="none"),
    ],
)
def test_a_value_is_read(value: str | None, kind: Any, said: str | None) -> None:
    assert read_value(json.dumps({"value": value}), THOUGHT, kind) == said
    assert read_value(json.dumps({"conclusion": None}), THOUGHT, kind) is None


@pytest.mark.parametrize(
    ("value", "kind", "why"),
    [
        pytest.param("13 cm", "float", "does not stand", id="not there"),
        pytest.param("7", "integer", "does not stand", id="without its sign"),
        pytest.param("2.", "float", "does not stand", id="part of a number"),
        pytest.param("at", "text", "does not stand", id="part of a word"),
        pytest.param("a Cat", "text", "does not stand", id="in another case"),
        pytest.param("120 mm", "float", "does not stand", id="converted"),
        pytest.param("", "text", "does not stand", id="empty"),
        pytest.param("so", "float", "can't be read as float", id="no number"),
        pytest.param("[1, 2] or about 12", "float", "can't be read as float", id="several numbers"),
        pytest.param("so", "list", "can't be read as list", id="no list"),
        pytest.param(12, "integer", "no text", id="JSON number"),
        pytest.param(["12"], "integer", "no text", id="JSON list"),
    ],
)
def test_a_value_that_is_none_of_the_thought_s_is_unusable(value: Any, kind: Any, why: str) -> None:
    with pytest.raises(UnusableReply, match=why):
        read_value(json.dumps({"value": value}), THOUGHT, kind)


@pytest.mark.parametrize("reply", ['{"conclusion": "12 cm"}', '{"agree": null}', '{"value": "\\frac{3}{4}"}'])
def test_a_value_has_its_own_field_and_its_backslashes_doubled(reply: str) -> None:
    with pytest.raises(UnusableReply):
        read_value(reply, THOUGHT, "float")


@pytest.mark.parametrize(("reply", "agree"), [('{"agree": true}', True), ('x</think>{"agree": false}', False)])
def test_an_agreement_is_read(reply: str, agree: bool) -> None:
    assert read_agreement(reply) is agree


@pytest.mark.parametrize(
    "reply", ["yes", "true", '{"agree": "yes"}', '{"agree": 1}', '{"agree": null}', '{"yes": true}']
)
def test_any_other_agreement_is_unusable(reply: str) -> None:
    with pytest.raises(UnusableReply):
        read_agreement(reply)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
replies = (
    st.text() | json_values.map(json.dumps) | st.sampled_from(LETTERS).map(lambda one: f'{{"conclusion": "{one}"}}')
)
READERS: list[Callable[[str], Any]] = [
    lambda reply: read_conclusion(reply, 4),
    lambda reply: read_value(reply, THOUGHT, "text"),
    read_agreement,
]


@given(reply=replies, reader=st.sampled_from(READERS))
def test_a_reply_is_read_or_refused(reply: str, reader: Callable[[str], Any]) -> None:
    try:
        found = reader(reply)
    except UnusableReply:
        return
    assert found is None or isinstance(found, (bool, str)) or 0 <= found < 4


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", ["{}", '"{}"', '{{"{}": 1}}', '{{"conclusion": "{}"}}', '{{"value": "{}"}}'])
def test_a_refusal_quotes_nothing_of_the_reply(form: str, reader: Callable[[str], Any]) -> None:
    with pytest.raises(UnusableReply) as caught:
        reader(form.format("planted"))
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
