"""Invented rows of the paper's benchmarks and MathVista."""

from __future__ import annotations

from collections.abc import Callable

from datasets import Dataset, Image, List, Value
from drawn import INTEGER, STRING, Rows, dataset, encoded, picture, strings


def _mathvista() -> Dataset:
    metadata = {
        **strings("category", "context", "grade", "language", "source", "split", "task"),
        "img_height": INTEGER,
        "img_width": INTEGER,
        "skills": List(STRING),
    }
    features = {
        **strings("pid", "question", "image"),
        "decoded_image": Image(),
        "choices": List(STRING),
        "unit": STRING,
        "precision": Value("float64"),
        **strings("answer", "question_type", "answer_type"),
        "metadata": metadata,
        "query": STRING,
    }
    about = {
        "category": "general-vqa",
        "context": "synthetic scene",
        "grade": "daily life",
        "language": "english",
        "source": "CLEVR-Math",
        "split": "testmini",
        "task": "visual question answering",
        "img_height": 56,
        "img_width": 56,
        "skills": ["arithmetic reasoning"],
    }
    rows: Rows = [
        {"question": "Which shape is larger?", "choices": ["square", "disc", "star"], "answer": "disc"},
        {"question": "Is the disc right of the square?", "choices": ["Yes", "No"], "answer": "Yes"},
        {"question": "How many shapes are there?", "answer": "2", "answer_type": "integer"},
        {"question": "What is the ratio of the widths?", "answer": "1.5", "answer_type": "float", "precision": 1.0},
        {"question": "In which years did it happen?", "answer": "[2011, 2013]", "answer_type": "list"},
        {"question": "What is the age gap of the two?", "answer": "7", "answer_type": "integer", "unit": "years"},
    ]
    for n, row in enumerate(rows, 1):
        free = "choices" not in row
        row |= {
            "pid": str(n),
            "image": f"images/{n}.jpg",
            "decoded_image": picture(n),
            "question_type": "free_form" if free else "multi_choice",
            "answer_type": row.get("answer_type", "text"),
            "metadata": about | {"source": ("CLEVR-Math", "KVQA", "FigureQA")[n % 3]},
            "query": f"Hint: ...\nQuestion: {row['question']}",
        }
    return dataset(features, rows)


def _threedsr(*, circular: bool) -> Dataset:
    features = {
        **strings("index", "qid", "question", "A", "B", "C", "D", "answer", "category", "image_source"),
        "image": Image(),
    }
    base: Rows = [
        {
            "question": "Which object is higher in the 3D world space, the red box or the black ball?",
            "options": ["the red box", "the black ball"],
            "category": "height_higher",
        },
        {
            "question": "Which side of the red box is facing the camera?",
            "options": ["front", "left", "back", "right"],
            "category": "orientation_viewpoint",
        },
        {
            "question": "Is the black ball directly above the red box?",
            "options": ["Yes", "No"],
            "category": "location_above",
        },
    ]
    rows: Rows = []
    for n, row in enumerate(base):
        for turn in range(len(row["options"]) if circular else 1):
            turned = row["options"][turn:] + row["options"][:turn]
            letters = dict(zip("ABCD", [*turned, "nan", "nan"]))
            qid = f"{'QWERTYUI'[n] * 8}" + (f"-{turn}" if circular else "")
            rows.append(
                {
                    "index": qid,
                    "qid": qid,
                    "question": row["question"],
                    **letters,
                    "answer": "ABCD"[turned.index(row["options"][0])],
                    "category": row["category"],
                    "image": picture(n),
                }
            )
    return dataset(features, rows)


