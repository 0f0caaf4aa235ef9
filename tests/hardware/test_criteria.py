"""Which channels are kept, against sorting by hand."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from course_lib.datasets import Images
from course_lib.hardware.chain import mobilenet, vgg
from course_lib.hardware.criteria import (
    CRITERIA,
    activation_scores,
    global_channels,
    top_channels,
    weight_scores,
)
from course_lib.hardware.macs import total_macs
from course_lib.hardware.prune import prune_chain
from tests.hardware.chains import SHAPES, lively, pictures

SCORE = st.sampled_from((0.0, 0.25, 0.5, 1.0, 2.0))


@st.composite
def scores(draw: st.DrawFn) -> list[torch.Tensor]:
    """Of chains vgg((a, b, c)), with many ties."""
    sizes = [draw(st.integers(1, 6)) for _ in range(3)]
    return [torch.tensor([draw(SCORE) for _ in range(size)]) for size in sizes]


def test_scores_are_norms_of_single_filters() -> None:
    network = lively(SHAPES["vgg"])
    for layer, block in enumerate(network[:3]):
        norms = [sum(abs(w) for w in f.flatten().tolist()) for f in block[0].weight]
        mean = sum(norms) / len(norms)
        expected = {
            "L1": norms,
            "L1 over the layer's mean": [norm / mean for norm in norms],
            "L1 over the layer's maximum": [norm / max(norms) for norm in norms],
            "L2": [f.pow(2).sum().sqrt().item() for f in block[0].weight],
        }
        for name, criterion in CRITERIA.items():
            assert weight_scores(network, criterion)[layer].tolist() == pytest.approx(
                expected[name]
            )


def test_only_normalised_scores_forget_how_large_a_layer_is() -> None:
    network = lively(SHAPES["vgg"])
    before = {name: weight_scores(network, criterion) for name, criterion in CRITERIA.items()}
    network[1][0].weight.data.mul_(8)
    for name, criterion in CRITERIA.items():
        found = weight_scores(network, criterion)[1]
        assert torch.allclose(found, before[name][1]) == ("over" in name)


def test_activations_are_what_the_next_layer_reads() -> None:
    chain = SHAPES["mobilenet"]
    network, x = lively(chain).train(), pictures(chain)
    found = activation_scores(network, Images(x, torch.zeros(len(x), dtype=torch.int64)))
    assert all(module.training for module in network.modules())
    network.eval()
    for layer in chain.free:
        expected = network[: layer + 1](x).abs().mean((0, 2, 3))
        torch.testing.assert_close(found[layer], expected)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[2], found[3])


def test_a_channel_that_never_speaks_is_the_first_to_go_and_costs_nothing() -> None:
    chain = SHAPES["vgg"]
    network, x = lively(chain), pictures(chain)
    network[1][1].weight.data[2] = 0
    network[1][1].bias.data[2] = -1
    scores = activation_scores(network, Images(x, torch.zeros(len(x), dtype=torch.int64)))
    keep = top_channels(scores, [3, 3, 5])
    assert keep[1].tolist() == [0, 1, 3]
    torch.testing.assert_close(prune_chain(network, keep)(x), network(x))


def test_a_depthwise_layer_keeps_what_the_layer_before_keeps() -> None:
    chain = mobilenet((3, 4, 6))
    network = lively(chain)
    keep = top_channels(weight_scores(network), chain.tied([2, 3, 4]))
    assert torch.equal(keep[0], keep[1])
    assert torch.equal(keep[2], keep[3])
    assert prune_chain(network, keep)(pictures(chain)).shape == (5, 10)


@settings(max_examples=30, deadline=None)
@given(scores(), st.data())
def test_kept_are_the_highest_and_of_equal_ones_the_first(
    layers: list[torch.Tensor], data: st.DataObject
) -> None:
    counts = [data.draw(st.integers(1, len(layer))) for layer in layers]
    for layer, count, kept in zip(layers, counts, top_channels(layers, counts), strict=True):
        ranked = sorted(range(len(layer)), key=lambda i: (-layer[i].item(), i))
        assert kept.tolist() == sorted(ranked[:count])


@settings(max_examples=40, deadline=None)
@given(scores(), st.integers(0, 99), st.sampled_from((0.01, 0.3, 0.6)), st.integers(1, 3))
def test_the_global_threshold_is_the_lowest_that_meets_the_budget(
    layers: list[torch.Tensor], share: int, lowest: float, multiple: int
) -> None:
    """Against keeping the best n of all channels, for every n."""
    macs = partial(total_macs, vgg([len(layer) for layer in layers]))
    channels = [len(layer) for layer in layers]
    least = [-(-round(100 * lowest) * count // 100) for count in channels]
    pairs = zip(least, channels, strict=True)
    least = [min(count, -(-number // multiple) * multiple) for number, count in pairs]
    budget = macs(least) + share / 100 * (macs(channels) - macs(least))
    ranked = sorted(
        ((score, layer) for layer, scores in enumerate(layers) for score in scores.tolist()),
        key=lambda pair: (pair[0], -pair[1]),
    )

    def best(number: int) -> list[int]:
        """A layer that lost nothing keeps its count, be it a multiple or not."""
        left = [sum(each == layer for _, each in ranked[number:]) for layer in range(3)]
        return [
            count if n == count else max(bound, n // multiple * multiple)
            for n, bound, count in zip(left, least, channels, strict=True)
        ]

    fitting = [best(n) for n in range(len(ranked) + 1) if macs(best(n)) <= budget]
    found = global_channels(layers, macs, budget=budget, lowest=lowest, multiple=multiple)
    assert found == fitting[0]


def test_bad_input_is_refused() -> None:
    layers = [torch.ones(3), torch.ones(4)]
    with pytest.raises(ValueError, match="layer 1 has 4 channels and needs at least 1, got 0"):
        top_channels(layers, [1, 0])
    with pytest.raises(ValueError, match=r"layer 0 has 3 channels .* got 4"):
        top_channels(layers, [4, 1])
    with pytest.raises(ValueError, match="expected the counts of 2 layers, got 1"):
        top_channels(layers, [1])
    with pytest.raises(ValueError, match="smallest reachable is 3, with channels"):
        global_channels(layers, sum, budget=2, lowest=0.3)
    with pytest.raises(ValueError, match=r"lowest must be a ratio in \(0, 1\], got 0"):
        global_channels(layers, sum, budget=2, lowest=0)
    with pytest.raises(ValueError, match=r"1, GELU"):
        weight_scores(nn.Sequential(nn.Conv2d(1, 1, 1), nn.GELU()))
