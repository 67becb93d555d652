"""Invented rows of the ten further benchmarks."""

from __future__ import annotations

from collections.abc import Callable

from datasets import Dataset, Image, List, Value
from drawn import INTEGER, STRING, Rows, dataset, picture, strings


def _mathverse() -> Dataset:
    features = {
        **strings("sample_index", "problem_index", "problem_version", "question"),
        "image": Image(),
        **strings("answer", "question_type"),
        "metadata": strings("split", "source", "subject", "subfield"),
        **strings("query_wo", "query_cot", "question_for_eval"),
    }
    choice = (
        "As shown in the figure, line PQ meets circle O, then the size of angle PQO is ()\n"
        "Choices:\nA:35°\nB:50°\nC:70°\nD:100°"
    )
    free = "Find the length of the side RS."
    table = (
        ("1", "1", "Text Dominant", choice, "B", "multi-choice"),
        ("2", "1", "Vision Only", "", "B", "multi-choice"),
        ("3", "2", "Vision Intensive", free, "12", "free-form"),
        ("4", "2", "Vision Only", "", "12", "free-form"),
    )
    return dataset(
        features,
        [
            {
                "sample_index": sample,
                "problem_index": problem,
                "problem_version": version,
                "question": question,
                "image": picture(int(problem)),
                "answer": answer,
                "question_type": kind,
                "metadata": {"split": "testmini", "source": "ours", "subject": "Plane Geometry", "subfield": "Angle"},
                "query_wo": f"Please directly give it.\n{question}",
                "query_cot": question,
                "question_for_eval": choice if kind == "multi-choice" else free,
            }
            for sample, problem, version, question, answer, kind in table
        ],
    )


def _mathvision() -> Dataset:
    features = {
        **strings("id", "question"),
        "options": List(STRING),
        "image": STRING,
        "decoded_image": Image(),
        **strings("answer", "solution"),
        "level": INTEGER,
        "subject": STRING,
    }
    table: tuple[tuple[str, list[str], str, str], ...] = (
        ("How many squares are there in the drawing?\n<image1>", ["3", "4", "5", "6", "7"], "C", "counting"),
        ("Which tile completes the pattern? <image1>", ["A", "B", "C", "D", "E"], "D", "combinatorial geometry"),
        (
            "<image1> The disc has radius 2. What is the area of the disc in <image1>?",
            [],
            "12.57",
            "metric geometry - area",
        ),
        ("A path leads from P to Q. What is the length of the path? <image1>", [], "17", "metric geometry - length"),
    )
    return dataset(
        features,
        [
            {
                "id": str(n + 1),
                "question": question,
                "options": options,
                "image": f"images/{n + 1}.jpg",
                "decoded_image": picture(n),
                "answer": answer,
                "solution": None,
                "level": 1 + n,
                "subject": subject,
            }
            for n, (question, options, answer, subject) in enumerate(table)
        ],
    )


def _mmmu(*, pro: bool) -> Dataset:
    features = {
        **strings("id", "question", "options", "explanation"),
        **{f"image_{n}": Image() for n in range(1, 8)},
        **strings("img_type", "answer", "topic_difficulty", "question_type", "subfield"),
    }
    features |= {"subject": STRING} if pro else {}
    table: tuple[tuple[str, list[str], str, int], ...] = (
        (
            "<image 1> What is the value of the resistance in <image 1>?",
            ["10 ohm", "20 ohm", "30 ohm", "0 ohm"],
            "B",
            1,
        ),
        ("Which change leads from <image 1> to <image 2>?", ["a flip", "a turn", "a shift", "a cut"], "A", 2),
        ("Which drawing belongs to <image 1>?", ["<image 2>", "<image 3>", "neither drawing"], "B", 3),
        ("How many discs are there in <image 1>?", [], "2", 1),
        ("What is the value of y in <image 1>?", [], "['24/7', '3.429']", 1),
    )
    rows: Rows = [
        {
            "id": f"{'test' if pro else 'validation'}_Art_Theory_{n + 1}",
            "question": question,
            "options": repr(options),
            **{f"image_{k}": picture(n + k) for k in range(1, pictures + 1)},
            "img_type": "['Diagrams']",
            "answer": answer,
            "topic_difficulty": "Medium",
            "question_type": "multiple-choice" if options else "open",
            "subfield": "Drawing",
            "subject": "Art_Theory",
        }
        for n, (question, options, answer, pictures) in enumerate(table)
        if options or not pro
    ]
    return dataset(features, rows)


