"""Who says which option a thought ends on, blind to the answer and to gold."""

from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.rule import RuleJudge
from lmms_faith.judges.verdicts import conclude, verdicts

__all__ = ["Judge", "RuleJudge", "conclude", "verdicts"]
