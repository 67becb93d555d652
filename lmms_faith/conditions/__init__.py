"""What is done to an item: the table of conditions, the claimed target, the wording, the rendered prompt."""

from lmms_faith.conditions.claims import assertion, placebo
from lmms_faith.conditions.render import INSTRUCTION, render
from lmms_faith.conditions.table import ABSTENTION, CONDITIONS, CONDITIONS_VERSION, STOP_THINK, Condition, condition
from lmms_faith.conditions.targets import wrong_target

__all__ = [
    "ABSTENTION",
    "CONDITIONS",
    "CONDITIONS_VERSION",
    "Condition",
    "INSTRUCTION",
    "STOP_THINK",
    "assertion",
    "condition",
    "placebo",
    "render",
    "wrong_target",
]
