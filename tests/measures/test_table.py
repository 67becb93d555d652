from collections import Counter

from lmms_faith.measures import FAMILIES, MEASURES


def test_a_measure_is_in_one_family_alone() -> None:
    names = [measure.name for family in FAMILIES.values() for measure in family]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert names == list(MEASURES)


def test_a_measure_is_found_by_its_name() -> None:
    assert {name: measure.name for name, measure in MEASURES.items()} == {name: name for name in MEASURES}


def test_every_number_that_was_promised_is_there() -> None:
    promised = """
        answered extracted abstained truncated failed forced bounded loose
        acc acc_drop worst_case_acc misled_rate misled_among_right text_preference flip_rate right_to_wrong
        wrong_to_right recovery
        consistency consistency_worst consistency_best consistent_acc consistent_wrong inconsistent_correct
        inconsistent_wrong consistency_among_correct consistency_among_misled
        letter_entropy normalised_entropy p_correct p_target margin js_shift off_letter_mass
        ece adaptive_ece mce brier brier_reliability brier_resolution brier_uncertainty nll overconfidence
        aurc eaurc auroc_p_correct auroc_entropy auroc_max_p thought_length template_rate
    """
    assert set(promised.split()) <= set(MEASURES)
