"""From records and verdicts to one tidy table; the one place that knows both records and metrics."""

from lmms_faith.summary.cells import Gathered
from lmms_faith.summary.columns import Judged, numbers
from lmms_faith.summary.comparison import Contrast, compare, contrast_rows, models
from lmms_faith.summary.gathering import gather
from lmms_faith.summary.macro import PREFIX
from lmms_faith.summary.matching import Verdicts, judged_now, match
from lmms_faith.summary.row import ALL, HIDDEN, NO_THOUGHT, PAPER, Row
from lmms_faith.summary.tidy_table import summarise, tidy
from lmms_faith.summary.tracing import Share, Trace, trace

__all__ = [
    "ALL",
    "Contrast",
    "Gathered",
    "HIDDEN",
    "Judged",
    "NO_THOUGHT",
    "PAPER",
    "PREFIX",
    "Row",
    "Share",
    "Trace",
    "Verdicts",
    "compare",
    "contrast_rows",
    "gather",
    "judged_now",
    "match",
    "models",
    "numbers",
    "summarise",
    "tidy",
    "trace",
]
