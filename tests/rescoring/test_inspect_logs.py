"""On logs that inspect_ai itself wrote; ``data/make_inspect_logs.py`` says how."""

import json
import math
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from lmms_faith.record import Record
from lmms_faith.rescoring import inspect_logs
from lmms_faith.rescoring.answer import NO_ITEM, Answer, Given, Refused, record_of
from lmms_faith.rescoring.fields import Malformed
from lmms_faith.rescoring.inspect_logs import IN_PARTS, PREFILLED, REDACTED, SEVERAL_GOLDS, read

DATA = Path(__file__).parent / "data"
NEW, OLD, PLAIN = (DATA / name for name in ("inspect-0.3.285.eval", "inspect-0.3.90.eval", "inspect-0.3.285.json"))
Sample = dict[str, Any]
NOTHING = Given()


def records(path: Path, given: Given = NOTHING) -> dict[str, Record]:
    return {one.item.id: record_of(one) for one in read(path, given) if isinstance(one, Answer)}


@pytest.mark.parametrize("path", [NEW, OLD], ids=lambda path: path.name)
def test_a_zipped_log(path: Path) -> None:
    found = records(path)
    circle, colour = found["circle"], found["2"]
    assert (circle.model, circle.benchmark, circle.condition) == ("openai-api/toy/toy-vl", "toys", "base")
    assert (circle.question, circle.options) == ("Where is the circle?", ("left of the star", "right of the star"))
    assert (circle.category, circle.cluster, circle.gold) == ("relation", "image-1", "right of the star")
    assert circle.completion == "<think>It is right of the star.</think>ANSWER: B"
    assert (circle.think, circle.prediction, circle.hit) == ("It is right of the star.", 1, "gold")
    assert (circle.finish, circle.letter_source) == ("stop", "generated")
    # The log lists three tokens, so that a fiftieth of the probability may be on other forms of either letter.
    listed = math.exp(-1.7), math.exp(-0.25) + math.exp(-4.0)
    left = 1 - sum(listed) + 1e-5
    assert circle.letter_logprobs == pytest.approx([math.log(one + left) for one in listed])
    assert (circle.letter_bounds, colour.letter_bounds) == ((True, True), (True, True, True))
    assert (colour.cluster, colour.claimed in ("blue", "green")) == ("2", True)


@pytest.mark.parametrize("path", [NEW, PLAIN], ids=lambda path: path.name)
def test_a_completion_that_was_cut_off(path: Path) -> None:
    cut = records(path)["3"]
    assert (cut.status, cut.finish, cut.completion) == ("truncated", "length", "Let me count")
    assert (cut.letter_logprobs, cut.letter_source) == (None, None)


def test_what_the_caller_gives() -> None:
    found = records(PLAIN, Given(benchmark="mine", condition="blank_image", model="me", seed=2))["3"]
    assert (found.benchmark, found.condition, found.model, found.seed) == ("mine", "blank_image", "me", 2)


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """The one-sample log with its sample changed."""

    def change(edit: Callable[[Sample], Any]) -> Path:
        log = json.loads(PLAIN.read_text(encoding="utf-8"))
        edit(log["samples"][0])
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(log), encoding="utf-8")
        return path

    return change


def only(path: Path) -> Answer | Refused:
    [one] = read(path, NOTHING)
    assert not isinstance(one, inspect_logs.Refused) or one.place.where == "sample 1"
    return one  # type: ignore[return-value]


def says(*content: Any) -> Callable[[Sample], None]:
    def edit(sample: Sample) -> None:
        sample["output"]["choices"][0]["message"]["content"] = content[0] if len(content) == 1 else list(content)

    return edit


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(says("ANSWER: A"), {"completion": "ANSWER: A", "hit": "gold"}, id="content as text"),
        pytest.param(
            says({"type": "text", "text": "ANSWER:"}, {"type": "text", "text": "B"}),
            {"completion": "ANSWER:\nB", "hit": "claimed"},
            id="content in parts",
        ),
        pytest.param(
            lambda s: s.update(error={"message": "refused by the server"}, output={"model": "m", "choices": []}),
            {"status": "failed", "error": "refused by the server"},
            id="a sample that failed",
        ),
        pytest.param(
            lambda s: s.update(output={"model": "m", "choices": [], "error": "moderated"}),
            {"status": "failed", "error": "moderated"},
            id="an output that failed",
        ),
        pytest.param(
            lambda s: s.update(output={"choices": []}),
            {"status": "failed", "error": "the sample has no output"},
            id="no output",
        ),
        pytest.param(lambda s: s.update(target=["B"]), {"gold": "two"}, id="gold in a list"),
        pytest.param(lambda s: s.update(target="two"), {"gold": "two"}, id="gold as an option's text"),
        pytest.param(
            lambda s: s.update(choices=None, input="Which one?\nA) red\nB) blue"),
            {"options": ("red", "blue"), "question": "Which one?", "gold": "red"},
            id="options in the question",
        ),
        pytest.param(
            lambda s: s.update(choices=None, target="12"),
            {"options": (), "kind": "integer", "gold": "12"},
            id="free-form",
        ),
        pytest.param(
            lambda s: s.update(metadata={"condition": "wrong_caption", "claimed": "B", "family": "f", "category": 3}),
            {"condition": "wrong_caption", "claimed": "two", "target": 1, "family": "f", "category": None},
            id="what metadata say",
        ),
        pytest.param(
            lambda s: s.update(metadata={"condition": "wrong_caption"}),
            {"condition": "wrong_caption", "claimed": None, "misled": None},
            id="a claim that is not told",
        ),
        pytest.param(
            lambda s: s.update(
                input=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "attachment://long"}],
                attachments={"long": "How many?"},
            ),
            {"question": "How many?"},
            id="a text that is kept as an attachment",
        ),
    ],
)
def test_samples(edit: Callable[[Sample], None], expected: dict[str, Any], changed: Callable[..., Path]) -> None:
    one = only(changed(edit))
    assert isinstance(one, Answer)
    record = record_of(one)
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        pytest.param(
            lambda s: s.update(input=[{"role": "user", "content": "x"}, {"role": "assistant", "content": "<think>"}]),
            PREFILLED,
            id="a prefilled turn",
        ),
        pytest.param(lambda s: s.update(target=["A", "B"]), SEVERAL_GOLDS, id="several golds"),
        pytest.param(lambda s: s.update(target="C"), NO_ITEM, id="gold beyond the options"),
        pytest.param(lambda s: s.update(choices=["one", "One"]), NO_ITEM, id="one option twice"),
    ],
)
def test_samples_that_make_no_record(edit: Callable[[Sample], None], reason: str, changed: Callable[..., Path]) -> None:
    one = only(changed(edit))
    assert isinstance(one, Refused)
    assert one.reason == reason


