"""The DARTS space: genotypes and strings, and networks that compute what the paper describes."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import make_rng
from course_lib.nas.darts_space import OPERATIONS, DartsSpace

SPACE = DartsSpace()
archs = st.tuples(*[st.integers(0, count - 1) for count in SPACE.choices])


# --- the space ---
def test_two_incoming_edges_and_two_operations_per_node_of_both_cells() -> None:
    # node j picks 2 of j + 2 earlier maps and one of 5 operations for each: 1, 3, 6 pairs
    assert SPACE.size == ((1 * 25) * (3 * 25) * (6 * 25)) ** 2
    assert SPACE.edges == 2 * (2 + 3 + 4)
    assert SPACE.cell_edges == (
        (0, 2), (1, 2), (0, 3), (1, 3), (2, 3), (0, 4), (1, 4), (2, 4), (3, 4),
    )  # fmt: skip


@given(archs)
def test_parse_undoes_describe_and_encode_undoes_genotype(arch) -> None:
    assert SPACE.parse(SPACE.describe(arch)) == arch
    genotype = SPACE.genotype(arch)
    assert SPACE.encode(genotype) == arch
    assert list(genotype) == ["normal", "reduction"]
    for nodes in genotype.values():
        for number, ((one, first), (other, second)) in enumerate(nodes, start=2):
            assert 0 <= one < other < number
            assert "none" not in (first, second)


@given(archs)
def test_one_hot_marks_the_edges_of_the_genotype_and_no_other(arch) -> None:
    weights = SPACE.one_hot(arch)
    assert torch.equal(weights.sum(1), torch.ones(SPACE.edges))
    marked = {
        (("normal", "reduction")[row >= 9], *SPACE.cell_edges[row % 9], OPERATIONS[k])
        for row, k in weights.nonzero().tolist()
        if OPERATIONS[k] != "none"
    }
    assert marked == {
        (cell, source, target, name)
        for cell, nodes in SPACE.genotype(arch).items()
        for target, node in enumerate(nodes, start=2)
        for source, name in node
    }


def test_a_space_without_none_leaves_rows_of_zeros() -> None:
    space = DartsSpace(2, ("skip_connect", "sep_conv_3x3"))
    weights = space.one_hot(space.sample(make_rng(0)))
    assert weights.shape == (10, 2)
    assert sorted(weights.sum(1).tolist()) == [0.0] * 2 + [1.0] * 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("normal: 2 = a(0) + b(1)", 'expected "normal: ... | reduction: ..."'),
        ("a | b", 'expected "normal: 2 = ..."'),
        ("normal: 2 = skip_connect(0) | reduction: ", 'normal cell: expected "2 = operation'),
        ("normal: {0} | reduction: {1}", "reduction cell, node 2 reads 1, 0"),
        ("normal: {0} | reduction: {2}", "reduction cell, node 2 reads 0, 2"),
        ("normal: {3} | reduction: {0}", "normal cell, node 2: unknown word 'none'"),
        ("normal: {0} | reduction: {4}", "did you mean 'sep_conv_3x3'"),
        ("normal: {0}; {0} | reduction: {0}", 'normal cell: expected "3 = '),
    ],
)
def test_a_wrong_string_is_told_what_is_wrong(text: str, said: str) -> None:
    nodes = [
        f"2 = {first}({one}) + skip_connect({other})"
        for first, one, other in (
            ("sep_conv_3x3", 0, 1),
            ("sep_conv_3x3", 1, 0),
            ("sep_conv_3x3", 0, 2),
            ("none", 0, 1),
            ("sep_conv3x3", 0, 1),
        )
    ]
    with pytest.raises(ValueError, match=re.escape(said)):
        DartsSpace(1).parse(text.format(*nodes))


def test_a_genotype_of_too_few_nodes_is_refused() -> None:
    genotype = DartsSpace(2).genotype((0,) * 12)
    with pytest.raises(ValueError, match="normal cell: expected 3 nodes, got 2"):
        SPACE.encode(genotype)


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"nodes": 0}, "nodes must be at least 1"),
        ({"operations": ("skip",)}, "did you mean 'skip_connect'"),
        ({"operations": ("none", "none")}, "once"),
        ({"operations": ("none",)}, "besides none"),
    ],
)
def test_wrong_spaces_are_refused(given_, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DartsSpace(**given_)
