"""Measures of confidence: whether it is calibrated, and whether it tells right from wrong."""

from __future__ import annotations

from functools import partial
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from lmms_faith import metrics
from lmms_faith.measures.measure import Measure, together
from lmms_faith.metrics.accuracy import among
from lmms_faith.metrics.calibration import gaps, squared_gaps, surprisals
from lmms_faith.metrics.weighting import Floats, Number

_BOTH = ("confidence", "correct")
_GUO = "arXiv 1706.04599"
_BRIER = "Murphy 1973; terms within bins as in Stephenson, Coelho and Jolliffe 2008"
_GEIFMAN = "arXiv 1805.08206"
_SMALL = "It is above 0 even for a calibrated model, the more the fewer items."


def _certainty(
    entropy: ArrayLike, baseline: ArrayLike, correct: ArrayLike, *, weights: ArrayLike | None = None
) -> Number:
    return metrics.auroc_staying(-np.asarray(entropy, dtype=np.float64), baseline, correct, weights=weights)


def _right_before(score: ArrayLike, baseline: ArrayLike, correct: ArrayLike) -> Floats:
    return together(among(baseline, score), correct)


CALIBRATION = (
    Measure(
        name="ece",
        title="Expected calibration error",
        unit="difference",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\sum_{b=1}^{15} \frac{n_b}{n} \left| \bar c_b - \bar q_b \right|, \quad "
        r"b: \tfrac{b-1}{15} < q_{i p_i} \le \tfrac{b}{15}",
        says="How far confidence and accuracy are apart, over bins of equal width; over items with an answer and "
        "letters.",
        does_not_say="In which direction: see `overconfidence`. " + _SMALL,
        source=f"{_GUO}; Naeini, Cooper and Hauskrecht 2015",
        columns=_BOTH,
        function=metrics.ece,
        items=together,
        mean=False,
        biased="high",
    ),
    Measure(
        name="adaptive_ece",
        title="Adaptive calibration error",
        unit="difference",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\sum_{b=1}^{15} \frac{n_b}{n} \left| \bar c_b - \bar q_b \right|, \quad n_b \approx n / 15",
        says="How far confidence and accuracy are apart, over bins that hold equally many items, so that crowded "
        "confidences are resolved: a model that is nearly always sure has almost all its items in one bin of `ece`.",
        does_not_say="In which direction. Tied confidences share a bin. " + _SMALL,
        source="arXiv 2002.09437 (AdaECE)",
        columns=_BOTH,
        function=metrics.adaptive_ece,
        items=together,
        mean=False,
        biased="high",
    ),
    Measure(
        name="mce",
        title="Maximum calibration error",
        unit="difference",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\max_b \left| \bar c_b - \bar q_b \right|",
        says="The distance of confidence and accuracy in the worst bin of `ece` that holds items.",
        does_not_say="How many items that bin holds; it may be one.",
        source=f"{_GUO}; Naeini, Cooper and Hauskrecht 2015",
        columns=_BOTH,
        function=metrics.mce,
        items=together,
        mean=False,
        biased="high",
    ),
    Measure(
        name="overconfidence",
        title="Overconfidence",
        unit="difference",
        low=-1.0,
        high=1.0,
        better=None,
        formula=r"\frac1n \sum_i (q_{i p_i} - c_i)",
        says="Mean confidence less accuracy: above 0 the model is surer than it is right, below 0 less sure; 0 is "
        "best.",
        does_not_say="That single confidences are right: too high and too low ones cancel.",
        source=_GUO,
        columns=_BOTH,
        function=metrics.overconfidence,
        items=gaps,
    ),
    Measure(
        name="brier",
        title="Brier score",
        unit="score",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\frac1n \sum_i (q_{i p_i} - c_i)^2",
        says="How good the confidence is as a forecast of being right, calibration and discrimination in one.",
        does_not_say="Which of the two is missing: see its four parts. It depends on the accuracy.",
        source="Brier 1950",
        columns=_BOTH,
        function=metrics.brier,
        items=squared_gaps,
    ),
    Measure(
        name="brier_reliability",
        title="Brier score, reliability",
        unit="score",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\sum_b \frac{n_b}{n} (\bar q_b - \bar c_b)^2",
        says="The part of the Brier score that is miscalibration. The score is reliability - resolution + uncertainty "
        "+ remainder, exactly.",
        does_not_say="In which direction. " + _SMALL,
        source=_BRIER,
        columns=_BOTH,
        function=partial(metrics.brier_part, part="reliability"),
        items=together,
        mean=False,
        biased="high",
    ),
    Measure(
        name="brier_resolution",
        title="Brier score, resolution",
        unit="score",
        low=0.0,
        high=0.25,
        better="higher",
        formula=r"\sum_b \frac{n_b}{n} (\bar c_b - \bar c)^2",
        says="How far the confidence's bins differ in accuracy: what it knows about being right.",
        does_not_say="That the confidence itself is right. It is above 0 even for one that knows nothing, the more the "
        "fewer items.",
        source=_BRIER,
        columns=_BOTH,
        function=partial(metrics.brier_part, part="resolution"),
        items=together,
        mean=False,
        biased="high",
    ),
    Measure(
        name="brier_uncertainty",
        title="Brier score, uncertainty",
        unit="score",
        low=0.0,
        high=0.25,
        better=None,
        formula=r"\bar c (1 - \bar c)",
        says="The Brier score of always stating the accuracy; it belongs to the items, not to the confidence.",
        does_not_say="Anything about the confidence.",
        source=_BRIER,
        columns=_BOTH,
        function=partial(metrics.brier_part, part="uncertainty"),
        items=together,
        mean=False,
        biased="low",
    ),
    Measure(
        name="brier_remainder",
        title="Brier score, remainder within bins",
        unit="score",
        low=-29 / 900,
        high=31 / 900,
        better=None,
        formula=r"\frac1n \sum_b \sum_{i \in b} \left[ (q_{i p_i} - \bar q_b)^2 "
        r"- 2 (q_{i p_i} - \bar q_b)(c_i - \bar c_b) \right]",
        says="What differences of confidence within bins add to the Brier score; it closes the decomposition, and is "
        "negative where a higher confidence within a bin goes with being right.",
        does_not_say="More than that: it shrinks with the width of the bins.",
        source=_BRIER,
        columns=_BOTH,
        function=partial(metrics.brier_part, part="remainder"),
        items=together,
        mean=False,
    ),
    Measure(
        name="brier_multi",
        title="Brier score over all letters",
        unit="score",
        low=0.0,
        high=2.0,
        better="lower",
        formula=r"\frac1n \sum_i \sum_k (q_{ik} - [k = g_i])^2",
        says="How good the letters' probabilities are as a forecast of gold, over all options and not only the "
        "answered one; over all items with letters.",
        does_not_say="Which part of it is calibration.",
        source="Brier 1950, for several classes",
        columns=("brier_multi",),
        function=metrics.weighted_mean,
    ),
    Measure(
        name="nll",
        title="Negative log-likelihood of gold",
        unit="nats",
        low=0.0,
        high=inf,
        better="lower",
        formula=r"-\frac1n \sum_i \ln q_{i g_i}",
        says="How surprised the letters are by gold; the proper score that punishes confident errors most.",
        does_not_say="How typical that is: a few confident errors make most of it. It is not clipped, so that a "
        "probability of exactly 0 makes it infinite. Items whose gold letter is only bounded are left out, and they "
        "are the most surprised ones.",
        source="logarithmic score, Good 1952",
        columns=("p_correct_measured",),
        function=metrics.nll,
        items=surprisals,
    ),
)

