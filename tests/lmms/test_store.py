"""The store of answers by itself: what a line that was cut, spoilt or written by another process comes to."""

import json
from multiprocessing import get_context
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.host

EVIDENCE = {
    "model": "m",
    "continued": True,
    "letters": [-0.1 * place - 1 / 3 for place in range(12)],
    "letter_source": "generated",
    "conclusion": None,
    "values": None,
    "finish": "stop",
}


@pytest.fixture
def answer():
    from lmms_eval.api.instance import GenerationResult, TokenCounts

    from lmms_faith.lmms.channel import MARK

    return lambda text: GenerationResult(text + MARK + json.dumps(EVIDENCE), TokenCounts(output_tokens=len(text)))


@pytest.fixture
def store(tmp_path):
    from lmms_faith.lmms.store import Store

    return lambda: Store(tmp_path / "answers")


@pytest.fixture
def fill(store, answer):
    """Ask a store, and see which places were generated."""

    def ask(keys, *, at=None):
        asked = []

        def generate(places):
            asked.extend(places)
            return [answer(f"é\r\n\u2028 of {keys[place]}") for place in places]

        return (at or store()).complete(keys, generate), asked

    return ask


def test_what_is_kept_comes_back_as_it_was(fill, store):
    first, asked = fill(["a", "b"])
    assert asked == [0, 1]
    second, asked = fill(["c", "b", "a"])
    assert asked == [0]
    assert second[1:] == first[::-1]
    assert store().kept == 3


def test_requests_that_are_the_same_are_generated_once_and_those_left_to_chance_always(fill, store):
    one = store()
    answers, asked = fill(["a", None, "a", None], at=one)
    assert asked == [0, 1, 3]
    assert answers[0] is answers[2]
    assert fill(["a", None], at=one)[1] == [1]
    assert (one.served, one.generated) == (2, 4)
    assert store().kept == 1


def test_a_failure_is_given_back_and_not_kept(store, answer):
    from lmms_eval.api.instance import GenerationResult

    for failed in ("[LMMS_EVAL_REQUEST_FAILED] 500", " ", answer("x").text[:-5]):
        [one, again] = store().complete(["a", "a"], lambda places, text=failed: [GenerationResult(text)])
        assert one.text == again.text == failed
        assert store().kept == 0


def test_a_file_cut_anywhere_loses_the_batch_that_was_cut_and_nothing_else(fill, store):
    one = store()
    fill(["a"], at=one)
    [path] = one.folder.iterdir()
    kept = path.stat().st_size
    fill(["b", "c"], at=one)
    whole = path.read_bytes()
    for size in range(kept, len(whole) - 1):
        path.write_bytes(whole[:size])
        again = store()
        assert (again.kept, again.unreadable) == (1, int(size > kept)), size
    assert fill(["a", "b", "c"])[1] == [1, 2]
    assert store().kept == 3


