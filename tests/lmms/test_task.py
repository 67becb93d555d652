"""The task class: what it asks, whom it lets answer, and what it makes of any text that comes back."""

import json
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageStat

from lmms_faith.conditions import CONDITIONS, render
from lmms_faith.item import LETTERS
from lmms_faith.lmms.channel import MARK, Evidence, attach
from lmms_faith.lmms.sample import stratified
from lmms_faith.record import Record, from_json

pytestmark = pytest.mark.host

PREFILLED = [row.name for row in CONDITIONS.values() if row.prefilled]
SEEN = Evidence(
    model="m",
    continued=True,
    letters=tuple(-1.0 - i for i in range(12)),
    letter_source="generated",
    conclusion=tuple(-2.0 - i for i in range(12)),
    values=None,
    finish="stop",
)


def build(task, lm, **options):
    """As the host's evaluator: the model is a local named `lm` of the caller."""
    task.build_all_requests(**options)


def answer(task, texts):
    """Records of the first items for given backend texts, by the host's own path from responses to metrics."""
    if len(getattr(task, "_instances", [])) != len(texts):
        build(task, Namespace(continues_prefill=True, is_simple=False), limit=len(texts))
    for instance, text in zip(task.instances, texts):
        instance.resps, instance.filtered_resps = [text], {}
    task.apply_filters()
    docs = [task.eval_docs_no_media[instance.doc_id] for instance in task.instances]
    return [task.process_results(doc, [instance.filtered_resps["none"]]) for doc, instance in zip(docs, task.instances)]


# The host's traps, each beside what happens without the handling


@pytest.mark.parametrize("condition", ["base", "wrong_think"])
def test_the_thought_survives_the_hosts_default_stripping(evaluate, records, condition):
    name = f"faith_shapes_{condition}"
    kept = evaluate([name])
    for record, sample in zip(records(kept), kept["samples"][name]):
        assert record.think is not None
        assert "</think>" in record.completion
        assert sample["filtered_resps"] == [record.completion]


def test_left_to_the_hosts_default_the_thought_is_lost(evaluate, records, task):
    naive = task("base", reasoning_tags=None)
    lost = evaluate([naive])
    assert all("think>" not in record.completion and record.think is None for record in records(lost))


def test_a_blank_line_is_not_the_end_for_simple_models(task):
    from lmms_eval.api.task import TaskConfig

    assert TaskConfig(generation_kwargs={"max_new_tokens": 9}).generation_kwargs["until"] == ["\n\n"]
    assert task("base").config.generation_kwargs["until"] == []
    own = task("base", generation_kwargs={"max_new_tokens": 9}).config.generation_kwargs
    assert (own["until"], own["max_new_tokens"], own["faith_condition"]) == ([], 9, "base")


def test_every_condition_has_generation_arguments_of_its_own(task):
    """The host's chat classes that use one message builder a chunk put equal arguments into one chunk."""
    arguments = [json.dumps(task(name).config.generation_kwargs) for name in CONDITIONS]
    assert len(set(arguments)) == len(CONDITIONS)


def test_the_log_holds_the_prefill_and_the_images_source(task):
    """The host's response cache keys on this text."""
    for name in CONDITIONS:
        doc = task(name).eval_docs_no_media[0]
        prompt = task(name).prompt(doc)
        logged = task(name).doc_to_text(doc)
        assert prompt.text in logged
        assert logged.endswith(prompt.prefill)
        assert logged.startswith({"own": "[image]", "blank": "[image blank]", "swapped": "[image of "}[prompt.image])


def test_messages_are_fresh_every_time(task):
    """Some of the host's chat classes change what they are given."""
    doc = task("wrong_think").task_docs[0]
    first = task("wrong_think").doc_to_messages(doc)
    first[0]["content"].clear()
    first.insert(0, {"role": "system", "content": []})
    second = task("wrong_think").doc_to_messages(doc)
    assert [turn["role"] for turn in second] == ["user", "assistant"]
    assert [part["type"] for part in second[0]["content"]] == ["image", "text"]


# What is made of completions


TEXTS = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                *("<think>", "</think>", "<answer>", "</answer>", "A", "b", "(C)", "Z", "\n\n", " ", "**"),
                *("\\boxed{", "}", "The answer is", "[LMMS_EVAL_REQUEST_FAILED"),
                *(MARK, MARK + "{", MARK + '{"letters": null}', attach("", SEEN), attach("", SEEN)[:-9]),
            ]
        )
    ).map("".join),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from(["base", "wrong_think", "stop_think", "base_abstain"]), st.booleans())
