"""Laws of search spaces, with and without a stop; the oracle is enumeration of all tuples."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from course_lib.core import Space, make_rng


@st.composite
def spaces(draw):
    choices = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    stop = draw(st.none() | st.integers(0, min(choices) - 1))
    return Space(choices, stop=stop)


def padded(arch, stop):
    """Everything after the first stop is stop."""
    if stop not in arch:
        return arch
    return arch[: arch.index(stop)] + (stop,) * len(arch[arch.index(stop) :])


def strings_of(space):
    return [padded(arch, space.stop) for arch in product(*map(range, space.choices))]


@given(spaces())
def test_iteration_size_and_membership_agree_with_brute_force(space):
    strings = set(strings_of(space))
    assert list(space) == sorted(strings)
    assert space.size == len(strings)
    for arch in product(*map(range, space.choices)):
        assert (arch in space) == (arch in strings)


@given(spaces(), st.integers(0, 1000))
def test_samples_mutants_and_neighbours_lie_in_the_space(space, seed):
    rng = make_rng(seed)
    arch = space.sample(rng)
    assert arch in space
    neighbours = space.neighbours(arch)
    assert arch not in neighbours
    assert len(set(neighbours)) == len(neighbours)
    assert all(other in space for other in neighbours)
    if neighbours:
        assert space.mutate(arch, rng) in neighbours


@given(spaces())
def test_mutation_probabilities_sum_to_one_over_the_neighbours(space):
    for arch in space:
        chances = {other: space.mutation_probability(arch, other) for other in space}
        likely = {other for other, chance in chances.items() if chance > 0}
        assert likely == set(space.neighbours(arch))
        if likely:
            assert sum(chances.values()) == pytest.approx(1, abs=1e-12)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3))
def test_without_a_stop_proposals_are_symmetric_and_differ_in_one_decision(choices):
    space = Space(choices)
    for arch in space:
        for other in space:
            forward = space.mutation_probability(arch, other)
            assert forward == space.mutation_probability(other, arch)
            differences = sum(a != b for a, b in zip(arch, other, strict=True))
            assert (forward > 0) == (differences == 1)


def test_with_a_stop_cutting_short_is_easier_than_growing_back():
    space = Space((3, 3, 3), stop=0)
    assert space.mutation_probability((1, 2, 1), (0, 0, 0)) > 0
    assert space.mutation_probability((0, 0, 0), (1, 2, 1)) == 0


@pytest.mark.parametrize(
    "space", [Space((2, 3, 4)), Space((3, 3, 3), stop=0)], ids=["plain", "stop"]
)
def test_mutants_are_as_frequent_as_their_probabilities(space):
    rng = make_rng(0)
    for arch in [next(iter(space)), (1, 2, 1)]:
        counts = Counter(space.mutate(arch, rng) for _ in range(2000))
        others = space.neighbours(arch)
        expected = [2000 * space.mutation_probability(arch, other) for other in others]
        # false alarm 1e-4 per architecture, and the seed is fixed
        assert chisquare([counts[other] for other in others], expected).pvalue > 1e-4


def test_samples_are_uniform_without_a_stop_and_by_decision_with_one():
    rng = make_rng(0)
    plain = Space((2, 3, 2))
    counts = Counter(plain.sample(rng) for _ in range(6000))
    assert chisquare([counts[arch] for arch in plain]).pvalue > 1e-4
    stopping = Space((3, 2, 2), stop=1)
    counts = Counter(stopping.sample(rng) for _ in range(6000))
    chances = Counter(strings_of(stopping))
    expected = [6000 * chances[arch] / 12 for arch in stopping]
    assert chisquare([counts[arch] for arch in stopping], expected).pvalue > 1e-4


@pytest.mark.parametrize(
    ("arch", "message"),
    [
        ((0, 0), "expected a tuple of 3"),
        ([0, 0, 0], "expected a tuple of 3"),
        ("000", "expected a tuple of 3"),
        ((0, 3, 0), "decision 1 is 3, expected an integer from 0 to 2"),
        ((0, -1, 0), "decision 1 is -1"),
        ((0, True, 0), "decision 1 is True"),
        ((0, 1.0, 0), r"decision 1 is 1\.0"),
        ((2, 0, 0), r"after a stop \(2\) only stops may follow"),
    ],
)
def test_what_is_wrong_with_an_architecture_is_said(arch, message):
    space = Space((3, 3, 3), stop=2)
    assert arch not in space
    for use in (space.validate, space.describe, space.neighbours):
        with pytest.raises(ValueError, match=message):
            use(arch)


@pytest.mark.parametrize(
    ("choices", "stop", "message"),
    [
        ((), None, "choices must be one or more counts"),
        ((2, 0), None, "choices must be one or more counts"),
        ((2, 3), 2, "stop must be a choice of every decision, got 2"),
        ((2, 3), -1, "stop must be a choice of every decision"),
    ],
)
def test_senseless_spaces_are_refused(choices, stop, message):
    with pytest.raises(ValueError, match=message):
        Space(choices, stop=stop)


def test_a_single_architecture_has_nothing_to_mutate():
    with pytest.raises(ValueError, match="single architecture"):
        Space((1, 1)).mutate((0, 0), make_rng(0))
