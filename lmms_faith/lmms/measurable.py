"""What can be measured with a model, by what it was seen to be able to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Literal

from lmms_faith.conditions import CONDITIONS
from lmms_faith.measures import FAMILIES, Measure

Ability = Literal["picture", "answer", "end", "prefill", "thought", "letters", "values", "resume"]

COLUMNS_OF: Mapping[Ability, frozenset[str]] = MappingProxyType(
    {
        "answer": frozenset({"correct", "answered", "extracted", "misled", "prediction", "abstained", "failed"}),
        "end": frozenset({"truncated"}),
        "thought": frozenset({"agree", "judgeable", "thought_length", "template"}),
        "letters": frozenset(
            {
                "letter_entropy",
                "normalised_entropy",
                "p_correct",
                "p_correct_measured",
                "p_target",
                "margin",
                "max_p",
                "confidence",
                "off_letter_mass",
                "js_shift",
                "brier_multi",
                "forced",
                "bounded",
                "loose",
            }
        ),
        "values": frozenset({"p_gold_value", "p_claimed_value"}),
    }
)
"""The columns that stay unknown without an ability; see ``measures.COLUMNS``."""


def measures_of(ability: Ability) -> dict[str, list[str]]:
    """Names of the measures that an ability adds to what a readable answer alone gives, by family.

    >>> measures_of("values")
    {"Uncertainty at the answer's letter": ['p_gold_value', 'p_claimed_value']}
    """
    found = {
        family: [measure.name for measure in measures if ability in _needs(measure)]
        for family, measures in FAMILIES.items()
    }
    return {family: names for family, names in found.items() if names}


def measures_without(abilities: Collection[Ability]) -> set[str]:
    """Names of the measures that stay unknown where some abilities are missing."""
    return {name for one in abilities for names in measures_of(one).values() for name in names}


def counted(ability: Ability) -> str:
    """The measures of an ability, as a phrase: by name, or where a family has many of them, by number.

    >>> counted("thought")
    '9 measures of agreement of reasoning and answer; thought_length, template_rate'
    """
    return "; ".join(
        f"{len(names)} measures of {family[0].lower()}{family[1:]}" if len(names) > 2 else ", ".join(names)
        for family, names in measures_of(ability).items()
    )


def started() -> tuple[str, ...]:
    """Names of the conditions that start the assistant's turn, which a model has to continue."""
    return tuple(row.name for row in CONDITIONS.values() if row.prefilled)


def unstarted() -> tuple[str, ...]:
    """Names of the conditions that any model can be asked under."""
    return tuple(row.name for row in CONDITIONS.values() if row.think is None)


def stand_ins() -> tuple[str, ...]:
    """Names of the conditions that bring a thought without starting the turn, for models that can't continue one."""
    return tuple(row.name for row in CONDITIONS.values() if row.think is not None and not row.prefilled)


def _needs(measure: Measure) -> set[Ability]:
    columns = {name.rpartition(".")[2] for name in measure.columns}
    needed: set[Ability] = {ability for ability, known in COLUMNS_OF.items() if known & columns}
    return needed - {"answer"} or needed
