"""Shares within five standard errors of what was asked for, and items of an image as alike as was asked for."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lmms_faith.simulation.fates import (
    ANSWERED,
    CLAIMED,
    FAILED,
    GOLD,
    LETTERS,
    NEVER,
    TRUNCATED,
    UNANSWERED,
    Fates,
    answer_role,
    draw,
)
from lmms_faith.simulation.parameters import Parameters

N = 100_000
OF = Parameters(images=N, each=1, correlation=0.0)
CONDITIONS = ("base", "wrong_caption", "wrong_caption_disclaimer")


@pytest.fixture(scope="module")
def fates() -> Fates:
    return draw(OF, CONDITIONS, np.random.default_rng(0))


def close(found: NDArray[np.bool_], share: float) -> bool:
    return abs(found.mean() - share) < 5 * np.sqrt(share * (1 - share) / found.size) + 1e-12


def test_what_is_answered_comes_in_the_shares_asked_for(fates: Fates) -> None:
    for number, level in enumerate(OF.levels):
        mine = fates["level"] == number
        assert close(mine, level.share)
        base, plain, hedged = (fates[claim][mine] for claim in ("base", "plain", "hedged"))
        assert close(base == GOLD, level.accuracy)
        for role in range(1, OF.options):
            assert close(base == role, (1 - level.accuracy) / (OF.options - 1))
        right = base == GOLD
        assert close(plain[right] == CLAIMED, level.adopts)
        assert close(plain[right] > CLAIMED, OF.confused)
        assert close(plain[~right] == GOLD, OF.found)
        moved = right & (plain != GOLD)
        assert close(hedged[moved] == GOLD, OF.returns)
        assert (hedged[~moved & right] == GOLD).all()


def test_completions_end_in_the_shares_asked_for(fates: Fates) -> None:
    for condition in CONDITIONS:
        ending = fates[f"{condition}.ending"]
        ran = ending != FAILED
        assert close(~ran, OF.failed)
        shares = {ANSWERED: OF.answered, UNANSWERED: OF.unanswered, TRUNCATED: OF.truncated}
        assert all(close(ending[ran] == which, share) for which, share in shares.items())
        assert close(fates[f"{condition}.unread"], OF.unread)
        assert close(fates[f"{condition}.unsure"], OF.unsure)
        assert close(fates[f"{condition}.template"], OF.template)
        assert fates[f"{condition}.words"].mean() == pytest.approx(OF.words, abs=0.1)
        assert fates[f"{condition}.off"].mean() == pytest.approx(OF.off_letters, abs=0.001)


def test_thoughts_end_elsewhere_in_the_shares_asked_for(fates: Fates) -> None:
    for condition in CONDITIONS:
        role, conclusion = answer_role(fates, condition), fates[f"{condition}.conclusion"]
        assert close((conclusion != role)[role == CLAIMED], OF.inconsistent_misled)
        assert close((conclusion != role)[role != CLAIMED], OF.inconsistent)
        assert close(fates[f"{condition}.told"] == NEVER, OF.open)
        assert close(fates[f"{condition}.told"] == LETTERS, OF.by_letters)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.8, 1.0])
def test_items_of_an_image_are_as_alike_as_asked_for_in_everything(correlation: float) -> None:
    of = Parameters(images=20_000, each=2, correlation=correlation)
    fates = draw(of, CONDITIONS, np.random.default_rng(0))
    right = {claim: fates[claim] == GOLD for claim in ("base", "plain")}
    quantities = {
        "right": right["plain"],
        "lost": right["base"] & ~right["plain"],
        "truncated": fates["base.ending"] == TRUNCATED,
        "words": fates["wrong_caption.words"],
        "off": fates["wrong_caption_disclaimer.off"],
    }
    for name, values in quantities.items():
        pairs = values.astype(float).reshape(-1, 2)
        assert np.corrcoef(pairs.T)[0, 1] == pytest.approx(correlation, abs=0.05), name


def test_the_same_generator_draws_the_same_fates() -> None:
    first, second, other = (draw(Parameters(images=9), CONDITIONS, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all((first[name] == second[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)
