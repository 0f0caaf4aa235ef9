"""A cell is derived from a relaxed one, and what deciding costs."""

from itertools import combinations

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.derive import derive, discretization_gap, entropy
from tests.nas.small_nets import SPACE, pictures, same, search, small_net


# --- derivation
def test_a_cell_is_derived_edge_by_edge_and_none_may_win():
    for arch in (SPACE.sample(make_rng(0)), (0,) * 6, (4, 3, 2, 1, 0, 0)):
        noise = torch.rand(6, 5, generator=make_rng(1)) / 2
        assert derive(SPACE, SPACE.one_hot(arch) + noise) == arch


def test_each_darts_node_keeps_its_two_best_edges_and_never_none():
    """By enumeration: no pair of edges and no operations other than none are stronger."""
    space = DartsSpace(nodes=3)
    alpha = 2 * torch.randn(space.edges, len(space.operations), generator=make_rng(0))
    alpha[:, space.operations.index("none")] += 2
    weights = alpha.softmax(-1)
    for cell, nodes in enumerate(space.genotype(derive(space, alpha)).values()):
        own = weights[cell * len(space.cell_edges) :]
        for target, node in enumerate(nodes, start=2):

            def strength(source, name, own=own, target=target):
                row = space.cell_edges.index((source, target))
                return float(own[row, space.operations.index(name)])

            best = max(
                combinations(range(target), 2),
                key=lambda pair: sorted(
                    (max(strength(one, name) for name in space.choosable) for one in pair),
                    reverse=True,
                ),
            )
            assert tuple(source for source, _ in node) == best
            for source, name in node:
                assert name != "none"
                assert strength(source, name) == max(strength(source, n) for n in space.choosable)


def test_deriving_a_one_hot_architecture_gives_it_back():
    space = DartsSpace(nodes=2)
    for seed in range(5):
        arch = space.sample(make_rng(seed))
        assert derive(space, 5 * space.one_hot(arch)) == arch


def test_a_darts_edge_counts_with_its_softmax_weight_not_its_logit():
    """Row 0 has the largest logit, but "none" takes nearly all of its weight."""
    space = DartsSpace(nodes=2)
    none, skip = (space.operations.index(name) for name in ("none", "skip_connect"))
    alpha = torch.zeros(space.edges, len(space.operations))
    alpha[:, skip] = 1
    to_node_3 = [row for row, (_, end) in enumerate(space.cell_edges) if end == 3]
    alpha[to_node_3[0], skip], alpha[to_node_3[0], none] = 2, 9
    _, node = space.genotype(derive(space, alpha))["normal"]
    assert [source for source, _ in node] == [1, 2]


def test_alphas_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"alpha must have shape \(6, 5\).*got \(5, 6\)"):
        derive(SPACE, torch.zeros(5, 6))


def test_entropy_is_zero_for_a_choice_and_log_k_for_none():
    assert entropy(torch.eye(4)).tolist() == [0] * 4
    torch.testing.assert_close(entropy(torch.full((3, 4), 0.25)), torch.full((3,), 4.0).log())
    p = torch.rand(10, 4, generator=make_rng(0), dtype=torch.float64).softmax(-1)
    expected = torch.distributions.Categorical(probs=p).entropy()
    torch.testing.assert_close(entropy(p), expected)


def test_a_mixture_that_is_a_path_has_no_discretization_gap():
    net = small_net()
    search(net=net, epochs=5)
    weights = dict(net.named_parameters())
    before = {name: value.clone() for name, value in weights.items()}
    arch = SPACE.sample(make_rng(3))
    gap = discretization_gap(net, 1e3 * SPACE.one_hot(arch), pictures(1), pictures(2))
    assert gap.gap == 0
    assert gap.mixture == gap.derived > 0
    assert same(before, weights)
