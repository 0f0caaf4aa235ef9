"""What torch-pruning, which also knows branches, says of the same networks."""

import copy

import pytest
import torch
import torch_pruning
from torch import Tensor, nn
from torchvision import models

from course_lib.hardware.chain import Chain, chain_network, vgg
from course_lib.hardware.macs import network_macs
from course_lib.hardware.prune import convolutions, prune_chain
from tests.hardware.chains import SHAPES, lively, pictures, random_keep

IMAGE = (3, 64, 64)


def pruned_by_torch_pruning(network: nn.Module, keep: list[Tensor], x: Tensor) -> nn.Module:
    """Layer by layer: the channels that are not kept, and whatever depends on them, are removed."""
    pruned = copy.deepcopy(network)
    graph = torch_pruning.DependencyGraph().build_dependency(pruned, example_inputs=x)
    for (_, conv), kept in zip(convolutions(pruned), keep, strict=True):
        if conv.groups > 1:
            continue
        gone = sorted(set(range(conv.out_channels)) - set(kept.tolist()))
        if gone:
            remove = torch_pruning.prune_conv_out_channels
            graph.get_pruning_group(conv, remove, idxs=gone).prune()
    return pruned


@pytest.mark.parametrize("chain", [SHAPES["vgg"], SHAPES["mobilenet"]], ids=["vgg", "mobilenet"])
def test_a_pruned_chain_is_the_one_of_torch_pruning(chain: Chain) -> None:
    """At least two channels: of a depthwise layer's last one torch-pruning 1.6 leaves none."""
    network, keep, x = lively(chain), random_keep(chain, 3, least=2), pictures(chain)
    expected = pruned_by_torch_pruning(network, keep, x)
    found = prune_chain(network, keep)
    for (name, ours), theirs in zip(
        found.state_dict().items(), expected.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0, msg=name)
    torch.testing.assert_close(found(x), expected(x))


@pytest.mark.parametrize("build", [models.mobilenet_v2, models.resnet18])
def test_macs_of_pruned_networks_with_branches_are_those_of_their_layers(build: object) -> None:
    """torch-pruning counts BN, too: its operations are ours and those of BN, layer by layer."""
    network = build(weights=None).eval()
    x = torch.zeros(1, *IMAGE)
    full = network_macs(network, IMAGE)
    importance = torch_pruning.importance.MagnitudeImportance(p=1)
    torch_pruning.pruner.BasePruner(
        network, x, importance, pruning_ratio=0.5, ignored_layers=[list(network.modules())[-1]]
    ).step()
    macs = network_macs(network, IMAGE)
    assert macs == by_hooks(network, x)
    theirs, _ = torch_pruning.utils.count_ops_and_params(network, x)
    assert theirs > macs
    assert 0.2 < macs / full < 0.35  # half of the channels, not half of the operations


def by_hooks(network: nn.Module, x: Tensor) -> int:
    """Every convolution's and linear layer's outputs times the weights behind each."""
    macs = []

    def count(module: nn.Module, _: object, output: Tensor) -> None:
        macs.append(output.numel() * module.weight[0].numel())

    layers = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    handles = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        network(x)
    for handle in handles:
        handle.remove()
    return sum(macs)


def test_torch_pruning_leaves_evaluation_mode_behind_and_we_do_not() -> None:
    """A trap: who trains on after `build_dependency` trains with frozen statistics."""
    network = chain_network(vgg()).train()
    network_macs(network, (1, 12, 12))
    prune_chain(network, [torch.tensor([0])] * 6)
    assert all(module.training for module in network.modules())
    torch_pruning.DependencyGraph().build_dependency(network, torch.zeros(1, 1, 12, 12))
    assert not network.training
