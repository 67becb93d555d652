"""Pure functions from NumPy arrays to numbers; nan marks the unknown and is never counted as zero."""

from lmms_faith.metrics.accuracy import (
    acc,
    acc_drop,
    answered_rate,
    flip_rate,
    misled_rate,
    right_to_wrong,
    wrong_to_right,
)
from lmms_faith.metrics.consistency import consistency, consistent_acc, quadrants
from lmms_faith.metrics.interval import Interval, mean_interval, wilson_interval
from lmms_faith.metrics.uncertainty import letter_entropy, off_letter_mass, p_option

__all__ = [
    "Interval",
    "acc",
    "acc_drop",
    "answered_rate",
    "consistency",
    "consistent_acc",
    "flip_rate",
    "letter_entropy",
    "mean_interval",
    "misled_rate",
    "off_letter_mass",
    "p_option",
    "quadrants",
    "right_to_wrong",
    "wilson_interval",
    "wrong_to_right",
]
