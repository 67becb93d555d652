"""The host's own scoring functions and ours, on the same rows and the same completions.

Where the two differ, a table says why, and the tests hold the host to its difference. There is nothing to compare with
for MathVerse, whose every answer an LLM judges, nor for Spatial-MM and WhatsUp, which the host does not have.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import product
from random import Random
from statistics import fmean
from types import ModuleType
from typing import Any

import pytest
from fixtures import FIXTURES
from records import record

from lmms_faith.benchmarks import benchmark
from lmms_faith.benchmarks.spec import Row
from lmms_faith.conditions import wrong_target
from lmms_faith.hits import hit
from lmms_faith.item import LETTERS, Item
from lmms_faith.lmms.data import numbered, without_pictures
from lmms_faith.parsing import parse
from lmms_faith.record import Record

pytestmark = [pytest.mark.host, pytest.mark.filterwarnings("ignore")]

Judge = Callable[[Sequence[Row], Sequence[str]], float]
"""The host's score of some rows and what was answered to each, between 0 and 1."""


def host(name: str) -> Any:
    return import_module(f"lmms_eval.tasks.{name}.utils")


def by(name: str, process: str, metric: str, aggregate: str | None = None, *, whole: float = 1) -> Judge:
    """What the host's ``process_results`` and aggregation of a task give; ``whole`` is what it calls all right."""

    def judge(rows: Sequence[Row], texts: Sequence[str]) -> float:
        task = host(name)
        entries = [getattr(task, process)(row, [text])[metric] for row, text in zip(rows, texts, strict=True)]
        return float((getattr(task, aggregate) if aggregate else fmean)(entries)) / whole

    return judge


def ai2d(rows: Sequence[Row], texts: Sequence[str]) -> float:
    from lmms_eval.api.metrics import exact_match_hf_evaluate

    task = host("ai2d")
    said = task.MultiChoiceRegexFilter(regex_pattern="([A-Z])\\.").apply([[text] for text in texts], rows)
    right = [task.ai2d_doc_to_target(row, "mcq") for row in rows]
    return float(exact_match_hf_evaluate(said, right, ignore_case=True, ignore_punctuation=True)["exact_match"])


def mmbench(rows: Sequence[Row], texts: Sequence[str]) -> float:
    """Circular evaluation without an LLM; a copy that comes without its base question stands for it."""
    evaluator = import_module("lmms_eval.tasks.mmbench.mmbench_evals").MMBench_Evaluator()
    entries = [row | {"prediction": text} for row, text in zip(rows, texts, strict=True)]
    if len(entries) == 1:
        entries[0]["index"] %= 10**6
    return float(evaluator.eval_result(entries, eval_method="static")[0])


BLINK = by("blink", "blink_process_results", "blink_acc", "blink_aggregate_results")
MMMU_PRO = by("mmmu_pro", "mmmu_pro_process_results", "mmmu_acc", "mmmu_pro_aggregate_results")
DSR = "3dsrbench", "process_results"
SCORERS: dict[str, tuple[str, Judge]] = {
    "cv_bench": ("accuracy", by("cv_bench", "cv_bench_process_results", "cv_bench_acc", "cv_bench_aggregate_results")),
    "3dsrbench": ("vanilla", by(*DSR, "vanilla_accuracy", "aggregate_vanilla_accuracy")),
    "3dsrbench_circular": ("flip_circular", by(*DSR, "flip_circular_accuracy", "aggregate_flip_circular_accuracy")),
    "vstar": (
        "accuracy",
        by("vstar_bench", "vstar_process_results", "vstar_overall_acc", "vstar_aggregate_results", whole=100),
    ),
    "mme_realworld_lite": (
        "accuracy",
        by("mme_realworld", "mme_realworld_process_results", "mme_realworld_score", "mme_realworld_aggregate_results"),
    ),
    "mmbench_en_dev": ("circular", mmbench),
    "mathvision": (
        "accuracy",
        by(
            "mathvision",
            "mathvision_process_results",
            "mathvision_standard_eval",
            "mathvision_aggregate_results_eval",
            whole=100,
        ),
    ),
    "mmmu_val": ("accuracy", by("mmmu", "mmmu_process_results", "mmmu_acc", "mmmu_aggregate_results")),
    "mmmu_pro": ("accuracy", MMMU_PRO),
    "mmmu_pro_4": ("accuracy", MMMU_PRO),
    "mmmu_pro_vision": ("accuracy", MMMU_PRO),
    **{name: ("accuracy", BLINK) for name in FIXTURES if name.startswith("blink_")},
    "mmstar": ("accuracy", by("mmstar", "mmstar_process_results", "average", "mmstar_aggregate_results")),
    "ai2d": ("accuracy", ai2d),
    "scienceqa_img": ("accuracy", by("scienceqa", "sqa_process_results", "exact_match")),
    "realworldqa": ("accuracy", by("realworldqa", "realworldqa_process_results", "exact_match")),
    "geometry3k": ("accuracy", by("geometry3k", "geometry3k_process_results", "exact_match")),
}
"""By benchmark, the name of our score and the host's function for the same number."""

