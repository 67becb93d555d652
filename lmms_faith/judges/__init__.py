"""Who says which answer a thought ends on, blind to the answer given and to gold."""

from lmms_faith.judges.budget import Budget
from lmms_faith.judges.cascade import Cascade, default_judge
from lmms_faith.judges.letter_force import LetterForceJudge
from lmms_faith.judges.llm import LLMJudge, llm_judge
from lmms_faith.judges.observation import judgeable, observable
from lmms_faith.judges.panel import Agreement, Panel, agreement
from lmms_faith.judges.protocol import Judge
from lmms_faith.judges.rule import RuleJudge
from lmms_faith.judges.verdicts import Tally, agrees, tally, verdict, verdicts

__all__ = [
    "Agreement",
    "Budget",
    "Cascade",
    "Judge",
    "LLMJudge",
    "LetterForceJudge",
    "Panel",
    "RuleJudge",
    "Tally",
    "agreement",
    "agrees",
    "default_judge",
    "judgeable",
    "llm_judge",
    "observable",
    "tally",
    "verdict",
    "verdicts",
]
