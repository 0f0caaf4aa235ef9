"""`prune_pair`: beside the whole layers whose other channels are 0 behind ReLU."""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.checks.ask import Ask, theirs
from course_lib.checks.engine import Exercise
from course_lib.checks.lab07_amc import sections
from course_lib.checks.lab07_amc.cuts import exchanged, others, whole, zeroed
from course_lib.checks.lab07_amc.pairs import (
    UNCUT,
    Layers,
    Pair,
    output,
    pair,
    require_mode,
    restarted,
    run,
    sizes,
    told_size,
)
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, same
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

LOST = Misconception(
    "part of the norm is lost",
    "A new BatchNorm2d has scale 1, shift 0, mean 0 and variance 1. Scale, shift and both running "
    "statistics of the kept channels must be copied.",
)
SHARED = Misconception(
    "the new modules share memory with the given ones",
    "Whoever trains the pruned network would train the whole one, too: copy what is kept. A bias "
    "that stays as long as it was must be copied as well.",
)
MISTAKES = (
    mistake(
        "only the filters are set to zero",
        "A filter of zeros does not switch its channel off: BN still adds its shift, and the next "
        "layer reads it. Cut the channel out of all three modules.",
        exchanged(filters=zeroed, scale=whole, mean=whole, inputs=whole),
    ),
    mistake(
        "channels are masked, not removed",
        "Zeros cost as much memory and time as other numbers. The new tensors are smaller.",
        exchanged(filters=zeroed, scale=zeroed, mean=whole, inputs=whole),
    ),
    UNCUT,
    mistake(
        "other channels are kept than asked",
        "keep names the channels that stay, by their numbers: weight[keep].",
        exchanged(kept=others),
        exchanged(kept=lambda keep, channels: torch.arange(len(keep))),
        exchanged(inputs=lambda weight, keep: weight[:, : len(keep)]),
    ),
    LOST,
    mistake(
        "the next layer's outputs are cut",
        "Of the next layer the inputs go, dimension 1 of its weight; its outputs, dimension 0, "
        "all stay.",
        exchanged(inputs=lambda weight, keep: weight[keep % len(weight)]),
    ),
    SHARED,
    CHANGED,
)


def _pruned(ask: Ask, asked: Pair) -> Layers:
    """The answer, tested to have the right sizes."""
    found = asked.asked(ask)
    shapes, right = sizes(found), sizes(exchanged()(*asked.layers, asked.keep))
    for name, shape in right.items():
        if shapes.get(name) != shape:
            whole = sizes(asked.layers)["following.weight"]
            uncut = name.startswith("following") and shapes.get("following.weight") == whole
            got = told_size(shapes[name], name) if name in shapes else "is missing"
            raise Wrong(
                f"{asked.told()}: {name} {got}, expected {told_size(shape)}",
                UNCUT if uncut else None,
            )
    for name in shapes.keys() - right.keys():
        raise Wrong(f"{asked.told()}: {name} {told_size(shapes[name], name)}, but there was none")
    return found


def _require(ask: Ask, asked: Pair, *, mode: bool | None = None) -> None:
    """mode: of the given modules, which the new ones must keep; None: either will do."""
    found, training = _pruned(ask, asked), mode is True
    if mode is not None:
        require_mode(found, mode)
    result = output(found, asked.x, training=training)
    whole = asked.masked().train(training)
    with torch.no_grad():
        expected = whole(asked.x)
    when = "in training mode " if training else ""
    lost = LOST if restarted(found) else None
    _require_same(result, expected, f"{asked.told()}: {when}the output is", lost)
    if training:
        for name in ("running_mean", "running_var"):
            now = getattr(whole[1], name)[asked.keep]
            _require_same(getattr(found[1], name), now, f"after a batch of training {name} is")


def _require_same(
    found: Tensor, expected: Tensor, what: str, known: Misconception | None = None
) -> None:
    if found.shape != expected.shape:
        raise Wrong(f"{what} of shape {tuple(found.shape)}, expected {tuple(expected.shape)}")
    if not same(found, expected, scale=30):
        right, wrong = apart(expected, found, 4)
        said = f"{what} {wrong}; the whole layers, the other channels masked, give {right}"
        raise Wrong(said, known)


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """Sizes and output; no output where the layers do not fit."""
    asked = pair(seeded(variant, 9), (1, 2, 4, 7), 8, outputs=6)
    layers = asked.asked(ask)
    shapes = {name: list(shape) for name, shape in sizes(layers).items()}
    try:
        with torch.no_grad():
            found = run(layers).eval()(asked.x)
    except RuntimeError:
        return {"sizes": shapes, "output": "does not fit"}
    return {"sizes": shapes, "output": found}


def another_convolution(ask: Ask, variant: int) -> None:
    """A convolution reads what is left; some channels, in any places."""
    rng = seeded(variant)
    for keep, channels in (((0, 2, 5), 6), ((3, 4), 5), ((1, 2, 6, 7, 8), 9 + variant % 3)):
        _require(ask, pair(rng, keep, channels))
        _require(ask, pair(rng, keep, channels, bias=False))


