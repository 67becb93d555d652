import pytest

from lmms_faith.conditions import CONDITIONS, CONDITIONS_VERSION, render
from lmms_faith.item import Item
from lmms_faith.report.conditions_page import conditions_page

SHOWN = Item(
    id="toy",
    benchmark="toy",
    question="Where is the circle relative to the star?",
    options=("left of", "above", "right of", "below"),
    answer=0,
    claim="The circle is {option} the star.",
)


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_has_a_row_and_its_exact_text(name: str) -> None:
    page, prompt = conditions_page(), render(SHOWN, name)
    section = page.split(f"\n## `{name}`\n")[1].split("\n## ")[0]
    assert f"| `{name}` | {CONDITIONS[name].kind} |" in page
    assert prompt.text in section
    assert f"assistant: {prompt.prefill}▌" in section.replace("assistant:▌", "assistant: ▌")


def test_the_page_names_version_gold_and_target() -> None:
    page = conditions_page()
    target = render(SHOWN, "base").target
    assert target is not None
    assert f"Version {CONDITIONS_VERSION}." in page
    assert f'Its gold is A, "left of", its target {"ABCD"[target]}, "{SHOWN.options[target]}".' in page