def _mmmu_pro_ten() -> Dataset:
    four = _mmmu(pro=True).remove_columns(["question_type", "subfield"])
    options = [[f"{10 * n} ohm" for n in range(1, 11)], [f"step {n}" for n in range(1, 11)], [*"abcdefghij"]]
    return four.remove_columns("options").add_column("options", list(map(repr, options)))


def _mmmu_pro_vision() -> Dataset:
    features = {"id": STRING, "image": Image(), **strings("options", "answer", "subject")}
    table = (
        ["oboe", "horn", "lute", "viol"],
        ["C major", "D minor", "G major", "A minor"],
        ["2/4", "3/4", "4/4", "6/8"],
    )
    return dataset(
        features,
        [
            {"id": f"test_Music_{n}", "image": picture(n), "options": repr(options), "answer": "C", "subject": "Music"}
            for n, options in enumerate(table)
        ],
    )


_BLINK: dict[str, tuple[str, list[str], int]] = {
    "Art_Style": ("Which image has the style of the first one?", ["the second image", "the third image"], 3),
    "Counting": ("How many yellow kites are there?", ["0", "3", "2", "1"], 1),
    "Forensic_Detection": (
        "Which of the four is a real photograph?",
        ["the first image", "the second image", "the third image", "the fourth image"],
        4,
    ),
    "Functional_Correspondence": (
        "Which point corresponds to the reference?",
        ["Point A", "Point B", "Point C", "Point D"],
        2,
    ),
    "IQ_Test": ("Which picture follows the same logic?", ["picture A", "picture B", "picture C", "picture D"], 1),
    "Jigsaw": ("Which image is the missing part?", ["the second image", "the third image"], 3),
    "Multi-view_Reasoning": ("Is the camera moving left or right?", ["left", "right"], 2),
    "Object_Localization": ("Which bounding box is better?", ["Box A", "Box B"], 1),
    "Relative_Depth": ("Which point is closer to the camera?", ["A is closer", "B is closer"], 1),
    "Relative_Reflectance": ("Which point is darker?", ["A is darker", "B is darker", "About the same"], 1),
    "Semantic_Correspondence": (
        "Which point corresponds to the reference?",
        ["Point A", "Point B", "Point C", "Point D"],
        2,
    ),
    "Spatial_Relation": ("Is the kite above the tree?", ["yes", "no"], 1),
    "Visual_Correspondence": (
        "Which point corresponds to the reference?",
        ["Point A", "Point B", "Point C", "Point D"],
        2,
    ),
    "Visual_Similarity": ("Which image is most like the first?", ["the second image", "the third image"], 3),
}


def _blink(config: str) -> Dataset:
    question, choices, pictures = _BLINK[config]
    features = {
        **strings("idx", "question", "sub_task"),
        **{f"image_{n}": Image() for n in range(1, 5)},
        "choices": List(STRING),
        **strings("answer", "prompt", "explanation"),
    }
    rows: Rows = [
        {
            "idx": f"val_{config}_{n + 1}",
            "question": question,
            "sub_task": config,
            **{f"image_{k}": picture(n + k) for k in range(1, pictures + 1)},
            "choices": choices,
            "answer": f"({'ABCD'[n % len(choices)]})",
            "prompt": question,
            "explanation": None,
        }
        for n in range(3)
    ]
    return dataset(features, rows)


def _mmstar() -> Dataset:
    features = {
        "index": INTEGER,
        "question": STRING,
        "image": Image(),
        **strings("answer", "category", "l2_category"),
        "meta_info": strings("source", "split", "image_path"),
    }
    table = (
        ("Which shape is left of the disc?\nOptions: A: square, B: star, C: cross, D: heart", "A", "coarse perception"),
        ("How many discs are visible in the image?\nOptions: A: 1, B: 2, C: 4, D: 7", "B", "instance reasoning"),
        (
            "What is the color of the disc?\nOptions: A: Black, B: Pink, C: Teal, D: Gold",
            "D",
            "fine-grained perception",
        ),
    )
    return dataset(
        features,
        [
            {
                "index": n,
                "question": question,
                "image": picture(n),
                "answer": answer,
                "category": category,
                "l2_category": "image scene and topic",
                "meta_info": {"source": "ours", "split": "val", "image_path": f"images/{n}.jpg"},
            }
            for n, (question, answer, category) in enumerate(table)
        ],
    )


