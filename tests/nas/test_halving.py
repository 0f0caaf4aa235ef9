"""Laws of a promotion: how many, and who."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import Oracle, Space, Trial, make_rng
from course_lib.nas.search import promoted, successive_halving

SPACE = Space((5, 5, 5))
rungs = st.lists(st.integers(-3, 3).map(float) | st.floats(allow_nan=False), min_size=1)


def measure(arch, fidelity=1):
    return Trial(arch, sum(arch) / 12, cost=float(fidelity))


@given(rungs, st.integers(2, 5))
def test_promoted_are_those_whom_fewest_others_beat(values, eta):
    """i is promoted as number r if r others are larger, or equal and earlier."""
    beaten = [
        sum(other > mine or (other == mine and j < i) for j, other in enumerate(values))
        for i, mine in enumerate(values)
    ]
    kept = max(1, math.floor(len(values) / eta))
    assert promoted(values, eta=eta) == [beaten.index(rank) for rank in range(kept)]


@pytest.mark.parametrize(
    ("values", "eta", "said"),
    [
        ([0.5], 1, "expected eta >= 2, got 1"),
        ([], 2, "expected one or more values"),
        ([0.5, math.nan], 2, "none of them nan"),
    ],
)
def test_senseless_rungs_are_refused(values, eta, said):
    with pytest.raises(ValueError, match=said):
        promoted(values, eta=eta)


@pytest.mark.parametrize("answer", [None, [], [0, 0], [4], [True, 0.5]])
def test_a_promotion_of_another_kind_is_named(answer):
    def my_promotion(values, *, eta):
        return answer

    with pytest.raises(ValueError, match=r"promote=my_promotion returned .*different indices"):
        successive_halving(
            SPACE, Oracle(measure, 9), make_rng(0), candidates=4, promote=my_promotion
        )
