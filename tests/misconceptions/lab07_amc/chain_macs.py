"""Answers to `chain_macs`."""

import math

import numpy as np
import torch

from course_lib.hardware import macs


def by_pixels(chain, channels):
    """Right: sides by the general formula of convolutions, an array comes back."""
    height, width = chain.image[1:]
    before, found = chain.image[0], []
    for layer, outputs in zip(chain.layers, channels, strict=True):
        pad = layer.kernel // 2
        height = (height + 2 * pad - layer.kernel) // layer.stride + 1
        width = (width + 2 * pad - layer.kernel) // layer.stride + 1
        groups = before if layer.depthwise else 1
        found.append(height * width * outputs * (before // groups) * layer.kernel * layer.kernel)
        before = outputs
    return np.array([*found, before * chain.classes])


def by_weights(chain, channels):
    """Right: how often each weight is used, times how many there are."""
    inputs = [chain.image[0], *channels]
    rows, columns = chain.image[1:]
    answer = []
    for i, layer in enumerate(chain.layers):
        rows, columns = -(-rows // layer.stride), -(-columns // layer.stride)
        weights = torch.zeros(
            channels[i], 1 if layer.depthwise else inputs[i], layer.kernel, layer.kernel,
            device="meta",
        ).numel()  # fmt: skip
        answer.append(weights * rows * columns)
    answer.append(channels[-1] * chain.classes)
    return tuple(answer)


def backwards(chain, channels):
    """Right: sides from all strides so far, the last layer first."""
    found = [channels[-1] * chain.classes]
    for i in reversed(range(len(channels))):
        sides = list(chain.image[1:])
        for layer in chain.layers[: i + 1]:
            sides = [math.ceil(side / layer.stride) for side in sides]
        layer = chain.layers[i]
        read = chain.image[0] if i == 0 else channels[i - 1]
        if layer.depthwise:
            read = 1
        found.insert(0, math.prod(sides) * layer.kernel**2 * read * channels[i])
    return found


def in_torch(chain, channels):
    """Right: products of integer tensors."""
    counts = torch.tensor(list(channels))
    before = torch.cat([torch.tensor([chain.image[0]]), counts[:-1]])
    deep = torch.tensor([layer.depthwise for layer in chain.layers])
    before = torch.where(deep, 1, before)
    kernels = torch.tensor([layer.kernel for layer in chain.layers])
    sides, sizes = torch.tensor(chain.image[1:]), []
    for layer in chain.layers:
        sides = (sides - 1) // layer.stride + 1
        sizes.append(sides.prod())
    found = torch.stack(sizes) * kernels**2 * before * counts
    return torch.cat([found, counts[-1:] * chain.classes])


def _count(
    per=lambda layer, inputs, outputs: (1 if layer.depthwise else inputs) * outputs,
    side=lambda n, layer: math.ceil(n / layer.stride),
    size=lambda before, after: after[0] * after[1],
    window=lambda layer: layer.kernel**2,
    carry=lambda layer, outputs: outputs,
    head=lambda inputs, after, chain: inputs * chain.classes,
    start=lambda chain: chain.image,
    end=lambda found: found,
):
    """Right unless a part is exchanged."""

    def chain_macs(chain, channels):
        inputs, *sides = start(chain)
        found = []
        for layer, outputs in zip(chain.layers, channels, strict=True):
            before, sides = sides, [side(n, layer) for n in sides]
            found.append(size(before, sides) * window(layer) * per(layer, inputs, outputs))
            inputs = carry(layer, outputs)
        return end([*found, head(inputs, sides, chain)])

    return chain_macs


def no_depthwise_cost(layer, inputs, outputs):
    return 0 if layer.depthwise else inputs * outputs


def one_channel_is_depthwise(layer, inputs, outputs):
    """Whatever has as many outputs as inputs is taken for depthwise."""
    return outputs if inputs == outputs else inputs * outputs


def valid_convolution(n, layer):
    """No padding."""
    return (n - layer.kernel) // layer.stride + 1


def padding_without_kernel(n, layer):
    return (n + 2 * (layer.kernel // 2)) // layer.stride


def cuts(chain, channels):
    """Right numbers, and the caller's list is used up."""
    found = by_pixels(chain, channels).tolist()
    channels.clear()
    return found


def calls_library(chain, channels):
    return macs.chain_macs(chain, channels)


TWO = "two are counted for each MAC"
BEFORE = "reads the channels that the layer before it had before pruning"
DEEP = "a depthwise layer is counted as a full one"
MAP = "the size of the map is that of another layer"
DOWN = "odd sizes are rounded down"
KERNEL = "the kernel's area is not counted"
WEIGHTS = "weights are counted instead of operations"
HEAD = "the classifier reads every pixel"
WRONG = [
    (_count(end=lambda found: [2 * n for n in found]), TWO),
    (_count(carry=lambda layer, outputs: layer.channels), BEFORE),
    (_count(per=lambda layer, inputs, outputs: inputs * outputs), DEEP),
    (_count(size=lambda before, after: before[0] * before[1]), MAP),
    (_count(side=lambda n, layer: n), MAP),
    (_count(side=lambda n, layer: n // layer.stride), DOWN),
    (_count(window=lambda layer: layer.kernel), KERNEL),
    (_count(window=lambda layer: 1), KERNEL),
    (_count(size=lambda before, after: 1), WEIGHTS),
    (_count(head=lambda inputs, after, chain: inputs * math.prod(after) * chain.classes), HEAD),
    (_count(per=no_depthwise_cost), "✘ depthwise layers"),
    (
        _count(window=lambda layer: 9 if layer.depthwise else layer.kernel**2),
        "✘ depthwise layers",
    ),
    (_count(per=one_channel_is_depthwise), "✘"),
    (_count(side=valid_convolution), "✘"),
    (_count(side=padding_without_kernel), "✘"),
    (_count(size=lambda before, after: after[0] ** 2), "✘"),
    (_count(size=lambda before, after: after[1] ** 2), "✘"),
    (_count(start=lambda chain: (1, *chain.image[1:])), "✘ one layer and the classifier"),
    (_count(start=lambda chain: (chain.image[2], chain.image[0], chain.image[1])), "✘"),
    (_count(per=lambda layer, inputs, outputs: inputs * layer.channels), "✘"),
    (_count(per=lambda layer, inputs, outputs: inputs + outputs), "✘ one layer"),
    (_count(head=lambda inputs, after, chain: 2 * inputs * chain.classes), "the classifier has"),
    (_count(head=lambda inputs, after, chain: (inputs + 1) * chain.classes), "the classifier has"),
    (_count(head=lambda inputs, after, chain: 10 * inputs), "the classifier has"),
    (
        _count(head=lambda inputs, after, chain: chain.layers[-1].channels * chain.classes),
        "✘ only the given counts matter",
    ),
    (_count(end=lambda found: found[:-1]), "the classifier's last"),
    (_count(end=lambda found: [found[-1], *found[:-1]]), "✘ one layer"),
    (_count(end=sum), "one total is returned"),
    (_count(end=lambda found: [n / 1e6 for n in found]), "expected an integer"),
    (_count(end=lambda found: None), "`return` missing"),
    (lambda chain, channels: _count()(chain, chain.channels), "✘ only the given counts matter"),
    (cuts, "the function changes its arguments"),
    (calls_library, "library's function is called"),
]
RIGHT = [by_pixels, by_weights, backwards, in_torch]
POINTLESS = (lambda chain, channels: [0] * (len(channels) + 1),)
PARTICULAR = {
    DEEP: {"depthwise layers", "MobileNet, as published"},
    BEFORE: {"only the given counts matter", "strides and odd sides", "depthwise layers",
             "MobileNet, as published"},
}  # fmt: skip
EQUIVALENT = {
    "line 3: zip(chain.layers, channels, strict=True) -> zip(chain.layers, channels)": "there is a "
    "count for each layer"
}