def _cv_bench(kinds: str) -> Dataset:
    features = {
        "idx": INTEGER,
        **strings("type", "task"),
        "image": Image(),
        "question": STRING,
        "choices": List(STRING),
        **strings("answer", "prompt", "filename", "source", "source_dataset", "source_filename"),
        "target_class": STRING,
        "target_size": INTEGER,
        "bbox": List(List(Value("float64"))),
    }
    table = (
        ("2D", "Count", "ADE20K", "How many lamps are in the image?", ["1", "0", "3", "2"], "(D)"),
        ("2D", "Count", "COCO", "How many cats are in the image?", ["4", "2", "3", "1"], "(B)"),
        (
            "2D",
            "Relation",
            "COCO",
            "Where is the lamp (in the red box) located with respect to the cat?",
            ["above", "below"],
            "(A)",
        ),
        (
            "3D",
            "Depth",
            "Omni3D",
            "Which object is closer to the camera, the sofa (red box) or the lamp (blue box)?",
            ["sofa", "lamp"],
            "(B)",
        ),
        (
            "3D",
            "Distance",
            "Omni3D",
            "Which object is closer to the desk (red box), the books (blue box) or the door (green box)?",
            ["books", "door"],
            "(A)",
        ),
        (
            "3D",
            "Depth",
            "Omni3D",
            "Which object is closer to the camera, the bed (red box) or the rug (blue box)?",
            ["bed", "rug"],
            "(A)",
        ),
    )
    rows: Rows = [
        {
            "idx": n,
            "type": kind,
            "task": task,
            "image": picture(n),
            "question": question,
            "choices": choices,
            "answer": answer,
            "prompt": question,
            "filename": f"img/{kind}/{n}.png",
            "source": source,
        }
        for n, (kind, task, source, question, choices, answer) in enumerate(table)
        if kind in kinds
    ]
    return dataset(features, rows)


def _vstar() -> Dataset:
    features = {"image": Image(), **strings("text", "category", "label", "question_id")}
    closing = "\nAnswer with the letter of the right option."
    texts = (
        ("What is the color of the small flag?\n(A) red\n(B) blue\n(C) green\n(D) yellow", "direct_attributes", "C"),
        (
            "Is the ladder on the left or right side of the door?\n(A) left\n(B) right",
            "relative_position",
            "A",
        ),
        ("What is the material of the glove?\n(A) rubber\n(B) wool\n(C) leather\n(D) cotton", "direct_attributes", "A"),
    )
    return dataset(
        features,
        [
            {"image": picture(n), "text": text + closing, "category": category, "label": label, "question_id": str(n)}
            for n, (text, category, label) in enumerate(texts)
        ],
    )


def _mme_realworld() -> Dataset:
    features = {
        **strings("bytes", "index", "question"),
        "multi-choice options": List(STRING),
        **strings("answer", "category", "l2-category"),
    }
    none = "(E) The image does not feature the sign."
    table = (
        (
            "What number is written on the sign?",
            ["(A) 41", "(B) 14", "(C) 47", "(D) 74"],
            "B",
            "Perception/OCR with Complex Context",
        ),
        (
            "What is the color of the van?",
            ["(A) Red", "(B) White", "(C) Black", "(D) Gray"],
            "D",
            "Perception/Remote Sensing",
        ),
        ("How many boats are there?", ["(A) 3", "(B) 5", "(C) 8", "(D) 9"], "A", "Reasoning/Monitoring"),
    )
    return dataset(
        features,
        [
            {
                "bytes": encoded(n),
                "index": str(n),
                "question": question,
                "multi-choice options": [*options, none],
                "answer": answer,
                "category": category,
                "l2-category": "signage",
            }
            for n, (question, options, answer, category) in enumerate(table)
        ],
    )


def _mmbench() -> Dataset:
    features = {
        "index": INTEGER,
        **strings("question", "hint", "answer", "A", "B", "C", "D", "category"),
        "image": Image(),
        **strings("source", "L2-category", "comment", "split"),
    }
    base: Rows = [
        {"question": "What is drawn beside the disc?", "options": ["a square", "a star"], "hint": "nan"},
        {
            "question": "Which colour does the disc have?",
            "options": ["purple", "black", "brown", "white"],
            "hint": "The drawing was made with a few colours.",
        },
    ]
    rows: Rows = []
    for n, row in enumerate(base):
        options = row["options"]
        for turn in range(len(options)):
            turned = options[turn:] + options[:turn]
            rows.append(
                {
                    "index": n + 1_000_000 * turn,
                    "question": row["question"],
                    "hint": row["hint"],
                    "answer": "ABCD"[turned.index(options[0])],
                    **dict(zip("ABCD", [*turned, "nan", "nan"])),
                    "category": "attribute_recognition",
                    "image": picture(n),
                    "source": "drawn",
                    "L2-category": "finegrained_perception (instance-level)",
                    "comment": "nan",
                    "split": "dev",
                }
            )
    return dataset(features, rows)


