"""The networks of the DARTS space: what the paper draws, and paths of the shared one."""

import copy
import re
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from course_lib.core import Oracle, make_rng
from course_lib.datasets import Images
from course_lib.nas.darts_network import DartsNetwork
from course_lib.nas.darts_operations import Depthwise
from course_lib.nas.darts_space import OPERATIONS, DartsSpace
from course_lib.nas.search import random_search, regularized_evolution
from course_lib.nas.supernet import InheritedAccuracy, Supernet, mixed_op, recalibrate, sampled_op

SHAPE = {"channels": (4, 6), "classes": 5, "image": (2, 8, 12)}

SPACE = DartsSpace()


def pictures(count: int = 20, seed: int = 0) -> Tensor:
    return torch.randn(count, 2, 8, 12, generator=make_rng(seed), dtype=torch.float64)


def shaken(network: nn.Module, seed: int = 0) -> nn.Module:
    """In float64, with scales, shifts and statistics that are not those of a fresh network."""
    rng = make_rng(seed)
    for module in network.double().modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
                tensor.data.uniform_(0.5, 1.5, generator=rng)
    return network


# --- the networks ---
def textbook(network: DartsNetwork, genotype, x: Tensor) -> Tensor:
    """The paper's cells, written with torch's own functions, one after the other."""
    weights = network.state_dict()
    relu = F.relu

    def norm(name: str, x: Tensor) -> Tensor:
        mean, var, weight, bias = (
            weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, var, weight, bias)

    def halved(name: str, x: Tensor) -> Tensor:
        even = F.conv2d(x, weights[f"{name}.even.weight"], stride=2)
        odd = F.conv2d(x[:, :, 1:, 1:], weights[f"{name}.odd.weight"], stride=2)
        return norm(f"{name}.norm", torch.cat([even, odd], 1))

    def separable(name: str, x: Tensor, stride: int, dilation: int) -> Tensor:
        first = weights[f"{name}.0.weight"]
        x = F.conv2d(x, first, None, stride, dilation, dilation, groups=len(first))
        return norm(f"{name}.2", F.conv2d(x, weights[f"{name}.1.weight"]))

    def edge(name: str, operation: str, x: Tensor, stride: int) -> Tensor:
        name = f"{name}.{operation}"
        if operation == "sep_conv_3x3":
            x = separable(f"{name}.0", relu(x), stride, 1)
            return separable(f"{name}.2", relu(x), 1, 1)
        if operation == "dil_conv_3x3":
            return separable(name, relu(x), stride, 2)
        if operation == "max_pool_3x3":
            return F.max_pool2d(x, 3, stride, 1)
        if operation == "avg_pool_3x3":
            return F.avg_pool2d(x, 3, stride, 1, count_include_pad=False)
        return x if stride == 1 else halved(name, relu(x))

    def fitted(name: str, x: Tensor, size: torch.Size) -> Tensor:
        if x.shape[2:] != size:
            return halved(f"{name}.1", relu(x))
        return norm(f"{name}.1.1", F.conv2d(relu(x), weights[f"{name}.1.0.weight"]))

    def cell(name: str, nodes, first: Tensor, second: Tensor) -> Tensor:
        size = second.shape[2:]
        maps = [fitted(f"{name}.first", first, size), fitted(f"{name}.second", second, size)]
        number = 0
        for node in nodes:
            total = 0
            for source, operation in node:
                stride = 2 if name == "reduction" and source < 2 else 1
                total = total + edge(f"{name}.layers.{number}", operation, maps[source], stride)
                number += 1
            maps.append(total)
        return torch.cat(maps[2:], 1)

    stem = norm("stem.1", F.conv2d(x, weights["stem.0.weight"], padding=1))
    fine = cell("fine", genotype["normal"], stem, stem)
    reduced = cell("reduction", genotype["reduction"], stem, fine)
    coarse = cell("coarse", genotype["normal"], fine, reduced)
    return F.linear(coarse.mean((2, 3)), weights["classify.weight"], weights["classify.bias"])


@pytest.mark.parametrize("seed", range(6))
def test_a_network_computes_what_the_paper_draws(seed: int) -> None:
    arch = SPACE.sample(make_rng(seed))
    network = shaken(SPACE.build(arch, rng=make_rng(seed), **SHAPE), seed).eval()
    x = pictures(5)
    # float64: what is left is rounding
    torch.testing.assert_close(
        network(x), textbook(network, SPACE.genotype(arch), x), rtol=1e-9, atol=1e-9
    )


def stand_alone(net: Supernet, arch: tuple[int, ...]) -> DartsNetwork:
    """The network that the space builds, with the path's weights copied in."""
    network = net.space.build(arch, **SHAPE).double()
    for part in ("stem", "classify"):
        getattr(network, part).load_state_dict(getattr(net.body, part).state_dict())
    for part in ("fine", "reduction", "coarse"):
        own, shared = getattr(network, part), getattr(net.body, part)
        own.first.load_state_dict(shared.first.state_dict())
        own.second.load_state_dict(shared.second.state_dict())
        for layers, edge in zip(own.layers, own.edges, strict=True):
            pool = shared.layers[list(shared.edges).index(edge)]
            for name, layer in layers.items():
                layer.load_state_dict(pool[name].state_dict())
    return network


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("operations", [OPERATIONS, OPERATIONS[1:]], ids=["none", "without none"])
def test_a_path_is_the_stand_alone_network_with_its_weights(operations, seed: int) -> None:
    space = DartsSpace(operations=operations)
    net = shaken(Supernet(space, rng=make_rng(seed), **SHAPE), seed)
    arch, x = space.sample(make_rng(seed)), pictures()
    network = stand_alone(net, arch)
    for training in (False, True):
        for op in (mixed_op, sampled_op):
            twin, path = copy.deepcopy(network).train(training), copy.deepcopy(net).train(training)
            path.mixed_op = op
            torch.testing.assert_close(path(x, space.one_hot(arch)), twin(x), rtol=1e-9, atol=1e-9)


