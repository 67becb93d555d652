"""How often a 95 % interval holds the truth at n = 200 on 50 images: python tests/bench/interval_coverage.py."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "metrics"))


def main() -> None:
    from test_bootstrap_coverage import CASES, SHORT, coverage

    for name, (*simulation, _) in (CASES | SHORT).items():
        started = time.process_time()
        share = coverage(*simulation)
        spent = time.process_time() - started
        print(f"{name:36} {100 * share:5.1f} %  of {simulation[-1]:,} in {spent:4.1f} s")  # noqa: T201


if __name__ == "__main__":
    main()
