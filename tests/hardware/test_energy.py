"""The expected energy of a schedule is the mean over all 2^k sets of updated layers."""

from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.hardware.energy import expected_energy, step_energy

COSTS = st.floats(0, 100)
LAYERS = st.lists(st.tuples(st.floats(0, 1), COSTS, COSTS, COSTS, COSTS), min_size=1, max_size=6)


def by_masks(p, forward, input_gradient, weight_gradient, update):
    """Every mask with its probability, and what autograd would do under it."""
    total = 0.0
    for mask in product((False, True), repeat=len(p)):
        chance = prod(q if on else 1 - q for q, on in zip(p, mask, strict=True))
        energy = sum(forward)
        if any(mask):
            energy += sum(input_gradient[mask.index(True) + 1 :])
        energy += sum(weight_gradient[i] + update[i] for i, on in enumerate(mask) if on)
        total += chance * energy
    return total


@given(LAYERS)
def test_the_formula_is_the_mean_over_all_masks(layers):
    columns = list(zip(*layers, strict=True))
    assert expected_energy(*columns) == pytest.approx(by_masks(*columns), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "p, saved", [((0.1, 0.3, 0.5), 0.454), ((0.3,) * 3, 0.411), ((0.5, 0.3, 0.1), 0.369)]
)
def test_three_equal_layers_save_what_halo_says(p, saved):
    """HALO measured up to 45.42 % for 10-30-50; dense costs 3 forward, 2 back, 3 weights."""
    ones, free = [1.0] * 3, [0.0] * 3
    assert 1 - expected_energy(p, ones, ones, ones, free) / 8 == pytest.approx(saved, abs=5e-4)


def test_a_step_pays_for_the_layers_above_the_lowest_updated_one():
    costs = ([1, 2, 3], [10, 20, 30], [100, 200, 300], [1000, 2000, 3000])
    assert step_energy([False, True, False], *costs) == 6 + 30 + 200 + 2000
    assert step_energy([False, False, False], *costs) == 6


@pytest.mark.parametrize(
    "p, costs, said",
    [
        ([0.5], [[1.0]] * 3 + [[1.0, 1.0]], "four costs for every layer"),
        ([], [[]] * 4, "0 probabilities"),
        ([1.5], [[1.0]] * 4, "from 0 to 1"),
        ([float("nan")], [[1.0]] * 4, "from 0 to 1"),
        ([0.5], [[1.0]] * 3 + [[-1.0]], "at least 0"),
    ],
)
def test_bad_lists_are_refused(p, costs, said):
    with pytest.raises(ValueError, match=said):
        expected_energy(p, *costs)
