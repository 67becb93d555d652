"""`faith_openai` against a server on loopback with the tiny model behind it: what it measures and survives."""

import math
from itertools import compress

import pytest

from lmms_faith.chat import EndpointUnusable
from lmms_faith.lmms.task import PrefillUnsupported
from lmms_faith.report.logs import read_records
from lmms_faith.summary import summarise

pytestmark = pytest.mark.host

CONDITIONS = ["base", "wrong_think", "stop_think", "wrong_caption", "swapped_image"]
TASKS = [f"faith_shapes_{name}" for name in CONDITIONS]
SECRET = "sk-planted-secret"
QUICK = "timeout=60,pause=0.01"


@pytest.fixture(scope="module")
def served(tiny_server):
    """A server that can do what vLLM's can."""
    return tiny_server()


@pytest.fixture(scope="module")
def run(evaluate, records):
    """The records of a run through the host."""

    def call(url, tasks=TASKS, args=QUICK, **options):
        named = {"model": "faith_openai", "model_args": f"model=tiny,base_url={url},{args}"}
        return records(evaluate(tasks, **named | options))

    return call


@pytest.fixture(scope="module")
def answered(run, served):
    return run(served.url)


@pytest.fixture(scope="module")
def by_faith_hf(evaluate, records):
    return records(evaluate(TASKS, batch_size=1, limit=6))


@pytest.fixture(scope="module")
def backend(model_path):
    from lmms_faith.lmms.models.openai import FaithOpenAI

    return lambda url, **options: FaithOpenAI("tiny", url, **{"pause": 0.01, "timeout": 60} | options)


def test_records_are_those_of_faith_hf(answered, evaluate, records):
    theirs = records(evaluate(TASKS, batch_size=1))
    assert len(answered) == len(theirs) == 3 * len(TASKS)
    for one, other in zip(answered, theirs):
        for name in (
            "condition",
            "item_id",
            "prefill",
            "completion",
            "prediction",
            "status",
            "finish",
            "letter_source",
        ):
            assert getattr(one, name) == getattr(other, name), (name, one.condition)
        assert one.error is None
        assert one.model == "tiny"
        assert (one.conclusion_logprobs is None) == (other.conclusion_logprobs is None)
        measured = [not bound for bound in one.letter_bounds or [False] * len(one.options)]
        assert list(compress(one.letter_logprobs, measured)) == pytest.approx(
            list(compress(other.letter_logprobs, measured)), abs=0.011
        )


def test_token_ids_of_letters_leave_none_unknown(tiny_server, run, evaluate, records):
    tasks = ["faith_shapes_wrong_think"]
    server = tiny_server(by_id=True)
    for one, other in zip(run(server.url, tasks), records(evaluate(tasks, batch_size=1))):
        assert one.letter_logprobs == pytest.approx(other.letter_logprobs, abs=1e-4)


ABILITIES = {
    "all": ({}, "ids", 20, True),
    "no tokenize": ({"tokenizes": False}, "count", 20, True),
    "closes the turn": ({"continues": False}, None, 20, True),
    "closes the turn and does not tokenize": ({"continues": False, "tokenizes": False}, None, 20, True),
    "few likeliest tokens": ({"top": 5}, "ids", 5, True),
    "no log-probabilities": ({"top": 0}, "ids", 0, True),
    "no images": ({"images": False}, "ids", 20, False),
}


@pytest.mark.parametrize(("server", "prefill", "top", "images"), ABILITIES.values(), ids=ABILITIES.keys())
def test_abilities_are_found_by_trying(tiny_server, backend, server, prefill, top, images):
    found = backend(tiny_server(**server).url).abilities
    assert (found.prefill, found.top, found.images, found.letter_ids) == (prefill, top, images, ())
    assert bool(found.no_prefill) == (prefill is None)


def test_a_server_that_closes_the_turn_is_refused_before_anything_is_generated(tiny_server, run):
    server = tiny_server(continues=False)
    with pytest.raises(
        PrefillUnsupported, match=r"'faith_shapes_wrong_think' starts .* \(.+\): choose a --model"
    ) as refused:
        run(server.url, ["faith_shapes_base", "faith_shapes_wrong_think"])
    assert "\n" not in str(refused.value)
    assert all(body.get("max_tokens", 1) == 1 for _, body in server.asked)
    assert all(one.status == "answered" for one in run(server.url, ["faith_shapes_base"]))


def test_a_server_that_takes_no_images_is_refused(tiny_server, run):
    server = tiny_server(images=False)
    with pytest.raises(ValueError, match="takes no images"):
        run(server.url, ["faith_shapes_base"])


def test_without_log_probabilities_letters_are_unknown(tiny_server, run):
    found = run(tiny_server(top=0).url, ["faith_shapes_base"])
    assert {(one.status, one.letter_logprobs) for one in found} == {("answered", None)}


