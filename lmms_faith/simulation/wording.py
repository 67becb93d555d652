"""How simulated thoughts and answers are worded, in plain sentences that leave no doubt about what they say."""

from __future__ import annotations

from random import Random
from typing import Final

from lmms_faith.parsing.tags import CLOSE, OPEN

STATED: Final = (
    "So it is {this}.",
    "It is not {that}, so it must be {this}.",
    "That makes it {this}.",
    "Therefore the answer is {this}.",
    "At first I thought of {that}, but it is {this}.",
    "Wait, it is not {that} after all. It is {this}.",
)
"""Last words of a thought that ends on ``this``."""
OPEN_ENDED: Final = (
    "It could be {this} or {that}, and it is hard to tell.",
    "It might be {this} or {that}.",
    "Either {this} or {that} is possible here.",
)
"""Last words of a thought that ends on nothing."""
LETTERED: Final = (
    "<answer>{letter}</answer>",
    "<answer>({letter})</answer>",
    "<answer>{letter}. {text}</answer>",
    "The answer is ({letter}).",
    r"\boxed{{{letter}}}",
)
VALUED: Final = ("<answer>{text}</answer>", "The answer is {text}.", r"\boxed{{{text}}}")
"""Answers that the rules read."""
UNREAD: Final = "<answer>my pick goes to {span} over the 2 or 3 others</answer>"
"""An answer that no rule reads; ``span`` is what an extraction copies."""
SPOKEN: Final = "Let me go over all of that once more."
"""A sentence between thought and answer: the letters right after the thought are then no longer the answer's."""
UNANSWERED: Final = "I have looked at all there is."
"""What follows a thought in place of an answer."""

_SENTENCE: Final = 10
_LISTING: Final = "I see"
_THINGS: Final = (
    *("corner", "shelf", "window", "floor", "wall", "lamp", "carpet", "curtain", "mirror", "clock", "vase", "basket"),
    *("pillow", "towel", "bottle", "book", "ladder", "bench", "fence", "gate", "bridge", "tower", "roof", "chimney"),
    *("garden", "hedge", "path", "stone", "river", "meadow", "hill", "forest", "branch", "leaf", "root", "trunk"),
    *("sky", "cloud", "horizon", "shadow", "edge", "middle", "border", "frame", "ribbon", "rope", "bucket", "barrel"),
    *("wagon", "wheel", "saddle", "bell", "drum", "flute", "violin", "candle", "lantern", "kettle", "spoon", "bowl"),
    *("jar", "crate", "sack", "parcel", "envelope", "stamp"),
)


def thought(random: Random, this: str, that: str, *, words: int, template: bool, ends: bool | None) -> str:
    """A thought of so many words.

    Args:
        random: Draws the wording.
        this, that: The answer that it ends on, and another.
        words: How many.
        template: Whether it is the one wording that many items share, up to the answers that it names.
        ends: Whether it ends on ``this``; None for one that is cut off before its last sentence.
    """
    forms = STATED if ends else OPEN_ENDED
    form = "" if ends is None else forms[0] if template else random.choice(forms)
    last = form.format(this=this, that=that)
    body = _body(Random("template") if template else random, words - len(last.split()))
    return f"{body} {last}".strip()


def completion(prefill: str, inner: str, rest: str | None) -> str:
    """What the model writes behind the prefill: a thought, and what follows it; None where it was cut off."""
    opened = f" {inner}" if OPEN in prefill else f"{OPEN}{inner}"
    return opened if rest is None else f"{opened}{CLOSE}\n{rest}"


def answer(random: Random, text: str, letter: str | None) -> str:
    """An answer that the rules read, by its letter where there is one."""
    forms = VALUED if letter is None else LETTERED
    return random.choice(forms).format(text=text, letter=letter)


def _body(random: Random, words: int) -> str:
    """So many words that name no answer, in whole sentences."""
    found = []
    while words >= 2 * _SENTENCE:
        first, second, third = random.sample(_THINGS, 3)
        found.append(f"I look at the {first} near the {second} and {third}.")
        words -= _SENTENCE
    if words > len(_LISTING.split()):
        things = random.sample(_THINGS, words - len(_LISTING.split()))
        return " ".join([*found, f"{_LISTING} {', '.join(things)}."])
    return " ".join([*found, *["Hm."] * words])
