"""Peak memory of a summary, on made records that are read one at a time: python tests/bench/million.py [RECORDS]."""

import resource
import sys
import time

from made_records import made_records

from lmms_faith.conditions import CONDITIONS
from lmms_faith.judges import verdict
from lmms_faith.record import Opinion
from lmms_faith.summary import Judged, Verdicts, gather, match, tidy

METRICS = ("acc", "acc_drop", "misled_rate", "consistency", "letter_entropy", "js_shift", "ece")
DECIDED = Opinion(outcome="decided", conclusion=0)


def report(what: str, started: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:40} {peak:8.0f} MB at most, {time.process_time() - started:6.1f} s of one core")  # noqa: T201


def main(count: int) -> None:
    started = time.process_time()
    items = -(-count // len(CONDITIONS))
    report("nothing read yet", started)
    verdicts = Verdicts(verdict(record, DECIDED, judge="made-1") for record in made_records(items))
    report(f"{items * len(CONDITIONS):,} verdicts", started)
    gathered = gather(match(map(Judged, made_records(items)), verdicts))
    report(f"{items * len(CONDITIONS):,} records with them", started)
    del verdicts
    rows = tidy(gathered, metrics=METRICS, by=("category",), resamples=200)
    report(f"{len(rows):,} rows, 200 resamples", started)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
