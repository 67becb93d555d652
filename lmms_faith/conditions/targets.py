"""Which wrong answer is claimed of an item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from lmms_faith.conditions.values import number_in, wrong_value
from lmms_faith.item import Item, normalise

_NO_CLAIM = re.compile(
    r"(?:all|none|both|neither|any|either) (?:of )?(?:the )?(?:above|these|those|them|following|options"
    r"|choices|given)\b.*"
    r"|no (?:answer|correct (?:answer|option)|above|option is correct)"
    r"|(?:i'?m |i am )?(?:not sure|unsure|uncertain)|(?:i )?(?:do not|don['’]t|cannot|can['’]t|can not)"
    r" (?:know|tell|say)\b.*"
    r"|(?:it )?(?:cannot|can['’]t|can not|could not) be (?:determined|answered|inferred|seen|told|known)\b.*"
    r"|(?:there is )?(?:not enough|insufficient) (?:information|data|evidence)\b.*"
    r"|(?:impossible|unable) to (?:tell|say|determine)\b.*"
    r"|undetermined|indeterminate|unknown|not (?:given|known|visible|applicable)|n/a"
    r"|(?:this|the) image (?:does not|doesn['’]t) (?:feature|show|contain)\b.*"
    r"|以上(?:都|皆|均|全)\S*|无法(?:确定|判断)\S*|不(?:能)?确定",
    re.IGNORECASE,
)
"""Options that say nothing about the picture; they are never claimed."""

_OPPOSITES = (
    ("left", "right"),
    ("above", "below"),
    ("above", "under"),
    ("over", "under"),
    ("top", "bottom"),
    ("upper", "lower"),
    ("up", "down"),
    ("upward", "downward"),
    ("upwards", "downwards"),
    ("on", "under"),
    ("front", "back"),
    ("front", "behind"),
    ("in front of", "behind"),
    ("inside", "outside"),
    ("toward", "away from"),
    ("towards", "away from"),
    ("near", "far"),
    ("closer", "farther"),
    ("clockwise", "counterclockwise"),
    ("horizontal", "vertical"),
    ("same", "different"),
    ("yes", "no"),
    ("true", "false"),
)


def wrong_target(item: Item, *, seed: int = 0) -> str | None:
    """Text of the wrong answer that every misleading condition of this item claims; None where there is none to claim.

    The choice depends on the seed, the item's family and the option *texts* alone. So it is the same whatever the
    batch, the limit or the rank, captions and thoughts claim the same thing, and circular or mirrored copies of an
    item, in which the letters move, claim the same text. Abstentions and "none of the above" are never claimed.

    An item's ``rule`` says what is preferred where the options offer it: ``nearest`` the number next to gold,
    ``opposite`` the other end of gold's direction, ``rivals`` the first of the item's own list; failing that, and with
    ``seeded``, any wrong option.

    >>> item = Item(id="a", benchmark="b", question="?", options=("1", "2", "9"), answer=0, rule="nearest")
    >>> wrong_target(item)
    '2'
    """
    rng = Random(f"{seed}:target:{item.benchmark}:{item.family}")
    if item.kind != "choice":
        return wrong_value(item, rng)
    gold = normalise(item.gold)
    # Sorted backwards, so that of two options that differ in print alone the same one stays in every copy.
    claimable = sorted((option for option in item.options if not _NO_CLAIM.fullmatch(normalise(option))), reverse=True)
    texts = {normalise(option): option for option in claimable}
    wrong = sorted(texts.keys() - {gold})
    if not wrong:
        return None
    return texts[rng.choice(_preferred(item, wrong) or wrong)]


def _preferred(item: Item, wrong: Sequence[str]) -> list[str]:
    if item.rule == "nearest":
        return _nearest(item.gold, wrong)
    if item.rule == "opposite":
        return [text for text in _opposites(normalise(item.gold)) if text in wrong]
    if item.rule == "rivals":
        return [text for text in map(normalise, item.rivals) if text in wrong][:1]
    return []


def _nearest(gold: str, wrong: Sequence[str]) -> list[str]:
    """The wrong options whose number is closest to gold's; none unless gold and some other are numbers."""
    centre = number_in(gold)
    numbers = {text: number for text in wrong if (number := number_in(text)) is not None}
    if centre is None or not numbers:
        return []
    closest = min(abs(number - centre) for number in numbers.values())
    return [text for text, number in numbers.items() if abs(number - centre) == closest]


def _opposites(text: str) -> list[str]:
    """The text with one of its directions turned round, in every way the table knows."""
    turned = []
    for pair in _OPPOSITES:
        for here, there in (pair, pair[::-1]):
            swapped, count = re.subn(rf"\b{here}\b", there, text)
            if count:
                turned.append(swapped)
    return turned
