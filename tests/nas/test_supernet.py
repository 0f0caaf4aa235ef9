"""The supernet of the cell space: its paths are networks, its statistics are a path's own."""

import copy
import re
from functools import partial

import pytest
import torch
from torch import nn

from course_lib.core import Oracle, make_rng
from course_lib.nas.canonical import EDGES
from course_lib.nas.cells import CellSpace
from course_lib.nas.search import random_search, regularized_evolution
from course_lib.nas.shared_cells import SharedCell
from course_lib.nas.supernet import (
    InheritedAccuracy,
    Supernet,
    batch_statistics,
    mixed_op,
    recalibrate,
    sampled_op,
)
from tests.nas.stand_alone import (
    SPACE,
    images,
    norms,
    one_by_one,
    stand_alone,
    supernet,
)


# --- a path is a network ---
@pytest.mark.parametrize("seed", range(24))
def test_a_path_is_the_stand_alone_network_with_its_weights(seed: int) -> None:
    net = supernet(seed).double()
    # half of the cells are rich in zeros, so that convolutions read nothing
    rich = CellSpace(("none", "nor_conv_3x3", "skip_connect"))
    arch = SPACE.sample(make_rng(seed))
    if seed % 2:
        arch = SPACE.parse(rich.describe(rich.sample(make_rng(seed))))
    network = stand_alone(net, arch)
    x = images().x.double()
    for training in (False, True):
        for op in (mixed_op, sampled_op):
            twin, path = copy.deepcopy(network).train(training), copy.deepcopy(net).train(training)
            path.mixed_op = op
            # float64: what is left is rounding
            torch.testing.assert_close(path(x, SPACE.one_hot(arch)), twin(x), rtol=1e-9, atol=1e-9)


def test_the_rows_of_one_hot_are_the_edges_of_the_description() -> None:
    arch = (3, 1, 2, 4, 3, 0)
    weights = SPACE.one_hot(arch)
    assert weights.shape == (SPACE.edges, len(SPACE.operations)) == (6, 5)
    assert tuple(SPACE.operations[k] for k in weights.argmax(1)) == SPACE.names(arch)
    assert weights.sum() == weights.max(1).values.sum() == 6


def test_only_the_path_is_trained() -> None:
    arch = SPACE.parse(
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|"
    )
    for op in (mixed_op, sampled_op):
        net = supernet(mixed_op=op)
        net.train()(images().x, SPACE.one_hot(arch)).logsumexp(1).sum().backward()
        for cell in (net.body.fine, net.body.coarse):
            held = {
                (edge, name)
                for edge, layers in enumerate(cell.edges)
                for name, layer in layers.items()
                if any(p.grad is not None and p.grad.any() for p in layer.parameters())
            }
            assert held == {(0, "nor_conv_3x3"), (1, "nor_conv_1x1"), (5, "nor_conv_3x3")}


def test_a_sampled_path_computes_nothing_beside_it() -> None:
    net = supernet(mixed_op=sampled_op)
    arch = (3, 2, 0, 1, 4, 3)
    called = []
    for cell in (net.body.fine, net.body.coarse):
        for edge, layers in enumerate(cell.edges):
            for name, layer in layers.items():
                layer.register_forward_hook(lambda *_, key=(edge, name): called.append(key))
    net(images().x, SPACE.one_hot(arch))
    assert called == [(0, "nor_conv_3x3"), (1, "nor_conv_1x1"), (5, "nor_conv_3x3")] * 2


# --- the mixture ---
def operations_of(seed: int = 0) -> list[nn.Module]:
    torch_rng = make_rng(seed)
    scales = torch.randn(4, generator=torch_rng, dtype=torch.float64)
    return [partial(torch.mul, scale) for scale in scales]


def test_a_mixture_is_linear_in_its_weights_and_reaches_them_all() -> None:
    operations, x = operations_of(), images().x.double()
    one, other = torch.rand(2, 4, generator=make_rng(1), dtype=torch.float64)
    mixed = mixed_op(operations, x, 2 * one - other)
    torch.testing.assert_close(
        mixed, 2 * mixed_op(operations, x, one) - mixed_op(operations, x, other)
    )
    one.requires_grad_()
    gradient = torch.autograd.grad(mixed_op(operations, x, one).sum(), one)[0]
    expected = torch.stack([operation(x).sum() for operation in operations])
    torch.testing.assert_close(gradient, expected)


def test_a_sampled_operation_is_the_heaviest_times_its_weight() -> None:
    operations, x = operations_of(), images().x.double()
    weights = torch.tensor([0.1, 0.2, 0.6, 0.1], dtype=torch.float64, requires_grad=True)
    out = sampled_op(operations, x, weights)
    torch.testing.assert_close(out, 0.6 * operations[2](x))
    gradient = torch.autograd.grad(out.sum(), weights)[0]
    torch.testing.assert_close(gradient[2], operations[2](x).sum())
    assert gradient.count_nonzero() == 1


