"""Fronts against all pairs, hypervolume against cells that are counted, searches within budget."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import Space, make_rng
from course_lib.hardware.codesign import (
    Corner,
    Pairs,
    architecture_first,
    front,
    hardware_first,
    hypervolume,
    joint_front,
    share_of_front,
)
from course_lib.hardware.codesign_search import (
    Design,
    Notes,
    search_architecture_first,
    search_front,
    search_hardware_first,
    search_jointly,
)
from course_lib.nas.search import random_search

POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12)


@given(POINTS)
def test_the_front_is_what_no_other_point_beats(points) -> None:
    gain, price = np.array(points, dtype=float).T
    best = front(gain, price)
    for i, (a, c) in enumerate(points):
        beaten = any(x >= a and y <= c and (x, y) != (a, c) for x, y in points)
        first = points.index((a, c)) == i
        assert (i in best) == (not beaten and first)
    assert (np.diff(gain[best]) > 0).all()
    assert (np.diff(price[best]) > 0).all()


@given(POINTS, st.integers(0, 7), st.integers(0, 7))
def test_hypervolume_counts_the_unit_cells_that_are_dominated(points, least, most) -> None:
    gain, price = np.array(points, dtype=float).T
    cells = sum(
        any(a > x and c <= y for a, c in points) for x in range(least, 7) for y in range(most)
    )
    assert hypervolume(gain, price, Corner(least, most)) == cells


def drawn(seed: int = 0, networks: int = 30, chips: int = 4):
    """What is more accurate costs more, on the whole."""
    rng = np.random.default_rng(seed)
    accuracy = rng.uniform(0, 1, networks)
    cost = (1 + 9 * accuracy[:, None]) * rng.uniform(1, 2, (networks, chips))
    return accuracy, cost.mean(1), cost


@pytest.mark.parametrize("seed", range(5))
def test_the_joint_front_is_that_of_all_pairs_and_nothing_passes_it(seed: int) -> None:
    accuracy, macs, cost = drawn(seed)
    whole = joint_front(accuracy, cost)
    every = front(np.repeat(accuracy, cost.shape[1]), cost.ravel())
    assert sorted(cost[whole]) == sorted(cost.ravel()[every])
    assert share_of_front(accuracy, cost, whole) == pytest.approx(1)
    for pairs in (architecture_first(accuracy, macs, cost), hardware_first(accuracy, cost, 3)):
        assert 0 <= share_of_front(accuracy, cost, pairs) <= 1 + 1e-12


def test_where_all_networks_want_one_chip_nothing_is_lost() -> None:
    accuracy, macs, _ = drawn()
    cost = macs[:, None] * np.array([3.0, 1.0, 2.0])
    assert share_of_front(accuracy, cost, architecture_first(accuracy, macs, cost)) == 1
    assert share_of_front(accuracy, cost, hardware_first(accuracy, cost, 7)) == 1


def test_hardware_first_takes_the_reference_s_best_chip() -> None:
    accuracy, cost = np.array([0.1, 0.5, 0.9]), np.array([[1.0, 2], [3, 4], [8, 5]])
    assert set(hardware_first(accuracy, cost, 2).chip) == {1}
    assert set(hardware_first(accuracy, cost, 0).chip) == {0}


def test_a_front_of_one_point_has_no_shares() -> None:
    with pytest.raises(ValueError, match="one point"):
        share_of_front(np.ones(3), np.ones((3, 2)), Pairs(np.array([0]), np.array([0])))


def small_design() -> Design:
    space = Space([3] * 4)
    accuracy, macs, cost = drawn(1, networks=space.size, chips=8)
    return Design(space, {arch: i for i, arch in enumerate(space)}, accuracy, macs, cost)


@pytest.mark.parametrize(
    "search", [search_jointly, search_hardware_first, search_architecture_first]
)
def test_a_search_keeps_its_budget_and_finds_only_pairs_that_exist(search) -> None:
    design = small_design()
    first = search(design, make_rng(3), random_search, budget=150)
    again = search(design, make_rng(3), random_search, budget=150)
    np.testing.assert_array_equal(first, again)
    assert len(first.network) <= 150
    assert 0 < share_of_front(design.accuracy, design.cost, first) <= 1
    if search is not search_architecture_first:
        assert len(first.network) == 150
    if search is search_hardware_first:
        assert len(set(first.chip[8:])) == 1


def test_the_architecture_that_was_designed_first_chooses_the_chip() -> None:
    design = small_design()
    found = search_architecture_first(design, make_rng(0), random_search, budget=150)
    assert len(set(found.network[:8])) == 1
    assert set(found.chip[8:]) == {design.cost[found.network[0]].argmin()}


def test_five_targets_share_the_budget() -> None:
    notes, design = Notes(small_design()), small_design()
    search_front(
        design.space,
        lambda arch: notes.pair(design.rows[arch], 0),
        make_rng(0),
        random_search,
        budget=61,
    )
    assert len(notes.asked) == 61


def test_a_budget_that_the_accelerators_use_up_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves 4 evaluations"):
        search_architecture_first(small_design(), make_rng(0), budget=20)
