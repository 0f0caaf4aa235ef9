"""A form is the identity of a cell: equal forms are the same function, different forms are not."""

from collections import defaultdict
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from course_lib.nas.canonical import EDGES, INPUT, KERNELS, Form, canonical_form
from course_lib.nas.cells import OPERATIONS, CellSpace

cells = st.tuples(*[st.sampled_from(OPERATIONS)] * len(EDGES))


@pytest.fixture(scope="module")
def forms() -> dict[tuple[int, ...], Form]:
    space = CellSpace()
    return {arch: space.canonical(arch) for arch in space}


class Algebra:
    """Cells as functions on vectors: pooling a random linear map, convolutions random functions.

    A value is (naming, vector): every naming gives the convolutions on the six edges distinct
    names in its own way, and a convolution is a function of kernel and name.
    """

    def __init__(self, size: int = 6) -> None:
        rng = np.random.default_rng(0)
        self.namings = np.array(list(permutations(range(len(EDGES)))))
        self.start = np.tile(rng.normal(size=size), (len(self.namings), 1))
        self.pool = rng.normal(size=(size, size)) / np.sqrt(size)
        self.weights = rng.normal(size=(2, len(EDGES), size, size)) / np.sqrt(size)
        self.shifts = rng.normal(size=(2, len(EDGES), size))
        self.readout = rng.normal(size=(size, size))

    def edge(self, operation: str, edge: int, value: np.ndarray) -> np.ndarray:
        if operation == "none" or not value.any():
            return np.zeros_like(value)
        if operation == "skip_connect":
            return value
        if operation == "avg_pool_3x3":
            return value @ self.pool
        names = self.namings[:, edge]
        kind = sorted(KERNELS).index(operation)
        mixed = np.einsum("nij,nj->ni", self.weights[kind, names], value)
        return np.sin(mixed + self.shifts[kind, names])

    def fingerprint(self, output: np.ndarray) -> np.ndarray:
        """A function of the set of outputs over all namings, so that names do not matter."""
        return np.tanh(output @ self.readout).mean(0)

    def fingerprints(self) -> np.ndarray:
        """Of all cells in lexicographic order, sharing what their first nodes have in common."""
        found = []
        for a in OPERATIONS:
            node1 = self.edge(a, 0, self.start)
            first = {op: self.edge(op, 4, node1) for op in OPERATIONS}
            direct = {op: self.edge(op, 3, self.start) for op in OPERATIONS}
            for b in OPERATIONS:
                for c in OPERATIONS:
                    node2 = self.edge(b, 1, self.start) + self.edge(c, 2, node1)
                    second = {op: self.edge(op, 5, node2) for op in OPERATIONS}
                    found += [
                        self.fingerprint(direct[d] + first[e] + second[f])
                        for d in OPERATIONS
                        for e in OPERATIONS
                        for f in OPERATIONS
                    ]
        return np.array(found)


def test_equal_forms_are_equal_functions_and_different_forms_are_not(forms) -> None:
    groups = defaultdict(list)
    for print_, form in zip(Algebra().fingerprints(), forms.values(), strict=True):
        groups[form].append(print_)
    within = max(np.ptp(np.array(group), axis=0).max() for group in groups.values())
    nearest, _ = cKDTree([group[0] for group in groups.values()]).query(
        [group[0] for group in groups.values()], k=2
    )
    # rounding stays below 1e-12; two random vectors of 5,000 in six dimensions are far apart
    assert within < 1e-12
    assert nearest[:, 1].min() > 1e-7


def test_the_cells_have_5044_forms_and_as_many_spellings(forms) -> None:
    assert len(forms) == 15_625
    assert len(set(forms.values())) == len({str(form) for form in forms.values()}) == 5044


@given(cells)
def test_nodes_without_an_edge_between_them_can_be_swapped(cell) -> None:
    a, b, _, c, d, e = cell
    assert canonical_form((a, b, "none", c, d, e))[0] == canonical_form((b, a, "none", c, e, d))[0]


@given(cells)
def test_a_skip_in_a_chain_moves_freely(cell) -> None:
    a, b, *_ = cell
    chain = [
        (a, "none", b, "none", "none", "skip_connect"),
        (a, "none", "skip_connect", "none", "none", b),
        ("skip_connect", "none", a, "none", "none", b),
        (a, "none", "none", "none", b, "none"),
    ]
    assert len({canonical_form(cell)[0] for cell in chain}) == 1


@given(cells)
def test_labels_name_the_live_convolutions(cell) -> None:
    form, labels = canonical_form(cell)
    live = [label for label in labels if label is not None]
    assert sorted(live) == list(range(len(form.convs)))
    for operation, label in zip(cell, labels, strict=True):
        if label is not None:
            assert form.convs[label].kernel == KERNELS[operation]
    for i, conv in enumerate(form.convs):
        assert conv.reads
        assert all(base == INPUT or base < i for base, _, _ in conv.reads)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # twice one convolution; two convolutions
        (
            ("nor_conv_3x3", "none", "skip_connect", "none", "skip_connect", "skip_connect"),
            ("nor_conv_3x3", "nor_conv_3x3", "none", "none", "skip_connect", "skip_connect"),
        ),
        # a convolution of x; the same of 2 x
        (
            ("skip_connect", "skip_connect", "skip_connect", "none", "none", "nor_conv_1x1"),
            ("skip_connect", "none", "skip_connect", "none", "none", "nor_conv_1x1"),
        ),
    ],
)
def test_shared_weights_and_multiples_are_respected(one, other) -> None:
    assert canonical_form(one)[0] != canonical_form(other)[0]


def test_pooling_is_distributed_over_sums() -> None:
    late = ("nor_conv_3x3", "skip_connect", "skip_connect", "none", "none", "avg_pool_3x3")
    early = ("nor_conv_3x3", "none", "none", "avg_pool_3x3", "avg_pool_3x3", "none")
    assert canonical_form(late)[0] == canonical_form(early)[0]
    assert str(canonical_form(late)[0]) == "a = 3x3(x); pool(x) + pool(a)"


def test_what_reads_zero_or_reaches_nothing_has_no_weights() -> None:
    reads_zero = ("none", "none", "none", "skip_connect", "nor_conv_3x3", "nor_conv_1x1")
    reaches_nothing = ("nor_conv_3x3", "nor_conv_1x1", "none", "skip_connect", "none", "none")
    assert str(canonical_form(reads_zero)[0]) == str(canonical_form(reaches_nothing)[0]) == "x"