FORMS = {
    "bare": "{}",
    "in parentheses": "({})",
    "with its text": "{}. {text}",
    "stated": "The answer is ({}).",
    "tagged": "<answer>{}</answer>",
}
"""How a letter is answered; a value is stated without parentheses, and bare where a form is about letters."""
VALUE_FORMS = {"stated": "The answer is {}.", "tagged": "<answer>{}</answer>"}

FIRST_LETTER = "it takes the first letter of the response, whatever it belongs to"
NOT_IN_TAGS = "it reads no letter between tags"
WHOLE = "it compares the whole response"
LISTED = "of an open question with several golds it compares with the source of the list"
GUESSES = "it finds no letter and takes a random one"
DIFFERS: dict[tuple[str, str], str] = {
    ("cv_bench", "stated"): FIRST_LETTER,
    ("cv_bench", "tagged"): NOT_IN_TAGS,
    ("vstar", "tagged"): NOT_IN_TAGS,
    **{(name, "tagged"): NOT_IN_TAGS for name in SCORERS if name.startswith("blink_")},
    **{("scienceqa_img", form): WHOLE for form in ("in parentheses", "stated", "tagged")},
    **{("realworldqa", form): WHOLE for form in ("stated", "tagged")},
    **{("ai2d", form): WHOLE for form in ("stated", "tagged")},
    ("mathvision", "with its text"): "it reads letter and text as one expression",
    ("mathvision", "tagged"): NOT_IN_TAGS,
    **{("mmmu_val", form): LISTED for form in FORMS},
    **{(name, "tagged"): GUESSES for name in ("mmmu_pro", "mmmu_pro_4")},
    **{("mmmu_pro_vision", form): WHOLE for form in FORMS if form != "bare"},
}
"""Where the host takes some right answer for wrong, or the reverse, and why; we read all of them as they are meant."""
UNANSWERED = "Too dark to see."
RANDOM = ("mmmu_val", "mmmu_pro", "mmmu_pro_4")
"""Where the host scores a random letter for a response in which it finds none."""


@cache
def rows_of(name: str) -> list[Row]:
    return list(without_pictures(benchmark(name), numbered(FIXTURES[name]())))


def completion(item: Item, form: str, *, right: bool) -> str:
    """What a model writes that answers so."""
    said = item.gold if right else wrong_target(item)
    assert said is not None
    if item.options:
        return FORMS[form].format(LETTERS[item.options.index(said)], text=said)
    return VALUE_FORMS.get(form, "{}").format(said)


