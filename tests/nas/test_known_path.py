"""`sampled_op` in the cell space: its path is known before the pass, and computed as one."""

import copy
from itertools import product

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.canonical import EDGES
from course_lib.nas.known_path import known_path
from course_lib.nas.supernet import sampled_op
from tests.nas.stand_alone import SPACE, images, supernet

WAYS = [[(0, 3)], [(0, 1), (1, 3)], [(0, 2), (2, 3)], [(0, 1), (1, 2), (2, 3)]]
"""Every way through the cell, node by node."""


def edge_by_edge(operations, x, weights):
    """`sampled_op` under another name: of it nobody knows what it will ask for."""
    return sampled_op(operations, x, weights)


def test_an_edge_counts_when_a_way_from_input_to_output_takes_it() -> None:
    for open_edges in product([False, True], repeat=len(EDGES)):
        arch = tuple(int(is_open) for is_open in open_edges)  # "none" or "skip_connect"
        carried = {edge for edge, is_open in zip(EDGES, open_edges, strict=True) if is_open}
        on_a_way = {edge for way in WAYS if carried.issuperset(way) for edge in way}
        steps = known_path(SPACE.one_hot(arch), SPACE.operations).steps
        assert {EDGES[edge] for _, _, edges in steps for edge in edges} == on_a_way
        assert all(EDGES[edge][0] == node for node, _, edges in steps for edge in edges)


@pytest.mark.parametrize("arch", [(3, 3, 2, 3, 2, 1), (2, 2, 3, 2, 3, 4), (3, 2, 0, 4, 4, 0)])
@pytest.mark.parametrize("plain", [True, False])
def test_convolutions_of_a_path_side_by_side_equal_those_one_by_one(arch, plain) -> None:
    """Scores, gradients and running statistics; float64: what is left is rounding."""
    weights = SPACE.one_hot(arch).double()
    if not plain:
        weights += 0.3 * torch.rand(6, 5, dtype=torch.float64, generator=make_rng(1))
    joint = supernet(mixed_op=sampled_op).double().train()
    apart = copy.deepcopy(joint)
    apart.mixed_op = edge_by_edge
    found = []
    for net in (joint, apart):
        own = weights.clone().requires_grad_(not plain)
        scores = net(images().x.double(), own)
        wanted = [*net.parameters()] if plain else [own, *net.parameters()]
        loss = scores.square().sum()
        found.append([scores, *torch.autograd.grad(loss, wanted, materialize_grads=True)])
    torch.testing.assert_close(*found, rtol=1e-9, atol=1e-9)
    heard = all(choice != 0 for choice in arch)
    if heard:  # else `apart` also normalises what nobody hears
        torch.testing.assert_close(joint.state_dict(), apart.state_dict())


def test_what_nobody_hears_is_not_computed() -> None:
    """Node 2 is read by no one: neither the weights nor the statistics of its edges move."""
    net = supernet(mixed_op=sampled_op).train()
    before = copy.deepcopy(net.state_dict())
    net(images().x, SPACE.one_hot((3, 2, 3, 4, 3, 0)))
    moved = {name for name, value in net.state_dict().items() if not value.equal(before[name])}
    in_cells = {name.split(".edges.")[1].split(".")[0] for name in moved if ".edges." in name}
    assert in_cells == {"0", "4"}


def test_several_paths_may_wait_for_one_backward_pass() -> None:
    """Side by side or alone, a convolution moves its statistics without harm to earlier passes."""
    net = supernet(mixed_op=sampled_op).train()
    paths = [SPACE.one_hot(arch) for arch in ((3, 2, 1, 1, 3, 1), (3, 3, 1, 3, 3, 1))]
    together = sum(net(images().x, path).square().sum() for path in paths)
    gradients = torch.autograd.grad(together, net.body.stem[0].weight)
    alone = [
        torch.autograd.grad(net(images().x, path).square().sum(), net.body.stem[0].weight)[0]
        for path in paths
    ]
    torch.testing.assert_close(gradients[0], alone[0] + alone[1])
