"""What is done to an item: the table of conditions, the claimed target, the wording, the rendered prompt."""

from lmms_faith.conditions.claims import assertion, placebo
from lmms_faith.conditions.overrides import NO_CLAIMS, Claims, read_claims
from lmms_faith.conditions.render import INSTRUCTION, VALUE_INSTRUCTION, NotApplicable, render
from lmms_faith.conditions.table import (
    ABSTENTION,
    CONDITIONS,
    CONDITIONS_VERSION,
    STOP_THINK,
    Condition,
    condition,
    fallback_of,
)
from lmms_faith.conditions.targets import wrong_target

__all__ = [
    "ABSTENTION",
    "CONDITIONS",
    "CONDITIONS_VERSION",
    "Claims",
    "Condition",
    "INSTRUCTION",
    "NO_CLAIMS",
    "NotApplicable",
    "STOP_THINK",
    "VALUE_INSTRUCTION",
    "assertion",
    "condition",
    "fallback_of",
    "placebo",
    "read_claims",
    "render",
    "wrong_target",
]