def test_no_text_ends_the_run(task, text, condition, with_evidence):
    [scored] = answer(task(condition), [attach(text, SEEN) if with_evidence else text])
    record = from_json(Record, json.loads(json.dumps(scored["faith"])))
    assert record.status in ("answered", "no_answer", "truncated", "failed")
    assert (record.prediction is not None) == (record.status == "answered")
    assert (record.error is not None) == (record.status == "failed")


FAILED = {
    "request failed": "[LMMS_EVAL_REQUEST_FAILED after 3 retries] Error code: 500, the answer is A",
    "budget": "[LMMS_EVAL_BUDGET_EXCEEDED]",
    "empty and no evidence": "",
    "evidence cut": attach("<answer>A</answer>", SEEN)[:-20],
}


@pytest.mark.parametrize("text", FAILED.values(), ids=FAILED.keys())
@pytest.mark.parametrize("condition", ["base", "wrong_think"])
def test_failures_are_counted_and_never_scored(task, text, condition):
    scored, good = answer(task(condition), [text, attach("</think><answer>A</answer>", SEEN)])
    record = from_json(Record, scored["faith"])
    assert (record.status, record.prediction, record.letter_logprobs) == ("failed", None, None)
    assert (record.letter_source, record.conclusion_logprobs, record.value_logprobs) == (None, None, None)
    assert record.error
    metrics = {key: value for key, value in scored.items() if key != "faith"}
    assert set(metrics.values()) == {None}
    assert good["faith"]["status"] == "answered"


def test_an_empty_completion_with_evidence_is_no_answer(task):
    [scored] = answer(task("base"), [attach("", SEEN)])
    assert (scored["faith"]["status"], scored["acc"]) == ("no_answer", 0.0)


@pytest.mark.parametrize("condition", PREFILLED)
def test_a_prefill_without_proof_that_it_was_continued_is_never_scored(task, condition):
    closed = replace(SEEN, continued=False, letters=None, letter_source=None)
    for text in ("</think><answer>A</answer>", attach("</think><answer>A</answer>", closed)):
        [scored] = answer(task(condition), [text])
        assert scored["faith"]["status"] == "failed"
        assert "faith_*" in scored["faith"]["error"]
        assert scored["acc"] is None


def test_scoring_needs_no_image_and_takes_many_threads(task):
    one = task("wrong_think", fresh=True)
    texts = [attach(f"</think><answer>{LETTERS[i % 4]}</answer>", SEEN) for i in range(40)]
    serial = answer(one, texts)
    docs = [one.eval_docs_no_media[instance.doc_id] for instance in one.instances]
    assert all("image" not in doc for doc in docs)
    with ThreadPoolExecutor(8) as pool:
        threads = pool.map(
            lambda pair: one.process_results(pair[0], [pair[1].filtered_resps["none"]]), zip(docs, one.instances)
        )
    assert list(threads) == serial
    item = one.item(docs[0])
    record = from_json(Record, serial[0]["faith"])
    prompt = render(item, "wrong_think", seed=0)
    assert (record.item_id, record.options, record.answer) == (item.id, prompt.options, item.answer)
    assert (record.prefill, record.target, record.condition) == (prompt.prefill, prompt.target, "wrong_think")
    assert record.versions.keys() == {"lmms-faith", "lmms-eval", "conditions", "claims"}
    assert record.letter_logprobs == SEEN.letters[:4]
    assert record.conclusion_logprobs == SEEN.conclusion[:4]


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_run_scores_in_threads(evaluate, records, parallel):
    results = evaluate(["faith_shapes_base"], limit=9, process_docs_parallel=parallel)
    assert [record.item_id for record in records(results)] == [f"shapes-{i:06}" for i in range(9)]


def test_logged_text_is_clean(evaluate):
    results = evaluate(["faith_shapes_base", "faith_shapes_wrong_think", "faith_shapes_stop_think"])
    for samples in results["samples"].values():
        for sample in samples:
            assert MARK.strip() not in json.dumps({key: str(value) for key, value in sample.items()})
            assert sample["faith"]["letter_logprobs"]


class AlwaysFails(BaseHTTPRequestHandler):
    """A server behind the host's API models that is up and answers nothing."""

    def do_POST(self):
        self.send_response(500)
        self.send_header("x-should-retry", "false")
        self.end_headers()
        self.wfile.write(b'{"error": {"message": "the answer is A"}}')

    def log_message(self, *_):
        """Nothing."""


