import json
from collections.abc import Callable
from pathlib import Path

from lmms_faith.cli.reading import read
from lmms_faith.judges import default_judge
from lmms_faith.record import Extraction, Record, to_json


def test_records_come_judged_with_extracted_answers_applied(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    unread = make_record(item_id="2", completion="I would go for blue", think=None, prediction=None, status="no_answer")
    other = make_record(benchmark="games")
    for name, records in (("toys", [make_record(), unread]), ("games", [other])):
        lines = [json.dumps({"faith": to_json(record)}) + "\n" for record in records]
        (tmp_path / f"20260101_000000_samples_faith_{name}_base.jsonl").write_text("".join(lines))
    place = {name: getattr(unread, name) for name in ("model", "benchmark", "condition", "item_id", "fingerprint")}
    extraction = Extraction(
        **place, outcome="extracted", span="blue", judge="j", prompt_version="extract-1", date="2026-01-01"
    )
    file = tmp_path / "extractions.jsonl"
    file.write_text(json.dumps(to_json(extraction)) + "\n")
    reading = read(tmp_path, extractions=file, keep=lambda record: record.benchmark == "toys")
    first, second = reading.judged
    assert reading.judge == default_judge().id
    assert (first.record, first.extracted) == (make_record(), False)
    assert (second.record.prediction, second.record.status, second.extracted) == (1, "answered", True)
    assert first.opinion is not None
    assert (first.opinion.conclusion, first.opinion.by) == (0, default_judge().stages[0].id)
    assert [one.extracted for one in read(tmp_path).judged] == [None] * 3