def test_a_spoilt_byte_loses_its_batch_and_is_counted(fill, store, tmp_path):
    one = store()
    fill(["a"], at=one)
    fill(["b"], at=one)
    [path] = one.folder.iterdir()
    whole = path.read_bytes()
    for place in range(0, whole.index(b"\n"), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        again = store()
        # A flipped bit may make two lines of one, neither of which can be read.
        assert again.kept == 1
        assert again.unreadable >= 1


def test_every_process_writes_its_own_file_and_says_which_rank_it_is(tmp_path, fill):
    from lmms_faith.lmms.store import Store

    stores = [Store(tmp_path / "answers", rank=rank) for rank in (0, 1, 1)]
    for place, one in enumerate(stores):
        assert fill(["a", str(place)], at=one)[1] == [0, 1]
    names = sorted(path.name.split("-")[1] for path in (tmp_path / "answers").iterdir())
    assert names == ["rank0", "rank1", "rank1"]
    assert Store(tmp_path / "answers").kept == 4


def write_many(folder, own):
    from lmms_eval.api.instance import GenerationResult

    from lmms_faith.lmms.store import Store

    store = Store(folder)
    for number in range(50):
        store.complete(
            [f"{own}{number}", f"shared{number}"], lambda places: [GenerationResult("x" * 9000)] * len(places)
        )


def test_processes_that_write_at_the_same_time_lose_nothing(tmp_path):
    from lmms_faith.lmms.store import Store

    write_many(tmp_path, "early")  # known to the others from the start
    context = get_context("fork")
    processes = [context.Process(target=write_many, args=(tmp_path, own)) for own in "ab"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    store = Store(tmp_path)
    assert (store.kept, store.unreadable) == (200, 0)


def test_cleared_it_holds_nothing_and_other_files_stay(fill, store):
    from lmms_faith.lmms.store import clear

    fill(["a"])
    notes = store().folder / "notes.jsonl"
    notes.write_text("mine")
    clear(store().folder)
    assert store().kept == 0
    assert notes.read_text() == "mine"


def test_none_is_opened_unless_named(tmp_path, monkeypatch):
    from lmms_faith.lmms.store import VARIABLE, open_store

    monkeypatch.delenv(VARIABLE, raising=False)
    assert open_store(None) is None
    monkeypatch.setenv(VARIABLE, str(tmp_path / "named"))
    assert open_store(None).folder == tmp_path / "named"
    assert open_store(str(tmp_path / "given")).folder == tmp_path / "given"
    assert list(tmp_path.iterdir()) == []


PLAIN = {
    "identity": {"model": "m", "dtype": "float32"},
    "prompt_ids": [1, 2, 3],
    "prefill": "",
    "images": [("RGB", (2, 1), b"abcdef")],
    "sampling": {"max_new_tokens": 5, "do_sample": False},
    "alternatives": (),
}
OTHERS = {
    "another model": {"identity": {"model": "n", "dtype": "float32"}},
    "another dtype": {"identity": {"model": "m", "dtype": "bfloat16"}},
    "another prompt": {"prompt_ids": [1, 2, 4]},
    "the same ids, cut elsewhere": {"prompt_ids": [12, 3]},
    "the same ids, prefilled": {"prefill": "<think>"},
    "a pixel": {"images": [("RGB", (2, 1), b"abcdeg")]},
    "the same bytes, upright": {"images": [("RGB", (1, 2), b"abcdef")]},
    "the same bytes in grey": {"images": [("L", (6, 1), b"abcdef")]},
    "one more image": {"images": PLAIN["images"] * 2},
    "no image": {"images": []},
    "longer": {"sampling": {"max_new_tokens": 6, "do_sample": False}},
    "a stop string": {"sampling": PLAIN["sampling"] | {"stop_strings": ["x"]}},
    "values asked for": {"alternatives": ("5", "7")},
}


def key(**changes):
    from lmms_faith.lmms.store import image_digest, key_of

    asked = PLAIN | changes
    return key_of(asked["identity"], **{name: asked[name] for name in asked if name not in ("identity", "images")},
                  pictures=[image_digest(Image.frombytes(*image)) for image in asked["images"]])  # fmt: skip


def test_the_same_content_has_the_same_key_and_any_other_another():
    assert key() == key(prompt_ids=iter([1, 2, 3]), alternatives=[])
    keys = {name: key(**changes) for name, changes in OTHERS.items()} | {"plain": key()}
    assert len(set(keys.values())) == len(keys)


def test_another_format_of_evidence_has_other_keys(monkeypatch):
    from lmms_faith.lmms import store

    before = key()
    monkeypatch.setattr(store, "EVIDENCE_FORMAT", -1)
    assert key() != before


@pytest.mark.parametrize("sampling", [{"do_sample": True}, {"temperature": 0.7, "seed": 1}])
def test_what_is_drawn_by_chance_has_no_key(sampling):
    assert key(sampling=sampling) is None


def test_a_fingerprint_reads_what_loading_reads(tmp_path):
    from lmms_faith.lmms.store import fingerprint

    def write(name: str, text: str) -> str:
        Path(tmp_path / name).write_text(text)
        return fingerprint(tmp_path)

    seen = [write("config.json", "{}"), write("model.safetensors", "a" * 99), write("model.safetensors", "b" * 99)]
    seen += [write("chat_template.jinja", "x"), write("generation_config.json", "{}")]
    assert len(set(seen)) == 5
    assert write("optimizer.pt", "c") == write("README.md", "d") == seen[-1]


def test_answers_that_come_one_by_one_are_kept_one_a_line(answer, tmp_path):
    from lmms_faith.lmms.store import Store

    store = Store(tmp_path)
    store.keep("a", answer("one"))
    store.keep(None, answer("drawn by chance"))
    store.keep("b", answer("[LMMS_EVAL_REQUEST_FAILED] busy"))
    assert (store.generated, store.kept) == (3, 1)
    again = Store(tmp_path)
    assert again.known("a") == answer("one")
    assert [again.known(key) for key in ("b", None)] == [None, None]
    assert again.served == 1


def test_turns_of_a_conversation_are_part_of_the_key():
    from lmms_faith.lmms.store import key_of

    rest = {"prefill": "", "pictures": (), "sampling": {}, "alternatives": ()}
    keys = {key_of({}, turns=turns, **rest) for turns in ((), ({"role": "user"},), ({"role": "system"},))}
    assert len(keys) == 3