def _ai2d() -> Dataset:
    features = {"question": STRING, "options": List(STRING), "answer": STRING, "image": Image()}
    table: tuple[tuple[str, list[str], str], ...] = (
        ("What does the label B represent?", ["root", "stem", "leaf", "petal"], "2"),
        ("Which part of the plant takes up water?", ["A", "B", "C", "D"], "0"),
        ("What does the label B represent?", ["root", "stem", "leaf", "petal"], "1"),
    )
    return dataset(
        features,
        [
            {"question": question, "options": options, "answer": answer, "image": picture(n)}
            for n, (question, options, answer) in enumerate(table)
        ],
    )


def _scienceqa() -> Dataset:
    features = {
        "image": Image(),
        "question": STRING,
        "choices": List(STRING),
        "answer": Value("int8"),
        **strings("hint", "task", "grade", "subject", "topic", "category", "skill", "lecture", "solution"),
    }
    table: tuple[tuple[str, list[str], int, str], ...] = (
        ("Which of these towns is farthest east?", ["Aville", "Bburg", "Cton"], 1, ""),
        ("Is the material a solid?", ["yes", "no"], 0, "Solids keep their shape."),
        ("Which bar shows the most rain?", ["March", "April", "May", "June"], 3, "The chart shows rain by month."),
    )
    return dataset(
        features,
        [
            {
                "image": picture(n),
                "question": question,
                "choices": choices,
                "answer": answer,
                "hint": hint,
                **dict.fromkeys(("task", "grade", "topic", "category", "skill", "lecture", "solution"), "-"),
                "subject": "natural science",
            }
            for n, (question, choices, answer, hint) in enumerate(table)
        ],
    )


def _realworldqa() -> Dataset:
    features = {"image": Image(), **strings("image_path", "question", "answer")}
    letter = "\nPlease answer with just the letter of the right option."
    word = "\n\nPlease answer with just a word or a number."
    table = (
        ("Where is the bus from our view?\n\nA. To the left\nB. To the right\nC. Straight ahead" + letter, "B"),
        ("How many cyclists are there?" + word, "3"),
        ("Is the traffic light ahead green?" + word, "No"),
    )
    return dataset(
        features,
        [
            {"image": picture(n), "image_path": f"{n}.webp", "question": question, "answer": answer}
            for n, (question, answer) in enumerate(table)
        ],
    )


def _geometry3k() -> Dataset:
    features = {"images": List(Image()), "problem": STRING, "choices": List(STRING), "ground_truth": STRING}
    table: tuple[tuple[str, list[str], str], ...] = (
        ("<image>Find x.", ["7", "9", "11", "13"], "B"),
        ("<image>Find the area of the kite. Round to the nearest tenth.", ["20.5", "31.0", "41.0", "82.0"], "C"),
        ("<image>Find m \\angle 2.", ["35", "55", "90", "145"], "A"),
    )
    return dataset(
        features,
        [
            {"images": [picture(n)], "problem": problem, "choices": choices, "ground_truth": letter}
            for n, (problem, choices, letter) in enumerate(table)
        ],
    )


OTHERS: dict[str, Callable[[], Dataset]] = {
    "mathverse": _mathverse,
    "mathvision": _mathvision,
    "mathvision_testmini": _mathvision,
    "mmmu_val": lambda: _mmmu(pro=False),
    "mmmu_pro": _mmmu_pro_ten,
    "mmmu_pro_4": lambda: _mmmu(pro=True).remove_columns(["question_type", "subfield"]),
    "mmmu_pro_vision": _mmmu_pro_vision,
    **{f"blink_{config.lower().replace('-', '_')}": (lambda config=config: _blink(config)) for config in _BLINK},
    "mmstar": _mmstar,
    "ai2d": _ai2d,
    "scienceqa_img": _scienceqa,
    "realworldqa": _realworldqa,
    "geometry3k": _geometry3k,
}
