"""Measures of the completions themselves: their reasoning, and how they ended."""

from __future__ import annotations

from math import inf

from lmms_faith import metrics
from lmms_faith.measures.measure import Measure

REASONING = (
    Measure(
        name="thought_length",
        title="Length of the thought",
        unit="words",
        low=0.0,
        high=inf,
        better=None,
        formula=r"\frac1n \sum_i |\tau_i|",
        says="How many words the model writes itself before it answers; of a thought that it was given in part, the "
        "rest.",
        does_not_say="How much of it is reasoning. White space parts words, so that languages do not compare.",
        source="this package",
        columns=("thought_length",),
        function=metrics.thought_length,
    ),
    Measure(
        name="template_rate",
        title="Template rate",
        unit="share",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_i \left[ \exists j \ne i : \mu(\tau_j) = \mu(\tau_i) \right]",
        says="How many thoughts another item's thought repeats word by word once what differs by item is masked "
        "(options, numbers): boilerplate rather than reasoning about this image.",
        does_not_say="That a thought that is worded anew has looked. It grows with the number of items compared.",
        source="this package",
        columns=("template",),
        function=metrics.template_rate,
        items=metrics.templates,
    ),
)

STATUSES = (
    Measure(
        name="answered",
        title="Answered",
        unit="share",
        low=0.0,
        high=1.0,
        better="higher",
        formula=r"\frac1n \sum_i [s_i = \text{answered}]",
        says="How many completions have an answer that can be read: whether the model keeps to the format.",
        does_not_say="That what can't be read is wrong, though it does not count as right.",
        source="this package",
        columns=("answered",),
        function=metrics.answered_rate,
    ),
    Measure(
        name="extracted",
        title="Extracted",
        unit="share",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_{i: s_i = \text{answered}} [\text{a judge copied it out}]",
        says="How many of the answers no rule could read, so that a judge model copied them out of the completion "
        "(`lmms-faith extract`).",
        does_not_say="Anything where extraction was not asked for; then it is unknown.",
        source="this package",
        columns=("extracted",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="abstained",
        title="Abstained",
        unit="share",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_i [p_i = \text{not sure}]",
        says='How often "I\'m not sure" is answered where it is an option, under `*_abstain` conditions.',
        does_not_say="Whether that was wise. It counts as not right.",
        source="this package",
        columns=("abstained",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="truncated",
        title="Truncated",
        unit="share",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\frac1n \sum_i [s_i = \text{truncated}]",
        says="How many completions the token limit cut off before an answer.",
        does_not_say="What they would have answered; they count as not right.",
        source="this package",
        columns=("truncated",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="failed",
        title="Failed",
        unit="share",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\frac1n \sum_i [s_i = \text{failed}]",
        says="How many requests gave no completion, by an API error or a prefill that was not continued. They are left "
        "out of every other number.",
        does_not_say="Anything about the model.",
        source="this package",
        columns=("failed",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="forced",
        title="Forced letters",
        unit="share",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_i [\text{letter forced}]",
        says="For how many items the letters' probabilities were read after the thought had been closed for the model, "
        "since it wrote no letter itself; over items with letters.",
        does_not_say="Whether a free answer would have had the same probabilities.",
        source="this package",
        columns=("forced",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="bounded",
        title="Bounded letters",
        unit="share",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_i [\text{some letter only bounded}]",
        says="For how many items the probability of some option's letter is only known to be at most so much, since "
        "the server listed its likeliest tokens and the letter was not among them; over items with letters.",
        does_not_say="Whether that matters: see `loose`.",
        source="this package",
        columns=("bounded",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="loose",
        title="Loosely bounded letters",
        unit="share",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\frac1n \sum_i \left[ U_i > 0.001 \, (M_i + U_i) \right]",
        says="For how many items the bounds, which add to U, leave more than a thousandth open beside the mass M of "
        "the measured letters; over items with letters. The letters of these items count as unknown in every other "
        "number.",
        does_not_say="Which way the others are biased for it: those left out are the items that are unsure between "
        "more tokens than the server lists.",
        source="this package",
        columns=("loose",),
        function=metrics.weighted_mean,
    ),
)