def test_a_failing_server_gives_failed_records(evaluate, records):
    server = ThreadingHTTPServer(("127.0.0.1", 0), AlwaysFails)
    Thread(target=server.serve_forever, daemon=True).start()
    where = f"model_version=m,base_url=http://127.0.0.1:{server.server_port}/v1,api_key=none,httpx_trust_env=False"
    try:
        results = evaluate(
            ["faith_shapes_base"], model="openai", model_args=f"{where},max_retries=2,retry_backoff_s=0", limit=3
        )
    finally:
        server.shutdown()
        server.server_close()
    found = records(results)
    assert len(found) == 3
    for record in found:
        assert (record.status, record.prediction) == ("failed", None)
        assert record.error.startswith("[LMMS_EVAL_REQUEST_FAILED after 2 retries]")
        assert "the answer is A" in record.completion
    assert results["results"]["faith_shapes_base"]["acc,none"] in (None, "N/A")


# Who may answer


@pytest.mark.parametrize("condition", PREFILLED)
def test_a_stock_model_is_refused_a_prefill(task, condition):
    from lmms_faith.lmms.task import PrefillUnsupported

    for lm in (Namespace(is_simple=True), Namespace(is_simple=False), None):
        with pytest.raises(PrefillUnsupported, match="faith_hf"):
            build(task(condition, fresh=True), lm, limit=1)


@pytest.mark.parametrize(
    ("condition", "changed", "way_out"),
    [
        pytest.param("wrong_think", {}, "run faith_shapes_wrong_think_user", id="as it ships"),
        pytest.param("stop_think", {"task": "faith_mini_x_stop_think"}, "run faith_mini_x_stop_think_user", id="mini"),
        pytest.param("wrong_think", {"task": "mine"}, "run faith_shapes_wrong_think_user", id="of one's own"),
        pytest.param("wrong_think_abstain", {}, None, id="nothing stands in for it"),
    ],
)
def test_the_refusal_names_what_can_be_run_instead(task, condition, changed, way_out):
    from lmms_faith.lmms.task import PrefillUnsupported

    with pytest.raises(PrefillUnsupported) as caught:
        build(task(condition, fresh=True, **changed), Namespace(is_simple=False), limit=1)
    message = str(caught.value)
    assert "\n" not in message
    if way_out is None:
        assert "or run" not in message
    else:
        assert f"; or {way_out}, which quotes the thought in the user's turn" in message
        assert "(all such: faith_shapes_closed)" in message


def test_a_stock_model_is_asked_the_fallbacks(task):
    for condition in [row.name for row in CONDITIONS.values() if row.kind == "fallback"]:
        one = task(condition, fresh=True)
        build(one, Namespace(is_simple=False), limit=1)
        [turn] = one.doc_to_messages(one.task_docs[0])
        assert turn["role"] == "user"
        assert "\nYour reasoning so far: " in turn["content"][-1]["text"]


@pytest.mark.parametrize("model", ["dummy", "qwen2_5_vl"])
def test_refusal_comes_before_anything_is_generated(evaluate, model, monkeypatch):
    from lmms_eval.models import get_model

    from lmms_faith.lmms.task import PrefillUnsupported

    asked = []
    monkeypatch.setattr(get_model(model), "generate_until", lambda self, requests: asked.extend(requests))
    with pytest.raises(PrefillUnsupported, match=rf"faith_shapes_wrong_think.*{get_model(model).__name__}.*faith_hf"):
        evaluate(["faith_shapes_base", "faith_shapes_wrong_think"], model=model)
    assert asked == []


@pytest.mark.parametrize("force_simple", [False, True], ids=["chat", "simple"])
def test_stock_models_run_what_needs_no_prefill(evaluate, records, force_simple):
    names = [f"faith_shapes_{name}" for name in ("base", "wrong_caption", "blank_image", "swapped_image")]
    found = records(evaluate(names, model="qwen2_5_vl", force_simple=force_simple, batch_size=1, limit=2))
    assert len(found) == 8
    for record in found:
        assert record.status != "failed"
        assert (record.letter_logprobs, record.letter_source, record.finish, record.model) == (None, None, None, None)


def test_simple_models_get_the_user_turn_and_the_controlled_picture(task):
    for condition in ("wrong_caption", "swapped_image", "blank_image"):
        one, chat = task(condition, fresh=True), task(condition)
        build(one, Namespace(is_simple=True), limit=1)
        [instance] = one.instances
        context, arguments, visuals, doc_id, name, split = instance.args
        doc = one.dataset[split][doc_id]
        assert (context, arguments, name) == (chat.prompt(doc).text, one.config.generation_kwargs, one.config.task)
        [picture] = visuals(doc)
        assert picture.tobytes() == chat.doc_to_messages(doc)[0]["content"][0]["url"].tobytes()


# What is shown


def shown(one, position):
    """Text, prefill, target and pixels of the item at a position of a task."""
    doc = one.task_docs[position]
    messages = one.doc_to_messages(doc)
    image = messages[0]["content"][0]["url"]
    return one.item(doc).id, one.doc_to_text(doc), one.prompt(doc), image.tobytes()


