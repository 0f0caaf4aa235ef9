"""A wired network computes what its graph says, and costs what the closed form says."""

from functools import partial

import networkx as nx
import pytest
import torch
from torch import Tensor, nn

from course_lib.core import make_rng
from course_lib.datasets import cluttered_digits
from course_lib.nas.cells import CellSpace
from course_lib.nas.random_wiring import barabasi_albert, erdos_renyi, watts_strogatz
from course_lib.nas.training import accuracy, flops, train
from course_lib.nas.wired_network import (
    RandomlyWired,
    Size,
    WiredStage,
    matched_channels,
    wired_size,
)

MODELS = (
    partial(erdos_renyi, p=0.3),
    partial(barabasi_albert, m=3),
    partial(watts_strogatz, k=4, p=0.75),
)
CELLS = (
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|none~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "|nor_conv_1x1~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|nor_conv_3x3~0|none~1|nor_conv_3x3~2|",
)


def drawn(seed: int, nodes: int = 8) -> nx.Graph:
    return MODELS[seed % 3](nodes, make_rng(seed))


def shaken(network: nn.Module, seed: int) -> nn.Module:
    """All weights random, those of sums and normalisations among them; float64."""
    network = network.double()
    for weight in network.parameters():
        weight.data.normal_(generator=make_rng(seed))
    return network


def by_loop(graph: nx.Graph, stage: WiredStage, x: Tensor) -> Tensor:
    """Edge by edge, as the paper says it: from the undirected graph alone."""
    values: list[Tensor] = []
    for node in range(len(graph)):
        smaller = sorted(other for other in graph[node] if other < node)
        own = stage.nodes[node]
        total = torch.zeros_like(x)
        for place, other in enumerate(smaller):
            share = 1 / (1 + torch.exp(-own.weights[place])) if len(smaller) > 1 else 1
            total += share * values[other]
        depthwise, pointwise, norm = own.layer
        padded = nn.functional.pad((x if not smaller else total).clamp(min=0), (1, 1, 1, 1))
        rows, columns = x.shape[2:]
        summed = torch.zeros_like(x)
        for i in range(3):
            for j in range(3):
                kernel = depthwise.weight[:, 0, i, j, None, None]
                summed += kernel * padded[:, :, i : i + rows, j : j + columns]
        values.append(norm(torch.einsum("oc,ncij->noij", pointwise.weight[:, :, 0, 0], summed)))
    last = [node for node in range(len(graph)) if all(other < node for other in graph[node])]
    return sum(values[node] for node in last) / len(last)


@pytest.mark.parametrize("seed", range(9))
@pytest.mark.parametrize("training", [True, False])
def test_a_stage_is_the_slow_loop_over_its_graph(seed: int, training: bool) -> None:
    graph = drawn(seed)
    network = shaken(RandomlyWired(graph, make_rng(seed), channels=(3, 4)), seed).train(training)
    x = torch.randn(5, 3, 6, 4, dtype=torch.float64, generator=make_rng(1))
    stage = network.fine
    with torch.no_grad():
        torch.testing.assert_close(stage(x), by_loop(graph, stage, x))


def test_a_chain_is_a_sequential_network() -> None:
    """Without a choice of inputs nothing is weighed."""
    network = shaken(RandomlyWired(nx.path_graph(4), make_rng(0)), 0)
    stage = network.fine
    chain = nn.Sequential(*(part for own in stage.nodes for part in (nn.ReLU(), own.layer)))
    x = torch.randn(3, 8, 6, 6, dtype=torch.float64, generator=make_rng(1))
    torch.testing.assert_close(stage(x), chain(x))
    assert all(own.weights is None for own in stage.nodes)


@pytest.mark.parametrize("seed", range(6))
def test_parameters_and_operations_by_closed_form(seed: int) -> None:
    graph, image = drawn(seed, 6 + seed), (1, 12, 12)
    channels = (3 + seed, 11 - seed)
    network = RandomlyWired(graph, make_rng(seed), channels=channels, image=image)
    parameters = sum(weight.numel() for weight in network.parameters())
    counted = Size(parameters, flops(network, cluttered_digits(train=1, valid=1, test=1)))
    assert wired_size(graph, channels, image=image) == counted


def test_every_weight_is_trained_and_a_seed_gives_one_network() -> None:
    graph = drawn(0)
    network, again = (RandomlyWired(graph, make_rng(3), classes=7) for _ in range(2))
    x = torch.randn(4, 1, 12, 12, generator=make_rng(1))
    scores = network(x)
    assert scores.shape == (4, 7)
    torch.testing.assert_close(scores, again(x))
    scores.logsumexp(1).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in network.parameters())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("seed", range(3))
def test_the_matched_channels_are_the_best_of_all(cell: str, seed: int) -> None:
    """At most 3 % from a cell of the table in both numbers, and no neighbour is nearer."""
    space, graph = CellSpace(), drawn(seed, 12)
    task = cluttered_digits(train=1, valid=1, test=1)
    network = space.build(space.parse(cell))
    size = Size(sum(p.numel() for p in network.parameters()), flops(network, task))
    fine, coarse = matched_channels(graph, size)
    gaps = {
        (a, b): wired_size(graph, (a, b)).apart(size)
        for a in range(fine - 2, fine + 3)
        for b in range(coarse - 2, coarse + 3)
    }
    assert gaps[fine, coarse] == min(gaps.values()) < 0.03


def test_its_own_size_is_met_exactly() -> None:
    graph = drawn(1, 10)
    assert matched_channels(graph, wired_size(graph, (9, 14))) == (9, 14)


def test_a_size_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="Take another number of nodes"):
        matched_channels(drawn(0), Size(parameters=100, flops=10**9))


def test_an_odd_image_is_refused() -> None:
    with pytest.raises(ValueError, match="must be even, got 12 x 9"):
        RandomlyWired(drawn(0), make_rng(0), image=(1, 12, 9))


def test_it_learns_fifty_pictures_by_the_recipe_of_the_table() -> None:
    task = cluttered_digits(train=50, valid=1, test=1)
    network = RandomlyWired(drawn(0), make_rng(0))
    train(network, task, make_rng(0), epochs=30, batch=25)
    assert accuracy(network, task.train) > 0.5
