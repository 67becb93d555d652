import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.span import stands_in


@pytest.mark.parametrize(
    ("span", "text", "stands"),
    [
        ("5", "so 5.", True),
        ("5", "so 5, and", True),
        ("5", "(5)", True),
        ("5", "15", False),
        ("5", "2.5", False),
        ("2", "2.5", False),
        ("1", "1,200", False),
        ("5", "-5", False),
        ("5", "5/8", False),
        ("8", "5/8", False),
        ("-5", "it is -5", True),
        ("A", "About", False),
        ("A", "(A)", True),
        ("a", "A", False),
        ("B", "所以选B项", True),
        ("12 cm", "12\n  cm", True),
        (" 12 cm ", "12 cm", True),
        ("1+1", "11", False),
        (".*", "anything", False),
        ("", "anything", False),
        (" ", "any thing", False),
    ],
)
def test_a_span_stands_where_it_is_no_part_of_something_else(span: str, text: str, stands: bool) -> None:
    assert stands_in(span, text) is stands


@given(st.text(min_size=1).filter(str.strip), st.text(), st.text())
def test_what_stands_in_a_text_stands_between_lines(span: str, before: str, after: str) -> None:
    assert stands_in(span, f"{before}\n{span}\n{after}")
