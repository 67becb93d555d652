"""Generated items and completions."""

from collections.abc import Mapping

from hypothesis import strategies as st

from lmms_faith.item import Item, normalise

WORDS = (
    "red",
    "blue",
    "left of the star",
    "3",
    "4",
    "12.5",
    "$2$",
    "yes",
    "no",
    "Paris.",
    "none of the above",
    "a dog",
)
TEXT = st.one_of(st.text(min_size=1, max_size=30), st.text(alphabet="{}option. \nA", min_size=1, max_size=20))
PIECES = st.sampled_from(
    [
        *("<think>", "</think>", "<answer>", "</answer>", "A", "b", "(C)", "**D**", "red", "The answer is ", " ", "\n"),
        *(r"\boxed{B}", r"\boxed{", "}", "$", "5", "1,200", "3/4", r"\frac{1}{2}", "=", "°", "%", "[1, 2]", "-", "."),
    ]
)
CLASSES = ("left", "behind", "Yes", "red", "a man", "in front of the car", "2 dogs", "two", "BLUE")


def completions() -> st.SearchStrategy[str]:
    return st.one_of(st.text(), st.lists(PIECES).map("".join))


@st.composite
def choices(draw: st.DrawFn, *, texts: st.SearchStrategy[str] = TEXT) -> Item:
    """Multiple choice, with options that stay apart under the scorer."""
    options = draw(st.lists(texts.filter(normalise), min_size=2, max_size=11, unique_by=normalise))
    return Item(
        id=draw(st.text(min_size=1, max_size=5)),
        benchmark="toys",
        question=draw(TEXT),
        options=tuple(options),
        answer=draw(st.integers(0, len(options) - 1)),
        rule=draw(st.sampled_from(["seeded", "nearest", "opposite", "rivals"])),
        rivals=tuple(draw(st.lists(st.sampled_from(options), max_size=2))),
        context=draw(st.none() | st.just("A hint.")),
        claim=draw(st.one_of(st.none(), st.tuples(TEXT, TEXT).map("{option}".join))),
    )


def plain_choices() -> st.SearchStrategy[Item]:
    """Multiple choice with options as data sets print them."""
    return choices(texts=st.sampled_from(WORDS))


@st.composite
def integers(draw: st.DrawFn) -> Item:
    number = draw(st.integers(-20_000, 20_000) | st.integers(-12, 12) | st.sampled_from([100, 4000, 10**8, 1999, 2100]))
    unit = draw(st.none() | st.sampled_from(["years", "g"])) if number >= 0 else None
    return _free(draw, kind="integer", value=draw(st.sampled_from([str(number), f"{number:,}"])), unit=unit)


@st.composite
def floats(draw: st.DrawFn) -> Item:
    places = draw(st.integers(1, 3))
    number = draw(st.integers(-3000, 3000) | st.integers(0, 10**places))
    value = f"{number / 10**places:.{places}f}"
    return _free(draw, kind="float", value=value, precision=draw(st.sampled_from([None, places])))


@st.composite
def lists(draw: st.DrawFn) -> Item:
    entries = draw(
        st.lists(st.integers(-5, 5), min_size=1, max_size=6)
        | st.lists(st.integers(1900, 2100), min_size=2, max_size=30)
    )
    return _free(draw, kind="list", value=str(entries))


@st.composite
def words(draw: st.DrawFn) -> Item:
    return _free(draw, kind="text", value=draw(st.sampled_from(CLASSES)))


def free_forms() -> st.SearchStrategy[Item]:
    """Items without options, each with a value of which a wrong one can be made."""
    return st.one_of(integers(), floats(), lists(), words())


def _free(draw: st.DrawFn, **fields: object) -> Item:
    values: Mapping[str, object] = {
        "id": draw(st.text(min_size=1, max_size=5)),
        "benchmark": "toys",
        "question": draw(TEXT),
        "claim": draw(st.none() | st.just("The reading is {option}.")),
    }
    return Item(**(values | fields))  # type: ignore[arg-type]