def test_only_the_path_is_trained() -> None:
    arch = SPACE.sample(make_rng(3))
    genotype = SPACE.genotype(arch)
    for op in (mixed_op, sampled_op):
        net = Supernet(SPACE, mixed_op=op, **SHAPE).double()
        net.train()(pictures(), SPACE.one_hot(arch)).logsumexp(1).sum().backward()
        for part, cell in (("fine", "normal"), ("reduction", "reduction"), ("coarse", "normal")):
            shared = getattr(net.body, part)
            held = {
                (*edge, name)
                for edge, layers in zip(shared.edges, shared.layers, strict=True)
                for name, layer in layers.items()
                if any(p.grad is not None and p.grad.any() for p in layer.parameters())
            }
            assert held == {
                (source, target, name)
                for target, node in enumerate(genotype[cell], start=2)
                for source, name in node
                if "conv" in name or (name == "skip_connect" and part == "reduction" and source < 2)
            }


def test_every_weight_of_every_row_moves_the_mixture() -> None:
    net = Supernet(SPACE, **SHAPE).double().eval()
    alpha = torch.full((18, 6), 1 / 6, dtype=torch.float64, requires_grad=True)
    gradient = torch.autograd.grad(net(pictures(3), alpha).logsumexp(1).sum(), alpha)[0]
    assert torch.equal(gradient == 0, torch.tensor([[True] + [False] * 5] * 18))
    way = torch.randn(18, 6, dtype=torch.float64, generator=make_rng(1))
    ahead, behind = (net(pictures(3), alpha + e * way).logsumexp(1).sum() for e in (1e-5, -1e-5))
    torch.testing.assert_close((gradient * way).sum(), (ahead - behind) / 2e-5, rtol=1e-6, atol=0)


def test_second_derivatives_exist() -> None:
    """`exact_second_order` differentiates the gradient once more."""
    net = Supernet(DartsSpace(1), channels=(2, 2), image=(2, 8, 12)).double().train()
    alpha = torch.full((4, 6), 1 / 6, dtype=torch.float64, requires_grad=True)
    weight = net.body.stem[0].weight
    loss = net(pictures(4), alpha).logsumexp(1).sum()
    slope = torch.autograd.grad(loss, weight, create_graph=True)[0]
    assert torch.autograd.grad(slope.square().sum(), alpha)[0].isfinite().all()


def test_recalibrated_statistics_are_those_of_all_images_together() -> None:
    net = shaken(Supernet(SPACE, **SHAPE))
    data = Images(pictures(30), torch.zeros(30, dtype=torch.int64))
    weights = SPACE.one_hot(SPACE.sample(make_rng(1)))
    read: dict[str, Tensor] = {}
    twin = copy.deepcopy(net).train()
    for name, module in twin.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            module.register_forward_pre_hook(lambda _, x, name=name: read.update({name: x[0]}))
    with torch.no_grad():
        twin(data.x, weights)
    recalibrate(net, weights, data, batch=30)
    for name, x in read.items():
        norm = net.get_submodule(name)
        torch.testing.assert_close(norm.running_mean, x.mean((0, 2, 3)))
        torch.testing.assert_close(norm.running_var, x.transpose(0, 1).flatten(1).var(1))


@pytest.mark.parametrize(
    "search", [random_search, partial(regularized_evolution, population=3, tournament=2)]
)
def test_a_search_runs_unchanged(search) -> None:
    net = Supernet(SPACE, mixed_op=sampled_op, **SHAPE)
    rng = make_rng(0)
    train, valid = (
        Images(pictures(15, seed).float(), torch.randint(5, (15,), generator=rng))
        for seed in (0, 1)
    )
    history = search(SPACE, Oracle(InheritedAccuracy(net, train, valid), 5), make_rng(0))
    assert len(history) == 5
    assert all(trial.arch in SPACE for trial in history)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(6, 8), (5, 6), (3, 3)])
def test_dilated_convolution_is_torch_s_own(stride: int, size: tuple[int, int]) -> None:
    layer = Depthwise(3, stride, dilation=2).double()
    x = torch.randn(2, 3, *size, dtype=torch.float64, generator=make_rng(0), requires_grad=True)
    theirs = F.conv2d(x, layer.weight, None, stride, 2, 2, groups=3)
    torch.testing.assert_close(layer(x), theirs)
    seed = torch.randn(theirs.shape, dtype=torch.float64, generator=make_rng(1))
    for one, other in zip(
        *(torch.autograd.grad(y, (x, layer.weight), seed) for y in (layer(x), theirs)), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_build_draws_from_its_generator_alone() -> None:
    arch = SPACE.sample(make_rng(0))
    before = torch.get_rng_state()
    one, same, default, other = (
        SPACE.build(arch, rng=rng).state_dict()
        for rng in (make_rng(0), make_rng(0), None, make_rng(1))
    )
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert all(torch.equal(one[name], default[name]) for name in one)
    assert not torch.equal(one["stem.0.weight"], other["stem.0.weight"])


def test_wrong_weights_and_architectures_are_refused() -> None:
    net = Supernet(SPACE, **SHAPE)
    with pytest.raises(ValueError, match=re.escape("expected a tensor (18, 6)")):
        net(pictures().float(), torch.zeros(6, 5))
    with pytest.raises(ValueError, match="decision 1 is 5"):
        SPACE.one_hot((0, 5, *[0] * 16))