@pytest.mark.parametrize("top", [20, 5])
def test_letters_are_measured_or_bounded_never_absent(tiny_server, run, by_faith_hf, top):
    found = run(tiny_server(top=top).url, limit=6)
    bounded = measured = 0
    for one, exact in zip(found, by_faith_hf, strict=True):
        assert (one.item_id, one.condition, one.completion) == (exact.item_id, exact.condition, exact.completion)
        assert len(one.letter_logprobs) == len(one.options) == len(exact.letter_logprobs)
        assert exact.letter_bounds is None
        for seen, true, bound in zip(
            one.letter_logprobs, exact.letter_logprobs, one.letter_bounds or [False] * len(one.options)
        ):
            off = math.exp(true - seen)
            assert off <= 1 + 1e-3 if bound else 0.999 <= off <= 1.011
            bounded, measured = bounded + bound, measured + (not bound)
    assert bounded
    assert measured
    rows = [row for row in summarise(found, [], resamples=10) if row.category == row.arity == "all"]
    shares = {(row.condition, row.metric): row.value for row in rows if row.metric in ("bounded", "loose")}
    assert max(shares["base", "bounded"], shares["wrong_think", "bounded"]) > 0
    assert shares["base", "loose"] < 1


def test_an_answer_that_is_cut_off_is_truncated(served, run):
    [one] = run(served.url, ["faith_shapes_base"], gen_kwargs="max_new_tokens=4", limit=1)
    assert (one.finish, one.status) == ("length", "truncated")


# What goes wrong on the way


def test_with_faults_a_record_is_that_of_the_faultless_run_or_failed(served, answered, run, faulty):
    url, did = faulty(served.url, hang=1.2)
    found = run(url, args="timeout=0.8,pause=0.01,concurrency=8")
    assert len(did) == 7, did
    assert sum(did.values()) - did["none"] > 10
    assert_same_or_failed(found, answered)
    assert sum(one.status == "failed" for one in found) < len(found) / 3


def test_what_gets_no_answer_is_a_failed_record(served, answered, backend, run, faulty):
    url, _ = faulty(served.url, share=0.5)
    lm = backend(served.url, tries=1)
    lm._address = url  # found able without faults, then asked with them
    found = run(url, model=lm, model_args=None)
    assert_same_or_failed(found, answered)
    failed = [one for one in found if one.status == "failed"]
    assert 0 < len(failed) < len(found)
    assert all(one.error.startswith("[LMMS_EVAL_REQUEST_FAILED]") for one in failed)
    assert all(
        (one.model, one.finish, one.correct, one.letter_logprobs) == ("tiny", None, None, None) for one in failed
    )


def assert_same_or_failed(found, answered):
    assert len(found) == len(answered)
    for one, other in zip(found, answered):
        assert (one.condition, one.item_id) == (other.condition, other.item_id)
        assert one.status == "failed" or one == other


def test_a_spent_budget_is_a_failed_record(served, run):
    from lmms_eval.models.model_utils.usage_metrics import reset_usage_metrics

    try:
        found = run(served.url, ["faith_shapes_base"], limit=5, max_tokens=300, args=f"{QUICK},concurrency=1")
    finally:
        reset_usage_metrics()
    assert {one.error for one in found if one.status == "failed"} == {
        "[LMMS_EVAL_BUDGET_EXCEEDED] the token budget is spent"
    }
    assert any(one.status == "answered" for one in found)


@pytest.mark.parametrize("lasts", [2, 0])
def test_when_the_account_is_closed_what_was_answered_is_kept(tiny_server, run, lasts):
    server = tiny_server(lasts=lasts)
    args = f"{QUICK},concurrency=1"
    if not lasts:
        with pytest.raises(EndpointUnusable, match="AuthenticationError, status 401"):
            run(server.url, ["faith_shapes_base"], args)
        return
    found = run(server.url, ["faith_shapes_base"], args, limit=5)
    assert [one.status for one in found] == ["answered", "answered", "failed", "failed", "failed"]
    assert server.generations() == 3


# Secrets


def test_the_key_goes_into_requests_alone(served, faulty, tmp_path, monkeypatch, capfd, caplog):
    from lmms_faith.lmms.run import RunIncomplete
    from lmms_faith.lmms.run import run as run_host

    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    caplog.set_level("DEBUG")
    url, _ = faulty(served.url, share=0.5)
    args = f"model=tiny,base_url={url},pause=0.01,tries=3"
    gen = ["--gen_kwargs", "max_new_tokens=96", "--limit", "3", "--output_path", str(tmp_path), "--verbosity", "DEBUG"]
    with pytest.raises(RunIncomplete):
        run_host(["--model", "faith_openai", "--model_args", args, "--tasks", ",".join(TASKS), *gen])
    assert f"Bearer {SECRET}" in served.keys
    found = list(read_records(tmp_path))
    assert any(one.status == "failed" for one in found)
    assert any(one.status == "answered" for one in found)
    said = "".join([*capfd.readouterr(), caplog.text])
    assert "faith_openai" in said
    for text in (said, *(path.read_text() for path in tmp_path.rglob("*") if path.is_file())):
        assert SECRET not in text


REFUSED = {
    "a key in the arguments": ({"api_key": SECRET}, "OPENAI_API_KEY"),
    "a password in the URL": ({"base_url": f"http://me:{SECRET}@localhost/v1"}, "OPENAI_BASE_URL"),
    "no server": ({"base_url": None}, "base_url=http"),
    "no concurrency": ({"concurrency": 0}, "concurrency 0"),
    "no tries": ({"tries": 0}, "tries 0"),
}


@pytest.mark.parametrize(("options", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_arguments_that_are_refused(options, said, monkeypatch):
    from lmms_faith.lmms.models.openai import FaithOpenAI

    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(ValueError, match=said) as refused:
        FaithOpenAI("tiny", **{"base_url": "http://localhost:1/v1"} | options)
    assert SECRET not in str(refused.value)