SELECTIVE = (
    Measure(
        name="aurc",
        title="Area under the risk-coverage curve",
        unit="share",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\frac1n \sum_{k=1}^n \frac1k \sum_{i \le k} (1 - c_{(i)}), \quad q_{(1)} \ge q_{(2)} \ge \dots",
        says="The share of errors among the k surest answers, averaged over all k: what is left to get wrong if unsure "
        "answers may be withheld. Ties count with the mean over their orders.",
        does_not_say="How much of it is due to the number of errors alone: see `eaurc`.",
        source=_GEIFMAN,
        columns=_BOTH,
        function=metrics.aurc,
        items=together,
        mean=False,
    ),
    Measure(
        name="eaurc",
        title="Excess area under the risk-coverage curve",
        unit="share",
        low=0.0,
        high=1.0,
        better="lower",
        formula=r"\mathrm{AURC}(q) - \mathrm{AURC}(c)",
        says="AURC less that of the best order of the same answers, all right ones first: what a better confidence "
        "could gain.",
        does_not_say="How accurate the model is.",
        source=_GEIFMAN,
        columns=_BOTH,
        function=metrics.eaurc,
        items=together,
        mean=False,
    ),
    Measure(
        name="auroc_p_correct",
        title="Staying right, told from p_correct before",
        unit="probability",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"P\left(q^b_{i g_i} > q^b_{j g_j} \mid c_i = 1, c_j = 0\right), \quad c^b_i = c^b_j = 1",
        says="Among items right under the baseline, the chance that one that stays right under the condition had the "
        "higher probability of gold before than one that is lost. Ties count half, 0.5 is chance.",
        does_not_say="How many are lost: see `right_to_wrong`. Users don't know gold; this predictor does.",
        source="this package; AUROC as in Hanley and McNeil 1982",
        columns=("base.p_correct", "base.correct", "correct"),
        function=metrics.auroc_staying,
        items=_right_before,
        mean=False,
    ),
    Measure(
        name="auroc_entropy",
        title="Staying right, told from entropy before",
        unit="probability",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"P\left(H^b_i < H^b_j \mid c_i = 1, c_j = 0\right), \quad c^b_i = c^b_j = 1",
        says="Among items right under the baseline, the chance that one that stays right under the condition had the "
        "lower letter entropy before than one that is lost: whether a decided answer holds. Ties count half, 0.5 is "
        "chance.",
        does_not_say="How many are lost: see `right_to_wrong`.",
        source="this package; AUROC as in Hanley and McNeil 1982",
        columns=("base.letter_entropy", "base.correct", "correct"),
        function=_certainty,
        items=_right_before,
        mean=False,
    ),
    Measure(
        name="auroc_max_p",
        title="Staying right, told from the likeliest letter before",
        unit="probability",
        low=0.0,
        high=1.0,
        better=None,
        formula=r"P\left(\max_k q^b_{ik} > \max_k q^b_{jk} \mid c_i = 1, c_j = 0\right), \quad c^b_i = c^b_j = 1",
        says="Among items right under the baseline, the chance that one that stays right under the condition had the "
        "higher probability on its likeliest letter before than one that is lost: whether a sure answer holds. Ties "
        "count half, 0.5 is chance.",
        does_not_say="How many are lost: see `right_to_wrong`.",
        source="this package; AUROC as in Hanley and McNeil 1982",
        columns=("base.max_p", "base.correct", "correct"),
        function=metrics.auroc_staying,
        items=_right_before,
        mean=False,
    ),
)
