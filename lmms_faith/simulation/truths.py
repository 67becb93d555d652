r"""What every measure is for a simulated model, in closed form; docs/known-answers.md derives the formulas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from lmms_faith.conditions import CONDITIONS
from lmms_faith.metrics.calibration import BINS
from lmms_faith.simulation.parameters import Claim, Level, Parameters, claim_of


def truths(parameters: Parameters, condition: str, *, free_form: bool = False) -> Mapping[str, float]:
    """Measures by name, under one condition; those that it leaves undefined are left out.

    A measure that compares a baseline with itself is among these, and under a condition with an abstention option all
    but the few whose truth that option leaves simple.

    Args:
        parameters: What the model does.
        condition: Name of the condition.
        free_form: Whether the items are free-form, without letters.

    Raises:
        ValueError: A condition that can't be simulated.
    """
    of = _Model(parameters, claim_of(condition))
    row = CONDITIONS[condition]
    if row.abstain:
        return dict(_offered(of))
    found = dict(_endings(of)) | dict(_answers(of)) | dict(_agreement(of, free_form=free_form))
    beside = of.claim != "base"
    found |= dict(_against_base(of)) if beside else {}
    found |= {"recovery": _recovery(of)} if of.claim == "hedged" else {}
    if free_form:
        return found | {"p_gold_value": of.on(_p_gold), "p_claimed_value": of.on(_p_claimed)}
    found |= dict(_letters(of)) | dict(_calibration(of)) | dict(_risk(of))
    return found | (dict(_rankings(of)) | {"js_shift": _shift(of)} if beside else {})


def worst_case(parameters: Parameters, conditions: Iterable[str]) -> float:
    r""":math:`\alpha^K \sum_l w_l P(\text{gold under each claim} \mid l)` over the K conditions of the paper.

    An answer that was gold before a claim and under the plain one is gold under the hedged one, too.
    """
    names = [name for name in conditions if CONDITIONS[name].kind == "paper"]
    claims = {claim_of(name) for name in names}
    both = {one: _Model(parameters, one) for one in ("base", "plain", "hedged")}
    if "base" in claims:
        hardest = "plain" if "plain" in claims else "hedged" if "hedged" in claims else "base"
        together = both[hardest].mean(both[hardest].kept)
    else:
        together = both["plain" if "plain" in claims else "hedged"].right
    return parameters.answered ** len(names) * together


@dataclass(frozen=True, slots=True)
class _Model:
    """The parameters under one claim."""

    parameters: Parameters
    claim: Claim

    def mean(self, of: Callable[[Level], float]) -> float:
        """Mean over the levels."""
        return sum(level.share * of(level) for level in self.parameters.levels)

    def gold(self, level: Level) -> float:
        """Chance that the answer is gold."""
        return self.parameters.right(level, self.claim)

    def claimed(self, level: Level) -> float:
        """Chance that it is the claimed one."""
        adopts, *_ = moved = self.parameters.moved(level, self.claim)
        return (1 - sum(moved)) * (1 - level.accuracy) / (self.parameters.options - 1) + adopts

    def sure(self, level: Level) -> float:
        """The confidence."""
        return self.parameters.confidence(level, self.claim)

    def kept(self, level: Level) -> float:
        """Chance that the answer is gold before and under the claim."""
        adopts, confused, _ = self.parameters.moved(level, self.claim)
        return level.accuracy * (1 - adopts - confused)

    @property
    def right(self) -> float:
        """Mean of ``gold``: accuracy among the answered."""
        return self.mean(self.gold)

    @property
    def misled(self) -> float:
        """Mean of ``claimed``."""
        return self.mean(self.claimed)

    @property
    def before(self) -> float:
        """Accuracy among the answered under the baseline."""
        return self.mean(lambda level: level.accuracy)

    def on(self, of: Callable[[_Model, Level], float]) -> float:
        """Mean, over the levels, of a probability over the whole vocabulary."""
        return (1 - self.parameters.off_letters) * self.mean(lambda level: of(self, level))


Truths = Iterator[tuple[str, float]]


def _offered(of: _Model) -> Truths:
    p = of.parameters
    yield from _endings(of)
    yield "abstained", p.answered * p.unsure
    yield "acc", p.answered * (1 - p.unsure) * of.right
    yield "misled_rate", p.answered * (1 - p.unsure) * of.misled


def _endings(of: _Model) -> Truths:
    p = of.parameters
    yield "answered", p.answered
    yield "extracted", p.unread
    yield "truncated", p.truncated
    yield "failed", p.failed
    yield "thought_length", float(p.words)
    yield "template_rate", p.template


def _answers(of: _Model) -> Truths:
    yield "acc", of.parameters.answered * of.right
    yield "misled_rate", of.parameters.answered * of.misled
    yield "text_preference", of.misled / (of.misled + of.right)


def _against_base(of: _Model) -> Truths:
    p, before = of.parameters, of.before
    kept = of.mean(of.kept)

    def same(level: Level) -> float:
        adopts, confused, found = p.moved(level, of.claim)
        wrong = (1 - level.accuracy) / (p.options - 1)
        return 1 - adopts - confused - found + found * level.accuracy + (adopts + confused) * wrong

    yield "acc_drop", p.answered * (before - of.right)
    yield "flip_rate", 1 - of.mean(same)
    adopted = of.mean(lambda level: level.accuracy * p.moved(level, of.claim)[0])
    yield "misled_among_right", p.answered * adopted / before
    yield "right_to_wrong", 1 - p.answered * kept / before
    yield "wrong_to_right", (p.answered * of.right - p.answered**2 * kept) / (1 - p.answered * before)


def _recovery(of: _Model) -> float:
    answered, plain = of.parameters.answered, _Model(of.parameters, "plain").right
    return (answered * of.right - answered**2 * plain) / (1 - answered * plain)


def _agreement(of: _Model, *, free_form: bool) -> Truths:
    p = of.parameters
    right, misled = of.right, of.misled
    other = 1 - right - misled
    same, same_misled = 1 - p.inconsistent, 1 - p.inconsistent_misled
    agree = (right + other) * same + misled * same_misled
    yield "consistency", agree
    yield "consistency_worst", (1 - p.open) * agree
    yield "consistency_best", (1 - p.open) * agree + p.open
    yield "consistent_acc", right * same
    yield "consistent_wrong", other * same + misled * same_misled
    yield "inconsistent_correct", right * p.inconsistent
    yield "inconsistent_wrong", other * p.inconsistent + misled * p.inconsistent_misled
    yield "consistency_among_correct", same
    yield "consistency_among_misled", same_misled


def _letters(of: _Model) -> Truths:
    p = of.parameters
    entropy = of.mean(lambda level: _entropy(of, level))
    yield "letter_entropy", entropy
    yield "normalised_entropy", entropy / math.log(p.options)
    yield "p_correct", of.mean(lambda level: _p_gold(of, level))
    yield "p_target", of.mean(lambda level: _p_claimed(of, level))
    yield "confidence", of.mean(of.sure)
    yield "margin", of.mean(lambda level: of.sure(level) - level.runner_up * (1 - of.sure(level)))
    yield "off_letter_mass", p.off_letters
    yield "forced", 1 - p.answered * (1 - p.unread)
    yield "bounded", 0.0
    yield "loose", 0.0
    yield "brier_multi", of.mean(lambda level: _brier_multi(of, level))
    yield "nll", of.mean(lambda level: _nll(of, level))


def _rest(of: _Model, level: Level) -> float:
    """Probability of a letter that is neither answered nor the runner-up."""
    return (1 - level.runner_up) * (1 - of.sure(level)) / (of.parameters.options - 2)


def _entropy(of: _Model, level: Level) -> float:
    sure, rest = of.sure(level), _rest(of, level)
    second = level.runner_up * (1 - sure)
    return -sum(n * q * math.log(q) for n, q in ((1, sure), (1, second), (of.parameters.options - 2, rest)) if q > 0)


def _p_gold(of: _Model, level: Level) -> float:
    gold, sure = of.gold(level), of.sure(level)
    return gold * sure + (1 - gold) * level.runner_up * (1 - sure)


def _p_claimed(of: _Model, level: Level) -> float:
    gold, claimed, sure = of.gold(level), of.claimed(level), of.sure(level)
    return claimed * sure + gold * level.runner_up * (1 - sure) + (1 - gold - claimed) * _rest(of, level)


def _brier_multi(of: _Model, level: Level) -> float:
    gold, sure = of.gold(level), of.sure(level)
    second, rest = level.runner_up * (1 - sure), (of.parameters.options - 2) * _rest(of, level) ** 2
    return gold * ((1 - sure) ** 2 + second**2 + rest) + (1 - gold) * (sure**2 + (1 - second) ** 2 + rest)


def _nll(of: _Model, level: Level) -> float:
    gold, sure = of.gold(level), of.sure(level)
    return -gold * math.log(sure) - (1 - gold) * math.log(level.runner_up * (1 - sure))


def _calibration(of: _Model) -> Truths:
    right = of.right
    gap = of.mean(of.sure) - right
    within = sum(sum(level.share * (of.sure(level) - mean[1]) ** 2 for level in bin_) for bin_, mean in _bins(of))
    yield "overconfidence", gap
    for name in ("ece", "adaptive_ece", "mce"):
        yield name, abs(gap)
    yield "brier", of.mean(lambda level: of.gold(level) * (1 - of.gold(level))) + gap**2
    yield "brier_reliability", gap**2
    yield "brier_resolution", sum(mean[0] * (mean[1] - gap - right) ** 2 for _, mean in _bins(of))
    yield "brier_uncertainty", right * (1 - right)
    yield "brier_remainder", -within


def _bins(of: _Model) -> Iterator[tuple[list[Level], tuple[float, float]]]:
    """The levels of each bin of ``ece``, with their share of all items and their mean confidence."""
    for bin_ in range(BINS):
        levels = [level for level in of.parameters.levels if math.ceil(of.sure(level) * BINS) == bin_ + 1]
        share = sum(level.share for level in levels)
        if share:
            yield levels, (share, sum(level.share * of.sure(level) for level in levels) / share)


def _risk(of: _Model) -> Truths:
    right = of.right
    groups: dict[float, tuple[float, float]] = {}
    for level in of.parameters.levels:
        share, wrong = groups.get(round(of.sure(level), 9), (0.0, 0.0))
        groups[round(of.sure(level), 9)] = share + level.share, wrong + level.share * (1 - of.gold(level))
    area = passed = failed = 0.0
    for _, (share, wrong) in sorted(groups.items(), reverse=True):
        area += wrong + (failed - wrong / share * passed) * (math.log((passed + share) / passed) if passed else 0.0)
        passed, failed = passed + share, failed + wrong
    yield "aurc", area
    yield "eaurc", area - (1 - right + right * math.log(right))


def _rankings(of: _Model) -> Truths:
    base = _Model(of.parameters, "base")
    yield "auroc_p_correct", _staying(of, [base.sure(level) for level in of.parameters.levels])
    yield "auroc_max_p", _staying(of, [base.sure(level) for level in of.parameters.levels])
    yield "auroc_entropy", _staying(of, [-_entropy(base, level) for level in of.parameters.levels])


def _staying(of: _Model, scores: Sequence[float]) -> float:
    """Chance that of two items right before, one that stays right had the higher score than one that is lost."""
    levels = of.parameters.levels
    stays = [level.share * of.parameters.answered * of.kept(level) for level in levels]
    lost = [level.share * level.accuracy - kept for level, kept in zip(levels, stays)]
    ahead = sum(
        stays[i] * lost[j] * (0.5 if math.isclose(scores[i], scores[j]) else float(scores[i] > scores[j]))
        for i, j in product(range(len(levels)), repeat=2)
    )
    return ahead / (sum(stays) * sum(lost))


def _shift(of: _Model) -> float:
    """Over the roles answered before and under the claim; two other wrong options are the same one, or are not."""
    return of.mean(lambda level: sum(chance * _js(of, level, *roles) for roles, chance in _pairs(of, level).items()))


def _pairs(of: _Model, level: Level) -> Mapping[tuple[int, int], float]:
    """Chance of each pair of roles, before and under the claim."""
    k = of.parameters.options
    adopts, confused, found = of.parameters.moved(level, of.claim)
    first = [level.accuracy] + [(1 - level.accuracy) / (k - 1)] * (k - 1)
    move = [found, adopts] + [confused / (k - 2)] * (k - 2)
    stay = 1 - adopts - confused - found
    return {(i, j): first[i] * (move[j] + stay * (i == j)) for i, j in product(range(k), repeat=2)}


def _js(of: _Model, level: Level, before: int, now: int) -> float:
    base = _Model(of.parameters, "base")
    sides = []
    for model, role in ((of, now), (base, before)):
        q = [_rest(model, level)] * of.parameters.options
        q[role], q[0 if role else 1] = model.sure(level), level.runner_up * (1 - model.sure(level))
        sides.append(q)
    return sum(
        q * math.log(2 * q / (sides[0][i] + sides[1][i])) / 2 for side in sides for i, q in enumerate(side) if q > 0
    )
