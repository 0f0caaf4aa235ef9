"""Laws of MetaQNN's layer space: strings that stop, text and back, maps that never vanish."""

import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.layers import Convolution, LayerSpace, Pool

SMALL = LayerSpace(3, sizes=(3,), counts=(2, 4), pools=(2,))


def test_parse_undoes_describe_for_every_architecture():
    texts = [SMALL.describe(arch) for arch in SMALL]
    assert [SMALL.parse(text) for text in texts] == list(SMALL)
    assert len(set(texts)) == SMALL.size == 1 + 3 * (1 + 3 * (1 + 3))


def test_only_layers_before_the_stop_count():
    arch = SMALL.parse("conv 3x3, count 4 | pool 2x2 | stop")
    assert SMALL.layers_of(arch) == [Convolution(3, 4), Pool(2)]
    assert SMALL.parse("conv 3x3, count 4 | pool 2x2") == arch


def test_every_architecture_is_a_network_that_learns_everywhere():
    x = torch.randn(4, 3, 5, 6, generator=make_rng(0))
    for arch in SMALL:
        network = SMALL.build(arch, rng=make_rng(1), image=(3, 5, 6), classes=7)
        logits = network(x)
        assert logits.shape == (4, 7)
        logits.square().sum().backward()
        assert all(weights.grad is not None for weights in network.parameters())
        convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d)]
        assert [c.out_channels for c in convolutions] == [
            layer.count for layer in SMALL.layers_of(arch) if isinstance(layer, Convolution)
        ]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pools_round_up_and_leave_a_single_pixel_alone(size):
    pool = Pool(size).build()
    for rows in range(1, 8):
        for columns in range(1, 8):
            x = torch.randn(1, 1, rows, columns, generator=make_rng(rows * 8 + columns))
            y = pool(x)
            assert y.shape[2:] == (-(-rows // size), -(-columns // size))
            assert torch.equal(
                y[0, 0, -1, -1],
                x[0, 0, (rows - 1) // size * size :][:, (columns - 1) // size * size :].max(),
            )


def test_maps_never_shrink_below_one_pixel():
    space = LayerSpace(6, sizes=(3,), counts=(2,), pools=(3,))
    arch = space.parse(" | ".join(["pool 3x3"] * 5 + ["conv 3x3, count 2"]))
    network = space.build(arch, rng=make_rng(0)).eval()
    assert network[:6](torch.zeros(1, 1, 12, 12)).shape == (1, 2, 1, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("covn 3x3, count 2", "layer 1: unknown word 'covn'.*did you mean 'conv'"),
        ("conv 3x3, cuont 2", "did you mean 'count'"),
        ("pool 2x2 | stop | pool 2x2", "layer 2: nothing may follow a stop"),
        ("pool 2x2 | " * 3 + "pool 2x2", "expected at most 3 layers .* got 4"),
        ("conv 5x5, count 2", "conv 5x5, count 2 is not one of this space's layers: conv 3x3"),
        ("conv 3x5, count 2", "must be square, got 3x5"),
        ("conv 3x3", "count is missing"),
        ("pool 2", "expected two whole numbers .* got '2'"),
        ("pool 2x2, count 2", "unknown word 'count'"),
    ],
)
def test_what_is_wrong_with_a_string_is_said(text, message):
    with pytest.raises(ValueError, match=message):
        SMALL.parse(text)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depth": 0}, "depth must be at least 1"),
        ({"sizes": (2,)}, "sizes of filters must be odd"),
        ({"pools": (0,)}, "counts and pools must be at least 1"),
    ],
)
def test_senseless_spaces_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        LayerSpace(**settings)
