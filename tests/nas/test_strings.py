"""Laws of configuration strings: text and back, shapes as torch makes them, errors that help."""

import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.nas.strings import Layer, StringSpace, decode

SPACES = {
    "default": StringSpace(),
    "chain": StringSpace(3, skips=False),
    "deep": StringSpace(6, heights=(1, 3, 7), strides=(1, 2, 3), counts=(2, 3)),
}


def draws(space: StringSpace, count: int):
    rng = make_rng(0)
    return [space.sample(rng) for _ in range(count)]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_parse_undoes_describe(space):
    for arch in draws(space, 100):
        assert space.parse(space.describe(arch)) == arch


def test_every_architecture_has_its_own_description():
    space = StringSpace(2, heights=(1, 3), widths=(3,), strides=(1, 2), counts=(8,))
    texts = [space.describe(arch) for arch in space]
    assert len(set(texts)) == len(texts) == space.size


def torch_maps(layers: list[Layer], image: tuple[int, int, int]) -> list[torch.Tensor]:
    """An independent reading of the rules, on zeros, with torch's own convolution."""
    x = torch.zeros(1, *image)
    maps: list[torch.Tensor] = []
    for layer in layers:
        sources = [maps[i] for i in layer.inputs] if layer.inputs else [x]
        tall = max(m.size(-2) for m in sources)
        wide = max(m.size(-1) for m in sources)
        canvas = torch.zeros(1, sum(m.size(1) for m in sources), tall, wide)
        start = 0
        for m in sources:
            canvas[:, start : start + m.size(1), : m.size(-2), : m.size(-1)] = m
            start += m.size(1)
        kernel = torch.zeros(layer.count, start, layer.filter_height, layer.filter_width)
        maps.append(
            F.conv2d(
                canvas,
                kernel,
                stride=(layer.stride_height, layer.stride_width),
                padding=(layer.filter_height // 2, layer.filter_width // 2),
            )
        )
    return maps


@pytest.mark.parametrize("image", [(1, 12, 12), (3, 9, 16), (2, 1, 5)])
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_decoded_shapes_are_torchs_own(space, image):
    for arch in draws(space, 50):
        decoded = decode(space, arch, image)
        maps = torch_maps([layer for layer, _ in decoded], image)
        assert [shape for _, shape in decoded] == [tuple(m.shape[1:]) for m in maps]


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_network_has_the_decoded_shapes_and_learns_everywhere(space):
    x = torch.randn(4, 3, 8, 8, generator=make_rng(1))
    for arch in draws(space, 10):
        network = space.build(arch, rng=make_rng(2), image=(3, 8, 8), classes=7)
        shapes = [shape for _, shape in decode(space, arch, (3, 8, 8))]
        assert [tuple(m.shape[1:]) for m in network.maps(x)] == shapes
        logits = network(x)
        assert logits.shape == (4, 7)
        logits.square().sum().backward()
        assert all(weights.grad is not None for weights in network.parameters())


def test_rules_on_an_example_written_by_hand():
    space = StringSpace(3, heights=(1, 3), widths=(1, 3), strides=(1, 2), counts=(2, 4))
    first = "filter 1x3, stride 1x2, count 2"
    arch = space.parse(f"{first} | filter 3x3, stride 2x1, count 4 | {first}, skip 1 2")
    layers, shapes = zip(*decode(space, arch, (1, 6, 6)), strict=True)
    assert [layer.inputs for layer in layers] == [(), (), (0, 1)]
    # layers 1 and 2 read the image; layer 3 reads (2, 6, 3) and (4, 3, 6), padded to (6, 6, 6)
    assert shapes == ((2, 6, 3), (4, 3, 6), (2, 6, 3))
    network = space.build(arch, rng=make_rng(0), image=(1, 6, 6))
    assert network.layers[2][0].in_channels == 6
    assert network.outputs == [2]


def test_unused_layers_reach_the_classifier_padded_with_zeros():
    space = StringSpace(2, heights=(1,), widths=(1,), strides=(1, 2), counts=(1,))
    apart = space.parse("filter 1x1, stride 1x1, count 1 | filter 1x1, stride 2x2, count 1")
    network = space.build(apart, rng=make_rng(0), image=(1, 4, 4)).eval()
    x = torch.rand(5, 1, 4, 4, generator=make_rng(1))
    large, small = network.maps(x)
    features = torch.stack([large.sum((1, 2, 3)) / 16, small.sum((1, 2, 3)) / 16], 1)
    torch.testing.assert_close(network(x), network.classifier(features))


def test_same_seed_same_weights_and_global_state_untouched():
    space = SPACES["default"]
    arch = draws(space, 1)[0]
    before = torch.get_rng_state()
    one, two = (space.build(arch, rng=make_rng(3)).state_dict() for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[name], two[name]) for name in one)


