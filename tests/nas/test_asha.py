"""ASHA's decision: compared with the definition, over all small histories."""

from itertools import combinations, permutations, product

import pytest

from course_lib.nas.asha import asha_decision

VALUES = (0.1, 0.4, 0.7, 0.4)  # of candidates 0 to 3, two of them equal


def subsets(items):
    return [set(some) for n in range(len(items) + 1) for some in combinations(items, n)]


def rivals(rung, candidate):
    """How many are ahead of the candidate."""
    own = rung[candidate]
    return sum(v > own or (v == own and c < candidate) for c, v in rung.items())


def expected(rungs, promoted, eta):
    """By counting, without sorting: all pairs that may go up, then the one that goes first."""
    may = [
        (-k, rivals(rung, candidate), candidate)
        for k, rung in enumerate(rungs[:-1])
        for candidate in rung
        if eta * (rivals(rung, candidate) + 1) <= len(rung) and candidate not in promoted[k]
    ]
    return (min(may)[2], 1 - min(may)[0]) if may else None


@pytest.mark.parametrize("eta", [2, 3, 4])
def test_every_history_of_four_candidates_and_two_rungs(eta):
    for order in permutations(range(4)):
        for n in range(5):
            rung = {candidate: VALUES[candidate] for candidate in order[:n]}
            for gone in subsets(rung):
                asked = [rung, {}], [gone, set()], eta
                assert asha_decision(*asked[:2], eta=eta) == expected(*asked)


@pytest.mark.parametrize("eta", [2, 3])
def test_histories_of_three_rungs_look_from_the_top_downwards(eta):
    lowest = dict(zip((5, 0, 3, 1, 4, 2), (0.3, 0.9, 0.3, 0.8, 0.7, 0.1), strict=True))
    found = set()
    for second, third in product(subsets((0, 1, 3, 4)), subsets((0, 1))):
        rungs = [lowest, {c: 1 - lowest[c] for c in second}, dict.fromkeys(third, 0.5)]
        for gone in subsets(sorted(second)):
            promoted = [second, gone, set()]
            found.add(asha_decision(rungs, promoted, eta=eta))
            assert asha_decision(rungs, promoted, eta=eta) == expected(rungs, promoted, eta)
    assert {None, (0, 1)} < found
    assert {rung for _, rung in found - {None}} == {1, 2}


def test_nothing_goes_up_before_eta_have_finished_nor_out_of_the_top():
    assert asha_decision([{}, {}], [set(), set()], eta=2) is None
    assert asha_decision([{7: 0.5}, {}], [set(), set()], eta=2) is None
    assert asha_decision([{7: 0.5, 9: 0.6}, {}], [set(), set()], eta=2) == (9, 1)
    assert asha_decision([{7: 0.5, 9: 0.6}], [set()], eta=2) is None


def test_the_history_is_left_as_it_was():
    rungs, promoted = [{1: 0.5, 0: 0.5}, {}], [set(), set()]
    asha_decision(rungs, promoted, eta=2)
    assert rungs == [{1: 0.5, 0: 0.5}, {}]
    assert promoted == [set(), set()]


@pytest.mark.parametrize("eta", [1, 0, -3])
def test_eta_below_two_is_refused(eta):
    with pytest.raises(ValueError, match="at least 2"):
        asha_decision([{}, {}], [set(), set()], eta=eta)


def test_a_missing_set_of_the_promoted_is_refused():
    with pytest.raises(ValueError, match="each of 3 rungs, got 1"):
        asha_decision([{}, {}, {}], [set()], eta=2)
