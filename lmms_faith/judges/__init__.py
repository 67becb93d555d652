"""Who says which answer a thought ends on, blind to the answer given and to gold."""

from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.rule import RuleJudge
from lmms_faith.judges.verdicts import agrees, verdict, verdicts

__all__ = ["Judge", "RuleJudge", "agrees", "verdict", "verdicts"]