def answered(item: Item, text: str) -> Record:
    """The record of a completion, as the task makes it."""
    parsed = parse(text, item.options or None, kind=item.kind, finish="stop")
    same = {
        name: getattr(item, name)
        for name in ("benchmark", "category", "cluster", "family", "extras", "options", "kind")
    }
    return record(
        **same,
        item_id=item.id,
        answer=item.answer,
        gold=item.gold,
        target=None,
        prediction=parsed.prediction,
        said=parsed.said,
        status=parsed.status,
        hit=hit(parsed.said, item, None),
    )


@pytest.mark.parametrize(("name", "form"), list(product(SCORERS, FORMS)))
def test_right_and_wrong_answers_are_told_apart_as_by_the_host(name: str, form: str) -> None:
    _, judge = SCORERS[name]
    one, agreed = benchmark(name), []
    for row, right in product(rows_of(name), (True, False)):
        text = completion(one.to_item(row), form, right=right)
        assert answered(one.to_item(row), text).correct is right, text
        agreed.append((judge([row], [text]) == 1) is right)
    assert all(agreed) is ((name, form) not in DIFFERS)


def assert_unanswered(item: Item) -> None:
    """No option is read into the words; as a value they are a wrong one."""
    found = answered(item, UNANSWERED)
    assert found.correct is False
    assert found.status == "no_answer" or not item.options


@pytest.mark.parametrize("name", [name for name in SCORERS if name not in RANDOM])
def test_no_answer_is_wrong_to_both(name: str) -> None:
    one, (_, judge) = benchmark(name), SCORERS[name]
    for row in rows_of(name):
        assert_unanswered(one.to_item(row))
        assert judge([row], [UNANSWERED]) == 0


@pytest.mark.parametrize("name", RANDOM)
def test_for_no_answer_the_host_takes_a_random_letter_and_we_none(name: str) -> None:
    one, (_, judge) = benchmark(name), SCORERS[name]
    for row in rows_of(name):
        assert_unanswered(one.to_item(row))
        verdicts = set()
        for seed in range(60):
            random.seed(seed)
            verdicts.add(judge([row], [UNANSWERED]))
        assert verdicts == ({0.0, 1.0} if one.to_item(row).options else {0.0})


def test_for_an_empty_response_to_mme_realworld_the_host_takes_the_first_letter() -> None:
    name = "mme_realworld_lite"
    one, (_, judge) = benchmark(name), SCORERS[name]
    golds = [row["answer"] for row in rows_of(name)]
    assert [judge([row], [""]) for row in rows_of(name)] == [float(gold == "A") for gold in golds]
    assert "A" in golds
    assert not any(answered(one.to_item(row), "").correct for row in rows_of(name))


@pytest.mark.parametrize("name", SCORERS)
def test_the_score_of_many_answers_is_the_hosts(name: str) -> None:
    score, judge = SCORERS[name]
    one, rng = benchmark(name), Random(name)
    assert one.headline is not None
    chances = set()
    for _ in range(12):
        rows = rows_of(name)
        # A gold that the host can't read is left out here, as is what it scores at random.
        rows = [row for row in rows if not one.to_item(row).extras.get("accepted")]
        ends = [rng.choice(("right", "right", "right", "wrong", *(["none"] * (name not in RANDOM)))) for _ in rows]
        items = [one.to_item(row) for row in rows]
        texts = [
            UNANSWERED if end == "none" else completion(item, "bare", right=end == "right")
            for item, end in zip(items, ends)
        ]
        ours = one.headline([answered(item, text) for item, text in zip(items, texts)])
        assert ours[score] == pytest.approx(judge(rows, texts), abs=1e-4)
        chances.add(ours[score])
    assert len(chances) > 1


# Numbers of which the rows above show too little


def test_cv_benchs_formula_is_the_hosts() -> None:
    task, rng = host("cv_bench"), Random(0)
    answers = [(rng.random() < 0.6, rng.choice(("ADE20K", "COCO", "Omni3D"))) for _ in range(60)]
    headline = benchmark("cv_bench").headline
    assert headline is not None
    ours = headline([record(hit="gold" if right else "other", extras={"source": source}) for right, source in answers])
    theirs = [{"is_correct": right, "source": source} for right, source in answers]
    assert ours["cv_bench"] == pytest.approx(task.cv_bench_default_aggregate_results(theirs))
    assert ours["accuracy"] == pytest.approx(task.cv_bench_aggregate_results(theirs))