def _whatsup(count: int) -> Dataset:
    """Every caption of a set is the right one of one picture; the right one comes first."""
    features = {"image_options": Image(), "caption_options": List(STRING)}
    relations = ("left of", "right of", "on", "under")[:count]
    captions = [f"A mug {'to the ' if 'of' in word else ''}{word} a tray" for word in relations]
    rows: Rows = [
        {"image_options": picture(n), "caption_options": captions[n:] + captions[:n]} for n in range(len(captions))
    ]
    return dataset(features, [*rows, *rows[:1]] if count == 2 else rows)


def _spatial_mm(kind: str) -> Dataset:
    table: dict[str, tuple[tuple[str, str, str, str], ...]] = {
        "one_obj": (
            ("Where is the kite in the picture?\nA. top\nB. bottom\nC. left\nD. middle", "A. top", "kite", ""),
            ("Is there a lamp on the left?\nA. yes\nB. no", "B. no", "lamp", ""),
            ("Where is the boat?\nA. left\nB. right\nC. top\nD. bottom", "D. bottom", "boat", ""),
        ),
        "two_obj": (
            (
                "From the woman's perspective, where is the cup located in relation to the plate?\nA. left\nB. right",
                "B. right",
                "cup",
                "plate",
            ),
            ("Where is the cup in relation to the fork?\nA. front\nB. behind", "A. front", "cup", "fork"),
            ("Is the cup left of the fork?\nA. yes\nB. no", "A. yes", "cup", "fork"),
        ),
    }
    if kind == "multihop":
        features = strings("image_name", "question", "answer", "reasoning") | {"hop": INTEGER}
        asked = (
            ("What colour is the coat of the person left of the bench?", "red", 2),
            ("Is the lamp behind the person who holds the cup?", "no", 3),
            ("On which side of the woman with the hat is the dog?", "left", 1),
        )
        return dataset(
            features,
            [
                {
                    "image_name": f"multi{n}.jpeg",
                    "question": question,
                    "answer": answer,
                    "reasoning": "{[person, left of, bench], [person, wears, coat]}",
                    "hop": hop,
                }
                for n, (question, answer, hop) in enumerate(asked)
            ],
        )
    return dataset(
        strings("image_name", "question", "answer", "object1", "object2"),
        [
            {"image_name": f"{kind}{n}.jpg", "question": question, "answer": answer, "object1": one, "object2": two}
            for n, (question, answer, one, two) in enumerate(table[kind])
        ],
    )


def named_pictures() -> list[str]:
    """Names of all pictures that Spatial-MM's rows name and do not hold."""
    return [row["image_name"] for kind in ("one_obj", "two_obj", "multihop") for row in _spatial_mm(kind)]


PAPER: dict[str, Callable[[], Dataset]] = {
    "mathvista": _mathvista,
    "3dsrbench": lambda: _threedsr(circular=False),
    "3dsrbench_circular": lambda: _threedsr(circular=True),
    "cv_bench": lambda: _cv_bench("2D 3D"),
    "cv_bench_2d": lambda: _cv_bench("2D"),
    "cv_bench_3d": lambda: _cv_bench("3D"),
    "spatial_mm_one_obj": lambda: _spatial_mm("one_obj"),
    "spatial_mm_two_obj": lambda: _spatial_mm("two_obj"),
    "spatial_mm_multihop": lambda: _spatial_mm("multihop"),
    "whatsup_a": lambda: _whatsup(4),
    "whatsup_b": lambda: _whatsup(4),
    "whatsup_coco_one": lambda: _whatsup(2),
    "whatsup_coco_two": lambda: _whatsup(2),
    "whatsup_vg_one": lambda: _whatsup(2),
    "whatsup_vg_two": lambda: _whatsup(2),
    "vstar": _vstar,
    "mme_realworld_lite": _mme_realworld,
    "mmbench_en_dev": _mmbench,
}