GOOD = "filter 3x5, stride 1x1, count 16"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD, r"expected 2 layers separated by \|, got 1"),
        (f"{GOOD} | fliter 3x5, stride 1x1, count 16", "layer 2: unknown word 'fliter'.*'filter'"),
        (f"{GOOD} | filter 3x5, strid 1x1, count 16", "did you mean 'stride'"),
        (f"{GOOD} | filter 3x5, xyzzy 1x1, count 16", "expected one of filter, stride, count"),
        (f"filter 4x5, stride 1x1, count 16 | {GOOD}", "filter height 4 is not one of 1, 3, 5"),
        (f"filter 3x5, stride 1x3, count 16 | {GOOD}", "stride width 3 is not one of 1, 2"),
        (f"filter 3x5, stride 1x1, count 12 | {GOOD}", "layer 1: count 12 is not one of 8, 16"),
        (f"filter 3, stride 1x1, count 16 | {GOOD}", "expected two whole numbers .* got '3'"),
        (f"filter 3x5, stride 1x1, count many | {GOOD}", "expected a whole number after 'count'"),
        (f"filter 3x5, count 16 | {GOOD}", "layer 1: stride is missing"),
        (f"{GOOD}, count 8 | {GOOD}", "count is said twice"),
        (f"{GOOD}, skip 2 | {GOOD}", "layer 1: skip 2: .*none, it reads the image"),
        (f"{GOOD} | {GOOD}, skip 2", "layer 2: skip 2: only an earlier layer"),
        (f"{GOOD} | {GOOD}, skip 0", "only an earlier layer"),
        (f"{GOOD} | {GOOD}, skip first", "expected layer numbers after skip, got 'first'"),
        (f"{GOOD} | ", "layer 2: unknown word ''"),
    ],
)
def test_what_is_wrong_with_a_string_is_said(text, message):
    with pytest.raises(ValueError, match=message):
        StringSpace(2).parse(text)


def test_a_chain_knows_no_skips():
    with pytest.raises(ValueError, match="unknown word 'skip'"):
        StringSpace(2, skips=False).parse(f"{GOOD} | {GOOD}, skip 1")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layers": 0}, "layers must be at least 1"),
        ({"heights": (2, 3)}, "filter height: expected odd"),
        ({"strides": ()}, "stride height: expected one or more"),
        ({"counts": (8, 8)}, "count: expected one or more different numbers"),
    ],
)
def test_senseless_spaces_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        StringSpace(**settings)


def test_a_wrong_decode_is_named():
    space = StringSpace(2, strides=(2,))

    def my_decode(space, arch, image):
        return [(layer, image) for layer in space.layers_of(arch)]

    with pytest.raises(ValueError, match=r"decode=my_decode gave layer 1 the shape \(1, 12, 12\)"):
        space.build(draws(space, 1)[0], rng=make_rng(0), decode=my_decode)
    with pytest.raises(ValueError, match="returned 0 layers, expected 2"):
        space.build(draws(space, 1)[0], rng=make_rng(0), decode=lambda *_: [])