def test_a_thought_that_was_kept_back_is_counted(changed: Callable[..., Path]) -> None:
    content = [{"type": "reasoning", "reasoning": "c2VjcmV0", "redacted": True}, {"type": "text", "text": "ANSWER: A"}]
    one = only(changed(says(*content)))
    assert isinstance(one, Answer)
    assert (one.generation.completion, REDACTED in one.notes) == ("ANSWER: A", True)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        pytest.param(lambda s: s.pop("id"), "id", id="no id"),
        pytest.param(lambda s: s.pop("target"), "target", id="no target"),
        pytest.param(lambda s: s.update(input=[]), "input", id="no input"),
        pytest.param(lambda s: s.update(input=[{"content": "x"}]), "role", id="a turn without a role"),
        pytest.param(lambda s: s.update(choices="one, two"), "choices", id="choices as text"),
        pytest.param(lambda s: s["output"].update(choices=3), "choices", id="a number for the output's choices"),
        pytest.param(
            lambda s: s.update(metadata={"claimed": "three"}), "metadata", id="a claim that is none of the options"
        ),
    ],
)
def test_an_error_names_file_sample_and_field(
    edit: Callable[[Sample], None], field: str, changed: Callable[..., Path]
) -> None:
    with pytest.raises(Malformed, match=rf"changed\.json, sample 1, field '{field}': "):
        list(read(changed(edit), NOTHING))


def repacked(path: Path, edit: Callable[[dict[str, bytes]], Any]) -> Path:
    """A copy of the old zipped log with its members changed."""
    with zipfile.ZipFile(OLD) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_run_that_was_stopped_has_no_header_but_its_start(tmp_path: Path) -> None:
    path = repacked(tmp_path / "a.eval", lambda members: members.pop("header.json"))
    assert records(path).keys() == {"circle", "2"}


def test_a_sample_in_parts_is_counted(tmp_path: Path) -> None:
    def part(members: dict[str, bytes]) -> None:
        members["samples/2_epoch_1/sample.json"] = members.pop("samples/2_epoch_1.json")

    found = list(read(repacked(tmp_path / "a.eval", part), NOTHING))
    assert [one.reason for one in found if isinstance(one, Refused)] == [IN_PARTS]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        pytest.param(
            lambda m: m.update({"samples/2_epoch_1.json": b'{"id"'}), r"samples/2_epoch_1\.json: is no", id="JSON"
        ),
        pytest.param(lambda m: m.update({"header.json": b"{}"}), "header, field 'task': is missing", id="header"),
        pytest.param(
            lambda m: [m.pop("header.json"), m.pop("_journal/start.json")], "neither header.json nor", id="no header"
        ),
    ],
)
def test_a_broken_zipped_log_is_named(edit: Callable[[Any], Any], problem: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=rf"a\.eval.*{problem}"):
        list(read(repacked(tmp_path / "a.eval", edit), NOTHING))


def test_a_damaged_member_is_named(tmp_path: Path) -> None:
    content = bytearray(NEW.read_bytes())
    with zipfile.ZipFile(NEW) as archive:
        info = archive.getinfo("samples/2_epoch_1.json")
    at = info.header_offset + 30 + len(info.filename) + 60
    content[at : at + 40] = bytes(40)
    path = tmp_path / "a.eval"
    path.write_bytes(bytes(content))
    with pytest.raises(Malformed, match=r"a\.eval, samples/2_epoch_1\.json: can't be unpacked"):
        list(read(path, NOTHING))


def test_zstandard_is_asked_for_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.delattr(zipfile, "ZIP_ZSTANDARD", raising=False)
    with pytest.raises(ImportError, match=r"need zstandard: pip install 'lmms-faith\[report\]'"):
        list(read(NEW, NOTHING))
    assert records(OLD).keys() == {"circle", "2"}


def test_the_new_log_is_packed_with_zstandard_and_the_old_one_is_not() -> None:
    kinds = {path: {info.compress_type for info in zipfile.ZipFile(path).infolist()} for path in (NEW, OLD)}
    assert kinds == {NEW: {93}, OLD: {zipfile.ZIP_DEFLATED}}
    assert zstandard.__version__
