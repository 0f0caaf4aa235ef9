"""`chain_macs`: beside torch's own counter, which says two operations for each of them."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.lab07_amc.chains import counted, drawn_chain, kept_of, mobilenet_v1
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import integers
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake
from course_lib.hardware.chain import Chain, ConvLayer

TOTAL = Misconception(
    "one total is returned",
    "The answer is a list: a number for each layer, and the classifier's last.",
)


def _exchanged(
    each: int = 1,
    full: bool = False,
    dense: bool = False,
    square: int = 2,
    classes: Callable[[int, int, int], int] = lambda channels, rows, columns: channels,
    shrunk: Callable[[int, int], int] = lambda side, stride: -(-side // stride),
    before: bool = False,
    area: Callable[[int, int], int] = lambda rows, columns: rows * columns,
) -> Callable[..., list[int]]:
    """A count with one part exchanged.

    full: inputs are those of the whole chain. before: the maps that go in are counted.
    """

    def chain_macs(chain: Chain, channels: Sequence[int]) -> list[int]:
        inputs, rows, columns = chain.image
        macs = []
        for i, (layer, outputs) in enumerate(zip(chain.layers, channels, strict=True)):
            size = area(rows, columns)
            rows, columns = shrunk(rows, layer.stride), shrunk(columns, layer.stride)
            size = size if before else area(rows, columns)
            reads = 1 if layer.depthwise and not dense else inputs
            macs.append(each * size * layer.kernel**square * reads * outputs)
            inputs = chain.channels[i] if full else outputs
        return [*macs, each * classes(inputs, rows, columns) * chain.classes]

    return chain_macs


MISTAKES = (
    mistake(
        "two are counted for each MAC",
        "A multiply-accumulate is a multiplication and an addition, counted as one. Who counts "
        "operations, FLOPs, counts two.",
        _exchanged(each=2),
    ),
    mistake(
        "a layer reads the channels that the layer before it had before pruning",
        "What the layer before has lost, nobody reads: inputs are channels[i - 1].",
        _exchanged(full=True),
    ),
    mistake(
        "a depthwise layer is counted as a full one",
        "It filters each channel by itself: every output reads one input.",
        _exchanged(dense=True),
    ),
    mistake(
        "the size of the map is that of another layer",
        "Each output pixel costs. A stride makes the map smaller in its own layer, and it stays so "
        "for all later ones.",
        _exchanged(before=True),
        _exchanged(shrunk=lambda side, stride: side),
    ),
    mistake(
        "odd sizes are rounded down",
        "With padding kernel // 2 a side of 7 pixels and stride 2 give 4 positions, not 3: "
        "rounded up.",
        _exchanged(shrunk=lambda side, stride: side // stride),
    ),
    mistake(
        "the kernel's area is not counted",
        "A kernel of size k has k * k weights for each pair of an input and an output.",
        _exchanged(square=1),
        _exchanged(square=0),
    ),
    mistake(
        "weights are counted instead of operations",
        "Each weight of a convolution is used once for every pixel that comes out.",
        _exchanged(area=lambda rows, columns: 1),
    ),
    mistake(
        "the classifier reads every pixel",
        "It reads the mean of each map, one number for each channel.",
        _exchanged(classes=lambda channels, rows, columns: channels * rows * columns),
    ),
)


def asked(ask: Ask, chain: Chain, channels: Sequence[int]) -> list[int]:
    """The answer, one number for each layer and one for the classifier."""
    given = [*channels]
    answer = ask(chain, given)
    if given != [*channels]:
        raise Wrong("channels is not the same after the call", CHANGED)
    if type(answer) in (int, float) or (isinstance(answer, Tensor) and answer.ndim == 0):
        raise Wrong(f"the answer is one number, {answer}", TOTAL)
    found = integers(answer, "the answer", "an entry")
    if len(found) != len(channels) + 1:
        raise Wrong(
            f"{len(channels)} layers: the answer has {len(found)} entries, expected "
            f"{len(channels) + 1}, the classifier's last"
        )
    return found


def probe(ask: Ask, variant: int) -> Tensor:
    """The counts of a pruned chain with strides, odd sides and a depthwise layer."""
    chain = drawn_chain(seeded(variant, 9), 5, depthwise=(2,), image=(2, 41, 23))
    return torch.tensor(asked(ask, chain, kept_of(seeded(variant, 10), chain)))


def _require(ask: Ask, chain: Chain, channels: Sequence[int]) -> None:
    found, expected = asked(ask, chain, channels), counted(chain, channels)
    for place, (one, other) in enumerate(zip(found, expected, strict=True)):
        if one != other:
            last = place == len(chain.layers)
            layer = "the classifier" if last else f"layer {place}, {chain.layers[place]},"
            raise Wrong(
                f"images {chain.image}, channels {[*channels]}: {layer} has {one:,} MACs, torch's "
                f"counter finds {other:,}"
            )


def one_layer(ask: Ask, variant: int) -> None:
    """A layer of stride 1 and the classifier."""
    for kernel, image, count in ((1, (1, 1, 1), 1), (3, (1, 6, 6), 4), (5, (3, 8, 5), 7)):
        layer = ConvLayer(count + variant % 5, kernel)
        _require(ask, Chain((layer,), image, 3 + variant % 4), (layer.channels,))


def several_layers(ask: Ask, variant: int) -> None:
    """Whole chains of stride 1: a layer reads what the one before puts out."""
    rng = seeded(variant, 1)
    for layers in (2, 3, 6):
        chain = drawn_chain(rng, layers, strided=False)
        _require(ask, chain, chain.channels)


def pruned(ask: Ask, variant: int) -> None:
    """Only the given counts matter, not those of the chain; down to one channel."""
    rng = seeded(variant, 2)
    for layers in (1, 2, 5):
        chain = drawn_chain(rng, layers, strided=False, image=(2, 12, 6))
        _require(ask, chain, kept_of(rng, chain))
        _require(ask, chain, [1] * layers)


def strides(ask: Ask, variant: int) -> None:
    """Strides on even and odd sides, on images that are not square, down to one pixel."""
    rng = seeded(variant, 3)
    for image in ((1, 12, 12), (3, 13, 9), (2, 7, 20), (1, 5, 3)):
        chain = drawn_chain(rng, 4, image=image)
        _require(ask, chain, kept_of(rng, chain))


def depthwise(ask: Ask, variant: int) -> None:
    """Depthwise layers, also of one channel, with strides, one after the other."""
    rng = seeded(variant, 4)
    for places in ((1,), (1, 3), (2, 3)):
        chain = drawn_chain(rng, 5, depthwise=places)
        _require(ask, chain, kept_of(rng, chain))
        _require(ask, chain, [1] * 5)


def published(ask: Ask, variant: int) -> None:
    """MobileNet for ImageNet, whole and with fewer channels: 569 million MACs in the paper."""
    chain = mobilenet_v1()
    whole = [*chain.channels]
    share = (4 + variant % 4) / 8
    for channels in (whole, [int(share * n) for n in whole]):
        found, expected = sum(asked(ask, chain, channels)), sum(counted(chain, channels))
        if found != expected:
            paper = ", 569 million in the paper" if channels == whole else ""
            raise Wrong(
                f"MobileNet, {channels[-1]:,} channels in the last layer: {found:,} MACs in all, "
                f"expected {expected:,}{paper}"
            )


chain_macs = Exercise(
    lab="lab07_amc",
    name="chain_macs",
    section=sections.WHY,
    library=("course_lib.hardware.macs:chain_macs", "course_lib.hardware.macs:batch_macs"),
    laws={
        "one layer and the classifier": one_layer,
        "each layer reads the one before": several_layers,
        "only the given counts matter": pruned,
        "strides and odd sides": strides,
        "depthwise layers": depthwise,
        "MobileNet, as published": published,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "How many numbers come out of a layer, and how many products does each of them need?",
        "Numbers: rows * columns * channels[i]. Products: kernel ** 2 * channels[i - 1]; the first "
        "layer reads chain.image[0] channels, a depthwise one reads 1.",
        "With padding kernel // 2 the sides become math.ceil(rows / stride) and math.ceil(columns "
        "/ stride). Go through the layers, and carry rows, columns and inputs along.",
    ),
    basic="one layer and the classifier",
)