@pytest.mark.parametrize("condition", ["wrong_think", "wrong_caption", "swapped_image", "irrelevant_caption"])
def test_limit_and_order_change_no_prompt(task, condition):
    whole, again = task(condition), task(condition, fresh=True)
    build(again, Namespace(continues_prefill=True), limit=3)
    asked = [instance.args[0] for instance in again.instances]
    backwards = [shown(whole, position) for position in (2, 1, 0)][::-1]
    assert [text for _, text, _, _ in backwards] == asked
    assert [shown(again, position) for position in (0, 1, 2)] == backwards


@pytest.mark.parametrize("condition", ["base", "wrong_think", "swapped_image"])
def test_a_small_suite_asks_what_the_whole_one_asks(task, condition):
    whole, mini = task(condition), task(condition, faith={"sample": 100})
    assert len(mini.task_docs) == 100
    items = {whole.item(doc).id: position for position, doc in enumerate(whole.eval_docs_no_media)}
    for position in (0, 17, 99):
        own = shown(mini, position)
        assert shown(whole, items[own[0]]) == own


def test_a_small_suite_has_the_same_items_under_every_condition(task):
    chosen = {
        name: [one.item(doc).id for doc in one.eval_docs_no_media]
        for name in ("base", "wrong_think", "swapped_image")
        for one in [task(name, faith={"sample": 100})]
    }
    assert chosen["base"] == chosen["wrong_think"] == chosen["swapped_image"]
    whole = [task("base").item(doc) for doc in task("base").eval_docs_no_media]
    assert (
        chosen["base"] == [whole[at].id for at in stratified(whole, 100, seed=0)] != [item.id for item in whole[:100]]
    )
    categories = {item.id: item.category for item in whole}
    counts = [list(map(categories.get, chosen["base"])).count(category) for category in set(categories.values())]
    assert max(counts) - min(counts) <= 1


def test_image_controls(task):
    base, blanked, swapped = (task(name) for name in ("base", "blank_image", "swapped_image"))
    clusters = {base.item(doc).id: base.item(doc).cluster for doc in base.eval_docs_no_media}
    for position in range(5):
        own, blank, other = (
            one.doc_to_messages(one.task_docs[position])[0]["content"][0]["url"] for one in (base, blanked, swapped)
        )
        assert blank.size == own.size
        [(_, colour)] = blank.getcolors()
        assert colour == tuple(round(channel) for channel in ImageStat.Stat(own).mean)
        assert other.tobytes() != own.tobytes()
        name = swapped.doc_to_text(swapped.task_docs[position]).splitlines()[0].removeprefix("[image of ")[:-1]
        assert clusters[name] != clusters[base.item(base.task_docs[position]).id]


def test_the_seed_moves_targets_and_partners(task):
    def drawn(condition, **faith):
        one = task(condition, faith=faith)
        return [one.doc_to_text(doc) for doc in one.eval_docs_no_media]

    for condition in ("wrong_caption", "swapped_image"):
        assert drawn(condition) != drawn(condition, seed=1)
    assert drawn("base") == drawn("base", seed=1)


# Bad input


@pytest.mark.parametrize(
    ("faith", "message"),
    [
        (
            {"benchmark": "shapes", "condition": "wrong_thought"},
            "unknown condition 'wrong_thought'; choose one of: base",
        ),
        ({"benchmark": "shape", "condition": "base"}, "unknown benchmark 'shape'; choose one of: shapes"),
    ],
)
def test_unknown_names(faith, message):
    from lmms_faith.lmms.task import FaithTask

    with pytest.raises(ValueError, match=message):
        FaithTask({"task": "t", "faith": faith})


def test_a_missing_data_file_is_named_at_once(task):
    with pytest.raises(FileNotFoundError, match=r"benchmark shapes: no data file /nowhere/x\.parquet"):
        task("base", dataset_kwargs={"data_files": {"test": "/nowhere/x.parquet"}})


@pytest.fixture(scope="session")
def without_image(tmp_path_factory):
    """The first three items, of which the second has no image."""
    import datasets

    from lmms_faith.benchmarks import benchmark

    spec = benchmark("shapes")
    rows = datasets.load_dataset("parquet", data_files=dict(spec.dataset_kwargs["data_files"]), split="test[:3]")
    path: Path = tmp_path_factory.mktemp("data") / "broken.parquet"
    rows.map(lambda row, at: row | {"image": None} if at == 1 else row, with_indices=True).to_parquet(str(path))
    return path


def test_a_missing_image_is_named(task, evaluate, without_image):
    one = task("base", dataset_kwargs={"data_files": {"test": str(without_image)}})
    with pytest.raises(ValueError, match=r"item 'shapes-000001' of shapes: has no image; check the image column"):
        evaluate([one])
