import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmms_faith.parsing.naming import known, named
from lmms_faith.parsing.stance import taken

COLOURS = ("red", "blue", "green", "white")

# sentence, what it asserts, denies, holds possible, supposes: the first letters of the options
SENTENCES = {
    "asserted": ("it is red.", "r", "", "", ""),
    "denied": ("it is not red.", "", "r", "", ""),
    "denied by a contraction": ("it isn’t red.", "", "r", "", ""),
    "neither, nor": ("it is neither red nor blue.", "", "rb", "", ""),
    "none of three": ("it isn't red, blue or green.", "", "rbg", "", ""),
    "not, but": ("it is not red but blue.", "b", "r", "", ""),
    "but not": ("it is red, but not blue.", "r", "b", "", ""),
    "rather than": ("it is red rather than blue.", "r", "b", "", ""),
    "instead of": ("red instead of blue.", "r", "b", "", ""),
    "unlike": ("unlike the red one, blue shines.", "b", "r", "", ""),
    "no, as a word of its own": ("no, it is red.", "r", "", "", ""),
    "no doubt": ("there is no doubt that it is red.", "r", "", "", ""),
    "excluded": ("red can be excluded.", "", "r", "", ""),
    "list excluded": ("red, blue and green are wrong.", "", "rbg", "", ""),
    "therefore not": ("red is therefore not possible.", "", "r", "", ""),
    "denied in one clause, asserted in the next": ("it isn't red, the colour is blue.", "b", "r", "", ""),
    "denied and": ("the claim doesn't hold and it's red.", "r", "", "", ""),
    "or": ("it is red or blue.", "", "", "rb", ""),
    "either": ("it is either red or blue.", "", "", "rb", ""),
    "could": ("it could be red.", "", "", "r", ""),
    "could, behind": ("red could fit.", "", "", "r", ""),
    "between, then": ("between red and blue, red is nearer.", "r", "", "rb", ""),
    "whether": ("i am not sure whether it is red.", "", "", "r", ""),
    "if": ("if it were red, white would be next.", "", "", "", "rw"),
    "would": ("red would be brighter.", "", "", "", "r"),
    "would be the best": ("red would be the best choice.", "r", "", "", ""),
    "that would be": ("that would be red.", "r", "", "", ""),
    "at first": ("at first it looks red.", "", "", "", "r"),
    "somebody says": ("the caption says it is red.", "", "", "", "r"),
    "compared": ("red is nearer than blue.", "", "", "", "rb"),
    "more likely": ("red is more likely than blue.", "r", "b", "", ""),
    "just as": ("red is just as near.", "", "", "", "r"),
    "so": ("blue lies left, so it is red.", "r", "", "", ""),
    "since": ("since blue is far, it is red.", "r", "", "", ""),
    "although": ("it is red, although blue is near.", "r", "", "", ""),
    "but": ("it looks red, but it is blue.", "b", "", "", ""),
    "revised": ("it is red, wait, blue.", "b", "", "", ""),
    "several": ("it is red and blue.", "rb", "", "", ""),
    "looked at": ("looking at red, there is nothing.", "", "", "", "r"),
    "listed": ("- red: the house.", "", "", "", "r"),
    "listed and affirmed": ("- red: this matches.", "r", "", "", ""),
    "listed and dismissed": ("- red: no.", "", "r", "", ""),
    "Chinese": ("不是red，而是blue。", "b", "r", "", ""),
}


@pytest.mark.parametrize(("small", "asserted", "denied", "possible", "supposed"), SENTENCES.values(), ids=SENTENCES)
def test_how_a_sentence_takes_what_it_names(
    small: str, asserted: str, denied: str, possible: str, supposed: str
) -> None:
    found = taken(small, named(small, small, known(COLOURS)))
    sets = (found.asserted, found.denied, found.possible, found.supposed)
    shown = ["".join(COLOURS[index][0] for index in sorted(one)) for one in sets]
    assert [sorted(one) for one in shown] == [sorted(one) for one in (asserted, denied, possible, supposed)]


@pytest.mark.parametrize(
    ("small", "singled"),
    [
        ("so it is red.", True),
        ("the answer is red.", True),
        ("i'd go with red.", True),
        ("red is the most likely one.", True),
        ("red it is.", True),
        ("it is red.", False),
        ("the red one shines.", False),
    ],
)
def test_what_is_marked_as_a_conclusion(small: str, singled: bool) -> None:
    assert taken(small, named(small, small, known(COLOURS))).singled is singled


def test_a_question_asserts_nothing() -> None:
    small = "so it is red?"
    found = taken(small, named(small, small, known(COLOURS)), asks=True)
    assert (found.asserted, found.possible) == (frozenset(), {0})


def test_what_would_be_is_asserted_where_that_was_asked() -> None:
    small = "red would be next."
    assert taken(small, named(small, small, known(COLOURS)), supposing=True).asserted == {0}


@given(words=st.lists(st.sampled_from([*COLOURS, "not", "or", ",", "but", "if", "so", "than", "is", ":"]), max_size=12))
def test_every_name_is_taken_in_some_way(words: list[str]) -> None:
    small = " ".join(words)
    mentions = named(small, small, known(COLOURS))
    found = taken(small, mentions)
    assert found.asserted | found.denied | found.possible | found.supposed <= {one.index for one in mentions}
    assert set(found.kept) <= set(mentions)