def test_3dsrbenchs_copies_are_grouped_as_the_host_groups_them() -> None:
    task, rng = host("3dsrbench"), Random(1)
    one, entries, records = benchmark("3dsrbench_circular"), [], []
    assert one.headline is not None
    for number in range(40):
        category = rng.choice(list(task.CATEGORY_MAPPING))
        for copy in ("", "-1", "-flip", "-flip-1")[: rng.choice((1, 2, 4))]:
            right, qid = rng.random() < 0.8, f"QID{number:05}{copy}"
            row = {"index": qid, "qid": qid, "question": "Which?", "A": "left", "B": "right", "answer": "A"}
            row["category"] = category
            text = "A" if right else "B"
            entries.append(task.process_results(row, [text])["vanilla_accuracy"])
            records.append(answered(one.to_item(row), text))
    ours = one.headline(records)
    for name in ("vanilla", "flip", "circular", "flip_circular", *task.MAIN_CATEGORIES):
        assert ours[name] == pytest.approx(getattr(task, f"aggregate_{name}_accuracy")(entries)), name


def test_mmbenchs_rotations_are_grouped_as_the_host_groups_them() -> None:
    one, rng, rows, texts = benchmark("mmbench_en_dev"), Random(2), [], []
    assert one.headline is not None
    for base, turn in product(range(30), range(3)):
        gold = "ABC"[turn]
        cells = {"A": "red", "B": "blue", "C": "green", "D": "nan", "answer": gold}
        cells |= dict(zip("ABC", ("red", "blue", "green")[-turn:] + ("red", "blue", "green")[:-turn])) if turn else {}
        about = {"question": "Which?", "hint": "nan", "category": "c", "L2-category": "l"}
        rows.append({"index": base + turn * 10**6, **cells, **about})
        texts.append(gold if rng.random() < 0.85 else "ABC"[(turn + 1) % 3])
    ours = one.headline([answered(one.to_item(row), text) for row, text in zip(rows, texts)])
    assert 0 < ours["circular"] < ours["vanilla"]
    assert ours["circular"] == pytest.approx(mmbench(rows, texts))


def mmstar(answers: Sequence[tuple[str, str, bool]]) -> tuple[dict[str, float], float]:
    """Our scores and the host's average of answers by category and subcategory."""
    headline = benchmark("mmstar").headline
    assert headline is not None
    records = [record(category=category, hit="gold" if right else "other") for category, _, right in answers]
    entries = [{"l2_category": sub, "score": float(right)} for _, sub, right in answers]
    return dict(headline(records)), host("mmstar").mmstar_aggregate_results(entries)


def test_mmstars_category_mean_is_the_hosts_average_where_subcategories_are_of_one_size() -> None:
    rng, tree = Random(3), host("mmstar").eval_type_dict
    answers = [(one, sub, rng.random() < 0.6) for one, subs in tree.items() for sub in subs for _ in range(4)]
    ours, theirs = mmstar(answers)
    assert ours["category_mean"] == pytest.approx(theirs)


def test_where_they_are_not_the_host_weighs_subcategories_and_mmstar_categories() -> None:
    perception = [("coarse perception", "image emotion", right) for right in (True, True, True, False)]
    ours, theirs = mmstar(
        [*perception, ("coarse perception", "image style & quality", False), ("math", "geometry", True)]
    )
    assert ours["category_mean"] == pytest.approx((3 / 5 + 1) / 2)
    assert theirs == pytest.approx((3 / 4 + 0 + 1) / 3)


# MathVista's scorer, without the LLM that copies an answer out of a response: what it makes of a copied answer