def a_linear_layer(ask: Ask, variant: int) -> None:
    """A linear layer reads the mean of every channel that is left."""
    rng = seeded(variant, 1)
    for keep, bias in (((1, 2, 5), True), ((0, 3, 4, 6), False)):
        _require(ask, pair(rng, keep, 7, outputs=10, linear=True, bias=bias))


def small_and_whole(ask: Ask, variant: int) -> None:
    """One channel is kept, or all; one input, one output: nothing is taken for depthwise."""
    rng = seeded(variant, 2)
    for keep, channels, inputs, outputs in (
        *(((variant % 4,), 4, 3, 5), ((0, 1, 2, 3), 4, 3, 4), ((0,), 1, 1, 1)),
        *(((2, 3), 4, 1, 1), ((1, 2), 6, 2, 6), ((0, 5), 6, 6, 1)),
    ):
        _require(ask, pair(rng, keep, channels, inputs=inputs, outputs=outputs))


def settings_stay(ask: Ask, variant: int) -> None:
    """Kernel, stride, padding and dilation, eps and momentum, the mode; also while it trains."""
    rng = seeded(variant, 3)
    strided = {"kernel_size": (3, 5), "stride": (2, 1), "padding": (0, 2)}
    dilated = {"dilation": 2, "padding": 2, "padding_mode": "circular"}
    for first, second, norm in (
        (strided, {"kernel_size": 1, "padding": 0, "stride": 2}, {"eps": 0.1, "momentum": 0.5}),
        (dilated, {"kernel_size": (1, 3), "padding": (0, 1)}, {"eps": 0.02, "momentum": 0.02}),
        ({"padding_mode": "reflect"}, dilated, {}),
    ):
        asked = pair(rng, (0, 2, 3, 6), 7, first=first, second=second, norm=norm)
        for training in (False, True):
            for module in asked.layers:
                module.train(training)
            _require(ask, asked, mode=training)


def given_stay(ask: Ask, variant: int) -> None:
    """The given modules and keep are the same afterwards, and share nothing with the new ones."""
    for linear in (False, True):
        asked = pair(seeded(variant, 4), (0, 2, 4), 6, linear=linear)
        before, mode = copy.deepcopy(asked), asked.conv.training
        keep = asked.keep.clone()
        layers = asked.asked(ask, keep)
        for one, other in zip(asked.layers, before.layers, strict=True):
            _require_unchanged(one, other)
        if asked.conv.training != mode or not torch.equal(keep, before.keep):
            raise Wrong("the mode of the given modules, or keep, is not the same", CHANGED)
        _trained(layers, asked.x)
        for one, other in zip(asked.layers, before.layers, strict=True):
            _require_unchanged(one, other, SHARED)


def _trained(layers: Layers, x: Tensor) -> None:
    """A step of gradient descent, for which every parameter must be a leaf with a gradient."""
    network = run(layers).train()
    leaves = [value for module in layers for value in module.parameters()]
    with theirs("a training step of the pruned layers"):
        network(x).square().mean().backward()
    for module in layers:
        for name, value in module.named_parameters():
            if value.grad is None:
                raise Wrong(f"the pruned {type(module).__name__}'s {name} gets no gradient")
    with torch.no_grad(), theirs("a training step of the pruned layers"):
        for leaf in leaves:
            leaf += 1.0


def _require_unchanged(found: nn.Module, before: nn.Module, known: Misconception = CHANGED) -> None:
    when = "once the new ones are trained" if known is SHARED else "after the call"
    now, then = found.state_dict(), before.state_dict()
    for name, value in then.items():
        if now.get(name) is None or not torch.equal(now[name], value):
            raise Wrong(f"{name} of the given {type(found).__name__} is another one {when}", known)
    if repr(found) != repr(before):
        raise Wrong(f"the given {before} is {found} {when}", known)


prune_pair = Exercise(
    lab="lab07_amc",
    name="prune_pair",
    section=sections.CUTTING,
    library=(
        "course_lib.hardware.prune:prune_pair",
        "course_lib.hardware.prune:prune_chain",
        "course_lib.hardware.prune:outputs_cut",
        "course_lib.hardware.prune:inputs_cut",
        "course_lib.hardware.prune:norm_cut",
        "course_lib.hardware.prune:linear_cut",
    ),
    laws={
        "a convolution follows: the same output as with a mask": another_convolution,
        "a linear layer follows": a_linear_layer,
        "one channel, or all": small_and_whole,
        "all other settings stay": settings_stay,
        "the given modules stay, and can be trained apart": given_stay,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Which tensors have an entry for each channel that the first convolution puts out? There "
        "are the filters, perhaps a bias, four of the norm, and a dimension of the next weight.",
        "conv.weight has shape (outputs, inputs, rows, columns): weight[keep] cuts outputs, "
        "weight[:, keep] inputs. A linear weight is (outputs, inputs).",
        "copy.deepcopy(module) is a new module with all settings. Then replace its tensors: "
        "new.weight = nn.Parameter(conv.weight.detach()[keep]), and set new.out_channels.",
        "running_mean and running_var are buffers, plain tensors: norm.running_mean[keep]. "
        "num_features, in_channels or in_features say the new size, too.",
    ),
    basic="a convolution follows: the same output as with a mask",
)
