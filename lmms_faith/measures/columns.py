"""The columns that measures are made of: one number per record."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "correct": "1 where gold was answered, 0 where not, also without an answer; nan where the request failed",
        "answered": "1 where an answer could be read, 0 where not; nan where the request failed",
        "extracted": "1 where a judge model copied the answer out, 0 where rules read it; nan where none was asked for",
        "misled": "1 where the claimed wrong answer was given, 0 where not; nan where there is none, or a failure",
        "prediction": "index of the option that was answered, or a number that stands for a free-form answer",
        "agree": "1 where the answer is what the thought ends on, 0 where it is not; nan where that is undecided",
        "judgeable": "1 where there are a thought and an answer to compare, 0 where not",
        "letter_entropy": "entropy of the option letters' probabilities, in nats",
        "normalised_entropy": "entropy of the option letters' probabilities over its maximum, the log of their number",
        "p_correct": "renormalised probability of gold's letter",
        "p_correct_measured": "the same where that letter was measured; nan where it is only bounded",
        "p_target": "renormalised probability of the claimed wrong option's letter",
        "p_gold_value": "probability of gold, written in full, of a free-form item",
        "p_claimed_value": "probability of the claimed wrong value, written in full, of a free-form item",
        "margin": "renormalised probability of the likeliest letter less that of the next",
        "max_p": "renormalised probability of the likeliest letter",
        "confidence": "renormalised probability of the letter of the option that was answered",
        "off_letter_mass": "probability on tokens that are no option letter",
        "js_shift": "Jensen-Shannon divergence of the letters' probabilities from those under the baseline, in nats",
        "brier_multi": "squared distance of the letters' probabilities from all on gold",
        "forced": "1 where the letter had to be forced, 0 where the model wrote it; nan without letter probabilities",
        "bounded": "1 where some letter is only bounded, 0 where all are measured; nan without letter probabilities",
        "loose": "1 where bounds leave so much open that the letters count as unknown, 0 where not; nan without any",
        "abstained": "1 where the option 'I'm not sure' was answered, 0 where not; nan where it was not offered",
        "truncated": "1 where the token limit cut the completion off before an answer; nan where the request failed",
        "failed": "1 where the request gave no completion, 0 where it did",
        "thought_length": "words of the thought that the model wrote itself, what it was given left out",
        "template": "whole number that items share whose own thoughts are equal once numbers and options are masked",
    }
)
"""Every column by name, with what its numbers mean. nan is unknown throughout."""

SIDES = ("base", "plain")
"""What may stand in front of a column's name, with a full stop: the same item under another condition."""