def edit_distance(one: str, other: str) -> int:
    """Levenshtein's, which the host takes from a package that it does not declare."""
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        above, row = row, [i]
        for j, theirs in enumerate(other, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (mine != theirs)))
    return row[-1]


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Any]:
    """MathVista's evaluator; the client of its judge is made and never asked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "none")
        if find_spec("Levenshtein") is None:
            package = ModuleType("Levenshtein")
            package.distance = edit_distance  # type: ignore[attr-defined]
            patch.setitem(sys.modules, "Levenshtein", package)
        yield import_module("lmms_eval.tasks.mathvista.mathvista_evals").MathVistaEvaluator()


@pytest.fixture(scope="module")
def mathvista(evaluator: Any) -> Callable[..., bool]:
    """The host's verdict on an answer that was copied out of a response to a row."""

    def judge(row: Row, said: str, precision: Any = None) -> bool:
        places = row["precision"] if precision is None else precision
        found = evaluator.normalize_extracted_answer(
            said, row["choices"], row["question_type"], row["answer_type"], places
        )
        return bool(evaluator.safe_equal(found, row["answer"]))

    return judge


def mathvista_rows(*kinds: str) -> list[tuple[Row, Item]]:
    pairs = [(row, benchmark("mathvista").to_item(row)) for row in rows_of("mathvista")]
    return [(row, item) for row, item in pairs if item.kind in kinds]


def test_mathvista_right_and_wrong(mathvista: Callable[..., bool]) -> None:
    for (row, item), right in product(mathvista_rows("choice", "integer", "list"), (True, False)):
        said = str(item.gold if right else wrong_target(item))
        assert mathvista(row, said) is right
        assert answered(item, completion(item, "tagged", right=right)).correct is right


def test_mathvista_choices_by_letter(mathvista: Callable[..., bool]) -> None:
    for row, item in mathvista_rows("choice"):
        for letter, option in zip(LETTERS, item.options):
            assert mathvista(row, f"({letter})") is (option == item.gold) is answered(item, f"({letter})").correct


def test_the_host_counts_every_float_of_mathvista_wrong(mathvista: Callable[..., bool]) -> None:
    """Its ``precision`` is a float in the data, which ``round`` refuses; as an integer it would do."""
    for (row, item), right in product(mathvista_rows("float"), (True, False)):
        said = str(item.gold if right else wrong_target(item))
        assert mathvista(row, said) is False
        assert mathvista(row, said, int(row["precision"])) is right
        assert answered(item, completion(item, "tagged", right=right)).correct is right


def test_for_no_answer_the_host_takes_mathvistas_nearest_choice(mathvista: Callable[..., bool]) -> None:
    shortest = {row["pid"]: min(row["choices"], key=len) for row, item in mathvista_rows("choice")}
    for row, item in mathvista_rows("choice"):
        assert mathvista(row, "") is (shortest[item.id] == item.gold)
        assert answered(item, "").correct is False
    assert any(shortest[item.id] == item.gold for _, item in mathvista_rows("choice"))


@pytest.mark.parametrize(
    ("said", "theirs", "ours"),
    [
        ("2.0", True, True),
        ("2.7", True, False),  # the host cuts decimals off
        ("2 shapes", False, True),  # it reads numbers that stand alone
        ("two", False, False),
    ],
)
def test_mathvista_integers(said: str, theirs: bool, ours: bool, mathvista: Callable[..., bool]) -> None:
    row, item = mathvista_rows("integer")[0]
    assert item.gold == "2"
    assert mathvista(row, said) is theirs
    assert answered(item, f"<answer>{said}</answer>").correct is ours


def test_mathvista_lists_are_lists_to_us_and_text_to_the_host(mathvista: Callable[..., bool]) -> None:
    ((row, item),) = mathvista_rows("list")
    spaceless = item.gold.replace(" ", "")
    assert mathvista(row, spaceless) is False
    assert answered(item, f"<answer>{spaceless}</answer>").correct is True