def test_a_network_of_mixtures_has_the_gradient_of_finite_differences() -> None:
    net = supernet().double().eval()
    x = images(4).x.double()
    alpha = torch.rand(6, 5, generator=make_rng(2), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda weights: net(x, weights).sum(), alpha)


def test_a_students_mixture_takes_the_place_of_ours() -> None:
    calls = []

    def mine(operations, x, weights):
        calls.append(len(operations))
        return torch.einsum("o,onchw->nchw", weights, torch.stack([op(x) for op in operations]))

    net = supernet(mixed_op=mine)
    weights = torch.rand(6, 5, generator=make_rng(0))
    x = images().x
    out = net.eval()(x, weights)
    assert calls == [5] * 12
    net.mixed_op = mixed_op
    torch.testing.assert_close(out, net(x, weights))


@pytest.mark.parametrize("training", [True, False])
def test_convolutions_side_by_side_equal_those_one_by_one(training: bool) -> None:
    """Scores, gradients and running statistics; float64: what is left is rounding."""
    joint = supernet().double()
    for norm in norms(joint).values():
        for tensor in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
            tensor.data.uniform_(0.5, 1.5, generator=make_rng(tensor.numel()))
    apart = copy.deepcopy(joint)
    apart.mixed_op = one_by_one
    weights = torch.rand(6, 5, dtype=torch.float64, generator=make_rng(1))
    x = images().x.double()
    found = []
    for net in (joint, apart):
        own = weights.clone().requires_grad_()
        scores = net.train(training)(x, own)
        wanted = [own, *net.parameters()]
        gradients = torch.autograd.grad(scores.square().sum(), wanted)
        with batch_statistics(net):
            found.append([scores, net(x, own), *gradients, *net.buffers()])
    torch.testing.assert_close(*found, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(joint.state_dict(), apart.state_dict())


@pytest.mark.parametrize(
    "search", [random_search, partial(regularized_evolution, population=3, tournament=2)]
)
def test_a_search_runs_unchanged(search) -> None:
    measure = InheritedAccuracy(supernet(), images(20, 1), images(20, 2))
    history = search(SPACE, Oracle(measure, 6), make_rng(0))
    assert len(history) == 6
    assert all(trial.arch in SPACE for trial in history)
    again = search(SPACE, Oracle(measure, 6), make_rng(0))
    assert again == history, "the answer of a path does not depend on who was asked before"


# --- bad input ---
@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (torch.zeros(5, 6), "expected a tensor (6, 5), one row per edge"),
        (torch.zeros(6, 4), "got (6, 4)"),
        ((0,) * 6, "got tuple; for an architecture use space.one_hot(arch)"),
    ],
)
def test_weights_of_a_wrong_shape_are_refused(weights, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        supernet()(images().x, weights)


def test_an_architecture_outside_the_space_is_refused() -> None:
    for ask in (SPACE.one_hot, InheritedAccuracy(supernet(), images(), images())):
        with pytest.raises(ValueError, match="decision 5 is 5"):
            ask((0, 0, 0, 0, 0, 5))


def test_a_mixture_of_a_wrong_shape_is_named() -> None:
    def stacked(operations, x, weights):
        return torch.stack([operation(x) for operation in operations])

    with pytest.raises(ValueError, match=r"mixed_op=stacked returned shape .*add up"):
        supernet(mixed_op=stacked)(images().x, torch.zeros(6, 5))


def test_empty_images_are_refused() -> None:
    for given, name in (((images(0), images()), "train"), ((images(), images(0)), "valid")):
        with pytest.raises(ValueError, match=f"{name} holds no images"):
            InheritedAccuracy(supernet(), *given)
    with pytest.raises(ValueError, match="one or more images"):
        recalibrate(supernet(), torch.zeros(6, 5), images(0))


def test_an_odd_image_is_refused() -> None:
    with pytest.raises(ValueError, match="must be even"):
        Supernet(SPACE, image=(1, 11, 12))


def test_the_weights_come_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    one, same, default, other = (
        Supernet(SPACE, rng=rng).state_dict()
        for rng in (make_rng(0), make_rng(0), None, make_rng(1))
    )
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert all(torch.equal(one[name], default[name]) for name in one)
    assert not torch.equal(one["body.stem.0.weight"], other["body.stem.0.weight"])


def test_every_edge_has_weights_of_its_own() -> None:
    net = supernet()
    convs = 2 * len(EDGES) * 2
    storages = {
        p.data_ptr() for cell in (net.body.fine, net.body.coarse) for p in cell.parameters()
    }
    assert len(storages) == 3 * convs


def test_a_mixture_stays_on_the_device_of_its_weights_and_none_alone_is_zero() -> None:
    x, weights = torch.zeros(2, 4, 6, 6, device="meta"), torch.ones(6, 5, device="meta")
    cell = SharedCell(CellSpace().operations, 4, (6, 6)).to("meta")
    assert cell(x, weights, mixed_op, [True] * 4).device.type == "meta"
    alone = SharedCell(("none",), 4, (6, 6))
    assert alone(torch.ones(2, 4, 6, 6), torch.ones(6, 1), mixed_op, [True] * 4).abs().max() == 0
